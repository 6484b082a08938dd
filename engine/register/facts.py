"""What a final record says to the tables (STATS §2), computed once, when the record is sealed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from pydantic import JsonValue

from engine.documents.case_view import NOT_AGAIN
from engine.expressions.say import show
from engine.model.base import Disposition
from engine.model.bureau import PaperName
from engine.model.findings import Evaluation, Finding
from engine.model.record import RecordedFinding, RecordFile
from engine.model.workspace import (
    CountedFinding,
    CountedPerson,
    CountedProduct,
    Facts,
    Inspection,
    KeptFinding,
    RegisteredSite,
)
from engine.register.recurring import Again, came_back

TRACE, FOLLOW_UP = "trace", "follow-up"
"""Shared tables: 重点品种抽查追溯表, 上次检查问题整改核实表."""
SALON = "salon"
"""The attribute of cosmetics sellers that are beauty or hair salons."""
_TRADE = ("form", "mode", "kind")
"""Identity fields that tell the trade of a site: 业态, 经营方式, 诊所类别."""
CORRECTION_NOTICE: PaperName = "correction-notice"


def facts_of(
    inspection: Inspection, record: RecordFile, evaluation: Evaluation, site: RegisteredSite,
    earlier: Iterable[KeptFinding], sealed: date,
) -> Facts:  # fmt: skip
    """Return the facts of a record that is final.

    site: as registered when the record is sealed; the unit is that of the inspection. earlier: the findings of earlier
    inspections of the same site. What the record itself says of the site goes before the register.
    """
    assert record.visit.date is not None
    held = record.site.attributes
    attributes = {name for name, has in (site.attributes | held).items() if has}
    kept = findings_of(inspection, record, evaluation, earlier)
    return Facts(
        date=record.visit.date,
        sealed=sealed,
        site=site.id,
        site_name=record.site.name or site.name,
        site_type=record.site_type,
        unit=inspection.unit,
        assisting=inspection.assisting,
        category=record.visit.category or "",
        attributes=tuple(sorted(attributes)),
        chain=site.chain,
        trade=_trade(record, site, attributes),
        online=inspection.online,
        areas=site.areas,
        inspectors=tuple(
            CountedPerson(name=i.name.strip(), certificate=i.certificate.strip(), unit=i.unit.strip())
            for i in record.visit.inspectors
            if i.name.strip()
        ),
        products=tuple(_products(record)),
        findings=tuple(
            CountedFinding(
                id=f.id, rule=f.rule, grade=f.grade, red_line=f.red_line, dispositions=f.dispositions,
                subject=f.subject, on_the_spot=f.state == "corrected", recurs=f.recurs,
            )
            for f in kept
        ),
        earlier=sum(bool(row.get("result")) for row in rows_of(record.answers.get(FOLLOW_UP))),
        goods=goods_value(record),
    )  # fmt: skip


def _trade(record: RecordFile, site: RegisteredSite, attributes: set[str]) -> str:
    """Return the trade as written; a salon that says nothing of it is 美容美发."""
    written = next((v for f in _TRADE if (v := record.site.identity.get(f) or site.identity.get(f, ""))), "")
    return written or ("美容美发" if SALON in attributes else "")


def findings_of(
    inspection: Inspection, record: RecordFile, evaluation: Evaluation, earlier: Iterable[KeptFinding]
) -> tuple[KeptFinding, ...]:
    """Return the confirmed findings as they are kept, by number; one that has come back names the earlier (反弹).

    A finding put right on the spot is settled on the day of the inspection; one that the correction notice of the
    record orders to be put right is ordered.
    """
    assert record.visit.date is not None
    before = [f for f in earlier if f.inspection != inspection.id]
    decided = {f.number: f for f in record.findings}
    return tuple(
        _kept(inspection, record, f, decided[f.number], before)
        for f in sorted(evaluation.findings, key=lambda f: f.number)
        if decided[f.number].status == "confirmed"
    )


def _kept(
    inspection: Inspection, record: RecordFile, finding: Finding, decided: RecordedFinding, before: list[KeptFinding]
) -> KeptFinding:
    day = record.visit.date
    notice = record.papers.get(CORRECTION_NOTICE)
    on_notice = Disposition.ORDER_CORRECTION in finding.dispositions and finding.id not in NOT_AGAIN
    ordered = on_notice and bool(notice and notice.number.strip())
    back = came_back(Again(finding.id, finding.subject, day), before) if day is not None else None
    return KeptFinding.model_validate(
        {
            "id": f"{inspection.id}-{finding.number}",
            "inspection": inspection.id,
            "site": inspection.site,
            "unit": inspection.unit,
            "rule": finding.id,
            "grade": finding.grade,
            "red_line": finding.red_line,
            "subject": finding.subject,
            "sentence": decided.sentence,
            "dispositions": finding.dispositions,
            "found": day,
            "state": "corrected" if decided.on_the_spot else "ordered" if ordered else "open",
            "due": decided.due,
            "ordered": (notice.date or day) if ordered and notice is not None else None,
            "notice": notice.number.strip() if ordered and notice is not None else "",
            "settled": day if decided.on_the_spot else None,
            "recurs": back.id if back is not None else None,
        }
    )


def goods_value(record: RecordFile) -> int:
    """Return the value of the products that the confirmed findings name, in 分: quantity × unit price of their rows.

    A draft (涉案货值草算): each row once, however many findings name it; rows without both numbers count nothing.
    """
    subjects = [f.subject for f in record.findings if f.status == "confirmed" and f.subject.get("product")]
    rows = [row for code in sorted(record.answers) for row in rows_of(record.answers[code])]
    hit = {
        tuple(sorted((k, _text(v)) for k, v in row.items())): row
        for row in rows
        if any(all(_text(row.get(name)) == value for name, value in subject.items()) for subject in subjects)
    }
    return sum(_fen(row) for row in hit.values())


def _fen(row: Mapping[str, JsonValue]) -> int:
    try:
        value = Decimal(str(row.get("quantity"))) * Decimal(str(row.get("unit_price"))) * 100
    except InvalidOperation:
        return 0
    return int(value.quantize(Decimal(1), ROUND_HALF_UP)) if value.is_finite() and value > 0 else 0


def _products(record: RecordFile) -> Iterator[CountedProduct]:
    for row in rows_of(record.answers.get(TRACE)):
        if product := _text(row.get("product")).strip():
            yield CountedProduct(product=product, batch=_text(row.get("batch")).strip())


def rows_of(answer: JsonValue) -> list[dict[str, Any]]:
    """Return the rows of an answer as it stands in a file: bare, or beside a remark."""
    value = answer.get("answer") if isinstance(answer, dict) else answer
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _text(value: JsonValue) -> str:
    if value == "" or isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return ""
    return show(value)

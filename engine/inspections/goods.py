"""What is sampled and what is held: rows begun from the products that the findings name, for people to complete."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from pydantic import JsonValue

from engine.expressions.say import show
from engine.holidays import Holidays
from engine.model.base import Disposition
from engine.model.findings import Evaluation, Finding
from engine.model.record import HeldItem, RecordFile, TakenSample
from engine.model.sheet import AnswerSheet
from engine.problems import Problem, problem
from engine.source import Document

DAYS_TO_DECIDE = 7
"""Within which what was registered and kept must be decided upon (行政处罚法 2017 第三十七条, 2021 第五十六条)."""
COUNTED_IN_WORKING_DAYS = date(2021, 7, 15)
"""From this day on the seven days are working days (行政处罚法 2021 第八十五条)."""

DAYS_OF_SEIZURE = 30
"""The longest that anything is sealed or seized without an extension (市场监督管理行政处罚程序规定 2022 第三十八条)."""
SEIZURE_LIMITED_FROM = date(2022, 11, 1)
"""From when that text is in force; the text of earlier versions was not found, so earlier days are not judged by it."""
_DRUG_LAW = "drug-administration-law"

_COPIED = ("product", "spec", "batch", "expiry", "producer", "supplier", "quantity")


def proposed_goods(
    evaluation: Evaluation, sheet: AnswerSheet, holidays: Holidays
) -> tuple[tuple[HeldItem, ...], tuple[TakenSample, ...]]:
    """Return the lines of 物品清单 and 抽样记录 that the findings suggest, each product once.

    A line is only begun: people choose the measure or number the sample, and delete what they neither hold nor take.
    """
    decide_by = decide_before(evaluation.date, holidays)
    held = tuple(
        HeldItem(**_copied(row), findings=numbers, unit_price=_text(row.get("unit_price")), decide_by=decide_by)
        for numbers, row in _products(evaluation, sheet, Disposition.SEIZURE)
    )
    samples = tuple(
        TakenSample(**_copied(row), findings=numbers, storage=_text(row.get("storage")))
        for numbers, row in _products(evaluation, sheet, Disposition.SAMPLING)
    )
    return held, samples


def decide_before(day: date, holidays: Holidays) -> date:
    """Return the last day on which to decide about goods registered on a day: seven working days later.

    Before 2021-07-15, and where no complete calendar is known, seven days of the calendar: the shorter count.
    """
    plain = day + timedelta(days=DAYS_TO_DECIDE)
    if day < COUNTED_IN_WORKING_DAYS:
        return plain
    return holidays.working_days_after(day, DAYS_TO_DECIDE) or plain


def late_decisions(record: RecordFile, evaluation: Evaluation) -> list[str]:
    """Return in Chinese which lines of sealed or seized goods are to be decided on later than the law allows.

    Drugs: within seven days (药品管理法 2019 第一百条, 2015 第六十四条); the seven working days of registered goods
    are not theirs. Others: within thirty, since SEIZURE_LIMITED_FROM.
    """
    found = []
    for index, line in enumerate(record.held, 1):
        if line.measure not in ("查封", "扣押") or line.decide_by is None or not stands(line, record):
            continue
        is_drug = _is_drug(line, evaluation)
        if not is_drug and evaluation.date < SEIZURE_LIMITED_FROM:
            continue
        days = DAYS_TO_DECIDE if is_drug else DAYS_OF_SEIZURE
        last = evaluation.date + timedelta(days=days)
        if line.decide_by > last:
            what = "药品" if is_drug else "物品"
            found.append(
                f"物品清单（held）第 {index} 行：{line.measure}的{what}须在 {days} 日内"
                f"（最晚 {last.isoformat()}）作出处理决定，现写 {line.decide_by.isoformat()}"
            )
    return found


def _is_drug(line: HeldItem, evaluation: Evaluation) -> bool:
    """Return whether a finding of the line rests on the law on drugs."""
    return any(
        cited.cite.startswith(_DRUG_LAW)
        for finding in evaluation.findings
        if finding.number in line.findings
        for cited in (*finding.duty, *finding.liability, *finding.power)
    )


def stands(line: HeldItem | TakenSample, record: RecordFile) -> bool:
    """Return whether a line is for anything still: for no finding, or for one that people did not reject."""
    fallen = {f.number for f in record.findings if f.status == "rejected"}
    return not line.findings or not set(line.findings) <= fallen


def not_printed(record: RecordFile) -> list[str]:
    """Return in Chinese which lines people completed in part, or for findings that fell: they would be lost unseen."""
    fallen = {
        "物品清单（held）": _places(h.measure is not None and not stands(h, record) for h in record.held),
        "抽样记录（samples）": _places(bool(s.number.strip()) and not stands(s, record) for s in record.samples),
    }
    found = [
        f"{title}第 {lines} 行所为的问题都不认定，不会打印：请删去，或改写 findings"
        for title, lines in fallen.items()
        if lines
    ]
    begun = _places(h.measure is None and bool(h.place.strip()) for h in record.held)
    if begun:
        found.append(f"物品清单（held）第 {begun} 行写了存放地点，没有写措施（measure），不会打印：请补上或删去")
    begun = _places(not s.number.strip() and bool((s.taken + s.base).strip()) for s in record.samples)
    if begun:
        found.append(f"抽样记录（samples）第 {begun} 行写了数量或基数，没有写编号（number），不会打印：请补上或删去")
    return found


def _places(wanted: Iterable[bool]) -> str:
    return "、".join(str(index) for index, each in enumerate(wanted, 1) if each)


def unknown_findings(record: RecordFile, document: Document) -> Iterator[Problem]:
    """Yield a problem for each line of goods that names a finding which the record does not have."""
    numbers = {f.number for f in record.findings}
    for key, lines in (("held", record.held), ("samples", record.samples)):
        for index, line in enumerate(lines):
            for place, number in enumerate(line.findings):
                if number not in numbers:
                    mark = document.mark((key, index, "findings", place))
                    yield problem("E205", mark, text=number, reason=f"没有第 {number} 个问题（共 {len(numbers)} 个）")


def _products(
    evaluation: Evaluation, sheet: AnswerSheet, disposition: Disposition
) -> Iterator[tuple[tuple[int, ...], Mapping[str, JsonValue]]]:
    """Yield each product of the findings with this disposition once: the findings' numbers and its row."""
    findings: dict[tuple[str, ...], list[int]] = {}
    rows: dict[tuple[str, ...], Mapping[str, JsonValue]] = {}
    for finding in evaluation.findings:
        row = _row(finding, sheet) if disposition in finding.dispositions else None
        if row is not None:
            key = tuple(_text(row.get(name)) for name in ("product", "batch", "supplier"))
            findings.setdefault(key, []).append(finding.number)
            rows.setdefault(key, row)
    for key, row in rows.items():
        yield tuple(findings[key]), row


def _copied(row: Mapping[str, JsonValue]) -> dict[str, Any]:
    return {name: _text(row.get(name)) for name in _COPIED}


def _row(finding: Finding, sheet: AnswerSheet) -> Mapping[str, JsonValue] | None:
    """Return the fullest row of the answers that is the subject of the finding, None if it names no product."""
    if not finding.subject.get("product"):
        return None
    matching = [row for row in _rows(sheet) if all(_text(row.get(n)) == v for n, v in finding.subject.items())]
    return max(matching, key=len, default=None)


def _rows(sheet: AnswerSheet) -> Iterable[Mapping[str, JsonValue]]:
    for _, answer in sorted(sheet.answers.items()):
        if isinstance(answer.value, list):
            yield from (row for row in answer.value if isinstance(row, dict))


def _text(value: JsonValue) -> str:
    return show(value) if isinstance(value, (int, float, str)) else ""

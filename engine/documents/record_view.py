"""A record as plain values for its template. Facts and conclusions are kept apart (RECORDS §1, 11 and 12)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from engine.documents.marks import EMPTY, TICKED
from engine.documents.qr import checklist_code, qr_svg
from engine.documents.text import consequences
from engine.expressions.say import show
from engine.inspections.drawn import LABEL, places
from engine.inspections.elements import REFUSALS, refusal, refused
from engine.inspections.goods import stands
from engine.inspections.opening import TOLD, Recorded
from engine.laws import cited, wording_on
from engine.model.base import ItemResult
from engine.model.bureau import BureauFile
from engine.model.findings import Finding
from engine.model.record import DrawnSignature, HeldItem, RecordedFinding, RecordFile, TakenSample
from engine.model.sheet import Person

BLANK = "＿＿＿＿＿＿＿＿"
HELD_GOODS = "held-goods"
"""The fixed text under 物品清单 that says within what time must be decided."""


def record_context(
    recorded: Recorded,
    gaps: list[str],
    bureau: BureauFile | None = None,
    drawn: Sequence[DrawnSignature] = (),
) -> dict[str, object]:
    """Return what templates/inspection-record needs.

    gaps: what keeps it a draft; empty prints a final record. drawn: images of signatures.
    """
    record, checklist = recorded.record, recorded.inspection.checklist
    return {
        **_drawn(record, drawn),
        "title": "现场检查笔录",
        "authority": record.authority or (bureau.authority if bureau else "") or BLANK,
        "header": bureau.header if bureau else "",
        "number": record.number or BLANK,
        "draft": bool(gaps),
        "gaps": gaps,
        "id": checklist.id,
        "lock": checklist.lock[:12],
        "attachments": record.attachments,
        "evidence": record.evidence,
        **visit_fields(recorded),
        **_found(recorded),
        **_goods(recorded),
    }


def _drawn(record: RecordFile, drawn: Sequence[DrawnSignature]) -> dict[str, object]:
    """Return the images of signatures by the place where each is printed, and what they are called."""
    by_place = places(record, drawn)
    shown = {
        place: [{"asset": f"drawn-{index}", "name": drawn[index].name} for index in those]
        for place, those in by_place.items()
    }
    return {"drawn": shown, "drawn_label": LABEL}


def visit_fields(recorded: Recorded) -> dict[str, object]:
    """Return who inspected whom, where and when, what was told and what was said."""
    record, visit = recorded.record, recorded.record.visit
    checklist = recorded.inspection.checklist
    basis = wording_on(recorded.inspection.locked.release.wording.get("inspection-basis"), checklist.date)
    grounds = [c for c in (basis.basis if basis else ()) if not c.sites or checklist.site_type in c.sites]
    return {
        "grounds": [checklist.plan, *(c.text for c in cited(grounds, checklist.date))],
        "category": [(TICKED if visit.category == c else EMPTY, c) for c in _CATEGORIES],
        "task": visit.task or checklist.campaign_title,
        "approval": visit.approval or BLANK,
        "notice": visit.notice or BLANK,
        "times": visit.times or BLANK,
        "site": record.site.name or BLANK,
        "identity": [(i.label, record.site.identity.get(i.id, "")) for i in checklist.type.identity_of(record.site)],
        "site_type": checklist.type.title,
        "lead": checklist.type.lead,
        "competent": checklist.type.competent,
        "place": visit.place or record.site.identity.get("address") or BLANK,
        "date": show(visit.date),
        "start": visit.start or "＿＿时＿＿分",
        "end": visit.end or "＿＿时＿＿分",
        "inspectors": _at_least_two([(i.name, i.certificate, i.unit) for i in visit.inspectors]),
        "joint": [(i.name, i.certificate, i.unit) for i in visit.joint],
        "recorder": visit.recorder or BLANK,
        "present": [_person(p) for p in visit.present] or [BLANK],
        "witness": _person(visit.witness) if visit.witness else BLANK,
        "wording": [told(recorded, name) for name in TOLD],
        "recusal": [(TICKED if visit.recusal == r else EMPTY, r) for r in ("申请回避", "不申请回避")],
        "recusal_decision": visit.recusal_decision,
        "statement": visit.statement,
        "refusal": refusal(visit),
        "refused": [(TICKED if box in refused(visit) else EMPTY, box) for box in REFUSALS],
        "recordings": visit.recordings,
    }


def _found(recorded: Recorded) -> dict[str, object]:
    """Return the facts, and apart from them the problems with what people decided."""
    decided = recorded.record.findings
    kept = [(f, e) for f, e in zip(decided, recorded.evaluation.findings, strict=True) if f.status != "rejected"]
    return {
        "scope": _scope(recorded),
        "facts": [(f.number, f.sentence) for f, e in kept if e.layer == 1],
        "rejected": [f.number for f in decided if f.status == "rejected"],
        "problems": [_problem(f, e) for f, e in kept],
        "undecided": _open_items(recorded),
        "notices": recorded.evaluation.notices,
    }


def _goods(recorded: Recorded) -> dict[str, object]:
    """Return what is held and what was sampled."""
    record = recorded.record
    return {
        "held": standing_goods(recorded, record.held),
        "samples": standing_goods(recorded, record.samples),
        "clock": told(recorded, HELD_GOODS),
    }


Goods = TypeVar("Goods", HeldItem, TakenSample)


def standing_goods(recorded: Recorded, lines: Iterable[Goods]) -> list[Goods]:
    """Return the lines with a measure or a number, without those whose findings were all rejected."""
    done = (line for line in lines if (line.measure if isinstance(line, HeldItem) else line.number.strip()))
    return [line for line in done if stands(line, recorded.record)]


def record_assets(recorded: Recorded) -> dict[str, bytes]:
    """Return the images of the page by name."""
    checklist = recorded.inspection.checklist
    return {"qr": qr_svg(checklist_code(checklist.campaign, checklist.type.code, checklist.lock, checklist.id))}


_CATEGORIES = ("日常", "专项", "双随机", "有因", "回头看", "飞检")


def told(recorded: Recorded, name: str) -> dict[str, object]:
    """Return a fixed text as it is on the day of the inspection, with the articles it rests on."""
    day = recorded.inspection.checklist.date
    version = wording_on(recorded.inspection.locked.release.wording.get(name), day)
    if version is None:
        return {"name": name, "text": BLANK, "basis": []}
    text = version.text.replace("（机关名称）", recorded.record.authority or BLANK)
    return {"name": name, "text": text, "basis": [c.text for c in cited(version.basis, day)]}


def _scope(recorded: Recorded) -> str:
    """Return what was checked, in numbers: every result by its own word, none folded into another."""
    counts = dict.fromkeys(ItemResult, 0)
    for item in recorded.evaluation.items:
        counts[item.result] += 1
    parts = "、".join(f"{result.label} {n} 项" for result, n in counts.items() if n)
    checklist = recorded.inspection.checklist
    return f"按《{checklist.type.title.split('（')[0]}检查表》（编号 {checklist.id}，见附件）检查，结果：{parts}。"


def _open_items(recorded: Recorded) -> list[str]:
    shown = (ItemResult.NOT_CHECKED, ItemResult.UNDECIDED)
    return [f"{i.code}（{i.result.label}）" for i in recorded.evaluation.items if i.result in shown]


def _problem(recorded: RecordedFinding, finding: Finding) -> dict[str, object]:
    status = {"proposed": "待确认", "confirmed": f"已确认（{'、'.join(recorded.by)}）"}[recorded.status]
    return {
        "number": finding.number,
        "code": finding.code or "综合",
        "title": finding.title,
        "sentence": recorded.sentence,
        "edited": recorded.sentence != recorded.draft,
        "grade": finding.grade.label,
        "red_line": finding.red_line,
        "law": [
            (title, [c.text for c in cited_])
            for title, cited_ in (("义务", finding.duty), ("责任", finding.liability), ("处理依据", finding.power))
            if cited_
        ],
        "dispositions": consequences(finding),
        "clauses": [c.id for c in finding.clauses],
        "parents": list(finding.parents),
        "status": status,
    }


def _person(person: Person) -> str:
    parts = [person.name, person.position, person.document, person.relation]
    return "，".join(part for part in parts if part) or BLANK


def _at_least_two(found: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    return found + [("", "", "")] * max(0, 2 - len(found))

"""The papers that follow an inspection, as plain values for their templates, and what keeps each from being final."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from engine.documents.qr import checklist_code, qr_svg
from engine.documents.record_view import BLANK, HELD_GOODS, standing_goods, told, visit_fields
from engine.expressions.say import show
from engine.inspections.elements import numbers_text
from engine.inspections.follow_up import FOLLOW_UP
from engine.inspections.opening import Recorded
from engine.model.base import Disposition
from engine.model.bureau import BureauFile, PaperName
from engine.model.findings import Finding
from engine.model.record import PaperData, RecordedFinding

TITLES: dict[PaperName, str] = {
    "inspection-record": "现场检查笔录", "scene-record": "现场笔录", "correction-notice": "责令改正通知书",
    "service-receipt": "送达回证", "evidence-list": "证据清单", "goods-list": "物品清单",
    "clue-transfer": "案件线索移送单", "crime-transfer": "涉嫌犯罪案件移送书", "review-record": "复查记录",
    "checklist": "检查表",
}  # fmt: skip
"""The papers by the names of their templates (RECORDS §0, §2, §11)."""

COPIES: dict[PaperName, tuple[str, ...]] = {
    "correction-notice": ("第一联 存档", "第二联 交当事人"),
    "goods-list": ("第一联 存档", "第二联 交当事人"),
    "clue-transfer": ("第一联 存档", "第二联 交受移送机关"),
    "crime-transfer": ("第一联 存档", "第二联 交公安机关", "第三联 抄送检察院"),
}
"""How many copies of a paper are made and who keeps each (RECORDS §11); a bureau's profile may say otherwise."""

PARTY = ("person", "id_number", "credit_code", "legal_person", "head", "licence", "address", "phone", "contact")
"""Fields of a site that identify the party of a paper (RECORDS §1, 5 and 6)."""
NUMBERED: tuple[PaperName, ...] = ("scene-record", "correction-notice", "clue-transfer", "crime-transfer")
"""Papers that need a number of their own: those that leave the bureau, and 现场笔录 (RECORDS §1, 1, and §3)."""

TARGETS = {
    Disposition.NOTIFY_HEALTH: "卫生健康主管部门", Disposition.NOTIFY_INSURANCE: "医疗保障行政部门",
    Disposition.NOTIFY_POLICE: "公安机关", Disposition.NOTIFY_LABOUR: "人力资源社会保障部门",
    Disposition.NOTIFY_LICENSING: "发证机关", Disposition.NOTIFY_PRICE: "价格监管机构",
    Disposition.NOTIFY_TAX: "税务机关", Disposition.NOTIFY_ADVERTISING: "广告监管机构",
    Disposition.NOTIFY_CYBERSPACE: "网信部门", Disposition.CASE_CLUE: "本局办案机构",
}  # fmt: skip
"""Who a lead is passed to, by disposition; where this bureau only assists, the competent authority comes first."""
NOT_AGAIN = ("follow-up.earlier-problems", "escalation.recurrence")
"""What was ordered before and not done gets no second order but a lead (RECORDS §2)."""


class Decided(NamedTuple):
    """A finding with what people decided about it."""

    decision: RecordedFinding
    finding: Finding


def confirmed(recorded: Recorded) -> list[Decided]:
    """Return the findings that are not rejected, in order; those still open make every paper a draft."""
    pairs = zip(recorded.record.findings, recorded.evaluation.findings, strict=True)
    return [Decided(d, f) for d, f in pairs if d.status != "rejected"]


def papers_due(recorded: Recorded) -> list[PaperName]:
    """Return the papers that the findings call for beside the record and the checklist (RECORDS §0, rule)."""
    return [paper for paper, lacking in _LACKING.items() if lacking(recorded) is None]


def paper_gaps(recorded: Recorded, paper: PaperName) -> list[str]:
    """Return in Chinese why this paper is not to be made of the record, nothing if it is."""
    lacking = _LACKING.get(paper)
    reason = lacking(recorded) if lacking else None
    return [reason] if reason else []


def paper_data(recorded: Recorded, paper: PaperName) -> PaperData:
    """Return what the record says of one paper; nothing is said: everything is blank."""
    return recorded.record.papers.get(paper, PaperData())


def case_context(
    recorded: Recorded, paper: PaperName, bureau: BureauFile | None, gaps: list[str], copy: str
) -> dict[str, object]:
    """Return what the template of a paper needs, for one of its copies."""
    record, visit, data = recorded.record, recorded.record.visit, paper_data(recorded, paper)
    profile = bureau or BureauFile(kind="bureau", authority="")
    kept = confirmed(recorded)
    return {
        "title": TITLES[paper], "copy": copy, "header": profile.header, "draft": bool(gaps), "gaps": gaps,
        "authority": record.authority or profile.authority or BLANK, "number": data.number or BLANK,
        "date": show(data.date) if data.date else "", "to": data.to, "by": list(data.by), "note": data.note,
        "id": recorded.inspection.checklist.id, "lock": recorded.inspection.checklist.lock[:12],
        "record_number": record.number or BLANK, "visit": visit_fields(recorded),
        "notice_number": paper_data(recorded, "correction-notice").number or BLANK, "site": record.site.name or BLANK,
        "party": _party(recorded),
        "place": visit.place or record.site.identity.get("address") or BLANK, "visit_date": show(visit.date),
        "start": visit.start or "＿＿时＿＿分", "end": visit.end or "＿＿时＿＿分",
        "inspectors": [(i.name, i.certificate) for i in visit.inspectors] or [("", ""), ("", "")],
        "present": "、".join(p.name for p in visit.present) or BLANK,
        "statement": visit.statement,
        "contact": profile.contact or BLANK, "phone": profile.phone or BLANK, "address": profile.address or BLANK,
        "remedy": profile.remedy, "reconsideration": profile.reconsideration or BLANK, "court": profile.court or BLANK,
        "wording": {name: told(recorded, name) for name in ("order-correction", "certificates-shown", "statement",
                                                            "recusal", "crime-transfer", HELD_GOODS)},
        "facts": [(d.decision.number, d.decision.sentence) for d in kept if d.finding.layer == 1],
        "orders": [_order(d) for d in _orders(kept)], "liabilities": _liabilities(_orders(kept)),
        "orders_at_once": any(d.decision.due is None for d in _orders(kept)),
        "leads": [_lead(target, found) for target, found in _leads(recorded).items()],
        "crimes": [_order(d) for d in kept if Disposition.POLICE_TRANSFER in d.finding.dispositions],
        "held": standing_goods(recorded, record.held), "evidence": record.evidence, "review": _reviewed(recorded),
    }  # fmt: skip


def _party(recorded: Recorded) -> list[tuple[str, str]]:
    """Return what says on a paper who the party is: the fields of PARTY that the site has."""
    site = recorded.record.site
    fields = recorded.inspection.checklist.type.identity_of(site)
    return [(i.label, site.identity[i.id]) for i in fields if i.id in PARTY and site.identity.get(i.id)]


def case_assets(recorded: Recorded) -> dict[str, bytes]:
    """Return the images of the page by name."""
    c = recorded.inspection.checklist
    return {"qr": qr_svg(checklist_code(c.campaign, c.type.code, c.lock, c.id))}


def copies_of(paper: PaperName, bureau: BureauFile | None) -> tuple[str, ...]:
    """Return the marks of the copies that are printed, one empty mark for a paper in one copy."""
    own = bureau.copies.get(paper) if bureau is not None else None
    return own or COPIES.get(paper, ("",))


def _orders(kept: Iterable[Decided]) -> list[Decided]:
    return [
        d for d in kept
        if Disposition.ORDER_CORRECTION in d.finding.dispositions and d.finding.id not in NOT_AGAIN
    ]  # fmt: skip


def _order(decided: Decided) -> dict[str, object]:
    finding, decision = decided.finding, decided.decision
    return {
        "number": decision.number, "sentence": decision.sentence,
        "duty": [c.text for c in finding.duty], "liability": [c.text for c in finding.liability],
        "power": [c.text for c in finding.power],
        "correction": decision.correction or "改正上述问题，并采取措施防止再次发生",
        "due": show(decision.due) if decision.due else "",
    }  # fmt: skip


def _liabilities(orders: Iterable[Decided]) -> list[tuple[str, tuple[str, ...]]]:
    """Return what follows if nothing is corrected, each once with the problems that it is for."""
    found: dict[tuple[str, ...], list[int]] = {}
    for order in orders:
        articles = tuple(c.text for c in order.finding.liability)
        if articles:
            found.setdefault(articles, []).append(order.decision.number)
    return [(numbers_text(numbers), articles) for articles, numbers in found.items()]


def _leads(recorded: Recorded) -> dict[str, list[Decided]]:
    """Return the findings that are passed on, by who gets them, in a fixed order."""
    found: dict[str, list[Decided]] = {}
    for decided in confirmed(recorded):
        finding = decided.finding
        targets = [TARGETS[d] for d in finding.dispositions if d in TARGETS]
        if finding.routed_to:  # whoever decides here gets everything; the bureau's own case unit none of it
            targets = [finding.routed_to, *(t for t in targets if t != TARGETS[Disposition.CASE_CLUE])]
        for target in targets:
            found.setdefault(target, []).append(decided)
    return found


def _lead(target: str, found: list[Decided]) -> dict[str, object]:
    return {"to": target, "findings": [_order(d) for d in found]}


def _reviewed(recorded: Recorded) -> list[dict[str, str]]:
    answer = recorded.inspection.sheet.answers.get(FOLLOW_UP)
    rows = answer.value if answer is not None and isinstance(answer.value, list) else []
    names = ("item", "problem", "law", "due", "promised", "result")
    return [{n: str(row.get(n) or "") for n in names} for row in rows if isinstance(row, dict)]


def _lacks_scene(recorded: Recorded) -> str | None:
    serious = any(d.finding.red_line or Disposition.CASE_CLUE in d.finding.dispositions for d in confirmed(recorded))
    if serious or standing_goods(recorded, recorded.record.held):
        return None
    return "没有红线问题和案件线索，也没有采取查封、扣押、登记保存措施：用现场检查笔录，不用现场笔录"


def _lacks_orders(recorded: Recorded) -> str | None:
    competent = recorded.inspection.checklist.type.competent
    if competent:
        return f"本局只配合检查，责令改正由{competent}决定，请用案件线索移送单"
    return None if _orders(confirmed(recorded)) else "没有要责令改正的问题（上次已责令而没有改正的作案件线索）"


def _lacks_held(recorded: Recorded) -> str | None:
    return None if standing_goods(recorded, recorded.record.held) else "没有写明采取了措施（measure）的物品"


def _lacks_evidence(recorded: Recorded) -> str | None:
    return None if recorded.record.evidence else "记录中没有证据（evidence）"


def _lacks_leads(recorded: Recorded) -> str | None:
    return None if _leads(recorded) else "没有要移送、通报的线索"


def _lacks_crimes(recorded: Recorded) -> str | None:
    crimes = any(Disposition.POLICE_TRANSFER in d.finding.dispositions for d in confirmed(recorded))
    return None if crimes else "没有建议移送公安机关的问题"


def _lacks_review(recorded: Recorded) -> str | None:
    return None if _reviewed(recorded) else "没有上次检查的问题需要复查（出表时用 --earlier 带上次的记录）"


_LACKING: dict[PaperName, Callable[[Recorded], str | None]] = {
    "scene-record": _lacks_scene, "correction-notice": _lacks_orders, "service-receipt": _lacks_orders,
    "goods-list": _lacks_held, "evidence-list": _lacks_evidence, "clue-transfer": _lacks_leads,
    "crime-transfer": _lacks_crimes, "review-record": _lacks_review,
}  # fmt: skip
"""Why a paper is not to be made of a record; None: it is."""

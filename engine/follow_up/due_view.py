"""What is due, as text, as JSON and as a calendar file: by unit, and the county's list of what is late for a week."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple

from engine.documents.ical import calendar_ics
from engine.follow_up.due import COUNTY_AFTER, KINDS, Item, ordered
from engine.holidays import UNVERIFIED
from engine.model.base import Period
from engine.model.campaign import CampaignCalendar, Due
from engine.model.plans import WEEKDAYS

_WHO = {"party": "当事人", "police": "公安机关", "other": "对方"}


class DueList(NamedTuple):
    """What is due in a workspace on a day."""

    title: str
    campaign: str
    day: date
    within: int
    """Days ahead that are looked at."""
    items: tuple[Item, ...]
    doubts: tuple[str, ...]
    """What is not known of the holidays."""

    def shown(self) -> list[Item]:
        """Return what is told: late, perhaps late, due within the days, without a deadline; the rest is counted.

        What was filed is told while its day has not come, and if it was late.
        """
        return [i for i in ordered(self.items) if self._is_told(i)]

    def _is_told(self, item: Item) -> bool:
        if item.filed and item.deadline is not None:
            near = self.day <= item.deadline.earliest <= self.day + timedelta(days=self.within)
            return item.filed_late or near
        return item.status(self.day, self.within) != "later"

    def filed(self) -> tuple[int, int]:
        """Return how many deadlines were met by filing a table, and how many of them late."""
        return sum(bool(i.filed) for i in self.items), sum(i.filed_late for i in self.items)


def due_text(due: DueList) -> Iterator[str]:
    """Yield the lines: a part for each unit, then the county's list and what is in doubt."""
    yield f"{due.title}　{due.day}（{WEEKDAYS[due.day.weekday()]}）办理提示，今后 {due.within} 天"
    shown = due.shown()
    for unit, items in groupby(shown, key=_unit):
        yield f"\n{unit}"
        for item in items:
            yield from _lines(item, due)
    county = [item for item in shown if item.is_countys(due.day)]
    if county:
        yield f"\n县（区）局清单：逾期 {COUNTY_AFTER} 天以上 {len(county)} 项"
        yield from (f"  {i.unit}　{_shown_id(i)}　{i.title}　逾期 {i.days_late(due.day)} 天" for i in county)
    late = sum(item.days_late(due.day) > 0 for item in shown)
    later = sum(i.status(due.day, due.within) == "later" for i in due.items)
    filed, too_late = due.filed()
    if filed:
        yield f"\n方案期限：已报 {filed} 项，其中迟报 {too_late} 项"
    yield f"\n共 {len(shown)} 项，逾期 {late} 项，其中 {COUNTY_AFTER} 天以上 {len(county)} 项；以后到期 {later} 项"
    yield from (f"注意：{doubt}" for doubt in due.doubts)


def _lines(item: Item, due: DueList) -> Iterator[str]:
    yield f"  {status_word(item, due)}　{KINDS[item.kind]}　{_shown_id(item)}　{item.title}"
    if item.basis:
        yield f"      依据：{item.basis}"
    yield from (f"      {note}" for note in item.notes)


def status_word(item: Item, due: DueList) -> str:
    """Return when something is due and how late it is, in Chinese."""
    status = item.status(due.day, due.within)
    if item.deadline is None:
        return "没有定期限"
    who = f"（{_WHO[item.who]}）" if item.who in _WHO else ""
    if item.filed:
        return f"{item.deadline.text} {'迟报' if item.filed_late else '已报'} {item.filed}"
    text = f"{item.deadline.text} {item.time}".strip() if item.time != item.deadline.clock else item.deadline.text
    if status == "late":
        days = (due.day - item.deadline.earliest).days
        return f"{text}{who} 已过 {days} 天" if item.who != "unit" else f"{text} 逾期 {days} 天"
    return f"{text}{who} 可能已过（{UNVERIFIED}）" if status == "perhaps" else f"{text}{who}"


def due_json(due: DueList) -> dict[str, object]:
    """Return the list as JSON: everything, what comes later among it."""
    return {
        "kind": "due", "schema": 1, "campaign": due.campaign, "date": due.day.isoformat(), "within": due.within,
        "doubts": list(due.doubts), "items": [_item_json(item, due) for item in ordered(due.items)],
    }  # fmt: skip


def _item_json(item: Item, due: DueList) -> dict[str, object]:
    deadline = item.deadline
    return {
        "unit": item.unit, "kind": item.kind, "id": item.id, "title": item.title, "who": item.who,
        "due": deadline.day.isoformat() if deadline is not None and deadline.day is not None else None,
        "earliest": deadline.earliest.isoformat() if deadline is not None else None, "time": item.time,
        "status": item.status(due.day, due.within), "days_late": item.days_late(due.day),
        "county": item.is_countys(due.day), "basis": item.basis, "notes": list(item.notes),
        "clauses": list(item.clauses), "filed": item.filed, "filed_late": item.filed_late,
    }  # fmt: skip


def due_ics(due: DueList) -> bytes:
    """Return the items that have a day, late ones among them, as an .ics file: the same list gives the same bytes."""
    found = [_due(item) for item in ordered(due.items) if item.deadline is not None and not item.filed]
    last = max((each.date for each in found if each.date is not None), default=due.day)
    period = Period.model_validate({"from": due.day, "to": max(last, due.day)})
    calendar = CampaignCalendar(
        campaign=due.campaign, title=due.title, period=period,
        unit=None, due=tuple(found), holidays=(), doubts=(),
    )  # fmt: skip
    return calendar_ics(calendar, due.day)


def _due(item: Item) -> Due:
    assert item.deadline is not None
    key = hashlib.sha256(f"{item.unit}\n{item.kind}\n{item.id}\n{item.title}".encode()).hexdigest()[:16]
    doubt = () if item.deadline.sure else (f"日期{UNVERIFIED}：不早于这一天",)
    return Due(
        deadline=f"d{key}", title=f"{KINDS[item.kind]}：{item.title}"[:200], date=item.deadline.earliest,
        weekday=WEEKDAYS[item.deadline.earliest.weekday()], time=item.time or None, before=False, when=None,
        who=(item.unit,), to=None, quote=f"{_shown_id(item)}　{item.basis}".strip(), clauses=item.clauses,
        notes=(*doubt, *item.notes), note=None,
    )  # fmt: skip


def due_pdf(due: DueList, authority: str) -> bytes:
    """Return the list as an A4 PDF: a sheet for each unit, then the county's. Raises ProblemError."""
    from engine.documents.html import render_html, stylesheet
    from engine.documents.pdf import render_pdf

    shown = due.shown()
    parts = [{"unit": unit, "rows": [_row(item, due) for item in items]} for unit, items in groupby(shown, key=_unit)]
    county = [(i.unit, _shown_id(i), i.title, f"{i.days_late(due.day)} 天") for i in shown if i.is_countys(due.day)]
    context: dict[str, object] = {
        "title": f"{due.title}办理提示", "authority": authority, "parts": parts, "county": county,
        "day": f"{due.day}（{WEEKDAYS[due.day.weekday()]}），今后 {due.within} 天", "after": COUNTY_AFTER,
        "doubts": due.doubts,
    }  # fmt: skip
    return render_pdf(render_html("due-list", context), stylesheet("due-list"), {})


def _shown_id(item: Item) -> str:
    """Return what people know the item by: the plan's clauses for what has no number of its own."""
    return "、".join(item.clauses) if item.kind in ("campaign", "gap", "self-report") else item.id


def _unit(item: Item) -> str:
    return item.unit


def _row(item: Item, due: DueList) -> dict[str, object]:
    notes = [*([f"依据：{item.basis}"] if item.basis else []), *item.notes]
    return {
        "when": status_word(item, due), "late": item.days_late(due.day) > 0, "kind": KINDS[item.kind],
        "id": _shown_id(item), "title": item.title, "notes": notes,
    }  # fmt: skip

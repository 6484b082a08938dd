"""Deadlines of a plan that are met by filing a table: filed, filed late, not filed (CF2019-3.2-b)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from engine.follow_up.clocks import Deadline
from engine.follow_up.due import Item, campaign_item
from engine.model.campaign import CampaignCalendar, Due
from engine.model.workspace import Filing


class Asked(NamedTuple):
    """What meets a deadline: which tables, and whether every day has its own report."""

    tables: frozenset[str]
    daily: bool


def asked_of(calendar: CampaignCalendar, tables: Mapping[str, Iterable[str]], daily: Iterable[str]) -> dict[str, Asked]:
    """Return by deadline which tables meet it: those that answer a clause of it; deadlines without any are left out.

    tables: clauses by table; daily: the ids of deadlines that come every day.
    """
    found = {}
    every_day = frozenset(daily)
    for due in calendar.due:
        named = frozenset(name for name, clauses in tables.items() if not set(clauses).isdisjoint(due.clauses))
        if named:
            found[due.deadline] = Asked(named, due.deadline in every_day)
    return found


def table_items(
    calendar: CampaignCalendar, unit: str, filings: Iterable[Filing], asked: Mapping[str, Asked], day: date
) -> Iterator[Item]:
    """Yield the deadlines of a unit that tables meet, each with what was filed for it until a day.

    Days that are over and for which nothing was filed are one item for each deadline of the plan. A filing meets every
    deadline since the one before; a daily report meets its own day alone.
    """
    own = [f for f in filings if f.unit == unit and f.filed[:10] <= day.isoformat()]
    for tables, daily in sorted(set(asked.values()), key=lambda each: (sorted(each.tables), each.daily)):
        dues = [d for d in calendar.due if d.date is not None and asked.get(d.deadline) == (tables, daily)]
        wanted = [f for f in own if f.table in tables and (f.series == "daily") == daily]
        missed: dict[str, list[Due]] = {}
        for before, due in pairwise((None, *sorted(dues, key=_day))):
            assert due is not None
            first = None if daily or before is None else _day(before)
            met = [f for f in wanted if _meets(f, _day(due), first, daily)]
            if met:
                yield _filed(unit, due, met, tables)
            elif _day(due) < day:
                missed.setdefault(due.deadline, []).append(due)
            else:
                yield campaign_item(due, unit)
        for some in missed.values():
            yield _missed(unit, some)


def _day(due: Due) -> date:
    assert due.date is not None
    return due.date


def _meets(filing: Filing, day: date, before: date | None, daily: bool) -> bool:
    return filing.cut_off == day if daily else before is None or filing.cut_off > before


def _filed(unit: str, due: Due, met: Sequence[Filing], tables: frozenset[str]) -> Item:
    """Return a deadline that was met: by the first filing of each table; late if one of these came after it."""
    firsts: dict[str, Filing] = {}
    for filing in sorted(met, key=lambda f: (f.cut_off, f.filed, f.id)):
        firsts.setdefault(filing.table, filing)
    last = max(filing.filed for filing in firsts.values())
    clock = due.time if due.time and due.time[0].isdigit() else "23:59"
    lacking = sorted(tables - set(firsts))
    item = campaign_item(due, unit)
    notes = (f"没有报：{'、'.join(lacking)}", *item.notes) if lacking else item.notes
    return item._replace(filed=last, filed_late=last > f"{due.date} {clock}", notes=notes)


def _missed(unit: str, some: Sequence[Due]) -> Item:
    days = "、".join(str(due.date) for due in some)
    item = campaign_item(some[0], unit)
    title = f"{item.title}：未报" + (f" {len(some)} 次（{days}）" if len(some) > 1 else "")
    return item._replace(title=title, deadline=Deadline(_day(some[0]), True))

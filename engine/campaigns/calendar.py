"""The deadlines of a plan as days in order, each with what is remarkable about its day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from engine.holidays import Holidays
from engine.library.load import Library
from engine.model.base import Period
from engine.model.campaign import CampaignCalendar, Due
from engine.model.plans import WEEKDAYS, Daily, Deadline, OnDays, Open, Weekly
from engine.model.rules import CampaignFile
from engine.problems import Problem, did_you_mean, problem

DAY_INCLUDED = "“前”按含当日计"


def campaign_calendar(
    library: Library, campaign: str, unit: str | None = None
) -> tuple[CampaignCalendar | None, list[Problem]]:
    """Return the calendar of a campaign, or None and why there is none.

    unit: only what this unit has to do; a name of the plan (各市场监管所) or of a unit (城东市场监管所).
    """
    loaded = library.campaigns.get(campaign)
    if loaded is None:
        names = sorted(library.campaigns)
        hint = did_you_mean(campaign, names) + f"可用行动：{'、'.join(names)}"
        return None, [problem("E613", campaign=campaign, suggestion=hint)]
    file = loaded.value
    names_of_unit = reporting_names(file, unit)
    if names_of_unit is not None and not names_of_unit:
        hint = f"可用报送单位：{'、'.join(u.name for u in file.units) or '无'}，或者以这些名称结尾的单位"
        return None, [problem("E628", campaign=file.title, unit=unit, suggestion=hint)]
    holidays = Holidays({name: calendar.value for name, calendar in library.calendars.items()})
    kept = [d for d in file.deadlines if names_of_unit is None or names_of_unit & set(d.who)]
    due = sorted((entry for d in kept for entry in _entries(d, file, holidays)), key=_order)
    last = max([file.period.end, *(entry.date for entry in due if entry.date is not None)])
    calendar = CampaignCalendar(
        campaign=file.campaign, title=file.title, period=file.period, unit=unit, due=tuple(due),
        holidays=holidays.between(file.period.start, last),
        doubts=holidays.doubts(range(file.period.start.year, last.year + 1)),
    )  # fmt: skip
    return calendar, []


def reporting_names(file: CampaignFile, unit: str | None) -> frozenset[str] | None:
    """Return under which of the plan's names a unit reports; None for no unit: everything."""
    if unit is None:
        return None
    return frozenset(
        u.name for u in file.units if unit == u.name or not u.endings or any(unit.endswith(e) for e in u.endings)
    )


def _entries(deadline: Deadline, file: CampaignFile, holidays: Holidays) -> Iterator[Due]:
    when = deadline.when
    if isinstance(when, Open):
        yield _due(deadline, None, (), when.text)
        return
    for day in _days(when, file.period):
        notes = []
        known = holidays.note(day)
        if known is not None:
            notes.append(known)
        if holidays.is_free(day):
            asked = "方案没有说提前还是顺延，请请示后定"
            notes.append(f"{asked}；此前最近的上班日为 {holidays.working_day_before(day)}")
        if day > file.period.end:
            notes.append(f"在行动结束（{file.period.end}）之后")
        if isinstance(when, OnDays) and when.before:
            notes.append(DAY_INCLUDED)
        yield _due(deadline, day, tuple(notes), None)


def _days(when: OnDays | Weekly | Daily, campaign: Period) -> Iterator[date]:
    if isinstance(when, OnDays):
        yield from when.days
    elif isinstance(when, Daily):
        for period in when.periods:
            yield from _every_day(period)
    else:
        number = WEEKDAYS.index(when.weekday)
        yield from (day for day in _every_day(when.period or campaign) if day.weekday() == number)


def _every_day(period: Period) -> Iterator[date]:
    for number in range((period.end - period.start).days + 1):
        yield period.start + timedelta(days=number)


def _due(deadline: Deadline, day: date | None, notes: tuple[str, ...], text: str | None) -> Due:
    return Due(
        deadline=deadline.id, title=deadline.title, date=day, weekday=WEEKDAYS[day.weekday()] if day else None,
        time=deadline.time, before=isinstance(deadline.when, OnDays) and deadline.when.before, when=text,
        who=deadline.who, to=deadline.to, quote=deadline.quote, clauses=deadline.clauses,
        notes=notes, note=deadline.note,
    )  # fmt: skip


def _order(due: Due) -> tuple[date, str, str]:
    """By day, what has a clock time first; what has no day last."""
    clock = due.time if due.time and due.time[0].isdigit() else "24:00"
    return due.date or date.max, clock, due.deadline

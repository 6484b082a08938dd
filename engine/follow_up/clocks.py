"""When something has to be done: a limit counted from an event by the counting rule of its law.

The day of the event is not counted. Where a calendar of holidays is not complete no day is claimed: then the earliest
day it can be is told, and that it is 待核.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

from pydantic import JsonValue

from engine.days import parse_day, parse_moment
from engine.follow_up.cells import day_of
from engine.holidays import UNVERIFIED, Holidays
from engine.model.clocks import Clock, TimeUnit
from engine.model.workspace import LedgerEntry

FROM_NEXT_DAY = "起算的当日不计入，从次日起算"


class Deadline(NamedTuple):
    """When something has to be done."""

    earliest: date
    """The day, or where it is not known the earliest that it can be."""
    sure: bool
    clock: str = ""
    """Time of day of a limit in hours, 09:30."""
    notes: tuple[str, ...] = ()

    @property
    def day(self) -> date | None:
        """The day, None where it is 待核."""
        return self.earliest if self.sure else None

    @property
    def text(self) -> str:
        """The deadline as it is printed."""
        if not self.sure:
            return f"{UNVERIFIED}，不早于 {self.earliest}"
        return f"{self.earliest} {self.clock}".strip()


def reckon(start: str, limit: int, unit: TimeUnit, holidays: Holidays, *, backward: bool = False) -> Deadline:
    """Return the last day of a limit. start: 2024-01-31, or 2024-01-31 09:30, which a limit in hours needs.

    backward: the limit lies before the day (七日前通知).
    """
    day = parse_day(start[:10])
    if day is None:
        raise ValueError(start)
    if unit == "hours":
        return _hours(start, day, limit)
    step = -1 if backward else 1
    if unit == "days":
        last = day + timedelta(days=step * limit)
        free = holidays.note(last) if holidays.is_free(last) else None
        note = (f"末日{last} {free}；是否顺延{UNVERIFIED}，按不顺延计",) if free and not backward else ()
        return Deadline(last, True, notes=note)
    return _working_days(day, step * limit, holidays)


def _hours(start: str, day: date, limit: int) -> Deadline:
    moment = parse_moment(start)
    if moment is None:
        note = f"起算没有写时刻，{limit} 小时从何时起算{UNVERIFIED}"
        return Deadline(day + timedelta(days=limit // 24), False, notes=(note,))
    end = moment + timedelta(hours=limit)
    return Deadline(end.date(), True, f"{end:%H:%M}")


def _working_days(day: date, count: int, holidays: Holidays) -> Deadline:
    found = holidays.working_days_after(day, count)
    if found is not None:
        return Deadline(found, True)
    earliest, left, step = day, abs(count), 1 if count > 0 else -1
    while left:
        earliest += timedelta(days=step)
        left -= not holidays.is_surely_free(earliest)
    likely, left = day, abs(count)
    while left:
        likely += timedelta(days=step)
        left -= not holidays.is_free(likely)
    note = f"放假日历不全，按已列出的节假日和周末算为 {likely}，{UNVERIFIED}"
    return Deadline(min(earliest, likely), False, notes=(note,))


class Running(NamedTuple):
    """A clock that an entry set running."""

    clock: Clock
    entry: LedgerEntry
    start: str
    deadline: Deadline
    extended: bool
    done: date | None
    """On which day it was done; None: not yet."""


def running(clock: Clock, entry: LedgerEntry, holidays: Holidays) -> Running | None:
    """Return the clock as it runs for an entry, None if the entry does not set it running.

    A box that was not ticked (yes_no) counts as no.
    """
    values = entry.values
    start = values.get(clock.start)
    if entry.voided or not isinstance(start, str) or day_of(start) is None or not _is_for(clock, values):
        return None
    extended = clock.extension is not None and values.get(clock.extension.granted) is True
    found = []
    if clock.limit is not None and clock.unit is not None:
        more = clock.extension.limit if clock.extension is not None and extended else 0
        found.append(reckon(start, clock.limit + more, clock.unit, holidays, backward=clock.backward))
    written = day_of(values.get(clock.on)) if clock.on else None
    if written is not None:
        found.append(Deadline(written, True))
    if not found:
        return None
    first = min(found, key=lambda deadline: (deadline.earliest, not deadline.sure))
    done = next((name for name in clock.until if values.get(name) is not None), None)
    return Running(clock, entry, start, first, extended, _done_on(values, done, start))


def _is_for(clock: Clock, values: Mapping[str, JsonValue]) -> bool:
    return all(_held(values, name, allowed) in allowed for name, allowed in clock.where.items())


def _held(values: Mapping[str, JsonValue], name: str, allowed: tuple[bool | str, ...]) -> bool | str:
    value = values.get(name)
    if value is None and all(isinstance(each, bool) for each in allowed):
        return False
    return value if isinstance(value, (bool, str)) else ""


def _done_on(values: Mapping[str, JsonValue], name: str | None, start: str) -> date | None:
    """Return the day on which it was done; where the column holds no day, that of the beginning stands for it."""
    if name is None:
        return None
    return day_of(values.get(name)) or day_of(start)

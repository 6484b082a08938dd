"""Which days are off and which weekends are worked, as far as the calendars know; what they do not know is said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Literal

from engine.model.base import Period
from engine.model.campaign import CalendarHoliday
from engine.model.plans import WEEKDAYS, CalendarFile, Holiday, WorkingDay

UNVERIFIED = "待核"


class Holidays:
    """The calendars of several years as one."""

    def __init__(self, calendars: Mapping[str, CalendarFile]) -> None:
        self._years = dict(calendars)

    def note(self, day: date) -> str | None:
        """Return in Chinese what keeps the day from being an ordinary working day, None if nothing is known to."""
        holiday, working = self._holiday(day), self._working(day)
        if holiday is not None:
            days = f"{holiday.period.start} 至 {holiday.period.end}"
            return f"在{holiday.name}假期内（{days}{'' if holiday.compared else f'，{UNVERIFIED}'}）"
        if working is not None:
            doubt = "" if working.compared else f"（{UNVERIFIED}）"
            return f"{WEEKDAYS[day.weekday()]}，因{working.name}调休上班{doubt}"
        if day.weekday() >= 5:
            doubt = "" if self._complete(day) else f"（是否调休上班{UNVERIFIED}）"
            return f"{WEEKDAYS[day.weekday()]}，休息日{doubt}"
        return None

    def is_free(self, day: date) -> bool:
        """Return whether the day is off: a known holiday, or a weekend that is not known to be worked."""
        return self._holiday(day) is not None or (day.weekday() >= 5 and self._working(day) is None)

    def working_day_before(self, day: date) -> str:
        """Return the last working day before a day, with its weekday; 待核 where the calendar is not complete."""
        found = day - timedelta(days=1)
        while self.is_free(found):
            found -= timedelta(days=1)
        sure = all(self._complete(found + timedelta(days=n)) for n in range((day - found).days))
        return f"{found}（{WEEKDAYS[found.weekday()]}{'' if sure else f'，{UNVERIFIED}'}）"

    def working_days_after(self, day: date, count: int) -> date | None:
        """Return the working day that comes count working days after a day (before it if count is negative).

        None where a calendar is not complete.
        """
        found, left = day, abs(count)
        while left:
            found += timedelta(days=1 if count > 0 else -1)
            if not self._complete(found):
                return None
            left -= not self.is_free(found)
        return found

    def is_surely_free(self, day: date) -> bool:
        """Return whether the day is known to be off: a holiday compared with its notice, a weekend of a whole year."""
        holiday = self._holiday(day)
        if self._complete(day):
            return self.is_free(day)
        return holiday is not None and holiday.compared

    def between(self, first: date, last: date) -> tuple[CalendarHoliday, ...]:
        """Return the festivals, days off and worked weekends that touch first..last, in order."""
        found = []
        for calendar in self._years.values():
            found += [_shown("festival", f.name, _one_day(f.date), True) for f in calendar.festivals]
            found += [_shown("holiday", h.name, h.period, h.compared) for h in calendar.holidays]
            found += [_shown("working-day", w.name, _one_day(w.date), w.compared) for w in calendar.working_days]
        touching = (h for h in found if h.period.start <= last and h.period.end >= first)
        return tuple(sorted(touching, key=lambda h: (h.period.start, h.kind)))

    def doubts(self, years: Iterable[int]) -> tuple[str, ...]:
        """Return what is not known of these years' holidays, a line each."""
        lines = []
        for year in sorted(set(years)):
            calendar = self._years.get(str(year))
            if calendar is None:
                lines.append(f"{year} 年没有放假日历，节假日和调休一律{UNVERIFIED}")
            elif not calendar.announced:
                lines.append(f"{year} 年放假安排尚未见公布，节假日和调休一律{UNVERIFIED}")
            elif not calendar.complete:
                lines.append(f"{year} 年放假日历不全，没有列出的节假日和调休{UNVERIFIED}")
        return tuple(lines)

    def _complete(self, day: date) -> bool:
        calendar = self._years.get(str(day.year))
        return calendar is not None and calendar.announced and calendar.complete

    def _holiday(self, day: date) -> Holiday | None:
        calendar = self._years.get(str(day.year))
        return next((h for h in calendar.holidays if day in h.period), None) if calendar else None

    def _working(self, day: date) -> WorkingDay | None:
        calendar = self._years.get(str(day.year))
        return next((w for w in calendar.working_days if w.date == day), None) if calendar else None


def _one_day(day: date) -> Period:
    return Period.model_validate({"from": day, "to": day})


def _shown(
    kind: Literal["festival", "holiday", "working-day"], name: str, period: Period, compared: bool
) -> CalendarHoliday:
    return CalendarHoliday(kind=kind, name=name, period=period, compared=compared)

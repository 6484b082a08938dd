"""The days off of a year written down by people who have the notice before them: rules/calendars/<year>.yaml."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from engine.library.check import check_library
from engine.library.check_plans import check_calendars
from engine.library.files import Place
from engine.library.load import Library, Loaded, load_library
from engine.model.plans import CalendarFile
from engine.problems import Mark, Problem, ProblemError, errors, problem
from engine.schema import validate
from engine.source import dump, parse
from engine.writing import make_folder, write_atomically

_HEAD = "# yaml-language-server: $schema=../schemas/calendar.json\n"


class Notice(NamedTuple):
    """What a notice says of a year."""

    year: str
    off: Sequence[tuple[str, date, date]]
    """Name, first day, last day."""
    work: Sequence[tuple[str, date]]
    """For which holiday, and the Saturday or Sunday that is worked."""
    source: str
    compared: bool
    """Whether people have compared the days with the text of the notice; without it they are printed 待核."""
    complete: bool
    """Whether these are all of the year."""


def calendar_text(library: Library, notice: Notice) -> tuple[str, list[Problem]]:
    """Return the calendar of the year with the days of the notice, or nothing and what is wrong with them.

    Festivals stay as they are; holidays and worked weekends are those of the notice, and no others.
    """
    relative = _relative(notice.year)
    known = library.calendars.get(notice.year)
    festivals = known.value.model_dump(mode="json")["festivals"] if known is not None else []
    told: dict[str, Any] = {"source": notice.source, "compared": notice.compared}
    holidays = [
        {"name": name, "period": {"from": str(first), "to": str(last)}, **told}
        for name, first, last in sorted(notice.off, key=_day)
    ]
    working = [{"name": name, "date": str(day), **told} for name, day in sorted(notice.work, key=_day)]
    content: dict[str, Any] = {"calendar": notice.year, "announced": True, "complete": notice.complete}
    content |= {"festivals": festivals} if festivals else {}
    content |= {"holidays": holidays} | ({"working_days": working} if working else {})
    text = _HEAD + dump(content)
    problems = list(_overlaps(notice))
    document, wrong = parse(text, relative)
    assert document is not None, wrong
    value, wrong = validate(document, CalendarFile)
    if value is not None:
        alone = replace(library, calendars={notice.year: Loaded(document, value)})
        wrong = [*wrong, *check_calendars(alone)]
    problems += [replace(found, mark=Mark("")) for found in wrong]  # what people typed stands in no file yet
    return ("", problems) if problems else (text, [])


def write_calendar(at: Place, notice: Notice) -> str:
    """Write the calendar of the year into the layer and return its path. Raises ProblemError: nothing written."""
    target = at.write_target(_relative(notice.year))
    library = load_library(at)
    if wrong := errors(check_library(library)):
        raise ProblemError(wrong)
    text, problems = calendar_text(library, notice)
    if problems:
        raise ProblemError(problems)
    make_folder(target.parent)
    write_atomically(target, text.encode())
    return str(target)


def _relative(year: str) -> str:
    return f"rules/calendars/{year}.yaml"


def _day(each: Sequence[Any]) -> date:
    day: date = each[1]
    return day


def _overlaps(notice: Notice) -> Iterator[Problem]:
    last: tuple[str, date, date] | None = None
    for each in sorted(notice.off, key=_day):
        if last is not None and each[1] <= last[2]:
            yield problem("E413", what=each[0], reason=f"{each[1]} 起的几天又列在{last[0]}（至 {last[2]}）里")
        last = each
    days = [day for _, day in notice.work]
    yield from (
        problem("E413", what="调休上班", reason=f"{d} 写了两次") for d in sorted(set(days)) if days.count(d) > 1
    )

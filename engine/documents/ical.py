"""A calendar as an .ics file (RFC 5545): one event a deadline that has a day, the same bytes each time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from unicodedata import category

from engine.documents.plan_text import who_and_clause
from engine.model.campaign import CampaignCalendar, Due

LONGEST_LINE = 75
"""Octets of a line without its end; what is longer is folded."""
OFFSET = timedelta(hours=8)
"""Beijing time is UTC+8 all the year: times are written in UTC and need no table of time zones."""
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


def calendar_ics(calendar: CampaignCalendar, stamp: date) -> bytes:
    """Return the calendar as an iCalendar file. stamp: the day written as the day on which it was made."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//chunfeng//campaign calendar//ZH",
        "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{escaped(calendar.title)}",
    ]
    for due in calendar.due:
        if due.date is not None:
            lines += _event(due, due.date, calendar, stamp)
    lines.append("END:VCALENDAR")
    return b"".join(fold(line) for line in lines)


def _event(due: Due, day: date, calendar: CampaignCalendar, stamp: date) -> Iterator[str]:
    told = [who_and_clause(due), *([due.time] if due.time and not _CLOCK.fullmatch(due.time) else []), due.quote]
    remarks = [*due.notes, *([due.note] if due.note else []), *calendar.doubts]
    told += [f"注意：{remark}" for remark in remarks]
    yield "BEGIN:VEVENT"
    yield f"UID:{calendar.campaign}-{due.deadline}-{day:%Y%m%d}@chunfeng.invalid"
    yield f"DTSTAMP:{stamp:%Y%m%d}T000000Z"
    yield from _time(due, day)
    yield f"SUMMARY:{escaped(due.title)}"
    yield f"DESCRIPTION:{escaped(chr(10).join(told))}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _time(due: Due, day: date) -> Iterator[str]:
    """Yield the moment in UTC of a deadline with a clock time, the whole day of any other."""
    clock = _CLOCK.fullmatch(due.time or "")
    if clock is None:
        yield f"DTSTART;VALUE=DATE:{day:%Y%m%d}"
        yield f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}"
        return
    moment = datetime(day.year, day.month, day.day, int(clock[1]), int(clock[2])) - OFFSET
    yield f"DTSTART:{moment:%Y%m%dT%H%M%SZ}"


def escaped(text: str) -> str:
    """Return a TEXT value: backslash, semicolon, comma and line breaks escaped, other control characters left out."""
    for sign in "\\;,":
        text = text.replace(sign, f"\\{sign}")
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")
    return "".join(c for c in text if c.isprintable() or category(c) == "Zs")


def fold(line: str) -> bytes:
    """Return the content line with its end, folded so that no line is longer than 75 octets and no character torn."""
    pieces, piece = [], b""
    for character in line:
        octets = character.encode()
        if len(piece) + len(octets) > LONGEST_LINE:
            pieces.append(piece)
            piece = b" "
        piece += octets
    return b"\r\n".join([*pieces, piece]) + b"\r\n"

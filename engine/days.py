"""Days and times as people write them: 2024-01-31, 2024-01-31 09:30, and nothing else."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))
"""The time of the whole country, wherever a computer's clock is set to."""
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def parse_day(text: str) -> date | None:
    """Return the day, or None if the text is not written 2024-01-31 or there is no such day."""
    if not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def parse_moment(text: str) -> datetime | None:
    """Return the moment in the time of Beijing, or None if the text is not written 2024-01-31 09:30."""
    if not _MOMENT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=BEIJING)
    except ValueError:
        return None


def today() -> date:
    """Return the day that it is in Beijing; only commands ask, everything else is told the day."""
    return datetime.now(BEIJING).date()

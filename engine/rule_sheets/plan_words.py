"""What cells of the campaign and of its plan's clauses say: kinds of demands, days of deadlines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from engine.campaigns.mapping import KIND_WORDS
from engine.days import parse_day
from engine.library.check_open import TO_FILL
from engine.model.plans import WEEKDAYS, OnDays, Open, Weekly, When
from engine.rule_sheets.words import BETWEEN, Words, flat

CLAUSE_KINDS = Words({word: kind for kind, word in KIND_WORDS.items()})
NO_DAY = "没有定日期："
BEFORE = "前"
HOW = f"写作 2027-01-26、2027-01-26；2027-03-13前、每周五，或“{NO_DAY}方案的说法”"
_DAY = re.compile(r"(\d{4})[年./-](\d{1,2})[月./-](\d{1,2})日?\Z")


def ids_of(typed: str) -> tuple[str, ...]:
    """Return the numbers of clauses that were typed, each once."""
    pieces = [p.strip() for p in re.split(r"[;,、\s]+", flat(typed)) if p.strip()]
    return tuple(dict.fromkeys(p.replace("cf", "CF") for p in pieces))


def show_when(when: When) -> str | None:
    """Return a day of a deadline as its cell, None if the cell cannot say it."""
    match when:
        case OnDays(days=days, before=before):
            return BETWEEN.join(map(str, days)) + (BEFORE if before else "")
        case Weekly(weekday=weekday, period=None):
            return f"每{weekday}"
        case Open(text=text):
            return text if text.startswith(TO_FILL) else f"{NO_DAY}{text}"
    return None


def special_when(when: When) -> str:
    """Return in words a day that the cell cannot say."""
    if isinstance(when, Weekly) and when.period is not None:
        return f"每{when.weekday}（{when.period.start} 至 {when.period.end}）"
    return "期间每天"


def read_when(typed: str) -> Mapping[str, Any] | None:
    """Return what a cell says as the key `when`, None if it cannot be read."""
    text = flat(typed)
    for head in (flat(NO_DAY), "没有定日期", "未定:", TO_FILL):
        if text.startswith(head) and (said := typed.strip() if head == TO_FILL else text.removeprefix(head).strip()):
            return {"type": "open", "text": said}
    weekday = text.removeprefix("每").replace("星期", "周")
    if text.startswith("每") and weekday in WEEKDAYS:
        return {"type": "weekly", "weekday": weekday}
    before = re.search(r"(以|之)?前\Z", text)
    pieces = [p for p in re.split(r"[;,、\s]+", text[: before.start()] if before else text) if p]
    days = [str(day) for piece in pieces if (day := _day(piece)) is not None]
    if not pieces or len(days) != len(pieces):
        return None
    return {"type": "days", "days": days} | ({"before": True} if before else {})


def _day(text: str) -> date | None:
    found = _DAY.match(text)
    return parse_day(f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}") if found else parse_day(text)

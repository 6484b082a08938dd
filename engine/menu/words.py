"""What people type, read: numbers in any width, days in any order of signs, ways back."""

from __future__ import annotations

import re
import unicodedata

from engine.days import parse_day

BACK = ("q", "Q", "0", "返回", "退出")
"""Goes back one menu."""
BEFORE = ("b", "B", "上一问")
"""Goes back one question."""
PRINT = ("p", "P", "打印")
HELP = ("?", "？", "帮助")
YES, NO = ("y", "Y", "是", "对", "1"), ("n", "N", "否", "不", "2")
_DAY = re.compile(r"([0-9]{4})(?:年|[-./])([0-9]{1,2})(?:月|[-./])([0-9]{1,2})日?|([0-9]{4})([0-9]{2})([0-9]{2})")
_RANGE = re.compile(r"([0-9]+)(?:[-~～—–至到]+([0-9]+))?")
MAX_DIGITS = 7


def plain(text: str) -> str:
    """Return what was typed with full-width letters, digits and signs as half-width, without spaces at its ends."""
    return unicodedata.normalize("NFKC", text).strip()


def day_of(text: str) -> str:
    """Return a day as 2024-01-31 from the ways in which people write one, "" if it is none."""
    found = _DAY.fullmatch(plain(text).replace(" ", ""))
    if found is None:
        return ""
    year, month, day = [part for part in found.groups() if part is not None]
    written = f"{year}-{int(month):02}-{int(day):02}"
    return written if parse_day(written) else ""


def numbers_of(text: str, highest: int) -> list[int] | None:
    """Return the numbers in 1,3、5-8 without repeats, [] if one is beyond the highest, None if it is no list."""
    found: list[int] = []
    for part in re.split(r"[,，、;；\s]+", plain(text)):
        bounds = _RANGE.fullmatch(part)
        if bounds is None or max(len(each or "") for each in bounds.groups()) > MAX_DIGITS:
            return None
        first = int(bounds[1])
        last = int(bounds[2] or first)
        if not 1 <= first <= last <= highest:
            return []
        found += range(first, last + 1)
    return list(dict.fromkeys(found))

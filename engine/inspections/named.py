"""Whether something was written at all, and whether two texts name the same person or number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from engine.model.sheet import Inspector

_UNSEEN = {"\u034f", "\u115f", "\u1160", "\u17b4", "\u17b5", "\u2800", "\u3164", "\uffa0"}
"""Signs that print nothing though Unicode counts them among letters, marks or symbols."""
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_NO_NAME = frozenset({
    "无", "没有", "暂无", "空", "略", "待补", "待填", "待定", "待查", "待核", "补", "不详", "未知", "不明", "未填",
    "暂缺", "同上", "某", "某某", "某人", "na", "none", "null", "tbd", "x", "xx", "xxx",
})  # fmt: skip
"""What people write where nothing is to be written, as plain gives it, without punctuation."""
_DIGITS = "一二三四五六七八九〇零十百"


def plain(text: str) -> str:
    """Return a text as it is compared: NFKC, without spaces and what cannot be seen, in small letters."""
    kept = (c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) not in ("Cc", "Cf"))
    seen = (c for c in kept if c not in _UNSEEN and unicodedata.category(c)[0] != "Z")
    return _SELECTORS.sub("", "".join(seen)).casefold()


def is_named(text: str) -> bool:
    """Return whether a text names somebody or something: it has a letter, and is no 无, /, 待补 or 不详."""
    letters = "".join(c for c in plain(text) if unicodedata.category(c)[0] in "LNC")
    return letters not in _NO_NAME and any(unicodedata.category(c)[0] in "LC" for c in letters)


def is_numbered(text: str) -> bool:
    """Return whether a text is the number of a certificate: no placeholder, and it counts something."""
    digits = [c for c in plain(text) if c.isdecimal() or c in _DIGITS]
    return any(c not in "0〇零" for c in digits)


def certified(inspectors: Sequence[Inspector]) -> tuple[str, ...]:
    """Return the inspectors who have both a name and a certificate, as plain names, nobody and no certificate twice."""
    found: dict[str, str] = {}
    for each in inspectors:
        name, number = plain(each.name), plain(each.certificate)
        if is_named(each.name) and is_numbered(each.certificate) and number not in found.values():
            found.setdefault(name, number)
    return tuple(found)

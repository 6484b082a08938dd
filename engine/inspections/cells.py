"""The cells of a route as text and as yes or no: what a spreadsheet may have changed on the way is refused."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time
from typing import NamedTuple

from engine.model.sheet import MAX_SHORT
from engine.problems import Mark
from engine.workbooks.table import Unusable, Value

EXACT = 10**11
"""Numbers from here on are identifiers that a spreadsheet rounds: 15 digits at most are kept."""
_NUMBERED = re.compile("号|代码|证|编码|车牌")
"""Columns of identifiers: as a number they have lost their leading zeros or last digits."""
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?[Ee]\+?[0-9]{1,3}")
_TRUE, _FALSE = ("有", "是", "√", "☑"), ("无", "否", "没有", "×", "☐")
_AS_TEXT = "请把这一栏设成文本格式，再照原件重新填写"


class Cell(NamedTuple):
    """A cell under a column title."""

    title: str
    value: Value
    mark: Mark

    @property
    def shown(self) -> str:
        """The content as it is quoted in a message."""
        return self.value.text if isinstance(self.value, Unusable) else str(self.value)


class Read(NamedTuple):
    """The text of a cell, or why it has none and what to do."""

    text: str = ""
    reason: str | None = None
    todo: str = ""


class Held(NamedTuple):
    """Whether something holds (None: not known), or why it cannot be read and what to do."""

    held: bool | None = None
    reason: str | None = None
    todo: str = ""


def header_key(text: str) -> str:
    """Return a title or a name for comparing: full and half width alike, without white space."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def is_visible(text: str) -> bool:
    """Return whether there is anything to see in a text beside spaces."""
    return any(unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp", "Zs") for c in text)


def typed_text(cell: Cell) -> Read:
    """Return the text of a cell: a day as 2024-01-31, a short number as its digits; white space is one space."""
    value = cell.value
    if isinstance(value, str):
        return _plain(value, cell.title)
    if value is None:
        return Read()
    if isinstance(value, Unusable):
        return _unusable(value)
    if isinstance(value, bool):
        return Read(reason="应为文字，现在是逻辑值", todo=_AS_TEXT)
    if isinstance(value, (int, float)):
        if _NUMBERED.search(cell.title) or not abs(value) < EXACT:
            return Read(reason="应为文字，现在是数字，首位的 0 和末几位可能已经丢失", todo=_AS_TEXT)
        return Read(str(int(value)) if value == int(value) else repr(value))
    if isinstance(value, datetime) and value.time() == time():
        return Read(value.date().isoformat())
    if isinstance(value, date) and not isinstance(value, datetime):
        return Read(value.isoformat())
    return Read(reason="应为文字或日期，现在是时刻", todo=_AS_TEXT)


def truth_of(cell: Cell) -> Held:
    """Return what 有, 无, 是, 否, TRUE or FALSE in a cell say; nothing for an empty cell."""
    value = cell.value
    if value is None or isinstance(value, bool):
        return Held(value)
    if isinstance(value, Unusable):
        read = _unusable(value)
        return Held(None, read.reason, read.todo)
    text = header_key(value) if isinstance(value, str) else ""
    if text in _TRUE or text in _FALSE:
        return Held(text in _TRUE)
    if value == "":
        return Held()
    return Held(None, "应为有、无、是、否之一", "请改成 有 或 无；不清楚的留空")


def _plain(value: str, title: str) -> Read:
    text = " ".join(value.split())
    bad = next((c for c in text if unicodedata.category(c) in ("Cc", "Cs")), None)
    if bad is not None:
        return Read(reason=f"含有不能使用的字符 U+{ord(bad):04X}", todo="请删去该字符")
    if len(text) > MAX_SHORT:
        return Read(reason=f"过长（{len(text)} 字，上限 {MAX_SHORT} 字）", todo="请缩短")
    if _NUMBERED.search(title) and _SCIENTIFIC.fullmatch(text):
        return Read(reason="已被表格软件改成科学计数，末几位丢失", todo=_AS_TEXT)
    return Read(text)


def _unusable(value: Unusable) -> Read:
    if value.formula:
        return Read(reason="是公式，程序不计算公式", todo="请复制这一栏，选择性粘贴为数值")
    return Read(reason="是表格软件的错误值", todo="请改正或清空这一格")

"""What was typed into a blank, as the value that its question takes. What cannot be read stays as it was typed.

Nothing is guessed: a text that is no value is left for the reading of answers (engine.inspections.answers), which says
what is wrong with it; what a spreadsheet changed on its own is refused here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from pydantic import JsonValue

from engine.inspections.answers import NOT_APPLICABLE, NOT_CHECKED
from engine.model.questions import AnswerSpec, Choice, Choices, Count, DateQuestion, Number, Sample, YesNo
from engine.workbooks.table import Unusable, Value

_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?")
_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
_DIGITS = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_CLOCK = re.compile(r"([0-9]{1,2})[:时点]([0-9]{1,2})分?(?::00)?|([0-9]{2})([0-9]{2})")
_TICKED = ("是", "√", "✓", "☑", "有", "true", "1", "on", "yes")
_NOT_TICKED = ("", "否", "☐", "无", "没有", "false", "0", "off", "no")
AS_TEXT = "请把这一格设成文本格式，再照原件重新填写"


class Read(NamedTuple):
    """A value for the answer sheet, or why the cell has none."""

    value: JsonValue = None
    reason: str = ""
    todo: str = ""


def typed(spec: AnswerSpec, value: Value) -> Read:
    """Return what was typed as the value that a question takes: its type, a day as 2024-01-31, a choice in its words.

    不适用 and 未查 stay words whatever is asked. An empty text is nothing.
    """
    if isinstance(value, Unusable):
        return _unusable(value)
    if isinstance(value, str):
        value = tidy(value)
        if value in ("", NOT_APPLICABLE, NOT_CHECKED):
            return Read(value or None)
    if value is None:
        return Read()
    match spec:
        case YesNo():
            return _yes_no(value)
        case Choice(options=options):
            return Read(_option(options, value))
        case Choices(options=options):
            return Read(_options(options, value))
        case Number(unit=unit) | Count(unit=unit) | Sample(unit=unit):
            return Read(_number(value, unit))
        case DateQuestion():
            return Read(day_text(value))
        case _:
            return text_of(value)


def tidy(text: str) -> str:
    """Return a text without blanks at its ends and with one kind of line break; spreadsheets and forms differ there."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip(" \t\n\u3000\u00a0\ufeff")


def plain(text: str) -> str:
    """Return a text for comparing: full and half width alike, without blanks."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def text_of(value: Value) -> Read:
    """Return a text; a number or a day in a place for text was changed by a program and is refused."""
    if isinstance(value, Unusable):
        return _unusable(value)
    if value is None or isinstance(value, str):
        text = tidy(value or "")
        bad = next((c for c in text if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t"), None)
        if bad is not None:
            return Read(reason=f"含有不能使用的字符 U+{ord(bad):04X}", todo="请删去该字符")
        return Read(text or None)
    kind = {bool: "逻辑值", int: "数字", float: "数字"}.get(type(value), "日期或时刻")
    return Read(reason=f"应为文字，现在是{kind}，首位的 0 和末几位可能已经丢失", todo=AS_TEXT)


def is_ticked(value: Value) -> bool | None:
    """Return whether a box is ticked, None if what stands there is neither."""
    if value is None or isinstance(value, bool):
        return bool(value)
    text = plain(str(value)).lower()
    return True if text in _TICKED else False if text in _NOT_TICKED else None


def day_text(value: Value) -> JsonValue:
    """Return a day as 2024-01-31, from 20240131 too; whatever is none as it was typed."""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else str(value)
    if isinstance(value, date):
        return value.isoformat()
    text = plain(str(value))
    found = _DAY.fullmatch(text) or _DIGITS.fullmatch(text)
    if found is None:
        return _as_json(value)
    year, month, day = (int(part) for part in found.groups())
    return f"{year:04}-{month:02}-{day:02}"


def clock_text(value: Value) -> Read:
    """Return a time of day as 09:05, from 0905 too; whatever is none as it was typed."""
    if isinstance(value, Unusable):
        return _unusable(value)
    if isinstance(value, datetime):
        value = value.time()
    if isinstance(value, time):
        return Read(f"{value.hour:02}:{value.minute:02}" if not value.second else str(value))
    found = _CLOCK.fullmatch(plain(str(value or "")))
    if found is None:
        return text_of(value)
    hour, minute = (int(part) for part in found.groups() if part is not None)
    return Read(f"{hour:02}:{minute:02}")


def _unusable(value: Unusable) -> Read:
    if value.formula:
        return Read(reason="是公式，程序不计算公式", todo="请复制这一格，选择性粘贴为数值")
    return Read(reason="是表格软件的错误值", todo="请改正或清空这一格")


def _yes_no(value: Value) -> Read:
    if isinstance(value, bool):
        return Read("是" if value else "否")
    return Read(_option(("是", "否"), value))


def _option(options: Sequence[str], value: Value) -> JsonValue:
    key = plain(str(value))
    return next((option for option in options if plain(option) == key), _as_json(value))


def _options(options: Sequence[str], value: Value) -> JsonValue:
    """Return the words of a choice of several from one text: one to a line, or between ； or 、."""
    text = tidy(str(value))
    for separator in ("\n", "；", ";", "、", "，", ","):
        if any(plain(text) == plain(option) for option in options):
            break
        parts = [part for part in text.split(separator) if part.strip()]
        if len(parts) > 1 and (separator in "\n；;" or all(_option(options, p) in options for p in parts)):
            return [_option(options, part) for part in parts]
    return [_option(options, text)]


def _number(value: Value, unit: str) -> JsonValue:
    if isinstance(value, float):
        return int(value) if value == int(value) and abs(value) < 2**53 else value
    if isinstance(value, str):
        text = unicodedata.normalize("NFKC", value).strip()
        text = text.removesuffix(unicodedata.normalize("NFKC", unit)).strip()  # 5 6 is two numbers, not 56
        if _NUMBER.fullmatch(text) and len(text) <= 20:
            number = float(text)
            return int(number) if number == int(number) else number
    return _as_json(value)


def _as_json(value: Value) -> JsonValue:
    if isinstance(value, (date, time, timedelta)):
        return str(value)
    if isinstance(value, Unusable):
        return value.text
    return value

"""A value of a ledger's column: read strictly as it was typed, and shown as people read it. Money is counted in 分."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation

from pydantic import JsonValue

from engine.answering.typed import Read, day_text, plain, text_of, tidy
from engine.days import parse_day, parse_moment
from engine.inspections.cells import Cell, truth_of
from engine.model.ledgers import LedgerColumn
from engine.problems import Mark
from engine.workbooks.table import Unusable, Value

MAX_TEXT = 2000
MAX_COUNT = 10**9
MAX_FEN = 10**15
_WHOLE = re.compile(r"[0-9]{1,10}", re.ASCII)
_MONEY = re.compile(r"([0-9]{1,3}(,[0-9]{3})+|[0-9]{1,14})(\.[0-9]+)?", re.ASCII)
_MOMENT = re.compile(r"(\S+)[ T]+([0-9]{1,2}):([0-9]{2})(?::00)?", re.ASCII)
_SEPARATORS = re.compile("[;；、\n]")
_DAY_TODO = "请写成 2024-01-31 的样子"
_MOMENT_TODO = "请写成 2024-01-31 09:30 的样子；时刻不清楚的只写日期"


def read_value(column: LedgerColumn, value: Value) -> Read:
    """Return what was typed as the column keeps it (engine.model.ledgers.ColumnType), or why not and what to do.

    An empty cell is nothing. Nothing is rounded and nothing is guessed.
    """
    if isinstance(value, Unusable):
        return text_of(value)
    if isinstance(value, str):
        value = tidy(value)
    if value is None or value == "":
        return Read()
    return _READERS[column.type](column, value)


def _text(column: LedgerColumn, value: Value) -> Read:
    read = text_of(value)
    if isinstance(read.value, str) and len(read.value) > MAX_TEXT:
        return Read(reason=f"过长（{len(read.value)} 字，上限 {MAX_TEXT} 字）", todo="请缩短，详情另存附件")
    return read


def _date(column: LedgerColumn, value: Value) -> Read:
    text = day_text(value)
    day = parse_day(text) if isinstance(text, str) else None
    if day is None:
        return Read(reason="不是存在的日期", todo=_DAY_TODO)
    return Read(day.isoformat()) if 2000 <= day.year < 2100 else Read(reason="年份不合理", todo=_DAY_TODO)


def _moment(column: LedgerColumn, value: Value) -> Read:
    if isinstance(value, datetime) and value.time() != time():
        exact = value.replace(second=0, microsecond=0)
        text = f"{exact.date()} {exact:%H:%M}"
    else:
        text = value if isinstance(value, str) else str(day_text(value))
    found = _MOMENT.fullmatch(unicodedata.normalize("NFKC", text))
    if found is None:
        read = _date(column, text)
        return read if read.value else Read(reason="不是存在的时间", todo=_MOMENT_TODO)
    day = _date(column, found[1])
    moment = f"{day.value} {int(found[2]):02}:{found[3]}"
    if not day.value or parse_moment(moment) is None:
        return Read(reason="不是存在的时间", todo=_MOMENT_TODO)
    return Read(moment)


def _whole(column: LedgerColumn, value: Value) -> Read:
    if isinstance(value, float) and value == value // 1:
        value = int(value)
    text = "" if isinstance(value, bool) else unicodedata.normalize("NFKC", str(value)).strip()
    if not _WHOLE.fullmatch(text) or int(text) > MAX_COUNT:
        unit = "天数" if column.type == "days" else "个数"
        return Read(reason="应为不带单位的整数", todo=f"请写{unit}，例如 3；没有写 0")
    return Read(int(text))


def _money(column: LedgerColumn, value: Value) -> Read:
    fen = read_yuan(value)
    if isinstance(fen, str):
        return Read(reason=fen, todo="请以元为单位，最多两位小数，例如 1234.56")
    return Read(fen)


def read_yuan(value: Value) -> int | str:
    """Return an amount typed in 元 as 分, or in Chinese why it is none. At most two decimals; never rounded."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return "应为金额"
    text = unicodedata.normalize("NFKC", value).strip() if isinstance(value, str) else repr(value)
    if isinstance(value, str):
        if "万" in text:
            return "金额以元为单位录入，请换算"
        text = text.removesuffix("元").strip()
        if not _MONEY.fullmatch(text):
            return "应为金额"
    try:
        fen = Decimal(text.replace(",", "")) * 100
    except InvalidOperation:
        return "应为金额"
    if not fen.is_finite() or fen < 0:
        return "金额不能是负数" if fen.is_finite() else "应为金额"
    if fen != fen.to_integral_value():
        return "金额最多两位小数"
    return int(fen) if fen <= MAX_FEN else "金额过大"


def _yes_no(column: LedgerColumn, value: Value) -> Read:
    held = truth_of(Cell(column.label, value, Mark("")))
    return Read(reason=held.reason, todo="请写 是 或 否") if held.reason else Read(held.held)


def _choice(column: LedgerColumn, value: Value) -> Read:
    word = _word(column, value)
    return Read(word) if word else Read(reason="不是规定的取值", todo=f"可用取值：{'、'.join(column.options)}")


def _choices(column: LedgerColumn, value: Value) -> Read:
    parts = [part for part in _SEPARATORS.split(str(value)) if part.strip()]
    words = [_word(column, part) for part in parts]
    if not words or None in words:
        return Read(reason="不是规定的取值", todo=f"可用取值：{'、'.join(column.options)}；几个之间用 ； 隔开")
    if len(set(words)) < len(words):
        return Read(reason="同一个取值写了两次", todo="请只保留一个")
    return Read([word for word in column.options if word in words])


def _word(column: LedgerColumn, value: Value) -> str | None:
    if isinstance(value, float) and value == value // 1:
        value = int(value)
    return next((option for option in column.options if plain(option) == plain(str(value))), None)


_READERS: dict[str, Callable[[LedgerColumn, Value], Read]] = {
    "text": _text, "date": _date, "moment": _moment, "count": _whole, "days": _whole, "money": _money,
    "yes_no": _yes_no, "choice": _choice, "choices": _choices,
}  # fmt: skip


def shown_value(column: LedgerColumn, value: JsonValue) -> str:
    """Return a kept value as it is printed and as read_value reads it back; money in 元."""
    if value is None:
        return ""
    if column.type == "money" and isinstance(value, int):
        return yuan(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    return "；".join(map(str, value)) if isinstance(value, list) else str(value)


def yuan(fen: int) -> str:
    """Return 分 as 元 with two decimals, exact."""
    return f"{fen // 100}.{fen % 100:02}"


def wan_yuan(fen: int) -> str:
    """Return 分 as 万元 with two decimals, half a hundredth upwards."""
    hundredths = (fen + 5000) // 10000
    return f"{hundredths // 100}.{hundredths % 100:02}"


def day_of(value: JsonValue) -> date | None:
    """Return the day of a kept date or moment, None if it is neither."""
    return parse_day(value[:10]) if isinstance(value, str) else None

"""A table as a workbook in our own layout: a sheet a part, values and no formulas, no colour (STATS §5)."""

from __future__ import annotations

from datetime import date
from math import ceil

from engine.reports.computing import Computed, Row
from engine.reports.figures import decimal_of
from engine.reports.layout import (
    TOTAL,
    Filled,
    Leaf,
    Sheet,
    footer_words,
    groups,
    notes_of,
    period_words,
    rows_of,
    sheets_of,
    value_of,
)
from engine.workbooks.table import cell_name
from engine.workbooks.writing import Cell, Column, Page, write_book

_ROOM = 118.0
"""Characters of 10 points across A4 landscape."""
_FIRST = 6.0, 20.0
"""Widths of 序号 and 单位."""
_MONEY = 9.0
"""Least width of money: 12345.67 and a little."""
_LINE = 13.5
"""Points of a line."""


def table_workbook(computed: Computed, filled: Filled, day: date) -> bytes:
    """Return the table as .xlsx: title, unit and dates, headings of two levels, a row a unit, the sum, what it means.

    day: the date that the file says it was made.
    """
    sheets = sheets_of(computed.table)
    pages = tuple(_page(computed, filled, sheet, first=sheet is sheets[0]) for sheet in sheets)
    return write_book(pages, computed.table.title, f"{filled.layout}　{filled.unit}　{period_words(computed)}", day)


def _page(computed: Computed, filled: Filled, sheet: Sheet, *, first: bool) -> Page:
    leaves = sheet.leaves
    wide = max(5.0, min(12.0, (_ROOM - sum(_FIRST)) / len(leaves)))
    widths = [max(wide, _MONEY) if leaf.column.unit in ("万元", "%") else wide for leaf in leaves]
    columns = (Column(_FIRST[0]), Column(_FIRST[1]), *(Column(each) for each in widths))
    last = _letter(len(columns))
    blank = (Cell(None, "words"),) * (len(columns) - 1)
    rows: list[tuple[Cell, ...]] = [
        (Cell(f"{computed.table.title}（{filled.layout}）", "banner"), *blank),
        (Cell(_second_line(computed, filled, sheet), "words"), *blank),
        *_headings(leaves),
    ]
    body = [*rows_of(computed), (TOTAL, computed.whole)]
    for number, (name, row) in enumerate(body, 1):
        rows.append(_row(str(number) if row is not computed.whole else "", name, row, leaves))
    notes = [*notes_of(computed, {leaf.name for leaf in leaves}, general=first), *(filled.notes if first else ())]
    start = len(rows) + 1
    rows += [(Cell(words, "words"), *blank) for words in (footer_words(filled), *notes, _head_words(filled))]
    merged = [f"A1:{last}1", f"A2:{last}2", "A3:A4", "B3:B4", *_merges(leaves)]
    merged += [f"A{number}:{last}{number}" for number in range(start, len(rows) + 1)]
    room = sum(column.width for column in columns)
    heights = list(_head_heights(leaves, widths))
    heights += [(n, 14.0 * _lines(str(rows[n - 1][0].value), room) + 4) for n in (2, *range(start, len(rows) + 1))]
    return Page(
        _sheet_name(sheet.title), columns, tuple(rows), header=4, kept_columns=2, landscape=True,
        header_from=3, merged=tuple(merged), heights=tuple(heights),
    )  # fmt: skip


def _second_line(computed: Computed, filled: Filled, sheet: Sheet) -> str:
    units = "、".join(dict.fromkeys(leaf.column.unit for leaf in sheet.leaves))
    number = f"　{filled.number}" if filled.number else ""
    return f"填报单位：{filled.unit}　{period_words(computed)}{number}　单位：{units}　{sheet.title}"


def _headings(leaves: tuple[Leaf, ...]) -> list[tuple[Cell, ...]]:
    first = [Cell("序号", "head"), Cell("单位", "head")]
    second = [Cell(None, "head"), Cell(None, "head")]
    for group, under in groups(leaves):
        first += [Cell(group, "head"), *(Cell(None, "head") for _ in under[1:])]
        second += [Cell(leaf.sub or None, "head") for leaf in under]
    return [tuple(first), tuple(second)]


def _merges(leaves: tuple[Leaf, ...]) -> list[str]:
    found, place = [], 3
    for _, under in groups(leaves):
        first, last = _letter(place), _letter(place + len(under) - 1)
        if not under[0].sub:
            found.append(f"{first}3:{first}4")
        elif len(under) > 1:
            found.append(f"{first}3:{last}3")
        place += len(under)
    return found


def _row(number: str, name: str, row: Row, leaves: tuple[Leaf, ...]) -> tuple[Cell, ...]:
    return (Cell(number, "figure"), Cell(name, "figure"), *(_cell(row, leaf) for leaf in leaves))


def _cell(row: Row, leaf: Leaf) -> Cell:
    value = value_of(row, leaf)
    if leaf.column.unit in ("万元", "%"):
        return Cell(None if value is None else float(decimal_of(leaf.column, value)), "money")
    return Cell(value, "figure")


def _head_words(filled: Filled) -> str:
    return f"办理记录链末：{filled.head}" if filled.head else ""


def _head_heights(leaves: tuple[Leaf, ...], widths: list[float]) -> list[tuple[int, float]]:
    """Return the heights of both rows of headings; those of one level fill both."""
    upper, lower, whole, place = 1, 1, 1, 0
    for group, under in groups(leaves):
        own = widths[place : place + len(under)]
        place += len(under)
        if under[0].sub:
            upper = max(upper, _lines(group, sum(own)))
            lower = max(lower, *(_lines(leaf.sub, width) for leaf, width in zip(under, own, strict=True)))
        else:
            whole = max(whole, _lines(group, own[0]))
    return [(3, upper * _LINE + 4), (4, max(lower, whole - upper) * _LINE + 4)]


def _lines(text: str, room: float) -> int:
    return ceil(sum(1 if char < "\u2000" else 2 for char in text) / max(4.0, room - 1.0)) or 1


def _letter(column: int) -> str:
    return cell_name(1, column).removesuffix("1")


def _sheet_name(title: str) -> str:
    return "".join("·" if char in "[]:*?/\\" else char for char in title)[:31]

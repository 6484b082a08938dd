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


def table_workbook(computed: Computed, filled: Filled, day: date) -> bytes:
    """Return the table as .xlsx: title, unit and dates, headings of two levels, a row a unit, the sum, what it means.

    day: the date that the file says it was made.
    """
    pages = tuple(_page(computed, filled, sheet) for sheet in sheets_of(computed.table))
    return write_book(pages, computed.table.title, f"{filled.layout}　{filled.unit}　{period_words(computed)}", day)


def _page(computed: Computed, filled: Filled, sheet: Sheet) -> Page:
    leaves = sheet.leaves
    wide = max(5.0, min(12.0, (_ROOM - sum(_FIRST)) / len(leaves)))
    columns = (Column(_FIRST[0]), Column(_FIRST[1]), *(Column(wide) for _ in leaves))
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
    notes = [*notes_of(computed, sheet), *filled.notes]
    start = len(rows) + 1
    rows += [(Cell(words, "words"), *blank) for words in (footer_words(filled), *notes, _head_words(filled))]
    merged = [f"A1:{last}1", f"A2:{last}2", "A3:A4", "B3:B4", *_merges(leaves)]
    merged += [f"A{number}:{last}{number}" for number in range(start, len(rows) + 1)]
    room = sum(column.width for column in columns)
    heights = [(3, 30.0), (4, _deep(leaves, wide))]
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


def _deep(leaves: tuple[Leaf, ...], wide: float) -> float:
    """Return the height of the second row of headings: those of one level fill both rows."""
    lines = 1
    for group, under in groups(leaves):
        if under[0].sub:
            lines = max(lines, *(_lines(leaf.sub, wide) for leaf in under), _lines(group, wide * len(under)) - 1)
        else:
            lines = max(lines, _lines(group, wide) - 2)
    return lines * 13.5 + 5


def _lines(text: str, room: float) -> int:
    return ceil(sum(1 if char < "\u2000" else 2 for char in text) / max(4.0, room - 1.0)) or 1


def _letter(column: int) -> str:
    return cell_name(1, column).removesuffix("1")


def _sheet_name(title: str) -> str:
    return "".join("·" if char in "[]:*?/\\" else char for char in title)[:31]

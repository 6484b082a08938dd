"""A table as its reader found it: the type of every cell kept, nothing computed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, TypeAlias

from engine.problems import Mark, Problem

MAX_BYTES = 8 * 1024 * 1024
"""Of the file as it lies on the disk."""
MAX_ROWS = 1000
"""Rows that hold something, the header among them. A site takes about a megabyte while the pages are joined."""
MAX_COLUMNS = 200
MAX_CELL = 2000
"""Characters of one cell."""


class Limits(NamedTuple):
    """How much of one sheet is read: rows that hold something, columns, and characters of a cell."""

    rows: int
    columns: int
    cell: int


class Unusable(NamedTuple):
    """A cell whose content is not a value: a formula, or an error that a program wrote into it."""

    text: str
    formula: bool


Value: TypeAlias = str | int | float | bool | date | datetime | time | timedelta | Unusable | None


class Row(NamedTuple):
    """A row that holds something: its number in the sheet from 1, and its cells from the first column."""

    number: int
    cells: Sequence[Value]


class Table(NamedTuple):
    """The rows of one sheet that hold something."""

    path: str
    sheet: str
    """Name of the sheet; empty for CSV."""
    rows: tuple[Row, ...]
    others: tuple[str, ...] = ()
    """Visible sheets of the workbook that were not read."""

    def mark(self, row: int, column: int = 0) -> Mark:
        """Return the place of a cell, both numbers from 1; of the row if column is 0."""
        return Mark(self.path, row, column, cell=cell_name(row, column, self.sheet))


class Sheet(NamedTuple):
    """One sheet of a workbook."""

    table: Table
    cut: Problem | None = None
    """Why the rows end before those of the sheet do: it is too large."""
    beside: tuple[tuple[str, str], ...] = ()
    """What lies over the cells: the cell of each comment with its text; pictures and text boxes without either."""
    merged: tuple[str, ...] = ()
    """Ranges that were made one cell, such as A1:F1: what stood in the others is gone."""


class Book(NamedTuple):
    """All sheets of a workbook, the hidden ones among them, in their order."""

    sheets: tuple[Sheet, ...]
    first_day: date = date(1899, 12, 30)
    """Day 0 of the numbers that stand for days."""


def serial_day(value: Value, book: Book) -> Value:
    """Return the day that a whole number stands for in a cell for a day, from 2000 to 2099; else the value itself.

    A day is stored as such a number; a program that drops the look of the cell leaves only that.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value // 1:
        return value
    try:
        day = book.first_day + timedelta(days=int(value))
    except OverflowError:
        return value
    return day if 2000 <= day.year < 2100 else value


def serial_clock(value: Value) -> Value:
    """Return the time that a part of a day stands for in a cell for a time of day; else the value itself."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1:
        return value
    seconds = round(value * 86400) % 86400
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60)


def cell_name(row: int, column: int, sheet: str = "") -> str:
    """Return a cell as a spreadsheet names it: 路线!C5; a whole row: 路线!第5行."""
    letters, rest = "", column
    while rest > 0:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(ord("A") + letter) + letters
    named = f"{letters}{row}" if column else f"第{row}行"
    return f"{sheet}!{named}" if sheet else named

"""A table as its reader found it: the type of every cell kept, nothing computed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, TypeAlias

from engine.problems import Mark

MAX_BYTES = 8 * 1024 * 1024
"""Of the file as it lies on the disk."""
MAX_ROWS = 1000
"""Rows that hold something, the header among them. A site takes about a megabyte while the pages are joined."""
MAX_COLUMNS = 200
MAX_CELL = 2000
"""Characters of one cell."""


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


def cell_name(row: int, column: int, sheet: str = "") -> str:
    """Return a cell as a spreadsheet names it: 路线!C5; a whole row: 路线!第5行."""
    letters, rest = "", column
    while rest > 0:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(ord("A") + letter) + letters
    named = f"{letters}{row}" if column else f"第{row}行"
    return f"{sheet}!{named}" if sheet else named

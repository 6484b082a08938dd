"""A bureau's own workbook: its sheets as they look, and values written on one of them; the rest stays as it is."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import openpyxl
from openpyxl.cell.cell import MergedCell
from openpyxl.styles import Alignment
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from engine.problems import Mark, Problem, problem
from engine.workbooks.table import cell_name
from engine.workbooks.writing import clean, dated
from engine.workbooks.xlsx import plain_book


class Grid(NamedTuple):
    """A sheet: the text of every cell that has one, by row and column from 1; merged cells have that of their range."""

    sheet: str
    texts: dict[tuple[int, int], str]
    rows: int
    columns: int


class Put(NamedTuple):
    """A value to write."""

    row: int
    column: int
    value: str | int | float | None
    format: str = ""
    """Of a number, such as 0.00."""


def read_grids(content: bytes, shown: str) -> tuple[list[Grid], list[Problem]]:
    """Return the visible sheets of a workbook, or what is wrong with it."""
    plain, problems = plain_book(content, shown)
    if plain is None:
        return [], problems
    book = _opened(plain)
    return [_grid(sheet) for sheet in book.worksheets if sheet.sheet_state == "visible"], []


def fill_book(
    content: bytes, shown: str, sheet: str, puts: Sequence[Put], below: Sequence[str], day: date
) -> tuple[bytes, list[Problem]]:
    """Return the workbook with the values on the sheet, locked and A4 landscape; or what is wrong with it.

    Formulas that are left on the sheet become empty: it holds values only. below: lines of text under everything;
    day: the date the file says it was made. The cells keep their look.
    """
    plain, problems = plain_book(content, shown)
    if plain is None:
        return b"", problems
    book = _opened(plain)
    if sheet not in book.sheetnames:
        known = "、".join(book.sheetnames)
        return b"", [problem("E866", Mark(shown), text=sheet, reason=f"没有这个工作表，有：{known}")]
    target = book[sheet]
    for put in puts:
        cell = target.cell(put.row, put.column)
        if isinstance(cell, MergedCell):
            name = cell_name(put.row, put.column, sheet)
            problems.append(problem("E866", Mark(shown, cell=name), text=name, reason="在合并的单元格里面，填不进去"))
            continue
        _write(target, put)
    for row in target.iter_rows():
        for cell in row:
            if cell.data_type == "f":
                cell.value = None
    last = target.max_row
    for number, words in enumerate(below, last + 1):
        _write(target, Put(number, 1, words), left=True)
    _set_up(target)
    written = io.BytesIO()
    book.save(written)
    return dated(written.getvalue(), day), problems


def _opened(plain: bytes) -> openpyxl.Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of parts that play no role here
        return openpyxl.load_workbook(io.BytesIO(plain), keep_links=False)


def _grid(sheet: Worksheet) -> Grid:
    texts: dict[tuple[int, int], str] = {}
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value is not None and str(cell.value).strip():
                texts[cell.row, cell.column] = str(cell.value).strip()
    for merged in sheet.merged_cells.ranges:
        text = texts.get((merged.min_row, merged.min_col))
        if text is not None:
            for row, column in merged.cells:
                texts.setdefault((row, column), text)
    rows = max((row for row, _ in texts), default=0)
    return Grid(sheet.title, texts, rows, max((column for _, column in texts), default=0))


def _write(sheet: Worksheet, put: Put, *, left: bool = False) -> None:
    cell = sheet.cell(put.row, put.column)
    if isinstance(put.value, str):
        cell.value = clean(put.value)
        cell.data_type = "s"  # a text that begins with = is no formula
    else:
        cell.value = put.value
    if left:
        return
    if put.format:
        cell.number_format = put.format
    own = cell.alignment
    cell.alignment = Alignment(horizontal="center", vertical=own.vertical or "center", wrap_text=own.wrap_text)


def _set_up(sheet: Worksheet) -> None:
    sheet.page_setup.paperSize, sheet.page_setup.orientation = 9, "landscape"  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.sheet_view.showZeros = True
    sheet.protection.sheet = True

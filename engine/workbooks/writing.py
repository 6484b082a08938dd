"""Workbooks to fill in, written from a plain description: the same description gives the same bytes."""

from __future__ import annotations

import io
import re
import tempfile
import unicodedata
import zipfile
from copy import copy
from datetime import date, datetime
from math import ceil
from typing import Any, Literal, NamedTuple, TypeAlias

import openpyxl
from openpyxl.cell.cell import Cell as XlsxCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from engine.problems import ProblemError, problem

Style: TypeAlias = Literal[
    "title", "words", "header", "section", "label", "short", "banner", "head", "figure", "money",
    "text", "number", "day", "clock",
]  # fmt: skip
"""The last four are filled in by people; the others are locked. banner, head, figure and money are of tables that are
filed: no colour, figures in the middle, money with two decimals."""

OPEN = ("text", "number", "day", "clock")
_FORMATS = {"text": "@", "number": "General", "day": "yyyy-mm-dd", "clock": "hh:mm"}
_LONGEST_LIST = 255
"""Characters of a list that is written into the rule itself; a longer one stands in cells."""
_FIRST_DAY, _END_DAY = 36526, 73051
"""2000-01-01 and 2100-01-01 as numbers."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_END = b"</worksheet>"
"""Of every sheet. openpyxl writes sheets to temporary files first and passes over that one could not be written."""
_MODIFIED = re.compile(rb"(<dcterms:(?:modified|created)[^>]*>)[^<]*(<)")


class Check(NamedTuple):
    """What a cell accepts, and what it says in Chinese to whoever types something else."""

    kind: Literal["list", "number", "whole", "day", "clock"]
    words: tuple[str, ...] = ()
    """Of a list; beside a number or a day, words that may stand there instead."""
    low: float | None = None
    high: float | None = None
    title: str = ""
    message: str = ""
    strict: bool = True
    """False: the list is offered, and anything else may be typed."""


class Cell(NamedTuple):
    """A cell: its value, its look and whether people write in it, and what it accepts."""

    value: str | int | float | date | None = None
    style: Style = "label"
    check: Check | None = None


class Column(NamedTuple):
    """A column: its width in characters, whether it is seen, and what the cells below the last row are."""

    width: float
    hidden: bool = False
    below: Cell | None = None


class Page(NamedTuple):
    """A sheet to be written."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    header: int = 0
    """Number of the header row: it is repeated on every printed page and stays in sight, with what is above it."""
    kept_columns: int = 0
    """Columns that stay in sight."""
    hidden_rows: tuple[int, ...] = ()
    landscape: bool = False
    hidden: bool = False
    least_height: float = 18
    """Of a row, in points."""
    last_open: int = 0
    """Number of the last row that may be filled in below the rows."""
    header_from: int = 0
    """First row of a header of several rows; 0: it has one."""
    merged: tuple[str, ...] = ()
    """Ranges that are one cell, such as A1:F1."""
    heights: tuple[tuple[int, float], ...] = ()
    """Rows whose height in points is not that of their texts."""


def write_book(pages: tuple[Page, ...], title: str, footer: str, day: date) -> bytes:
    """Return an .xlsx workbook of the pages: A4, fit to the width, locked but for the cells that people fill in.

    Texts are never formulas. day: the date the file says it was made; title and footer: its property and the words at
    the foot of every printed page. The last page has to be the hidden one: long lists are added to it.
    """
    book = openpyxl.Workbook()
    book.remove(book.active)
    styles = _Styles()
    lists = _Lists(pages[-1].title, len(pages[-1].columns) + 1)
    for page in pages:
        sheet = book.create_sheet(page.title)
        _fill(sheet, page, styles, lists)
        _set_up(sheet, page, footer)
    lists.write(book[pages[-1].title])
    properties = book.properties
    properties.title, properties.creator = clean(title), "春风"
    target = io.BytesIO()
    book.save(target)
    return dated(target.getvalue(), day)


_THIN = Side(style="thin", color="FF999999")
_GRID = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_LINE = Side(style="thin", color="FF000000")
_BLACK = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_MIDDLE = Alignment(horizontal="center", vertical="center", wrap_text=True)
_LOOKS: dict[str, dict[str, Any]] = {
    "title": {"font": Font(name="宋体", size=16, bold=True)},
    "words": {"font": Font(name="宋体", size=10)},
    "header": {
        "font": Font(name="宋体", size=10, bold=True), "border": _GRID,
        "fill": PatternFill("solid", fgColor="FFE3E8EE"),
        "alignment": Alignment(horizontal="center", vertical="center", wrap_text=True),
    },
    "section": {"font": Font(name="宋体", size=11, bold=True), "fill": PatternFill("solid", fgColor="FFF2F4F7")},
    "label": {
        "font": Font(name="宋体", size=10), "border": _GRID,
        "alignment": Alignment(vertical="center", wrap_text=True),
    },
    "short": {
        "font": Font(name="宋体", size=10), "border": _GRID,
        "alignment": Alignment(horizontal="center", vertical="center", wrap_text=True),
    },
    "banner": {"font": Font(name="宋体", size=16, bold=True), "alignment": _MIDDLE},
    "head": {"font": Font(name="宋体", size=10, bold=True), "border": _BLACK, "alignment": _MIDDLE},
    "figure": {"font": Font(name="宋体", size=10), "border": _BLACK, "alignment": _MIDDLE},
    "money": {
        "font": Font(name="宋体", size=10), "border": _BLACK, "alignment": _MIDDLE, "number_format": "0.00",
    },
}  # fmt: skip


def _look(name: str) -> dict[str, Any]:
    if name not in OPEN:
        return _LOOKS[name]
    side = "left" if name == "text" else "center"
    return {
        "font": Font(name="宋体", size=11), "border": _GRID, "fill": PatternFill("solid", fgColor="FFFFFBE6"),
        "alignment": Alignment(horizontal=side, vertical="center", wrap_text=True),
        "protection": Protection(locked=False), "number_format": _FORMATS[name],
    }  # fmt: skip


class _Styles:
    """The looks of cells in one workbook; each is worked out once, as a sheet may have half a million cells."""

    def __init__(self) -> None:
        self.looks = {name: _look(name) for name in (*_LOOKS, *OPEN)}
        self._made: dict[str, Any] = {}

    def put_on(self, target: XlsxCell, style: str) -> None:
        """Give a cell its look."""
        if style in self._made:
            target._style = copy(self._made[style])
            return
        for name, value in self.looks[style].items():
            setattr(target, name, value)
        self._made[style] = copy(target._style)


def _fill(sheet: Worksheet, page: Page, styles: _Styles, lists: _Lists) -> None:
    checks: dict[tuple[Check, int], list[str]] = {}
    for number, cells in enumerate(page.rows, 1):
        sheet.row_dimensions[number].height = dict(page.heights).get(number) or _height(page, cells)
        sheet.row_dimensions[number].hidden = number in page.hidden_rows
        for place, cell in enumerate(cells, 1):
            if cell.value is None and cell.style in ("title", "words", "header"):
                continue  # the text before it goes on over it
            _write(sheet.cell(number, place), cell, styles)
            if cell.check is not None:
                own = 0 if cell.check.kind == "list" else number  # a rule that names its cell is of that cell alone
                checks.setdefault((cell.check, own), []).append(f"{get_column_letter(place)}{number}")
    for each in page.merged:
        sheet.merge_cells(each)
    _set_columns(sheet, page, styles, checks)
    for (check, _), ranges in checks.items():
        sheet.add_data_validation(_validation(check, ranges, lists))


def _set_columns(sheet: Worksheet, page: Page, styles: _Styles, checks: dict[tuple[Check, int], list[str]]) -> None:
    for place, column in enumerate(page.columns, 1):
        letter = get_column_letter(place)
        dimension = sheet.column_dimensions[letter]
        dimension.width, dimension.hidden = column.width, column.hidden
        if column.below is None:
            continue
        for name, value in styles.looks[column.below.style].items():
            if name not in ("border", "fill"):
                setattr(dimension, name, value)
        if column.below.check is not None:
            first = len(page.rows) + 1
            ranges = f"{letter}{first}:{letter}{page.last_open}"
            checks.setdefault((column.below.check, -first), []).append(ranges)


def _height(page: Page, cells: tuple[Cell, ...]) -> float:
    """Return the height that the texts of a row need: no program works it out for a file that it has not made."""
    first = cells[0].style
    if first in ("title", "words", "section", "banner"):
        return {"title": 30.0, "words": 18.0, "section": 20.0, "banner": 30.0}[first]
    lines = 1
    for cell, column in zip(cells, page.columns, strict=False):
        if isinstance(cell.value, str) and not column.hidden:
            room = max(4.0, column.width - 1.5)
            lines = max(lines, sum(ceil(max(1, _width(part)) / room) for part in cell.value.split("\n")))
    return max(page.least_height, lines * 13.5 + 5)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text)


def _write(target: XlsxCell, cell: Cell, styles: _Styles) -> None:
    if isinstance(cell.value, str):
        target.value = clean(cell.value)
        target.data_type = "s"  # a text that begins with = is no formula
    else:
        target.value = cell.value
    styles.put_on(target, cell.style)


def clean(text: str) -> str:
    """Return a text as the format can hold it."""
    return _LOOKS_ESCAPED.sub("_x005F_", _ILLEGAL.sub("\ufffd", text))


def _validation(check: Check, ranges: list[str], lists: _Lists) -> DataValidation:
    cell = ranges[0].split(":")[0]
    kind, formula = ("list", lists.formula(check.words)) if check.kind == "list" else ("custom", _rule(check, cell))
    found = DataValidation(
        type=kind, formula1=formula, allow_blank=True, showErrorMessage=check.strict, sqref=" ".join(ranges)
    )  # all at once: one by one each would be compared with all before it
    found.errorTitle, found.error, found.errorStyle = check.title[:32], check.message[:255], "stop"
    return found


def _rule(check: Check, cell: str) -> str:
    held = {"day": [f"{cell}>={_FIRST_DAY}", f"{cell}<{_END_DAY}"], "clock": [f"{cell}>=0", f"{cell}<1"]}
    parts = [f"ISNUMBER({cell})", *held.get(check.kind, [])]
    parts += [f"{cell}=INT({cell})"] if check.kind == "whole" else []
    parts += [f"{cell}>={check.low}"] if check.low is not None else []
    parts += [f"{cell}<={check.high}"] if check.high is not None else []
    number = f"AND({','.join(parts)})"  # a text beside AND would be compared with numbers: IF asks first
    words = ",".join(f'{cell}="{word}"' for word in check.words) or "FALSE"
    return f"IF(ISNUMBER({cell}),{number},OR({words}))"


class _Lists:
    """Lists too long for a rule, or with a comma, in columns of the hidden sheet."""

    def __init__(self, title: str, first: int) -> None:
        self._title, self._first = title, first
        self._lists: dict[tuple[str, ...], str] = {}

    def formula(self, words: tuple[str, ...]) -> str:
        written = ",".join(words)
        if len(written) <= _LONGEST_LIST and written.count(",") == len(words) - 1 and '"' not in written:
            return f'"{written}"'
        if words not in self._lists:
            letter = get_column_letter(self._first + len(self._lists))
            self._lists[words] = f"'{self._title}'!${letter}$1:${letter}${len(words)}"
        return self._lists[words]

    def write(self, sheet: Worksheet) -> None:
        for column, words in enumerate(self._lists, self._first):
            for row, word in enumerate(words, 1):
                target = sheet.cell(row, column)
                target.value, target.data_type = clean(word), "s"


def _set_up(sheet: Worksheet, page: Page, footer: str) -> None:
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.orientation = "landscape" if page.landscape else "portrait"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    margins = sheet.page_margins
    margins.left = margins.right = 0.5
    margins.top, margins.bottom, margins.header, margins.footer = 0.5, 0.7, 0.3, 0.3
    sheet.print_options.horizontalCentered = True
    sheet.oddFooter.left.text = clean(footer).replace("&", "&&")
    sheet.oddFooter.right.text = "第 &P 页，共 &N 页"
    for part in (sheet.oddFooter.left, sheet.oddFooter.right):
        part.size = 9
    if page.header:
        sheet.print_title_rows = f"{page.header_from or page.header}:{page.header}"
        sheet.freeze_panes = f"{get_column_letter(page.kept_columns + 1)}{page.header + 1}"
    protection = sheet.protection
    protection.sheet = True
    protection.sort = protection.autoFilter = protection.formatColumns = protection.formatRows = False  # allowed
    if page.hidden:
        sheet.sheet_state = "hidden"


def dated(content: bytes, day: date) -> bytes:
    """Return the archive with one date in its properties and for all its parts: the clock has no place in it."""
    told = f"{datetime(day.year, day.month, day.day).isoformat()}Z".encode()
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
        for part in old.infolist():
            data = old.read(part)
            if part.filename.startswith("xl/worksheets/") and not data.endswith(_END):
                raise ProblemError(
                    [problem("E901", path=tempfile.gettempdir(), reason="临时文件没有写完，磁盘可能已满")]
                )
            if part.filename == "docProps/core.xml":
                data = _MODIFIED.sub(rb"\g<1>" + told + rb"\g<2>", data)
            info = zipfile.ZipInfo(part.filename, _EPOCH)
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o600 << 16
            new.writestr(info, data)
    return target.getvalue()

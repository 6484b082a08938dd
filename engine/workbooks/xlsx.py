"""An .xlsx workbook as tables: its size bounded before anything is parsed, nothing computed."""

from __future__ import annotations

import io
import posixpath
import re
import warnings
import zipfile
from collections.abc import Callable, Iterable
from itertools import pairwise
from math import isfinite
from typing import TypeVar

import openpyxl
from openpyxl.comments.comment_sheet import CommentSheet
from openpyxl.xml.functions import fromstring

from engine.problems import Mark, Problem, ProblemError, problem
from engine.workbooks.table import (
    MAX_CELL,
    MAX_COLUMNS,
    MAX_ROWS,
    Book,
    Limits,
    Row,
    Sheet,
    Table,
    Unusable,
    Value,
    cell_name,
)

MAX_UNPACKED = 32 * 1024 * 1024
"""Bytes of all parts together: a route of 1,000 sites in 40 columns has some 4 MiB."""
MAX_RATIO = 150
"""Unpacked to packed bytes; the sheets of people stay under 40."""
MAX_PARTS = 2000
PIECE = 64 * 1024
LAST_ROW = 1_048_576
"""Of any sheet: a number beyond it in the file is false."""


MAX_SHEETS = 60
MAX_WALKED = 2_500_000
"""Rows of all sheets together, the empty ones between others among them: some three seconds."""
MAX_PARSED = 8 * 1024 * 1024
"""Bytes of XML in a workbook of answers: a sheet of 500 rows in every table has some 3 MiB."""
MAX_TAGS = 150_000
"""Of one sheet: a table of 500 full rows in 24 columns has some 80,000."""
MAX_ALL_TAGS = 300_000
MAX_OTHER_TAGS = 20_000
"""Of styles and the list of sheets, which take longest; shared texts are counted as sheets are."""
MAX_MERGED = 20_000
"""Cells inside merged ranges: each becomes an object."""
_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\b[^>]*?\bref=["']([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})["']""")
_MACROS = "vbaproject.bin"
_ROW = re.compile(rb"""<row [^>]*?\br=["'](\d{1,9})\d*["']""")
_LINK = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
_ATTRIBUTE = {key: re.compile(rb"""\b%s\s*=\s*["']([^"']*)["']""" % key.encode()) for key in ("Type", "Target")}
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
T = TypeVar("T")


def read_xlsx(content: bytes, shown: str, most: int | None = None) -> tuple[Table | None, list[Problem]]:
    """Return the first visible sheet of the workbook in the bytes, or None and what is wrong with it.

    What it unpacks to is bounded before anything is parsed: by the directory of the archive, then, since that may lie,
    piece by piece. Formulas are not computed.
    """
    refused = _archive_problem(content, Mark(shown))
    if refused:
        return None, [refused]
    return _opened(content, shown, MAX_UNPACKED, lambda plain, path: _first_sheet(plain, path, most))


def read_book(content: bytes, shown: str, limits: Limits) -> tuple[Book | None, list[Problem]]:
    """Return every sheet of the workbook in the bytes, or None and what is wrong with it; bounded as read_xlsx is.

    A workbook with macros is refused. A sheet that passes a limit is cut there and says so: it may be somebody's own.
    """
    mark = Mark(shown)
    refused = _archive_problem(content, mark)
    if refused:
        return None, [refused]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
    if any(part.filename.lower().endswith(_MACROS) for part in parts):
        return None, [problem("E119", mark, reason="里面有宏（.xlsm），程序不读带宏的文件")]
    parsed = sum(part.file_size for part in parts if _is_parsed(part.filename))
    if parsed > MAX_PARSED:
        return None, [problem("E120", mark, what="解压后字节数", size=parsed, limit=MAX_PARSED)]
    return _opened(content, shown, MAX_PARSED, lambda plain, path: _all_sheets(plain, path, limits), _is_parsed)


def plain_book(content: bytes, shown: str) -> tuple[bytes | None, list[Problem]]:
    """Return a workbook unpacked, every part of it, to be written on; or None and why it is not to be opened.

    Bounded as read_book is; sheets whose merged ranges would take more than MAX_MERGED cells are refused.
    """
    book, problems = read_book(content, shown, Limits(MAX_ROWS, MAX_COLUMNS, MAX_CELL))
    cut = [sheet.cut for sheet in book.sheets if sheet.cut] if book else []
    if book is None or cut:
        return None, problems + cut
    try:
        plain = _unpacked(content, Mark(shown), MAX_UNPACKED, bool)
    except ProblemError as error:
        return None, list(error.problems)
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        sheets = [archive.read(name) for name in archive.namelist() if "/worksheets/" in name]
    if any(_merged(sheet) is None for sheet in sheets):
        return None, [problem("E120", Mark(shown), what="合并的单元格数", size=f"超过 {MAX_MERGED}", limit=MAX_MERGED)]
    return plain, []


def _merged(sheet: bytes) -> int | None:
    """Return how many cells the merged ranges of a sheet take, None if too many or not written as a program does."""
    ranges = _MERGED.findall(sheet)
    if len(ranges) != len(re.findall(rb"<(?:\w+:)?mergeCell\b(?!s)", sheet)):
        return None
    total = 0
    for first, top, last, bottom in ranges:
        wide = _column(last) - _column(first) + 1
        total += wide * (int(bottom) - int(top) + 1)
        if wide < 1 or total > MAX_MERGED or int(bottom) < int(top):
            return None
    return total


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _is_parsed(name: str) -> bool:
    """Return whether a part of a workbook is read at all; pictures and drawings are not."""
    return name.endswith((".xml", ".rels")) and "/drawings/" not in name


def _opened(
    content: bytes,
    shown: str,
    room: int,
    read: Callable[[bytes, str], tuple[T | None, list[Problem]]],
    wanted: Callable[[str], bool] = bool,
) -> tuple[T | None, list[Problem]]:
    """Return what read makes of the unpacked archive, whatever a parser on hostile bytes raises."""
    if not openpyxl.DEFUSEDXML:
        return None, [problem("E119", Mark(shown), reason="没有安装 defusedxml，不安全", hint="请重新安装本程序")]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and validations that play no part here
            return read(_unpacked(content, Mark(shown), room, wanted), shown)
    except ProblemError as error:
        return None, list(error.problems)
    except Exception as error:  # KeyError, BadZipFile, ParseError …
        reason = f"文件已损坏，或不是表格软件写成的（{type(error.__cause__ or error).__name__}）"
        return None, [problem("E119", Mark(shown), reason=reason)]


def _archive_problem(content: bytes, mark: Mark) -> Problem | None:
    """Return why the archive is not to be unpacked, None if it may be."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeDecodeError) as error:
        return problem("E119", mark, reason=f"文件已损坏（{type(error).__name__}）")
    unpacked, packed = sum(p.file_size for p in parts), sum(p.compress_size for p in parts)
    if len(parts) > MAX_PARTS:
        return problem("E120", mark, what="内部文件数", size=len(parts), limit=MAX_PARTS)
    if unpacked > MAX_UNPACKED:
        return problem("E120", mark, what="解压后字节数", size=unpacked, limit=MAX_UNPACKED)
    if unpacked > 1024 * 1024 and unpacked > MAX_RATIO * max(1, min(packed, len(content))):
        return problem("E120", mark, what="压缩比", size=unpacked // max(1, packed), limit=MAX_RATIO)
    if any(p.flag_bits & 1 for p in parts):
        return problem("E119", mark, reason="设了密码")
    if "xl/workbook.xml" not in {p.filename for p in parts}:
        return problem("E119", mark, reason="内容不是 .xlsx 工作簿")
    return None


def _unpacked(content: bytes, mark: Mark, most: int, wanted: Callable[[str], bool]) -> bytes:
    """Return the wanted parts of the archive without compression. Raises ProblemError as soon as it grows too large.

    A part that is read whole is inflated whole, whatever size is declared; read in pieces it is not.
    """
    room, plain = most, io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as packed, zipfile.ZipFile(plain, "w", zipfile.ZIP_STORED) as archive:
        for part in filter(lambda part: wanted(part.filename), packed.infolist()):
            with packed.open(part) as source, archive.open(part.filename, "w") as target:
                while piece := source.read(PIECE):
                    room -= len(piece)
                    if room < 0:
                        found = problem("E120", mark, what="解压后字节数", size=f"超过 {most}", limit=most)
                        raise ProblemError([found])
                    target.write(piece)
    return plain.getvalue()


def _first_sheet(content: bytes, shown: str, most: int | None) -> tuple[Table | None, list[Problem]]:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
    try:
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        if not sheets:
            return None, [problem("E119", Mark(shown), reason="没有可见的工作表")]
        first = sheets[0]
        first.reset_dimensions()  # the size that the file declares may be false
        limits = Limits(most or MAX_ROWS, MAX_COLUMNS, MAX_CELL)
        rows = tuple(_rows(first.iter_rows(min_row=1, max_row=LAST_ROW), shown, first.title, limits))
        table = Table(shown, first.title, rows, tuple(sheet.title for sheet in sheets[1:]))
        return (table, []) if rows else (None, [problem("E113", Mark(shown))])
    finally:
        book.close()


def _cells_only(content: bytes, mark: Mark) -> bytes:
    """Return the archive with sheets that end behind their cells: rules and looks play no part, and some programs
    write them as openpyxl does not expect. Raises ProblemError if there is more XML than can be parsed in time.
    """
    total, plain = 0, io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(plain, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            part = old.read(name)
            is_sheet = "/worksheets/" in name and name.endswith(".xml")
            end, tail = part.rfind(b"</sheetData>"), part.rfind(b"</worksheet>")
            if is_sheet and 0 <= end < tail:
                part = part[: end + len(b"</sheetData>")] + part[tail:]
            tags = part.count(b"<")
            total += tags
            limit = MAX_TAGS if is_sheet or "sharedstrings" in name.lower() else MAX_OTHER_TAGS
            if tags > limit or total > MAX_ALL_TAGS:
                what = f"内容（{name} 的标记数）" if tags > limit else "内容（各部分的标记数）"
                size, most = (tags, limit) if tags > limit else (total, MAX_ALL_TAGS)
                raise ProblemError([problem("E120", mark, what=what, size=size, limit=most)])
            rows = [int(number) for number in _ROW.findall(part)] if is_sheet else []
            if any(after <= before for before, after in pairwise([0, *rows])) or max(rows, default=0) > LAST_ROW:
                raise ProblemError([problem("E119", mark, reason=f"{name} 里的行号不对")])
            new.writestr(name, part)
    return plain.getvalue()


def _all_sheets(content: bytes, shown: str, limits: Limits) -> tuple[Book | None, list[Problem]]:
    whole = zipfile.ZipFile(io.BytesIO(content))
    content = _cells_only(content, Mark(shown))
    plain = zipfile.ZipFile(io.BytesIO(content))
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
    try:
        if len(book.worksheets) > MAX_SHEETS:
            what = problem("E120", Mark(shown), what="工作表数", size=len(book.worksheets), limit=MAX_SHEETS)
            return None, [what]
        walked = _Walked(Mark(shown))
        sheets = []
        for sheet in book.worksheets:
            sheet.reset_dimensions()
            rows: list[Row] = []
            cut = None
            try:
                for row in _rows(walked.of(sheet.iter_rows(min_row=1, max_row=LAST_ROW)), shown, sheet.title, limits):
                    rows.append(row)
            except _Endless:
                raise
            except ProblemError as error:
                cut = error.problems[0]
            path = str(getattr(sheet, "_worksheet_path", ""))
            ranges = _MERGED.findall(whole.read(path.lstrip("/")))
            merged = tuple((a + b + b":" + c + d).decode() for a, b, c, d in ranges)
            sheets.append(Sheet(Table(shown, sheet.title, tuple(rows)), cut, _beside(plain, path), merged))
        return Book(tuple(sheets), book.epoch.date()), []
    finally:
        book.close()
        plain.close()
        whole.close()


def _beside(archive: zipfile.ZipFile, sheet: str) -> tuple[tuple[str, str], ...]:
    """Return what lies over the cells of a sheet, by what the part of the sheet refers to."""
    folder, _, name = sheet.lstrip("/").rpartition("/")
    links = f"{folder}/_rels/{name}.rels"
    found: list[tuple[str, str]] = []
    for link in _LINK.findall(archive.read(links)) if links in archive.namelist() else ():
        kind, target = (_ATTRIBUTE[key].search(link) for key in ("Type", "Target"))
        if kind is None or target is None:
            continue
        if kind[1].endswith(b"/drawing"):
            found.append(("", ""))
        elif kind[1].endswith(b"/comments"):
            part = posixpath.normpath(posixpath.join("/", folder, target[1].decode())).lstrip("/")
            comments = CommentSheet.from_tree(fromstring(archive.read(part)))
            found += [(cell, str(comment.text).strip()) for cell, comment in comments.comments]
    return tuple(found)


class _Endless(ProblemError):
    pass


class _Walked:
    """Counts the rows of all sheets together: a few bytes can claim a million of them each."""

    def __init__(self, mark: Mark) -> None:
        self._mark, self._left = mark, MAX_WALKED

    def of(self, rows: Iterable[T]) -> Iterable[T]:
        """Yield the rows. Raises ProblemError beyond the bound."""
        for row in rows:
            self._left -= 1
            if self._left < 0:
                what = problem("E120", self._mark, what="行数", size=f"超过 {MAX_WALKED}", limit=MAX_WALKED)
                raise _Endless([what])
            yield row


def _rows(found: Iterable[tuple[object, ...]], shown: str, sheet: str, limits: Limits) -> Iterable[Row]:
    """Yield the rows that hold something. Raises ProblemError at the first that passes a bound."""
    kept = 0
    for number, cells in enumerate(found, 1):
        if not cells:
            continue
        values = [_value(cell) for cell in cells]
        while values and values[-1] is None:
            values.pop()
        if not values:
            continue
        kept += 1
        if kept > limits.rows:
            mark = Mark(shown, number, cell=cell_name(number, 0, sheet))
            raise ProblemError([problem("E120", mark, what="行数", size=f"超过 {limits.rows}", limit=limits.rows)])
        if len(values) > limits.columns:
            mark = Mark(shown, number, len(values), cell=cell_name(number, len(values), sheet))
            raise ProblemError([problem("E120", mark, what="栏数", size=len(values), limit=limits.columns)])
        for column, value in enumerate(values, 1):
            if isinstance(value, str) and len(value) > limits.cell:
                mark = Mark(shown, number, column, cell=cell_name(number, column, sheet))
                raise ProblemError([problem("E120", mark, what="单元格字数", size=len(value), limit=limits.cell)])
        yield Row(number, tuple(values))


def _value(cell: object) -> Value:
    kind, value = getattr(cell, "data_type", "n"), getattr(cell, "value", None)
    if kind in ("f", "e") or (isinstance(value, float) and not isfinite(value)):
        return Unusable(str(value)[:100], kind == "f")
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, str) and "_x" in value:  # a character that XML cannot hold, as the format writes it
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)
    return value  # type: ignore[no-any-return]  # openpyxl is not typed: text, numbers, true and false, days, times

"""An .xlsx workbook as a table. The only importer of openpyxl."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterable

import openpyxl

from engine.problems import Mark, Problem, ProblemError, problem
from engine.workbooks.table import MAX_CELL, MAX_COLUMNS, MAX_ROWS, Row, Table, Unusable, Value, cell_name

MAX_UNPACKED = 32 * 1024 * 1024
"""Bytes of all parts together: a route of 1,000 sites in 40 columns has some 4 MiB."""
MAX_RATIO = 150
"""Unpacked to packed bytes; the sheets of people stay under 40."""
MAX_PARTS = 2000
PIECE = 64 * 1024
LAST_ROW = 1_048_576
"""Of any sheet: a number beyond it in the file is false."""


def read_xlsx(content: bytes, shown: str) -> tuple[Table | None, list[Problem]]:
    """Return the first visible sheet of the workbook in the bytes, or None and what is wrong with it.

    What it unpacks to is bounded before anything is parsed: by the directory of the archive, then, since that may lie,
    piece by piece. Formulas are not computed.
    """
    refused = _archive_problem(content, Mark(shown))
    if refused:
        return None, [refused]
    if not openpyxl.DEFUSEDXML:
        return None, [problem("E119", Mark(shown), reason="没有安装 defusedxml，不安全", hint="请重新安装本程序")]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and validations that play no part here
            return _first_sheet(_unpacked(content, Mark(shown)), shown)
    except ProblemError as error:
        return None, list(error.problems)
    except Exception as error:  # a parser on hostile bytes raises anything: KeyError, BadZipFile, ParseError …
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


def _unpacked(content: bytes, mark: Mark) -> bytes:
    """Return the archive without compression. Raises ProblemError as soon as it grows too large.

    A part that is read whole is inflated whole, whatever size is declared; read in pieces it is not.
    """
    room, plain = MAX_UNPACKED, io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as packed, zipfile.ZipFile(plain, "w", zipfile.ZIP_STORED) as archive:
        for part in packed.infolist():
            with packed.open(part) as source, archive.open(part.filename, "w") as target:
                while piece := source.read(PIECE):
                    room -= len(piece)
                    if room < 0:
                        found = problem(
                            "E120", mark, what="解压后字节数", size=f"超过 {MAX_UNPACKED}", limit=MAX_UNPACKED
                        )
                        raise ProblemError([found])
                    target.write(piece)
    return plain.getvalue()


def _first_sheet(content: bytes, shown: str) -> tuple[Table | None, list[Problem]]:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
    try:
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        if not sheets:
            return None, [problem("E119", Mark(shown), reason="没有可见的工作表")]
        first = sheets[0]
        first.reset_dimensions()  # the size that the file declares may be false
        rows = tuple(_rows(first.iter_rows(min_row=1, max_row=LAST_ROW), shown, first.title))
        table = Table(shown, first.title, rows, tuple(sheet.title for sheet in sheets[1:]))
        return (table, []) if rows else (None, [problem("E113", Mark(shown))])
    finally:
        book.close()


def _rows(found: Iterable[tuple[object, ...]], shown: str, sheet: str) -> Iterable[Row]:
    """Yield the rows that hold something. Raises ProblemError at the first that passes a bound."""
    kept = 0
    for number, cells in enumerate(found, 1):
        values = [_value(cell) for cell in cells]
        while values and values[-1] is None:
            values.pop()
        if not values:
            continue
        kept += 1
        if kept > MAX_ROWS:
            mark = Mark(shown, number, cell=cell_name(number, 0, sheet))
            raise ProblemError([problem("E120", mark, what="行数", size=f"超过 {MAX_ROWS}", limit=MAX_ROWS)])
        if len(values) > MAX_COLUMNS:
            mark = Mark(shown, number, len(values), cell=cell_name(number, len(values), sheet))
            raise ProblemError([problem("E120", mark, what="栏数", size=len(values), limit=MAX_COLUMNS)])
        for column, value in enumerate(values, 1):
            if isinstance(value, str) and len(value) > MAX_CELL:
                mark = Mark(shown, number, column, cell=cell_name(number, column, sheet))
                raise ProblemError([problem("E120", mark, what="单元格字数", size=len(value), limit=MAX_CELL)])
        yield Row(number, tuple(values))


def _value(cell: object) -> Value:
    kind, value = getattr(cell, "data_type", "n"), getattr(cell, "value", None)
    if kind in ("f", "e"):
        return Unusable(str(value)[:100], kind == "f")
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    return value  # type: ignore[no-any-return]  # openpyxl is not typed: text, numbers, true and false, days, times

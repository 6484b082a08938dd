"""A table file opened: its size bounded first, then read by what it is and not by what it is called."""

from __future__ import annotations

from pathlib import Path
from stat import S_ISREG

from engine.problems import Mark, Problem, problem, system_reason
from engine.workbooks.delimited import read_delimited
from engine.workbooks.table import MAX_BYTES, Table

_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"


def read_table(path: Path, rows: int | None = None) -> tuple[Table | None, list[Problem]]:
    """Return the first sheet of an .xlsx workbook, or a CSV file, at most 8 MiB; or None and what is wrong.

    rows: how many that hold something it may have; MAX_ROWS if None.

    Formulas are not computed: their cells are Unusable. CSV is UTF-8 with or without byte order mark, or GB18030.
    """
    content, problems = _bytes(path)
    if problems:
        return None, problems
    shown = str(path)
    if content.startswith(_OLD_OFFICE):
        return None, [problem("E119", Mark(shown), reason="这是旧版 .xls，或设了打开密码")]
    if content.startswith(_ZIP):
        from engine.workbooks.xlsx import read_xlsx  # openpyxl is loaded when it is needed

        return read_xlsx(content, shown, rows)
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        return None, [problem("E119", Mark(shown), reason="内容不是 .xlsx 工作簿")]
    return read_delimited(content, shown, rows)


def _bytes(path: Path) -> tuple[bytes, list[Problem]]:
    mark = Mark(str(path))
    try:
        status = path.stat()
        if not S_ISREG(status.st_mode):  # reading a pipe could wait for ever
            return b"", [problem("E101", mark, reason="这不是普通文件")]
        if status.st_size > MAX_BYTES:
            return b"", [problem("E102", mark, size=status.st_size, limit=MAX_BYTES)]
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        return b"", [problem("E101", mark, reason=system_reason(error))]
    if len(content) > MAX_BYTES:
        return b"", [problem("E102", mark, size=len(content), limit=MAX_BYTES)]
    return content, [] if content.strip() else [problem("E113", mark)]

"""The checklist as a workbook to fill in with WPS, Excel or LibreOffice, and what comes back."""

from __future__ import annotations

import io
import zipfile

from engine.answering.forms import fill
from engine.answering.head import Opener
from engine.model.checklist import Checklist
from engine.model.sheet import Source
from engine.problems import Mark, Problem, problem
from engine.source import Written
from engine.workbooks.table import MAX_BYTES as _MAX_BYTES
from engine.workbooks.table import MAX_COLUMNS, MAX_ROWS, Limits

SUFFIXES = (".xlsx",)
MAX_BYTES = _MAX_BYTES
LIMITS = Limits(MAX_ROWS, MAX_COLUMNS, 32_767)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_OPEN_DOCUMENT = b"mimetypeapplication/vnd.oasis.opendocument"


def write_checklist(checklist: Checklist) -> bytes:
    """Return the blank checklist as an .xlsx workbook; the cells to fill in are open, all others locked."""
    from engine.answering.workbook_pages import workbook  # openpyxl is loaded when it is needed

    return workbook(checklist)


def recognises(content: bytes) -> bool:
    """Return whether the content is a workbook, one that is not read among them: it is told what to do."""
    if content.startswith(_OLE):
        return True
    if not content.startswith(_ZIP):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return True  # cut off or damaged: of all formats only a workbook is an archive
    return _OPEN_DOCUMENT in content[:200] or any(name.startswith("xl/") for name in names)


def read_sheet(content: bytes, shown: str, source: Source, open_head: Opener) -> tuple[Written | None, list[Problem]]:
    """Return the answers in a workbook that write_checklist() made and people filled in, and every mistake in it.

    Formulas are not computed. Old .xls, encrypted, macro and OpenDocument workbooks are refused.
    """
    from engine.answering.workbook_fields import fields_in, head_in
    from engine.workbooks.xlsx import read_book

    todo = "请用 WPS 或 Excel 打开，另存为 .xlsx（不设密码）后再试"
    if content.startswith(_OLE):
        return None, [problem("E642", Mark(shown), reason="这是旧版 .xls，或设了打开密码", todo=todo)]
    if _OPEN_DOCUMENT in content[:200]:
        return None, [problem("E642", Mark(shown), reason="这是 OpenDocument 表格（.ods）", todo=todo)]
    book, problems = read_book(content, shown, LIMITS)
    if book is None:
        return None, problems
    head = head_in(book)
    if not head:
        todo = "空白表用 checklist --as xlsx 生成；只复制出其中一张工作表的，请把答案抄回原来的工作簿"
        return None, [problem("E642", Mark(shown), reason="工作簿里没有春风答卷的隐藏内容", todo=todo)]
    checklist, problems = open_head(head, Mark(shown))
    if checklist is None:
        return None, problems
    given, problems = fields_in(book, checklist, shown)
    document, found = fill(checklist, given, shown, source)
    return document, [*problems, *found]

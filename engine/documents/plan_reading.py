"""The text of a plan as people have it: .txt, .docx, .pdf. The file may come from anybody: bounded, then read."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from engine.documents.pdf_reading import UnreadableError, shown
from engine.problems import Mark, Problem, problem
from engine.reading import is_ordinary, read_bytes
from engine.source import decode

MAX_PLAN_BYTES = 20 * 1024 * 1024
"""Of a plan: a scanned one of thirty pages has some ten megabytes, and is refused for having no text."""
MAX_PAGES = 200
MAX_DRAWN = 4 * 1024 * 1024
"""Bytes that draw the pages of a PDF, some twenty seconds: a full page of text has some twenty thousand."""
MAX_PARTS = 2000
MAX_UNPACKED = 32 * 1024 * 1024
MAX_TAGS = 400_000
"""Of all parts of a .docx: a plan of thirty pages in which every word is a run of its own has some 100,000."""
MAX_PARAGRAPHS = 5000
MAX_STYLES = 12
"""Each going on from the next."""
_LEAST_ON_A_PAGE = 30
"""Characters: a page with fewer on the average was scanned."""
_PASTE = "请在 WPS 或 Word 里打开，全选、复制，粘贴到记事本，存成 .txt（编码选 UTF-8）"


def read_plan(path: Path) -> tuple[str, list[Problem]]:
    """Return the text of a plan, one paragraph or line of a page a line, a form feed behind each page, or why not.

    By the ending of the name: .txt in UTF-8, .docx (needs the extra “office”), .pdf with text in it. A scanned PDF, an
    old .doc and headings that Word numbers by itself are refused with what to do.
    """
    name = str(path)
    kind = path.suffix.lower()
    if kind not in _READERS:
        todo = _PASTE if kind in (".doc", ".wps", ".rtf", ".odt") else "请用 .txt、.docx 或 .pdf"
        return _wrong(name, f"不能读取 {kind or '没有后缀'} 文件", todo)
    content, problems = read_bytes(path, name, MAX_PLAN_BYTES)
    return ("", problems) if problems else _READERS[kind](content, name)


def _wrong(name: str, reason: str, todo: str) -> tuple[str, list[Problem]]:
    return "", [problem("E933", Mark(name), path=Path(name).name, reason=reason, todo=todo)]


def _pdf(content: bytes, name: str) -> tuple[str, list[Problem]]:
    try:
        read = shown(content, MAX_PAGES, MAX_DRAWN)
    except UnreadableError as error:
        return _wrong(name, str(error), _PASTE)
    if read.total > MAX_PAGES:
        return _wrong(name, f"有 {read.total} 页，最多 {MAX_PAGES} 页", "请只留下方案的几页")
    text = "".join(f"{page.text}\f" for page in read.pages)
    if sum(not c.isspace() for c in text) < _LEAST_ON_A_PAGE * max(1, read.total):
        todo = "请向发文单位要 Word 版，或用带文字识别的扫描软件转成文字，校对以后存成 .txt"
        return _wrong(name, "是扫描件，里面没有文字", todo)
    return text, []


def _docx(content: bytes, name: str) -> tuple[str, list[Problem]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS or sum(p.file_size for p in parts) > MAX_UNPACKED:
                return _wrong(name, "解压后太大", _PASTE)
            if not is_ordinary(archive):
                return _wrong(name, "不是 .docx，或者已经损坏", _PASTE)
            if sum(archive.read(p).count(b"<") for p in parts if p.filename.endswith((".xml", ".rels"))) > MAX_TAGS:
                return _wrong(name, "内容太多（各部分的标记数）", _PASTE)
    except (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, RuntimeError, EOFError):
        return _wrong(name, "不是 .docx，或者已经损坏", _PASTE)
    try:
        from docx import Document
    except ImportError:
        todo = f"请安装：pip install 'chunfeng[office]'；或者{_PASTE[1:]}"
        return _wrong(name, "没有安装 python-docx，不能读 .docx", todo)
    try:
        document = Document(io.BytesIO(content))
        lines = list(islice(_paragraphs(document), MAX_PARAGRAPHS + 1))
    except Exception:  # a damaged file makes python-docx and lxml fail in any way: all of them mean the same here
        return _wrong(name, "不是 .docx，或者已经损坏", _PASTE)
    if len(lines) > MAX_PARAGRAPHS:
        return _wrong(name, f"超过 {MAX_PARAGRAPHS} 段", "请只留下方案正文")
    numbered = [text for text, by_word in lines if by_word and text.strip()]
    if numbered:
        return _wrong(name, f"有 {len(numbered)} 段是自动编号（例如 “{numbered[0][:20]}”），编号读不出来", _PASTE)
    return "\n".join(text for text, _ in lines), []


def _paragraphs(document: Any) -> Iterator[tuple[str, bool]]:
    """Yield the text of each paragraph in order, those of tables too, and whether Word itself numbers it."""
    from docx.text.paragraph import Paragraph

    body = document.element.body
    copies = {p for copy in body.iter(_FALLBACK) for p in copy.iter(f"{_WORD}p")}
    for element in body.iter(f"{_WORD}p"):
        if element not in copies:
            yield "".join(_words(element)), _is_numbered(element, Paragraph(element, document).style)


def _is_numbered(element: Any, style: Any) -> bool:
    """Return whether Word itself numbers a paragraph: what stands nearest decides, 0 takes a number away."""
    for _ in range(MAX_STYLES):
        number = element.find(f"{_WORD}pPr/{_WORD}numPr/{_WORD}numId")
        if number is not None:
            return bool(number.get(f"{_WORD}val") != "0")
        if style is None:
            return False
        element, style = style.element, style.base_style
    return False


_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
"""The same text box once more, for old programs."""
_BREAKS = {f"{_WORD}tab": "\t", f"{_WORD}br": "\n", f"{_WORD}cr": "\n", f"{_WORD}noBreakHyphen": "-"}
_NOT_SAID = {f"{_WORD}del", f"{_WORD}moveFrom", f"{_WORD}p", f"{_WORD}pPr", f"{_WORD}rPr", _FALLBACK}
"""Inside a paragraph: what was struck out in a revision, paragraphs of text boxes, which come by themselves, looks."""


def _words(element: Any) -> Iterator[str]:
    """Yield the words of a paragraph as it stands with all revisions accepted, those in content controls too."""
    for child in element:
        if child.tag == f"{_WORD}t":
            yield child.text or ""
        elif child.tag in _BREAKS:
            yield _BREAKS[child.tag]
        elif child.tag not in _NOT_SAID:
            yield from _words(child)


def _txt(content: bytes, name: str) -> tuple[str, list[Problem]]:
    return decode(content, name)


_READERS = {".txt": _txt, ".docx": _docx, ".pdf": _pdf}

"""The checklist as an ODK form (XLSForm), and its submissions: one XML file each, as ODK Collect keeps them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple, cast
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from engine.answering.forms import MAX_ROW, Given, fill
from engine.answering.head import Opener
from engine.answering.odk_form import HEAD, ID_PREFIX, Node, OdkForm, Repeat, Row, odk_form, read_head
from engine.inspections.answers import NOT_APPLICABLE
from engine.model.checklist import Checklist
from engine.model.sheet import Source
from engine.problems import Mark, Problem, ProblemError, problem
from engine.source import Written

SUFFIXES: tuple[str, ...] = ()
"""No file name means this format: *.xlsx is the spreadsheet to fill in."""
WAY = "odk"
MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH, MAX_NODES = 12, 60_000
"""Of a submission: tables, groups and rows lie five deep."""

_CLOCK = re.compile(r"([0-9]{2}:[0-9]{2})(:[0-9]{2}(\.[0-9]+)?)?(Z|[-+][0-9]{2}:?[0-9]{2})?")
_META = "meta"
_COLUMNS = Row._fields
_FORM_TAGS = ("html", "head", "model")
_AGAIN = "请在手机的 ODK Collect 里打开这份表单，保存后重新导出（或由 ODK Central 下载提交的 XML）"


def write_checklist(checklist: Checklist) -> bytes:
    """Return the XLSForm workbook of the checklist; checked by pyxform where that is installed.

    Raises ProblemError if pyxform refuses it or has anything to say about it.
    """
    from engine.workbooks.writing import Cell, Column, Page, write_book  # openpyxl is loaded when it is needed

    form = odk_form(checklist)
    choices = ("list_name", "name", "label"), *form.choices
    settings = (
        ("form_title", "form_id", "version", "instance_name"),
        (form.title, form.id, form.version, form.instance_name),
    )
    pages = []
    for title, lines in (("survey", (_COLUMNS, *form.survey)), ("choices", choices), ("settings", settings)):
        columns = tuple(Column(36 if name in ("label", "hint") else 20) for name in lines[0])
        rows = tuple(tuple(Cell(text or None, "words") for text in line) for line in lines)
        pages.append(Page(title, columns, rows, header=1))
    content = write_book(tuple(pages), form.title, form.title, checklist.date)
    found = conversion_faults(content)
    if found:
        raise ProblemError([problem("E666", reason="；".join(found))])
    return content


def notices() -> tuple[str, ...]:
    """Return what whoever writes a form must know: that nothing has checked it, where pyxform is missing."""
    if _converter() is not None:
        return ()
    return ("没有安装 pyxform，表单没有用它核对；要核对请安装：pip install 'chunfeng[odk]'，再生成一次",)


def conversion_faults(content: bytes) -> tuple[str, ...]:
    """Return what pyxform says against an XLSForm: its errors and warnings; nothing where it is not installed."""
    convert = _converter()
    if convert is None:
        return ()
    warnings: list[str] = []
    try:
        convert(content, warnings=warnings, file_type=".xlsx")
    except Exception as error:  # pyxform raises errors of many kinds about a form
        return (str(error),)
    return tuple(warnings)


def _converter() -> Callable[..., object] | None:
    """Return the conversion of pyxform, None where the extra “odk” is not installed."""
    try:
        from pyxform.xls2xform import convert
    except ImportError:
        return None
    return cast(Callable[..., object], convert)


def recognises(content: bytes) -> bool:
    """Return whether the content is XML that names a form of ours."""
    start = content[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start.startswith(b"<") or start[:14].lower().startswith((b"<!doctype html", b"<html")):
        return False
    return b"chunfeng.head" in content or f'"{ID_PREFIX}'.encode() in content or f"'{ID_PREFIX}".encode() in content


def read_sheet(content: bytes, shown: str, source: Source, open_head: Opener) -> tuple[Written | None, list[Problem]]:
    """Return the answer sheet that a submission makes up, or None and what is wrong with the file.

    Document types and entities, deep nesting and endless content are refused; so is the blank form itself.
    """
    try:
        root = _parsed(content)
    except _Refused as error:
        return None, [problem("E642", Mark(shown), reason=str(error), todo=_AGAIN)]
    if root.name in _FORM_TAGS:
        todo = "请在 ODK Collect 里填写，再读取填好的那份（instances 文件夹里的 XML）"
        return None, [problem("E642", Mark(shown), reason="这是空白的 ODK 表单，不是填好的", todo=todo)]
    head = next((node.text for node in _all(root) if node.name == HEAD), "")
    checklist, problems = open_head(read_head(head), Mark(shown))
    if checklist is None:
        return None, problems
    form = odk_form(checklist)
    reader = _Reader(form, shown)
    reader.read(root)
    document, problems = fill(checklist, reader.given, shown, source)
    return document, [*reader.problems, *problems]


class _Element(NamedTuple):
    name: str
    inner: list[_Element]
    parts: list[str]

    @property
    def text(self) -> str:
        return "".join(self.parts)


class _Refused(ValueError):
    """Why a file is no submission; the text says so in Chinese."""


class _Builder:
    """Builds elements while the text is parsed, and stops as soon as there are too many or they lie too deep."""

    def __init__(self) -> None:
        self.root: _Element | None = None
        self._open: list[_Element] = []
        self._count = 0

    def start(self, tag: str, attributes: object) -> None:
        self._count += 1
        if self._count > MAX_NODES:
            raise _Refused(f"内容过多（超过 {MAX_NODES} 个节点）")
        if len(self._open) >= MAX_DEPTH:
            raise _Refused(f"嵌套超过 {MAX_DEPTH} 层")
        element = _Element(tag.rpartition("}")[2], [], [])
        if self._open:
            self._open[-1].inner.append(element)
        self.root = self.root or element
        self._open.append(element)

    def end(self, tag: str) -> None:
        self._open.pop()

    def data(self, text: str) -> None:
        self._open[-1].parts.append(text)

    def close(self) -> _Element | None:
        return self.root


def _parsed(content: bytes) -> _Element:
    parser = DefusedXMLParser(target=_Builder(), forbid_dtd=True)
    try:
        parser.feed(content)
        root = parser.close()
    except DefusedXmlException as error:
        raise _Refused("XML 里有文档类型或实体定义，ODK 的提交里没有这些") from error
    except (ParseError, ValueError, LookupError) as error:
        if isinstance(error, _Refused):
            raise
        raise _Refused(f"XML 语法错误，文件可能不完整（{error}）") from error
    if not isinstance(root, _Element):
        raise _Refused("文件里没有内容")
    return root


def _all(root: _Element) -> Iterator[_Element]:
    waiting = [root]
    while waiting:
        element = waiting.pop()
        yield element
        waiting += reversed(element.inner)


class _Reader:
    """Collects what the nodes of a submission say, by the names of their fields."""

    def __init__(self, form: OdkForm, shown: str) -> None:
        self.form, self.shown = form, shown
        self.given: dict[str, Given] = {}
        self.problems: list[Problem] = []
        self._rows: dict[str, int] = {}

    def read(self, element: _Element) -> None:
        """Read an element and those in it; rows of a table are counted in the order they stand."""
        for inner in element.inner:
            if inner.name in (HEAD, _META):
                continue
            repeat = self.form.repeats.get(inner.name)
            if repeat is not None:
                number = self._rows.get(inner.name, repeat.first)
                self._rows[inner.name] = number + 1
                if number <= MAX_ROW:
                    self._read_row(inner, repeat, number)
                elif any(each.text.strip() for each in _all(inner)):
                    todo = "请分成几份"
                    self._complain(repeat.title, f"多于 {MAX_ROW} 行", str(number), todo)
            elif inner.inner:
                self.read(inner)
            else:
                node = self.form.nodes.get(inner.name)
                self._take(node.field if node is not None else inner.name, node, inner.text)

    def _read_row(self, element: _Element, repeat: Repeat, number: int) -> None:
        for each in _all(element):
            if each.inner:
                continue
            node = repeat.columns.get(each.name)
            column = node.field if node is not None else each.name
            title = f"{repeat.title} 第 {number} 行“{node.title if node is not None else column}”"
            placed = node._replace(title=title) if node is not None else None
            self._take(f"{repeat.table}.{number}.{column}", placed, each.text)

    def _take(self, field: str, node: Node | None, text: str) -> None:
        title = node.title if node is not None else field
        mark = Mark(self.shown, cell=title.partition("\n")[0][:60])
        if not text.strip():
            return
        if field in self.given:
            self._complain(title, "同一栏有两个节点", text, _AGAIN)
            return
        value: str | None = text
        if node is not None and node.kind in ("words", "several"):
            value = self._words(node, text)
        elif node is not None and node.kind == "clock":
            found = _CLOCK.fullmatch(text.strip())
            value = found[1] if found is not None else text
        if value is not None:
            self.given[field] = Given(value, mark)

    def _words(self, node: Node, text: str) -> str | None:
        """Return the words of the values that were chosen; several stand between ；."""
        values = text.split() if node.kind == "several" else [text.strip()]
        unknown = [value for value in values if value not in node.words]
        if unknown:
            self._complain(node.title, "选项认不出", unknown[0], f"可用的：{'、'.join(node.words)}")
            return None
        return NOT_APPLICABLE if values == [NOT_APPLICABLE] else "；".join(node.words[value] for value in values)

    def _complain(self, title: str, reason: str, text: str, todo: str) -> None:
        mark = Mark(self.shown, cell=title.partition("\n")[0][:60])
        self.problems.append(problem("E643", mark, name=title, reason=reason, text=text, todo=todo))

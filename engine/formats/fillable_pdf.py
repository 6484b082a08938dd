"""The checklist as a form: the printed checklist with fields to fill in on a screen, and what was filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from engine.answering.forms import Given, fill
from engine.answering.head import Opener, head_text
from engine.documents.own_fonts import OwnFont
from engine.model.checklist import Checklist
from engine.model.sheet import Source
from engine.problems import Mark, Problem, problem
from engine.source import Written

if TYPE_CHECKING:
    from engine.documents.marks import Field
    from engine.documents.pdf_fields import FormField
    from engine.documents.pdf_reading import ReadForm

SUFFIXES: tuple[str, ...] = ()
"""No file name means this format: *.pdf is the printed checklist."""
MAX_BYTES = 24 * 1024 * 1024
"""A blank form has 2.5 MB, most of it the face; readers put faces of their own beside it."""

_OPTION = re.compile(r"option([1-9][0-9]{0,2})")
_OF_OURS = re.compile(r"检查表\s*[0-9a-f]{12}")
_SAVE = "请打开原来填写的那份，直接“保存”（不要用“打印成 PDF”“导出”或“压平”），把保存的文件交来"
_FLATTENED = "这份检查表没有可填写的栏目：它是打印用的检查表，或者填好以后“打印成 PDF”、压平过"
_NOT_FOUND = f"{_SAVE}；找不到的，打印件用 answers scan 读取，或用 answers key 手工录入"
_KINDS = {
    "FreeText": "用“添加文字”写的字", "Text": "便笺", "Ink": "手写笔迹", "Stamp": "图章或图片", "StrikeOut": "删除线",
    "FileAttachment": "附带的文件", "Highlight": "高亮", "Underline": "下划线", "Caret": "插入的文字",
}  # fmt: skip


def write_checklist(checklist: Checklist, own: tuple[OwnFont, ...] = ()) -> bytes:
    """Return the blank checklist as an A4 PDF with fields."""
    return write_with_layout(checklist, own)[0]


def write_with_layout(checklist: Checklist, own: tuple[OwnFont, ...] = ()) -> tuple[bytes, bytes]:
    """Return the PDF, printed with the bureau's own fonts, and as JSON where its fields stand."""
    from engine.documents.papers import blank_paper  # WeasyPrint is loaded when it is needed

    blank = blank_paper(checklist, own)
    return blank.form(head_text(checklist)), blank.layout(head_text(checklist))


def recognises(content: bytes) -> bool:
    """Return whether the content is a PDF; one that is no form of ours is told what it is."""
    return b"%PDF-" in content[:1024]


def read_sheet(content: bytes, shown: str, source: Source, open_head: Opener) -> tuple[Written | None, list[Problem]]:
    """Return the answer sheet that the fields of a form make up, or None and what is wrong with the file.

    A file without our fields is refused: printed, flattened, scanned, a record, something else. So are a form that
    lost some of its fields and one put together from several. Each field that cannot be read, and what was written
    over the pages beside the fields, is a problem of its own.
    """
    from engine.documents.pdf_reading import UnreadableError, form_in

    try:
        form = form_in(content)
    except UnreadableError as error:
        todo = "加了密的请先去掉密码，损坏的请重新拷贝或另存；用 answers scan 读扫描件，或手工录入"
        return None, [problem("E642", Mark(shown), reason=str(error), todo=todo)]
    reason, todo = _refused(form)
    if reason:
        return None, [problem("E642", Mark(shown), reason=reason, todo=todo)]
    from engine.documents.form import HEAD

    found = form.content.fields
    head = found.get(HEAD)
    checklist, problems = open_head(head.value if head is not None and not head.doubt else "", Mark(shown))
    if checklist is None:
        return None, problems
    asked = _fields(checklist)
    missing = [field.title for name, field in asked.items() if name not in found]
    if len(missing) > len(asked) / 2:
        return None, [problem("E642", Mark(shown), reason=_FLATTENED, todo=_NOT_FOUND)]
    if missing:
        reason = f"少了 {len(missing)} 个填写栏（例如“{missing[0]}”），文件可能删过页、拆分过，或没有传完"
        return None, [problem("E642", Mark(shown), reason=reason, todo=_SAVE)]
    wrong: list[Problem] = list(_beside(form, shown))
    given: dict[str, Given] = {}
    for name, field in found.items():
        if name != HEAD:
            mark = _mark(shown, field, asked.get(name))
            value = _value(field, asked.get(name), mark, wrong)
            given[name] = Given(value, mark)
    document, problems = fill(checklist, given, shown, source)
    return document, [*wrong, *problems]


def _refused(form: ReadForm) -> tuple[str, str]:
    """Return why a file is no form to read and what to do; empty texts for one that is."""
    from engine.documents.attachments import CONTENT
    from engine.documents.form import HEAD

    content = form.content
    if content.doubles:
        return "同名的填写栏有几份，像是几张表合并成的一个文件", "请把各张表分开，一家单位一个文件"
    if HEAD in content.fields or any(name.startswith(("visit.", "site.")) for name in content.fields):
        if content.xfa:
            return "里面有 XFA 表单，内容可能与看到的不同", f"请换一个 PDF 阅读器填写；{_SAVE}"
        return "", ""
    if CONTENT in form.carried:
        return "这是打印出来的检查记录或文书，不是填写的检查表", "核对它请用 chunfeng verify；答案请从原来的答卷读取"
    if _OF_OURS.search(form.first_page):
        return _FLATTENED, _NOT_FOUND
    if not form.first_page.strip() and not content.fields:
        return "这份 PDF 里没有文字，像是扫描件或照片", "扫描件请用 answers scan 读取，或用 answers key 手工录入"
    todo = "可填写的检查表用 checklist --as fillable-pdf 生成"
    return "这份 PDF 不是本程序的检查表，也没有它的填写栏", todo


def _fields(checklist: Checklist) -> Mapping[str, Field]:
    """Return the fields of the form by name: those of the printed checklist but for signatures."""
    from engine.documents.checklist_view import checklist_context
    from engine.documents.marks import Sheet

    marks = Sheet()
    checklist_context(checklist, marks=marks)
    return {name: field for name, field in marks.fields.items() if field.kind != "signature"}


def _value(field: FormField, asked: Field | None, mark: Mark, wrong: list[Problem]) -> str | bool | None:
    """Return the value of a field as its question has it: the words of the box that is ticked, true, or the text."""
    if field.doubt:
        title = asked.title if asked is not None else field.name
        todo = "请在 PDF 阅读器里把这一栏清空，重新填写后保存"
        wrong.append(problem("E643", mark, name=title, reason=field.doubt, text=field.value, todo=todo))
        return None
    if asked is None or asked.kind not in ("choice", "tick") or not field.value:
        return field.value
    if asked.kind == "tick" and field.value == "on":
        return True
    number = _OPTION.fullmatch(field.value)
    if asked.kind == "choice" and number is not None and int(number[1]) <= len(asked.options):
        return asked.options[int(number[1]) - 1]
    todo = "请在 PDF 阅读器里重新勾选这一栏后保存"
    wrong.append(problem("E643", mark, name=asked.title, reason="认不出勾的是哪一格", text=field.value, todo=todo))
    return None


def _mark(shown: str, field: FormField, asked: Field | None) -> Mark:
    title = asked.title if asked is not None else field.name
    return Mark(shown, cell=f"第{field.page}页 {title}" if field.page else title)


def _beside(form: ReadForm, shown: str) -> Iterator[Problem]:
    """Yield a problem for each thing that was written over a page and stands in no field: it would be lost."""
    for each in form.content.beside:
        kind = _KINDS.get(each.kind, "批注或图形")
        said = f"：“{each.text}”" if each.text else ""
        yield problem("E665", Mark(shown, cell=f"第{each.page}页"), what=f"{kind}{said}")

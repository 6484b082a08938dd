"""One module a format, found by listing this folder; its name is the value of --as (web_page is web-page).

A format that can write a checklist has SUFFIXES and write_checklist(checklist) -> bytes; one with
pages has write_with_layout(checklist) -> (bytes, layout as JSON) too, and takes the bureau's own fonts in both.

A format that can be read back has MAX_BYTES, recognises(content) -> bool, told from the content alone, and
read_sheet(content, shown, source, open_head) -> (document or None, problems). The document is an answer sheet as
engine.model.sheet.SheetFile has it, with the places of its values; source says where it came from and goes into its
provenance; open_head opens the checklist that a blank sheet names (engine.answering.head). WAY is what the provenance
calls it (engine.model.sheet.Way), its name where it has none. notices() is what whoever writes a blank must know. One
whose files carry others inside has read_attachments(content) -> [(file name, bytes)] too, of what read_sheet() took
without a problem.
"""

from __future__ import annotations

import hashlib
from importlib import import_module
from pathlib import Path
from types import ModuleType

from engine.answering.head import opener
from engine.inspections.opening import Inspection, open_sheet
from engine.library.files import Place
from engine.model.sheet import MAX_SHORT, Source
from engine.problems import Mark, Problem, problem
from engine.reading import read_bytes
from engine.source import Written

FALLBACK = "yaml"
"""Read as this is what no other format recognises: its messages say best what is wrong with a text."""

_IMAGES = (b"\xff\xd8\xff", b"\x89PNG", b"II*\0", b"MM\0*", b"GIF8", b"RIFF")
_ZIP = b"PK\x03\x04"
_HEADER = 8192
"""Bytes in which the rows above the questions of a workbook stand."""


def format_names() -> list[str]:
    """Return every format, sorted."""
    modules = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem != "__init__")
    return [name.replace("_", "-") for name in modules]


def load_format(name: str) -> ModuleType:
    """Return the module of a format named by format_names()."""
    return import_module(f"engine.formats.{name.replace('-', '_')}")


def blank_formats() -> list[str]:
    """Return the formats that a blank checklist can be written in, sorted."""
    return [name for name in format_names() if hasattr(load_format(name), "write_checklist")]


def answer_formats() -> list[str]:
    """Return the formats that answers can be read from, sorted."""
    return [name for name in format_names() if hasattr(load_format(name), "read_sheet")]


def notices_of(name: str) -> tuple[str, ...]:
    """Return what whoever writes a blank in a format must know."""
    module = load_format(name)
    return tuple(module.notices()) if hasattr(module, "notices") else ()


def format_of_suffix(suffix: str) -> str | None:
    """Return the format that a file name's ending stands for, None if it stands for none."""
    return next((name for name in blank_formats() if suffix.lower() in load_format(name).SUFFIXES), None)


def read_sheet(place: Place, path: Path) -> tuple[Written | None, list[Problem]]:
    """Return the answer sheet in a file of any format, told by its content, or None and every mistake in it.

    Its own answers may still be wrong: open_file() reads them too.
    """
    content, problems = read_bytes(path, str(path), _most())
    if problems:
        return None, problems
    name = format_of(content)
    todo = _no_answers(content) if name == FALLBACK else ""
    if todo:
        return None, [problem("E641", Mark(str(path)), name=path.name, todo=todo)]
    module = load_format(name)
    if len(content) > module.MAX_BYTES:
        return None, [problem("E102", Mark(str(path)), size=len(content), limit=module.MAX_BYTES)]
    document, problems = module.read_sheet(content, str(path), _source(name, path, content), opener(place))
    return document, problems


def _most() -> int:
    return int(max(load_format(name).MAX_BYTES for name in answer_formats()))


def _no_answers(content: bytes) -> str:
    """Return what to do with a file that can hold no answers, told by its beginning; empty if it may be a text."""
    start = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(_IMAGES) or start[4:8] == b"ftyp":
        return "扫描件和照片用 answers scan 读取，并给出印表时写下的版面文件"
    if start.startswith(b"<"):
        return "这是网页或 XML，里面没有填写的内容；请交填好后保存或导出的那个文件"
    if start.startswith(_ZIP):
        return "这是 Word、OFD 或压缩包一类的文件；压缩包请先解开，其他的请交原来填写的检查表"
    if b"chunfeng.field" in content[:_HEADER]:
        return "这是从答卷工作簿另存的 CSV，只有其中一张工作表；请交原来的 .xlsx"
    if b"instanceID" in start:
        return "这是 ODK Central 导出的 CSV；请下载每份提交的 XML 再读"
    return ""


def _source(name: str, path: Path, content: bytes) -> Source:
    digest = hashlib.sha256(content).hexdigest()
    way = getattr(load_format(name), "WAY", name)
    return Source.model_validate({"way": way, "file": path.name[:MAX_SHORT], "sha256": digest})


def source_of(path: Path) -> Source:
    """Return a file as the source of answers: its format, name and hash. Raises OSError if it cannot be read."""
    content = path.read_bytes()
    return _source(format_of(content), path, content)


def format_of(content: bytes) -> str:
    """Return the format of a file by its content: the one that recognises it, else the fallback."""
    others = [name for name in answer_formats() if name != FALLBACK]
    return next((name for name in others if load_format(name).recognises(content)), FALLBACK)


def format_of_file(path: Path) -> str | None:
    """Return the format of a file by its content, None if it cannot be read."""
    content, problems = read_bytes(path, str(path), _most())
    return None if problems else format_of(content)


def read_attachments(path: Path) -> list[tuple[str, bytes]]:
    """Return the files inside an answer sheet that open_file() opened, by the names in its provenance (photos)."""
    content, problems = read_bytes(path, str(path), _most())
    module = load_format(format_of(content))
    return [] if problems or not hasattr(module, "read_attachments") else module.read_attachments(content)


def open_file(
    place: Place, path: Path, *, campaign: str | None = None, as_made: bool = False, waiting: bool = False
) -> tuple[Inspection | None, list[Problem]]:
    """Return the answers in a file of any format, opened as engine.inspections.opening.open_sheet does."""
    document, problems = read_sheet(place, path)
    if document is None:
        return None, problems
    inspection, found = open_sheet(place, document, campaign=campaign, as_made=as_made, waiting=waiting)
    return (None if problems else inspection), [*problems, *found]

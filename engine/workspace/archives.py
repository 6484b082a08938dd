"""A campaign as a folder that opens without this program, and back from it into a workspace with the same trail."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import Field, ValidationError

from engine.documents.html import render_screen
from engine.library.files import place
from engine.model.base import Model
from engine.model.workspace import KINDS, Filing, Inspection, Kept, KeptFinding, RegisteredSite, Setting, Sha256
from engine.problems import Mark, Problem, ProblemError, problem
from engine.reading import read_bytes
from engine.workspace.archive_names import Named, named_files
from engine.workspace.archive_papers import Printed, print_papers
from engine.workspace.archive_tables import workbook
from engine.workspace.chain import Entry, Head
from engine.workspace.folder import FILES, Workspace, as_named, empty_store, new_folder, open_workspace
from engine.workspace.inner_words import Words, words_of
from engine.workspace.kept_files import missing, path_of, pieces_of, pour
from engine.workspace.store import Writer
from engine.workspace.trouble import told
from engine.workspace.verifying import Played, files_missing, verify_records, verify_workspace
from engine.workspace.words import kind_word, value_word
from engine.writing import write_atomically, written_atomically

ARCHIVE, TRAIL, BOOK, INDEX, README = "archive.json", "data/trail.jsonl", "资料.xlsx", "index.html", "说明.txt"
MAX_LIST = 64 * 1024 * 1024
"""Bytes of the list of files: some 300,000 of them."""
MAX_LINE = 256 * 1024 * 1024
"""Bytes of one entry of the trail; the import of a register of 3,000 sites has two million."""


class ArchiveFile(Model):
    """What an archive says of itself."""

    kind: Literal["workspace-archive"]
    schema_: Literal[1] = Field(alias="schema")
    head: str
    """链末。"""
    files: dict[Sha256, str]
    """Kept files: where each lies in the archive, by its SHA-256."""


class Exported(NamedTuple):
    """An archive that was written."""

    head: Head
    inspections: int
    unfinished: int
    """Inspections that are neither closed nor cancelled."""
    files: int
    papers: int
    unprinted: tuple[Problem, ...]
    """What kept papers from being printed."""


def export_archive(workspace: Workspace, rules: Path | None, folder: Path, jobs: int = 0) -> Exported:
    """Write the archive into a new folder, whole or not at all: the same state and rules, the same bytes.

    rules: the bureau's own layer, for the words of ledgers and registers and for the papers. jobs: processes that print
    the papers of sealed inspections; 0: none are printed.
    Raises ProblemError if the workspace does not agree with its trail, a file is missing, or it cannot be written.
    """
    with workspace.store.reading() as reader:
        played, problems = verify_records(reader)
        entries = list(reader.trail())
        words = words_of(reader, place(rules))
    problems += files_missing(workspace.files, played.files)
    if problems:
        raise ProblemError(problems)
    things: dict[type[Kept], list[Any]] = {kind: _things(kind, played) for kind in KINDS}
    files = _named(workspace, things, played)
    with new_folder(folder) as new:
        for each in files:
            _put_file(path_of(workspace.files, each.digest), new / each.path, each.digest)
        bureau: object = next((setting.value for setting in things[Setting] if setting.id == "bureau"), {})
        printed = print_papers(new, things[Inspection], files, bureau, rules, jobs) if jobs else Printed((), ())
        for name, content in _contents(things, entries, played.head, [*files, *printed.papers], words):
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            write_atomically(new / name, content)
    visits: list[Inspection] = things[Inspection]
    unfinished = sum(visit.state not in ("closed", "cancelled") for visit in visits)
    unprinted = tuple(as_named(printed.problems, new, folder))
    return Exported(played.head, len(visits), unfinished, len(files), len(printed.papers), unprinted)


def _things(kind: type[Kept], played: Played) -> list[Any]:
    return [kind.model_validate_json(data) for _, data in sorted(played.things[kind.KIND].items())]


def _named(workspace: Workspace, things: dict[type[Kept], list[Any]], played: Played) -> list[Named]:
    def beginning(digest: str) -> bytes:
        with path_of(workspace.files, digest).open("rb") as file:
            return file.read(8)

    names = {site.id: site.name for site in things[RegisteredSite]}
    with told(workspace.folder):
        return list(named_files(things[Inspection], things[KeptFinding], names, played.files, beginning))


def _put_file(source: Path, target: Path, digest: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    wrong = missing(digest, "内容与 SHA-256 不符")
    try:
        size = source.stat().st_size
    except OSError as error:
        raise ProblemError([wrong]) from error
    with written_atomically(target, read_only=True) as file:
        pour(pieces_of(source), file, digest, size, wrong)


def _contents(
    things: dict[type[Kept], list[Any]], entries: list[Entry], head: Head, files: list[Named], words: Words
) -> Iterator[tuple[str, bytes]]:
    """Yield the files of an archive beside the kept ones, by name."""
    settings = {setting.id: setting.value for setting in things[Setting]}
    bureau = settings.get("bureau")
    authority = bureau.get("authority", "") if isinstance(bureau, dict) else ""
    title = f"{authority} {settings.get('campaign', '')} 年行动资料"
    last = entries[-1].at if entries else "2000-01-01 00:00"
    yield TRAIL, "".join(map(_line, entries)).encode()
    for kind in KINDS:
        listed = [_json(thing.model_dump(mode="json")) for thing in things[kind]]
        yield f"data/{kind.KIND}.json", ("[\n" + ",\n".join(listed) + "\n]\n").encode()
    yield BOOK, workbook(things, words, title, str(head), date.fromisoformat(last[:10]))
    lines = [
        f"截至 {last}，办理记录 {head.seq} 条，检查 {len(things[Inspection])} 次，问题 {len(things[KeptFinding])} 个，"
        f"报表 {len(things[Filing])} 份，文书和证据 {len(files)} 份。",
        "本文件夹不需要本程序就能看：表格用 WPS、Excel，文书用 PDF 阅读器，网页用浏览器。",
        "重新放回程序：chunfeng workspace import 本文件夹 新文件夹；办理记录也一并放回，并逐条核对。",
    ]
    parts = [(BOOK, "名录、检查、问题、文书编号、台账、报表"), (TRAIL, "办理记录：何人何时改了什么，逐条相接")]
    parts += [(f"data/{kind.KIND}.json", f"{kind_word(kind.KIND)}（JSON，供其他程序读）") for kind in KINDS]
    visits = list(_visits(things, files))
    context: dict[str, object] = {"title": title, "lines": lines, "head": str(head), "parts": parts, "visits": visits}
    yield INDEX, render_screen("workspace-archive", context, "page.html").encode()
    listed_parts = [f"{name}　{what}" for name, what in [(INDEX, "目录：各次检查的文书和证据"), *parts]]
    yield README, "\r\n".join([title, "", *lines, f"链末：{head}", "", *listed_parts, ""]).encode("utf-8-sig")
    archive = ArchiveFile(
        kind="workspace-archive", schema=1, head=str(head), files={f.digest: f.path for f in files if f.digest}
    )
    said = json.dumps(archive.model_dump(mode="json", by_alias=True), ensure_ascii=False, indent=1)
    yield ARCHIVE, f"{said}\n".encode()


def _visits(things: dict[type[Kept], list[Any]], files: list[Named]) -> Iterator[dict[str, Any]]:
    names = {site.id: site.name for site in things[RegisteredSite]}
    by_owner: dict[str, list[tuple[str, str]]] = {}
    for each in files:
        by_owner.setdefault(each.owner, []).append((each.title, each.path))
    for visit in things[Inspection]:
        yield {
            "id": visit.id, "site": names.get(visit.site, visit.site), "unit": visit.unit,
            "date": visit.facts.date if visit.facts else visit.planned or "",
            "state": value_word("inspection", "state", visit.state), "files": by_owner.get(visit.id, []),
        }  # fmt: skip


def _line(entry: Entry) -> str:
    return f"{_json(entry[:5])[:-1]},{entry.text},{_json(entry[6:])[1:]}\n"


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def import_archive(source: Path, folder: Path, known: Iterable[Head] = ()) -> Head:
    """Make a workspace of an archive: the same trail and the same state; return the end of the trail.

    What is read is the trail and the kept files; sheets and pages are for people. known: ends of the trail as they were
    printed. Raises ProblemError, and leaves no folder, if anything is missing or was changed.
    """
    content, problems = read_bytes(source / ARCHIVE, str(source / ARCHIVE), MAX_LIST)
    if problems:
        raise ProblemError(problems)
    try:
        archive = ArchiveFile.model_validate_json(content)
    except ValidationError as error:
        raise ProblemError([_refused(source, f"{ARCHIVE} 读不出来，或是更新版本的程序写的")]) from error
    with new_folder(folder) as new:
        with empty_store(new) as store, store.replaying() as writer:
            _replay(source, writer)
        for digest, where in sorted(archive.files.items()):
            _put_file(_inside(source, where), path_of(new / FILES, digest), digest)
        with open_workspace(new) as workspace:
            found = verify_workspace(workspace, known)
        problems = list(found.problems)
        if str(found.head) != archive.head:
            problems.append(_refused(source, f"办理记录到 {found.head} 为止，应为 {archive.head}"))
        if problems:
            raise ProblemError(problems)
    return found.head


def _inside(source: Path, where: str) -> Path:
    """Return where a file lies that the list names. Raises ProblemError if that is not in the folder."""
    try:
        path = (source / where).resolve()
        if path.is_relative_to(source.resolve()) and path.is_file():
            return path
    except (ValueError, OSError, RuntimeError):
        pass  # no path at all
    raise ProblemError([_refused(source, f"没有文件 {where}")])


def _replay(source: Path, writer: Writer) -> None:
    path = source / TRAIL
    if not path.is_file():  # a pipe would keep us waiting for ever
        raise ProblemError([_refused(source, f"读不到 {TRAIL}")])
    try:
        with path.open("rb") as file:
            for number, line in enumerate(iter(lambda: file.readline(MAX_LINE), b""), 1):
                writer.replay(_entry(line, number, source))
    except OSError as error:
        raise ProblemError([_refused(source, f"读不到 {TRAIL}")]) from error


def _entry(line: bytes, number: int, source: Path) -> Entry:
    try:
        seq, at, by, action, why, changes, previous, digest = json.loads(line)
        if type(seq) is not int or not all(isinstance(text, str) for text in (at, by, action, why, previous, digest)):
            raise TypeError
        return Entry(seq, at, by, action, why, _json(changes), previous, digest)
    except (ValueError, TypeError, RecursionError) as error:
        raise ProblemError([_refused(source, f"{TRAIL} 第 {number} 行读不出来")]) from error


def _refused(source: Path, reason: str) -> Problem:
    todo = "没有放回任何内容；请核对文件夹是否完整，或取回原件"
    return problem("E816", Mark(str(source)), path=source, reason=reason, todo=todo)

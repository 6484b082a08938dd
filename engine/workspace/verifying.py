"""Whether a workspace says the same as its audit trail, and whether the trail is whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from engine.model.workspace import BY_NAME, Kept
from engine.problems import Mark, Problem, problem
from engine.workspace.chain import NOTHING_YET, Entry, Head, hash_of
from engine.workspace.folder import Workspace
from engine.workspace.kept_files import digests, file_fields, is_whole, missing, named_in
from engine.workspace.store import Reader
from engine.workspace.tables import TABLES, indexed


class Verified(NamedTuple):
    """What was found: the end of the trail, everything that does not fit together, and files that nothing names."""

    head: Head
    problems: tuple[Problem, ...]
    orphans: tuple[str, ...]
    """SHA-256 of files kept for a change that never came to its end: harmless."""


class Played(NamedTuple):
    """A trail played to its end."""

    head: Head
    things: dict[str, dict[str, str]]
    """The last version of everything, as JSON, by kind and id."""
    files: frozenset[str]
    """SHA-256 of every file that any version names."""


def verify_workspace(workspace: Workspace, known: Iterable[Head] = ()) -> Verified:
    """Return the end of the audit trail and everything that does not fit together.

    known: ends of the trail as they were printed on filings and backups; without one of them a trail that was cut
    short or written anew from its beginning cannot be told from a true one.
    """
    with workspace.store.reading() as reader:
        played, problems = verify_records(reader, known)
    problems += files_missing(workspace.files, played.files)
    orphans = sorted({*digests(workspace.files)} - played.files)
    return Verified(played.head, tuple(problems), tuple(orphans))


def verify_records(reader: Reader, known: Iterable[Head] = ()) -> tuple[Played, list[Problem]]:
    """Return what the trail comes to, and where it, the tables or the database file are not as they should be."""
    damage = [_wrong("数据库文件", text) for text in reader.damage()]
    played, broken = play(reader.trail(), known)
    return played, [*damage, *broken, *_tables(reader, played)]


def play(trail: Iterable[Entry], known: Iterable[Head] = ()) -> tuple[Played, list[Problem]]:
    """Return what a trail comes to and where its chain is broken; known: ends that it must have passed."""
    before, last = Head(0, NOTHING_YET), {name: dict[str, str]() for name in BY_NAME}
    wanted, files, problems = {*known} - {before}, set[str](), list[Problem]()
    for entry in trail:
        problems += _link(before, entry)
        before = Head(entry.seq, entry.hash)
        wanted.discard(before)
        for change in entry.changes:
            last.setdefault(change.kind, {})[change.id] = change.data
            files |= _files(change.kind, change.data)
    for head in sorted(wanted):
        problems.append(_wrong(f"办理记录第 {head.seq} 条", f"与已印出的链末 {head} 不符：记录被截断或重写"))
    for name in sorted({*last} - {*BY_NAME}):
        problems.append(_wrong(f"办理记录里的 “{name}”", "不是工作目录里的一类资料"))
    return Played(before, last, frozenset(files)), problems


def files_missing(files: Path, named: Iterable[str]) -> list[Problem]:
    """Return the files among those named that are not there as they were kept."""
    return [
        missing(each, "没有这个文件，或内容与名称（SHA-256）不符")
        for each in sorted(named)
        if not is_whole(files, each)
    ]


def _link(before: Head, entry: Entry) -> Iterator[Problem]:
    if entry.seq != before.seq + 1:
        yield _wrong(f"办理记录第 {entry.seq} 条", f"前面应是第 {entry.seq - 1} 条，实为第 {before.seq} 条")
    if entry.previous != before.hash:
        yield _wrong(f"办理记录第 {entry.seq} 条", "与前一条接不上")
    if hash_of(entry) != entry.hash:
        yield _wrong(f"办理记录第 {entry.seq} 条", "内容被改动")


def _files(kind: str, data: str) -> set[str]:
    found = BY_NAME.get(kind)
    if found is None or not file_fields(found):
        return set()
    try:
        return set(named_in(found, json.loads(data)))
    except ValueError:
        return set()  # damaged: the chain says so


def _tables(reader: Reader, played: Played) -> Iterator[Problem]:
    """Compare every thing, and the copies beside it, with its last version in the trail."""
    for kind in TABLES:
        yield from _table(reader, kind, dict(played.things[kind.KIND]))


def _table(reader: Reader, kind: type[Kept], expected: dict[str, str]) -> Iterator[Problem]:
    for row in reader.rows(kind):
        what = f"{kind.KIND} {row['id']}"
        if expected.pop(row["id"], None) != row["data"]:
            yield _wrong(what, "与办理记录不符：被绕过程序改动")
            continue
        try:
            thing = kind.model_validate_json(row["data"])
        except ValidationError:
            yield _wrong(what, "内容读不出来")
            continue
        copies = {"id": thing.id} | indexed(thing)
        wrong = [name for name, value in copies.items() if row[name] != value]
        if wrong:
            yield _wrong(what, f"查找用的 {'、'.join(wrong)} 与内容不符：被绕过程序改动")
    for key in expected:
        yield _wrong(f"{kind.KIND} {key}", "办理记录里有，表里没有：被绕过程序删除")


def _wrong(what: str, reason: str) -> Problem:
    return problem("E814", Mark(""), what=what, reason=reason, todo="请停止使用，保留现状，从可信的备份恢复后对照")

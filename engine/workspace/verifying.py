"""Whether a workspace says the same as its audit trail, and whether the trail is whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.model.workspace import Kept
from engine.problems import Mark, Problem, problem
from engine.workspace.chain import NOTHING_YET, Head, hash_of
from engine.workspace.folder import Workspace
from engine.workspace.kept_files import digests, is_whole
from engine.workspace.store import Reader
from engine.workspace.tables import TABLES


def verify_workspace(workspace: Workspace, known: Iterable[Head] = ()) -> tuple[Head, list[Problem]]:
    """Return the end of the audit trail and everything that does not fit together.

    known: ends of the trail as they were printed on filings and backups; without one of them a trail that was cut
    short or written anew from its beginning cannot be told from a true one.
    """
    with workspace.store.reading() as reader:
        problems = [*_trail(reader, list(known)), *_tables(reader)]
        problems += [_wrong(f"文件 {d}", "内容与名称（SHA-256）不符") for d in digests(workspace.files)
                     if not is_whole(workspace.files, d)]  # fmt: skip
        return reader.head(), problems


def _trail(reader: Reader, known: list[Head]) -> Iterator[Problem]:
    before, passed = Head(0, NOTHING_YET), {Head(0, NOTHING_YET)}
    for entry in reader.trail():
        if entry.seq != before.seq + 1:
            yield _wrong(f"办理记录第 {entry.seq} 条", f"前面应是第 {entry.seq - 1} 条，实为第 {before.seq} 条")
        if entry.previous != before.hash:
            yield _wrong(f"办理记录第 {entry.seq} 条", "与前一条接不上")
        if hash_of(*entry[:7]) != entry.hash:
            yield _wrong(f"办理记录第 {entry.seq} 条", "内容被改动")
        before = Head(entry.seq, entry.hash)
        passed.add(before)
    for head in known:
        if head not in passed:
            yield _wrong(f"办理记录第 {head.seq} 条", f"与已印出的链末 {head} 不符：记录被截断或重写")


def _tables(reader: Reader) -> Iterator[Problem]:
    """Compare every thing with its last version in the trail."""
    last: dict[tuple[str, str], str] = {}
    for entry in reader.trail():
        last |= {(change.kind, change.id): change.data for change in entry.changes}
    for kind in TABLES:
        yield from _table(reader, kind, {key: data for (name, key), data in last.items() if name == kind.KIND})


def _table(reader: Reader, kind: type[Kept], expected: dict[str, str]) -> Iterator[Problem]:
    for key, data in reader.rows(kind):
        if expected.pop(key, None) != data:
            yield _wrong(f"{kind.KIND} {key}", "与办理记录不符：被绕过程序改动")
    for key in expected:
        yield _wrong(f"{kind.KIND} {key}", "办理记录里有，表里没有：被绕过程序删除")


def _wrong(what: str, reason: str) -> Problem:
    return problem("E814", Mark(""), what=what, reason=reason, todo="请停止使用，保留现状，从可信的备份恢复后对照")

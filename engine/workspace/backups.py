"""A backup: one .zip with the database at one moment and every file it names; restored whole or not at all.

The same state gives the same bytes. What a backup says of itself is its manifest (docs/workspace.md).
"""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import Field, ValidationError

from engine.model.base import Model
from engine.model.workspace import Sha256
from engine.problems import Mark, Problem, ProblemError, problem, system_reason
from engine.reading import is_ordinary
from engine.workspace.chain import Head, read_head
from engine.workspace.folder import DATABASE, FILES, Workspace, new_folder, open_workspace
from engine.workspace.kept_files import PIECE, hash_of_file, missing, path_of, pieces_of, pour
from engine.workspace.migrating import known_shapes, newest_shape
from engine.workspace.store import Store, open_database
from engine.workspace.trouble import told
from engine.workspace.verifying import verify_records, verify_workspace
from engine.writing import keep_name, written_atomically

MANIFEST = "manifest.json"
MAX_MANIFEST = 64 * 1024 * 1024
"""Bytes: some 300,000 files."""
MAX_RATIO = 200
"""Unpacked to packed bytes; databases of records stay under 40."""
SLACK = 8 * 1024 * 1024
"""Bytes that an archive may unpack to whatever its ratio: the database of a new workspace is nearly empty."""
_EPOCH = (1980, 1, 1, 0, 0, 0)


class Part(Model):
    """A file of a backup."""

    sha256: Sha256
    bytes: int = Field(ge=0)


class Manifest(Model):
    """What a backup says of itself."""

    kind: Literal["workspace-backup"]
    schema_: Literal[1] = Field(alias="schema")
    head: str
    """链末。"""
    shape: str
    """Last step that the tables have taken."""
    parts: dict[str, Part]


class BackedUp(NamedTuple):
    """A backup that was written."""

    head: Head
    files: int
    sha256: str
    """Of the archive."""


def back_up(workspace: Workspace, target: Path) -> BackedUp:
    """Write a backup, whole or not at all, whoever writes into the workspace meanwhile.

    Raises ProblemError if the workspace does not agree with its trail, a file is missing, or nothing can be written.
    """
    try:
        spare = Path(tempfile.mkdtemp(prefix=".chunfeng-", dir=target.absolute().parent))
    except OSError as error:
        raise ProblemError([problem("E901", Mark(str(target)), path=target, reason=system_reason(error))]) from error
    try:
        database = spare / DATABASE
        with told(target):
            workspace.store.copy(database)
        store = Store(open_database(database, frozen=True))
        with store.reading() as reader:
            played, problems = verify_records(reader)
        store.close()
        if problems:
            raise ProblemError(problems)
        paths = {f"{FILES}/{digest[:2]}/{digest}": path_of(workspace.files, digest) for digest in sorted(played.files)}
        _write(target, played.head, database, paths)
        with told(target):
            keep_name(target.absolute().parent)
            return BackedUp(played.head, len(paths), hash_of_file(target))
    finally:
        shutil.rmtree(spare, ignore_errors=True)


def _write(target: Path, head: Head, database: Path, paths: dict[str, Path]) -> None:
    parts = {DATABASE: Part(sha256=hash_of_file(database), bytes=database.stat().st_size)}
    for name, path in paths.items():
        digest = path.name
        try:
            parts[name] = Part(sha256=digest, bytes=path.stat().st_size)
        except OSError as error:
            raise ProblemError([missing(digest, system_reason(error))]) from error
    manifest = Manifest(
        kind="workspace-backup", schema=1, head=str(head), shape=newest_shape(), parts=parts
    ).model_dump(mode="json", by_alias=True)
    content = json.dumps(manifest, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"
    with written_atomically(target) as file, zipfile.ZipFile(file, "w") as archive:
        archive.writestr(_named(MANIFEST, zipfile.ZIP_DEFLATED), content)
        for name, path in {DATABASE: database, **paths}.items():
            packing = zipfile.ZIP_DEFLATED if name == DATABASE else zipfile.ZIP_STORED  # photographs do not shrink
            info = _named(name, packing)
            info.file_size = parts[name].bytes
            with archive.open(info, "w") as packed:
                part = parts[name]
                pour(pieces_of(path), packed, part.sha256, part.bytes, missing(path.name, "内容与名称（SHA-256）不符"))


def _named(name: str, packing: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type, info.create_system, info.external_attr = packing, 3, 0o600 << 16
    return info


def restore(source: Path, folder: Path, known: Iterable[Head] = ()) -> Head:
    """Make a workspace of a backup; return the end of its trail.

    known: ends of the trail as they were printed. Raises ProblemError, and leaves no folder, if the archive is not a
    backup, says of itself what it does not hold, does not agree with its trail, or was made by a newer program.
    """
    with _opened(source) as archive:
        manifest = _manifest(archive, source)
        with new_folder(folder) as new:
            for name, part in manifest.parts.items():
                path = new / name
                path.parent.mkdir(parents=True, exist_ok=True)
                wrong = _refused(source, f"里面的 {name} 与清单上的大小或 SHA-256 不符")
                with written_atomically(path, read_only=name != DATABASE) as file:
                    pour(_unpacked(archive, name, source), file, part.sha256, part.bytes, wrong)
            (new / FILES).mkdir(exist_ok=True)
            with open_workspace(new) as workspace:
                found = verify_workspace(workspace, known)
            problems = list(found.problems)
            if str(found.head) != manifest.head:
                problems.append(_refused(source, f"链末是 {found.head}，清单上是 {manifest.head}"))
            if problems:
                raise ProblemError(problems)
        return found.head


def _opened(source: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(source)
    except OSError as error:
        raise ProblemError([problem("E101", Mark(str(source)), reason=system_reason(error))]) from error
    except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeDecodeError) as error:
        raise ProblemError([_refused(source, "不是 .zip 文件，或已损坏")]) from error


def _manifest(archive: zipfile.ZipFile, source: Path) -> Manifest:
    """Return the manifest of a backup whose parts are those that it names, none too large and none elsewhere."""
    infos = archive.infolist()
    names = [info.filename for info in infos]
    if MANIFEST not in names:
        raise ProblemError([_refused(source, "不是工作目录的备份")])
    if not is_ordinary(archive):
        raise ProblemError([_refused(source, "压缩方法不是 .zip 常用的")])
    if archive.getinfo(MANIFEST).file_size > MAX_MANIFEST:
        raise ProblemError([_refused(source, "清单过大")])
    content = bytearray()
    for piece in _unpacked(archive, MANIFEST, source):
        content += piece
        if len(content) > MAX_MANIFEST:
            raise ProblemError([_refused(source, "清单过大")])
    try:
        manifest = Manifest.model_validate_json(bytes(content))
    except ValidationError as error:
        raise ProblemError([_refused(source, "清单读不出来，或是更新版本的程序写的")]) from error
    if manifest.shape not in known_shapes():
        raise ProblemError([problem("E812", Mark(str(source)), folder=source)])
    if sorted(names) != sorted([MANIFEST, *manifest.parts]):
        raise ProblemError([_refused(source, "里面的文件与清单不一致")])
    if not all(name == DATABASE or name == f"{FILES}/{part.sha256[:2]}/{part.sha256}"
               for name, part in manifest.parts.items()):  # fmt: skip
        raise ProblemError([_refused(source, "里面有不是备份的文件")])
    if DATABASE not in manifest.parts or read_head(manifest.head) is None:
        raise ProblemError([_refused(source, "清单不完整")])
    unpacked = max(sum(info.file_size for info in infos), sum(part.bytes for part in manifest.parts.values()))
    if unpacked > SLACK + MAX_RATIO * source.stat().st_size:
        raise ProblemError([_refused(source, "解压后大得不合理")])
    return manifest


def _unpacked(archive: zipfile.ZipFile, name: str, source: Path) -> Iterator[bytes]:
    try:
        with archive.open(name) as file:
            while piece := file.read(PIECE):
                yield piece
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise ProblemError([_refused(source, f"里面的 {name} 已损坏")]) from error


def _refused(source: Path, reason: str) -> Problem:
    todo = "没有恢复任何内容；请核对备份文件，或换另一份备份"
    return problem("E816", Mark(str(source)), path=source, reason=reason, todo=todo)

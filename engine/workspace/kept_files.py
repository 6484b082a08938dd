"""Files of a workspace by their SHA-256: a file is there whole or not at all, and its name says what is in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.model.workspace import Kept
from engine.problems import Mark, Problem, ProblemError, problem, system_reason
from engine.writing import keep_name, make_folder, write_atomically

PIECE = 1024 * 1024


def keep(files: Path, content: bytes) -> str:
    """Keep a content in the folder of files; return its SHA-256. Raises ProblemError if it cannot be written.

    When it returns the file is on the disk: what names it may be committed.
    """
    digest = hashlib.sha256(content).hexdigest()
    path = path_of(files, digest)
    if not is_whole(files, digest):
        make_folder(path.parent)
        write_atomically(path, content, read_only=True)
        try:
            keep_name(path.parent)
            keep_name(files)
        except OSError as error:
            raise ProblemError([problem("E901", Mark(str(path)), path=path, reason=system_reason(error))]) from error
    return digest


def path_of(files: Path, digest: str) -> Path:
    """Return where the file of a SHA-256 lies."""
    return files / digest[:2] / digest


def content_of(files: Path, digest: str) -> bytes:
    """Return what the file of a SHA-256 holds. Raises ProblemError if it is missing or holds something else."""
    try:
        content = path_of(files, digest).read_bytes()
    except OSError as error:
        raise ProblemError([missing(digest, system_reason(error))]) from error
    if hashlib.sha256(content).hexdigest() != digest:
        raise ProblemError([missing(digest, "内容与名称（SHA-256）不符")])
    return content


def missing(digest: str, reason: str) -> Problem:
    """Return the problem of a file that is not there as it was kept."""
    return problem("E814", Mark(""), what=f"文件 {digest}", reason=reason, todo="请从可信的备份取回这个文件")


def digests(files: Path) -> Iterator[str]:
    """Yield the names of the files that lie there, sorted."""
    yield from sorted(path.name for path in files.glob("??/*") if not path.name.startswith("."))


def is_whole(files: Path, digest: str) -> bool:
    """Return whether the file of a SHA-256 is there and holds what its name says."""
    try:
        return hash_of_file(path_of(files, digest)) == digest
    except OSError:
        return False


def hash_of_file(path: Path) -> str:
    """Return the SHA-256 of a file. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def named_in(kind: type[Kept], thing: dict[str, Any]) -> Iterator[str]:
    """Yield the SHA-256 of every file that a thing names; the thing as in its JSON."""
    for field in kind.NAMES_FILES:
        value = thing.get(field) or ()
        if isinstance(value, str):
            yield value
        else:
            yield from value.values() if isinstance(value, dict) else value

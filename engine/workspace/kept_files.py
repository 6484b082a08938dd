"""Files of a workspace by their SHA-256: a file is there whole or not at all, and its name says what is in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Annotated, Any, get_args, get_origin

from engine.model.base import Model
from engine.model.workspace import NAMES_A_FILE, Kept
from engine.problems import Mark, Problem, ProblemError, problem, system_reason
from engine.writing import keep_name, make_folder, write_atomically, written_atomically

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
        _keep_names(files, path)
    return digest


def keep_file(files: Path, source: Path, digest: str) -> None:
    """Keep a file of a known SHA-256 as keep() does, piece by piece. Raises ProblemError if it is another by now."""
    path = path_of(files, digest)
    if is_whole(files, digest):
        return
    make_folder(path.parent)
    wrong = missing(digest, "存入时文件又有改动")
    try:
        size = source.stat().st_size
    except OSError as error:
        raise ProblemError([wrong]) from error
    with written_atomically(path, read_only=True) as file:
        pour(pieces_of(source), file, digest, size, wrong)
    _keep_names(files, path)


def _keep_names(files: Path, path: Path) -> None:
    try:
        keep_name(path.parent)
        keep_name(files)
    except OSError as error:
        raise ProblemError([problem("E901", Mark(str(path)), path=path, reason=system_reason(error))]) from error


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


def named_in(kind: type[Kept], thing: object) -> Iterator[str]:
    """Yield the SHA-256 of every file that a thing names; the thing as in its JSON."""
    for path in file_fields(kind):
        yield from _values(thing, path)


@cache
def file_fields(kind: type[Model]) -> tuple[tuple[str, ...], ...]:
    """Return the fields of a kind that name kept files, also inside others; * stands for each of several."""
    return tuple(
        (name, *inner)
        for name, field in kind.model_fields.items()
        for inner in _paths(field.annotation, field.metadata)
    )


def _paths(annotation: Any, metadata: Sequence[object] = ()) -> Iterator[tuple[str, ...]]:
    if NAMES_A_FILE in metadata:
        yield ()
    elif get_origin(annotation) is Annotated:
        yield from _paths(annotation.__origin__, annotation.__metadata__)
    elif isinstance(annotation, type) and issubclass(annotation, Model):
        yield from file_fields(annotation)
    else:
        several = ("*",) if get_origin(annotation) in (tuple, list, dict) else ()
        for part in get_args(annotation):
            yield from ((*several, *inner) for inner in _paths(part))


def _values(data: Any, path: tuple[str, ...]) -> Iterator[str]:
    if not path:
        if isinstance(data, str):
            yield data
    elif path[0] != "*":
        yield from _values(data.get(path[0]) if isinstance(data, dict) else None, path[1:])
    elif isinstance(data, list | dict):
        for each in data.values() if isinstance(data, dict) else data:
            yield from _values(each, path[1:])


def pieces_of(path: Path) -> Iterator[bytes]:
    """Yield the content of a file in pieces. Raises ProblemError if it cannot be read."""
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece
    except OSError as error:
        raise ProblemError([missing(path.name, system_reason(error))]) from error


def pour(pieces: Iterable[bytes], target: IO[bytes], digest: str, size: int, wrong: Problem) -> None:
    """Write pieces that must have this SHA-256 and so many bytes. Raises ProblemError, at once when they are more."""
    found, length = hashlib.sha256(), 0
    for piece in pieces:
        length += len(piece)
        if length > size:
            break
        found.update(piece)
        target.write(piece)
    if length != size or found.hexdigest() != digest:
        raise ProblemError([wrong])

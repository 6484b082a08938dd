"""The files of 证据清单: found beside the record and nowhere else, checked against their SHA-256, photographs read."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from stat import S_ISREG
from typing import BinaryIO, NamedTuple
from unicodedata import category

from engine.inspections.photos import MAX_PHOTO_BYTES, Print, Refusal, read_photo
from engine.model.record import Evidence, RecordFile
from engine.problems import Problem, ProblemError, problem, system_reason

PHOTO = "照片"
MAX_FILE_BYTES = 16 * 1024**3
"""Of what is no photograph, in bytes: a day of a body camera."""


class Photo(NamedTuple):
    """A photograph of the record: its line, the SHA-256 of the original, the print made of it."""

    evidence: Evidence
    sha256: str
    print: Print


class EvidenceFiles(NamedTuple):
    """What the files of a record are: the photographs in the record's order, and the SHA-256 of every file."""

    photos: tuple[Photo, ...]
    hashes: dict[str, str]
    """In hexadecimal, by the number of the evidence."""
    unrecorded: tuple[Evidence, ...]
    """Lines whose SHA-256 the record does not say; what hashes says of them was computed now."""


def read_evidence(folder: Path, record: RecordFile) -> tuple[EvidenceFiles, list[Problem]]:
    """Return the files that the record's evidence names in the record's folder, and everything wrong with them.

    A line without a file is left out: its photograph is pasted in by hand, or it is no file. What has a problem is
    left out too: print only if there is none.
    """
    photos: list[Photo] = []
    hashes: dict[str, str] = {}
    problems = _doubles(record.evidence)
    for line in record.evidence:
        if not line.file.strip():
            continue
        try:
            sha256, shown = examine(folder, line)
        except ProblemError as refused:
            problems += refused.problems
            continue
        hashes[line.number] = sha256
        if shown is not None:
            photos.append(Photo(line, sha256, shown))
    unrecorded = tuple(e for e in record.evidence if e.number in hashes and not e.sha256)
    return EvidenceFiles(tuple(photos), hashes, unrecorded), problems


def examine(folder: Path, line: Evidence) -> tuple[str, Print | None]:
    """Return the SHA-256 of the file of a line of evidence and, of a photograph, what is printed of it.

    Raises ProblemError if the file is not in the folder, not what the record says, or no photograph though it should.
    """
    with _opened(folder, line) as file:
        if line.what != PHOTO:
            sha256, content = _hash(file, line), b""
        else:  # read once: what was hashed is what is printed
            content = _bounded(file, line)
            sha256 = hashlib.sha256(content).hexdigest()
    if line.sha256 and line.sha256 != sha256:
        raise ProblemError([_found("E733", line, recorded=line.sha256, found=sha256)])
    if line.what != PHOTO:
        return sha256, None
    shown = read_photo(content)
    if isinstance(shown, Refusal):
        raise ProblemError([_found("E735", line, reason=shown.reason, todo=shown.todo)])
    return sha256, shown


@contextmanager
def _opened(folder: Path, line: Evidence) -> Iterator[BinaryIO]:
    """Open the file of a line; raise ProblemError unless it is a plain file that lies in the folder."""
    path = _inside(folder, line)
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:  # the path is resolved: a link there now was put there meanwhile; a pipe must not keep us waiting
        handle = os.open(path, flags)
    except OSError as error:
        raise ProblemError([_found("E732", line, reason=system_reason(error))]) from error
    try:
        _measured(os.fstat(handle), line)
        with os.fdopen(handle, "rb", closefd=False) as file:
            yield file
    except OSError as error:
        raise ProblemError([_found("E732", line, reason=system_reason(error))]) from error
    finally:
        os.close(handle)


def _measured(status: os.stat_result, line: Evidence) -> None:
    """Raise ProblemError for what is no plain file, empty, or larger than it may be."""
    if not S_ISREG(status.st_mode):
        raise ProblemError([_found("E732", line, reason="这不是普通文件")])
    limit = MAX_PHOTO_BYTES if line.what == PHOTO else MAX_FILE_BYTES
    if status.st_size > limit:
        raise ProblemError([_too_large(line, status.st_size, limit)])
    if not status.st_size:
        raise ProblemError([_found("E732", line, reason="文件是空的")])


def _inside(folder: Path, line: Evidence) -> Path:
    """Return the resolved path of a line's file. Raises ProblemError for a name that leads out of the folder."""
    reason = bad_name(line.file)
    if reason:
        raise ProblemError([_found("E731", line, reason=reason)])
    try:
        home = folder.resolve()
        path = (home / line.file).resolve()
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle, before Python 3.13
        raise ProblemError([_found("E732", line, reason=system_reason(error))]) from error
    if not path.is_relative_to(home):
        raise ProblemError([_found("E731", line, reason="它是链接，指到记录的文件夹之外")])
    return path


def bad_name(name: str) -> str:
    """Return in Chinese why a file name is not to be followed, empty if it is. The same on every system."""
    if any(category(sign)[0] == "C" for sign in name):
        return "含有看不见的字符"
    if "\\" in name or ":" in name:
        return "不能写盘符、网址和反斜线；子文件夹用 /"
    if PurePosixPath(name).is_absolute():
        return "不能写绝对路径"
    if ".." in PurePosixPath(name).parts:
        return "不能用 .. 指到别的文件夹"
    return ""


def _bounded(file: BinaryIO, line: Evidence) -> bytes:
    content = file.read(MAX_PHOTO_BYTES + 1)
    if len(content) > MAX_PHOTO_BYTES:  # it grew since it was measured
        raise ProblemError([_too_large(line, len(content), MAX_PHOTO_BYTES)])
    return content


def _hash(file: BinaryIO, line: Evidence) -> str:
    digest, read = hashlib.sha256(), 0
    while block := file.read(io.DEFAULT_BUFFER_SIZE * 128):
        read += len(block)
        if read > MAX_FILE_BYTES:
            raise ProblemError([_too_large(line, read, MAX_FILE_BYTES)])
        digest.update(block)
    return digest.hexdigest()


def _doubles(lines: tuple[Evidence, ...]) -> list[Problem]:
    """Return a problem for each number that is used again: a finding could not say which evidence it means."""
    first: dict[str, Evidence] = {}
    return [
        problem("E736", number=e.number, first=first[e.number].file or first[e.number].what, file=e.file or e.what)
        for e in lines
        if first.setdefault(e.number, e) is not e
    ]


def _too_large(line: Evidence, size: int, limit: int) -> Problem:
    todo = "请用相机的普通画质，或另存为较小的 JPEG" if line.what == PHOTO else "请分成几个文件"
    return _found("E734", line, size=size, limit=limit, todo=todo)


def _found(code: str, line: Evidence, **fields: str | int) -> Problem:
    return problem(code, None, hint=None, number=line.number, file=line.file, **fields)

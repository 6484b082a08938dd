"""A file's bytes, its size bounded before it is read."""

from __future__ import annotations

from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import TYPE_CHECKING

from engine.problems import Mark, Problem, problem, system_reason

if TYPE_CHECKING:
    from zipfile import ZipFile  # most commands read none

MAX_BYTES = 4 * 1024 * 1024
_STORED, _DEFLATED = 0, 8


def read_bytes(path: Path, shown: str, limit: int = MAX_BYTES) -> tuple[bytes, list[Problem]]:
    """Return the bytes of a file of at most limit bytes, or why not."""
    try:
        status = path.stat()
        if not (S_ISREG(status.st_mode) or S_ISDIR(status.st_mode)):  # reading a pipe could wait for ever
            return b"", [problem("E101", Mark(shown), reason="这不是普通文件")]
        if status.st_size > limit:
            return b"", [problem("E102", Mark(shown), size=status.st_size, limit=limit)]
        with path.open("rb") as file:
            raw = file.read(limit + 1)
    except (OSError, ValueError) as error:
        return b"", [problem("E101", Mark(shown), reason=system_reason(error))]
    return (b"", [problem("E102", Mark(shown), size=len(raw), limit=limit)]) if len(raw) > limit else (raw, [])


def is_ordinary(archive: ZipFile) -> bool:
    """Return whether all parts are stored or deflated, as this program and all office programs write them.

    Others are not to be unpacked: LZMA takes as much memory as the part asks for, and fails in its own way.
    """
    return all(part.compress_type in (_STORED, _DEFLATED) for part in archive.infolist())

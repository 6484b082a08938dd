"""Files are written whole or not at all: to a temporary name beside the target, flushed, then renamed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from engine.problems import Mark, ProblemError, problem, system_reason


def write_atomically(path: Path, content: bytes, *, read_only: bool = False) -> None:
    """Write the file, or leave what was there untouched and raise ProblemError saying why.

    A link is followed: what it points to is replaced, the link stays.
    """
    with written_atomically(path, read_only=read_only) as file:
        file.write(content)


@contextmanager
def written_atomically(path: Path, *, read_only: bool = False) -> Iterator[IO[bytes]]:
    """Yield a file to write into; it takes its name when everything has been written, as write_atomically does."""
    temporary: str | None = None
    try:
        target = path.resolve() if path.is_symlink() else path
        handle, temporary = tempfile.mkstemp(prefix=".chunfeng-", suffix=".tmp", dir=target.parent)
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, (0o444 if read_only else 0o666) & ~_umask())
        os.replace(temporary, target)
        temporary = None
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle, before Python 3.13
        raise ProblemError([problem("E901", Mark(str(path)), path=path, reason=system_reason(error))]) from error
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def keep_name(path: Path) -> None:
    """Put the names in a folder on the disk: what was renamed keeps its name through a power cut. Raises OSError."""
    if os.name == "nt":
        return  # a folder cannot be flushed there
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(path: Path) -> None:
    """Make the folder and those above it where they are missing; raise ProblemError if that cannot be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        hint = "请把这个文件移走或改名"
        raise ProblemError([problem("E901", Mark(str(path)), path=path, reason="已有同名的文件", hint=hint)]) from error
    except OSError as error:
        raise ProblemError([problem("E901", Mark(str(path)), path=path, reason=system_reason(error))]) from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask

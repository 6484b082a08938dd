"""Files are written whole or not at all: to a temporary name beside the target, flushed, then renamed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from engine.problems import Mark, ProblemError, problem, system_reason


def write_atomically(path: Path, content: bytes, *, read_only: bool = False) -> None:
    """Write the file, or leave what was there untouched and raise ProblemError saying why.

    A link is followed: what it points to is replaced, the link stays.
    """
    temporary: str | None = None
    try:
        target = path.resolve() if path.is_symlink() else path
        handle, temporary = tempfile.mkstemp(prefix=".chunfeng-", suffix=".tmp", dir=target.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
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

"""Files of a workspace by their SHA-256: a file is there whole or not at all, and its name says what is in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from engine.writing import make_folder, write_atomically


def keep(files: Path, content: bytes) -> str:
    """Keep a content in the folder of files; return its SHA-256. Raises ProblemError if it cannot be written."""
    digest = hashlib.sha256(content).hexdigest()
    path = path_of(files, digest)
    if not path.exists():
        make_folder(path.parent)
        write_atomically(path, content, read_only=True)
    return digest


def path_of(files: Path, digest: str) -> Path:
    """Return where the file of a SHA-256 lies."""
    return files / digest[:2] / digest


def digests(files: Path) -> Iterator[str]:
    """Yield the names of the files that lie there, sorted."""
    yield from sorted(path.name for path in files.glob("??/*") if not path.name.startswith("."))


def is_whole(files: Path, digest: str) -> bool:
    """Return whether the file of a SHA-256 is there and holds what its name says."""
    path = path_of(files, digest)
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == digest

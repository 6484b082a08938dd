"""Checksums and the archive: names in order, one time for all, so that the same parts give the same bytes."""

from __future__ import annotations

import gzip
import hashlib
import os
import subprocess
import tarfile
from pathlib import Path

SUMS = "SHA256SUMS"


def moment(root: Path) -> int:
    """Return the time that all files get, in seconds since 1970: SOURCE_DATE_EPOCH, else that of the last commit."""
    if told := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(told)
    command = ["git", "-C", str(root), "log", "-1", "--format=%ct"]
    return int(subprocess.run(command, check=True, capture_output=True, encoding="ascii").stdout)


def write_sums(folder: Path) -> None:
    """Write the SHA-256 of every file of the folder into it, as sha256sum -c reads them."""
    lines = [f"{_digest(path)}  {path.relative_to(folder)}\n" for path in _files(folder) if path.name != SUMS]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")


def pack(folder: Path, target: Path, when: int, level: int = 9) -> None:
    """Write the folder as a .tar.gz: gzip is on every Linux, xz is not."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}")
    with (
        unfinished.open("wb") as file,
        gzip.GzipFile(filename="", mode="wb", compresslevel=level, fileobj=file, mtime=when) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for path in [folder, *sorted(folder.rglob("*"))]:
            _add(archive, path, str(path.relative_to(folder.parent)), when)
    unfinished.replace(target)


def _add(archive: tarfile.TarFile, path: Path, name: str, when: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.mtime = when
    if path.is_dir():
        entry.type, entry.mode = tarfile.DIRTYPE, 0o755
        archive.addfile(entry)
        return
    entry.size = path.stat().st_size
    entry.mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
    with path.open("rb") as file:
        archive.addfile(entry, file)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

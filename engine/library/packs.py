"""Rules packs: rules and checklists alone, to bring an installed program to another campaign year.

A pack is a .zip with a manifest that lists every file with its SHA-256; the digest of the manifest names the pack. It
holds data only, never templates or programs. A pack is taken in beside the rules that came with the program and put to
use by one renaming; whoever is stopped meanwhile leaves the rules before it in use.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import Field, ValidationError

from engine import __version__
from engine.library.check import check_library
from engine.library.files import (
    BUILT_IN,
    IN_USE,
    PACKS,
    Place,
    data_root,
    is_installed,
    packs_used,
    program_root,
)
from engine.library.load import load_library
from engine.library.releases import check_releases
from engine.model.base import Model
from engine.problems import Mark, Problem, ProblemError, errors, problem, system_reason
from engine.reading import is_ordinary, read_bytes
from engine.writing import keep_name, make_folder, write_atomically

MANIFEST = "manifest.json"
MAX_PACKED = 32 * 1024 * 1024
MAX_FILES = 5000
MAX_FILE = 16 * 1024 * 1024
MAX_UNPACKED = 64 * 1024 * 1024
"""Bytes and files; the rules of two campaigns are 200 files and 7 MB."""
_NAME = re.compile(r"(rules|checklists)(/[A-Za-z0-9_][A-Za-z0-9_.-]*){1,4}\.(yaml|json|md)")
"""Files that a pack may hold: nothing hidden, nothing that leaves its folder, nothing that is run."""
_EPOCH = (1980, 1, 1, 0, 0, 0)


class PackedFile(Model):
    """A file of a pack."""

    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    bytes: int = Field(ge=0, le=MAX_FILE)


class PackManifest(Model):
    """What a pack says of itself."""

    kind: Literal["rules-pack"]
    schema_: Literal[1] = Field(alias="schema")
    program: str = Field(max_length=40)
    """Version of the program that the rules came with."""
    files: dict[str, PackedFile]


class Pack(NamedTuple):
    """A pack that was read and agrees with its manifest."""

    digest: str
    program: str
    files: Mapping[str, bytes]


class Updated(NamedTuple):
    """What an update or its undoing changed: the rules now in use, those before, and files that differ, sorted."""

    now: str
    before: str
    changed: tuple[str, ...]


def packed_rules(root: Path) -> bytes:
    """Return the pack of the rules/ and checklists/ under root. The same files give the same bytes."""
    paths = sorted(path for folder in ("rules", "checklists") for path in (root / folder).rglob("*") if path.is_file())
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}
    content = {
        "kind": "rules-pack", "schema": 1, "program": __version__,
        "files": {name: {"sha256": _sha256(raw), "bytes": len(raw)} for name, raw in files.items()},
    }  # fmt: skip
    files = {MANIFEST: (json.dumps(content, sort_keys=True, indent=1) + "\n").encode(), **files}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, raw in files.items():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(info, raw)
    return packed.getvalue()


def read_pack(path: Path) -> Pack:
    """Return the pack; raises ProblemError if it is none, is too large, or differs from its manifest."""
    raw, problems = read_bytes(path, str(path), MAX_PACKED)
    if problems:
        raise ProblemError(problems)
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            found = _contents(archive, path)
            listed = found.pop(MANIFEST, b"")
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, RuntimeError, NotImplementedError) as error:
        raise _refused(path, "不是 .zip，或没有复制完整") from error
    try:
        manifest = PackManifest.model_validate_json(listed)
    except ValidationError as error:
        raise _refused(path, f"其中没有可用的 {MANIFEST}") from error
    for name in sorted(found.keys() ^ manifest.files.keys()):
        raise _refused(path, f"{name} 不在清单上" if name in found else f"缺少 {name}")
    for name, file in sorted(manifest.files.items()):
        if len(found[name]) != file.bytes or _sha256(found[name]) != file.sha256:
            raise _refused(path, f"{name} 与清单上的校验值不符")
    return Pack(_sha256(listed), manifest.program, found)


def _contents(archive: zipfile.ZipFile, path: Path) -> dict[str, bytes]:
    """Return the files by name, the manifest among them, none read beyond what is allowed."""
    entries = archive.infolist()
    if len(entries) > MAX_FILES or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise _refused(path, f"内容过多（上限 {MAX_FILES} 个文件、{MAX_UNPACKED >> 20} MB）")
    if not is_ordinary(archive):
        raise _refused(path, "压缩方法不是 .zip 常用的")
    found: dict[str, bytes] = {}
    for entry in entries:
        name = entry.filename
        if name in found or not (name == MANIFEST or _NAME.fullmatch(name)):
            raise _refused(path, f"里面有不该有的文件 “{name[:80]}”")
        with archive.open(entry) as file:
            found[name] = file.read(MAX_FILE + 1)
        if len(found[name]) > MAX_FILE or len(found[name]) != entry.file_size:
            raise _refused(path, f"{name} 过大或不完整")
    return found


def update_rules(path: Path, bureau: Place | None = None) -> Updated:
    """Take the pack in and put it to use; return what changed.

    bureau: its own rules and those of its superiors, which must be right over the new ones too. Raises ProblemError,
    the rules in use untouched, if the pack is not right, its rules have errors, or a release is missing that is there
    now.
    """
    packs = _packs()
    pack = read_pack(path)
    used = packs_used(packs) or [BUILT_IN]
    before = data_root()
    if pack.digest == used[-1]:
        return Updated(pack.digest, pack.digest, ())
    make_folder(packs)
    try:
        new = Path(tempfile.mkdtemp(prefix=".new-", dir=packs))
    except OSError as error:
        raise _unwritable(packs, error) from error
    try:
        for name, raw in sorted(pack.files.items()):
            make_folder((new / name).parent)
            write_atomically(new / name, raw)
        problems = _problems_of(new, before, bureau, pack.program)
        if problems:
            raise ProblemError(problems)
        changed = _changed(before, pack.files)
        _put(new, packs / pack.digest)
    except OSError as error:
        raise _unwritable(packs, error) from error
    finally:
        shutil.rmtree(new, ignore_errors=True)
    _use(packs, [used[-1], pack.digest])
    return Updated(pack.digest, used[-1], changed)


def undo_update() -> Updated:
    """Put the rules to use that were in use before the last pack; raises ProblemError if there are none."""
    packs = _packs()
    used = packs_used(packs)
    if len(used) < 2:
        raise ProblemError([problem("E974")])
    earlier, now = used
    if earlier != BUILT_IN and not (packs / earlier / "rules").is_dir():
        raise ProblemError([problem("E974")])
    back = program_root() if earlier == BUILT_IN else packs / earlier
    changed = _changed(packs / now if now != BUILT_IN else program_root(), _files(back))
    _use(packs, [earlier])
    return Updated(earlier, now, changed)


def _packs() -> Path:
    if not is_installed():
        raise ProblemError([problem("E975", reason="这是源码目录，规则就在 rules 和 checklists 里")])
    return program_root() / PACKS


def _use(packs: Path, used: list[str]) -> None:
    """Write which rules are in use, then remove packs that no line names and what stopped updates left."""
    write_atomically(packs / IN_USE, "".join(f"{name}\n" for name in used).encode("ascii"))
    keep_name(packs)
    for path in packs.iterdir():
        if path.is_dir() and path.name not in used:
            shutil.rmtree(path, ignore_errors=True)


def _put(new: Path, target: Path) -> None:
    """Give the folder its name; what an update that was stopped left under that name goes first."""
    if target.exists():
        shutil.rmtree(target)
    new.chmod(0o755)
    new.rename(target)
    keep_name(target.parent)


def _problems_of(new: Path, before: Path, bureau: Place | None, program: str) -> list[Problem]:
    """Return why the rules of the folder must not be used, empty if they may."""
    missing = [name for name in _releases(before) if not (new / name).is_file()]
    if missing:
        shown = "、".join(Path(name).parent.name + " " + Path(name).stem[:12] for name in missing)
        return [problem("E973", missing=shown)]
    for place in dict.fromkeys([Place(new), replace(bureau or Place(new), root=new)]):
        library = load_library(place)
        found = list(errors(check_library(library))) or list(errors(check_releases(library)))
        if found:
            other = f"（规则包出自春风 {program}，这里是 {__version__}：多半要先换程序）"
            return [*found, problem("E972", made=other if program != __version__ else "")]
    return []


def _releases(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.glob("rules/releases/*/*.json"))


def _files(root: Path) -> dict[str, bytes]:
    found = (path for folder in ("rules", "checklists") for path in (root / folder).rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


def _changed(before: Path, files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return the files that are new, gone, or other than before, sorted."""
    old = _files(before)
    return tuple(sorted(name for name in old.keys() | files.keys() if old.get(name) != files.get(name)))


def _refused(path: Path, reason: str) -> ProblemError:
    return ProblemError([problem("E971", Mark(str(path)), reason=reason)])


def _unwritable(path: Path, error: OSError) -> ProblemError:
    return ProblemError([problem("E901", Mark(str(path)), path=path, reason=system_reason(error))])


def _sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()

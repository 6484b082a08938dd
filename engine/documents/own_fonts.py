"""The fonts that a bureau's profile names: read once, known by their hash, never opened because a paper says so."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from engine.inspections.bureaus import MAX_BUREAU_BYTES, read_bureau
from engine.model.bureau import BureauFile
from engine.problems import Mark, Problem, ProblemError, problem, system_reason
from engine.reading import read_bytes
from engine.source import load

MAX_FONT_BYTES = 64 * 1024 * 1024
OURS = frozenset(map(ord, "☐☑☒✓✗＿"))
"""Boxes and blanks are always ours: a box of another face may be too small to tick, a line may have gaps."""
_TABLES = ("cmap", "head", "hhea", "hmtx", "maxp")
_OUTLINES = ("glyf", "CFF ", "CFF2")


class OwnFont(NamedTuple):
    """A font for one role: what a paper says of it, and where it lies here."""

    role: str
    file: str
    """Name of the file, without its folder."""
    sha256: str
    path: Path
    family: str
    """Its name on paper: that of the font with digits of its hash, so that two of one name are two."""


class Profile(NamedTuple):
    """A bureau's profile and the fonts that it names."""

    bureau: BureauFile | None
    fonts: tuple[OwnFont, ...]


_NONE = Profile(None, ())


def read_profile(path: Path | None) -> tuple[Profile, list[Problem]]:
    """Return the profile in a YAML file with its fonts read, or an empty one: without a file, or with problems."""
    if path is None:
        return _NONE, []
    bureau, problems = read_bureau(path)
    if bureau is None:
        return _NONE, problems
    document = load(path, limit=MAX_BUREAU_BYTES)[0] if bureau.fonts else None
    found = []
    for role, name in sorted(bureau.fonts.items()):
        try:
            found.append(_read(role, name, path.parent / name, document.mark(("fonts", role)) if document else None))
        except ProblemError as error:
            problems += error.problems
    return (_NONE, problems) if problems else (Profile(bureau, tuple(found)), [])


def fonts_with(known: Sequence[OwnFont], wanted: Mapping[str, tuple[str, str]]) -> tuple[OwnFont, ...] | None:
    """Return the fonts of a paper (role to file and SHA-256) out of those at hand, None if one is not among them."""
    by_hash = {font.sha256: font for font in known}
    if any(sha256 not in by_hash for _, sha256 in wanted.values()):
        return None
    return tuple(by_hash[sha256]._replace(role=role, file=file) for role, (file, sha256) in sorted(wanted.items()))


@cache
def own_content(font: OwnFont) -> bytes:
    """Return the font as one face, without what a pen writes on. Raises ProblemError if the file changed since."""
    from fontTools.ttLib import TTFont

    try:
        raw = font.path.read_bytes()
    except OSError as error:
        reason = system_reason(error)
        raise ProblemError([problem("E752", role=font.role, path=font.path, reason=reason)]) from error
    if hashlib.sha256(raw).hexdigest() != font.sha256:
        reason = "读取以后文件又改动过"
        raise ProblemError([problem("E753", role=font.role, path=font.path, reason=reason)])
    target = io.BytesIO()
    with TTFont(io.BytesIO(raw), fontNumber=_number(raw), lazy=True, recalcTimestamp=False) as face:
        _number_glyphs(face)
        for table in face["cmap"].tables:
            for code in OURS & set(getattr(table, "cmap", ())):
                del table.cmap[code]
        face.save(target, reorderTables=None)
    return target.getvalue()


@cache
def own_characters(font: OwnFont) -> frozenset[str]:
    """Return what the font can show. Raises ProblemError if the file is no longer what was read."""
    from fontTools.ttLib import TTFont

    with TTFont(io.BytesIO(own_content(font)), lazy=True) as face:
        return _characters(face)


def _read(role: str, name: str, path: Path, mark: Mark | None) -> OwnFont:
    """Return the font in a file. Raises ProblemError if it cannot be read or is no font to print with."""
    raw, problems = read_bytes(path, name, MAX_FONT_BYTES)
    if problems:
        raise ProblemError([problem("E752", mark, role=role, path=name, reason=problems[0].message)])
    from fontTools.ttLib import TTFont

    try:
        with TTFont(io.BytesIO(raw), fontNumber=_number(raw), lazy=True) as face:
            reason = _fault(face)
            named = face["name"].getDebugName(6) or face["name"].getDebugName(1) or ""
    except Exception:  # a parser on bytes that are no font raises anything
        reason, named = "不是字体文件，或已损坏", ""
    if reason:
        raise ProblemError([problem("E753", mark, role=role, path=name, reason=reason)])
    sha256 = hashlib.sha256(raw).hexdigest()
    family = f"{re.sub('[^A-Za-z0-9]', '', named)[:40] or 'Font'}-{sha256[:8]}"
    return OwnFont(role, re.split(r"[/\\]", name)[-1], sha256, path, family if family[0].isalpha() else f"F{family}")


def _fault(face: Any) -> str:
    """Return why nothing can be printed with a font, empty if it can."""
    for table in face.reader.keys():  # noqa: SIM118  # not a dict; reading each shows whether the file is whole
        face.reader[table]
    if not all(table in face for table in _TABLES):
        return "缺少必需的数据表"
    if not any(table in face for table in _OUTLINES):
        return "是点阵字体，没有轮廓"
    characters = _characters(face)
    if not characters:
        return "没有按统一编码（Unicode）收字"
    return "" if " " in characters else "没有空格"  # a space is set in the font of the word before it


def _characters(face: Any) -> frozenset[str]:
    """Return the characters of a font that have a glyph of their own."""
    _number_glyphs(face)
    return frozenset(chr(code) for code, glyph in (face.getBestCmap() or {}).items() if glyph != "glyph0")


def _number_glyphs(face: Any) -> None:
    """Name the glyphs by their numbers: for their real names all outlines would be parsed, and written anew."""
    face.setGlyphOrder([f"glyph{number}" for number in range(face["maxp"].numGlyphs)])


def _number(raw: bytes) -> int:
    """Return which face of a collection to take: the Simplified Chinese one if a name says so, else the first."""
    from fontTools.ttLib import TTCollection

    if raw[:4] != b"ttcf":
        return -1
    with TTCollection(io.BytesIO(raw), lazy=True) as collection:
        names = [str(face["name"].getDebugName(1) or "") for face in collection]
    return next((number for number, name in enumerate(names) if re.search(r" (SC|CN|GB)\b", name)), 0)

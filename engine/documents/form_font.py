"""The face of what is typed into a form: embedded whole, since nobody knows beforehand which characters will be."""

from __future__ import annotations

import zlib
from functools import cache
from typing import Any, NamedTuple

import pydyf

from engine.documents.fonts import FACES, font_folder

NAME = "Song"
"""Name of the face among the resources of the form."""


class _Face(NamedTuple):
    postscript: str
    cff: bytes
    unicode_map: bytes
    widths: tuple[tuple[int, int], ...]
    """Characters that are not as wide as the em: number of the glyph, width in thousandths."""
    bounds: tuple[int, ...]
    ascent: int
    descent: int
    cap_height: int


@cache
def _face() -> _Face:
    from fontTools.ttLib import TTFont

    with TTFont(font_folder() / FACES[0].file, lazy=True, recalcTimestamp=False) as font:
        order = {name: number for number, name in enumerate(font.getGlyphOrder())}
        top = font["CFF "].cff.topDictIndex[0]
        cids = {name: int(name.removeprefix("cid")) if name.startswith("cid") else 0 for name in order}
        assert top.ROS[:2] == ("Adobe", "Identity")
        characters: dict[int, int] = {}
        for character, glyph in sorted(font.getBestCmap().items()):
            characters.setdefault(cids[glyph], character)  # - before the soft hyphen, which has the same glyph
        scale = 1000 / font["head"].unitsPerEm
        widths = sorted((cids[name], round(font["hmtx"][name][0] * scale)) for name in order)
        return _Face(
            postscript=str(font["name"].getDebugName(6)),
            cff=zlib.compress(font.reader["CFF "], 6),  # as it lies in the file: compiling it again takes ten seconds
            unicode_map=zlib.compress(_unicode_map(characters), 6),
            widths=tuple((cid, width) for cid, width in widths if width != 1000),
            bounds=tuple(round(getattr(font["head"], side) * scale) for side in ("xMin", "yMin", "xMax", "yMax")),
            ascent=round(font["OS/2"].sTypoAscender * scale), descent=round(font["OS/2"].sTypoDescender * scale),
            cap_height=round(getattr(font["OS/2"], "sCapHeight", 0) * scale) or 700,
        )  # fmt: skip


def _unicode_map(characters: dict[int, int]) -> bytes:
    """Return the CMap that says which character each glyph is; readers look up in it what somebody types."""
    lines = [
        "/CIDInit /ProcSet findresource begin", "12 dict begin", "begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def", "/CMapType 2 def",
        "1 begincodespacerange", "<0000> <FFFF>", "endcodespacerange",
    ]  # fmt: skip
    pairs = sorted(characters.items())
    for start in range(0, len(pairs), 100):
        part = pairs[start : start + 100]
        lines.append(f"{len(part)} beginbfchar")
        lines += [f"<{cid:04X}> <{chr(c).encode('utf-16-be').hex().upper()}>" for cid, c in part]
        lines.append("endbfchar")
    lines += ["endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"]
    return "\n".join(lines).encode("ascii")


def add_face(pdf: Any) -> Any:
    """Add the face to a PDF of pydyf and return the reference of its font dictionary.

    As a bare CFF and not as OpenType: with that Poppler finds no glyph for the Chinese that is typed into a field.
    """
    face = _face()

    def packed(data: bytes, **extra: object) -> Any:
        stream = pydyf.Stream([data], {"Filter": "/FlateDecode", **extra})
        pdf.add_object(stream)
        return stream.reference

    def added(**entries: object) -> Any:
        dictionary = pydyf.Dictionary(entries)
        pdf.add_object(dictionary)
        return dictionary.reference

    name = f"/{face.postscript}"
    descriptor = added(
        Type="/FontDescriptor", FontName=name, Flags=4, FontBBox=pydyf.Array(face.bounds), ItalicAngle=0,
        Ascent=face.ascent, Descent=face.descent, CapHeight=face.cap_height, StemV=80,
        FontFile3=packed(face.cff, Subtype="/CIDFontType0C"),
    )  # fmt: skip
    system = pydyf.Dictionary(
        {"Registry": pydyf.String("Adobe"), "Ordering": pydyf.String("Identity"), "Supplement": 0}
    )
    widths = pydyf.Array(part for cid, width in face.widths for part in (cid, pydyf.Array([width])))
    descendant = added(
        Type="/Font", Subtype="/CIDFontType0", BaseFont=name, CIDSystemInfo=system, FontDescriptor=descriptor,
        DW=1000, W=widths,
    )  # fmt: skip
    return added(
        Type="/Font", Subtype="/Type0", BaseFont=name, Encoding="/Identity-H",
        DescendantFonts=pydyf.Array([descendant]), ToUnicode=packed(face.unicode_map),
    )  # fmt: skip

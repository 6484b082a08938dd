"""The fonts that come with the program: subsets of Noto CJK SC and a small face for tick boxes, built once.

Each subset holds the 8,105 characters of 通用规范汉字表 (2013), those of GB 2312, and the signs of official papers.
What else a paper may be printed with is said in engine.documents.typefaces.
"""

from __future__ import annotations

import os
import tempfile
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from stat import S_ISDIR
from typing import Any, NamedTuple

from engine.library.files import is_installed, program_root
from engine.problems import ProblemError, problem
from engine.writing import make_folder

RECIPE = "2"
"""Raised when the subsets change, so that an older cache is not used; tools/setup.sh and the wheel read it here."""

SYSTEM_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
APT_COMMAND = "apt-get install -y --no-install-recommends fonts-noto-cjk"
SYMBOLS = "ChunfengSymbols.ttf"
LICENCE = "OFL.txt"


class Face(NamedTuple):
    """A face to build: its file, family and weight, and the system file it is cut from."""

    file: str
    family: str
    style: str
    source: str


FACES = (
    Face("ChunfengSerif-Regular.otf", "Chunfeng Serif", "Regular", "NotoSerifCJK-Regular.ttc"),
    Face("ChunfengSans-Bold.otf", "Chunfeng Sans", "Bold", "NotoSansCJK-Bold.ttc"),
    Face("ChunfengTitle-Bold.otf", "Chunfeng Title", "Bold", "NotoSerifCJK-Bold.ttc"),
)
SC = 2
"""Place of the Simplified Chinese face in the Noto CJK collections."""
_SIGNS = "☐☑☒✓✗"


def wanted_characters() -> str:
    """Return the characters of the subsets, in the order of their code points."""
    listed = (program_root() / "templates" / "_fonts" / "standard-characters.txt").read_text(encoding="utf-8")
    wanted = set(listed.replace("\n", ""))
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                wanted.add(bytes((high, low)).decode("gb2312"))
            except UnicodeDecodeError:
                continue
    wanted |= {
        chr(c) for c in (*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x2010, 0x2040), *range(0x2150, 0x2200))
    }
    wanted |= {chr(c) for c in (*range(0x2460, 0x2500), *range(0x3000, 0x3040), *range(0xFF00, 0xFFEF))}
    wanted |= set("℃℉㎡㎎㎏㎜㎝㎞㏄㏎≤≥≠±×÷√□■○●◎△▲▽▼★☆→←↑↓〔〕【】")
    return "".join(sorted(wanted - set(_SIGNS)))


def font_folder() -> Path:
    """Return the folder with the built fonts: of the package, of the checkout, or the user's cache.

    Builds them in the cache when none has them yet (about a minute, once). Raises ProblemError if the system has no
    Noto CJK fonts to build from.
    """
    found = built_folder()
    if found is None:
        found = cache_folder() / "fonts"
        build(found)
    return found


def built_folder() -> Path | None:
    """Return the folder with the built fonts, None if they have yet to be built."""
    own = program_root() / "fonts" if is_installed() else program_root() / "build" / "fonts"
    return next((folder for folder in (own, cache_folder() / "fonts") if is_built(folder)), None)


def is_built(folder: Path) -> bool:
    """Return whether the folder holds every font of this recipe."""
    marker = folder / "recipe.txt"
    return marker.is_file() and marker.read_text(encoding="ascii").strip() == RECIPE


def build(folder: Path, each: Callable[..., Iterable[None]] = map) -> None:
    """Cut the subsets and draw the tick boxes into the folder. Raises ProblemError without Noto CJK fonts.

    each: what calls a function with each face, like map; a pool of processes has one that is faster.
    """
    sources = {face.source: system_file(face.source) for face in FACES}
    missing = [name for name, path in sources.items() if path is None]
    if missing:
        raise ProblemError([problem("E705", todo=f"请安装 Noto CJK 字体：{APT_COMMAND}（缺 {'、'.join(missing)}）")])
    folder.mkdir(parents=True, exist_ok=True)
    wanted = wanted_characters()
    count = len(FACES)
    cut = each(_subset, (sources[f.source] for f in FACES), FACES, [wanted] * count, [folder / f.file for f in FACES])
    deque(cut, maxlen=0)  # map does nothing before it is asked
    _draw_signs(folder / SYMBOLS)
    licence = (program_root() / "templates" / "_fonts" / LICENCE).read_bytes()
    (folder / LICENCE).write_bytes(licence)
    (folder / "recipe.txt").write_text(RECIPE + "\n", encoding="ascii")


def cache_folder() -> Path:
    """Return a folder of this program that can be written to: in the user's cache, else a temporary one."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "chunfeng"
    try:
        base.mkdir(parents=True, exist_ok=True)
        if os.access(base, os.W_OK):
            return base
    except OSError:
        pass
    fallback = Path(tempfile.gettempdir()) / f"chunfeng-{os.getuid() if hasattr(os, 'getuid') else 'user'}"
    make_folder(fallback)
    if hasattr(os, "getuid"):
        status = fallback.lstat()
        if status.st_uid != os.getuid() or not S_ISDIR(status.st_mode):  # laid out by somebody else
            hint = "请设置环境变量 XDG_CACHE_HOME 指向可写的目录"
            raise ProblemError([problem("E901", path=fallback, reason="这个目录属于别的用户", hint=hint)])
        fallback.chmod(0o700)
    return fallback


def system_file(name: str) -> Path | None:
    """Return the font file of this name that is installed on the system, None if there is none."""
    for folder in SYSTEM_FOLDERS:
        found = sorted(folder.rglob(name)) if folder.is_dir() else []
        if found:
            return found[0]
    return None


def _subset(source: Path, face: Face, wanted: str, target: Path) -> None:
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    options = Options(layout_features=[], hinting=False, desubroutinize=False, name_IDs=["*"], notdef_outline=True)
    options.recalc_timestamp = False
    with TTFont(source, fontNumber=SC, recalcTimestamp=False) as font:
        subsetter = Subsetter(options)
        subsetter.populate(text=wanted)
        subsetter.subset(font)
        _rename(font, face)
        temporary = target.with_suffix(".tmp")
        font.save(temporary)
    temporary.replace(target)


def _rename(font: Any, face: Face) -> None:
    names = font["name"]
    postscript = f"{face.family.replace(' ', '')}-{face.style}"
    kept = {0, 13, 14}
    names.names = [n for n in names.names if n.nameID in kept and n.langID == 0x409]
    for identifier, text in ((1, face.family), (2, face.style), (4, f"{face.family} {face.style}"), (6, postscript)):
        names.setName(text, identifier, 3, 1, 0x409)
    if "CFF " in font:
        cff = font["CFF "].cff
        cff.fontNames[0] = postscript
        cff.topDictIndex[0].FamilyName = face.family
        cff.topDictIndex[0].FullName = f"{face.family} {face.style}"


def _draw_signs(target: Path) -> None:
    """Draw ☐ ☑ ☒ ✓ ✗: no CJK font has them all. The box fills the em, so that 12 pt prints 4 mm."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    def polygon(pen: Any, points: list[tuple[int, int]]) -> None:
        pen.moveTo(points[0])
        for point in points[1:]:
            pen.lineTo(point)
        pen.closePath()

    box = ([(20, -120), (20, 860), (1000, 860), (1000, -120)], [(80, -60), (940, -60), (940, 800), (80, 800)])
    tick = [(180, 400), (260, 470), (440, 250), (800, 700), (880, 640), (450, 90)]
    cross = [
        (200, 140), (440, 370), (200, 600), (270, 670), (510, 440), (750, 670), (820, 600), (580, 370), (820, 140),
        (750, 70), (510, 300), (270, 70),
    ]  # fmt: skip
    drawn = {"☐": [*box], "☑": [*box, tick], "☒": [*box, cross], "✓": [tick], "✗": [cross]}
    builder = FontBuilder(1024, isTTF=True)
    order = [".notdef", "space", *(f"u{ord(sign):04X}" for sign in drawn)]
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap({0x20: "space", **{ord(sign): f"u{ord(sign):04X}" for sign in drawn}})
    glyphs = {".notdef": TTGlyphPen(None).glyph(), "space": TTGlyphPen(None).glyph()}
    for sign, outlines in drawn.items():
        pen = TTGlyphPen(None)
        for outline in outlines:
            polygon(pen, outline)
        glyphs[f"u{ord(sign):04X}"] = pen.glyph()
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics({name: (1024 if name != "space" else 256, 0) for name in order})
    builder.setupHorizontalHeader(ascent=880, descent=-144)
    builder.setupNameTable({"familyName": "Chunfeng Symbols", "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=880, sTypoDescender=-144, usWinAscent=880, usWinDescent=144)
    builder.setupPost()
    builder.font["head"].created = builder.font["head"].modified = 0
    builder.font.recalcTimestamp = False
    builder.save(target)


if __name__ == "__main__":
    import sys
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor() as pool:
        build(Path(sys.argv[1]), pool.map)

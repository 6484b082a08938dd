"""What a paper is printed with: which face a character is taken from, and which characters none of them has.

In this order: the bureau's own font for the role, the subset that comes with the program, the full Noto face of the
system, the bureau's font for rare characters and its others, a wide face of the system. No other font of the system is
seen, so that what else is installed cannot change a paper.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from engine.documents import fonts
from engine.documents.own_fonts import OwnFont, own_characters
from engine.problems import Problem, problem

ROLES = {
    "song": ("Chunfeng Serif",),
    "fang": ("Chunfeng Serif",),
    "kai": ("Chunfeng Serif",),
    "hei": ("Chunfeng Sans", "Chunfeng Serif"),
    "biaosong": ("Chunfeng Title", "Chunfeng Serif"),
}
"""The built families of each role; a style sheet asks for a role with var(--song)."""
FULL_FAMILY = "Noto Serif CJK SC"
RARE = {
    "HanaMinA.ttf": "HanaMinA", "HanaMinB.ttf": "HanaMinB", "BabelStoneHan.ttf": "BabelStone Han",
}  # fmt: skip
"""Free faces with many more characters than Noto, by their file: the last to be asked."""
RARE_PACKAGES = "fonts-hanazono fonts-babelstone-han"
_WHITE = frozenset("\t\n\r\f\u200b\ufeff")
"""Space and places to break, which need no glyph."""
_NEVER = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
"""Categories that a font of others is not asked for: they turn text around, are not seen, or mean one thing here and
another there."""
_OLD_STANDARD = range(0xE815, 0xE865)
"""Where GBK fonts kept the characters of 0xFE50 to 0xFEA0; most of them have a code point by now."""


def configure() -> Path:
    """Point fontconfig at our fonts and the few faces of the system. Call before WeasyPrint is imported."""
    built = fonts.font_folder()
    files = [path for name in (fonts.FACES[0].source, *RARE) if (path := fonts.system_file(name))]
    folders = dict.fromkeys([built, *(path.parent for path in files)])
    listed = "".join(f"<dir>{_xml(str(folder))}</dir>" for folder in folders)
    hidden = "".join(f"<glob>{_xml(str(folder))}/*</glob>" for folder in fonts.SYSTEM_FOLDERS)
    seen = "".join(f"<glob>{_xml(str(path))}</glob>" for path in files)
    chosen = f"<selectfont><rejectfont>{hidden}</rejectfont><acceptfont>{seen}</acceptfont></selectfont>"
    cached = _xml(str(fonts.cache_folder() / "fontconfig"))
    text = f"<?xml version='1.0'?><fontconfig>{listed}{chosen}<cachedir>{cached}</cachedir></fontconfig>\n"
    name = f"fonts-{hashlib.sha256(text.encode()).hexdigest()[:12]}.conf"
    target = fonts.cache_folder() / name
    if not target.is_file():
        temporary = target.with_suffix(f".{os.getpid()}")
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(target)
    os.environ["FONTCONFIG_FILE"] = str(target)
    return built


def style(own: Sequence[OwnFont] = ()) -> str:
    """Return the style that names the families of each role; every one ends with all that may show a character."""
    names = dict.fromkeys(font.family for font in own)
    loaded = [f"@font-face {{ font-family: {name}; src: url(asset:{name}); }}" for name in names]
    last = [f'"Chunfeng Symbols", "{FULL_FAMILY}"']
    last += [font.family for font in sorted(own, key=lambda font: font.role != "rare")]
    last += [f'"{family}"' for family in RARE.values()]
    variables = []
    for role, families in ROLES.items():
        first = [font.family for font in own if font.role == role]
        stack = dict.fromkeys([*first, *(f'"{family}"' for family in families), *last])
        variables.append(f"--{role}: {', '.join(stack)};")
    return "\n".join([*loaded, f":root {{ {' '.join(variables)} }}"]) + "\n"


def families_written_out(css: str, own: Sequence[OwnFont] = ()) -> str:
    """Return a style sheet with the families in the place of each var(): WeasyPrint looks them up for every element."""
    values: dict[str, str] = {}
    for definitions in _ROOT.findall(style(own) + css):
        values |= dict(_VARIABLE.findall(definitions))  # the last definition counts, as in a browser
    for _ in range(2):  # a variable may be another
        css = _USE.sub(lambda found: values.get(found.group(1), found.group()), css)
    return css


_ROOT = re.compile(r":root \{([^}]*)\}")
_VARIABLE = re.compile(r"--([a-z]+): ([^;]+);")
_USE = re.compile(r"var\(--([a-z]+)\)")


def missing_characters(text: str, own: Sequence[OwnFont] = ()) -> list[Problem]:
    """Return a problem for every character that no face of style() can show."""
    unknown = set(text) - _built_characters() - _WHITE
    never = {c for c in unknown if unicodedata.category(c) in _NEVER or _is_selector(c)}
    unknown -= never
    if unknown:
        unknown -= _file_characters(fonts.FACES[0].source)
    for font in own if unknown else ():
        unknown -= own_characters(font)
    for name in RARE if unknown else ():
        unknown -= _file_characters(name)
    return unprintable(sorted(unknown | never), text)


def unprintable(characters: Iterable[str], text: str) -> list[Problem]:
    """Return the problem of each character, with what stands beside it in the text and what helps."""
    return [problem("E704", hint=_advice(c), char=c, code=f"{ord(c):04X}", around=_around(text, c)) for c in characters]


def system_files(text: str, own: Sequence[OwnFont] = ()) -> list[Path]:
    """Return the faces of the system that the text is printed with; most papers need none."""
    found = []
    unknown = {c for c in set(text) - _WHITE if unicodedata.category(c) not in _NEVER} - _built_characters()
    for name in (fonts.FACES[0].source, *RARE):
        has = unknown & _file_characters(name) if unknown else set()
        path = fonts.system_file(name)
        if has and path is not None:
            found.append(path)
        unknown -= has
        for font in own if name == fonts.FACES[0].source and unknown else ():
            unknown -= own_characters(font)
    return found


def _advice(char: str) -> str:
    """Return what to do about a character that no face has."""
    code, category = ord(char), unicodedata.category(char)
    if category == "Co":
        now = _now(code)
        instead = f"请改用 “{now}”（U+{ord(now):04X}）" if now else "请用输入法另输统一编码的字"
        return f"这是自造字，换一台电脑就是别的字；{instead}"
    if _is_selector(char) or category in _NEVER:
        return "这个字符看不见，请删去"
    if category[0] in "LM" or 0x20000 <= code < 0x40000:
        return (
            "请核对是否误输；确有此字的，安装收字更多的字体（apt-get install -y --no-install-recommends "
            f"{RARE_PACKAGES}），或在本单位资料的 fonts 下用 rare 写明有这个字的字体文件"
        )
    return "请改用文字，或在本单位资料的 fonts 下用 rare 写明有这个字符的字体文件"


def _now(code: int) -> str | None:
    """Return the character that took the place of one that old fonts drew in the private use area."""
    if code not in _OLD_STANDARD:
        return None
    low = 0x50 + code - _OLD_STANDARD.start
    char = bytes((0xFE, low + (low >= 0x7F))).decode("gb18030")
    return char if unicodedata.category(char) != "Co" else None


def _is_selector(char: str) -> bool:
    """Return whether the character only chooses among the shapes of the one before it."""
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef" or "\u180b" <= char <= "\u180f"


def _around(text: str, char: str, width: int = 10) -> str:
    """Return the character with what stands beside it, so that it can be found in a long sheet."""
    before, _, after = text.partition(char)
    return f"{before.rpartition('>')[2][-width:]}{char}{after.partition('<')[0][:width]}"


@cache
def _built_characters() -> frozenset[str]:
    """Return what our text face and the tick boxes can show."""
    from fontTools.ttLib import TTFont

    codes: set[int] = set()
    for name in (fonts.FACES[0].file, fonts.SYMBOLS):
        with TTFont(fonts.font_folder() / name, lazy=True) as font:
            codes |= set(font.getBestCmap())
    return frozenset(map(chr, codes))


@cache
def _file_characters(name: str) -> frozenset[str]:
    """Return what a face of the system can show, nothing if it is not installed."""
    from fontTools.ttLib import TTFont

    path = fonts.system_file(name)
    if path is None:
        return frozenset()
    with TTFont(path, fontNumber=fonts.SC if path.suffix == ".ttc" else -1, lazy=True) as font:
        return frozenset(map(chr, font.getBestCmap()))


@cache
def file_digest(path: Path) -> str:
    """Return the first 12 digits of the SHA-256 of a face of the system."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _xml(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")

"""The faces of the papers: every character is drawn or refused by name, whichever fonts a bureau has."""

from __future__ import annotations

import io
import json
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ContentStream
from support import ROOT
from support_documents import Paper, blank, chunfeng, environment, flat, recorded, touches

from engine.documents import fonts, own_fonts, typefaces, verify
from engine.documents.attachments import CONTENT, MANIFEST, hashes
from engine.documents.html import document_names, stylesheet
from engine.documents.own_fonts import OwnFont, Profile, own_characters, read_profile
from engine.documents.papers import blank_paper, record_pdf
from engine.documents.pdf import LaidOut, lay_out, layout_version
from engine.documents.pdf_reading import carried_files
from engine.documents.typefaces import ROLES, missing_characters
from engine.inspections.opening import Recorded
from engine.inspections.records import record_yaml
from engine.library.files import Place
from engine.model.base import Conclusion
from engine.model.checklist import Checklist
from engine.problems import ProblemError

SAMPLE = "clinic-2024"
FULL_ONLY = "𠮟𰻞"
"""In the full Noto face and not in the subsets."""
BEYOND = "\U00033400"
"""CJK extension J of 2025: neither Noto nor any wide face that may be installed here has it."""
STANDARD = (ROOT / "templates" / "_fonts" / "standard-characters.txt").read_text(encoding="utf-8").replace("\n", "")


def _font(path: Path, characters: str, name: str = "TinyFang", **extra: str) -> Path:
    """Write a font in which each character is a square, wider for each; extra: names of glyphs by character."""
    characters = "".join(dict.fromkeys(" " + characters))
    order = [".notdef", *(f"c{ord(c):04X}" for c in characters)]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap(
        {**{ord(c): f"c{ord(c):04X}" for c in characters}, **{ord(c): glyph for c, glyph in extra.items()}}
    )
    glyphs = {}
    for number, glyph in enumerate(order):
        pen = TTGlyphPen(None)
        pen.moveTo((50, 0))
        for point in ((50, 800), (400 + number, 800), (400 + number, 0)):
            pen.lineTo(point)
        pen.closePath()
        glyphs[glyph] = pen.glyph() if glyph != "c0020" else TTGlyphPen(None).glyph()
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(dict.fromkeys(order, (1000, 50)))
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable({"familyName": name, "styleName": "Regular", "psName": name})
    builder.setupOS2(sTypoAscender=880, sTypoDescender=-120, usWinAscent=880, usWinDescent=120)
    builder.setupPost()
    builder.font["head"].created = builder.font["head"].modified = 0
    builder.font.recalcTimestamp = False
    builder.save(path)
    return path


def _profile(folder: Path, **roles: str) -> Path:
    """Write a profile with these fonts."""
    lines = [f"  {role}: {json.dumps(path, ensure_ascii=False)}" for role, path in roles.items()]
    path = folder / "BUREAU.yaml"
    path.write_text("\n".join(["kind: bureau", "authority: 某区局", "fonts:", *lines]) + "\n", encoding="utf-8")
    return path


def _read(folder: Path, **roles: str) -> Profile:
    profile, problems = read_profile(_profile(folder, **roles))
    assert not problems, [p.render() for p in problems]
    return profile


def _told(folder: Path, **roles: str) -> str:
    profile, problems = read_profile(_profile(folder, **roles))
    assert profile.bureau is None
    return "\n".join(p.render() for p in problems)


def _named(of: Recorded, name: str) -> Recorded:
    """Return the record with another name of its site."""
    site = of.record.site.model_copy(update={"name": name})
    return of._replace(record=of.record.model_copy(update={"site": site}))


def _named_blank(name: str) -> Checklist:
    checklist = blank("clinic-2024")
    return checklist.model_copy(update={"site": checklist.site.model_copy(update={"name": name})})


class _Drawn:
    """The glyphs that a PDF draws, by the name of their font."""

    def __init__(self, content: bytes) -> None:
        self.glyphs: dict[str, set[int]] = {}
        self.faces: dict[str, TTFont] = {}
        reader = PdfReader(io.BytesIO(content))
        for page in reader.pages:
            used = {str(key): font.get_object() for key, font in page["/Resources"]["/Font"].items()}
            current = ""
            for operands, operator in ContentStream(page.get_contents(), reader).operations:
                if operator == b"Tf":
                    font = used[str(operands[0])]
                    current = str(font["/BaseFont"]).split("+")[1]
                    descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
                    if current not in self.faces:
                        embedded = descriptor.get("/FontFile3") or descriptor["/FontFile2"]
                        self.faces[current] = TTFont(io.BytesIO(embedded.get_object().get_data()))
                elif operator in (b"Tj", b"TJ"):
                    for part in operands[0] if operator == b"TJ" else operands:
                        self.glyphs.setdefault(current, set()).update(_numbers(part))

    def empty(self) -> list[str]:
        """Return what is drawn as the empty box of a font, or as nothing though it is no space."""
        found = []
        for name, numbers in self.glyphs.items():
            face = self.faces[name]
            order, shapes = face.getGlyphOrder(), face.getGlyphSet()
            blank = 0
            for number in sorted(numbers):
                pen = BoundsPen(shapes)
                if number and number < len(order):
                    shapes[order[number]].draw(pen)
                    blank += pen.bounds is None
                else:
                    found.append(f"{name}: glyph {number}")
            if blank > 4:  # spaces: of one, of half and of a whole em, and that which breaks no line
                found.append(f"{name}: {blank} glyphs without a shape")
        return found


def _numbers(part: Any) -> list[int]:
    if not isinstance(part, (str, bytes)):
        return []
    raw = part if isinstance(part, bytes) else part.original_bytes
    return [int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2)]


def _page(text: str, role: str = "song", own: tuple[OwnFont, ...] = ()) -> LaidOut:
    return lay_out(f"<html lang='zh-CN'><p>{text}</p></html>", f"p {{ font: 9pt/1.2 var(--{role}) }}", {}, own)


# ── the subsets


def test_the_list_of_standard_characters_is_whole() -> None:
    assert len(STANDARD) == len(set(STANDARD)) == 8105
    assert {"䶮", "𬭎"} <= set(STANDARD)


@pytest.mark.parametrize("face", fonts.FACES, ids=lambda face: face.family)
def test_each_face_has_every_standard_character(face: fonts.Face) -> None:
    with TTFont(fonts.font_folder() / face.file, lazy=True) as font:
        has = font.getBestCmap()
        assert [c for c in STANDARD if ord(c) not in has] == []
        assert [c for c in _gb2312() if ord(c) not in has] == []
        assert font["name"].getDebugName(1) == face.family


def _gb2312() -> list[str]:
    pairs = [bytes((high, low)) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF)]
    return [c for pair in pairs if (c := pair.decode("gb2312", "ignore"))]


def test_a_sample_of_the_standard_characters_is_drawn_in_every_role() -> None:
    for number, role in enumerate(ROLES):
        some = STANDARD[number::40]
        drawn = _Drawn(_page(some, role).pdf())
        assert drawn.empty() == []
        assert [len(glyphs) for glyphs in drawn.glyphs.values()] == [len(some)], "one face draws them all"


@pytest.mark.long
@pytest.mark.parametrize("role", ["song", "hei", "biaosong"])
def test_every_standard_character_is_drawn(role: str) -> None:
    drawn = _Drawn(_page(STANDARD, role).pdf())
    assert drawn.empty() == []
    assert {name: len(glyphs) for name, glyphs in drawn.glyphs.items()} == {
        ROLES[role][0].replace(" ", "-") + ("" if role == "song" else "-Bold"): 8105
    }


def test_the_fonts_are_embedded_as_a_subset() -> None:
    content = _page("春风").pdf()
    assert len(content) < 50_000


def test_every_style_names_roles_and_no_family() -> None:
    """A template asks for 仿宋 or 黑体; which font that is, the program and the bureau say."""
    for document in (*document_names(), "coverage", "training-note"):
        css = stylesheet(document)
        assert set(re.findall(r"var\(--([a-z]+)\)", css)) - {"body"} <= set(ROLES)
        assert set(re.findall(r'font(?:-family)?:[^;}"]*"([^"]*)"', css)) == {"Chunfeng Symbols"}


def test_official_papers_are_set_in_fang_with_titles_in_biaosong() -> None:
    assert ":root { --body: var(--fang); }" in stylesheet("inspection-record")
    assert ":root { --body: var(--fang); }" in stylesheet("correction-notice")
    assert "--body: var(--fang)" not in stylesheet("checklist")
    assert re.search(r"h1 \{[^}]*var\(--biaosong\)", stylesheet("checklist"))
    assert re.search(r"h2 \{[^}]*var\(--hei\)", stylesheet("checklist"))


# ── rare characters without a profile


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("康䶮药房", marks=pytest.mark.long),
        pytest.param("𬭎氏诊所", marks=pytest.mark.long),
        f"康{FULL_ONLY}药房",
    ],
)
def test_a_rare_name_is_drawn_on_a_checklist_and_a_record(name: str) -> None:
    papers = [blank_paper(_named_blank(name)).pdf()]
    papers += [record_pdf(_named(recorded(SAMPLE, final=True), name), document) for document in ("inspection-record",)]
    for content in papers:
        assert flat(name) in Paper(content).text
        drawn = _Drawn(content)
        assert drawn.empty() == []
        assert ("Noto-Serif-CJK-SC" in drawn.glyphs) == (FULL_ONLY in name)


@pytest.mark.parametrize(
    ("char", "advice"),
    [
        (BEYOND, "fonts-hanazono"),
        ("\ue863", "请改用 “䶮”（U+4DAE）"),
        ("\ue816", "自造字"),
        ("\uf8ff", "自造字"),
        ("\U000f1234", "自造字"),
        ("\u0378", "rare"),
        ("\U0003fffe", "rare"),
        ("😀", "请改用文字"),
        ("\ufe00", "请删去"),
        ("\U000e0100", "请删去"),
        ("\u202e", "请删去"),
        ("\u1ab0", "rare"),
    ],
    ids=lambda value: f"U+{ord(value):04X}" if len(value) == 1 else "",
)
def test_a_character_without_a_face_is_refused_with_what_helps(char: str, advice: str) -> None:
    with pytest.raises(ProblemError) as told:
        _page(f"张{char}三")
    (found,) = told.value.problems
    assert found.code == "E704"
    assert f"（U+{ord(char):04X}）" in found.message
    assert advice in found.hint


def test_the_old_places_of_characters_are_told_as_they_are_now() -> None:
    """GB 18030 gave 䶮 and its neighbours code points that are in no private area any more."""
    now = {chr(code): typefaces._now(code) for code in typefaces._OLD_STANDARD}
    assert now["\ue863"] == "䶮"
    assert now["\ue815"] == "⺁"
    assert now["\ue844"] == "䜣"
    assert len([c for c in now.values() if c]) > 50
    assert all(c is None or len(c) == 1 for c in now.values())
    assert typefaces._now(0xE814) is None
    assert typefaces._now(0xE865) is None


def test_other_fonts_of_the_system_are_not_seen() -> None:
    """What else is installed must not change a paper."""
    seen = Path(typefaces.configure()).parent
    assert seen
    config = Path(environment().get("FONTCONFIG_FILE", "")).read_text(encoding="utf-8")
    assert "<rejectfont><glob>/usr/share/fonts/*</glob>" in config
    allowed = {fonts.FACES[0].source, *typefaces.RARE}
    accepted = re.findall(r"<glob>([^<*]+)</glob>", config)
    assert {Path(path).name for path in accepted} <= allowed


def test_an_empty_box_is_refused_though_a_font_claimed_the_character(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typefaces, "missing_characters", lambda text, own: [])
    laid_out = _page(f"张{BEYOND}三")
    for write in (laid_out.pdf, lambda: laid_out.archival([])):
        with pytest.raises(ProblemError) as told:
            write()
        assert [p.code for p in told.value.problems] == ["E704"]


_LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="<&\0")


@given(st.text(_LETTERS, min_size=1, max_size=30))
def test_every_text_is_drawn_whole_or_refused(text: str) -> None:
    """The forecast and the renderer agree: nothing is drawn as an empty box, nothing is refused that could be drawn."""
    missing = missing_characters(text)
    if missing:
        assert {f"U+{ord(c):04X}" for c in text} >= {re.search(r"U\+[0-9A-F]+", p.message).group() for p in missing}  # type: ignore[union-attr]
    else:
        assert _Drawn(_page(text).pdf()).empty() == []


@given(st.lists(st.integers(0x3400, 0x323AF), min_size=1, max_size=20))
def test_every_ideograph_is_drawn_or_refused(codes: list[int]) -> None:
    text = "".join(chr(code) for code in codes if not 0xD800 <= code < 0xE000) + "一"
    refused = {p.message for p in missing_characters(text)}
    kept = "".join(c for c in text if not any(f"U+{ord(c):04X}）" in message for message in refused))
    assert _Drawn(_page(kept).pdf()).empty() == []


# ── a bureau's own fonts


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """Return a folder with a font that has a few characters, one of them beyond Noto."""
    (tmp_path / "字体").mkdir()
    _font(tmp_path / "字体" / "仿宋.ttf", f"检查情况{BEYOND}☐＿")
    return tmp_path


def test_an_own_font_is_used_and_embedded_as_a_subset(tiny: Path) -> None:
    profile = _read(tiny, fang="字体/仿宋.ttf")
    (font,) = profile.fonts
    assert (font.role, font.file) == ("fang", "仿宋.ttf")
    assert re.fullmatch(r"TinyFang-[0-9a-f]{8}", font.family)
    of = _named(recorded(SAMPLE, final=True), f"康{BEYOND}诊所")
    content = record_pdf(of, "inspection-record", profile.bureau, own=profile.fonts)
    drawn = _Drawn(content)
    assert drawn.empty() == []
    assert len(drawn.glyphs[font.family]) == 5, "☐ and ＿ are drawn with our own face"
    assert {"Chunfeng-Serif", "Chunfeng-Symbols"} <= set(drawn.glyphs), "what it lacks falls through"
    assert f"康{BEYOND}诊所" in Paper(content).text


@pytest.mark.long
def test_an_own_font_is_used_on_a_blank_checklist(tiny: Path) -> None:
    own = _read(tiny, song="字体/仿宋.ttf").fonts
    drawn = _Drawn(blank_paper(_named_blank(f"康{BEYOND}诊所"), own).pdf())
    assert own[0].family in drawn.glyphs
    assert drawn.empty() == []
    form = blank_paper(blank("clinic-2024"), own).form("")
    assert own[0].family in _Drawn(form).glyphs


@pytest.mark.parametrize("role", ["rare", "kai"])
def test_a_font_of_any_role_is_the_last_to_be_asked_everywhere(role: str, tiny: Path) -> None:
    own = _read(tiny, **{role: "字体/仿宋.ttf"}).fonts
    for asked in ROLES:
        drawn = _Drawn(_page(f"{BEYOND}检", asked, own).pdf())
        assert drawn.empty() == []
        assert len(drawn.glyphs[own[0].family]) == (2 if asked == role else 1), "检 is in our own face"


def test_the_full_face_comes_before_the_font_for_rare_characters(tmp_path: Path) -> None:
    _font(tmp_path / "rare.ttf", FULL_ONLY + BEYOND)
    own = _read(tmp_path, rare="rare.ttf").fonts
    drawn = _Drawn(_page(FULL_ONLY + BEYOND, own=own).pdf())
    assert len(drawn.glyphs["Noto-Serif-CJK-SC"]) == 2
    assert len(drawn.glyphs[own[0].family]) == 1


def test_a_character_beyond_own_fonts_is_still_refused(tiny: Path) -> None:
    own = _read(tiny, fang="字体/仿宋.ttf").fonts
    with pytest.raises(ProblemError, match=r"U\+33401"):
        _page("\U00033401", "fang", own)


def test_own_fonts_open_no_way_for_what_turns_text_around_or_is_private(tmp_path: Path) -> None:
    _font(tmp_path / "all.ttf", "一\ue000\u202e\ufe00\U000e0100\u2066")
    own = _read(tmp_path, rare="all.ttf").fonts
    found = missing_characters("一\ue000\u202e\ufe00\U000e0100\u2066", own)
    assert len(found) == 5


def test_a_glyph_that_is_the_empty_box_counts_as_none(tmp_path: Path) -> None:
    _font(tmp_path / "claims.ttf", "一", **{"㐀": ".notdef"})
    own = _read(tmp_path, rare="claims.ttf").fonts
    assert own_characters(own[0]) == {"一", " "}


def test_of_a_collection_the_simplified_chinese_face_is_taken(tmp_path: Path) -> None:
    collection = TTCollection()
    for name, characters in (("Some JP", "一"), ("Some SC", f"一{BEYOND}")):
        collection.fonts.append(TTFont(_font(tmp_path / f"{name}.ttf", characters, name)))
    collection.save(tmp_path / "some.ttc")
    own = _read(tmp_path, rare="some.ttc").fonts
    assert own[0].family.startswith("SomeSC-")
    assert missing_characters(BEYOND, own) == []
    assert own[0].family in _Drawn(_page(f"一{BEYOND}", own=own).pdf()).glyphs


def test_two_profiles_in_one_process_do_not_see_each_others_fonts(tmp_path: Path) -> None:
    for name, characters in (("a", "检"), ("b", "查")):
        (tmp_path / name).mkdir()
        _font(tmp_path / name / "x.ttf", characters)
    first, second = (_read(tmp_path / name, song="x.ttf").fonts for name in "ab")
    assert first[0].family != second[0].family
    pages = [set(_Drawn(_page("检查", own=own).pdf()).glyphs) for own in (first, second, (), first)]
    assert pages == [
        {first[0].family, "Chunfeng-Serif"}, {second[0].family, "Chunfeng-Serif"}, {"Chunfeng-Serif"},
        {first[0].family, "Chunfeng-Serif"},
    ]  # fmt: skip


def test_the_layout_version_names_own_fonts_and_faces_of_the_system_that_are_used(tiny: Path) -> None:
    own = _read(tiny, fang="字体/仿宋.ttf").fonts
    plain = layout_version()
    assert layout_version("春风䶮𬭎") == plain
    assert layout_version("春风", own) == f"{plain}, fang {own[0].sha256[:12]}"
    assert re.fullmatch(re.escape(plain) + r", NotoSerifCJK-Regular [0-9a-f]{12}", layout_version(FULL_ONLY))


# ── fonts that cannot be used


def test_a_missing_font_is_told_with_its_key_path_and_place(tmp_path: Path) -> None:
    told = _told(tmp_path, fang="C:/Windows/Fonts/simfang.ttf", hei="黑体.ttf")
    assert told.count("E752") == 2
    assert re.search(
        r"BUREAU\.yaml:4:\d+: E752 本单位资料的 fonts\.fang：读不到字体 “C:/Windows/Fonts/simfang\.ttf”", told
    )
    assert "“黑体.ttf”" in told
    assert "相对路径从本单位资料所在的文件夹算起" in told


def _bad_fonts() -> dict[str, bytes]:
    """Return files that are no fonts to print with."""
    whole = io.BytesIO()
    path = fonts.font_folder() / fonts.SYMBOLS
    raw = path.read_bytes()
    without = {}
    for table in ("glyf", "cmap", "maxp", "hmtx"):
        with TTFont(io.BytesIO(raw)) as font:
            for name in list(font.keys()):
                font[name] if name != "GlyphOrder" else None
            del font[table]
            whole = io.BytesIO()
            try:
                font.save(whole)
            except Exception:
                continue
            without[f"without {table}"] = whole.getvalue()
    return {
        "empty": b"", "text": "不是字体".encode(), "cut": raw[: len(raw) // 2], "zip": b"PK\x03\x04" + bytes(100),
        "a collection of nothing": b"ttcf" + bytes(8), "a collection far away": b"ttcf\0\1\0\0\0\0\0\1\xff\xff\xff\xf0",
        "zeros": b"\0\1\0\0" + bytes(300), **without,
    }  # fmt: skip


@pytest.mark.parametrize("kind", sorted(_bad_fonts()))
def test_what_is_no_font_is_told(kind: str, tmp_path: Path) -> None:
    (tmp_path / "x.ttf").write_bytes(_bad_fonts()[kind])
    told = _told(tmp_path, kai="x.ttf")
    assert "E753 本单位资料的 fonts.kai：“x.ttf” 不能用" in told
    assert "请换成 .ttf、.otf 或 .ttc" in told


@given(st.integers(0, 900), st.integers(0, 255))
def test_a_damaged_font_is_told_or_prints_without_an_empty_box(place: int, byte: int) -> None:
    folder = ROOT / "build" / "test-fonts"
    folder.mkdir(parents=True, exist_ok=True)
    raw = bytearray((fonts.font_folder() / fonts.SYMBOLS).read_bytes())
    raw[place % len(raw)] = byte
    (folder / "x.ttf").write_bytes(raw)
    try:
        profile, problems = read_profile(_profile(folder, rare="x.ttf"))
    finally:
        shutil.rmtree(folder)
    assert profile.fonts or problems


def test_a_font_without_a_space_is_told(tmp_path: Path) -> None:
    """The space after a word is set in the font of the word: it would be an empty box."""
    with TTFont(_font(tmp_path / "x.ttf", "一")) as font:
        for table in font["cmap"].tables:
            table.cmap.pop(0x20, None)
        font.save(tmp_path / "y.ttf")
    assert "没有空格" in _told(tmp_path, rare="y.ttf")


def test_a_font_larger_than_allowed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _font(tmp_path / "x.ttf", "一")
    monkeypatch.setattr(own_fonts, "MAX_FONT_BYTES", 100)
    told = _told(tmp_path, song="x.ttf")
    assert "E752" in told
    assert "文件过大" in told


def test_a_font_that_changed_after_it_was_read_is_not_used(tmp_path: Path) -> None:
    own = _read(tmp_path, song=_font(tmp_path / "x.ttf", "一").name).fonts
    _font(tmp_path / "x.ttf", "一二")
    with pytest.raises(ProblemError, match="E753"):
        _page("一", own=own)


@pytest.mark.parametrize("role", ["body", "fangsong"])
def test_another_role_is_refused_with_those_there_are(role: str, tmp_path: Path) -> None:
    told = _told(tmp_path, **{role: "x.ttf"})
    assert "E20" in told
    assert "biaosong" in told


# ── commands


def test_the_commands_print_with_own_fonts(tiny: Path) -> None:
    profile = _profile(tiny, fang="字体/仿宋.ttf", song="字体/仿宋.ttf")
    (tiny / "record.yaml").write_text(record_yaml(recorded(SAMPLE, final=True).record), encoding="utf-8")
    work = tiny / "别处"
    work.mkdir()
    runs = [
        chunfeng("record", "print", "../record.yaml", "--bureau", profile, "-o", "r.pdf", cwd=work),
        chunfeng("checklist", "clinic", "--campaign", "2024", "--bureau", profile, "-o", "c.pdf", cwd=work),
        chunfeng("verify", "r.pdf", "--bureau", profile, cwd=work),
    ]
    assert [run.code for run in runs] == [0, 0, 0], [run.err for run in runs]
    for name in ("r.pdf", "c.pdf"):
        assert any(font.startswith("TinyFang-") for font in _Drawn((work / name).read_bytes()).glyphs)
    assert "内部一致" in runs[2].out


def test_the_checklist_takes_a_profile_for_pages_only(tiny: Path) -> None:
    profile = _profile(tiny, fang="字体/仿宋.ttf")
    run = chunfeng("checklist", "clinic", "--campaign", "2024", "--bureau", profile, "-o", "c.yaml", cwd=tiny)
    assert (run.code, "--bureau 只用于" in run.err) == (2, True)
    assert not (tiny / "c.yaml").exists()


def test_a_missing_font_stops_the_command_and_writes_nothing(tmp_path: Path) -> None:
    profile = _profile(tmp_path, hei="没有.ttf")
    run = chunfeng("checklist", "clinic", "--campaign", "2024", "--bureau", profile, "-o", "c.pdf", cwd=tmp_path)
    assert (run.code, "E752" in run.err) == (1, True)
    assert not (tmp_path / "c.pdf").exists()


@pytest.mark.long
def test_a_route_is_printed_with_own_fonts_by_its_workers(tiny: Path) -> None:
    profile = _profile(tiny, song="字体/仿宋.ttf")
    (tiny / "路线.csv").write_text(f"单位名称,单位类型\n检{BEYOND}诊所,个体诊所\n查诊所,个体诊所\n", encoding="utf-8")
    route = ("checklist", "--sites", "路线.csv", "--campaign", "2024", "--jobs", "2", "-o")
    run = chunfeng(*route, "x.pdf", "--bureau", profile, cwd=tiny)
    assert run.code == 0, run.err
    content = (tiny / "x.pdf").read_bytes()
    assert f"检{BEYOND}诊所" in Paper(content).text
    run = chunfeng(*route, "y.pdf", cwd=tiny)
    assert (run.code, "U+33400" in run.err) == (1, True), run.err


def test_the_same_fonts_give_the_same_bytes_wherever_they_lie(tmp_path: Path) -> None:
    def printed(number: int) -> bytes:
        folder = tmp_path / f"{number} 处"
        folder.mkdir()
        _font(folder / "x.ttf", f"检查{BEYOND}")
        (folder / "record.yaml").write_text(record_yaml(recorded(SAMPLE, final=True).record), encoding="utf-8")
        profile = _profile(folder, fang="x.ttf" if number else str(folder / "x.ttf"), rare="x.ttf")
        env = environment(PYTHONHASHSEED=str(number), XDG_CACHE_HOME=str(folder / "cache") if number == 2 else None)
        run = chunfeng("record", "print", "record.yaml", "--bureau", profile, "-o", "x.pdf", cwd=folder, env=env)
        assert run.code == 0, run.err
        return (folder / "x.pdf").read_bytes()

    with ThreadPoolExecutor(2) as pool:
        first, *others = pool.map(printed, range(3))
    assert all(other == first for other in others)
    assert str(tmp_path).encode() not in first


# ── papers checked again


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a font and a paper printed with it."""
    folder = tmp_path_factory.mktemp("checked")
    _font(folder / "仿宋.ttf", f"检查情况{BEYOND}")
    profile = _read(folder, fang="仿宋.ttf")
    of = recorded(SAMPLE, final=True)
    (folder / "r.pdf").write_bytes(record_pdf(of, "inspection-record", profile.bureau, own=profile.fonts))
    return folder


def _verified(path: Path, own: tuple[OwnFont, ...] = ()) -> tuple[Any, str]:
    check, problems = verify.verify_paper(Place(ROOT), path, own=own)
    return check, "\n".join(p.render() for p in problems)


def test_a_paper_carries_the_names_and_hashes_of_its_fonts_and_no_path(folder: Path) -> None:
    data = json.loads(dict(carried_files((folder / "r.pdf").read_bytes()))[CONTENT])
    own = _read(folder, fang=str(folder / "仿宋.ttf")).fonts
    assert data["fonts"] == {"fang": {"file": "仿宋.ttf", "sha256": own[0].sha256}}
    assert "fonts" not in data["bureau"]
    assert data["made_by"].endswith(f", fang {own[0].sha256[:12]}")


def test_a_paper_without_own_fonts_carries_none() -> None:
    content = record_pdf(recorded(SAMPLE, final=True), "inspection-record")
    assert "fonts" not in json.loads(dict(carried_files(content))[CONTENT])


def test_a_paper_is_consistent_with_the_fonts_it_was_printed_with(folder: Path) -> None:
    for role, name in (("fang", "仿宋.ttf"), ("song", "仿宋.ttf")):
        check, told = _verified(folder / "r.pdf", _read(folder, **{role: name}).fonts)
        assert check is not None, told
        assert (check.conclusions[0], check.reasons, check.notes) == (Conclusion.CONSISTENT, (), ())


def test_a_paper_with_a_font_for_every_role_is_consistent(tmp_path: Path) -> None:
    """Who made it is then a long line."""
    roles = (*ROLES, "rare")
    for role in roles:
        _font(tmp_path / f"{role}{BEYOND}.ttf", f"检查{FULL_ONLY}{BEYOND}", role.title())
    profile = _read(tmp_path, **{role: f"{role}{BEYOND}.ttf" for role in roles})
    assert len({font.family for font in profile.fonts}) == 6
    of = recorded(SAMPLE, final=True)
    of = of._replace(record=of.record.model_copy(update={"attachments": (f"康{FULL_ONLY}{BEYOND}",)}))
    (tmp_path / "r.pdf").write_bytes(record_pdf(of, "inspection-record", profile.bureau, own=profile.fonts))
    check, told = _verified(tmp_path / "r.pdf", profile.fonts)
    assert check is not None, told
    assert (check.conclusions[0], check.reasons, check.notes) == (Conclusion.CONSISTENT, (), ())


def test_without_its_fonts_a_paper_cannot_be_compared_and_is_not_called_changed(folder: Path, tmp_path: Path) -> None:
    _font(tmp_path / "仿宋.ttf", "检查")
    for own in ((), _read(tmp_path, fang="仿宋.ttf").fonts):
        check, told = _verified(folder / "r.pdf", own)
        assert check is None
        assert told.startswith("E751 不能核对页面：印本文书用的字体（仿宋.ttf）不在这里")
        assert "不一致" not in told
        assert "--bureau" in told


def test_a_changed_paper_is_called_so_even_without_its_fonts(folder: Path, tmp_path: Path) -> None:
    content = (folder / "r.pdf").read_bytes()
    check, told = _verified(_forged(tmp_path, content, lambda data: data["findings"].update(items=[])))
    assert check is not None, told
    assert check.conclusions[0] == Conclusion.INCONSISTENT


def _forged(folder: Path, content: bytes, change: Any) -> Path:
    """Write the paper with other content in it, every hash right; @@ stands for half a character."""
    files = dict(carried_files(content))
    data, manifest = json.loads(files[CONTENT]), json.loads(files[MANIFEST])
    change(data)
    forged = _json(data).replace(b"@@", b"\\ud800")
    found = hashes(forged)
    manifest["files"][0] |= {"size": len(forged), "sha256": found.sha256, "sm3": found.sm3}
    writer = PdfWriter(clone_from=io.BytesIO(content))
    for file in writer.attachment_list:
        file.content = forged if file.name == CONTENT else _json(manifest)
    path = folder / "forged.pdf"
    writer.write(path)
    return path


def _json(data: Any) -> bytes:
    return (json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


_SECRET = "/etc/hostname"


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data["bureau"].update(fonts={"fang": _SECRET}),
        lambda data: data["fonts"].update(hei={"file": _SECRET, "sha256": data["fonts"]["fang"]["sha256"]}),
        *(
            pytest.param(change, marks=pytest.mark.long)
            for change in (
                lambda data: data.update(fonts={"fang": _SECRET}),
                lambda data: data.update(fonts={"fang": {"file": _SECRET, "sha256": 7}}),
                lambda data: data.update(fonts=[_SECRET]),
                lambda data: data.update(fonts=None),
            )
        ),
        lambda data: data.update(fonts={"nothing": {"file": "x", "sha256": data["fonts"]["fang"]["sha256"]}}),
        lambda data: data["fonts"]["fang"].update(path=_SECRET),
        lambda data: data["fonts"]["fang"].update(file="@@"),
        lambda data: data.update(made_by="@@"),
    ],
)  # fmt: skip
def test_a_path_inside_a_paper_is_never_opened(change: Any, folder: Path, tmp_path: Path) -> None:
    path = _forged(tmp_path, (folder / "r.pdf").read_bytes(), change)
    own = _read(folder, fang="仿宋.ttf").fonts
    for given_fonts in ((), own):
        with touches() as touched:
            check, told = _verified(path, given_fonts)
        assert [event for event in touched if "hostname" in event[1]] == []
        assert check is None or check.conclusions[0] == Conclusion.INCONSISTENT, told

"""The fillable checklist and the layout: every field has its name, its title and its place on the printed page."""

from __future__ import annotations

import io
import json
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject
from support_documents import Paper as Pages
from support_documents import chunfeng, leaks, read_qr

from engine.answering.head import head_text
from engine.documents.anchors import CODE_WIDTH, MOST_PAGES, PageCodes
from engine.documents.fonts import FACES, font_folder
from engine.documents.form import HEAD
from engine.documents.form_font import NAME
from engine.documents.html import written
from engine.documents.marks import Mark, Sheet, joined
from engine.documents.papers import BlankPaper, blank_paper
from engine.formats import format_of_suffix, load_format
from engine.inspections.planning import plan_checklist
from engine.model.checklist import Checklist

LISTS = {
    "retail-pharmacy": ("2024", "cold,rx"),
    "vaccination-unit": ("2024", None),
    "contact-lens-seller": ("2019", None),
    "clinic": ("2024", "cold,aesth"),
}
OFTEN = {"retail-pharmacy", "contact-lens-seller"}
"""The longest list and one of the other campaign; the others are for the long run."""
every_list = pytest.mark.parametrize(
    "site_type", [pytest.param(name, marks=[] if name in OFTEN else [pytest.mark.long]) for name in LISTS]
)
POINT = 25.4 / 72


@cache
def planned(site_type: str) -> Checklist:
    campaign, has = LISTS[site_type]
    checklist, problems = plan_checklist(site_type, campaign, None, has)
    assert checklist is not None, [p.render() for p in problems]
    return checklist


@cache
def laid_out(site_type: str) -> BlankPaper:
    return blank_paper(planned(site_type))


@cache
def layout(site_type: str) -> Any:
    return json.loads(laid_out(site_type).layout(head_text(planned(site_type))))


@cache
def printed(site_type: str) -> bytes:
    return laid_out(site_type).pdf()


@cache
def form(site_type: str) -> bytes:
    return laid_out(site_type).form(head_text(planned(site_type)))


def fields_of(site_type: str) -> dict[str, list[Any]]:
    """Return the entries of the layout by field, without signatures."""
    found: dict[str, list[Any]] = {}
    for entry in layout(site_type)["fields"]:
        if entry["kind"] != "signature":
            found.setdefault(entry["field"], []).append(entry)
    return found


class Drawn(NamedTuple):
    """What a page draws, in millimetres from the top left: boxes with their size, where texts begin, its text."""

    boxes: list[tuple[float, float, float]]
    texts: list[tuple[float, float]]
    text: str


@cache
def drawn(site_type: str) -> list[Drawn]:
    """Return what each printed page draws, as pypdf reads it: the layout has no part in it."""
    found = []
    for page in PdfReader(io.BytesIO(printed(site_type))).pages:
        one, height = Drawn([], [], ""), float(page.mediabox.height)

        def place(cm: list[float], tm: list[float], h: float = height) -> tuple[float, float]:
            x, y = (tm[4] * cm[n] + tm[5] * cm[n + 2] + cm[n + 4] for n in (0, 1))
            return x * POINT, (h - y) * POINT

        def show(
            operator: bytes, _: object, cm: list[float], tm: list[float], to: Drawn = one, at: Any = place
        ) -> None:
            if operator in (b"TJ", b"Tj"):
                to.texts.append(at(cm, tm))

        def read(
            text: str, cm: list[float], tm: list[float], _: object, size: float, to: Drawn = one, at: Any = place
        ) -> None:
            if "☐" in text:
                to.boxes.append((*at(cm, tm), size * abs(tm[3] * cm[3]) * POINT))

        text = page.extract_text(visitor_operand_before=show, visitor_text=read)
        found.append(one._replace(text=text))
    return found


# ── where things are


@every_list
def test_every_box_of_the_layout_lies_on_a_box_of_the_pdf(site_type: str) -> None:
    """The outline of the drawn ☐ reaches from 20 to 1000 of 1024 to the right, from -120 to 860 up from its origin."""
    boxes = {
        (page, round(x + 20 / 1024 * size, 1), round(y - 860 / 1024 * size, 1), round(980 / 1024 * size, 1))
        for page, of in enumerate(drawn(site_type), 1)
        for x, y, size in of.boxes
    }
    entries = [e for e in layout(site_type)["fields"] if "option" in e]
    known = planned(site_type).site.attributes.values()
    assert len(entries) == len(boxes) - list(known).count(False) > 50
    for entry in entries:
        place = (entry["page"], entry["x"], entry["y"], entry["width"])
        near = [d for d in boxes if d[0] == place[0] and all(abs(a - b) < 0.11 for a, b in zip(d, place, strict=True))]
        assert len(near) == 1, f"{entry['field']} {entry['option']} stands on no box: {place}"
        assert entry["height"] == pytest.approx(entry["width"], abs=0.02)


@every_list
def test_every_blank_of_the_layout_begins_where_its_line_is_drawn(site_type: str) -> None:
    cells = {e["field"] for e in layout(site_type)["fields"] if e["height"] >= 7}
    entries = [e for e in layout(site_type)["fields"] if "option" not in e and e["field"] not in cells]
    lines = {"date": 3, "time": 2}
    for number, page in enumerate(drawn(site_type), 1):
        here = [e for e in entries if e["page"] == number]
        assert sum(e["kind"] == "signature" for e in here) == 4, "the strip at the foot"
        assert len(re.findall("＿+", page.text)) == sum(lines.get(e["kind"], 1) for e in here), f"page {number}"
        for e in here:
            near = [y for x, y in page.texts if abs(x - e["x"]) < 0.05 and e["y"] < y < e["y"] + e["height"]]
            assert near, f"nothing is drawn where {e['field']} begins: {e}"


@every_list
def test_no_two_places_overlap_and_all_lie_between_the_marks(site_type: str) -> None:
    pages = {page["page"]: page for page in layout(site_type)["pages"]}
    for number, page in pages.items():
        rectangles = [e for e in layout(site_type)["fields"] if e["page"] == number]
        rectangles += [page["code"], *page["marks"]]
        for n, one in enumerate(rectangles):
            assert 5 <= one["x"] < one["x"] + one["width"] <= page["width"] - 5, one
            assert 4.5 <= one["y"] < one["y"] + one["height"] <= page["height"] - 5, one
            for other in rectangles[n + 1 :]:
                across = min(one["x"] + one["width"], other["x"] + other["width"]) - max(one["x"], other["x"])
                down = min(one["y"] + one["height"], other["y"] + other["height"]) - max(one["y"], other["y"])
                assert across < 0.3 or down < 0.3, f"{one} and {other}"


@every_list
def test_every_field_has_its_place_and_every_item_its_fields(site_type: str) -> None:
    checklist, of = planned(site_type), laid_out(site_type)
    assert {e["field"] for e in layout(site_type)["fields"]} == set(of.fields)
    for entry in checklist.items():
        code = entry.item.code
        own = {name for name in of.fields if name.startswith(f"{code}.")}
        assert f"{code}.note" in own
        for detail in entry.item.details:
            assert any(name == f"{code}.detail.{detail}" or name.startswith(f"{code}.detail.{detail}.") for name in own)
        texts = {o for name in own for o in of.fields[name].options}
        assert "不适用" in texts
    assert {"visit.date", "visit.start", "visit.end", "visit.inspectors"} <= set(of.fields)
    for name, grid in checklist.grids.items():
        for column in grid.answer.columns:
            assert f"{name}.{grid.answer.blank_rows}.{column}" in of.fields


@every_list
def test_every_page_carries_four_marks_of_which_the_last_is_hollow(site_type: str) -> None:
    reader = PdfReader(io.BytesIO(printed(site_type)))
    assert len(layout(site_type)["pages"]) == len(reader.pages)
    for page, content in zip(layout(site_type)["pages"], reader.pages, strict=True):
        assert page["width"] == pytest.approx(float(content.mediabox.width) * POINT, abs=0.01)
        assert [m["hollow"] for m in page["marks"]] == [False, False, False, True]
        assert {(m["width"], m["height"]) for m in page["marks"]} == {(4, 4)}
        corners = [(m["x"] > page["width"] / 2, m["y"] > page["height"] / 2) for m in page["marks"]]
        assert corners == [(False, False), (True, False), (False, True), (True, True)]
        assert page["code"]["width"] == page["code"]["height"] == (23 if page["page"] == 1 else CODE_WIDTH)


@given(st.integers(2, MOST_PAGES))
def test_the_code_of_a_page_names_list_lock_and_page(page: int) -> None:
    checklist = planned("clinic")
    codes = PageCodes(checklist)
    says = ["CHUNFENG", "2", checklist.campaign, checklist.type.code, checklist.lock[:12], checklist.id]
    for name, number in (("qr", 1), (f"page-{page}", page)):
        assert _read(codes[name]) == ":".join([*says, str(number)]).upper()
    assert f"page-{page + MOST_PAGES}" not in codes


def _read(svg: bytes) -> str:
    """Return the text of a code drawn to a size; the path inside counts in modules all the same."""
    text = svg.decode()
    return read_qr(re.sub(r' width="[^"]+" height="[\d.]+mm"', ' width="33"', text).encode())


# ── the form


@every_list
def test_the_form_is_the_printed_page_with_fields_over_it(site_type: str) -> None:
    paper, filled = (PdfReader(io.BytesIO(c)) for c in (printed(site_type), form(site_type)))
    assert [p.get_contents().get_data() for p in filled.pages] == [p.get_contents().get_data() for p in paper.pages]  # type: ignore[union-attr]
    assert "/AcroForm" not in paper.root_object
    assert site_type != "clinic" or leaks(Pages(form(site_type))) == []


@every_list
def test_every_field_of_the_form_has_name_title_and_place(site_type: str) -> None:
    reader = PdfReader(io.BytesIO(form(site_type)))
    of, expected = laid_out(site_type), fields_of(site_type)
    found: dict[str, list[tuple[int, list[float], DictionaryObject]]] = {}
    for number, page in enumerate(reader.pages, 1):
        height = float(page.mediabox.height)
        for annotation in page.get("/Annots", []):
            widget = annotation.get_object()
            x1, y1, x2, y2 = (float(v) for v in widget["/Rect"])
            place = [v * POINT for v in (x1, height - y2, x2 - x1, y2 - y1)]
            if _name(widget) == HEAD:
                continue
            found.setdefault(_name(widget), []).append((number, place, widget))
            assert re.search("[\u4e00-\u9fff]", widget["/TU"]), widget["/TU"]
            assert widget["/F"] == 4, "a field that is not printed"
            assert widget["/AP"]["/N"], "a field without appearance"
    assert set(found) == set(expected)
    for name, entries in expected.items():
        assert len(found[name]) == len(entries)
        assert of.fields[name].title in found[name][0][2]["/TU"]
        assert all("." not in part for part in _parts(found[name][0][2]))
        for entry in entries:
            assert any(
                page == entry["page"]
                and _lies_in(place, entry)
                and ("value" not in entry or f"/{entry['value']}" in widget["/AP"]["/N"])
                for page, place, widget in found[name]
            ), entry


@every_list
def test_the_form_says_what_it_was_made_from_where_nobody_sees_it(site_type: str) -> None:
    first, *others = PdfReader(io.BytesIO(form(site_type))).pages
    heads = [w for page in (first, *others) for w in page.get("/Annots", []) if _name(w.get_object()) == HEAD]
    assert len(heads) == 1
    head = heads[0].get_object()
    assert head["/V"] == head_text(planned(site_type))
    assert head["/F"] == 2, "hidden, and not printed"
    assert head["/Ff"] == 1, "read only"
    left, low, right, high = (float(v) for v in head["/Rect"])
    assert right - left == high - low == 0
    assert "/AP" not in head, "nothing that a reader could show"


def _lies_in(place: list[float], entry: dict[str, Any]) -> bool:
    """Return whether a field of the form is as wide as its place, but for the lines of a cell, and inside it."""
    x, y, width, height = place
    within = entry["y"] - 0.02 <= y < y + height <= entry["y"] + entry["height"] + 0.02
    least = 0.9 * entry["height"] if "option" in entry else 3.9
    return within and height > least and abs(x - entry["x"]) < 0.55 and abs(width - entry["width"]) < 1.05


def _parts(widget: DictionaryObject) -> list[str]:
    """Return the partial names from a widget up to the root."""
    parts, node = [], widget
    while node is not None:
        parts += [str(node["/T"])] if "/T" in node else []
        node = node["/Parent"].get_object() if "/Parent" in node else None
    return parts


def _name(widget: DictionaryObject) -> str:
    return ".".join(reversed(_parts(widget)))


def test_names_are_those_of_item_detail_and_table() -> None:
    names = set(fields_of("retail-pharmacy"))
    assert {"YD-14.answer.1.reading", "YD-14.detail.equipment", "YD-01.detail.valid_until", "trace.3.product"} <= names
    assert {"YD-14.not_applicable", "YD-01.answer", "YD-01.note", "site.name", "spare.1.2.check", "other.3"} <= names
    assert not [name for name in names if name.startswith("site.attributes.")], "known, and what the list was made from"
    assert [name for name in fields_of("vaccination-unit") if name.startswith("site.attributes.")]


@every_list
def test_what_is_filled_in_is_read_back_by_name(site_type: str) -> None:
    """Every field of the kinds that are ticked, and one of each kind that is typed, since pypdf is slow at these."""
    kinds: dict[tuple[str, float], str] = {}
    for name, entries in fields_of(site_type).items():
        kinds.setdefault((entries[0]["kind"], entries[0]["width"] > 20), name)
    typed = {"text": "安康大药房（张三）-1", "number": "9.6", "date": "2024-01-31", "time": "09:05"}
    values = {name: typed[kind] for (kind, _), name in kinds.items() if kind in typed}
    assert {fields_of(site_type)[name][0]["kind"] for name in values} == set(typed)
    for number, (name, entries) in enumerate(fields_of(site_type).items()):
        if entries[0]["kind"] in ("choice", "tick"):
            values[name] = "/" + entries[number % len(entries)]["value"]
    read, writer = _filled(form(site_type), values)
    assert {name: read[name].get("/V") for name in values} == values
    untouched = {n: read[n].get("/V") for n in fields_of(site_type) if n not in values}
    assert set(untouched.values()) == {""}
    for page in writer.pages:
        for annotation in page.get("/Annots", []):
            widget = annotation.get_object()
            value = values.get(_name(widget), "")
            if "/AS" in widget:
                assert (widget["/AS"] == value) == (value in widget["/AP"]["/N"])
            elif value:
                assert _shown(widget) == value


def _filled(content: bytes, values: dict[str, str]) -> tuple[dict[str, Any], PdfWriter]:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
    for page in writer.pages:
        if "/Annots" in page:
            writer.update_page_form_field_values(page, values, auto_regenerate=False)
    buffer = io.BytesIO()
    writer.write(buffer)
    return PdfReader(io.BytesIO(buffer.getvalue())).get_fields() or {}, writer


def _shown(widget: DictionaryObject) -> str:
    """Return what the appearance of a text field shows: its glyphs by the map of the embedded face."""
    stream = widget["/AP"]["/N"]
    glyphs = "".join(re.findall(r"<([0-9a-fA-F]+)> Tj", stream.get_data().decode("latin-1")))
    signs = _signs(stream["/Resources"]["/Font"][f"/{NAME}"])
    return "".join(signs[glyphs[n : n + 4].upper()] for n in range(0, len(glyphs), 4))


def _signs(font: DictionaryObject) -> dict[str, str]:
    text = font["/ToUnicode"].get_data().decode("ascii")  # type: ignore[attr-defined]
    pairs = re.findall(r"<([0-9A-F]{4})> <([0-9A-F]{4,8})>", text)
    return {glyph: bytes.fromhex(sign).decode("utf-16-be") for glyph, sign in pairs if glyph != "0000"}


def test_a_box_that_is_ticked_may_be_cleared_again() -> None:
    name, entries = next((n, e) for n, e in fields_of("clinic").items() if e[0]["kind"] == "choice")
    read, writer = _filled(form("clinic"), {name: "/" + entries[1]["value"]})
    assert read[name]["/V"] == "/" + entries[1]["value"]
    assert not int(read[name]["/Ff"]) & 1 << 14, "NoToggleToOff: what is not checked must be left empty"
    for page in writer.pages:
        for annotation in page.get("/Annots", []):
            widget = annotation.get_object()
            if _name(widget) == name:
                widget[NameObject("/AS")] = NameObject("/Off")
                widget["/Parent"][NameObject("/V")] = NameObject("/Off")
    buffer = io.BytesIO()
    writer.write(buffer)
    assert (PdfReader(buffer).get_fields() or {})[name]["/V"] == "/Off"


def test_the_face_of_the_form_has_every_character_of_the_papers() -> None:
    root: Any = PdfReader(io.BytesIO(form("clinic"))).root_object["/AcroForm"]
    font = root["/DR"]["/Font"][f"/{NAME}"]
    signs = set(_signs(font).values())
    assert {chr(c) for c in range(0x20, 0x7F)} <= signs, "typed with a keyboard and not shown"
    with TTFont(font_folder() / FACES[0].file, lazy=True) as face:
        glyphs = {chr(c): glyph for c, glyph in face.getBestCmap().items()}
    lost = set(glyphs) - signs
    assert {glyphs[c] for c in lost} <= {glyphs[c] for c in signs}, "a glyph without its character"
    assert len(lost) < len(glyphs) / 50
    assert not [c for c in lost if "\u4e00" <= c <= "\u9fff"]
    descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
    assert descriptor["/FontFile3"]["/Subtype"] == "/CIDFontType0C"
    assert "/NeedAppearances" not in root


# ── boxes in text


@given(st.text("☐☑＿是&<>'\"=.", max_size=60), st.text("☐＿是 <", max_size=12))
def test_only_our_own_boxes_become_fields(typed: str, label: str) -> None:
    html = str(written((typed, Mark("☐", label, "a.b=0"), typed, Mark("＿＿", "", "c"))))
    assert re.findall(r'id="([^"]*)"', html) == ["a.b=0", "c"]
    assert html.count('class="tick"') == 1
    assert not re.search("[☐☑＿]", html), "left to be taken for a box of ours"


def test_two_fields_of_one_name_are_a_mistake_of_ours() -> None:
    sheet = Sheet()
    boxes = joined(" ", sheet.choice("YD-01.answer", "甲", ("是", "否"), "否"))
    assert boxes == (Mark("☐", "是", "YD-01.answer=0"), " ", Mark("☑", "否", "YD-01.answer=1"))
    with pytest.raises(ValueError, match=r"YD-01\.answer"):
        sheet.blank("YD-01.answer", "甲")


def test_what_stands_in_a_site_file_is_no_field(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    places = []
    for name in ("☐是☐否＿＿＿＿", "某某大药房某某店"):
        site.write_text(f"name: {name}\n", encoding="utf-8")
        checklist, problems = plan_checklist("clinic", "2024", site, None)
        assert checklist is not None, [p.render() for p in problems]
        content = json.loads(blank_paper(checklist).layout())
        places.append([(e["field"], e["page"]) for e in content["fields"]])
    assert places[0] == places[1]
    assert not [field for field, _ in places[0] if field == "site.name"], "known already"


def test_the_title_of_a_field_says_what_was_typed_and_nothing_else() -> None:
    unit = "公安局)>> /JS (app.alert) \\<b>&amp;☐"
    checklist, problems = plan_checklist("clinic", "2024", None, "cold", joint=(unit, "Fire ) /AA << (dept"))
    assert checklist is not None, [p.render() for p in problems]
    content = blank_paper(checklist).form(head_text(checklist))
    read = PdfReader(io.BytesIO(content)).get_fields() or {}
    assert read["visit.joint.1"]["/TU"] == f"{unit}人员及证号"
    assert read["visit.joint.2"]["/TU"] == "Fire ) /AA << (dept人员及证号"
    assert leaks(Pages(content)) == []


# ── the command


def test_the_layout_is_written_beside_the_pdf(tmp_path: Path) -> None:
    target, places = tmp_path / "检查表-可填.pdf", tmp_path / "位置.json"
    done = chunfeng(
        "checklist", "clinic", "--campaign", "2024", "--has", "cold,aesth", "--as", "fillable-pdf",
        "-o", target, "--layout-out", places,
    )  # fmt: skip
    assert done.code == 0, done.said
    assert target.read_bytes() == form("clinic"), "another process, other bytes"
    assert places.read_bytes() == laid_out("clinic").layout(head_text(planned("clinic")))
    content = json.loads(places.read_bytes())
    assert (json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode() == places.read_bytes()


@pytest.mark.parametrize(("target", "layout_file", "says"), [("a.yaml", "b.json", "--layout-out 只用于 fillable-pdf、pdf"), ("a.pdf", "a.pdf", "不能是同一个文件")])  # fmt: skip
def test_a_layout_that_cannot_be_is_refused(tmp_path: Path, target: str, layout_file: str, says: str) -> None:
    arguments = ("checklist", "clinic", "--campaign", "2024", "-o", tmp_path / target)
    done = chunfeng(*arguments, "--layout-out", tmp_path / layout_file)
    assert done.code == 2
    assert says in done.said.replace("\n", "").replace("  ", "")
    assert list(tmp_path.iterdir()) == []


def test_a_pdf_is_the_printed_checklist_unless_the_form_is_asked_for() -> None:
    assert format_of_suffix(".pdf") == "pdf"
    assert load_format("fillable-pdf").SUFFIXES == ()

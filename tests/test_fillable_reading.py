"""The fillable checklist read back: whichever reader of PDF saved it, the same answers; anything else is refused."""

from __future__ import annotations

import io
import time
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, String
from pypdf import PdfReader, PdfWriter
from support_answers import KINDS, PLACE, checklist_of, fields_of, findings, opened, sheets
from support_documents import paper
from support_forms import (
    CHANGES,
    SAVES,
    SETTERS,
    appended,
    blank_form,
    changed,
    filled,
    laid_out,
    lean,
    nodes,
    plainly,
    state,
)

from engine.answering.data import DataDocument
from engine.answering.head import head_text, opener
from engine.answering.questions import tables
from engine.answering.writing import sheet_data
from engine.documents.checklist_view import checklist_context
from engine.documents.form import HEAD
from engine.documents.marks import Field, Sheet
from engine.documents.pdf_fields import MAX_NODES
from engine.formats import open_file
from engine.formats.fillable_pdf import MAX_BYTES, read_sheet, recognises
from engine.inspections.opening import Inspection, open_sheet
from engine.inspections.planning import plan_checklist
from engine.model.checklist import Checklist
from engine.model.questions import Readings, Rows
from engine.model.sheet import Source
from engine.problems import Problem
from engine.source import Written

SOURCE = Source(way="fillable-pdf", file="检查表.pdf")
OFTEN = {("2019", "device-manufacturer")}
"""The shortest list; the others are for the long run."""
every_kind = pytest.mark.parametrize(
    "kind",
    [pytest.param(k, marks=[] if k[:2] in OFTEN else [pytest.mark.long], id=f"{k[1]}-{k[0]}") for k in KINDS],
)
CLINIC = ("2024", "medical-institution", date(2024, 1, 16))
LENSES = ("2019", "contact-lens-seller", date(2019, 11, 20))


def form_of(checklist: Checklist) -> bytes:
    return lean(blank_form(checklist))


def fields_on(checklist: Checklist) -> dict[str, Field]:
    marks = Sheet()
    checklist_context(checklist, marks=marks)
    return marks.fields


def read(content: bytes) -> tuple[Written | None, list[Problem]]:
    assert recognises(content)
    return read_sheet(content, "检查表.pdf", SOURCE, opener(PLACE))


def read_well(content: bytes) -> Inspection:
    document, problems = read(content)
    assert not problems, [p.render() for p in problems]
    assert document is not None
    return opened(document)


def complaints(content: bytes) -> list[str]:
    _, problems = read(content)
    return [p.render() for p in problems]


def refusal(content: bytes) -> str:
    document, problems = read(content)
    assert document is None, "the file was read"
    assert len(problems) == 1, [p.render() for p in problems]
    return problems[0].render()


# ── the same answers, whichever reader saved them


def on_paper(checklist: Checklist, sheet: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sheet without what a form has no field for."""
    names = fields_on(checklist)
    answers = dict(sheet["answers"])
    for table in tables(checklist):
        code = table.item.code if table.item is not None else table.name
        given = answers.get(code)
        rows = given.get("answer") if isinstance(given, dict) else given
        if not isinstance(rows, list) or (
            table.item is not None and not isinstance(table.item.answer, (Rows, Readings))
        ):
            continue
        begun = checklist.prefilled.get(table.name, ()) if table.item is None else ()
        first = 1 + sum(not all(key in row for key in table.key) for row in begun)
        kept = [
            {c: v for c, v in row.items() if c != "device"}
            for n, row in enumerate(rows, first)
            if any(name.startswith(f"{table.name}.{n}.") for name in names)
        ]
        answers[code] = {**given, "answer": kept} if isinstance(given, dict) else kept
    visit = {k: v for k, v in sheet["visit"].items() if k in ("date", "start", "end")}
    return {**sheet, "answers": answers, "visit": visit}


def values_of(checklist: Checklist, sheet: Mapping[str, Any]) -> dict[str, str]:
    """Return what the fields of the form hold when it says what the sheet says."""
    names = fields_on(checklist)
    boxes, whole = (fields_of(checklist, sheet, boxes=boxes) for boxes in (True, False))
    given = {n: v for n, v in (whole | boxes).items() if n in names and v is not None}
    held = {*given, *(name.rpartition(".")[0] for name in given)}
    lost = {n for n in whole if n not in held and n != "visit.date" and n not in given}
    assert not lost, f"no field of the form takes {lost}"
    return {name: state(names[name], value) for name, value in given.items()}


people = st.lists(
    st.tuples(st.sampled_from(["张三", "欧阳😀", "Aĺi·买买提", "李 四"]), st.sampled_from(["", "粤A-007310", "01"])),
    max_size=3,
)


@every_kind
@settings(max_examples=max(10, settings.default.max_examples // 6))
@given(data=st.data())
def test_a_form_says_the_same_as_the_sheet_it_was_filled_in_from(kind: tuple[str, str, date], data: Any) -> None:
    checklist = checklist_of(*kind)
    sheet = on_paper(checklist, data.draw(sheets(checklist)))
    values = values_of(checklist, sheet)
    inspectors = data.draw(people)
    if inspectors:
        sheet["visit"]["inspectors"] = [{"name": n, "certificate": c} for n, c in inspectors]
        values["visit.inspectors"] = "、".join(f"{n}（{c}）" if c else n for n, c in inspectors)
    ways = [data.draw(st.sampled_from(list(of))) for of in (SETTERS, CHANGES, SAVES)]
    direct = opened(DataDocument("答卷.json", sheet))
    by_form = read_well(filled(form_of(checklist), values, *ways))
    first, second = sheet_data(direct), sheet_data(by_form)
    assert second.pop("provenance") == {"sources": [{"way": "fillable-pdf", "file": "检查表.pdf"}]}
    assert first == second
    assert findings(direct) == findings(by_form)


@every_kind
def test_a_form_saved_with_an_update_behind_it_says_the_same(kind: tuple[str, str, date]) -> None:
    checklist = checklist_of(*kind)
    names = fields_on(checklist)
    values = {n: f"option{1 + len(n) % len(f.options)}" for n, f in names.items() if f.kind == "choice"}
    values |= {n: "说明（一）\r第二行" for n in names if n.endswith(".note")}
    first, second = (read(c)[0] for c in (appended(form_of(checklist), values), filled(form_of(checklist), values)))
    assert first is not None
    assert second is not None
    assert first.data == second.data
    assert "说明（一）\n第二行" in str(first.data).replace("\\n", "\n")


def test_a_form_of_joint_inspectors_rows_begun_and_spare_lines() -> None:
    checklist, problems = plan_checklist(
        "retail-pharmacy", "2024", None, "cold", date(2024, 1, 15), joint=("公安局", "卫健局")
    )
    assert checklist is not None, problems
    values = {
        "visit.joint.2": "王五（W-1）；赵六", "visit.inspectors": "张三（证1）\r李四(证2)", "visit.start": "9时05分",
        "spare.1.1.check": "另查的事", "spare.1.1.answer": "合格", "spare.2.2.note": "只有备注", "other.3": "最后一行",
    }  # fmt: skip
    data = sheet_data(read_well(filled(form_of(checklist), values)))
    assert data["visit"]["joint"] == [
        {"name": "王五", "certificate": "W-1", "unit": "卫健局"},
        {"name": "赵六", "unit": "卫健局"},
    ]  # type: ignore[index,call-overload]
    assert data["visit"]["inspectors"] == [
        {"name": "张三", "certificate": "证1"},
        {"name": "李四", "certificate": "证2"},
    ]  # type: ignore[index,call-overload]
    assert data["visit"]["start"] == "09:05"  # type: ignore[index,call-overload]
    assert data["other"] == ["另查的事　合格", "只有备注", "最后一行"]


def test_what_the_business_is_may_be_ticked_on_the_form() -> None:
    checklist, problems = plan_checklist("vaccination-unit", "2024", None, None, date(2024, 1, 15))
    assert checklist is not None, problems
    name = next(n for n in fields_on(checklist) if n.startswith("site.attributes."))
    content = filled(form_of(checklist), {name: "on"})
    document, problems = read(content)
    assert not problems, [p.render() for p in problems]
    assert document is not None
    assert document.data["site"]["attributes"][name.rpartition(".")[2]] is True  # type: ignore[index]
    assert document.data["checklist"] == "", "what the list was made from has changed"  # type: ignore[index]


def test_a_blank_form_says_nothing() -> None:
    checklist = checklist_of(*LENSES)
    data = sheet_data(read_well(blank_form(checklist)))
    assert all(isinstance(v, list) for v in data["answers"].values()), "begun rows alone"  # type: ignore[union-attr]
    assert data["visit"] == {"date": "2019-11-20"}


def test_a_box_that_was_cleared_again_is_not_ticked() -> None:
    checklist = checklist_of(*LENSES)
    name = next(n for n, f in fields_on(checklist).items() if f.kind == "choice")
    content = filled(filled(form_of(checklist), {name: "option1"}), {name: "Off"})
    assert name.split(".")[0] not in sheet_data(read_well(content))["answers"]  # type: ignore[operator]


@pytest.mark.parametrize("raw", [b"25\xb0C \xb10.5 100\x97200", b"\xb0C", b"\x84\x84 \x83", "2–8 °C ±0.5".encode("utf-16-be"), b"a\\b(c)d"])  # fmt: skip
def test_strings_in_the_encoding_of_pdf_are_read(raw: bytes) -> None:
    """Signs of units are Latin letters to PDF; they are not taken for Chinese in another encoding."""
    raw = b"\xfe\xff" + raw if b"\0" in raw else raw
    checklist = checklist_of(*LENSES)
    name = next(n for n in fields_on(checklist) if n.endswith(".note"))
    content = changed(form_of(checklist), lambda pdf: plainly_raw(pdf, name, raw))
    assert not complaints(content)
    note = sheet_data(read_well(content))["answers"][name.split(".")[0]]["note"]  # type: ignore[index,call-overload]
    assert note == (raw[2:].decode("utf-16-be") if raw[:1] == b"\xfe" else str(String(raw)))


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_chinese_in_an_encoding_that_pdf_does_not_know_is_a_problem_of_its_field(encoding: str) -> None:
    checklist = checklist_of(*LENSES)
    name, field = next((n, f) for n, f in fields_on(checklist).items() if n.endswith(".note"))
    content = changed(form_of(checklist), lambda pdf: plainly_raw(pdf, name, "安康药房，少记录".encode(encoding)))
    [said] = complaints(content)
    assert "E643" in said
    assert "文字的编码认不出" in said
    assert f"第1页 {field.title}" in said


def plainly_raw(pdf: pikepdf.Pdf, name: str, raw: bytes) -> None:
    nodes(pdf)[name].V = String(raw)


# ── mistakes in fields, each at its own


def test_every_mistake_is_said_at_its_own_field_and_all_at_once() -> None:
    checklist = checklist_of(*LENSES)
    names = fields_on(checklist)
    choice = next(n for n, f in names.items() if f.kind == "choice" and n.endswith(".answer"))
    tick = next(n for n, f in names.items() if f.kind == "tick")

    def change(pdf: pikepdf.Pdf) -> None:
        found = nodes(pdf)
        found[choice].V = Name("/option7")
        found[tick].V = Name("/Oui")
        found["visit.inspectors"].V = String("（只有证号）")
        found["Text1"] = pdf.make_indirect(Dictionary(T=String("Text1"), FT=Name.Tx, V=String("我加的栏")))
        pdf.Root.AcroForm.Fields.append(found["Text1"])

    document, problems = read(changed(form_of(checklist), change))
    assert document is not None
    said = [p.render() for p in problems]
    assert any(f"{names[choice].title}:" in s and "认不出勾的是哪一格（“option7”）" in s for s in said)
    assert any(f"{names[tick].title}:" in s and "“Oui”" in s for s in said)
    assert any("检查人员及证号:" in s and "看不出姓名和证号" in s for s in said)
    assert any("Text1:" in s and "检查表里没有这一栏（“我加的栏”）" in s for s in said)
    assert len(said) == 4, said


@pytest.mark.parametrize(("name", "value", "says"), [("JP-01.note", "长" * 20_001, "JP-01 备注"), ("visit.start", "早上", "开始时间"), ("site.name", "长" * 401, "单位名称"), ("other.1", "长" * 20_001, "其他问题 1")])  # fmt: skip
def test_what_is_wrong_with_a_text_is_said_at_its_field_too(name: str, value: str, says: str) -> None:
    checklist = checklist_of(*LENSES)
    name = next(n for n in fields_on(checklist) if n.endswith(".note")) if name.endswith(".note") else name
    says = fields_on(checklist)[name].title if name.endswith(".note") else says
    document, problems = read(filled(form_of(checklist), {name: value}))
    assert document is not None
    problems += open_sheet(PLACE, document, as_made=True)[1]
    assert [p.mark.cell for p in problems] == [
        f"第{1 if not name.startswith('other') else problems[0].mark.cell[1]}页 {says}"
    ]


def test_what_is_stored_and_what_is_shown_may_not_differ() -> None:
    checklist = checklist_of(*LENSES)
    name, field = next((n, f) for n, f in fields_on(checklist).items() if f.kind == "choice")

    def change(pdf: pikepdf.Pdf) -> None:
        node = nodes(pdf)[name]
        plainly(pdf, node, "option1")
        node.V = Name("/option2")

    [said] = complaints(changed(form_of(checklist), change))
    assert field.title in said
    assert "两个不同的内容（“option2” 与 “option1”）" in said


@pytest.mark.parametrize(("kind", "says"), [("FreeText", "用“添加文字”写的字：“缺货”"), ("Ink", "手写笔迹：“缺货”"), ("Stamp", "图章或图片：“缺货”"), ("Text", "便笺：“缺货”"), ("Highlight", "高亮：“缺货”"), ("Square", "批注或图形：“缺货”")])  # fmt: skip
def test_what_was_written_beside_the_fields_is_not_lost(kind: str, says: str) -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        note = Dictionary(Type=Name.Annot, Subtype=Name(f"/{kind}"), Rect=Array([1, 1, 9, 9]), Contents=String("缺货"))
        hidden = Dictionary(Type=Name.Annot, Subtype=Name.Popup, Rect=Array([1, 1, 9, 9]), Contents=String("缺货"))
        pdf.pages[1].Annots.append(pdf.make_indirect(note))
        pdf.pages[1].Annots.append(pdf.make_indirect(hidden))

    [said] = complaints(changed(form_of(checklist_of(*LENSES)), change))
    assert "检查表.pdf:第2页: E665" in said
    assert says in said
    assert "填进相应的栏目" in said


# ── other files


def test_a_flattened_form_is_refused_with_what_to_do() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.flatten_annotations("all")
        if "/AcroForm" in pdf.Root:
            del pdf.Root.AcroForm

    content = changed(filled(form_of(checklist_of(*LENSES)), {"other.1": "有"}), change)
    said = refusal(content)
    assert "没有可填写的栏目" in said
    assert "压平" in said
    assert "answers scan" in said
    assert "保存" in said


def test_a_printed_checklist_and_one_without_its_fields_are_refused_alike() -> None:
    printed = laid_out(checklist_of(*LENSES)).pdf()
    writer = PdfWriter()
    for page in PdfReader(io.BytesIO(blank_form(checklist_of(*LENSES)))).pages:
        page.pop("/Annots", None)
        writer.add_page(page)
    target = io.BytesIO()
    writer.write(target)
    assert refusal(printed) == refusal(target.getvalue())
    assert "打印用的检查表" in refusal(printed)


def test_records_scans_and_other_files_are_told_what_they_are() -> None:
    assert "检查记录或文书" in refusal(paper("final", "retail-pharmacy-2024").content)
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        blank = io.BytesIO()
        pdf.save(blank)
        pdf.Root.AcroForm = Dictionary(
            Fields=Array([pdf.make_indirect(Dictionary(T=String("姓名"), FT=Name.Tx, V=String("甲")))])
        )
        other = io.BytesIO()
        pdf.save(other)
    assert "扫描件" in refusal(blank.getvalue())
    assert "answers scan" in refusal(blank.getvalue())
    assert "不是本程序的检查表" in refusal(other.getvalue())


def test_a_form_whose_head_was_lost_or_changed_is_refused() -> None:
    form = form_of(checklist_of(*LENSES))
    for value in ("", "{}", head_text(checklist_of(*LENSES)).replace('"routine":false', '"routine":true')):
        said = refusal(changed(form, lambda pdf, value=value: plainly(pdf, nodes(pdf)[HEAD], value)))
        assert "E642" in said or "E620" in said


def test_a_form_of_a_release_that_is_not_here_is_refused() -> None:
    head = head_text(checklist_of(*LENSES)).replace(checklist_of(*LENSES).lock, "0" * 64)
    assert "000000000000" in refusal(
        changed(form_of(checklist_of(*LENSES)), lambda pdf: plainly(pdf, nodes(pdf)[HEAD], head))
    )


def test_a_form_that_lost_a_page_is_refused() -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(form_of(checklist_of(*LENSES)))))
    writer.root_object["/AcroForm"]["/Fields"].clear()  # type: ignore[index,union-attr]
    writer.remove_page(2)
    target = io.BytesIO()
    writer.write(target)
    said = refusal(target.getvalue())
    assert "个填写栏" in said
    assert "删过页" in said


def test_two_forms_in_one_file_are_refused() -> None:
    form = form_of(checklist_of(*LENSES))
    second = pikepdf.open(io.BytesIO(filled(form, {"other.1": "乙"})))
    joined = changed(form, lambda pdf: pdf.pages.extend(second.pages))
    assert "几张表合并" in refusal(joined)


def test_a_form_with_xfa_is_refused() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.Root.AcroForm.XFA = pdf.make_stream(b"<xdp:xdp/>")

    assert "XFA" in refusal(changed(form_of(checklist_of(*LENSES)), change))


def test_an_encrypted_form_is_refused() -> None:
    locked = changed(
        form_of(checklist_of(*LENSES)), lambda pdf: None, encryption=pikepdf.Encryption(owner="a", user="b")
    )
    assert "加了密" in refusal(locked)
    assert "去掉密码" in refusal(locked)


# ── hostile files


def _circle(pdf: pikepdf.Pdf) -> None:
    node = nodes(pdf)["other.1"]
    del node["/FT"]
    node.Kids = Array([node.Parent])
    node.Parent.T = String("x")


def _circle_above(pdf: pikepdf.Pdf) -> None:
    node = nodes(pdf)["other.1"]
    node.Parent.Parent = node.Parent
    pdf.Root.AcroForm.Fields = Array([])


def _deep(pdf: pikepdf.Pdf) -> None:
    node = Dictionary(T=String("a"), FT=Name.Tx)
    for _ in range(200):
        node = pdf.make_indirect(Dictionary(T=String("a"), Kids=Array([node])))
    pdf.Root.AcroForm.Fields.append(node)


def _many(pdf: pikepdf.Pdf) -> None:
    for number in range(MAX_NODES):
        pdf.Root.AcroForm.Fields.append(Dictionary(T=String(f"f{number}"), FT=Name.Tx))


def _many_annotations(pdf: pikepdf.Pdf) -> None:
    note = pdf.make_indirect(Dictionary(Subtype=Name.Popup))
    pdf.pages[0].Annots = Array([note] * (MAX_NODES + 1))


def _bomb(pdf: pikepdf.Pdf) -> None:
    nodes(pdf)["other.1"].V = pdf.make_stream(b"a" * 40_000_000)


@pytest.mark.parametrize(
    "change", [_circle, _circle_above, _deep, _many, _many_annotations, _bomb], ids=lambda c: c.__name__
)
def test_what_no_form_has_is_refused_soon(change: Any) -> None:
    content = changed(form_of(checklist_of(*LENSES)), change)
    started = time.monotonic()
    said = refusal(content)
    assert time.monotonic() - started < 20
    assert "E642" in said
    assert any(word in said for word in ("成环或过深", "多于", "太大或太复杂")), said


OBJECTS = b"".join(b"%d 0 obj\n<</T(a)/FT/Tx>>\nendobj\n" % n for n in range(200_000))
LONG = {
    "zeros": b"\0" * 20_000_000,
    "objects": OBJECTS + b"trailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF",
    "brackets": b"1 0 obj\n" + b"[" * 20_000_000,
    "one text": b"1 0 obj\n<</Type/Catalog/AcroForm<</Fields[<</T(visit.date)/FT/Tx/V("
    + b"a" * 20_000_000
    + b")>>]>>>>",
    "streams": b"stream\n" * 2_500_000,
}


@pytest.mark.parametrize("name", LONG)
def test_long_files_are_refused_before_they_are_parsed(name: str) -> None:
    started = time.monotonic()
    assert "太大或太复杂" in refusal(b"%PDF-1.7\n" + LONG[name])
    assert time.monotonic() - started < 5


@settings(max_examples=max(20, settings.default.max_examples // 3))
@given(data=st.data())
def test_damaged_files_are_refused_or_read_and_never_fail(data: Any) -> None:
    """What a shortened or overwritten file still says of its fields is all or nothing."""
    content = bytearray(small_form())
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(1, 40))] = data.draw(st.binary(max_size=40))
    end = data.draw(st.integers(0, len(content)) | st.just(len(content)))
    document, problems = read(b"%PDF-1.7\n" + bytes(content[:end]))
    assert document is not None or problems


@cache
def small_form() -> bytes:
    """Return a form that is all fields: no fonts, no pages' content."""

    def change(pdf: pikepdf.Pdf) -> None:
        for page in pdf.pages:
            page.Contents = pdf.make_stream(b"")
            page.Resources = Dictionary()
        pdf.Root.AcroForm.DR = Dictionary()

    checklist = checklist_of("2019", "device-manufacturer", date(2019, 11, 21))
    return changed(form_of(checklist), change, object_stream_mode=pikepdf.ObjectStreamMode.disable)


def test_a_file_too_large_and_one_that_is_called_otherwise(tmp_path: Path) -> None:
    large = tmp_path / "大.pdf"
    large.write_bytes(b"%PDF-1.7\n" + b"\0" * MAX_BYTES)
    inspection, problems = open_file(PLACE, large, as_made=True)
    assert inspection is None
    assert "E102" in problems[0].render()
    named = tmp_path / "检查表.dat"
    named.write_bytes(filled(form_of(checklist_of(*LENSES)), {"other.1": "一行"}))
    inspection, problems = open_file(PLACE, named, as_made=True)
    assert inspection is not None, [p.render() for p in problems]
    assert inspection.sheet.other == ("一行",)


def test_fields_of_the_form_are_those_of_the_printed_list() -> None:
    """Reading lays nothing out: it takes the fields from the text of the list, and they are the same."""
    checklist = checklist_of(*LENSES)
    assert fields_on(checklist) == dict(laid_out(checklist).fields)

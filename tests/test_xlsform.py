"""The checklist as an ODK form: it converts without a word of warning, and submissions of it say the same as a sheet."""

from __future__ import annotations

import copy
import io
import re
import time
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyxform.xls2xform import convert
from support_answers import PLACE, checklist_of, every_kind, fields_of, findings, opened, sheets, texts

from engine.answering.data import DataDocument
from engine.answering.head import head_text, opener
from engine.answering.odk_form import HEAD, OdkForm, odk_form, read_head, value_of, written_head
from engine.answering.writing import sheet_data
from engine.formats import load_format, notices_of, open_file, xlsform
from engine.formats.xlsform import MAX_DEPTH, MAX_NODES, conversion_faults, read_sheet, recognises, write_checklist
from engine.inspections.opening import Inspection
from engine.inspections.planning import plan_checklist
from engine.library.load import Library
from engine.model.checklist import Checklist
from engine.model.sheet import Site, Source
from engine.problems import Problem, ProblemError
from engine.source import Written

SOURCE = Source(way="odk", file="提交.xml")
LENSES = ("2019", "contact-lens-seller", date(2019, 11, 20))
PHARMACY = ("2024", "retail-pharmacy", date(2024, 1, 15))
XFORMS = "{http://www.w3.org/2002/xforms}"


@cache
def converted(kind: tuple[str, str, date]) -> str:
    """Return the XForm that pyxform makes of the form of a kind."""
    return xform(checklist_of(*kind))


def xform(checklist: Checklist) -> str:
    warnings: list[str] = []
    found = convert(write_checklist(checklist), warnings=warnings, file_type=".xlsx").xform
    assert warnings == []
    return found


def model(text: str) -> ElementTree.Element:
    """Return the root of a submission that nothing is filled into: what the form begins with."""
    instance = ElementTree.fromstring(text).find(f".//{XFORMS}instance")
    assert instance is not None
    return copy.deepcopy(instance[0])


def local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def head_of(text: str) -> str:
    """Return what the form computes for its head when it is opened."""
    binds = {b.get("nodeset", "").rpartition("/")[2]: b for b in ElementTree.fromstring(text).iter(f"{XFORMS}bind")}
    return str(binds[HEAD].get("calculate")).strip("'")


def submission(text: str, form: OdkForm, fields: Mapping[str, Any], *, dated: str = ".000+08:00") -> bytes:
    """Return the XML of somebody who answered the form so: fields by name, rows in repeats."""
    root = model(text)
    for parent in list(root.iter()):
        seen: set[str] = set()
        for child in list(parent):
            template = any(key.endswith("template") for key in child.attrib)
            if template or (local(child) in form.repeats and local(child) in seen):
                parent.remove(child)
            seen.add(local(child) if not template else "")
    nodes = {local(e): e for e in root.iter()}
    nodes[HEAD].text = head_of(text)
    left = dict(fields)
    for name, node in form.nodes.items():
        if name in left:
            nodes[name].text = said(node, left.pop(name), dated)
    above = {child: parent for parent in root.iter() for child in parent}
    for name, repeat in form.repeats.items():
        first = nodes[name]
        blank, parent = copy.deepcopy(first), above[first]
        at = list(parent).index(first)
        parent.remove(first)
        rows = sorted({int(f[len(repeat.table) + 1 :].split(".")[0]) for f in left if of_table(f, repeat.table)})
        for place, number in enumerate(rows):
            assert number == repeat.first + place, "rows without a gap"
            row = copy.deepcopy(blank)
            inside = {local(e): e for e in row.iter()}
            for node_name, node in repeat.columns.items():
                field = f"{repeat.table}.{number}.{node.field}"
                if field in left:
                    inside[node_name].text = said(node, left.pop(field), dated)
            parent.insert(at + place, row)
    assert not left, f"no node of the form takes {left}"
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def of_table(field: str, table: str) -> bool:
    return re.fullmatch(rf"{re.escape(table)}\.\d+\..+", field) is not None


def said(node: Any, value: Any, dated: str) -> str:
    """Return an answer as ODK writes it: values of choices, times with their zone."""
    values = {word: value for value, word in node.words.items()}
    if node.kind == "several":
        words = ["不适用"] if value is True else value if isinstance(value, list) else [value]
        return " ".join(values[word] for word in words)
    if node.kind == "words":
        return values[{True: "是", False: "否"}.get(value, value) if isinstance(value, bool) else value]
    return f"{value}:00{dated}" if node.kind == "clock" else str(value)


def answers_of(checklist: Checklist, form: OdkForm, sheet: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a sheet as the form asks them: choices of several as lists."""
    whole, boxes = fields_of(checklist, sheet), fields_of(checklist, sheet, boxes=True)
    found = {}
    for name, value in whole.items():
        several = [n for n in boxes if re.fullmatch(rf"{re.escape(name)}\.\d+", n) and n not in whole]
        found[name] = value.split("；") if several and isinstance(value, str) else value
    for entry in checklist.items():  # an item without a place for the word 不适用 has it in a box of its own
        name, node = f"{entry.item.code}.answer", form.nodes.get(f"{entry.item.code}.answer")
        if found.get(name) == "不适用" and (node is None or "不适用" not in node.words.values()):
            del found[name]
            found[f"{entry.item.code}.not_applicable"] = True
        elif node is not None and node.kind == "several" and found.pop(f"{entry.item.code}.not_applicable", False):
            found[name] = ["不适用"]
    return {name: value for name, value in found.items() if value is not None}


def read(content: bytes) -> tuple[Written | None, list[Problem]]:
    assert recognises(content)
    return read_sheet(content, "提交.xml", SOURCE, opener(PLACE))


def read_well(content: bytes) -> Inspection:
    document, problems = read(content)
    assert not problems, [p.render() for p in problems]
    assert document is not None
    return opened(document)


def refusal(content: bytes) -> str:
    document, problems = read_sheet(content, "提交.xml", SOURCE, opener(PLACE))
    assert document is None, "the file was read"
    assert len(problems) == 1
    return problems[0].render()


# ── the form


@pytest.mark.long
def test_every_list_of_every_campaign_converts_without_a_warning(library: Library) -> None:
    count = 0
    for campaign in ("2019", "2024"):
        for site_type in sorted(library.site_types):
            checklist, problems = plan_checklist(site_type, campaign, None, None)
            if checklist is None:
                assert {p.code for p in problems} <= {"E615"}, [p.render() for p in problems]
                continue
            count += 1
            assert conversion_faults(write_checklist(checklist)) == ()
    assert count > 15


@every_kind
def test_the_form_has_a_node_for_everything_that_is_asked(kind: tuple[str, str, date]) -> None:
    checklist = checklist_of(*kind)
    form, names = odk_form(checklist), [local(e) for e in model(converted(kind)).iter()]
    nodes = {*form.nodes, *(n for r in form.repeats.values() for n in r.columns)}
    assert nodes <= set(names)
    assert {*form.repeats, HEAD} <= set(names)
    for entry in checklist.items():
        assert f"{entry.item.code}.note" in nodes
        assert {f"{entry.item.code}.answer", f"{entry.item.code}.not_applicable"} & nodes
        assert all(f"{entry.item.code}.detail.{name}" in nodes for name in entry.item.details)
    assert read_head(head_of(converted(kind))) == read_head(written_head(checklist)) != ""


@every_kind
def test_labels_are_chinese_and_expressions_are_ones_that_odk_knows(kind: tuple[str, str, date]) -> None:
    """ODK Validate is a program in Java: the few shapes of expression that it passed are the only ones."""
    name = r"\$\{[\w.-]+\}"
    shapes = {
        "relevant": [rf"not\(selected\({name}, '不适用'\)\)", rf"{name} = '[^\s']+'"],
        "constraint": [r"(\. [<>]= -?[0-9]+(\.[0-9]+)?( and )?)+", r"string-length\(\.\) <= [0-9]+"],
    }
    for row in odk_form(checklist_of(*kind)).survey:
        if not row.type.startswith(("end", "calculate")):
            assert re.search("[\u4e00-\u9fff]", row.label), row
        for column, of in shapes.items():
            text = getattr(row, column)
            assert not text or any(re.fullmatch(shape, text) for shape in of), row
        assert bool(row.constraint) == bool(row.constraint_message), row
        assert not row.constraint or re.search("[\u4e00-\u9fff]", row.constraint_message)


def test_details_and_tables_are_asked_when_they_matter() -> None:
    rows = {row.name: row for row in odk_form(checklist_of(*PHARMACY)).survey if row.name}
    checklist = checklist_of(*PHARMACY)
    tables = [r for n, r in rows.items() if n.endswith(".rows")]
    assert any(r.relevant.endswith("= '发现，填表'") for r in tables)
    judged = {e.item.code for e in checklist.items() if e.item.answer.type == "yes_no"}
    several = [
        r
        for n, r in rows.items()
        if r.type.startswith("select_multiple") and n.split(".")[0] in judged and ".detail." in n
    ]
    assert several
    assert all(r.relevant == f"${{{r.name.split('.')[0]}.answer}} = '否'" for r in several)
    numbers = [r for r in rows.values() if r.type == "integer"]
    assert numbers
    assert all(r.constraint == ". >= 0" for r in numbers)
    assert "不适用" in {value for _, value, _ in odk_form(checklist).choices}
    seller = odk_form(checklist_of("2024", "cosmetics-seller", date(2024, 2, 1)))
    assert any(row.type == "image" for row in seller.survey)


def test_the_same_list_gives_the_same_bytes_and_another_head_another_version() -> None:
    checklist = checklist_of(*LENSES)
    assert write_checklist(checklist) == write_checklist(checklist)
    named = checklist.model_copy(update={"site": Site(name="康'康\"${x}眼镜店", attributes=checklist.site.attributes)})
    one, other = odk_form(checklist), odk_form(named)
    assert one.id == other.id
    assert one.version != other.version, "a server would take one for the other"
    assert "康康x眼镜店" in xform(named), "quotes and names of questions in a name"


def test_the_workbook_has_the_three_sheets_of_an_xlsform() -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_checklist(checklist_of(*LENSES))))
    assert book.sheetnames == ["survey", "choices", "settings"]
    settings = dict(zip(*([c.value for c in row] for row in book["settings"].iter_rows(max_row=2)), strict=True))
    assert settings["form_id"].startswith("chunfeng-2019-contact-lens-seller-")
    assert [c.value for c in book["choices"][1]][:3] == ["list_name", "name", "label"]


def test_a_form_that_pyxform_refuses_or_warns_of_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def warn(content: bytes, warnings: list[str], **_: Any) -> None:
        warnings.append("row 7: odd")

    def fail(content: bytes, **_: Any) -> None:
        raise KeyError("x")

    for convert_ in (warn, fail):
        monkeypatch.setattr(xlsform, "_converter", lambda found=convert_: found)
        with pytest.raises(ProblemError, match="E666"):
            write_checklist(checklist_of(*LENSES))


def test_a_form_that_nothing_checked_is_written_and_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    assert notices_of("xlsform") == ()
    monkeypatch.setitem(__import__("sys").modules, "pyxform.xls2xform", None)
    assert write_checklist(checklist_of(*LENSES)).startswith(b"PK")
    assert "没有用它核对" in notices_of("xlsform")[0]
    assert "chunfeng[odk]" in notices_of("xlsform")[0]


@given(st.text(max_size=60), st.integers(1, 40))
def test_values_of_choices_have_nothing_that_odk_splits_or_quotes(word: str, number: int) -> None:
    value = value_of(word, number)
    assert not re.search(r"[\s'\"‘’“”]", value)
    assert value


TYPED = st.sampled_from(
    ["${x}", "'", '"', "“引”", "＄{y}", "=1+1", "</label>", "&amp;", "]]>", "# 甲 *乙*", "两\n行", "concat(1)"]
)


@settings(max_examples=max(8, settings.default.max_examples // 10))
@given(words=st.lists(TYPED | texts, min_size=6, max_size=6))
def test_what_was_typed_beforehand_breaks_no_form(words: list[str]) -> None:
    """Names, rows begun and authorities come from people: none becomes an expression, and all comes back."""
    blank = checklist_of("2019", "device-manufacturer", date(2019, 11, 21))
    site = Site(name=words[0], identity={"head": words[1]}, attributes=blank.site.attributes)
    table = next(iter(blank.grids))
    columns = list(blank.grids[table].answer.columns)[:2]
    begun = {table: ({columns[0]: words[2], columns[1]: words[3]},)}
    checklist = blank.model_copy(update={"site": site, "joint": (words[4], words[5]), "prefilled": begun})
    text = xform(checklist)
    assert read_head(head_of(text)) == head_text(checklist)
    document, problems = read(submission(text, odk_form(checklist), {"visit.joint.2": "甲"}))
    assert not problems, [p.render() for p in problems]
    assert document is not None
    assert document.data["site"]["name"] == words[0]  # type: ignore[index]
    assert document.data["visit"]["joint"] == [{"name": "甲", "certificate": "", "unit": words[5]}]  # type: ignore[index]


# ── submissions


@every_kind
@settings(max_examples=max(20, settings.default.max_examples // 3))
@given(data=st.data())
def test_a_submission_says_the_same_as_the_sheet(kind: tuple[str, str, date], data: Any) -> None:
    checklist = checklist_of(*kind)
    form, sheet = odk_form(checklist), data.draw(sheets(checklist))
    dated = data.draw(st.sampled_from([".000+08:00", "Z", ".000Z", "+0800"]))
    content = submission(converted(kind), form, answers_of(checklist, form, sheet), dated=dated)
    direct, by_form = opened(DataDocument("答卷.json", sheet)), read_well(content)
    first, second = sheet_data(direct), sheet_data(by_form)
    assert second.pop("provenance") == {"sources": [{"way": "odk", "file": "提交.xml"}]}
    assert first == second
    assert findings(direct) == findings(by_form)


def test_joint_inspectors_rows_begun_and_other_lines() -> None:
    checklist, problems = plan_checklist(
        "retail-pharmacy", "2024", None, "cold", date(2024, 1, 15), joint=("公安局", "卫健局")
    )
    assert checklist is not None, problems
    form = odk_form(checklist)
    fields = {
        "visit.joint.2": "王五（W-1）",
        "visit.joint.3.unit": "街道办",
        "visit.joint.3.name": "赵六",
        "other.2": "另有问题",
    }
    data = sheet_data(read_well(submission(xform(checklist), form, fields)))
    assert data["visit"]["joint"] == [
        {"unit": "街道办", "name": "赵六"},
        {"name": "王五", "certificate": "W-1", "unit": "卫健局"},
    ]  # type: ignore[index,call-overload]
    assert data["other"] == ["另有问题"]


def test_a_blank_submission_says_nothing() -> None:
    data = sheet_data(read_well(submission(converted(LENSES), odk_form(checklist_of(*LENSES)), {})))
    assert all(isinstance(v, list) for v in data["answers"].values()), "begun rows alone"  # type: ignore[union-attr]


def test_a_submission_in_a_file_is_told_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "提交.dat"
    path.write_bytes(
        b"\xef\xbb\xbf" + submission(converted(LENSES), odk_form(checklist_of(*LENSES)), {"other.1": "一行"})
    )
    inspection, problems = open_file(PLACE, path, as_made=True)
    assert inspection is not None, [p.render() for p in problems]
    assert inspection.sheet.other == ("一行",)
    assert inspection.sheet.provenance is not None
    assert inspection.sheet.provenance.sources[0].way == "odk"


def test_every_mistake_is_said_at_its_own_question() -> None:
    form = odk_form(checklist_of(*LENSES))
    text = submission(converted(LENSES), form, {"other.1": "一行", "visit.start": "09:05"}).decode()
    choice = next(n for n, node in form.nodes.items() if node.kind == "words" and n.endswith(".answer"))
    text = re.sub(
        rf"<(\w+:)?{re.escape(choice)} ?/>", lambda m: f"<{m[1] or ''}{choice}>maybe</{m[1] or ''}{choice}>", text
    )
    text = re.sub(r"(<(\w+:)?other\.1>)", r"<\2added>甲</\2added>\1", text)
    text = re.sub(r"(<(\w+:)?other\.1>)", r"<\2other.2>甲</\2other.2>\1", text)
    text = re.sub(r"<(\w+:)?other\.2 ?/>", r"<\1other.2>乙</\1other.2>", text)
    _, problems = read(text.encode())
    found = [p.render() for p in problems]
    title = form.nodes[choice].title.partition("\n")[0][:60]
    assert any(f"{title}:" in s and "选项认不出（“maybe”）" in s for s in found), found
    assert any("added" in s and "检查表里没有这一栏" in s for s in found), found
    assert any("同一栏有两个节点（“乙”）" in s for s in found), found
    assert len(found) == 3, found


def test_the_blank_form_itself_is_refused_with_what_to_do() -> None:
    assert "空白的 ODK 表单" in refusal(converted(LENSES).encode())


@pytest.mark.parametrize("change", [lambda t: t.replace(head_of(converted(LENSES)), "")[:10**7], lambda t: t.replace(head_of(converted(LENSES)), "%%%"), lambda t: t.replace(head_of(converted(LENSES)), "e30=")], ids=["none", "not base64", "another"])  # fmt: skip
def test_a_submission_whose_head_was_lost_is_refused(change: Any) -> None:
    text = submission(converted(LENSES), odk_form(checklist_of(*LENSES)), {}).decode()
    assert "记着检查表版本的隐藏内容缺失或被改动" in refusal(change(text).encode())


def _bomb() -> str:
    lines = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    return f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY e0 "x">{lines}]><d id="chunfeng-x">&e9;</d>'


HOSTILE = {
    "entities": (_bomb(), "实体定义"),
    "external": ('<!DOCTYPE d SYSTEM "file:///etc/passwd"><d id="chunfeng-x"/>', "实体定义"),
    "deep": ('<d id="chunfeng-x">' + "<a>" * 300_000, "嵌套超过"),
    "deep and whole": ('<d id="chunfeng-x">' + "<a>" * MAX_DEPTH + "</a>" * MAX_DEPTH + "</d>", "嵌套超过"),
    "many": ('<d id="chunfeng-x">' + "<a/>" * (MAX_NODES + 1) + "</d>", "内容过多"),
    "cut": ('<d id="chunfeng-x"><a>', "XML 语法错误"),
    "garbage": ('<d id="chunfeng-x">\0</d>', "XML 语法错误"),
    "encoding": ('<?xml version="1.0" encoding="none"?><d id="chunfeng-x"/>', "XML 语法错误"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_soon(name: str) -> None:
    text, says = HOSTILE[name]
    started = time.monotonic()
    assert says in refusal(text.encode())
    assert time.monotonic() - started < 5


@given(data=st.data())
def test_damaged_files_are_refused_or_read_and_never_fail(data: Any) -> None:
    content = bytearray(submission(converted(LENSES), odk_form(checklist_of(*LENSES)), {"other.1": "一行"}))
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(1, 40))] = data.draw(st.binary(max_size=40))
    document, problems = read_sheet(bytes(content), "提交.xml", SOURCE, opener(PLACE))
    assert document is not None or problems


@pytest.mark.parametrize("content", [b"", b"kind: answers", b"{}", b"<!DOCTYPE html><p>chunfeng.head", b"<html><p>chunfeng.head", b"<d/>", b"PK\x03\x04"])  # fmt: skip
def test_other_files_are_left_to_other_formats(content: bytes) -> None:
    assert not recognises(content)
    assert load_format("xlsform").SUFFIXES == ()

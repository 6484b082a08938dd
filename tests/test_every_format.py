"""What holds for every format that answers are read from: the folder is the registry, a new one needs a way to fill it in."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import test_fillable_reading
import test_spreadsheets
import test_xlsform
from hypothesis import given, settings
from hypothesis import strategies as st
from support_answers import KINDS, PLACE, checklist_of, fields_of, findings, sheets
from support_forms import filled
from test_offline_form import export_of

from engine.answering.data import DataDocument
from engine.answering.writing import sheet_data
from engine.formats import answer_formats, format_of, load_format, open_file
from engine.formats.xlsform import odk_form
from engine.inspections.opening import Inspection, evaluate, new_record, recorded_of
from engine.library.releases import current_release
from engine.model.checklist import Checklist
from engine.model.sheet import EarlierFinding, Site
from engine.source import dump
from engine.tailor import tailor

Kind = tuple[str, str, date]
EXAMPLES = max(3, settings.default.max_examples // 10)


def _yaml(kind: Kind, sheet: dict[str, Any]) -> bytes:
    return dump(sheet).encode()


def _json(kind: Kind, sheet: dict[str, Any]) -> bytes:
    return json.dumps(sheet, ensure_ascii=False).encode()


def _xlsx(kind: Kind, sheet: dict[str, Any]) -> bytes:
    return test_spreadsheets.typed_in(checklist_of(*kind), test_spreadsheets.book_of(kind), sheet)


def _csv(kind: Kind, sheet: dict[str, Any]) -> bytes:
    return test_spreadsheets._written(test_spreadsheets._csv_filled(kind, sheet))


def _fillable_pdf(kind: Kind, sheet: dict[str, Any]) -> bytes:
    checklist = checklist_of(*kind)
    return filled(test_fillable_reading.form_of(checklist), test_fillable_reading.values_of(checklist, sheet))


def _offline_form(kind: Kind, sheet: dict[str, Any]) -> bytes:
    checklist = checklist_of(*kind)
    typed = fields_of(checklist, sheet, boxes=True)
    fields = {name: value if value is True else str(value) for name, value in typed.items()}  # as the page has them
    return json.dumps(export_of(checklist, fields=fields), ensure_ascii=False).encode()


def _xlsform(kind: Kind, sheet: dict[str, Any]) -> bytes:
    checklist = checklist_of(*kind)
    form = odk_form(checklist)
    return test_xlsform.submission(test_xlsform.converted(kind), form, test_xlsform.answers_of(checklist, form, sheet))


FILLED: dict[str, Callable[[Kind, dict[str, Any]], bytes]] = {
    "csv": _csv, "fillable-pdf": _fillable_pdf, "json": _json, "offline-form": _offline_form, "xlsform": _xlsform,
    "xlsx": _xlsx, "yaml": _yaml,
}  # fmt: skip


def test_every_format_that_is_read_is_tried_here() -> None:
    assert set(FILLED) == set(answer_formats())


def put(folder: Path, content: bytes) -> Path:
    path = folder / "答卷"
    path.write_bytes(content)
    return path


def read(folder: Path, content: bytes) -> Inspection:
    inspection, problems = open_file(PLACE, put(folder, content))
    assert inspection is not None, [p.render() for p in problems]
    return inspection


@pytest.mark.long
@pytest.mark.parametrize("kind", [KINDS[0], KINDS[4]], ids=["pharmacy-2024", "lenses-2019"])
@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_the_same_answers_give_the_same_findings_by_every_way(
    kind: Kind, data: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("ways")
    checklist = checklist_of(*kind)
    sheet = test_fillable_reading.on_paper(checklist, data.draw(sheets(checklist)))
    found: dict[str, tuple[str, str]] = {}
    for name, fill_in in FILLED.items():
        content = fill_in(kind, sheet)
        assert format_of(content) == name
        inspection = read(folder, content)
        plain = sheet_data(inspection)
        plain.pop("provenance", None)
        found[name] = (dump(plain), findings(inspection))
    assert all(each == found["yaml"] for each in found.values()), [n for n, e in found.items() if e != found["yaml"]]


def _sheet_of(kind: Kind) -> dict[str, Any]:
    checklist = checklist_of(*kind)
    return {
        "kind": "answers", "campaign": checklist.campaign, "lock": checklist.lock, "checklist": checklist.id,
        "site_type": checklist.site_type, "routine": False, "site": {"name": "甲", "identity": {}, "attributes": {}},
        "visit": {"date": checklist.date.isoformat()}, "answers": {}, "other": ["另一处"],
    }  # fmt: skip


@cache
def almost_empty(name: str) -> bytes:
    return FILLED[name](KINDS[0], _sheet_of(KINDS[0]))


BLANKS: dict[str, Callable[[Checklist], bytes]] = {
    name: load_format(name).write_checklist for name in ("csv", "fillable-pdf", "json", "xlsx", "yaml")
} | {
    "offline-form": lambda checklist: json.dumps(export_of(checklist)).encode(),
    "xlsform": lambda checklist: test_xlsform.submission(
        test_xlsform.xform(checklist), odk_form(checklist), {}
    ),
}  # fmt: skip
"""What each format brings back when nothing was filled in; a form that nobody touched is one that was exported so."""


def test_a_blank_with_rows_begun_comes_back_the_same_by_every_way(tmp_path: Path) -> None:
    """The keys of what is known stand in no order of the alphabet: a head has them sorted."""
    assert set(BLANKS) == set(answer_formats())
    row = {
        "item": "1-1",
        "finding": "licensing.licence-display",
        "problem": "未悬挂",
        "law": "第五条",
        "due": "2024-02-01",
    }
    site = Site(name="甲药店", identity={"licence": "皖DA1", "credit_code": "91340102MA2N00001X"},
                attributes={"rx": True, "prior": True, "cold": False})  # fmt: skip
    locked, _ = current_release(PLACE, "2024")
    assert locked is not None
    checklist, problems = tailor(locked, "retail-pharmacy", site, date(2024, 2, 20))
    assert checklist is not None, problems
    assert "follow-up" in checklist.grids
    earlier = (EarlierFinding(finding="licensing.licence-display", date=date(2024, 1, 15), record="1"),)
    begun = checklist.prefilled | {"follow-up": (row,)}
    checklist = checklist.model_copy(update={"earlier": earlier, "prefilled": begun})
    found = {}
    for name, blank in BLANKS.items():
        inspection = read(tmp_path, blank(checklist))
        visit = inspection.sheet.visit.model_copy(update={"category": None})  # the texts propose one
        plain = sheet_data(inspection._replace(sheet=inspection.sheet.model_copy(update={"visit": visit})))
        plain.pop("provenance", None)
        found[name] = dump(plain)
    assert "未悬挂" in found["yaml"]
    assert [name for name, text in found.items() if text != found["yaml"]] == []


@pytest.mark.long
@pytest.mark.parametrize("name", FILLED)
@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_a_damaged_file_is_refused_or_read_and_never_fails(
    name: str, data: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole = almost_empty(name)
    if data.draw(st.booleans()):
        content = whole[: data.draw(st.integers(0, len(whole) - 1))]
    else:
        at = data.draw(st.integers(0, len(whole) - 1))
        content = whole[:at] + data.draw(st.binary(min_size=1, max_size=8)) + whole[at + 1 :]
    inspection, problems = open_file(PLACE, put(tmp_path_factory.mktemp("damaged"), content))
    assert (inspection is None) == bool(problems)


@pytest.mark.parametrize("name", FILLED)
def test_a_sheet_of_an_unknown_release_is_refused_with_its_lock(name: str, tmp_path: Path) -> None:
    lock = checklist_of(*KINDS[0]).lock
    content = almost_empty(name)
    if name in ("yaml", "json"):
        changed = content.replace(lock.encode(), b"f" * 64)
        inspection, problems = open_file(PLACE, put(tmp_path, changed))
        assert inspection is None
        assert [p.code for p in problems] == ["E617"]
        return
    inspection, problems = open_file(PLACE, put(tmp_path, content), campaign="2019")
    assert inspection is None
    assert [p.code for p in problems] == ["E611"]


@pytest.mark.parametrize("name", FILLED)
def test_texts_that_look_like_something_else_stay_texts(name: str, tmp_path: Path) -> None:
    words = [
        "=1+1",
        "+86 137",
        "-5",
        "@甲",
        "0012",
        "440106199001011234",
        "1e5",
        "😀䶮",
        "a,b;c\"'",
        "<b>&amp;",
        "2024-01-31",
    ]
    sheet = _sheet_of(KINDS[0])
    rows = [{"product": word, "batch": f"0{n}", "supplier": word} for n, word in enumerate(words[:2])]
    sheet["answers"] = {"YD-09": {"answer": "否", "note": " ".join(words)}, "trace": rows}
    sheet["site"]["identity"] = {"credit_code": "0012345678901234X", "licence": "440106199001011234"}
    inspection = read(tmp_path, FILLED[name](KINDS[0], sheet))
    plain = sheet_data(inspection)
    assert plain["answers"] == sheet["answers"]
    assert plain["site"]["identity"] == sheet["site"]["identity"]  # type: ignore[index,call-overload]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\x89PNG\r\n\x1a\n", "answers scan"),
        (b"\x00\x00\x00\x18ftypheic", "answers scan"),
        (b"<!DOCTYPE html><p>a", "网页"),
        (b"<?xml version='1.0'?><a/>", "XML"),
        ("药店检查表,,\n请填写,,\nchunfeng.check,chunfeng.answer,chunfeng.field\n".encode("gb18030"), ".xlsx"),
        (b"SubmissionDate,YD-01.answer,meta-instanceID\n2024-01-15,1,uuid:1\n", "XML"),
    ],
)
def test_what_can_hold_no_answers_is_told_in_plain_words(content: bytes, says: str, tmp_path: Path) -> None:
    inspection, problems = open_file(PLACE, put(tmp_path, content))
    assert inspection is None
    assert [p.code for p in problems] == ["E641"]
    assert says in problems[0].render()


def test_a_document_that_is_an_archive_is_told_in_plain_words(tmp_path: Path) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
    _, problems = open_file(PLACE, put(tmp_path, target.getvalue()))
    assert [p.code for p in problems] == ["E641"]
    assert "Word" in problems[0].render()


@pytest.mark.parametrize("said", [{"by": "张三", "day": 3}, "照纸质检查表录入", ["甲", "乙"], {}], ids=str)
def test_provenance_of_before_it_had_a_form_is_kept(said: Any, tmp_path: Path) -> None:
    inspection = read(tmp_path, _yaml(KINDS[0], _sheet_of(KINDS[0]) | {"provenance": said}))
    assert inspection.sheet.provenance is not None
    assert inspection.sheet.provenance.as_written == (said or None)
    record = new_record(inspection, evaluate(inspection))
    again, problems = recorded_of(PLACE, DataDocument("记录.yaml", record.model_dump(mode="json")))  # type: ignore[arg-type]
    assert again is not None, problems
    assert again.record.provenance == inspection.sheet.provenance


def test_provenance_with_a_form_is_still_checked(tmp_path: Path) -> None:
    said = {"sources": [{"way": "fax"}]}
    _, problems = open_file(PLACE, put(tmp_path, _yaml(KINDS[0], _sheet_of(KINDS[0]) | {"provenance": said})))
    assert [p.code for p in problems] == ["E202"]


HEAD = b'{"kind": "answers", "answers": '
HOSTILE_JSON = {
    "a key twice": (HEAD + b'{}, "lock": "a", "lock": "b"}', "重复的键"),
    "no number": (HEAD + b'{"YD-14": NaN}}', "NaN"),
    "a number of a million digits": (HEAD + b"9" * 1_000_000 + b"}", "数字"),
    "more than a computer holds exactly": (HEAD + b"9007199254740994}", "数字"),
    "brackets": (HEAD + b"[" * 1_000_000, "嵌套"),
    "depth": (HEAD + b"[" * 60 + b"]" * 60 + b"}", "嵌套"),
    "half a character": (HEAD + b'"\\ud800"}', "字符"),
    "cut off": (HEAD + b'{"YD-09": "', "语法"),
}


@pytest.mark.parametrize("name", HOSTILE_JSON)
def test_hostile_json_is_refused_with_its_reason(name: str, tmp_path: Path) -> None:
    content, says = HOSTILE_JSON[name]
    inspection, problems = open_file(PLACE, put(tmp_path, content))
    assert inspection is None
    assert [p.code for p in problems] == ["E642"]
    assert says in problems[0].message


def test_json_of_millions_of_values_is_refused_before_it_is_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = b'{"kind": "chunfeng-form", "fields": [' + b"1," * 2_000_000 + b"1]}"
    monkeypatch.setattr("engine.formats.json.json.loads", lambda *_, **__: pytest.fail("parsed"))
    inspection, problems = open_file(PLACE, put(tmp_path, content))
    assert inspection is None
    assert "内容过多" in problems[0].message

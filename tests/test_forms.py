"""Fields by name make up the same answer sheet, whatever form they came from."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support_answers import KINDS, PLACE, checklist_of, every_kind, fields_of, findings, opened, sheets

from engine.answering.data import DataDocument
from engine.answering.forms import Filled, Given, fill
from engine.answering.head import head_text, opener
from engine.answering.writing import sheet_data, sheet_yaml
from engine.formats import load_format
from engine.inspections.opening import parse_sheet
from engine.model.checklist import Checklist
from engine.model.sheet import Source
from engine.problems import Mark

SOURCE = Source(way="xlsx", file="检查表.xlsx")


def filled(checklist: Checklist, fields: dict[str, Any]) -> Filled:
    given = {name: Given(value, Mark("表.xlsx", cell=name)) for name, value in fields.items()}
    document, problems = fill(checklist, given, "表.xlsx", SOURCE)
    assert not problems, [p.render() for p in problems]
    return document


@every_kind
@pytest.mark.parametrize("boxes", [False, True], ids=["texts", "boxes"])
@given(data=st.data())
def test_fields_make_up_the_sheet_they_were_taken_from(kind: tuple[str, str, date], boxes: bool, data: Any) -> None:
    checklist = checklist_of(*kind)
    sheet = data.draw(sheets(checklist))
    direct = opened(DataDocument("答卷.json", sheet))
    by_fields = opened(filled(checklist, fields_of(checklist, sheet, boxes=boxes)))
    first, second = sheet_data(direct), sheet_data(by_fields)
    second.pop("provenance")
    assert first == second
    assert findings(direct) == findings(by_fields)


@every_kind
@given(data=st.data())
def test_a_written_sheet_reads_back_as_itself(kind: tuple[str, str, date], data: Any) -> None:
    direct = opened(DataDocument("答卷.json", data.draw(sheets(checklist_of(*kind)))))
    written = sheet_yaml(direct)
    document, problems = parse_sheet(written, "答卷.yaml")
    assert document is not None, problems
    again = opened(document)
    assert again.sheet == direct.sheet.model_copy(update={"answers": again.sheet.answers})
    assert sheet_yaml(again) == written
    assert findings(again) == findings(direct)


@every_kind
def test_a_head_makes_its_checklist_again(kind: tuple[str, str, date]) -> None:
    checklist = checklist_of(*kind)
    again, problems = opener(PLACE)(head_text(checklist), Mark("表"))
    assert again == checklist, problems


def test_a_row_that_the_program_began_cannot_be_made_another() -> None:
    checklist = checklist_of(*KINDS[0])
    begun = {"trace": ({"product": "连花清瘟胶囊", "batch": "1"},)}
    checklist = checklist.model_copy(update={"prefilled": begun})
    same = filled(checklist, {"trace.1.product": "连花清瘟胶囊", "trace.1.supplier": "甲"})
    answers: Any = same.data["answers"]
    assert answers["trace"] == [{"product": "连花清瘟胶囊", "batch": "1", "supplier": "甲"}]
    given = {"trace.1.product": Given("别的", Mark("表.xlsx", cell="C5"))}
    document, problems = fill(checklist, given, "表.xlsx", SOURCE)
    assert [p.code for p in problems] == ["E647"]
    assert "C5" in problems[0].render()
    assert "连花清瘟胶囊" in problems[0].render()
    assert "别的" not in str(document.data)


def test_a_blank_of_json_carries_the_rows_begun_as_yaml_does() -> None:
    rows = ({"item": "1-1", "finding": "licensing.licence-display", "problem": "过期"},)
    checklist = checklist_of(*KINDS[0]).model_copy(update={"prefilled": {"trace": ({"category": "疫苗"},)}})
    grids = checklist.grids | {"follow-up": checklist.grids["trace"].model_copy(update={
        "answer": checklist.grids["trace"].answer.model_copy(update={"key": ("item",)})})}  # fmt: skip
    checklist = checklist.model_copy(update={"grids": grids, "prefilled": checklist.prefilled | {"follow-up": rows}})
    blank = json.loads(load_format("json").write_checklist(checklist))["sheet"]
    assert blank["answers"]["follow-up"] == list(rows)
    assert blank["answers"]["trace"] is None, "a row without its key stands on paper only"


def test_digits_that_are_no_numbers_name_no_row() -> None:
    fields = ("trace.².batch", "other.²", "trace.３.batch", "spare.①.1.check", "visit.inspectors.².name", "other.99999")
    given = {name: Given("甲", Mark("表.xlsx", cell=name)) for name in fields}
    document, problems = fill(checklist_of(*KINDS[0]), given, "表.xlsx", SOURCE)
    lost = [name for name in fields if name.startswith(("trace.", "visit."))]
    assert [(p.code, p.mark.cell) for p in problems] == [("E643", name) for name in lost]
    assert document.data["other"] == ["甲"] * 3

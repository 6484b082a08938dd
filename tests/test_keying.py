"""Keying from paper: the same sheet as any other way, few keys, nothing taken that was not typed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support_answers import KINDS, checklist_of, findings, opened, sheets
from support_keying import SOURCE, Typist, sitting

from engine.answering.data import DataDocument
from engine.answering.writing import sheet_data, sheet_yaml
from engine.inspections.opening import parse_sheet


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: f"{k[1]}-{k[0]}")
@given(data=st.data())
def test_a_sheet_keyed_from_paper_is_the_sheet(kind: tuple[str, str, date], data: Any) -> None:
    checklist = checklist_of(*kind)
    sheet = data.draw(sheets(checklist))
    direct = opened(DataDocument("答卷.json", sheet))
    typist = Typist(sitting(checklist), sheet)
    typist.run()
    refused = [line for line in typist.replies if line.startswith(("没有记录", "没有第"))]
    assert not refused
    keyed = typist.session.inspection
    first, second = sheet_data(direct), sheet_data(keyed)
    assert second.pop("provenance") == {"sources": [SOURCE.model_dump(mode="json")]}
    assert first == second
    assert findings(direct) == findings(keyed)
    document, problems = parse_sheet(sheet_yaml(keyed), "答卷.yaml")
    assert document is not None, problems
    assert sheet_data(opened(document)) == sheet_data(keyed)

"""Every message of the catalogue is triggered: by a wrong file of tests/problems, or by a test listed in messages.txt."""

from __future__ import annotations

import ast
import sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from support import ROOT, mistakes, sample
from support_documents import Invoke
from support_messages import listed
from support_workspace import ACTING, begun
from test_filings import ALL, _act, _table

from engine.catalogue import CATALOGUE
from engine.documents import fonts, pdf, verify
from engine.inspections import follow_up
from engine.library.check_tables import read_summary_file
from engine.library.files import Place
from engine.library.releases import read_release
from engine.problems import Problem, ProblemError
from engine.reports import office
from engine.reports.computing import Figure, Span, compute
from engine.reports.counting import Kept
from engine.reports.filing import make_filing
from engine.reports.merging import Handed, merge

WRONG_FILES = {path.name.partition("-")[0] for path in (ROOT / "tests" / "problems").iterdir()}
"""tests/test_library.py holds that each of them triggers its code."""


def test_every_message_is_triggered_by_a_file_or_a_test() -> None:
    """What is listed is not believed: conftest.py fails a test that does not make the message it is listed for."""
    tests = listed()
    silent = set(CATALOGUE) - WRONG_FILES - set(tests)
    assert not silent, "write a test that triggers them, then run: python tools/trace_messages.py tests/test_….py"
    assert set(tests) <= set(CATALOGUE)
    assert not set(tests) & WRONG_FILES, "a wrong file triggers these already"
    for code, node in tests.items():
        path, _, name = node.partition("::")
        defined = {
            n.name for n in ast.parse((ROOT / path).read_text(encoding="utf-8")).body if isinstance(n, ast.FunctionDef)
        }
        assert name in defined, f"{code}: {node} is not there any more"


# ── messages that arise in no other test


def codes(problems: Any) -> list[str]:
    return [p.code for p in problems]


def _raised(caught: pytest.ExceptionInfo[ProblemError]) -> list[str]:
    return codes(caught.value.problems)


def test_a_release_that_is_not_there(packaged: Place) -> None:
    locked, problems = read_release(packaged, "2024", "0" * 64)
    assert locked is None
    assert codes(problems) == ["E409"]


def test_an_answer_that_says_yes_and_ticks_a_fault(tmp_path: Path, packaged: Place) -> None:
    sheet = sample("retail-pharmacy-2024")
    sheet["answers"]["YD-01"] = {"answer": "是", "fault": ["许可证过期"]}
    assert any("E625" in line for line in mistakes(sheet, tmp_path, packaged))


def test_an_earlier_inspection_that_is_not_earlier(tmp_path: Path, packaged: Place) -> None:
    sheet = sample("retail-pharmacy-2024")
    sheet["earlier"] = [{"finding": "cold-chain.refrigerator-temperature", "date": sheet["visit"]["date"]}]
    assert any("E626" in line for line in mistakes(sheet, tmp_path, packaged))


def test_an_earlier_record_of_another_site_type(tmp_path: Path, packaged: Place, invoke: Invoke) -> None:
    record = tmp_path / "record.yaml"
    assert invoke("record", "new", ROOT / "checklists/samples/clinic-2024.yaml", "-o", record).code == 0
    recorded, problems = follow_up.open_earlier(packaged, record, "retail-pharmacy")
    assert recorded is None
    assert codes(problems) == ["E627"]


def test_a_computer_without_chinese_fonts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "system_file", lambda name: None)
    with pytest.raises(ProblemError) as caught:
        fonts.build(tmp_path / "fonts")
    assert _raised(caught) == ["E705"]
    assert not (tmp_path / "fonts").exists()


def test_a_computer_without_a_part_of_the_typesetter(monkeypatch: pytest.MonkeyPatch) -> None:
    from weasyprint.text import ffi

    monkeypatch.setattr(ffi, "harfbuzz_subset", None)
    with pytest.raises(ProblemError) as caught:
        pdf._Machine()
    assert _raised(caught) == ["E706"]


def test_figures_that_do_not_fit_are_not_filed() -> None:
    table = _table("t1")
    begin, end = date(2024, 1, 2), date(2024, 1, 8)
    computed = compute(table, Kept(), Span(begin, date(2024, 3, 31), begin, end), filed={}, floor=begin)
    wrong = computed.whole._replace(total={**computed.whole.total, "sites": Figure(5), "visits": Figure(3)})
    _, problems = make_filing(computed, wrong, ALL, [], _act())
    assert "E854" in codes(problems)


def test_photographs_without_their_originals() -> None:
    """The whole way, printed and verified in processes of their own, is in tests/test_evidence.py."""
    line = SimpleNamespace(number="1", what="照片", file="IMG_1.jpg")
    asked = SimpleNamespace(carries=SimpleNamespace(data={"document": "evidence-list"}), evidence=None)
    recorded = SimpleNamespace(record=SimpleNamespace(evidence=[line]))
    found, problems = verify._Check._photos(asked, recorded)  # type: ignore[arg-type]
    assert found is None
    assert codes(problems) == ["E740"]


def test_nothing_to_merge() -> None:
    merged, problems = merge(_table("t1"), [], Handed("某县"))
    assert merged is None
    assert codes(problems) == ["E864"]


def test_word_files_without_their_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "docx", None)
    with pytest.raises(ProblemError) as caught:
        office.draft_docx(None, date(2024, 1, 8))  # type: ignore[arg-type]
    assert _raised(caught) == ["E868"]


def test_a_summary_that_is_not_there(packaged: Place) -> None:
    found, problems = read_summary_file(packaged, "nothing")
    assert found is None
    assert codes(problems) == ["E869"]


def test_a_site_registered_twice_by_hand(invoke: Invoke, tmp_path: Path) -> None:
    add = (
        "sites",
        "add",
        begun(tmp_path / "w"),
        "药店",
        "名称=甲药店",
        "地址=长江路1号",
        *(w for k, v in ACTING.items() for w in (f"--{k}", v)),
    )
    assert invoke(*add).code == 0
    run = invoke(*add)
    assert run.code == 1
    assert "E836" in run.err


def test_a_message_that_a_test_makes_itself_does_not_count() -> None:
    from support_messages import made

    from engine.problems import problem

    made.clear()
    assert isinstance(problem("E801"), Problem)
    assert not made

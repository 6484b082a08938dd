"""The rules' own cases: a wrong expectation is told with its place, and coverage is counted."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import ROOT

from engine.library.files import Place
from engine.library.load import Library, load_library
from engine.rulebook.cases import CaseReport, run_cases


def _with(tmp_path: Path, old: str, new: str) -> CaseReport:
    layer = tmp_path / "layer"
    (layer / "priorities").mkdir(parents=True)
    text = (ROOT / "rules/priorities/cold-chain.yaml").read_text(encoding="utf-8")
    assert old in text
    (layer / "priorities/cold-chain.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    return run_cases(load_library(Place(ROOT, layer)), "cold-chain.")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "{answer: 8.1, finds: cold-chain.refrigerator-temperature}",
            "{answer: 8.1, finds: nothing}",
            "应为 不发现问题",
        ),
        (
            "{answer: 8.1, finds: cold-chain.refrigerator-temperature}",
            "{answer: 7.9, finds: cold-chain.refrigerator-temperature}",
            "实际为 没有问题",
        ),
        ("{answer: 8.1, finds: cold-chain.refrigerator-temperature}", "{answer: 八, finds: unknown}", "“八”"),
        ("reading > 8)", "reading > 9)", "应为 cold-chain.refrigerator-temperature"),
        ("      - {finds: unknown}", "      - {finds: nothing}", "未检查"),
    ],
)
def test_a_case_that_does_not_hold_is_named(old: str, new: str, words: str, tmp_path: Path) -> None:
    report = _with(tmp_path, old, new)
    assert report.problems
    assert any(words in p.message for p in report.problems), [p.render() for p in report.problems]
    assert all("cold-chain.yaml" in p.mark.path and p.mark.line > 60 for p in report.problems)


def test_a_condition_that_no_case_reaches_is_listed(tmp_path: Path, library: Library) -> None:
    before = {c.text for c in run_cases(library, "cold-chain.").coverage if c.missing}
    report = _with(
        tmp_path,
        "any(answer, reading < 2 or reading > 8)",
        "any(answer, reading < 2 or reading > 8 or position = 门外)",
    )
    missing = {c.text: c.missing for c in report.coverage if c.missing and c.text not in before}
    assert missing == {"position = 门外": "真"}
    assert report.share(True)[0] == report.share(True)[1] - 1


def test_cases_run_on_every_site_type(library: Library) -> None:
    """A case that names a site type runs there only."""
    rules = library.priorities["cold-chain"].value.rules
    runs = [(c, t) for rule in rules for c in rule.cases for t in rule.applies_to if c.site_type in (None, t)]
    assert run_cases(library, "cold-chain.").cases == len(runs)
    assert any(c.site_type for c, _ in runs)

"""The rules against each other, whatever the order of files, and what is known to be open."""

from __future__ import annotations

import random
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import ROOT

from engine.catalogue import CATALOGUE
from engine.library import files
from engine.library.check import check_library
from engine.library.check_law import basis_gaps
from engine.library.files import Place
from engine.library.load import Library, load_library
from engine.library.resolve import release_bytes, resolve
from engine.problems import Problem, problem
from engine.rulebook.schemas import KINDS, schema_texts

CASES = ROOT / "tests" / "problems"


def test_the_open_problems_are_exactly_these(library: Library) -> None:
    """待核 and draft problems are fixed here: a new one is a decision, a vanished one good news to write down."""
    problems = check_library(library)
    assert [p.render() for p in problems if p.severity == "error"] == []
    assert {p.code for p in problems} == {"V501"}
    open_: Counter[tuple[str, str]] = Counter()
    for p in problems:
        found = _OPEN.match(p.message)
        assert found, p.message
        cite, where, places = found.groups()
        open_[cite, "" if where == "（未定条）" else where] += int(places)
    assert {cite: n for (cite, where), n in open_.items() if not where} == NO_TEXT
    articles: dict[str, dict[str, int]] = {}
    for (cite, where), n in open_.items():
        if where:
            articles.setdefault(cite, {})[where] = n
    assert articles == NEIGHBOUR


_OPEN = re.compile(r"待核：(\S+) (（未定条）|[0-9.()]+)（.*；引用 ([0-9]+) 处）")
# No text was found: cited without an article. The number counts the places in the rules.
NO_TEXT = {
    "children-cosmetics-provisions@2021": 3,
    "compound-preparation-notice@2012": 4,
    "contact-lens-notice@2012": 3,
    "cosmetics-hygiene-regulation@1989": 80,  # before 2021, in no campaign of cosmetics: 2019 has no clause about them
    "cosmetics-online-operation-measures@2023": 2,
    "device-adverse-event-measures@2008": 5,  # ten days of 2018
    "device-grading-opinion@2022": 1,
    "device-gsp@2014": 23,  # in force until 2024-06-30
    "device-operation-measures@2017": 40,
    "device-production-measures@2017": 30,
    "drug-operation-use-measures@2023": 67,  # order 84
    "drug-production-measures@2017": 1,
    "drug-production-measures@2020": 2,
    "drug-recall-measures@2007": 3,
    "drug-recall-measures@2022": 3,
    "hospital-pharmacy-provisions@2011": 1,
    "medical-aesthetic-measures@2016": 1,
    "medical-institution-drug-measures@2011": 3,
    "medical-institution-regulation@2022": 16,
    "prescription-measures@2007": 1,
    "vaccine-storage-transport-norm@2017": 41,
}
# Verified on the text of a neighbouring version, article by article: 2024 of the first, 2019 of the second.
NEIGHBOUR = {
    "complaint-report-measures@2022-09": {"14": 1, "31.2": 1},  # clocks of complaints
    "market-penalty-procedure@2021": {"18": 1},  # clock of a clue
    "narcotic-psychotropic-regulation@2016": {
        "30.1": 1, "32": 2, "40.1": 1, "41": 1, "46.1": 1, "47": 1, "48": 3, "49": 3, "60.2": 2, "69": 2, "70": 3,
        "72(1)": 3, "72(2)": 1, "82.1": 3, "82.2": 4,
    },
    "drug-law-implementing-regulation@2016": {
        "4": 2, "16": 2, "19": 4, "23": 1, "26": 7, "44.2": 2, "61": 1, "63": 9, "66": 1, "68": 2, "69": 4,
    },
}  # fmt: skip


def test_the_draft_campaign_has_no_open_problem_of_its_own(library: Library) -> None:
    """Every item of the 2027 draft rests on law in force: D502 would say so, and would not stop the other campaigns."""
    drafts = [name for name, loaded in library.campaigns.items() if loaded.value.status == "draft"]
    assert drafts == ["2027-draft"]
    assert [p.render() for name in drafts for p in basis_gaps(library, name, "D502")] == []


def test_the_order_of_files_does_not_matter(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(11)
    real = Place.listing

    def shuffled(self: Place, folder: str, suffix: str = ".yaml") -> Iterator[str]:
        names = list(real(self, folder, suffix))
        rng.shuffle(names)
        yield from names

    monkeypatch.setattr(files.Place, "listing", shuffled)
    for _ in range(3):
        again = load_library(Place(ROOT))
        assert check_library(again) == check_library(library)
        for campaign in library.campaigns:
            assert release_bytes(resolve(again, campaign)) == release_bytes(resolve(library, campaign))


def _cases() -> list[Path]:
    return sorted(p for p in CASES.iterdir() if p.is_dir())


@pytest.fixture(scope="session")
def known(library: Library) -> set[Problem]:
    return set(check_library(library))


def _first_of_each_code() -> list[Any]:
    """Return the wrong files; those after the first of a code are for the long run."""
    seen: set[str] = set()
    marked = []
    for case in _cases():
        code = case.name.split("-")[0]
        marked.append(pytest.param(case, id=case.name, marks=[pytest.mark.long] if code in seen else []))
        seen.add(code)
    return marked


@pytest.mark.parametrize("case", _first_of_each_code())
def test_a_wrong_file_gives_its_problem(case: Path, tmp_path: Path, known: set[Problem]) -> None:
    """tests/problems/<code>-<what>/ is a layer with one mistake; expected.txt holds what is printed, read by people."""
    layer = tmp_path / "layer"
    shutil.copytree(case, layer, ignore=shutil.ignore_patterns("expected.txt"))
    found = [p for p in check_library(load_library(Place(ROOT, layer))) if p not in known]
    rendered = "\n".join(p.render() for p in found if p.severity != "unverified" or p.code == "V502").replace(
        str(layer) + "/", ""
    )
    expected = case / "expected.txt"
    assert rendered + "\n" == expected.read_text(encoding="utf-8")
    assert case.name.split("-")[0] in {p.code for p in found}


def test_every_code_about_rules_files_has_a_wrong_file() -> None:
    covered = {p.name.split("-")[0] for p in _cases()}
    wanted = {
        code for code in CATALOGUE if code[1] in "1234" or code in {"E501", "E502", "D502", "V502", "E504", "E505"}
    }
    elsewhere = {
        "E101", "E102", "E103", "E109", "E113", "E114", "E115", "E117", "E118",  # tests/test_source.py
        "E119", "E120",  # workbooks, tests/test_routes.py
        "E404",  # rules test, tests/test_rule_cases.py
        "E408", "E409", "E410", "E412", "E417",  # tests/test_releases.py
        "E418",  # campaign coverage, tests/test_coverage.py
    }  # fmt: skip
    assert wanted - covered - elsewhere == set()
    assert covered <= set(CATALOGUE)


def test_messages_survive_a_forgotten_field() -> None:
    for code in CATALOGUE:
        rendered = problem(code).render()
        assert rendered
        assert not re.search(r"\{[a-z_]+\}", rendered), rendered


# ── schemas and first lines


def test_schemas_are_current() -> None:
    texts = schema_texts()
    folder = ROOT / "rules" / "schemas"
    assert {p.stem for p in folder.glob("*.json")} == set(texts)
    for name, text in texts.items():
        assert (folder / f"{name}.json").read_text(encoding="utf-8") == text, "run `make schemas`"


def test_every_yaml_file_names_its_schema_in_the_first_line() -> None:
    by_folder = {
        "rules/priorities": "priority", "rules/grids": "grid", "rules/laws": "instrument", "rules/wording": "wording",
        "checklists": "site-type", "checklists/samples": "answers", "rules/campaigns": "campaign", "rules": "escalations",
        "rules/calendars": "calendar", "rules/ledgers": "ledger", "rules/clocks": "clocks", "rules/grading": "grading",
        "rules/look-back": "look-back", "rules/tables": "table", "rules/summaries": "summary",
    }  # fmt: skip
    paths = [*(ROOT / "rules").rglob("*.yaml"), *(ROOT / "checklists").rglob("*.yaml")]
    assert len(paths) > 40
    for path in paths:
        folder = path.parent.relative_to(ROOT).as_posix()
        kind = "clauses" if path.name.endswith(".clauses.yaml") else by_folder[folder]
        first = path.read_text(encoding="utf-8").splitlines()[0]
        prefix = "# yaml-language-server: $schema="
        assert first.startswith(prefix), path
        target = (path.parent / first.removeprefix(prefix)).resolve()
        assert target == ROOT / "rules" / "schemas" / f"{kind}.json", path
        assert kind in KINDS

"""Beginnings of rules and site types pass the check as they are, and say what is to be filled in."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.library.check import check_library
from engine.library.check_law import basis_gaps
from engine.library.check_names import check_ids
from engine.library.files import Place
from engine.library.load import Library, load_library
from engine.library.releases import check_releases
from engine.library.resolve import rules_of
from engine.problems import Problem, errors
from engine.rulebook.cases import run_cases
from engine.rulebook.scaffolds import new_rule, new_site_type, write_scaffold

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A layer with a rule in a priority that exists, a site type, and a rule in a priority of its own at it."""
    place = Place(ROOT, tmp_path_factory.mktemp("layer"))
    library = load_library(place)
    for make in (
        lambda at: new_rule(at, "cold-chain.spare-battery", "retail-pharmacy"),
        lambda at: new_rule(at, "cold-chain.second-key", "contact-lens-seller"),
        lambda at: new_site_type(at, "vending-kiosk"),
        lambda at: new_rule(at, "kiosk-power.supply", "vending-kiosk"),
        lambda at: new_rule(at, "kiosk-power.plug", "vending-kiosk"),
    ):
        made, problems = make(library)
        assert made is not None, problems
        write_scaffold(library, made)
        library = load_library(place)
    return library


@pytest.fixture(scope="module")
def checked(grown: Library) -> tuple[Problem, ...]:
    return check_library(grown)


def test_what_was_begun_passes_the_check_and_its_cases(grown: Library, checked: tuple[Problem, ...]) -> None:
    problems = checked
    assert [p.render() for p in errors(problems)] == []
    assert not any(p.code == "E408" for p in check_releases(grown)), "released campaigns are as they were"
    report = run_cases(grown, "kiosk-power")
    assert report.cases == 2 * 3
    assert report.problems == ()


def test_each_place_to_fill_in_is_counted(grown: Library, checked: tuple[Problem, ...]) -> None:
    counted = [p for p in checked if p.code == "D940"]
    written = [
        line
        for path in sorted(grown.place.layer.rglob("*.yaml"))  # type: ignore[union-attr]
        for line in path.read_text(encoding="utf-8").splitlines()
        if "待填" in line
    ]
    assert len(counted) == len(written) == 4 * 7 + 4 + 2
    assert {p.mark.path.removeprefix(str(grown.place.layer)) for p in counted} == {
        "/priorities/cold-chain.yaml", "/priorities/kiosk-power.yaml", "/checklists/vending-kiosk.yaml",
    }  # fmt: skip


def test_a_rule_gets_the_next_code_and_leaves_the_file_as_it_is(grown: Library, library: Library) -> None:
    before = (ROOT / "rules/priorities/cold-chain.yaml").read_text(encoding="utf-8")
    now = Path(grown.priorities["cold-chain"].document.path).read_text(encoding="utf-8")
    assert now.startswith(before)
    old = {a.code for _, _, rule in rules_of(library) for a in rule.applies_to.values()}
    new = {a.code for _, _, rule in rules_of(grown) for a in rule.applies_to.values()} - old
    numbers = [int(c[3:]) for c in old if c.startswith("YD-") and int(c[3:]) < 90]
    assert f"YD-{max(numbers) + 1:02}" in new
    assert len(new) == 4
    assert list(check_ids(grown)) == []
    site_type = Path(grown.site_types["contact-lens-seller"].document.path).read_text(encoding="utf-8")
    lines = (ROOT / "checklists/contact-lens-seller.yaml").read_text(encoding="utf-8").splitlines()
    added = [line for line in site_type.splitlines() if line not in lines]
    assert added == ["  - {title: 冷链药品储运, priorities: [cold-chain]}"]


def test_no_article_is_made_up(grown: Library) -> None:
    for _, _, rule in rules_of(grown):
        if rule.id in ("cold-chain.spare-battery", "kiosk-power.supply"):
            assert [(c.article, c.proof) for c in rule.basis.duty] == [(None, ())]
    assert list(basis_gaps(grown, "2027-draft", "D502")) == [], "the instrument is in force"


@pytest.mark.parametrize(
    ("id_", "site_type", "code", "words"),
    [
        ("cold-chain.refrigerator-temperature", "clinic", "E939", "已经有了"),
        ("cold-chain.no-refrigerator", "clinic", "E939", "已经有了"),
        ("Cold chain", "clinic", "E939", "写法不对"),
        ("cold-chain.x", "clinics", "E402", "clinic"),
    ],
)
def test_a_rule_that_cannot_be_begun(id_: str, site_type: str, code: str, words: str, library: Library) -> None:
    made, problems = new_rule(library, id_, site_type)
    assert made is None
    assert [p.code for p in problems] == [code]
    assert words in problems[0].message + problems[0].hint


def test_a_new_rule_leaves_a_released_campaign_alone(library: Library) -> None:
    made, problems = new_rule(library, "cold-chain.spare-battery", "clinic", ("CF2024-2.1-m", "CF2031-1-a"))
    assert made is None
    assert sorted(p.code for p in problems) == ["E402", "E939"]
    assert "changes" in problems[-1].hint


@pytest.mark.parametrize(("name", "code"), [("clinic", ""), ("Kiosk", ""), ("kiosk", "YD"), ("kiosk", "ki")])
def test_a_site_type_that_cannot_be_begun(name: str, code: str, library: Library) -> None:
    made, problems = new_site_type(library, name, code)
    assert made is None
    assert [p.code for p in problems] == ["E939"]


def test_codes_of_site_types_are_free_ones(library: Library) -> None:
    used = {loaded.value.code for loaded in library.site_types.values()}
    for name in ("yard-depot", "clinic-two", "a", "z-z"):
        made, problems = new_site_type(library, name)
        assert made is not None, problems
        assert made.code not in used

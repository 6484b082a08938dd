"""Every clause of a plan against what answers it, every item and rule; on paper too."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import click
import pytest
from pypdf import PdfReader
from support import ROOT
from support_documents import chunfeng, flat

from engine.campaigns.coverage import coverage
from engine.commands import cli
from engine.documents.html import document_names
from engine.documents.papers import coverage_pdf
from engine.documents.plan_text import coverage_text
from engine.inspections.planning import plan_checklist
from engine.library.check import check_library
from engine.library.files import Place, command_names, paper_names
from engine.library.load import Library, load_library
from engine.model.campaign import Coverage

CAMPAIGNS = ("2019", "2024", "2027-draft")
every_campaign = pytest.mark.parametrize("campaign", CAMPAIGNS)


@cache
def _coverage(library: Library, campaign: str) -> Coverage:
    found, problems = coverage(library, campaign)
    assert found is not None
    assert [p.render() for p in problems] == []
    return found


@every_campaign
def test_no_clause_item_or_rule_is_left_over(library: Library, campaign: str) -> None:
    found = _coverage(library, campaign)
    assert len(found.clauses) == {"2019": 70}.get(campaign, 66)
    assert found.counts["unanswered"] == 0
    assert sum(found.counts.values()) == len(found.clauses)
    for kind in found.site_types:
        asked = {code for codes in kind.clauses.values() for code in codes}
        assert len(asked) == kind.asked
        assert asked.isdisjoint(kind.routine)
        assert len(asked) + len(kind.routine) == kind.items
    assert (
        sum(kind.items for kind in found.site_types) == 211 + 31
    )  # the list and the additions: 回头看 at seven, street sellers and no licence at all twelve


def test_how_the_clauses_stand_is_a_decision(library: Library) -> None:
    """Fixed here: what later work answers has to be moved by hand from planned to what there is."""
    assert {name: _coverage(library, name).counts for name in CAMPAIGNS} == {
        "2019": {"answered": 53, "partly": 8, "planned": 1, "principle": 8, "unanswered": 0},
        "2024": {"answered": 51, "partly": 6, "planned": 2, "principle": 7, "unanswered": 0},
        "2027-draft": {"answered": 51, "partly": 5, "planned": 3, "principle": 7, "unanswered": 0},
    }


@every_campaign
def test_principles_are_principles_and_what_is_planned_is_shown_apart(library: Library, campaign: str) -> None:
    found = _coverage(library, campaign)
    for clause in found.clauses:
        assert (clause.standing == "principle") <= (clause.kind == "PRIN"), clause.id
        kinds = {a.kind for a in clause.answers}
        if clause.kind in ("STAT", "RPT"):
            assert clause.planned or kinds & {"columns", "tables", "summaries", "commands"}, clause.id
        if clause.kind in ("LED", "NOTE"):
            assert clause.planned or kinds & {"columns", "ledgers", "clocks", "look-back", "commands"}, clause.id
        assert (clause.standing in ("partly", "planned")) == bool(clause.planned), clause.id
    text = coverage_text(found)
    assert text.count("  计划：") == found.by_kind["planned"] == sum(1 for c in found.clauses if c.planned)


def test_an_item_counts_where_it_names_the_clause_and_a_deadline_too(library: Library) -> None:
    clauses = {c.id: c for name in CAMPAIGNS for c in _coverage(library, name).clauses if name != "2027-draft"}

    def names(clause: str, kind: str) -> tuple[str, ...]:
        return next((a.names for a in clauses[clause].answers if a.kind == kind), ())

    assert names("CF2024-2.1-q", "items") == ("YL-15", "ZS-11")
    assert names("CF2024-2.1-g", "columns") == ("trace.procurement",)
    assert names("CF2024-3.2-a", "deadlines") == ("device-grading",)
    assert names("CF2019-3.4-g", "deadlines") == ("daily-report",)
    assert names("CF2019-2.4-d", "escalations") == ("escalation.police-referral",)
    assert names("CF2019-2.4-c", "ledgers") == ("case", "punished-person")
    assert names("CF2024-2.2-f", "ledgers") == ("clue",)
    assert names("CF2019-2.5-c", "ledgers") == ("signal",)
    assert names("CF2024-2.2-c", "clocks") == ("publication", "publication-elsewhere", "withdrawal")
    assert names("CF2024-3.2-b", "clocks") == ("self-report",)
    assert names("CF2024-3.2-a", "grading") == ("four-levels",)
    assert names("CF2024-2.1-r", "look-back") == ("2024",)
    assert clauses["CF2019-2.4-c"].standing == "answered"
    assert names("CF2024-A-a", "tables") == ("t0",)
    assert names("CF2019-3.4-k", "tables") == ("t1", "t2", "t3", "t4")
    assert names("CF2024-2.1-v", "tables") == ("t0.cosmetics_salon",)
    assert names("CF2019-3.4-h", "summaries") == ("interim",)


def test_a_campaign_that_carries_on_counts_its_own_deadlines_only(library: Library) -> None:
    """The draft has no days yet: what 2024 answers with a table and a day, the table alone answers there."""
    found = {c.id: c for c in _coverage(library, "2027-draft").clauses}
    assert {a.kind for a in found["CF2024-3.3-a"].answers} == {"tables"}
    assert not any(a.kind == "deadlines" for c in found.values() for a in c.answers)


# ── the site types that a campaign does not reach

NOT_REACHED = [
    ("2019", "vaccination-unit"), ("2019", "cosmetics-seller"),
    ("2024", "decoction-manufacturer"), ("2024", "contact-lens-seller"),
]  # fmt: skip


@pytest.mark.parametrize(("campaign", "site_type"), NOT_REACHED)
def test_a_site_type_that_is_not_reached_gives_a_list_with_routine_only(campaign: str, site_type: str) -> None:
    checklist, problems = plan_checklist(site_type, campaign)
    assert checklist is None
    assert [p.code for p in problems] == ["E615"]
    assert "--routine" in problems[0].hint
    checklist, problems = plan_checklist(site_type, campaign, routine=True)
    assert problems == []
    assert checklist is not None
    assert checklist.items()
    assert all(entry.routine for entry in checklist.items())


def test_exactly_these_site_types_are_not_reached(library: Library) -> None:
    missed = {(n, t.site_type) for n in ("2019", "2024") for t in _coverage(library, n).site_types if not t.reached}
    assert missed == set(NOT_REACHED)
    for campaign, site_type in missed:
        kind = next(t for t in _coverage(library, campaign).site_types if t.site_type == site_type)
        assert f"{kind.code} {kind.title}" in coverage_text(_coverage(library, campaign))
        assert "本次行动不涉及" in coverage_text(_coverage(library, campaign))


# ── what fails


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    folder = tmp_path / "layer"
    (folder / "campaigns").mkdir(parents=True)
    for name in ("2024.yaml", "2024.clauses.yaml"):
        shutil.copy(ROOT / "rules" / "campaigns" / name, folder / "campaigns" / name)
    return folder


def _change(path: Path, change: Callable[[str], str]) -> None:
    text = path.read_text(encoding="utf-8")
    assert change(text) != text
    path.write_text(change(text), encoding="utf-8")


def test_a_clause_that_nothing_answers_fails_at_its_place(layer: Path) -> None:
    clauses = layer / "campaigns" / "2024.clauses.yaml"
    answer = r"(id: CF2024-0-b\n.*\n    kind: PLAN\n)    answered_by:\n      planned: .*\n"
    _change(clauses, lambda t: re.sub(answer, r"\1", t))
    library = load_library(Place(ROOT, layer))
    assert not [p for p in check_library(library) if p.severity == "error"]
    found, problems = coverage(library, "2024")
    assert found is not None
    assert found.counts["unanswered"] == 1
    lost = next(c for c in found.clauses if c.standing == "unanswered")
    assert [p.code for p in problems] == ["E418"]
    assert lost.id in problems[0].message
    assert lost.quote[:10] in problems[0].message
    assert problems[0].mark.path == str(clauses)
    assert lost.id in clauses.read_text(encoding="utf-8").splitlines()[problems[0].mark.line - 1]

    run = chunfeng("campaign", "coverage", "2024", "--rules", str(layer))
    assert run.code == 1
    assert "E418" in run.err
    assert "没有着落 1" in run.out
    target = layer.parent / "x.pdf"
    run = chunfeng("campaign", "coverage", "2024", "--rules", str(layer), "-o", str(target), "--format", "json")
    assert run.code == 1
    assert not target.exists()
    assert [p["code"] for p in json.loads(run.out)["problems"]] == ["E418"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda t: t.replace("    only_if: site.prior\n", "    only_if: site.prior and not site.prior\n"), "适用条件"),
        (lambda t: re.sub(r"(?m)^        - \{cite: (drug-administration-law@2015|drug-administration-law@2019, article: \"99\.1\"|medical-device-regulation@20(17|21)|cosmetics-).*\n", "", t), "有效的义务依据"),
    ],
    ids=["scope", "law"],
)  # fmt: skip
def test_a_rule_that_no_site_can_get_fails(tmp_path: Path, change: Callable[[str], str], reason: str) -> None:
    folder = tmp_path / "layer" / "priorities"
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "rules" / "priorities" / "follow-up.yaml", folder)
    _change(folder / "follow-up.yaml", change)
    if reason == "有效的义务依据":  # the one left is in force from after the last campaign
        _change(folder / "follow-up.yaml", lambda t: t.replace("medical-device-regulation@2024", "far-law@2028"))
        laws = tmp_path / "layer" / "laws"
        laws.mkdir()
        (laws / "far-law.yaml").write_text(
            "instrument: far-law\ntitle: 远法\nissuer: 某部\n"
            'versions:\n  - {version: "2028", title: 远法, from: 2028-01-01}\n',
            encoding="utf-8",
        )
    library = load_library(Place(ROOT, tmp_path / "layer"))
    _, problems = coverage(library, "2027-draft")
    assert [p.code for p in problems] == ["E419"]
    assert "follow-up.earlier-problems" in problems[0].message
    assert reason in problems[0].message


def test_a_campaign_that_is_not_there(library: Library) -> None:
    found, problems = coverage(library, "2023")
    assert found is None
    assert [p.code for p in problems] == ["E613"]


# ── text, JSON, paper


@pytest.mark.parametrize(
    "campaign", ["2024", *(pytest.param(c, marks=pytest.mark.long) for c in ("2019", "2027-draft"))]
)
def test_text_and_json_hold_every_clause_and_item(library: Library, campaign: str) -> None:
    run = chunfeng("campaign", "coverage", campaign)
    assert run.code == 0, run.err
    told = json.loads(chunfeng("campaign", "coverage", campaign, "--format", "json").out)
    assert (told["kind"], told["schema"], told["problems"]) == ("coverage", 1, [])
    for clause in told["clauses"]:
        assert f"\n{clause['id']}　" in run.out
        assert clause["quote"] in run.out
    counts = Counter(c["standing"] for c in told["clauses"])
    assert {k: v for k, v in told["counts"].items() if v} == dict(counts)
    for kind in told["site_types"]:
        assert f"\n{kind['code']} {kind['title']}：{kind['items']} 项" in run.out


@pytest.mark.parametrize("campaign", ["2019", "2027-draft"])
def test_the_paper_holds_every_clause_with_its_answers(library: Library, campaign: str) -> None:
    found = _coverage(library, campaign)
    content = coverage_pdf(found)
    assert content == coverage_pdf(found), "the same bytes each time"
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    text = flat("".join(pages))
    assert len(pages) >= 5
    for number, page in enumerate(pages, 1):
        assert re.findall(r"第(\d+)页共(\d+)页", flat(page)) == [(str(number), str(len(pages)))]
        assert ("草稿" in flat(page)) == (campaign == "2027-draft")
    for clause in found.clauses:
        assert clause.id in text
        assert flat(clause.quote) in text or clause.id in ("CF2019-3.4-h",), clause.id
        assert not clause.planned or flat(f"计划：{clause.planned}") in text, clause.id
    for kind in found.site_types:
        assert flat(kind.title) in text


def test_no_record_prints_the_coverage() -> None:
    assert "coverage" not in document_names()
    assert "coverage" in paper_names()
    run = chunfeng("record", "print", "x.yaml", "--document", "coverage", "-o", "x.pdf")
    assert run.code == 2


def test_command_names_are_those_of_the_program() -> None:
    paths = {" ".join(path) for path, command in _walk(cli) if not isinstance(command, click.Group)}
    assert set(command_names()) == paths


def _walk(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    with click.Context(group) as context:
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            yield (*path, name), command
            if isinstance(command, click.Group):
                yield from _walk(command, (*path, name))

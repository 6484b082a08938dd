"""The content of the two site types: every item of the domain list, with its code, grade, red line and clauses."""

from __future__ import annotations

from collections import Counter

import pytest
from support import ROOT

from engine.inspections.planning import plan_checklist
from engine.library.load import Library
from engine.library.resolve import resolve
from engine.rulebook.cases import run_cases

# The printed code, grade and red line of every item, and the clauses of the plans that reach it, as the domain list
# gives them (SITE-TYPES, sections 1 and 2). Clauses added for a reason stand in EXTRA.
M, J, Y = "critical", "major", "minor"
PHARMACY = {
    1: (Y, "CF2019-2.2-c CF2024-2.1-f"), 2: (M, "CF2019-2.2-d CF2024-2.1-n"), 3: (J, "CF2024-2.1-n"),
    4: (J, "CF2019-2.2-i CF2019-2.2-k CF2024-2.1-l"), 5: (M, "CF2019-2.2-i CF2024-2.1-l"),
    6: (M, "CF2019-2.2-j CF2019-2.2-k"), 7: (J, "CF2024-2.1-l"), 8: (M, "CF2024-2.1-n CF2019-2.4-a"),
    9: (Y, "CF2024-2.1-n"), 10: (Y, "CF2024-2.1-n"), 11: (J, "CF2024-2.1-n"), 12: (J, "CF2024-2.1-i"),
    13: (J, "CF2024-2.1-r"), 14: (J, "CF2024-2.1-m CF2019-2.2-b"), 15: (J, "CF2024-2.1-m"), 16: (Y, "CF2024-2.1-m"),
    17: (J, "CF2024-2.1-m"), 18: (J, "CF2019-2.1-a CF2019-2.2-b"), 19: (J, "CF2024-2.1-n"), 20: (J, "CF2024-2.1-l"),
    21: (Y, "CF2024-2.1-g"), 22: (Y, "CF2024-2.1-h"), 23: (J, "CF2024-2.1-j"), 24: (J, "CF2019-2.4-e CF2019-2.4-f"),
    25: (Y, "CF2019-2.5-a CF2024-2.3-a"),
}  # fmt: skip
CLINIC = {
    1: (Y, "CF2024-2.1-f"), 2: (Y, "CF2024-2.1-p"), 3: (J, "CF2019-2.2-i CF2019-2.2-k"), 4: (J, "CF2019-2.2-i"),
    5: (M, "CF2019-2.2-j"), 6: (M, "CF2019-2.4-a"), 7: (J, "CF2024-2.1-l"), 8: (M, "CF2024-2.1-n"),
    9: (Y, "CF2024-2.1-m"), 10: (J, "CF2024-2.1-m"), 11: (M, "CF2024-2.1-q"), 12: (M, "CF2024-2.1-k"),
    13: (J, "CF2024-2.1-i"), 14: (Y, "CF2024-2.1-h"), 15: (J, "CF2019-2.2-b"), 16: (J, "CF2024-2.1-n"),
    17: (J, "CF2024-2.1-r CF2024-2.1-s"),
}  # fmt: skip
RED_LINES = {"YD-08", "ZS-08", "ZS-11"}
EXTRA = {
    "ZS-03": {"CF2024-2.1-l"}, "ZS-04": {"CF2024-2.1-l"},  # 2.1-l asks for the channel of every seller and user
    "ZS-05": {"CF2019-2.2-k"}, "ZS-08": {"CF2019-2.4-a"}, "ZS-10": {"CF2019-2.2-b"}, "ZS-15": {"CF2019-2.1-a"},  # one rule with YD
}  # fmt: skip


@pytest.mark.parametrize(
    ("site_type", "prefix", "table"), [("retail-pharmacy", "YD", PHARMACY), ("clinic", "ZS", CLINIC)]
)
def test_every_item_is_there_with_its_grade_and_clauses(
    site_type: str, prefix: str, table: dict[int, tuple[str, str]], library: Library
) -> None:
    releases = [resolve(library, name) for name in sorted(library.campaigns)]
    items = {i.code: i for i in releases[0].site_types[site_type].items}
    assert sorted(items) == [f"{prefix}-{n:02}" for n in sorted(table)]
    for number, (grade, clauses) in table.items():
        code = f"{prefix}-{number:02}"
        assert items[code].grade == grade, code
        assert items[code].red_line == (code in RED_LINES), code
        found = {c for r in releases for i in r.site_types[site_type].items if i.code == code for c in i.clauses}
        assert found == set(clauses.split()) | EXTRA.get(code, set()), code


def test_counts_of_the_pharmacy_are_those_of_the_domain_list(library: Library) -> None:
    items = resolve(library, "2024").site_types["retail-pharmacy"].items
    counts = Counter("red" if i.red_line else i.grade.value for i in items)
    # the list counts YD-14 as critical for want of a refrigerator; here that is a finding of its own, and a warm one major
    assert counts == {"red": 1, "critical": 4 - 1, "major": 13 + 1, "minor": 7}


def test_one_rule_serves_both_site_types_where_the_demand_is_one(library: Library) -> None:
    rules = [rule for loaded in library.priorities.values() for rule in loaded.value.rules]
    served = sum(len(rule.applies_to) for rule in rules)
    assert served == 42
    assert len(rules) == 35
    shared = {tuple(sorted(a.code for a in rule.applies_to.values())) for rule in rules if len(rule.applies_to) > 1}
    assert shared == {
        ("YD-04", "ZS-03"), ("YD-05", "ZS-04"), ("YD-06", "ZS-05"), ("YD-08", "ZS-08"), ("YD-14", "ZS-10"),
        ("YD-18", "ZS-15"), ("YD-22", "ZS-14"),
    }  # fmt: skip


SCOPE = {
    "retail-pharmacy": {
        "rx": {3, 10, 11}, "tcm": {18}, "cold": {14}, "shade": {15}, "psych2": {13}, "ephed": {12}, "split": {19}, "dual": {23},
    },
    "clinic": {"tcm": {15}, "cold": {10}, "device": {11, 16}, "aesth": {12}, "ephed": {13}, "prior": {17}},
}  # fmt: skip


@pytest.mark.parametrize(("site_type", "attribute"), [(t, a) for t, attributes in SCOPE.items() for a in attributes])
def test_an_absent_attribute_switches_off_exactly_its_items(site_type: str, attribute: str) -> None:
    others = ",".join(a for a in SCOPE[site_type] if a != attribute)
    checklist, problems = plan_checklist(site_type, "2024", has=others, routine=True)
    assert checklist is not None, problems
    prefix = checklist.type.code
    off = {o.code: o.reason for o in checklist.omitted if o.kind == "reasonable-omission"}
    assert set(off) == {f"{prefix}-{n:02}" for n in SCOPE[site_type][attribute]}
    assert set(off.values()) == {checklist.type.attributes[attribute].absent}
    assert len(checklist.items()) + len(off) == len(PHARMACY if prefix == "YD" else CLINIC)


def test_the_campaigns_ask_for_different_items() -> None:
    def codes(site_type: str, campaign: str, *, routine: bool = False) -> set[str]:
        checklist, problems = plan_checklist(site_type, campaign, routine=routine)
        assert checklist is not None, problems
        assert {i.item.code for i in checklist.items() if not i.item.clauses} == {
            i.item.code for i in checklist.items() if i.routine
        }
        return {i.item.code for i in checklist.items()}

    assert codes("retail-pharmacy", "2019") == {f"YD-{n:02}" for n in (1, 2, 4, 5, 6, 8, 14, 18, 24, 25)}
    assert codes("retail-pharmacy", "2024") == {f"YD-{n:02}" for n in range(1, 26)} - {"YD-06", "YD-18", "YD-24"}
    assert codes("clinic", "2019") == {f"ZS-{n:02}" for n in (3, 4, 5, 6, 8, 10, 15)}
    assert codes("clinic", "2024") == {f"ZS-{n:02}" for n in range(1, 18)} - {"ZS-05", "ZS-06", "ZS-15"}
    for campaign in ("2019", "2024"):
        assert len(codes("retail-pharmacy", campaign, routine=True)) == 25
        assert len(codes("clinic", campaign, routine=True)) == 17


def test_every_case_holds_and_every_condition_is_seen_both_ways(library: Library) -> None:
    report = run_cases(library)
    assert report.problems == ()
    assert report.cases > 250
    for value in (True, False):
        seen, all_ = report.share(value)
        assert seen == all_, [c.text for c in report.coverage if value not in c.seen]
    open_ = {c.text for c in report.coverage if not c.never_unknown and None not in c.seen}
    assert open_ == {"product = row.product", "batch = row.batch"}, "keys of a table are always known"


def test_every_rule_has_an_unanswered_and_a_not_applicable_case(library: Library) -> None:
    for loaded in library.priorities.values():
        for rule in loaded.value.rules:
            assert any(c.answer is None and not c.answers and c.finds == "unknown" for c in rule.cases), rule.id
            assert any(c.answer == "不适用" and c.finds == "nothing" for c in rule.cases), rule.id


def test_plan_quotes_stand_for_every_clause(library: Library) -> None:
    counts = {name: len(loaded.value.clauses) for name, loaded in library.clauses.items()}
    assert counts == {"2019": 70, "2024": 66}


def test_no_file_of_the_data_names_a_machine_or_a_bureau_register() -> None:
    for path in sorted((ROOT / "rules").rglob("*.yaml")):
        assert "/home/" not in path.read_text(encoding="utf-8")

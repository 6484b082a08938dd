"""The content of the two site types: every item of the domain list, with its code, grade, red line and clauses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest
from support import ROOT

from engine.inspections.planning import plan_checklist
from engine.library.load import Library
from engine.library.resolve import resolve
from engine.model.release import ReleaseCitation, ReleaseFinding
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
EXTRA = {"ZS-03": {"CF2024-2.1-l"}, "ZS-04": {"CF2024-2.1-l"}}
"""2.1-l of 2024 asks for the purchase channel of the sites that the plan names, individual clinics among them."""


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
    assert codes("clinic", "2019") == {f"ZS-{n:02}" for n in (3, 4, 5, 6, 15)}
    assert codes("clinic", "2024") == {f"ZS-{n:02}" for n in range(1, 18)} - {"ZS-05", "ZS-06", "ZS-15"}
    for campaign in ("2019", "2024"):
        assert len(codes("retail-pharmacy", campaign, routine=True)) == 25
        assert len(codes("clinic", campaign, routine=True)) == 17


def test_every_case_holds_and_every_condition_is_seen_both_ways(library: Library) -> None:
    report = run_cases(library)
    assert report.problems == ()
    assert report.cases > 350
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


# ── the law behind the findings: (campaign, code, finding) → duty, liability, power in force on its first day

LAW, LAW15, GSP = "drug-administration-law@2019", "drug-administration-law@2015", "drug-gsp@2016"
FLOW, USE, RULES16 = (
    "drug-distribution-measures@2007",
    "drug-operation-use-measures@2023",
    "drug-law-implementing-regulation@2016",
)
NARCOTIC, DEVICE17, DEVICE21 = (
    "narcotic-psychotropic-regulation@2016", "medical-device-regulation@2017", "medical-device-regulation@2021",
)  # fmt: skip
PINNED = {
    # what a clinic uses is punished as a sale by article 63 of the regulation, later by article 119 of the law
    ("2019", "ZS-08", "expired-stock.expired-drugs"): ([f"{LAW15} 49.3(3)"], [f"{LAW15} 74", f"{RULES16} 63"]),
    ("2024", "ZS-08", "expired-stock.expired-drugs"): ([f"{LAW} 98.3(5)"], [f"{LAW} 117.1", f"{LAW} 119"]),
    ("2019", "YD-08", "expired-stock.expired-drugs"): ([f"{LAW15} 49.3(3)"], [f"{LAW15} 74"]),
    ("2019", "YD-08", "expired-stock.expiry-marking"): ([f"{LAW15} 49.3(1)"], [f"{LAW15} 74"]),
    ("2024", "YD-08", "expired-stock.expiry-marking"): ([f"{LAW} 98.3(3)"], [f"{LAW} 117.1"]),
    ("2019", "YD-08", "expired-stock.batch-marking"): ([f"{LAW15} 49.3(2)"], [f"{LAW15} 74"]),
    ("2024", "YD-08", "expired-stock.batch-marking"): ([f"{LAW} 98.3(4)"], [f"{LAW} 117.1"]),
    # deterioration: as a counterfeit in both laws; contamination: as a counterfeit in 2015, inferior in 2019
    ("2019", "YD-08", "expired-stock.contaminated-drugs"): ([f"{LAW15} 48.3(4)"], [f"{LAW15} 73"]),
    ("2024", "YD-08", "expired-stock.contaminated-drugs"): ([f"{LAW} 98.3(2)"], [f"{LAW} 117.1"]),
    ("2024", "YD-08", "expired-stock.deteriorated-drugs"): ([f"{LAW} 98.2(3)"], [f"{LAW} 116"]),
    # papers of a clinic: measures of 2007, then of 2023, whose text was not found
    ("2019", "ZS-04", "channel-legality.purchase-vouchers"): ([f"{FLOW} 24"], [f"{FLOW} 41"]),
    ("2024", "ZS-04", "channel-legality.purchase-vouchers"): ([f"{USE} None"], [f"{USE} None"]),
    ("2024", "ZS-03", "channel-legality.supplier-file"): ([f"{USE} None"], [f"{USE} None"]),
    ("2024", "ZS-02", "quality-management.clinic-quality-person"): ([f"{USE} None"], [f"{USE} None"]),
    ("2024", "YD-04", "channel-legality.supplier-file"): ([f"{GSP} 152", f"{GSP} 62"], [f"{LAW} 126", f"{USE} None"]),
    ("2024", "YD-05", "channel-legality.payment-mismatch"): ([f"{GSP} 152", f"{GSP} 67"], [f"{LAW} 126"]),
    # article 43 of the measures means article 72 of the law of 2015
    ("2019", "YD-06", "channel-legality.recycled-drugs"): (
        [f"{FLOW} 22", f"{LAW15} 34"], [f"{FLOW} 43", f"{LAW15} 72", f"{LAW15} 79"],
    ),
    # licences: hanging on the wall is not having one
    ("2024", "YD-01", "licensing.licence-display"): ([f"{GSP} 165"], [f"{LAW} 126"]),
    ("2024", "YD-01", "licensing.no-licence"): ([f"{LAW} 51.1"], [f"{LAW} 115"]),
    ("2019", "YD-01", "licensing.registration-mismatch"): ([f"{RULES16} 16"], [f"{RULES16} 69"]),
    ("2019", "YD-02", "licensing.scope-of-operation"): ([f"{GSP} 4", f"{FLOW} 17.2"], [f"{FLOW} 32(4)", f"{LAW15} 72"]),
    ("2019", "YD-02", "licensing.mode-of-operation"): ([f"{GSP} 4", f"{FLOW} 17.1"], [f"{FLOW} 32(4)", f"{LAW15} 72"]),
    ("2024", "YD-02", "licensing.scope-of-operation"): ([f"{GSP} 4", f"{USE} None"], [f"{USE} None"]),
    ("2024", "YD-02", "licensing.psychotropic-diversion"): (
        [f"{GSP} 170", f"{NARCOTIC} 32"], [f"{NARCOTIC} 70", f"{NARCOTIC} 82.1"], [f"{NARCOTIC} 82.2"],
    ),
    # what lies in the refrigerator beside medicines
    ("2024", "YD-14", "cold-chain.mixed-storage"): ([f"{GSP} 132"], [f"{LAW} 126"]),
    ("2019", "ZS-10", "cold-chain.mixed-storage"): ([f"{LAW15} 28", f"{FLOW} 26.2"], [f"{FLOW} 41"]),
    ("2024", "YD-17", "storage-display.external-use"): ([f"{GSP} 161(5)"], [f"{LAW} 126"]),
    # prices are told to the price authority; no penalty of the drug law stands behind them
    ("2024", "YD-21", "key-products.procurement-price"): ([f"{LAW} 85.2"], []),
    ("2024", "ZS-12", "medical-aesthetics.no-device-vouchers"): ([f"{DEVICE21} 45.1"], [f"{DEVICE21} 89(3)"]),
    ("2019", "ZS-12", "medical-aesthetics.no-device-vouchers"): ([f"{DEVICE17} 32.1"], [f"{DEVICE17} 68(2)"]),
    ("2024", "ZS-12", "medical-aesthetics.no-vouchers"): ([f"{LAW} 70", f"{USE} None"], [f"{USE} None"]),
    # slight faults of pieces: producers and sellers only
    ("2024", "ZS-15", "tcm-decoction.piece-quality"): ([f"{LAW} 71"], [f"{USE} None"]),
    ("2024", "YD-18", "tcm-decoction.piece-quality"): ([f"{GSP} 161(9)", f"{GSP} 162"], [f"{LAW} 126", f"{LAW} 117.2"]),
    ("2024", "ZS-17", "follow-up.earlier-problems"): (
        [f"{LAW} 99.1", f"{DEVICE21} 70.3"], [], ["administrative-penalty-law@2021 28.1", f"{LAW} 99.3"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("key", PINNED, ids=" ".join)
def test_findings_rest_on_the_law_that_was_read(key: tuple[str, str, str], library: Library) -> None:
    campaign, code, id_ = key
    release = resolve(library, campaign)
    items = [i for kind in release.site_types.values() for i in kind.items if i.code == code]
    basis = next(f for f in items[0].findings if f.id == id_).basis

    def shown(side: tuple[ReleaseCitation, ...]) -> list[str]:
        day = release.period.start
        return [f"{c.cite} {c.article}" for c in side if c.start <= day and (c.end is None or day < c.end)]

    assert [shown(side) for side in (basis.duty, basis.liability, basis.power)] == [*PINNED[key], []][:3]


AUTHORITY = {
    ("administrative-penalty-law@2017", "22"), ("administrative-penalty-law@2017", "23"),
    ("administrative-penalty-law@2021", "27.1"), ("administrative-penalty-law@2021", "28.1"),
    (LAW, "99.3"), (NARCOTIC, "82.2"), ("crime-transfer-provisions@2001", "3"), ("crime-transfer-provisions@2020", "3.1"),
}  # fmt: skip
"""Articles that say what an authority has to do."""


def test_what_an_authority_has_to_do_is_no_duty_of_a_site(library: Library) -> None:
    seen = set()
    for campaign in library.campaigns:
        release = resolve(library, campaign)
        bases = [f.basis for kind in release.site_types.values() for i in kind.items for f in i.findings]
        for basis in [*bases, *(e.basis for e in release.escalations)]:
            assert not {(c.cite, c.article) for c in (*basis.duty, *basis.liability)} & AUTHORITY
            assert {(c.cite, c.article) for c in basis.power} <= AUTHORITY
            seen |= {(c.cite, c.article) for c in basis.power}
    assert seen == AUTHORITY


# ── sentences


def _sentences(library: Library) -> Iterator[tuple[str, str]]:
    for loaded in library.priorities.values():
        for rule in loaded.value.rules:
            for finding in (rule, *rule.further):
                yield finding.id, finding.finding
    assert library.escalations is not None
    for escalation in library.escalations.value.escalations:
        yield escalation.id, escalation.finding


def test_sentences_state_one_fact_and_no_conclusion(library: Library) -> None:
    """或, 等 leave open what was seen; whether it is unlawful or a crime is decided later, by people."""
    for id_, sentence in _sentences(library):
        assert not re.search("或|等|涉嫌|疑似|违法|违规|非法|未按|假药|劣药|犯罪", sentence), (id_, sentence)


def test_a_date_that_has_not_passed_is_never_called_passed(library: Library) -> None:
    """The written date decides; a tick against it counts only where no date is written."""
    ids = {"licensing.no-valid-licence", "expired-stock.expired-drugs", "high-risk-devices.expired-devices"}
    conditions: dict[str, str] = {}
    for kind in resolve(library, "2024").site_types.values():
        findings: list[ReleaseFinding] = [f for i in kind.items for f in i.findings]
        conditions |= {f.id: f.condition for f in findings if f.id in ids}
    assert set(conditions) == ids
    for id_, condition in conditions.items():
        dated, _, ticked = condition.partition(" or (")
        assert "< inspection.date" in dated, id_
        assert "unanswered(" in ticked, id_

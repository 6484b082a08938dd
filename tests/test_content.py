"""The content of the twelve site types: every item of the domain list, with its code, grade, red line, scope, clauses.

tests/data/items.csv is the domain list (SITE-TYPES) as it was given: 211 items, their grade, when they apply, and the
clauses of the plans that reach them. Where the rules differ from it, the difference stands here with its reason.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from support import ROOT

from engine.inspections.planning import plan_checklist
from engine.laws import in_force
from engine.library.load import Library
from engine.library.resolve import resolve
from engine.model.release import ReleaseCitation, ReleaseFinding, ReleaseItem
from engine.rulebook.cases import run_cases

M, J, Y = "critical", "major", "minor"
GRADES = {"一般": Y, "主要": J, "严重": M, "红线": M}
SITE_TYPES = {
    "YD": "retail-pharmacy", "ZS": "clinic", "PF": "drug-wholesaler", "JZ": "vaccination-unit",
    "JK": "vaccine-logistics", "YL": "medical-institution", "WX": "online-seller", "QX": "device-distributor",
    "CT": "contact-lens-seller", "QS": "device-manufacturer", "YP": "decoction-manufacturer", "HZ": "cosmetics-seller",
}  # fmt: skip
ATTRIBUTES = {"autoMon": "auto_monitor", "import": "imported", "有旧问题": "prior"}
"""Scope attributes of the list that the rules call otherwise; the rules write words out."""


class Listed(NamedTuple):
    """An item of the domain list."""

    code: str
    grade: str
    applies: frozenset[str]
    """The attributes that switch it on, any one of them; none: always."""
    clauses: frozenset[str]
    gsp: tuple[str, ...]
    """The clauses of the drug GSP inspection guideline, with the marks that the guideline gives them."""

    @property
    def site_type(self) -> str:
        return SITE_TYPES[self.code[:2]]


def _listed() -> dict[str, Listed]:
    with (ROOT / "tests/data/items.csv").open(encoding="utf-8", newline="") as lines:
        rows = [
            Listed(
                row["code"],
                row["grade"],
                frozenset(ATTRIBUTES.get(a, a) for a in row["applies"].split(",") if a != "总是"),
                frozenset(row["clauses"].split()),
                tuple(row["gsp"].split()),
            )
            for row in csv.DictReader(lines)
        ]
    return {row.code: row for row in rows}


LIST = _listed()

# Items whose grade in the list is not one word: the grade of the item, and those of its findings.
SPLIT: dict[str, tuple[str, set[str], str]] = {
    "YD-01": (Y, {Y, M}, "display is minor; without a licence in force critical, as listed"),
    "YD-07": (J, {J, M}, "single codes are major; no system at all critical, as listed"),
    "YD-10": (Y, {Y}, "minor in the guideline; that order 84 punishes it is told by the liability, not by the grade"),
    "YD-14": (J, {J, M, Y}, "a warm refrigerator is major, none at all critical; food in it and gaps in its records minor"),
    "YD-22": (Y, {Y, J}, "stock is minor, the channel major, as listed"),
    "YD-24": (J, {J, Y}, "no voucher is major (*16801), the notices minor (17401), as listed"),
    "PF-09": (J, {J, M}, "cold rooms are major; of vaccines critical, as listed"),
    "QX-01": (J, {J, M}, "a mismatch is major; class III without licence critical, as listed"),
    "HZ-11": (J, {J, Y}, "a label without what it must say is major, a slip of it minor, as listed"),
    "YP-15": (J, {J, M, Y}, "按项: untested or abnormal critical, no known destination major, label minor, as the items of the fault"),
    "QX-19": (Y, {Y}, "— in the list: it is no defect; what is missing from the grading information is told as minor"),
    **dict.fromkeys(
        ("ZS-17", "JZ-18", "YL-22", "QX-20", "QS-14"),
        (J, {J, M}, "按原级: the lowest grade that is stricter than minor; a relapse is critical"),
    ),
}  # fmt: skip
WIDER = {"QX-15": {"procurement"}}
"""Attributes beside those of the list: QX-15 is about consumables of centralised procurement as well."""
EXTRA = {"ZS-03": {"CF2024-2.1-l"}, "ZS-04": {"CF2024-2.1-l"}}
"""2.1-l of 2024 asks for the purchase channel of the sites that the plan names, individual clinics among them."""
FOLLOW_UPS = {f"{prefix}-91" for prefix in SITE_TYPES} - {"ZS-91", "JZ-91", "YL-91", "QX-91", "QS-91"}
"""回头看 (overlay HT) where the list has no item of its own for it."""
OVERLAYS = (
    dict.fromkeys(FOLLOW_UPS, "prior")
    | {f"{prefix}-92": "region" for prefix in SITE_TYPES}
    | {f"{prefix}-93": "unlicensed" for prefix in SITE_TYPES}
)
"""The items beyond the list with the attribute that switches each on: 回头看, street sellers (KA), no licence (UL)."""
LICENCES = {
    "YD-01", "ZS-01", "PF-01", "JZ-01", "YL-01", "WX-01", "WX-02", "WX-03", "QX-01", "CT-01", "CT-10", "QS-01", "YP-01",
    "HZ-01",
}  # fmt: skip
"""Items about papers that somebody without any licence cannot have: XX-93 takes their place (UL)."""


def _items(library: Library) -> dict[str, list[ReleaseItem]]:
    """Return each code's item in every campaign."""
    found: dict[str, list[ReleaseItem]] = {}
    for name in sorted(library.campaigns):
        for site_type, kind in resolve(library, name).site_types.items():
            for item in kind.items:
                assert SITE_TYPES[item.code[:2]] == site_type, item.code
                found.setdefault(item.code, []).append(item)
    return found


def test_the_list_is_whole() -> None:
    assert Counter(code[:2] for code in LIST) == {
        "YD": 25, "ZS": 17, "PF": 20, "JZ": 18, "JK": 12, "YL": 22, "WX": 18, "QX": 20, "CT": 12, "QS": 14, "YP": 15, "HZ": 18,
    }  # fmt: skip
    assert len(LIST) == 211
    for prefix in SITE_TYPES:
        numbers = sorted(int(code[3:]) for code in LIST if code.startswith(prefix))
        assert numbers == list(range(1, len(numbers) + 1))
    assert {code for code, row in LIST.items() if row.grade not in GRADES} == set(SPLIT)


def test_every_item_of_the_list_is_there_and_no_other(library: Library) -> None:
    items = _items(library)
    assert set(items) == set(LIST) | set(OVERLAYS)
    assert all(len(versions) == len(library.campaigns) for versions in items.values())
    rules = {"91": "follow-up.earlier-problems", "92": "key-areas.street-sellers", "93": "unlicensed.trading"}
    for code, attribute in OVERLAYS.items():
        assert (items[code][0].rule, items[code][0].only_if) == (rules[code[3:]], f"site.{attribute}")
    assert {code for code, v in items.items() if v[0].rule == "follow-up.earlier-problems"} - set(OVERLAYS) == {
        code for code, row in LIST.items() if row.applies == {"prior"}
    }


@pytest.mark.parametrize("code", sorted(LIST))
def test_grade_red_line_scope_and_clauses_are_those_of_the_list(code: str, library: Library) -> None:
    row, versions = LIST[code], _items(library)[code]
    for item in versions:
        assert item.grade == (SPLIT[code][0] if code in SPLIT else GRADES[row.grade])
        assert item.red_line == (row.grade == "红线")
        assert item.findings[0].grade == item.grade
        assert item.findings[0].red_line == item.red_line
        if code in SPLIT:
            assert {f.grade.value for f in item.findings} == SPLIT[code][1], SPLIT[code][2]
        only_if, _, beside = (item.only_if or "").rpartition("not site.unlicensed")
        only_if = only_if.removesuffix(" and ") or ("" if code in LICENCES else beside)
        assert (item.only_if or "").endswith("not site.unlicensed") == (code in LICENCES)
        assert set(only_if.replace("site.", "").split(" or ")) - {""} == row.applies | WIDER.get(code, set())
        assert item.gsp == row.gsp
    assert {c for item in versions for c in item.clauses} == row.clauses | EXTRA.get(code, set())


RED_FURTHER = {
    # a torn package alone is no device past its day
    ("ZS-11", "high-risk-devices.damaged-devices"), ("YL-15", "high-risk-devices.damaged-devices"),
    ("QX-06", "high-risk-devices.damaged-stock"),
    # no filing of class I, and a lens whose label cannot be read, are milder too
    ("CT-05", "high-risk-devices.unfiled-stock"), ("QX-06", "high-risk-devices.unfiled-stock"),
    ("YL-15", "high-risk-devices.unfiled-devices"), ("ZS-11", "high-risk-devices.unfiled-devices"),
    ("CT-05", "high-risk-devices.unclear-lenses"),
    # past its day is the red line of QX-06, wherever it is seen
    ("QX-12", "high-risk-devices.expired-sterility"),
}  # fmt: skip


def test_red_lines_of_further_findings_are_known(library: Library) -> None:
    """A finding beside a red line may be milder, and one outside may be a red line: these, and no other."""
    further = {
        (code, f.id) for code, versions in _items(library).items() for f in versions[0].findings[1:]
        if f.red_line != versions[0].red_line
    }  # fmt: skip
    assert further == RED_FURTHER


def test_every_red_line_is_critical(library: Library) -> None:
    for code, versions in _items(library).items():
        for finding in versions[0].findings:
            assert not finding.red_line or finding.grade == M, (code, finding.id)


def test_one_rule_serves_several_site_types_where_the_demand_is_one(library: Library) -> None:
    rules = [rule for loaded in library.priorities.values() for rule in loaded.value.rules]
    assert sum(len(rule.applies_to) for rule in rules) == 211 + len(OVERLAYS)
    assert len(rules) == 165
    shared = {tuple(sorted(a.code for a in rule.applies_to.values())) for rule in rules if len(rule.applies_to) > 1}
    shared -= {tuple(sorted({"ZS-17", "JZ-18", "YL-22", "QX-20", "QS-14"} | FOLLOW_UPS))}
    shared -= {tuple(sorted(f"{prefix}-{number}" for prefix in SITE_TYPES)) for number in (92, 93)}
    assert shared == {tuple(line.split()) for line in SHARED.splitlines()}


SHARED = """\
CT-03 HZ-02 QX-03
CT-04 QX-05
CT-05 QX-06 YL-15 ZS-11
CT-06 QX-07
CT-07 QX-08 YL-16
CT-12 WX-15
JK-02 JZ-05 PF-10 YD-14 YL-08 ZS-10
JK-03 PF-09
JK-04 PF-14
JK-07 PF-13
JK-08 JZ-07
JK-09 JZ-08
JK-10 JZ-12
JK-12 JZ-16
PF-02 YD-04 YL-04 ZS-03
PF-03 QX-13
PF-08 QS-02 QX-02 YP-13
PF-17 YP-10
QS-11 QX-14
QS-12 QX-18
QS-13 QX-17
QX-04 WX-12 YD-05 ZS-04
YD-06 ZS-05
YD-08 YL-09 ZS-08
YD-18 ZS-15
YD-22 ZS-14
YL-07 ZS-09
YL-18 ZS-16
YL-19 ZS-12"""
"""The items of one rule, a rule a line; those apart that serve every site type: 回头看, 92 and 93."""


IDLE = {
    "YD": set(), "ZS": set(), "PF": {"multi_warehouse", "tcm", "vaccine"}, "JZ": {"non_nip", "rabies", "temporary"},
    "JK": {"device_tpl", "frozen", "tpl"}, "YL": {"device_cold", "tcm"}, "WX": {"cold", "o2o", "own", "platform"},
    "QX": {"ivd", "lens", "online", "retail"}, "CT": {"vend"}, "QS": {"class1", "entrusted", "eo", "outsourced"},
    "YP": {"direct_cut", "export"}, "HZ": {"chain_supply", "online"},
}  # fmt: skip


def _off(attributes: set[str], site_type: str) -> set[str]:
    """Return the codes that a site with these attributes only need not show."""
    applies = {code: row.applies for code, row in LIST.items() if row.site_type == site_type}
    applies |= {code: applies[code] | more for code, more in WIDER.items() if code in applies}
    applies |= {code: frozenset({a}) for code, a in OVERLAYS.items() if SITE_TYPES[code[:2]] == site_type}
    off = {code for code, any_of in applies.items() if any_of and not any_of & attributes}
    return off | {code for code in LICENCES if "unlicensed" in attributes and SITE_TYPES[code[:2]] == site_type}


def _scope_cases() -> Iterator[tuple[str, str]]:
    for site_type in SITE_TYPES.values():
        used = {a for row in LIST.values() if row.site_type == site_type for a in row.applies}
        used |= {"prior", "region", "unlicensed"}
        used |= {a for code, more in WIDER.items() if LIST[code].site_type == site_type for a in more}
        yield from ((site_type, a) for a in sorted(used))


@pytest.mark.parametrize(("site_type", "attribute"), list(_scope_cases()))
def test_an_absent_attribute_switches_off_exactly_its_items(site_type: str, attribute: str, library: Library) -> None:
    attributes = resolve(library, "2024").site_types[site_type].attributes
    assert attribute in attributes
    for present in (set(attributes) - {attribute}, {attribute}):
        checklist, problems = plan_checklist(site_type, "2024", has=",".join(sorted(present)), routine=True)
        assert checklist is not None, problems
        off = {o.code: o.reason for o in checklist.omitted if o.by_scope}
        assert {o.code for o in checklist.omitted if o.kind == "not-added"} == set(off) & set(OVERLAYS)
        assert set(off) == _off(present, site_type)
        assert {i.item.code for i in checklist.items()} == {i.code for i in checklist.type.items} - set(off)
        if present != {attribute}:
            for code in off:
                gone = code in LICENCES and attribute != "unlicensed" and off[code] == attributes["unlicensed"].present
                assert gone or off[code] == attributes[attribute].absent or code in WIDER


def test_attributes_that_switch_nothing_off_are_known(library: Library) -> None:
    """They are printed, read by conditions, or only say which sheet to take beside this one."""
    used = set(_scope_cases())
    idle = {
        code: {a for a in resolve(library, "2024").site_types[name].attributes if (name, a) not in used}
        for code, name in SITE_TYPES.items()
    }
    assert idle == IDLE


def _reached(site_type: str, year: str) -> set[str]:
    listed = {
        code for code, row in LIST.items() for c in row.clauses | EXTRA.get(code, set()) if c.startswith(f"CF{year}-")
    }
    return {code for code in listed if SITE_TYPES[code[:2]] == site_type}


ASSUMED_ABSENT = {
    name: (["prior"] if f"{prefix}-91" in FOLLOW_UPS else []) + ["region", "unlicensed"]
    for prefix, name in SITE_TYPES.items()
}


@pytest.mark.parametrize("site_type", SITE_TYPES.values())
def test_the_campaigns_ask_for_different_items(site_type: str, library: Library) -> None:
    kind = resolve(library, "2024").site_types[site_type]
    assert [a for a, attribute in kind.attributes.items() if attribute.assumed == "absent"] == ASSUMED_ABSENT[site_type]
    whole = {item.code for item in kind.items} - set(OVERLAYS)  # overlays come with an attribute only
    for campaign in ("2019", "2024"):
        wanted = _reached(site_type, campaign)
        checklist, problems = plan_checklist(site_type, campaign)
        if not wanted:  # a plan that does not name the site type at all
            assert checklist is None or not checklist.items()
        else:
            assert checklist is not None, problems
            assert {i.item.code for i in checklist.items()} == wanted
        checklist, problems = plan_checklist(site_type, campaign, routine=True)
        assert checklist is not None, problems
        assert {i.item.code for i in checklist.items()} == whole
        assert {i.item.code for i in checklist.items() if i.routine} == whole - wanted
        assert all(bool(i.item.clauses) != i.routine for i in checklist.items())


def test_every_case_holds_and_every_condition_is_seen_both_ways(library: Library) -> None:
    report = run_cases(library)
    assert report.problems == ()
    assert report.cases > 1850
    for value in (True, False):
        seen, all_ = report.share(value)
        assert seen == all_, [c.text for c in report.coverage if value not in c.seen]
    open_ = {c.text for c in report.coverage if not c.never_unknown and None not in c.seen}
    assert open_ == {"product = row.product", "batch = row.batch", "defect = 过期", "site.cdc", "site.eo"}, (
        "keys of a table are always known, and cases name every attribute"
    )


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


CORRECT17, CORRECT21 = "administrative-penalty-law@2017 23", "administrative-penalty-law@2021 28.1"
CHANNEL = ([[f"{LAW15} 34"], [f"{LAW15} 79"], []], [[f"{LAW} 55"], [f"{LAW} 129"], []])
ESCALATIONS = {
    # site type and id: duty, liability and power on the first day of 2019 and of 2024
    ("retail-pharmacy", "recurrence"): ([[], [], [CORRECT17]], [[], [], [CORRECT21, f"{LAW} 99.3"]]),
    ("retail-pharmacy", "repeated-red-lines"): (
        [[f"{LAW15} 16.1"], [], [CORRECT17]], [[f"{LAW} 53.1"], [], [CORRECT21, f"{LAW} 99.3"]],
    ),
    ("retail-pharmacy", "suspected-illegal-channel"): CHANNEL,
    ("drug-wholesaler", "suspected-illegal-channel"): CHANNEL,
    ("retail-pharmacy", "police-referral"): (
        [[f"{LAW15} 34"], [f"{LAW15} 79"], ["administrative-penalty-law@2017 22", "crime-transfer-provisions@2001 3"]],
        [[f"{LAW} 55"], [f"{LAW} 129"], ["administrative-penalty-law@2021 27.1", "crime-transfer-provisions@2020 3.1"]],
    ),
    ("clinic", "repeated-red-lines"): (
        [[f"{LAW15} 28", "device-use-quality-measures@2015 4.1"], [], [CORRECT17]],
        [[f"{LAW} 71", "device-use-quality-measures@2015 4.1"], [], [CORRECT21, f"{LAW} 99.3"]],
    ),
    ("device-distributor", "recurrence"): ([[], [], [CORRECT17]], [[], [], [CORRECT21, f"{DEVICE21} 72.1"]]),
    ("device-distributor", "repeated-red-lines"): (
        [[f"{DEVICE17} 29"], [], [CORRECT17]], [[f"{DEVICE21} 44"], [], [CORRECT21, f"{DEVICE21} 72.1"]],
    ),
    ("contact-lens-seller", "suspected-device-channel"): (
        [[f"{DEVICE17} 32.1"], [f"{DEVICE17} 68(2)"], []], [[f"{DEVICE21} 45.1"], [f"{DEVICE21} 89(2)"], []],
    ),
    ("cosmetics-seller", "recurrence"): (
        [[], [], [CORRECT17]], [[], [], [CORRECT21, "cosmetics-regulation@2020 57"]],
    ),
}  # fmt: skip


@pytest.mark.parametrize("key", ESCALATIONS, ids=" ".join)
def test_escalations_rest_on_the_law_that_was_read(key: tuple[str, str], library: Library) -> None:
    site_type, name = key
    found = []
    for campaign in ("2019", "2024"):
        release = resolve(library, campaign)
        e = next(e for e in release.escalations if e.id == f"escalation.{name}")
        sides = (e.basis.duty, e.basis.liability, e.basis.power)
        serving = [[c for c in side if not c.sites or site_type in c.sites] for side in sides]
        found.append([[f"{c.cite} {c.article}" for c in s if in_force(c, release.period.start)] for s in serving])
    assert found == list(ESCALATIONS[key])


def test_every_escalation_was_read(library: Library) -> None:
    assert {e.id for e in resolve(library, "2024").escalations} == {f"escalation.{name}" for _, name in ESCALATIONS}


DEVICE24, VACCINE, VACCINE16, NARCOTIC24, COSMETICS = (
    "medical-device-regulation@2024", "vaccine-administration-law@2019", "vaccine-circulation-regulation@2016",
    "narcotic-psychotropic-regulation@2024", "cosmetics-regulation@2020",
)  # fmt: skip
AUTHORITY: dict[tuple[str, str | None], str] = {
    ("administrative-penalty-law@2017", "22"): "行政机关必须将案件移送司法机关",
    ("administrative-penalty-law@2021", "27.1"): "行政机关应当及时将案件移送司法机关",
    ("crime-transfer-provisions@2001", "3"): "行政执法机关必须向公安机关移送",
    ("crime-transfer-provisions@2020", "3.1"): "行政执法机关必须向公安机关移送",
    (LAW, "113.1"): "药品监督管理部门应当及时将案件移送公安机关",
    ("administrative-penalty-law@2017", "23"): "行政机关应当责令当事人改正",
    ("administrative-penalty-law@2021", "28.1"): "行政机关应当责令当事人改正",
    (LAW, "99.3"): "药品监督管理部门应当采取告诫、约谈、限期整改等措施",
    ("drug-online-sales-measures@2022", "30"): "药品监督管理部门应当采取告诫、约谈、限期整改等措施",
    ("device-responsibility-provisions@2022", "28.3"): "药品监督管理部门应当要求企业限期整改",
    (NARCOTIC, "60.2"): "药品监督管理部门应当责令排除隐患、查封扣押",
    (NARCOTIC24, "60.2"): "药品监督管理部门应当责令排除隐患、查封扣押",
    (NARCOTIC, "82.2"): "药品监督管理部门应当立即通报公安机关",
    (NARCOTIC24, "82.2"): "药品监督管理部门应当立即通报公安机关",
    (LAW15, "64.1"): "药品监督管理部门可以抽查检验",
    (LAW, "100.1"): "药品监督管理部门可以抽查检验",
    (DEVICE21, "72.1"): "负责药品监督管理的部门可以告诫、责任约谈、责令限期整改",
    (DEVICE24, "72.1"): "负责药品监督管理的部门可以告诫、责任约谈、责令限期整改",
    (COSMETICS, "57"): "负责药品监督管理的部门可以责任约谈",
    ("device-production-measures@2022", "55.1"): "药品监督管理部门跟踪检查整改情况",
    (LAW15, "64.2"): "药品监督管理部门可以查封、扣押",
    (LAW, "100.2"): "药品监督管理部门可以查封、扣押",
    (COSMETICS, "46(4)"): "负责药品监督管理的部门有权查封、扣押",
    (VACCINE16, "49.1"): "药品监督管理部门可以查封、扣押",
    (COSMETICS, "44.5"): "负责药品监督管理的部门责令召回或者停止经营",
    (DEVICE17, "52.3"): "食品药品监督管理部门可以责令召回或者停止经营",
    (DEVICE21, "67.3"): "负责药品监督管理的部门可以责令召回或者停止经营",
    (DEVICE24, "67.3"): "负责药品监督管理的部门可以责令召回或者停止经营",
    (VACCINE, "73.1"): "药品监督管理部门应当采取查封、扣押等措施（本款也有单位的报告义务）",
    (VACCINE16, "48"): "药品监督管理部门监督检查并通报卫生主管部门",
    (VACCINE, "70.2"): "药品监督管理部门检查储存、运输和疫苗质量，卫生健康部门检查预防接种",
    ("device-adverse-event-measures@2018", "74.2"): "药品监督管理部门应当移交卫生行政部门",
    ("device-operation-measures@2017", None): "食品药品监督管理部门分类分级管理（未定条）",
    ("device-operation-measures@2022", "47"): "药品监督管理部门分类分级管理",
    ("device-operation-measures@2022", "49"): "药品监督管理部门书面告知、跟踪检查",
    ("device-operation-measures@2022", "52"): "药品监督管理部门重点监督检查",
    ("device-grading-opinion@2022", None): "药品监督管理部门分级监管（未定条）",
}
"""Articles that say what an authority has to do or may do, read in the text; what is wholly so is no duty of a site."""
BOTH = {("device-operation-measures@2017", None)}
"""Told as a duty of the site too: an instrument cited without an article."""


def test_what_an_authority_has_to_do_is_no_duty_of_a_site(library: Library) -> None:
    seen: set[tuple[str, str | None]] = set()
    wrong: set[tuple[str, str, str | None]] = set()
    for campaign in library.campaigns:
        release = resolve(library, campaign)
        bases = [(f.id, f.basis) for kind in release.site_types.values() for i in kind.items for f in i.findings]
        for id_, basis in [*bases, *((e.id, e.basis) for e in release.escalations)]:
            told = {(c.cite, c.article) for c in (*basis.duty, *basis.liability)}
            wrong |= {(id_, *key) for key in told & (set(AUTHORITY) - BOTH)}
            assert {(c.cite, c.article) for c in basis.power} <= set(AUTHORITY), id_
            seen |= {(c.cite, c.article) for c in basis.power}
    assert seen == set(AUTHORITY)
    assert wrong == set()


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

"""The traps of the law notes, one test each: what is cited on every single day of every campaign.

Days are counted, not looked up: every finding of every item of the resolved campaigns is asked what it cites on each
day from the first to the last, with the functions that print it. Article numbers were read in the texts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

import pytest

from engine.laws import cited, gap, in_force, wording_on
from engine.library.check_law import find_version
from engine.library.load import Library
from engine.library.resolve import resolve
from engine.model.findings import CitedArticle
from engine.model.release import ReleaseBasis, ReleaseCitation, ReleaseFinding

SIDES = ("duty", "liability", "power")
WINDOWS = {
    "2019": (date(2018, 12, 22), date(2019, 2, 28)),
    "2024": (date(2024, 1, 2), date(2024, 3, 31)),
    "2027-draft": (date(2026, 12, 20), date(2027, 3, 31)),
}


class Cited(NamedTuple):
    """What a finding cites on a day."""

    code: str
    finding: ReleaseFinding
    duty: frozenset[tuple[str, str | None]]
    liability: frozenset[tuple[str, str | None]]
    power: frozenset[tuple[str, str | None]]

    @property
    def instruments(self) -> set[str]:
        return {cite for cite, _ in self.duty | self.liability | self.power}


@lru_cache(maxsize=512)
def _on(library: Library, campaign: str, day: date) -> tuple[Cited, ...]:
    return tuple(
        Cited(code, finding, *(_keys(side, day) for side in sides))
        for code, finding, sides in _citing(library, campaign)
    )


@lru_cache
def _citing(library: Library, campaign: str) -> list[tuple[str, ReleaseFinding, list[list[ReleaseCitation]]]]:
    """Return every finding of the items with what its three sides cite at any time."""
    return [
        (item.code, finding, [_of_any_site(getattr(finding.basis, side)) for side in SIDES])
        for kind in resolve(library, campaign).site_types.values()
        for item in kind.items
        for finding in item.findings
    ]


def _keys(citations: list[ReleaseCitation], day: date) -> frozenset[tuple[str, str | None]]:
    shown: tuple[CitedArticle, ...] = cited(citations, day)
    return frozenset((c.cite, c.article) for c in shown)


def _of_any_site(citations: tuple[ReleaseCitation, ...]) -> list[ReleaseCitation]:
    """Return the citations as if each bound every site: what is limited to some is looked at too."""
    return [c.model_copy(update={"where": {}}) for c in citations]


def _days(campaign: str) -> Iterator[date]:
    first, last = WINDOWS[campaign]
    for number in range((last - first).days + 1):
        yield first + timedelta(number)


def _everywhere(library: Library, *campaigns: str) -> Iterator[tuple[str, date, Cited]]:
    for campaign in campaigns or WINDOWS:
        for day in _days(campaign):
            for found in _on(library, campaign, day):
                yield campaign, day, found


_release = lru_cache(resolve)


@lru_cache(maxsize=512)
def _instruments(library: Library, campaign: str, day: date) -> frozenset[str]:
    """Return every version that anything in the campaign cites on the day: findings, escalations, fixed wording."""
    release = _release(library, campaign)
    found = {cite for c in _on(library, campaign, day) for cite in c.instruments}
    for escalation in release.escalations:
        for side in SIDES:
            found |= {c.cite for c in getattr(escalation.basis, side) if in_force(c, day)}
    for wording in release.wording.values():
        version = wording_on(wording, day)
        found |= {c.cite for c in cited(version.basis if version else (), day)}
    return frozenset(found)


def _article(article: str | None) -> int:
    return int(re.split(r"[.(]", article or "0")[0])


def test_the_windows_are_those_of_the_plans(library: Library) -> None:
    assert {n: (resolve(library, n).period.start, resolve(library, n).period.end) for n in library.campaigns} == WINDOWS


# ── every finding, every day


@pytest.mark.long
def test_every_finding_rests_on_a_duty_in_force_on_every_day(library: Library) -> None:
    """Of every item of every site type, routine items too: nothing is told to a site without the article behind it."""
    for campaign, day, found in _everywhere(library):
        assert found.duty, (campaign, day, found.code, found.finding.id)


def test_days_counted_one_by_one_agree_with_gap(library: Library) -> None:
    for campaign, (first, last) in WINDOWS.items():
        for kind in resolve(library, campaign).site_types.values():
            for finding in (f for i in kind.items for f in i.findings):
                for side in SIDES:
                    citations = getattr(finding.basis, side)
                    plain = [c for c in citations if not c.where]
                    slow = next((d for d in _days(campaign) if not any(in_force(c, d) for c in plain)), None)
                    assert gap(citations, first, last) == slow


def test_no_two_versions_of_an_instrument_are_cited_on_one_day(library: Library) -> None:
    for campaign in WINDOWS:
        for day in _days(campaign):
            names = Counter(cite.partition("@")[0] for cite in _instruments(library, campaign, day))
            assert {n for n, count in names.items() if count > 1} == set(), (campaign, day)


def test_how_many_findings_have_no_liability(library: Library) -> None:
    """A finding without one is corrected, passed on or only told. The numbers are fixed: a change is a decision."""
    for campaign, (first, _) in WINDOWS.items():
        clauses = {i.code: i.clauses for k in resolve(library, campaign).site_types.values() for i in k.items}
        without = {
            day: Counter(c.code[:2] for c in _on(library, campaign, day) if clauses[c.code] and not c.liability)
            for day in _days(campaign)
        }
        assert without[first] == WITHOUT_LIABILITY[campaign], campaign
        assert len(set(map(str, (sorted(c.items()) for c in without.values())))) == 1, "the same on every day"


WITHOUT_LIABILITY = {
    "2019": {"JK": 3, "QS": 3, "WX": 5},
    "2024": {"CT": 3, "HZ": 8, "JK": 3, "JZ": 6, "PF": 3, "QS": 3, "QX": 6, "WX": 6, "YD": 4, "YL": 5, "YP": 3, "ZS": 4},
    "2027-draft": {
        "CT": 3, "HZ": 8, "JK": 3, "JZ": 6, "PF": 3, "QS": 3, "QX": 6, "WX": 6, "YD": 4, "YL": 5, "YP": 3, "ZS": 4,
    },
}  # fmt: skip
"""Findings of items that the campaign reaches, by site type."""


# ── the time line: what ends on a day, what begins on it, what was never cited together

CHANGES = [
    # (first day of the new, the old or None, the new)
    (date(2018, 12, 29), None, "product-quality-law@2018"),
    (date(2019, 1, 1), None, "ecommerce-law@2018"),
    (date(2019, 1, 1), "device-adverse-event-measures@2008", "device-adverse-event-measures@2018"),
    (date(2019, 4, 1), "food-drug-penalty-procedure@2014", "market-penalty-procedure@2018"),
    (date(2019, 12, 1), "drug-administration-law@2015", "drug-administration-law@2019"),
    (date(2019, 12, 1), "vaccine-circulation-regulation@2016", "vaccine-administration-law@2019"),
    (date(2020, 8, 7), "crime-transfer-provisions@2001", "crime-transfer-provisions@2020"),
    (date(2021, 1, 1), "cosmetics-hygiene-regulation@2019", "cosmetics-regulation@2020"),
    (date(2021, 3, 1), "criminal-law@2017", "criminal-law@2020"),
    (date(2021, 6, 1), "medical-device-regulation@2017", "medical-device-regulation@2021"),
    (date(2021, 7, 15), "administrative-penalty-law@2017", "administrative-penalty-law@2021"),
    (date(2022, 3, 6), "drug-safety-crime-interpretation@2014", "drug-safety-crime-interpretation@2022"),
    (date(2022, 5, 1), "device-production-measures@2017", "device-production-measures@2022"),
    (date(2022, 5, 1), "device-operation-measures@2017", "device-operation-measures@2022"),
    (date(2022, 12, 1), None, "drug-online-sales-measures@2022"),
    (date(2024, 1, 1), "drug-distribution-measures@2007", "drug-operation-use-measures@2023"),
    (date(2024, 1, 1), "drug-license-measures@2017", "drug-operation-use-measures@2023"),
    (date(2024, 7, 1), "device-gsp@2014", "device-gsp@2023"),
    (date(2025, 1, 20), "medical-device-regulation@2021", "medical-device-regulation@2024"),
    (date(2025, 1, 20), "narcotic-psychotropic-regulation@2016", "narcotic-psychotropic-regulation@2024"),
    (date(2025, 1, 20), "drug-law-implementing-regulation@2019", "drug-law-implementing-regulation@2024"),
    (date(2025, 9, 1), "infectious-disease-law@2013", "infectious-disease-law@2025"),
    (date(2025, 10, 1), None, "device-online-gsp@2025"),
    (date(2026, 5, 15), "drug-law-implementing-regulation@2024", "drug-law-implementing-regulation@2026"),
    (date(2026, 11, 1), "device-gmp@2014", "device-gmp@2025"),
]


@pytest.mark.parametrize(("day", "old", "new"), CHANGES, ids=[f"{d} {n}" for d, _, n in CHANGES])
def test_the_time_line(day: date, old: str | None, new: str, library: Library) -> None:
    version = find_version(library, new)
    assert version is not None
    assert version.start == day
    if old is not None:
        before = find_version(library, old)
        assert before is not None
        assert before.end == day
    for campaign in WINDOWS:
        for d in _days(campaign):
            told = _instruments(library, campaign, d)
            assert new not in told or d >= day, d
            assert old not in told or d < day, d


@pytest.mark.parametrize(
    ("campaign", "wanted", "unwanted"),
    [
        (
            "2019",
            "drug-administration-law@2015 medical-device-regulation@2017 vaccine-circulation-regulation@2016"
            " drug-distribution-measures@2007 administrative-penalty-law@2017 crime-transfer-provisions@2001"
            " device-gsp@2014 drug-law-implementing-regulation@2016 device-operation-measures@2017",
            "drug-operation-use-measures vaccine-administration-law drug-online-sales-measures cosmetics-regulation"
            " market-penalty-procedure device-online-gsp drug-crime-link-measures medical-insurance-fund-regulation",
        ),
        (
            "2024",
            "drug-administration-law@2019 medical-device-regulation@2021 vaccine-administration-law@2019"
            " drug-operation-use-measures@2023 administrative-penalty-law@2021 crime-transfer-provisions@2020"
            " device-gsp@2014 drug-law-implementing-regulation@2019 narcotic-psychotropic-regulation@2016"
            " device-operation-measures@2022 drug-online-sales-measures@2022 infectious-disease-law@2013 device-gmp@2014",
            "drug-distribution-measures drug-license-measures vaccine-circulation-regulation"
            " food-drug-penalty-procedure device-online-gsp cosmetics-hygiene-regulation",
        ),
        (
            "2027-draft",
            "medical-device-regulation@2024 drug-law-implementing-regulation@2026 device-gmp@2025 device-gsp@2023"
            " narcotic-psychotropic-regulation@2024 infectious-disease-law@2025 device-online-gsp@2025",
            "drug-distribution-measures drug-license-measures vaccine-circulation-regulation food-drug-penalty-procedure",
        ),
    ],
)
def test_what_each_window_cites_and_does_not(campaign: str, wanted: str, unwanted: str, library: Library) -> None:
    for day in _days(campaign):
        told = _instruments(library, campaign, day)
        assert set(wanted.split()) <= told, day
        assert not {cite.partition("@")[0] for cite in told} & set(unwanted.split()), day


def test_device_adverse_events_change_within_the_campaign_of_2019(library: Library) -> None:
    old, new = "device-adverse-event-measures@2008", "device-adverse-event-measures@2018"
    before, after = ({c.finding.id for c in _on(library, "2019", d) if i in c.instruments}
                     for d, i in ((date(2018, 12, 31), old), (date(2019, 1, 1), new)))  # fmt: skip
    assert before
    assert before <= after, "what rested on the trial measures rests on the measures from the first day"
    for _, day, found in _everywhere(library, "2019"):
        assert old not in found.instruments or day < date(2019, 1, 1)
        assert new not in found.instruments or day >= date(2019, 1, 1)
        assert all(article is None for cite, article in found.duty | found.liability if cite == old), "no text of it"


def test_order_84_is_cited_without_article_numbers_until_its_text_is_found(library: Library) -> None:
    for _, _, found in _everywhere(library, "2024", "2027-draft"):
        for cite, article in found.duty | found.liability | found.power:
            assert article is None or not cite.startswith("drug-operation-use-measures@")


def test_device_gsp_of_2014_is_cited_without_article_numbers(library: Library) -> None:
    """Its text was not found, and the numbers of 2023 are others."""
    for _, _, found in _everywhere(library, "2019", "2024"):
        assert all(article is None for cite, article in found.duty | found.liability if cite == "device-gsp@2014")


@pytest.mark.long
def test_the_penalty_law_has_its_numbers_of_the_day(library: Library) -> None:
    old = {"22": "crime", "23": "correct", "37.1": "two", "37.2": "kept seven days", "37.3": "recusal"}
    new = {
        "27.1": "crime",
        "28.1": "correct",
        "42.1": "two",
        "43.2": "recusal",
        "45": "no heavier",
        "55": "certificate",
        "56": "kept seven days",
        "85": "working days",
    }
    for campaign, numbers, version in (("2019", old, "2017"), ("2024", new, "2021"), ("2027-draft", new, "2021")):
        for day in _days(campaign):
            told = {(c.cite, c.article) for c in _all_citations(library, campaign, day)}
            assert {a for c, a in told if c.startswith("administrative-penalty-law@")} == set(numbers), day
            assert {c for c, _ in told if c.startswith("administrative-penalty-law@")} == {
                f"administrative-penalty-law@{version}"
            }


def _all_citations(library: Library, campaign: str, day: date) -> Iterator[CitedArticle]:
    release = resolve(library, campaign)
    bases: list[ReleaseBasis] = [
        f.basis for k in release.site_types.values() for i in k.items for f in i.findings
    ] + [e.basis for e in release.escalations]  # fmt: skip
    for basis in bases:
        for side in SIDES:
            yield from cited(_of_any_site(getattr(basis, side)), day)
    for wording in release.wording.values():
        version = wording_on(wording, day)
        yield from cited(version.basis if version else (), day)


# ── certificates: none since 2019-12-01


def test_no_certificate_of_gsp_or_gmp_is_asked_for(library: Library) -> None:
    """Certification ended; what is checked is the practice itself. Nothing asks for the certificate in any campaign."""
    for campaign in WINDOWS:
        for kind in resolve(library, campaign).site_types.values():
            for item in kind.items:
                texts = [item.check, item.method, item.evidence or "", str(item.answer), str(item.details)]
                texts += [t for f in item.findings for t in (f.sentence, f.condition)]
                assert not re.search(r"G[SM]P\s*(认证|证书)|认证证书|质量管理规范》?认证|未通过认证", "".join(texts)), (
                    item.code
                )


def test_no_article_about_certification_is_cited(library: Library) -> None:
    certification = {5, 6, 7, 13, 14, 58}  # of the implementing regulation, 2016 to 2024
    for campaign, day, found in _everywhere(library):
        for cite, article in found.duty | found.liability:
            assert not (
                re.match("drug-law-implementing-regulation@(2016|2019|2024)", cite)
                and _article(article) in certification
            ), (campaign, day, found.code)


# ── numbers


LIABILITY = {
    "drug-administration-law@2015": (72, 99), "drug-administration-law@2019": (114, 151),
    "medical-device-regulation@2017": (63, 75), "medical-device-regulation@2021": (81, 102),
    "medical-device-regulation@2024": (81, 102), "vaccine-circulation-regulation@2016": (56, 73),
    "vaccine-administration-law@2019": (79, 96), "cosmetics-regulation@2020": (59, 76),
    "device-operation-measures@2022": (65, 70), "device-production-measures@2022": (73, 80),
    "drug-online-sales-measures@2022": (32, 41), "device-online-sales-measures@2017": (37, 47),
    "device-adverse-event-measures@2018": (70, 77), "device-recall-measures@2017": (28, 34),
    "device-use-quality-measures@2015": (27, 32), "drug-distribution-measures@2007": (30, 44),
    "drug-law-implementing-regulation@2016": (58, 76), "drug-law-implementing-regulation@2019": (58, 76),
    "drug-law-implementing-regulation@2026": (79, 87), "narcotic-psychotropic-regulation@2016": (65, 83),
    "narcotic-psychotropic-regulation@2024": (65, 83), "tcm-law@2016": (53, 59),
}  # fmt: skip
"""The chapter of liability, first and last article: a number of another version falls outside it and is found."""


ELSEWHERE = {
    # says that the advertising law applies where this law has nothing; it stands where the penalty would stand
    ("online-sales.drug-claims", "liability", "drug-administration-law@2019", "91"),
}


def test_liability_stands_in_the_chapter_of_liability_and_duty_outside(library: Library) -> None:
    outside = set()
    for _, _, found in _everywhere(library):
        for side, keys in (("duty", found.duty), ("liability", found.liability)):
            for cite, article in keys:
                if cite in LIABILITY and article is not None:
                    first, last = LIABILITY[cite]
                    if (first <= _article(article) <= last) != (side == "liability"):
                        outside.add((found.finding.id, side, cite, article))
    assert outside == ELSEWHERE


OLD, NEW = "drug-administration-law@2015", "drug-administration-law@2019"
DEVICES = {"2019": "medical-device-regulation@2017", "2024": "medical-device-regulation@2021",
           "2027-draft": "medical-device-regulation@2024"}  # fmt: skip
FLOW = "drug-distribution-measures@2007"
DEAD = [
    # the article, the number it says, and what has to stand beside it in each campaign: any one of these
    (FLOW, "32", 73, {"2019": {(OLD, 72)}}),
    (FLOW, "43", 73, {"2019": {(OLD, 72)}}),
    (FLOW, "33", 74, {"2019": {("drug-law-implementing-regulation@2016", 69)}}),
    (FLOW, "36", 82, {"2019": {(OLD, 81)}}),
    (FLOW, "37", 80, {"2019": {(OLD, 79)}}),
    (FLOW, "39.2", 79, {"2019": {(OLD, 78)}}),
    ("drug-law-implementing-regulation@2016", "61", 80, {"2019": {(OLD, 79)}}),
    ("drug-law-implementing-regulation@2016", "63", 75, {"2019": {(OLD, 73), (OLD, 74)}}),
    ("drug-law-implementing-regulation@2016", "66", 75, {"2019": {(OLD, 74)}}),
    ("drug-law-implementing-regulation@2016", "68", 86, {"2019": {(OLD, 85)}}),
    ("drug-law-implementing-regulation@2019", "61", 80, {"2024": {(NEW, 129)}}),
    ("drug-law-implementing-regulation@2019", "66", 75, {"2024": {(NEW, 117)}}),
    ("drug-law-implementing-regulation@2019", "68", 86, {"2024": {(NEW, 128)}}),
    ("device-use-quality-measures@2015", "27", 66, {"2019": {(DEVICES["2019"], 66)}, "2024": {(DEVICES["2024"], 86)}, "2027-draft": {(DEVICES["2027-draft"], 86)}}),
    ("device-use-quality-measures@2015", "28", 67, {"2019": {(DEVICES["2019"], 67)}, "2024": {(DEVICES["2024"], 88)}, "2027-draft": {(DEVICES["2027-draft"], 88)}}),
    ("device-use-quality-measures@2015", "29", 68, {"2019": {(DEVICES["2019"], 68)}, "2024": {(DEVICES["2024"], 89), (DEVICES["2024"], 90)}, "2027-draft": {(DEVICES["2027-draft"], 89), (DEVICES["2027-draft"], 90)}}),
    ("device-online-sales-measures@2017", "38", 63, {"2019": {(DEVICES["2019"], 63), (DEVICES["2019"], 65)}, "2024": {(DEVICES["2024"], 81), (DEVICES["2024"], 84)}, "2027-draft": {(DEVICES["2027-draft"], 81), (DEVICES["2027-draft"], 84)}}),
    ("device-online-sales-measures@2017", "45", 67, {"2019": {(DEVICES["2019"], 67)}, "2024": {(DEVICES["2024"], 88)}, "2027-draft": {(DEVICES["2027-draft"], 88)}}),
    ("device-adverse-event-measures@2018", "70", 68, {"2019": {(DEVICES["2019"], 68)}, "2024": {(DEVICES["2024"], 89)}, "2027-draft": {(DEVICES["2027-draft"], 89)}}),
    ("device-adverse-event-measures@2018", "71", 68, {"2019": {(DEVICES["2019"], 68)}, "2024": {(DEVICES["2024"], 89)}, "2027-draft": {(DEVICES["2027-draft"], 89)}}),
    ("device-label-provisions@2014", "18", 67, {"2019": {(DEVICES["2019"], 67)}, "2024": {(DEVICES["2024"], 88)}, "2027-draft": {(DEVICES["2027-draft"], 88)}}),
]  # fmt: skip
"""Articles that point at a number which the law no longer has there (chapter 3 of the notes)."""


def test_an_article_that_points_at_an_old_number_has_the_right_one_beside_it(library: Library) -> None:
    seen, alone = set(), set()
    for cite, article, _, beside in DEAD:
        for campaign, wanted in beside.items():
            for day in _days(campaign):
                for found in _on(library, campaign, day):
                    if not any(c == cite and _points(a, article) for c, a in found.liability):
                        continue
                    seen.add((cite, article))
                    if not {(c, _article(a)) for c, a in found.liability} & wanted:
                        alone.add((found.finding.id, cite))
    assert alone == set()
    assert {(c, a) for c, a, _, _ in DEAD} - seen == {
        (FLOW, "37"), ("device-use-quality-measures@2015", "27"),
    }, "these are not cited at all"  # fmt: skip


def _points(article: str | None, wanted: str) -> bool:
    return article == wanted or ("." not in wanted and article is not None and _article(article) == int(wanted))


def test_the_old_number_is_never_taken_at_its_word(library: Library) -> None:
    """73 of the law of 2015 is about counterfeits, not about trading without a licence; and so with the others."""
    for cite, article, literal, _ in DEAD:
        for campaign, day, found in _everywhere(library, "2019", "2024"):
            if cite in {FLOW} and any(c == cite and _points(a, article) for c, a in found.liability):
                assert (OLD, literal) not in {(c, _article(a)) for c, a in found.liability}, (campaign, day, found.code)


def test_a_breach_of_good_distribution_practice_is_punished_by_78_and_126(library: Library) -> None:
    """Article 183 of the practice says 78, the number of 2015; it is never cited, the article itself is."""
    for campaign, day, found in _everywhere(library):
        assert ("drug-gsp@2016", "183") not in found.duty | found.liability
        numbers = {(c, _article(a)) for c, a in found.liability}
        assert not {(OLD, 126), (NEW, 78), (NEW, 79)} & numbers, (campaign, day, found.code)
    assert any((OLD, 78) in {(c, _article(a)) for c, a in f.liability} for f in _on(library, "2019", date(2019, 1, 5)))
    assert any((NEW, 126) in {(c, _article(a)) for c, a in f.liability} for f in _on(library, "2024", date(2024, 1, 2)))


# ── the same name, another meaning


def test_unapproved_imports_are_counterfeits_in_2019_and_a_ban_of_their_own_later(library: Library) -> None:
    for campaign, day, found in _everywhere(library):
        told = {(c, _article(a)) for c, a in found.duty | found.liability}
        if campaign == "2019":
            assert not any(c == NEW for c, _ in told), day
        if found.finding.id in {"channel-legality.unapproved-import", "medical-aesthetics.unregistered"}:
            if campaign == "2019":
                assert (OLD, "48.3(2)") in found.duty
                assert (OLD, 73) in told
            else:
                assert (NEW, "98.4") in found.duty
                assert (NEW, "124.2") in found.liability
                assert not {(NEW, 116), (NEW, 117)} & told


def test_what_only_the_health_department_punishes_is_passed_on(library: Library) -> None:
    """Reuse of single-use devices and records of implants: 68 of 2017 for both departments, 90 of 2021 for health only."""
    ids = {"high-risk-devices.single-use", "high-risk-devices.reuse", "high-risk-devices.implant-records"}
    seen = set()
    for campaign, day, found in _everywhere(library):
        numbers = {(c, _article(a)) for c, a in found.liability}
        ninety = {n for n in numbers if n in {(DEVICES["2024"], 90), (DEVICES["2027-draft"], 90)}}
        if ninety:
            assert "notify-health" in [d.value for d in found.finding.dispositions], (found.code, found.finding.id)
        if found.finding.id in ids:
            seen.add(found.finding.id)
            assert numbers == ({(DEVICES["2019"], 68)} if campaign == "2019" else {(DEVICES[campaign], 90)}), day
    assert seen == ids


def test_prescription_medicines_online_turn_from_forbidden_to_reviewed(library: Library) -> None:
    for campaign, day, found in _everywhere(library):
        if found.finding.id == "online-sales.prescription-orders":
            told = {(c, _article(a)) for c, a in found.duty}
            assert told == ({(FLOW, 21)} if campaign == "2019" else {("drug-online-sales-measures@2022", 9)}), day


def test_forbidden_medicines_online_weigh_heavier_under_the_regulation_of_2026(library: Library) -> None:
    for campaign, _, found in _everywhere(library, "2024", "2027-draft"):
        if found.finding.id in {
            "online-sales.special-drugs",
            "online-sales.prohibited-drugs",
            "online-sales.banned-list",
        }:
            assert (("drug-law-implementing-regulation@2026", "46") in found.duty) == (campaign == "2027-draft")
            assert (("drug-law-implementing-regulation@2026", "79(4)") in found.liability) == (campaign == "2027-draft")


def test_articles_that_the_regulation_of_2026_dropped_are_not_cited_under_it(library: Library) -> None:
    """Common medicines of clinics (27, 62), branch offices (74), heavier circumstances (73): gone, and their numbers taken."""
    for _, day, found in _everywhere(library):
        for cite, article in found.duty | found.liability | found.power:
            if cite.startswith("drug-law-implementing-regulation@"):
                old = cite in {f"drug-law-implementing-regulation@{v}" for v in ("2016", "2019", "2024")}
                assert not (old and day >= date(2026, 5, 15))
                assert not (old and _article(article) in {27, 62, 73, 74}), (found.code, article)


def test_annual_self_checks_rest_on_the_measures_of_their_day(library: Library) -> None:
    for code in ("QX-18", "QS-12"):
        for campaign, day, found in _everywhere(library):
            if found.code == code:
                measures = {c for c in found.instruments if re.match("device-(operation|production)-measures@", c)}
                assert {m.partition("@")[2] for m in measures} <= {"2017" if campaign == "2019" else "2022"}, day


def test_radio_frequency_devices_are_no_matter_before_2026_04(library: Library) -> None:
    """The notice of 2024 is number 84 of that year; it is not order 84."""
    for campaign, day, found in _everywhere(library):
        assert "rf-device-notice@2024" not in found.instruments or campaign == "2027-draft", day


def test_narcotics_of_2016_are_cited_as_read_in_the_next_version_only(library: Library) -> None:
    """All copies of the text end after article 3: what is cited beyond says 待核."""
    for campaign in ("2019", "2024"):
        for day in (WINDOWS[campaign][0], WINDOWS[campaign][1]):
            told = [
                c for c in _all_citations(library, campaign, day) if c.cite == "narcotic-psychotropic-regulation@2016"
            ]
            assert told
            assert all(c.verification.value == "neighbour" and c.text.endswith("（待核）") for c in told)


def test_cosmetics_rest_on_the_regulation_of_2020_since_2021(library: Library) -> None:
    seen = 0
    for campaign, day, found in _everywhere(library):
        if found.code.startswith("HZ-") and found.finding.id.startswith("cosmetics."):
            seen += 1
            assert ("cosmetics-regulation@2020" in found.instruments) <= (campaign != "2019"), day
            assert ("cosmetics-hygiene-regulation@1989" in found.instruments) <= (campaign == "2019"), day
    assert seen

"""Articles in Chinese numerals, versions by day, and the record of what was verified."""

from __future__ import annotations

import json
import random
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from support import ROOT

from engine.laws import article_text, chinese_number, cited, days_of_change, gap, in_force
from engine.library.check import check_library
from engine.library.check_law import citations, find_version
from engine.library.files import Place
from engine.library.load import Library, load_library, verification_key
from engine.model.base import Verification
from engine.model.release import ReleaseCitation
from tools import verify_law


@pytest.mark.parametrize(
    ("number", "text"),
    [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (34, "三十四"), (100, "一百"), (101, "一百零一"), (110, "一百一十"),
     (117, "一百一十七"), (161, "一百六十一"), (200, "二百"), (1001, "一千零一"), (1010, "一千零一十"), (9999, "九千九百九十九")],
)  # fmt: skip
def test_numbers_are_written_as_articles_are(number: int, text: str) -> None:
    assert chinese_number(number) == text


def test_no_two_numbers_are_written_alike() -> None:
    assert len({chinese_number(n) for n in range(1, 2000)}) == 1999
    for wrong in (0, -1, 10_000):
        with pytest.raises(ValueError, match=str(wrong)):
            chinese_number(wrong)


@pytest.mark.parametrize(
    ("article", "text"),
    [
        ("34", "第三十四条"),
        ("23.2", "第二十三条第二款"),
        ("161(8)", "第一百六十一条第（八）项"),
        ("86.1(3)", "第八十六条第一款第（三）项"),
    ],
)
def test_article_references(article: str, text: str) -> None:
    assert article_text(article) == text


def _citation(
    start: date, end: date | None, article: str | None = "34", verification: Verification = Verification.VERIFIED
) -> ReleaseCitation:
    return ReleaseCitation(
        cite="law@2015",
        title="某法",
        edition="2015年修正",
        article=article,
        start=start,
        end=end,
        verification=verification,
    )


def test_a_version_ends_before_the_day_on_which_the_next_begins() -> None:
    old = _citation(date(2015, 4, 24), date(2019, 12, 1))
    new = _citation(date(2019, 12, 1), None)
    for day, both in (
        (date(2019, 11, 30), (True, False)),
        (date(2019, 12, 1), (False, True)),
        (date(2015, 4, 23), (False, False)),
    ):
        assert (in_force(old, day), in_force(new, day)) == both
    assert gap([old, new], date(2018, 1, 1), date(2024, 1, 1)) is None
    assert gap([new], date(2019, 11, 30), date(2024, 1, 1)) == date(2019, 11, 30)
    later = _citation(date(2020, 1, 1), None)
    assert gap([old, later], date(2019, 1, 1), date(2024, 1, 1)) == date(2019, 12, 1)


def test_law_of_sites_known_to_be_so_leaves_those_of_which_nobody_knows() -> None:
    first, last = date(2019, 1, 1), date(2024, 1, 1)
    whole = _citation(date(2015, 4, 24), None)
    halves = [whole.model_copy(update={"where": {"cdc": held}}) for held in (True, False)]
    assert gap(halves, first, last) == first
    assert cited(halves, first, {}) == ()
    assert gap([*halves, whole], first, last) is None


def test_a_gap_is_found_on_the_first_day_whatever_the_versions() -> None:
    rng = random.Random(5)
    base = date(2019, 1, 1)
    for _ in range(200):
        versions = [(rng.randint(0, 40), rng.randint(1, 30)) for _ in range(rng.randint(0, 3))]
        found = [_citation(base + timedelta(s), base + timedelta(s + n)) for s, n in versions]
        days = [base + timedelta(n) for n in range(5, 50)]
        slow = next((d for d in days if not any(in_force(c, d) for c in found)), None)
        assert gap(found, days[0], days[-1]) == slow
        assert set(days_of_change(found, days[0], days[-1])) <= set(days)


def test_what_was_not_verified_says_so() -> None:
    day = date(2018, 1, 1)
    texts = [
        cited([_citation(day, None, *a)], day)[0].text
        for a in (("34", Verification.VERIFIED), ("34", Verification.NEIGHBOUR), (None, Verification.UNVERIFIED))
    ]
    assert texts == [
        "《某法》（2015年修正）第三十四条",
        "《某法》（2015年修正）第三十四条（待核）",
        "《某法》（2015年修正）（具体条款待核）",
    ]


# ── the citations of the rules


def test_every_citation_has_a_current_row_and_no_row_is_left_over(library: Library) -> None:
    keys = set()
    for placed in citations(library):
        c = placed.citation
        version = find_version(library, c.cite)
        assert version is not None, c.cite
        key = verification_key(c.cite, c.article, c.proof)
        keys.add(key)
        row = library.verification.get(key)
        assert row is not None, f"{placed.mark.path}:{placed.mark.line}: run tools/verify_law.py LAW_DIR"
        assert (row.start, row.end) == (version.start.isoformat(), str(version.end or "")), key
        assert bool(row.sha256) == (c.article is not None), key
    assert keys == set(library.verification), "rows of citations that are gone: run tools/verify_law.py LAW_DIR"


def test_a_packaged_citation_without_a_row_is_an_error(tmp_path: Path) -> None:
    root = tmp_path / "root"
    shutil.copytree(ROOT / "rules", root / "rules")
    shutil.copytree(ROOT / "checklists", root / "checklists")
    path = root / "rules" / "laws" / "verification.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    key = next(k for k in content["citations"] if k.startswith("drug-gsp@2016 161(8) "))
    del content["citations"][key]
    path.write_text(json.dumps(content), encoding="utf-8")
    found = {p.code for p in check_library(load_library(Place(root))) if "drug-gsp@2016 161(8)" in p.message}
    assert found == {"E503"}


def test_the_law_of_each_campaign_is_of_its_time(library: Library) -> None:
    """The traps of the law notes: order 84 from 2024-01-01, the 2015 law before 2019-12-01, the 2021 penalty law."""
    used: dict[str, set[str]] = {}
    for name, loaded in library.campaigns.items():
        period = loaded.value.period
        for placed in citations(library):
            version = find_version(library, placed.citation.cite)
            assert version is not None
            if version.start <= period.end and (version.end is None or period.start < version.end):
                used.setdefault(name, set()).add(placed.citation.cite)
    assert "drug-administration-law@2015" in used["2019"]
    assert "drug-administration-law@2019" not in used["2019"]
    assert "drug-distribution-measures@2007" in used["2019"]
    assert "drug-distribution-measures@2007" not in used["2024"]
    assert "drug-operation-use-measures@2023" in used["2024"]
    assert "administrative-penalty-law@2021" in used["2024"]
    assert "administrative-penalty-law@2017" not in used["2024"]
    assert "medical-device-regulation@2021" in used["2024"]


# ── the tool


def _law_folder(tmp_path: Path, library: Library) -> Path:
    """Made-up law texts in which every citation of the rules is right and its proof words stand in no other article."""
    wanted: dict[str, dict[int, dict[tuple[int, int], set[str]]]] = {}
    for placed in citations(library):
        c = placed.citation
        if c.article is None or c.cite == "narcotic-psychotropic-regulation@2016":
            continue
        number, paragraph, item = verify_law._parts(c.article)
        place = (paragraph or 1, item or 0)
        wanted.setdefault(c.cite, {}).setdefault(number, {}).setdefault(place, set()).update(c.proof)
    folder = tmp_path / "law"
    folder.mkdir()
    lines = []
    for cite, articles in wanted.items():
        for number in range(1, max(articles) + 30):
            lines.append(
                json.dumps(
                    {
                        "instrument": cite,
                        "article": number,
                        "article_suffix": None,
                        **_article(articles.get(number, {})),
                    },
                    ensure_ascii=False,
                )
            )
    for number, paragraphs in {
        32: ["将处方保存2年备查"],
        49: ["第二类精神药品经营企业应当在药品库房中设立独立的专库"],
        70: ["第二类精神药品零售企业违反本条例的规定储存、销售或者销毁"],
        82: ["流入非法渠道造成危害", "应当立即通报所在地同级公安机关"],
    }.items():
        lines.append(
            json.dumps(
                {
                    "instrument": "narcotic-psychotropic-regulation@2024",
                    "article": number,
                    "article_suffix": None,
                    "paragraphs": paragraphs,
                    "text": "\n".join(paragraphs),
                },
                ensure_ascii=False,
            )
        )
    (folder / "articles.jsonl").write_text("\n".join(lines), encoding="utf-8")
    versions = [
        f"- id: {name}@{v.version}\n  effective_from: '{v.start}'\n  effective_to: {repr(str(v.end)) if v.end else 'null'}\n"
        f"  completeness: {'full text' if f'{name}@{v.version}' in wanted else 'metadata only'}\n"
        for name, loaded in library.instruments.items()
        for v in loaded.value.versions
    ]
    (folder / "instruments.yaml").write_text("".join(versions), encoding="utf-8")
    return folder


def _article(places: dict[tuple[int, int], set[str]]) -> dict[str, object]:
    paragraphs = []
    for number in range(1, max((p for p, _ in places), default=1) + 1):
        paragraphs.append("本款" + "".join(sorted(places.get((number, 0), ()))))
        items = [i for p, i in places if p == number]
        for item in range(1, max(items, default=0) + 1):
            paragraphs.append(f"（{chinese_number(item)}）" + "".join(sorted(places.get((number, item), ()))))
    return {"paragraphs": paragraphs, "text": "\n".join(paragraphs)}


def test_the_tool_accepts_right_citations(tmp_path: Path, library: Library) -> None:
    content, complaints = verify_law.verify(_law_folder(tmp_path, library), library.place)
    assert complaints == []
    results = {row["result"] for row in content["citations"].values()}
    assert results == {"verified", "neighbour", "unverified"}


def test_the_tool_reports_every_mutated_article_number(tmp_path: Path, library: Library) -> None:
    law = verify_law.Law(_law_folder(tmp_path, library))
    tried = 0
    for placed in citations(library):
        for mutated in verify_law.mutations(placed.citation):
            tried += 1
            assert law.verdict(mutated).result == "wrong", (
                placed.citation.cite,
                placed.citation.article,
                mutated.article,
            )
    assert tried > 500


def test_the_tool_reports_dates_words_and_versions(tmp_path: Path, library: Library) -> None:
    folder = _law_folder(tmp_path, library)
    text = (folder / "instruments.yaml").read_text(encoding="utf-8")
    (folder / "instruments.yaml").write_text(
        text.replace("effective_from: '2019-12-01'", "effective_from: '2019-12-02'"), encoding="utf-8"
    )
    _, complaints = verify_law.verify(folder, library.place)
    assert any("drug-administration-law@2019" in c and "2019-12-02" in c for c in complaints)
    law = verify_law.Law(folder)
    good = next(
        p.citation
        for p in citations(library)
        if p.citation.cite == "drug-administration-law@2019" and p.citation.article
    )
    assert law.verdict(good.model_copy(update={"proof": ("没有的字句",)})).result == "wrong"
    assert law.verdict(good.model_copy(update={"proof": ("本款",)})).result == "wrong", (
        "words that stand in other articles prove nothing"
    )
    assert law.verdict(good.model_copy(update={"cite": "drug-administration-law@2022"})).result == "wrong"


def test_verification_is_never_typed_in_the_rules() -> None:
    for path in sorted((ROOT / "rules").rglob("*.yaml")):
        assert "verified" not in path.read_text(encoding="utf-8"), path

"""Two campaigns held against each other: every kind of change by itself, the real ones recounted, on screen and paper."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from support import ROOT
from support_documents import Invoke, flat

from engine.campaigns.difference import difference
from engine.documents.training_note import difference_text, headline, training_note_pdf
from engine.library.files import Place
from engine.library.releases import Locked, current_release, edition_named
from engine.model.base import Disposition, Grade
from engine.model.difference import KIND_WORDS, CampaignDifference, ChangeKind, ItemDifference
from engine.model.questions import Choice, Count, Sample
from engine.model.release import ReleaseItem

PLACE = Place(ROOT)
Edit = Callable[[ReleaseItem], ReleaseItem | None]


@pytest.fixture(scope="module")
def current() -> Locked:
    locked, problems = current_release(PLACE, "2024")
    assert locked is not None, problems
    return locked


@pytest.fixture(scope="module")
def years(current: Locked) -> CampaignDifference:
    old, problems = current_release(PLACE, "2019")
    assert old is not None, problems
    return difference(old, current)


def edited(current: Locked, code: str, edit: Edit, site_type: str = "retail-pharmacy") -> Locked:
    """Return the release with one item of a site type changed, or taken out, under another lock."""
    kind = current.release.site_types[site_type]
    items = [edit(item) if item.code == code else item for item in kind.items]
    kinds = current.release.site_types | {
        site_type: kind.model_copy(update={"items": tuple(item for item in items if item is not None)})
    }
    return Locked(current.release.model_copy(update={"site_types": kinds}), "f" * 64)


def _set(**values: Any) -> Edit:
    return lambda item: item.model_copy(update=values)


def _finding(**values: Any) -> Edit:
    """Return an edit of the first finding of an item."""
    return lambda item: item.model_copy(
        update={"findings": (item.findings[0].model_copy(update=values), *item.findings[1:])}
    )


def _no_law(item: ReleaseItem) -> ReleaseItem:
    basis = item.findings[0].basis
    later = tuple(c.model_copy(update={"start": c.start.replace(year=2030), "end": None}) for c in basis.duty)
    return _finding(basis=basis.model_copy(update={"duty": later}))(item)  # type: ignore[return-value]


def _other_article(item: ReleaseItem) -> ReleaseItem:
    basis = item.findings[0].basis
    duty = tuple(c.model_copy(update={"article": "99"}) if c.article else c for c in basis.duty)
    return _finding(basis=basis.model_copy(update={"duty": duty}))(item)  # type: ignore[return-value]


def _less_findings(item: ReleaseItem) -> ReleaseItem:
    return item.model_copy(update={"findings": item.findings[:1]})


def _condition(old: str, new: str) -> Edit:
    def edit(item: ReleaseItem) -> ReleaseItem:
        text = item.findings[0].condition
        assert old in text, text
        return _finding(condition=text.replace(old, new))(item)  # type: ignore[return-value]

    return edit


COLD, STAFF = "YD-14", "YD-09"
CASES: dict[str, tuple[str, Edit, ChangeKind]] = {
    "retired": (STAFF, lambda _: None, "retired"),
    "no law": (STAFF, _no_law, "retired"),
    "not demanded": (STAFF, _set(clauses=()), "undemanded"),
    "limit lower": (COLD, _condition("reading > 8", "reading > 6"), "tightened"),
    "limit higher": (COLD, _condition("reading > 8", "reading > 10"), "loosened"),
    "limits moved": (COLD, _condition("reading < 2 or reading > 8", "reading < 3 or reading > 9"), "conditions"),
    "other answer": (STAFF, _condition("answer = 否", "answer = 是"), "conditions"),
    "fewer findings": (COLD, _less_findings, "loosened"),
    "question": (STAFF, _set(answer=Count(type="count")), "question"),
    "grade": (STAFF, _finding(grade=Grade.CRITICAL), "regraded"),
    "red line": (STAFF, _finding(red_line=True), "regraded"),
    "law": (STAFF, _other_article, "law"),
    "applies": (STAFF, _set(only_if="site.cold"), "applicability"),
    "words": (STAFF, _set(check="另一种说法"), "reworded"),
    "method": (STAFF, _set(method="另一种查法"), "reworded"),
    "evidence": (STAFF, _set(evidence="拍照"), "handling"),
    "disposition": (STAFF, _finding(dispositions=(Disposition.WARNING,)), "handling"),
    "code": (STAFF, _set(code="YD-89"), "renumbered"),
}
BACK: dict[ChangeKind, ChangeKind] = {
    "retired": "added", "undemanded": "demanded", "tightened": "loosened", "loosened": "tightened",
}  # fmt: skip


def _only(found: CampaignDifference, part: str = "retail-pharmacy") -> ItemDifference:
    """Return the one item that changed; everything else must be the same."""
    changed = [(p.name, item) for p in found.parts for item in p.items]
    assert [name for name, _ in changed] == [part]
    return changed[0][1]


@pytest.mark.parametrize("name", CASES)
def test_each_change_is_called_what_it_is(name: str, current: Locked) -> None:
    code, edit, kind = CASES[name]
    other = edited(current, code, edit)
    found = difference(current, other, "retail-pharmacy")
    assert _only(found).kinds() == (kind,)
    assert found.counts == {kind: 1}
    assert KIND_WORDS[kind] in difference_text(found)
    back = _only(difference(other, current, "retail-pharmacy"))
    assert back.kinds() == (BACK.get(kind, kind),)


def test_a_change_at_one_site_type_is_none_at_the_others(current: Locked) -> None:
    assert _only(difference(current, edited(current, COLD, _condition("reading > 8", "reading > 6")))).code == COLD


def test_nothing_changed_between_a_release_and_itself(current: Locked) -> None:
    found = difference(current, current)
    assert (found.counts, found.facts, found.law) == ({}, (), ())
    assert all(part.items == () for part in found.parts)
    assert sum(part.same for part in found.parts if part.kind == "site-type") == 242
    assert headline(found.counts) == "新增 0 项、收紧 0 项、废止 0 项"


def test_a_condition_written_otherwise_is_no_change(current: Locked) -> None:
    other = edited(current, COLD, _condition("reading < 2 or reading > 8", "not (reading between 2 and 8)"))
    assert difference(current, other, "retail-pharmacy").counts == {}
    other = edited(current, STAFF, _condition("answer = 否", "answer != 是"))
    assert difference(current, other, "retail-pharmacy").counts == {}


def test_the_limit_that_moved_is_said(current: Locked) -> None:
    other = edited(current, COLD, _condition("reading > 8", "reading > 6"))
    item = _only(difference(current, other, "retail-pharmacy"))
    assert [change.limits for change in item.changes] == [("读数：大于 8 ℃ → 大于 6 ℃",)]
    assert "大于 8 ℃" in item.changes[0].before
    assert "大于 6 ℃" in item.changes[0].after


def test_a_reach_that_grew_or_shrank_is_said(current: Locked) -> None:
    narrow = edited(current, STAFF, _set(only_if="site.cold"))
    assert _only(difference(current, narrow, "retail-pharmacy")).changes[0].what == "适用范围缩小"
    assert _only(difference(narrow, current, "retail-pharmacy")).changes[0].what == "适用范围扩大"
    other = edited(current, STAFF, _set(only_if="site.rx"))
    assert _only(difference(narrow, other, "retail-pharmacy")).changes[0].what == "适用范围"


def test_more_to_be_drawn_is_stricter(current: Locked) -> None:
    three, five = (edited(current, STAFF, _set(answer=Sample(type="sample", at_least=n))) for n in (3, 5))
    item = _only(difference(three, five, "retail-pharmacy"))
    assert item.kinds() == ("tightened",)
    assert item.changes[0].limits == ("抽查数：至少 3 个 → 至少 5 个",)


def test_another_column_of_a_shared_table_is_told_once(current: Locked) -> None:
    grid = current.release.grids["trace"]
    columns = grid.answer.columns | {"colour": Choice(type="choice", options=("红", "绿"), ask="颜色")}
    table = grid.model_copy(update={"answer": grid.answer.model_copy(update={"columns": columns})})
    release = current.release.model_copy(update={"grids": current.release.grids | {"trace": table}})
    found = difference(current, Locked(release, "f" * 64))
    tables = next(part for part in found.parts if part.kind == "tables")
    assert [(i.id, i.changes[0].what, i.changes[0].after) for i in tables.items] == [
        ("trace", "栏目“颜色”", "单选（红、绿）")
    ]


def test_escalations_are_compared_too(current: Locked) -> None:
    first, *others = current.release.escalations
    changed = first.model_copy(update={"grade": Grade.MINOR, "red_line": False})
    for escalations, kind in (((changed, *others), "regraded"), (tuple(others), "retired")):
        release = current.release.model_copy(update={"escalations": escalations})
        assert _only(difference(current, Locked(release, "f" * 64)), "escalations").kinds() == (kind,)


def test_the_facts_of_the_campaign_are_told(years: CampaignDifference) -> None:
    facts = {fact.what: (fact.before, fact.after) for fact in years.facts}
    assert facts["举报电话"] == ("12331", "12315")
    assert facts["期间"] == ("2018-12-22 至 2019-02-28", "2024-01-02 至 2024-03-31")
    assert facts["方案条款"] == ("70 条", "66 条")


# ── recounted from the files, without the engine


def _content(year: str) -> dict[str, Any]:
    [path] = (ROOT / "rules/releases" / year).glob("*.json")
    return json.loads(path.read_bytes())  # type: ignore[no-any-return]


def _articles(item: dict[str, Any], period: dict[str, str]) -> set[tuple[str, ...]]:
    return {
        (finding["id"], role, c["cite"], str(c["article"]), json.dumps(c["where"]))
        for finding in item["findings"]
        for role, citations in finding["basis"].items()
        for c in citations
        if c["start"] <= period["to"] and (c["end"] is None or c["end"] > period["from"])
    }


def test_2019_to_2024_is_what_a_plain_recount_finds(years: CampaignDifference) -> None:
    then, now = _content("2019"), _content("2024")
    counts: Counter[str] = Counter()
    for name, kind in now["site_types"].items():
        before = {i["rule"]: i for i in then["site_types"][name]["items"]}
        for item in kind["items"]:
            old = before.pop(item["rule"])
            counts["demanded"] += bool(item["clauses"]) and not old["clauses"]
            counts["undemanded"] += bool(old["clauses"]) and not item["clauses"]
            counts["law"] += _articles(old, then["period"]) != _articles(item, now["period"])
        assert not before
    assert years.counts == {kind: n for kind, n in counts.items() if n}
    assert headline(years.counts).startswith(f"新增 0 项、方案新列入 {counts['demanded']} 项、收紧 0 项")


def test_the_versions_of_a_law_are_told(years: CampaignDifference) -> None:
    rows = [(each.before, each.after) for each in years.law if each.instrument == "drug-administration-law"]
    assert ("《中华人民共和国药品管理法》（2015年修正）", "《中华人民共和国药品管理法》（2019年修订）") in rows


def test_one_site_type_is_a_part_of_the_whole(years: CampaignDifference, current: Locked) -> None:
    old, _ = current_release(PLACE, "2019")
    assert old is not None
    alone = difference(old, current, "clinic")
    assert list(alone.parts) == [part for part in years.parts if part.name == "clinic"]
    assert alone.counts == alone.parts[0].counts


# ── a release is named


def test_a_release_may_be_named_by_its_lock(current: Locked) -> None:
    found, problems = edition_named(PLACE, f"2024@{current.lock[:8]}")
    assert (found, problems) == (current, [])


@pytest.mark.parametrize(
    "text", ["2024@", "2024@dad1", "2024@ffffffff", "2018@dad1b6cf", "../x@dad1b6cf", "@", "2024@dad1b6cf@"]
)
def test_a_release_that_there_is_not_is_a_problem(text: str) -> None:
    found, problems = edition_named(PLACE, text)
    assert found is None
    assert [p.code for p in problems] == ["E950"]


# ── the command


def _layer(folder: Path) -> Path:
    """Return a layer in which the limit of cold storage is lower than in the released campaigns."""
    (folder / "priorities").mkdir(parents=True)
    text = (ROOT / "rules/priorities/cold-chain.yaml").read_text(encoding="utf-8")
    lines = text.replace(
        "finding_if: any(answer, reading < 2 or reading > 8)\n", "finding_if: any(answer, reading < 2 or reading > 6)\n"
    )
    assert lines != text
    (folder / "priorities/cold-chain.yaml").write_text(lines, encoding="utf-8")
    return folder


def test_a_draft_is_compared_as_text_and_json(invoke: Invoke, tmp_path: Path) -> None:
    layer = _layer(tmp_path / "layer")
    run = invoke("campaign", "diff", "2024", "2027-draft", "--site-type", "retail-pharmacy", "--rules", layer)
    assert (run.code, run.err) == (0, "")
    assert "收紧　YD-14" in run.out
    assert "读数：大于 8 ℃ → 大于 6 ℃" in run.out
    assert "草案，没有规则版本" in run.out
    told = invoke("campaign", "diff", "2019", "2024", "--site-type", "clinic", "--format", "json")
    data = json.loads(told.out)
    assert (data["kind"], data["schema"], data["after"]["draft"]) == ("difference", 1, False)
    assert data["counts"] == {"demanded": 12, "law": 19, "undemanded": 3}


def test_a_workbook_has_a_row_for_each_change(invoke: Invoke, tmp_path: Path, years: CampaignDifference) -> None:
    target, again = tmp_path / "变化.xlsx", tmp_path / "again.xlsx"
    arguments = ("campaign", "diff", "2019", "2024", "--site-type", "vaccine-logistics", "--format", "xlsx", "-o")
    run = invoke(*arguments, target)
    assert run.code == 0, run.err
    sheet = load_workbook(io.BytesIO(target.read_bytes())).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[2][:4] == ("单位类型", "编号", "检查内容", "变化")
    assert len(rows) - 3 == sum(
        len(item.changes) for part in years.parts if part.name == "vaccine-logistics" for item in part.items
    )
    invoke(*arguments, again)
    assert again.read_bytes() == target.read_bytes()


def test_the_note_for_training_says_the_counts(current: Locked) -> None:
    old, _ = current_release(PLACE, "2019")
    assert old is not None
    other = edited(current, COLD, _condition("reading > 8", "reading > 6"))
    found = difference(old, other, "retail-pharmacy", ["f" * 64])
    content = training_note_pdf(found)
    text = "".join(flat(page.extract_text()) for page in PdfReader(io.BytesIO(content)).pages)
    assert flat(headline(found.counts)) in text
    assert "收紧1项（YD-14读数：大于8℃→大于6℃）" in text
    assert "草稿" in text
    for item in found.parts[0].items:
        assert item.code in text


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("2019", "2025"), 1, "E613"),
        (("2019", "2024@00"), 1, "E950"),
        (("2019", "2024", "--site-type", "clinc"), 1, "是否想写 “clinic”"),
        (("2019", "2024", "--format", "pdf"), 2, "-o"),
        (("2019", "2024", "--format", "xlsx"), 2, "-o"),
        (("2019",), 2, ""),
    ],
)
def test_what_cannot_be_compared_is_told(arguments: tuple[str, ...], code: int, said: str, invoke: Invoke) -> None:
    run = invoke("campaign", "diff", *arguments)
    assert run.code == code
    assert said in run.err

"""Province, city, county: each adds, selects and tightens; what a superior locked is not loosened, and all is said."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from support_documents import Invoke
from support_rule_sheets import CAMPAIGN, DRAFT, made_root

from engine.campaigns.difference import site_part
from engine.campaigns.new import new_campaign, period_of, write_new
from engine.campaigns.splitting import sentences
from engine.library.check import check_library
from engine.library.check_levels import check_changes, check_locks
from engine.library.files import Place, superiors
from engine.library.load import Library, load_library
from engine.library.releases import Locked
from engine.library.resolve import lock_of, release_bytes, resolve
from engine.library.tailoring import provenance
from engine.model.release import ReleaseItem
from engine.model.sheet import Site
from engine.problems import ProblemError
from engine.rulebook.layers import new_layer
from engine.tailor import tailor

ROOT = Path(__file__).parent.parent
RULE = "cold-chain.refrigerator-temperature"
PRIORITY = ROOT / "rules/priorities/cold-chain.yaml"


def _levels(folder: Path, province: str = "", city: str = "", county: str = "") -> Place:
    """Return the place of a county over a city over a province, each with more lines in its layer.yaml."""
    above = None
    for name, level, more in (("anhui", "省", province), ("hefei", "市", city), ("feixi", "县", county)):
        path = new_layer(folder / name, level, f"{name} 局", above, name)
        text = path.read_text(encoding="utf-8")
        path.write_text(
            "".join(x for x in text.splitlines(keepends=True) if not x.startswith("#")) + more, encoding="utf-8"
        )
        above = folder / name
    return Place(ROOT, folder / "feixi", superiors(folder / "feixi"))


def _changes(*lines: str) -> str:
    return "changes:\n" + "".join(f"  - {{{line}}}\n" for line in lines)


def _locked(*lines: str) -> str:
    return "locked:\n" + "".join(f"  - {{{line}}}\n" for line in lines)


LOCKED = _locked(f"rule: {RULE}, why: 省局第 3 号通知")


def _item(library: Library, campaign: str, site_type: str, rule: str = RULE) -> ReleaseItem:
    return next(i for i in resolve(library, campaign).site_types[site_type].items if i.rule == rule)


def test_a_layer_is_made_once_over_a_higher_level(tmp_path: Path) -> None:
    place = _levels(tmp_path)
    assert place.above == (tmp_path / "hefei", tmp_path / "anhui")
    assert [level.layer.name for level in place.levels() if level.layer] == ["anhui", "hefei", "feixi"]
    with pytest.raises(ProblemError, match="E938"):
        new_layer(tmp_path / "feixi", "县", "又一个", None, "again")
    with pytest.raises(ProblemError, match="不在市级之上"):
        new_layer(tmp_path / "x", "市", "市局", tmp_path / "feixi", "x")
    assert not (tmp_path / "x").exists()


def test_a_folder_moves_with_its_superiors(tmp_path: Path) -> None:
    _levels(tmp_path / "a")
    shutil.move(tmp_path / "a", tmp_path / "b")
    assert superiors(tmp_path / "b" / "feixi") == (tmp_path / "b" / "hefei", tmp_path / "b" / "anhui")


@pytest.mark.parametrize("superior", ["../feixi", "../nowhere", "../empty", "../hefei", "长" * 300])
def test_a_superior_that_leads_nowhere_or_in_a_circle_is_refused(superior: str, tmp_path: Path) -> None:
    _levels(tmp_path)
    (tmp_path / "empty").mkdir()
    text = (tmp_path / "anhui/layer.yaml").read_text(encoding="utf-8")
    (tmp_path / "anhui/layer.yaml").write_text(text + f"superior: {superior}\n", encoding="utf-8")
    with pytest.raises(ProblemError, match="E935"):
        superiors(tmp_path / "feixi")


def test_a_level_finds_files_of_the_nearest_that_has_them(tmp_path: Path) -> None:
    place = _levels(tmp_path)
    for name in ("anhui", "hefei"):
        (tmp_path / name / "wording").mkdir()
        (tmp_path / name / "wording/recusal.yaml").write_text(name, encoding="utf-8")
    assert place.file("rules/wording/recusal.yaml").read_text(encoding="utf-8") == "hefei"
    assert place.superior().file("rules/wording/recusal.yaml").read_text(encoding="utf-8") == "hefei"
    assert place.superior().superior().file("rules/wording/recusal.yaml").read_text(encoding="utf-8") == "anhui"
    assert place.write_target("rules/wording/recusal.yaml") == tmp_path / "feixi/wording/recusal.yaml"


# ── what a change does, and for whom


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Three levels, each with a change of its own for 2027-draft."""
    why = "why: 去年两次失温"
    return load_library(
        _levels(
            tmp_path_factory.mktemp("levels"),
            LOCKED + _changes(f"rule: {RULE}, campaign: 2027-draft, grade: critical, {why}"),
            _changes(f"rule: {RULE}, campaign: 2027-draft, sites: [clinic], red_line: true, why: 市局通知"),
            _changes(
                "rule: traceability.trace-codes, campaign: 2027-draft, drop: true, why: 系统没有接通",
            ),
        )
    )


def _routine(library: Library) -> str:
    """Return a rule of retail pharmacies that no clause of 2024 asks for."""
    kinds = resolve(library, "2024").site_types.values()
    asked = {i.rule for kind in kinds for i in kind.items if i.clauses}
    return next(i.rule for i in resolve(library, "2024").site_types["retail-pharmacy"].items if i.rule not in asked)


def test_changes_count_for_their_campaign_and_leave_released_ones_alone(changed: Library, library: Library) -> None:
    for campaign in ("2019", "2024"):
        assert lock_of(release_bytes(resolve(changed, campaign))) == library.campaigns[campaign].value.lock
    pharmacy, clinic = (_item(changed, "2027-draft", name) for name in ("retail-pharmacy", "clinic"))
    assert (pharmacy.grade.value, pharmacy.findings[0].grade.value, pharmacy.red_line) == (
        "critical",
        "critical",
        False,
    )
    assert (clinic.grade.value, clinic.red_line, clinic.findings[0].red_line) == ("critical", True, True)
    assert [(h.by, h.what, h.fields, h.why) for h in clinic.history] == [
        ("anhui 局（省）", "changed", ("grade",), "去年两次失温"),
        ("hefei 局（市）", "changed", ("red_line",), "市局通知"),
    ]
    assert [h.by for h in pharmacy.history] == ["anhui 局（省）"]


def test_an_item_that_was_dropped_says_who_and_why_on_every_list(changed: Library) -> None:
    release = resolve(changed, "2027-draft")
    for routine in (False, True):
        checklist, problems = tailor(
            Locked(release, ""), "retail-pharmacy", Site(), release.period.start, routine=routine
        )
        assert checklist is not None, problems
        assert "YD-07" not in {i.item.code for i in checklist.items()}
        (omitted,) = [o for o in checklist.omitted if o.code == "YD-07"]
        assert (omitted.kind, omitted.reason) == ("taken-out", "feixi 局（县）去掉：系统没有接通")


def test_what_a_campaign_changes_itself_counts_there_alone_and_is_told_as_retired(tmp_path: Path) -> None:
    place = _levels(tmp_path)
    (tmp_path / "feixi/campaigns").mkdir()
    text = (ROOT / "rules/campaigns/2027-draft.yaml").read_text(encoding="utf-8")
    lines = (
        f"rule: {RULE}, grade: critical, why: 去年两次失温",
        "rule: traceability.trace-codes, drop: true, why: 未接通",
    )
    (tmp_path / "feixi/campaigns/2027-draft.yaml").write_text(text + _changes(*lines), encoding="utf-8")
    (tmp_path / "feixi/campaigns/2028.yaml").write_text(
        text.replace("campaign: 2027-draft", 'campaign: "2028"').replace('extends: "2024"', "extends: 2027-draft"),
        encoding="utf-8",
    )
    library = load_library(place)
    assert [p.render() for p in check_changes(library)] == []
    assert [_item(library, name, "retail-pharmacy").grade.value for name in ("2027-draft", "2028")] == [
        "critical",
        "major",
    ]
    gone = _item(library, "2027-draft", "retail-pharmacy", "traceability.trace-codes")
    assert (gone.clauses, gone.taken_out is not None) == ((), True), "no clause is answered by what nobody asks"
    part = site_part(resolve(library, "2028"), resolve(library, "2027-draft"), "retail-pharmacy")
    told = [(c.kind, c.what) for i in part.items if i.id == "traceability.trace-codes" for c in i.changes]
    assert told == [("retired", "2027-draft 行动去掉，未接通")]


def test_a_rule_says_where_it_comes_from(changed: Library, library: Library) -> None:
    assert list(provenance(library, RULE)) == ["自带规则"]
    assert list(provenance(changed, RULE)) == [
        "自带规则",
        "anhui 局（省）自 2027-draft 行动改动“等级”：去年两次失温",
        "anhui 局（省）锁定，下级不得放宽：省局第 3 号通知",
        "hefei 局（市）自 2027-draft 行动改动“红线”，只对 clinic：市局通知",
    ]
    assert (
        list(provenance(changed, "traceability.trace-codes"))[-1]
        == "feixi 局（县）自 2027-draft 行动去掉：系统没有接通"
    )


def test_a_routine_item_is_selected_by_a_clause(tmp_path: Path, library: Library) -> None:
    rule = _routine(library)
    line = f"rule: {rule}, campaign: 2027-draft, sites: [retail-pharmacy], clauses: [CF2024-2.1-m], why: 选入"
    selected = load_library(_levels(tmp_path, county=_changes(line)))
    assert list(check_changes(selected)) == []
    assert _item(selected, "2027-draft", "retail-pharmacy", rule).clauses == ("CF2024-2.1-m",)
    assert _item(library, "2027-draft", "retail-pharmacy", rule).clauses == ()


def test_what_files_of_a_layer_add_or_change_is_told_too(tmp_path: Path) -> None:
    place = _levels(tmp_path)
    (tmp_path / "hefei/priorities").mkdir()
    text = PRIORITY.read_text(encoding="utf-8").replace("reading > 8)", "reading > 7)", 1)
    (tmp_path / "hefei/priorities/cold-chain.yaml").write_text(text, encoding="utf-8")
    library = load_library(place)
    assert list(provenance(library, RULE)) == ["自带规则", "hefei 局（市）改动“问题条件”（没有写明理由）"]
    assert list(check_locks(library)) == []


# ── what may not be


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("rule: cold-chain.refrigerator, campaign: 2027-draft, grade: critical, why: x", "E402"),
        (f"rule: {RULE}, campaign: '2031', grade: critical, why: x", "E402"),
        (f"rule: {RULE}, campaign: 2027-draft, sites: [optician], grade: critical, why: x", "E402"),
        (f"rule: {RULE}, campaign: 2027-draft, clauses: [CF2024-9-z], why: x", "E402"),
        (f"rule: {RULE}, campaign: 2027-draft, method: 自带温度计与设备显示对读, why: x", None),
    ],
)
def test_unknown_names_are_errors_with_the_nearest(line: str, code: str | None, tmp_path: Path) -> None:
    found = list(check_changes(load_library(_levels(tmp_path, county=_changes(line)))))
    assert [p.code for p in found if p.severity == "error"] == ([code] if code else [])
    if code:
        assert found[0].mark.path.endswith("feixi/layer.yaml")
        assert found[0].hint


def test_a_change_that_changes_nothing_is_told(tmp_path: Path) -> None:
    lines = [
        f"rule: {RULE}, campaign: 2027-draft, sites: [retail-pharmacy], grade: major, why: 本来就是主要",
        f"rule: {RULE}, campaign: 2027-draft, grade: critical, why: 更严",
        f"rule: {RULE}, campaign: 2027-draft, sites: [clinic], grade: critical, why: 又写一次",
        f"rule: {RULE}, campaign: 2027-draft, sites: [clinic], grade: critical, why: 又写一次",
        f"rule: {RULE}, campaign: 2027-draft, sites: [clinic], grade: major, why: 改回来",
    ]
    found = list(check_changes(load_library(_levels(tmp_path, county=_changes(*lines)))))
    assert [(p.code, p.severity) for p in found] == [("D942", "draft")] * 3
    assert [p.mark.line - found[0].mark.line for p in found] == [0, 2, 3]


@pytest.mark.parametrize(
    "line",
    [
        "rule: a.b, campaign: '2027', why: x",
        "rule: a.b, campaign: '2027', drop: true, grade: major, why: x",
        "rule: a.b, campaign: '2027', drop: true",
    ],
)
def test_a_change_says_one_thing_and_why(line: str, tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as refused:
        _levels(tmp_path, county=_changes(line))
    assert [p.code in ("E201", "E205") for p in refused.value.problems] == [True]
    assert refused.value.problems[0].mark.path == str(tmp_path / "feixi/layer.yaml")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("finding_if: 'answer >'", "E301"), ("finding_if: 'detail.nothing = 是'", "E302"), ("only_if: site.nothing", "E302"),
        ("finding: '{nothing}'", "E306"), ("finding_if: 'answer > 5 and answer < 2'", "E420"),
        ("finding_if: 'answer < -3'", "E421"), ("only_if: site.cold and not site.cold", "E423"),
    ],
)  # fmt: skip
def test_what_is_written_anew_is_checked_wherever_it_is_written(line: str, code: str, tmp_path: Path) -> None:
    root = made_root(tmp_path / "root")
    change = f"changes:\n  - {{rule: expired-stock.sample, why: x, {line}"
    layer, campaign = tmp_path / "layer", tmp_path / "campaign/campaigns/2027-draft.yaml"
    layer.mkdir()
    text = f"layer: x\ntitle: 县局\nlevel: county\n{change}, campaign: {CAMPAIGN}}}\n"
    (layer / "layer.yaml").write_text(text, encoding="utf-8")
    campaign.parent.mkdir(parents=True)
    campaign.write_text(f"{DRAFT}{change}}}\n", encoding="utf-8")
    for folder, path in ((layer, layer / "layer.yaml"), (tmp_path / "campaign", campaign)):
        (found,) = [p for p in check_library(load_library(Place(root, folder))) if p.severity == "error"]
        assert (found.code, found.mark.path) == (code, str(path))


LOOSER = {
    "去掉": "drop: true",
    "等级由主要降为一般": "grade: minor",
    "放宽（读数：大于 8 ℃ → 大于 10 ℃）": 'finding_if: "any(answer, reading < 2 or reading > 10)"',
    "看不出只会更严": 'finding_if: "any(answer, reading < 1 or reading > 7)"',
    "适用范围缩小": 'only_if: "site.cold and not site.region"',
    "处理建议少了": "dispositions: [advise]",
}
STRICTER = (
    "grade: critical", "red_line: true", 'finding_if: "any(answer, reading < 3 or reading > 7)"',
    "method: 两名检查人员分别读数", "dispositions: [order-correction, warning, seal-and-assess, stop-sale, notify-health, case-clue, interview, advise]",
)  # fmt: skip


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("locked")
    _levels(folder, LOCKED)
    return folder


def _each_at_a_site_type(base: Path, lines: list[str]) -> tuple[Library, list[str]]:
    """Return the county's rules with one change of the locked rule at each of its site types, and their codes."""
    rule = next(r for r in load_library(Place(ROOT)).priorities["cold-chain"].value.rules if r.id == RULE)
    sites = list(rule.applies_to)[: len(lines)]
    assert len(sites) == len(lines)
    path = base / "feixi/layer.yaml"
    head = path.read_text(encoding="utf-8").split("changes:")[0]
    changes = [
        f"rule: {RULE}, campaign: 2027-draft, sites: [{s}], {x}, why: x" for s, x in zip(sites, lines, strict=True)
    ]
    path.write_text(head + _changes(*changes), encoding="utf-8")
    library = load_library(Place(ROOT, base / "feixi", superiors(base / "feixi")))
    return library, [rule.applies_to[site].code for site in sites]


def test_what_is_locked_is_not_loosened(base: Path) -> None:
    library, codes = _each_at_a_site_type(base, list(LOOSER.values()))
    found = {p.mark.line: p for p in check_locks(library)}
    assert {p.code for p in found.values()} == {"E936"}
    assert len(found) == len(LOOSER), "each at the line of its change"
    for (what, _), code, (_, told) in zip(LOOSER.items(), codes, sorted(found.items()), strict=True):
        for word in ("anhui 局（省）", "省局第 3 号通知", code, what):
            assert word in told.message


def test_what_is_locked_may_be_stricter(base: Path) -> None:
    library, _ = _each_at_a_site_type(base, list(STRICTER))
    assert list(check_changes(library)) == []
    assert [p.render() for p in check_locks(library)] == []


def test_a_file_loosens_what_is_locked_no_more_than_a_change_does(base: Path, tmp_path: Path) -> None:
    shutil.copytree(base, tmp_path / "x")
    (tmp_path / "x/feixi/layer.yaml").write_text(
        (base / "feixi/layer.yaml").read_text(encoding="utf-8").split("changes:")[0], encoding="utf-8"
    )
    (tmp_path / "x/feixi/priorities").mkdir()
    text = PRIORITY.read_text(encoding="utf-8").replace("reading > 8)", "reading > 12)")
    (tmp_path / "x/feixi/priorities/cold-chain.yaml").write_text(text, encoding="utf-8")
    found = list(check_locks(load_library(Place(ROOT, tmp_path / "x/feixi", superiors(tmp_path / "x/feixi")))))
    assert {p.code for p in found} == {"E936"}
    assert found[0].mark.path.endswith("feixi/priorities/cold-chain.yaml")


ESCALATION_READS = "channel-legality.supplier-qualification"


def test_no_other_file_of_the_layer_loosens_what_is_locked(tmp_path: Path) -> None:
    """A campaign of its own that goes on from none, other words, a site type, a shared table, an escalations file."""
    place = _levels(
        tmp_path,
        LOCKED
        + f"  - {{rule: {ESCALATION_READS}, why: 省局第 4 号通知}}\n  - {{priority: channel-legality, why: 省局}}\n",
    )
    county = tmp_path / "feixi"
    edits = {
        "priorities/cold-chain.yaml": [("reading > 8)", "reading > 12)"), ("JZ-05\n        check: 冷藏设备逐台在 2～8 ℃ 内", "JZ-05\n        check: 有冷藏设备")],
        "campaigns/2027-own.yaml": [('extends: "2024"\n', ""), ("campaign: 2027-draft", "campaign: 2027-own")],
        "checklists/retail-pharmacy.yaml": [("cold: {", "cold: {assumed: absent, ")],
    }  # fmt: skip
    for name, pairs in edits.items():
        source = ROOT / ("" if name.startswith("checklists") else "rules") / name.replace("2027-own", "2027-draft")
        text = source.read_text(encoding="utf-8")
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new)
        (county / name).parent.mkdir(exist_ok=True)
        (county / name).write_text(text, encoding="utf-8")
    for level, least in (("anhui", 5), ("feixi", 1)):
        table = (ROOT / "rules/grids/trace.yaml").read_text(encoding="utf-8")
        (tmp_path / level / "grids").mkdir()
        (tmp_path / level / "grids/trace.yaml").write_text(
            table.replace("  blank_rows: 8", f"  at_least: {least}\n  blank_rows: 8"), encoding="utf-8"
        )
    escalations = (ROOT / "rules/escalations.yaml").read_text(encoding="utf-8")
    head, first, *rest = escalations.split("\n  - id: ")
    assert ESCALATION_READS in first
    (county / "escalations.yaml").write_text("\n  - id: ".join([head, *rest]), encoding="utf-8")
    told = [p.message for p in check_locks(load_library(place)) if p.code == "E936"]
    for campaign in ("2027-own", "2027-draft"):
        of_it = [text for text in told if f"{campaign} 行动的" in text]
        for word in ("→ 大于 12 ℃", "检查内容改写了", "没有说明“经营冷藏药品”的当作没有", "→ 至少 1 行", "综合判断"):
            assert any(word in text for text in of_it), (campaign, word)


def test_next_years_campaign_of_a_layer_is_no_loosening_by_its_law_or_its_open_clauses(tmp_path: Path) -> None:
    """2024 made 2027: the law of 2024 is out of force, and nobody has mapped the plan yet."""
    place = _levels(tmp_path, _locked("priority: cold-chain, why: 省局第 3 号通知"))
    library = load_library(place)
    written, _ = sentences("一、重点任务\n检查冷藏药品。", "方案.txt")
    files, problems = new_campaign(library, "2027", "2024", period_of(date(2026, 12, 20), date(2027, 3, 31)), written)
    assert not problems
    write_new(library, files)
    assert [p.render() for p in check_locks(load_library(place))] == []
    clauses = tmp_path / "feixi/campaigns/2027.clauses.yaml"
    clauses.write_text(clauses.read_text(encoding="utf-8").replace("kind: OPEN", "kind: ITEM"), encoding="utf-8")
    found = list(check_locks(load_library(place)))
    assert {p.code for p in found} == {"E936"}
    assert all("没有方案条款要求它了" in p.message and "依据" not in p.message for p in found)


def test_a_rule_of_the_superior_is_not_lost_in_a_file_of_the_same_name(tmp_path: Path) -> None:
    place = _levels(tmp_path)
    (tmp_path / "feixi/priorities").mkdir()
    text = PRIORITY.read_text(encoding="utf-8")
    second = text.index("\n  - id: ", text.index("  - id: ") + 1)
    third = text.index("\n  - id: ", second + 1)
    (tmp_path / "feixi/priorities/cold-chain.yaml").write_text(text[:second] + text[third:], encoding="utf-8")
    found = list(check_locks(load_library(place)))
    assert [p.code for p in found] == ["E937"]
    assert text[second:third].split("id: ")[1].split("\n")[0] in found[0].message


@pytest.mark.long
def test_the_commands_make_levels_and_show_them(
    invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert invoke("rules", "layer", "new", "市", "--level", "市", "--title", "合肥市局").code == 0
    assert invoke("rules", "layer", "new", "县", "--level", "县", "--title", "肥西县局", "--over", "市").code == 0
    again = invoke("rules", "layer", "new", "县", "--level", "县", "--title", "肥西县局", "--over", "市")
    assert again.code == 1
    assert "E938" in again.err
    with Path("县/layer.yaml").open("a", encoding="utf-8") as file:
        file.write(_changes(f"rule: {RULE}, campaign: 2027-draft, grade: critical, why: 去年两次失温"))
    shown = invoke("rules", "show", "YD-14", "--rules", "县")
    assert "肥西县局（县）自 2027-draft 行动改动“等级”：去年两次失温" in shown.out

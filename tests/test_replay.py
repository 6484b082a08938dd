"""Past inspections judged by other rules: held against judging them straight, counted, explained, nothing written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import ROOT, SAMPLES, opened, sample
from support_documents import Invoke
from support_workspace import ACTING, begun

from engine.answering.replaying import Past, replay
from engine.documents.replay_text import replay_text
from engine.inspections.opening import Inspection, evaluate, new_record
from engine.inspections.records import record_yaml
from engine.library.files import Place
from engine.library.releases import Locked, current_release
from engine.model.base import Disposition, Grade
from engine.model.difference import LeftOut, Replay, Replayed
from engine.model.questions import Choice, Count
from engine.model.release import ReleaseItem
from engine.model.workspace import Inspection as Visit
from engine.model.workspace import RegisteredSite
from engine.tailor import tailor
from engine.workspace.folder import open_workspace
from engine.workspace.kept_files import keep

PLACE = Place(ROOT)
NAME = "retail-pharmacy-2024"
COLD, STOCK = "YD-14", "YD-08"
Edit = Callable[[ReleaseItem], ReleaseItem | None]


@pytest.fixture(scope="module")
def current() -> Locked:
    locked, problems = current_release(PLACE, "2024")
    assert locked is not None, problems
    return locked


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Past:
    """The sample of a pharmacy: its refrigerator read 9.6 ℃."""
    inspection = opened(sample(NAME), tmp_path_factory.mktemp("past"), PLACE)
    return Past("样本", inspection, new_record(inspection, evaluate(inspection)))


def edited(current: Locked, code: str, edit: Edit) -> Locked:
    """Return the release with one item of pharmacies changed, or taken out, under another lock."""
    kind = current.release.site_types["retail-pharmacy"]
    after = {item.code: edit(item) if item.code == code else item for item in kind.items}
    items = tuple(item for item in after.values() if item is not None)
    sections = tuple(
        s.model_copy(update={"items": tuple(i.code for c in s.items if (i := after[c]) is not None)})
        for s in kind.sections
    )
    kinds = current.release.site_types | {
        "retail-pharmacy": kind.model_copy(update={"items": items, "sections": sections})
    }
    return Locked(current.release.model_copy(update={"site_types": kinds}), "f" * 64)


def _first(**values: Any) -> Edit:
    return lambda item: item.model_copy(
        update={"findings": (item.findings[0].model_copy(update=values), *item.findings[1:])}
    )


def _limit(old: str, new: str) -> Edit:
    return lambda item: _first(condition=item.findings[0].condition.replace(old, new))(item)


def replayed(past: Past, current: Locked) -> Replayed:
    found = replay([past], current, draft=True)
    assert found.left_out == ()
    return found.visits[0]


def straight(past: Past, current: Locked) -> set[tuple[str, str]]:
    """Return what the new rules find of the same answers, asked as nothing had happened: id and grade."""
    sheet = past.inspection.sheet
    assert sheet.visit.date is not None
    checklist, problems = tailor(current, sheet.site_type, sheet.site, sheet.visit.date, routine=sheet.routine)
    assert checklist is not None, problems
    return {(f.id, f.grade.value) for f in evaluate(Inspection(current, checklist, sheet)).findings}


def kinds(visit: Replayed) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for effect in visit.effects:
        found.setdefault(effect.kind, set()).add(effect.finding)
    return found


def test_the_same_rules_change_nothing(past: Past, current: Locked) -> None:
    visit = replayed(past, current)
    assert (visit.effects, visit.not_carried, visit.not_asked) == ((), {}, 0)
    assert visit.same == len(evaluate(past.inspection).findings)
    assert visit.carried == len(past.inspection.sheet.answers)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (_limit("reading > 8", "reading > 10"), "放宽，判定“冷藏设备现场读数 … ℃，不在 …”：读数：大于 8 ℃ → 大于 10 ℃"),
        (_limit("reading > 8", "reading > 9"), None),
        (_first(grade=Grade.CRITICAL), "等级改变"),
        (lambda _: None, "废止"),
        (lambda i: i.model_copy(update={"clauses": ()}), "方案不再列入"),
    ],
    ids=["loosened", "still found", "regraded", "retired", "routine"],
)
def test_what_changes_is_what_judging_straight_gives(
    edit: Edit, words: str | None, past: Past, current: Locked
) -> None:
    other = edited(current, COLD, edit)
    before, after = straight(past, current), straight(past, other)
    visit = replayed(past, other)
    ids = {id_ for id_, _ in before}, {id_ for id_, _ in after}
    found = kinds(visit)
    assert found.get("gone", set()) == ids[0] - ids[1]
    assert found.get("new", set()) == ids[1] - ids[0]
    assert found.get("regraded", set()) == {id_ for id_, _ in before ^ after} & ids[0] & ids[1]
    about_it = [why for effect in visit.effects if effect.code == COLD for why in effect.why]
    assert any(words in why for why in about_it) if words else not visit.effects


def test_a_stricter_limit_finds_more(current: Locked, tmp_path: Path) -> None:
    sheet = sample(NAME)
    sheet["answers"][COLD]["answer"] = [{"reading": 7, "position": "上层", "device": "冰箱"}]
    calm = Past("样本", opened(sheet, tmp_path, PLACE))
    other = edited(current, COLD, _limit("reading > 8", "reading > 6"))
    visit = replayed(calm, other)
    [effect] = [e for e in visit.effects if e.finding == "cold-chain.refrigerator-temperature"]
    assert (effect.kind, effect.code, effect.decided) == ("new", COLD, None)
    assert effect.why == ("收紧，判定“冷藏设备现场读数 … ℃，不在 …”：读数：大于 8 ℃ → 大于 6 ℃",)
    text = replay_text(replay([calm], other, draft=True))
    assert "新发现问题" in text
    assert "大于 8 ℃ → 大于 6 ℃" in text


def test_other_law_and_dispositions_are_told_apart(past: Past, current: Locked) -> None:
    def other_law(item: ReleaseItem) -> ReleaseItem | None:
        basis = item.findings[0].basis
        duty = tuple(c.model_copy(update={"article": "99"}) for c in basis.duty)
        return _first(basis=basis.model_copy(update={"duty": duty}))(item)

    [law] = replayed(past, edited(current, COLD, other_law)).effects
    assert (law.kind, law.code) == ("law", COLD)
    assert "第九十九条" in law.after
    [handling] = replayed(past, edited(current, COLD, _first(dispositions=(Disposition.WARNING,)))).effects
    assert (handling.kind, handling.after) == ("handling", "警告")


def test_an_answer_to_another_question_is_not_used(past: Past, current: Locked) -> None:
    visit = replayed(past, edited(current, COLD, lambda i: i.model_copy(update={"answer": Count(type="count")})))
    assert visit.not_carried == {"问法改变": 1}
    assert visit.carried == len(past.inspection.sheet.answers) - 1
    gone = [effect for effect in visit.effects if effect.kind == "gone" and effect.code == COLD]
    assert gone
    assert all("答案没有用上：问法改变" in effect.why for effect in gone)


def test_another_wording_or_code_is_the_same_question(past: Past, current: Locked) -> None:
    def other(item: ReleaseItem) -> ReleaseItem:
        return item.model_copy(update={"check": "另一种说法", "code": "YD-89"})

    visit = replayed(past, edited(current, COLD, other))
    assert visit.effects == ()
    assert visit.not_carried == {}


def test_a_column_more_leaves_the_rows_their_answers(past: Past, current: Locked) -> None:
    grid = current.release.grids["trace"]
    columns = grid.answer.columns | {"colour": Choice(type="choice", options=("红", "绿"))}
    more = grid.model_copy(update={"answer": grid.answer.model_copy(update={"columns": columns})})
    release = current.release.model_copy(update={"grids": current.release.grids | {"trace": more}})
    assert replayed(past, Locked(release, "f" * 64)).not_carried == {}
    dropped = next(name for name in grid.answer.columns if name not in grid.answer.key)
    with_it = sample(NAME)["answers"]["trace"]
    assert any(dropped in row for row in with_it)
    less = {name: spec for name, spec in grid.answer.columns.items() if name != dropped}
    fewer = grid.model_copy(update={"answer": grid.answer.model_copy(update={"columns": less})})
    release = current.release.model_copy(update={"grids": current.release.grids | {"trace": fewer}})
    assert replayed(past, Locked(release, "f" * 64)).not_carried == {"有的栏目、细目取消或改了问法": 1}


def test_what_people_decided_stands_beside_it(past: Past, current: Locked) -> None:
    assert past.record is not None
    number = next(f.number for f in past.record.findings if f.id == "cold-chain.refrigerator-temperature")
    findings = tuple(
        f.model_copy(update={"status": "rejected"}) if f.number == number else f for f in past.record.findings
    )
    rejected = past._replace(record=past.record.model_copy(update={"findings": findings}))
    found = replay([rejected], edited(current, COLD, _limit("reading > 8", "reading > 10")), draft=True)
    [effect] = [e for e in found.visits[0].effects if e.code == COLD]
    assert effect.decided == "rejected"
    assert "当时不认定" in replay_text(found)


def test_a_site_type_that_the_campaign_leaves_out_is_counted(current: Locked, past: Past) -> None:
    kinds_left = {name: kind for name, kind in current.release.site_types.items() if name != "retail-pharmacy"}
    other = Locked(current.release.model_copy(update={"site_types": kinds_left}), "f" * 64)
    found = replay([past, LeftOut(name="坏文件", site="", reason="读不懂")], other, draft=True)
    assert found.visits == ()
    assert [each.name for each in found.left_out] == ["样本", "坏文件"]
    assert "不能重新判定 2 次" in replay_text(found)


def test_the_sums_are_those_of_the_visits(past: Past, current: Locked) -> None:
    other = edited(current, COLD, _limit("reading > 8", "reading > 10"))
    found = replay([past, past._replace(name="又一次")], other, draft=True)
    effects = [effect for visit in found.visits for effect in visit.effects]
    assert sum(found.counts.values()) == len(effects) == sum(n for item in found.items for n in item.counts.values())
    assert {item.code: item.visits for item in found.items if item.code} == {COLD: 2}


def test_the_law_is_that_of_the_day(current: Locked, tmp_path: Path) -> None:
    """Outside the campaign, of its first day or of the day asked for; days are counted from the visit all the same."""
    old = Past("样本", opened(sample("retail-pharmacy-2019"), tmp_path, PLACE))
    found = replay([old], current, draft=False)
    assert found.day == current.release.period.start
    law = [effect for effect in found.visits[0].effects if effect.kind == "law"]
    assert any("药品管理法》（2015年修正）" in effect.before for effect in law)
    assert any("药品管理法》（2019年修订）" in effect.after for effect in law)
    then = replay([old], current, draft=False, day=old.inspection.sheet.visit.date)
    assert "law" not in {effect.kind for effect in then.visits[0].effects}


# ── the command


def _hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def workspace(tmp_path: Path, past: Past) -> Path:
    """A workspace with the sample's record sealed, another visit not yet, and the release of today."""
    folder = begun(tmp_path / "工作目录")
    assert past.record is not None
    with open_workspace(folder) as opened_:
        digest = keep(opened_.files, record_yaml(past.record).encode())
        with opened_.store.writing(action="登记", **ACTING) as writer:
            writer.put(RegisteredSite(id="S-1", name="甲药店", site_type="retail-pharmacy", unit="城东所"))
            for id_, state in (("2024-0001", "final"), ("2024-0002", "evaluated"), ("2024-0003", "closed")):
                writer.put(
                    Visit.model_validate(
                        {"id": id_, "campaign": "2024", "site": "S-1", "unit": "城东所", "state": state,
                         "files": {"record": digest}}
                    )
                )  # fmt: skip
    return folder


def test_sealed_visits_are_replayed_and_nothing_is_written(invoke: Invoke, workspace: Path, tmp_path: Path) -> None:
    before = _hashes(workspace)
    run = invoke("campaign", "replay", "2024", "--over", workspace, "--format", "json")
    assert (run.code, run.err) == (0, "正在重新判定……\n")
    data = json.loads(run.out)
    assert data["kind"] == "replay"
    assert [visit["name"] for visit in data["visits"]] == ["2024-0001", "2024-0003"]
    assert _hashes(workspace) == before
    Replay.model_validate_json(json.dumps({k: v for k, v in data.items() if k not in ("kind", "schema")}))


def test_files_and_folders_are_replayed(invoke: Invoke, past: Past, tmp_path: Path) -> None:
    folder = tmp_path / "答卷"
    folder.mkdir()
    assert past.record is not None
    (folder / "record.yaml").write_text(record_yaml(past.record), encoding="utf-8")
    (folder / "other.yaml").write_text("a: 1\n", encoding="utf-8")
    answers = SAMPLES / "clinic-2024.yaml"
    run = invoke("campaign", "replay", "2024", "--over", folder, answers, "-o", tmp_path / "结果.txt")
    assert run.code == 1  # one could not be read
    text = (tmp_path / "结果.txt").read_text(encoding="utf-8")
    assert "重新判定 2 次检查" in text
    assert "不能重新判定 1 次" in text
    assert "other.yaml" in text


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("2024", "--over", "没有的"), 1, "E101"),
        (("2024", "--over", "empty"), 1, "E951"),
        (("2023", "--over", "empty"), 1, "E613"),
        (("2024",), 2, "--over"),
        (("2024", "--over", "empty", "-o", "empty"), 2, ""),
    ],
)
def test_what_cannot_be_replayed_is_told(
    arguments: tuple[str, ...], code: int, said: str, invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    run = invoke("campaign", "replay", *arguments)
    assert run.code == code
    assert said in run.err

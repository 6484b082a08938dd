"""A release is one file; old records are evaluated from it alone, and nobody can change it unnoticed."""

from __future__ import annotations

import copy
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from support import ROOT, evaluated, mistakes, opened, sample, written

from engine.inspections.opening import evaluate, new_record, open_answers, open_record
from engine.inspections.records import record_yaml
from engine.library.changes import changes
from engine.library.check import check_library
from engine.library.files import Place
from engine.library.load import Library, load_library
from engine.library.releases import check_releases, current_release, read_release, write_release
from engine.library.resolve import lock_of, release_bytes, resolve
from engine.problems import ProblemError


def _copy(tmp_path: Path, *leave_out: str) -> Place:
    root = tmp_path / "root"
    shutil.copytree(ROOT / "rules", root / "rules", ignore=shutil.ignore_patterns(*leave_out))
    shutil.copytree(ROOT / "checklists", root / "checklists")
    return Place(root)


@pytest.mark.parametrize("campaign", ["2019", "2024"])
def test_the_rules_are_those_of_the_release(campaign: str, library: Library) -> None:
    lock = library.campaigns[campaign].value.lock
    assert lock == lock_of(release_bytes(resolve(library, campaign))), "run `make release`"
    path = ROOT / "rules/releases" / campaign / f"{lock}.json"
    assert lock_of(path.read_bytes()) == lock
    assert json.loads(path.read_bytes())["schema_version"] == 1


@pytest.mark.parametrize("name", ["retail-pharmacy-2019", "retail-pharmacy-2024", "clinic-2024"])
def test_old_records_are_evaluated_from_the_release_alone(name: str, tmp_path: Path, packaged: Place) -> None:
    bare = _copy(tmp_path, "priorities", "laws", "grids", "wording", "escalations.yaml", "*.clauses.yaml")
    shutil.rmtree(bare.root / "checklists")
    expected = evaluated(sample(name), tmp_path, packaged)
    inspection = opened(sample(name), tmp_path, bare)
    assert evaluate(inspection) == expected
    record = tmp_path / "record.yaml"
    record.write_text(record_yaml(new_record(inspection, expected)), encoding="utf-8")
    (bare.root / f"rules/campaigns/{name[-4:]}.yaml").unlink()
    recorded, problems = open_record(bare, record)
    assert recorded is not None, problems
    assert recorded.evaluation == expected


def _next_release(tmp_path: Path) -> tuple[Place, str]:
    """A bureau's layer in which the refrigerator may be warmer, released: the current lock changes."""
    layer = tmp_path / "layer"
    (layer / "priorities").mkdir(parents=True)
    text = (ROOT / "rules/priorities/cold-chain.yaml").read_text(encoding="utf-8")
    text = text.replace("reading > 8)", "reading > 10)").replace("{answer: 8.1, finds", "{answer: 10.1, finds")
    (layer / "priorities/cold-chain.yaml").write_text(text, encoding="utf-8")
    place = Place(ROOT, layer)
    lock, _ = write_release(place, "2024")
    return place, lock


def test_a_sheet_of_an_older_lock_is_refused_with_a_hint(tmp_path: Path, packaged: Place) -> None:
    place, lock = _next_release(tmp_path)
    old = sample("retail-pharmacy-2024")
    found = mistakes(old, tmp_path, place)
    assert len(found) == 1
    assert "E612" in found[0]
    assert "answers carry" in found[0]
    assert old["lock"][:12] in found[0]
    as_made = opened(old, tmp_path, place, as_made=True)
    assert evaluate(as_made) == evaluated(old, tmp_path, packaged)
    new = old | {"lock": lock}
    ids = [f.id for f in evaluated(new, tmp_path, place).findings]
    assert "cold-chain.refrigerator-temperature" not in ids


def test_releasing_again_gives_the_same_file(tmp_path: Path) -> None:
    place, lock = _next_release(tmp_path)
    again, path = write_release(place, "2024")
    assert again == lock
    assert sorted(p.name for p in path.parent.iterdir()) == [f"{lock}.json"]
    write_release(place, "2019")
    assert not list(check_releases(load_library(place)))


def test_a_later_release_keeps_the_earlier_one(tmp_path: Path) -> None:
    """Rules that are released again leave what was made under the release before as it was."""
    place, first = _next_release(tmp_path)
    sheet = sample("clinic-2024") | {"lock": first}
    record = tmp_path / "record.yaml"
    made = evaluated(sheet, tmp_path, place)
    record.write_text(record_yaml(new_record(opened(sheet, tmp_path, place), made)), encoding="utf-8")
    assert place.layer is not None
    kept = place.layer / f"releases/2024/{first}.json"
    content = kept.read_bytes()
    path = place.layer / "priorities/cold-chain.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("grade: major", "grade: minor", 1), encoding="utf-8")
    second, _ = write_release(place, "2024")
    assert second != first
    assert sorted(p.stem for p in kept.parent.iterdir()) == sorted([first, second])
    assert kept.read_bytes() == content
    recorded, problems = open_record(place, record)
    assert recorded is not None, problems
    assert recorded.evaluation == made


def test_a_changed_released_item_is_named(tmp_path: Path) -> None:
    layer = tmp_path / "layer"
    (layer / "priorities").mkdir(parents=True)
    text = (ROOT / "rules/priorities/cold-chain.yaml").read_text(encoding="utf-8")
    (layer / "priorities/cold-chain.yaml").write_text(text.replace("grade: major", "grade: minor", 1), encoding="utf-8")
    library = load_library(Place(ROOT, layer))
    found = [p for p in check_releases(library) if p.code == "E408"]
    assert {p.message.split("“")[1][:4] for p in found} == {"2019", "2024"}
    told = [p.message for p in found if "YD-14 " in p.message]
    assert len(told) == 2
    assert all(
        "冷藏" in text and "等级“冷藏设备现场读数 … ℃，不在 …”：原为“主要”，现为“一般”" in text for text in told
    ), told
    assert all("ZS-11" not in p.message for p in found)


NOTE = """campaign: {campaign}
changes:
  - {{sheet: findings, row: {row}, column: grade, item: YD-14, what: 等级, old: 主要, new: 一般,
     by: 王芳, at: "2026-11-28 10:00", export: 0123456789ab}}
"""


@pytest.mark.parametrize(
    ("campaign", "row", "told"),
    [
        ("2027-draft", "cold-chain.refrigerator-temperature", set()),
        ("2027-draft", "cold-chain.refrigerator-temperature|retail-pharmacy", set()),
        ("2027-draft", "cold-chain.records", {"2019", "2024"}),
        ("2024", "cold-chain.refrigerator-temperature", {"2024"}),
    ],
    ids=["of a later one", "of one site type", "of another rule", "of this one"],
)
def test_what_change_notes_say_of_a_later_campaign_is_no_change(
    campaign: str, row: str, told: set[str], tmp_path: Path
) -> None:
    layer = tmp_path / "layer"
    (layer / "priorities").mkdir(parents=True)
    (layer / "changes").mkdir()
    text = (ROOT / "rules/priorities/cold-chain.yaml").read_text(encoding="utf-8")
    (layer / "priorities/cold-chain.yaml").write_text(text.replace("grade: major", "grade: minor", 1), encoding="utf-8")
    note = NOTE.format(campaign=f'"{campaign}"', row=row)
    (layer / f"changes/{campaign}.yaml").write_text(note, encoding="utf-8")
    library = load_library(Place(ROOT, layer))
    assert {p.message.split("“")[1].split("”")[0] for p in check_releases(library) if p.code == "E408"} == told


def test_a_tampered_release_is_refused(tmp_path: Path) -> None:
    place = _copy(tmp_path)
    lock = sample("retail-pharmacy-2024")["lock"]
    path = place.root / f"rules/releases/2024/{lock}.json"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(b"critical", b"minor", 1))
    found = mistakes(sample("retail-pharmacy-2024"), tmp_path, place)
    assert "E410" in "".join(found) or "E617" in "".join(found)
    assert [p.code for p in read_release(place, "2024", lock)[1]] == ["E410"]


def test_rules_are_never_released_into_the_package(packaged: Place) -> None:
    with pytest.raises(ProblemError, match="E412"):
        write_release(packaged, "2024")


def test_a_lock_that_cannot_be_written_stops_the_release(tmp_path: Path) -> None:
    layer = tmp_path / "layer"
    (layer / "campaigns").mkdir(parents=True)
    text = (ROOT / "rules/campaigns/2024.yaml").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^lock:.*\n", "", text).replace("status: released", '"status": draft')
    (layer / "campaigns/2024.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ProblemError, match="E417"):
        write_release(Place(ROOT, layer), "2024")
    assert (layer / "campaigns/2024.yaml").read_text(encoding="utf-8") == text
    assert not (layer / "releases").exists()


@pytest.mark.parametrize("damage", ["not json", "{}", '{"site_types": []}'])
def test_a_release_that_cannot_be_read_is_told(damage: str, tmp_path: Path) -> None:
    place = _copy(tmp_path)
    content = damage.encode()
    lock = lock_of(content)
    (place.root / f"rules/releases/2024/{lock}.json").write_bytes(content)
    campaign = place.root / "rules/campaigns/2024.yaml"
    campaign.write_text(re.sub(r"(?m)^lock:.*$", f"lock: {lock}", campaign.read_text("utf-8")), encoding="utf-8")
    assert [p.code for p in check_releases(load_library(place))] == ["E410"]
    assert [p.code for p in read_release(place, "2024", lock)[1]] == ["E410"]


def test_a_release_whose_condition_cannot_be_read_is_refused(tmp_path: Path) -> None:
    place = _copy(tmp_path)
    lock = sample("retail-pharmacy-2024")["lock"]
    release = json.loads((place.root / f"rules/releases/2024/{lock}.json").read_bytes())
    release["escalations"][0]["condition"] = "found("
    content = json.dumps(release, ensure_ascii=False).encode()
    other = lock_of(content)
    (place.root / f"rules/releases/2024/{other}.json").write_bytes(content)
    assert [p.code for p in read_release(place, "2024", other)[1]] == ["E410"]


def test_a_draft_is_resolved_from_the_rules(tmp_path: Path) -> None:
    layer = tmp_path / "layer"
    (layer / "campaigns").mkdir(parents=True)
    text = (ROOT / "rules/campaigns/2024.yaml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("lock:")]
    draft = (
        "\n".join(lines)
        .replace("status: released", "status: draft")
        .replace('campaign: "2024"', 'campaign: "2024-draft"')
    )
    (layer / "campaigns/2024-draft.yaml").write_text(draft + "\n", encoding="utf-8")
    clauses = (ROOT / "rules/campaigns/2024.clauses.yaml").read_text(encoding="utf-8")
    (layer / "campaigns/2024-draft.clauses.yaml").write_text(
        clauses.replace('campaign: "2024"', 'campaign: "2024-draft"'), encoding="utf-8"
    )
    place = Place(ROOT, layer)
    assert not [p for p in check_library(load_library(place)) if p.severity == "error"]
    locked, problems = current_release(place, "2024-draft")
    assert locked is not None, problems
    assert any(item.clauses for item in locked.release.site_types["retail-pharmacy"].items)
    sheet = sample("retail-pharmacy-2024") | {"campaign": "2024-draft", "lock": locked.lock}
    assert len(evaluated(sheet, tmp_path, place).findings) == 7


def test_samples_are_of_the_current_locks(packaged: Place) -> None:
    for path in sorted((ROOT / "checklists/samples").glob("*.yaml")):
        inspection, problems = open_answers(packaged, path)
        assert inspection is not None, (path.name, [p.render() for p in problems], "run `make release`")


def test_a_problem_in_the_rules_stops_a_release(tmp_path: Path) -> None:
    layer = tmp_path / "layer"
    (layer / "priorities").mkdir(parents=True)
    text = (ROOT / "rules/priorities/cold-chain.yaml").read_text(encoding="utf-8")
    (layer / "priorities/cold-chain.yaml").write_text(text.replace("reading > 8", "readng > 8"), encoding="utf-8")
    with pytest.raises(ProblemError, match="E302"):
        write_release(Place(ROOT, layer), "2024")
    assert not (layer / "releases").exists()
    assert written(sample("clinic-2024"), tmp_path).exists()


def test_columns_and_details_keep_the_order_of_the_rules(library: Library) -> None:
    """The order is printed: a release that sorted its keys would move the columns of the trace grid."""
    locked, _ = current_release(Place(ROOT), "2024")
    assert locked is not None
    assert list(locked.release.grids["trace"].answer.columns) == list(library.grids["trace"].value.answer.columns)
    items = {i.rule: i for i in locked.release.site_types["retail-pharmacy"].items}
    for loaded in library.priorities.values():
        for rule in loaded.value.rules:
            if rule.id in items:
                assert list(items[rule.id].details) == list(rule.all_details())
    kind = library.site_types["retail-pharmacy"].value
    assert list(locked.release.site_types["retail-pharmacy"].attributes) == list(kind.attributes)


def test_a_draft_without_law_in_force_cannot_be_released(tmp_path: Path) -> None:
    """What a draft may lack for a while (D502) a release may not."""
    layer = tmp_path / "layer"
    (layer / "priorities").mkdir(parents=True)
    (layer / "campaigns").mkdir()
    for name in ("2019", "2024"):
        text = (ROOT / f"rules/campaigns/{name}.yaml").read_text(encoding="utf-8")
        text = re.sub(r"(?m)^lock:.*\n", "", text).replace("status: released", "status: draft")
        (layer / f"campaigns/{name}.yaml").write_text(text, encoding="utf-8")
    text = (ROOT / "rules/priorities/cold-chain.yaml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines(keepends=True) if "drug-administration-law@2019, article: 71" not in line]
    (layer / "priorities/cold-chain.yaml").write_text("".join(lines), encoding="utf-8")
    place = Place(ROOT, layer)
    assert "D502" in {p.code for p in check_library(load_library(place))}
    with pytest.raises(ProblemError, match="E502"):
        write_release(place, "2024")
    assert not (layer / "releases").exists()


# ── rules go on living after a release


def _content(packaged: Place, campaign: str = "2019") -> dict[str, Any]:
    locked, problems = current_release(packaged, campaign)
    assert locked is not None, problems
    return json.loads(release_bytes(locked.release))


def _item(content: dict[str, Any], code: str) -> dict[str, Any]:
    return next(i for t in content["site_types"].values() for i in t["items"] if i["code"] == code)


def _append_routine_item(content: dict[str, Any]) -> None:
    kind = content["site_types"]["clinic"]
    kind["items"].append(copy.deepcopy(kind["items"][0]) | {"code": "ZS-99", "clauses": []})
    kind["sections"][0]["items"].insert(0, "ZS-99")
    kind["sections"].append({"title": "新栏目", "items": ["ZS-99"]})


def _later_law(content: dict[str, Any]) -> None:
    duty = _item(content, "YD-01")["findings"][0]["basis"]["duty"]
    duty[-1]["end"] = "2025-07-01"
    duty.append(duty[-1] | {"cite": "drug-administration-law@2025", "start": "2025-07-01", "end": None})
    versions = content["wording"]["recusal"]["versions"]
    versions.append(versions[-1] | {"start": "2025-07-01", "text": "新的告知"})


def _another_site_type(content: dict[str, Any]) -> None:
    kind = copy.deepcopy(content["site_types"]["clinic"])
    kind["items"] = [i | {"clauses": []} for i in kind["items"]]
    content["site_types"]["salon"] = kind


def _another_escalation(content: dict[str, Any]) -> None:
    content["escalations"].append(content["escalations"][0] | {"id": "escalation.new", "clauses": []})


@pytest.mark.parametrize("change", [_append_routine_item, _later_law, _another_site_type, _another_escalation])
def test_what_is_added_later_does_not_touch_a_release(change: Any, packaged: Place) -> None:
    then, now = _content(packaged), _content(packaged)
    change(now)
    assert then != now
    assert changes(then, now) == ()


def _limit(content: dict[str, Any]) -> None:
    _item(content, "YD-14")["findings"][0]["condition"] = "any(answer, reading > 10)"


def _law_of_the_day(content: dict[str, Any]) -> None:
    _item(content, "YD-14")["findings"][0]["basis"]["duty"][0]["article"] = "162"


def _new_demand(content: dict[str, Any]) -> None:
    kind = content["site_types"]["clinic"]
    kind["items"].append(copy.deepcopy(kind["items"][0]) | {"code": "ZS-99", "clauses": ["CF2019-1-a"]})


def _dropped(content: dict[str, Any]) -> None:
    kind = content["site_types"]["clinic"]
    kind["items"] = [i for i in kind["items"] if i["code"] != "ZS-10"]


def _column_order(content: dict[str, Any]) -> None:
    columns = content["grids"]["trace"]["answer"]["columns"]
    content["grids"]["trace"]["answer"]["columns"] = dict(reversed(columns.items()))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (_limit, "YD-14"), (_law_of_the_day, "YD-14"), (_new_demand, "ZS-99"), (_dropped, "ZS-10"), (_column_order, "次序"),
    ],
)  # fmt: skip
def test_what_changed_in_a_release_is_named(change: Any, named: str, packaged: Place) -> None:
    then, now = _content(packaged), _content(packaged)
    change(now)
    found = changes(then, now)
    assert any(named in what for what in found), found

"""Sheets merged, carried to a newer release, and settled: nobody's answer wins by itself, and none is lost."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support_answers import KINDS, PLACE, checklist_of, opened, sheets
from support_documents import Invoke

from engine.answering.carrying import carry
from engine.answering.data import DataDocument
from engine.answering.merging import Merged, merge
from engine.answering.settling import Decision, settle
from engine.answering.writing import sheet_data, sheet_yaml
from engine.inspections.follow_up import BEGUN
from engine.inspections.opening import Inspection, open_sheet, parse_sheet
from engine.library.releases import Locked, current_release
from engine.model.sheet import Site
from engine.source import dump
from engine.tailor import tailor

PHARMACY = checklist_of("2024", "retail-pharmacy", date(2024, 1, 15))


def sheet(answers: dict[str, Any] | None = None, **parts: Any) -> dict[str, Any]:
    return {
        "kind": "answers", "campaign": "2024", "lock": PHARMACY.lock, "checklist": PHARMACY.id,
        "site_type": "retail-pharmacy", "routine": False, "site": {"name": "甲药店"},
        "visit": {"date": "2024-01-15"}, "answers": answers or {},
    } | parts  # fmt: skip


def open_data(data: Any) -> Inspection:
    inspection, problems = open_sheet(PLACE, DataDocument("合并", data), as_made=True, waiting=True)
    assert inspection is not None, [p.render() for p in problems]
    return inspection


def merged(*datas: dict[str, Any]) -> Merged:
    found, problems = merge([(f"{n}.yaml", open_data(data)) for n, data in enumerate(datas, 1)])
    assert found is not None, problems
    return found


# ── merging


@pytest.mark.parametrize("kind", KINDS[:3], ids=lambda k: f"{k[1]}-{k[0]}")
@given(data=st.data())
def test_a_sheet_with_itself_or_with_an_empty_one_is_itself(kind: tuple[str, str, date], data: Any) -> None:
    checklist = checklist_of(*kind)
    one = data.draw(sheets(checklist))
    empty = one | {"answers": {}, "visit": {"date": one["visit"]["date"]}, "other": []}
    whole = sheet_data(opened(DataDocument("一", one)))
    for others in ([one], [empty], [empty, one]):
        both = merged(one, *others)
        assert both.conflicts == ()
        found = sheet_data(open_data(both.data))
        found.pop("provenance")
        assert found == whole | {"visit": found["visit"]}
        people = ("inspectors", "present")
        assert {k: v for k, v in found["visit"].items() if k not in people} == {
            k: v for k, v in whole["visit"].items() if k not in people
        }


@given(data=st.data())
def test_no_answer_is_lost_and_no_difference_is_hidden(data: Any) -> None:
    """An independent recount: each answer of each sheet stands in the merged one, taken or as a candidate."""
    datas = [data.draw(sheets(PHARMACY)) | {"site": {"name": ""}} for _ in range(3)]
    plain = [sheet_data(open_data(each))["answers"] for each in datas]
    both = merged(*datas)
    open_data(both.data)
    for code in {code for each in plain for code in each}:
        said = [each[code] for each in plain if each.get(code) is not None]
        taken = both.data["answers"].get(code)
        if code in both.conflicts:
            candidates = [c.get("answer") for c in both.data["unsettled"][code]["candidates"]]
            assert code not in both.data["answers"]
            assert all(each in candidates for each in said)
            assert any(each != said[0] for each in said)
        elif isinstance(taken, list) and any(taken != each for each in said):
            rows = [row for each in said for row in each]
            assert all(row in taken for row in rows)
            assert all(row in rows for row in taken)
        else:
            assert all(each == taken for each in said)


def test_the_order_of_sheets_decides_nothing() -> None:
    one = sheet({"YD-09": "是", "YD-25": "否"})
    two = sheet({"YD-09": "否", "YD-14": [{"reading": 5}]})
    for first, second in ((one, two), (two, one)):
        found = merged(first, second)
        assert found.conflicts == ("YD-09",)
        assert found.data["answers"] == {"YD-14": [{"reading": 5}], "YD-25": "否"}
        assert {c["answer"] for c in found.data["unsettled"]["YD-09"]["candidates"]} == {"是", "否"}


def test_other_rows_are_put_together_and_versions_of_a_table_are_a_conflict() -> None:
    first = {"product": "甲", "batch": "1", "supplier": "丙"}
    second = first | {"batch": "2"}
    apart = merged(sheet({"trace": [first]}), sheet({"trace": [second]}))
    assert apart.data["answers"]["trace"] == [first, second]
    shorter = merged(sheet({"trace": [first, second]}), sheet({"trace": [first]}))
    assert shorter.conflicts == ("trace",), "a row that was taken out must not come back by itself"
    changed = merged(sheet({"trace": [first]}), sheet({"trace": [first | {"quantity": 3}]}))
    assert changed.conflicts == ("trace",)
    assert len(changed.data["unsettled"]["trace"]["candidates"]) == 2


def test_however_many_sheets_differ_each_is_a_candidate() -> None:
    """Also when what they disagree on is merged once more."""
    row = {"product": "阿莫西林胶囊", "batch": "B1", "supplier": "甲公司"}
    found = merged(*(sheet({"trace": [row | {"quantity": n}]}) for n in range(1, 41)))
    again = merged(found.data, sheet({"trace": [row | {"quantity": 41}]}))
    for data, most in ((found.data, 40), (again.data, 41)):
        candidates = open_data(data).sheet.unsettled["trace"].candidates
        assert {row["quantity"] for each in candidates for row in each.answer} == set(range(1, most + 1))  # type: ignore[union-attr,index,call-overload]


def test_fields_of_the_visit_that_differ_are_a_conflict_too() -> None:
    one = sheet(visit={"date": "2024-01-15", "place": "东街", "inspectors": [{"name": "甲", "certificate": "1"}]})
    two = sheet(visit={"date": "2024-01-15", "place": "西街", "inspectors": [{"name": "乙", "certificate": "2"}]})
    found = merged(one, two)
    assert found.conflicts == ("visit.place",)
    assert [p["name"] for p in found.data["visit"]["inspectors"]] == ["甲", "乙"]
    settled, problems = settle(open_data(found.data), [Decision("visit.place", take=2, why="门牌")], by="甲", at="")
    assert settled is not None, problems
    assert open_data(settled).sheet.visit.place == "西街"


def test_a_conflict_of_the_visit_is_written_down_and_settled(tmp_path: Path, invoke: Invoke) -> None:
    one, two, three, target = (tmp_path / f"{name}.yaml" for name in "甲乙丙合")
    one.write_text(dump(sheet(visit={"date": "2024-01-15", "place": "东街"})), encoding="utf-8")
    two.write_text(dump(sheet(visit={"date": "2024-01-15", "place": "西街"})), encoding="utf-8")
    three.write_text(dump(sheet({"YD-09": "是"})), encoding="utf-8")
    assert invoke("answers", "merge", one, two, "-o", target).code == 1
    again = tmp_path / "再合.yaml"
    run = invoke("answers", "merge", three, target, "-o", again)
    assert (run.code, "检查地点（visit.place）" in run.out) == (1, True), "what was open stays open"
    for path in (target, again):
        text = path.read_text(encoding="utf-8")
        assert "东街" in text
        assert "西街" in text
        assert "E640" in invoke("evaluate", path).err
        run = invoke("answers", "confirm", path, "--by", "甲", "--take", "visit.place=2", "--why", "门牌")
        assert (run.code, run.err) == (0, "")
        assert "place: 西街" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("turned", [False, True], ids=["as-is", "turned"])
def test_what_is_said_of_one_person_must_not_differ(turned: bool) -> None:
    def visit(*people: dict[str, str]) -> dict[str, Any]:
        return sheet(visit={"date": "2024-01-15", "inspectors": list(people)})

    one, other = {"name": "甲", "certificate": "1"}, {"name": "甲", "certificate": "2"}
    pair = [visit(one), visit(other)]
    found = merged(*(pair[::-1] if turned else pair))
    assert found.conflicts == ("visit.inspectors",), "nobody's certificate wins"
    assert "inspectors" not in found.data["visit"]
    both = merged(visit(one, other), visit(other, one))
    assert both.conflicts == ()
    assert [p["certificate"] for p in both.data["visit"]["inspectors"]] == ["1", "2"], "two of one name are two people"


def test_authorities_without_a_name_stay_apart() -> None:
    units = [{"name": "", "unit": "卫生健康局"}, {"name": "", "unit": "公安局"}]
    found = merged(*(sheet(visit={"date": "2024-01-15", "joint": units}) for _ in range(2)))
    assert [p["unit"] for p in found.data["visit"]["joint"]] == ["卫生健康局", "公安局"]


def test_two_people_verify_earlier_problems_together() -> None:
    attributes = {"prior": True}
    locked, _ = current_release(PLACE, "2024")
    assert locked is not None
    site = Site(name="甲药店", attributes=attributes)
    checklist, _ = tailor(locked, "retail-pharmacy", site, date(2024, 1, 15))
    assert checklist is not None
    columns = checklist.grids["follow-up"].answer.columns
    (verified,) = (name for name in columns if name not in BEGUN and columns[name].type == "choice")
    words = columns[verified].options
    begun = [{"item": f"1-{n}", "finding": "licensing.licence-display", "problem": "未悬挂"} for n in (1, 2, 3)]

    def told(*said: str) -> dict[str, Any]:
        rows = [row | ({verified: word} if word else {}) for row, word in zip(begun, said, strict=True)]
        return sheet({"follow-up": rows}, checklist=checklist.id, site={"name": "甲药店", "attributes": attributes})

    found = merged(told(words[0], "", ""), told("", words[1], ""))
    assert found.conflicts == ()
    assert found.data["answers"]["follow-up"] == told(words[0], words[1], "")["answers"]["follow-up"]
    assert merged(told(words[0], "", ""), told(words[1], "", "")).conflicts == ("follow-up",)
    fewer = told(words[0], "", "")
    fewer["answers"]["follow-up"].pop()
    assert merged(fewer, told("", words[1], "")).conflicts == ("follow-up",), "a row that was taken out"


def test_what_was_found_before_is_taken_from_every_sheet() -> None:
    def earlier(*numbers: str) -> list[dict[str, str]]:
        return [{"finding": "licensing.licence-display", "record": number} for number in numbers]

    found = merged(sheet(), sheet(earlier=earlier("一", "二")), sheet(earlier=earlier("二")))
    assert [e["record"] for e in found.data["earlier"]] == ["一", "二"]


def test_more_sources_or_photographs_than_a_sheet_names_are_refused() -> None:
    def told(number: int) -> dict[str, Any]:
        photos = [{"file": f"{number}-{n}.jpg", "item": "YD-01", "sha256": f"{n:064}"} for n in range(300)]
        return sheet(provenance={"sources": [{"way": "xlsx"}] * 150, "photos": photos})

    found, problems = merge([(f"{n}.yaml", open_data(told(n))) for n in range(2)])
    assert found is None
    assert ["来源超过 200" in problems[0].message, "照片超过 500" in problems[1].message] == [True, True]


def test_a_merged_sheet_names_the_files_it_was_made_of(tmp_path: Path, invoke: Invoke) -> None:
    paths = [tmp_path / f"{name}.yaml" for name in "甲乙"]
    for path in paths:
        path.write_text(dump(sheet({"YD-09": "是"})), encoding="utf-8")
    target = tmp_path / "合并.yaml"
    assert invoke("answers", "merge", *paths, "-o", target).code == 0
    document, _ = parse_sheet(target.read_bytes(), "合并.yaml")
    assert document is not None
    sources = open_data(document.data).sheet.provenance.sources  # type: ignore[union-attr]
    assert [source.file for source in sources] == ["甲.yaml", "乙.yaml"]
    assert all(len(source.sha256) == 64 for source in sources)


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"site": {"name": "乙药店"}}, "不是同一家单位"),
        ({"site_type": "clinic", "checklist": ""}, "单位类型不同"),
        ({"site": {"name": "甲药店", "attributes": {"cold": False}}, "checklist": ""}, "业务范围不同"),
    ],
)
def test_sheets_of_other_checklists_are_refused(changed: dict[str, Any], word: str) -> None:
    found, problems = merge([("甲.yaml", open_data(sheet())), ("乙.yaml", open_data(sheet() | changed))])
    assert found is None
    assert word in problems[0].message
    assert problems[0].mark.path == "乙.yaml"


def test_sources_are_kept_with_what_they_said() -> None:
    def told(name: str) -> dict[str, Any]:
        return {"sources": [{"way": "xlsx", "file": name, "by": name[0]}]}

    found = merged(
        sheet({"YD-09": "是", "YD-25": "否"}, provenance=told("甲.xlsx")),
        sheet({"YD-09": "是"}, provenance=told("乙.xlsx")),
    )
    provenance = found.data["provenance"]
    assert [s["file"] for s in provenance["sources"]] == ["甲.xlsx", "乙.xlsx"]
    assert provenance["answers"] == {"YD-09": {"source": 1, "agreed": [2]}, "YD-25": {"source": 1}}


# ── settling


def conflicting() -> Inspection:
    return open_data(merged(sheet({"YD-09": "是"}), sheet({"YD-09": "否"})).data)


@pytest.mark.parametrize(
    ("decision", "by", "word"),
    [
        (Decision("YD-09", take=1, why="看过"), " ", "由谁"),
        (Decision("YD-09", take=1), "甲", "为什么"),
        (Decision("YD-09", take=3, why="看过"), "甲", "没有第 3 种"),
        (Decision("YD-10", take=1, why="看过"), "甲", "不在待确认之列"),
    ],
)
def test_a_decision_without_name_reason_or_object_is_refused(decision: Decision, by: str, word: str) -> None:
    data, problems = settle(conflicting(), [decision], by=by, at="")
    assert data is None
    assert word in problems[0].message


def test_a_settled_answer_says_who_settled_it_and_why() -> None:
    data, _ = settle(conflicting(), [Decision("YD-09", take=2, why="当场核对")], by="甲", at="2024-01-15 16:30")
    assert data is not None
    found = open_data(data)
    assert found.sheet.answers["YD-09"].value == "否"
    assert found.sheet.provenance is not None
    origin = found.sheet.provenance.answers["YD-09"]
    assert (origin.source, origin.how, origin.by, origin.at, origin.why) == (
        2,
        "settled",
        "甲",
        "2024-01-15 16:30",
        "当场核对",
    )


@pytest.mark.parametrize("key", ["visit.", "visit.nobody", "site.name.x", "site.identity.none", "site.attributes.cold"])
def test_nothing_else_of_the_head_can_wait_for_a_person(key: str) -> None:
    data = sheet(unsettled={key: {"kind": "conflict", "why": "x", "candidates": [{"answer": "是"}]}})
    inspection, problems = open_sheet(PLACE, DataDocument("合并", data), as_made=True, waiting=True)
    assert inspection is None
    assert [p.code for p in problems] == ["E601"]


def test_a_digit_that_is_no_number_takes_nothing(tmp_path: Path, invoke: Invoke) -> None:
    path = tmp_path / "答卷.yaml"
    path.write_bytes(sheet_yaml(conflicting()))
    assert invoke("answers", "confirm", path, "--by", "甲", "--take", "YD-09=²", "--why", "x").code == 2


def test_what_a_decision_rests_on_is_kept(tmp_path: Path, invoke: Invoke) -> None:
    path = tmp_path / "答卷.yaml"
    path.write_bytes(sheet_yaml(conflicting()))
    why = ("--why", "当场核对", "--basis", "interview")
    assert invoke("answers", "confirm", path, "--by", "甲", "--take", "YD-09=2", *why).code == 0
    assert "basis: interview" in path.read_text(encoding="utf-8")


def test_nothing_is_evaluated_while_something_is_open(tmp_path: Path, invoke: Invoke) -> None:
    path = tmp_path / "答卷.yaml"
    path.write_bytes(sheet_yaml(conflicting()))
    for command in (["evaluate", path], ["record", "new", path, "-o", tmp_path / "记录.yaml"]):
        run = invoke(*command)
        assert run.code == 1
        assert "E640" in run.err
        assert "YD-09 待确认" in run.err
    assert not (tmp_path / "记录.yaml").exists()
    run = invoke("answers", "confirm", path, "--by", "甲", "--take", "YD-09=2", "--why", "当场核对")
    assert (run.code, run.err) == (0, "")
    assert invoke("evaluate", path).code == 1


def test_an_answer_that_the_question_does_not_take_is_not_written(tmp_path: Path, invoke: Invoke) -> None:
    path = tmp_path / "答卷.yaml"
    path.write_bytes(before := sheet_yaml(conflicting()))
    run = invoke("answers", "confirm", path, "--by", "甲", "--answer", "YD-09=也许", "--why", "x")
    assert run.code == 1
    assert "也许" in run.err
    assert path.read_bytes() == before


def test_commands_merge_and_say_what_is_left(tmp_path: Path, invoke: Invoke) -> None:
    one, two, target = (tmp_path / name for name in ("甲.yaml", "乙.yaml", "合并.yaml"))
    one.write_text(dump(sheet({"YD-09": "是", "YD-25": "是"})), encoding="utf-8")
    two.write_text(dump(sheet({"YD-09": "否", "YD-25": "是"})), encoding="utf-8")
    run = invoke("answers", "merge", one, two, "-o", target)
    assert run.code == 1
    assert "说法不同 1 处，待确认：YD-09" in run.out
    assert "E640" in invoke("evaluate", target).err
    assert invoke("answers", "merge", one, two, "-o", one).code == 2
    again = invoke("answers", "confirm", target)
    assert again.code == 1
    assert "1. 是" in again.out
    assert "2. 否" in again.out


# ── carrying


@pytest.fixture(scope="module")
def current() -> Locked:
    locked, problems = current_release(PLACE, "2024")
    assert locked is not None, problems
    return locked


def changed(current: Locked, change: Any) -> Locked:
    """Return the release with the items of pharmacies changed, under another lock."""
    kind = current.release.site_types["retail-pharmacy"]
    after = {item.code: change(item) for item in kind.items}
    items = tuple(item for item in after.values() if item is not None)
    sections = tuple(
        s.model_copy(update={"items": tuple(i.code for code in s.items if (i := after[code]) is not None)})
        for s in kind.sections
    )
    kinds = current.release.site_types | {
        "retail-pharmacy": kind.model_copy(update={"items": items, "sections": sections})
    }
    return Locked(current.release.model_copy(update={"site_types": kinds}), "f" * 64)


def carried(current: Locked, change: Any) -> dict[str, Any]:
    found, problems = carry(
        open_data(sheet({"YD-09": "是", "YD-25": "否", "YD-14": [{"reading": 5}]})), changed(current, change)
    )
    assert found is not None, problems
    return {item.code: item.change for item in found.items} | {"data": found.data}


def test_what_did_not_change_is_carried(current: Locked) -> None:
    found = carried(current, lambda item: item)
    assert {v for k, v in found.items() if k != "data"} == {"same"}
    assert found["data"]["answers"] == {"YD-09": "是", "YD-25": "否", "YD-14": [{"reading": 5}]}
    assert found["data"]["unsettled"] == {}


@pytest.mark.parametrize(
    ("update", "word"),
    [
        (lambda i: {"check": i.check + "（改）"}, "reworded"),
        (
            lambda i: {"findings": (i.findings[0].model_copy(update={"condition": "answer = 是"}), *i.findings[1:])},
            "limit-changed",
        ),
        (lambda i: {"grade": next(g for g in type(i.grade) if g is not i.grade)}, "limit-changed"),
        (lambda i: {"answer": _count()}, "question-changed"),
    ],
    ids=["reworded", "condition", "grade", "question"],
)
def test_what_changed_waits_for_a_person(current: Locked, update: Any, word: str) -> None:
    found = carried(current, lambda item: item.model_copy(update=update(item)) if item.code == "YD-09" else item)
    assert found["YD-09"] == word
    assert "YD-09" not in found["data"]["answers"]
    waiting = found["data"]["unsettled"]["YD-09"]
    assert waiting["kind"] == "changed"
    assert waiting["candidates"] == [{"answer": "是"}]
    assert found["data"]["answers"]["YD-25"] == "否"


def _count() -> Any:
    from engine.model.questions import Count

    return Count(type="count")


def test_an_item_under_another_number_is_the_same_item(current: Locked) -> None:
    found = carried(current, lambda item: item.model_copy(update={"code": "YD-99"}) if item.code == "YD-09" else item)
    assert found["YD-99"] == "same"
    assert found["data"]["answers"]["YD-99"] == "是"


def test_a_retired_answer_is_kept_in_words(current: Locked) -> None:
    found = carried(current, lambda item: None if item.code == "YD-25" else item)
    assert found["YD-25"] == "retired"
    assert "YD-25" not in found["data"]["answers"]
    assert [t for t in found["data"]["other"] if "YD-25" in t and "否" in t]


OPEN = {"kind": "unsure", "why": "涂改", "candidates": [{"answer": "是"}, {"answer": "否"}]}
PLACES = {"kind": "conflict", "why": "2 种说法不同", "candidates": [{"answer": "东街"}, {"answer": "西街"}]}


def test_what_waited_for_a_person_waits_still(current: Locked) -> None:
    old = open_data(sheet(unsettled={"YD-09": OPEN, "YD-25": OPEN, "YD-01": OPEN, "visit.place": PLACES}))

    def change(item: Any) -> Any:
        if item.code == "YD-25":
            return None
        return item.model_copy(update={"check": item.check + "（改）"}) if item.code == "YD-09" else item

    found, problems = carry(old, changed(current, change))
    assert found is not None, problems
    waiting: Any = found.data["unsettled"]
    assert (waiting["YD-01"], waiting["visit.place"]) == (OPEN, PLACES)
    assert waiting["YD-09"]["kind"] == "changed"
    assert "措辞改了" in waiting["YD-09"]["why"]
    assert "涂改" in waiting["YD-09"]["why"]
    assert [text for text in found.data["other"] if "YD-25" in text and "是 或 否" in text]  # type: ignore[union-attr]


def test_a_new_item_is_not_answered(current: Locked) -> None:
    old = open_data(sheet({"YD-09": "是"}))
    without = old._replace(checklist=old.checklist.model_copy(update={"sections": tuple(
        s.model_copy(update={"items": tuple(e for e in s.items if e.item.code != "YD-25")}) for s in old.checklist.sections
    )}))  # fmt: skip
    found, _ = carry(without, current)
    assert found is not None
    assert {i.code: i.change for i in found.items}["YD-25"] == "new"
    assert "YD-25" not in json.dumps(found.data["answers"])


def test_the_command_carries_to_the_current_release(tmp_path: Path, invoke: Invoke) -> None:
    path, target = tmp_path / "旧.yaml", tmp_path / "新.yaml"
    path.write_text(dump(sheet({"YD-09": "是"})), encoding="utf-8")
    run = invoke("answers", "carry", path, "-o", target)
    assert (run.code, run.err) == (0, "")
    assert "相同 23，措辞改了 0，限值或判定改了 0，问法改了 0，新增 0，取消 0" in run.out
    assert invoke("evaluate", target, "--format", "json").code in (0, 1)

"""Keying from paper: the same sheet as any other way, few keys, nothing taken that was not typed."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest
from conftest import EXAMPLES
from hypothesis import given, settings
from hypothesis import strategies as st
from support_answers import PLACE, checklist_of, every_kind, findings, opened, sheets
from support_keying import ENTER, SOURCE, Typist, sitting

from engine.answering.data import DataDocument
from engine.answering.keying.edits import Entry, Sitting, sat_down, with_entry
from engine.answering.keying.session import Session, legend
from engine.answering.typed import clock_text, typed
from engine.answering.writing import sheet_data, sheet_yaml
from engine.inspections.opening import open_sheet, parse_sheet
from engine.model.checklist import Checklist
from engine.model.questions import DateQuestion, Number, YesNo

PHARMACY = ("2024", "retail-pharmacy", date(2024, 1, 15))
PHARMACIES = [PHARMACY, ("2019", "retail-pharmacy", date(2019, 11, 20))]


def started(checklist: Checklist, *keys: str) -> Session:
    """Return a sitting at its first item, or after some keys there."""
    session = sitting(checklist)
    for key in (ENTER, *keys):
        session.take(key)
    return session


def answers(session: Session) -> dict[str, Any]:
    return sheet_data(session.inspection)["answers"]  # type: ignore[return-value]


# ── the same sheet


@every_kind
@settings(max_examples=int(EXAMPLES or 4))
@given(data=st.data())
def test_a_sheet_keyed_from_paper_is_the_sheet(kind: tuple[str, str, date], data: Any) -> None:
    checklist = checklist_of(*kind)
    sheet = data.draw(sheets(checklist))
    direct = opened(DataDocument("答卷.json", sheet))
    typist = Typist(sitting(checklist), sheet)
    typist.run()
    refused = [line for line in typist.replies if line.startswith(("没有记录", "没有第"))]
    assert not refused
    keyed = typist.session.inspection
    first, second = sheet_data(direct), sheet_data(keyed)
    assert second.pop("provenance") == {"sources": [SOURCE.model_dump(mode="json")]}
    assert first == second
    assert findings(direct) == findings(keyed)
    document, problems = parse_sheet(sheet_yaml(keyed), "答卷.yaml")
    assert document is not None, problems
    assert sheet_data(opened(document)) == sheet_data(keyed)


@settings(max_examples=int(EXAMPLES or 4))
@given(data=st.data())
def test_a_sheet_keyed_in_two_sittings_is_the_sheet(data: Any) -> None:
    checklist = checklist_of(*PHARMACY)
    sheet = data.draw(sheets(checklist))
    whole = Typist(sitting(checklist), sheet)
    whole.run()
    stop = data.draw(st.integers(0, 200))
    first = Typist(sitting(checklist), sheet)
    for _ in range(stop):
        if first.session.finished:
            break
        first.type(*first.next())
    document, _ = parse_sheet(sheet_yaml(first.session.inspection), "答卷.yaml")
    assert document is not None
    second_sitting = Sitting(SOURCE.model_copy(update={"at": "2024-01-16 09:00"}))
    again = Session(sat_down(opened(document), second_sitting), second_sitting)
    second = Typist(again, sheet, {name: whole.session.desk.entry(name) for name in whole.session.desk.order()})
    second.run()
    one, two = sheet_data(whole.session.inspection), sheet_data(again.inspection)
    told = two.pop("provenance")
    one.pop("provenance")
    assert one == two
    assert set(told) <= {"sources", "answers"}  # type: ignore[arg-type]


# ── few keys


def _no_exceptions(checklist: Checklist, *, details: bool) -> tuple[int, int]:
    """Return how many keys the yes/no items take: one by one, and with a section confirmed at once."""
    items = [e.item for e in checklist.items() if e.item.grid is None and isinstance(e.item.answer, YesNo)]
    sheet: dict[str, Any] = {"answers": {}, "visit": {}, "site": {"name": ""}, "other": []}
    for item in items:
        yes = {n: "是" for n, s in item.details.items() if details and isinstance(s, YesNo)}
        sheet["answers"][item.code] = {"answer": "是", **yes} if yes else "是"
    typist = Typist(started(checklist), sheet)
    spent = 0
    while not typist.session.finished:
        step, before = typist.session.desk.step, typist.keys
        typist.type(*typist.next())
        if step.name in {item.code for item in items}:
            spent += typist.keys - before
    session = started(checklist, "w")
    swept = 1
    while session.desk.step.kind == "bulk":
        session.take("y")
        swept += 1
    assert {code for code, value in answers(session).items() if value == "是"} == {item.code for item in items}
    return spent, swept


@pytest.mark.parametrize("routine", [False, True], ids=["campaign", "routine"])
@pytest.mark.parametrize("kind", PHARMACIES, ids=lambda k: k[0])
def test_the_yes_no_items_of_a_pharmacy_take_under_forty_keys(kind: tuple[str, str, date], routine: bool) -> None:
    checklist = checklist_of(*kind, routine=routine)
    plain, swept = _no_exceptions(checklist, details=False)
    ticked, _ = _no_exceptions(checklist, details=True)
    print(
        f"\n{kind[0]} routine={routine}: one by one {plain}, with every 是 of the details {ticked}, by section {swept}"
    )
    assert max(plain, swept) < 40
    assert ticked < 40


def _five_rows(checklist: Checklist, *, whole: bool) -> int:
    """Return how many keys five rows of the trace table take."""
    words = {"product": "布洛芬缓释胶囊", "spec": "0.3g*20粒", "approval": "国药准字H20013062", "expiry": "20250930",
             "producer": "某某制药有限公司", "supplier": "安徽乙医药有限公司", "note_number": "20240103001", "quantity": "12",
             "unit_price": "15.8", "temperature": "18", "conclusion": "合格", "photo": "7"}  # fmt: skip
    session = started(checklist, "g", "trace")
    typist = Typist(session, {})
    if not whole:
        typist.type(".j")
    for row in range(5):
        while session.desk.step.row == row:
            column, screen = session.desk.step.part, session.screen()
            if column == "batch":
                typist.type(f"B2310015{row}")
            elif column in words:
                typist.type(words[column])
            elif screen.single:
                typist.type("y" if "y" in screen.keys else "1")
            else:
                typist.type(ENTER)
    typist.type(ENTER)
    assert not [line for line in typist.replies if line.startswith("没有记录")]
    assert len(answers(session)["trace"]) == 5
    return typist.keys


@pytest.mark.parametrize("kind", PHARMACIES, ids=lambda k: k[0])
def test_five_trace_rows_take_few_keys_beside_their_texts(kind: tuple[str, str, date]) -> None:
    checklist = checklist_of(*kind)
    brief, whole = (_five_rows(checklist, whole=w) for w in (False, True))
    print(f"\n{kind[0]}: five trace rows, the columns that matter {brief}, all columns {whole}")
    assert brief < 5 * 55
    assert whole < 5 * 145


# ── nothing that was not typed


def test_enter_answers_nothing() -> None:
    session = started(checklist_of(*PHARMACY))
    before = session.inspection
    assert session.take(ENTER) == ["没有记录：YD-01 回车不是答案；没有检查请按 s"]
    assert session.inspection is before


@pytest.mark.parametrize(
    "key", ["m", "5", " ", "\t", "\x1b[A", "\x1b", "\x7f", "yes", "ＹＹ", "，", "😀", "\x00K", "√"]
)
def test_a_key_that_means_nothing_is_named_and_changes_nothing(key: str) -> None:
    session = started(checklist_of(*PHARMACY))
    before = session.desk.state
    [told] = session.take(key)
    assert told.startswith("没有记录：")
    assert "可用：" in told or key == "5"
    assert all(c.isprintable() for c in told)
    assert session.desk.state == before


@pytest.mark.parametrize("key", ["y", "Y", "ｙ", "Ｙ", "是"])
def test_keys_of_an_input_method_are_understood(key: str) -> None:
    assert answers(started(checklist_of(*PHARMACY), key))["YD-01"] == "是"


_KEYS = st.one_of(
    st.sampled_from([*"ynxsbdcemrjugpvtolhaw123450", ENTER, "14", "YD-14", "trace", ".u", ".c", ".e", ".q1", "20240131",
                     "5.2", "-1", "13", ".m 1", ".r 1", "甲", "不适用", "未查", "\\", "..", "=1+1", "\x1b[A", "99999999999"]),
    st.text(max_size=6),
)  # fmt: skip


@every_kind
@settings(max_examples=int(EXAMPLES or 4))
@given(keys=st.lists(_KEYS, min_size=20, max_size=150))
def test_whatever_is_typed_the_sheet_can_be_read(kind: tuple[str, str, date], keys: list[str]) -> None:
    session = started(checklist_of(*kind))
    for key in keys:
        step, before, screen = session.desk.step, answers_of(session), session.screen()
        assert screen.prompt
        told = session.take(key)
        after = answers_of(session)
        if any(line.startswith("没有记录") for line in told) and step.kind != "bulk":
            assert before == after, told
        changed = {code for code in after if after[code] != before.get(code, Entry())}
        assert step.kind == "bulk" or len(changed) <= 1 or key in ("u", ".u"), changed
        if session.finished:
            break
    document, problems = parse_sheet(sheet_yaml(session.inspection), "答卷.yaml")
    assert document is not None, problems
    again, problems = open_sheet(PLACE, document, as_made=True)
    assert again is not None, [p.render() for p in problems]
    assert sheet_data(again) == sheet_data(session.inspection)


def answers_of(session: Session) -> dict[str, Entry]:
    desk = session.desk
    return {name: desk.entry(name) for name in desk.order()}


@settings(max_examples=int(EXAMPLES or 4))
@given(keys=st.lists(_KEYS, min_size=10, max_size=120))
def test_undoing_everything_gives_the_sheet_back(keys: list[str]) -> None:
    session = started(checklist_of(*PHARMACY))
    before = sheet_data(session.inspection)
    for key in keys:
        session.take(key)
    for _ in range(len(keys) + 1):
        screen = session.screen()
        session.take(
            ".u" if screen.any_text and screen.prompt != "接着写" else "u" if screen.prompt != "接着写" else ""
        )
    assert not session.desk.history
    assert sheet_data(session.inspection) == before


# ── 是 to the rest of a section


def test_yes_to_a_section_is_confirmed_recorded_and_undone_at_once() -> None:
    checklist = checklist_of(*PHARMACY)
    session = started(checklist, "n", "e", "g", "22", "a")
    section = next(s for s in checklist.sections if any(e.item.code == "YD-22" for e in s.items))
    codes = [e.item.code for e in section.items if e.item.grid is None and isinstance(e.item.answer, YesNo)]
    assert all(any(line.strip().startswith(code) for line in session.screen().lines) for code in codes)
    assert set(answers(session)) == {"YD-01"}
    assert session.take(ENTER)[0].startswith("没有记录")
    assert session.take("a")[0].startswith("没有记录")
    session.take("y")
    assert answers(session) == {"YD-01": "否", **dict.fromkeys(codes, "是")}
    told = sheet_data(session.inspection)["provenance"]["answers"]  # type: ignore[index, call-overload]
    origin = {"source": 1, "how": "bulk-confirmed", "by": "张三", "at": "2024-01-15 16:30"}
    assert told == dict.fromkeys(codes, origin)
    session.take("u")
    assert answers(session) == {"YD-01": "否"}
    assert "answers" not in sheet_data(session.inspection)["provenance"]  # type: ignore[operator]


def test_yes_to_a_section_leaves_what_was_said_to_be_unchecked() -> None:
    session = started(checklist_of(*PHARMACY), "s", "a", "y")
    assert answers(session) == {"YD-02": "是"}


@every_kind
def test_only_yes_no_items_are_ever_given_at_once(kind: tuple[str, str, date]) -> None:
    checklist = checklist_of(*kind)
    session = started(checklist, "w")
    while session.desk.step.kind == "bulk":
        session.take("y")
    given_yes = {c for c, value in answers(session).items() if value == "是"}
    assert set(answers(session)) == given_yes
    assert given_yes == {
        e.item.code for e in checklist.items() if e.item.grid is None and isinstance(e.item.answer, YesNo)
    }


def test_a_later_answer_is_no_longer_recorded_as_given_at_once() -> None:
    session = started(checklist_of(*PHARMACY), "a", "y", "g", "1", "n")
    told = sheet_data(session.inspection)["provenance"]["answers"]  # type: ignore[index, call-overload]
    assert set(told) == {"YD-02"}


# ── ways through the list


@pytest.mark.parametrize(
    ("typed_text", "code"), [("14", "YD-14"), ("yd-14", "YD-14"), ("ＹＤ－１４", "YD-14"), ("9", "YD-09")]
)
def test_a_jump_by_code(typed_text: str, code: str) -> None:
    session = started(checklist_of(*PHARMACY), "g", typed_text)
    assert session.where() == code


@pytest.mark.parametrize("typed_text", ["99", "YL-01", "甲", "1404", "-"])
def test_a_jump_to_nowhere_stays(typed_text: str) -> None:
    session = started(checklist_of(*PHARMACY))
    session.take("g")
    assert session.take(typed_text)[0].startswith(f"没有“{typed_text}”这一项")
    assert session.where() == "YD-01"


def test_a_row_without_its_key_columns_is_told_of_at_the_end() -> None:
    session = started(checklist_of(*PHARMACY), "g", "trace", "布洛芬", "B1")
    assert session.take(".g")[0].startswith("没有记录：第 1 行区分各行的栏还没有填完")
    session.take(".q")
    assert session.finished
    assert session.left_out() == ["注意：第 1 行区分各行的栏没有填完，没有存：布洛芬　B1"]
    assert "trace" not in answers(session)


def test_the_same_row_twice_is_refused_in_the_words_of_files() -> None:
    keys = ["布洛芬", "B1", "乙", ".e", "布洛芬", "Ｂ１"]
    session = started(checklist_of(*PHARMACY), "g", "trace", *keys)
    assert session.take("乙") == [
        "没有记录：《重点品种抽查追溯表》 第 2 行与第 1 行重复（布洛芬、B1、乙）　请合并或更正"
    ]
    assert len(answers(session)["trace"]) == 1


def test_a_column_that_tells_rows_apart_cannot_be_passed() -> None:
    session = started(checklist_of(*PHARMACY), "g", "trace", "布洛芬")
    assert session.take(ENTER) == ["没有记录：这一栏用来区分各行，必须填写；不清楚的填 “不明”"]


def test_text_of_several_lines_and_text_like_a_command() -> None:
    session = started(checklist_of(*PHARMACY), "b", "一行\\", "二行\\\\", "b", "..u")
    assert session.desk.entry("YD-01").note == ".u"
    session.take("u")
    assert session.desk.entry("YD-01").note == "一行\n二行\\"


def test_one_letter_as_text_is_pointed_out() -> None:
    session = started(checklist_of(*PHARMACY), "b")
    assert session.take("q")[-1].startswith("记下的是文字“q”")
    assert not session.finished


def test_what_waits_for_people_is_not_keyed_over() -> None:
    sheet = sheet_data(sitting(checklist_of(*PHARMACY)).inspection)
    sheet["unsettled"] = {"YD-01": {"kind": "unsure", "why": "看不清", "candidates": [{"answer": "是"}]}}
    inspection, problems = open_sheet(PLACE, DataDocument("答卷", sheet), as_made=True, waiting=True)
    assert inspection is not None, problems
    session = Session(sat_down(inspection, Sitting(SOURCE)), Sitting(SOURCE), going_on=True)
    assert session.where() == "YD-02"
    session.take("p")
    assert session.take("y") == ["没有记录：YD-01 待确认，先用 answers confirm 定下"]


def test_rows_that_the_program_began_are_verified_one_after_the_other() -> None:
    checklist = checklist_of("2024", "medical-institution", date(2024, 1, 16))
    sheet = sheet_data(sitting(checklist).inspection)
    earlier = {"finding": "cold-chain.refrigerator-temperature", "date": "2023-02-01", "record": "甲-1"}
    begun = [
        {"item": f"甲-{n}", "finding": earlier["finding"], "problem": f"问题{n}", "due": "2023-03-01"} for n in (1, 2)
    ]
    sheet |= {"earlier": [earlier], "answers": {"follow-up": begun}}
    sheet.pop("provenance")
    session = Session(sat_down(opened(DataDocument("答卷", sheet)), Sitting(SOURCE)), Sitting(SOURCE))
    assert session.screen().prompt == "开始"
    for key in (ENTER, "g", "follow-up"):
        session.take(key)
    assert any("问题1" in line for line in session.screen().lines)
    for key in (ENTER, ENTER, ENTER, "1", "看了发票"):
        session.take(key)
    assert any("问题2" in line for line in session.screen().lines)
    for key in (ENTER, ENTER, ENTER, "3", ENTER, ENTER):
        session.take(key)
    assert answers(session)["follow-up"] == [
        begun[0] | {"result": "已整改", "proof": "看了发票"}, begun[1] | {"result": "未整改"},
    ]  # fmt: skip
    assert session.desk.step.name != "follow-up"


# ── who, when, and on what


def test_answers_of_a_later_sitting_name_it() -> None:
    first = started(checklist_of(*PHARMACY), "y", "e").inspection
    later = Sitting(SOURCE.model_copy(update={"by": "李四"}), "document")
    changed, problems = with_entry(sat_down(first, later), later, "YD-02", Entry("否"))
    assert changed is not None, problems
    told = sheet_data(changed)["provenance"]
    assert [s["by"] for s in told["sources"]] == ["张三", "李四"]  # type: ignore[index, call-overload, union-attr]
    assert told["answers"] == {"YD-02": {"source": 2, "basis": "document"}}  # type: ignore[index, call-overload]


# ── what is read


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("20240131", "2024-01-31"),
        ("２０２４０１３１", "2024-01-31"),
        ("2024-1-31", "2024-01-31"),
        ("2024013", "2024013"),
    ],
)
def test_a_day_without_signs_between(text: str, day: str) -> None:
    assert typed(DateQuestion(type="date"), text).value == day


@pytest.mark.parametrize(
    ("text", "clock"),
    [("0905", "09:05"), ("9:5", "09:05"), ("９：０５", "09:05"), ("905", "905"), ("09:05:00", "09:05")],
)
def test_a_time_without_signs_between(text: str, clock: str) -> None:
    assert clock_text(text).value == clock


@pytest.mark.parametrize(
    ("text", "number"), [("5 6", "5 6"), ("5.0", 5), (" 9.6 ℃", 9.6), ("９．６", 9.6), ("1 000", "1 000")]
)
def test_two_numbers_are_not_one(text: str, number: object) -> None:
    assert typed(Number(type="number", unit="℃"), text).value == number


def test_own_words_can_be_shown_on_the_consoles_of_old_windows() -> None:
    """Every screen on a way through everything; what the rules say is theirs."""
    session, chance = started(checklist_of(*PHARMACY)), random.Random(5)
    texts = []
    for _ in range(600):
        screen = session.screen()
        texts += [legend(screen), screen.prompt]
        keys = [key for key in (*screen.keys, *"ynsbvtolhwg12") if len(key) == 1]
        texts += session.take(
            chance.choice([*keys, ENTER, "3", "20240131", "."])
            if screen.single
            else chance.choice([ENTER, "20240131", ".e", ".u", "7"])
        )
        texts += screen.lines
    for text in texts:
        text.encode("gbk")


@pytest.mark.parametrize("typed_text", ["m 1", ".m 1", "ｍ１"])
def test_a_row_is_changed_by_its_number_with_or_without_the_dot(typed_text: str) -> None:
    session = started(checklist_of(*PHARMACY), "g", "14", "5", ".e", typed_text, "6")
    assert answers(session)["YD-14"] == [{"reading": 6}]

"""Every mistake in an answer sheet is told in one clear message with its place, all at once, and nothing opens."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import SAMPLES, evaluated, mistakes, opened, sample, written

from engine.inspections.answers import read_answer
from engine.inspections.opening import MAX_SHEET_BYTES, open_answers
from engine.library.files import Place
from engine.model.questions import Choices, Rows
from engine.problems import Mark


def _set(path: str, value: object) -> Any:
    def change(sheet: dict[str, Any]) -> None:
        *parents, last = path.split("/")
        node: Any = sheet
        for step in parents:
            node = node[int(step)] if isinstance(node, list) else node[step]
        if isinstance(node, list):
            node[int(last)] = value
        else:
            node[last] = value

    return change


def _low_above_high(sheet: dict[str, Any]) -> None:
    sheet["answers"]["YD-14"] |= {"record_low": 7.5, "record_high": 2.5}


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (_set("answers/YD-14/answer/0/reading", "九点六"), "E603", "数字（℃），现在填的是 “九点六”"),
        (_set("answers/YD-14/answer/0/reading", 96), "E606", "96 不合理"),
        (_set("answers/YD-14/answer/0/reading", True), "E603", "true"),
        (_set("answers/YD-01/valid_until", "2024-02-30"), "E605", "2024-02-30"),
        (_set("answers/YD-01/valid_until", "2024-2-3"), "E605", "2024-2-3"),
        (_set("answers/YD-01/valid_until", 20240203), "E603", "日期"),
        (_set("answers/YD-03/answer", "在线"), "E604", "可用选项：在岗、不在岗已挂牌停售、不在岗仍销售"),
        (_set("answers/YD-09", True), "E603", "是、否之一"),
        (_set("answers/YD-09", "对"), "E604", "“对”"),
        (_set("answers/YD-10/answer", -1), "E603", "不小于 0 的整数"),
        (_set("answers/YD-10/answer", 1.5), "E603", "1.5"),
        (_set("answers/YD-99", "是"), "E601", "YD-99"),
        (_set("answers/licensing.licence-display", "是"), "E602", "YD-01 作答两次"),
        (_set("answers/YD-13", "是"), "E610", "无第二类精神药品经营范围"),
        (_set("answers/YD-06", "是"), "E601", "日常项目"),
        (_set("answers/YD-04", "是"), "E603", "重点品种抽查追溯表"),
        (_set("answers/YD-08/answer", "没有"), "E603", "列表"),
        (_set("answers/YD-08/answer/0", "板蓝根"), "E603", "对照表"),
        (_set("answers/YD-08/answer/0/batch", None), "E607", "缺少 “批号”"),
        (_set("answers/YD-08/answer/1", {"product": "板蓝根颗粒", "batch": "20211105", "defect": "过期"}), "E608", "第 2 行与第 1 行重复"),
        (_set("answers/YD-08/answer/0/colour", "红"), "E609", "colour"),
        (_set("answers/YD-14/equipmnt", "是"), "E609", "是否想写 “equipment”"),
        (_set("answers/YD-14/note", "长" * 2001), "E618", "2001 字"),
        (_set("answers/trace/0/invoice", "有"), "E604", "“票” 没有选项 “有”"),
        (_set("visit/date", "2024-02-30"), "E205", "不是存在的日期"),
        (_set("visit/date", None), "E201", "visit.date"),
        (_set("visit/end", "09:00"), "E619", "09:00"),
        (_set("visit/start", "9点"), "E205", "9点"),
        (_set("visit/inspectors/0/certificate", 12), "E203", "12"),
        (_set("campaign", "2023"), "E613", "2023"),
        (_set("site_type", "retail-pharmcy"), "E614", "是否想写 “retail-pharmacy”"),
        (_set("site/attributes/cool", True), "E616", "cool"),
        (_set("site/identity/colour", "红"), "E616", "colour"),
        (_set("lock", "0" * 64), "E617", "000000000000"),
        (_set("lock", "abc"), "E205", "64 位校验值"),
        (_set("checklist", "000000000000"), "E620", "000000000000"),
        (_set("kind", "record"), "E622", "这是检查记录，此命令要的是答卷"),
        (_set("kind", "sheet"), "E202", "answers"),
        (_set("answers/YD-14/answer/0/reading", "９.６ ℃"), "E603", "不带单位、用半角"),
        (_set("answers/YD-01/valid_until", "2024-W03-1"), "E605", "2024-W03-1"),
        (_set("answers/YD-08/answer/1", {"product": "板蓝根颗粒 ", "batch": "２０２１１１０５"}), "E608", "第 2 行与第 1 行重复"),
        (_set("visit/start", "9:10"), "E205", "两位小时、两位分钟"),
        (_set("visit/date", "1705276800"), "E205", "1705276800"),
        (_set("campaign", "../2024"), "E205", "../2024"),
        (_set("answrs", {}), "E204", "是否想写 “answers”"),
        (_set("answers/YD-10/answer", 99), "E624", "不符合数 99 大于抽查数"),
        (_set("answers/YD-10/population", 1), "E624", "大于总数 1"),
        (_set("answers/YD-10/unreviewed", 99), "E624", "99 大于抽查数"),
        (_low_above_high, "E624", "7.5 大于“近 30 日记录最高温度（没有记录不填）” 2.5"),
    ],
)  # fmt: skip
def test_one_wrong_answer_gives_one_message_with_its_place(
    change: Any, code: str, words: str, tmp_path: Path, packaged: Place
) -> None:
    sheet = sample("retail-pharmacy-2024")
    change(sheet)
    found = mistakes(sheet, tmp_path, packaged)
    assert len(found) == 1, found
    assert re.match(rf".*answers\.yaml:\d+:\d+: {code} ", found[0]), found[0]
    assert words in found[0]
    assert re.search("[\u4e00-\u9fff]", found[0].splitlines()[-1]), "the last line says what to do"


def test_the_place_is_that_of_the_wrong_value(tmp_path: Path, packaged: Place) -> None:
    text = (
        (SAMPLES / "retail-pharmacy-2024.yaml").read_text(encoding="utf-8").replace("reading: 9.6", "reading: 九点六")
    )
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    _, problems = open_answers(packaged, path)
    line = next(n for n, content in enumerate(text.splitlines(), 1) if "九点六" in content)
    assert [(p.mark.line, p.mark.column) for p in problems] == [(line, text.splitlines()[line - 1].index("九点六") + 1)]


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(tmp_path: Path, packaged: Place) -> None:
    sheet = sample("retail-pharmacy-2024")
    for change in (
        _set("answers/YD-25/reports", "四"),
        _set("answers/YD-09", "对"),
        _set("answers/YD-01/valid_until", "昨天"),
    ):
        change(sheet)
    _, problems = open_answers(packaged, written(sheet, tmp_path))
    assert sorted(p.code for p in problems) == ["E603", "E604", "E605"]


def test_not_applicable_beside_a_detail_is_refused(tmp_path: Path, packaged: Place) -> None:
    sheet = sample("retail-pharmacy-2024")
    sheet["answers"]["YD-14"] = {"answer": "不适用", "medicines_only": "否"}
    found = mistakes(sheet, tmp_path, packaged)
    assert len(found) == 1
    assert "E621" in found[0]
    assert "设备内无食品等杂物" in found[0]
    sheet["answers"]["YD-14"] = {"answer": "不适用", "medicines_only": "不适用", "note": "没有冷藏药品"}
    opened(sheet, tmp_path, packaged)


def test_an_item_answered_twice_under_one_key_is_refused(tmp_path: Path, packaged: Place) -> None:
    path = written(sample("retail-pharmacy-2024"), tmp_path)
    path.write_text(
        path.read_text(encoding="utf-8").replace("  YD-09: 是\n", "  YD-09: 是\n  YD-09: 否\n"), encoding="utf-8"
    )
    _, problems = open_answers(packaged, path)
    assert [p.code for p in problems] == ["E105"]


def test_a_sheet_of_another_campaign_is_refused(tmp_path: Path, packaged: Place) -> None:
    found = mistakes(sample("retail-pharmacy-2024"), tmp_path, packaged, campaign="2019")
    assert len(found) == 1
    assert "E611" in found[0]


def test_a_sheet_of_ten_megabytes_is_refused_unread(tmp_path: Path, packaged: Place) -> None:
    path = tmp_path / "big.yaml"
    with path.open("wb") as file:
        file.truncate(10 * 1024 * 1024)
    _, problems = open_answers(packaged, path)
    assert [p.code for p in problems] == ["E102"]
    assert MAX_SHEET_BYTES < 10 * 1024 * 1024


def test_a_batch_of_digits_keeps_its_digits(tmp_path: Path, packaged: Place) -> None:
    text = (SAMPLES / "retail-pharmacy-2024.yaml").read_text(encoding="utf-8")
    path = tmp_path / "a.yaml"
    path.write_text(
        text.replace('batch: "0611203"', "batch: 0611203").replace('batch: "20211105"', "batch: 20211105"),
        encoding="utf-8",
    )
    inspection, problems = open_answers(packaged, path)
    assert inspection is not None, problems
    rows = inspection.sheet.answers["YD-08"].value
    assert [row["batch"] for row in rows] == ["20211105", "0611203"]  # type: ignore[index, union-attr, call-overload]


def test_answers_may_be_given_under_the_rule_or_the_printed_code(tmp_path: Path, packaged: Place) -> None:
    sheet = sample("retail-pharmacy-2024")
    by_code = evaluated(sheet, tmp_path, packaged)
    sheet["answers"]["expired-stock.expired-drugs"] = sheet["answers"].pop("YD-08")
    assert evaluated(sheet, tmp_path, packaged) == by_code


def test_short_and_long_forms_are_the_same_answer(tmp_path: Path, packaged: Place) -> None:
    sheet = sample("retail-pharmacy-2024")
    short = opened(sheet, tmp_path, packaged).sheet
    sheet["answers"]["YD-09"] = {"answer": "是"}
    sheet["answers"]["YD-15"] = {
        "answer": [{"reading": 18.5}, {"reading": 19.0, "device": "阴凉柜", "position": "中层"}]
    }
    sheet["answers"]["YD-08"] = {"answer": sheet["answers"]["YD-08"]["answer"], "note": ""}
    assert opened(sheet, tmp_path, packaged).sheet == short


class _Nowhere:
    def mark(self, loc: object, *, key: bool = False) -> Mark:
        return Mark("x")

    def written(self, loc: object) -> str:
        return "written"


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


@settings(max_examples=max(30, settings.default.max_examples))
@given(_json)
def test_any_value_is_read_or_refused_never_raised(value: object) -> None:
    rows = Rows.model_validate_json(
        '{"type": "rows", "key": ["a"], "columns": {"a": {"type": "text"}, "n": {"type": "number", "unit": "盒"}, "d": {"type": "date"}}}'
    )
    for spec in (rows, Choices(type="choices", options=("甲", "乙"))):
        answer, problems = read_answer(spec, {}, value, "X", _Nowhere(), ())
        read = answer.value
        if value is not None and read is None:
            assert problems

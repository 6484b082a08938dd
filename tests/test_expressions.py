"""The condition language: places of mistakes, types, three values, dates, tables, and how it says itself."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.expressions.check import check
from engine.expressions.evaluate import Facts, compare, evaluate, shift
from engine.expressions.nodes import And, Compare, Condition, Flag, Literal_, Not, Or, Ref, Type
from engine.expressions.parse import ConditionError, parse
from engine.expressions.say import explain, opposite, say, say_passing
from engine.expressions.scope import Question, Scope
from engine.inference.judge import Judge
from engine.model.release import ReleaseSiteType
from engine.model.rules import Attribute
from engine.scopes import tailoring_scope

READINGS = {"reading": Type("number", "读数", "℃"), "position": Type("word", "位置"), "device": Type("word", "设备")}
ROWS = {
    "product": Type("word", "品名"), "expiry": Type("date", "有效期至"), "quantity": Type("number", "数量", "盒"),
    "defect": Type("word", "问题", options=("过期", "变质")),
}  # fmt: skip
SCOPE = Scope(
    {
        "cold.reading": Question(
            "cold.reading", "现场读数", None, {"record": Type("word", "记录", options=("是", "否"))}, READINGS
        ),
        "duty.answer": Question("duty.answer", "在岗情况", Type("word", "在岗情况", options=("在岗", "不在岗"))),
        "licence.answer": Question(
            "licence.answer",
            "许可证",
            Type("word", "许可证", options=("是", "否")),
            {"until": Type("date", "有效期至")},
        ),
        "count.answer": Question("count.answer", "数量", Type("number", "数量", "盒")),
        "many.answer": Question("many.answer", "多选", Type("words", "多选", options=("甲", "乙", "丙"))),
        "stock": Question("stock", "清单", None, {}, ROWS),
    },
    {"cold": Type("flag", "经营冷藏药品"), "rx": Type("flag", "经营处方药")},
    own="cold.reading",
    earlier=frozenset({"cold.reading"}),
)


def bound(text: str, scope: Scope = SCOPE) -> Condition:
    condition, complaints = check(parse(text), scope)
    assert not complaints, complaints
    return condition


@pytest.mark.parametrize(
    ("text", "start", "words"),
    [
        ("any(answer reading)", 11, "两个参数"),
        ("answer = ", 9, "不完整"),
        ("(answer = 否", 8, "右括号"),
        ("answer = 否 否", 11, "多出内容"),
        ("answer ＜ 2", 7, "不能使用字符"),
        ("answer('x.y') = 2024-02-30", 16, "不是存在的日期"),
        ("answer in 在岗", 10, "方括号"),
        ("answer in [在岗, site.cold]", 15, "只能写数值或选项"),
        ("foo.bar = 1", 0, "不认识的名称"),
        ("total(answer) > 1", 0, "不认识的函数"),
        ("inspection.date + 3 > 1", 18, "天数、月数或年数"),
        ("inspection.date + 1.5 days > inspection.date", 18, "应为整数"),
        ("answer", 0, ""),
        ("not", 3, "不完整"),
        ("answer between 2", 16, "between"),
        ("", 0, "不完整"),
        ("sum(answer) > 1", 10, "栏目名称"),
        ("any(site.cold, x = 1)", 4, "第一个参数"),
        ("(" * 60 + "answer = 1" + ")" * 60, 31, "嵌套过深"),
        ("not " * 60 + "site.cold", 124, "嵌套过深"),
    ],
)
def test_a_mistake_is_placed_at_its_character(text: str, start: int, words: str) -> None:
    if not words:
        parse(text)
        return
    with pytest.raises(ConditionError) as caught:
        parse(text)
    assert caught.value.span[0] == start, caught.value.reason
    assert words in caught.value.reason


@pytest.mark.parametrize(
    ("text", "code", "place", "words"),
    [
        ("any(answer, reading = 否)", "E303", "reading = 否", "不能与文字“否”比较"),
        ("answer('duty.answer') > 3", "E303", "answer('duty.answer') > 3", "不能与数值“3”比较"),
        ("answer('duty.answer') = 在线", "E304", "在线", "在线"),
        ("answer > 3", "E303", "answer", "是一张表"),
        ("any(answer, readng > 8)", "E302", "readng", "readng"),
        ("site.cld", "E302", "site.cld", "site.cld"),
        ("detail.recrd = 否", "E302", "detail.recrd", "recrd"),
        ("answer('licence.answer')", "E303", "answer('licence.answer')", "不是是非值"),
        ("answer('none.such') = 1", "E302", "answer('none.such')", "none.such"),
        ("answer('licence.answer', 'until') > 3", "E303", "answer('licence.answer', 'until') > 3", "日期"),
        ("any(answer('duty.answer'), reading > 1)", "E303", "answer('duty.answer')", "没有行"),
        ("sum(answer('stock'), product) > 1", "E303", "sum(answer('stock'), product)", "不能求和"),
        ("sum(answer('stock'), weight) > 1", "E302", "sum(answer('stock'), weight)", "weight"),
        ("answer('duty.answer') between 1 and 2", "E303", "1", "不能与数值"),
        ("answer('count.answer') between 9 and 2", "E303", "answer('count.answer') between 9 and 2", "下限大于上限"),
        ("1 = 1", "E303", "1 = 1", "都是固定值"),
        ("finding('cold.reading')", "E302", "finding('cold.reading')", "finding"),
        ("earlier('cold.none')", "E302", "earlier('cold.none')", "cold.none"),
        ("answer('many.answer') = 丁", "E304", "丁", "丁"),
        ("count(answer) > sum(answer('stock'), quantity)", "E303", "count(answer) > sum(answer('stock'), quantity)", "单位不同"),
        ("answer('duty.answer') + 1 day = inspection.date", "E303", "answer('duty.answer') + 1 day", "不是日期"),
    ],
)  # fmt: skip
def test_a_condition_is_checked_against_the_questions_it_names(text: str, code: str, place: str, words: str) -> None:
    _, complaints = check(parse(text), SCOPE)
    found = [c for c in complaints if c.code == code and text[slice(*c.span)] == place]
    assert found, complaints
    assert words in " ".join(found[0].fields.values())


def test_escalations_may_count_findings_only_upwards() -> None:
    scope = Scope({}, {}, earlier=frozenset({"a.b"}), findings=frozenset({"a.b"}))
    assert not check(parse("findings(grade = critical) >= 2"), scope)[1]
    for text in (
        "findings(grade = critical) = 0", "findings() < 2", "2 <= findings()", "not findings() >= 1",
        "findings() between 0 and 2", "findings() in [0]", "not (finding('a.b') or findings() > 1)",
    ):  # fmt: skip
        assert [c.code for c in check(parse(text), scope)[1]] == ["E303"], text
    assert not check(parse("not (not findings() >= 1)"), scope)[1]
    assert [c.code for c in check(parse("findings(grade = grave) > 1"), scope)[1]] == ["E304"]
    assert not check(parse("findings(priority = a) >= 2"), scope)[1]
    assert [c.code for c in check(parse("findings(priority = b) >= 2"), scope)[1]] == ["E302"]


@pytest.mark.parametrize("text", ["answer = 是", "answer('a') = 是", "inspection.date > 2024-01-01", "earlier('a.b')"])
def test_before_the_visit_only_attributes_are_known(text: str) -> None:
    kind = ReleaseSiteType.model_construct(attributes={"rx": Attribute(label="经营处方药", absent="不经营处方药")})
    _, complaints = check(parse(text), tailoring_scope(kind))
    assert [c.code for c in complaints] == ["E302"]


TRUTH = (True, False, None)


def _flags(**values: bool | None) -> Facts:
    return Facts({f"site:{name}": value for name, value in values.items() if value is not None})


def _flag(name: str) -> Flag:
    return Flag(Ref("site", name))


@pytest.mark.parametrize(("a", "b"), list(product(TRUTH, TRUTH)))
def test_and_or_not_are_strong_kleene(a: bool | None, b: bool | None) -> None:
    facts = _flags(a=a, b=b)
    values = {True: 2, None: 1, False: 0}
    back = {2: True, 1: None, 0: False}
    assert evaluate(And((_flag("a"), _flag("b"))), facts) is back[min(values[a], values[b])]
    assert evaluate(Or((_flag("a"), _flag("b"))), facts) is back[max(values[a], values[b])]
    assert evaluate(Not(_flag("a")), facts) is back[2 - values[a]]


@pytest.mark.parametrize(
    ("rows", "any_", "all_", "count"),
    [
        (None, None, None, None),
        ([], False, False, 0),
        ([9], True, True, 1),
        ([5], False, False, 0),
        ([9, None], True, None, None),
        ([5, None], None, False, None),
        ([9, 5], True, False, 1),
        ([None], None, None, None),
    ],
)
def test_tables_are_judged_row_by_row(
    rows: list[float | None] | None, any_: bool | None, all_: bool | None, count: int | None
) -> None:
    facts = Facts({}, {} if rows is None else {"cold.reading": tuple({"reading": r} for r in rows)})
    assert evaluate(bound("any(answer, reading > 8)"), facts) is any_
    assert evaluate(bound("all(answer, reading > 8)"), facts) is all_
    expected = None if count is None else count >= 1
    assert evaluate(bound("count(answer, reading > 8) >= 1"), facts) is expected


def test_sums_need_every_value() -> None:
    rows = [{"quantity": 2, "defect": "过期"}, {"quantity": 3, "defect": "变质"}, {"defect": "过期"}]
    condition = bound("sum(answer('stock'), quantity) >= 5")
    assert evaluate(condition, Facts({}, {"stock": tuple(rows[:2])})) is True
    assert evaluate(condition, Facts({}, {"stock": tuple(rows)})) is None
    chosen = bound("sum(answer('stock'), quantity, defect = 过期) >= 5")
    assert evaluate(chosen, Facts({}, {"stock": tuple(rows[:2])})) is False


def test_answered_is_never_unknown() -> None:
    condition = bound("answered(answer('count.answer')) and unanswered(detail.record)")
    assert evaluate(condition, Facts({})) is False
    assert evaluate(condition, Facts({"answer:count.answer": 0})) is True
    assert evaluate(bound("unanswered(answer)"), Facts({}, {"cold.reading": ()})) is False


@pytest.mark.parametrize(
    ("day", "amount", "step", "moved"),
    [
        (date(2024, 1, 31), 1, "months", date(2024, 2, 29)),
        (date(2023, 1, 31), 1, "months", date(2023, 2, 28)),
        (date(2024, 3, 31), -1, "months", date(2024, 2, 29)),
        (date(2024, 2, 29), 1, "years", date(2025, 2, 28)),
        (date(2024, 2, 29), 4, "years", date(2028, 2, 29)),
        (date(2024, 12, 31), 2, "months", date(2025, 2, 28)),
        (date(2024, 2, 28), 2, "days", date(2024, 3, 1)),
        (date(2024, 1, 1), -1, "days", date(2023, 12, 31)),
        (date(9999, 12, 31), 1, "days", None),
        (date(1, 1, 1), -1, "months", None),
        (date(2024, 1, 1), 10**9, "years", None),
    ],
)
def test_months_keep_the_end_of_the_month(day: date, amount: int, step: str, moved: date | None) -> None:
    assert shift(day, amount, step) == moved


def test_dates_are_compared_shifted_and_subtracted() -> None:
    facts = Facts({"inspection:date": date(2024, 1, 15), "detail:licence.answer:until": date(2024, 2, 14)})
    for text, held in {
        "answer('licence.answer', 'until') < inspection.date + 1 month": True,
        "answer('licence.answer', 'until') < inspection.date + 30 days": False,
        "answer('licence.answer', 'until') - inspection.date = 30": True,
        "inspection.date - answer('licence.answer', 'until') > 0": False,
        "answer('licence.answer', 'until') between 2024-01-01 and 2024-02-29": True,
        "inspection.date >= 2024-01-15": True,
    }.items():
        assert evaluate(bound(text), facts) is held, text


@pytest.mark.parametrize(
    ("left", "op", "right", "held"),
    [
        (8, "=", 8.0, True), (8, "=", "8", None), (True, "=", 1, None), ("是", "=", "是", True), (None, "!=", 1, None),
        ("a", "<", "b", None), (True, "<", False, None), (("甲", "乙"), "=", "甲", True), (("甲",), "!=", "乙", True),
        (("甲",), "<", "乙", None), (date(2024, 1, 1), "<", date(2024, 1, 2), True), (date(2024, 1, 1), "=", "2024-01-01", None),
        (0.1 + 0.2, "=", 0.3, False), (float("nan"), "<", 1, False),
    ],
)  # fmt: skip
def test_values_of_different_kinds_are_never_equal_nor_different(
    left: object, op: str, right: object, held: bool | None
) -> None:
    assert compare(left, op, right) is held  # type: ignore[arg-type]


# Random conditions over three flags, a number and a table of numbers.
_leaf = st.one_of(
    st.sampled_from("abc").map(_flag),
    st.builds(
        lambda op, limit: Compare(Ref("answer", "count.answer"), op, Literal_(limit)),
        st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), st.integers(0, 3),
    ),
    st.sampled_from(
        ["any(answer, reading > 8)", "all(answer, reading > 8)", "answer('count.answer') in [1, 2]",
         "answer('count.answer') between 1 and 2", "answered(answer('count.answer'))"]
    ).map(bound),
)  # fmt: skip
_conditions = st.recursive(
    _leaf,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map(lambda p: And(tuple(p)))
        | st.lists(inner, min_size=1, max_size=3).map(lambda p: Or(tuple(p)))
        | inner.map(Not)
    ),
    max_leaves=8,
)
_maybe = st.sampled_from(TRUTH)
_facts = st.builds(
    lambda flags, number, rows: Facts(
        {f"site:{n}": f for n, f in zip("abc", flags, strict=True) if f is not None}
        | ({"answer:count.answer": number} if number is not None else {}),
        {"cold.reading": tuple({"reading": r} for r in rows)} if rows is not None else {},
    ),
    st.tuples(_maybe, _maybe, _maybe), st.none() | st.integers(0, 3),
    st.none() | st.lists(st.sampled_from([5, 9, None]), max_size=3),
)  # fmt: skip


@given(_conditions, _facts)
def test_the_opposite_holds_exactly_when_the_condition_does_not(condition: Condition, facts: Facts) -> None:
    held = evaluate(condition, facts)
    other = evaluate(opposite(condition, SCOPE), facts)
    if facts.tables.get("cold.reading") == () and "reading" in repr(condition):
        return  # over an empty table neither any nor all holds: there is nothing to judge
    assert other is (None if held is None else not held)


_choices = st.sampled_from(
    [
        "answer('many.answer') = 甲", "answer('many.answer') != 乙", "answer('many.answer') in [甲, 乙]",
        "answer('duty.answer') = 在岗", "answer('duty.answer') in [不在岗]", "answer('licence.answer') != 是",
        "detail.record = 否", "any(answer('stock'), defect = 过期 and quantity > 1)", "sum(answer('stock'), quantity) >= 3",
    ]
).map(bound)  # fmt: skip
_more = st.builds(
    lambda facts, many, duty, licence, record, stock: Facts(
        dict(facts.values)
        | {
            key: value
            for key, value in (
                ("answer:many.answer", many), ("answer:duty.answer", duty), ("answer:licence.answer", licence),
                ("detail:cold.reading:record", record),
            )
            if value is not None
        },
        dict(facts.tables) | ({"stock": tuple(stock)} if stock is not None else {}),
    ),
    _facts,
    st.none() | st.lists(st.sampled_from(["甲", "乙", "丙"]), unique=True).map(lambda chosen: tuple(sorted(chosen))),
    st.sampled_from([None, "在岗", "不在岗"]), st.sampled_from([None, "是", "否"]), st.sampled_from([None, "是", "否"]),
    st.none() | st.lists(st.fixed_dictionaries({"defect": st.sampled_from([None, "过期", "变质"]),
                                                "quantity": st.sampled_from([None, 1, 2])}), max_size=3),
)  # fmt: skip


@given(st.recursive(_leaf | _choices, lambda i: i.map(Not) | st.tuples(i, i).map(And) | st.tuples(i, i).map(Or), max_leaves=6), _more)  # fmt: skip
def test_the_backends_judge_what_the_language_means(condition: Condition, facts: Facts) -> None:
    """Both backends share the lowering of conditions: only this comparison would find a mistake in it."""
    judge = Judge({"rule": condition})
    held, denied = judge.judge(facts, "")
    judge.close()
    expected = evaluate(condition, facts)
    assert ("rule" in held, "rule" in denied) == (expected is True, expected is False)


@given(_conditions, _facts)
def test_more_answers_never_turn_a_certain_result_around(condition: Condition, facts: Facts) -> None:
    """What is certain with some answers missing stays so whatever they are (monotony of Kleene logic)."""
    if "answered" in repr(condition).lower() or "Answered" in repr(condition):
        return
    held = evaluate(condition, facts)
    if held is None:
        return
    for a, number in product((True, False), range(4)):
        values = {"site:a": a, "site:b": a, "site:c": a, "answer:count.answer": number} | dict(facts.values)
        tables = {"cold.reading": ({"reading": 9},)} | dict(facts.tables)
        if any(r.get("reading") is None for r in tables["cold.reading"]):
            tables["cold.reading"] = tuple({"reading": r.get("reading") or number * 5} for r in tables["cold.reading"])
        assert evaluate(condition, Facts(values, tables)) is held


@given(_conditions, _facts)
def test_there_are_reasons_exactly_when_the_condition_holds(condition: Condition, facts: Facts) -> None:
    reasons = explain(condition, facts, SCOPE)
    if evaluate(condition, facts) is not True:
        assert reasons == []
    assert say(condition, SCOPE)
    assert say_passing(condition, SCOPE)


@pytest.mark.parametrize(
    ("text", "said", "passing"),
    [
        ("any(answer, reading < 2 or reading > 8)", "任一处读数小于 2 ℃，或读数大于 8 ℃", "每一处读数不小于 2 ℃，且读数不大于 8 ℃"),
        ("answer('licence.answer') = 否", "许可证为“否”", "许可证为“是”"),
        ("site.cold and detail.record = 否", "经营冷藏药品，且记录为“否”", "非“经营冷藏药品”，或记录为“是”"),
        ("answer('duty.answer') in [在岗, 不在岗]", "在岗情况为“在岗”、“不在岗”之一", "在岗情况不为“在岗”、“不在岗”"),
        ("answer('licence.answer', 'until') < inspection.date + 30 days", "有效期至早于检查日期后 30 日", "有效期至不早于检查日期后 30 日"),
        ("answer('count.answer') between 1 and 2", "数量在 1 到 2 之间", "数量不在 1 到 2 之间"),
        ("any(answer('stock'), defect = 过期)", "《清单》任一行问题为“过期”", "《清单》每一行问题为“变质”"),
        ("unanswered(answer('count.answer'))", "数量未填", "数量已填"),
        ("answer('many.answer') = 甲", "多选包含“甲”", "多选不包含“甲”"),
        ("(site.cold or site.rx) and answer('count.answer') > 2", "（经营冷藏药品，或经营处方药），且数量大于 2 盒",
         "（非“经营冷藏药品”，且非“经营处方药”），或数量不大于 2 盒"),
    ],
)  # fmt: skip
def test_a_condition_says_itself_in_chinese(text: str, said: str, passing: str) -> None:
    condition = bound(text)
    assert say(condition, SCOPE) == said
    assert say_passing(condition, SCOPE) == passing


def test_an_explanation_names_the_row_the_value_the_limit_and_what_passes() -> None:
    rows = ({"reading": 9.6, "device": "1号柜", "position": "上层"}, {"reading": 5}, {"reading": 1})
    reasons = explain(bound("any(answer, reading < 2 or reading > 8)"), Facts({}, {"cold.reading": rows}), SCOPE)
    assert [(r.where, r.asked, r.found, r.limit, r.passes) for r in reasons] == [
        ("1号柜 上层", "读数", "9.6 ℃", "读数大于 8 ℃", "读数不大于 8 ℃"),
        ("第 3 行", "读数", "1 ℃", "读数小于 2 ℃", "读数不小于 2 ℃"),
    ]


@given(st.text(alphabet="answer('x.y'), reading<>=!0129.-+ andornotinbetweensite.cold[]否是", max_size=60))
def test_any_text_is_a_condition_or_a_placed_mistake(text: str) -> None:
    try:
        condition = parse(text)
    except ConditionError as error:
        assert 0 <= error.span[0] <= len(text)
        assert error.reason
        return
    for complaint in check(condition, SCOPE)[1]:
        assert 0 <= complaint.span[0] < complaint.span[1] <= len(text)

"""What is called impossible is so for every answer, and over a few whole numbers and options nothing impossible is missed."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_expressions import SCOPE, bound

from engine.expressions.deciding import impossible
from engine.expressions.evaluate import Facts, evaluate
from engine.expressions.nodes import And, Condition, Flag, Not, Or, Ref, Type
from engine.expressions.scope import Question, Scope

DAY = date(2024, 1, 15)
UNTIL = "answer('licence.answer', 'until')"
LEAVES = (
    "answer('count.answer') > 3", "answer('count.answer') <= 3", "answer('count.answer') = 2",
    "answer('count.answer') in [1, 2, 3]", "answer('count.answer') between 2 and 4", "answer('count.answer') < -1",
    "answer('duty.answer') = 在岗", "answer('duty.answer') in [在岗, 不在岗]", "answer('duty.answer') != 不在岗",
    "answer('many.answer') = 甲", "answer('many.answer') in [甲, 乙]", "answer('many.answer') != 甲",
    f"{UNTIL} < inspection.date", f"{UNTIL} - inspection.date < 30", f"{UNTIL} >= inspection.date + 10 days",
    f"{UNTIL} > inspection.date + 1 month", f"{UNTIL} <= 2024-02-01", f"inspection.date + 5 days > {UNTIL}",
    f"answered({UNTIL})", "unanswered(answer('count.answer'))", "site.cold", "site.rx = false", "site.cold != true",
    "any(answer, reading < 2 or reading > 8)", "all(answer, reading between 2 and 8)", "any(answer, reading < 2)",
    "any(answer, reading < 2 and position = 门边)", "all(answer, position != 门边)", "answered(answer)",
    "count(answer) > 1", "count(answer) < 1", "count(answer, reading > 8) >= 1",
    "sum(answer('stock'), quantity) > 3", "any(answer('stock'), expiry < inspection.date and defect = 过期)",
)  # fmt: skip
CONDITIONS = st.recursive(
    st.sampled_from(LEAVES).map(bound),
    lambda inner: st.one_of(
        inner.map(lambda c: Not(c)),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
    ),
    max_leaves=6,
)
DAYS = st.one_of(st.none(), st.integers(-40, 60).map(lambda n: DAY + timedelta(days=n)))
READING = st.fixed_dictionaries(
    {"reading": st.sampled_from((None, 1, 2, 5.5, 8, 9)), "position": st.sampled_from((None, "门边", "中间"))}
)
STOCK = st.fixed_dictionaries(
    {"quantity": st.sampled_from((None, 0, 3, 4)), "expiry": DAYS, "defect": st.sampled_from((None, "过期", "变质"))}
)


@st.composite
def _facts(draw: st.DrawFn) -> Facts:
    values = {
        "answer:count.answer": draw(st.sampled_from((None, -2, 0, 1, 2, 3, 4))),
        "answer:duty.answer": draw(st.sampled_from((None, "在岗", "不在岗"))),
        "answer:many.answer": draw(st.sampled_from((None, ("甲",), ("乙", "丙"), ("甲", "乙"), ()))),
        "detail:licence.answer:until": draw(DAYS), "inspection:date": DAY,
        "site:cold": draw(st.sampled_from((None, True, False))), "site:rx": draw(st.sampled_from((None, True, False))),
    }  # fmt: skip
    tables = {}
    if draw(st.booleans()):
        tables["cold.reading"] = draw(st.lists(READING, max_size=3))
    if draw(st.booleans()):
        tables["stock"] = draw(st.lists(STOCK, max_size=3))
    return Facts(values, tables)


@given(CONDITIONS, st.lists(_facts(), min_size=1, max_size=8))
def test_no_answer_does_what_is_called_impossible(condition: Condition, many: list[Facts]) -> None:
    denied = [value for value in (True, False) if impossible([(condition, value)], SCOPE)]
    for facts in many:
        assert evaluate(condition, facts) not in denied


WHOLE = Scope(
    {
        "n": Question("n", "数", Type("number", "数", low=0, high=5, whole=True)),
        "w": Question("w", "项", Type("word", "项", options=("甲", "乙", "丙"))),
    },
    {"cold": Type("flag", "冷藏")},
)
SMALL = st.recursive(
    st.one_of(
        st.tuples(st.sampled_from(("=", "!=", "<", "<=", ">", ">=")), st.integers(-1, 6)).map(
            lambda t: bound(f"answer('n') {t[0]} {t[1]}", WHOLE)
        ),
        st.tuples(st.sampled_from(("=", "!=")), st.sampled_from("甲乙丙")).map(
            lambda t: bound(f"answer('w') {t[0]} {t[1]}", WHOLE)
        ),
        st.just(Flag(Ref("site", "cold"))),
    ),
    lambda inner: st.one_of(
        inner.map(lambda c: Not(c)),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
    ),
    max_leaves=6,
)


@given(SMALL)
def test_over_a_few_values_the_decision_is_that_of_trying_them_all(condition: Condition) -> None:
    tried = {
        evaluate(condition, Facts({"answer:n": n, "answer:w": w, "site:cold": cold}))
        for n, w, cold in product(range(6), "甲乙丙", (True, False))
    }
    for value in (True, False):
        assert impossible([(condition, value)], WHOLE) == (value not in tried)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (f"{UNTIL} < inspection.date and {UNTIL} > inspection.date", True),
        (f"{UNTIL} - inspection.date < 30 and {UNTIL} > inspection.date + 40 days", True),
        (f"{UNTIL} >= inspection.date + 1 month or {UNTIL} < inspection.date + 1 month", False),
        ("unanswered(answer('count.answer')) and answer('count.answer') > 3", True),
        ("any(answer, reading < 2 and reading > 8)", True),
        ("any(answer, reading < 2) and all(answer, reading >= 2)", True),
        ("count(answer, reading > 8) < 0", True),
        ("answer('many.answer') = 甲 and not answer('many.answer') in [甲, 乙]", True),
        ("answer('duty.answer') != 在岗 and answer('duty.answer') != 不在岗", True),
    ],
)
def test_these_are_impossible(text: str, value: bool) -> None:
    assert impossible([(bound(text), value)], SCOPE)


@pytest.mark.parametrize(
    "text",
    [
        "any(answer, reading < 2) and any(answer, reading > 8)",  # two rows
        "any(answer, reading < 2) and count(answer) > 2",
        f"{UNTIL} > inspection.date + 1 month and {UNTIL} < inspection.date + 40 days",  # months are left open
        "answer('many.answer') = 甲 and answer('many.answer') = 乙",
        "not all(answer, reading > 2) and not any(answer, reading <= 2)",  # an empty table
    ],
)
def test_these_are_not(text: str) -> None:
    assert not impossible([(bound(text), True)], SCOPE)


def test_what_would_take_too_long_is_not_judged() -> None:
    clash = bound("answer('n') > 3 and answer('n') < 2", WHOLE)
    choices = [Or((Flag(Ref("site", f"a{n}")), Flag(Ref("site", f"b{n}")))) for n in range(40)]
    assert impossible([(And((*choices, clash)), True)], WHOLE)
    assert not impossible([(And((clash, *choices)), True)], WHOLE), "found by trying two to the fortieth alternatives?"

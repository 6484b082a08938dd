"""Whether a condition became stricter: held against what it says of every fact there can be, never guessed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations_with_replacement, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.expressions.check import check
from engine.expressions.comparing import Limit, Relation, changed_limits, relation
from engine.expressions.evaluate import Facts, evaluate
from engine.expressions.nodes import Condition, Type
from engine.expressions.parse import parse
from engine.expressions.scope import Question, Scope

SCOPE = Scope(
    {
        "a.number": Question(
            "a.number",
            "温度",
            Type("number", "温度", "℃"),
            {"kind": Type("word", "种类", options=("甲", "乙", "丙")), "until": Type("date", "有效期至")},
        ),
        "a.count": Question("a.count", "个数", Type("number", "个数", "个", whole=True)),
        "a.text": Question("a.text", "说明", Type("word", "说明")),
        "a.many": Question("a.many", "多选", Type("words", "多选", options=("甲", "乙"))),
        "a.rows": Question("a.rows", "读数", None, {}, {"reading": Type("number", "读数", "℃")}),
    },
    {"cold": Type("flag", "冷藏")},
    own="a.number",
)
DAY = date(2024, 1, 31)


def bound(text: str) -> Condition:
    condition, complaints = check(parse(text), SCOPE)
    assert not complaints, (text, complaints)
    return condition


def related(old: str, new: str) -> Relation:
    return relation(bound(old), bound(new), SCOPE, SCOPE)


OPPOSITE: dict[Relation, Relation] = {"same": "same", "wider": "narrower", "narrower": "wider", "unknown": "unknown"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("answer > 30", "answer > 20", "wider"),
        ("answer > 30", "answer >= 30", "wider"),
        ("answer < 2", "answer < 1", "narrower"),
        ("answer > 30", "answer < 30", "unknown"),
        ("answer = 3", "answer = 4", "unknown"),
        ("20 < answer", "answer > 20", "same"),
        ("answer > 0", "answer >= 1", "narrower"),
        ("answer('a.count') > 0", "answer('a.count') >= 1", "same"),
        ("answer('a.count') > 0", "answer('a.count') > 0.5", "same"),
        ("answer < 2 or answer > 8", "not (answer between 2 and 8)", "same"),
        ("answer < 2 or answer > 8", "not (answer between 2 and 6)", "wider"),
        ("answer < 2 or answer > 8", "not (answer between 3 and 9)", "unknown"),
        ("site.cold and answer > 8", "answer > 8", "wider"),
        ("answer > 8", "answer > 8 and site.cold", "narrower"),
        ("answer > 8 and site.cold", "site.cold and answer > 8", "same"),
        ("answer > 9 and site.cold", "answer > 8 or site.cold", "wider"),
        ("detail.kind = 甲", "detail.kind in [甲, 乙]", "wider"),
        ("detail.kind in [甲, 乙]", "detail.kind != 丙", "same"),
        ("answer('a.text') in [甲, 乙]", "answer('a.text') != 丙", "wider"),
        ("answer('a.many') = 甲", "answer('a.many') in [甲, 乙]", "wider"),
        ("answer('a.many') != 甲", "answer('a.many') = 乙", "unknown"),
        ("any(answer('a.rows'), reading > 8)", "any(answer('a.rows'), reading > 6)", "wider"),
        ("any(answer('a.rows'), reading > 8)", "all(answer('a.rows'), reading > 8)", "narrower"),
        ("any(answer('a.rows'), reading > 8)", "count(answer('a.rows'), reading > 8) > 0", "same"),
        ("any(answer('a.rows'), reading < 2 or reading > 8)", "any(answer('a.rows'), not (reading between 2 and 8))", "same"),
        ("count(answer('a.rows'), reading > 8) > 2", "count(answer('a.rows'), reading > 6) >= 2", "wider"),
        ("count(answer('a.rows'), reading > 8) > 2", "count(answer('a.rows'), reading > 6) > 3", "unknown"),
        ("count(answer('a.rows')) > 0", "any(answer('a.rows'), reading < 5) or any(answer('a.rows'), reading >= 5)", "same"),
        ("sum(answer('a.rows'), reading) > 9", "sum(answer('a.rows'), reading) > 5", "wider"),
        ("detail.until < inspection.date", "detail.until < inspection.date + 1 month", "wider"),
        ("detail.until < inspection.date - 1 year", "detail.until < inspection.date - 6 months", "wider"),
        ("detail.until < inspection.date - 1 year", "detail.until < inspection.date - 12 months", "same"),
        ("detail.until < inspection.date - 1 month", "detail.until < inspection.date - 30 days", "unknown"),
        ("inspection.date - detail.until > 30", "detail.until < inspection.date - 20 days", "wider"),
        ("detail.until < inspection.date", "inspection.date > detail.until", "same"),
        ("inspection.date >= 2022-12-01 and answer > 1", "answer > 1", "wider"),
        ("unanswered(detail.until) and site.cold", "site.cold", "wider"),
        ("site.cold", "earlier('a.number')", "unknown"),
        ("answered(detail.until) and detail.until < inspection.date", "detail.until < inspection.date", "same"),
        ("unanswered(detail.until) or detail.until < inspection.date", "detail.until < inspection.date", "narrower"),
        ("answered(detail.kind) and detail.kind != 甲", "not (detail.kind = 甲)", "same"),
        ("unanswered(answer('a.rows')) or any(answer('a.rows'), reading > 8)", "any(answer('a.rows'), reading > 8)", "narrower"),
    ],
)  # fmt: skip
def test_the_direction_of_a_change(old: str, new: str, expected: Relation) -> None:
    scope = SCOPE
    if "earlier" in new:
        scope = Scope(SCOPE.questions, SCOPE.site, own="a.number", earlier=frozenset({"a.number"}))
    one, other = (check(parse(text), scope)[0] for text in (old, new))
    assert relation(one, other, scope, scope) == expected
    assert relation(other, one, scope, scope) == OPPOSITE[expected]


def test_months_are_not_days_turned_round() -> None:
    """From 31 January a month on is 29 February; a month back from 29 February is 29 January."""
    assert related("detail.until < inspection.date + 1 month", "inspection.date > detail.until - 1 month") == "unknown"


def _leaf() -> st.SearchStrategy[str]:
    ops = st.sampled_from(["<", "<=", ">", ">=", "=", "!="])
    small = st.integers(0, 2)
    rows = "answer('a.rows')"
    return st.one_of(
        st.builds("answer {} {}".format, ops, small),
        st.builds("answer between {} and {}".format, st.integers(0, 1), st.integers(1, 2)),
        st.builds("answer('a.count') {} {}".format, ops, small),
        st.sampled_from(["detail.kind = 甲", "detail.kind != 乙", "detail.kind in [甲, 丙]", "site.cold"]),
        st.sampled_from(["answered(detail.kind)", "unanswered(detail.kind)", "unanswered(answer)"]),
        st.builds("any({}, reading {} {})".format, st.just(rows), ops, small),
        st.builds("all({}, reading {} {})".format, st.just(rows), ops, small),
        st.builds("count({}, reading {} {}) {} {}".format, st.just(rows), ops, small, ops, st.integers(0, 1)),
    )


_conditions = st.recursive(
    _leaf(),
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner), st.builds("({} or {})".format, inner, inner),
        st.builds("not {}".format, inner),
    ),
    max_leaves=2,
)  # fmt: skip


def _facts(*texts: str) -> Iterator[Facts]:
    """Yield facts in which whatever the conditions name takes every value that could matter."""
    said = " ".join(texts)

    def unknown(asked: str) -> list[None]:
        return [None] if f"answered{asked}" in said else []

    halves = [n / 2 for n in range(-1, 6)]
    axes = {
        "answer:a.number": [*halves, *unknown("(answer)")] if "answer" in said else [0],
        "answer:a.count": range(4) if "a.count" in said else [0],
        "detail:a.number:kind": ["甲", "乙", "丙", *unknown("(detail.kind)")] if "kind" in said else ["甲"],
        "site:cold": [True, False] if "cold" in said else [False],
    }
    tables = [()] if "rows" not in said else [t for n in range(3) for t in combinations_with_replacement(halves, n)]
    for values in product(*axes.values()):
        for table in tables:
            rows = tuple({"reading": reading} for reading in table)
            yield Facts(dict(zip(axes, values, strict=True)), {"a.rows": rows})


@given(_conditions, _conditions)
def test_it_is_what_the_facts_say(old: str, new: str) -> None:
    one, other = bound(old), bound(new)
    results = {(evaluate(one, facts) is True, evaluate(other, facts) is True) for facts in _facts(old, new)}
    seen = (False, True) in results, (True, False) in results
    found = related(old, new)
    told = found in ("wider", "unknown"), found in ("narrower", "unknown")
    if "rows" in old + new:  # the tables tried here are short: what they do not show may be so all the same
        assert all(may or not shown for may, shown in zip(told, seen, strict=True)), (old, new, found, seen)
    else:
        assert told == seen, (old, new, found, seen)


def test_a_condition_with_too_many_cases_is_not_told() -> None:
    kinds = {f"x.{n}": Question(f"x.{n}", "", Type("number")) for n in range(11)}
    scope = Scope(kinds, {})
    texts = (
        " or ".join(f"answer('x.{n}') > 1" for n in range(11)),
        " or ".join(f"answer('x.{n}') > {n}" for n in range(9)),
    )
    one, other = (check(parse(text), scope)[0] for text in texts)
    assert relation(one, other, scope, scope) == "unknown"


@pytest.mark.parametrize(
    ("old", "new", "limits"),
    [
        ("answer > 30", "answer > 20", [("温度", "大于 30 ℃", "大于 20 ℃")]),
        ("answer > 30", "20 <= answer", [("温度", "大于 30 ℃", "不小于 20 ℃")]),
        (
            "any(answer('a.rows'), reading < 2 or reading > 8)",
            "any(answer('a.rows'), reading < 2 or reading > 6)",
            [("读数", "大于 8 ℃", "大于 6 ℃")],
        ),
        (
            "not (answer between 2 and 8)",
            "not (answer between 3 and 8)",
            [("温度", "小于 2 ℃", "小于 3 ℃")],
        ),
        (
            "detail.until < inspection.date",
            "detail.until < inspection.date + 1 month",
            [("有效期至", "早于检查日期", "早于检查日期后 1 个月")],
        ),
        ("answer > 30", "answer > 30 and site.cold", []),
        ("answer > 30", "answer < 20", []),
        ("detail.kind = 甲", "detail.kind = 乙", []),
    ],
)
def test_the_limits_that_moved_are_said(old: str, new: str, limits: list[tuple[str, str, str]]) -> None:
    assert changed_limits(bound(old), bound(new), SCOPE, SCOPE) == tuple(Limit(*each) for each in limits)


@given(st.integers(-40, 40), st.integers(-40, 40))
def test_days_between_dates_are_counted(old: int, new: int) -> None:
    """Written as a difference or as a shifted date, a term of days means the same."""
    one, other = f"inspection.date - detail.until > {old}", f"detail.until < inspection.date - {new} days"
    if new < 0:
        other = f"detail.until < inspection.date + {-new} days"
    expected = "same" if old == new else "wider" if new < old else "narrower"
    assert related(one, other) == expected
    until = DAY - timedelta(days=new + 1)
    facts = Facts({"inspection:date": DAY, "detail:a.number:until": until})
    assert evaluate(bound(other), facts) is True

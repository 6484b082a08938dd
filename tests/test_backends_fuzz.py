"""Both backends on random rules and nasty values must say the same. `make fuzz` runs the long version."""

from __future__ import annotations

import math
from datetime import date

from hypothesis import assume, given
from hypothesis import strategies as st

from engine.inference.durable import DurableBackend
from engine.inference.ir import All, Ir, IrRule, Leaf, Opposite, Some, TooComplexError, conjunctions
from engine.inference.reference import ReferenceBackend

# 门员从食 and 员全洗可 share an FNV-1a hash; the others are names that the library treats specially.
KEYS = ("a", "b", "answer:x.y", "门员从食", "员全洗可", "sid", "id", "$s", 'q"uote', "a.b", "p0", "g", "warm", "", "😀")
NUMBERS = (
    0,
    1,
    -1,
    2,
    8,
    8.0,
    8.1,
    7.999999999999999,
    0.1 + 0.2,
    1e-7,
    1e-300,
    5e-324,
    -0.0,
    2**53,
    2**53 - 1,
    -(2**53),
    1e15,
    123456.789,
)
WORDS = (
    "是",
    "否",
    "不适用",
    "",
    "8",
    "true",
    "否 ",
    'say "hi"',
    "\\u5426",
    "𠮷😀",
    "no" + "x" * 65_534,
    "a\nb",
    "x" * 70_000,
    "'",
)
DAYS = (date(2024, 1, 1), date(2018, 12, 22), date(1, 1, 1), date(9999, 12, 31))
NASTY = (
    None,
    math.nan,
    math.inf,
    -math.inf,
    2**53 + 1,
    -(2**53) - 1,
    10**30,
    [1],
    (1,),
    {},
    b"x",
    object(),
    "\ud800",
    1j,
)

_constants = (
    st.sampled_from(NUMBERS) | st.sampled_from(WORDS) | st.sampled_from(DAYS) | st.booleans() | st.integers(-9, 9)
)
_values = _constants | st.sampled_from(NASTY) | st.floats(allow_nan=True) | st.integers() | st.text(max_size=5)


@st.composite
def _leaves(draw: st.DrawFn) -> Leaf:
    value = draw(_constants)
    ordered = isinstance(value, (int, float, date)) and not isinstance(value, bool)
    op = draw(st.sampled_from(["=", "!=", "<", "<=", ">", ">="] if ordered else ["=", "!="]))
    return Leaf(draw(st.sampled_from(KEYS)), op, value)


_conditions = st.recursive(
    _leaves(),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda p: All(tuple(p)))
        | st.lists(inner, max_size=3).map(lambda p: Some(tuple(p)))
        | inner.map(Opposite)
    ),
    max_leaves=9,
)
_facts = st.dictionaries(st.sampled_from(KEYS), _values, max_size=len(KEYS))


def _kleene(node: Ir, facts: dict[str, object]) -> bool | None:
    """A third reading of the same conditions, the plainest possible."""
    match node:
        case Leaf(key=key, op=op, value=limit):
            value = facts.get(key)
            if type(limit) in (int, float):
                if type(value) not in (int, float) or not -(2**53) <= value <= 2**53:
                    return None
            elif type(value) is not type(limit):
                return None
            return {
                "=": value == limit, "!=": value != limit,
                "<": op == "<" and value < limit, "<=": op == "<=" and value <= limit,
                ">": op == ">" and value > limit, ">=": op == ">=" and value >= limit,
            }[op]  # fmt: skip
        case Opposite(part=part):
            inner = _kleene(part, facts)
            return None if inner is None else not inner
        case All(parts=parts):
            found = [_kleene(p, facts) for p in parts]
            return False if False in found else None if None in found else True
        case Some(parts=parts):
            found = [_kleene(p, facts) for p in parts]
            return True if True in found else None if None in found else False


def _fits(rule: IrRule) -> bool:
    try:
        conjunctions(rule)
    except TooComplexError:
        return False
    return True


@given(st.lists(_conditions, min_size=1, max_size=25), st.lists(_facts, min_size=1, max_size=5))
def test_durable_and_reference_agree_with_a_third_reading(conditions: list[Ir], sites: list[dict[str, object]]) -> None:
    rules = [rule for i, c in enumerate(conditions) if _fits(rule := IrRule(f"r{i}", c))]
    assume(rules)
    durable, reference = DurableBackend().compile(rules), ReferenceBackend().compile(rules)
    try:
        for facts in sites:
            verdicts = {rule.id: _kleene(rule.condition, facts) for rule in rules}
            holding = [id_ for id_, held in verdicts.items() if held is True]
            assert durable.evaluate(facts) == holding
            assert reference.evaluate(facts) == holding
            assert reference.refuted(facts) == [id_ for id_, held in verdicts.items() if held is False]
    finally:
        durable.close()


@given(st.lists(_leaves(), min_size=1, max_size=120), _facts)
def test_many_single_conditions_at_once(leaves: list[Leaf], facts: dict[str, object]) -> None:
    rules = [IrRule(f"r{i}", leaf) for i, leaf in enumerate(leaves)]
    durable, reference = DurableBackend().compile(rules), ReferenceBackend().compile(rules)
    try:
        assert durable.evaluate(facts) == reference.evaluate(facts)
    finally:
        durable.close()

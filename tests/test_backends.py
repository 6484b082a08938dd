"""The durable backend at its limits: what is known to crash or lie in the library is kept out by construction."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise, product

import durable_rules_engine
import pytest

from engine.inference import durable as durable_module
from engine.inference.durable import MAX_PENDING, DurableBackend, DurableError, DurableProgram, name_hash, number_token
from engine.inference.ir import All, IrRule, Leaf, Opposite, Some, TooComplexError, conjunctions
from engine.inference.reference import ReferenceBackend


@contextmanager
def compiled(rules: list[IrRule]) -> Iterator[DurableProgram]:
    program = DurableBackend().compile(rules)
    try:
        yield program
    finally:
        program.close()


def test_two_thousand_rules_all_fire_on_one_site() -> None:
    rules = [IrRule(f"r{i}", Leaf(f"k{i % 700}", ">=", i)) for i in range(2000)]
    facts: dict[str, object] = {f"k{i}": 5000 for i in range(700)}
    with compiled(rules) as program:
        assert program.evaluate(facts) == [rule.id for rule in rules]


@pytest.mark.parametrize("count", [255, 256, 257, 1000])
def test_rules_with_one_condition_share_it(count: int) -> None:
    """The library crashes at 256 rules with the identical condition (C4)."""
    rules = [IrRule(f"r{i}", Leaf("q", "=", "否")) for i in range(count)]
    with compiled(rules) as program:
        assert len(program.evaluate({"q": "否"})) == count
        assert program.evaluate({"q": "是"}) == []


@pytest.mark.parametrize("count", [64, 65, 511, 512, 513, 1100])
def test_rules_on_many_properties_are_spread_over_chunks(count: int) -> None:
    """The library loses matches beyond 64 pending and hangs at 513 children of a node (C5, 303)."""
    rules = [IrRule(f"r{i}", Leaf(f"k{i}", "=", "否")) for i in range(count)]
    with compiled(rules) as program:
        assert len(program.evaluate({f"k{i}": "否" for i in range(count)})) == count


def test_rules_on_one_property_are_spread_over_chunks() -> None:
    """2,000 rules on one property hang the stock library."""
    rules = [IrRule(f"r{i}", Leaf("t", ">", i)) for i in range(2000)]
    with compiled(rules) as program:
        assert len(program.evaluate({"t": 1999})) == 1999
        assert program.evaluate({"t": 0}) == []


def test_a_rule_fires_once_however_many_branches_hold() -> None:
    """The library fires once a satisfied branch of an or (W10)."""
    rule = IrRule("r", Some(tuple(Leaf(k, "=", "否") for k in "abcd")))
    with compiled([rule]) as program:
        assert program.evaluate(dict.fromkeys("abcd", "否")) == ["r"]


def test_texts_never_pass_for_numbers() -> None:
    """In the library '' == 8 and '不适用' > 8 hold, and True == 1 (W1, W2)."""
    rules = [IrRule("gt", Leaf("t", ">", 8)), IrRule("eq", Leaf("t", "=", 8)), IrRule("one", Leaf("t", "=", 1))]
    with compiled(rules) as program:
        for value in ("", "不适用", "8", "9", True, False, None, [9], {"a": 9}):
            assert program.evaluate({"t": value}) == [], value
        assert program.evaluate({"t": 8.0}) == ["eq"]


def test_long_texts_are_told_apart() -> None:
    """The library cuts lengths to 16 bits: 'no' equals 'no' followed by 65,534 characters (W6)."""
    with compiled([IrRule("r", Leaf("x", "=", "no"))]) as program:
        assert program.evaluate({"x": "no" + "x" * 65_534}) == []
        assert program.evaluate({"x": "no"}) == ["r"]


def test_names_that_share_a_hash_are_told_apart() -> None:
    """The library knows a property by its 32-bit hash alone (W18)."""
    assert name_hash("门员从食") == name_hash("员全洗可")
    with compiled([IrRule("a", Leaf("门员从食", "=", "否")), IrRule("b", Leaf("员全洗可", "=", "否"))]) as program:
        assert program.evaluate({"门员从食": "否"}) == ["a"]
        assert program.evaluate({"员全洗可": "否"}) == ["b"]


def test_what_is_missing_is_never_different() -> None:
    with compiled([IrRule("ne", Leaf("a", "!=", "是")), IrRule("not", Opposite(Leaf("a", "=", "是")))]) as program:
        assert program.evaluate({}) == []
        assert program.evaluate({"a": "否"}) == ["ne", "not"]


def test_numbers_are_written_without_an_exponent() -> None:
    """The library refuses an exponent without a decimal point (W8)."""
    for value in (1e-7, 1e22, 5e-324, -1e-9, 123456789.125):
        assert "e" not in number_token(value)
        assert float(number_token(value)) == value


def test_always_and_never() -> None:
    with compiled([IrRule("always", All(())), IrRule("never", Some(())), IrRule("r", Leaf("a", "=", 1))]) as program:
        assert program.evaluate({}) == ["always"]
        assert program.evaluate({"a": 1}) == ["always", "r"]


def test_too_complex_conditions_are_named() -> None:
    wide = IrRule("wide", All(tuple(Some((Leaf(f"a{i}", "=", 1), Leaf(f"b{i}", "=", 1))) for i in range(7))))
    with pytest.raises(TooComplexError, match="wide"):
        conjunctions(wide)
    long = IrRule("long", All(tuple(Leaf(f"a{i}", "=", 1) for i in range(25))))
    with pytest.raises(TooComplexError, match="long"):
        DurableBackend().compile([long])


def test_pending_matches_stay_below_the_stack_of_the_library() -> None:
    rules = [
        IrRule(f"r{i}", All((Leaf(f"s{i % 3}", "=", True), Leaf(f"k{i}", ">", 0), Leaf(f"m{i % 40}", "!=", 7))))
        for i in range(400)
    ]
    with compiled(rules) as program:
        for chunk in program._chunks:
            patterns = [
                r["all"][0]["m"]["$and"][1:] for r in json.loads(chunk.source).values() if "$and" in r["all"][0]["m"]
            ]
            assert _worst(patterns) <= MAX_PENDING
        facts: dict[str, object] = (
            {f"s{i}": True for i in range(3)} | {f"k{i}": 1 for i in range(400)} | {f"m{i}": 1 for i in range(40)}
        )
        assert len(program.evaluate(facts)) == 400


def _worst(patterns: list[list[object]]) -> int:
    """Count again, from the rules as the library gets them: every node on the deepest path keeps its siblings."""
    children: dict[tuple[str, ...], set[str]] = {}
    for pattern in patterns:
        path = [json.dumps(leaf) for leaf in pattern]
        for depth, leaf in enumerate(path):
            children.setdefault(tuple(path[:depth]), set()).add(leaf)
    return max(sum(len(children.get(path[:d], ())) for d in range(len(path) + 1)) for path in [*children, ()])


def test_a_clean_site_a_thousand_times() -> None:
    """Deleting the state of a site on which nothing fired crashes the library (C1): the state is never deleted."""
    rules = [IrRule(f"r{i}", Leaf(f"k{i}", "=", "否")) for i in range(60)]
    with compiled(rules) as program:
        for _ in range(1000):
            assert program.evaluate({f"k{i}": "是" for i in range(60)}) == []


def test_programs_are_opened_and_closed_on_a_dirty_heap() -> None:
    script = (
        "from engine.inference.durable import DurableBackend\n"
        "from engine.inference.ir import IrRule, Leaf\n"
        "for n in range(200):\n"
        "    p = DurableBackend().compile([IrRule(f'r{i}', Leaf(f'k{i}', '=', '否')) for i in range(70)])\n"
        "    assert p.evaluate({'k1': '是'}) == []\n"
        "    assert p.evaluate({'k1': '否'}) == ['r1']\n"
        "    p.close()\n"
        "print('done')\n"
    )
    environment = os.environ | {"MALLOC_PERTURB_": "165"}
    run = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (0, "done\n"), run.stderr


def test_an_interrupted_evaluation_leaves_a_clean_program(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = [IrRule(f"r{i}", Leaf(f"k{i % 40}", ">", i)) for i in range(300)]
    facts: dict[str, object] = {f"k{i}": 500 for i in range(40)}
    real = durable_rules_engine.complete_and_start_action
    with compiled(rules) as program:
        expected = program.evaluate(facts)
        assert len(expected) == 300
        for stop_after in (1, 7, 100):
            calls = 0

            def interrupted(*arguments: object, limit: int = stop_after) -> object:
                nonlocal calls
                calls += 1
                if calls == limit:
                    raise KeyboardInterrupt
                return real(*arguments)

            monkeypatch.setattr(durable_module._engine, "complete_and_start_action", interrupted)
            with pytest.raises(KeyboardInterrupt):
                program.evaluate(facts)
            monkeypatch.setattr(durable_module._engine, "complete_and_start_action", real)
            assert program.evaluate({}) == []
            assert program.evaluate(facts) == expected


def test_an_unexpected_status_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with compiled([IrRule("r", Leaf("a", "=", 1))]) as program:
        monkeypatch.setattr(durable_module._engine, "assert_fact", lambda *_: (2, 0))
        with pytest.raises(DurableError):
            program.evaluate({"a": 1})


def _resident() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize("sites", [20_000])
def test_memory_is_flat_over_twenty_thousand_sites(sites: int) -> None:
    rules = [IrRule(f"r{i}", Some((Leaf(f"k{i}", "=", "否"), Leaf(f"n{i}", ">", 8)))) for i in range(60)]
    with compiled(rules) as program:
        reference = ReferenceBackend().compile(rules)
        marks = []
        for number in range(sites):
            facts = {f"k{i}": "否" if (number * 7 + i) % 11 == 0 else "是" for i in range(60)} | {f"n{number % 60}": 9}
            found = program.evaluate(facts)
            if number % 50 == 0:
                assert found == reference.evaluate(facts)
            if number % 5000 == 4999:
                marks.append(_resident())
        growth = [later - earlier for earlier, later in pairwise(marks)]
        assert max(growth) < 2_000_000, f"resident memory after each 5,000 sites: {marks}"


def test_ids_keep_the_order_in_which_they_were_given() -> None:
    rules = [IrRule(f"r{i}", Leaf(f"k{i % 5}", "=", True)) for i in reversed(range(150))]
    with compiled(rules) as program:
        assert program.evaluate({f"k{i}": True for i in range(5)}) == [rule.id for rule in rules]


def test_every_small_truth_table() -> None:
    names = ("a", "b", "c")
    a, b, c = (Leaf(n, "=", True) for n in names)
    rules = [
        IrRule("and", All((a, b, c))), IrRule("or", Some((a, b, c))), IrRule("not", Opposite(a)),
        IrRule("nand", Opposite(All((a, b)))), IrRule("nor", Opposite(Some((a, b)))),
        IrRule("mixed", All((Some((a, Opposite(b))), Opposite(All((b, c)))))),
        IrRule("twice", Opposite(Opposite(a))),
    ]  # fmt: skip
    reference = ReferenceBackend().compile(rules)
    with compiled(rules) as program:
        for values in product((True, False, None), repeat=3):
            facts = {n: v for n, v in zip(names, values, strict=True) if v is not None}
            assert program.evaluate(facts) == reference.evaluate(facts), facts

"""The durable_rules backend. The only importer of the library.

Outside a narrow subset durable_rules crashes, hangs or answers wrongly in silence (docs/decisions/0003), so the
subset is kept by construction:

- one pattern a rule, a conjunction of numeric comparisons behind a guard property; or and not are compiled away;
- one wide flat fact of numbers per chunk and evaluation, under a constant sid and id; texts, choices, flags are
  interned to small numbers, dates are day numbers; unknown values are left out;
- property names are short, ASCII and checked for hash collisions, facts stay under 240 properties;
- a chunk can never have 60 matches pending; equal conjunctions are one rule of the library;
- no Host, no actions in Python: assert, drain, retract through the C module; after any failure the chunk is rebuilt.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne
from typing import Any, NamedTuple

import durable_rules_engine as _engine

from engine.inference.ir import Constant, FlatFacts, IrRule, Leaf, TooComplexError, conjunctions

MAX_PENDING = 58
"""The library's stack holds 64 matches of one fact."""
MAX_PROPERTIES = 240
"""The library allows 252 properties a fact."""
MAX_REMEMBERED = 200
"""Values of one fact whose encoding is kept."""
LONGEST_REMEMBERED = 60
"""Characters of a text that is kept: options are short, what people write freely does not come again."""
_LIMIT = 2**53
_OPERATOR = {"!=": "$neq", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}
_HOLDS: dict[str, Callable[[Any, Any], bool]] = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
_TYPES: dict[str, tuple[type, ...]] = {"str": (str,), "bool": (bool,), "number": (float, int), "date": (date,)}
_SELECTIVITY = {"=": 0, "<": 1, "<=": 1, ">": 1, ">=": 1, "!=": 2}


class DurableError(Exception):
    """The library did something that the subset rules out."""


class DurableBackend:
    """Compiles rules to durable_rules rulesets."""

    def compile(self, rules: Sequence[IrRule]) -> DurableProgram:
        """Return the rules ready to evaluate; raise TooComplexError where one does not fit."""
        return DurableProgram(rules)


class _Property:
    """A fact under one encoding: its name in the library, and small numbers for texts and flags."""

    __slots__ = ("kind", "name", "symbols")

    def __init__(self, name: str, kind: str) -> None:
        self.name, self.kind = name, kind
        self.symbols: dict[object, int] = {}


class _Test(NamedTuple):
    prop: _Property
    op: str
    limit: Constant
    condition: str


class _Conjunction(NamedTuple):
    places: list[int]
    """Of the rules it stands for."""
    conditions: tuple[str, ...]
    properties: frozenset[str]
    tests: tuple[_Test, ...]


class _Told(dict[object, tuple[tuple[int, str], ...]]):
    """What to tell which chunk of a fact, by its value: worked out at first sight, then looked up.

    A chunk is told only what a test of its own may hold on: the library's work grows with the properties of a fact.
    """

    def __init__(self, prop: _Property, asked: dict[int, set[tuple[str, Constant]]]) -> None:
        super().__init__()
        self._prop, self._asked = prop, asked

    def __missing__(self, value: Any) -> tuple[tuple[int, str], ...]:
        token = _token(self._prop, value)
        holding = (c for c, tests in self._asked.items() if any(_HOLDS[op](value, limit) for op, limit in tests))
        told = tuple((chunk, token) for chunk in holding) if token else ()
        if len(self) < MAX_REMEMBERED and not (type(value) is str and len(value) > LONGEST_REMEMBERED):
            self[value] = told
        return told


class _Chunk:
    """One ruleset of the library and the places of the rules that its own stand for."""

    def __init__(self, name: str, conjunctions: list[_Conjunction]) -> None:
        self.name = name
        self.places = {f"{i:04d}": tuple(c.places) for i, c in enumerate(conjunctions)}
        rules = [
            f'"{name}":{{"all":[{{"m":{{"$and":[{{"g":1}},{",".join(c.conditions)}]}}}}]}}'
            for name, c in zip(self.places, conjunctions, strict=True)
        ]
        rules.append('"w":{"all":[{"m":{"warm":1}}]}')
        self.source = "{" + ",".join(rules) + "}"
        self.handle = self._open()

    def _open(self) -> int:
        """Create the ruleset and fire one dummy rule, which initialises what delete_state would otherwise free raw."""
        handle = _engine.create_ruleset(self.name, self.source)
        _, offset = _engine.assert_fact(handle, '{"sid":"s","id":"w","warm":1}')
        if _engine.start_action_for_state(handle, offset) is None:
            raise DurableError("warm-up did not fire")
        _engine.complete_and_start_action(handle, offset)
        _engine.retract_fact(handle, '{"sid":"s","id":"w"}')
        return int(handle)

    def run(self, tokens: str, found: set[int]) -> None:
        """Assert the fact, collect what fires, retract. A failure leaves a fresh ruleset behind."""
        try:
            status, offset = _engine.assert_fact(self.handle, f'{{"sid":"s","id":"f","g":1{tokens}}}')
            if status == 1:  # nothing matched and nothing was stored
                return
            if status != 0:
                raise DurableError(f"assert_fact returned {status}")
            started = _engine.start_action_for_state(self.handle, offset)
            if started is None:
                raise DurableError("a fact matched but nothing was to be done")
            message: str | None = started[1]
            while message:
                found.update(self.places[message[2:6]])
                message = _engine.complete_and_start_action(self.handle, offset)
            _engine.retract_fact(self.handle, '{"sid":"s","id":"f"}')
        except BaseException:
            spoilt, self.handle = self.handle, self._open()
            _close(spoilt)
            raise

    def close(self) -> None:
        """Free the ruleset."""
        _close(self.handle)


class DurableProgram:
    """Compiled rules. Not for use by two threads at once; close() frees the memory of the library."""

    def __init__(self, rules: Sequence[IrRule]) -> None:
        self._properties: dict[tuple[str, str], _Property] = {}
        self._order = {rule.id: place for place, rule in enumerate(rules)}
        if len(self._order) != len(rules):
            raise ValueError("two rules with one id")
        self._ids = tuple(self._order)
        self._always: set[int] = set()
        groups = _chunks(self._encode(rules), self._ids)
        self._check_names()
        self._chunks = [_Chunk(f"c{i}", group) for i, group in enumerate(groups)]
        self._asked = self._by_kind(groups)

    def evaluate(self, facts: FlatFacts) -> list[str]:
        """Return the ids of the rules that certainly hold, in the order given."""
        parts: list[list[str]] = [[] for _ in self._chunks]
        get = facts.get
        for types, asked in self._asked:
            for key, told in asked:
                value = get(key)
                if type(value) in types:
                    for chunk, token in told[value]:
                        parts[chunk].append(token)
        found = set(self._always)
        for ruleset, tokens in zip(self._chunks, parts, strict=True):
            if tokens:  # without one no test of the chunk can hold
                ruleset.run("".join(tokens), found)
        return [self._ids[place] for place in sorted(found)]

    def close(self) -> None:
        """Free the rulesets; the program must not be used afterwards."""
        for chunk in self._chunks:
            chunk.close()
        self._chunks = []

    def _encode(self, rules: Sequence[IrRule]) -> list[_Conjunction]:
        shared: dict[frozenset[str], _Conjunction] = {}
        alternatives = [(place, leaves) for place, rule in enumerate(rules) for leaves in conjunctions(rule)]
        frequency: dict[str, int] = {}
        for _, leaves in alternatives:
            for key in {leaf.key for leaf in leaves}:
                frequency[key] = frequency.get(key, 0) + 1
        for place, leaves in alternatives:
            if not leaves:  # an empty “and” always holds; no fact is needed to know it
                self._always.add(place)
                continue
            ordered = sorted(leaves, key=lambda leaf: (_SELECTIVITY[leaf.op], frequency[leaf.key], leaf.key))
            tests = tuple(self._test(leaf) for leaf in ordered)
            conditions = tuple(dict.fromkeys(test.condition for test in tests))
            entry = shared.get(frozenset(conditions))
            if entry is None:
                names = frozenset(test.prop.name for test in tests)
                shared[frozenset(conditions)] = _Conjunction([place], conditions, names, tests)
            elif place not in entry.places:
                entry.places.append(place)
        return list(shared.values())

    def _test(self, leaf: Leaf) -> _Test:
        op, value = leaf.op, leaf.value
        kind = _kind(value)
        if kind in ("str", "bool") and op not in ("=", "!="):
            raise ValueError(f"{op} on {value!r}")
        if isinstance(value, bool) and op == "!=":  # so that the other value need not be told
            op, value = "=", not value
        prop = self._properties.get((leaf.key, kind))
        if prop is None:
            prop = self._properties[(leaf.key, kind)] = _Property(f"p{len(self._properties)}", kind)
        if kind in ("str", "bool"):
            number = str(prop.symbols.setdefault(value, len(prop.symbols) + 1))
        else:
            number = number_token(value.toordinal() if isinstance(value, date) else value)  # type: ignore[arg-type]
        inner = f'{{"{prop.name}":{number}}}'
        return _Test(prop, op, value, inner if op == "=" else f'{{"{_OPERATOR[op]}":{inner}}}')

    def _check_names(self) -> None:
        names = ["sid", "id", "g", "warm", "$s", *(prop.name for prop in self._properties.values())]
        if len({name_hash(name) for name in names}) != len(names):
            raise DurableError("two property names share a hash")

    def _by_kind(self, groups: list[list[_Conjunction]]) -> list[tuple[tuple[type, ...], list[tuple[str, _Told]]]]:
        """Return the types of each kind of fact, and the facts of that kind by key."""
        asked: dict[str, dict[int, set[tuple[str, Constant]]]] = {}
        for chunk, group in enumerate(groups):
            for test in (test for conjunction in group for test in conjunction.tests):
                asked.setdefault(test.prop.name, {}).setdefault(chunk, set()).add((test.op, test.limit))
        told: dict[str, list[tuple[str, _Told]]] = {}
        for (key, kind), prop in self._properties.items():
            if prop.name in asked:
                told.setdefault(kind, []).append((key, _Told(prop, asked[prop.name])))
        return [(_TYPES[kind], facts) for kind, facts in told.items()]


def number_token(value: float) -> str:
    """Return a number as the library's reader takes it: it refuses an exponent without a decimal point."""
    text = repr(value)
    return format(Decimal(text), "f") if "e" in text else text


def name_hash(name: str) -> int:
    """Return the FNV-1a hash by which the library knows a property; it compares nothing else."""
    value = 0x811C9DC5
    for byte in name.encode():
        value = ((value ^ (byte | 0xFFFFFF00 if byte >= 128 else byte)) * 16777619) & 0xFFFFFFFF
    return value


def _token(prop: _Property, value: Any) -> str:
    """Return the fact's part for a value of the property's kind, empty when unknown."""
    if prop.kind in ("str", "bool"):
        return f',"{prop.name}":{prop.symbols.get(value, 0)}'
    if prop.kind == "date":
        return f',"{prop.name}":{value.toordinal()}'
    return f',"{prop.name}":{number_token(value)}' if math.isfinite(value) and abs(value) <= _LIMIT else ""


def _kind(value: Constant) -> str:
    if type(value) in (int, float):
        if not math.isfinite(value) or abs(value) > _LIMIT:  # type: ignore[arg-type]
            raise ValueError(f"constant out of range: {value!r}")
        return "number"
    return type(value).__name__


def _chunks(conjunctions_: list[_Conjunction], names: Sequence[str]) -> list[list[_Conjunction]]:
    """Group conjunctions so that no fact can leave more matches pending than the library's stack holds."""
    groups: list[list[_Conjunction]] = []
    group: list[_Conjunction] = []
    properties: set[str] = set()
    for conjunction in sorted(conjunctions_, key=lambda c: c.conditions):
        grown = properties | conjunction.properties
        if group and (len(grown) > MAX_PROPERTIES or _pending([*group, conjunction]) > MAX_PENDING):
            groups.append(group)
            group, grown = [], set(conjunction.properties)
        group.append(conjunction)
        properties = grown
        if _pending([conjunction]) > MAX_PENDING:
            raise TooComplexError(names[conjunction.places[0]], "条件过多")
    return [*groups, group] if group else groups


def _pending(group: list[_Conjunction]) -> int:
    """Return the most matches that can be pending: along the deepest path, the children of every node on it."""
    tree: dict[str, dict] = {}  # type: ignore[type-arg]
    for conjunction in group:
        node = tree
        for condition in conjunction.conditions:
            node = node.setdefault(condition, {})

    def need(node: dict[str, dict]) -> int:  # type: ignore[type-arg]
        return len(node) + max((need(child) for child in node.values()), default=0)

    return need(tree)


def _close(handle: int) -> None:
    try:
        _engine.delete_state(handle, "s")
    finally:
        _engine.delete_ruleset(handle)

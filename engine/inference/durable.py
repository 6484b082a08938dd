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
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

import durable_rules_engine as _engine

from engine.inference.ir import Constant, FlatFacts, IrRule, Leaf, TooComplexError, conjunctions

MAX_PENDING = 58
"""The library's stack holds 64 matches of one fact."""
MAX_PROPERTIES = 240
"""The library allows 252 properties a fact."""
_LIMIT = 2**53
_OPERATOR = {"!=": "$neq", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}
_SELECTIVITY = {"=": 0, "<": 1, "<=": 1, ">": 1, ">=": 1, "!=": 2}


class DurableError(Exception):
    """The library did something that the subset rules out."""


class DurableBackend:
    """Compiles rules to durable_rules rulesets."""

    def compile(self, rules: Sequence[IrRule]) -> DurableProgram:
        """Return the rules ready to evaluate; raise TooComplexError where one does not fit."""
        return DurableProgram(rules)


class _Conjunction(NamedTuple):
    ids: list[str]
    conditions: tuple[str, ...]
    properties: frozenset[str]


class _Property:
    """A fact under one encoding: its name in the library and the tests made on it."""

    __slots__ = ("kind", "name", "symbols", "tests")

    def __init__(self, name: str, kind: str) -> None:
        self.name, self.kind = name, kind
        self.tests: list[tuple[str, Constant]] = []
        self.symbols: dict[Constant, int] = {}


class _Chunk:
    """One ruleset of the library and the ids its rules stand for."""

    def __init__(self, name: str, conjunctions: list[_Conjunction]) -> None:
        self.name = name
        self.ids = [c.ids for c in conjunctions]
        rules = [
            f'"r{i}":{{"all":[{{"m":{{"$and":[{{"g":1}},{",".join(c.conditions)}]}}}}]}}'
            for i, c in enumerate(conjunctions)
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

    def run(self, tokens: str, found: set[str]) -> None:
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
                found.update(self.ids[int(message[3 : message.index('"', 3)])])
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
        self._order = {rule.id: index for index, rule in enumerate(rules)}
        if len(self._order) != len(rules):
            raise ValueError("two rules with one id")
        self._always: list[str] = []
        groups = _chunks(self._encode(rules))
        self._check_names()
        self._chunks = [_Chunk(f"c{i}", group) for i, group in enumerate(groups)]
        self._encoders = self._encoder_table(groups)

    def evaluate(self, facts: FlatFacts) -> list[str]:
        """Return the ids of the rules that certainly hold, in the order given."""
        parts: list[list[str]] = [[] for _ in self._chunks]
        for key, encoders in self._encoders.items():
            value = facts.get(key)
            if value is not None:
                for prop, chunks in encoders:
                    token = _token(prop, value)
                    if token:
                        for chunk in chunks:
                            parts[chunk].append(token)
        found = set(self._always)
        for ruleset, tokens in zip(self._chunks, parts, strict=True):
            ruleset.run("".join(tokens), found)
        return sorted(found, key=self._order.__getitem__)

    def close(self) -> None:
        """Free the rulesets; the program must not be used afterwards."""
        for chunk in self._chunks:
            chunk.close()
        self._chunks = []

    def _encode(self, rules: Sequence[IrRule]) -> list[_Conjunction]:
        shared: dict[frozenset[str], _Conjunction] = {}
        alternatives = [(rule.id, leaves) for rule in rules for leaves in conjunctions(rule)]
        frequency: dict[str, int] = {}
        for _, leaves in alternatives:
            for key in {leaf.key for leaf in leaves}:
                frequency[key] = frequency.get(key, 0) + 1
        for id_, leaves in alternatives:
            if not leaves:  # an empty “and” always holds; no fact is needed to know it
                self._always.append(id_)
                continue
            ordered = sorted(leaves, key=lambda leaf: (_SELECTIVITY[leaf.op], frequency[leaf.key], leaf.key))
            encoded = [self._leaf(leaf) for leaf in ordered]
            conditions = tuple(dict.fromkeys(condition for _, condition in encoded))
            entry = shared.get(frozenset(conditions))
            if entry is None:
                names = frozenset(prop.name for prop, _ in encoded)
                shared[frozenset(conditions)] = _Conjunction([id_], conditions, names)
            elif id_ not in entry.ids:
                entry.ids.append(id_)
        return list(shared.values())

    def _leaf(self, leaf: Leaf) -> tuple[_Property, str]:
        value = leaf.value
        kind = _kind(value)
        if kind in ("str", "bool") and leaf.op not in ("=", "!="):
            raise ValueError(f"{leaf.op} on {value!r}")
        prop = self._properties.get((leaf.key, kind))
        if prop is None:
            prop = self._properties[(leaf.key, kind)] = _Property(f"p{len(self._properties)}", kind)
        prop.tests.append((leaf.op, value))
        if kind in ("str", "bool"):
            number = str(prop.symbols.setdefault(value, len(prop.symbols) + 1))
        else:
            number = number_token(value.toordinal() if isinstance(value, date) else value)  # type: ignore[arg-type]
        inner = f'{{"{prop.name}":{number}}}'
        return prop, inner if leaf.op == "=" else f'{{"{_OPERATOR[leaf.op]}":{inner}}}'

    def _check_names(self) -> None:
        names = ["sid", "id", "g", "warm", "$s", *(prop.name for prop in self._properties.values())]
        if len({name_hash(name) for name in names}) != len(names):
            raise DurableError("two property names share a hash")

    def _encoder_table(self, groups: list[list[_Conjunction]]) -> dict[str, list[tuple[_Property, tuple[int, ...]]]]:
        table: dict[str, list[tuple[_Property, tuple[int, ...]]]] = {}
        for (key, _), prop in self._properties.items():
            chunks = tuple(i for i, group in enumerate(groups) if any(prop.name in c.properties for c in group))
            if chunks:
                table.setdefault(key, []).append((prop, chunks))
        return table


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


def _token(prop: _Property, value: object) -> str:
    """Return the fact's part for the value, empty when unknown or when no test on it could hold."""
    kind = prop.kind
    if kind == "number":
        if type(value) is not int and (type(value) is not float or not math.isfinite(value)):
            return ""
        if abs(value) > _LIMIT or not any(_holds(value, op, limit) for op, limit in prop.tests):
            return ""
        return f',"{prop.name}":{number_token(value)}'
    if kind == "date":
        return f',"{prop.name}":{value.toordinal()}' if type(value) is date else ""
    if isinstance(value, (str, bool)) and type(value).__name__ == kind:
        return f',"{prop.name}":{prop.symbols.get(value, 0)}'
    return ""


def _holds(value: float, op: str, limit: Constant) -> bool:
    assert isinstance(limit, (int, float))
    match op:
        case "=":
            return value == limit
        case "!=":
            return value != limit
        case "<":
            return value < limit
        case "<=":
            return value <= limit
        case ">":
            return value > limit
        case _:
            return value >= limit


def _kind(value: Constant) -> str:
    if type(value) in (int, float):
        if not math.isfinite(value) or abs(value) > _LIMIT:  # type: ignore[arg-type]
            raise ValueError(f"constant out of range: {value!r}")
        return "number"
    return type(value).__name__


def _chunks(conjunctions_: list[_Conjunction]) -> list[list[_Conjunction]]:
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
            raise TooComplexError(conjunction.ids[0], "条件过多")
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

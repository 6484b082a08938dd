"""The typed intermediate form between the condition language and the rule backends.

A rule is and/or/not over leaves; a leaf compares one flat fact with a constant. Whatever needs more than that
(rows, two answers, date arithmetic, text) is computed first and enters as a true-or-false fact of its own, an atom.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, TypeAlias

from engine.expressions.evaluate import Facts, evaluate
from engine.expressions.nodes import (
    COMPLEMENT,
    MAX_ALTERNATIVES,
    MAX_LEAVES,
    And,
    Answered,
    Between,
    Compare,
    CompareOp,
    Condition,
    Flag,
    In,
    Literal_,
    Not,
    Or,
    Quantified,
    Ref,
)

Constant: TypeAlias = int | float | str | bool | date
FlatFacts: TypeAlias = Mapping[str, object]
"""Facts by key. A value that is missing, None, not finite, beyond 2^53 or of another type is unknown."""


@dataclass(frozen=True)
class Leaf:
    """The fact under key compared with a constant; unknown unless the fact has the constant's type."""

    key: str
    op: CompareOp
    value: Constant


@dataclass(frozen=True)
class All:
    """Every part holds."""

    parts: tuple[Ir, ...]


@dataclass(frozen=True)
class Some:
    """At least one part holds."""

    parts: tuple[Ir, ...]


@dataclass(frozen=True)
class Opposite:
    """The part does not hold."""

    part: Ir


Ir: TypeAlias = Leaf | All | Some | Opposite


@dataclass(frozen=True)
class IrRule:
    """A rule for the backends: its id and when it holds."""

    id: str
    condition: Ir


class Program(Protocol):
    """Rules compiled by a backend. evaluate may be called any number of times; close frees what C code holds."""

    def evaluate(self, facts: FlatFacts) -> list[str]:
        """Return the ids of the rules that certainly hold, in the order in which the rules were given."""

    def close(self) -> None:
        """Free the program; it must not be used afterwards."""


class RuleBackend(Protocol):
    """A way of evaluating rules."""

    def compile(self, rules: Sequence[IrRule]) -> Program:
        """Return the rules ready to evaluate; raise TooComplexError where one does not fit."""


class TooComplexError(Exception):
    """A condition beyond what a backend can hold: which rule, and what is too much."""

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(f"{rule}: {reason}")
        self.rule, self.reason = rule, reason


@dataclass
class Atoms:
    """Conditions that are computed before the backends see the facts, by the key under which they enter."""

    by_key: dict[str, Condition] = field(default_factory=dict)
    _keys: dict[Condition, str] = field(default_factory=dict)

    def key(self, condition: Condition) -> str:
        """Return the key of the condition, the same one for equal conditions."""
        if condition not in self._keys:
            key = f"atom:{len(self._keys)}"
            self._keys[condition] = key
            self.by_key[key] = condition
        return self._keys[condition]

    def values(self, facts: Facts) -> dict[str, bool]:
        """Return the atoms that are known for these facts."""
        found = {key: evaluate(condition, facts) for key, condition in self.by_key.items()}
        return {key: value for key, value in found.items() if value is not None}


def lower(condition: Condition, atoms: Atoms) -> Ir:
    """Return the condition in the intermediate form; what is not a plain comparison becomes an atom."""
    match condition:
        case And(parts=parts):
            return All(tuple(lower(part, atoms) for part in parts))
        case Or(parts=parts):
            return Some(tuple(lower(part, atoms) for part in parts))
        case Not(part=part):
            return Opposite(lower(part, atoms))
        case Flag(ref=Ref() as ref):
            return Leaf(ref.key, "=", True)
        case Compare(left=Ref() as ref, op=op, right=Literal_(value=value)) if _plain(ref, value):
            return Leaf(ref.key, op, value)
        case In(value=Ref() as ref, options=options) if all(_plain(ref, o.value) for o in options):
            return Some(tuple(Leaf(ref.key, "=", option.value) for option in options))
        case Between(value=Ref() as ref, low=Literal_(value=low), high=Literal_(value=high)):
            return All((Leaf(ref.key, ">=", low), Leaf(ref.key, "<=", high)))
        case Compare() | In() | Between() | Answered() | Quantified():
            return Leaf(atoms.key(condition), "=", True)


def _plain(ref: Ref, value: Constant) -> bool:
    return ref.kind != "column" and not ref.many and not (isinstance(value, str) and len(value) > 200)


def conjunctions(rule: IrRule) -> list[tuple[Leaf, ...]]:
    """Return the rule as alternatives of leaves that must all hold (disjunctive normal form, without doubles).

    Strong Kleene logic keeps De Morgan's laws and distribution, so the rule certainly holds exactly when all leaves
    of one alternative do. Raises TooComplexError beyond 64 alternatives or 24 leaves.
    """
    found: dict[frozenset[tuple[str, str, str, Constant]], tuple[Leaf, ...]] = {}
    for alternative in _dnf(rule.condition, False, rule.id):
        leaves = {_leaf_key(leaf): leaf for leaf in alternative}
        if len(leaves) > MAX_LEAVES:
            raise TooComplexError(rule.id, f"一个分支中的条件超过 {MAX_LEAVES} 个")
        found.setdefault(frozenset(leaves), tuple(leaves.values()))
    return list(found.values())


def _leaf_key(leaf: Leaf) -> tuple[str, str, str, Constant]:
    """1, 1.0 and True are equal in Python but not here."""
    kind = "number" if type(leaf.value) in (int, float) else type(leaf.value).__name__
    return (leaf.key, leaf.op, kind, leaf.value)


def _dnf(node: Ir, negated: bool, rule: str) -> list[tuple[Leaf, ...]]:
    match node:
        case Leaf(key=key, op=op, value=value):
            return [(Leaf(key, COMPLEMENT[op], value) if negated else node,)]
        case Opposite(part=part):
            return _dnf(part, not negated, rule)
        case All(parts=parts) | Some(parts=parts):
            inner = [_dnf(part, negated, rule) for part in parts]
            if isinstance(node, All) == negated:
                result = [alternative for alternatives in inner for alternative in alternatives]
                if len(result) > MAX_ALTERNATIVES:
                    raise TooComplexError(rule, f"展开后超过 {MAX_ALTERNATIVES} 个分支")
                return result
            return _product(inner, rule)


def _product(inner: list[list[tuple[Leaf, ...]]], rule: str) -> list[tuple[Leaf, ...]]:
    result: list[tuple[Leaf, ...]] = [()]
    for alternatives in inner:
        result = [left + right for left in result for right in alternatives]
        if len(result) > MAX_ALTERNATIVES:
            raise TooComplexError(rule, f"展开后超过 {MAX_ALTERNATIVES} 个分支")
    return result

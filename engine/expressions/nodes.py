"""Parsed conditions and the types of the values in them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, TypeAlias

Kind = Literal["number", "date", "word", "flag", "words"]
"""number with unit; date; word: a choice or a text; flag: true or false; words: several choices."""

RefKind = Literal["answer", "detail", "row", "column", "site", "inspection", "finding", "earlier", "this", "count"]

Span: TypeAlias = tuple[int, int]


@dataclass(frozen=True)
class Type:
    """The type of one value: what it may be compared with, and how it is printed."""

    kind: Kind
    label: str = ""
    unit: str = ""
    options: tuple[str, ...] | None = None
    low: float | None = None
    """The least number that an answer may be; a lower one is refused as a slip. None: no bound."""
    high: float | None = None
    """The greatest number that an answer may be."""
    whole: bool = False
    """Of a number: counted, so that more than 0 is the same as at least 1."""


@dataclass(frozen=True)
class Ref:
    """A named value: its kind and name, e.g. ("site", "cold") or ("answer", "cold-chain.refrigerator")."""

    kind: RefKind
    name: str
    part: str = ""
    span: Span = field(default=(0, 0), compare=False)
    many: bool = False
    """Whether the answer is several options; the check of the condition knows."""

    @property
    def key(self) -> str:
        """The name under which the value stands among the facts."""
        return f"{self.kind}:{self.name}" + (f":{self.part}" if self.part else "")


@dataclass(frozen=True)
class Literal_:
    """A constant. A bare word is a choice such as 否."""

    value: int | float | str | bool | date
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True)
class Shift:
    """A date moved by whole days, months or years; the end of a shorter month is kept (01-31 + 1 month = 02-28)."""

    base: Operand
    amount: int
    step: Literal["days", "months", "years"]
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True)
class Difference:
    """The days from right to left: left - right."""

    left: Operand
    right: Operand
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True)
class Aggregate:
    """count or sum over the rows of an answer, for those where the condition holds (all, if there is none)."""

    op: Literal["count", "sum"]
    rows: Ref
    column: str | None
    where: Condition | None
    span: Span = field(default=(0, 0), compare=False)


Operand: TypeAlias = Ref | Literal_ | Shift | Difference | Aggregate
CompareOp = Literal["=", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True)
class Compare:
    """left op right."""

    left: Operand
    op: CompareOp
    right: Operand
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True)
class In:
    """Whether the value is one of the words or numbers listed."""

    value: Operand
    options: tuple[Literal_, ...]
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True)
class Between:
    """Whether low <= value <= high."""

    value: Operand
    low: Operand
    high: Operand
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True)
class Flag:
    """A true-or-false value by itself: site.cold, finding('…'), earlier('…')."""

    ref: Ref
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True)
class Answered:
    """Whether a question has an answer at all; never unknown."""

    ref: Ref
    positive: bool
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True)
class Quantified:
    """any: at least one row satisfies the condition; all: every row does (and there is at least one)."""

    op: Literal["any", "all"]
    rows: Ref
    where: Condition
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True)
class And:
    """Every part holds."""

    parts: tuple[Condition, ...]
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True)
class Or:
    """At least one part holds."""

    parts: tuple[Condition, ...]
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True)
class Not:
    """The part does not hold."""

    part: Condition
    span: Span = field(default=(0, 0), compare=False)


Condition: TypeAlias = Compare | In | Between | Flag | Answered | Quantified | And | Or | Not
Node: TypeAlias = Condition | Operand


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly inside this one, in the order of the text."""
    match node:
        case Compare(left=left, right=right) | Difference(left=left, right=right):
            return (left, right)
        case In(value=value, options=options):
            return (value, *options)
        case Between(value=value, low=low, high=high):
            return (value, low, high)
        case Flag(ref=ref) | Answered(ref=ref):
            return (ref,)
        case Quantified(rows=rows, where=where):
            return (rows, where)
        case Aggregate(rows=rows, where=where_or_none):
            return (rows,) if where_or_none is None else (rows, where_or_none)
        case And(parts=parts) | Or(parts=parts):
            return parts
        case Not(part=part):
            return (part,)
        case Shift(base=base):
            return (base,)
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """Yield the node and every node inside it, outermost first."""
    yield node
    for child in children(node):
        yield from walk(child)


def refs(node: Node) -> tuple[Ref, ...]:
    """Return every named value in the condition, in the order of the text."""
    return tuple(n for n in walk(node) if isinstance(n, Ref))


def leaves(node: Condition) -> tuple[Condition, ...]:
    """Return the single conditions that and, or, not and the quantifiers are built of, in the order of the text."""
    match node:
        case And(parts=parts) | Or(parts=parts):
            return tuple(leaf for part in parts for leaf in leaves(part))
        case Not(part=part):
            return leaves(part)
        case Quantified(where=where):
            return leaves(where)
        case _:
            return (node,)


MAX_ALTERNATIVES = 64
"""A condition written out as alternatives of single conditions may have so many alternatives …"""
MAX_LEAVES = 24
"""… each of so many single conditions: what the rule backends can hold."""
MAX_NUMBER = 2**53
"""Constants beyond it are no longer exact in every program."""


def extent(node: Condition, *, negated: bool = False) -> tuple[int, int]:
    """Return how many alternatives the condition has when written out, and the single conditions of the longest."""
    match node:
        case Not(part=part):
            return extent(part, negated=not negated)
        case And(parts=parts) | Or(parts=parts):
            inner = [extent(part, negated=negated) for part in parts]
            if isinstance(node, And) == negated:
                return sum(n for n, _ in inner), max(longest for _, longest in inner)
            return math.prod(n for n, _ in inner), sum(longest for _, longest in inner)
        case In(options=options):
            return (1, len(options)) if negated else (len(options), 1)
        case Between():
            return (2, 1) if negated else (1, 2)
        case _:
            return 1, 1


COMPLEMENT: dict[CompareOp, CompareOp] = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
"""The comparison that holds exactly when this one does not (both unknown when a side is unknown)."""

MIRROR: dict[CompareOp, CompareOp] = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
"""The comparison that says the same with its two sides changed over."""

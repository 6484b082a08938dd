"""Whether a condition can hold at all, and whether it can fail: decided over numbers, dates, options and flags.

What is decided is certain in one direction only: “impossible” is proved, “possible” means that nothing was found
against it. A value that is compared with another value counts as a value of its own (their difference); what lies
outside — two tables held against each other, months between two dates — is left open and never called impossible.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeAlias

from engine.expressions.evaluate import shift
from engine.expressions.nodes import (
    COMPLEMENT,
    MIRROR,
    Aggregate,
    And,
    Answered,
    Between,
    Compare,
    CompareOp,
    Condition,
    Difference,
    Flag,
    In,
    Literal_,
    Not,
    Operand,
    Or,
    Quantified,
    Ref,
    Shift,
    Type,
    walk,
)
from engine.expressions.scope import Scope

Wanted: TypeAlias = tuple[Condition, bool]
"""A condition and the value that it is to have: certainly true or certainly false."""

MAX_STEPS = 20_000
"""Steps of the search after which nothing is said."""

_FEW = 64
"""Whole numbers between two bounds up to which each is tried."""


class _TooLong(Exception):
    """The search took too many steps."""


def impossible(wanted: Sequence[Wanted], scope: Scope, columns: Mapping[str, Type] | None = None) -> bool:
    """Return whether it is certain that no answers give all these conditions their values at once.

    columns are those of the table when the conditions stand inside any, all, count or sum. The conditions must have
    passed the check (engine.expressions.check). False if they can, or if nothing can be said.
    """
    try:
        return not _Search(scope, columns or {}).possible(list(wanted), _Known())
    except _TooLong:
        return False


@dataclass
class _Known:
    """What one alternative says of each value; copied at every choice."""

    numbers: dict[object, _Range] = field(default_factory=dict)
    words: dict[object, tuple[frozenset[object] | None, frozenset[object]]] = field(default_factory=dict)
    """Values that are left (None: any) and those that are out."""
    rows: dict[str, tuple[list[Wanted], list[list[Wanted]]]] = field(default_factory=dict)
    """By table: what holds of every row, and what of one row each."""

    def copy(self) -> _Known:
        rows = {name: (list(every), list(some)) for name, (every, some) in self.rows.items()}
        return _Known(dict(self.numbers), dict(self.words), rows)


@dataclass(frozen=True)
class _Range:
    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False
    out: frozenset[float] = frozenset()
    whole: bool = False

    def narrowed(self, op: CompareOp, limit: float) -> _Range:
        match op:
            case "=":
                return self.narrowed(">=", limit).narrowed("<=", limit)
            case "!=":
                return replace(self, out=self.out | {limit})
            case ">" | ">=":
                tighter = limit > self.low or (limit == self.low and op == ">")
                return replace(self, low=limit, low_open=op == ">") if tighter else self
            case _:
                tighter = limit < self.high or (limit == self.high and op == "<")
                return replace(self, high=limit, high_open=op == "<") if tighter else self

    def is_empty(self) -> bool:
        low, high = self.low, self.high
        if self.whole and math.isfinite(low) and math.isfinite(high):
            least = math.floor(low) + 1 if self.low_open else math.ceil(low)
            most = math.ceil(high) - 1 if self.high_open else math.floor(high)
            return most < least or (most - least < _FEW and all(n in self.out for n in range(least, most + 1)))
        if low == high:
            return self.low_open or self.high_open or low in self.out
        return low > high


class _Search:
    def __init__(self, scope: Scope, columns: Mapping[str, Type], steps: list[int] | None = None) -> None:
        self.scope = scope
        self.columns = columns
        self.steps = steps if steps is not None else [0]

    def possible(self, todo: list[Wanted], known: _Known) -> bool:
        """Return whether some alternative of the conditions contradicts itself nowhere."""
        while todo:
            self.steps[0] += 1
            if self.steps[0] > MAX_STEPS:
                raise _TooLong
            node, value = todo.pop()
            match node:
                case Not(part=part):
                    todo.append((part, not value))
                case And(parts=parts) | Or(parts=parts):
                    if isinstance(node, And) != value:
                        return any(self.possible([*todo, (part, value)], known.copy()) for part in parts)
                    todo += [(part, value) for part in parts]
                case In(value=operand, options=options):
                    todo.append((Or(tuple(Compare(operand, "=", o, o.span) for o in options)), value))
                case Between(value=operand, low=low, high=high):
                    todo.append((And((Compare(operand, ">=", low), Compare(operand, "<=", high))), value))
                case _:
                    if not self._leaf(node, value, known):
                        return False
        return all(self._rows(name, every, some) for name, (every, some) in known.rows.items())

    def _leaf(self, node: Condition, value: bool, known: _Known) -> bool:
        match node:
            case Answered(ref=ref, positive=positive):
                return self._word(("answered", ref.key), positive == value, True, known)
            case Flag(ref=ref):
                return self._are_known(ref, known) and self._word(ref.key, value, True, known, ref)
            case Quantified():
                return self._quantified(node, value, known)
            case Compare(left=left, op=op, right=right):
                if not (self._are_known(left, known) and self._are_known(right, known)):
                    return False
                return self._compare(left, op if value else COMPLEMENT[op], right, known)
            case _:
                return True

    def _are_known(self, operand: Operand, known: _Known) -> bool:
        """A comparison is true or false only if its values are there: they count as answered."""
        named = [operand.rows] if isinstance(operand, Aggregate) else [n for n in walk(operand) if isinstance(n, Ref)]
        return all(self._word(("answered", ref.key), True, True, known) for ref in named)

    def _quantified(self, node: Quantified, value: bool, known: _Known) -> bool:
        if not self._word(("answered", node.rows.key), True, True, known):
            return False
        every, some = known.rows.setdefault(node.rows.name, ([], []))
        match node.op, value:
            case "any", True:
                some.append([(node.where, True)])
            case "any", False:
                every.append((node.where, False))
            case "all", True:
                every.append((node.where, True))
                some.append([])
        return True  # all(…) is false for an empty table too: nothing follows for its rows

    def _rows(self, name: str, every: list[Wanted], some: list[list[Wanted]]) -> bool:
        inner = _Search(self.scope, self.scope.columns(name), self.steps)
        return all(inner.possible([*every, *one], _Known()) for one in some)

    def _compare(self, left: Operand, op: CompareOp, right: Operand, known: _Known) -> bool:
        if isinstance(left, Literal_):
            left, op, right = right, MIRROR[op], left
        kind = self._type(left) or self._type(right)
        if kind is None:
            return True
        if kind.kind in ("number", "date"):
            return self._number(left, op, right, known)
        if isinstance(right, Literal_) and isinstance(left, Ref):
            if left.many:
                return self._word((left.key, right.value), op == "=", True, known)
            return self._word(left.key, right.value, op == "=", known, left)
        return self._word(("equal", *sorted((_order(left), _order(right)))), op == "=", True, known)

    def _word(self, key: object, value: object, same: bool, known: _Known, ref: Ref | None = None) -> bool:
        """Note that a value is, or is not, this one; return whether any is left."""
        kind = self._type(ref) if ref is not None else None
        start: frozenset[object] | None = frozenset(kind.options) if kind is not None and kind.options else None
        if kind is not None and kind.kind == "flag":
            start = frozenset({True, False})
        left, out = known.words.get(key, (start, frozenset()))
        if same:
            left = frozenset({value}) if left is None or value in left else frozenset()
        else:
            out |= {value}
        known.words[key] = (left, out)
        return left is None or bool(left - out)

    def _number(self, left: Operand, op: CompareOp, right: Operand, known: _Known) -> bool:
        key, sign, offset, whole = self._linear(left, right)
        if key is None:
            return {"=": offset == 0, "!=": offset != 0, "<": offset < 0, "<=": offset <= 0, ">": offset > 0}.get(
                op, offset >= 0
            )
        op, limit = (op, -offset) if sign > 0 else (MIRROR[op], offset)
        found = known.numbers.get(key) or self._range(key, whole)
        known.numbers[key] = found = found.narrowed(op, limit)
        return not found.is_empty()

    def _range(self, key: object, whole: bool) -> _Range:
        if isinstance(key, Aggregate) and key.op == "count":
            return _Range(low=0, whole=True)
        kind = self._type(key) if isinstance(key, Ref) else None
        if kind is None or kind.kind != "number":
            return _Range(whole=whole)
        low = -math.inf if kind.low is None else kind.low
        high = math.inf if kind.high is None else kind.high
        return _Range(low, high, whole=kind.whole)

    def _linear(self, left: Operand, right: Operand) -> tuple[object, int, float, bool]:
        """Return left - right as key × sign + offset: the key a single value or the difference of two, None if none."""
        (a, days_a), (b, days_b) = _moved(left), _moved(right)
        if isinstance(a, Difference) and isinstance(b, (int, float)):
            key, sign, offset, _ = self._linear(a.left, a.right)
            return key, sign, offset + days_a - b - days_b, True
        offset, whole = days_a - days_b, self._is_date(left)
        if isinstance(a, (int, float)) and isinstance(b, (int, float)):
            return None, 1, a - b + offset, whole
        if isinstance(b, (int, float)):
            return a, 1, offset - b, whole
        if isinstance(a, (int, float)):
            return b, -1, offset + a, whole
        if a == b:
            return None, 1, offset, whole
        first, second = sorted((a, b), key=_order)
        return ("difference", first, second), (1 if first is a else -1), offset, whole

    def _is_date(self, operand: Operand) -> bool:
        kind = self._type(operand)
        return kind is not None and kind.kind == "date"

    def _type(self, operand: object) -> Type | None:
        match operand:
            case Ref(kind="column", name=name):
                return self.columns.get(name)
            case Ref():
                return self.scope.type_of(operand)
            case Shift():
                return Type("date")
            case Difference() | Aggregate():
                return Type("number")
            case Literal_(value=bool()):
                return Type("flag")
            case Literal_(value=value):
                return Type("word" if isinstance(value, str) else "date" if isinstance(value, date) else "number")
            case _:
                return None


def _moved(operand: Operand) -> tuple[Operand | float, float]:
    """Return an operand without its shift by days, a constant as a number, and the days it was moved by."""
    match operand:
        case Shift(base=base, amount=amount, step="days"):
            inner, days = _moved(base)
            return inner, days + amount
        case Shift(base=Literal_(value=date() as day), amount=amount, step=step):
            moved = shift(day, amount, step)
            return (operand, 0) if moved is None else (moved.toordinal(), 0)
        case Literal_(value=date() as day):
            return day.toordinal(), 0
        case Literal_(value=int() | float() as number):
            return number, 0
        case _:
            return operand, 0


def _order(operand: Operand | float) -> str:
    """Return the names in a value: a text by which two of them are put in one order, wherever they are written."""
    if isinstance(operand, (int, float)):
        return str(operand)
    return "+".join([type(operand).__name__, *(n.key for n in walk(operand) if isinstance(n, Ref))])

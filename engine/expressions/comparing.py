"""What changed in the meaning of a condition: whether it holds in more cases than before, in fewer, or neither.

Decided, not guessed: both conditions are tried on every region that their constants cut the values into, and on every
table whose rows fall into these regions. Values are taken as known, but for those of which a condition asks whether
they are answered: these are tried without an answer too, when what depends on them is unknown and does not hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from itertools import combinations, pairwise, product
from math import ceil, floor, prod
from typing import Any, Literal, NamedTuple, TypeAlias

from engine.expressions.evaluate import all_of, any_of, compare, not_of
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
    refs,
)
from engine.expressions.say import say_limit
from engine.expressions.scope import Scope, operand_type

Relation = Literal["same", "wider", "narrower", "unknown"]
"""Of the new condition to the old: holds in the same cases, in more, in fewer, or it cannot be told."""

MOST_CASES = 20_000
"""Combinations of regions that are tried; a condition with more is not told."""

Key: TypeAlias = tuple[Any, ...]
Case: TypeAlias = Mapping[Key, Any]
Test: TypeAlias = Callable[[Case], bool | None]
Columns: TypeAlias = Mapping[str, Type]

_SPAN = re.compile(r", span=\([^)]*\)")
_OTHER = "\0"
"""A word that no condition names."""


def relation(old: Condition, new: Condition, before: Scope, after: Scope) -> Relation:
    """Return how the new condition, bound to its scope, relates to the old one in its own."""
    return _relation(_In(old, before, {}), _In(new, after, {}))


class _In(NamedTuple):
    """A condition where it stands: its scope, and the columns of the table that is quantified over."""

    condition: Condition
    scope: Scope
    columns: Columns


def _relation(old: _In, new: _In) -> Relation:
    space = _Space()
    first, second = space.test(old), space.test(new)
    cases = space.cases()
    if cases is None:
        return "unknown"
    more = fewer = False
    for case in cases:
        held, holds = first(case) is True, second(case) is True
        more, fewer = more or holds > held, fewer or held > holds
        if more and fewer:
            return "unknown"
    return "wider" if more else "narrower" if fewer else "same"


class _Space:
    """The values that conditions depend on, each with the constants that cut it into regions."""

    def __init__(self) -> None:
        self._cuts: dict[Key, set[Any]] = {}
        self._whole: set[Key] = set()
        self._dates: set[Key] = set()
        self._open: set[Key] = set()
        """Words that may be others than those named."""
        self._rows: dict[Key, list[_In]] = {}
        """Of each table: the conditions on its rows."""
        self._most: dict[Key, int] = {}
        """Of each table: how many rows of one sort make a difference."""

    def test(self, place: _In) -> Test:
        """Return what judges a case, and note the values that it needs."""
        match place.condition:
            case And(parts=parts):
                tests = [self.test(place._replace(condition=part)) for part in parts]
                return lambda case: all_of([test(case) for test in tests])
            case Or(parts=parts):
                tests = [self.test(place._replace(condition=part)) for part in parts]
                return lambda case: any_of([test(case) for test in tests])
            case Not(part=part):
                inner = self.test(place._replace(condition=part))
                return lambda case: not_of(inner(case))
            case Between(value=value, low=low, high=high):
                both = And((Compare(value, ">=", low), Compare(value, "<=", high)))
                return self.test(place._replace(condition=both))
            case In(value=value, options=options):
                one_of = Or(tuple(Compare(value, "=", option) for option in options))
                return self.test(place._replace(condition=one_of))
            case Compare():
                return _if_answered(self._compare(place.condition, place), refs(place.condition))
            case Quantified():
                return _if_answered(self._quantified(place.condition, place), (place.condition.rows,))
            case Answered(ref=ref, positive=positive):
                answered = self._truth(("answered", ref.key))
                return answered if positive else lambda case: not answered(case)
            case Flag(ref=ref):
                return _if_answered(self._truth(("flag", ref.key)), (ref,))

    def cases(self) -> Iterator[Case] | None:
        """Return every case that can occur as far as is known here, None if they are too many."""
        keys = sorted(self._cuts, key=repr)
        values = [self._regions(key) for key in keys]
        for key in sorted(self._rows):
            tables = self._tables(key)
            if tables is None:
                return None
            keys.append(key)
            values.append(tables)
        if prod(len(each) for each in values) > MOST_CASES:
            return None
        signed = _signed(keys)
        cases = (dict(zip(keys, each, strict=True)) for each in product(*values))
        return (case for case in cases if all(_sign(case[one]) == _sign(case[other]) for one, other in signed))

    def _tables(self, key: Key) -> list[Any] | None:
        """Return the tables that differ for the conditions on their rows: sorts of rows with the number of each."""
        rows = _Space()
        tests = [rows.test(place) for place in self._rows[key]]
        cases = rows.cases()
        if cases is None:
            return None
        sorts = sorted({tuple(test(case) for test in tests) for case in cases}, key=str)
        numbers = range(self._most.get(key, 1) + 1)
        if len(numbers) ** len(sorts) > MOST_CASES:
            return None
        return [tuple(zip(sorts, each, strict=True)) for each in product(numbers, repeat=len(sorts))]

    def _truth(self, key: Key) -> Test:
        self._cuts.setdefault(key, set()).update((False, True))
        return lambda case: bool(case[key])

    def _compare(self, node: Compare, place: _In) -> Test:
        left, op, right = node.left, node.op, node.right
        if isinstance(left, Literal_) and not isinstance(right, Literal_):
            left, op, right = right, MIRROR[op], left
        kind = operand_type(left, place.scope, place.columns)
        if isinstance(right, Literal_) and isinstance(right.value, str | bool):
            return self._word(left, op, right.value, kind)
        if isinstance(left, Aggregate) and left.op == "count" and isinstance(right, Literal_):
            return self._count(left, op, right.value, place)
        key, cut, op = _cut(left, op, right)
        if isinstance(cut, date):
            cut, kind = cut.toordinal(), Type("date")
        if cut is None:
            return self._opaque(left, op, right)
        self._cuts.setdefault(key, set()).update({cut, 0} if key[0] == "between" else {cut})
        days = key[0] != "between" or key[3] == "days"
        if kind is not None and days and (kind.whole or kind.kind == "date"):
            self._whole.add(key)
        if kind is not None and kind.kind == "date":
            self._dates.add(key)
        return lambda case: compare(case[key], op, cut)

    def _word(self, left: Operand, op: CompareOp, word: str | bool, kind: Type | None) -> Test:
        if kind is not None and kind.kind == "words":
            chosen = self._truth(("chosen", left, word))
            return chosen if op == "=" else lambda case: not chosen(case)
        key: Key = ("word", left)
        known = {True, False} if isinstance(word, bool) else {*(kind.options or ())} if kind is not None else set()
        self._cuts.setdefault(key, set()).update({word} | known)
        if not known:
            self._open.add(key)
        return lambda case: bool((case[key] == word) == (op == "="))

    def _opaque(self, left: Operand, op: CompareOp, right: Operand) -> Test:
        """A comparison of two values of which nothing more is known here."""
        if op in ("!=", ">=", "<="):
            denied = self._opaque(left, COMPLEMENT[op], right)
            return lambda case: not denied(case)
        if op == ">":
            left, op, right = right, "<", left
        return self._truth(("compared", left, op, right))

    def _quantified(self, node: Quantified, place: _In) -> Test:
        key, number = self._of_rows(node.rows, node.where, place)
        if node.op == "any":
            return lambda case: any_of([sort[number] for sort, count in case[key] if count])

        def every(case: Case) -> bool | None:
            results = [sort[number] for sort, count in case[key] if count]
            return all_of(results) if results else False

        return every

    def _count(self, node: Aggregate, op: CompareOp, cut: Any, place: _In) -> Test:
        key, number = self._of_rows(node.rows, node.where, place)
        self._most[key] = max(self._most.get(key, 1), ceil(cut) + 1)

        def counted(case: Case) -> bool | None:
            rows = [(sort[number], count) for sort, count in case[key] if count]
            if any(held is None for held, _ in rows):
                return None
            return compare(sum(count for held, count in rows if held), op, cut)

        return counted

    def _of_rows(self, rows: Ref, where: Condition | None, place: _In) -> tuple[Key, int]:
        """Return the table as a value of cases, and which of the conditions on its rows this one is."""
        key: Key = ("rows", rows.key)
        inner = _In(where or And(()), place.scope, place.scope.columns(rows.name))
        known = self._rows.setdefault(key, [])
        known.append(inner)
        return key, len(known) - 1

    def _regions(self, key: Key) -> list[Any]:
        cuts = self._cuts[key]
        if all(isinstance(cut, str | bool) for cut in cuts):
            return sorted(cuts, key=str) + ([_OTHER] if key in self._open else [])
        if key in self._whole:
            least = 0 if key[0] == "value" and key not in self._dates else None
            near = {n for cut in cuts for n in (floor(cut) - 1, floor(cut), ceil(cut), ceil(cut) + 1)}
            return sorted(n for n in near | {least or 0} if least is None or n >= least)
        ordered = sorted(cuts)
        between = [(low + high) / 2 for low, high in pairwise(ordered)]
        return sorted({ordered[0] - 1, *ordered, *between, ordered[-1] + 1})


def _if_answered(test: Test, named: Iterable[Ref]) -> Test:
    """Return the test with “unknown” where one of the values is without an answer; of the others nobody asks."""
    keys = [("answered", ref.key) for ref in named]
    return lambda case: None if any(case.get(key) is False for key in keys) else test(case)


def _cut(left: Operand, op: CompareOp, right: Operand) -> tuple[Key, Any, CompareOp]:
    """Return a comparison as one value against a constant: days and months between two dates are one value.

    The constant is None where there is none to compare with.
    """
    if isinstance(right, Literal_) and not isinstance(left, Difference):
        return ("value", left), right.value, op
    if isinstance(left, Difference) and isinstance(right, Literal_):
        return _between(left.left, left.right, right.value, "days", op)
    (first, before), (second, after) = _unshifted(left), _unshifted(right)
    dates = isinstance(first, Ref) and isinstance(second, Ref)
    if not dates or (op in ("=", "!=") and not (before or after)):
        return ("compared", left, right), None, op
    steps = {shift[1] for shift in (before, after) if shift}
    if before and after and steps != {"days"}:
        return ("compared", left, right), None, op
    amount = (after[0] if after else 0) - (before[0] if before else 0)
    step = "days" if steps <= {"days"} else f"months {_written(first if before else second)}"
    return _between(first, second, amount, step, op)


def _between(first: Operand, second: Operand, amount: Any, step: str, op: CompareOp) -> tuple[Key, Any, CompareOp]:
    """Return “first op second + amount” as the time between the two in a fixed order.

    Months are those of the date that they are added to: from the other the last days of a month count otherwise.
    """
    if _written(first) > _written(second):
        first, second, amount, op = second, first, -amount, MIRROR[op]
    return ("between", first, second, step), amount, op


def _written(node: Operand) -> str:
    return node.key if isinstance(node, Ref) else _SPAN.sub("", repr(node))


def _signed(keys: list[Key]) -> list[tuple[Key, Key]]:
    """Return times between the same two dates, in days and in months: they are before, after or at each other alike."""
    times = [key for key in keys if key[0] == "between"]
    return [(one, other) for one, other in combinations(times, 2) if one[1:3] == other[1:3]]


def _sign(value: Any) -> int:
    return int(value > 0) - int(value < 0)


def _unshifted(node: Operand) -> tuple[Operand, tuple[int, str] | None]:
    """Return a date without its shift, and the shift in days or in months."""
    if not isinstance(node, Shift):
        return node, None
    months = {"days": 0, "months": 1, "years": 12}[node.step]
    return node.base, (node.amount * (months or 1), "months" if months else "days")


class Limit(NamedTuple):
    """A limit that changed, in Chinese: of what, and the comparison before and after."""

    of: str
    before: str
    after: str


def changed_limits(old: Condition, new: Condition, before: Scope, after: Scope) -> tuple[Limit, ...]:
    """Return the comparisons of one value with another limit than before; not those that came or went altogether."""
    first, second = list(_comparisons(old)), list(_comparisons(new))
    then = [each for each in first if each not in second]
    now = [each for each in second if each not in first]
    found = []
    for rows, leaf in then:
        others = [(r, other) for r, other in now if r == rows and _same_value(leaf, other)]
        rivals = [other for r, other in then if r == rows and _same_value(leaf, other)]
        if len(others) == len(rivals) == 1:
            columns = before.columns(rows), after.columns(rows)
            of, was = say_limit(leaf, before, columns[0])
            found.append(Limit(of, was, say_limit(others[0][1], after, columns[1])[1]))
    return tuple(found)


def _same_value(one: Compare, other: Compare) -> bool:
    """Return whether both hold a value against a limit from the same side."""
    return one.left == other.left and one.op[0] == other.op[0]


def _comparisons(node: Condition, rows: str = "", *, denied: bool = False) -> Iterator[tuple[str, Compare]]:
    """Yield the comparisons with a limit as they count, each with the table on whose rows it is judged."""
    match node:
        case Compare(left=left, op=op, right=right) if op not in ("=", "!="):
            told = COMPLEMENT[op] if denied else op
            flipped = isinstance(left, Literal_)
            yield rows, Compare(right, MIRROR[told], left) if flipped else Compare(left, told, right)
        case Between(value=value, low=low, high=high):
            for inner in (Compare(value, ">=", low), Compare(value, "<=", high)):
                yield from _comparisons(inner, rows, denied=denied)
        case Quantified(rows=table, where=where):
            yield from _comparisons(where, table.name, denied=denied)
        case And(parts=parts) | Or(parts=parts):
            for part in parts:
                yield from _comparisons(part, rows, denied=denied)
        case Not(part=part):
            yield from _comparisons(part, rows, denied=not denied)

"""Three-valued evaluation (strong Kleene logic): an unanswered question is unknown, not false."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from engine.expressions.nodes import (
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
)

Value = int | float | str | bool | date | tuple[str, ...] | None
Row = Mapping[str, Value]
Observer = Callable[[Condition, bool | None], None]


@dataclass(frozen=True)
class Facts:
    """The values that a condition can read. What is missing, null or of the wrong type is unknown."""

    values: Mapping[str, Value]
    tables: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    row: Row | None = None

    def with_row(self, row: Row) -> Facts:
        """Return the same facts with this row bound to row.*."""
        return Facts(self.values, self.tables, row)


def evaluate(condition: Condition, facts: Facts, observe: Observer | None = None) -> bool | None:
    """Return whether the condition holds: True, False, or None when an unknown value decides it.

    observe, if given, is told the result of every single condition, row by row, without short cuts.
    """
    return _Evaluator(facts, observe).condition(condition, None)


def row_results(condition: Condition, facts: Facts, rows: Sequence[Row]) -> list[bool | None]:
    """Return the result of a quantifier's condition for each row."""
    evaluator = _Evaluator(facts, None)
    return [evaluator.condition(condition, row) for row in rows]


def operand_value(operand: Operand, facts: Facts, row: Row | None) -> Value:
    """Return the value of an operand, None if unknown. row is the row of the quantifier around it."""
    return _Evaluator(facts, None).operand(operand, row)


class _Evaluator:
    def __init__(self, facts: Facts, observe: Observer | None) -> None:
        self.facts = facts
        self.observe = observe

    def condition(self, node: Condition, row: Row | None) -> bool | None:
        match node:
            case And(parts=parts):
                return all_of([self.condition(part, row) for part in parts])
            case Or(parts=parts):
                return any_of([self.condition(part, row) for part in parts])
            case Not(part=part):
                return not_of(self.condition(part, row))
            case Quantified():
                return self._quantified(node)
        result = self._leaf(node, row)
        if self.observe is not None:
            self.observe(node, result)
        return result

    def _leaf(self, node: Compare | In | Between | Flag | Answered, row: Row | None) -> bool | None:
        match node:
            case Compare(left=left, op=op, right=right):
                return compare(self.operand(left, row), op, self.operand(right, row))
            case In(value=value, options=options):
                found = self.operand(value, row)
                return any_of([compare(found, "=", option.value) for option in options])
            case Between(value=value, low=low, high=high):
                found = self.operand(value, row)
                return all_of(
                    [compare(found, ">=", self.operand(low, row)), compare(found, "<=", self.operand(high, row))]
                )
            case Flag(ref=ref):
                flag = self.operand(ref, row)
                return flag if isinstance(flag, bool) else None
            case Answered(ref=ref, positive=positive):
                return self._answered(ref, row) == positive

    def _answered(self, ref: Ref, row: Row | None) -> bool:
        return (
            ref.name in self.facts.tables
            if ref.kind == "answer" and ref.name in self.facts.tables
            else self.operand(ref, row) is not None
        )

    def _quantified(self, node: Quantified) -> bool | None:
        rows = self.facts.tables.get(node.rows.name)
        if rows is None:
            return None
        results = [self.condition(node.where, row) for row in rows]
        if node.op == "any":
            return any_of(results)
        return all_of(results) if results else False

    def operand(self, node: Operand, row: Row | None) -> Value:
        match node:
            case Literal_(value=value):
                return value
            case Ref(kind="column", name=name):
                return row.get(name) if row is not None else None
            case Ref(kind="row", name=name):
                return self.facts.row.get(name) if self.facts.row is not None else None
            case Ref():
                return self.facts.values.get(node.key)
            case Shift(base=base, amount=amount, step=step):
                start = self.operand(base, row)
                return shift(start, amount, step) if isinstance(start, date) else None
            case Difference(left=left, right=right):
                first, second = self.operand(left, row), self.operand(right, row)
                return (first - second).days if isinstance(first, date) and isinstance(second, date) else None
            case Aggregate():
                return self._aggregate(node)

    def _aggregate(self, node: Aggregate) -> int | float | None:
        rows = self.facts.tables.get(node.rows.name)
        if rows is None:
            return None
        chosen = [True if node.where is None else self.condition(node.where, row) for row in rows]
        if None in chosen:
            return None
        if node.op == "count":
            return sum(1 for c in chosen if c)
        values = [row.get(node.column or "") for row, c in zip(rows, chosen, strict=True) if c]
        numbers = [v for v in values if type(v) in (int, float)]
        return None if len(numbers) != len(values) else sum(numbers)  # type: ignore[arg-type]


def compare(left: Value, op: CompareOp, right: Value) -> bool | None:
    """Return left op right; None if a side is unknown or the two are not of one kind."""
    if left is None or right is None:
        return None
    if isinstance(left, tuple) and isinstance(right, str):
        return (right in left) == (op == "=") if op in ("=", "!=") else None
    if not _one_kind(left, right):
        return None
    match op:
        case "=":
            return left == right
        case "!=":
            return left != right
    if isinstance(left, (str, bool, tuple)):
        return None
    match op:
        case "<":
            return left < right  # type: ignore[operator]
        case "<=":
            return left <= right  # type: ignore[operator]
        case ">":
            return left > right  # type: ignore[operator]
        case _:
            return left >= right  # type: ignore[operator]


def shift(day: date, amount: int, step: str) -> date | None:
    """Return the day moved by days, months or years; None outside the calendar. 01-31 + 1 month = 02-28 or 02-29."""
    try:
        if step == "days":
            return day + timedelta(days=amount)
        months = day.year * 12 + day.month - 1 + amount * (12 if step == "years" else 1)
        year, month = divmod(months, 12)
        last = calendar.monthrange(year, month + 1)[1]
        return date(year, month + 1, min(day.day, last))
    except (ValueError, OverflowError, calendar.IllegalMonthError):
        return None


def _one_kind(left: object, right: object) -> bool:
    kinds = {type(left), type(right)}
    return len(kinds) == 1 or kinds == {int, float}


def not_of(value: bool | None) -> bool | None:
    """Return the opposite, None of what is unknown."""
    return None if value is None else not value


def all_of(values: list[bool | None]) -> bool | None:
    """Return whether all hold: False if one does not, else None if one is unknown."""
    if False in values:
        return False
    return None if None in values else True


def any_of(values: list[bool | None]) -> bool | None:
    """Return whether one holds, else None if one is unknown."""
    if True in values:
        return True
    return None if None in values else False

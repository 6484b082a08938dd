"""Conditions in Chinese, and why a condition held: what was answered, the limit, what would have passed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from engine.expressions.evaluate import Facts, Row, Value, evaluate, operand_value, row_results
from engine.expressions.nodes import (
    COMPLEMENT,
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
)
from engine.expressions.scope import HAS_PROBLEM, Scope, operand_type

_WORDS: dict[CompareOp, str] = {"=": "为", "!=": "不为", "<": "小于", "<=": "不大于", ">": "大于", ">=": "不小于"}
_DATE_WORDS: dict[CompareOp, str] = {"=": "为", "!=": "不为", "<": "早于", "<=": "不晚于", ">": "晚于", ">=": "不早于"}
_STEPS = {"days": "日", "months": "个月", "years": "年"}


@dataclass(frozen=True)
class Reason:
    """One single condition that made a finding: what was asked, what was found, the limit, what would pass."""

    asked: str
    found: str
    limit: str
    passes: str
    where: str = ""
    """Which row, for tables and readings; empty otherwise."""


def say(condition: Condition, scope: Scope) -> str:
    """Return the condition as a Chinese phrase, for example 任一读数小于 2 ℃ 或大于 8 ℃."""
    return _Speaker(scope).condition(condition)


def say_passing(condition: Condition, scope: Scope) -> str:
    """Return in Chinese what must hold for the condition not to: what a passing answer looks like."""
    return _Speaker(scope).condition(opposite(condition, scope))


def say_limit(node: Compare, scope: Scope, columns: Mapping[str, Type]) -> tuple[str, str]:
    """Return what a comparison is about and how it limits it: 读数 and 大于 8 ℃.

    columns: of the table on whose rows it is judged.
    """
    speaker = _Speaker(scope)
    speaker.columns = columns
    of = speaker.operand(node.left)
    return of, speaker.condition(node).removeprefix(of)


def opposite(condition: Condition, scope: Scope, columns: Mapping[str, Type] | None = None) -> Condition:
    """Return the condition that holds exactly when this one does not, with not pushed down to the single ones."""
    match condition:
        case And(parts=parts):
            return Or(tuple(opposite(part, scope, columns) for part in parts))
        case Or(parts=parts):
            return And(tuple(opposite(part, scope, columns) for part in parts))
        case Not(part=part):
            return part
        case Quantified(op=op, rows=rows, where=where):
            inner = opposite(where, scope, scope.columns(rows.name))
            return Quantified("all" if op == "any" else "any", rows, inner)
        case Answered(ref=ref, positive=positive):
            return Answered(ref, not positive)
        case Compare(left=left, op=op, right=right):
            return _other_option(left, right, op, scope, columns) or Compare(left, COMPLEMENT[op], right)
        case _:
            return Not(condition)


def _other_option(
    left: Operand, right: Operand, op: CompareOp, scope: Scope, columns: Mapping[str, Type] | None
) -> Condition | None:
    """For an answer with two options, “= 否” is the opposite of “= 是”, which reads better than “not 否”."""
    if op != "=" or not isinstance(left, Ref) or not isinstance(right, Literal_):
        return None
    kind = (columns or {}).get(left.name) if left.kind == "column" else scope.type_of(left)
    options = [o for o in (kind.options or ()) if o != right.value] if kind else []
    return Compare(left, "=", Literal_(options[0])) if len(options) == 1 else None


def explain(condition: Condition, facts: Facts, scope: Scope) -> list[Reason]:
    """Return the single conditions that made this one hold, in the order of the text; none if it does not."""
    return _Explainer(facts, scope).condition(condition)


def show(value: Value, kind: Type | None = None) -> str:
    """Return a value as it is printed: 9.6, 2024-01-31 as 2024年1月31日, 是, a、b; unknown prints as 未填."""
    if value is None or value == "":
        return "未填"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    if isinstance(value, tuple):
        return "、".join(value)
    text = f"{value:.10g}" if isinstance(value, float) else str(value)
    return f"{text} {kind.unit}" if kind is not None and kind.unit and not isinstance(value, str) else text


class _Speaker:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.columns: Mapping[str, Type] = {}

    def condition(self, node: Condition, *, inside: bool = False) -> str:
        match node:
            case And(parts=parts):
                return "，且".join(self._bracketed(part, Or) for part in parts)
            case Or(parts=parts):
                return "，或".join(self._bracketed(part, And) for part in parts)
            case Not(part=part):
                return self._negated(part)
            case Quantified():
                return self._quantified(node)
            case Flag(ref=ref):
                return self.name(ref)
            case Answered(ref=ref, positive=positive):
                return f"{self.name(ref)}{'已填' if positive else '未填'}"
            case In(value=value, options=options):
                listed = "、".join(f"“{show(option.value)}”" for option in options)
                return (
                    f"{self.operand(value)}为{listed}之一" if len(options) > 1 else f"{self.operand(value)}为{listed}"
                )
            case Between(value=value, low=low, high=high):
                return f"{self.operand(value)}在 {self.operand(low)} 到 {self.operand(high)} 之间"
            case Compare():
                return self._compare(node)

    def _bracketed(self, part: Condition, mixed: type[And] | type[Or]) -> str:
        return f"（{self.condition(part)}）" if isinstance(part, mixed) else self.condition(part)

    def _negated(self, part: Condition) -> str:
        match part:
            case In(value=value, options=options):
                return f"{self.operand(value)}不为{'、'.join(f'“{show(o.value)}”' for o in options)}"
            case Between(value=value, low=low, high=high):
                return f"{self.operand(value)}不在 {self.operand(low)} 到 {self.operand(high)} 之间"
            case Flag(ref=Ref(kind="finding" | "earlier") as ref):
                return f"{self.name(ref).removesuffix(HAS_PROBLEM)}没{HAS_PROBLEM}"
            case Flag(ref=ref):
                return f"非“{self.name(ref)}”"
            case _:
                return f"并非（{self.condition(part)}）"

    def _quantified(self, node: Quantified) -> str:
        outer, self.columns = self.columns, self.scope.columns(node.rows.name)
        inner = self.condition(node.where)
        self.columns = outer
        table = "" if node.rows.name == self.scope.own else f"《{self.name(node.rows)}》"
        unit = "处" if "reading" in self.scope.columns(node.rows.name) else "行"
        return f"{table}{'任一' if node.op == 'any' else '每一'}{unit}{inner}"

    def _compare(self, node: Compare) -> str:
        kind = self._type(node.left) or self._type(node.right)
        words = _DATE_WORDS if kind is not None and kind.kind == "date" else _WORDS
        if kind is not None and kind.kind == "words" and node.op in ("=", "!="):
            words = words | {"=": "包含", "!=": "不包含"}
        right = self.operand(node.right)
        if isinstance(node.right, Literal_):
            right = f"“{right}”" if isinstance(node.right.value, str) else show(node.right.value, kind)
        gap = " " if right[:1].isascii() else ""
        return f"{self.operand(node.left)}{words[node.op]}{gap}{right}"

    def operand(self, node: Operand) -> str:
        match node:
            case Literal_(value=value):
                return show(value)
            case Ref():
                return self.name(node)
            case Shift(base=base, amount=amount, step=step):
                return f"{self.operand(base)}{'后' if amount >= 0 else '前'} {abs(amount)} {_STEPS[step]}"
            case Difference(left=left, right=right):
                return f"{self.operand(right)}至{self.operand(left)}的天数"
            case Aggregate():
                return self._aggregate(node)

    def _aggregate(self, node: Aggregate) -> str:
        columns = self.scope.columns(node.rows.name)
        where = ""
        if node.where is not None:
            outer, self.columns = self.columns, columns
            where = f"（{self.condition(node.where)}）"
            self.columns = outer
        if node.op == "count":
            return f"{self.name(node.rows)}{where}的行数"
        column = columns.get(node.column or "")
        return f"{self.name(node.rows)}{where}的{column.label if column else node.column}合计"

    def name(self, ref: Ref) -> str:
        kind = self._type(ref)
        if kind is not None and kind.label:
            return kind.label
        question = self.scope.questions.get(ref.name)
        return question.label if question else ref.name

    def _type(self, node: Operand) -> Type | None:
        return operand_type(node, self.scope, self.columns)


class _Explainer:
    def __init__(self, facts: Facts, scope: Scope) -> None:
        self.facts = facts
        self.scope = scope

    def condition(self, node: Condition) -> list[Reason]:
        if evaluate(node, self.facts) is not True:
            return []
        match node:
            case And(parts=parts) | Or(parts=parts):
                return [reason for part in parts for reason in self.condition(part)]
            case Not(part=part):
                opened = opposite(part, self.scope)
                return [self._leaf(node, None, {}, "")] if isinstance(opened, Not) else self.condition(opened)
            case Quantified(op="any"):
                return self._witnesses(node)
            case _:
                return [self._leaf(node, None, {}, "")]

    def _witnesses(self, node: Quantified) -> list[Reason]:
        rows = self.facts.tables.get(node.rows.name, ())
        columns = self.scope.columns(node.rows.name)
        reasons = []
        for index, (row, held) in enumerate(zip(rows, row_results(node.where, self.facts, rows), strict=True), 1):
            if held:
                reasons += self._row(node.where, row, columns, row_label(row, index))
        return reasons

    def _row(self, node: Condition, row: Row, columns: Mapping[str, Type], where: str) -> list[Reason]:
        if row_results(node, self.facts, [row]) != [True]:
            return []
        match node:
            case And(parts=parts) | Or(parts=parts):
                return [reason for part in parts for reason in self._row(part, row, columns, where)]
            case _:
                return [self._leaf(node, row, columns, where)]

    def _leaf(self, node: Condition, row: Row | None, columns: Mapping[str, Type], where: str) -> Reason:
        speaker = _Speaker(self.scope)
        speaker.columns = columns
        inner = node.part if isinstance(node, Not) else node
        subject = _subject(inner)
        passes = speaker.condition(opposite(node, self.scope, columns))
        limit = speaker.condition(node)
        if subject is None:
            return Reason(limit, "成立", limit, passes, where)
        kind = speaker._type(subject)
        found = self._found(inner, subject, kind, row, speaker)
        return Reason(speaker.operand(subject), found, limit, passes, where)

    def _found(self, node: Condition, subject: Operand, kind: Type | None, row: Row | None, speaker: _Speaker) -> str:
        found = show(operand_value(subject, self.facts, row), kind)
        other = node.right if isinstance(node, Compare) else None
        if other is None or isinstance(other, Literal_):
            return found
        return f"{found}（{speaker.operand(other)}：{show(operand_value(other, self.facts, row), kind)}）"


def row_label(row: Row, index: int) -> str:
    """Return how a row of readings or of a table is named: its device and position, or its number."""
    parts = [str(row[name]) for name in ("device", "position") if row.get(name)]
    return " ".join(parts) if parts else f"第 {index} 行"


def _subject(node: Condition) -> Operand | None:
    match node:
        case Compare(left=left, right=right):
            return right if isinstance(left, Literal_) else left
        case In(value=value) | Between(value=value):
            return value
        case Flag(ref=ref) | Answered(ref=ref):
            return ref
        case _:
            return None

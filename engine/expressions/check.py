"""The check that a condition names what exists and compares what can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from engine.expressions.nodes import (
    MAX_ALTERNATIVES,
    MAX_LEAVES,
    MAX_NUMBER,
    Aggregate,
    And,
    Answered,
    Between,
    Compare,
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
    Span,
    Type,
    extent,
)
from engine.expressions.scope import Scope
from engine.model.base import Grade
from engine.problems import did_you_mean


class Complaint(NamedTuple):
    """A problem inside a condition: its code and fields in the catalogue, and where in the text."""

    code: str
    span: Span
    fields: Mapping[str, str]


def check(condition: Condition, scope: Scope) -> tuple[Condition, list[Complaint]]:
    """Return the condition with its own answer named in full, and what is wrong with it in this scope."""
    checker = _Checker(scope)
    bound = checker.condition(condition, {})
    alternatives, longest = extent(bound)
    if alternatives > MAX_ALTERNATIVES or longest > MAX_LEAVES:
        reason = f"展开后有 {alternatives} 个分支，最长 {longest} 个条件（上限 {MAX_ALTERNATIVES} 和 {MAX_LEAVES}）"
        checker.complaints.append(Complaint("E305", bound.span, {"reason": reason}))
    return bound, checker.complaints


class _Checker:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.complaints: list[Complaint] = []
        self.negated = False

    def condition(self, node: Condition, columns: Mapping[str, Type]) -> Condition:
        match node:
            case And(parts=parts):
                return replace(node, parts=tuple(self.condition(part, columns) for part in parts))
            case Or(parts=parts):
                return replace(node, parts=tuple(self.condition(part, columns) for part in parts))
            case Not(part=part):
                self.negated = not self.negated
                inner = self.condition(part, columns)
                self.negated = not self.negated
                return replace(node, part=inner)
            case Quantified(rows=rows, where=where):
                table = self._table(rows)
                return replace(node, rows=table, where=self.condition(where, self.scope.columns(table.name)))
            case Answered(ref=ref):
                return replace(node, ref=self._answerable(ref, columns))
            case Flag(ref=ref):
                return replace(node, ref=self._flag(ref, columns))
            case In():
                return self._in(node, columns)
            case Between():
                return self._between(node, columns)
            case Compare():
                return self._compare(node, columns)

    def _compare(self, node: Compare, columns: Mapping[str, Type]) -> Compare:
        left, left_type = self.operand(node.left, columns)
        right, right_type = self.operand(node.right, columns)
        if isinstance(left, Literal_) and isinstance(right, Literal_):
            self._complain("E303", node.span, reason="比较的两边都是固定值", todo="至少一边应为答案或属性")
        self._comparable(left, left_type, right, right_type, node.span)
        if node.op not in ("=", "!=") and left_type and left_type.kind not in ("number", "date"):
            what = f"“{left_type.label}”" if left_type.label else "该内容"
            self._complain("E303", node.span, reason=f"{what}不是数值或日期，不能比大小", todo="可用 = 、!= 或 in")
        upwards = isinstance(left, Ref) and node.op in (">=", ">") and not self.negated
        if not upwards:
            self._no_count(node.span, left, right)
        return replace(node, left=left, right=right)

    def _in(self, node: In, columns: Mapping[str, Type]) -> In:
        value, value_type = self.operand(node.value, columns)
        self._no_count(node.span, value)
        for option in node.options:
            _, option_type = self.operand(option, columns)
            self._comparable(value, value_type, option, option_type, option.span)
        return replace(node, value=value)

    def _between(self, node: Between, columns: Mapping[str, Type]) -> Between:
        value, value_type = self.operand(node.value, columns)
        low, low_type = self.operand(node.low, columns)
        high, high_type = self.operand(node.high, columns)
        self._no_count(node.span, value, low, high)
        for other, other_type in ((low, low_type), (high, high_type)):
            self._comparable(value, value_type, other, other_type, other.span)
        if value_type and value_type.kind not in ("number", "date"):
            self._complain("E303", node.span, reason="between 只用于数值和日期", todo="选项请用 in")
        if (
            isinstance(low, Literal_)
            and isinstance(high, Literal_)
            and type(low.value) in (int, float)
            and type(high.value) in (int, float)
            and low.value > high.value  # type: ignore[operator]
        ):
            self._complain("E303", node.span, reason="下限大于上限", todo="请对调")
        return replace(node, value=value, low=low, high=high)

    def _no_count(self, span: Span, *operands: Operand) -> None:
        """Findings can only be counted upwards: with items unchecked, “fewer than” never certainly holds."""
        if any(isinstance(operand, Ref) and operand.kind == "count" for operand in operands):
            reason = "findings(…) 只能写在左边、用 >= 或 > 比较，也不能放在 not 里"
            self._complain("E303", span, reason=reason, todo="还有项目未检查时，少于或等于不能成立")

    def operand(self, node: Operand, columns: Mapping[str, Type]) -> tuple[Operand, Type | None]:
        match node:
            case Literal_(value=value):
                if type(value) in (int, float) and not abs(value) <= MAX_NUMBER:  # type: ignore[arg-type]
                    self._complain("E303", node.span, reason="数值过大", todo="请核对位数")
                return node, _literal_type(value)
            case Ref():
                bound = self._bind(node)
                if bound.kind == "answer" and self._is_table(bound):
                    self._complain(
                        "E303",
                        node.span,
                        reason=f"“{self._label(bound)}” 是一张表，不能直接比较",
                        todo="请用 any、all、count 或 sum",
                    )
                    return bound, None
                kind = self._known(bound, columns)
                return replace(bound, many=kind is not None and kind.kind == "words"), kind
            case Shift(base=base):
                inner, kind = self.operand(base, columns)
                self._must_be_date(kind, node.span)
                return replace(node, base=inner), Type("date", kind.label if kind else "")
            case Difference(left=left, right=right):
                first, first_type = self.operand(left, columns)
                second, second_type = self.operand(right, columns)
                self._must_be_date(first_type, left.span)
                self._must_be_date(second_type, right.span)
                return replace(node, left=first, right=second), Type("number", "相隔天数", "天")
            case Aggregate():
                return self._aggregate(node)

    def _aggregate(self, node: Aggregate) -> tuple[Operand, Type | None]:
        table = self._table(node.rows)
        columns = self.scope.columns(table.name)
        where = self.condition(node.where, columns) if node.where is not None else None
        kind = Type("number", "行数", "行")
        if node.op == "sum":
            column = columns.get(node.column or "")
            if column is None and columns:
                self._unknown_name(node.column or "", node.span, columns)
            elif column is not None and column.kind != "number":
                self._complain("E303", node.span, reason=f"“{column.label}” 不是数值，不能求和", todo="请选数值栏目")
            kind = Type("number", f"{column.label if column else ''}合计", column.unit if column else "")
        return replace(node, rows=table, where=where), kind

    def _flag(self, ref: Ref, columns: Mapping[str, Type]) -> Ref:
        bound = self._bind(ref)
        kind = self._known(bound, columns)
        if kind is not None and kind.kind != "flag":
            example = f"例如 {_written(ref)} = {kind.options[-1] if kind.options else '…'}"
            self._complain("E303", ref.span, reason=f"“{kind.label}” 不是是非值，需要比较", todo=example)
        return bound

    def _answerable(self, ref: Ref, columns: Mapping[str, Type]) -> Ref:
        bound = self._bind(ref)
        if not (bound.kind == "answer" and self._is_table(bound)):
            self._known(bound, columns)
        return bound

    def _table(self, ref: Ref) -> Ref:
        bound = self._bind(ref)
        if bound.name not in self.scope.questions:
            self._unknown_name(bound.name, ref.span, self.scope.questions)
        elif not self._is_table(bound):
            self._complain("E303", ref.span, reason=f"“{self._label(bound)}” 不是表，没有行", todo="请直接比较")
        return bound

    def _bind(self, ref: Ref) -> Ref:
        if ref.kind in ("answer", "detail") and not ref.name:
            if not self.scope.own:
                self._complain("E302", ref.span, name=_written(ref), suggestion="此处不属于任何项目，没有“本项答案”")
            return replace(ref, name=self.scope.own)
        return ref

    def _known(self, ref: Ref, columns: Mapping[str, Type]) -> Type | None:
        if ref.kind == "column":
            if ref.name not in columns:
                self._unknown_name(ref.name, ref.span, columns or ("answer",))
            return columns.get(ref.name)
        if ref.kind in ("finding", "earlier", "count"):
            return self._known_finding(ref)
        kind = self.scope.type_of(ref)
        if kind is None and ref.name != "":
            self._unknown_name(_written(ref), ref.span, self._names(ref))
        return kind

    def _known_finding(self, ref: Ref) -> Type | None:
        allowed = self.scope.earlier if ref.kind == "earlier" else self.scope.findings
        if ref.kind != "earlier" and not allowed:
            self._complain("E302", ref.span, name=ref.kind, suggestion="只有升级规则能引用本次发现的问题")
        elif ref.kind == "earlier" and not allowed:
            self._complain("E302", ref.span, name=ref.kind, suggestion="出表时还不知道上次的问题")
        elif ref.kind != "count" and ref.name not in allowed:
            self._unknown_name(ref.name, ref.span, sorted(allowed))
        elif ref.kind == "count":
            self._check_filter(ref)
        return self.scope.type_of(ref)

    def _check_filter(self, ref: Ref) -> None:
        for part in ref.name.split(","):
            key, _, value = part.partition("=")
            if key == "grade" and value not in set(Grade):
                self._complain("E304", ref.span, text=value, label="grade", allowed="、".join(Grade))
            if key == "red_line" and value not in {"true", "false"}:
                self._complain("E304", ref.span, text=value, label="red_line", allowed="true、false")
            priorities = sorted({name.partition(".")[0] for name in self.scope.earlier})
            if key == "priority" and value not in priorities:
                suggestion = did_you_mean(value, priorities) + f"可用：{'、'.join(priorities)}"
                self._complain("E302", ref.span, name=value, suggestion=suggestion)

    def _names(self, ref: Ref) -> list[str]:
        scope = self.scope
        match ref.kind:
            case "site":
                return [f"site.{name}" for name in scope.site]
            case "row":
                return [f"row.{name}" for name in scope.columns(scope.row_of)]
            case "detail":
                question = scope.questions.get(ref.name)
                return [f"detail.{name}" for name in question.details] if question else []
            case "this":
                return [f"this.{name}" for name in scope.this]
            case "inspection":
                return ["inspection.date"] if scope.dated else []
            case _:
                return sorted(scope.questions)

    def _unknown_name(self, name: str, span: Span, known) -> None:  # type: ignore[no-untyped-def]
        names = list(known)
        listed = f"可用：{'、'.join(names[:12])}" if names else "此处没有可用的名称"
        self._complain("E302", span, name=name, suggestion=did_you_mean(name, names) + listed)

    def _comparable(self, left: Operand, a: Type | None, right: Operand, b: Type | None, span: Span) -> None:
        if a is None or b is None:
            return
        if {a.kind, b.kind} == {"words", "word"} or a.kind == b.kind:
            for side, other in ((left, b), (right, a)):
                if isinstance(side, Literal_) and other.options is not None and side.value not in other.options:
                    self._complain(
                        "E304", side.span, text=str(side.value), label=other.label, allowed="、".join(other.options)
                    )
            if a.unit and b.unit and a.unit != b.unit:
                self._complain("E303", span, reason=f"单位不同（{a.unit} 与 {b.unit}）", todo="请换算成同一单位")
            return
        self._complain(
            "E303", span, reason=f"{_described(left, a)}不能与{_described(right, b)}比较", todo="两边应为同一类型"
        )

    def _must_be_date(self, kind: Type | None, span: Span) -> None:
        if kind is not None and kind.kind != "date":
            self._complain("E303", span, reason=f"“{kind.label or '该值'}” 不是日期，不能加减", todo="加减只用于日期")

    def _is_table(self, ref: Ref) -> bool:
        question = self.scope.questions.get(ref.name)
        return question is not None and question.columns is not None

    def _label(self, ref: Ref) -> str:
        question = self.scope.questions.get(ref.name)
        return question.label if question else ref.name

    def _complain(self, code: str, span: Span, **fields: str) -> None:
        self.complaints.append(Complaint(code, span, fields))


_KIND_WORDS = {"number": "数值", "date": "日期", "word": "文字", "flag": "是非值", "words": "多选"}


def _described(side: Operand, kind: Type) -> str:
    what = f"“{side.value}”" if isinstance(side, Literal_) else f"“{kind.label}”"
    return f"{_KIND_WORDS[kind.kind]}{what}"


def _literal_type(value: object) -> Type:
    if isinstance(value, bool):
        return Type("flag")
    if isinstance(value, (int, float)):
        return Type("number")
    return Type("word") if isinstance(value, str) else Type("date")


def _written(ref: Ref) -> str:
    if ref.kind == "answer":
        return f"answer('{ref.name}')" if ref.name else "answer"
    if ref.kind == "column":
        return ref.name
    return f"{ref.kind}.{ref.part or ref.name}"

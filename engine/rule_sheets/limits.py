"""The ordinary conditions as columns: how an answer is compared, with which limits or options. The others are read.

A condition is ordinary when exactly one of its parts compares one value with constants; what else has to hold stays as
it is. Written back, only the constants change in the text of the condition, or that part.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from engine.days import parse_day
from engine.expressions.check import check
from engine.expressions.nodes import (
    And,
    Answered,
    Between,
    Compare,
    Condition,
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
)
from engine.expressions.parse import ConditionError, parse
from engine.expressions.scope import Scope

NUMBER_WORDS: dict[str, str] = {
    ">": "大于上限", ">=": "达到或超过上限", "<": "小于下限", "<=": "小于或等于下限",
    "outside": "超出下限～上限", "between": "在下限～上限之内",
}  # fmt: skip
DATE_WORDS: dict[str, str] = {
    ">": "晚于上限", ">=": "不早于上限", "<": "早于下限", "<=": "不晚于下限",
    "outside": "超出下限～上限", "between": "在下限～上限之内",
}  # fmt: skip
OPTION_WORDS: dict[str, str] = {"in": "是选项之一", "not in": "不是选项之一"}
WORDS = tuple(dict.fromkeys((*OPTION_WORDS.values(), *NUMBER_WORDS.values(), *DATE_WORDS.values())))
"""Everything that may stand in the column 比较."""

_USES_LOW, _USES_HIGH = {"<", "<=", "outside", "between"}, {">", ">=", "outside", "between"}
STEPS: dict[str, Literal["days", "months", "years"]] = {
    "日": "days",
    "天": "days",
    "个月": "months",
    "月": "months",
    "年": "years",
}
_STEP_WORDS = {"days": "日", "months": "个月", "years": "年"}
MOVED = re.compile(r"检查(?:日期|之?日|当日)(?:(前|后)(\d{1,5})(日|天|个月|月|年))?\Z")
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,10})?\Z")
_BARE = re.compile(r"[^\W\d_A-Za-z][\w]*\Z")

Complaint: TypeAlias = tuple[str, str, str]
"""Column (op, low, high, picked), what is wrong, what to do."""


@dataclass(frozen=True)
class Limit:
    """What the columns of an ordinary condition say. The texts are those of the cells."""

    subject: str
    """What is judged, in words: 答案, or the question."""
    op: str
    """A word of WORDS."""
    low: str = ""
    high: str = ""
    picked: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Place:
    """Where the part stands, what it compares, and with what."""

    span: Span
    value: Ref
    kind: Type
    op: str
    operands: tuple[Operand, ...]
    alone: bool
    negated: bool = False


def read_limit(text: str, scope: Scope) -> Limit | None:
    """Return the columns of an ordinary condition, None if it is a special one."""
    found = _place(text, scope)
    if found is None:
        return None
    subject = ("任一" if found.value.kind == "column" else "") + (found.kind.label or "答案")
    words = _words(found.kind)
    if found.op in OPTION_WORDS:
        return Limit(subject, OPTION_WORDS[found.op], picked=tuple(_shown(o) for o in found.operands))
    shown = [_shown(o) for o in found.operands]
    low = shown[0] if found.op in _USES_LOW else ""
    high = shown[-1] if found.op in _USES_HIGH else ""
    return Limit(subject, words[found.op], low, high)


def write_limit(text: str, scope: Scope, wanted: Limit) -> tuple[list[tuple[Span, str]], list[Complaint]]:
    """Return what to put where in the text of an ordinary condition so that it says what the columns say.

    The texts of the cells may be written as people do: full-width digits and signs, 检查日 for 检查日期.
    """
    found = _place(text, scope)
    assert found is not None
    op, operands, complaints = _wanted(found, wanted)
    if complaints or op is None:
        return [], complaints
    if op == found.op and len(operands) == len(found.operands):
        old = [text[slice(*o.span)] for o in found.operands]
        pairs = zip(found.operands, old, operands, strict=True)
        return [(o.span, new) for o, was, new in pairs if _canonical(was) != _canonical(new)], []
    return [(found.span, _part(text[slice(*found.value.span)], op, operands, found))], []


def condition_of(subject: str, kind: Type, wanted: Limit) -> tuple[str, list[Complaint]]:
    """Return a new condition that compares the subject as the columns say, or what is wrong with them."""
    place = _Place((0, 0), Ref("answer", ""), kind, "", (), True)
    op, operands, complaints = _wanted(place, wanted)
    return ("" if op is None or complaints else _part(subject, op, operands, place)), complaints


def op_words(kind: Type) -> tuple[str, ...]:
    """Return the comparisons that a value of this type can have."""
    if kind.kind in ("word", "words"):
        return tuple(OPTION_WORDS.values())
    return tuple((DATE_WORDS if kind.kind == "date" else NUMBER_WORDS).values())


def tidy(text: str) -> str:
    """Return what was typed with half-width signs, without spaces: limits and words from a list."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).replace("−", "-").replace("–", "-")


def _words(kind: Type) -> dict[str, str]:
    return (DATE_WORDS if kind.kind == "date" else NUMBER_WORDS) | OPTION_WORDS


def _wanted(place: _Place, wanted: Limit) -> tuple[str | None, list[str], list[Complaint]]:
    allowed = op_words(place.kind)
    op_names = {tidy(word): op for op, word in _words(place.kind).items()}
    op = op_names.get(tidy(wanted.op))
    if op is None or _words(place.kind)[op] not in (*allowed, _words(place.kind).get(place.op)):
        return None, [], [("op", f"不能用 “{wanted.op}” 比较", f"可选：{'、'.join(allowed)}")]
    if op in OPTION_WORDS:
        return _wanted_options(place, wanted, op)
    complaints: list[Complaint] = []
    if wanted.picked:
        complaints.append(("picked", f"“{wanted.op}” 不用选项", "请清空这一格，限值写在下限、上限"))
    operands = []
    for column, uses, name in (("low", _USES_LOW, "下限"), ("high", _USES_HIGH, "上限")):
        typed = getattr(wanted, column)
        if op not in uses:
            if typed:
                complaints.append((column, f"“{wanted.op}” 不用{name}", "请清空这一格，或改 “比较”"))
            continue
        operand = _operand(typed, place.kind)
        if operand is None:
            complaints.append((column, _not_a_limit(typed, place.kind, name), _how(place.kind)))
        else:
            operands.append(operand)
    if len(operands) == 2 and _upside_down(operands):
        complaints.append(("high", "上限比下限小", "请核对两个限值"))
    return op, operands, complaints


def _wanted_options(place: _Place, wanted: Limit, op: str) -> tuple[str, list[str], list[Complaint]]:
    complaints: list[Complaint] = []
    for column, name in (("low", "下限"), ("high", "上限")):
        if getattr(wanted, column):
            complaints.append((column, f"“{wanted.op}” 不用{name}", "请清空这一格，或改 “比较”"))
    options = place.kind.options
    unknown = [word for word in wanted.picked if options is not None and word not in options]
    if unknown:
        complaints.append(("picked", f"没有选项 “{'、'.join(unknown)}”", f"可选：{'、'.join(options or ())}"))
    if not wanted.picked:
        complaints.append(
            ("picked", "没有写选项", f"可选：{'、'.join(options or ())}" if options else "请写要比较的字")
        )
    if place.kind.kind in ("word", "words"):
        return op, [_word(w) for w in wanted.picked], complaints
    operands = [(w, _operand(w, place.kind)) for w in wanted.picked]
    wrong = [w for w, operand in operands if operand is None]
    if wrong:
        complaints.append(("picked", _not_a_limit("、".join(wrong), place.kind, ""), _how(place.kind)))
    return op, [operand for _, operand in operands if operand is not None], complaints


def _not_a_limit(typed: str, kind: Type, name: str) -> str:
    if not typed:
        return f"没有写{name}"
    return f"“{typed}” 不是{'日期' if kind.kind == 'date' else '数字'}"


def _how(kind: Type) -> str:
    if kind.kind == "date":
        return "日期写作 2024-02-29、检查日期，或检查日期后30日"
    return f"只写数字，单位{kind.unit}不写" if kind.unit else "只写数字"


def _operand(typed: str, kind: Type) -> str | None:
    text = tidy(typed)
    if kind.kind != "date":
        text = text.removesuffix(tidy(kind.unit))
        return text if _NUMBER.match(text) else None
    if parse_day(text) is not None:
        return text
    moved = MOVED.match(text)
    if moved is None:
        return None
    if moved[2] is None:
        return "inspection.date"
    return f"inspection.date {'+' if moved[1] == '后' else '-'} {int(moved[2])} {STEPS[moved[3]]}"


def _upside_down(operands: list[str]) -> bool:
    low, high = operands
    if _NUMBER.match(low) and _NUMBER.match(high):
        return float(low) > float(high)
    return parse_day(low) is not None and parse_day(high) is not None and low > high


def _word(word: str) -> str:
    return word if _BARE.match(word) else f'"{word}"' if "'" in word else f"'{word}'"


def _canonical(operand: str) -> object:
    if _NUMBER.match(operand):
        return float(operand)
    return operand.rstrip("s").split() if operand.startswith("inspection.") else operand.strip("'\"")


def _part(subject: str, op: str, operands: list[str], place: _Place) -> str:
    if op == "outside":
        if place.negated:
            return f"not {subject} between {operands[0]} and {operands[1]}"
        text = f"{subject} < {operands[0]} or {subject} > {operands[1]}"
        return text if place.alone else f"({text})"
    if op == "between":
        return f"{subject} between {operands[0]} and {operands[1]}"
    if op in OPTION_WORDS:
        if len(operands) == 1:
            return f"{subject} {'=' if op == 'in' else '!='} {operands[0]}"
        return f"{subject} {op} [{', '.join(operands)}]"
    return f"{subject} {op} {operands[0]}"


def _place(text: str, scope: Scope) -> _Place | None:
    try:
        condition, complaints = check(parse(text), scope)
    except ConditionError:
        return None
    if complaints:
        return None
    parts = condition.parts if isinstance(condition, And) else (condition,)
    found = [(part, p) for part in parts if (p := _compared(part, scope, len(parts) == 1)) is not None]
    limits = [p for _, p in found if p.op not in OPTION_WORDS]
    if len(limits) == 1:
        return limits[0]
    others = [part for part in parts if not isinstance(part, Answered)]
    return found[0][1] if len(found) == len(others) == 1 else None


def _compared(part: Condition, scope: Scope, alone: bool) -> _Place | None:
    """Return what a part compares, None if it is not one value with constants."""
    if isinstance(part, Quantified):
        if part.op != "any":
            return None
        columns = scope.columns(part.rows.name)
        inner = _single(part.where, lambda ref: columns.get(ref.name) if ref.kind == "column" else None)
        return replace(inner, alone=True) if inner else None
    place = _single(part, lambda ref: scope.type_of(ref) if ref.kind in ("answer", "detail", "row") else None)
    return replace(place, alone=alone) if place else None


def _single(part: Condition, type_of) -> _Place | None:  # type: ignore[no-untyped-def]
    match part:
        case Compare(left=Ref() as left, op=op, right=right) if (kind := type_of(left)) and _is_constant(right):
            if op in ("=", "!="):
                return _Place(part.span, left, kind, "in" if op == "=" else "not in", (right,), True)
            return _Place(part.span, left, kind, op, (right,), True)
        case In(value=Ref() as value, options=options) if kind := type_of(value):
            return _Place(part.span, value, kind, "in", options, True)
        case Not(part=In(value=Ref() as value, options=options)) if kind := type_of(value):
            return _Place(part.span, value, kind, "not in", options, True)
        case Between(value=Ref() as value, low=low, high=high) if kind := type_of(value):
            return _both(part.span, value, kind, "between", low, high)
        case Not(part=Between(value=Ref() as value, low=low, high=high)) if kind := type_of(value):
            found = _both(part.span, value, kind, "outside", low, high)
            return replace(found, negated=True) if found else None
        case Or(
            parts=(Compare(left=Ref() as low_of, op="<", right=low), Compare(left=Ref() as high_of, op=">", right=high))
        ):
            same = (low_of.kind, low_of.name, low_of.part) == (high_of.kind, high_of.name, high_of.part)
            kind = type_of(low_of)
            return _both(part.span, low_of, kind, "outside", low, high) if same and kind else None
        case _:
            return None


def _both(span: Span, value: Ref, kind: Type, op: str, low: Operand, high: Operand) -> _Place | None:
    if not (_is_constant(low) and _is_constant(high)):
        return None
    return _Place(span, value, kind, op, (low, high), True)


def _is_constant(operand: Operand) -> bool:
    if isinstance(operand, Shift):
        return isinstance(operand.base, Ref) and operand.base.kind == "inspection"
    return isinstance(operand, Literal_) or (isinstance(operand, Ref) and operand.kind == "inspection")


def _shown(operand: Operand) -> str:
    match operand:
        case Literal_(value=bool() as value):
            return "是" if value else "否"
        case Literal_(value=value):
            return f"{value:.15g}" if isinstance(value, float) else str(value)
        case Shift(amount=amount, step=step):
            return f"检查日期{'后' if amount > 0 else '前'}{abs(amount)}{_STEP_WORDS[step]}"
        case _:
            return "检查日期"

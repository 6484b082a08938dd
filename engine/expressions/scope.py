"""What a condition may name: questions, site attributes, findings, with their types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.expressions.nodes import Aggregate, Difference, Operand, Ref, Shift, Type
from engine.model.questions import (
    AnswerSpec,
    Choice,
    Choices,
    Count,
    DateQuestion,
    Number,
    Readings,
    Rows,
    Sample,
    YesNo,
)

HAS_PROBLEM = "有问题"


@dataclass(frozen=True)
class Question:
    """An answer that conditions can read: its type (None for a table), its details, its columns if a table."""

    id: str
    label: str
    type: Type | None
    details: Mapping[str, Type] = field(default_factory=dict)
    columns: Mapping[str, Type] | None = None


@dataclass(frozen=True)
class Scope:
    """Everything a condition may name at the place where it stands."""

    questions: Mapping[str, Question]
    site: Mapping[str, Type]
    own: str = ""
    row_of: str = ""
    findings: frozenset[str] = frozenset()
    """Rules whose findings may be read; empty in the first layer, where nothing is found yet."""
    earlier: frozenset[str] = frozenset()
    dated: bool = True
    """Whether the day of the inspection is known here."""
    this: Mapping[str, Type] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    """How findings are called, by id: the printed code of their item."""

    def type_of(self, ref: Ref) -> Type | None:
        """Return the type of a bound name, or None if there is no such name (tables have none either)."""
        match ref.kind:
            case "answer":
                question = self.questions.get(ref.name)
                return question.type if question else None
            case "detail":
                question = self.questions.get(ref.name)
                return question.details.get(ref.part) if question else None
            case "row":
                return self.columns(self.row_of).get(ref.name)
            case "site":
                return self.site.get(ref.name)
            case "inspection":
                return Type("date", "检查日期") if ref.name == "date" and self.dated else None
            case "this":
                return self.this.get(ref.name)
            case "finding" | "earlier":
                title = self.titles.get(ref.name, ref.name)
                return Type("flag", f"{title} {'上次' if ref.kind == 'earlier' else ''}{HAS_PROBLEM}")
            case "count":
                return Type("number", "发现的问题数", "个", low=0, whole=True)
            case _:
                return None

    def columns(self, question: str) -> Mapping[str, Type]:
        """Return the columns of a table, none for other answers."""
        found = self.questions.get(question)
        return (found.columns or {}) if found else {}


def operand_type(node: Operand, scope: Scope, columns: Mapping[str, Type]) -> Type | None:
    """Return the type of an operand, None for a constant. columns: of the table that is quantified over."""
    match node:
        case Ref(kind="column", name=name):
            return columns.get(name)
        case Ref():
            return scope.type_of(node)
        case Shift(base=base):
            return operand_type(base, scope, columns)
        case Difference():
            return Type("number", "", "天", whole=True)
        case Aggregate(op="count"):
            return Type("number", "", "行", whole=True)
        case Aggregate(rows=rows, column=column):
            return scope.columns(rows.name).get(column or "")
        case _:
            return None


def question_of(id: str, label: str, spec: AnswerSpec, details: Mapping[str, AnswerSpec]) -> Question:  # noqa: A002
    """Return how conditions see a question of the rule language."""
    inner = {name: type_of(detail, detail.ask or name) for name, detail in details.items()}
    columns = columns_of(spec)
    return Question(id, label, None if columns is not None else type_of(spec, label), inner, columns)


def columns_of(spec: AnswerSpec) -> Mapping[str, Type] | None:
    """Return the typed columns of a table or of readings, None for answers of one value."""
    if isinstance(spec, Rows):
        return {name: type_of(column, column.ask or name) for name, column in spec.columns.items()}
    if isinstance(spec, Readings):
        reading = Type("number", "读数", spec.unit, low=spec.low, high=spec.high)
        return {"reading": reading, "position": Type("word", "位置"), "device": Type("word", "设备")}
    return None


def type_of(spec: AnswerSpec, label: str) -> Type:
    """Return the type of an answer of one value."""
    match spec:
        case YesNo():
            return Type("word", label, options=("是", "否"))
        case Number(unit=unit, low=low, high=high):
            return Type("number", label, unit, low=low, high=high)
        case Count(unit=unit) | Sample(unit=unit):
            return Type("number", label, unit, low=0, whole=True)
        case DateQuestion():
            return Type("date", label)
        case Choice(options=options):
            return Type("word", label, options=options)
        case Choices(options=options):
            return Type("words", label, options=options)
        case _:
            return Type("word", label)

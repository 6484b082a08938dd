"""A line of a ledger: what was typed for its columns becomes values that hold together, or every mistake in it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from pydantic import JsonValue

from engine.follow_up.cells import day_of, read_value
from engine.inspections.cells import header_key
from engine.model.base import Field_
from engine.model.ledgers import LedgerFile
from engine.model.workspace import LedgerEntry
from engine.problems import Mark, Problem, did_you_mean, problem
from engine.workbooks.table import Unusable, Value

MarkOf = Callable[[str], Mark]
"""From the name of a column to the place of its cell."""


class Line(NamedTuple):
    """A line as it was read, before it has an id."""

    values: dict[Field_, JsonValue]
    unit: str
    mark: Mark
    id: str = ""
    """编号，改已有条目的。"""
    inspection: str = ""
    finding: str = ""
    marks: Mapping[str, Mark] = {}
    """Places of its cells by column."""


def ledger_named(ledgers: Mapping[str, LedgerFile], name: str) -> tuple[LedgerFile | None, list[Problem]]:
    """Return the ledger of this name or title, or None and what there is."""
    found = ledgers.get(name) or next((each for each in ledgers.values() if name in (each.title, each.prefix)), None)
    if found is not None:
        return found, []
    listed = "、".join(f"{each.ledger}（{each.title}）" for each in ledgers.values())
    near = did_you_mean(name, [*ledgers, *(each.title for each in ledgers.values())])
    return None, [problem("E880", name=name, suggestion=f"{near}可用台账：{listed}")]


def column_named(ledger: LedgerFile, name: str) -> Field_ | None:
    """Return the column of this name or heading, None if the ledger has none."""
    if name in ledger.columns:
        return name
    key = header_key(name).removesuffix("(元)")
    return next((id_ for id_, column in ledger.columns.items() if header_key(column.label) == key), None)


def unknown_column(ledger: LedgerFile, name: str, mark: Mark) -> Problem:
    """Return the problem of a column that the ledger does not have."""
    labels = [column.label for column in ledger.columns.values()]
    hint = did_you_mean(name, [*labels, *ledger.columns]) + f"可用栏目：{'、'.join(labels)}"
    return problem("E883", mark, name=name, title=ledger.title, suggestion=hint)


def values_of(
    ledger: LedgerFile, given: Mapping[Field_, Value], mark_of: MarkOf
) -> tuple[dict[Field_, JsonValue], list[Problem]]:
    """Return what was typed as the values of a line, and every mistake: unreadable, missing, not in order.

    given: by name of column; an empty one is left out. mark_of: the place of a column's cell.
    """
    values: dict[Field_, JsonValue] = {}
    problems = []
    wrong = set()
    for name, column in ledger.columns.items():
        read = read_value(column, given.get(name))
        if read.reason:
            wrong.add(name)
            shown = _shown(given[name])
            problems.append(problem("E881", mark_of(name), header=column.label, reason=read.reason, text=shown,
                                    todo=read.todo))  # fmt: skip
        elif read.value is not None:
            values[name] = read.value
    problems += _not_together(ledger, values, mark_of, wrong)
    return {name: values[name] for name in sorted(values)}, problems


def _not_together(
    ledger: LedgerFile, values: Mapping[str, JsonValue], mark_of: MarkOf, wrong: Collection[str]
) -> Iterator[Problem]:
    """Yield what is missing or out of order. wrong: columns that could not be read; they are not missing."""
    for name, column in ledger.columns.items():
        if column.required and name not in values and name not in wrong:
            clause = f"（{'、'.join(column.clauses)}）" if column.clauses else ""
            todo = f"{column.note or '这一栏必须填写'}{clause}"
            yield problem("E882", mark_of(name), title=ledger.title, header=column.label, todo=todo)
        if name not in values:
            continue
        for needed in column.needs:
            if needed not in values and needed not in wrong:
                other = ledger.columns[needed].label
                todo = f"填了“{column.label}”就要填“{other}”"
                yield problem("E882", mark_of(needed), title=ledger.title, header=other, todo=todo)
        if column.after and column.after in values and _is_before(values[name], values[column.after]):
            reason = f"早于“{ledger.columns[column.after].label}” {values[column.after]}"
            yield problem("E881", mark_of(name), header=column.label, reason=reason, text=values[name],
                          todo="请核对这两个日期")  # fmt: skip


def _is_before(later: JsonValue, earlier: JsonValue) -> bool:
    """Compare two days or moments; a day without a time is only compared by its day."""
    if not (isinstance(later, str) and isinstance(earlier, str)):
        return False
    size = min(len(later), len(earlier))
    return later[:size] < earlier[:size]


def _shown(value: Value) -> str:
    return value.text if isinstance(value, Unusable) else str(value)


def typed_line(ledger: LedgerFile, words: Iterable[str]) -> tuple[dict[Field_, Value], list[Problem]]:
    """Return what was typed on a command line as 列=值, by column; what has no = or no such column is a problem."""
    given: dict[Field_, Value] = {}
    problems = []
    for word in words:
        name, equals, value = word.partition("=")
        column = column_named(ledger, name.strip())
        if not equals:
            problems.append(problem("E881", header="参数", reason="应写成 列=值", text=word,
                                    todo="值里有空格的整个加引号，例如 \"线索内容=回收药品\""))  # fmt: skip
        elif column is None:
            problems.append(unknown_column(ledger, name.strip(), Mark("")))
        elif column in given:
            problems.append(problem("E881", header=ledger.columns[column].label, reason="写了两次", text=word,
                                    todo="请只保留一个"))  # fmt: skip
        else:
            given[column] = value
    return given, problems


def key_of(ledger: LedgerFile, unit: str, values: Mapping[str, JsonValue]) -> tuple[str, ...] | None:
    """Return what makes a line the same as another one, None if the ledger has no such thing."""
    if not ledger.key:
        return None
    return tuple(header_key(unit if name == "unit" else str(values.get(name))) for name in ledger.key)


def key_words(ledger: LedgerFile) -> str:
    """Return in Chinese which columns make two lines the same."""
    return "、".join("责任单位" if name == "unit" else ledger.columns[name].label for name in ledger.key)


def entry_of(ledger: LedgerFile, line: Line, id_: str) -> LedgerEntry:
    """Return the line as an entry; its values must be without problems."""
    day = day_of(line.values[ledger.date])
    assert day is not None, "values_of has read it"
    return LedgerEntry(
        id=id_, ledger=ledger.ledger, unit=line.unit, date=day, values=line.values,
        inspection=line.inspection or None, finding=line.finding or None,
    )  # fmt: skip


def counted(entries: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    """Return the entries that count: those that were not voided."""
    return [entry for entry in entries if not entry.voided]

"""The answers of a sheet as typed facts for conditions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pydantic import JsonValue

from engine.expressions.evaluate import Facts, Row, Value
from engine.model.checklist import Checklist
from engine.model.questions import AnswerSpec, Choices, DateQuestion, Readings, Rows
from engine.model.release import ReleaseItem
from engine.model.sheet import Answer, AnswerSheet


def facts_of(checklist: Checklist, sheet: AnswerSheet) -> Facts:
    """Return what the conditions of a checklist can read of a sheet. What was not answered is not among it."""
    values: dict[str, Value] = {"inspection:date": sheet.visit.date or checklist.date}
    values |= {f"site:{name}": known for name, known in sheet.site.attributes.items()}
    tables: dict[str, tuple[Row, ...]] = {}
    for name, grid in checklist.grids.items():
        answer = sheet.answers.get(name)
        if answer is not None and answer.status == "answered":
            tables[name] = _rows(grid.answer, answer.value)
    for entry in checklist.items():
        _add_item(entry.item, sheet.answers.get(entry.item.code), values, tables)
    earlier = {e.finding for e in sheet.earlier}
    ids = {finding.id for item in checklist.type.items for finding in item.findings} | earlier
    values |= {f"earlier:{id_}": id_ in earlier for id_ in ids}
    return Facts(values, tables)


def _add_item(
    item: ReleaseItem, answer: Answer | None, values: dict[str, Value], tables: dict[str, tuple[Row, ...]]
) -> None:
    if item.grid is not None and item.grid in tables and (answer is None or answer.status != "not-applicable"):
        tables[item.rule] = tables[item.grid]
    if answer is None or answer.status != "answered":
        return
    for name, spec in item.details.items():
        if name in answer.details:
            values[f"detail:{item.rule}:{name}"] = typed(spec, answer.details[name])
    if item.grid is None and answer.value is not None:
        if isinstance(item.answer, (Rows, Readings)):
            tables[item.rule] = _rows(item.answer, answer.value)
        else:
            values[f"answer:{item.rule}"] = typed(item.answer, answer.value)


def typed(spec: AnswerSpec, value: JsonValue) -> Value:
    """Return a canonical answer as the value that conditions compare: dates as dates, several choices as a tuple."""
    if value is None or isinstance(value, dict):
        return None
    if isinstance(spec, DateQuestion):
        return date.fromisoformat(str(value))
    if isinstance(spec, Choices) and isinstance(value, list):
        return tuple(str(option) for option in value)
    return None if isinstance(value, list) else value


def _rows(spec: AnswerSpec, value: JsonValue) -> tuple[Row, ...]:
    rows = value if isinstance(value, list) else []
    columns: Mapping[str, AnswerSpec] = spec.columns if isinstance(spec, Rows) else {}
    return tuple(
        {name: typed(columns[name], cell) if name in columns else _plain(cell) for name, cell in row.items()}
        for row in rows
        if isinstance(row, dict)
    )


def _plain(cell: JsonValue) -> Value:
    return None if isinstance(cell, (list, dict)) else cell

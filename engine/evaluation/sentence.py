"""What the placeholders of a finding's sentence stand for."""

from __future__ import annotations

from engine.evaluation.first_layer import Found
from engine.expressions.evaluate import Row, row_results
from engine.expressions.nodes import Quantified, walk
from engine.expressions.say import row_label, show
from engine.model.checklist import Checklist
from engine.model.findings import Finding
from engine.model.sheet import AnswerSheet
from engine.sentences import listed


def finding_values(found: Found, sheet: AnswerSheet, checklist: Checklist) -> dict[str, str]:
    """Return the texts by placeholder for a finding of the first layer; what is unknown is left out."""
    spec, facts = found.spec, found.facts
    answer = sheet.answers.get(spec.item.code)
    values = _common(sheet, checklist)
    if answer is not None and answer.note:
        values["note"] = answer.note
    own = facts.values.get(f"answer:{spec.item.rule}")
    if own is not None:
        values["answer"] = show(own)
    for name in spec.item.details:
        detail = facts.values.get(f"detail:{spec.item.rule}:{name}")
        if detail is not None:
            values[name] = show(detail)
    if facts.row is not None:
        values |= {name: show(cell) for name, cell in facts.row.items() if cell is not None}
    rows = _witnesses(found)
    if rows:
        values["readings"] = listed(_reading(row, number) for number, row in rows)
        values["rows"] = listed(f"第 {number} 行" for number, _ in rows)
    return values


def escalation_values(
    subject: dict[str, str], parents: tuple[Finding, ...], sheet: AnswerSheet, checklist: Checklist
) -> dict[str, str]:
    """Return the texts by placeholder for an escalation."""
    values = _common(sheet, checklist) | subject
    values["parents"] = listed(f"问题{p.number}" for p in parents)
    values["title"] = listed(p.title for p in parents)
    return values


def _common(sheet: AnswerSheet, checklist: Checklist) -> dict[str, str]:
    return {"site": sheet.site.name, "date": show(checklist.date)}


def _witnesses(found: Found) -> list[tuple[int, Row]]:
    """Return the rows of the item's own table that the condition speaks of, with their numbers; all if none is."""
    own = found.facts.tables.get(found.spec.item.rule, ())
    for node in walk(found.spec.condition):
        if isinstance(node, Quantified) and node.rows.name == found.spec.item.rule:
            results = row_results(node.where, found.facts, own)
            return [(n, row) for n, (row, held) in enumerate(zip(own, results, strict=True), 1) if held]
    return list(enumerate(own, 1))


def _reading(row: Row, number: int) -> str:
    label = row_label(row, number) if row.get("device") or row.get("position") else ""
    return f"{label} {show(row.get('reading'))}".strip()

"""Changed rules checked in memory: what is wrong with them that was not before, at the cells that are to blame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.library.check import check_library
from engine.library.load import Library, Loaded
from engine.model.rules import CampaignFile, ClausesFile, PriorityFile
from engine.problems import Problem
from engine.rule_sheets.columns import CAMPAIGN, CITATIONS, ITEMS, SheetKind
from engine.rule_sheets.writing import Done
from engine.schema import validate
from engine.source import Document, Loc
from engine.splicing import Text


def check_changed(library: Library, changed: Mapping[str, Text], done: Sequence[Done]) -> tuple[Library, list[Problem]]:
    """Return the changed rules, and what is wrong with them that was not before, at the cells that are to blame."""
    after, wrong = library, []
    for relative, text in changed.items():
        field, name, model = _what(relative)
        value, problems = validate(text.document, model)
        wrong += [_at_cell(found, text.document, done, relative) for found in problems]
        if value is not None:
            fields: dict[str, Any] = {field: {**getattr(after, field), name: Loaded(text.document, value)}}
            after = replace(after, **fields)
    if wrong:
        return after, wrong
    known = {(p.code, p.message) for p in check_library(library)}
    documents = {text.document.path: (text.document, relative) for relative, text in changed.items()}
    for found in check_library(after):
        unverified = found.code == "E503" and library.place.layer is None  # only looked at: the bureau's own may be
        document, file = documents.get(found.mark.path, (None, ""))
        elsewhere = document is None and found.severity != "error"  # counts how often what is unverified is cited
        if (found.code, found.message) not in known and not unverified and not elsewhere:
            wrong.append(_at_cell(found, document, done, file) if document is not None else found)
    return after, wrong


def _what(relative: str) -> tuple[str, str, Any]:
    """Return where the library holds a file, under which name, and its model."""
    name = relative.rsplit("/", 1)[1].removesuffix(".yaml")
    if relative.startswith("rules/priorities/"):
        return "priorities", name, PriorityFile
    if name.endswith(".clauses"):
        return "clauses", name.removesuffix(".clauses"), ClausesFile
    return "campaigns", name, CampaignFile


def _at_cell(found: Problem, document: Document, done: Sequence[Done], file: str) -> Problem:
    """Return the problem at the cell whose change stands nearest before its place in the file."""
    place = (found.mark.line, found.mark.column)
    best: tuple[tuple[int, int], Done] | None = None
    whole = _whole_at(document, place)
    if whole[:1] == ("changes",):
        return _at_left_out(found, document, done, whole)
    for each in done:
        if each.file != file or each.loc[: len(whole)] != whole:
            continue
        mark = document.mark(each.loc)
        first = (mark.line, mark.column)
        inside = first <= place
        if inside and (best is None or first >= best[0]):
            best = (first, each)
    if best is None:  # it stands at the rule as a whole: any change of it is to blame
        of_rule = next((d for d in done if d.file == file and d.loc[: len(whole)] == whole), None)
        return found if of_rule is None else replace(found, mark=of_rule.change.line.mark(of_rule.change.column))
    line = best[1].change.line
    column = _column(line.sheet, document, best[1], place) or best[1].change.column
    return replace(found, mark=line.mark(column))


def _at_left_out(found: Problem, document: Document, done: Sequence[Done], whole: Loc) -> Problem:
    """Return the problem at the cell that takes a rule out, if it stands in that line of the campaign's changes."""
    entry = document.at(whole)
    rule = entry.get("rule") if isinstance(entry, dict) else None
    changes = (d.change for d in done if d.change.column == "asked" and d.change.entry is not None)
    change = next((c for c in changes if c.entry is not None and c.entry.rule == rule), None)
    return found if change is None else replace(found, mark=change.line.mark("asked"))


def _whole_at(document: Document, place: tuple[int, int]) -> Loc:
    """Return the rule, the clause, the deadline or the key of a file in which a place stands."""
    data = document.data if isinstance(document.data, dict) else {}
    whole: list[Loc] = [(k, n) for k, v in data.items() if isinstance(v, list) for n in range(len(v))]
    whole += [(key,) for key, value in data.items() if not isinstance(value, list)]
    placed = [((mark.line, mark.column), loc) for loc in whole for mark in [document.mark(loc)]]
    return max(((at, loc) for at, loc in placed if at <= place), default=((0, 0), ()), key=lambda each: each[0])[1]


_NEW: dict[str, str] = {
    "applies_to": "sites", "answer": "answer", "finding_if": "op", "basis": "law", "only_if": "scope", "id": "key",
    "cases": "op", "clauses": "clauses", "check": "check", "finding": "finding", "grade": "grade",
    "method": "method", "evidence": "evidence", "dispositions": "dispositions", "red_line": "red_line",
}  # fmt: skip
_NEW_DEADLINE = {
    "id": "key", "title": "text", "who": "who", "to": "to", "when": "when", "quote": "quote", "clauses": "clauses",
    "note": "note",
}  # fmt: skip


def _column(sheet: SheetKind, document: Document, done: Done, place: tuple[int, int]) -> str | None:
    """Return for a new item or deadline the column of the key in which a problem stands."""
    if done.change.column != "added" or sheet not in (ITEMS, CAMPAIGN):
        return "law" if sheet is CITATIONS else None
    keys = _NEW if sheet is ITEMS else _NEW_DEADLINE
    best = None
    rule = document.at(done.loc)
    for key in rule if isinstance(rule, dict) else ():
        mark = document.mark((*done.loc, key), key=True)
        if (mark.line, mark.column) <= place:
            best = keys.get(key)
    return best

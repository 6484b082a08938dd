"""What a changed cell means as a value of the rules; what it cannot mean is a problem at the cell."""

from __future__ import annotations

from typing import Any, NamedTuple

from engine.problems import Problem, problem
from engine.rule_sheets.columns import APPLICATIONS, FURTHER, ITEMS
from engine.rule_sheets.comparing import Change
from engine.rule_sheets.reading import Line
from engine.rule_sheets.state import Entry, State
from engine.rule_sheets.words import DISPOSITIONS, GRADES, NO, NONE, YES, digest, flat, one_line, read_scope

GONE = object()
"""The value of a key that is to be taken out."""
KEYS = {
    "check": "check", "finding": "finding", "grade": "grade", "red_line": "red_line", "scope": "only_if",
    "clauses": "clauses", "method": "method", "evidence": "evidence", "dispositions": "dispositions", "note": "note",
}  # fmt: skip
"""Column → key of the rule, the application or the further finding."""
_LONGEST = {"finding": 400, "note": 2000}


class Meant(NamedTuple):
    """The value of a cell, or why there is none."""

    value: Any
    problem: Problem | None = None


def meant(change: Change, state: State, current: Any) -> Meant:
    """Return what to write for the changed cell; GONE for an optional key that is left blank.

    current: the value of the key now, None if there is none.
    """
    line, typed, key = change.line, change.new, change.column
    assert change.entry is not None
    if key == "clauses":
        return _clauses(line, typed, state, current)
    return value_of(line, key, typed, state, _sites(change.entry, line))


def value_of(line: Line, key: str, typed: str, state: State, sites: tuple[str, ...]) -> Meant:
    """Return what a cell says as the value of its key, for a rule of these site types."""
    optional = line.sheet in (APPLICATIONS, FURTHER) or key in ("scope", "evidence", "note")
    if not typed.strip():
        if key == "red_line" and line.sheet is ITEMS:
            return Meant(GONE)
        if optional and not (key == "finding" and line.sheet is FURTHER):
            return Meant(GONE)
        return Meant(None, wrong(line, key, "不能空着", "请填上，或改回原来的内容"))
    match key:
        case "grade":
            return _one(line, key, typed, GRADES, "严重、主要、一般")
        case "red_line":
            if flat(typed) not in (YES, NO):
                return Meant(None, wrong(line, key, f"“{typed}” 不认识", "请写 是 或 否"))
            return Meant(GONE if flat(typed) == NO and line.sheet is ITEMS else flat(typed) == YES)
        case "dispositions":
            found, unknown = DISPOSITIONS.read(typed)
            if unknown or not found:
                words = "；".join(DISPOSITIONS.known)
                return Meant(None, wrong(line, key, f"不认识 “{'、'.join(unknown) or typed}”", f"可用：{words}"))
            return Meant(list(found))
        case "scope":
            labels = state.labels(sites)
            condition, piece = read_scope(typed, labels)
            if piece:
                known = "、".join(sorted(labels)) or "（没有这些单位类型共有的）"
                return Meant(None, wrong(line, key, f"不认识 “{piece}”", f"可用：{known}"))
            return Meant(condition)
        case _:
            text = typed if digest(typed) == line.base.get(key) else one_line(typed)
            longest = _LONGEST.get(key, 2000)
            if len(text) > longest:
                return Meant(None, wrong(line, key, f"有 {len(text)} 个字，最多 {longest} 个", "请写短些"))
            return Meant(text)


def clauses_of(line: Line, typed: str, state: State) -> Meant:
    """Return the clauses of the campaign's plan that a cell names."""
    pieces = [p for p in flat(typed).replace("、", ";").replace(",", ";").replace("\n", ";").split(";") if p.strip()]
    found = [piece.strip().replace("cf", "CF") for piece in pieces]
    unknown = [piece for piece in found if piece not in state.clauses]
    if unknown:
        begins = f"编号见“方案条款”页，以 {state.prefix} 开头"
        return Meant(None, wrong(line, "clauses", f"没有条款 “{'、'.join(unknown)}”", begins))
    return Meant(list(dict.fromkeys(found)))


def _clauses(line: Line, typed: str, state: State, current: Any) -> Meant:
    """Clauses of other campaigns stay; those of this one stand first, as they are written."""
    others = [c for c in current or () if not c.startswith(state.prefix)]
    if not typed.strip() and line.sheet is APPLICATIONS:
        if others:
            return Meant(
                None, wrong(line, "clauses", "这种单位另有其他行动的条款，不能空着", f"没有本次行动的条款请写 {NONE}")
            )
        return Meant(GONE)
    found = Meant([]) if flat(typed) in (NONE, "") else clauses_of(line, typed, state)
    if found.problem is not None:
        return found
    first = next((n for n, c in enumerate(current or ()) if c.startswith(state.prefix)), 0)
    before = [c for c in (current or ())[:first] if not c.startswith(state.prefix)]
    value = [*before, *found.value, *(c for c in others if c not in before)]
    return Meant(value if value or line.sheet is APPLICATIONS else GONE)


def _one(line: Line, key: str, typed: str, words: Any, allowed: str) -> Meant:
    found, unknown = words.read(typed)
    if unknown or len(found) != 1:
        return Meant(None, wrong(line, key, f"“{typed}” 不认识", f"请写：{allowed}"))
    return Meant(found[0])


def _sites(entry: Entry, line: Line) -> tuple[str, ...]:
    if line.sheet is APPLICATIONS:
        return (line.key.split("|")[1],)
    return tuple(entry.sites)


def wrong(line: Line, column: str, reason: str, todo: str) -> Problem:
    """Return the problem of one cell."""
    return problem("E911", line.mark(column), column=line.sheet.column(column).title, reason=reason, todo=todo)

"""Changes of the campaign's own file and of its clauses, written where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.campaigns.mapping import Decision, decided, refusals, rewritten
from engine.problems import Problem
from engine.rule_sheets.columns import CAMPAIGN, CLAUSES
from engine.rule_sheets.comparing import Change
from engine.rule_sheets.entries import Entry
from engine.rule_sheets.plan_rows import HEADS
from engine.rule_sheets.plan_words import CLAUSE_KINDS, HOW, ids_of, read_when
from engine.rule_sheets.state import State
from engine.rule_sheets.values import GONE, Meant, meant, wrong
from engine.rule_sheets.words import NO, YES, flat, one_line
from engine.rule_sheets.writing import Done, Writer
from engine.source import Loc
from engine.splicing import Text

_KEYS = {"text": "title"}
_LONGEST = 2000
_MOST_KEPT = 6000
"""Characters that a change note keeps of what was written."""


def write_campaign(writer: Writer, changes: Sequence[Change]) -> None:
    """Write what changed of a draft's own file; deadlines that are to go are taken out last, from the end."""
    removed = []
    for change in changes:
        if change.line.sheet is not CAMPAIGN or change.entry is None:
            continue
        entry = change.entry
        if change.column == "drop":
            if flat(change.new) == YES:
                removed.append(change)
            else:
                writer.draft.problems.append(wrong(change.line, "drop", f"“{change.new}” 不认识", "要去掉请写 是"))
            continue
        text = writer.text(entry.file)
        key = change.line.key if change.line.key in HEADS else _KEYS.get(change.column, change.column)
        loc: Loc = (*entry.loc, key)
        found = _value(change, writer.state, text.at(loc) if text.has(loc) else None)
        if found.problem is not None:
            writer.draft.problems.append(found.problem)
        elif found.value is not GONE or text.has(loc):
            kept, before = writer.put(text, entry.loc, key, found.value, change)
            place = entry.loc if found.value is GONE else loc
            writer.draft.done.append(Done(change, place, entry.file, kept, before))
    for change in sorted(removed, key=lambda c: c.entry.loc if c.entry else (), reverse=True):
        _remove(writer, change)


def _value(change: Change, state: State, current: Any) -> Meant:
    line, key, typed = change.line, change.column, change.new
    if key == "clauses":
        return meant(change, state, current)
    if not typed.strip():
        return Meant(GONE) if key in ("to", "note") else Meant(None, wrong(line, key, "不能空着", "请填上"))
    if key == "when":
        when = read_when(typed)
        return Meant(when, None if when else wrong(line, key, f"“{typed}” 看不出是哪一天", HOW))
    if key == "who":
        pieces = [p.strip() for p in flat(typed).replace("\n", ";").replace("、", ";").split(";") if p.strip()]
        unknown = [p for p in pieces if p not in map(flat, state.units)]
        if unknown:
            return Meant(None, wrong(line, key, f"没有 “{'、'.join(unknown)}”", f"可用：{'；'.join(state.units)}"))
        return Meant([unit for piece in pieces for unit in state.units if flat(unit) == piece])
    text = one_line(typed)
    if len(text) > _LONGEST:
        return Meant(None, wrong(line, key, f"有 {len(text)} 个字，最多 {_LONGEST} 个", "请写短些"))
    return Meant(text)


def _remove(writer: Writer, change: Change) -> None:
    entry = change.entry
    assert entry is not None
    text = writer.text(entry.file)
    kept = text.raw(entry.loc)
    entries = text.at(entry.loc[:-1])
    text.remove(entry.loc[:-1] if isinstance(entries, list) and len(entries) == 1 else entry.loc)
    writer.draft.done.append(Done(change, (), entry.file, kept))


def write_clauses(writer: Writer, changes: Sequence[Change]) -> None:
    """Write what was decided about clauses, each as a whole: what of it can be changed back is kept with the first."""
    rows: dict[str, list[Change]] = {}
    for change in changes:
        if change.line.sheet is CLAUSES and change.entry is not None:
            rows.setdefault(change.line.key, []).append(change)
    written: dict[Loc, str] = {}
    for group in rows.values():
        entry = group[0].entry
        assert entry is not None
        decision, problems = _decision(group, entry, writer.state)
        writer.draft.problems += problems
        if problems:
            continue
        text = writer.text(entry.file)
        now = text.at(entry.loc)
        assert isinstance(now, dict)
        wanted = decided(now, writer.state.library, decision)
        if wanted == now:
            continue
        was = text.entry(entry.loc)
        written[entry.loc] = _as_before(writer, text, entry, wanted) or rewritten(text, entry.loc, wanted)
        for number, change in enumerate(group):
            kept = was if number == 0 and len(was) <= _MOST_KEPT else None
            writer.draft.done.append(Done(change, entry.loc, entry.file, kept))
    if written:
        file = next(iter(rows.values()))[0].entry
        assert file is not None
        writer.text(file.file).replace_entries(written)


def _decision(group: Sequence[Change], entry: Entry, state: State) -> tuple[Decision, list[Problem]]:
    """Return what the cells of a row decide, or what is wrong with them."""
    line = group[0].line
    cells = {**entry.cells, **{c.column: c.new for c in group}}
    problems = []
    kinds, unknown = CLAUSE_KINDS.read(cells["kind"])
    if unknown or len(kinds) > 1:
        problems.append(wrong(line, "kind", f"“{cells['kind']}” 不认识", f"请写一种：{'；'.join(CLAUSE_KINDS.known)}"))
    if flat(cells["principle"]) not in ("", YES, NO):
        problems.append(wrong(line, "principle", f"“{cells['principle']}” 不认识", "是原则性要求请写 是，不是请留空"))
    principle, planned = flat(cells["principle"]) == YES, one_line(cells["planned"])
    decision = Decision(ids_of(cells["same_as"]), (*kinds, "")[0], principle, planned)
    if not problems:
        problems += [wrong(line, r.of, r.reason, r.todo) for r in refusals(state.library, state.campaign, decision)]
    return decision, problems


def _as_before(writer: Writer, text: Text, entry: Entry, wanted: dict[str, Any]) -> str | None:
    """Return how the clause was written when it said just this, None if no change note keeps it."""
    for column in CLAUSES.columns:
        for note in writer.kept(CLAUSES.key, entry.rule, column.key):
            if note.kept is None:
                continue
            alone = text.apart(entry.loc)
            try:
                alone.replace_entries({(0,): note.kept})
            except ValueError:
                continue
            if alone.at((0,)) == wanted:
                return note.kept
    return None

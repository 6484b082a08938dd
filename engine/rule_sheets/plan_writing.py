"""Changes of the campaign's own file and of its clauses, written where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count as count_from
from typing import Any

from engine.campaigns.mapping import Decision, decided, refusals, rewritten
from engine.problems import Problem, problem
from engine.rule_sheets.columns import CAMPAIGN, CLAUSES
from engine.rule_sheets.comparing import Change
from engine.rule_sheets.entries import Entry, campaign_path
from engine.rule_sheets.plan_rows import HEADS
from engine.rule_sheets.plan_words import CLAUSE_KINDS, HOW, ids_of, read_when
from engine.rule_sheets.reading import Line
from engine.rule_sheets.state import State
from engine.rule_sheets.values import GONE, Meant, clauses_of, meant, wrong
from engine.rule_sheets.words import BETWEEN, NO, YES, flat, one_line
from engine.rule_sheets.writing import Done, Writer
from engine.source import Loc
from engine.splicing import Text, written

_KEYS = {"text": "title"}
_LIST, _WHAT = "deadlines", "期限"
_NEW = ("text", "who", "to", "when", "quote", "clauses", "note")
"""Columns of a new deadline, in the order in which its keys are written."""
_MAY_BE_BLANK = ("to", "note")
_LONGEST = 2000
_MOST_KEPT = 6000
"""Characters that a change note keeps of what was written."""


def write_campaign(writer: Writer, changes: Sequence[Change]) -> list[str]:
    """Write what changed of a draft's own file; return remarks.

    Deadlines that are to go are taken out last, from the end; then new ones are added behind those that stay.
    """
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
    fresh = [c.line for c in changes if c.line.sheet is CAMPAIGN and c.entry is None]
    return [remark for line in fresh if (remark := _add(writer, line)) is not None]


def _value(change: Change, state: State, current: Any) -> Meant:
    if change.column == "clauses":
        return meant(change, state, current)
    return _said(change.line, change.column, change.new, state)


def _said(line: Line, key: str, typed: str, state: State) -> Meant:
    """Return what a cell of a deadline says as the value of its key; GONE for one that may be left out."""
    if key == "clauses":
        return clauses_of(line, typed, state)
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
    done = writer.draft.done
    done[:] = [replace(d, loc=_moved(d.loc, entry.loc)) if d.file == entry.file else d for d in done]
    done.append(Done(change, (), entry.file, kept))


def _moved(loc: Loc, gone: Loc) -> Loc:
    """Return where something stands after an entry of a list has gone."""
    place, size = loc[: len(gone)], len(gone)
    if place[:-1] != gone[:-1] or place == gone or place[-1] < gone[-1]:  # type: ignore[operator]
        return loc
    return (*gone[:-1], int(place[-1]) - 1, *loc[size:])


def _add(writer: Writer, line: Line) -> str | None:
    """Write the deadline of a new row; return a remark if it stands there already."""
    state, problems = writer.state, writer.draft.problems
    cells = {key: line.cells.get(key, "") for key in _NEW}
    there = next(
        (
            k
            for k, e in state.rows[CAMPAIGN.key].items()
            if e.cells["what"] == _WHAT and e.cells["text"] == cells["text"]
        ),
        None,
    )
    if there is not None and cells["text"]:
        known = state.rows[CAMPAIGN.key][there].cells
        if all(_said(line, k, cells[k], state).value == _said(line, k, known[k], state).value for k in _NEW):
            return f"{line.mark('text').cell}：已有这个期限（{there}），没有再加；要改请重新导出"
        problems.append(
            wrong(
                line,
                "text",
                f"已有 “{cells['text']}”（{there}）",
                "要改请改那一行（刚加的请先重新导出），另一个期限请换一个说法",
            )
        )
        return None
    count = len(problems)
    if flat(line.cells.get("what", "")) not in ("", _WHAT):
        problems.append(wrong(line, "what", f"不能新增 “{line.cells['what']}”", f"新的一行只能是{_WHAT}，可以空着"))
    if flat(line.cells.get("drop", "")):
        problems.append(wrong(line, "drop", "新的一行不用写", "不要这个期限就清空这一行"))
    missing = [key for key in _NEW if not cells[key].strip() and key not in _MAY_BE_BLANK]
    problems += [problem("E917", line.mark(key), column=CAMPAIGN.column(key).title) for key in missing]
    found = {key: _said(line, key, typed, state) for key, typed in cells.items() if key not in missing}
    problems += [each.problem for each in found.values() if each.problem is not None]
    if len(problems) == count:
        _append(writer, line, {_KEYS.get(k, k): each.value for k, each in found.items() if each.value is not GONE})
    return None


def _append(writer: Writer, line: Line, values: dict[str, Any]) -> None:
    file = campaign_path(writer.state.campaign)
    text = writer.text(file)
    entries = text.at((_LIST,)) if text.has((_LIST,)) else []
    assert isinstance(entries, list)
    taken = {key.removeprefix("deadline.") for key in writer.state.rows[CAMPAIGN.key]} | {e["id"] for e in entries}
    id_ = next(name for n in count_from(1) if (name := f"added-{n}") not in taken)
    raw = "\n".join(
        f"{key}: {written(v, flow=isinstance(v, (dict, list)))}" for key, v in ({"id": id_} | values).items()
    )
    if text.has((_LIST,)):
        text.append((_LIST,), raw)
    else:
        body = raw.replace("\n", f"{text.newline}    ")
        text.insert((), _LIST, f"{text.newline}  - {body}", ())
    shown = f"{_WHAT} {values['title']}；{BETWEEN.join(values['who'])}；{line.cells['when']}"
    change = Change(line, "added", "", shown, None)
    writer.draft.done.append(Done(change, (_LIST, len(entries)), file, row=f"deadline.{id_}"))


def write_clauses(writer: Writer, changes: Sequence[Change]) -> None:
    """Write what was decided about clauses, each as a whole: what of it can be changed back is kept with the first."""
    rows: dict[str, list[Change]] = {}
    for change in changes:
        if change.line.sheet is CLAUSES and change.entry is not None:
            rows.setdefault(change.line.key, []).append(change)
    texts: dict[Loc, str] = {}
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
        texts[entry.loc] = _as_before(writer, text, entry, wanted) or rewritten(text, entry.loc, wanted)
        for number, change in enumerate(group):
            kept = was if number == 0 and len(was) <= _MOST_KEPT else None
            writer.draft.done.append(Done(change, entry.loc, entry.file, kept))
    if texts:
        file = next(iter(rows.values()))[0].entry
        assert file is not None
        writer.text(file.file).replace_entries(texts)


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

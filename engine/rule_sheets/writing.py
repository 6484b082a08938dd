"""Changes written into the text of the rules: each value where it stands, so that the rest stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.model.rule_changes import RuleChange
from engine.model.rules import Application, Further, Rule
from engine.problems import Problem
from engine.rule_sheets.columns import APPLICATIONS, CITATIONS, FURTHER, ITEMS, NEEDS_REASON
from engine.rule_sheets.comparing import Change, limits_of
from engine.rule_sheets.limits import Limit, read_limit, write_limit
from engine.rule_sheets.splicing import Text, written
from engine.rule_sheets.state import State
from engine.rule_sheets.values import GONE, KEYS, Meant, meant, wrong
from engine.source import Loc, parse

ORDER: dict[str, Sequence[str]] = {
    ITEMS.key: tuple(Rule.model_fields), APPLICATIONS.key: tuple(Application.model_fields),
    FURTHER.key: tuple(Further.model_fields), CITATIONS.key: ("cite", "article", "proof", "sites", "where"),
}  # fmt: skip
"""The order in which rules write their keys."""


@dataclass(frozen=True)
class Done:
    """A change that was written, with what takes it back exactly."""

    change: Change
    loc: Loc
    """Of what was written; of the mapping if a key was taken out."""
    priority: str
    kept: str | None = None
    before: str | None = None


@dataclass
class Draft:
    """Texts of the priorities as they would be, what was changed in them, and what could not be."""

    texts: dict[str, Text] = field(default_factory=dict)
    """Only of those in which something is written."""
    done: list[Done] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class Writer:
    """Writes changes into copies of the priorities' texts."""

    def __init__(self, state: State, open_: Callable[[str], Text], notes: Sequence[RuleChange]) -> None:
        self.state, self.draft, self._open = state, Draft(), open_
        self._kept: dict[tuple[str, str, str], list[RuleChange]] = {}
        for note in reversed(notes):
            self._kept.setdefault((note.sheet, note.row, note.column), []).append(note)

    def text(self, priority: str) -> Text:
        """Return the text of a priority as it is by now."""
        if priority not in self.draft.texts:
            self.draft.texts[priority] = self._open(priority)
        return self.draft.texts[priority]

    def cells(self, changes: Sequence[Change]) -> None:
        """Write every change of a cell that stands for a key, and every changed condition."""
        keys = [c for c in changes if c.entry is not None and c.column in KEYS and c.line.sheet is not CITATIONS]
        fresh = [change for change in keys if not self._stands(change)]
        for change in (
            *(c for c in keys if c not in fresh),
            *reversed(fresh),
        ):  # put back last what was taken out first
            self._key(change)
        for line, entry, group in limits_of([c for c in changes if c.line.sheet is not CITATIONS]):
            self._limit(group, (*entry.loc, "finding_if"), entry.priority)
            del line

    def _stands(self, change: Change) -> bool:
        entry = change.entry
        assert entry is not None
        return self.text(entry.priority).has((*entry.loc, KEYS[change.column]))

    def _key(self, change: Change) -> None:
        entry = change.entry
        assert entry is not None
        key, text = KEYS[change.column], self.text(entry.priority)
        loc = (*entry.loc, key)
        current = text.at(loc) if text.has(loc) else None
        found = meant(change, self.state, current)
        if found.value is GONE:
            found = self._explicit(change) or found
        if found.problem is not None:
            self.draft.problems.append(found.problem)
        elif (found.value is not GONE and found.value != current) or (found.value is GONE and current is not None):
            kept, before = self.put(text, entry.loc, key, found.value, change)
            self.draft.done.append(
                Done(change, loc if found.value is not GONE else entry.loc, entry.priority, kept, before)
            )

    def _explicit(self, change: Change) -> Meant | None:
        """Return the value that stood where a blank would say the same, such as red_line: false."""
        for note in self._kept.get((change.line.sheet.key, change.line.key, change.column), ()):
            if note.kept == "false" and note.old == change.new:
                return Meant(False)
        return None

    def put(self, text: Text, mapping: Loc, key: str, value: Any, change: Change) -> tuple[str | None, str | None]:
        """Write one key of a mapping; return how it was written before, where that is not how it would be written."""
        loc, order = (*mapping, key), ORDER[change.line.sheet.key]
        flow = text.is_flow(mapping)
        there = text.has(loc)
        kept = before = None
        if there:
            old = text.raw_below(loc) if isinstance(text.at(loc), list) else text.raw(loc)
            kept = None if old == written(text.at(loc), flow=flow) and text.at(loc) is not False else old
        if value is GONE:
            held = text.at(mapping)
            assert isinstance(held, dict)
            names = list(held)
            before = (names[names.index(key) + 1 :] or [""])[0]
            if not flow:
                line = text.raw_line(loc)
                kept = None if line == f" {written(text.at(loc), flow=False)}" else line
            text.remove(loc)
            return kept, before
        note = self._back(change, value)
        raw = written(value, flow=flow)
        was = note.kept if note is not None and note.kept is not None else raw
        if there:
            if not text.attempt(lambda: text.replace(loc, was), loc, lambda found: found == value):
                text.replace(loc, raw)
            return kept, None
        following = list(order[order.index(key) + 1 :])
        if note is not None and note.before is not None:
            following = [note.before, *following] if note.before else []
        if not text.attempt(lambda: text.insert(mapping, key, was, following), loc, lambda found: found == value):
            text.insert(mapping, key, raw, following)
        return None, None

    def _back(self, change: Change, value: Any) -> RuleChange | None:
        """Return the note of the change that this one takes back, None if it takes none back."""
        for note in self._kept.get((change.line.sheet.key, change.line.key, change.column), ()):
            if note.kept is not None or note.before is not None:
                kept = note.kept or ""
                document = None
                if kept and ("\n" not in kept or kept[0].isspace()):
                    document, _ = parse(f"k:{'' if kept[0].isspace() else ' '}{kept}\n", "")
                if (document is not None and document.data == {"k": value}) or note.old == change.new:
                    return note
        return None

    def _limit(self, group: list[Change], loc: Loc, priority: str) -> None:
        line, entry = group[0].line, group[0].entry
        assert entry is not None
        text, id_ = self.text(priority), line.key
        condition = text.at(loc)
        assert isinstance(condition, str)
        scope = self.state.scopes[id_]
        wanted = _limit_of({**entry.cells, **{k: v for k, v in line.cells.items() if k in NEEDS_REASON}})
        edits, complaints = write_limit(condition, scope, wanted)
        self.draft.problems += [wrong(line, column, reason, todo) for column, reason, todo in complaints]
        if complaints or not edits:
            return
        before = text.raw(loc)
        for note in self._kept.get((line.sheet.key, id_, group[0].column), ()):
            if note.kept is not None and self._restored(text, loc, note.kept, wanted, id_):
                self.draft.done += [Done(change, loc, priority, before) for change in group]
                return
        for (start, end), words in sorted(edits, reverse=True):
            if not text.splice(loc, start, end, words):
                value = text.at(loc)
                assert isinstance(value, str)
                text.replace(loc, written(value[:start] + words + value[end:], flow=text.is_flow(loc[:-1])))
        kept = None if self._goes_back(text, loc, entry.cells, id_, before) else before
        self.draft.done += [Done(change, loc, priority, kept) for change in group]

    def _restored(self, text: Text, loc: Loc, kept: str, wanted: Limit, id_: str) -> bool:
        def wanted_one(value: object) -> bool:
            return isinstance(value, str) and not write_limit_differs(value, self.state, id_, wanted)

        return text.attempt(lambda: text.replace(loc, kept), loc, wanted_one)

    def _goes_back(self, text: Text, loc: Loc, cells: Mapping[str, str], id_: str, before: str) -> bool:
        """Return whether writing the old cells again would give what was written before."""
        trial = Text(text.text, text.shown)
        value = trial.at(loc)
        assert isinstance(value, str)
        edits, complaints = write_limit(value, self.state.scopes[id_], _limit_of(cells))
        if complaints:
            return False
        return (
            all(trial.splice(loc, *span, words) for span, words in sorted(edits, reverse=True))
            and trial.raw(loc) == before
        )


def write_limit_differs(condition: str, state: State, id_: str, wanted: Limit) -> bool:
    """Return whether a condition says something else than the columns."""
    scope = state.scopes[id_]
    if read_limit(condition, scope) is None:
        return True
    edits, complaints = write_limit(condition, scope, wanted)
    return bool(edits or complaints)


def _limit_of(cells: Mapping[str, str]) -> Limit:
    picked = tuple(p.strip() for p in cells.get("picked", "").replace(";", "；").split("；") if p.strip())
    return Limit("", cells.get("op", ""), cells.get("low", ""), cells.get("high", ""), picked)

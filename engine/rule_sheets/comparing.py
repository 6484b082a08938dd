"""The cells that came back against the rules as they are: what a clerk changed, and what cannot be taken over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.model.rule_changes import RuleChange
from engine.problems import Problem, did_you_mean, problem
from engine.rule_sheets.columns import APPLICATIONS, CITATIONS, FURTHER, ITEMS, NEEDS_REASON, SETTLED, Column
from engine.rule_sheets.limits import tidy
from engine.rule_sheets.reading import Line, Returned
from engine.rule_sheets.state import Entry, State
from engine.rule_sheets.words import BETWEEN, NO, NONE, YES, digest, flat, one_line, read_article, read_law, text_of

DERIVED = ("subject", "reading", "law", "whole", "finding", "where", "force")
"""Fixed columns that say what follows from others: an older workbook may say otherwise, and it does not matter."""


@dataclass(frozen=True)
class Change:
    """A cell that says something else than the rules, or a row that is new or to be taken out."""

    line: Line
    column: str
    """"added" for a new row."""
    old: str
    new: str
    entry: Entry | None
    """None for a new row."""

    @property
    def reason(self) -> str:
        """What the row says for a reason."""
        return self.line.cells.get("reason", "")

    @property
    def title(self) -> str:
        """The heading of the column."""
        return "新增" if self.column == "added" else self.line.sheet.column(self.column).title


@dataclass
class Compared:
    """The changes of a workbook in the order of its sheets, problems and remarks."""

    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def compare(returned: Returned, state: State, notes: tuple[RuleChange, ...]) -> Compared:
    """Return what the workbook changes. A cell that nobody touched since it was exported changes nothing.

    A cell that was touched, and whose rule was changed since by something else than this workbook, is a problem.
    """
    comparer = _Comparer(returned, state, notes)
    for line in returned.lines:
        comparer.line(line)
    missing = {sheet.key: sum(1 for key in rows if key not in comparer.seen[sheet.key])
               for sheet in (ITEMS, APPLICATIONS, FURTHER) if (rows := state.rows[sheet.key])}  # fmt: skip
    here = {line.sheet.key for line in returned.lines}
    gone = [f"“{s.title}”页少了 {missing[s.key]} 行" for s in (ITEMS, APPLICATIONS, FURTHER)
            if s.key in here and missing.get(s.key)]  # fmt: skip
    if gone:
        comparer.found.remarks.append(f"{'，'.join(gone)}，按没有改动处理；要停用请写“列入本次行动”为“否”")
    if comparer.kept:
        comparer.found.remarks.append(f"{comparer.kept} 格在导出以后规则已改，表里没有动过，保留现在的")
    return comparer.found


class _Comparer:
    def __init__(self, returned: Returned, state: State, notes: tuple[RuleChange, ...]) -> None:
        self.returned, self.state = returned, state
        self.found = Compared(problems=[], remarks=[])
        self.seen: dict[str, set[str]] = {sheet.key: set() for sheet in (ITEMS, APPLICATIONS, FURTHER, CITATIONS)}
        self.kept = 0
        self._lists: dict[tuple[str, str], list[Entry]] = {}
        for key, entry in state.rows[CITATIONS.key].items():
            owner, side, _ = key.split("|")
            self._lists.setdefault((owner, side), []).append(entry)
        self._last = {(n.sheet, n.row, n.column): n for n in notes}

    def line(self, line: Line) -> None:
        """Compare a row."""
        rows = self.state.rows[line.sheet.key]
        if not line.key:
            self.found.changes.append(Change(line, "added", "", "", None))
            return
        entry = rows.get(line.key)
        self.seen[line.sheet.key].add(line.key)
        if line.sheet is CITATIONS:
            entry = self._citation(line, entry)
            if entry is None:
                return
        elif entry is None:
            suggestion = did_you_mean(line.key, rows)
            self.found.problems.append(
                problem("E912", line.mark("key"), name=line.key, column=line.sheet.key_title, suggestion=suggestion)
            )
            return
        changes = [c for column in line.sheet.columns if (c := self._cell(line, column, entry)) is not None]
        if changes and not line.cells.get("reason") and any(_needs_reason(c) for c in changes):
            titles = "、".join(c.title for c in changes if _needs_reason(c))
            self.found.problems.append(problem("E916", line.mark("reason"), item=_item(entry), what=titles))
        self.found.changes += changes

    def _citation(self, line: Line, entry: Entry | None) -> Entry | None:
        """Return what a row of law stands for now: places in a list move when one of its entries goes."""
        cells = line.cells
        owner, side, *_ = (*line.key.split("|"), "")
        alike = self._lists.get((owner, side), [])
        there = [e for e in alike if _same_citation(cells, e.cells, self.state)]
        untouched = bool(line.base) and all(digest(cells[c]) == line.base.get(c) for c in _CITED if c in cells)
        wanted = flat(cells.get("drop", ""))
        if (untouched and not wanted and there) or (wanted == YES and not there):
            return None  # it has only moved, or it was taken out already
        if line.base and (entry is None or self._unlike(line, entry)):
            moved = [e for e in alike if not self._unlike(line, e)]
            if not moved and there:
                return None  # this workbook has written it already
            if len(moved) == 1 or entry is None or self._unlike(line, entry) > 1:
                entry = moved[0] if len(moved) == 1 else None
        if entry is None:
            self.found.problems.append(problem("E915", line.mark("key"), item=line.key, now="（已去掉）", who=""))
        return entry

    def _unlike(self, line: Line, entry: Entry) -> int:
        """Return how many columns of a citation are neither as they were exported in this row nor by this workbook."""
        known = [CITATIONS.column(c) for c in _CITED if c in line.base]
        return sum(digest(entry.cells[c.key]) != line.base[c.key] and not self._is_own(line, c, entry) for c in known)

    def _is_own(self, line: Line, column: Column, entry: Entry) -> bool:
        """Return whether what stands in the rules was put there by this workbook, as far as can be told."""
        last = self._last.get((line.sheet.key, line.key, column.key))
        if last is None or last.export != self.returned.export:
            return False
        return column.kind != "text" or same(column, last.new, entry.cells.get(column.key, ""), self.state)

    def _cell(self, line: Line, column: Column, entry: Entry) -> Change | None:
        key = column.key
        if key not in line.cells or key in SETTLED:
            return None
        typed, now = line.cells[key], entry.cells.get(key, "")
        base = line.base.get(key)
        derived = column.kind == "fixed" and key in DERIVED
        if same(column, typed, now, self.state) or (derived and base is None):
            return None
        touched = base is None or digest(typed) != base
        if not touched and derived:
            return None
        if column.kind == "fixed" or key in entry.special:
            if touched:
                self.found.problems.append(
                    problem("E914", line.mark(key), column=column.title, old=now or "空白", item=_item(entry))
                )
            return None
        if base is not None and digest(now) != base and not self._is_own(line, column, entry):
            if not touched:
                self.kept += 1
                return None
            last = self._last.get((line.sheet.key, line.key, key))
            who = f"（{last.at} {last.by}）" if last else ""
            self.found.problems.append(problem("E915", line.mark(key), item=_item(entry), now=now or "空白", who=who))
            return None
        return Change(line, key, now, typed, entry)


_CITED = ("law", "article", "proof", "sites")


def same(column: Column, typed: str, now: str, state: State) -> bool:
    """Return whether what was typed says what stands there, however it is written."""
    if typed == now:
        return True
    if column.kind == "words":
        return _pieces(typed) == _pieces(now) or (
            column.key == "law" and read_law(typed, state.laws) == state.laws.known.get(now)
        )
    if column.key == "article":
        return read_article(typed) == read_article(now)
    if column.kind == "limit":
        return _measure(typed) == _measure(now)
    typed, now = text_of(typed), text_of(now)  # blanks at the ends of lines are nothing that people see
    return typed == now if column.key == "proof" else one_line(typed) == one_line(now)


def _measure(text: str) -> object:
    """Return the number of a limit, its unit left out, or the text."""
    text = tidy(text)
    found = re.match(r"(-?\d+(?:\.\d+)?)\D{0,8}\Z", text)
    return float(found[1]) if found else text


def _pieces(text: str) -> set[str]:
    return {flat(piece) for piece in text.replace(";", BETWEEN).replace("；", BETWEEN).split(BETWEEN) if piece.strip()}


def _same_citation(one: Mapping[str, str], other: Mapping[str, str], state: State) -> bool:
    return all(same(CITATIONS.column(c), one[c], other.get(c, ""), state) for c in _CITED if c in one)


def _item(entry: Entry) -> str:
    return entry.cells.get("codes") or entry.cells.get("code") or entry.rule


def _needs_reason(change: Change) -> bool:
    if change.column in NEEDS_REASON:
        return True
    if change.column == "clauses":  # an item that no clause asks for is dropped as well
        emptied = flat(change.new) == NONE or (not change.new and change.line.sheet is ITEMS)
        return emptied and change.old not in ("", NONE)
    return change.column == "asked" and flat(change.new) == NO


def limits_of(changes: list[Change]) -> Iterator[tuple[Line, Entry, list[Change]]]:
    """Yield the rows whose condition was changed, each with the changes of its columns."""
    rows: dict[tuple[str, str], list[Change]] = {}
    for change in changes:
        if change.column in NEEDS_REASON:
            rows.setdefault((change.line.sheet.key, change.line.key), []).append(change)
    for found in rows.values():
        entry = found[0].entry
        assert entry is not None
        yield found[0].line, entry, found

"""The cases of a rule when its limit moves: they move with it, and every one that changed is shown and noted.

A case says on which side of a limit an answer lies. When people move the limit, an answer beside it moves as far; if
that does not hold, what the case finds is written anew. When the limit goes back, what stood there comes back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from math import ceil, floor
from typing import Any, NamedTuple

from pydantic import ValidationError

from engine.days import parse_day
from engine.library.load import Library
from engine.model.rules import Case, Rule
from engine.rule_sheets.adding import CASE_DAY, day_of
from engine.rule_sheets.columns import FURTHER, ITEMS, NEEDS_REASON
from engine.rule_sheets.comparing import Change
from engine.rule_sheets.limits import tidy
from engine.rule_sheets.writing import Done, Writer
from engine.source import Loc
from engine.splicing import Text, written

_NUMBER = re.compile(r"(-?\d+(?:\.\d+)?)\D{0,8}\Z")
_MOST = 12
"""Values of one case that are tried one by one."""


class _Move(NamedTuple):
    """A limit that was moved: a number or a day, and how far."""

    old: float | date
    by: float | timedelta


def follow_limits(writer: Writer, before: Library, after: Library) -> Iterator[str]:
    """Write the cases that follow from changed limits; yield a remark for each rule with cases that hold no more.

    before, after: the rules without and with the changes, both without errors.
    """
    rules: dict[str, list[Done]] = {}
    for done in writer.draft.done:
        if done.change.entry is not None and done.change.column in NEEDS_REASON:
            rules.setdefault(done.change.entry.rule, []).append(done)
    if not rules:
        return
    from engine.rulebook.cases import CaseJudge  # brings both inferences along

    judges = CaseJudge(before), CaseJudge(after)
    try:
        for changed in rules.values():
            yield from _Follower(writer, judges, after, changed).run()
    finally:
        for judge in judges:
            judge.close()


class _Follower:
    """The cases of one rule."""

    def __init__(self, writer: Writer, judges: Any, after: Library, changed: Sequence[Done]) -> None:
        self.writer, self.changed = writer, changed
        self.was, self.now = judges
        entry = changed[0].change.entry
        assert entry is not None
        self.entry, self.top = entry, entry.loc[:2]
        self.text = writer.text(entry.file)
        loaded = after.priorities[entry.rule.split(".")[0]]
        self.rule: Rule = loaded.value.rules[int(self.top[1])]
        self.document = loaded.document
        self.moves = [move for done in changed for move in _moves(done.change)]

    def run(self) -> Iterator[str]:
        """Write what follows; yield what is left."""
        left = 0
        for number, case in enumerate(self.rule.cases):
            loc = (*self.top, "cases", number)
            raw = self.text.raw(loc)
            wanted = self._as_before(number, loc, raw)
            if wanted == raw and not self._holds(case, loc) and self._held(case, loc):
                wanted = self._moved(loc, case) or self._found(loc, case) or raw
                left += wanted == raw
            if wanted != raw:
                self.text.replace(loc, wanted)
                self._note(number, loc, raw, wanted)
        self._take_back()
        left += self._add()
        if left:
            yield f"{self.entry.cells['codes']} 改了限值，规则自带的用例有 {left} 个不再成立，rules test 会列出"

    def _holds(self, case: Case, loc: Loc) -> bool:
        return not self.now.problems(self.rule, case, self.document, loc)

    def _held(self, case: Case, loc: Loc) -> bool:
        return not self.was.problems(self.rule, case, self.document, loc)

    def _as_before(self, number: int, loc: Loc, raw: str) -> str:
        """Return how the case was written before earlier limits moved it, as far back as that holds now."""
        row = _row(self.rule.id, number)
        for note in (n for sheet in (ITEMS, FURTHER) for n in self.writer.kept(sheet.key, row, "cases")):
            if note.new != raw:
                continue
            case = _case(self._tried(loc, note.old))
            if case is None or not self._holds(case, loc):
                break
            raw = note.old
        return raw

    def _moved(self, loc: Loc, case: Case) -> str | None:
        """Return the case with answers moved as far as their limit so that it holds, None if there is no such way."""
        alone = self.text.apart(loc)
        places = [p for p in _places(alone, (0, "answer")) for move in self.moves if _shifted(alone.at(p), move)]
        ways: list[tuple[Loc, ...]] = [(place,) for place in dict.fromkeys(places[:_MOST])]
        for chosen in [*ways, tuple(dict.fromkeys(places))]:
            for move in self.moves:
                tried = self.text.apart(loc)
                for place in chosen:
                    value = _shifted(tried.at(place), move)
                    if value is not None:
                        tried.replace(place, written(value))
                moved = _case(tried)
                if moved is not None and moved != case and self._holds(moved, loc):
                    return tried.raw((0,))
        return None

    def _found(self, loc: Loc, case: Case) -> str | None:
        """Return the case with what it finds now, None if that cannot be said."""
        found = self.now.finds(self.rule, case, self.document, loc)
        if found is None:
            return None
        tried = self.text.apart(loc)
        tried.replace((0, "finds"), written(_as_key(found)))
        return tried.raw((0,))

    def _tried(self, loc: Loc, raw: str) -> Text | None:
        alone = self.text.apart(loc)
        try:
            alone.replace((0,), raw)
        except ValueError:
            return None
        return alone

    def _cases(self) -> list[Case | None]:
        entries = self.text.at((*self.top, "cases"))
        assert isinstance(entries, list)
        return [_case(self.text.apart((*self.top, "cases", n))) for n in range(len(entries))]

    def _take_back(self) -> None:
        """Take out cases that an earlier change added and that are not needed any more."""
        for number in range(len(self.rule.cases) - 1, 0, -1):
            loc = (*self.top, "cases", number)
            raw, row = self.text.raw(loc), _row(self.rule.id, number)
            mine = [n for s in (ITEMS, FURTHER) for n in self.writer.kept(s.key, row, "cases")][:1]
            if mine and mine[0].old == "" and mine[0].new == raw:
                others = [c for n, c in enumerate(self._cases()) if n != number]
                if _missing(self.rule, others) == _missing(self.rule, self._cases()):
                    self.text.remove(loc)
                    self._note(number, loc[:-1], raw, "")

    def _add(self) -> int:
        """Add a case for every finding that none finds any more; return for how many there is none."""
        left = 0
        for wanted in _missing(self.rule, self._cases()):
            raw = self._another(wanted)
            number = len(self._cases())
            if raw is None:
                left += 1
            else:
                self.text.append((*self.top, "cases"), raw)
                self._note(number, (*self.top, "cases", number), "", raw)
        return left

    def _another(self, wanted: str) -> str | None:
        """Return a case like one that had this result, with an answer that has it now."""
        tried: list[Any] = [piece for c in self.changed for piece in _pieces(c.change.line.cells.get("picked", ""))]
        for move in self.moves:
            limit = move.old + move.by  # type: ignore[operator]
            steps = [timedelta(days=d) for d in (-1, 0, 1)] if isinstance(limit, date) else [-1, 0, 1]
            tried += [str(limit + s) if isinstance(limit, date) else _plain(limit + s) for s in steps]  # type: ignore[operator]
        for number, old in enumerate(self.rule.cases):
            loc = (*self.top, "cases", number)
            for place in _places(self.text.apart(loc), (0, "answer")) if wanted in _finds(old) else ():
                for value in tried:
                    alone = self.text.apart(loc)
                    alone.replace(place, written(value))
                    case = _case(alone)
                    found = self.now.finds(self.rule, case, self.document, loc) if case is not None else None
                    if found is not None and wanted in ((found,) if isinstance(found, str) else found):
                        alone.replace((0, "finds"), written(_as_key(found)))
                        return None if "\n" in alone.raw((0,)) else alone.raw((0,))
        return None

    def _note(self, number: int, loc: Loc, raw: str, wanted: str) -> None:
        line = self.changed[0].change.line
        change = Change(line, "cases", raw, wanted, self.entry)
        self.writer.draft.done.append(Done(change, loc, self.entry.file, row=_row(self.rule.id, number)))


def _finds(case: Case) -> tuple[str, ...]:
    return (case.finds,) if isinstance(case.finds, str) else case.finds


def _as_key(found: tuple[str, ...] | str) -> str | list[str]:
    return found if isinstance(found, str) else found[0] if len(found) == 1 else list(found)


def _missing(rule: Rule, cases: Sequence[Case | None]) -> list[str]:
    """Return the findings of a rule, and nothing, that no case has for its result."""
    seen = {name for case in cases if case is not None for name in _finds(case)}
    return [name for name in (rule.id, *(further.id for further in rule.further), "nothing") if name not in seen]


def _pieces(typed: str) -> list[str]:
    return [piece.strip() for piece in typed.replace(";", "；").split("；") if piece.strip()]


def _plain(value: float) -> float | int:
    value = round(value, 6)
    return int(value) if value == int(value) else value


def _row(rule: str, number: int) -> str:
    return f"{rule}|用例{number + 1}"


def _case(text: Text | None) -> Case | None:
    """Return the only case of a text, None if it is none."""
    if text is None:
        return None
    try:
        return Case.model_validate_json(json.dumps(text.at((0,)), ensure_ascii=False))
    except ValidationError:
        return None


def _places(text: Text, loc: Loc) -> Iterator[Loc]:
    """Yield where single values stand in an answer."""
    if not text.has(loc):
        return
    value = text.at(loc)
    if isinstance(value, dict):
        for key in value:
            yield from _places(text, (*loc, key))
    elif isinstance(value, list):
        for number in range(len(value)):
            yield from _places(text, (*loc, number))
    else:
        yield loc


def _moves(change: Change) -> Iterator[_Move]:
    """Yield how far a limit went; for answers that are whole numbers the nearest ways too."""
    if change.column not in ("low", "high"):
        return
    old, new = tidy(change.old), tidy(change.new)
    first, last = _NUMBER.match(old), _NUMBER.match(new)
    if first and last:
        by = float(last[1]) - float(first[1])
        yield from (_Move(float(first[1]), step) for step in dict.fromkeys((by, float(ceil(by)), float(floor(by)))))
    elif old and new and not first and not last:
        day = day_of(old, CASE_DAY)
        yield _Move(day, day_of(new, CASE_DAY) - day)


def _shifted(value: object, move: _Move) -> float | int | str | None:
    """Return a value as far on as its limit went, None if it is of another kind."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and isinstance(move.by, float):
        return _plain(value + move.by)
    day = parse_day(value) if isinstance(value, str) else None
    if day is not None and isinstance(move.by, timedelta):
        return str(day + move.by)
    return None

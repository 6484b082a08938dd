"""A made-up bureau at work: its workspace, its clock, and its ledgers, each step by the library's own call."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from random import Random

from engine.follow_up.cells import shown_value
from engine.follow_up.lines import Line, values_of
from engine.library.files import Place
from engine.model.ledgers import LedgerFile
from engine.model.workspace import LedgerEntry
from engine.problems import Mark, ProblemError
from engine.simulation.county import County, Person
from engine.workspace.folder import Workspace
from engine.workspace.ledgers import add_entries, read_ledgers, void_entry
from engine.workspace.register import Who


class Bureau:
    """The bureau in its workspace, with a clock: what is to be done when. Nothing depends on the real time."""

    def __init__(self, workspace: Workspace, place: Place, county: County, desk: Path, last: date, seed: int) -> None:
        self.workspace, self.place, self.county, self.desk, self.last = workspace, place, county, desk, last
        self.ledgers: dict[str, LedgerFile] = read_ledgers(place)
        self._seed = seed
        self._waiting: list[tuple[str, int, Callable[[], None]]] = []
        self._number = 0

    def chance(self, about: str) -> Random:
        """Return the chance of one thing: what is done about another does not change it."""
        return Random(f"{self._seed} {about}")  # noqa: S311 - no secret: the same each time

    def at(self, day: date, clock: str, act: Callable[[], None]) -> None:
        """Let something be done at a time; after the last day nothing is done any more."""
        if day <= self.last:
            self._number += 1
            heapq.heappush(self._waiting, (f"{day} {clock}", self._number, act))

    def work(self) -> Iterator[str]:
        """Do everything in the order of its time; yield the days, each once."""
        day = ""
        while self._waiting:
            moment, _, act = heapq.heappop(self._waiting)
            if moment[:10] != day:
                day = moment[:10]
                yield day
            act()

    def paper(self, name: str, content: bytes) -> Path:
        """Return a file on the desk, as people hand it in."""
        path = self.desk / name
        path.write_bytes(content)
        return path

    def clerk(self, unit: str) -> Person:
        """Return who keeps the ledgers of a unit."""
        return self.county.people[unit][0]

    def who(self, unit: str, day: date, clock: str, why: str = "") -> Who:
        """Return the clerk of a unit at a time."""
        return Who(self.clerk(unit).name, f"{day} {clock}", why)

    def enter(self, ledger: str, unit: str, given: Mapping[str, str], who: Who, inspection: str = "") -> LedgerEntry:
        """Return a new entry of a ledger, from what was typed."""
        line = self._line(ledger, unit, given)._replace(inspection=inspection)
        return add_entries(self.workspace, self.ledgers[ledger], [line], by=who.by, at=who.at).added[0]

    def change(self, id_: str, given: Mapping[str, str], who: Who) -> LedgerEntry:
        """Return an entry with some of its columns typed anew."""
        with self.workspace.store.reading() as reader:
            entry = reader.get(LedgerEntry, id_)
        assert entry is not None
        columns = self.ledgers[entry.ledger].columns
        typed = {name: shown_value(columns[name], value) for name, value in entry.values.items()}
        line = self._line(entry.ledger, entry.unit, typed | dict(given))
        line = line._replace(id=id_, inspection=entry.inspection or "", finding=entry.finding or "")
        add_entries(self.workspace, self.ledgers[entry.ledger], [line], by=who.by, at=who.at, why=who.why)
        return entry

    def void(self, id_: str, who: Who) -> None:
        """Void an entry."""
        void_entry(self.workspace, id_, by=who.by, at=who.at, why=who.why)

    def _line(self, ledger: str, unit: str, given: Mapping[str, str]) -> Line:
        values, problems = values_of(self.ledgers[ledger], given, lambda column: Mark(ledger, cell=column))
        if problems:
            raise ProblemError(problems)
        return Line(values, unit, Mark(ledger))


def later(day: date, days: int) -> date:
    """Return a day so many days later."""
    return day + timedelta(days=days)

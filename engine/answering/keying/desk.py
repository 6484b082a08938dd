"""Where keying stands: the sheet, the question being asked, what to go back to, and what can be undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

from pydantic import JsonValue

from engine.answering.keying.edits import Changed, Entry, Sitting, entry_of, rows_of, with_entry
from engine.answering.keying.words import told
from engine.answering.questions import Table, tables
from engine.inspections.opening import Inspection
from engine.model.checklist import Checklist
from engine.model.questions import AnswerSpec, Choices, Readings, Rows, YesNo
from engine.model.release import ReleaseItem

Kind: TypeAlias = Literal[
    "home", "item", "detail", "note", "row", "pick", "visit", "person", "site", "other", "jump", "bulk", "end"
]
_ASIDE = ("note", "visit", "person", "site", "other", "jump", "bulk", "pick")
"""Questions that are put in between: afterwards the one before is asked again."""


class Step(NamedTuple):
    """One question of the dialogue."""

    kind: Kind
    name: str = ""
    """Item code, table, field, or title of a section."""
    part: str = ""
    """Detail, column, or part of a person; sweep if section after section is offered for 是."""
    row: int = 0
    """Of a table, of people or of sections, from 0. For a detail 1: asked on demand."""


class State(NamedTuple):
    """Everything that a step back restores."""

    inspection: Inspection
    step: Step
    back: tuple[Step, ...] = ()
    draft: Mapping[str, JsonValue] = {}
    """A row whose key columns are not all there: it cannot stand on the sheet yet."""


class Screen(NamedTuple):
    """What is shown and how the answer is typed."""

    lines: tuple[str, ...]
    prompt: str
    single: bool
    """By one key; otherwise a line and Enter."""
    any_text: bool = False
    """Any text is an answer: commands begin with a dot."""
    keys: Mapping[str, str] = {}
    """What the keys of this question do, by key."""


class Desk:
    """A sheet on the desk of whoever keys it. Changes go through store(), so that each can be undone."""

    def __init__(self, inspection: Inspection, sitting: Sitting) -> None:
        self.sitting = sitting
        self.state = State(inspection, Step("home"))
        self.history: list[State] = []
        self.passed: set[str] = set()
        """Items and tables gone past in this sitting: the walk does not stop there again."""
        self.brief = False
        """Of rows only the columns are asked that tell them apart or are judged."""
        self.finished = False
        self.unsaved = False

    # ── what is on the desk

    @property
    def inspection(self) -> Inspection:
        """The sheet as it stands."""
        return self.state.inspection

    @property
    def checklist(self) -> Checklist:
        """The checklist of the sheet."""
        return self.state.inspection.checklist

    @property
    def step(self) -> Step:
        """The question being asked."""
        return self.state.step

    def item(self, code: str) -> ReleaseItem | None:
        """Return the item of a code, None if there is none."""
        return next((entry.item for entry in self.checklist.items() if entry.item.code == code), None)

    def table(self, name: str) -> Table | None:
        """Return the table that has a name or belongs to an item code, None if there is none."""
        found = (t for t in tables(self.checklist) if t.name == name or (t.item is not None and t.item.code == name))
        return next(found, None)

    def entry(self, name: str) -> Entry:
        """Return what stands for an item or table."""
        return entry_of(self.inspection, name)

    def rows(self, name: str) -> list[dict[str, JsonValue]]:
        """Return the rows that stand for an item or table."""
        return rows_of(self.inspection, name)

    def is_waiting(self, name: str) -> bool:
        """Return whether people must settle the answer first (待确认)."""
        return name in self.inspection.sheet.unsettled

    def order(self) -> list[str]:
        """Return item codes in printed order, then the shared tables."""
        return [entry.item.code for entry in self.checklist.items()] + list(self.checklist.grids)

    def open_items(self) -> list[str]:
        """Return the codes of items that ask something and have no answer."""
        return [
            entry.item.code
            for entry in self.checklist.items()
            if entry.item.grid is None and not self.entry(entry.item.code).is_answered
        ]

    def current(self) -> str:
        """Return the item or table that is being asked, or was before what was put in between; else nothing."""
        steps = [self.step, *reversed(self.state.back)]
        known = set(self.order())
        return next((step.name for step in steps if step.name in known), "")

    # ── changes

    def store(self, changed: Changed) -> list[str]:
        """Take over a changed sheet so that it can be undone; return what is wrong if there is none."""
        inspection, problems = changed
        if inspection is None:
            return told(problems)
        self.history.append(self.state)
        self.state = self.state._replace(inspection=inspection)
        self.unsaved = True
        return []

    def put(self, name: str, entry: Entry) -> list[str]:
        """Store what stands for an item or table; return what is wrong with it."""
        if self.is_waiting(name):
            return [f"没有记录：{name} 待确认，先用 answers confirm 定下"]
        return self.store(with_entry(self.inspection, self.sitting, name, entry))

    def keep_draft(self, draft: Mapping[str, JsonValue]) -> None:
        """Keep a row that cannot stand on the sheet yet."""
        self.history.append(self.state)
        self.state = self.state._replace(draft=draft)

    # ── moves

    def go(self, step: Step, *, back: tuple[Step, ...] | None = None) -> None:
        """Ask another question. A row that was begun is kept while the question is about it or is put in between."""
        back = self.state.back if back is None else back
        same_row = step._replace(part="") == self.step._replace(part="")
        draft = self.state.draft if same_row or step.kind in _ASIDE or self.step.kind in _ASIDE else {}
        self.state = self.state._replace(step=step, back=back, draft=draft)

    def aside(self, step: Step) -> None:
        """Ask something in between; what is asked now comes again after it."""
        here = () if self.step.kind in _ASIDE else (self.step,)
        self.go(step, back=(*self.state.back, *here))

    def to_entry(self, name: str) -> None:
        """Go to an item or shared table."""
        self.passed.discard(name)
        item = self.item(name)
        readings = item is not None and isinstance(item.answer, Readings) and item.grid is None
        if readings or item is None:
            self.go(self.new_row(name), back=())
        else:
            self.go(Step("item", name), back=())

    def new_row(self, name: str) -> Step:
        """Return the question for the first column of a row to be added."""
        table = self.table(name)
        assert table is not None
        return Step("row", name, table.key[0], len(self.rows(name)))

    def advance(self) -> None:
        """Go back to what was interrupted, or on to the next item or table without an answer, or to the end."""
        if self.state.back:
            *before, last = self.state.back
            self.go(last, back=tuple(before))
            return
        order = self.order()
        here = self.current()
        later = order[order.index(here) + 1 :] if here in order else order
        following = next((name for name in later if self._is_to_ask(name)), None)
        if following is None:
            self.go(Step("end"), back=())
        else:
            self.to_entry(following)

    def _is_to_ask(self, name: str) -> bool:
        if name in self.passed or self.is_waiting(name):
            return False
        item = self.item(name)
        return item is None or (item.grid is None and not self.entry(name).is_answered)

    def details_to_ask(self, item: ReleaseItem, *, on_demand: bool) -> Sequence[str]:
        """Return the details that go with the answer: what was ticked as wrong is not asked of 是."""
        value = self.entry(item.code).value
        if on_demand:
            return list(item.details)
        if value is None or value == "不适用":
            return []
        fine = value == "是" and isinstance(item.answer, YesNo)
        return [name for name, spec in item.details.items() if not (fine and isinstance(spec, Choices))]

    def to_details(self, item: ReleaseItem) -> None:
        """Go to the first detail that goes with the answer, or on if there is none."""
        names = self.details_to_ask(item, on_demand=False)
        if names:
            self.go(Step("detail", item.code, names[0]))
        else:
            self.advance()


def columns_asked(table: Table, judged: set[str], *, brief: bool) -> list[str]:
    """Return the columns of a row in the order in which they are asked: those that tell rows apart come first."""
    rest = [name for name in table.columns if name not in table.key and (not brief or name in judged)]
    return [*table.key, *rest]


def spec_of(item: ReleaseItem) -> AnswerSpec | None:
    """Return how the question beside an item is answered; None if only 不适用 and a note can be given there."""
    if item.grid is not None or isinstance(item.answer, (Rows, Readings)):
        return None
    return item.answer

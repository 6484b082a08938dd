"""A typist for tests of keying: types what a sheet says, as somebody does who reads it off paper."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from support_answers import opened

from engine.answering.data import DataDocument
from engine.answering.keying.desk import Screen, Step
from engine.answering.keying.edits import Entry, Sitting, sat_down
from engine.answering.keying.session import Session
from engine.answering.questions import PEOPLE, visit_choices
from engine.formats.yaml import blank_sheet
from engine.model.checklist import Checklist
from engine.model.questions import AnswerSpec, Choice, Choices, Rows, YesNo
from engine.model.sheet import Source

ENTER = "\r"
SOURCE = Source(
    way="keyed", file="检查表.json", sha256=hashlib.sha256(b"").hexdigest(), by="张三", at="2024-01-15 16:30"
)


def sitting(checklist: Checklist) -> Session:
    """Return a sitting with the blank sheet of a checklist."""
    blank = opened(DataDocument("空白.json", blank_sheet(checklist)))
    return Session(sat_down(blank, Sitting(SOURCE)), Sitting(SOURCE))


def lines_of(text: str) -> list[str]:
    """Return the lines in which a text is typed."""
    if text[:1] in ".。．｡":
        text = "." + text
    *before, last = text.split("\n")
    return [*(line + "\\" for line in before), last + "\\" if last.endswith("\\") else last]


def keys_of(spec: AnswerSpec, value: Any, screen: Screen) -> list[str]:
    """Return what is typed for a value."""
    match spec:
        case YesNo():
            return [{"是": "y", "否": "n"}[value]]
        case Choice(options=options):
            return [str(options.index(value) + 1)]
        case Choices(options=options):
            return ["".join(str(options.index(option) + 1) for option in value)]
    return lines_of(value) if screen.any_text else [str(value)]


class Typist:
    """Types a sheet. keys counts: a single key is one, a line its characters and Enter."""

    def __init__(self, session: Session, sheet: Mapping[str, Any], wanted: Mapping[str, Entry] | None = None) -> None:
        """wanted: what the sheet says in the end, by item and table: whatever differs is typed once more."""
        self.session, self.sheet, self.wanted = session, sheet, wanted or {}
        self.asides = ["v", "t", "o"]
        self.keys = 0
        self.replies: list[str] = []

    def type(self, *texts: str) -> list[str]:
        """Type keys or lines, each as the screen asks for it; return what was told of the last."""
        told: list[str] = []
        for text in texts:
            single = self.session.screen().single
            self.keys += len(text) if single else len(text.rstrip("\r")) + 1
            told = self.session.take(text)
            self.replies += told
        return told

    def run(self) -> None:
        """Type the whole sheet, then leave."""
        for _ in range(20_000):
            if self.session.finished:
                return
            self.type(*self.next())
        raise AssertionError(f"no end: {self.session.desk.state.step}, {self.replies[-5:]}")

    def next(self) -> list[str]:
        """Return what is typed for what is asked now."""
        step, screen = self.session.desk.step, self.session.screen()
        asked = getattr(self, f"_{step.kind}")(step, screen)
        return list(asked)

    def _dot(self, screen: Screen, key: str) -> str:
        return f".{key}" if screen.any_text else key

    def _whole(self, code: str) -> Mapping[str, Any]:
        given = self.sheet["answers"].get(code)
        return given if isinstance(given, dict) else {"answer": given}

    def _home(self, step: Step, screen: Screen) -> Iterator[str]:
        yield self.asides.pop(0) if self.asides else ENTER

    def _end(self, step: Step, screen: Screen) -> Iterator[str]:
        half_done = next((n for n, entry in self.wanted.items() if self.session.desk.entry(n) != entry), None)
        if half_done is not None:
            yield from ("g", half_done)
            return
        for entry in self.session.desk.checklist.items():
            code, whole = entry.item.code, self._whole(entry.item.code)
            entered = self.session.desk.entry(code)
            if entry.item.grid and (whole.get("note") or "") != entered.note:
                yield from ("g", code, "b", *lines_of(whole["note"]))
                return
            if entry.item.grid and whole.get("answer") == "不适用" and entered.value is None:
                yield from ("g", code, "x")
                return
        yield "q"

    def _item(self, step: Step, screen: Screen) -> Iterator[str]:
        item = self.session.desk.item(step.name)
        whole, entered = self._whole(step.name), self.session.desk.entry(step.name)
        value = whole.get("answer")
        if whole.get("note") and not entered.note:
            yield self._dot(screen, "b")
        elif item.grid is not None:
            yield "x" if value == "不适用" and entered.value is None else ENTER
        elif value is None:
            yield self._dot(screen, "s")
        elif value == "不适用":
            yield self._dot(screen, "x")
        elif isinstance(item.answer, Rows):
            yield "2" if value else "1"
        else:
            yield from keys_of(item.answer, value, screen)

    def _note(self, step: Step, screen: Screen) -> Iterator[str]:
        yield from lines_of(self._whole(step.name)["note"])

    def _detail(self, step: Step, screen: Screen) -> Iterator[str]:
        value = self._whole(step.name).get(step.part)
        yield from (
            [ENTER] if value is None else keys_of(self.session.desk.item(step.name).details[step.part], value, screen)
        )

    def _row(self, step: Step, screen: Screen) -> Iterator[str]:
        desk = self.session.desk
        table, whole = desk.table(step.name), self._whole(step.name)
        value = whole.get("answer")
        rows = value if isinstance(value, list) else []
        if step.row < len(rows):
            cell = rows[step.row].get(step.part)
            if cell is None:
                yield self._dot(screen, "c") if "c" in screen.keys else ENTER
            else:
                yield from keys_of(table.columns[step.part], cell, screen)
        elif step.name in self.wanted and desk.rows(step.name) != self.wanted[step.name].value and rows:
            have, want = desk.rows(step.name), self.wanted[step.name].value
            yield self._dot(screen, f"m {next(n for n, row in enumerate(want, 1) if have[n - 1] != row)}")
        elif whole.get("note") and not desk.entry(step.name).note:
            yield self._dot(screen, "b")
        elif table.item is not None and not rows:
            yield self._dot(screen, "x" if value == "不适用" else "s")
        else:
            yield ENTER

    def _visit(self, step: Step, screen: Screen) -> Iterator[str]:
        value = self.sheet["visit"].get(step.name)
        if value is None:
            yield self._dot(screen, "c") if "c" in screen.keys else ENTER
        elif isinstance(value, list):
            said = self.session.inspection.sheet.visit.model_dump(exclude_defaults=True).get(step.name, ())
            yield ENTER if list(said) == value else "m"
        elif step.name in visit_choices():
            words = visit_choices()[step.name][1]
            number = words.index({True: "是", False: "否"}.get(value, value))
            yield ("y", "n")[number] if words == ("是", "否") else str(number + 1)
        else:
            yield from lines_of(value.replace(":", "") if step.name in ("start", "end") else value)

    def _person(self, step: Step, screen: Screen) -> Iterator[str]:
        people = self.sheet["visit"].get(step.name, [])
        text = people[step.row].get(step.part) if step.row < len(people) else None
        assert step.part in PEOPLE["present" if step.name == "witness" else step.name]
        yield from lines_of(text) if text else [ENTER]

    def _site(self, step: Step, screen: Screen) -> Iterator[str]:
        kind, _, key = step.name.removeprefix("site.").partition(".")
        site = self.sheet["site"]
        text = site["name"] if kind == "name" else site[kind].get(key)
        yield from lines_of(text) if isinstance(text, str) and text else [ENTER]

    def _other(self, step: Step, screen: Screen) -> Iterator[str]:
        known = self.sheet.get("other", [])
        done = len(self.session.inspection.sheet.other)
        yield from lines_of(known[done]) if done < len(known) else [ENTER]

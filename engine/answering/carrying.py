"""Answers made for an older release brought over to the current one, by what is asked and not by its number.

Only what is asked and judged as before is carried by itself (docs/decisions: answers belong to their question).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from pydantic import JsonValue

from engine.answering.writing import sheet_data
from engine.inspections.opening import Inspection
from engine.library.comparing import item_changes, standings, table_changes
from engine.library.releases import Locked
from engine.model.checklist import Checklist
from engine.model.difference import Change as Difference
from engine.model.release import Release, ReleaseItem
from engine.model.sheet import LONGEST_TEXT, Candidate, Origin, Site, Unsettled
from engine.problems import Problem
from engine.tailor import tailor

Change = Literal["same", "reworded", "limit-changed", "question-changed", "new", "retired"]
WORDS: dict[Change, str] = {
    "same": "相同", "reworded": "措辞改了", "limit-changed": "限值或判定改了", "question-changed": "问法改了",
    "new": "新增", "retired": "取消",
}  # fmt: skip


class Carried(NamedTuple):
    """One item or shared table: what became of it."""

    code: str
    """In the current release; of a retired one, the old code."""
    old: str
    """Its code in the older release; empty for a new one."""
    change: Change
    check: str
    answered: bool


class CarriedSheet(NamedTuple):
    """The data of the sheet for the current release, and what became of each item."""

    data: dict[str, JsonValue]
    items: tuple[Carried, ...]


def carry(inspection: Inspection, current: Locked) -> tuple[CarriedSheet | None, list[Problem]]:
    """Return the sheet for the current release, or None and why there is no checklist for its site and day.

    Same: carried. Reworded, limit or question changed: the old answer stands under unsettled until a person has looked
    at the new question. Retired: the old answer is kept in words under other. New: not answered.
    """
    sheet = inspection.sheet
    day = sheet.visit.date or inspection.checklist.date
    checklist, problems = tailor(current, sheet.site_type, known_site(inspection, current), day, routine=sheet.routine)
    if checklist is None:
        return None, problems
    return _Carrying(inspection, checklist, current.release).carried(), []


def known_site(inspection: Inspection, current: Locked) -> Site:
    """Return the site of an inspection without the attributes that its type no longer has."""
    site, kind = inspection.sheet.site, current.release.site_types.get(inspection.sheet.site_type)
    known = {n: held for n, held in site.attributes.items() if kind is None or n in kind.attributes}
    return site.model_copy(update={"attributes": known})


class _Carrying:
    def __init__(self, inspection: Inspection, checklist: Checklist, current: Release) -> None:
        self.old, self.new, self.current = inspection.checklist, checklist, current
        self.inspection = inspection
        self.before = sheet_data(inspection)
        answers = self.before["answers"]
        self.answers: Mapping[str, JsonValue] = answers if isinstance(answers, dict) else {}
        self.taken: dict[str, JsonValue] = {}
        self.unsettled: dict[str, Unsettled] = {}
        self.origins: dict[str, Origin] = {}
        self.items: list[Carried] = []
        self.retired: list[str] = []

    def carried(self) -> CarriedSheet:
        by_rule = {entry.item.rule: entry.item for entry in self.old.items()}
        before = standings(self.inspection.locked.release, self.old.site_type)
        after = standings(self.current, self.new.site_type)
        for entry in self.new.items():
            item, old = entry.item, by_rule.pop(entry.item.rule, None)
            change = _became(item_changes(before[old.rule], after[item.rule])) if old is not None else "new"
            self._bring(item.code, old.code if old else "", change, item.check, _both(old, item))
        for name, grid in self.new.grids.items():
            old_grid = self.old.grids.get(name)
            table = _became(table_changes(old_grid, grid)) if old_grid is not None else "new"
            self._bring(name, name if old_grid else "", table, grid.title, grid.title)
        for item in by_rule.values():
            self._retire(item.code, item.check)
        for name in set(self.old.grids) - set(self.new.grids):
            self._retire(name, self.old.grids[name].title)
        return CarriedSheet(self._data(), tuple(self.items))

    def _bring(self, code: str, old: str, change: Change, check: str, words: str) -> None:
        answer = self.answers.get(old) if old else None
        waiting = self.inspection.sheet.unsettled.get(old)
        self.items.append(Carried(code, old, change, check, answer is not None or waiting is not None))
        if waiting is not None and change == "same":
            self.unsettled[code] = waiting
        elif waiting is not None:
            why = f"{WORDS[change]}：{words}；{waiting.why}"[:LONGEST_TEXT]
            self.unsettled[code] = waiting.model_copy(update={"kind": "changed", "why": why})
        elif answer is not None and change == "same":
            self.taken[code] = answer
            told = self.inspection.sheet.provenance
            origin = told.answers.get(old) if told is not None else None
            if origin is not None or old != code:
                self.origins[code] = (origin or Origin(source=1)).model_copy(update={"how": "carried"})
        elif answer is not None:
            why = f"{WORDS[change]}：{words}"
            self.unsettled[code] = Unsettled(kind="changed", why=why, candidates=(Candidate(answer=answer),))

    def _retire(self, code: str, check: str) -> None:
        answer, waiting = self.answers.get(code), self.inspection.sheet.unsettled.get(code)
        self.items.append(Carried(code, code, "retired", check, answer is not None or waiting is not None))
        if waiting is not None:
            several = " 或 ".join(_words(candidate.answer) for candidate in waiting.candidates)
            self.retired.append(f"取消的项目 {code} {check}：未定，{several}")
        elif answer is not None:
            self.retired.append(f"取消的项目 {code} {check}：{_words(answer)}")

    def _data(self) -> dict[str, JsonValue]:
        new = self.new
        told = self.before.get("provenance")
        provenance: dict[str, Any] = dict(told) if isinstance(told, dict) else {"sources": [{"way": "yaml"}]}
        if photos := provenance.get("photos"):
            numbered = {item.old: item.code for item in self.items if item.old}
            provenance["photos"] = [photo | {"item": numbered.get(photo["item"], photo["item"])} for photo in photos]
        provenance["answers"] = {c: o.model_dump(mode="json", exclude_defaults=True) for c, o in self.origins.items()}
        other = self.before.get("other")
        beside = {c: u for c, u in self.inspection.sheet.unsettled.items() if c.startswith(("visit.", "site."))}
        unsettled = self.unsettled | beside
        return {
            **self.before, "lock": new.lock, "checklist": new.id, "campaign": new.campaign,
            "site": new.site.model_dump(mode="json"), "answers": self.taken,
            "other": [*(other if isinstance(other, list) else []), *self.retired],
            "unsettled": {c: u.model_dump(mode="json", exclude_defaults=True) for c, u in unsettled.items()},
            "provenance": provenance,
        }  # fmt: skip


_ASKED = ("question",)
_JUDGED = ("tightened", "loosened", "conditions", "regraded")
_SAID = ("reworded",)


def _became(changes: Iterable[Difference]) -> Change:
    """Return what became of a question: what is asked decides first, then how it is judged, then how it is worded."""
    kinds = {change.kind for change in changes}
    if kinds.intersection(_ASKED):
        return "question-changed"
    if kinds.intersection(_JUDGED):
        return "limit-changed"
    return "reworded" if kinds.intersection(_SAID) else "same"


def _both(old: ReleaseItem | None, new: ReleaseItem) -> str:
    return f"原为“{old.check}”，现为“{new.check}”" if old is not None and old.check != new.check else new.check


def _words(answer: JsonValue) -> str:
    if isinstance(answer, dict):
        return "；".join(f"{k} {_words(v)}" for k, v in answer.items() if v not in (None, ""))
    if isinstance(answer, list):
        return "、".join(_words(each) for each in answer) or "没有"
    return str(answer)

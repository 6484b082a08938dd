"""Scanned pages as answer sheets: one for each checklist and site, with what a person must still confirm or type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from pydantic import JsonValue

from engine.answering.forms import Filled, Given, fill
from engine.answering.head import Opener
from engine.inspections.opening import Inspection, open_sheet
from engine.library.files import Place
from engine.model.checklist import Checklist
from engine.model.sheet import Source
from engine.problems import Mark, Problem
from engine.scanning.deciding import Decision, decide
from engine.scanning.layouts import Layout
from engine.scanning.pages import Pages

_CANDIDATES = 8
_TWICE = "同一页扫描了两次，两次读出的不同"
_APART = ("site", "visit", "spare", "other")
"""First words of the names of fields that belong to no item."""


class ToType(NamedTuple):
    """Something written by hand that a person must type."""

    page: int
    title: str
    field: str
    picture: str
    """Name of its picture."""


class ScannedSheet(NamedTuple):
    """The answers of one checklist of one site."""

    layout: Layout
    inspection: Inspection
    pictures: Mapping[str, bytes]
    """PNG by name."""
    to_type: tuple[ToType, ...]
    notices: tuple[str, ...]


def sheet_of(
    place: Place, open_head: Opener, pages: Pages, sources: Sequence[Source], folder: str
) -> tuple[ScannedSheet | None, list[Problem]]:
    """Return the answer sheet that the pages of one checklist make up, or None and what is wrong.

    sources: one for each file; folder: where the pictures will lie, as the sheet names them.
    """
    checklist, problems = open_head(pages.layout.head, Mark(pages.layout.shown))
    if checklist is None:
        return None, problems
    return _Assembler(place, checklist, pages, sources, folder).sheet()


class _Assembler:
    def __init__(
        self, place: Place, checklist: Checklist, pages: Pages, sources: Sequence[Source], folder: str
    ) -> None:
        self.place, self.checklist, self.pages = place, checklist, pages
        self.files = list(dict.fromkeys(each.shown for each in pages.read))
        self.sources = [source for source in sources if source.file in {_name(file) for file in self.files}]
        self.folder = folder
        self.decisions = _decisions(pages)
        self.codes: dict[Mark, str] = {}
        self.reasons: dict[str, list[str]] = {}
        """Why a person must look, by item or table."""
        self.confidence: dict[str, float] = {}
        self.to_type, self.pictures = self._handwriting()

    def sheet(self) -> tuple[ScannedSheet | None, list[Problem]]:
        given = self._given(self.decisions)
        for decision in self.decisions:
            code = self._code(decision.field)
            if not decision.is_sure and code:
                self._doubt(code, f"第 {decision.page} 页 {_short(decision.title)}：{decision.why}")
                self.confidence[code] = min(self.confidence.get(code, 1.0), decision.readings[0].confidence)
        filled, problems = fill(self.checklist, given, self.files[0], self.sources[0])
        problems = [found for found in problems if not self._blamed(found)]
        if problems:
            return None, problems
        return self._opened(filled)

    def _opened(self, filled: Filled) -> tuple[ScannedSheet | None, list[Problem]]:
        """Open the sheet; what contradicts itself on the paper waits for a person like what was hard to read."""
        answers = filled.data["answers"]
        assert isinstance(answers, dict)
        whole = dict(answers)
        while True:
            waiting = {
                code: self._unsettled(code, whole.get(code)) for code in whole | self.reasons if code in self.reasons
            }
            filled.data["answers"] = {code: value for code, value in whole.items() if code not in waiting}
            filled.data["unsettled"] = dict(waiting)
            filled.data["provenance"] = self._provenance()
            inspection, problems = open_sheet(self.place, filled, as_made=True, waiting=True)
            if inspection is not None:
                return ScannedSheet(self.pages.layout, inspection, self.pictures, self.to_type, self._notices()), []
            before = len(self.reasons)
            left = [found for found in problems if not self._blamed(found)]
            if left or len(self.reasons) == before:
                return None, left or problems

    def _given(self, decisions: Iterable[Decision]) -> dict[str, Given]:
        found: dict[str, Given] = {}
        for each in decisions:
            if each.chosen is None or (not each.is_sure and not self._code(each.field)):
                continue
            option = each.boxes[each.chosen].box.option
            mark = Mark(self.pages.file_of(each.page), cell=f"第 {each.page} 页 {_short(each.title)}（{each.field}）")
            self.codes[mark] = self._code(each.field)
            found[each.field] = Given(True if each.kind == "tick" else option, mark)
        return found

    def _code(self, field: str) -> str:
        """Return the item or table that a field belongs to, empty if it belongs to none."""
        first = field.partition(".")[0]
        return "" if first in _APART else first

    def _doubt(self, code: str, why: str) -> None:
        reasons = self.reasons.setdefault(code, [])
        if why not in reasons:
            reasons.append(why)

    def _blamed(self, found: Problem) -> bool:
        """Return whether a problem is an item's or a table's, which then waits for a person."""
        code = self.codes.get(found.mark)
        if not code:
            return False
        self._doubt(code, found.message)
        return True

    def _unsettled(self, code: str, answer: JsonValue) -> JsonValue:
        """Return what is to be confirmed of an item or a table: the likeliest answer first."""
        own = [each for each in self.decisions if self._code(each.field) == code]
        first: dict[str, JsonValue] = {"answer": answer, "confidence": round(self.confidence.get(code, 0.5), 2)}
        candidates: list[JsonValue] = [first]
        seen = [answer]
        for doubtful in (each for each in own if not each.is_sure):
            for reading in doubtful.readings[1:]:
                other = [each._replace(readings=(reading,)) if each is doubtful else each for each in own]
                data = fill(self.checklist, self._given(other), self.files[0], self.sources[0])[0].data
                answers = data["answers"]
                value = answers.get(code) if isinstance(answers, dict) else None
                if len(candidates) < _CANDIDATES and value not in seen:
                    seen.append(value)
                    candidates.append({"answer": value, "confidence": round(reading.confidence, 2)})
        return {"kind": "unsure", "why": "；".join(self.reasons[code]), "candidates": candidates}

    def _handwriting(self) -> tuple[tuple[ToType, ...], dict[str, bytes]]:
        """Note what is written by hand; what an item asks for in writing keeps the item waiting."""
        found: list[ToType] = []
        pictures: dict[str, bytes] = {}
        for page in self.pages.read:
            for written in page.written:
                blank = written.blank
                name = f"{blank.field}.png"
                if name in pictures:
                    continue
                pictures[name] = written.picture
                found.append(ToType(blank.page, blank.title, blank.field, name))
        asked: dict[tuple[str, int], list[str]] = {}
        for each in found:
            code = self._code(each.field)
            if code and not each.field.endswith(".note"):
                asked.setdefault((code, each.page), []).append(each.picture)
        for (code, number), names in asked.items():
            self._doubt(code, f"第 {number} 页手写内容待录入：图 {'、'.join(names)}")
        return tuple(found), pictures

    def _provenance(self) -> JsonValue:
        names = [source.file for source in self.sources]
        origins: dict[str, JsonValue] = {}
        for decision in self.decisions:
            source = names.index(_name(self.pages.file_of(decision.page))) + 1
            code = self._code(decision.field)
            if source > 1 and code and decision.chosen is not None:
                origins.setdefault(code, {"source": source})
        pictures: list[JsonValue] = [f"{self.folder}/{name}" for name in self.pictures]
        return {
            "sources": [source.model_dump(mode="json", exclude_defaults=True) for source in self.sources],
            "answers": origins,
            "pictures": pictures[:500],
        }

    def _notices(self) -> tuple[str, ...]:
        found = list(self.pages.notices())
        for each in self.decisions:
            if not each.is_sure and not self._code(each.field):
                found.append(f"第 {each.page} 页 {_short(each.title)}：{each.why}，没有读入，请核对原件")
        if any(each.field == "visit.date" for each in self.to_type):
            day = self.checklist.date.isoformat()
            found.append(f"检查日期先按出表时的 {day} 记，请按图 visit.date.png 核对")
        return tuple(found)


def _decisions(pages: Pages) -> list[Decision]:
    """Return what each field says; a field that two scans of a page read differently is in doubt."""
    firsts = {page.number: page for page in reversed(pages.read)}
    ordered = sorted(firsts.values(), key=lambda page: page.number)
    faint = any(page.black_and_white for page in ordered)
    decided = decide((box for page in ordered for box in page.measured), faint_may_be_gone=faint)
    found = {each.field: each for each in decided}
    for page in pages.read:
        if firsts[page.number] is page:
            continue
        for again in decide(page.measured, faint_may_be_gone=page.black_and_white):
            first = found[again.field]
            if again.chosen != first.chosen and first.is_sure:
                readings = tuple(each._replace(confidence=0.5) for each in (first.readings[0], again.readings[0]))
                found[again.field] = first._replace(readings=readings, why=_TWICE)
    return list(found.values())


def _short(title: str) -> str:
    return title if len(title) <= 40 else title[:39] + "…"


def _name(shown: str) -> str:
    return shown.replace("\\", "/").rpartition("/")[2]

"""One change to an answer sheet at a time, read as files are: the sheet with it, or what is wrong and no change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from pydantic import JsonValue

from engine.answering.data import DataDocument
from engine.answering.writing import sheet_data
from engine.inspections.answers import NOT_APPLICABLE, read_entry
from engine.inspections.follow_up import FOLLOW_UP
from engine.inspections.opening import Inspection, open_again
from engine.model.sheet import MAX_SOURCES, Answer, Basis, Inspector, Origin, Person, Provenance, Source, Visit, Way
from engine.problems import Problem

Changed: TypeAlias = tuple[Inspection | None, list[Problem]]


class Sitting(NamedTuple):
    """Who keys, when, from what, and what the answers rest on."""

    source: Source
    """way is keyed; file and sha256 are those of the blank sheet."""
    basis: Basis | None = None


def is_blank(inspection: Inspection) -> bool:
    """Return whether nothing is answered or noted on the sheet but the rows that the program began."""
    sheet = inspection.sheet
    answers = [a for name, a in sheet.answers.items() if not (name == FOLLOW_UP and sheet.earlier)]
    photos = sheet.provenance.photos if sheet.provenance is not None else ()
    return not sheet.other and not sheet.unsettled and not photos and all(_is_open(answer) for answer in answers)


def _is_open(answer: Answer) -> bool:
    return answer.status == "not-checked" and not answer.note


def sat_down(inspection: Inspection, sitting: Sitting, came_as: Way = "yaml") -> Inspection:
    """Return the sheet as it is when keying begins: its last source is this sitting, and empty fields are gone.

    came_as: the format of a sheet with answers that does not say where they came from.
    """
    sheet = inspection.sheet
    told = sheet.provenance
    if is_blank(inspection):
        told = Provenance(sources=(sitting.source,))
    else:
        told = told or Provenance(sources=(Source(way=came_as),))
        full = told.sources[-1:] == (sitting.source,) or len(told.sources) >= MAX_SOURCES
        told = told if full else told.model_copy(update={"sources": (*told.sources, sitting.source)})
    site = sheet.site.model_copy(update={"identity": {k: v for k, v in sheet.site.identity.items() if v}})
    kept = sheet.model_copy(update={"provenance": told, "site": site, "visit": _without_nobody(sheet.visit)})
    return inspection._replace(sheet=kept)


def _without_nobody(visit: Visit) -> Visit:
    groups: dict[str, tuple[Inspector | Person, ...]] = {
        "inspectors": visit.inspectors, "joint": visit.joint, "present": visit.present,
    }  # fmt: skip
    somebody = {name: tuple(p for p in people if any(p.model_dump().values())) for name, people in groups.items()}
    return visit.model_copy(update=somebody)


class Entry(NamedTuple):
    """What stands on the sheet for one item or table."""

    value: JsonValue = None
    """不适用 in words; None when it was not checked."""
    details: Mapping[str, JsonValue] = {}
    note: str = ""

    @property
    def is_answered(self) -> bool:
        """Whether the question itself has an answer."""
        return self.value is not None


def entry_of(inspection: Inspection, name: str) -> Entry:
    """Return what stands for an item code or a shared table."""
    answer = inspection.sheet.answers.get(name)
    if answer is None:
        return Entry()
    value = NOT_APPLICABLE if answer.status == "not-applicable" else answer.value
    return Entry(value, answer.details, answer.note)


def rows_of(inspection: Inspection, name: str) -> list[dict[str, JsonValue]]:
    """Return the rows or readings that stand for an item code or a shared table."""
    value = entry_of(inspection, name).value
    return [dict(row) for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def with_entry(inspection: Inspection, sitting: Sitting, name: str, entry: Entry, *, bulk: bool = False) -> Changed:
    """Return the sheet with what stands for an item or table replaced, or None and what is wrong with it.

    bulk: it was given together with others by one confirmation, and is recorded so.
    """
    raw: dict[str, JsonValue] = {"answer": entry.value, **entry.details, "note": entry.note}
    table = name in inspection.checklist.grids
    document = DataDocument("", {"answers": {name: entry.value if table else raw}})
    answer, problems = read_entry(inspection.checklist, name, document.data["answers"][name], document)  # type: ignore[index]
    if problems or answer is None:
        return None, problems
    sheet = inspection.sheet
    answers = {**sheet.answers, name: answer}
    told = _with_origin(sheet.provenance or Provenance(sources=(sitting.source,)), sitting, name, answer, bulk)
    return inspection._replace(sheet=sheet.model_copy(update={"answers": answers, "provenance": told})), []


def _with_origin(told: Provenance, sitting: Sitting, name: str, answer: Answer, bulk: bool) -> Provenance:
    origins = {code: origin for code, origin in told.answers.items() if code != name}
    by, at = (sitting.source.by, sitting.source.at) if bulk else ("", "")
    how = "bulk-confirmed" if bulk else ""
    origin = Origin.model_validate(
        {"source": len(told.sources), "basis": sitting.basis, "how": how, "by": by, "at": at}
    )
    if not _is_open(answer) and origin != Origin(source=1):
        origins[name] = origin
    return told.model_copy(update={"answers": origins})


def with_data(inspection: Inspection, change: Callable[[dict[str, Any]], None]) -> Changed:
    """Return the sheet opened again after a change to its data, or None and what is wrong with it.

    For what decides which items are on the list: the day, and what business the site does.
    """
    data: dict[str, Any] = sheet_data(inspection)
    change(data)
    data["checklist"] = ""  # another scope makes another list
    return open_again(inspection, DataDocument("", data))

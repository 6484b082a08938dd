"""An answer sheet as a file: the same answers give the same text, whichever way they came in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import JsonValue

from engine.answering.data import DataDocument
from engine.inspections.opening import Inspection, open_sheet, plain_answers
from engine.library.files import Place
from engine.model.sheet import AnswerSheet, Basis, Origin, Provenance, Source
from engine.problems import Problem
from engine.source import dump
from engine.writing import write_atomically

_HEAD = "# 春风答卷。# 后面是说明；unsettled 里的要先用 answers confirm 定下。\n"


def sheet_yaml(inspection: Inspection) -> bytes:
    """Return the answers of an inspection as ANSWERS.yaml, items in printed order, then the shared tables.

    What was not checked and has no note is left out.
    """
    return (_HEAD + dump(sheet_data(inspection))).encode()


def sheet_data(inspection: Inspection) -> dict[str, JsonValue]:
    """Return the answers of an inspection as the data of an answer sheet (engine.model.sheet.SheetFile)."""
    sheet, checklist = inspection.sheet, inspection.checklist
    written = plain_answers(sheet)
    codes = [entry.item.code for entry in checklist.items()] + list(checklist.grids)
    data: dict[str, JsonValue] = {
        "kind": "answers", "campaign": sheet.campaign, "lock": sheet.lock, "checklist": checklist.id,
        "site_type": sheet.site_type, "routine": sheet.routine, "site": _site(inspection),
        "visit": _said(sheet), "answers": {code: written[code] for code in codes if written.get(code) is not None},
    }  # fmt: skip
    if sheet.earlier:
        data["earlier"] = [e.model_dump(mode="json", exclude_defaults=True) for e in sheet.earlier]
    if sheet.other:
        data["other"] = list(sheet.other)
    if sheet.unsettled:
        order = [*codes, *sorted(set(sheet.unsettled) - set(codes))]  # those of visit and site stand last
        waiting = {code: sheet.unsettled[code] for code in order if code in sheet.unsettled}
        data["unsettled"] = {
            code: each.model_dump(mode="json", exclude_defaults=True) for code, each in waiting.items()
        }
    if sheet.provenance is not None:
        data["provenance"] = sheet.provenance.model_dump(mode="json", exclude_defaults=True)
    return data


def _site(inspection: Inspection) -> dict[str, JsonValue]:
    """Return the site with its fields in the order of its type: forms hold them in other orders."""
    site, kind = inspection.sheet.site, inspection.checklist.type
    fields = [field.id for field in kind.identity_of(site)]
    return {
        "name": site.name,
        "identity": {name: site.identity[name] for name in [*fields, *sorted(set(site.identity) - set(fields))]
                     if site.identity.get(name)},
        "attributes": {name: site.attributes[name] for name in kind.attributes if name in site.attributes},
    }  # fmt: skip


def _said(sheet: AnswerSheet) -> dict[str, JsonValue]:
    """Return what is said of the visit; lines for people that nobody filled in are left out."""
    said = sheet.visit.model_dump(mode="json", exclude_defaults=True)
    for group in ("inspectors", "joint", "present"):
        people = [person for person in said.pop(group, ()) if any(person.values())]
        if people:
            said[group] = people
    return {name: said[name] for name in type(sheet.visit).model_fields if name in said}


def write_data(place: Place, data: Mapping[str, JsonValue], target: Path) -> tuple[Inspection | None, list[Problem]]:
    """Write the data of an answer sheet that the program made as ANSWERS.yaml; return it opened.

    Nothing is written if the data does not open, which comes back as problems at the keys of the data.
    Raises ProblemError if the file cannot be written.
    """
    inspection, problems = open_sheet(place, DataDocument(str(target), data), as_made=True, waiting=True)
    if inspection is not None:
        write_atomically(target, sheet_yaml(inspection))
    return inspection, problems


def entered(
    sheet: AnswerSheet, source: Source | None = None, *, by: str = "", at: str = "", basis: Basis | None = None
) -> AnswerSheet:
    """Return the sheet with who entered it and when, where its sources do not say so themselves.

    source: the file it was read from, for a sheet that names no source itself.
    basis: what all its answers rest on, kept with each answer that does not say so itself.
    """
    provenance = sheet.provenance or Provenance()
    if not provenance.sources:
        provenance = provenance.model_copy(update={"sources": (source or Source(way="yaml"),)})
    sources = tuple(
        source.model_copy(update={"by": source.by or by, "at": source.at or at}) for source in provenance.sources
    )
    origins = dict(provenance.answers)
    if basis is not None:
        for code in sheet.answers:
            origin = origins.get(code, Origin(source=1))
            origins[code] = origin if origin.basis else origin.model_copy(update={"basis": basis})
    told = provenance.model_copy(update={"sources": sources, "answers": origins})
    return sheet.model_copy(update={"provenance": told})

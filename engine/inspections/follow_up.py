"""回头看: what an earlier record found becomes rows to verify on the next checklist."""

from __future__ import annotations

from pathlib import Path

from pydantic import JsonValue

from engine.inspections.opening import Recorded, open_record
from engine.library.files import Place
from engine.model.checklist import Checklist
from engine.model.sheet import EarlierFinding, Site
from engine.problems import Mark, Problem, problem

FOLLOW_UP = "follow-up"
"""The shared table of the earlier problems (rules/grids/follow-up.yaml)."""
BEGUN = ("item", "finding", "problem", "law", "due", "promised")
"""Its columns that the program fills in; what people found stands in the others."""


def open_earlier(place: Place, path: Path, site_type: str) -> tuple[Recorded | None, list[Problem]]:
    """Return the record of the last inspection of a site of this type, or None and what is wrong with it."""
    recorded, problems = open_record(place, path)
    if recorded is not None and recorded.record.site_type != site_type:
        mark = Mark(str(path))
        return None, [problem("E627", mark, given=recorded.record.site_type, expected=site_type)]
    return recorded, problems


def site_of(recorded: Recorded, given: Site | None) -> Site:
    """Return the site to inspect again: as given now, else as it was, known to have earlier problems."""
    site = given if given is not None else recorded.record.site
    known = "prior" in recorded.inspection.checklist.type.attributes
    return site.model_copy(update={"attributes": site.attributes | ({"prior": True} if known else {})})


def with_earlier(checklist: Checklist, recorded: Recorded) -> Checklist:
    """Return the checklist with the problems of the record: each with its article, deadline and promise.

    Only what people confirmed is held against a site; what they have not decided yet is a notice.
    """
    record = recorded.record
    rows: list[dict[str, JsonValue]] = []
    earlier: list[EarlierFinding] = []
    for decided, finding in zip(record.findings, recorded.evaluation.findings, strict=True):
        if decided.status != "confirmed":
            continue
        cited = finding.duty or finding.power
        row: dict[str, JsonValue] = {
            "item": f"{record.number or record.checklist}-{decided.number}", "finding": decided.id,
            "problem": decided.sentence[:400], "law": "；".join(c.text for c in cited)[:400],
        }  # fmt: skip
        if decided.due is not None:
            row["due"] = decided.due.isoformat()
        if decided.promised:
            row["promised"] = decided.promised
        rows.append(row)
        earlier.append(
            EarlierFinding(
                finding=decided.id, date=record.visit.date, record=record.number or record.checklist,
                sentence=decided.sentence,
            )
        )  # fmt: skip
    has_table = FOLLOW_UP in checklist.grids and bool(rows)
    prefilled = checklist.prefilled | ({FOLLOW_UP: tuple(rows)} if has_table else {})
    waiting = sum(f.status == "proposed" for f in record.findings)
    undecided = f"上次的记录 {record.number or record.checklist} 还有 {waiting} 个问题没有确认，没有印入"
    notices = (*checklist.notices, undecided) if waiting else checklist.notices
    return checklist.model_copy(update={"earlier": tuple(earlier), "prefilled": prefilled, "notices": notices})

"""The list behind a figure: what each id stands for, in a line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from engine.reports.counting import Kept


class Line(NamedTuple):
    """One thing that counts: what it is, its day where it has one, whose it is and what it is about."""

    id: str
    kind: str
    day: str
    unit: str
    text: str


def lines_of(kept: Kept, ids: Iterable[str]) -> list[Line]:
    """Return a line for each id, by day; one that is not kept any more says so."""
    wanted = set(ids)
    found: dict[str, Line] = {}
    for visit in kept.inspections:
        if visit.id in wanted and visit.facts is not None:
            facts = visit.facts
            found[visit.id] = Line(visit.id, "检查", facts.date.isoformat(), facts.unit, facts.site_name)
    for finding in kept.findings:
        if finding.id in wanted:
            day = (finding.settled or finding.found).isoformat()
            found[finding.id] = Line(finding.id, "问题", day, finding.unit, finding.sentence)
    for entry in kept.entries:
        if entry.id in wanted:
            about = entry.values.get("summary") or entry.values.get("figure") or entry.values.get("product") or ""
            found[entry.id] = Line(entry.id, "台账", entry.date.isoformat(), entry.unit, str(about))
    for site in kept.sites:
        if site.id in wanted:
            found[site.id] = Line(site.id, "单位", "", site.unit, site.name)
    missing = [Line(id_, "", "", "", "现在的记录里没有") for id_ in wanted - set(found)]
    return sorted([*found.values(), *missing], key=lambda line: (line.day, line.id))

"""Visits in the workspace: planned under the year's cap, cancelled, printed as a route, answered, recorded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from engine.inspections.planning import PlannedRoute
from engine.inspections.previous import Records
from engine.inspections.routes import RouteSite
from engine.library.files import Place
from engine.library.releases import Locked
from engine.model.checklist import Checklist
from engine.model.release import ReleaseSiteType
from engine.model.sheet import Site
from engine.model.workspace import Inspection, RegisteredSite
from engine.problems import Mark, Problem, ProblemError, problem
from engine.register.life import is_counted, is_open, moved
from engine.register.matching import canonical
from engine.register.visits import in_key_area, route_order, times_in_year
from engine.workspace.folder import Workspace
from engine.workspace.kept_files import keep, path_of
from engine.workspace.register import Who, site_of, unit_of
from engine.workspace.settings import campaign_of, release_of, visit_cap_of
from engine.workspace.store import Reader
from engine.workspace.units import unit_problems


class Wanted(NamedTuple):
    """What is said of visits to be planned."""

    unit: str = ""
    """Who leads; empty: the unit of each site."""
    assisting: tuple[str, ...] = ()
    planned: date | None = None
    reason: str = ""
    over_cap: str = ""
    """Why a site is visited more often than the cap allows."""
    online: bool = False
    earlier: str | None = None
    """The inspection that a review (复查) goes back to."""


def inspection_of(reader: Reader, inspection: str) -> Inspection:
    """Return the inspection of an id. Raises ProblemError if there is none."""
    found = reader.get(Inspection, inspection)
    if found is None:
        raise ProblemError(
            [problem("E833", what="检查", id=inspection, hint="检查号如 2024-0001，用 visits status 查看")]
        )
    return found


def add_visits(workspace: Workspace, sites: Sequence[str], wanted: Wanted, who: Who) -> list[Inspection]:
    """Plan a visit to each of the sites and return them; all or none.

    Raises ProblemError with every site that is closed, has no unit, or would be visited more often than the cap allows
    while no reason is given.
    """
    with workspace.store.writing(by=who.by, at=who.at, action="安排检查", why=who.why or wanted.reason) as writer:
        campaign = campaign_of(writer)
        given = unit_of(writer, wanted.unit) if wanted.unit else ""
        assisting = tuple(dict.fromkeys(unit_of(writer, unit) for unit in wanted.assisting))
        if wanted.earlier is not None:
            inspection_of(writer, wanted.earlier)
        registered = [site_of(writer, site) for site in dict.fromkeys(sites)]
        problems = unit_problems(writer, {given or site.unit for site in registered} | set(assisting))
        over = {} if wanted.online else over_cap(writer, registered, wanted.planned, campaign)
        problems += [*_cannot_plan(registered, given), *([] if wanted.over_cap.strip() else over.values())]
        if problems:
            raise ProblemError(problems)
        first = writer.next_serial(Inspection, f"{campaign}-")
        made = [
            Inspection(
                id=f"{campaign}-{first + place:04}", campaign=campaign, site=site.id, unit=given or site.unit,
                assisting=tuple(unit for unit in assisting if unit != (given or site.unit)), planned=wanted.planned,
                reason=wanted.reason, earlier=wanted.earlier, online=wanted.online,
                over_cap=wanted.over_cap if site.id in over else "",
            )
            for place, site in enumerate(registered)
        ]  # fmt: skip
        for inspection in made:
            writer.put(inspection)
        return made


def _cannot_plan(sites: Sequence[RegisteredSite], unit: str) -> list[Problem]:
    found = []
    for site in sites:
        shown = f"{site.id} {site.name}"
        if site.merged_into is not None:
            found.append(problem("E842", site=shown, reason=f"已并入 {site.merged_into}"))
        elif not is_open(site):
            found.append(problem("E842", site=shown, reason=f"{site.closed} 起停业、注销"))
        elif not (unit or site.unit):
            found.append(problem("E842", site=shown, reason="没有责任单位", hint="请用 --unit 指明由哪个单位检查"))
    return found


def over_cap(
    reader: Reader, sites: Sequence[RegisteredSite], planned: date | None, campaign: str
) -> dict[str, Problem]:
    """Return by site what is told of those that would be visited more often than the cap allows."""
    cap = visit_cap_of(reader)
    if cap is None:
        return {}
    year = planned.year if planned is not None else int(campaign[:4])
    inspections = reader.all(Inspection)
    counted_as = canonical(reader.all(RegisteredSite))
    made = {site.id: times_in_year(site.id, year, inspections, counted_as) for site in sites}
    return {
        s.id: problem("E835", site=f"{s.id} {s.name}", times=made[s.id], cap=cap) for s in sites if made[s.id] >= cap
    }


def cancel_visits(workspace: Workspace, ids: Sequence[str], who: Who) -> list[Inspection]:
    """Cancel planned or printed visits for a reason and return them; all or none. Raises ProblemError."""
    with workspace.store.writing(by=who.by, at=who.at, action="取消检查", why=who.why) as writer:
        changed = [moved(inspection_of(writer, each), "cancelled", reason=who.why) for each in dict.fromkeys(ids)]
        for inspection in changed:
            writer.put(inspection)
        return changed


def sheet_site(site: RegisteredSite, kind: ReleaseSiteType) -> Site:
    """Return a registered site as checklists and answer sheets have it: only what its type knows."""
    fields = {i.id for i in (*kind.identity, *kind.unlicensed_identity)}
    identity = {
        "credit_code": site.credit_code, "station": site.unit, "area": "、".join(site.areas), **site.identity,
    }  # fmt: skip
    attributes = site.attributes | {"region": in_key_area(site), "unlicensed": site.unlicensed}
    return Site(
        name=site.name,
        identity={name: text for name, text in identity.items() if text and name in fields},
        attributes={name: has for name, has in attributes.items() if name in kind.attributes},
    )


class RouteToPrint(NamedTuple):
    """A route of the workspace ready to print: its sites in order, and what makes the checklist of each."""

    sites: tuple[RouteSite, ...]
    inspections: tuple[Inspection, ...]
    """In the same order."""
    locked: Locked
    last: dict[str, Path]
    """Record of the last inspection of the site, by inspection."""
    planned: PlannedRoute

    def plan(self, visited: RouteSite) -> tuple[Checklist | None, list[Problem]]:
        """Return the checklist of one of the sites with the findings of its last inspection."""
        record = self.last.get(visited.mark.cell)
        return self.planned.plan_after(visited, record) if record is not None else self.planned.plan(visited)


def open_visits(
    workspace: Workspace, place: Place, *, unit: str = "", planned: date | None = None, ids: Sequence[str] = (),
    areas_first: bool = False, records: Records | None = None, joint: tuple[str, ...] = (), routine: bool = False,
) -> RouteToPrint:  # fmt: skip
    """Return the visits to print: those named, in their order, else those of the unit planned for the day.

    records: of earlier inspections kept outside the workspace. joint: other authorities that come along.
    Raises ProblemError if there are none or one cannot be printed any more.
    """
    with workspace.store.reading() as reader:
        locked, inspections = release_of(reader, place), reader.all(Inspection)
        sites = {site.id: site for site in reader.all(RegisteredSite)}
        if ids:
            chosen = [
                (i, sites[i.site])
                for i in (moved(inspection_of(reader, each), "printed") for each in dict.fromkeys(ids))
            ]
        else:
            named = unit_of(reader, unit)
            wanted = [
                i for i in inspections if i.unit == named and i.state in ("planned", "printed") and i.planned == planned
            ]
            chosen = route_order(((i, sites[i.site]) for i in wanted), areas_first=areas_first)
    if not chosen:
        raise ProblemError([problem("E841", reason=f"{unit} {planned or '没有定日期的'}")])
    visited = tuple(_route_site(i, s, locked) for i, s in chosen)
    found = PlannedRoute(visited, (), place, locked, records or Records(()), planned, routine, joint)
    counted_as = canonical(sites.values())
    last = {
        i.id: path for i, _ in chosen if (path := _last_record(workspace.files, i, inspections, counted_as, planned))
    }
    return RouteToPrint(visited, tuple(i for i, _ in chosen), locked, last, found)


def _route_site(inspection: Inspection, site: RegisteredSite, locked: Locked) -> RouteSite:
    kind = locked.release.site_types.get(site.site_type)
    given = sheet_site(site, kind) if kind is not None else Site(name=site.name)
    return RouteSite(Mark("", cell=inspection.id), site.site_type, given)


def _last_record(
    files: Path, inspection: Inspection, inspections: Sequence[Inspection], counted_as: dict[str, str], day: date | None
) -> Path | None:
    """Return the record of the newest sealed inspection of the same site before a day."""
    site = counted_as.get(inspection.site, inspection.site)
    sealed = [
        (i.facts.date, i.id, i.files["record"])
        for i in inspections
        if is_counted(i) and i.facts is not None and "record" in i.files
        and counted_as.get(i.site, i.site) == site and (day is None or i.facts.date < day)
    ]  # fmt: skip
    return path_of(files, max(sealed)[2]) if sealed else None


def mark_printed(
    workspace: Workspace, route: RouteToPrint, printed: Sequence[str], target: Path, layout: bytes, who: Who
) -> None:
    """Keep that checklists were printed: the PDF and the places of its boxes by their hashes, and the lock.

    printed: the ids of the inspections that are in the PDF.
    """
    files = {"checklist": keep(workspace.files, target.read_bytes()), "layout": keep(workspace.files, layout)}
    with workspace.store.writing(by=who.by, at=who.at, action="印检查表", why=who.why) as writer:
        for each in printed:
            inspection = inspection_of(writer, each)
            writer.put(moved(inspection, "printed", lock=route.locked.lock, files=inspection.files | files))

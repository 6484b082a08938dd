"""From what a user names on the command line, or a row of a route, to a checklist."""

from __future__ import annotations

import unicodedata
from datetime import date
from pathlib import Path
from typing import NamedTuple

from engine.inspections.follow_up import open_earlier, site_of, with_earlier
from engine.inspections.previous import Records, read_folder
from engine.inspections.routes import RouteSite, read_route
from engine.inspections.sites import read_site, with_scope
from engine.library.files import Place, place
from engine.library.releases import Locked, current_release
from engine.model.checklist import Checklist
from engine.model.sheet import MAX_PEOPLE, MAX_SHORT, Site
from engine.problems import Problem, problem
from engine.tailor import tailor

SHOWN = 40
"""How much of a wrong name is told again."""


def plan_checklist(
    site_type: str, campaign: str, site_file: Path | None = None, has: str | None = None, day: date | None = None,
    *, routine: bool = False, rules: Path | None = None, earlier: Path | None = None, joint: tuple[str, ...] = (),
) -> tuple[Checklist | None, list[Problem]]:  # fmt: skip
    """Return the checklist of a site type in a campaign, or None and every problem.

    site_file: a YAML file with the site's name, identity and attributes; has: comma-separated scope attributes,
    all others absent; day: of the inspection, the campaign's first if None; routine: also items without a clause;
    rules: a bureau's own rules folder; earlier: the record of the last inspection, whose problems are to be verified;
    joint: the other authorities that inspect together with this bureau.
    """
    problems = _joint_problems(joint)
    locked, unread = current_release(place(rules), campaign)
    if locked is None or problems:
        return None, [*problems, *unread]
    given: Site | None = None
    if site_file is not None:
        given, problems = read_site(site_file)
        if given is None:
            return None, problems
    recorded = None
    if earlier is not None:
        recorded, problems = open_earlier(place(rules), earlier, site_type)
        if recorded is None:
            return None, problems
    site = site_of(recorded, given) if recorded is not None else given or Site()
    kind = locked.release.site_types.get(site_type)
    if has is not None and kind is not None:
        site, problems = with_scope(site, kind, has)
        if problems:
            return None, problems
    checklist, problems = tailor(locked, site_type, site, day or locked.release.period.start, routine=routine)
    if checklist is not None and recorded is not None:
        checklist = with_earlier(checklist, recorded)
    return checklist and checklist.model_copy(update={"joint": joint}), problems


class PlannedRoute(NamedTuple):
    """A route with what its checklists are made from."""

    sites: tuple[RouteSite, ...]
    notices: tuple[str, ...]
    place: Place
    locked: Locked
    records: Records
    day: date | None
    routine: bool
    joint: tuple[str, ...]

    def key_areas_first(self) -> tuple[RouteSite, ...]:
        """Return the sites in key areas, then the others, both in the order of the route."""
        return tuple(sorted(self.sites, key=lambda visited: not visited.in_key_area))

    def plan(self, visited: RouteSite) -> tuple[Checklist | None, list[Problem]]:
        """Return the checklist of one of the sites with what its last record found, or None and every problem."""
        record = self.records.newest(visited.site_type, visited.site)
        return self.plan_after(visited, record)

    def plan_after(self, visited: RouteSite, record: Path | None) -> tuple[Checklist | None, list[Problem]]:
        """Return the checklist of a site after the record of its last inspection, or None and every problem."""
        site, recorded = visited.site, None
        if record is not None:
            recorded, problems = open_earlier(self.place, record, visited.site_type)
            if recorded is None:
                return None, problems
            site = site_of(recorded, site)
        day = self.day or self.locked.release.period.start
        checklist, problems = tailor(self.locked, visited.site_type, site, day, routine=self.routine)
        if checklist is not None and recorded is not None:
            checklist = with_earlier(checklist, recorded)
        return checklist and checklist.model_copy(update={"joint": self.joint}), problems


def open_route(
    path: Path, campaign: str, site_type: str | None = None, *, rules: Path | None = None, previous: Path | None = None,
    day: date | None = None, routine: bool = False, joint: tuple[str, ...] = (),
) -> tuple[PlannedRoute | None, list[Problem]]:  # fmt: skip
    """Return the route in a workbook or CSV file, or None and every problem with it.

    site_type: of rows that name none; previous: a folder of records, of which those dated before day count (all of
    them if day is None); the rest as for plan_checklist. Records that cannot be read are problems beside the route.
    """
    where, problems = place(rules), _joint_problems(joint)
    locked, unread = current_release(where, campaign)
    if locked is None or problems:
        return None, [*problems, *unread]
    route, problems = read_route(path, locked.release, site_type)
    kept, unread = read_folder(previous) if previous is not None else ((), [])
    if route is None or (previous is not None and not previous.is_dir()):
        return None, [*problems, *unread]
    records = Records(kept, before=day)
    return PlannedRoute(route.sites, route.notices, where, locked, records, day, routine, joint), unread


def _joint_problems(joint: tuple[str, ...]) -> list[Problem]:
    """Return what is wrong with the names of other authorities: an answer sheet must hold them and be read again."""
    reasons = [(unit, _wrong_name(unit)) for unit in joint]
    if len(joint) > MAX_PEOPLE:
        reasons.append((joint[MAX_PEOPLE], f"最多 {MAX_PEOPLE} 个"))
    told = "联合检查的单位（--joint）{}"
    return [problem("E205", text=unit[:SHOWN], reason=told.format(reason)) for unit, reason in reasons if reason]


def _wrong_name(unit: str) -> str:
    if not unit.strip():
        return "不能为空"
    if len(unit) > MAX_SHORT:
        return f"最多 {MAX_SHORT} 字，现在 {len(unit)} 字"
    bad = any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in unit)
    return "不能含有换行、控制字符和无法识别的字符" if bad else ""

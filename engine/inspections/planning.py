"""From what a user names on the command line to a checklist."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from engine.inspections.follow_up import open_earlier, site_of, with_earlier
from engine.inspections.sites import read_site, with_scope
from engine.library.files import place
from engine.library.releases import current_release
from engine.model.checklist import Checklist
from engine.model.sheet import Site
from engine.problems import Problem
from engine.tailor import tailor


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
    locked, problems = current_release(place(rules), campaign)
    if locked is None:
        return None, problems
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

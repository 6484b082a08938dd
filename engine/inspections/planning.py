"""From what a user names on the command line to a checklist."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from engine.inspections.sites import read_site, with_scope
from engine.library.files import place
from engine.library.releases import current_release
from engine.model.checklist import Checklist
from engine.model.sheet import Site
from engine.problems import Problem
from engine.tailor import tailor


def plan_checklist(
    site_type: str, campaign: str, site_file: Path | None = None, has: str | None = None, day: date | None = None,
    *, routine: bool = False, rules: Path | None = None,
) -> tuple[Checklist | None, list[Problem]]:  # fmt: skip
    """Return the checklist of a site type in a campaign, or None and every problem.

    site_file: a YAML file with the site's name, identity and attributes; has: comma-separated scope attributes,
    all others absent; day: of the inspection, the campaign's first if None; routine: also items without a clause;
    rules: a bureau's own rules folder.
    """
    locked, problems = current_release(place(rules), campaign)
    if locked is None:
        return None, problems
    site = Site()
    if site_file is not None:
        read, problems = read_site(site_file)
        if read is None:
            return None, problems
        site = read
    kind = locked.release.site_types.get(site_type)
    if has is not None and kind is not None:
        site, problems = with_scope(site, kind, has)
        if problems:
            return None, problems
    return tailor(locked, site_type, site, day or locked.release.period.start, routine=routine)

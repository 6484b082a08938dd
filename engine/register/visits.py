"""The plan of visits: sites without an inspection, how far each unit is, how often a site is visited a year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import NamedTuple

from engine.model.workspace import Inspection, RegisteredSite
from engine.register.life import is_counted, is_open
from engine.register.matching import canonical


class Coverage(NamedTuple):
    """How far the sites of one unit and one type are inspected in a campaign (应检、已检、未检)."""

    unit: str
    """Responsible for the sites, whoever inspected them; empty: no unit yet."""
    site_type: str
    due: int
    """Sites in business, and those that closed after they were inspected."""
    done: int
    """Sites with a sealed inspection, each once."""
    under_way: int
    """Sites without one, whose inspection has been printed, answered or evaluated."""
    planned: int
    """Sites without any of these, whose inspection is planned."""
    visits: int
    """家次: sealed inspections of these sites; a joint visit once, for the unit that leads it."""

    @property
    def missing(self) -> int:
        """Return how many sites have no sealed inspection yet."""
        return self.due - self.done

    @property
    def untouched(self) -> int:
        """Return how many sites nobody has planned a visit to."""
        return self.due - self.done - self.under_way - self.planned


def coverage(
    sites: Sequence[RegisteredSite], inspections: Iterable[Inspection], campaign: str,
    wanted: Callable[[RegisteredSite], bool] = lambda site: True,
) -> list[Coverage]:  # fmt: skip
    """Return the coverage of a campaign by unit and site type, both sorted; wanted: which sites are looked at.

    sites: the whole register; visits to a site that was merged count for the one it was merged into.
    """
    visits = _by_site(sites, inspections, campaign)
    groups: dict[tuple[str, str], list[RegisteredSite]] = defaultdict(list)
    for site in _due(sites, visits):
        if wanted(site):
            groups[site.unit, site.site_type].append(site)
    return [_coverage(*key, [visits[site.id] for site in groups[key]]) for key in sorted(groups)]


def coverage_of_areas(
    sites: Sequence[RegisteredSite], inspections: Iterable[Inspection], campaign: str, names: Sequence[str],
    wanted: Callable[[RegisteredSite], bool] = lambda site: True,
) -> list[Coverage]:  # fmt: skip
    """Return the coverage by priority area: those of the plan (names) first, then others, then key areas not named.

    A site in two areas is counted in both, so these rows do not add up. The area stands in the place of the unit.
    """
    visits = _by_site(sites, inspections, campaign)
    chosen = [site for site in _due(sites, visits) if wanted(site)]
    others = sorted({area for site in chosen for area in site.areas} - set(names))
    rows = [
        _coverage(name, "", [visits[site.id] for site in chosen if name in site.areas]) for name in (*names, *others)
    ]
    bare = [visits[site.id] for site in chosen if in_key_area(site) and not site.areas]
    return [*rows, *([_coverage("没有写明是哪种", "", bare)] if bare else [])]


def _by_site(
    sites: Sequence[RegisteredSite], inspections: Iterable[Inspection], campaign: str
) -> dict[str, list[Inspection]]:
    counted_as = canonical(sites)
    found: dict[str, list[Inspection]] = defaultdict(list)
    for inspection in inspections:
        if inspection.campaign == campaign and inspection.state != "cancelled":
            found[counted_as.get(inspection.site, inspection.site)].append(inspection)
    return found


def _due(sites: Iterable[RegisteredSite], visits: dict[str, list[Inspection]]) -> list[RegisteredSite]:
    """Return the sites that are to be inspected: in business, or closed after they were inspected."""
    return [s for s in sites if s.merged_into is None and (is_open(s) or any(map(is_counted, visits[s.id])))]


def _coverage(unit: str, site_type: str, visits: Sequence[Sequence[Inspection]]) -> Coverage:
    done = under_way = planned = 0
    for each in visits:
        if any(map(is_counted, each)):
            done += 1
        elif any(inspection.state != "planned" for inspection in each):
            under_way += 1
        elif each:
            planned += 1
    sealed = sum(is_counted(inspection) for each in visits for inspection in each)
    return Coverage(unit, site_type, len(visits), done, under_way, planned, sealed)


def total(rows: Iterable[Coverage], unit: str = "合计") -> Coverage:
    """Return the sum of coverages. A site belongs to one unit and one type, so nothing is counted twice."""
    columns = [row[2:] for row in rows]
    return (
        Coverage(unit, "", *(sum(column) for column in zip(*columns, strict=True)))
        if columns
        else Coverage(unit, "", 0, 0, 0, 0, 0)
    )


def uninspected(
    sites: Sequence[RegisteredSite], inspections: Iterable[Inspection], campaign: str
) -> list[RegisteredSite]:
    """Return the sites in business to which no visit is planned or made, 重点检查对象 and key areas first."""
    counted_as = canonical(sites)
    visited = {counted_as.get(i.site, i.site) for i in inspections if i.campaign == campaign and i.state != "cancelled"}
    left = [site for site in sites if is_open(site) and site.id not in visited]
    return sorted(left, key=lambda site: (campaign not in site.focus, not in_key_area(site), site.unit, site.id))


def waiting(inspections: Iterable[Inspection], day: date) -> list[Inspection]:
    """Return the visits planned for a day or earlier that nobody has answered yet."""
    return [i for i in inspections if i.state in ("planned", "printed") and i.planned is not None and i.planned <= day]


def in_key_area(site: RegisteredSite) -> bool:
    """Return whether a site lies in a key area."""
    return bool(site.areas) or site.attributes.get("region", False)


def year_of(inspection: Inspection) -> int:
    """Return the year that an inspection counts for: of its end, else of the day planned, else of its campaign."""
    if inspection.facts is not None:
        return inspection.facts.date.year
    return inspection.planned.year if inspection.planned is not None else int(inspection.campaign[:4])


def times_in_year(
    site: str, year: int, inspections: Iterable[Inspection], counted_as: dict[str, str] | None = None
) -> int:
    """Return how often a site is or will be inspected in a year; cancelled visits and online patrols do not count.

    counted_as: of merged sites (engine.register.matching.canonical).
    """
    names = counted_as or {}
    wanted = names.get(site, site)
    return sum(
        names.get(i.site, i.site) == wanted and i.state != "cancelled" and not i.online and year_of(i) == year
        for i in inspections
    )


def times_text(made: int, cap: int | None) -> str:
    """Return what the paper prints (Visit.times): how often the site was inspected this year before, and the cap."""
    return f"本年度已检查 {made} 次" + (f"，频次上限 {cap} 次" if cap is not None else "")


def route_order(
    pairs: Iterable[tuple[Inspection, RegisteredSite]], *, areas_first: bool = False
) -> list[tuple[Inspection, RegisteredSite]]:
    """Return inspections with their sites as they are visited: by address, so that neighbours follow each other."""

    def place(pair: tuple[Inspection, RegisteredSite]) -> tuple[bool, str, str]:
        inspection, site = pair
        first = areas_first and not in_key_area(site)
        return first, site.identity.get("address") or site.identity.get("registered_address", ""), inspection.id

    return sorted(pairs, key=place)

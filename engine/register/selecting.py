"""Sites chosen by what they are: unit, type, area, business, 重点检查对象."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from engine.inspections.cells import header_key
from engine.model.workspace import KeptFinding, RegisteredSite
from engine.register.life import is_open
from engine.register.visits import in_key_area


class Query(NamedTuple):
    """Which sites are meant; what is empty chooses nothing out."""

    unit: str = ""
    site_type: str = ""
    area: str = ""
    """Name of an area or part of it; * is any key area."""
    has: tuple[str, ...] = ()
    """Attributes that must hold."""
    open: bool | None = None
    chain: str = ""
    named: str = ""
    """Part of the name, the id, the code or the address."""
    focus: str = ""
    """重点检查对象 of this campaign."""
    without: tuple[str, ...] = ()
    """Fields that nothing is written in: of the site, or of its identity."""
    with_findings: bool = False
    """Something was found at an earlier inspection."""


def chosen(sites: Iterable[RegisteredSite], query: Query, findings: Iterable[KeptFinding] = ()) -> list[RegisteredSite]:
    """Return the sites that a query means, in their order."""
    found_at = {finding.site for finding in findings} if query.with_findings else set()
    return [site for site in sites if _fits(site, query, found_at)]


def _fits(site: RegisteredSite, query: Query, found_at: set[str]) -> bool:
    return (
        (not query.unit or site.unit == query.unit)
        and (not query.site_type or site.site_type == query.site_type)
        and (query.open is None or is_open(site) == query.open)
        and (not query.chain or site.chain == query.chain)
        and (not query.focus or query.focus in site.focus)
        and (not query.with_findings or site.id in found_at)
        and all(site.attributes.get(name) for name in query.has)
        and not any(getattr(site, field, None) or site.identity.get(field) for field in query.without)
        and _in_area(site, query.area)
        and _named(site, header_key(query.named))
    )


def _in_area(site: RegisteredSite, area: str) -> bool:
    if not area:
        return True
    return in_key_area(site) if area == "*" else any(area in each for each in site.areas)


def _named(site: RegisteredSite, text: str) -> bool:
    texts = (site.id, site.name, site.credit_code, *site.identity.values())
    return not text or any(text in header_key(each) for each in texts)

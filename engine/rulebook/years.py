"""An item over the years: which campaigns ask for it, and what each changed. Released years as they were released."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from engine.library.comparing import Standing, change_words, item_changes, standings
from engine.library.load import Library
from engine.library.releases import read_release
from engine.library.resolve import resolve
from engine.model.difference import KIND_WORDS, Change
from engine.model.release import Release


@dataclass(frozen=True)
class Year:
    """An item in one campaign."""

    campaign: str
    title: str
    asked: bool
    """Whether a clause of the campaign asks for it; a routine item otherwise."""
    changes: tuple[str, ...]
    """What differs from the campaign before that had the item, in words."""

    @property
    def says(self) -> str:
        """The year in a few words."""
        how = "列入" if self.asked else "没有条款要求（日常项目）"
        return f"{how}；{'；'.join(self.changes)}" if self.changes else how


def years_of(library: Library, site_type: str, rule: str) -> tuple[Year, ...]:
    """Return the campaigns that have the rule at this site type, in the order of their first days."""
    found: list[Year] = []
    before: Standing | None = None
    for release, items in _standings(library, site_type):
        standing = items.get(rule)
        if standing is not None:
            changes = _said(item_changes(before, standing)) if before is not None else ()
            found.append(Year(release.campaign, release.title, bool(standing.item.clauses), changes))
            before = standing
    return tuple(found)


@lru_cache(maxsize=32)
def _standings(library: Library, site_type: str) -> list[tuple[Release, dict[str, Standing]]]:
    releases = (_as_issued(library, name) for name in library.campaigns)
    return [(r, standings(r, site_type)) for r in sorted(releases, key=lambda r: r.period.start)]


@lru_cache(maxsize=8)
def _as_issued(library: Library, name: str) -> Release:
    """Return a released campaign from its release file, a draft from the rules as they are."""
    file = library.campaigns[name].value
    if file.status == "released" and file.lock is not None:
        locked, _ = read_release(library.place, name, file.lock)
        if locked is not None:
            return locked.release
    return resolve(library, name)


def _said(changes: tuple[Change, ...]) -> tuple[str, ...]:
    """Return changes in words, each once: several findings of an item may rest on the same law."""
    return tuple(dict.fromkeys(f"{KIND_WORDS[change.kind]}（{change_words(change)}）" for change in changes))

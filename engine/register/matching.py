"""Which sites of a register may be the same one: reasons for a person to decide, never a decision."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple

from engine.inspections.named import plain
from engine.model.workspace import RegisteredSite

_MARKS = re.compile(r"[()\[\]{}<>〔〕【】《》“”\"'·.,，。、\-—_]")


KEPT = 2**16
"""Texts whose keys are remembered: three of each site of a large register."""


@lru_cache(maxsize=KEPT)
def name_key(name: str) -> str:
    """Return a name for comparing: width, case, spaces, brackets, other marks and what cannot be seen play no part."""
    return _MARKS.sub("", plain(name))


def address_of(site: RegisteredSite) -> str:
    """Return the address where the site works, else where it is registered, for comparing."""
    return name_key(site.identity.get("address") or site.identity.get("registered_address", ""))


def licence_of(site: RegisteredSite) -> str:
    """Return the number of the licence for comparing."""
    return _licence_key(site.identity.get("licence", ""))


@lru_cache(maxsize=KEPT)
def _licence_key(text: str) -> str:
    return plain(text)


class Alike(NamedTuple):
    """Two sites that may be one, and why, in Chinese."""

    first: RegisteredSite
    second: RegisteredSite
    reasons: tuple[str, ...]


_SIGNS: tuple[tuple[str, Callable[[RegisteredSite], str]], ...] = (
    ("统一社会信用代码相同", lambda site: site.credit_code),
    ("许可证号相同", licence_of),
    ("名称相同", lambda site: name_key(site.name)),
    ("地址相同", address_of),
)
_CROWD = 12
"""More sites at one address are a market: the address alone then says nothing."""


def is_same(one: RegisteredSite, other: RegisteredSite) -> bool:
    """Return whether two entries are certainly one site: same type and name, and a number or the address agrees.

    Two credit codes or two licences that differ are two sites, whatever else agrees.
    """
    if one.site_type != other.site_type or name_key(one.name) != name_key(other.name):
        return False
    codes, licences = (one.credit_code, other.credit_code), (licence_of(one), licence_of(other))
    addresses = (address_of(one), address_of(other))
    if any(a and b and a != b for a, b in (codes, licences)):
        return False
    return any(a and a == b for a, b in (codes, licences, addresses))


def alike(sites: Iterable[RegisteredSite], *, across_types: bool = False) -> list[Alike]:
    """Return the pairs of open sites that may be one, with every reason, surest first.

    across_types: also sites of different types; one firm that does two kinds of business is normally two entries.
    Pairs that somebody found to be distinct, and sites that were merged, are left out.
    """
    ordered = sorted((s for s in sites if s.merged_into is None and s.closed is None), key=lambda s: s.id)
    reasons: dict[tuple[str, str], list[str]] = {}
    for why, key_of in _SIGNS:
        groups: dict[tuple[str, str], list[str]] = {}
        for site in ordered:
            if key := key_of(site):
                groups.setdefault(("" if across_types else site.site_type, key), []).append(site.id)
        for group in groups.values():
            if len(group) > _CROWD and why == "地址相同":
                continue
            firsts = group if len(group) <= _CROWD else group[:1]  # of a crowd each is held against the first alone
            for place, first in enumerate(firsts):
                for second in group[place + 1 :]:
                    reasons.setdefault((first, second), []).append(why)
    by_id = {site.id: site for site in ordered}
    pairs = [Alike(by_id[a], by_id[b], tuple(why)) for (a, b), why in reasons.items() if b not in by_id[a].distinct]
    kept = [pair for pair in pairs if not _two_of_a_kind(pair)]
    return sorted(kept, key=lambda pair: (-len(pair.reasons), pair.first.id, pair.second.id))


def _two_of_a_kind(pair: Alike) -> bool:
    """Return whether the same name is all there is, and codes or licences say that they are two."""
    if pair.reasons != ("名称相同",):
        return False
    codes = (pair.first.credit_code, pair.second.credit_code)
    licences = (licence_of(pair.first), licence_of(pair.second))
    return any(a and b and a != b for a, b in (codes, licences))


class Known:
    """A register to look up rows in: by the row they came from, else by what they certainly are."""

    def __init__(self, sites: Iterable[RegisteredSite]) -> None:
        self._by_source: dict[str, RegisteredSite] = {}
        self._by_name: dict[tuple[str, str], list[RegisteredSite]] = {}
        for site in sites:
            self.add(site)

    def add(self, site: RegisteredSite) -> None:
        """Know one more site."""
        for source in site.sources:
            self._by_source.setdefault(source, site)
        self._by_name.setdefault((site.site_type, name_key(site.name)), []).append(site)

    def find(self, site: RegisteredSite) -> RegisteredSite | None:
        """Return the known site that this one is, None if it is a new one."""
        for source in site.sources:
            if source in self._by_source:
                return self._by_source[source]
        named = self._by_name.get((site.site_type, name_key(site.name)), [])
        return next((known for known in named if is_same(known, site)), None)


def canonical(sites: Iterable[RegisteredSite]) -> dict[str, str]:
    """Return the id under which each site is counted: its own, or that of the one it was merged into."""
    into = {site.id: site.merged_into for site in sites}
    found: dict[str, str] = {}
    for each in into:
        at, seen = each, {each}
        while (after := into.get(at)) and after not in seen:
            at = after
            seen.add(at)
        found[each] = at
    return found

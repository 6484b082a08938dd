"""An item over the years: which campaigns ask for it, and what each changed. Released years as they were released."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from engine.expressions.check import check
from engine.expressions.parse import parse
from engine.expressions.say import say
from engine.laws import article_text, in_force, title_of
from engine.library.load import Library
from engine.library.releases import read_release
from engine.library.resolve import resolve
from engine.model.release import Release, ReleaseFinding, ReleaseItem, ReleaseSiteType
from engine.scopes import item_scope, site_scope, tailoring_scope

Placed = tuple[Release, ReleaseSiteType, ReleaseItem]


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


def years_of(library: Library, code: str) -> tuple[Year, ...]:
    """Return the campaigns that have the item with this printed code, in the order of their first days."""
    return _all_years(library).get(code, ())


@lru_cache(maxsize=2)
def _all_years(library: Library) -> dict[str, tuple[Year, ...]]:
    found: dict[str, list[Year]] = {}
    before: dict[str, Placed] = {}
    for release in sorted((_as_issued(library, n) for n in library.campaigns), key=lambda r: r.period.start):
        for kind in release.site_types.values():
            for item in kind.items:
                placed = (release, kind, item)
                changes = _changes(before[item.code], placed) if item.code in before else ()
                year = Year(release.campaign, release.title, bool(item.clauses), changes)
                found.setdefault(item.code, []).append(year)
                before[item.code] = placed
    return {code: tuple(years) for code, years in found.items()}


def _as_issued(library: Library, name: str) -> Release:
    """Return a released campaign from its release file, a draft from the rules as they are."""
    file = library.campaigns[name].value
    if file.status == "released" and file.lock is not None:
        locked, _ = read_release(library.place, name, file.lock)
        if locked is not None:
            return locked.release
    return resolve(library, name)


def _changes(then: Placed, now: Placed) -> tuple[str, ...]:
    old, new = then[2], now[2]
    found = [] if old.check == new.check else [f"检查内容原为“{old.check}”"]
    if old.only_if != new.only_if:
        found.append(f"适用范围原为“{_scope(then) or '全部'}”")
    before = {f.id: f for f in old.findings}
    for finding in new.findings:
        found += (
            _finding_changes(then, before[finding.id], now, finding)
            if finding.id in before
            else [f"新增问题 {finding.id}"]
        )
    found += _law_changes(then[0], before, now[0], new.findings)
    found += [f"删去问题 {f.id}" for f in old.findings if f.id not in {g.id for g in new.findings}]
    return tuple(found)


def _finding_changes(then: Placed, old: ReleaseFinding, now: Placed, new: ReleaseFinding) -> list[str]:
    found = []
    if old.condition != new.condition:
        found.append(f"{new.id} 的判定原为“{_said(then, old)}”")
    if old.grade != new.grade:
        found.append(f"{new.id} 由{old.grade.label}改为{new.grade.label}")
    if old.red_line != new.red_line:
        found.append(f"{new.id} {'列为' if new.red_line else '不再是'}红线")
    return found


def _law_changes(
    then: Release, before: Mapping[str, ReleaseFinding], now: Release, findings: Iterable[ReleaseFinding]
) -> list[str]:
    """Return the duties that are others now, findings that share them together."""
    changed: dict[tuple[str, ...], list[str]] = {}
    for finding in findings:
        duties = _duties(now, finding)
        if finding.id in before and duties != _duties(then, before[finding.id]):
            changed.setdefault(tuple(duties), []).append(finding.id)
    return [
        f"{ids[0]}{f' 等 {len(ids)} 个问题' if len(ids) > 1 else ' '}的义务依据改为{'、'.join(duties) or '（无）'}"
        for duties, ids in changed.items()
    ]


def _duties(release: Release, finding: ReleaseFinding) -> list[str]:
    """Return the duties in force on the first day of a campaign."""
    day = release.period.start
    cited = [c for c in finding.basis.duty if in_force(c, day)]
    return [f"{title_of(c)}{article_text(c.article) if c.article else ''}" for c in cited]


def _scope(placed: Placed) -> str:
    _, kind, item = placed
    scope = tailoring_scope(kind)
    return say(check(parse(item.only_if), scope)[0], scope) if item.only_if else ""


def _said(placed: Placed, finding: ReleaseFinding) -> str:
    release, kind, item = placed
    scope = item_scope(site_scope(kind, release.grids), item, finding)
    return say(check(parse(finding.condition), scope)[0], scope)

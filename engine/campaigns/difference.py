"""Two campaigns held against each other by meaning, item by item and site type by site type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import Literal

from engine.laws import in_force_within, title_of
from engine.library.comparing import (
    Standing,
    escalation_changes,
    item_changes,
    law_words,
    standings,
    table_changes,
)
from engine.library.files import Place
from engine.library.releases import Locked, edition_named, has_release
from engine.model.base import Period
from engine.model.difference import (
    KIND_WORDS,
    CampaignDifference,
    Change,
    ChangeKind,
    Edition,
    Fact,
    InstrumentDifference,
    ItemDifference,
    Part,
)
from engine.model.release import Release, ReleaseEscalation, ReleaseGrid
from engine.model.rules import Focus
from engine.problems import Problem, did_you_mean, problem

Status = Literal["asked", "routine", "absent"]
"""Of an item in a campaign: the plan asks for it; it is on the list of everything; it is on none, or was taken out."""


def campaign_difference(
    place: Place, before: str, after: str, site_type: str | None = None
) -> tuple[CampaignDifference | None, list[Problem]]:
    """Return what changed from one campaign to another, or None and why not.

    A campaign is named as edition_named() takes it; a draft is resolved from the rules. site_type: what concerns this
    one alone; E614 if neither campaign has it.
    """
    old, problems = edition_named(place, before)
    new, more = edition_named(place, after)
    if old is None or new is None:
        return None, list(dict.fromkeys([*problems, *more]))
    names = {*old.release.site_types, *new.release.site_types}
    if site_type is not None and site_type not in names:
        hint = did_you_mean(site_type, names) + f"可用类型：{'、'.join(sorted(names))}"
        return None, [problem("E614", site_type=site_type, suggestion=hint)]
    drafts = [each for each in (old, new) if not has_release(place, each.release.campaign, each.lock)]
    return difference(old, new, site_type, [each.lock for each in drafts]), []


def difference(
    old: Locked, new: Locked, site_type: str | None = None, drafts: Collection[str] = ()
) -> CampaignDifference:
    """Return what changed from one release to another.

    site_type: at this one alone, with the facts of the campaign. drafts: locks of those that are not released.
    """
    then, now = old.release, new.release
    names = {*then.site_types, *now.site_types} if site_type is None else {site_type}
    parts = [site_part(then, now, name) for name in names]
    parts.sort(key=lambda part: (part.code, part.name))
    counts = Counter[ChangeKind]()
    for part in parts:
        counts.update(part.counts)
    law = _instruments(then, now, parts)
    if site_type is None:
        parts += [escalation_part(then, now), _tables(then, now)]
    return CampaignDifference(
        before=_edition(old, drafts), after=_edition(new, drafts), facts=tuple(_facts(then, now)), parts=tuple(parts),
        law=law,
        counts=_in_order(counts),
    )  # fmt: skip


def site_part(then: Release, now: Release, site_type: str) -> Part:
    """Return what changed at a site type. An item without law in force during a campaign is on none of its lists."""
    before, after = standings(then, site_type), standings(now, site_type)
    known = [(before.get(rule), after.get(rule)) for rule in dict.fromkeys((*after, *before))]
    items = [found for old, new in known if (found := _item(old, new)) is not None]
    items.sort(key=lambda item: item.code)
    kind = now.site_types.get(site_type) or then.site_types[site_type]
    same = sum(1 for old, new in known if "absent" not in (status(old), status(new))) - sum(
        1 for item in items if not {"added", "retired"} & {*item.kinds()}
    )
    return _part("site-type", site_type, kind.code, kind.title, items, same)


def status(standing: Standing | None) -> Status:
    """Return how an item stands in the campaign of its release."""
    if standing is None or standing.item.taken_out is not None:
        return "absent"
    period = standing.release.period
    if not any(in_force_within(c, period.start, period.end) for c in standing.item.findings[0].basis.duty):
        return "absent"
    return "asked" if standing.item.clauses else "routine"


def _item(old: Standing | None, new: Standing | None) -> ItemDifference | None:
    """Return what changed about an item, None if nothing did."""
    was, is_ = status(old), status(new)
    changes: list[Change] = []
    if is_ == "absent" or new is None:
        if was == "absent" or old is None:
            return None
        why = "规则取消" if new is None else _why_absent(new)
        changes.append(Change(kind="retired", what=why, before=old.item.check))
        return _difference(old, changes)
    if was == "absent" or old is None:
        why = "新订的规则" if old is None else "重新列入" if old.item.taken_out is not None else "依据新施行"
        changes.append(Change(kind="added", what=_status_words(why, is_), after=new.item.check))
        return _difference(new, changes)
    if (was, is_) == ("routine", "asked"):
        changes.append(Change(kind="demanded", what="方案条款", before="日常项目", after=_clauses(new)))
    elif (was, is_) == ("asked", "routine"):
        changes.append(Change(kind="undemanded", what="方案条款", before=_clauses(old), after="日常项目"))
    changes += item_changes(old, new)
    return _difference(new, changes) if changes else None


def _why_absent(standing: Standing) -> str:
    gone = standing.item.taken_out
    return f"{gone.by}去掉，{gone.why}" if gone is not None else "行动期间没有有效的义务依据"


def _status_words(why: str, now: Status) -> str:
    return f"{why}，日常项目" if now == "routine" else why


def _clauses(standing: Standing) -> str:
    quotes = standing.release.clauses
    return "；".join(f"{clause} {quotes.get(clause, '')}".strip() for clause in standing.item.clauses)


def _difference(standing: Standing, changes: list[Change]) -> ItemDifference:
    item, kinds = standing.item, {change.kind for change in changes}
    fresh = bool(kinds & {"added", "demanded"})
    return ItemDifference(
        id=item.rule, code=item.code, check=item.check, grade=item.grade, method=item.method if fresh else "",
        duty=tuple(law_words(item.findings[0].basis.duty, standing.release.period).values()) if fresh else (),
        changes=tuple(_sorted(changes)),
    )  # fmt: skip


def _sorted(changes: Iterable[Change]) -> list[Change]:
    order = list(KIND_WORDS)
    return sorted(changes, key=lambda change: order.index(change.kind))


def _part(
    kind: Literal["site-type", "escalations", "tables"], name: str, code: str, title: str, items: list[ItemDifference],
    same: int,
) -> Part:  # fmt: skip
    counts = Counter(each for item in items for each in item.kinds())
    return Part(kind=kind, name=name, code=code, title=title, items=tuple(items), same=same, counts=_in_order(counts))


def _in_order(counts: Counter[ChangeKind]) -> dict[ChangeKind, int]:
    return {kind: counts[kind] for kind in KIND_WORDS if counts[kind]}


def _instruments(then: Release, now: Release, parts: Iterable[Part]) -> tuple[InstrumentDifference, ...]:
    """Return the instruments of the items whose law changed, by name, then by version."""
    found: dict[tuple[str, str, str], set[str]] = {}
    for part in parts:
        before, after = standings(then, part.name), standings(now, part.name)
        for item in part.items:
            if "law" in item.kinds():
                old, new = _cited(before[item.id]), _cited(after[item.id])
                for instrument in {*old, *new}:
                    was, is_ = old.get(instrument, {}), new.get(instrument, {})
                    if was != is_:
                        versions = ["、".join(dict.fromkeys(each.values())) for each in (was, is_)]
                        found.setdefault((instrument, versions[0], versions[1]), set()).add(item.code)
    return tuple(
        InstrumentDifference(instrument=name, before=before, after=after, codes=tuple(sorted(codes)))
        for (name, before, after), codes in sorted(found.items())
    )


def _cited(standing: Standing) -> dict[str, dict[tuple[object, ...], str]]:
    """Return the articles in force during the campaign by instrument, each with the name of its version."""
    found: dict[str, dict[tuple[object, ...], str]] = {}
    period = standing.release.period
    for finding in standing.item.findings:
        for role in ("duty", "liability", "power"):
            for citation in getattr(finding.basis, role):
                if in_force_within(citation, period.start, period.end):
                    name = citation.cite.partition("@")[0]
                    key = (role, finding.id, citation.cite, citation.article)
                    found.setdefault(name, {})[key] = title_of(citation)
    return found


def escalation_part(then: Release, now: Release) -> Part:
    """Return what changed about the escalations."""
    before, after = ({e.id: e for e in release.escalations} for release in (then, now))
    items, same = [], 0
    for id_ in dict.fromkeys((*after, *before)):
        if id_ in before and id_ in after:
            changes = escalation_changes(id_, then, now)
        else:
            changes = (_come_or_gone(before.get(id_), after.get(id_)),)
        same += not changes
        if changes:
            items.append(_escalation(after.get(id_) or before[id_], changes))
    return _part("escalations", "escalations", "", "综合判断", items, same)


def _come_or_gone(old: ReleaseEscalation | None, new: ReleaseEscalation | None) -> Change:
    if new is not None:
        return Change(kind="added", what="综合判断", after=new.title)
    return Change(kind="retired", what="综合判断", before=old.title if old is not None else "")


def _escalation(escalation: ReleaseEscalation, changes: Iterable[Change]) -> ItemDifference:
    return ItemDifference(
        id=escalation.id, code="", check=escalation.title, grade=escalation.grade, changes=tuple(_sorted(changes))
    )


def _tables(then: Release, now: Release) -> Part:
    items, same = [], 0
    for name in dict.fromkeys((*now.grids, *then.grids)):
        old, new = then.grids.get(name), now.grids.get(name)
        changes = _table(old, new)
        same += not changes
        if changes:
            title = next(grid.title for grid in (new, old) if grid is not None)
            items.append(ItemDifference(id=name, code="", check=title, grade=None, changes=tuple(_sorted(changes))))
    return _part("tables", "tables", "", "共用表", items, same)


def _table(old: ReleaseGrid | None, new: ReleaseGrid | None) -> tuple[Change, ...]:
    if old is not None and new is not None:
        return table_changes(old, new)
    if new is not None:
        return (Change(kind="added", what="共用表", after=new.title),)
    return (Change(kind="retired", what="共用表", before=old.title),) if old is not None else ()


def _edition(locked: Locked, drafts: Collection[str]) -> Edition:
    release, draft = locked.release, locked.lock in drafts
    return Edition(campaign=release.campaign, title=release.title, lock=locked.lock, draft=draft, period=release.period)


def _facts(then: Release, now: Release) -> Iterator[Fact]:
    """Yield what changed of the campaign as a whole."""
    for what, before, after in (
        ("方案", then.plan, now.plan),
        ("期间", _days(then.period), _days(now.period)),
        ("阶段", _stages(then), _stages(now)),
        ("重点区域", _focus(then.focus_areas), _focus(now.focus_areas)),
        ("重点产品", _products(then), _products(now)),
        ("举报电话", then.hotline, now.hotline),
        ("方案条款", f"{len(then.clauses)} 条", f"{len(now.clauses)} 条"),
    ):
        if before != after:
            yield Fact(what=what, before=before, after=after)


def _days(period: Period) -> str:
    return f"{period.start} 至 {period.end}"


def _stages(release: Release) -> str:
    return "；".join(f"{stage.title} {_days(stage.period)}" for stage in release.stages)


def _focus(focus: Focus | None) -> str:
    return "、".join(focus.names) + ("等" if focus.open else "") if focus is not None else ""


def _products(release: Release) -> str:
    return "；".join(_focus(focus) for focus in release.focus_products)

"""Campaign × site × day → checklist. Every item says who put it in, every omitted one why it is not asked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date

from pydantic import JsonValue

from engine.expressions.check import check
from engine.expressions.evaluate import Facts, evaluate
from engine.expressions.nodes import Condition, refs
from engine.expressions.parse import parse
from engine.laws import in_force
from engine.library.releases import Locked
from engine.model.checklist import Checklist, ChecklistItem, ChecklistSection, OmittedItem
from engine.model.release import Release, ReleaseGrid, ReleaseItem, ReleaseSiteType
from engine.model.sheet import Site
from engine.problems import Problem, did_you_mean, problem
from engine.scopes import tailoring_scope


def tailor(
    locked: Locked, site_type: str, site: Site, day: date, *, routine: bool = False
) -> tuple[Checklist | None, list[Problem]]:
    """Return the checklist of a site on a day, or None and why there is none.

    Items are those that a clause of the campaign reaches and whose duty is in force on the day; with routine, all
    items of the site type. Attributes that are known to be absent switch items off (合理缺项).
    """
    release = locked.release
    kind = release.site_types.get(site_type)
    if kind is None:
        names = sorted(release.site_types)
        hint = did_you_mean(site_type, names) + f"可用类型：{'、'.join(names)}"
        return None, [problem("E614", site_type=site_type, suggestion=hint)]
    problems = _site_problems(kind, site)
    if not routine and not any(item.clauses for item in kind.items):
        problems.append(problem("E615", campaign=release.title, site_type=kind.title))
    if problems:
        return None, problems
    chosen: dict[str, ChecklistItem] = {}
    omitted: list[OmittedItem] = []
    for item in kind.items:
        decided = _decide(item, kind, release, site, day, routine)
        if isinstance(decided, ChecklistItem):
            chosen[item.code] = decided
        else:
            omitted.append(decided)
    if not chosen:
        if any(o.kind == "no-basis" for o in omitted):
            return None, [problem("E623", campaign=release.title, day=day)]
        return None, [problem("E615", campaign=release.title, site_type=kind.title)]
    checklist = Checklist(
        id=checklist_id(locked, site_type, site, routine), campaign=release.campaign,
        campaign_title=release.title, plan=release.plan, hotline=release.hotline, lock=locked.lock, date=day,
        site_type=site_type, type=kind, site=site, routine=routine, sections=_sections(kind, chosen),
        omitted=tuple(omitted), grids=_grids(release, chosen), focus=_focus(release),
        notices=_notices(release, day, omitted), prefilled=_prefilled(release, _grids(release, chosen)),
    )  # fmt: skip
    return checklist, []


def _sections(kind: ReleaseSiteType, chosen: Mapping[str, ChecklistItem]) -> tuple[ChecklistSection, ...]:
    return tuple(
        ChecklistSection(title=s.title, items=tuple(chosen[c] for c in s.items if c in chosen))
        for s in kind.sections
        if any(c in chosen for c in s.items)
    )


def _grids(release: Release, chosen: Mapping[str, ChecklistItem]) -> dict[str, ReleaseGrid]:
    """Return the shared tables that the items read, by name."""
    names = {i.item.grid for i in chosen.values()} | {f.each for i in chosen.values() for f in i.item.findings}
    return {name: grid for name, grid in sorted(release.grids.items()) if name in names}


def _prefilled(release: Release, grids: Mapping[str, ReleaseGrid]) -> dict[str, tuple[dict[str, JsonValue], ...]]:
    """Return the rows of the product table with the classes of products that the plan puts first."""
    names = [name for focus in release.focus_products for name in focus.names]
    rows: tuple[dict[str, JsonValue], ...] = tuple({"category": name} for name in names)
    return {name: rows for name, grid in grids.items() if rows and "category" in grid.answer.columns}


def _notices(release: Release, day: date, omitted: list[OmittedItem]) -> tuple[str, ...]:
    notices = []
    if day not in release.period:
        first, last = release.period.start, release.period.end
        notices.append(f"检查日期 {day} 不在行动期间（{first} 至 {last}），不计入行动统计")
    without = [o.code for o in omitted if o.kind == "no-basis"]
    if without:
        notices.append(f"{day} 没有有效依据，未列入：{'、'.join(without)}")
    return tuple(notices)


def checklist_id(locked: Locked, site_type: str, site: Site, routine: bool) -> str:
    """Return the printed id of a checklist: 12 hexadecimal digits over what decides its items.

    The day is not among it: a list may be printed before the day of the visit.
    """
    parts = [locked.release.campaign, locked.lock, site_type, sorted(site.attributes.items()), routine]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=True).encode()).hexdigest()[:12]


def _site_problems(kind: ReleaseSiteType, site: Site) -> list[Problem]:
    fields = list(dict.fromkeys(i.id for i in (*kind.identity, *kind.unlicensed_identity)))
    found = [
        problem(
            "E616", key=name, suggestion=did_you_mean(name, kind.attributes) + f"可用属性：{'、'.join(kind.attributes)}"
        )
        for name in site.attributes
        if name not in kind.attributes
    ]
    found += [
        problem("E616", key=name, suggestion=did_you_mean(name, fields) + f"可用栏目：{'、'.join(fields)}")
        for name in site.identity
        if name not in fields
    ]
    return found


def _decide(
    item: ReleaseItem, kind: ReleaseSiteType, release: Release, site: Site, day: date, routine: bool
) -> ChecklistItem | OmittedItem:
    gone = item.taken_out
    if gone is not None:
        return _omitted(item, f"{gone.by}去掉：{gone.why}", "taken-out")
    if not item.clauses and not routine:
        return _omitted(item, "日常项目，本次行动方案未要求", "routine")
    if not any(in_force(c, day) for c in item.findings[0].basis.duty):
        return _omitted(item, f"{day.isoformat()} 没有有效依据", "no-basis")
    known = True
    if item.only_if is not None:
        condition = _scope_condition(item, kind)
        assumed = {name: False for name, a in kind.attributes.items() if a.assumed == "absent"}
        held = evaluate(condition, Facts({f"site:{k}": v for k, v in (assumed | site.attributes).items()}))
        if held is False:
            return _omitted(item, *_absence(condition, kind, site))
        known = held is True
    because = f"方案条款 {'、'.join(item.clauses)}" if item.clauses else "日常项目"
    return ChecklistItem(item=item, because=because, routine=not item.clauses, scope_known=known)


def _scope_condition(item: ReleaseItem, kind: ReleaseSiteType) -> Condition:
    """Return the item's only_if ready to evaluate; released conditions have passed the check."""
    return check(parse(item.only_if or ""), tailoring_scope(kind))[0]


def _absence(condition: Condition, kind: ReleaseSiteType, site: Site) -> tuple[str, str]:
    """Return why the scope switches an item off, and what kind of omission that is.

    What waits for a rare attribute (无证, 重点区域) is an addition to the list; without it nothing is missing.
    """
    names = dict.fromkeys(r.name for r in refs(condition) if r.kind == "site" and r.name in kind.attributes)
    given = {name: site.attributes.get(name, kind.attributes[name].assumed is None) for name in names}
    absent = [name for name, held in given.items() if not held]
    present = [kind.attributes[name].present for name, held in given.items() if held]
    texts = [kind.attributes[name].absent for name in absent] or [text for text in present if text]
    added = bool(absent) and all(kind.attributes[name].assumed == "absent" for name in absent)
    return "、".join(texts) or "不涉及该项业务", "not-added" if added else "reasonable-omission"


def _omitted(item: ReleaseItem, reason: str, why: str) -> OmittedItem:
    return OmittedItem(code=item.code, check=item.check, reason=reason, kind=why)


def _focus(release: Release) -> tuple[str, ...]:
    lines = []
    if release.focus_areas is not None:
        lines.append(f"重点区域：{_names(release.focus_areas.names, release.focus_areas.open)}")
    for focus in release.focus_products:
        lines.append(f"重点产品：{_names(focus.names, focus.open)}")
    return tuple(lines)


def _names(names: tuple[str, ...], more: bool) -> str:
    return "、".join(names) + ("等" if more else "")

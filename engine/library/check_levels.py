"""Layers of superiors: what a change names exists, and nothing that a superior locked is loosened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from engine.expressions.nodes import refs
from engine.expressions.parse import parse
from engine.library.check_names import not_found
from engine.library.comparing import Standing, escalation_changes, item_changes, standings, table_changes
from engine.library.files import LAYER_FILE, ReadLayer
from engine.library.load import Library, Loaded, load_library
from engine.library.resolve import plan_of, resolve, rules_of
from engine.library.tailoring import Placed, all_changes, carried, title_of_layer, without_effect
from engine.model.base import Grade
from engine.model.difference import Change as Difference
from engine.model.layers import Locked
from engine.model.release import Release, ReleaseEscalation, ReleaseFinding
from engine.model.rules import Rule
from engine.problems import Mark, Problem, problem

_GRADES = list(Grade)
"""The gravest first."""


class Lock(NamedTuple):
    """A rule that a superior locked: who, and why."""

    by: str
    why: str


def check_changes(library: Library) -> Iterator[Problem]:
    """Yield what layers and campaigns change and is not there: rules, priorities, campaigns, site types, clauses.

    A change that changes nothing is a problem of a draft (D942).
    """
    rules = {rule.id: rule for _, _, rule in rules_of(library)}
    for layer in library.levels:
        for number, locked in enumerate(layer.value.locked):
            key, known = ("rule", set(rules)) if locked.rule else ("priority", set(library.priorities))
            name = locked.rule or locked.priority or ""
            if name not in known:
                what = "规则" if locked.rule else "主题"
                yield not_found(layer.document.mark(("locked", number, key)), name, what, known)
    for placed in all_changes(library):
        name = placed.change.rule
        if name in rules:
            yield from _names_of(library, placed, rules[name])
        elif name.split(".")[0] not in library.broken:
            yield not_found(placed.mark("rule"), name, "规则", rules)


def _names_of(library: Library, placed: Placed, rule: Rule) -> Iterator[Problem]:
    change = placed.change
    if placed.campaign not in {*library.campaigns, *library.broken}:
        yield not_found(placed.mark("campaign"), placed.campaign, "行动", library.campaigns)
    for place, site in enumerate(change.sites):
        if site not in rule.applies_to:
            yield not_found(placed.mark("sites", place), site, f"规则 {rule.id} 的单位类型", rule.applies_to)
    clauses = {c.id for loaded in library.clauses.values() for c in loaded.value.clauses} if change.clauses else set()
    for place, clause in enumerate(change.clauses):
        if clause not in clauses:
            yield not_found(placed.mark("clauses", place), clause, "方案条款", clauses)
    if without_effect(library, placed, rule):
        yield problem("D942", placed.mark("rule"), rule=rule.id, what="与改动以前相同")


def check_locks(library: Library) -> Iterator[Problem]:
    """Yield what a layer loosens of what its superiors locked, and rules of superiors that its files leave out."""
    own = _own(library)
    if own is None or own.value.superior is None:
        return
    above = superior_library(library)
    yield from _left_out(library, above, own)
    locks = _locks(above)
    for held in _campaigns(library, above) if locks else ():
        yield from _loosened(library, held, above, locks, own)


@lru_cache(maxsize=4)
def superior_library(library: Library) -> Library:
    """Return the rules of the level above a library's layer, loaded once."""
    return load_library(library.place.superior())


def _own(library: Library) -> ReadLayer | None:
    path = str(library.place.layer / LAYER_FILE) if library.place.layer is not None else ""
    return next((layer for layer in library.levels if layer.document.path == path), None)


def _left_out(library: Library, above: Library, own: ReadLayer) -> Iterator[Problem]:
    """Yield rules of the superior that a file of the layer, of the same name as the superior's, no longer holds."""
    there = {rule.id for _, _, rule in rules_of(library)}
    for priority, _, rule in rules_of(above):
        if rule.id not in there and priority not in library.broken:
            loaded = library.priorities.get(priority)
            mark = loaded.document.mark(("priority",)) if loaded is not None else Mark(own.document.path)
            yield problem("E937", mark, rule=rule.id)


def _locks(above: Library) -> dict[str, Lock]:
    """Return the rules that are locked, those of whole priorities too, with the highest level that says so."""
    found: dict[str, Lock] = {}
    for layer in above.levels:
        for locked in layer.value.locked:
            for _, _, rule in rules_of(above):
                if _is_of(locked, rule.id):
                    found.setdefault(rule.id, Lock(title_of_layer(layer.value), locked.why))
    return found


def _is_of(locked: Locked, rule: str) -> bool:
    return rule == locked.rule or rule.split(".")[0] == locked.priority


class _Held(NamedTuple):
    """A campaign that the layer can shape, and what it is held against."""

    campaign: str
    then: Release
    """By the superior's rules: its own campaign, else that of the layer, with the same days and the same plan."""
    base: str | None
    """The superior's campaign that one of the layer goes on from, when every clause of its plan is looked through."""


def _campaigns(library: Library, above: Library) -> Iterator[_Held]:
    for name, loaded in sorted(library.campaigns.items()):
        of_own = loaded.document.path.startswith(str(library.place.layer))
        if name in above.campaigns:
            if of_own or loaded.value.status == "draft":
                yield _Held(name, resolve(above, name), None)
        elif of_own:
            base = next((each for each in carried(library, name) if each in above.campaigns), None)
            plan = library.clauses.get(plan_of(library, name))
            is_open = plan is not None and any(c.kind == "OPEN" for c in plan.value.clauses)
            yield _Held(name, resolve(_with_campaigns(above, library), name), None if is_open else base)


def _with_campaigns(above: Library, library: Library) -> Library:
    """Return the superior's rules with the campaigns of the layer besides, without what these change themselves."""
    own = {n: c for n, c in library.campaigns.items() if n not in above.campaigns}
    bare = {n: Loaded(c.document, c.value.model_copy(update={"changes": ()})) for n, c in own.items()}
    clauses = {n: c for n, c in library.clauses.items() if n not in above.clauses}
    return replace(above, campaigns={**above.campaigns, **bare}, clauses={**above.clauses, **clauses})


def _loosened(
    library: Library, held: _Held, above: Library, locks: Mapping[str, Lock], own: ReadLayer
) -> Iterator[Problem]:
    campaign, then, now = held.campaign, held.then, resolve(library, held.campaign)
    base = resolve(above, held.base) if held.base is not None else None
    for site_type in sorted(then.site_types):
        before, after = standings(then, site_type), standings(now, site_type)
        asked = {rule for rule, s in standings(base, site_type).items() if s.item.clauses} if base is not None else ()
        for rule, lock in sorted(locks.items()):
            if rule in before and before[rule].item.taken_out is None:
                what = set(_weaker(before[rule], after.get(rule)))
                if rule in asked and rule in after and not after[rule].item.clauses:
                    what.add("没有方案条款要求它了")
                if what:
                    mark = _mark(library, own, campaign, rule, site_type)
                    where = f"{before[rule].item.code} {before[rule].kind.title.split('（')[0]}"
                    text = f"{campaign} 行动的 {where}不得放宽：{'；'.join(sorted(what))}"
                    yield problem("E936", mark, rule=rule, by=lock.by, why=lock.why, what=text)
    yield from _weaker_together(library, held, locks)


def _weaker_together(library: Library, held: _Held, locks: Mapping[str, Lock]) -> Iterator[Problem]:
    """Yield what a file of the layer loosens of the escalations that read a finding of a locked rule."""
    then, now = held.then, resolve(library, held.campaign)
    rules = {f.id: i.rule for kind in then.site_types.values() for i in kind.items for f in i.findings}
    after = {e.id: e for e in now.escalations}
    document = library.escalations.document if library.escalations is not None else None
    for old in then.escalations:
        read = [rules.get(ref.name, "") for ref in refs(parse(old.condition)) if ref.kind == "finding"]
        rule = next((each for each in read if each in locks), None)
        if rule is None or document is None:
            continue
        new = after.get(old.id)
        if new is None:
            what = {"去掉"}
        else:
            changes = escalation_changes(old.id, then, now)
            what = {word for change in changes for word in _said(change)} | set(_lesser(old, new))
            lost = [d.label for d in old.dispositions if d not in new.dispositions]
            what |= {f"处理建议少了{'、'.join(lost)}"} if lost else set()
        if what:
            text = f"{held.campaign} 行动的综合判断 “{old.title}” 不得放宽：{'；'.join(sorted(what))}"
            mark = document.mark(("escalations",))
            yield problem("E936", mark, rule=rule, by=locks[rule].by, why=locks[rule].why, what=text)


def _mark(library: Library, own: ReadLayer, campaign: str, rule: str, site_type: str) -> Mark:
    """Return where it is said: the last change of the rule, else the rule in the layer's file, else layer.yaml."""
    chain = carried(library, campaign)
    for placed in reversed(list(all_changes(library))):
        change, of_layer = placed.change, library.place.is_of_a_layer(placed.document.path)
        at_site = not change.sites or site_type in change.sites
        if change.rule == rule and of_layer and at_site and placed.counts_for(chain):
            return placed.mark("rule")
    for priority, index, written in rules_of(library):
        if written.id == rule and library.place.is_of_a_layer(library.priorities[priority].document.path):
            return library.priorities[priority].document.mark(("rules", index, "id"))
    return own.document.mark(("layer",))


def _weaker(old: Standing, new: Standing | None) -> Iterator[str]:
    """Yield in Chinese what is looser about an item, or of what it cannot be told that it is not."""
    if new is None:
        yield "这类单位不查了"
        return
    gone = new.item.taken_out
    if gone is not None:
        yield "去掉"
        return
    if old.item.clauses and not new.item.clauses:
        yield "没有方案条款要求它了"
    changes = item_changes(old, new)
    if old.item.grid is not None and old.item.grid == new.item.grid:
        changes += table_changes(old.release.grids[old.item.grid], new.release.grids[old.item.grid])
    for change in changes:
        yield from _said(change)
    yield from _graded(old, new)
    for ref in refs(parse(old.item.only_if)) if old.item.only_if else ():
        was, is_ = old.kind.attributes.get(ref.name), new.kind.attributes.get(ref.name)
        if was is not None and is_ is not None and is_.assumed is not None and was.assumed is None:
            yield f"没有说明“{is_.label}”的当作没有，不再照列"
    proposed = {f.id: set(f.dispositions) for f in new.item.findings}
    for finding in old.item.findings:
        lost = [d.label for d in finding.dispositions if finding.id in proposed and d not in proposed[finding.id]]
        if lost:
            yield f"处理建议少了{'、'.join(lost)}"


def _said(change: Difference) -> Iterator[str]:
    limits = f"（{'，'.join(change.limits)}）" if change.limits else ""
    if change.kind == "loosened":
        yield f"{change.what}放宽{limits}"
    elif change.kind == "conditions":
        yield f"{change.what}改了，看不出只会更严{limits}"
    elif change.kind == "applicability" and change.what != "适用范围扩大":
        yield f"{change.what}：{change.before} → {change.after}"
    elif change.kind == "reworded" and (change.what == "检查内容" or change.what.endswith("的填写提示")):
        yield f"{change.what}改写了，看不出只会更严（原为“{change.before}”）"
    elif change.kind == "question":
        yield f"问法改了（{change.what}）"
    elif change.kind == "law" and change.before:
        yield f"{change.what}去掉了 {change.before}"


def _graded(old: Standing, new: Standing) -> Iterator[str]:
    after = {f.id: f for f in new.item.findings}
    for finding in old.item.findings:
        other = after.get(finding.id)
        if other is not None:
            yield from _lesser(finding, other)


def _lesser(old: ReleaseFinding | ReleaseEscalation, new: ReleaseFinding | ReleaseEscalation) -> Iterator[str]:
    if _GRADES.index(new.grade) > _GRADES.index(old.grade):
        yield f"等级由{old.grade.label}降为{new.grade.label}"
    if old.red_line and not new.red_line:
        yield "不再是红线"

"""What the layers of a bureau and its superiors do to the rules for a campaign: who added, changed, dropped, why."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from engine.library.load import PLAIN_LAYER, Library
from engine.model.base import RuleId
from engine.model.layers import LEVEL_WORDS, CampaignChange, LayerFile
from engine.model.release import ItemChange
from engine.model.rules import Application, Rule
from engine.problems import Mark
from engine.source import Document


class Placed(NamedTuple):
    """A change: who says so, from which campaign on, and where."""

    by: str
    campaign: str
    document: Document
    number: int
    change: CampaignChange
    alone: bool
    """Whether the file of the campaign says so: then it counts for that campaign alone."""

    def counts_for(self, chain: Collection[str]) -> bool:
        """Return whether it counts for a campaign, given with those that it goes on from, itself first."""
        return self.campaign == next(iter(chain)) if self.alone else self.campaign in chain

    def mark(self, *loc: str | int) -> Mark:
        """Return where a part of the change stands."""
        return self.document.mark(("changes", self.number, *loc))


class Tailored(NamedTuple):
    """A rule at a site type with what the layers did to it."""

    rule: Rule
    application: Application
    clauses: tuple[str, ...]
    """Clauses that layers add."""
    history: tuple[ItemChange, ...]


def carried(library: Library, campaign: str) -> tuple[str, ...]:
    """Return the campaign and those that it goes on from, itself first."""
    found = [campaign]
    while (loaded := library.campaigns.get(found[-1])) is not None and loaded.value.extends not in (None, *found):
        found.append(loaded.value.extends or "")
    return tuple(found)


def all_changes(library: Library) -> Iterator[Placed]:
    """Yield every change: those of the highest layer first, as written, then those that campaigns make themselves."""
    for layer in library.levels:
        by = title_of_layer(layer.value)
        for number, change in enumerate(layer.value.changes):
            yield Placed(by, change.campaign, layer.document, number, change, alone=False)
    for name, loaded in sorted(library.campaigns.items()):
        for number, own in enumerate(loaded.value.changes):
            yield Placed(f"{name} 行动", name, loaded.document, number, own, alone=True)


@lru_cache(maxsize=16)
def changes_for(library: Library, campaign: str) -> Mapping[RuleId, tuple[Placed, ...]]:
    """Return the changes that count for a campaign by rule, in the order in which they are made."""
    chain = carried(library, campaign)
    found: dict[RuleId, list[Placed]] = {}
    for placed in all_changes(library):
        if placed.counts_for(chain):
            found.setdefault(placed.change.rule, []).append(placed)
    return {rule: tuple(placed) for rule, placed in found.items()}


def tailored(library: Library, campaign: str, rule: Rule, site_type: str) -> Tailored:
    """Return a rule as the campaign has it at a site type, with its history."""
    application = rule.applies_to[site_type]
    history = [change for change in library.origins.get(rule.id, ()) if change.by != PLAIN_LAYER]
    clauses: tuple[str, ...] = ()
    for placed in changes_for(library, campaign).get(rule.id, ()):
        change = placed.change
        if change.sites and site_type not in change.sites:
            continue
        if change.drop:
            history.append(ItemChange(by=placed.by, what="dropped", why=change.why))
            continue
        history = [h for h in history if h.what != "dropped"]
        history.append(ItemChange(by=placed.by, what="changed", fields=change.fields(), why=change.why))
        clauses += change.clauses
        rule, application = _with(rule, application, change)
    return Tailored(rule, application, clauses, tuple(history))


def _with(rule: Rule, application: Application, change: CampaignChange) -> tuple[Rule, Application]:
    new = {name: getattr(change, name) for name in change.fields() if name != "clauses"}
    own = {name: value for name, value in new.items() if name in Application.model_fields}
    other = {name: value for name, value in new.items() if name not in own}
    return rule.model_copy(update=other), application.model_copy(update=own)


def without_effect(library: Library, placed: Placed, rule: Rule) -> bool:
    """Return whether a change leaves the rule everywhere as those before it have it."""
    change = placed.change
    if change.drop or change.clauses:
        return False
    all_ = changes_for(library, placed.campaign).get(rule.id, ())
    before = [other.change for other in all_[: all_.index(placed)]]
    for site_type in change.sites or rule.applies_to:
        if site_type not in rule.applies_to:
            return False
        state = rule, rule.applies_to[site_type]
        for earlier in before:
            if not earlier.drop and (not earlier.sites or site_type in earlier.sites):
                state = _with(*state, earlier)
        if _effective(*state) != _effective(*_with(*state, change)):
            return False
    return True


def _effective(rule: Rule, application: Application) -> tuple[object, ...]:
    own = ("check", "grade", "only_if", "method", "evidence", "dispositions")
    return (rule, *(getattr(application, name) or getattr(rule, name) for name in own))


def title_of_layer(file: LayerFile) -> str:
    """Return how a layer is named in a history: 合肥市市场监督管理局（市）."""
    return f"{file.title}（{LEVEL_WORDS[file.level]}）"


def provenance(library: Library, rule: str) -> Iterator[str]:
    """Yield in Chinese, a line each, who put a rule in, changed it, took it out or locked it, and why."""
    origin = library.origins.get(rule, ())
    if not any(change.what == "added" for change in origin):
        yield "自带规则"
    for change in origin:
        why = f"：{change.why}" if change.why else "（没有写明理由）"
        yield f"{change.by}{_DONE[change.what]}{_named(change.fields)}{why}"
    changes = [placed for placed in all_changes(library) if placed.change.rule == rule]
    for layer in library.levels:
        yield from (_said(placed) for placed in changes if placed.document is layer.document)
        for lock in layer.value.locked:
            if rule == lock.rule or rule.split(".")[0] == lock.priority:
                yield f"{title_of_layer(layer.value)}锁定，下级不得放宽：{lock.why}"
    yield from (_said(placed) for placed in changes if placed.alone)


def _said(placed: Placed) -> str:
    change = placed.change
    sites = f"，只对 {'、'.join(change.sites)}" if change.sites else ""
    done = _DONE["dropped" if change.drop else "changed"]
    since = "" if placed.alone else f"自 {placed.campaign} 行动"
    return f"{placed.by}{since}{done}{_named(change.fields())}{sites}：{change.why}"


_DONE = {"added": "增加", "changed": "改动", "dropped": "去掉"}
FIELD_WORDS = {
    "check": "检查内容", "grade": "等级", "red_line": "红线", "only_if": "适用条件", "finding_if": "问题条件",
    "finding": "事实描述", "method": "方法", "evidence": "取证", "dispositions": "处理建议", "clauses": "方案条款",
    "answer": "答法", "details": "细目", "applies_to": "单位类型", "each": "逐行判定", "further": "其他问题",
    "basis": "依据", "cases": "用例", "note": "说明", "answer_from": "共用表",
}  # fmt: skip
"""What people call the keys of a rule."""


def _named(fields: tuple[str, ...]) -> str:
    return "“" + "、".join(FIELD_WORDS.get(name, name) for name in fields) + "”" if fields else ""

"""What changed between two releases, by meaning; and what that would change about inspections already made."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from engine.model.base import Day, Grade, Model, Period, RuleId, Text

ChangeKind = Literal[
    "added", "demanded", "tightened", "loosened", "conditions", "question", "regraded", "law", "applicability",
    "reworded", "handling", "renumbered", "undemanded", "retired",
]  # fmt: skip
"""Of an item. added: there is none before. demanded: a routine item before, now the plan asks for it. tightened: a
finding in more cases. loosened: in fewer. conditions: limits changed and it cannot be told which way. question: what is
asked. regraded: its grade or red line. law: the articles in force during the campaign. applicability: whom it is asked
of. reworded. handling: evidence, sentence or proposed dispositions. renumbered: its printed code. undemanded: the plan
no longer asks for it, it is a routine item. retired: there is none any more."""

KIND_WORDS: dict[ChangeKind, str] = {
    "added": "新增", "demanded": "方案新列入", "tightened": "收紧", "loosened": "放宽", "conditions": "限值或条件改变",
    "question": "问法改变", "regraded": "等级改变", "law": "依据改变", "applicability": "适用范围改变",
    "reworded": "措辞改变", "handling": "取证和处理改变", "renumbered": "编号改变", "undemanded": "方案不再列入",
    "retired": "废止",
}  # fmt: skip
"""In the order in which they are listed."""

HEADLINE: tuple[ChangeKind, ...] = ("added", "tightened", "retired")
"""Counted in every headline, none of them too."""


class Change(Model):
    """One thing that changed, in Chinese: what it is, what it was before and what it is now; empty: nothing."""

    kind: ChangeKind
    what: Text
    before: str = ""
    after: str = ""
    limits: tuple[str, ...] = ()
    """The limits that moved: 读数：大于 30 ℃ → 大于 20 ℃."""
    finding: RuleId | None = None
    """Which of the findings of the item it is about."""


class Fact(Model):
    """Something of the campaign as a whole that changed."""

    what: Text
    before: str
    after: str


class ItemDifference(Model):
    """An item (an escalation, a column of a shared table) and what changed about it."""

    id: Text
    """The rule; of an escalation its id, of a table and its columns their names."""
    code: str
    """As it is printed: of the new release, of a retired item the old one."""
    check: Text
    grade: Grade | None
    method: str = ""
    """How it is checked now; of items that are new to a list."""
    duty: tuple[Text, ...] = ()
    """The articles it rests on now; of items that are new to a list."""
    changes: tuple[Change, ...] = Field(min_length=1)

    def kinds(self) -> tuple[ChangeKind, ...]:
        """Return the kinds of its changes, each once, in the order of KIND_WORDS."""
        has = {change.kind for change in self.changes}
        return tuple(kind for kind in KIND_WORDS if kind in has)


class Part(Model):
    """A site type, the escalations, or the shared tables."""

    kind: Literal["site-type", "escalations", "tables"]
    name: Text
    code: str
    title: Text
    items: tuple[ItemDifference, ...]
    same: int
    """Items of both releases that did not change."""
    counts: dict[ChangeKind, int]
    """How many items changed so; an item may have changed in several ways."""


class Edition(Model):
    """One of the two sides of a comparison."""

    campaign: Text
    title: Text
    lock: Text
    draft: bool
    """Not released: resolved from the rules as they are now."""
    period: Period


class InstrumentDifference(Model):
    """A legal instrument that items rest on in another version, in other articles, anew, or no longer."""

    instrument: Text
    before: str
    """The versions in force during the campaign before, in words; empty: it was not cited."""
    after: str
    codes: tuple[str, ...]
    """The items."""


class CampaignDifference(Model):
    """What changed from one release to another."""

    before: Edition
    after: Edition
    facts: tuple[Fact, ...]
    parts: tuple[Part, ...]
    """Site types by their codes, then escalations and shared tables; those without a change too."""
    law: tuple[InstrumentDifference, ...]
    """Of the items of site types; which articles took the place of which is said by their changes."""
    counts: dict[ChangeKind, int]
    """Of items at site types, added up."""


EffectKind = Literal["new", "gone", "regraded", "law", "handling"]
"""Of a finding. new: only the new rules find it. gone: only the old ones. regraded: another grade or red line. law:
other articles. handling: other dispositions."""

EFFECT_WORDS: dict[EffectKind, str] = {
    "new": "新发现问题", "gone": "不再是问题", "regraded": "等级改变", "law": "依据改变", "handling": "处理建议改变",
}  # fmt: skip


class Effect(Model):
    """What the new rules would say otherwise of one inspection."""

    kind: EffectKind
    finding: RuleId
    number: int | None
    """Of the finding as the new rules number it; None if they do not find it."""
    code: str
    """Of its item, as the new release prints it; empty for an escalation."""
    sentence: str
    grade: Grade
    before: str = ""
    after: str = ""
    why: tuple[str, ...]
    """The changes behind it, in Chinese."""
    decided: Literal["proposed", "confirmed", "rejected"] | None = None
    """What people decided about it then, where a record says so."""


class Replayed(Model):
    """A past inspection judged again."""

    name: Text
    """Of its file, or its number in the workspace."""
    site: str
    site_type: Text
    date: Day | None
    campaign: Text
    lock: Text
    effects: tuple[Effect, ...]
    same: int
    """Findings of which the new rules say nothing else."""
    carried: int
    """Answers that count for the new rules."""
    not_carried: dict[str, int]
    """Answers that do not, by the reason in Chinese."""
    not_asked: int
    """Items of the new rules that have no answer because nobody was asked."""


class LeftOut(Model):
    """A past inspection that could not be judged again."""

    name: Text
    site: str
    reason: Text


class ItemEffects(Model):
    """What an item (or an escalation) does to past inspections."""

    code: str
    rule: RuleId
    title: Text
    counts: dict[EffectKind, int]
    visits: int
    why: tuple[str, ...]


class Replay(Model):
    """Past inspections judged again by other rules: what would change, and why."""

    campaign: Text
    title: Text
    lock: Text
    draft: bool
    day: Day
    """Of the law that is cited, where an inspection lies outside the campaign."""
    visits: tuple[Replayed, ...]
    left_out: tuple[LeftOut, ...]
    counts: dict[EffectKind, int]
    not_carried: dict[str, int]
    items: tuple[ItemEffects, ...]

"""What the conditions of a site type may name. The same scopes serve the check of rules and the evaluation."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from engine.expressions.nodes import Kind, Type
from engine.expressions.scope import Scope, question_of
from engine.model.ledgers import LedgerFile
from engine.model.release import Release, ReleaseEscalation, ReleaseFinding, ReleaseGrid, ReleaseItem, ReleaseSiteType

THIS = {
    "grade": Type("word", "问题等级", options=("critical", "major", "minor")),
    "red_line": Type("flag", "红线问题"),
    "recurred": Type("flag", "上次检查已发现同一问题"),
    "priority": Type("word", "主题"),
    "count": Type("number", "同一问题的个数", "个", low=1, whole=True),
}
"""What an escalation over each kind of finding may read of it."""


def site_scope(site_type: ReleaseSiteType, grids: Mapping[str, ReleaseGrid]) -> Scope:
    """Return the names that every condition of the site type may use."""
    questions = {name: question_of(name, grid.title, grid.answer, {}) for name, grid in grids.items()}
    for item in site_type.items:
        label = grids[item.grid].title if item.grid else item.answer.ask or "本项答案"
        questions[item.rule] = question_of(item.rule, label, item.answer, item.details)
    titles = {finding.id: item.code for item in site_type.items for finding in item.findings}
    return Scope(questions, _attributes(site_type), earlier=frozenset(titles), titles=titles)


def tailoring_scope(site_type: ReleaseSiteType) -> Scope:
    """Return the names that an only_if may use: it is judged before the visit."""
    return Scope({}, _attributes(site_type), dated=False)


def _attributes(site_type: ReleaseSiteType) -> dict[str, Type]:
    return {name: Type("flag", attribute.label) for name, attribute in site_type.attributes.items()}


def item_scope(base: Scope, item: ReleaseItem, finding: ReleaseFinding) -> Scope:
    """Return the names that the condition of a finding may use."""
    return replace(base, own=item.rule, row_of=item.rule if finding.each == "answer" else finding.each or "")


def union_scope(release: Release) -> Scope:
    """Return the names that any escalation may use: they serve every site type, and may name the findings of all."""
    return union_of([site_scope(t, release.grids) for t in release.site_types.values()])


def union_of(scopes: Collection[Scope]) -> Scope:
    """Return the names that any escalation may use, from the scopes of all site types."""
    earlier = frozenset(id_ for scope in scopes for id_ in scope.earlier)
    return Scope({}, {name: kind for scope in scopes for name, kind in scope.site.items()}, earlier=earlier)


def escalation_scope(base: Scope, escalation: ReleaseEscalation, escalations: tuple[ReleaseEscalation, ...]) -> Scope:
    """Return the names that an escalation may use: findings of the layers below, but no answers."""
    below = {other.id for other in escalations if other.layer < escalation.layer}
    return replace(
        base,
        questions={},
        titles=dict(base.titles) | {other.id: other.title for other in escalations},
        findings=base.earlier | below,
        this=THIS if escalation.over == "finding" else {},
    )


_COLUMNS: dict[str, Kind] = {
    "count": "number", "days": "number", "money": "number", "date": "date", "moment": "date", "choices": "words",
}  # fmt: skip


def grading_scope(ledger: LedgerFile) -> Scope:
    """Return the names that a rule table for grading may use: site.column for each column of its ledger."""
    types = {}
    for name, column in ledger.columns.items():
        options = ("是", "否") if column.type == "yes_no" else column.options or None
        types[name] = Type(_COLUMNS.get(column.type, "word"), column.label, options=options)
    return Scope({}, types, dated=False)

"""Two releases compared by meaning: what became of an item, an escalation, a shared table.

The one comparison: answers are carried by it (engine.answering.carrying), campaigns are held against each other by it
(engine.campaigns.difference), and what changed of a released campaign is named by it (engine.library.changes).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from engine.expressions.check import check
from engine.expressions.comparing import Relation, changed_limits, relation
from engine.expressions.nodes import Condition
from engine.expressions.parse import parse
from engine.expressions.say import say
from engine.expressions.scope import Scope
from engine.laws import citation_text, in_force_within
from engine.model.base import Period
from engine.model.difference import Change, ChangeKind
from engine.model.questions import AnswerSpec, Choice, Choices, Count, Number, Readings, Rows, Sample
from engine.model.release import (
    Release,
    ReleaseBasis,
    ReleaseCitation,
    ReleaseEscalation,
    ReleaseFinding,
    ReleaseGrid,
    ReleaseItem,
    ReleaseSiteType,
)
from engine.scopes import escalation_scope, item_scope, site_scope, tailoring_scope, union_scope

ALWAYS = "总是"
LONGEST_LABEL = 16
PLACEHOLDER = re.compile(r"\{[^{}]*\}")


class Standing(NamedTuple):
    """An item where it stands: its release, its site type, the names that its conditions may use."""

    release: Release
    kind: ReleaseSiteType
    item: ReleaseItem
    scope: Scope


def standings(release: Release, site_type: str) -> dict[str, Standing]:
    """Return the items of a site type by their rule, in the order of their codes; none if there is no such type."""
    kind = release.site_types.get(site_type)
    if kind is None:
        return {}
    scope = site_scope(kind, release.grids)
    return {item.rule: Standing(release, kind, item, scope) for item in kind.items}


def item_changes(old: Standing, new: Standing) -> tuple[Change, ...]:
    """Return what changed about an item, in the order in which it is asked; nothing if it means the same."""
    return (*_code(old.item, new.item), *asked_changes(old, new), *_judged(old, new), *_handled(old.item, new.item))


def asked_changes(old: Standing, new: Standing) -> Iterator[Change]:
    """Yield what changed about what is asked, of whom, and with which words: what an answer means depends on it."""
    yield from _applies(old, new)
    one, other = old.item, new.item
    yield from _texts("reworded", (("检查内容", one.check, other.check), ("检查方法", one.method, other.method)))
    if one.grid != other.grid:
        yield Change(kind="question", what="答案", before=_source(old), after=_source(new))
    elif one.grid is not None:
        if any(_asks_otherwise(change) for change in table_changes(_grid(old), _grid(new))):
            yield Change(kind="question", what=f"共用表《{_grid(new).title}》", after="栏目有改变，见“共用表”")
    else:
        yield from _questions("答案", one.answer, other.answer)
    yield from _fields("细目", one.details, other.details)


def table_changes(old: ReleaseGrid, new: ReleaseGrid) -> tuple[Change, ...]:
    """Return what changed about a shared table: its words, its columns, how many rows it wants."""
    words = (("表名", old.title, new.title), ("填写说明", old.instructions or "", new.instructions or ""))
    return (*_texts("reworded", words), *_questions("表", old.answer, new.answer))


def escalation_changes(id_: str, then: Release, now: Release) -> tuple[Change, ...]:
    """Return what changed about an escalation that both releases have."""
    old, new = (next(e for e in release.escalations if e.id == id_) for release in (then, now))
    found = [*_texts("reworded", (("名称", old.title, new.title),))]
    if (old.over, old.same) != (new.over, new.same):
        found.append(Change(kind="conditions", what="合并计算的范围", before=_over(old), after=_over(new)))
    if old.condition != new.condition:
        scopes = [
            escalation_scope(union_scope(release), each, release.escalations)
            for each, release in ((old, then), (new, now))
        ]
        found += _condition(old.condition, new.condition, *scopes)
    found += _consequences(old, new, then.period, now.period)
    return tuple(found)


def same_answers(old: AnswerSpec, new: AnswerSpec) -> bool:
    """Return whether an answer to one question is an answer to the other: of one kind, unit and options."""
    return _spec_words(old, labels=False) == _spec_words(new, labels=False)


def change_words(change: Change) -> str:
    """Return one change in a line: its limits if they moved, else what it was and what it is."""
    if change.limits:
        return f"{change.what}：{'；'.join(change.limits)}"
    if change.before and change.after:
        return f"{change.what}：原为“{change.before}”，现为“{change.after}”"
    if change.kind in ("added", "retired"):
        return f"{change.what}：{change.after or change.before}"
    return f"{change.what}：" + (f"增加“{change.after}”" if change.after else f"去掉“{change.before}”")


def law_words(citations: Iterable[ReleaseCitation], period: Period) -> dict[tuple[object, ...], str]:
    """Return the articles in force on some day of the period, in words, by what tells them apart."""
    return {
        (c.cite, c.article, tuple(sorted(c.where.items())), c.sites): citation_text(c)
        for c in citations
        if in_force_within(c, period.start, period.end)
    }


def condition_words(standing: Standing, finding: ReleaseFinding) -> str:
    """Return in Chinese when a finding holds."""
    scope = item_scope(standing.scope, standing.item, finding)
    return ("逐行判定，" if finding.each else "") + say(_bound(finding.condition, scope), scope)


def _code(one: ReleaseItem, other: ReleaseItem) -> Iterator[Change]:
    if one.code != other.code:
        yield Change(kind="renumbered", what="编号", before=one.code, after=other.code)


def _texts(kind: ChangeKind, pairs: Iterable[tuple[str, str, str]]) -> Iterator[Change]:
    for what, before, after in pairs:
        if before != after:
            yield Change(kind=kind, what=what, before=before, after=after)


def _applies(old: Standing, new: Standing) -> Iterator[Change]:
    one, other = old.item.only_if, new.item.only_if
    if one == other:
        return
    scopes = tailoring_scope(old.kind), tailoring_scope(new.kind)
    texts = [
        say(_bound(text, scope), scope) if text else ALWAYS for text, scope in zip((one, other), scopes, strict=True)
    ]
    related: Relation = "wider" if other is None else "narrower"
    if one is not None and other is not None:
        related = relation(_bound(one, scopes[0]), _bound(other, scopes[1]), *scopes)
    if related != "same":
        what = {"wider": "适用范围扩大", "narrower": "适用范围缩小", "unknown": "适用范围"}[related]
        yield Change(kind="applicability", what=what, before=texts[0], after=texts[1])


def _source(standing: Standing) -> str:
    item = standing.item
    return f"取自共用表《{_grid(standing).title}》" if item.grid else _spec_words(item.answer)


def _grid(standing: Standing) -> ReleaseGrid:
    return standing.release.grids[standing.item.grid or ""]


def _asks_otherwise(change: Change) -> bool:
    return change.kind == "question"


def _questions(what: str, one: AnswerSpec, other: AnswerSpec) -> Iterator[Change]:
    """Yield what changed about a question: what may be answered, how it is worded, the limits of what may be typed."""
    shape = _spec_words(one, labels=False), _spec_words(other, labels=False)
    yield from _texts("question", ((what, *shape),))
    yield from _texts("reworded", ((f"{what}的填写提示", one.ask or "", other.ask or ""),))
    yield from _typed(what, one, other)
    if isinstance(one, Rows) and isinstance(other, Rows):
        yield from _fields("栏目", one.columns, other.columns)
        if one.key != other.key:
            yield Change(kind="question", what="区分各行的栏目", before=_keys(one), after=_keys(other))


def _typed(what: str, one: AnswerSpec, other: AnswerSpec) -> Iterator[Change]:
    """Yield other numbers that a question asks for: how many to draw, what is taken for a slip of the pen."""
    if isinstance(one, Sample | Rows) and isinstance(other, Sample | Rows) and one.at_least != other.at_least:
        least = one.at_least or 0, other.at_least or 0
        unit = other.unit if isinstance(other, Sample) else "行"
        words = [f"至少 {n} {unit}" if n else "没有规定" for n in least]
        kind: ChangeKind = "tightened" if least[1] > least[0] else "loosened"
        label = "抽查数" if isinstance(other, Sample) else "行数"
        yield Change(kind=kind, what=label, before=words[0], after=words[1], limits=(f"{label}：{' → '.join(words)}",))
    if isinstance(one, Number | Readings) and isinstance(other, Number | Readings):
        before, after = (f"{s.low if s.low is not None else ''} 至 {s.high if s.high is not None else ''}" for s in (one, other))  # noqa: E501  # fmt: skip
        if before != after:
            yield Change(kind="conditions", what=f"{what}的合理范围（防笔误）", before=before, after=after)


def _fields(what: str, one: Mapping[str, AnswerSpec], other: Mapping[str, AnswerSpec]) -> Iterator[Change]:
    for name in dict.fromkeys((*one, *other)):
        before, after = one.get(name), other.get(name)
        label = next(spec.ask or name for spec in (after, before) if spec is not None)
        if before is not None and after is not None:
            yield from _questions(f"{what}“{label}”", before, after)
        else:
            texts = [_spec_words(spec) if spec is not None else "" for spec in (before, after)]
            yield Change(kind="question", what=f"{what}“{label}”", before=texts[0], after=texts[1])


def _keys(spec: Rows) -> str:
    return "、".join(spec.columns[name].ask or name for name in spec.key)


_TYPES = {
    "yes_no": "是、否", "number": "数值", "count": "个数", "sample": "抽查，不符合的个数", "date": "日期",
    "choice": "单选", "choices": "多选", "text": "文字", "photo": "照片", "readings": "读数", "rows": "表",
}  # fmt: skip


def _spec_words(spec: AnswerSpec, *, labels: bool = True) -> str:
    """Return how a question is answered: 数值（℃）, 单选（甲、乙）; with labels, the columns of a table too."""
    inside = ""
    match spec:
        case Number(unit=unit) | Readings(unit=unit) | Count(unit=unit) | Sample(unit=unit):
            inside = unit
        case Choice(options=options) | Choices(options=options):
            inside = "、".join(options)
        case Rows(columns=columns) if labels:
            inside = "、".join(column.ask or name for name, column in columns.items())
    return _TYPES[spec.type] + (f"（{inside}）" if inside else "")


def _judged(old: Standing, new: Standing) -> Iterator[Change]:
    """Yield what changed about when there is a finding, how grave it is, and by which law."""
    before = {finding.id: finding for finding in old.item.findings}
    after = {finding.id: finding for finding in new.item.findings}
    for id_ in dict.fromkeys((*before, *after)):
        one, other = before.get(id_), after.get(id_)
        if one is not None and other is not None:
            found = [*_conditions(old, one, new, other)]
            found += _consequences(one, other, old.release.period, new.release.period)
        elif other is not None:
            found = [Change(kind="tightened", what="新增一种问题", after=condition_words(new, other))]
        elif one is not None:
            found = [Change(kind="loosened", what="取消一种问题", before=condition_words(old, one))]
        label = _label(other or one) if max(len(before), len(after)) > 1 else ""
        for change in found:
            yield change.model_copy(update={"finding": id_, "what": change.what + label})
    own = _grade(old.item), _grade(new.item)  # printed beside the item; the same as that of its first finding
    if own != (_grade(old.item.findings[0]), _grade(new.item.findings[0])):
        yield from _texts("regraded", (("等级", *own),))


def _label(finding: ReleaseFinding | None) -> str:
    """Return which of several findings of an item a change is about: the beginning of its sentence."""
    text = PLACEHOLDER.sub("…", finding.sentence) if finding is not None else ""
    return f"“{text if len(text) <= LONGEST_LABEL else text[:LONGEST_LABEL].rstrip('…') + '…'}”"


def _conditions(old: Standing, one: ReleaseFinding, new: Standing, other: ReleaseFinding) -> Iterator[Change]:
    if one.each != other.each:
        texts = condition_words(old, one), condition_words(new, other)
        yield Change(kind="conditions", what="判定", before=texts[0], after=texts[1])
        return
    scopes = item_scope(old.scope, old.item, one), item_scope(new.scope, new.item, other)
    yield from _condition(one.condition, other.condition, *scopes)


_DIRECTION: dict[Relation, ChangeKind] = {"wider": "tightened", "narrower": "loosened", "unknown": "conditions"}


def _condition(one: str, other: str, before: Scope, after: Scope) -> Iterator[Change]:
    if one == other:
        return
    old, new = _bound(one, before), _bound(other, after)
    related = relation(old, new, before, after)
    if related != "same":
        limits = tuple(f"{each.of}：{each.before} → {each.after}" for each in changed_limits(old, new, before, after))
        kind = _DIRECTION[related]
        yield Change(kind=kind, what="判定", before=say(old, before), after=say(new, after), limits=limits)


def _consequences(
    one: ReleaseFinding | ReleaseEscalation, other: ReleaseFinding | ReleaseEscalation, then: Period, now: Period
) -> Iterator[Change]:
    grades = _grade(one), _grade(other)
    yield from _texts("regraded", (("等级", *grades),))
    yield from _law(one.basis, other.basis, then, now)
    lists = ["；".join(d.label for d in each.dispositions) for each in (one, other)]
    yield from _texts("handling", (("事实描述", one.sentence, other.sentence), ("处理建议", lists[0], lists[1])))


def _grade(finding: ReleaseFinding | ReleaseEscalation | ReleaseItem) -> str:
    return finding.grade.label + ("、红线" if finding.red_line else "")


def _law(one: ReleaseBasis, other: ReleaseBasis, then: Period, now: Period) -> Iterator[Change]:
    for role, before, after in (
        ("义务依据", one.duty, other.duty),
        ("责任依据", one.liability, other.liability),
        ("处理依据", one.power, other.power),
    ):
        old, new = law_words(before, then), law_words(after, now)
        gone = list(dict.fromkeys(text for key, text in old.items() if key not in new))
        come = list(dict.fromkeys(text for key, text in new.items() if key not in old))
        if gone or come:
            yield Change(kind="law", what=role, before="；".join(gone), after="；".join(come))


def _handled(one: ReleaseItem, other: ReleaseItem) -> Iterator[Change]:
    guideline = "、".join(one.gsp), "、".join(other.gsp)
    texts = (("取证", one.evidence or "", other.evidence or ""), ("现场检查指导原则条款", *guideline))
    yield from _texts("handling", texts)


def _over(escalation: ReleaseEscalation) -> str:
    words = {"site": "整个单位", "subject": "同一对象", "finding": "每种问题"}[escalation.over]
    return words + (f"（{'、'.join(escalation.same)}）" if escalation.same else "")


def _bound(text: str, scope: Scope) -> Condition:
    return check(parse(text), scope)[0]

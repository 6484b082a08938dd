"""The rules against each other: names, conditions, sentences, dates. Every check returns problems with places."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from engine.expressions.check import check as check_condition
from engine.expressions.nodes import Condition
from engine.expressions.parse import ConditionError, parse
from engine.expressions.scope import Scope
from engine.library.check_cases import check_cases, check_escalation_cases
from engine.library.check_follow_up import check_clocks, check_ledgers, check_look_back
from engine.library.check_law import (
    check_basis_dates,
    check_citations,
    check_instruments,
    check_unused,
    check_wording,
)
from engine.library.check_levels import check_changes, check_locks
from engine.library.check_names import (
    check_citation_sites,
    check_clauses,
    check_ids,
    check_names,
    check_references,
    check_site_types,
    not_found,
)
from engine.library.check_open import check_open
from engine.library.check_plans import check_answers, check_calendars, check_deadlines, check_stages
from engine.library.check_sense import (
    check_conditions,
    check_doubles,
    check_overlaps,
    check_unreachable,
)
from engine.library.check_tables import check_summaries, check_tables
from engine.library.load import Library, read_files
from engine.library.resolve import any_release, layers, resolve, rules_of, site_scopes
from engine.library.tailoring import all_changes
from engine.model.rule_changes import ChangesFile
from engine.model.rules import Rule
from engine.problems import Mark, Problem, errors, problem, sort
from engine.scopes import escalation_scope, grading_scope, item_scope, site_scope, tailoring_scope, union_of
from engine.sentences import has_loose_brace, placeholders
from engine.source import Document, Loc

ALWAYS_FILLED = ("site", "date")
"""Placeholders that every sentence may use: the inspector's remark, the site's name, the day."""


def check_library(library: Library) -> tuple[Problem, ...]:
    """Return everything that is wrong with the rules, sorted; 待核 citations and draft problems among it."""
    problems: list[Problem] = list(library.problems)
    for check in _CHECKS:
        problems += check(library)
    if library.levels and not errors(problems):
        problems += check_locks(library)
    return sort(problems)


def condition_problems(text: str, scope: Scope, document: Document, loc: Loc) -> tuple[Condition | None, list[Problem]]:
    """Return the condition at loc bound to the scope, or None, and what is wrong with it, each at its place."""
    try:
        condition = parse(text)
    except ConditionError as error:
        mark = document.inner_mark(loc, *error.span)
        return None, [problem("E301", mark, reason=error.reason, todo=error.todo)]
    bound, complaints = check_condition(condition, scope)
    found = [problem(c.code, document.inner_mark(loc, *c.span), **c.fields) for c in complaints]
    return (None if found else bound), found


def _check_rules(library: Library) -> Iterator[Problem]:
    release = any_release(library)
    if release is None:
        return
    places = {rule.id: (priority, index, rule) for priority, index, rule in rules_of(library)}
    for name, site_type in release.site_types.items():
        base = site_scopes(library)[name]
        for item in site_type.items:
            priority, index, rule = places[item.rule]
            document, top = library.priorities[priority].document, ("rules", index)
            if item.only_if is not None:
                scope = tailoring_scope(site_type)
                yield from condition_problems(item.only_if, scope, document, (*top, "only_if"))[1]
            for finding in item.findings:
                where: Loc = (*top, *finding_loc(rule, finding.id))
                scope = item_scope(base, item, finding)
                if scope.row_of in library.broken:
                    continue
                if scope.row_of and not scope.columns(scope.row_of):
                    mark = document.mark((*where, "each"))
                    yield problem("E303", mark, reason=f"“{finding.each}” 不是表，不能逐行判定", todo="请删去 each")
                    continue
                yield from condition_problems(finding.condition, scope, document, (*where, "finding_if"))[1]
                allowed = sentence_names(scope, item.details, rule)
                yield from _sentence_problems(finding.sentence, allowed, document.mark((*where, "finding")))


def _check_changed(library: Library) -> Iterator[Problem]:
    """Yield what is wrong with the conditions and sentences that layers and campaigns write anew, where they say it."""
    rules = {rule.id: rule for _, _, rule in rules_of(library)}
    for placed in all_changes(library):
        change, document, at = placed.change, placed.document, ("changes", placed.number)
        rule = rules.get(change.rule)
        if rule is None or placed.campaign not in library.campaigns:
            continue
        release = resolve(library, placed.campaign)
        for name in change.sites or tuple(rule.applies_to):
            kind = release.site_types.get(name)
            item = next((i for i in kind.items if i.rule == rule.id), None) if kind is not None else None
            if kind is None or item is None:
                continue
            scope = item_scope(site_scope(kind, release.grids), item, item.findings[0])
            if change.only_if is not None:
                yield from condition_problems(change.only_if, tailoring_scope(kind), document, (*at, "only_if"))[1]
            if change.finding_if is not None:
                yield from condition_problems(change.finding_if, scope, document, (*at, "finding_if"))[1]
            if change.finding is not None:
                allowed = sentence_names(scope, item.details, rule)
                yield from _sentence_problems(change.finding, allowed, document.mark((*at, "finding")))


def finding_loc(rule: Rule, id_: str) -> Loc:
    """Return where a finding stands in its rule: nowhere further for the main one."""
    return next((("further", number) for number, f in enumerate(rule.further) if f.id == id_), ())


def sentence_names(scope: Scope, details: Iterable[str], rule: Rule | None) -> list[str]:
    """Return the placeholders that a finding's sentence may use."""
    names = [*ALWAYS_FILLED, "note", "answer", *details]
    if scope.row_of:
        names += scope.columns(scope.row_of)
    spec_columns = scope.columns(scope.own)
    if "reading" in spec_columns:
        names.append("readings")
    elif spec_columns and not scope.row_of:
        names.append("rows")
    return names


def _sentence_problems(sentence: str, allowed: list[str], mark: Mark) -> Iterator[Problem]:
    if has_loose_brace(sentence):
        yield problem("E205", mark, text=sentence, reason="花括号里应为名称，例如 {readings}")
    for name in placeholders(sentence):
        if name not in allowed:
            yield problem("E306", mark, name=name, allowed="、".join(allowed))


def _check_escalations(library: Library) -> Iterator[Problem]:
    loaded = library.escalations
    release = any_release(library)
    if loaded is None or release is None:
        return
    _, cycle = layers(loaded.value.escalations)
    if cycle:
        index = next(i for i, e in enumerate(loaded.value.escalations) if e.id == cycle[0])
        yield problem("E405", loaded.document.mark(("escalations", index, "id")), cycle=" → ".join(cycle))
    scope = union_of(site_scopes(library).values())
    resolved = {e.id: e for e in release.escalations}
    for index, escalation in enumerate(loaded.value.escalations):
        if escalation.id not in resolved or library.unreadable_rules:
            continue
        inner = escalation_scope(scope, resolved[escalation.id], release.escalations)
        loc = ("escalations", index, "finding_if")
        yield from condition_problems(escalation.finding_if, inner, loaded.document, loc)[1]
        allowed = [*ALWAYS_FILLED, *escalation.same, "title", "parents"]
        yield from _sentence_problems(
            escalation.finding, allowed, loaded.document.mark(("escalations", index, "finding"))
        )


def _check_campaigns(library: Library) -> Iterator[Problem]:
    for name, loaded in library.campaigns.items():
        campaign = loaded.value
        if campaign.period.start > campaign.period.end:
            yield problem("E413", loaded.document.mark(("period",)), what="行动", reason="结束早于开始")
        if loaded.value.extends is not None:
            if loaded.value.extends not in {*library.campaigns, *library.broken}:
                mark = loaded.document.mark(("extends",))
                yield not_found(mark, loaded.value.extends, "行动", library.campaigns)
        elif name not in library.clauses and name not in library.broken:
            mark = loaded.document.mark(("campaign",))
            yield not_found(mark, f"{name}.clauses.yaml", "方案条款文件", library.clauses)
        for index, stage in enumerate(campaign.stages):
            if stage.period.start not in campaign.period or stage.period.end not in campaign.period:
                mark = loaded.document.mark(("stages", index))
                yield problem("E413", mark, what="阶段", reason="超出行动起止日期")


def _check_grading(library: Library) -> Iterator[Problem]:
    for name, loaded in sorted(library.grading.items()):
        if loaded.value.grading != name:
            yield problem("E406", loaded.document.mark(("grading",)), expected=f"{loaded.value.grading}.yaml")
        ledger = library.ledgers.get(loaded.value.ledger)
        if ledger is None:
            yield not_found(loaded.document.mark(("ledger",)), loaded.value.ledger, "台账", set(library.ledgers))
            continue
        scope = grading_scope(ledger.value)
        for index, row in enumerate(loaded.value.rows):
            yield from condition_problems(row.when, scope, loaded.document, ("rows", index, "when"))[1]


def _check_notes(library: Library) -> Iterator[Problem]:
    """Yield change notes that cannot be read: whose change it was would be lost without a word."""
    files, problems = read_files(library.place, "rules/changes", ChangesFile)
    yield from problems
    for name, loaded in sorted(files.items()):
        if loaded.value.campaign != name:
            yield problem("E406", loaded.document.mark(("campaign",)), expected=f"{loaded.value.campaign}.yaml")


_CHECKS: tuple[Callable[[Library], Iterable[Problem]], ...] = (
    check_names, check_ids, check_references, check_site_types, check_clauses, check_citation_sites,
    _check_rules, _check_escalations, check_cases, check_escalation_cases, _check_campaigns, check_instruments,
    check_citations, check_basis_dates, check_answers, check_deadlines, check_calendars, check_ledgers, check_clocks,
    check_look_back, _check_grading, check_tables, check_summaries, check_open, check_changes, _check_changed,
    _check_notes, check_conditions, check_unreachable, check_overlaps, check_doubles, check_unused, check_wording,
    check_stages,
)  # fmt: skip

"""The tests that rules carry: every finding has one, and what they name exists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.library.check_names import finding_ids, not_found
from engine.library.load import Library
from engine.library.resolve import rules_of
from engine.model.questions import Rows
from engine.model.rules import Case, Escalation, Rule
from engine.problems import Problem, problem
from engine.source import Document, Loc


def check_cases(library: Library) -> Iterator[Problem]:
    """Yield findings that no case finds, rules without a case that finds nothing, and names that are not there."""
    known = _all_findings(library)
    for priority, index, rule in rules_of(library):
        document = library.priorities[priority].document
        found = {id_ for case in rule.cases for id_ in _found(case.finds)}
        for loc, id_ in finding_ids(index, rule):
            if id_ not in found:
                yield problem("E403", document.mark(loc), rule=id_, what="应当发现")
        if not any(case.finds == "nothing" for case in rule.cases):
            yield problem("E403", document.mark(("rules", index, "id")), rule=rule.id, what="不应发现")
        for place, case in enumerate(rule.cases):
            yield from _case(library, rule, case, document, ("rules", index, "cases", place), index, known)


def check_escalation_cases(library: Library) -> Iterator[Problem]:
    """Yield escalations without a case that fires or one that does not, and names that are not there."""
    loaded = library.escalations
    if loaded is None:
        return
    known = _all_findings(library)
    for index, escalation in enumerate(loaded.value.escalations):
        mark = loaded.document.mark(("escalations", index, "id"))
        if not any(case.fires for case in escalation.cases):
            yield problem("E403", mark, rule=escalation.id, what="应当成立")
        if all(case.fires for case in escalation.cases):
            yield problem("E403", mark, rule=escalation.id, what="不应成立")
        if not library.unreadable_rules:
            yield from _escalation_names(library, escalation, loaded.document, ("escalations", index), known)


def _case(
    library: Library, rule: Rule, case: Case, document: Document, loc: Loc, index: int, known: frozenset[str]
) -> Iterator[Problem]:
    own = {id_ for _, id_ in finding_ids(index, rule)}
    for id_ in _found(case.finds):
        if id_ not in own:
            yield not_found(document.mark((*loc, "finds")), id_, "本规则的问题", own)
    if case.site_type is not None and case.site_type not in rule.applies_to:
        yield not_found(document.mark((*loc, "site_type")), case.site_type, "规则适用的单位类型", rule.applies_to)
    types = [library.site_types[name].value for name in rule.applies_to if name in library.site_types]
    attributes = {name for kind in types for name in kind.attributes}
    for name in case.site:
        if types and name not in attributes:
            yield not_found(document.mark((*loc, "site", name), key=True), name, "单位属性", attributes)
    if not library.unreadable_rules:
        yield from _unknown(case.earlier, document, (*loc, "earlier"), known)


def _escalation_names(
    library: Library, escalation: Escalation, document: Document, loc: Loc, known: frozenset[str]
) -> Iterator[Problem]:
    columns = _key_columns(library)
    for place, name in enumerate(escalation.same):
        if name not in columns:
            yield not_found(document.mark((*loc, "same", place)), name, "各表的区分栏目", columns)
    for place, case in enumerate(escalation.cases):
        where: Loc = (*loc, "cases", place)
        for number, found in enumerate(case.found):
            if found.finding not in known:
                yield not_found(document.mark((*where, "found", number)), found.finding, "问题", known)
        yield from _unknown(case.earlier, document, (*where, "earlier"), known)
        yield from _unknown(case.unknown, document, (*where, "unknown"), known)


def _unknown(ids: Iterable[str], document: Document, loc: Loc, known: frozenset[str]) -> Iterator[Problem]:
    for place, id_ in enumerate(ids):
        if id_ not in known:
            yield not_found(document.mark((*loc, place)), id_, "问题", known)


def _all_findings(library: Library) -> frozenset[str]:
    return frozenset(id_ for _, index, rule in rules_of(library) for _, id_ in finding_ids(index, rule))


def _key_columns(library: Library) -> set[str]:
    tables = [loaded.value.answer for loaded in library.grids.values()]
    tables += [rule.answer for _, _, rule in rules_of(library) if isinstance(rule.answer, Rows)]
    return {name for table in tables for name in table.key} | {"device", "position"}


def _found(finds: object) -> tuple[str, ...]:
    if isinstance(finds, tuple):
        return finds
    return () if finds in ("nothing", "unknown") else (str(finds),)

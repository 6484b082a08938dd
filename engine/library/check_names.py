"""The names in the rules: ids are unique, and what a file refers to exists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.library.check_law import citations
from engine.library.load import Library
from engine.library.resolve import rules_of
from engine.model.rules import Application, Identity, Rule
from engine.problems import Mark, Problem, did_you_mean, problem
from engine.source import Document, Loc


def check_names(library: Library) -> Iterator[Problem]:
    """Yield files whose name is not that of their content."""
    for folder, name_of in _NAMED:
        for name, loaded in getattr(library, folder).items():
            written = getattr(loaded.value, name_of)
            if written != name:
                yield problem("E406", loaded.document.mark((name_of,)), expected=written + ".yaml")


_NAMED = (
    ("priorities", "priority"), ("grids", "grid"), ("instruments", "instrument"), ("campaigns", "campaign"),
    ("clauses", "campaign"), ("calendars", "calendar"), ("wording", "wording"), ("site_types", "site_type"),
)  # fmt: skip


def check_ids(library: Library) -> Iterator[Problem]:
    """Yield ids and printed codes that are used twice, and ids outside their priority."""
    first: dict[str, Mark] = {}

    def once(id_: str, mark: Mark) -> Iterator[Problem]:
        if id_ in first:
            yield problem("E401", mark, id=id_, first=f"{first[id_].path}:{first[id_].line}")
        first.setdefault(id_, mark)

    for priority, index, rule in rules_of(library):
        document = library.priorities[priority].document
        for loc, id_ in finding_ids(index, rule):
            if not id_.startswith(f"{priority}."):
                yield problem("E411", document.mark(loc), expected=f"{priority}.")
            yield from once(id_, document.mark(loc))
        for site_type, application in rule.applies_to.items():
            loc = ("rules", index, "applies_to", site_type, "code")
            yield from once(application.code, document.mark(loc))
    if library.escalations is not None:
        for index, escalation in enumerate(library.escalations.value.escalations):
            yield from once(escalation.id, library.escalations.document.mark(("escalations", index, "id")))


def check_references(library: Library) -> Iterator[Problem]:
    """Yield tables and site types that are named but not there, and codes of another site type."""
    for priority, index, rule in rules_of(library):
        document, top = library.priorities[priority].document, ("rules", index)
        if rule.answer_from is not None and rule.answer_from not in {*library.grids, *library.broken}:
            yield not_found(document.mark((*top, "answer_from")), rule.answer_from, "共用表", library.grids)
        for loc, each in _eaches(index, rule):
            if each not in {"answer", *library.grids, *library.broken}:
                yield not_found(document.mark(loc), each, "共用表", library.grids)
        for site_type, application in rule.applies_to.items():
            yield from _application(
                library, priority, site_type, application, document, (*top, "applies_to", site_type)
            )


def check_site_types(library: Library) -> Iterator[Problem]:
    """Yield identity fields given twice, and priorities that are not there or stand in two sections."""
    for name, loaded in library.site_types.items():
        yield from _fields_twice("identity", loaded.value.identity, loaded.document)
        yield from _fields_twice("unlicensed_identity", loaded.value.unlicensed_identity, loaded.document)
        first: dict[str, str] = {}
        for i, section in enumerate(loaded.value.sections):
            for j, priority in enumerate(section.priorities):
                mark = loaded.document.mark(("sections", i, "priorities", j))
                if priority in first:
                    yield problem("E416", mark, priority=priority, section=first[priority])
                first.setdefault(priority, section.title)
                if priority not in library.priorities and priority not in library.broken:
                    yield not_found(mark, priority, f"{name} 的主题", library.priorities)


def _fields_twice(key: str, fields: tuple[Identity, ...], document: Document) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for i, identity in enumerate(fields):
        if seen.setdefault(identity.id, i) != i:
            yield problem(
                "E401", document.mark((key, i, "id")), id=identity.id, first=f"{key} 第 {seen[identity.id] + 1} 项"
            )


def check_clauses(library: Library) -> Iterator[Problem]:
    """Yield clauses that no plan has."""
    known = {c.id for loaded in library.clauses.values() for c in loaded.value.clauses}
    for clause, document, loc in _clauses(library):
        if clause not in known and clause[2:6] not in library.broken:
            yield not_found(document.mark(loc), clause, "方案条款", known)


def check_citation_sites(library: Library) -> Iterator[Problem]:
    """Yield citations limited to site types that do not exist, or to attributes that their site types lack."""
    for placed in citations(library):
        sites = placed.citation.sites or tuple(library.site_types)
        attributes = {n for s in sites if s in library.site_types for n in library.site_types[s].value.attributes}
        for name in placed.citation.where:
            if name not in attributes and attributes and not library.unreadable_sites:
                mark = placed.document.mark((*placed.loc, "where", name), key=True)
                yield not_found(mark, name, "单位属性", attributes)
        for index, name in enumerate(placed.citation.sites):
            if name not in library.site_types and name not in library.broken:
                mark = placed.document.mark((*placed.loc, "sites", index))
                yield not_found(mark, name, "单位类型", library.site_types)


def _application(
    library: Library, priority: str, site_type: str, application: Application, document: Document, loc: Loc
) -> Iterator[Problem]:
    file = library.site_types.get(site_type)
    if file is None:
        if site_type not in library.broken:
            yield not_found(document.mark(loc, key=True), site_type, "单位类型", library.site_types)
    elif not application.code.startswith(file.value.code + "-"):
        mark = document.mark((*loc, "code"))
        yield problem("E205", mark, text=application.code, reason=f"应以 {file.value.code}- 开头")
    elif not any(priority in section.priorities for section in file.value.sections):
        yield problem("E407", document.mark(loc, key=True), site_type=site_type, priority=priority)


def _clauses(library: Library) -> Iterator[tuple[str, Document, Loc]]:
    for priority, index, rule in rules_of(library):
        for place, clause in enumerate(rule.clauses):
            yield clause, library.priorities[priority].document, ("rules", index, "clauses", place)
        for site_type, application in rule.applies_to.items():
            for place, clause in enumerate(application.clauses or ()):
                loc = ("rules", index, "applies_to", site_type, "clauses", place)
                yield clause, library.priorities[priority].document, loc
    if library.escalations is not None:
        for index, escalation in enumerate(library.escalations.value.escalations):
            for place, clause in enumerate(escalation.clauses):
                yield clause, library.escalations.document, ("escalations", index, "clauses", place)
    yield from _clauses_of_campaigns(library)
    for loaded in library.clauses.values():
        for index, written in enumerate(loaded.value.clauses):
            for place, earlier in enumerate(written.same_as):
                yield earlier, loaded.document, ("clauses", index, "same_as", place)


def _clauses_of_campaigns(library: Library) -> Iterator[tuple[str, Document, Loc]]:
    for loaded in library.campaigns.values():
        if loaded.value.focus_areas is not None:
            yield loaded.value.focus_areas.clause, loaded.document, ("focus_areas", "clause")
        for index, focus in enumerate(loaded.value.focus_products):
            yield focus.clause, loaded.document, ("focus_products", index, "clause")
        for index, deadline in enumerate(loaded.value.deadlines):
            for place, clause in enumerate(deadline.clauses):
                yield clause, loaded.document, ("deadlines", index, "clauses", place)


def finding_ids(index: int, rule: Rule) -> Iterator[tuple[Loc, str]]:
    """Yield the places and ids of everything that a rule can find."""
    yield ("rules", index, "id"), rule.id
    for number, further in enumerate(rule.further):
        yield ("rules", index, "further", number, "id"), further.id


def _eaches(index: int, rule: Rule) -> Iterator[tuple[Loc, str]]:
    if rule.each is not None:
        yield ("rules", index, "each"), rule.each
    for number, further in enumerate(rule.further):
        if further.each is not None:
            yield ("rules", index, "further", number, "each"), further.each


def not_found(mark: Mark, name: str, what: str, known: Iterable[str]) -> Problem:
    """Return the problem of a name that does not exist, with the nearest that does or, without one, those there are."""
    names = sorted(known)
    listed = f"可用：{'、'.join(names[:15])}" if names else ""
    return problem("E402", mark, name=name, what=what, suggestion=did_you_mean(name, names) or listed)

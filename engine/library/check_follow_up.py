"""Ledgers, clocks and look-back tables: what they name exists, and their files are called as they are."""

from __future__ import annotations

from collections.abc import Iterator

from engine.library.check_names import not_found
from engine.library.load import Library
from engine.library.resolve import rules_of
from engine.model.clocks import Clock
from engine.model.ledgers import LedgerFile
from engine.problems import Problem, problem
from engine.source import Document, Loc

_KEPT = {"site", "inspection", "finding"}
"""What a column may refer to beside a ledger."""


def check_ledgers(library: Library) -> Iterator[Problem]:
    """Yield ledgers that are not called as their file, share a prefix, or refer to what is not there."""
    known = _KEPT | set(library.ledgers)
    prefixes: dict[str, str] = {}
    for name, loaded in sorted(library.ledgers.items()):
        ledger, document = loaded.value, loaded.document
        if ledger.ledger != name:
            yield problem("E406", document.mark(("ledger",)), expected=f"{ledger.ledger}.yaml")
        if prefixes.setdefault(ledger.prefix, name) != name:
            first = f"rules/ledgers/{prefixes[ledger.prefix]}.yaml"
            yield problem("E401", document.mark(("prefix",)), id=ledger.prefix, first=first)
        for id_, column in ledger.columns.items():
            if column.refers is not None and column.refers not in known | library.broken:
                yield not_found(document.mark(("columns", id_, "refers")), column.refers, "台账", known)
        yield from _unknown_clauses(library, document, ("clauses",), ledger.clauses)


def check_clocks(library: Library) -> Iterator[Problem]:
    """Yield clocks of no known ledger, of columns that it does not have, and two of one id."""
    first: dict[str, str] = {}
    for _, loaded in sorted(library.clocks.items()):
        document = loaded.document
        for index, clock in enumerate(loaded.value.clocks):
            loc: Loc = ("clocks", index)
            if clock.id in first:
                yield problem("E401", document.mark((*loc, "id")), id=clock.id, first=first[clock.id])
            first.setdefault(clock.id, document.path)
            yield from _unknown_clauses(library, document, (*loc, "clauses"), clock.clauses)
            ledger = library.ledgers.get(clock.ledger)
            if ledger is not None:
                yield from _columns(clock, ledger.value, document, loc)
            elif clock.ledger not in library.broken:
                yield not_found(document.mark((*loc, "ledger")), clock.ledger, "台账", set(library.ledgers))
        for index, duty in enumerate(loaded.value.yearly):
            for place, name in enumerate(duty.site_types):
                if name not in library.site_types and name not in library.broken:
                    mark = document.mark(("yearly", index, "site_types", place))
                    yield not_found(mark, name, "单位类型", set(library.site_types))


def _columns(clock: Clock, ledger: LedgerFile, document: Document, loc: Loc) -> Iterator[Problem]:
    named: list[tuple[Loc, str]] = [(("from",), clock.start), *((("until", n), c) for n, c in enumerate(clock.until))]
    named += [(("where", name), name) for name in clock.where]
    named += [(("on",), clock.on)] if clock.on else []
    named += [(("extension", "granted"), clock.extension.granted)] if clock.extension else []
    for where, name in named:
        if name not in ledger.columns:
            yield not_found(document.mark((*loc, *where)), name, f"{ledger.title}的栏目", set(ledger.columns))


def check_look_back(library: Library) -> Iterator[Problem]:
    """Yield look-back tables that name rules, priorities or site types that are not there."""
    rules = {rule.id for _, _, rule in rules_of(library)}
    rules |= {further.id for _, _, rule in rules_of(library) for further in rule.further}
    for name, loaded in sorted(library.look_back.items()):
        document = loaded.document
        if loaded.value.look_back != name:
            yield problem("E406", document.mark(("look-back",)), expected=f"{loaded.value.look_back}.yaml")
        yield from _unknown_clauses(library, document, ("clauses",), loaded.value.clauses)
        for index, risk in enumerate(loaded.value.classes):
            for key, what, known in (
                ("priorities", "主题", set(library.priorities)), ("rules", "规则", rules),
                ("site_types", "单位类型", set(library.site_types)),
            ):  # fmt: skip
                for place, named in enumerate(getattr(risk, key)):
                    if named not in known and named.split(".")[0] not in library.broken:
                        yield not_found(document.mark(("classes", index, key, place)), named, what, known)


def _unknown_clauses(library: Library, document: Document, loc: Loc, clauses: tuple[str, ...]) -> Iterator[Problem]:
    known = {clause.id for loaded in library.clauses.values() for clause in loaded.value.clauses}
    years = {id_.split("-")[0] for id_ in known}
    for place, clause in enumerate(clauses):
        if clause not in known and clause.split("-")[0] in years:
            yield not_found(document.mark((*loc, place)), clause, "方案条款", known)

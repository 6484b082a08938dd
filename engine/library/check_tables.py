"""The tables of rules/tables/: read, and everything that they name is there."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from engine.library.check_names import not_found
from engine.library.files import Place
from engine.library.load import Library, Loaded, read_files
from engine.library.resolve import rules_of
from engine.model.ledgers import LedgerFile
from engine.model.summaries import OfFigures, SummaryFile
from engine.model.tables import (
    AtLeast,
    AtMost,
    Column,
    OfColumns,
    OfFollowUp,
    OfLedger,
    OfRegister,
    OfVisits,
    Share,
    TableFile,
    VisitFilter,
)
from engine.problems import Mark, Problem, did_you_mean, problem
from engine.source import Document, Loc

FOLDER = "rules/tables"
SUMMARIES = "rules/summaries"
_NAMED = re.compile(r"\{([a-z][a-z0-9_]*)(?:\.period)?\}")


def read_table_file(place: Place, name: str) -> tuple[TableFile | None, list[Problem]]:
    """Return one table, or None and what is wrong with it or what the tables are called."""
    if f"{FOLDER}/{name}.yaml" not in (names := list(place.listing(FOLDER))):
        known = [path.rsplit("/", 1)[1].removesuffix(".yaml") for path in names]
        suggestion = did_you_mean(name, known) + f"可用：{'、'.join(known)}"
        return None, [problem("E850", name=name, suggestion=suggestion)]
    found, problems = read_files(place, FOLDER, TableFile)
    problems = [p for p in problems if p.mark.path == place.shown(f"{FOLDER}/{name}.yaml")]
    loaded = found.get(name)
    if loaded is not None:
        problems += _of_itself(name, loaded)
    return (None, problems) if problems or loaded is None else (loaded.value, [])


def read_tables(place: Place) -> tuple[list[TableFile], list[Problem]]:
    """Return every table by name, and what is wrong with them in themselves."""
    found, problems = read_files(place, FOLDER, TableFile)
    for name, loaded in sorted(found.items()):
        problems += _of_itself(name, loaded)
    return [found[name].value for name in sorted(found)], problems


def read_summary_file(place: Place, name: str) -> tuple[SummaryFile | None, list[Problem]]:
    """Return one summary, or None and what is wrong with it or what the summaries are called."""
    names = [path.rsplit("/", 1)[1].removesuffix(".yaml") for path in place.listing(SUMMARIES)]
    if name not in names:
        suggestion = did_you_mean(name, names) + f"可用：{'、'.join(names)}"
        return None, [problem("E869", name=name, suggestion=suggestion)]
    found, problems = read_files(place, SUMMARIES, SummaryFile)
    problems = [p for p in problems if p.mark.path == place.shown(f"{SUMMARIES}/{name}.yaml")]
    return (None, problems) if name not in found or problems else (found[name].value, [])


def check_summaries(library: Library) -> Iterator[Problem]:
    """Yield what is wrong with the summaries: tables, columns and clauses that are not there."""
    clauses = _known(library).clauses
    for name, loaded in sorted(library.summaries.items()):
        document = loaded.document
        if loaded.value.summary != name:
            yield problem("E406", document.mark(("summary",)), expected=f"{loaded.value.summary}.yaml")
        yield from _names(document, ("clauses",), loaded.value.clauses, "方案条款", clauses)
        for number, part in enumerate(loaded.value.parts):
            if not isinstance(part, OfFigures):
                continue
            loc: Loc = ("parts", number)
            if part.table not in library.tables:
                if part.table not in library.broken:
                    yield not_found(document.mark((*loc, "table")), part.table, "统计表", set(library.tables))
                continue
            columns = library.tables[part.table].value.columns
            yield from _names(document, (*loc, "columns"), part.columns, "统计表的栏目", columns)
            for place, sentence in enumerate(part.sentences):
                for each in _NAMED.findall(sentence):
                    if each not in columns:
                        mark = document.mark((*loc, "sentences", place))
                        yield not_found(mark, each, "统计表的栏目", columns)


class _Known(NamedTuple):
    """What a table may name."""

    broken: Collection[str]
    """Files that could not be read: what names them is not to blame."""
    ledgers: Mapping[str, LedgerFile]
    site_types: Collection[str]
    attributes: Collection[str] | None
    rules: Collection[str] | None
    """None: not all of them could be read."""
    priorities: Collection[str]
    areas: Collection[str]
    clauses: Collection[str]


def check_tables(library: Library) -> Iterator[Problem]:
    """Yield what is wrong with the tables: columns given twice, and names that are not there."""
    known = _known(library)
    for name, loaded in sorted(library.tables.items()):
        yield from _of_itself(name, loaded)
        for loc, column in _columns(loaded.value):
            yield from _column(column, known, loaded.document, loc)
        yield from _names(loaded.document, ("clauses",), loaded.value.clauses, "方案条款", known.clauses)


def _known(library: Library) -> _Known:
    rules = {id_ for _, _, rule in rules_of(library) for id_ in (rule.id, *(f.id for f in rule.further))}
    if library.escalations is not None:
        rules |= {e.id for e in library.escalations.value.escalations}
    campaigns = [loaded.value for loaded in library.campaigns.values()]
    return _Known(
        ledgers={name: loaded.value for name, loaded in library.ledgers.items()},
        broken=library.broken, site_types={*library.site_types, *library.broken},
        attributes=None if library.unreadable_sites
        else {name for loaded in library.site_types.values() for name in loaded.value.attributes},
        rules=None if library.unreadable_rules else rules, priorities={*library.priorities, *library.broken},
        areas={name for c in campaigns if c.focus_areas for name in c.focus_areas.names},
        clauses={c.id for loaded in library.clauses.values() for c in loaded.value.clauses},
    )  # fmt: skip


def _columns(table: TableFile) -> Iterator[tuple[Loc, Column]]:
    for number, part in enumerate(table.parts):
        for name, column in part.columns.items():
            yield ("parts", number, "columns", name), column


def _of_itself(name: str, loaded: Loaded[TableFile]) -> Iterator[Problem]:
    """Yield what can be said of a table without the other rules."""
    table, document = loaded.value, loaded.document
    if table.table != name:
        yield problem("E406", document.mark(("table",)), expected=f"{table.table}.yaml")
    first: dict[str, Mark] = {}
    for loc, column in _columns(table):
        mark = document.mark(loc, key=True)
        id_ = str(loc[-1])
        if id_ in first:
            yield problem("E401", mark, id=id_, first=f"{first[id_].path}:{first[id_].line}")
        yield from _made_of(column, set(first), document, loc)
        first.setdefault(id_, mark)
        if column.within is not None and column.within not in table.columns:
            yield not_found(document.mark((*loc, "within")), column.within, "本表的栏目", table.columns)
    for number, check in enumerate(table.checks):
        named = {"left": check.left, "right": check.right} if isinstance(check, AtMost) else {}
        if isinstance(check, AtLeast):
            named = {"column": (check.column,), "where": (check.where,)}
        for key, names in named.items():
            yield from _names(document, ("checks", number, key), names, "本表的栏目", table.columns)


def _made_of(column: Column, before: set[str], document: Document, loc: Loc) -> Iterator[Problem]:
    """Yield columns that a column is made of and that do not stand before it, and units that cannot be."""
    source, where = column.source, (*loc, "source")
    named: dict[str, tuple[str, ...]] = {}
    if isinstance(source, OfColumns):
        named = {"add": source.add, "subtract": source.subtract}
    elif isinstance(source, Share):
        named = {"part": (source.part,), "whole": (source.whole,)}
    for key, names in named.items():
        yield from _names(document, (*where, key), names, "前面的栏目", before)
    if (column.unit == "%") != isinstance(source, Share):
        yield problem("E851", document.mark((*loc, "unit")), unit=column.unit, reason="% 只用于 type: share 的栏目")


def _column(column: Column, known: _Known, document: Document, loc: Loc) -> Iterator[Problem]:
    source, where = column.source, (*loc, "source")
    yield from _names(document, (*loc, "clauses"), column.clauses, "方案条款", known.clauses)
    if isinstance(source, (OfVisits, OfFollowUp)):
        yield from _visits(source.where, known, document, (*where, "where"))
    elif isinstance(source, OfLedger):
        yield from _ledger(source, column, known, document, where)
    elif isinstance(source, OfRegister):
        yield from _names(document, (*where, "site_types"), source.site_types, "单位类型", known.site_types)
        yield from _names(document, (*where, "attributes"), source.attributes, "业务范围属性", known.attributes)


def _visits(where: VisitFilter, known: _Known, document: Document, loc: Loc) -> Iterator[Problem]:
    yield from _names(document, (*loc, "site_types"), where.site_types, "单位类型", known.site_types)
    yield from _names(document, (*loc, "attributes"), where.attributes, "业务范围属性", known.attributes)
    yield from _names(document, (*loc, "areas"), where.areas, "行动的重点区域", known.areas)
    if where.has is not None:
        yield from _names(document, (*loc, "has", "rules"), where.has.rules, "规则", known.rules)
        yield from _names(document, (*loc, "has", "priorities"), where.has.priorities, "主题", known.priorities)


def _ledger(source: OfLedger, column: Column, known: _Known, document: Document, loc: Loc) -> Iterator[Problem]:
    ledger = known.ledgers.get(source.ledger)
    if ledger is None:
        if source.ledger not in known.broken:
            yield not_found(document.mark((*loc, "ledger")), source.ledger, "台账", known.ledgers)
        return
    yield from _names(document, (*loc, "site_types"), source.site_types, "单位类型", known.site_types)
    what = f"台账 {source.ledger} 的栏目"
    named = {"day": (source.day,), "field": (source.field,) if source.field else (), "filled": source.filled}
    for key, names in named.items():
        yield from _names(document, (*loc, key), names, what, ledger.columns)
    for name, allowed in source.where.items():
        mark = document.mark((*loc, "where", name), key=True)
        if name not in ledger.columns:
            yield not_found(mark, name, what, ledger.columns)
            continue
        options = ledger.columns[name].options
        for value in allowed:
            if ledger.columns[name].type == "yes_no" and isinstance(value, bool):
                continue
            if value not in options:
                yield not_found(mark, str(value), f"{what} {name} 的取值", options)
    kind = ledger.columns[source.day].type if source.day in ledger.columns else "date"
    if kind not in ("date", "moment"):
        yield problem("E851", document.mark((*loc, "day")), unit=source.day, reason="应为日期的栏目")
    summed = ledger.columns.get(source.field or "")
    if summed is not None and ((summed.type == "money") != (column.unit == "万元") or summed.type not in _SUMMED):
        reason = "求和的栏目应为金额（单位万元）或计数（其他单位）"
        yield problem("E851", document.mark((*loc, "field")), unit=source.field, reason=reason)


_SUMMED = ("money", "count", "days")


def _names(
    document: Document, loc: Loc, names: Iterable[str], what: str, known: Collection[str] | None
) -> Iterator[Problem]:
    """Yield names that are not known; none if what is known could not be read."""
    for place, name in enumerate(names):
        if known is not None and name not in known:
            yield not_found(document.mark((*loc, place)), name, what, known)

"""Filing a table: frozen with the list behind each figure; what changes afterwards is a correction of the next one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Literal, NamedTuple

from engine.model.tables import Column, OfColumns, OfLedger, OfVisits, TableFile
from engine.model.workspace import Cell, Filing
from engine.problems import Problem, problem
from engine.reports.computing import Computed, Figure, Figures, Filed, Row, Span, is_flow
from engine.reports.figures import title_of, written
from engine.reports.footing import faults_of_row
from engine.reports.situation import said_situation

Series = Literal["regular", "daily"]
"""Filings of a campaign one after the other; or of single days of a sprint week, which have gaps between them."""


class Act(NamedTuple):
    """Who files, when, and what they say about it."""

    at: str
    by: str
    head: str
    """Of the audit trail before this filing."""
    reviewer: str = ""
    phone: str = ""
    why: str = ""
    """The reason for corrections."""
    series: Series = "regular"
    zero: bool = False
    """零报告: what was not keyed is 0, and nothing but zeros is meant."""
    situation: str = ""
    """开展情况."""


def filed_ids(filings: Iterable[Filing], authority: str) -> dict[str, dict[str, frozenset[str]]]:
    """Return what the filings of a table counted, by unit and column; those of the authority under the empty name."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    for filing in in_order(filings):
        of_unit = found.setdefault("" if filing.unit == authority else filing.unit, {})
        for name, cell in filing.period.items():
            of_unit[name] = of_unit.get(name, frozenset()) | frozenset(cell.ids)
        for name, ids in filing.removed.items():
            of_unit[name] = of_unit.get(name, frozenset()) - frozenset(ids)
    return found


def in_order(filings: Iterable[Filing]) -> list[Filing]:
    """Return filings in the order in which they were made."""
    return sorted(filings, key=lambda filing: (filing.table, filing.unit, filing.serial))


def run_of(filings: Iterable[Filing], start: date) -> list[Filing]:
    """Return the filings, one day after the other, that a period beginning on this day goes on from; maybe none."""
    found: list[Filing] = []
    for filing in reversed(in_order(filings)):
        if filing.cut_off.toordinal() + 1 != (found[-1].start if found else start).toordinal():
            break
        found.append(filing)
    return found[::-1]


def make_filing(
    computed: Computed, row: Row, unit: str, earlier: Sequence[Filing], act: Act
) -> tuple[Filing, list[Problem]]:
    """Return the filing of a unit's row, and why it may not be made.

    earlier: those of this unit, table and series. The row must be computed with what they counted (filed_ids).
    """
    table, span = computed.table, computed.span
    earlier = in_order(earlier)
    previous = earlier[-1] if earlier else None
    before = run_of(earlier, span.start)
    row = _zeroed(table, row) if act.zero else row
    zero = all(not row.period[name].value for name, column in table.columns.items() if is_flow(column, table))
    corrections = _corrections(table, row, before[-1] if before else None)
    serial = (previous.serial if previous else 0) + 1
    filing = Filing(
        id=f"{table.table}-{'日报-' if act.series == 'daily' else ''}{unit}-{serial}", table=table.table,
        unit=unit, start=span.start, cut_off=span.end,
        serial=serial, filed=act.at, by=act.by, reviewer=act.reviewer, phone=act.phone, zero=zero and act.zero,
        period=_cells(table, row.period, ids=True), total=_cells(table, row.total, ids=False), corrections=corrections,
        why=act.why if corrections else "", head=act.head, people=computed.people,
        series=act.series, removed=_removed(table, row, filed_ids(before, unit).get("", {})),
        late={name: figure.ids for name, figure in row.late.items()}, situation=act.situation,
    )  # fmt: skip
    problems = [problem("E854", text=fault.text) for fault in faults_of_row(table, row, unit) if fault.hard]
    if previous is not None and span.end <= previous.cut_off:
        problems.append(problem("E856", unit=unit, table=table.table, day=previous.cut_off))
    if zero and not act.zero and not corrections:
        problems.append(problem("E857", unit=unit))
    if corrections and not act.why.strip():
        problems.append(problem("E858", unit=unit, text=said_corrections(table, corrections)))
    return filing, problems


def said_corrections(table: TableFile, corrections: Mapping[str, int]) -> str:
    """Return corrections in words: 检查 −1 家次."""
    columns = table.columns
    known = [(columns[name], value) for name, value in corrections.items() if name in columns]
    return "，".join(f"{title_of(c)} {signed(c, value)} {c.unit}" for c, value in known)


def signed(column: Column, value: int) -> str:
    """Return a change with its sign."""
    return f"{'＋' if value > 0 else '－'}{written(column, abs(value))}"


def computed_of(table: TableFile, filing: Filing, of_units: Iterable[Filing], span: Span) -> Computed:
    """Return a table as it was filed: the whole, and the rows of the units filed to the same cut-off."""
    rows = tuple(_row(table, each) for each in sorted(of_units, key=lambda each: each.unit))
    whole = _row(table, filing)
    return Computed(table, span, filing.people, rows or (whole,), whole)


def notes_of_filing(table: TableFile, filing: Filing) -> list[str]:
    """Return what belongs on a filed table: 零报告, 更正 with its reason."""
    found = ["零报告"] if filing.zero else []
    if filing.corrections:
        said = said_corrections(table, filing.corrections)
        found.append(f"更正（以前各期报过的数，已计入累计）：{said}。理由：{filing.why}")
    return [*found, *said_situation("", filing.situation)]


class Difference(NamedTuple):
    """A column whose filings do not add up: what the periods and corrections make, and what was filed as 累计."""

    column: str
    added: int
    total: int


def unreconciled(table: TableFile, filings: Sequence[Filing]) -> list[Difference]:
    """Return where 本期 and 更正 of the filings of one unit do not add up to the last 累计; nothing if all is well."""
    if not filings:
        return []
    found = []
    ordered = in_order(filings)
    for name, column in table.columns.items():
        if not adds_up(column, table):
            continue
        added = sum(_value(f.period, name) + f.corrections.get(name, 0) for f in ordered)
        total = _value(ordered[-1].total, name)
        if added != total:
            found.append(Difference(name, added, total))
    return found


def days_against(table: TableFile, week: Row, days: Iterable[Filing]) -> list[Difference]:
    """Return where the filings of the days of a sprint week, with corrections, differ from the week counted as one."""
    found, days = [], list(days)
    for name, column in table.columns.items():
        if adds_up(column, table):
            added = sum(_value(f.period, name) + f.corrections.get(name, 0) for f in days)
            total = week.period[name].value or 0
            if added != total:
                found.append(Difference(name, added, total))
    return found


def adds_up(column: Column, table: TableFile) -> bool:
    """Return whether the figures of periods add up to the cumulative one."""
    source = column.source
    if isinstance(source, OfColumns):
        return all(adds_up(table.columns[name], table) for name in (*source.add, *source.subtract))
    distinct = isinstance(source, (OfVisits, OfLedger)) and source.count == "sites"
    return is_flow(column, table) and not distinct


def next_start(filings: Iterable[Filing], first: date) -> date:
    """Return the day after the last cut-off, the first of the campaign before any filing."""
    days = [filing.cut_off for filing in filings]
    return date.fromordinal(max(days).toordinal() + 1) if days else first


def _corrections(table: TableFile, row: Row, previous: Filing | None) -> dict[str, int]:
    """Return by how much what was filed before has changed. 家 of periods do not add up: there only a loss shows."""
    if previous is None:
        return {}
    found = {}
    for name, column in table.columns.items():
        if not is_flow(column, table):
            continue
        change = (row.total[name].value or 0) - _value(previous.total, name)
        change = change - (row.period[name].value or 0) if adds_up(column, table) else min(0, change)
        if change:
            found[name] = change
    return found


def _removed(table: TableFile, row: Row, filed: Filed) -> dict[str, tuple[str, ...]]:
    found = {}
    for name, ids in filed.items():
        if name in table.columns and (gone := ids - set(row.total[name].ids)):
            found[name] = tuple(sorted(gone))
    return found


def _cells(table: TableFile, figures: Figures, *, ids: bool) -> dict[str, Cell]:
    """Return the figures to keep. The list of a sum is that of its parts, that of 累计 those of all periods."""
    found = {}
    for name, column in table.columns.items():
        figure = figures[name]
        if figure.value is not None:
            kept = ids and is_flow(column, table) and not isinstance(column.source, OfColumns)
            found[name] = Cell(value=figure.value, ids=figure.ids if kept else ())
    return found


def _zeroed(table: TableFile, row: Row) -> Row:
    """Return the row with 0 where nothing was keyed."""

    def filled(figures: Figures) -> dict[str, Figure]:
        return {
            name: Figure(0) if figures[name].value is None and is_flow(column, table) else figures[name]
            for name, column in table.columns.items()
        }

    return row._replace(period=filled(row.period), total=filled(row.total))


def _row(table: TableFile, filing: Filing) -> Row:
    def figures(cells: Mapping[str, Cell]) -> dict[str, Figure]:
        return {
            name: Figure(cells[name].value, cells[name].ids) if name in cells else Figure(None)
            for name in table.columns
        }

    late = {name: Figure(len(ids), ids) for name, ids in filing.late.items() if name in table.columns}
    return Row(filing.unit, figures(filing.period), figures(filing.total), late)


def _value(cells: Mapping[str, Cell], name: str) -> int:
    return cells[name].value if name in cells else 0

"""Whether the figures of a table fit each other (勾稽关系, STATS §3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from engine.model.tables import AtMost, Column, OfColumns, TableFile
from engine.reports.computing import Computed, Figures, Row, is_additive
from engine.reports.figures import title_of, written


class Fault(NamedTuple):
    """Figures that do not fit: in Chinese which and how; hard ones must not be filed."""

    hard: bool
    text: str


def faults_of(computed: Computed) -> list[Fault]:
    """Return what does not fit in a table: row by row, and the rows against all together."""
    found = []
    for row in (*computed.rows, computed.whole):
        found += faults_of_row(computed.table, row, name_of(computed, row))
    return found + list(_rows_against_whole(computed))


def faults_of_row(table: TableFile, row: Row, name: str) -> list[Fault]:
    """Return what does not fit in the figures of one unit."""
    found = [*_faults(table, values_of(row.total), f"{name}累计")]
    if table.shows == "both":  # what belongs together may fall into two periods
        found += [Fault(False, fault.text) for fault in _faults(table, values_of(row.period), f"{name}本期")]
    return found


def values_of(figures: Figures) -> dict[str, int | None]:
    """Return the bare figures."""
    return {name: figure.value for name, figure in figures.items()}


def name_of(computed: Computed, row: Row) -> str:
    """Return how a row is called in messages."""
    return "合计" if row is computed.whole else (row.unit or "未分配单位")


def _faults(table: TableFile, values: Mapping[str, int | None], where: str) -> Iterator[Fault]:
    columns = table.columns
    for name, column in columns.items():
        whole = values.get(column.within) if column.within else None
        value = values.get(name)
        if column.within and value is not None and whole is not None and value > whole:
            yield Fault(True, f"{where}：{_said(column, value)} 大于 {_said(columns[column.within], whole)}")
        if value is not None and value < 0:
            yield Fault(not isinstance(column.source, OfColumns), f"{where}：{_said(column, value)} 小于 0")
    for check in table.checks:
        note = f"；{check.note}" if check.note else ""
        if isinstance(check, AtMost):
            left, right = _sum(values, check.left), _sum(values, check.right)
            if left > right:
                yield Fault(check.hard, f"{where}：{_sum_said(columns, check.left, left)} 大于 "
                                        f"{_sum_said(columns, check.right, right)}{note}")  # fmt: skip
        elif (values.get(check.where) or 0) > 0 and (values.get(check.column) or 0) < check.least:
            said = _said(columns[check.column], values.get(check.column) or 0)
            yield Fault(check.hard, f"{where}：{said}，应不少于 {check.least}{note}")


def _rows_against_whole(computed: Computed) -> Iterator[Fault]:
    for name, column in computed.table.columns.items():
        if not is_additive(column, computed.table):
            continue
        added = sum(row.total[name].value or 0 for row in computed.rows)
        whole = computed.whole.total[name].value or 0
        if added != whole:
            yield Fault(True, f"各单位{title_of(column)}之和 {written(column, added)} 与合计 "
                              f"{written(column, whole)} 不符")  # fmt: skip


def _sum(values: Mapping[str, int | None], names: tuple[str, ...]) -> int:
    return sum(values.get(name) or 0 for name in names)


def _said(column: Column, value: int) -> str:
    return f"{title_of(column)} {written(column, value)} {column.unit}"


def _sum_said(columns: Mapping[str, Column], names: tuple[str, ...], value: int) -> str:
    titles = "、".join(title_of(columns[name]) for name in names[:4]) + ("等" if len(names) > 4 else "")
    column = columns[names[0]]
    return f"{titles}{'之和' if len(names) > 1 else ''} {written(column, value)} {column.unit}"

"""A table computed: for every unit and for all together, 本期 and 累计, each figure with its list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from engine.model.tables import Column, OfColumns, OfLedger, OfRegister, OfVisits, Share, Source, TableFile
from engine.reports.counting import Counter, Item, Kept, People


class Span(NamedTuple):
    """Which days a table is about: those of the campaign, and those of the period."""

    begin: date
    last: date
    """What happened after the last day of the campaign does not count."""
    start: date
    end: date
    """截止日：what was sealed later does not count yet, even if it happened before."""


class Figure(NamedTuple):
    """A figure: None is blank, which is not 0. What counts in it by id; what is counted once by its key."""

    value: int | None
    ids: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


Figures = Mapping[str, Figure]
"""Figures by their columns."""
Filed = Mapping[str, frozenset[str]]
"""What earlier filings of a unit counted, by column."""
NOTHING: Figure = Figure(0)


class Row(NamedTuple):
    """The figures of one unit, or of all together."""

    unit: str
    period: Figures
    """本期，含补报。"""
    total: Figures
    """累计。"""
    late: Figures = {}  # noqa: RUF012  # of a tuple: nobody can change it
    """补报：本期里日期在本期以前、以前各次没有报过的；没有的不列。"""
    pending: Figures = {}  # noqa: RUF012
    """截止日以后才归档的，计入下一次；没有的不列。"""


class Computed(NamedTuple):
    """A table with its figures."""

    table: TableFile
    span: Span
    people: People
    rows: tuple[Row, ...]
    whole: Row
    """All units together: 家 is distinct over all of them, never the sum of the rows."""
    outside: tuple[tuple[str, str], ...] = ()
    """Unit and id of final records from before or after the campaign: they count nowhere."""


class Counted:
    """What counts in each column of a table, ready to be cut by unit and period."""

    def __init__(self, table: TableFile, kept: Kept, people: People = "person-days") -> None:
        self.table, self.people = table, people
        self._counter = Counter(kept, people)
        self._items = {name: self._counter.items(column) for name, column in table.columns.items()}
        self._by_unit: dict[str, dict[str, list[Item]]] = {}
        for name, items in self._items.items():
            for item in items:
                self._by_unit.setdefault(item.unit, {}).setdefault(name, []).append(item)
        self._registered = {
            name: self._counter.registered(column.source)
            for name, column in table.columns.items()
            if isinstance(column.source, OfRegister)
        }

    def outside(self, span: Span) -> tuple[tuple[str, str], ...]:
        """Return unit and id of final records from before or after the campaign."""
        return tuple(self._counter.outside(span.begin, span.last))

    @property
    def units(self) -> set[str]:
        """Return the units that something counts for; the empty name is that of sites without a unit."""
        return {*self._by_unit, *(site.unit for sites in self._registered.values() for site in sites)}

    def row(self, unit: str | None, span: Span, filed: Filed | None = None, floor: date | None = None) -> Row:
        """Return the figures of a unit, of all together if it is None.

        filed: what earlier filings counted. What they did not is then the period's, as long as it is not from before
        the floor, the first day of those filings: 补报. Without it the period has what its days have.
        """
        first = span.start if filed is None else floor or span.begin
        period: dict[str, Figure] = {}
        total: dict[str, Figure] = {}
        late: dict[str, Figure] = {}
        pending: dict[str, Figure] = {}
        of_unit = self._items if unit is None else self._by_unit.get(unit, {})
        last = min(span.last, span.end)
        for name, column in self.table.columns.items():
            source = column.source
            if isinstance(source, (OfColumns, Share)):
                continue
            if isinstance(source, OfRegister):
                period[name] = total[name] = self._open(name, unit, span.end)
                continue
            items = [item for item in of_unit.get(name, ()) if span.begin <= item.day <= last]
            known = [item for item in items if item.known <= span.end]
            before = frozenset() if filed is None else filed.get(name, frozenset())
            new = [i for i in known if i.day >= first and i.id not in before]
            blank = source.type == "keyed" and not known
            total[name] = _figure(known, blank)
            period[name] = _figure(new, blank, _counted_before(source, known, before))
            for found, chosen in ((late, [i for i in new if i.day < span.start]),
                                  (pending, [i for i in items if i.known > span.end])):  # fmt: skip
                if chosen:
                    found[name] = _figure(chosen)
        for figures in (period, total):
            derive(self.table, figures)
        return Row(unit or "", period, total, late, pending)

    def _open(self, name: str, unit: str | None, day: date) -> Figure:
        chosen = [
            site.id
            for site in self._registered[name]
            if (unit is None or site.unit == unit) and (site.closed is None or site.closed > day)
        ]
        return Figure(len(chosen), tuple(sorted(chosen)))


def compute(
    table: TableFile,
    kept: Kept,
    span: Span,
    units: Iterable[str] = (),
    people: People = "person-days",
    filed: Mapping[str, Filed] | None = None,
    floor: date | None = None,
) -> Computed:
    """Return the table over all units: those given and every other that something counts for, by name.

    filed: what earlier filings counted, by unit, that of all together under the empty name; floor: see Counted.row().
    """
    counted = Counted(table, kept, people)
    names = sorted({*units, *counted.units} - {""}) + ([""] if "" in counted.units else [])
    none: Filed = {}
    rows = [counted.row(name, span, None if filed is None else filed.get(name or " ", none), floor) for name in names]
    whole = counted.row(None, span, None if filed is None else filed.get("", none), floor)
    return Computed(table, span, people, tuple(rows), whole, counted.outside(span))


def only(computed: Computed, unit: str) -> Computed:
    """Return the table with the row of one unit, which is then all."""
    row = next(row for row in computed.rows if row.unit == unit)
    outside = tuple(each for each in computed.outside if each[0] == unit)
    return computed._replace(rows=(row,), whole=row, outside=outside)


def derive(table: TableFile, figures: dict[str, Figure]) -> None:
    """Add the columns that are made of others: sums, differences, shares. A sum of blanks is blank."""
    for name, column in table.columns.items():
        source = column.source
        if isinstance(source, OfColumns):
            added = [figures[each] for each in source.add]
            taken = [figures[each] for each in source.subtract]
            if all(figure.value is None for figure in (*added, *taken)):
                figures[name] = Figure(None)
                continue
            value = sum(f.value or 0 for f in added) - sum(f.value or 0 for f in taken)
            figures[name] = Figure(value, _joined(added))
        elif isinstance(source, Share):
            part, whole = figures[source.part], figures[source.whole]
            figures[name] = Figure(_share(part.value, whole.value), part.ids)


def is_additive(column: Column, table: TableFile) -> bool:
    """Return whether the figures of units add up to those of all: 家, 人次 and shares do not."""
    source = column.source
    if isinstance(source, OfColumns):
        return all(is_additive(table.columns[name], table) for name in (*source.add, *source.subtract))
    if isinstance(source, (OfVisits, OfLedger)):
        return source.count not in ("sites", "people")
    return not isinstance(source, Share)


def is_flow(column: Column, table: TableFile) -> bool:
    """Return whether a column counts what happened in a period; the register and what rests on it do not."""
    source = column.source
    if isinstance(source, OfColumns):
        return all(is_flow(table.columns[name], table) for name in (*source.add, *source.subtract))
    return not isinstance(source, (OfRegister, Share))


def _figure(items: Sequence[Item], blank: bool = False, without: frozenset[str] = frozenset()) -> Figure:
    if blank:
        return Figure(None)
    ids = tuple(sorted({item.id for item in items}))
    keys = {item.key for item in items if item.key} - without
    added = sum(item.amount for item in items if not item.key)
    return Figure(added + len(keys), ids, tuple(sorted(keys)))


def _counted_before(source: Source, known: Sequence[Item], before: frozenset[str]) -> frozenset[str]:
    """Return the people of a day that an earlier filing counted: another visit that day does not count them again."""
    if not (isinstance(source, OfVisits) and source.count == "people" and before):
        return frozenset()
    return frozenset(item.key for item in known if item.id in before)


def _joined(figures: Iterable[Figure]) -> tuple[str, ...]:
    return tuple(sorted({id_ for figure in figures for id_ in figure.ids}))


def _share(part: int | None, whole: int | None) -> int | None:
    """Return hundredths of a percent, half up; blank without a whole."""
    return None if part is None or not whole else (part * 20000 + whole) // (whole * 2)

"""What was filed from a workspace: opened again, printed again, reconciled."""

from __future__ import annotations

from engine.library.check_tables import read_table_file
from engine.library.files import Place
from engine.model.roll_up import ReportFile
from engine.model.tables import Column, TableFile
from engine.model.workspace import Filing
from engine.problems import ProblemError, did_you_mean, problem
from engine.reports.computing import Computed, Figure, Span, compute, only
from engine.reports.counting import Kept
from engine.reports.figures import title_of, written
from engine.reports.filing import Difference, Series, computed_of, days_against, notes_of_filing, run_of, unreconciled
from engine.reports.handing_up import report_of
from engine.reports.layout import Filled
from engine.reports.situation import said_situation
from engine.workspace.store import Reader
from engine.workspace.tabling import Bureau, Wanted, bureau_of, filings_of, kept_of, known_unit, open_table


def open_figure(
    reader: Reader, place: Place, wanted: Wanted, column: str, of_period: bool, serial: int | None
) -> tuple[Column, Figure, Kept]:
    """Return a column, its figure with the list behind it, and what is kept. Raises ProblemError.

    serial: the figure as it was filed then; None: as it stands.
    """
    table = _table(reader, place, wanted.table)
    if column not in table.columns:
        suggestion = did_you_mean(column, table.columns) + "用 table show 查看各栏的名称"
        raise ProblemError([problem("E853", table=wanted.table, name=column, suggestion=suggestion)])
    if serial is None:
        opened = open_table(reader, place, wanted)
        row = opened.computed.whole
        return table.columns[column], (row.period if of_period else row.total)[column], opened.kept
    bureau = bureau_of(reader, place)
    filing = _filing(reader, bureau, wanted.table, wanted.unit, serial, wanted.series)
    cells = filing.period if of_period else filing.total
    value = cells[column].value if column in cells else None
    ids = set(filing.period[column].ids) if column in filing.period else set()
    if not of_period:
        ids = set()
        for each in filings_of(reader, wanted.table, filing.unit):
            if each.series == filing.series and each.serial <= serial:
                ids |= set(each.period[column].ids) if column in each.period else set()
                ids -= set(each.removed.get(column, ()))
    return table.columns[column], Figure(value, tuple(sorted(ids))), kept_of(reader, bureau.campaign)


def filed_table(
    reader: Reader, place: Place, name: str, unit: str | None, serial: int | None, series: Series
) -> tuple[Computed, Filled]:
    """Return a table as it was filed and what is said on it; the last filing without a number. Raises ProblemError."""
    bureau, table = bureau_of(reader, place), _table(reader, place, name)
    filing = _filing(reader, bureau, name, unit, serial, series)
    others = [f for f in filings_of(reader, name) if f.cut_off == filing.cut_off and f.series == filing.series]
    rows = [f for f in others if f.unit != bureau.authority] if filing.unit == bureau.authority else [filing]
    span = Span(bureau.period.start, bureau.period.end, filing.start, filing.cut_off)
    said = [line for f in sorted(others, key=lambda f: f.unit) if f in rows and f.unit != filing.unit
            for line in said_situation(f"{f.unit} ", f.situation)]  # fmt: skip
    number = f"{'日报' if filing.series == 'daily' else ''}第 {filing.serial} 次报送"
    filled = Filled(
        filing.unit, filing.head, number=number, reporter=filing.by, reviewer=filing.reviewer,
        phone=filing.phone or bureau.phone, filed=filing.filed[:10], notes=(*notes_of_filing(table, filing), *said),
        zero=filing.zero,
    )  # fmt: skip
    return computed_of(table, filing, rows, span), filled


def filings_report(
    reader: Reader, place: Place, name: str, unit: str | None, series: Series
) -> tuple[list[Filing], list[str]]:
    """Return the filings of a unit, else of the authority, and in Chinese where they do not add up."""
    bureau, table = bureau_of(reader, place), _table(reader, place, name)
    known_unit(bureau, unit)
    filings = [f for f in filings_of(reader, name, unit or bureau.authority) if f.series == series]
    if series == "regular":
        return filings, [_said(table, each, "各期本期与更正之和", "累计") for each in unreconciled(table, filings)]
    found = []
    for run in _runs(filings):
        span = Span(bureau.period.start, bureau.period.end, run[0].start, run[-1].cut_off)
        units = [each.id for each in bureau.units]
        week = compute(table, kept_of(reader, bureau.campaign), span, units, bureau.people)
        row = (only(week, unit) if unit else week).whole
        found += [_said(table, each, f"{span.start} 至 {span.end} 各日之和", "全周")
                  for each in days_against(table, row, run)]  # fmt: skip
    return filings, found


def export_report(
    reader: Reader, place: Place, name: str, unit: str | None, serial: int | None, series: Series
) -> ReportFile:
    """Return a filing as a file that goes up; the last one without a number. Raises ProblemError."""
    bureau, table = bureau_of(reader, place), _table(reader, place, name)
    filing = _filing(reader, bureau, name, unit, serial, series)
    everything = [f for f in filings_of(reader, name) if f.series == series and f.cut_off <= filing.cut_off]
    of_unit: dict[str, list[Filing]] = {}
    for each in everything:
        of_unit.setdefault(each.unit, []).append(each)
    below = []
    if filing.unit == bureau.authority:
        below = [f for u, f in of_unit.items() if u != bureau.authority and f[-1].cut_off == filing.cut_off]
    kept = kept_of(reader, bureau.campaign)
    return report_of(table, kept, bureau.campaign, of_unit[filing.unit], below)


def _runs(filings: list[Filing]) -> list[list[Filing]]:
    """Return the daily filings by sprint weeks: days one after the other."""
    runs = []
    while filings:
        run = [*run_of(filings[:-1], filings[-1].start), filings[-1]]
        runs.append(run)
        filings = filings[: -len(run)]
    return runs[::-1]


def _said(table: TableFile, difference: Difference, added: str, total: str) -> str:
    column = table.columns[difference.column]
    return (
        f"{title_of(column)}：{added} {written(column, difference.added)}，"
        f"{total} {written(column, difference.total)}，相差 {written(column, difference.total - difference.added)}"
    )


def _table(reader: Reader, place: Place, name: str) -> TableFile:
    table, problems = read_table_file(place, name)
    if table is None:
        raise ProblemError(problems)
    return table


def _filing(reader: Reader, bureau: Bureau, table: str, unit: str | None, serial: int | None, series: Series) -> Filing:
    known_unit(bureau, unit)
    name = unit or bureau.authority
    found = [f for f in filings_of(reader, table, name) if f.series == series and serial in (None, f.serial)]
    if not found:
        raise ProblemError([problem("E859", table=table, unit=name, serial=serial or 1)])
    return found[-1]

"""A whole campaign of a made-up county in a new workspace: register, visits, follow-up, ledgers, filings."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import NamedTuple

from engine.campaigns.calendar import campaign_calendar
from engine.library.files import Place
from engine.library.load import load_library, read_holidays
from engine.library.releases import current_release
from engine.model.workspace import RegisteredSite
from engine.problems import ProblemError
from engine.reports.filing import Act, Series
from engine.simulation.acting import Bureau, later
from engine.simulation.afterwards import Afterwards
from engine.simulation.county import County, Sizes, make_county
from engine.simulation.ledger_lines import LedgerLines
from engine.simulation.visiting import Visiting
from engine.workspace.folder import Workspace, begin_workspace, open_workspace
from engine.workspace.register import Who, close_site, import_sites, set_focus
from engine.workspace.tabling import Wanted, file_table

TABLES: dict[str, tuple[tuple[str, ...], Series]] = {
    "daily-report": (("t1", "t2", "t3", "t4"), "daily"), "weekly-report": (("t1", "t2", "t3", "t4"), "regular"),
    "data-table-1": (("t0",), "regular"), "data-table-2": (("t0",), "regular"),
}  # fmt: skip
"""Deadlines of the plans that are filed as tables, by their names in rules/campaigns."""
FILE_THEMSELVES = 3
"""So many units file for themselves before the authority files for all the others."""
CLERK = "局药品科 季敏"


class FilingDay(NamedTuple):
    """A day on which tables are filed."""

    day: date
    tables: tuple[str, ...]
    series: Series


def simulate(
    folder: Path, place: Place, campaign: str, sizes: Sizes, seed: int, filings: int | None = None
) -> Iterator[str]:
    """Make the workspace and live through the campaign in it; yield in Chinese what is being done.

    filings: only on so many of the first days of the plan are tables filed; None: on all of them.
    The same arguments give the same workspace: the clock and the names are made up as well. Raises ProblemError.
    """
    locked, problems = current_release(place, campaign)
    if locked is None:
        raise ProblemError(problems)
    period, holidays = locked.release.period, read_holidays(place)
    county = make_county(locked.release, holidays, period, sizes, seed)
    first = f"{period.start} 08:00"
    begin_workspace(folder, county.bureau, campaign, by=CLERK, at=first)
    with tempfile.TemporaryDirectory() as desk, open_workspace(folder) as workspace:
        bureau = Bureau(workspace, place, county, Path(desk), period.end, seed)
        sites = _register(bureau, place, county, Who(CLERK, first))
        yield f"名录 {len(sites)} 家，责任单位 {len(county.units)} 个"
        afterwards = Afterwards(bureau, sites)
        visiting = Visiting(bureau, locked, sites, afterwards.follow)
        afterwards.visiting = visiting
        visiting.plan(county.visits, Who(CLERK, first))
        yield f"检查 {len(county.visits)} 次已安排"
        LedgerLines(bureau, sorted(sites.values(), key=lambda site: site.id), period).plan(len(county.visits))
        _closures(bureau, county, sites)
        for filing in filing_days(place, campaign)[:filings]:
            bureau.at(filing.day, "15:00" if filing.series == "daily" else "16:00", partial(_file, bureau, filing))
        yield from bureau.work()


def filing_days(place: Place, campaign: str) -> list[FilingDay]:
    """Return when a campaign files which tables, from its plan; what lies behind its last day is left out.

    Raises ProblemError if the plan cannot be read.
    """
    calendar, problems = campaign_calendar(load_library(place), campaign)
    if calendar is None:
        raise ProblemError(problems)
    found = [
        FilingDay(due.date, *TABLES[due.deadline])
        for due in calendar.due
        if due.deadline in TABLES and due.date is not None and due.date <= calendar.period.end
    ]
    return sorted(found, key=lambda filing: (filing.day, filing.series))


def _register(bureau: Bureau, place: Place, county: County, who: Who) -> dict[str, RegisteredSite]:
    """Take the list of sites in; return the sites by their names."""
    text = io.StringIO()
    csv.writer(text).writerows([county.header, *county.rows])
    path = bureau.paper("监管对象名录.csv", text.getvalue().encode("utf-8-sig"))
    import_sites(bureau.workspace, place, path, who)
    with bureau.workspace.store.reading() as reader:
        sites = {site.name: site for site in reader.all(RegisteredSite)}
    focus = [sites[row[0]].id for row in county.rows[::15]]
    set_focus(bureau.workspace, focus, "上年度有投诉举报", who)
    return sites


def _closures(bureau: Bureau, county: County, sites: dict[str, RegisteredSite]) -> None:
    """Let some of the sites that nobody visits close."""
    visited = {visit.site for visit in county.visits}
    for number, name in enumerate(sorted(set(sites) - visited)[::25]):
        day = later(bureau.last, -10 - number % 60)
        bureau.at(day, "09:00", partial(_close, bureau.workspace, sites[name].id, day))


def _close(workspace: Workspace, site: str, day: date) -> None:
    close_site(workspace, site, day, Who(CLERK, f"{day} 09:00", "注销"))


def _file(bureau: Bureau, filing: FilingDay) -> None:
    for table in filing.tables:
        if filing.series == "regular":
            for unit in bureau.county.units[:FILE_THEMSELVES]:
                _file_one(bureau, table, unit, filing)
        _file_one(bureau, table, None, filing)


def _file_one(bureau: Bureau, table: str, unit: str | None, filing: FilingDay) -> None:
    """File a table as a clerk does: corrections get their reason, nothing but zeros is filed as 零报告."""
    by = bureau.clerk(unit).name if unit else CLERK
    at, why, zero = f"{filing.day} 16:00", "", False
    while True:
        try:
            with bureau.workspace.store.writing(by=by, at=at, action=f"报送统计表 {table}", why=why) as writer:
                act = Act(at, by, str(writer.head()), "彭立", bureau.county.bureau.phone, why, filing.series, zero)
                file_table(writer, bureau.place, Wanted(table, unit, filing.day, None, filing.series), act)
            return
        except ProblemError as error:
            codes = {problem.code for problem in error.problems}
            if not codes <= {"E857", "E858"} or (zero and why):
                raise
            zero, why = zero or "E857" in codes, why or ("台账作废、更正后重新核对" if "E858" in codes else "")

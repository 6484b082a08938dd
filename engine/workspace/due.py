"""What is due in a workspace: gathered from what it keeps, the clocks and the campaign's plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from engine.campaigns.calendar import campaign_calendar, reporting_names
from engine.follow_up.due import (
    Cite,
    Item,
    campaign_items,
    clock_items,
    finding_items,
    gap_items,
    relapse_items,
    report_items,
    reports_of,
    without_settled,
)
from engine.follow_up.due_view import DueList
from engine.follow_up.filed_deadlines import asked_of, table_items
from engine.holidays import UNVERIFIED, Holidays
from engine.laws import cited
from engine.library.load import Library
from engine.library.resolve import cited_anywhere
from engine.model.campaign import CampaignCalendar
from engine.model.clocks import Clock
from engine.model.plans import Daily
from engine.model.rules import CampaignFile, Citation
from engine.model.workspace import Filing, KeptFinding, LedgerEntry, RegisteredSite, Setting, Unit
from engine.problems import ProblemError, problem
from engine.workspace.grading import FILED
from engine.workspace.store import Reader


def due_in(reader: Reader, library: Library, day: date, unit: str, within: int) -> DueList:
    """Return what is due on a day and within so many days after it; of one unit, or of all. Raises ProblemError."""
    units = sorted(each.id for each in reader.all(Unit) if each.open)
    if unit and unit not in units:
        raise ProblemError([problem("E884", id=unit, what="责任单位", todo=f"可用单位：{'、'.join(units) or '无'}")])
    setting = reader.get(Setting, "campaign")
    name = str(setting.value) if setting is not None else ""
    loaded = library.campaigns.get(name)
    if loaded is None:
        raise ProblemError(campaign_calendar(library, name)[1])
    holidays = Holidays({key: calendar.value for key, calendar in library.calendars.items()})
    found = _all(reader, library, loaded.value, holidays, day, [unit] if unit else units)
    items = tuple(without_settled((i for i in found if not unit or i.unit == unit), day))
    years = {each.deadline.earliest.year for each in items if each.deadline is not None} | {day.year}
    return DueList(loaded.value.title, name, day, within, items, holidays.doubts(years))


def _all(
    reader: Reader, library: Library, campaign: CampaignFile, holidays: Holidays, day: date, units: Sequence[str]
) -> Iterator[Item]:
    sites = reader.all(RegisteredSite)
    names = {site.id: site.name for site in sites}
    entries = reader.all(LedgerEntry)
    ledgers = {key: each.value for key, each in library.ledgers.items()}
    clocks = [clock for _, each in sorted(library.clocks.items()) for clock in each.value.clocks]
    findings, filings = reader.all(KeptFinding), reader.all(Filing)
    yield from finding_items(findings, names, holidays)
    yield from relapse_items(findings, entries, names)
    yield from clock_items(clocks, entries, holidays, citing(library), ledgers)
    yield from gap_items(ledgers.values(), entries, units, campaign.period, day, holidays)
    duties = [duty for _, each in sorted(library.clocks.items()) for duty in each.value.yearly]
    for unit in units:
        for duty in duties:
            found = reports_of(duty, sites, entries, day.year - 1, day, unit)
            basis = _text(library, duty.basis, found.by)
            yield from report_items(unit, duty, found, names, basis) if basis else ()
        if reporting_names(campaign, unit):
            calendar, _ = campaign_calendar(library, campaign.campaign, unit)
            if calendar is not None:
                yield from _of_plan(library, campaign, calendar, unit, filings, day)


def _of_plan(
    library: Library, campaign: CampaignFile, calendar: CampaignCalendar, unit: str, filings: Sequence[Filing],
    day: date,
) -> Iterator[Item]:  # fmt: skip
    """Yield the plan's deadlines of a unit: those that tables meet with what was filed, of the others those to come."""
    clauses = {name: loaded.value.clauses for name, loaded in library.tables.items()}
    clauses[FILED] = tuple(c for loaded in library.grading.values() for c in loaded.value.clauses)
    daily = [deadline.id for deadline in campaign.deadlines if isinstance(deadline.when, Daily)]
    asked = asked_of(calendar, clauses, daily)
    yield from table_items(calendar, unit, filings, asked, day)
    for item in campaign_items(calendar, unit):
        if item.id not in asked and (item.deadline is None or item.deadline.earliest >= day):
            yield item


def citing(library: Library) -> Cite:
    """Return what tells the articles of a clock that are in force on a day; without any the clock is 待核."""

    def cite(clock: Clock, day: date) -> tuple[str, bool]:
        basis = _text(library, clock.basis, day)
        claimed = f"{clock.claimed}（未见原文，{UNVERIFIED}）" if clock.claimed else ""
        counting = _text(library, clock.counting, day)
        parts = [text for text in (basis, claimed, f"按{counting}计算" if counting else "") if text]
        return "；".join(parts), bool(basis) and not clock.claimed

    return cite


def _text(library: Library, citations: Sequence[Citation], day: date) -> str:
    return "、".join(each.text for each in cited(cited_anywhere(library, citations), day))

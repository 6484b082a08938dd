"""What the tables count, read from a workspace."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple, cast

from engine.days import BEIJING
from engine.library.check_tables import read_table_file, read_tables
from engine.library.files import Place
from engine.library.load import read_campaign
from engine.model.base import Period
from engine.model.bureau import BureauFile
from engine.model.workspace import (
    Filing,
    Inspection,
    KeptFinding,
    LedgerEntry,
    RegisteredSite,
    Setting,
    Unit,
)
from engine.problems import Problem, ProblemError, did_you_mean, problem
from engine.register.matching import canonical
from engine.reports.computing import Computed, Span, compute, only
from engine.reports.counting import Kept, People, stray_figures
from engine.reports.filing import Act, Series, filed_ids, make_filing, next_start, run_of
from engine.reports.layout import Filled
from engine.workspace.store import Reader, Store, Writer

PEOPLE = "people"
"""The setting of what 人次 means."""


class Bureau(NamedTuple):
    """Whose tables they are: the authority, the campaign and its days, the units, what 人次 means."""

    authority: str
    phone: str
    campaign: str
    title: str
    period: Period
    units: tuple[Unit, ...]
    people: People


def bureau_of(reader: Reader, place: Place) -> Bureau:
    """Return whose workspace it is. Raises ProblemError if its campaign is not among the rules."""
    campaign = str(_setting(reader, "campaign"))
    file, problems = read_campaign(place, campaign)
    if file is None:
        raise ProblemError(problems)
    profile = BureauFile.model_validate_json(json.dumps(_setting(reader, "bureau")))
    people = cast(People, _setting(reader, PEOPLE) or "person-days")
    units = tuple(reader.all(Unit))
    return Bureau(profile.authority, profile.phone, campaign, file.title, file.period, units, people)


def kept_of(reader: Reader, campaign: str) -> Kept:
    """Return everything that the tables of a campaign count; a site merged into another is counted as that one."""
    sites = reader.all(RegisteredSite)
    counted_as = canonical(sites)
    return Kept(
        inspections=[_at(i, counted_as) for i in reader.all(Inspection, campaign=campaign)],
        findings=reader.all(KeptFinding), entries=reader.all(LedgerEntry), sites=sites,
    )  # fmt: skip


def _at(inspection: Inspection, counted_as: Mapping[str, str]) -> Inspection:
    facts = inspection.facts
    if facts is None or counted_as.get(facts.site, facts.site) == facts.site:
        return inspection
    return inspection.model_copy(update={"facts": facts.model_copy(update={"site": counted_as[facts.site]})})


class Opened(NamedTuple):
    """A table computed from a workspace, with what is said on it."""

    bureau: Bureau
    computed: Computed
    filled: Filled
    kept: Kept
    stray: tuple[str, ...] = ()
    """In Chinese: keyed figures that no table asks for."""


class Wanted(NamedTuple):
    """Which table, of which unit (None: of the authority, a row a unit), to which cut-off."""

    table: str
    unit: str | None = None
    end: date | None = None
    """Cut-off; None: today, at most the campaign's last day."""
    start: date | None = None
    """First day of the period; None: what was not filed yet."""
    series: Series = "regular"


def open_table(reader: Reader, place: Place, wanted: Wanted, today: date | None = None) -> Opened:
    """Return a table as it stands. Raises ProblemError.

    Without a first day the period has what would be filed: everything that was not filed yet. With one, and where the
    cut-off was filed already, it has what its days have now. today: the day in Beijing if it is not given.
    """
    bureau = bureau_of(reader, place)
    table, problems = read_table_file(place, wanted.table)
    if table is None:
        raise ProblemError(problems)
    known_unit(bureau, wanted.unit)
    begin, last = bureau.period.start, bureau.period.end
    end = wanted.end or min(today or datetime.now(BEIJING).date(), last)
    filings = [f for f in filings_of(reader, wanted.table) if f.series == wanted.series]
    own = [filing for filing in filings if filing.unit == (wanted.unit or bureau.authority)]
    before = [filing for filing in own if filing.cut_off < end]
    start = wanted.start or (end if wanted.series == "daily" else next_start(before, begin))
    if not begin <= start <= end:
        raise ProblemError([problem("E855", start=start, end=end, begin=begin)])
    floor = begin
    if wanted.series == "daily":
        run = run_of(own, start)
        floor = run[0].start if run else start
        filings = [filing for filing in filings if filing.start >= floor]
    by_days = wanted.start is not None or len(before) < len(own)
    filed = None if by_days else filed_ids(filings, bureau.authority)
    units = [each.id for each in bureau.units if each.open or each.id == wanted.unit]
    kept = kept_of(reader, bureau.campaign)
    computed = compute(table, kept, Span(begin, last, start, end), units, bureau.people, filed, floor)
    if wanted.unit is not None:
        computed = only(computed, wanted.unit)
    filled = Filled(wanted.unit or bureau.authority, str(reader.head()), phone=bureau.phone)
    tables, _ = read_tables(place)
    return Opened(bureau, computed, filled, kept, tuple(stray_figures(kept, tables)))


def file_table(writer: Writer, place: Place, wanted: Wanted, act: Act) -> tuple[Opened, list[Filing]]:
    """File a table: the row of a unit, or that of the authority and those of its units that did not file themselves.

    Returns the table and what was filed. Raises ProblemError with everything that stands against it.
    """
    opened = open_table(writer, place, wanted)
    bureau, computed = opened.bureau, opened.computed
    first = wanted.unit or bureau.authority
    targets = [(first, computed.whole)]
    if wanted.unit is None:
        targets += [(row.unit, row) for row in computed.rows if row.unit]
    made: list[Filing] = []
    problems: list[Problem] = []
    for target, row in targets:
        earlier = [f for f in filings_of(writer, wanted.table, target) if f.series == act.series]
        if target != first and earlier and earlier[-1].cut_off >= computed.span.end:
            continue
        own = computed
        if target != first and act.series == "regular":
            span = computed.span
            own = computed._replace(span=span._replace(start=next_start(earlier, span.begin)))
        said = act if target == first else act._replace(situation="")
        filing, found = make_filing(own, row, target, earlier, said)
        made.append(filing)
        problems += found if target == first else [p for p in found if p.code != "E857"]
    if problems:
        raise ProblemError(problems)
    for filing in made:
        writer.put(filing)
    return opened, made


def known_unit(bureau: Bureau, unit: str | None) -> str | None:
    """Return the unit. Raises ProblemError if there is none of this name."""
    names = [each.id for each in bureau.units]
    if unit is not None and unit not in names:
        suggestion = did_you_mean(unit, names) + f"责任单位：{'、'.join(names) or '还没有'}；"
        raise ProblemError([problem("E817", unit=unit, suggestion=suggestion)])
    return unit


def filings_of(reader: Reader, table: str, unit: str | None = None) -> list[Filing]:
    """Return the filings of a table, of a unit only if one is named, in the order in which they were made."""
    found = reader.all(Filing, table=table) if unit is None else reader.all(Filing, table=table, unit=unit)
    return sorted(found, key=lambda filing: (filing.unit, filing.series, filing.serial))


def set_people(store: Store, people: People, *, by: str, at: str) -> People:
    """Keep what 人次 means from now on; what was filed stays as it was."""
    with store.writing(by=by, at=at, action="定人次的口径") as writer:
        writer.put(Setting(id=PEOPLE, value=people))
    return people


def _setting(reader: Reader, name: str) -> object:
    found = reader.get(Setting, name)
    return None if found is None else found.value

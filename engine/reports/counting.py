"""What puts a figure into a column: every record, finding or entry that counts there, on its day, for its unit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Literal, NamedTuple

from engine.days import parse_day
from engine.model.tables import (
    Column,
    FindingFilter,
    Keyed,
    OfFollowUp,
    OfLedger,
    OfRegister,
    OfVisits,
    TableFile,
    VisitFilter,
)
from engine.model.workspace import (
    CountedFinding,
    CountedPerson,
    Facts,
    Inspection,
    KeptFinding,
    LedgerEntry,
    RegisteredSite,
)
from engine.problems import did_you_mean

COUNTED = ("final", "closed")
"""States of an inspection whose record counts."""
ORDERED = ("ordered", "extended", "not-corrected")
"""States that a finding only comes to by an order; one that is corrected or waived may have had none."""
KEYED = "keyed"
"""The ledger of figures that people type."""
People = Literal["person-days", "person-visits"]
"""What 人次 means: an inspector counted once a day (人·日), or once a visit (人·户). STATS §1."""


class Kept(NamedTuple):
    """Everything that tables count, as kept in the workspace or in files of others."""

    inspections: Sequence[Inspection] = ()
    findings: Sequence[KeptFinding] = ()
    entries: Sequence[LedgerEntry] = ()
    sites: Sequence[RegisteredSite] = ()


class Item(NamedTuple):
    """One thing that counts in a column."""

    unit: str
    day: date
    known: date
    """From when on it could be counted: the day on which a record was sealed."""
    id: str
    amount: int
    key: str = ""
    """What is counted once only (a site, a person on a day); empty where amounts are added up."""


class Visit(NamedTuple):
    """A final record with its facts."""

    id: str
    facts: Facts


class Counter:
    """Finds what counts. Visits that match a filter are found once for all columns that ask for them."""

    def __init__(self, kept: Kept, people: People = "person-days") -> None:
        self._kept, self._people = kept, people
        recurs = {finding.id: finding.recurs for finding in kept.findings}
        self._visits = [
            Visit(each.id, _with_recurrences(each.facts, recurs))
            for each in kept.inspections
            if each.facts and each.state in COUNTED
        ]
        self._visit = {visit.id: visit for visit in self._visits}
        self._matching: dict[VisitFilter, list[Visit]] = {}
        self._by_type: dict[str, list[Visit]] = {}
        for visit in self._visits:
            self._by_type.setdefault(visit.facts.site_type, []).append(visit)
        self._type_of = {site.id: site.site_type for site in kept.sites}
        self._entry = {entry.id: entry for entry in kept.entries}
        self._by_ledger: dict[str, list[LedgerEntry]] = {}
        for entry in kept.entries:
            if not entry.voided:
                self._by_ledger.setdefault(entry.ledger, []).append(entry)
        self._of_inspection: dict[str, list[KeptFinding]] = {}
        for finding in kept.findings:
            self._of_inspection.setdefault(finding.inspection, []).append(finding)

    def facts(self, id_: str) -> Facts | None:
        """Return the facts of a final record, None if it is none."""
        visit = self._visit.get(id_)
        return visit.facts if visit else None

    def items(self, column: Column) -> list[Item]:
        """Return what counts in a column, in no order; nothing for one that is made of other columns."""
        source = column.source
        if isinstance(source, OfVisits):
            return list(self._of_visits(source))
        if isinstance(source, OfFollowUp):
            return list(self._of_follow_up(source))
        if isinstance(source, OfLedger):
            return list(self._of_ledger(source))
        if isinstance(source, Keyed):
            return list(self._keyed(source))
        return []

    def outside(self, begin: date, last: date) -> list[tuple[str, str]]:
        """Return unit and id of final records from before or after the campaign: they count nowhere (CF2019-1-a)."""
        return sorted((v.facts.unit, v.id) for v in self._visits if not begin <= v.facts.date <= last)

    def registered(self, source: OfRegister) -> list[RegisteredSite]:
        """Return the sites of the register that a column counts, closed ones among them."""
        return [
            site
            for site in self._kept.sites
            if (not source.site_types or site.site_type in source.site_types)
            and (not source.chain or site.chain in source.chain)
            and (not source.attributes or any(site.attributes.get(name) for name in source.attributes))
        ]

    def _of_visits(self, source: OfVisits) -> Iterator[Item]:
        visits = self._matches(source.where)
        if source.count == "people":
            for visit in visits:
                yield from self._people_of(visit)
            return
        amount = _AMOUNTS[source.count]
        for visit in visits:
            facts = visit.facts
            counted = amount(facts, source.where.has)
            key = facts.site if source.count == "sites" else ""
            if counted:
                yield Item(facts.unit, facts.date, facts.sealed, visit.id, counted, key)

    def _people_of(self, visit: Visit) -> Iterator[Item]:
        """Yield the inspectors, each counted for the unit that he belongs to if it took part, else for the lead."""
        facts = visit.facts
        units = {facts.unit, *facts.assisting}
        rest = facts.date.isoformat() if self._people == "person-days" else visit.id
        for person in facts.inspectors:
            unit = person.unit if person.unit in units else facts.unit
            yield Item(unit, facts.date, facts.sealed, visit.id, 1, f"{person_key(person)}|{rest}")

    def _of_follow_up(self, source: OfFollowUp) -> Iterator[Item]:
        for visit in self._matches(source.where):
            found = self._of_inspection.get(visit.id, [])
            days = dict(_days(source.state, found))
            facts = visit.facts
            if source.count == "notices":
                for id_, day in _of_notices(self._of_inspection.get(visit.id, ()), days):
                    yield Item(facts.unit, day, max(day, facts.sealed), id_, 1)
            elif source.count == "findings":
                yield from (Item(facts.unit, day, max(day, facts.sealed), id_, 1) for id_, day in days.items())
            elif days and (source.state != "corrected" or _all_corrected(found)):
                day = max(days.values()) if source.state == "corrected" else min(days.values())
                yield Item(facts.unit, day, max(day, facts.sealed), visit.id, 1)

    def _of_ledger(self, source: OfLedger) -> Iterator[Item]:
        for entry in self._by_ledger.get(source.ledger, []):
            day = _day(entry.values.get(source.day))
            if day is None or not _holds(source, entry):
                continue
            if source.site_types and self._site_type(entry) not in source.site_types:
                continue
            amount = entry.values.get(source.field, 0) if source.field else 1
            if isinstance(amount, int) and amount:
                key = str(entry.values.get("site") or entry.id) if source.count == "sites" else ""
                yield Item(entry.unit, day, day, entry.id, int(amount), key)

    def _keyed(self, source: Keyed) -> Iterator[Item]:
        for entry in self._by_ledger.get(KEYED, []):
            value = entry.values.get("value")
            if entry.values.get("figure") == source.figure and isinstance(value, int):
                yield Item(entry.unit, entry.date, entry.date, entry.id, int(value))

    def _site_type(self, entry: LedgerEntry, deep: bool = True) -> str | None:
        """Return the type of the site that an entry concerns: its own, that of its inspection, that of its clue."""
        site = self._type_of.get(str(entry.values.get("site", "")))
        visit = self._visit.get(entry.inspection or "")
        if site or visit:
            return site or (visit.facts.site_type if visit else None)
        clue = self._entry.get(str(entry.values.get("clue", "")))
        return self._site_type(clue, deep=False) if clue is not None and deep else None

    def _matches(self, where: VisitFilter) -> list[Visit]:
        if where not in self._matching:
            pool = self._visits
            if where.site_types:
                pool = [visit for kind in where.site_types for visit in self._by_type.get(kind, [])]
            self._matching[where] = [visit for visit in pool if _matches(visit.facts, where)]
        return self._matching[where]


def _with_recurrences(facts: Facts, recurs: Mapping[str, str | None]) -> Facts:
    """Return the facts with 反弹 as it is known now: an earlier finding may be settled after the visit is sealed."""
    if all(recurs.get(finding.id, finding.recurs) == finding.recurs for finding in facts.findings):
        return facts
    now = (f.model_copy(update={"recurs": recurs.get(f.id, f.recurs)}) for f in facts.findings)
    return facts.model_copy(update={"findings": tuple(now)})


def stray_figures(kept: Kept, tables: Iterable[TableFile]) -> list[str]:
    """Return in Chinese the keyed figures that no table asks for: a name that is typed otherwise counts nowhere."""
    asked = {c.source.figure for table in tables for c in table.columns.values() if isinstance(c.source, Keyed)}
    found: dict[str, list[str]] = {}
    for entry in kept.entries:
        figure = str(entry.values.get("figure", ""))
        if entry.ledger == KEYED and not entry.voided and figure not in asked:
            found.setdefault(figure, []).append(entry.id)
    return [
        f"手工填报的指标 “{figure}” 不在任何统计表里，没有计入（{'、'.join(sorted(ids)[:3])}）。"
        f"{did_you_mean(figure, asked)}可用指标：{'、'.join(sorted(asked))}"
        for figure, ids in sorted(found.items())
    ]


def person_key(person: CountedPerson) -> str:
    """Return what tells inspectors apart: the certificate, or the name of one who has none."""
    return person.certificate or person.name


def _matches(facts: Facts, where: VisitFilter) -> bool:
    return (
        (not where.chain or facts.chain in where.chain)
        and (not where.attributes or not set(where.attributes).isdisjoint(facts.attributes))
        and (not where.trades or any(word in facts.trade for word in where.trades))
        and (where.online is None or facts.online == where.online)
        and (where.assisted is None or bool(facts.assisting) == where.assisted)
        and (not where.areas or not set(where.areas).isdisjoint(facts.areas))
        and (not where.any_area or bool(facts.areas))
        and (not where.earlier or facts.earlier > 0)
        and (where.has is None or any(_finding_matches(f, where.has) for f in facts.findings))
    )


def _finding_matches(finding: CountedFinding, has: FindingFilter) -> bool:
    named = has.rules or has.priorities
    return (
        (not has.grades or finding.grade in has.grades)
        and (not named or finding.rule in has.rules or finding.rule.split(".")[0] in has.priorities)
        and (not has.dispositions or not set(has.dispositions).isdisjoint(finding.dispositions))
        and (has.red_line is None or finding.red_line == has.red_line)
        and (has.on_the_spot is None or finding.on_the_spot == has.on_the_spot)
        and (has.recurs is None or (finding.recurs is not None) == has.recurs)
    )


_Amount = Callable[[Facts, FindingFilter | None], int]
_AMOUNTS: dict[str, _Amount] = {
    "visits": lambda facts, has: 1,
    "sites": lambda facts, has: 1,
    "products": lambda facts, has: len({p.product for p in facts.products}),
    "batches": lambda facts, has: len({(p.product, p.batch) for p in facts.products}),
    "findings": lambda facts, has: sum(1 for f in facts.findings if has is None or _finding_matches(f, has)),
    "goods": lambda facts, has: facts.goods,
}


def _days(state: str, found: Iterable[KeptFinding]) -> Iterator[tuple[str, date]]:
    """Yield the findings that stand so, with the day from which they do."""
    for finding in found:
        ordered = _ordered_on(finding)
        if state == "ordered":
            if ordered is not None:
                yield finding.id, ordered
        elif finding.state == state and finding.settled is not None and (state != "corrected" or ordered is not None):
            yield finding.id, finding.settled


def _ordered_on(finding: KeptFinding) -> date | None:
    """Return the day on which correction was ordered, None if it never was: put right on the spot, or without one."""
    return finding.ordered or (finding.found if finding.state in ORDERED else None)


def _all_corrected(found: Iterable[KeptFinding]) -> bool:
    """Return whether everything that was ordered to be corrected is; a finding that is waived is not."""
    return all(finding.state == "corrected" for finding in found if _ordered_on(finding) is not None)


def _of_notices(found: Iterable[KeptFinding], days: Mapping[str, date]) -> Iterator[tuple[str, date]]:
    """Yield for each notice of a visit one of its findings and the first day on which it ordered something."""
    notices: dict[str, list[str]] = {}
    for finding in found:
        if finding.notice and finding.id in days:
            notices.setdefault(finding.notice, []).append(finding.id)
    for ids in notices.values():
        yield min(ids), min(days[id_] for id_ in ids)


def _holds(source: OfLedger, entry: LedgerEntry) -> bool:
    values = entry.values
    return all(_is_one_of(values.get(name), allowed) for name, allowed in source.where.items()) and all(
        values.get(name) for name in source.filled
    )


def _is_one_of(value: object, allowed: tuple[str | bool, ...]) -> bool:
    """Return whether a value, or one of several, is among those allowed."""
    return any(each in allowed for each in value) if isinstance(value, list) else value in allowed


def _day(value: object) -> date | None:
    """Return the day of a date or of a moment, as a ledger keeps them."""
    return parse_day(value[:10]) if isinstance(value, str) else None

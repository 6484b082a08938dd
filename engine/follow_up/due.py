"""What each unit has to do by when, and what is late: findings, clocks of ledgers, the campaign's deadlines, gaps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Literal, NamedTuple

from engine.follow_up.clocks import Deadline, Running, reckon, running
from engine.follow_up.findings import STATES
from engine.holidays import UNVERIFIED, Holidays
from engine.model.base import Period
from engine.model.campaign import CampaignCalendar, Due
from engine.model.clocks import Clock, YearlyDuty
from engine.model.ledgers import LedgerFile
from engine.model.workspace import KeptFinding, LedgerEntry, RegisteredSite

Kind = Literal["finding", "review", "waiver", "open", "clock", "campaign", "self-report", "gap", "relapse"]
KINDS: dict[Kind, str] = {
    "finding": "问题改正", "review": "待复查", "waiver": "暂不追究到期", "open": "未处理的问题", "clock": "办理期限",
    "campaign": "方案期限", "self-report": "自查报告", "gap": "缺漏",
    "relapse": "反弹没有登记线索",
}  # fmt: skip
COUNTY_AFTER = 7
"""Days after which what is late stands on the county's list too (RECORDS §9); on the station's from the first."""
REVIEW_WITHIN = 10
"""Working days after a term in which the review is made: a parameter of the bureau, no law says so."""
Status = Literal["done", "late", "perhaps", "due", "later", "undated"]


class Item(NamedTuple):
    """Something to be done."""

    unit: str
    kind: Kind
    id: str
    title: str
    deadline: Deadline | None
    """None: nothing says by when."""
    who: str = "unit"
    """unit, party, police or other: whose deadline it is. Only the unit's own are late."""
    basis: str = ""
    notes: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    time: str = ""
    filed: str = ""
    """When a table was filed for it; empty: it was not, or it is nothing that is filed."""
    filed_late: bool = False

    def status(self, day: date, within: int) -> Status:
        """Return how it stands on a day: done, late, perhaps late (待核), due within so many days, later, undated."""
        if self.filed:
            return "done"
        if self.deadline is None:
            return "undated"
        if self.deadline.earliest < day:
            return "late" if self.deadline.sure else "perhaps"
        return "due" if self.deadline.earliest <= day + timedelta(days=within) else "later"

    def days_late(self, day: date) -> int:
        """Return for how many days it has been late, 0 if it is not or nobody knows."""
        if self.deadline is None or self.deadline.day is None or self.who != "unit" or self.filed:
            return 0
        return max(0, (day - self.deadline.day).days)

    def is_countys(self, day: date) -> bool:
        """Return whether it stands on the county's list."""
        return self.days_late(day) >= COUNTY_AFTER


Cite = Callable[[Clock, date], tuple[str, bool]]
"""From a clock and the day on which it began to the articles in force, and whether there are any."""


def relapse_items(
    findings: Iterable[KeptFinding], entries: Iterable[LedgerEntry], names: Mapping[str, str]
) -> Iterator[Item]:
    """Yield the findings that came back and of which no clue is kept (CF2024-2.1-s)."""
    clues = {e.finding for e in entries if e.ledger == "clue" and not e.voided}
    for finding in findings:
        if finding.recurs is not None and finding.clue is None and finding.id not in clues:
            what = f"{names.get(finding.site, finding.site)}：{' '.join(finding.sentence.split())}"
            notes = (f"上次的问题 {finding.recurs}；用 ledger add … clue --finding {finding.id} 登记",)
            yield Item(finding.unit, "relapse", finding.id, what, None, notes=notes, clauses=("CF2024-2.1-s",))


def finding_items(findings: Iterable[KeptFinding], names: Mapping[str, str], holidays: Holidays) -> Iterator[Item]:
    """Yield what findings ask for: a decision, the end of a term, a review after it, the end of a waiver."""
    for finding in findings:
        what = f"{names.get(finding.site, finding.site)}：{' '.join(finding.sentence.split())}"
        if finding.state == "open":
            yield Item(finding.unit, "open", finding.id, what, None, notes=("没有责令改正，也没有认定",))
        elif finding.state in ("ordered", "extended") and finding.due is None:
            yield Item(finding.unit, "finding", finding.id, what, None, notes=("已责令改正，没有写改正期限",))
        elif finding.state in ("ordered", "extended") and finding.due is not None:
            note = STATES[finding.state]
            yield Item(finding.unit, "finding", finding.id, what, Deadline(finding.due, True), notes=(note,))
            review = reckon(finding.due.isoformat(), REVIEW_WITHIN, "working-days", holidays)
            told = f"期限届满后 {REVIEW_WITHIN} 个工作日内复查是本单位参数，依据{UNVERIFIED}"
            yield Item(finding.unit, "review", finding.id, what, review, notes=(told, *review.notes))
        elif finding.state == "waived" and finding.waiver is not None:
            yield Item(finding.unit, "waiver", finding.id, what, Deadline(finding.waiver.until, True))


def clock_items(
    clocks: Iterable[Clock], entries: Iterable[LedgerEntry], holidays: Holidays, cite: Cite,
    ledgers: Mapping[str, LedgerFile],
) -> Iterator[Item]:  # fmt: skip
    """Yield the clocks that entries have set running and that nothing has stopped."""
    by_ledger: dict[str, list[LedgerEntry]] = {}
    for entry in entries:
        by_ledger.setdefault(entry.ledger, []).append(entry)
    for clock in clocks:
        for entry in by_ledger.get(clock.ledger, ()):
            ran = running(clock, entry, holidays)
            if ran is not None and ran.done is None:
                yield _clock_item(ran, cite, ledgers[clock.ledger])


def _clock_item(ran: Running, cite: Cite, ledger: LedgerFile) -> Item:
    clock, entry, deadline = ran.clock, ran.entry, ran.deadline
    basis, known = cite(clock, date.fromisoformat(ran.start[:10]))
    notes = [*deadline.notes]
    if clock.limit is not None and not known:
        deadline = deadline._replace(sure=False)
        notes.append(f"{ran.start[:10]} 没有核对过的有效依据，期限{UNVERIFIED}")
    notes += [text for text in (clock.unsure, clock.note) if text]
    notes += [f"从 {ran.start} 起算"] + (["已批准延长"] if ran.extended else [])
    what = str(entry.values.get("summary") or entry.values.get("task") or entry.values.get("goods") or ledger.title)
    title = f"{clock.title}（{' '.join(what.split())[:60]}）"
    return Item(entry.unit, "clock", entry.id, title, deadline, clock.who, basis, tuple(notes), clock.clauses,
                deadline.clock)  # fmt: skip


def campaign_items(calendar: CampaignCalendar, unit: str) -> Iterator[Item]:
    """Yield the plan's deadlines for a unit."""
    yield from (campaign_item(due, unit) for due in calendar.due)


def campaign_item(due: Due, unit: str) -> Item:
    """Return a deadline of the plan for a unit."""
    deadline = Deadline(due.date, True) if due.date is not None else None
    notes = (*([due.when] if due.when else []), *due.notes, *([due.note] if due.note else []))
    to = f"（报{due.to}）" if due.to else ""
    return Item(unit, "campaign", due.deadline, f"{due.title}{to}", deadline, "unit", "", notes, due.clauses,
                due.time or "")  # fmt: skip


class Reports(NamedTuple):
    """年度自查报告：应交、已交、未交."""

    due: tuple[str, ...]
    """Ids of the sites that have to report."""
    received: tuple[str, ...]
    late: tuple[str, ...]
    """Of those received, after the day."""
    by: date

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the ids of the sites whose report is missing."""
        have = set(self.received)
        return tuple(site for site in self.due if site not in have)


def reports_of(
    duty: YearlyDuty, sites: Iterable[RegisteredSite], entries: Iterable[LedgerEntry], year: int, day: date,
    unit: str = "",
) -> Reports:  # fmt: skip
    """Return who has to report on a year by a day of the next, and who has by the day.

    A site that closed before that day does not report; one without a licence does not.
    """
    month, number = duty.by.split("-")
    limit = date(year + 1, int(month), int(number))
    wanted = [
        s.id for s in sites if s.site_type in duty.site_types and not s.unlicensed and (not unit or s.unit == unit)
        and (s.closed is None or s.closed > limit)
    ]  # fmt: skip
    given = {
        str(e.values.get("site")): e.date for e in entries
        if e.ledger == duty.ledger and not e.voided and e.values.get("year") == year and e.date <= day
    }  # fmt: skip
    received = tuple(sorted(s for s in wanted if s in given))
    return Reports(tuple(sorted(wanted)), received, tuple(s for s in received if given[s] > limit), limit)


def report_items(unit: str, duty: YearlyDuty, found: Reports, names: Mapping[str, str], basis: str) -> Iterator[Item]:
    """Yield what is left to urge a unit's sites to."""
    if found.missing:
        counts = f"应交 {len(found.due)}，已交 {len(found.received)}，未交 {len(found.missing)}"
        title = f"{found.by.year - 1} 年{duty.title}：{counts}"
        notes = (
            "未交：" + "、".join(names.get(site, site) for site in found.missing),
            *([duty.note] if duty.note else []),
        )
        yield Item(unit, "self-report", f"{duty.id}-{found.by.year - 1}", title, Deadline(found.by, True), "unit",
                   basis, notes, duty.clauses)  # fmt: skip


def missing_days(
    ledger: LedgerFile, entries: Iterable[LedgerEntry], unit: str, period: Period, day: date, holidays: Holidays
) -> list[date]:
    """Return the days of a period before a day without an entry that there should be: every day, or every day off."""
    have = {e.date for e in entries if e.ledger == ledger.ledger and not e.voided and e.unit == unit}
    last = min(period.end, day - timedelta(days=1))
    days = (period.start + timedelta(days=n) for n in range(max(0, (last - period.start).days + 1)))
    wanted = (d for d in days if ledger.expected == "every-day" or holidays.is_free(d))
    return [d for d in wanted if d not in have]


def gap_items(
    ledgers: Iterable[LedgerFile], entries: Sequence[LedgerEntry], units: Sequence[str], period: Period, day: date,
    holidays: Holidays,
) -> Iterator[Item]:  # fmt: skip
    """Yield the days that are missing in ledgers kept day by day, for units that keep them."""
    for ledger in ledgers:
        keeping = {e.unit for e in entries if e.ledger == ledger.ledger and not e.voided}
        for unit in units:
            if ledger.expected is None or unit not in keeping:
                continue
            missing = missing_days(ledger, entries, unit, period, day, holidays)
            if missing:
                title = f"{ledger.title}缺 {len(missing)} 天：{_ranges(missing)}"
                yield Item(unit, "gap", ledger.ledger, title, Deadline(missing[0], True), clauses=ledger.clauses)


def _ranges(days: Sequence[date]) -> str:
    """Return days in a row as one: 2024-01-03、2024-01-05 至 2024-01-07."""
    parts: list[list[date]] = []
    for day in days:
        if parts and day - parts[-1][-1] == timedelta(days=1):
            parts[-1].append(day)
        else:
            parts.append([day])
    return "、".join(str(p[0]) if len(p) == 1 else f"{p[0]} 至 {p[-1]}" for p in parts)


def ordered(items: Iterable[Item]) -> list[Item]:
    """Return the items by unit, deadline and id; what has no deadline last."""
    return sorted(items, key=lambda i: (i.unit, i.deadline.earliest if i.deadline else date.max, i.kind, i.id, i.title))


def without_settled(items: Iterable[Item], day: date) -> list[Item]:
    """Return the items that matter on a day: a review is asked for when its term is over, a gap when it is there."""
    found = list(items)
    over = {i.id for i in found if i.kind == "finding" and i.deadline is not None and i.deadline.earliest < day}
    return [i for i in found if i.kind != "review" or i.id in over]

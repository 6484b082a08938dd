"""Deadlines: counted against an independent counter of days, 待核 where a calendar is not complete, and who is late."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support_follow_up import STATION, TEAM, finding, inspection, site, workspace_in

from engine.documents.pdf_reading import shown
from engine.follow_up.clocks import reckon, running
from engine.follow_up.due import missing_days, reports_of
from engine.follow_up.due_view import due_ics, due_json, due_pdf, due_text
from engine.holidays import Holidays
from engine.library.files import place
from engine.library.load import load_library, read_holidays
from engine.model.base import Period
from engine.model.clocks import Clock
from engine.model.plans import CalendarFile
from engine.model.workspace import LedgerEntry
from engine.problems import ProblemError
from engine.workspace.due import citing, due_in

LIBRARY = load_library(place())
CLOCKS = {clock.id: clock for _, each in LIBRARY.clocks.items() for clock in each.value.clocks}
SPRING = {date(2024, 2, d) for d in range(10, 18)}
WORKED = {date(2024, 2, 4), date(2024, 2, 18), date(2024, 4, 7)}
OFF = SPRING | {date(2024, 1, 1), date(2024, 4, 4), date(2024, 4, 5), date(2024, 4, 6)}


def _calendar(year: int, off: set[date], worked: set[date]) -> CalendarFile:
    holidays = [
        {"name": "节", "period": {"from": d.isoformat(), "to": d.isoformat()}, "source": "测试", "compared": True}
        for d in sorted(off)
    ]
    days = [{"name": "节", "date": d.isoformat(), "source": "测试", "compared": True} for d in sorted(worked)]
    data = {"calendar": str(year), "announced": True, "complete": True, "holidays": holidays, "working_days": days}
    return CalendarFile.model_validate(data, strict=False)


WHOLE = Holidays(
    {str(y): _calendar(y, OFF if y == 2024 else set(), WORKED if y == 2024 else set()) for y in (2023, 2024, 2025)}
)


def _count(start: date, limit: int, step: int = 1) -> date:
    """Count working days the slow way: the list of every working day of three years, then the one limit places on."""
    days = [date(2023, 1, 1) + timedelta(days=n) for n in range(3 * 365)]
    working = [d for d in days if d in WORKED or (d.weekday() < 5 and d not in OFF)]
    after = [d for d in working if (d > start if step > 0 else d < start)]
    return after[limit - 1] if step > 0 else after[-limit]


@given(st.dates(date(2023, 12, 1), date(2024, 6, 30)), st.integers(1, 60), st.booleans())
def test_working_days_against_a_list_of_them(start: date, limit: int, backward: bool) -> None:
    found = reckon(start.isoformat(), limit, "working-days", WHOLE, backward=backward)
    assert found.day == _count(start, limit, -1 if backward else 1)


@given(st.dates(date(2023, 12, 1), date(2024, 6, 30)), st.integers(1, 90))
def test_calendar_days_are_ordinals(start: date, limit: int) -> None:
    assert reckon(start.isoformat(), limit, "days", WHOLE).day == date.fromordinal(start.toordinal() + limit)


@given(st.datetimes(datetime(2024, 1, 1), datetime(2024, 12, 1)), st.integers(1, 72))
def test_hours_run_over_nights_and_holidays(start: datetime, hours: int) -> None:
    found = reckon(f"{start:%Y-%m-%d %H:%M}", hours, "hours", WHOLE)
    assert f"{found.day} {found.clock}" == f"{start.replace(second=0) + timedelta(hours=hours):%Y-%m-%d %H:%M}"


def test_hours_from_a_day_without_a_time_are_not_known() -> None:
    found = reckon("2024-01-31", 24, "hours", WHOLE)
    assert (found.day, found.earliest) == (None, date(2024, 2, 1))
    assert "待核" in found.text


@given(
    st.dates(date(2024, 1, 1), date(2024, 11, 1)),
    st.integers(1, 30),
    st.sets(st.dates(date(2024, 1, 1), date(2024, 12, 31)), max_size=8),
)
def test_a_calendar_that_is_not_complete_claims_no_day_and_none_too_late(
    start: date, limit: int, unknown: set[date]
) -> None:
    """Whatever the days are that it does not list, the deadline is not before the earliest that is told."""
    packaged = read_holidays(place())
    found = reckon(start.isoformat(), limit, "working-days", packaged)
    assert found.day is None
    assert found.text.startswith("待核")
    weekends = {d for d in unknown if d.weekday() >= 5}
    real = Holidays(
        {
            "2024": _calendar(2024, SPRING | (unknown - weekends), weekends - SPRING),
            "2025": _calendar(2025, set(), set()),
        }
    )
    truth = reckon(start.isoformat(), limit, "working-days", real)
    assert truth.day is None or found.earliest <= truth.day


def test_the_last_day_on_a_day_off_is_told() -> None:
    found = reckon("2024-02-09", 3, "days", WHOLE)
    assert found.day == date(2024, 2, 12)
    assert "顺延待核" in "".join(found.notes)


def _entry(ledger: str, on: str = "2024-01-15", id_: str = "X1", unit: str = TEAM, /, **values: Any) -> LedgerEntry:
    return LedgerEntry(id=id_, ledger=ledger, unit=unit, date=date.fromisoformat(on), values=values)


@pytest.mark.parametrize(
    ("clock", "values", "day"),
    [
        ("clue-check", {"received": "2024-01-15"}, "2024-02-04"),
        ("clue-check", {"received": "2024-01-15", "due": "2024-01-20"}, "2024-01-20"),
        ("clue-check", {"received": "2024-01-15", "extended": True}, "2024-02-29"),
        ("decision", {"filed": "2024-01-15"}, "2024-04-14"),
        ("service", {"decided": "2024-02-08"}, "2024-02-23"),
        ("publication", {"decided": "2024-02-01"}, "2024-03-05"),
        ("hearing-notice", {"hearing": "2024-02-20"}, "2024-02-05"),
        ("approval", {"found": "2024-02-08"}, "2024-02-11"),
        ("handing-over", {"approved": "2024-02-09 16:30"}, "2024-02-10"),
        ("acceptance", {"accepted": "2024-02-07", "kind": "投诉"}, "2024-02-22"),
        ("drug-seizure", {"taken": "2024-02-01 10:00", "kind": "查封", "product_class": "药品"}, "2024-02-08"),
        ("registration", {"taken": "2024-02-01", "kind": "先行登记保存"}, "2024-02-09"),
    ],
)
def test_clocks_of_the_law(clock: str, values: dict[str, Any], day: str) -> None:
    found = running(CLOCKS[clock], _entry(CLOCKS[clock].ledger, **values), WHOLE)
    assert found is not None
    assert found.done is None
    assert found.deadline.day == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("clock", "values"),
    [
        ("acceptance", {"accepted": "2024-02-07", "kind": "举报"}), ("telling-reporter", {"decided": "2024-02-07", "source": "投诉举报"}),
        ("publication", {"decided": "2024-02-01", "warning_only": True}), ("goods", {"decided": "2024-02-01", "police_decision": "不立案"}),
        ("on-the-spot", {"taken": "2024-02-01 10:00", "kind": "查封"}), ("letter-answer", {"sent": "2024-02-01"}),
    ],
)  # fmt: skip
def test_clocks_that_do_not_run(clock: str, values: dict[str, Any]) -> None:
    assert running(CLOCKS[clock], _entry(CLOCKS[clock].ledger, **values), WHOLE) is None


def test_a_clock_stops_when_it_is_done_and_a_voided_entry_sets_none_running() -> None:
    entry = _entry("clue", received="2024-01-15", decided="2024-01-20", decision="立案")
    found = running(CLOCKS["clue-check"], entry, WHOLE)
    assert found is not None
    assert found.done == date(2024, 1, 20)
    assert running(CLOCKS["clue-check"], entry.model_copy(update={"voided": "重复"}), WHOLE) is None


@pytest.mark.parametrize("clock", CLOCKS.values(), ids=lambda c: c.id)
def test_every_clock_reads_columns_that_its_ledger_has(clock: Clock) -> None:
    ledger = LIBRARY.ledgers[clock.ledger].value
    named = {clock.start, *clock.until, *clock.where, *([clock.on] if clock.on else [])}
    named |= {clock.extension.granted} if clock.extension else set()
    assert named <= set(ledger.columns)
    assert ledger.columns[clock.start].type in ("date", "moment")
    for name, allowed in clock.where.items():
        column = ledger.columns[name]
        assert set(allowed) <= ({True, False} if column.type == "yes_no" else set(column.options))
    assert clock.unit != "hours" or ledger.columns[clock.start].type == "moment"


def test_limits_of_two_three_five_seven_days_of_the_penalty_law_are_working_days() -> None:
    for clock in CLOCKS.values():
        if clock.limit in (2, 3, 5, 7) and any(c.cite.startswith("administrative-penalty-law") for c in clock.basis):
            assert clock.unit == "working-days", clock.id
            assert [c.article for c in clock.counting] == ["85"], clock.id


def test_only_articles_in_force_are_cited_and_without_one_nothing_is_claimed() -> None:
    cite = citing(LIBRARY)
    text, known = cite(CLOCKS["handing-over"], date(2019, 1, 10))
    assert known
    assert "第五条" in text
    assert "2020" not in text
    assert cite(CLOCKS["clue-check"], date(2019, 1, 10)) == ("", False)
    text, known = cite(CLOCKS["seizure"], date(2024, 1, 10))
    assert not known
    assert "待核" in text
    assert cite(CLOCKS["acceptance"], date(2024, 1, 10))[0].endswith("（待核）")


def _due(folder: Path, day: date, *things: Any, unit: str = "", within: int = 7) -> Any:
    with workspace_in(folder, *things) as workspace, workspace.store.reading() as reader:
        return due_in(reader, LIBRARY, day, unit, within)


def _late(id_: str, due: date) -> Any:
    return finding(id_, state="ordered", ordered=date(2024, 1, 8), due=due)


def test_what_is_late_stands_on_the_stations_list_from_day_one_and_on_the_countys_from_day_seven(
    tmp_path: Path,
) -> None:
    day = date(2024, 2, 20)
    things = [site(), inspection(), *(_late(f"2024-0001-{n + 1}", day - timedelta(days=n)) for n in range(9))]
    found = {i.id: i for i in _due(tmp_path, day, *things).items if i.kind == "finding"}
    for n in range(9):
        item = found[f"2024-0001-{n + 1}"]
        assert (item.status(day, 7) == "late") == (n >= 1), n
        assert item.days_late(day) == n
        assert item.is_countys(day) == (n >= 7), n


def test_what_is_due(tmp_path: Path) -> None:
    day = date(2024, 3, 20)
    waived = {"before": "ordered", "authority": "王局", "reason": "停业", "until": "2024-03-10"}
    things = [
        site(), site("S2", site_type="device-distributor"), site("S3", site_type="device-distributor"),
        site("S4", site_type="device-distributor", closed=date(2024, 1, 1)), inspection(),
        _late("2024-0001-1", date(2024, 2, 1)), finding("2024-0001-2"), finding("2024-0001-3", state="waived", waiver=waived),
        finding("2024-0001-4", state="corrected", settled=date(2024, 2, 1)),
        _entry("self-report", "2024-03-01", "自查2024-0001", STATION, received="2024-03-01", site="S2", year=2023),
        _entry("complaint", "2024-03-01", "投诉2024-0001", STATION, accepted="2024-03-01", kind="投诉", summary="药味不对"),
        _entry("transfer", "2024-03-01", "移送2024-0001", found="2024-03-01", approved="2024-03-02 10:00", summary="假药"),
        *(_entry("monitoring", d, f"监测{d}", STATION, day=d) for d in ("2024-01-02", "2024-01-03", "2024-01-05")),
    ]  # fmt: skip
    due = _due(tmp_path, day, *things, within=20)
    found = {(i.kind, i.id) for i in due.items}
    assert {("finding", "2024-0001-1"), ("review", "2024-0001-1"), ("open", "2024-0001-2"), ("waiver", "2024-0001-3"),
            ("self-report", "self-report-2023"), ("clock", "投诉2024-0001"), ("clock", "移送2024-0001"),
            ("gap", "monitoring"), ("campaign", "self-inspection-reports")} <= found  # fmt: skip
    assert not any(i.id == "2024-0001-4" for i in due.items)
    text = "\n".join(due_text(due))
    assert "2023 年医疗器械经营企业年度自查报告：应交 2，已交 1，未交 1" in text
    assert "未交：S3大药房" in text
    assert "第四十四条" in text
    assert "2024-03-03 10:00 逾期 17 天" in text
    assert "缺 75 天：2024-01-04、2024-01-06 至 2024-03-19" in text
    assert "县（区）局清单" in text
    only = _due_again(tmp_path, day, TEAM)
    assert {i.unit for i in only.items} == {TEAM}


def _due_again(folder: Path, day: date, unit: str) -> Any:
    from engine.workspace.folder import open_workspace

    with open_workspace(folder / "ws") as workspace, workspace.store.reading() as reader:
        with pytest.raises(ProblemError, match="没有的所"):
            due_in(reader, LIBRARY, day, "没有的所", 7)
        return due_in(reader, LIBRARY, day, unit, 7)


def test_the_calendar_file_has_an_event_for_everything_with_a_day_and_the_same_bytes(tmp_path: Path) -> None:
    day = date(2024, 2, 20)
    things = [site(), inspection(), _late("2024-0001-1", day), _late("2024-0001-2", day),
              _entry("transfer", "2024-02-20", "移送2024-0001", found="2024-02-19", approved="2024-02-20 10:00", summary="假药")]  # fmt: skip
    due = _due(tmp_path, day, *things, within=20)
    ics = due_ics(due)
    assert ics == due_ics(due._replace(items=tuple(reversed(due.items))))
    dated = sum(i.deadline is not None for i in due.items)
    uids = re.findall(rb"^UID:.*$", ics, re.M)
    assert len(uids) == len(set(uids)) == dated
    assert b"DTSTART:20240221T020000Z" in ics  # ten in the morning of Beijing, a day later
    assert len(due_json(due)["items"]) == len(due.items)


@given(st.sets(st.integers(0, 89)), st.integers(0, 100))
def test_gaps_and_entries_are_all_days(have: set[int], ahead: int) -> None:
    ledger = LIBRARY.ledgers["monitoring"].value
    start = date(2024, 1, 2)
    period = Period.model_validate({"from": start, "to": date(2024, 3, 31)})
    entries = [_entry("monitoring", (start + timedelta(days=n)).isoformat(), f"M{n}") for n in have]
    day = start + timedelta(days=ahead)
    missing = missing_days(ledger, entries, TEAM, period, day, WHOLE)
    past = {start + timedelta(days=n) for n in range(min(ahead, 90))}
    assert set(missing) == past - {e.date for e in entries}
    off = LIBRARY.ledgers["duty"].value
    duty = [e.model_copy(update={"ledger": "duty"}) for e in entries]
    assert set(missing_days(off, duty, TEAM, period, day, WHOLE)) == {d for d in past if WHOLE.is_free(d)} - {
        e.date for e in entries
    }


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 120)), max_size=20))
def test_reports_due_received_and_missing_add_up(firms: list[tuple[bool, bool, int]]) -> None:
    duty = LIBRARY.clocks["own"].value.yearly[0]
    sites = [
        site(f"S{n}", site_type="device-distributor" if device else "clinic") for n, (device, _, _) in enumerate(firms)
    ]
    entries = [
        _entry("self-report", (date(2024, 1, 1) + timedelta(days=days)).isoformat(), f"R{n}", site=f"S{n}", year=2023)
        for n, (_, handed, days) in enumerate(firms) if handed
    ]  # fmt: skip
    found = reports_of(duty, sites, entries, 2023, date(2024, 4, 30))
    assert len(found.due) == sum(device for device, _, _ in firms)
    assert len(found.received) + len(found.missing) == len(found.due)
    assert set(found.late) <= set(found.received)
    assert len(found.late) == sum(
        d and h and date(2024, 1, 1) + timedelta(days=n) > date(2024, 3, 31) for d, h, n in firms
    )


def test_what_came_back_has_to_become_a_clue(tmp_path: Path) -> None:
    back = [finding(f"2024-0001-{n}", recurs="2023-0001-1") for n in (1, 2, 3)]
    clues = [
        _entry("clue", "2024-01-10", "线索2024-0001", STATION, received="2024-01-10").model_copy(
            update={"finding": back[0].id}
        ),
        _entry("clue", "2024-01-10", "线索2024-0002", STATION, received="2024-01-10").model_copy(
            update={"finding": back[1].id, "voided": "重复"}
        ),
    ]
    found = _due(tmp_path, date(2024, 1, 12), site(), inspection(), *back, *clues)
    assert [i.id for i in found.items if i.kind == "relapse"] == ["2024-0001-2", "2024-0001-3"]


def test_the_printed_list_has_a_sheet_for_each_unit_and_one_for_the_county(tmp_path: Path) -> None:
    day = date(2024, 2, 20)
    things = [site(), inspection(), _late("2024-0001-1", date(2024, 2, 1)),
              _entry("transfer", "2024-02-01", "移送2024-0001", found="2024-02-01", summary="<b>假药</b>")]  # fmt: skip
    due = _due(tmp_path, day, *things)
    pages = shown(due_pdf(due, "某区市场监督管理局")).pages
    text = "".join("".join(page.text for page in pages).split())
    assert len(pages) == 1 + len({i.unit for i in due.shown()})
    for expected in ("逾期19天", "县（区）局清单", "<b>假药</b>", "第五条第二款", "移送2024-0001"):
        assert expected in text, expected

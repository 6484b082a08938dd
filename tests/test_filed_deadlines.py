"""Deadlines of a plan that a table meets: filed in time, filed late, not filed, held against a count by hand."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support_follow_up import OFFICE, STATION, workspace_in

from engine.campaigns.calendar import campaign_calendar
from engine.follow_up.due_view import due_ics, due_json, due_text
from engine.follow_up.filed_deadlines import Asked, asked_of, table_items
from engine.library.files import place
from engine.library.load import load_library
from engine.model.workspace import Filing
from engine.workspace.due import due_in

LIBRARY = load_library(place())
TABLES = {name: loaded.value.clauses for name, loaded in LIBRARY.tables.items()}


def filing(table: str, cut_off: date, filed: str, unit: str = STATION, serial: int = 1, **more: Any) -> Filing:
    return Filing(id=f"F-{table}-{unit}-{cut_off}-{serial}-{more.get('series', '')}", table=table, unit=unit,
                  start=date(2018, 12, 22), cut_off=cut_off, serial=serial, filed=filed, by="张三", **more)  # fmt: skip


def _calendar(campaign: str) -> Any:
    calendar, problems = campaign_calendar(LIBRARY, campaign, STATION)
    assert calendar is not None, problems
    return calendar


def test_the_plans_say_which_tables_meet_which_deadlines() -> None:
    asked = asked_of(_calendar("2019"), TABLES, ["daily-report"])
    weekly = frozenset({"t1", "t2", "t3", "t4"})
    assert asked == {"daily-report": Asked(weekly, True), "weekly-report": Asked(weekly, False)}
    asked = asked_of(_calendar("2024"), TABLES, [])
    assert asked == {f"data-table-{n}": Asked(frozenset({"t0"}), False) for n in (1, 2)}


WEEKS = [d.date for d in _calendar("2019").due if d.deadline == "weekly-report"]


@given(
    st.lists(st.tuples(st.sampled_from(WEEKS), st.integers(-2, 9), st.integers(0, 20)), max_size=8),
    st.dates(date(2018, 12, 20), date(2019, 3, 10)),
)
def test_each_week_is_filed_filed_late_or_missed(filed: list[tuple[date, int, int]], day: date) -> None:
    """By hand: the first filing whose cut-off lies behind the deadline before meets it; late is after its day."""
    made = []
    for n, (week, off, days) in enumerate(filed):
        cut_off = week + timedelta(days=off)
        made.append(filing("t1", cut_off, f"{cut_off + timedelta(days=days)} 10:00", serial=n + 1))
    known = [f for f in made if f.filed[:10] <= str(day)]
    wanted: dict[date, str] = {}
    for before, week in zip([None, *WEEKS], WEEKS, strict=False):
        met = sorted((f.cut_off, f.filed) for f in known if before is None or f.cut_off > before)
        late = bool(met) and met[0][1][:10] > str(week)
        wanted[week] = ("late" if late else "filed") if met else "missed" if week < day else "open"
    calendar = _calendar("2019")
    asked = {"weekly-report": Asked(frozenset({"t1"}), False)}
    items = list(table_items(calendar, STATION, made, asked, day))
    said = {
        i.deadline.day: "late" if i.filed_late else "filed" if i.filed else "open"
        for i in items
        if "未报" not in i.title
    }
    missed = [week for week, how in wanted.items() if how == "missed"]
    assert said == {week: how for week, how in wanted.items() if how != "missed"}
    told = [i for i in items if "未报" in i.title]
    assert len(told) == bool(missed), "one line, however many weeks"
    assert all(str(week) in told[0].title for week in missed if len(missed) > 1)
    assert [i.deadline.day for i in told] == missed[:1]


def test_a_daily_report_meets_its_own_day_alone_and_has_its_hour() -> None:
    calendar = _calendar("2019")
    asked = {"daily-report": Asked(frozenset({"t1"}), True)}
    days = sorted(d.date for d in calendar.due if d.deadline == "daily-report")
    made = [filing("t1", days[0], f"{days[0]} 15:00", series="daily"), filing("t1", days[2], f"{days[2]} 15:01", series="daily"),
            filing("t1", days[3], f"{days[3]} 10:00"), filing("t1", days[4], f"{days[4]} 10:00", unit="别的所", series="daily")]  # fmt: skip
    items = list(table_items(calendar, STATION, made, asked, days[-1] + timedelta(days=1)))
    assert [(i.deadline.day, i.filed_late) for i in items if i.filed] == [(days[0], False), (days[2], True)]
    missed = next(i for i in items if not i.filed)
    assert "未报 9 次" in missed.title, "a regular filing and one of another unit are no daily reports of this one"


def test_due_tells_what_was_filed_late_and_what_was_not(tmp_path: Path) -> None:
    done = filing("t0", date(2024, 1, 26), "2024-01-29 09:00")
    with workspace_in(tmp_path, done) as workspace, workspace.store.reading() as reader:
        due = due_in(reader, LIBRARY, date(2024, 3, 10), STATION, 7)
        after = due_in(reader, LIBRARY, date(2024, 3, 25), STATION, 7)
    text = "\n".join(due_text(due))
    assert "2024-01-26 迟报 2024-01-29 09:00" in text
    assert "已报 1 项，其中迟报 1 项" in text
    first = next(i for i in due_json(due)["items"] if i["id"] == "data-table-1")  # type: ignore[attr-defined]
    assert (first["status"], first["days_late"], first["county"], first["filed_late"]) == ("done", 0, False, True)
    assert b"\xe7\xac\xac\xe4\xb8\x80\xe6\xac\xa1" not in due_ics(due), "what is done needs no reminder"
    missed = next(i for i in after.items if i.id == "data-table-2")
    assert (missed.status(after.day, 7), missed.days_late(after.day), missed.is_countys(after.day)) == (
        "late",
        12,
        True,
    )
    assert any("CF2024-3.3-b" in line and "未报" in line and "逾期 12 天" in line for line in due_text(after))


@pytest.mark.parametrize(("unit", "late"), [(OFFICE, False), (STATION, True)])
def test_only_who_reports_is_late(tmp_path: Path, unit: str, late: bool) -> None:
    with workspace_in(tmp_path) as workspace, workspace.store.reading() as reader:
        found = due_in(reader, LIBRARY, date(2024, 2, 10), unit, 7)
    assert any("未报" in i.title for i in found.items) is late

"""Deadlines by day with their traps, and the calendar file."""

from __future__ import annotations

import json
import re
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import ROOT
from support_documents import chunfeng

from engine.campaigns.calendar import campaign_calendar
from engine.documents.ical import calendar_ics, escaped, fold
from engine.documents.plan_text import calendar_text
from engine.holidays import Holidays
from engine.library.check import check_library
from engine.library.files import Place
from engine.library.load import Library, load_library
from engine.model.campaign import CampaignCalendar, Due

STAMP = date(2018, 12, 22)


def _calendar(library: Library, campaign: str, unit: str | None = None) -> CampaignCalendar:
    found, problems = campaign_calendar(library, campaign, unit)
    assert found is not None, problems
    return found


def _on(library: Library, campaign: str, day: str) -> dict[str, Due]:
    return {d.deadline: d for d in _calendar(library, campaign).due if d.date == date.fromisoformat(day)}


# ── 2019: 24 filings for every unit


def test_every_unit_of_2019_files_24_times(library: Library) -> None:
    for unit in (None, "各市场监管所", "城东市场监管所", "稽查大队", "药械股", "办公室"):
        due = _calendar(library, "2019", unit).due
        kinds = [d.deadline for d in due]
        assert len(due) == 24, unit
        assert kinds.count("daily-report") == 11
        assert kinds.count("weekly-report") == 10
        assert [d.date for d in due] == sorted(d.date or date.max for d in due)
    weekly = [d.date.isoformat() for d in _calendar(library, "2019").due if d.deadline == "weekly-report" and d.date]
    assert weekly == [
        "2018-12-27", "2019-01-03", "2019-01-10", "2019-01-17", "2019-01-24", "2019-01-31", "2019-02-07", "2019-02-14",
        "2019-02-21", "2019-02-28",
    ]  # fmt: skip
    daily = [d for d in _calendar(library, "2019").due if d.deadline == "daily-report"]
    assert {d.time for d in daily} == {"15:00"}
    assert [d.date.day for d in daily if d.date] == [24, 25, 26, 27, 28, 29, 21, 22, 23, 24, 25]


def test_a_daily_and_a_weekly_report_on_one_day_are_two(library: Library) -> None:
    assert list(_on(library, "2019", "2018-12-27")) == ["daily-report", "weekly-report"]


def test_a_thursday_in_the_spring_festival_is_told_and_not_moved(library: Library) -> None:
    due = _on(library, "2019", "2019-02-07")["weekly-report"]
    assert due.weekday == "周四"
    assert due.notes[0] == "在春节假期内（2019-02-04 至 2019-02-10，待核）"
    assert "没有说提前还是顺延" in due.notes[1]
    assert "2019-02-01（周五，待核）" in due.notes[1]


def test_a_worked_saturday_is_a_working_day(library: Library) -> None:
    due = _on(library, "2019", "2018-12-29")["daily-report"]
    assert due.weekday == "周六"
    assert due.notes == ("周六，因2019年元旦调休上班（待核）",)
    holidays = Holidays({n: c.value for n, c in library.calendars.items()})
    assert not holidays.is_free(date(2018, 12, 29))
    assert holidays.is_free(date(2018, 12, 30))


def test_the_final_summary_lies_after_the_end_of_the_campaign(library: Library) -> None:
    due = _on(library, "2019", "2019-03-05")["final-summary"]
    assert due.before
    assert "在行动结束（2019-02-28）之后" in due.notes
    assert any("含当日" in note for note in due.notes)
    others = [d for d in _calendar(library, "2019").due if any("行动结束" in n for n in d.notes)]
    assert others == [due]


def test_weekly_reports_of_the_last_stage_are_listed_and_doubted(library: Library) -> None:
    assert "没有说总结提高阶段停报" in (_on(library, "2019", "2019-02-28")["weekly-report"].note or "")


# ── 2024


def test_a_deadline_on_a_sunday_is_told_with_the_working_day_before(library: Library) -> None:
    due = _on(library, "2024", "2024-03-31")["self-inspection-reports"]
    assert due.weekday == "周日"
    assert due.notes[0] == "周日，休息日（是否调休上班待核）"
    assert "2024-03-29（周五，待核）" in due.notes[1]


def test_who_owes_what_in_2024(library: Library) -> None:
    def days(unit: str) -> list[str]:
        return [f"{d.date} {d.deadline}" for d in _calendar(library, "2024", unit).due if d.date]

    tables = ["2024-01-26 data-table-1", "2024-03-13 data-table-2"]
    assert days("城东市场监管所") == [*tables, "2024-03-31 self-inspection-reports"]
    assert days("局药品科") == ["2024-03-15 device-grading", "2024-03-31 self-inspection-reports"]
    assert days("瑶海大队") == ["2024-03-31 self-inspection-reports"]
    undated = [d for d in _calendar(library, "2024").due if d.date is None]
    assert [d.deadline for d in undated] == ["campaign-summary", "urgent-report"]
    assert all(d.when for d in undated)
    text = calendar_text(_calendar(library, "2024"))
    assert "方案没有定日期的" in text
    assert "没有定日期　春风行动总结材料" in text


def test_a_unit_that_does_not_report_is_refused(library: Library) -> None:
    calendar, problems = campaign_calendar(library, "2019", "县电视台")
    assert calendar is None
    assert [p.code for p in problems] == ["E628"]
    assert "各市场监管所" in problems[0].hint
    assert [p.code for p in campaign_calendar(library, "2018")[1]] == ["E613"]


# ── what is not known of the holidays is said


def test_no_day_off_is_invented(library: Library) -> None:
    """Only what the sources at hand name, and every one of it 待核; the festivals are facts of the sky."""
    assert set(library.calendars) == {"2018", "2019", "2023", "2024", "2026", "2027"}
    listed = {
        (name, h.name, h.period.start.isoformat(), h.period.end.isoformat())
        for name, c in library.calendars.items() for h in c.value.holidays
    }  # fmt: skip
    assert listed == {("2019", "春节", "2019-02-04", "2019-02-10"), ("2024", "春节", "2024-02-10", "2024-02-17")}
    worked = {(name, w.date.isoformat()) for name, c in library.calendars.items() for w in c.value.working_days}
    assert worked == {("2018", "2018-12-29")}
    for loaded in library.calendars.values():
        entries = [*loaded.value.holidays, *loaded.value.working_days]
        assert not any(entry.compared for entry in entries)
        assert not loaded.value.complete
    assert [n for n, c in sorted(library.calendars.items()) if not c.value.announced] == ["2027"]
    spring = {
        n: f.date.isoformat() for n, c in library.calendars.items() for f in c.value.festivals if f.name == "春节"
    }
    assert spring == {
        "2018": "2018-02-16", "2019": "2019-02-05", "2023": "2023-01-22", "2024": "2024-02-10", "2026": "2026-02-17",
        "2027": "2027-02-06",
    }  # fmt: skip


def test_years_without_an_arrangement_are_told(library: Library) -> None:
    holidays = Holidays({n: c.value for n, c in library.calendars.items()})
    assert holidays.doubts([2024]) == ("2024 年放假日历不全，没有列出的节假日和调休待核",)
    assert "尚未见公布" in holidays.doubts([2027])[0]
    assert "没有放假日历" in holidays.doubts([2031])[0]
    assert holidays.note(date(2031, 1, 4)) == "周六，休息日（是否调休上班待核）"
    assert holidays.note(date(2031, 1, 6)) is None
    text = calendar_text(_calendar(library, "2027-draft"))
    assert "2027 年放假安排尚未见公布" in text
    assert "行动文件里没有期限" in text


def test_a_bureau_that_has_the_notice_prints_without_doubt(tmp_path: Path) -> None:
    layer = tmp_path / "layer"
    shutil.copytree(ROOT / "rules" / "calendars", layer / "calendars")
    path = layer / "calendars" / "2024.yaml"
    text = (
        path.read_text(encoding="utf-8")
        .replace("complete: false", "complete: true")
        .replace("compared: false", "compared: true")
    )
    path.write_text(text, encoding="utf-8")
    library = load_library(Place(ROOT, layer))
    assert not [p for p in check_library(library) if p.severity == "error"]
    calendar = _calendar(library, "2024")
    assert calendar.doubts == ()
    assert "待核" not in calendar_text(calendar)
    assert _on(library, "2024", "2024-03-31")["self-inspection-reports"].notes[0] == "周日，休息日"


@pytest.mark.parametrize("campaign", ["2019", "2024"])
def test_each_deadline_names_clauses_of_its_plan_and_is_printed_with_them(library: Library, campaign: str) -> None:
    known = {c.id for c in library.clauses[campaign].value.clauses}
    text = calendar_text(_calendar(library, campaign))
    deadlines = library.campaigns[campaign].value.deadlines
    for deadline in deadlines:
        assert set(deadline.clauses) <= known
        assert all(clause in text for clause in deadline.clauses)
        if deadline.note is not None:  # once, however many days it has
            assert text.count(deadline.note) == sum(1 for d in deadlines if d.note == deadline.note)


# ── the .ics file


def _unfolded(content: bytes) -> list[str]:
    return content.decode().replace("\r\n ", "").split("\r\n")[:-1]


@pytest.mark.parametrize("campaign", ["2019", "2024"])
def test_the_file_is_whole_and_the_same_each_time(library: Library, campaign: str) -> None:
    calendar = _calendar(library, campaign)
    content = calendar_ics(calendar, STAMP)
    assert content == calendar_ics(_calendar(load_library(Place(ROOT)), campaign), STAMP)
    assert content != calendar_ics(calendar, STAMP + timedelta(days=1))
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")
    assert content.endswith(b"END:VCALENDAR\r\n")
    lines = content.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    for line in lines:
        line.decode()  # no character is torn
    unfolded = _unfolded(content)
    assert unfolded[0] == "BEGIN:VCALENDAR"
    assert unfolded.count("BEGIN:VEVENT") == unfolded.count("END:VEVENT") == sum(1 for d in calendar.due if d.date)
    ids = [line for line in unfolded if line.startswith("UID:")]
    assert len(set(ids)) == len(ids) == unfolded.count("DTSTAMP:20181222T000000Z")
    for line in unfolded:
        assert re.match(r"[A-Z-]+(;[A-Z]+=[A-Z]+)*:", line), line
        assert all(c.isprintable() or c == "　" for c in line), line


def test_a_clock_time_is_a_moment_and_any_other_a_whole_day(library: Library) -> None:
    lines = _unfolded(calendar_ics(_calendar(library, "2019"), STAMP))
    at = lines.index("UID:2019-daily-report-20181224@chunfeng.invalid")
    assert lines[at + 2] == "DTSTART:20181224T070000Z"  # 15:00 in Beijing
    at = lines.index("UID:2019-weekly-report-20190228@chunfeng.invalid")
    assert lines[at + 2 : at + 4] == ["DTSTART;VALUE=DATE:20190228", "DTEND;VALUE=DATE:20190301"]
    description = next(line for line in lines[at:] if line.startswith("DESCRIPTION:"))
    assert "下班前" in description
    assert "CF2019-3.4-c" in description


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=300))
def test_folding_tears_nothing_and_loses_nothing(text: str) -> None:
    folded = fold(f"SUMMARY:{text}")
    assert folded.endswith(b"\r\n")
    pieces = folded[:-2].split(b"\r\n")
    assert all(len(piece) <= 75 for piece in pieces)
    assert all(piece.startswith(b" ") for piece in pieces[1:])
    assert "".join([pieces[0].decode(), *(piece.decode()[1:] for piece in pieces[1:])]) == f"SUMMARY:{text}"


def test_text_is_escaped() -> None:
    assert escaped("a,b;c\\d\ne\r\nf\rg\x07　h") == "a\\,b\\;c\\\\d\\ne\\nf\\ng　h"


# ── the command


def test_the_command_prints_and_writes(tmp_path: Path) -> None:
    run = chunfeng("campaign", "calendar", "2019", "--unit", "城东市场监管所")
    assert run.code == 0, run.err
    assert "2019-02-07　周四　下班前　周报" in run.out
    assert "共 24 次有日期的" in run.out
    told = json.loads(chunfeng("campaign", "calendar", "2024", "--format", "json").out)
    assert (told["kind"], told["schema"]) == ("calendar", 1)
    assert [d["date"] for d in told["due"]] == ["2024-01-26", "2024-03-13", "2024-03-15", "2024-03-31", None, None]
    target = tmp_path / "日历.ics"
    run = chunfeng("campaign", "calendar", "2024", "-o", str(target))
    assert run.code == 0, run.err
    assert "另有 2 项没有定日期" in run.err
    first = target.read_bytes()
    assert b"DTSTAMP:20240102T000000Z" in first
    chunfeng("campaign", "calendar", "2024", "--date", "2024-01-05", "-o", str(target))
    assert target.read_bytes() == first.replace(b"DTSTAMP:20240102", b"DTSTAMP:20240105")
    assert chunfeng("campaign", "calendar", "2024", "-o", str(tmp_path / "x.pdf")).code == 2

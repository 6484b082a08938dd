"""Days off typed at the command line: in the calendar of the campaign, doubted until people have compared them all."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import ROOT
from support_documents import Invoke

from engine.holidays import Holidays
from engine.library.files import Place
from engine.library.load import load_library

DAYS = ("--off", "甲节=2027-03-01..2027-03-03", "--off", "乙节＝2027-02-11", "--work", "甲节=2027-03-06")
SURE = ("--compared", "--complete")
"""Days made up for the test; the packaged calendar of the year knows none."""


@pytest.fixture
def layer(tmp_path: Path, invoke: Invoke) -> Path:
    folder = tmp_path / "规则"
    assert invoke("rules", "layer", "new", str(folder), "--level", "县", "--title", "某县局").code == 0
    return folder


def _holidays(layer: Path) -> Holidays:
    calendars = load_library(Place(ROOT, layer)).calendars
    return Holidays({name: loaded.value for name, loaded in calendars.items()})


def test_days_of_a_notice_are_in_the_calendar_of_the_campaign(layer: Path, invoke: Invoke) -> None:
    before = load_library(Place(ROOT, layer)).calendars["2027"].value
    made = ("rules", "holidays", "2027", *DAYS, "--source", "某通知", "--rules", str(layer))
    run = invoke(*made)
    assert run.code == 0
    assert "放假 2 段，调休上班 1 天；没有对照原文或没有列全" in run.out
    assert _holidays(layer).doubts([2027])
    assert "待核" in str(_holidays(layer).note(before.festivals[0].date.replace(month=3, day=2)))
    assert "待核" not in invoke(*made, *SURE).out
    assert _holidays(layer).doubts([2027]) == ()
    after = load_library(Place(ROOT, layer)).calendars["2027"].value
    assert after.festivals == before.festivals
    assert [(h.name, str(h.period.start), str(h.period.end), h.source) for h in after.holidays] == [
        ("乙节", "2027-02-11", "2027-02-11", "某通知"), ("甲节", "2027-03-01", "2027-03-03", "某通知"),
    ]  # fmt: skip
    assert _holidays(layer).is_free(after.holidays[1].period.end)
    assert not _holidays(layer).is_free(after.working_days[0].date)
    assert invoke("rules", "check", "--rules", str(layer)).code == 0


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--off", "丙节=2027-03-03..2027-03-05"), "2027-03-03 起的几天又列在甲节"),
        (("--off", "丙节=2027-05-03..2027-05-01"), "结束早于开始"),
        (("--off", "丙节=2026-12-31..2027-01-01"), "不在 2027 年内"),
        (("--work", "甲节=2027-03-08"), "应为星期六或星期日"),
        (("--work", "甲节=2027-03-06"), "2027-03-06 写了两次"),
        (("--off", "丙节=2027-04-03..2027-04-04", "--work", "甲节=2027-04-04"), "这一天又列为放假"),
        (("--off", "丙节"), "应写成 假期=2027-03-01..2027-03-03 的样子"),
        (("--off", "丙节=五月"), "不是期间"),
        (("--work", "2027-03-06"), "应写成 假期=2027-03-06 的样子"),
    ],
)
def test_days_that_cannot_be_are_refused_and_nothing_is_written(
    more: tuple[str, ...], words: str, layer: Path, invoke: Invoke
) -> None:
    run = invoke("rules", "holidays", "2027", *DAYS, *more, "--source", "某通知", "--rules", str(layer))
    assert run.code in (1, 2)
    assert words in run.err.replace("\n", "")
    assert "2027.yaml" not in run.err, "what people typed stands in no file"
    assert not (layer / "calendars").exists()

"""Filings: frozen, late papers in the next one, corrections with a reason, periods that add up; nothing blank is 0."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from support_documents import Invoke
from support_tables import BEGIN, LAST, county
from support_workspace import ACTING, begun

from engine.library.check_tables import read_table_file
from engine.library.files import Place, place
from engine.model.bureau import BureauFile
from engine.model.tables import TableFile
from engine.model.workspace import Facts, Filing, Inspection, LedgerEntry, RegisteredSite
from engine.problems import ProblemError
from engine.reports.computing import Span, compute
from engine.reports.counting import Kept
from engine.reports.filing import (
    Act,
    adds_up,
    days_against,
    filed_ids,
    make_filing,
    next_start,
    run_of,
    said_corrections,
    unreconciled,
)
from engine.workspace.folder import Workspace, begin_workspace, open_workspace
from engine.workspace.tabling import kept_of

ALL = "某县市场监督管理局"
seeds = st.integers(min_value=0, max_value=10**6)


def _table(name: str) -> TableFile:
    table, problems = read_table_file(place(), name)
    assert table is not None, problems
    return table


def _act(why: str = "", *, zero: bool = True, daily: bool = False) -> Act:
    return Act("2024-01-05 09:00", "王芳", "1-" + "0" * 64, why=why, zero=zero, series="daily" if daily else "regular")


def _file(table: TableFile, kept: Kept, filings: list[Filing], end: date, act: Act) -> tuple[Filing, list[str]]:
    start = end if act.series == "daily" else next_start(filings, BEGIN)
    run = run_of(filings, start)
    floor = (run[0].start if run else start) if act.series == "daily" else BEGIN
    filed = filed_ids(run if act.series == "daily" else filings, ALL)
    computed = compute(table, kept, Span(BEGIN, LAST, start, end), filed=filed, floor=floor)
    filing, problems = make_filing(computed, computed.whole, ALL, filings, act)
    return filing, [p.code for p in problems]


def _changed(kept: Kept, change: Callable[[Inspection], Inspection | None]) -> Kept:
    return kept._replace(inspections=[new for old in kept.inspections if (new := change(old)) is not None])


@given(seed=seeds, name=st.sampled_from(("t0", "t1", "t2", "t3", "t4")), weeks=st.integers(2, 6))
def test_periods_with_late_papers_add_up_to_the_cumulative_figure(seed: int, name: str, weeks: int) -> None:
    """Papers are sealed up to nine days late; whatever comes late comes once, and 本期 of all weeks makes 累计."""
    table = _table(name)
    _, kept = county(seed, visits=60)
    filings: list[Filing] = []
    for week in range(1, weeks + 1):
        filing, problems = _file(table, kept, filings, BEGIN + timedelta(days=7 * week - 1), _act())
        assert problems == []
        assert filing.corrections == {}
        assert filing.removed == {}
        filings.append(filing)
    assert unreconciled(table, filings) == []
    for id_ in table.columns:
        ids = [i for f in filings if id_ in f.period for i in f.period[id_].ids]
        assert len(ids) == len(set(ids)), f"{id_} counts something twice"


@given(seed=seeds, week=st.integers(1, 5))
def test_a_late_paper_comes_in_the_next_filing_and_says_so(seed: int, week: int) -> None:
    table = _table("t0")
    _, kept = county(seed, visits=60)
    cut = BEGIN + timedelta(days=7 * week)
    late = {
        i.id for i in kept.inspections
        if i.facts and i.state in ("final", "closed") and BEGIN <= i.facts.date <= cut < i.facts.sealed <= cut + timedelta(7)
    }  # fmt: skip
    first, _ = _file(table, kept, [], cut, _act())
    second, _ = _file(table, kept, [first], cut + timedelta(days=7), _act())
    assert late.isdisjoint(first.period["visits"].ids)
    assert late <= set(second.period["visits"].ids)
    assert set(second.late.get("visits", ())) == late


@given(seed=seeds, data=st.data())
def test_a_change_after_filing_is_a_correction_with_a_reason(seed: int, data: st.DataObject) -> None:
    table = _table("t0")
    _, kept = county(seed, visits=60)
    cut = BEGIN + timedelta(days=40)
    first, _ = _file(table, kept, [], cut, _act())
    before = first.model_dump_json()
    counted = sorted(first.period["visits"].ids)
    if not counted:
        return
    gone = data.draw(st.sampled_from(counted))
    later = _changed(kept, lambda i: i.model_copy(update={"state": "cancelled"}) if i.id == gone else i)
    next_cut = cut + timedelta(days=7)
    silent, problems = _file(table, later, [first], next_cut, _act())
    assert "E858" in problems, "a correction needs its reason"
    second, problems = _file(table, later, [first], next_cut, _act("记录撤销"))
    assert problems == []
    assert second.corrections["visits"] == -1
    assert gone in second.removed["visits"]
    assert second.why == "记录撤销"
    assert unreconciled(table, [first, second]) == []
    assert first.model_dump_json() == before, "what was filed stays"
    assert "－1 家次" in said_corrections(table, second.corrections)
    assert silent.total == second.total


def test_money_changed_after_filing_is_a_correction_in_fen() -> None:
    table = _table("t3")
    values = {"filed": "2024-01-03", "decided": "2024-01-04", "fine": 100_05, "product_class": "药品"}
    entry = LedgerEntry(id="案件2024-0001", ledger="case", unit="甲所", date=BEGIN, values=values)
    first, _ = _file(table, Kept(entries=[entry]), [], date(2024, 1, 4), _act())
    changed = entry.model_copy(update={"values": {**values, "fine": 90_00}})
    second, problems = _file(table, Kept(entries=[changed]), [first], date(2024, 1, 11), _act("罚款数录错"))
    assert problems == []
    assert second.corrections == {"fines": -10_05, "penalties": -10_05}
    assert unreconciled(table, [first, second]) == []


def test_a_filing_of_zeros_must_be_meant() -> None:
    table = _table("t4")
    _, problems = _file(table, Kept(), [], date(2024, 1, 4), _act(zero=False))
    assert problems == ["E857"]
    filing, problems = _file(table, Kept(), [], date(2024, 1, 4), _act(zero=True))
    assert problems == []
    assert filing.zero
    assert set(filing.period) == set(table.columns), "0 stands in every column"
    assert {cell.value for cell in filing.period.values()} == {0}


def test_a_figure_that_nobody_keyed_stays_blank_in_a_filing() -> None:
    table = _table("t4")
    entry = LedgerEntry(id="填报2024-0001", ledger="keyed", unit="甲所", date=date(2024, 1, 3),
                        values={"day": "2024-01-03", "figure": "药品不良反应报告", "value": 0})  # fmt: skip
    signal = LedgerEntry(id="信号2024-0001", ledger="signal", unit="甲所", date=date(2024, 1, 3),
                         values={"found": "2024-01-03", "kind": "药品聚集性信号"})  # fmt: skip
    filing, problems = _file(table, Kept(entries=[entry, signal]), [], date(2024, 1, 4), _act(zero=False))
    assert problems == []
    assert filing.period["reactions_drug"].value == 0
    assert "reactions_device" not in filing.period


def test_a_cut_off_must_be_later_than_the_last() -> None:
    table = _table("t4")
    first, _ = _file(table, Kept(), [], date(2024, 1, 11), _act())
    computed = compute(table, Kept(), Span(BEGIN, LAST, date(2024, 1, 4), date(2024, 1, 11)), filed={})
    assert [p.code for p in make_filing(computed, computed.whole, ALL, [first], _act())[1]] == ["E856"]


@given(seed=seeds)
def test_days_of_a_sprint_week_add_up_to_the_week_or_the_difference_is_said(seed: int) -> None:
    table = _table("t1")
    _, kept = county(seed, visits=80)
    kept = _changed(
        kept,
        lambda i: i.model_copy(update={"facts": i.facts.model_copy(update={"sealed": i.facts.date})}) if i.facts else i,
    )
    days: list[Filing] = []
    first = BEGIN + timedelta(days=20)
    for number in range(6):
        filing, problems = _file(table, kept, days, first + timedelta(days=number), _act(daily=True))
        assert problems == []
        assert filing.start == filing.cut_off
        days.append(filing)
    week = compute(table, kept, Span(BEGIN, LAST, first, days[-1].cut_off)).whole
    assert days_against(table, week, days) == []
    one = next((i for i in kept.inspections if i.id in {x for d in days for x in d.period["visits"].ids}), None)
    if one is not None:
        less = _changed(kept, lambda i: None if i.id == one.id else i)
        week = compute(table, less, Span(BEGIN, LAST, first, days[-1].cut_off)).whole
        assert {d.column: d.total - d.added for d in days_against(table, week, days)}["visits"] == -1


def test_a_second_sprint_week_starts_anew() -> None:
    table = _table("t1")
    _, kept = county(1, visits=80)
    kept = _changed(
        kept,
        lambda i: i.model_copy(update={"facts": i.facts.model_copy(update={"sealed": i.facts.date})}) if i.facts else i,
    )
    first, _ = _file(table, kept, [], date(2024, 1, 10), _act(daily=True))
    second, problems = _file(table, kept, [first], date(2024, 2, 10), _act(daily=True))
    assert problems == []
    assert second.corrections == {}
    assert second.late == {}


def test_what_adds_up_is_every_column_but_distinct_sites_and_what_stands_in_the_register() -> None:
    for name in ("t0", "t1", "t2", "t3", "t4"):
        table = _table(name)
        rest = {id_ for id_, column in table.columns.items() if not adds_up(column, table)}
        assert rest <= {"sites", "registered", "coverage", "self_due", "self_received", "self_missing"}


# ── from the workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "w"
    begin_workspace(folder, BureauFile(kind="bureau", authority=ALL), "2024", by="甲", at="2024-01-02 09:00")
    units, kept = county(11, visits=60)
    with open_workspace(folder) as opened, opened.store.writing(by="甲", at="2024-01-02 10:00", action="试") as writer:
        for group in (units, *kept):
            for thing in group:
                writer.put(thing)
    return folder


def _filed(opened: Workspace, table: str) -> list[Filing]:
    with opened.store.reading() as reader:
        return reader.all(Filing, table=table)


def test_filing_from_the_command_line_to_paper(workspace: Path, tmp_path: Path, invoke: Invoke) -> None:
    at = ("--by", "王芳", "--at", "2024-01-26 16:00")
    shown = invoke("table", "show", workspace, "t0", "--to", "2024-01-26", "--format", "json")
    assert shown.code == 0, shown.err
    filed = invoke("table", "file", workspace, "t0", "--to", "2024-01-26", *at)
    assert filed.code == 0, filed.err
    with open_workspace(workspace) as opened:
        filings = _filed(opened, "t0")
    assert {f.unit for f in filings} == {ALL, "稽查大队", "第1市场监管所", "第2市场监管所", "第3市场监管所"}
    assert all(f.head.startswith("2-") for f in filings)
    again = invoke("table", "file", workspace, "t0", "--to", "2024-01-26", *at)
    assert again.code == 1
    assert "已报到 2024-01-26" in again.err
    visits = next(f for f in filings if f.unit == ALL).period["visits"]
    opened_list = invoke("table", "open", workspace, "t0", "visits", "--filing", "1")
    assert f"：{visits.value} 家次，名单 {len(visits.ids)} 条" in opened_list.out
    assert all(id_ in opened_list.out for id_ in visits.ids)
    for name in ("a.xlsx", "a.json"):
        printed = invoke("table", "filings", workspace, "t0", "-o", tmp_path / name)
        assert printed.code == 0, printed.err
        first = (tmp_path / name).read_bytes()
        assert invoke("table", "filings", workspace, "t0", "-o", tmp_path / name, "--force").code == 0
        assert (tmp_path / name).read_bytes() == first, "the same filing gives the same bytes"
    assert '"unit": "某县市场监督管理局"' in (tmp_path / "a.json").read_text(encoding="utf-8")


def test_the_situation_goes_with_the_table_up_to_the_merged_one(
    workspace: Path, tmp_path: Path, invoke: Invoke
) -> None:
    text = tmp_path / "开展情况.txt"
    text.write_bytes("=cmd 检查药店 12 家\r\n\r\n  <b>发现</b>问题 3 个 \r\n".encode("gb18030"))
    at = ("--by", "王芳", "--at", "2024-01-26 16:00")
    unit = ("--unit", "第1市场监管所")
    run = invoke("table", "file", workspace, "t0", "--to", "2024-01-26", *unit, "--situation", text, *at)
    assert run.code == 0, run.said
    assert invoke("table", "file", workspace, "t0", "--to", "2024-01-26", *at).code == 0
    book = tmp_path / "t0.xlsx"
    assert invoke("table", "filings", workspace, "t0", *unit, "-o", book).code == 0
    values = [cell.value for page in load_workbook(book) for row in page.iter_rows() for cell in row]
    assert "开展情况：=cmd 检查药店 12 家" in values
    assert "<b>发现</b>问题 3 个" in values
    assert invoke("table", "filings", workspace, "t0", "-o", tmp_path / "t0.json").code == 0
    whole = json.loads((tmp_path / "t0.json").read_text(encoding="utf-8"))
    assert "第1市场监管所 开展情况：=cmd 检查药店 12 家" in whole["notes"], "the bureau prints that of its unit"
    sent = tmp_path / "一所.json"
    assert invoke("table", "export", workspace, "t0", *unit, "-o", sent).code == 0
    merged = invoke("table", "merge", "t0", sent, "--as", "某市", "-o", tmp_path / "市.json")
    assert "第1市场监管所 开展情况：=cmd 检查药店 12 家" in merged.said, merged.said
    for content in (b"PK\x03\x04\x00\x00", b"  \n", b"\xff\xff\xff"):
        text.write_bytes(content)
        run = invoke("table", "file", workspace, "t0", "--to", "2024-02-26", "--situation", text, *at)
        assert (run.code, "E870" in run.err) == (1, True), run.said


def test_the_meaning_of_people_is_kept_with_the_filing(workspace: Path, invoke: Invoke) -> None:
    at = ("--by", "王芳", "--at", "2024-01-26 16:00")
    assert invoke("table", "file", workspace, "t1", "--to", "2024-01-20", *at).code == 0
    assert invoke("table", "people", workspace, "人·户", *at).code == 0
    assert "人次按人·户计" in invoke("table", "show", workspace, "t1", "--to", "2024-01-26").out
    with open_workspace(workspace) as opened:
        assert {f.people for f in _filed(opened, "t1")} == {"person-days"}


def test_wrong_names_are_said_with_what_there_is(workspace: Path, invoke: Invoke) -> None:
    assert "可用：t0、t1、t2、t3、t4" in invoke("table", "show", workspace, "t7").err
    assert "是否想写 “第1市场监管所”" in invoke("table", "show", workspace, "t0", "--unit", "第1市监所").err
    assert "是否想写 “visits”" in invoke("table", "open", workspace, "t0", "visit").err
    assert "没有这次报送" in invoke("table", "open", workspace, "t0", "visits", "--filing", "3").err
    before_plan = invoke("table", "show", workspace, "t0", "--from", "2023-12-01")
    assert (before_plan.code, "应在行动第一天 2024-01-02 以后" in before_plan.err) == (1, True)


def test_a_keyed_figure_under_another_name_is_said(workspace: Path, invoke: Invoke) -> None:
    entry = LedgerEntry(id="填报2024-9999", ledger="keyed", unit="第1市场监管所", date=date(2024, 1, 5),
                        values={"day": "2024-01-05", "figure": "药品不良反映报告", "value": 3})  # fmt: skip
    with (
        open_workspace(workspace) as opened,
        opened.store.writing(by="甲", at="2024-01-05 10:00", action="试") as writer,
    ):
        writer.put(entry)
    shown = invoke("table", "show", workspace, "t0", "--to", "2024-01-26")
    assert "“药品不良反映报告” 不在任何统计表里，没有计入（填报2024-9999）" in shown.err
    assert "是否想写 “药品不良反应报告”" in shown.err


def test_a_unit_files_itself_and_the_bureau_keeps_its_filing(workspace: Path, invoke: Invoke) -> None:
    at = ("--by", "李明", "--at", "2024-01-20 16:00")
    assert invoke("table", "file", workspace, "t0", "--to", "2024-01-19", "--unit", "第1市场监管所", *at).code == 0
    assert invoke("table", "file", workspace, "t0", "--to", "2024-01-19", *at).code == 0
    with open_workspace(workspace) as opened:
        filings = [f for f in _filed(opened, "t0") if f.unit == "第1市场监管所"]
    assert len(filings) == 1


def test_nothing_is_kept_when_a_filing_is_refused(workspace: Path, packaged: Place) -> None:
    from engine.workspace.tabling import Wanted, file_table

    with open_workspace(workspace) as opened:
        wanted = Wanted("t4", None, date(2024, 1, 2))
        with pytest.raises(ProblemError), opened.store.writing(by="甲", at="2024-01-02 12:00", action="报送") as writer:
            file_table(writer, packaged, wanted, _act(zero=False))
        assert _filed(opened, "t4") == []


def test_a_site_that_was_merged_is_counted_as_the_one_it_went_into(tmp_path: Path) -> None:
    """家 counts businesses: one that was registered twice and visited under both numbers is one."""
    folder = begun(tmp_path / "春风")
    sites = [RegisteredSite(id=f"S{n}", name="甲药房", site_type="retail-pharmacy", unit="城东所") for n in (1, 2, 3)]
    sites[1] = sites[1].model_copy(update={"merged_into": "S1", "closed": date(2024, 1, 20)})
    with open_workspace(folder) as workspace:
        with workspace.store.writing(**ACTING, action="试") as writer:
            for site in sites:
                writer.put(site)
                facts = Facts(
                    date=date(2024, 1, 15), sealed=date(2024, 1, 15), site=site.id, site_name=site.name,
                    site_type=site.site_type, unit=site.unit,
                )  # fmt: skip
                writer.put(
                    Inspection(
                        id=f"2024-{site.id}", campaign="2024", site=site.id, unit=site.unit, state="final", facts=facts
                    )
                )
        with workspace.store.reading() as reader:
            kept = kept_of(reader, "2024")
    assert {i.id: i.facts.site for i in kept.inspections if i.facts} == {
        "2024-S1": "S1",
        "2024-S2": "S1",
        "2024-S3": "S3",
    }

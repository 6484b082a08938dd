"""Visits: coverage, the year's cap, the life of an inspection, a route printed, what was sealed stays."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import ROOT, sample
from support_documents import Invoke
from support_register import ACTING, UNITS, begun, code, site, visit

from engine.model.workspace import LIFE, Inspection, KeptFinding
from engine.problems import ProblemError
from engine.register.life import NEXT, STATES, closing, moved
from engine.register.visits import coverage, coverage_of_areas, times_in_year, total, uninspected
from engine.source import dump
from engine.workspace.folder import open_workspace
from engine.workspace.kept_files import is_whole
from engine.workspace.verifying import verify_workspace

AT_SEAL = ("--by", "王芳", "--at", "2024-01-20 10:00")
INSPECTORS = ("张伟", "刘洋")


# ── coverage, by an independent recount

STATE = st.sampled_from([*LIFE, "cancelled"])
FACTS = {
    "date": "2024-01-15",
    "sealed": "2024-01-20",
    "site": "S00001",
    "site_name": "x",
    "site_type": "clinic",
    "unit": "x",
}


@given(
    st.lists(st.tuples(st.integers(0, 1), st.sampled_from(["retail-pharmacy", "clinic"]), st.booleans()), max_size=8),
    st.lists(st.tuples(st.integers(1, 8), STATE, st.sampled_from(["2024", "2019"])), max_size=16),
)
def test_coverage_is_what_one_counts_by_hand(
    places: list[tuple[int, str, bool]], visits: list[tuple[int, str, str]]
) -> None:
    sites = [
        site(n, unit=UNITS[unit].id, site_type=kind, closed="2023-12-31" if closed else None)
        for n, (unit, kind, closed) in enumerate(places, 1)
    ]
    made = [visit(n, f"S{at:05}", state=state, campaign=name) for n, (at, state, name) in enumerate(visits, 1)]
    rows = {(row.unit, row.site_type): row for row in coverage(sites, made, "2024")}
    due: Counter[tuple[str, str]] = Counter()
    done: Counter[tuple[str, str]] = Counter()
    untouched: Counter[tuple[str, str]] = Counter()
    for each in sites:
        states = {v.state for v in made if v.site == each.id and v.campaign == "2024"} - {"cancelled"}
        sealed = bool(states & {"final", "closed"})
        key = (each.unit, each.site_type)
        due[key] += each.closed is None or sealed
        done[key] += sealed
        untouched[key] += each.closed is None and not states
    for key, row in rows.items():
        assert (row.due, row.done, row.untouched) == (due[key], done[key], untouched[key])
    whole = total(rows.values())
    assert (whole.due, whole.done, whole.missing) == (due.total(), done.total(), due.total() - done.total())
    assert len(uninspected(sites, made, "2024")) == untouched.total()


def test_a_joint_visit_counts_once_for_the_unit_that_leads() -> None:
    sites = [site(1), site(2, unit=UNITS[1].id)]
    joint = visit(1, "S00001", assisting=(UNITS[1].id,), state="final")
    rows = coverage(sites, [joint], "2024")
    assert [(row.unit, row.visits) for row in rows] == [(UNITS[0].id, 1), (UNITS[1].id, 0)]


def test_visits_to_a_merged_site_count_for_the_one_it_was_merged_into() -> None:
    sites = [site(1), site(2, merged_into="S00001", closed="2024-01-01")]
    assert coverage(sites, [visit(1, "S00002", state="final")], "2024")[0].done == 1
    made = [
        visit(1, "S00002", planned="2024-01-05"),
        visit(2, "S00001", planned="2024-02-05"),
        visit(3, "S00001", online=True),
    ]
    assert times_in_year("S00001", 2024, made, {"S00002": "S00001"}) == 2
    assert times_in_year("S00001", 2023, made) == 0


# ── the life


@given(st.lists(st.sampled_from(["printed", "answered", "evaluated", "final", "closed", "cancelled"]), max_size=8))
def test_an_inspection_only_goes_forwards(steps: list[str]) -> None:
    inspection, passed = visit(1, "S00001"), ["planned"]
    for step in steps:
        try:
            inspection = moved(inspection, step)
        except ProblemError as error:
            assert error.problems[0].code == "E834"
            assert error.problems[0].hint
            continue
        passed.append(step)
    ages = [LIFE.index(state) for state in passed if state != "cancelled"]
    assert ages == sorted(ages)
    assert "cancelled" not in passed[:-1]
    assert Counter(passed)["final"] <= 1


def test_every_state_has_its_word_and_what_is_next() -> None:
    assert set(STATES) == set(NEXT) == {*LIFE, "cancelled"}


@pytest.mark.parametrize(
    ("states", "closed"),
    [((), True), (("corrected",), True), (("corrected", "open"), False), (("not-corrected",), False),
     (("not-corrected-clue", "corrected"), True), (("waived",), False), (("ordered",), False), (("extended",), False)],
)  # fmt: skip
def test_an_inspection_is_closed_when_all_its_findings_are(states: tuple[str, ...], closed: bool) -> None:
    findings = [
        KeptFinding.model_validate({
            "id": f"2024-0001-{n}", "inspection": "2024-0001", "site": "S00001", "unit": "x", "rule": "a.b",
            "grade": "minor", "sentence": "x", "found": "2024-01-15", "state": state.removesuffix("-clue"),
            "clue": "C1" if state.endswith("-clue") else None,
        }, strict=False)
        for n, state in enumerate(states)
    ]  # fmt: skip
    final = visit(1, "S00001", state="final")
    assert (closing(final, findings).state == "closed") is closed
    evaluated = visit(1, "S00001", state="evaluated")
    assert closing(evaluated, findings) == evaluated


# ── by commands


@pytest.fixture
def folder(invoke: Invoke, tmp_path: Path) -> Path:
    """A workspace with a pharmacy that the sample was made at, and another."""
    made = begun(tmp_path / "w")
    for fields in (
        ("名称=合肥市瑶海区安康大药房", "地址=长江东路100号"),
        ("名称=康民药店", "地址=长江东路90号", f"信用代码={code(2)}"),
    ):
        assert invoke("sites", "add", made, "药店", *fields, "责任单位=城东所", *ACTING).code == 0
    return made


def _get(folder: Path, inspection: str) -> Inspection:
    with open_workspace(folder) as workspace, workspace.store.reading() as reader:
        found = reader.get(Inspection, inspection)
        assert found is not None
        return found


def _answers(tmp_path: Path, **visit_changes: Any) -> Path:
    sheet = sample("retail-pharmacy-2024")
    del sheet["site"]["identity"]["credit_code"]
    sheet["visit"] |= visit_changes
    path = tmp_path / "答卷.yaml"
    path.write_text(dump(sheet), encoding="utf-8")
    return path


def _confirmed(path: Path, *, rejected: tuple[int, ...] = (), **changes: Any) -> Path:
    """Write decisions into a record: all findings confirmed by two inspectors, but for some."""
    from engine.source import load

    document, _ = load(path)
    assert document is not None
    assert isinstance(document.data, dict)
    record = document.data | changes
    for finding in record["findings"]:
        finding |= {"status": "confirmed", "by": list(INSPECTORS)}
        if finding["number"] in rejected:
            finding |= {"status": "rejected", "why": "现场核实不属实"}
    path.write_text(dump(record), encoding="utf-8")
    return path


def _sealed(invoke: Invoke, folder: Path, tmp_path: Path, inspection: str, **visit_changes: Any) -> None:
    record = tmp_path / f"{inspection}.yaml"
    assert (
        invoke("number", "take", folder, "--paper", "inspection-record", "--inspection", inspection, *ACTING).code == 0
    )
    assert invoke("visits", "answer", folder, inspection, _answers(tmp_path, **visit_changes), *AT_SEAL).code == 0
    assert invoke("visits", "evaluate", folder, inspection, "-o", record, *AT_SEAL).code == 0
    run = invoke("visits", "record", folder, inspection, _confirmed(record), *AT_SEAL)
    assert "可以归档" in run.out, run.said
    run = invoke("visits", "seal", folder, inspection, *AT_SEAL)
    assert run.code == 0, run.said


def test_the_life_of_an_inspection_by_commands(invoke: Invoke, folder: Path, tmp_path: Path) -> None:
    assert invoke("visits", "add", folder, "S00001", "--date", "2024-01-15", *ACTING).code == 0
    record = tmp_path / "r.yaml"
    assert invoke("visits", "evaluate", folder, "2024-0001", "-o", record, *AT_SEAL).code == 1, "no answers yet"
    assert invoke("visits", "seal", folder, "2024-0001", *AT_SEAL).code == 1
    assert invoke("visits", "answer", folder, "2024-0001", _answers(tmp_path), *AT_SEAL).code == 0
    kept = _get(folder, "2024-0001")
    assert kept.state == "answered"
    with open_workspace(folder) as workspace:
        assert all(is_whole(workspace.files, digest) for digest in kept.files.values())
    assert invoke("visits", "cancel", folder, "2024-0001", "--why", "x", *AT_SEAL).code == 1, "already answered"
    assert invoke("visits", "evaluate", folder, "2024-0001", "-o", record, *AT_SEAL).code == 0
    assert "authority: 某县市场监督管理局" in record.read_text(encoding="utf-8")
    run = invoke("visits", "record", folder, "2024-0001", record, *AT_SEAL)
    assert "尚未确认" in run.out
    run = invoke("visits", "seal", folder, "2024-0001", *AT_SEAL)
    assert run.code == 1
    assert all(each in run.err for each in ("E837", "尚未确认", "文书编号"))
    _confirmed(record, number="（某）市监检〔2024〕东1-001号")
    assert "可以归档" in invoke("visits", "record", folder, "2024-0001", record, *AT_SEAL).out
    assert invoke("visits", "seal", folder, "2024-0001", *AT_SEAL).code == 0
    final = _get(folder, "2024-0001")
    assert final.state == "final"
    assert final.numbers == ("（某）市监检〔2024〕东1-001号",)
    assert "2024-0001" in invoke("number", "list", folder).out, "a number written by hand is taken with the record"
    run = invoke("number", "void", folder, final.numbers[0], "--why", "x", *AT_SEAL)
    assert (run.code, "已归档" in run.err) == (1, True)
    for step in ("answer", "record"):
        run = invoke("visits", step, folder, "2024-0001", record, *AT_SEAL)
        assert (run.code, "visits supplement" in run.err) == (1, True)
    assert invoke("visits", "seal", folder, "2024-0001", *AT_SEAL).code == 1
    run = invoke("visits", "supplement", folder, "2024-0001", "--text", "第 2 页电话更正", "--why", "笔误", *AT_SEAL)
    assert run.code == 0
    after = _get(folder, "2024-0001")
    assert after.model_copy(update={"supplements": ()}) == final
    with open_workspace(folder) as workspace:
        assert not verify_workspace(workspace)[1]


def test_what_is_of_another_site_type_or_edition_is_refused(invoke: Invoke, folder: Path, tmp_path: Path) -> None:
    assert invoke("visits", "add", folder, "S00002", *ACTING).code == 0
    run = invoke("visits", "answer", folder, "2024-0001", _answers(tmp_path), *AT_SEAL)
    assert (run.code, "E838" in run.err, "康民药店" in run.err) == (1, True, True)
    clinic = ROOT / "checklists" / "samples" / "clinic-2024.yaml"
    assert "E838" in invoke("visits", "answer", folder, "2024-0001", clinic, *AT_SEAL).err
    assert invoke("visits", "answer", folder, "2024-0009", clinic, *AT_SEAL).code == 1
    assert _get(folder, "2024-0001").state == "planned"


def _findings(folder: Path, inspection: str) -> list[KeptFinding]:
    with open_workspace(folder) as workspace, workspace.store.reading() as reader:
        return reader.all(KeptFinding, inspection=inspection)


def test_what_was_put_right_and_is_found_again_has_come_back(invoke: Invoke, folder: Path, tmp_path: Path) -> None:
    for day in ("2024-01-15", "2024-01-18", "2024-01-19"):
        assert invoke("visits", "add", folder, "S00001", "--date", day, *ACTING).code == 0
    _sealed(invoke, folder, tmp_path, "2024-0001")
    first = [f.id for f in _findings(folder, "2024-0001")]
    assert len(first) > 3
    number = ("--paper", "inspection-record", "--inspection", "2024-0002")
    assert invoke("number", "take", folder, *number, *ACTING).code == 0
    record = tmp_path / "r.yaml"
    assert invoke("visits", "answer", folder, "2024-0002", _answers(tmp_path, date="2024-01-18"), *AT_SEAL).code == 0
    assert invoke("visits", "evaluate", folder, "2024-0002", "-o", record, *AT_SEAL).code == 0
    assert invoke("visits", "record", folder, "2024-0002", _confirmed(record), *AT_SEAL).code == 0
    run = invoke("visits", "seal", folder, "2024-0002", *AT_SEAL)
    second = _findings(folder, "2024-0002")
    assert {f.recurs for f in second} == {None}, "nobody has put right what is there"
    assert all(f"{f.id} 与 {old} 相同" in run.out for f, old in zip(second, first, strict=True)), run.said
    proof = tmp_path / "整改.txt"
    proof.write_text("已改正", encoding="utf-8")
    early = ("--by", "王芳", "--at", "2024-01-16 10:00")
    assert invoke("findings", "correct", folder, *first, "--evidence", proof, "--why", "整改报告", *early).code == 0
    assert f"新找出反弹 {len(second)} 个" in invoke("findings", "recurrences", folder, *AT_SEAL).out
    assert [f.recurs for f in _findings(folder, "2024-0002")] == first, "it was corrected on the 16th, and told later"
    figure = invoke("table", "show", folder, "t0", "--to", "2024-01-31", "--format", "json").out
    assert _total(figure, "recurred") == 1, "the table knows what was found after the visit was sealed"
    _sealed(invoke, folder, tmp_path, "2024-0003", date="2024-01-19")
    facts = _get(folder, "2024-0003").facts
    assert facts is not None
    assert [f.recurs for f in facts.findings] == first, "the second time nobody put it right"


def _total(text: str, column: str) -> int:
    data = json.loads(text)
    return int(data["whole"]["total"][column]["value"])


def test_the_cap_is_asked_before_it_is_passed(invoke: Invoke, folder: Path, tmp_path: Path) -> None:
    assert invoke("visits", "cap", folder, "1", "--why", "市局通知", *ACTING).code == 0
    add = ("visits", "add", folder, "S00001", "S00002", "--date", "2024-01-15")
    assert invoke(*add, *ACTING).code == 0
    run = invoke(*add, *ACTING)
    assert run.code == 1
    assert run.err.count("E835") == 2
    assert invoke(*add, "--online", *ACTING).code == 0, "an online patrol is no visit"
    assert invoke("visits", "add", folder, "S00001", "--date", "2025-01-15", *ACTING).code == 0, "another year"
    assert invoke(*add, "--over-cap", "投诉举报", *ACTING).code == 0
    assert _get(folder, "2024-0006").over_cap == "投诉举报"
    assert invoke("visits", "cancel", folder, "2024-0002", "--why", " ", *ACTING).code == 2
    assert invoke("visits", "cancel", folder, "2024-0002", "2024-0001", "--why", "改期", *ACTING).code == 0
    _sealed(invoke, folder, tmp_path, "2024-0006")
    assert invoke("visits", "answer", folder, "2024-0005", _answers(tmp_path), *AT_SEAL).code == 0
    with open_workspace(folder) as workspace:
        from engine.workspace.kept_files import path_of

        sheet = path_of(workspace.files, _get(folder, "2024-0006").files["answers"]).read_text(encoding="utf-8")
    assert "本年度已检查" in sheet


def test_sites_that_cannot_be_visited_are_all_told(invoke: Invoke, folder: Path) -> None:
    assert invoke("sites", "add", folder, "药店", "名称=没有单位的药店", "地址=路", *ACTING).code == 0
    assert invoke("sites", "close", folder, "S00001", "--why", "关门", *ACTING).code == 0
    run = invoke("visits", "add", folder, "S00001", "S00003", *ACTING)
    assert (run.code, run.err.count("E842")) == (1, 2)
    assert "S00001" not in invoke("visits", "plan", folder, "--missing").out
    assert (
        invoke(
            "visits", "add", folder, "S00003", "--unit", "城西所", "--assist", "城东所", "--assist", "城西所", *ACTING
        ).code
        == 0
    )
    joint = _get(folder, "2024-0001")
    assert (joint.unit, joint.assisting) == (UNITS[1].id, (UNITS[0].id,))


def test_the_plan_in_every_form(invoke: Invoke, folder: Path, tmp_path: Path) -> None:
    assert invoke("visits", "add", folder, "--missing", "--unit", "城东所", "--date", "2024-01-15", *ACTING).code == 0
    assert invoke("visits", "add", folder, "--missing", "--unit", "城东所", *ACTING).out.startswith("没有要安排")
    found = json.loads(invoke("visits", "plan", folder, "--format", "json").out)
    assert found["rows"][0] | {"unit": "", "site_type": ""} == {
        "unit": "", "site_type": "", "due": 2, "done": 0, "under_way": 0, "planned": 2, "visits": 0, "missing": 2,
        "untouched": 0,
    }  # fmt: skip
    assert "应检" in invoke("visits", "plan", folder).out
    books = [tmp_path / "1.xlsx", tmp_path / "2.xlsx"]
    for book in books:
        assert invoke("visits", "plan", folder, "--format", "xlsx", "--date", "2024-01-20", "-o", book).code == 0
    assert books[0].read_bytes() == books[1].read_bytes()


def test_a_route_is_printed_with_what_was_found_before(invoke: Invoke, folder: Path, tmp_path: Path) -> None:
    assert invoke("visits", "add", folder, "S00001", *ACTING).code == 0
    _sealed(invoke, folder, tmp_path, "2024-0001")
    assert invoke("visits", "add", folder, "S00001", "S00002", "--date", "2024-01-25", *ACTING).code == 0
    target = tmp_path / "0125.pdf"
    run = invoke("visits", "route", folder, "--unit", "城东所", "--date", "2024-01-25", "-o", target, *AT_SEAL)
    assert run.code == 0, run.said
    printed = [_get(folder, f"2024-000{n}") for n in (2, 3)]
    assert {i.state for i in printed} == {"printed"}
    assert all(i.lock for i in printed)
    with open_workspace(folder) as workspace:
        from engine.workspace.kept_files import path_of

        assert path_of(workspace.files, printed[0].files["checklist"]).read_bytes() == target.read_bytes()
        layout = json.loads(path_of(workspace.files, printed[0].files["layout"]).read_bytes())
    assert layout
    from pypdf import PdfReader

    pages = [page.extract_text() for page in PdfReader(target).pages]
    order = [next(n for n, text in enumerate(pages) if name in text) for name in ("安康大药房", "康民药店")]
    assert order[0] < order[1] or order[1] == 0, "neighbours follow by address: 100号 stands before 90号 as a text"
    assert any("2023" in text or "2-8" in text or "冷藏" in text for text in pages)
    run = invoke("visits", "route", folder, "--unit", "城西所", "--date", "2024-01-25", "-o", target, *AT_SEAL)
    assert (run.code, "E841" in run.err) == (1, True)


def test_an_unlicensed_site_met_on_the_way_is_registered_and_planned(invoke: Invoke, folder: Path) -> None:
    assert invoke("sites", "add", folder, "诊所", "地址=夜市3号", "责任单位=城西所", "--unlicensed", *ACTING).code == 0
    assert invoke("visits", "add", folder, "S00003", "--reason", "无证经营", *ACTING).code == 0
    assert _get(folder, "2024-0001").unit == UNITS[1].id


def test_nobody_is_at_two_sites_at_once(invoke: Invoke, folder: Path, tmp_path: Path) -> None:
    for _ in range(3):
        assert invoke("visits", "add", folder, "S00001", *ACTING).code == 0
    _sealed(invoke, folder, tmp_path, "2024-0001", start="09:10", end="10:05")
    said = []
    for n, (start, end) in ((2, ("10:05", "11:00")), (3, ("10:00", "10:30"))):
        record = tmp_path / f"{n}.yaml"
        answers = _answers(tmp_path, start=start, end=end)
        assert invoke("visits", "answer", folder, f"2024-000{n}", answers, *AT_SEAL).code == 0
        assert invoke("visits", "evaluate", folder, f"2024-000{n}", "-o", record, *AT_SEAL).code == 0
        said.append(invoke("visits", "record", folder, f"2024-000{n}", record, *AT_SEAL).out)
    assert "同一时间" not in said[0]
    assert "张伟、刘洋 同一时间也在检查 2024-0001（09:10 至 10:05）" in said[1]
    assert "2024-0002" in said[1], "records that are not sealed count too"


def test_visits_that_are_late_are_listed(invoke: Invoke, folder: Path) -> None:
    for day in ("2024-01-16", "2024-01-15", "2024-01-17"):
        assert invoke("visits", "add", folder, "S00002", "--date", day, *ACTING).code == 0
    listed = invoke("visits", "status", folder, "--until", "2024-01-16").out
    assert [line.split()[0] for line in listed.splitlines()[2:]] == ["2024-0002", "2024-0001"]


def test_papers_are_printed_from_the_kept_record_and_kept_when_they_are_final(
    invoke: Invoke, folder: Path, tmp_path: Path
) -> None:
    assert invoke("visits", "add", folder, "S00001", *ACTING).code == 0
    ask = ("visits", "print", folder, "2024-0001", "-o", tmp_path / "笔录.pdf", *AT_SEAL)
    assert "E834" in invoke(*ask).err
    _sealed(invoke, folder, tmp_path, "2024-0001")
    run = invoke(*ask)
    assert "正式" in run.out, run.said
    kept = _get(folder, "2024-0001")
    from engine.workspace.kept_files import path_of

    with open_workspace(folder) as workspace:
        same = path_of(workspace.files, kept.files["inspection_record"]).read_bytes()
        assert same == (tmp_path / "笔录.pdf").read_bytes()
        assert not verify_workspace(workspace)[1]
    run = invoke(
        "visits", "print", folder, "2024-0001", "--document", "correction-notice", "-o", tmp_path / "责改.pdf", *AT_SEAL
    )
    assert "草稿" in run.out, "the notice has no number"
    assert "correction_notice" not in _get(folder, "2024-0001").files


def test_nothing_is_planned_for_a_unit_that_was_closed(invoke: Invoke, folder: Path) -> None:
    closed = invoke("workspace", "units", "close", folder, UNITS[1].id, "--why", "撤并", *ACTING)
    assert closed.code == 0, closed.said
    assert "E818" in invoke("visits", "add", folder, "S00001", "--unit", "城西所", *ACTING).err
    assert "E840" in invoke("sites", "edit", folder, "S00001", "责任单位=城西所", *ACTING).err


def test_areas_are_counted_each_for_itself() -> None:
    sites = [
        site(1, areas=("车站", "农村")), site(2, areas=("农村",)), site(3, areas=("夜市",)), site(4),
        site(5, attributes={"region": True}), site(6, areas=("车站",), closed="2023-01-01"),
        site(7, areas=("车站",), unit=UNITS[1].id),
    ]  # fmt: skip
    made = [
        visit(1, "S00001", state="final"),
        visit(2, "S00002", state="answered"),
        visit(3, "S00006", state="planned"),
    ]
    rows = coverage_of_areas(sites, made, "2024", ["车站", "码头", "农村"], lambda s: s.unit == UNITS[0].id)
    assert [(r.unit, r.due, r.done, r.under_way) for r in rows] == [
        ("车站", 1, 1, 0), ("码头", 0, 0, 0), ("农村", 2, 1, 1), ("夜市", 1, 0, 0), ("没有写明是哪种", 1, 0, 0)
    ]  # fmt: skip


def test_one_unit_keeps_the_visits_to_what_was_merged_from_another() -> None:
    sites = [site(1), site(2, unit=UNITS[1].id, merged_into="S00001", closed="2024-01-01")]
    rows = coverage(sites, [visit(1, "S00002", state="final")], "2024", lambda s: s.unit == UNITS[0].id)
    assert [(r.due, r.done) for r in rows] == [(1, 1)]


def test_the_plan_by_area_and_of_the_focus_list(invoke: Invoke, folder: Path) -> None:
    assert invoke("sites", "edit", folder, "S00001", "重点区域=车站、农村", *ACTING).code == 0
    assert invoke("sites", "focus", folder, "S00001", "--add", "冷链", *ACTING).code == 0
    by_area = json.loads(invoke("visits", "plan", folder, "--by", "area", "--format", "json").out)["rows"]
    assert {row["unit"]: row["due"] for row in by_area} == {
        "旅游景区": 0, "车站": 1, "码头": 0, "城乡结合部": 0, "农村": 1
    }  # fmt: skip
    focus = json.loads(invoke("visits", "plan", folder, "--focus", "--format", "json").out)["rows"]
    assert focus[-1]["due"] == 1
    assert "药品零售企业" in invoke("visits", "plan", folder).out


def test_a_number_of_another_inspection_keeps_a_record_from_being_sealed(
    invoke: Invoke, folder: Path, tmp_path: Path
) -> None:
    for _ in range(2):
        assert invoke("visits", "add", folder, "S00001", *ACTING).code == 0
    _sealed(invoke, folder, tmp_path, "2024-0001")
    taken = _get(folder, "2024-0001").numbers[0]
    record = tmp_path / "2.yaml"
    answers = _answers(tmp_path, start="11:00", end="11:40")
    assert invoke("visits", "answer", folder, "2024-0002", answers, *AT_SEAL).code == 0
    assert invoke("visits", "evaluate", folder, "2024-0002", "-o", record, *AT_SEAL).code == 0
    run = invoke("visits", "record", folder, "2024-0002", _confirmed(record, number=taken), *AT_SEAL)
    assert f"编号 {taken} 已用于检查 2024-0001" in run.out
    run = invoke("visits", "seal", folder, "2024-0001", "2024-0002", *AT_SEAL)
    assert (run.code, run.err.count("E834"), run.err.count("E837")) == (1, 1, 1), "each is told about"
    voided = invoke("number", "take", folder, "--paper", "inspection-record", *AT_SEAL).out.strip()
    assert invoke("number", "void", folder, voided, "--why", "写错", *AT_SEAL).code == 0
    run = invoke("visits", "record", folder, "2024-0002", _confirmed(record, number=voided), *AT_SEAL)
    assert "已作废" in run.out


def test_closing_a_site_tells_of_visits_that_are_left(invoke: Invoke, folder: Path) -> None:
    assert invoke("visits", "add", folder, "S00001", *ACTING).code == 0
    assert "2024-0001" in invoke("sites", "close", folder, "S00001", "--why", "关门", *ACTING).err

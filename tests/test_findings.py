"""Findings: no path loses one, every step is in the trail, what is not allowed is refused in Chinese."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from support_follow_up import STATION, finding, inspection, site, workspace_in

from engine.follow_up.findings import (
    ENDED,
    STATES,
    Step,
    correct,
    counts,
    extend,
    fail,
    is_overdue,
    order,
    resume,
    waive,
)
from engine.follow_up.reviews import RESULTS, look_back, read_results, recurrences, results_in
from engine.library.files import place
from engine.library.load import read_files
from engine.model.look_back import LookBackFile
from engine.model.workspace import Inspection, KeptFinding, LedgerEntry, Setting
from engine.problems import ProblemError
from engine.source import dump
from engine.workspace.findings import (
    Clue,
    fail_findings,
    findings_of,
    keep_evidence,
    mark_recurrences,
    plan_review,
    recorded_results,
    settle_review,
    take_step,
)
from engine.workspace.folder import Workspace
from engine.workspace.kept_files import keep
from engine.workspace.ledgers import read_ledgers
from engine.workspace.looking_back import look_back_at
from engine.workspace.register import Who
from engine.workspace.settings import VISIT_CAP
from engine.workspace.verifying import verify_workspace
from engine.workspace.visits import Wanted, add_visits

DAY = date(2024, 1, 10)
SHA = "a" * 64
_ALLOWED = {
    ("open", "order"): "ordered", ("ordered", "extend"): "extended",
    **{(state, "correct"): "corrected" for state in ("open", "ordered", "extended")},
    **{(state, "fail"): "not-corrected" for state in ("ordered", "extended")},
    **{(state, "waive"): "waived" for state in ("open", "ordered", "extended")},
}  # fmt: skip
"""The whole machine, written a second time; resume goes back to where the waiver came from."""


def _take(name: str, f: KeptFinding, on: date, days: int) -> Step:
    later = on + timedelta(days=days)
    match name:
        case "order":
            return order(f, on=on, due=later)
        case "extend":
            return extend(f, on=on, due=later)
        case "correct":
            return correct(f, on=on, evidence=(SHA,))
        case "fail":
            return fail(f, on=on, clue="线索2024-0001")
        case "waive":
            return waive(f, on=on, authority="王局", reason="停业", until=later)
        case _:
            return resume(f)


steps = st.lists(
    st.tuples(
        st.sampled_from(["order", "extend", "correct", "fail", "waive", "resume"]),
        st.integers(0, 40),
        st.integers(0, 30),
    ),
    max_size=12,
)


@given(steps)
def test_a_finding_only_goes_where_the_machine_goes(taken: list[tuple[str, int, int]]) -> None:
    current, on = finding(), date(2024, 1, 8)
    extensions = 0
    for name, wait, days in taken:
        on += timedelta(days=wait)
        step = _take(name, current, on, days)
        if step.refused is not None:
            assert step.finding == current
            assert current.id in step.refused.message
            assert STATES[current.state] in step.refused.message
            assert step.refused.hint
            continue
        expected = current.waiver.before if name == "resume" and current.waiver else _ALLOWED.get((current.state, name))
        assert step.finding.state == expected
        kept = ("id", "rule", "sentence", "found", "site", "inspection", "unit", "subject", "grade")
        assert all(getattr(step.finding, k) == getattr(current, k) for k in kept)
        assert current.state not in ENDED, "a step out of an end"
        extensions += name == "extend"
        if name == "fail":
            assert current.due is not None
            assert on > current.due
        assert (step.finding.waiver is not None) == (step.finding.state == "waived")
        current = step.finding
    assert extensions <= 1
    assert (current.settled is not None) == (current.state in (*ENDED, "waived"))
    assert (current.clue is not None) == (current.state == "not-corrected")


@given(st.lists(steps, max_size=6), st.integers(0, 60))
def test_counts_add_up(lives: list[list[tuple[str, int, int]]], later: int) -> None:
    ends = []
    for number, taken in enumerate(lives):
        current, on = finding(f"2024-0001-{number + 1}"), date(2024, 1, 8)
        for name, wait, days in taken:
            on += timedelta(days=wait)
            current = _take(name, current, on, days).finding
        ends.append(current)
    day = date(2024, 1, 8) + timedelta(days=later)
    found = counts(ends, day)
    assert found.total == len(ends)
    assert found.overdue == sum(f.state in ("ordered", "extended") and bool(f.due) and day > f.due for f in ends)  # type: ignore[operator]


def test_the_day_of_the_term_is_still_in_time() -> None:
    ordered = order(finding(), on=DAY, due=date(2024, 1, 20)).finding
    assert not is_overdue(ordered, date(2024, 1, 20))
    assert is_overdue(ordered, date(2024, 1, 21))
    assert fail(ordered, on=date(2024, 1, 20), clue="X").refused is not None
    assert fail(ordered, on=date(2024, 1, 21), clue="X").refused is None


def test_a_second_notice_for_the_same_finding_is_refused() -> None:
    ordered = order(finding(), on=DAY, due=DAY, notice="市监责改〔2024〕1号").finding
    refused = order(ordered, on=DAY, due=date(2024, 2, 1)).refused
    assert refused is not None
    assert "线索" in refused.hint


def test_correcting_needs_evidence() -> None:
    refused = correct(finding(), on=DAY).refused
    assert refused is not None
    assert "证据" in refused.message


def _act(on: str, why: str = "现场核实", by: str = "张三、李四") -> Who:
    return Who(by, f"{on} 10:00", why)


def test_every_step_stands_in_the_trail_and_the_inspection_closes_with_its_last_finding(tmp_path: Path) -> None:
    proof = tmp_path / "整改.jpg"
    proof.write_bytes(b"photo")
    ids = ["2024-0001-1", "2024-0001-2"]
    with workspace_in(tmp_path, site(), inspection(), *map(finding, ids)) as workspace:
        ledger = read_ledgers(place())["clue"]
        take_step(
            workspace, ids, lambda f: order(f, on=DAY, due=date(2024, 1, 20)), _act("2024-01-10", "第 1 号"), "责令改正"
        )
        kept = keep_evidence(workspace, [proof])
        take_step(
            workspace, ids[:1], lambda f: correct(f, on=date(2024, 1, 15), evidence=kept), _act("2024-01-15"), "已改正"
        )
        with workspace.store.reading() as reader:
            assert reader.get(Inspection, "2024-0001").state == "final"  # type: ignore[union-attr]
        fail_findings(workspace, ids[1:], ledger, Clue(STATION, "张三"), _act("2024-01-22"))
        with workspace.store.reading() as reader:
            assert reader.get(Inspection, "2024-0001").state == "closed"  # type: ignore[union-attr]
            first, second = findings_of(reader)
            clue = reader.get(LedgerEntry, second.clue or "")
            trail = [(e.by, e.at[:10], e.action, e.why) for e in reader.trail()][-3:]
        assert first.evidence == kept
        assert (workspace.files / kept[0][:2] / kept[0]).read_bytes() == b"photo"
        assert clue is not None
        assert clue.finding == second.id
        assert clue.values["source"] == "检查发现"
        assert [each[1:3] for each in trail] == [
            ("2024-01-10", "责令改正"), ("2024-01-15", "已改正"), ("2024-01-22", "认定未改正，转线索")
        ]  # fmt: skip
        assert all(by and why for by, _, _, why in trail)
        assert not verify_workspace(workspace)[1]


def test_a_refused_step_changes_nothing_for_any_of_them(tmp_path: Path) -> None:
    done = finding("2024-0001-2", state="corrected", settled=DAY)
    with workspace_in(tmp_path, site(), inspection(), finding(), done) as workspace:
        with pytest.raises(ProblemError) as refused:
            take_step(
                workspace, ["2024-0001-1", "2024-0001-2"], lambda f: order(f, on=DAY, due=DAY), _act("2024-01-10"), "x"
            )
        assert [p.code for p in refused.value.problems] == ["E886"]
        with workspace.store.reading() as reader:
            assert findings_of(reader) == [finding(), done]


def test_a_review_settles_each_finding_by_its_result(tmp_path: Path) -> None:
    ids = [f"2024-0001-{n}" for n in (1, 2, 3)]
    with workspace_in(tmp_path, site(), inspection(), *map(finding, ids)) as workspace:
        ledger = read_ledgers(place())["clue"]
        take_step(workspace, ids, lambda f: order(f, on=DAY, due=date(2024, 1, 20)), _act("2024-01-10"), "责令改正")
        review = plan_review(workspace, "2024-0001", date(2024, 1, 25), _act("2024-01-21", ""))
        assert (review.id, review.earlier, review.state) == ("2024-0002", "2024-0001", "planned")
        with pytest.raises(ProblemError, match="已安排复查"):
            plan_review(workspace, "2024-0001", None, _act("2024-01-21", ""))
        results, problems = read_results([f"{i}={r}" for i, r in zip(ids, RESULTS, strict=False)])
        assert not problems
        clue, who = Clue(STATION, "张三"), _act("2024-01-25")
        with pytest.raises(ProblemError, match="复查结果"):
            settle_review(workspace, review.id, {ids[0]: "已整改"}, ledger, clue, who, date(2024, 2, 5))
        with pytest.raises(ProblemError, match="两名"):
            settle_review(workspace, review.id, results, ledger, clue, Who("张三", who.at, "x"), date(2024, 2, 5))
        done = settle_review(workspace, review.id, results, ledger, clue, who, date(2024, 2, 5))
    assert [f.state for f in done] == ["corrected", "extended", "not-corrected"]
    assert [f.review for f in done] == [review.id] * 3
    assert (done[1].first_due, done[1].due) == (date(2024, 1, 20), date(2024, 2, 5))


def _recorded(workspace: Workspace, number: str, rows: list[dict[str, str]]) -> str:
    """Keep a record; return its SHA-256."""
    data = {"kind": "record", "campaign": "2024", "lock": "0" * 64, "checklist": "123456789012", "site_type": "retail-pharmacy",
            "number": number, "answers": {"follow-up": rows}, "findings": []}  # fmt: skip
    return keep(workspace.files, dump(data).encode())


def test_the_results_of_a_review_come_from_its_sealed_record(tmp_path: Path) -> None:
    ids = [f"2024-0001-{n}" for n in (1, 2, 3)]
    done = finding(ids[2], state="corrected", settled=DAY)
    with workspace_in(tmp_path, site(), *map(finding, ids[:2]), done) as workspace:
        record = _recorded(workspace, "（瑶）市监药检〔2024〕1号", [])
        rows = [{"item": f"（瑶）市监药检〔2024〕1号-{n}", "problem": "冷藏柜", "result": r}
                for n, r in ((1, "已整改"), (2, "部分整改"), (3, "反弹"))]  # fmt: skip
        review = _recorded(workspace, "（瑶）市监药检〔2024〕9号", rows)
        with workspace.store.writing(by="张三", at="2024-01-20 09:00", action="归档") as writer:
            writer.put(inspection(files={"record": record}))
            writer.put(inspection("2024-0002", earlier="2024-0001", state="evaluated", files={"record": review}))
        take_step(workspace, ids[:2], lambda f: order(f, on=DAY, due=date(2024, 1, 20)), _act("2024-01-10"), "责令改正")
        with pytest.raises(ProblemError, match="不是已归档的复查"):
            recorded_results(workspace, "2024-0002")
        with workspace.store.writing(by="张三", at="2024-01-25 09:00", action="归档") as writer:
            writer.put(inspection("2024-0002", earlier="2024-0001", files={"record": review}))
        results = recorded_results(workspace, "2024-0002")
        assert results == {ids[0]: "已整改", ids[1]: "部分整改"}, "what came back is no result of a finding that waits"
        settled = settle_review(workspace, "2024-0002", results, read_ledgers(place())["clue"], Clue("", ""), _act("2024-01-25"),
                                date(2024, 2, 5))  # fmt: skip
        assert [f.state for f in settled] == ["corrected", "extended"]


@pytest.mark.parametrize(("row", "code"), [({"item": "别的记录-1", "result": "已整改"}, "E884"), ({"item": "甲-1"}, "E882"),
                                           ({"item": "甲", "result": "已整改"}, "E884")])  # fmt: skip
def test_rows_of_a_review_that_say_nothing_are_refused(row: dict[str, str], code: str) -> None:
    found, problems = results_in([row], "甲", "2024-0001")
    assert found == {}
    assert [p.code for p in problems] == [code]


def test_relapse_is_not_typed_in() -> None:
    results, problems = read_results(["2024-0001-1=反弹", "2024-0001-2=好了", "2024-0001-1=已整改"])
    assert results == {"2024-0001-1": "反弹"}
    assert [p.code for p in problems] == ["E881", "E881"]


def test_recurrence_is_found_by_the_program(tmp_path: Path) -> None:
    old = finding(
        "2023-0009-1", found=date(2023, 3, 1), state="corrected", settled=date(2023, 3, 20), subject={"product": "甲"}
    )
    other = finding(
        "2023-0009-2", found=date(2023, 3, 2), state="corrected", settled=date(2023, 3, 20), subject={"product": "乙"}
    )
    open_ = finding("2023-0009-3", found=date(2023, 3, 3), rule="vaccines.source")
    new = finding("2024-0001-1", subject={"product": "甲"})
    unlike = finding("2024-0001-2", rule="vaccines.source")
    elsewhere = finding("2024-0002-1", site="S2", subject={"product": "甲"})
    with workspace_in(
        tmp_path, site(), site("S2"), inspection(), old, other, open_, new, unlike, elsewhere
    ) as workspace:  # fmt: skip
        found = mark_recurrences(workspace, _act("2024-01-10"))
        assert [(r.finding, r.earlier, r.same_subject) for r in found] == [("2024-0001-1", "2023-0009-1", True)]
        assert mark_recurrences(workspace, _act("2024-01-11")) == []
        with workspace.store.reading() as reader:
            assert reader.get(KeptFinding, "2024-0001-1").recurs == "2023-0009-1"  # type: ignore[union-attr]


@given(st.integers(-40, 40), st.sampled_from(sorted(STATES)))
def test_only_what_was_corrected_before_recurs(days: int, state: str) -> None:
    settled = date(2024, 1, 8) + timedelta(days=days)
    old = finding("2023-0001-1", found=settled - timedelta(days=5), settled=settled, state=state)
    found = recurrences([finding()], [old], {})
    assert bool(found) == (state == "corrected" and settled < date(2024, 1, 8))


def test_look_back_lists_the_sites_of_the_risk_classes_and_plans_each_once(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    clinic = {"site_type": "vaccination-unit", "credit_code": "91330100MA00000000"}
    olds = [
        finding("2023-0001-1", rule="vaccines.source", state="corrected", settled=date(2023, 3, 1), found=date(2023, 2, 1), site="A1"),
        finding("2023-0001-2", rule="cold-chain.refrigerator-temperature", found=date(2023, 2, 1), site="A1"),
        finding("2023-0002-1", rule="cold-chain.refrigerator-temperature", found=date(2023, 2, 1), site="A2"),
        finding("2023-0003-1", rule="special-drugs.controlled-stock", found=date(2023, 2, 1), site="A3"),
    ]  # fmt: skip
    with workspace_in(
        tmp_path / "old", site("A1", **clinic), site("A2"), site("A3", name="没有了"), *olds, campaign="2023"
    ):  # fmt: skip
        pass
    with workspace_in(tmp_path, site("B1", **clinic), site("A2")) as workspace:
        last = tmp_path / "old" / "ws"
        found = look_back_at(workspace, place(), last, _act("2024-01-10"), plan=True, day=None)
        again = look_back_at(workspace, place(), None, _act("2024-01-11"), plan=True, day=None)
    assert [(t.site, t.classes, t.findings) for t in found.targets] == [
        ("B1", ("疫苗", "疫苗储存运输"), ("2023-0001-1", "2023-0001-2"))
    ]
    assert found.unknown == ("没有了",)
    assert [(i.site, i.state, i.earlier) for i in found.planned] == [("B1", "planned", None)]
    assert again.targets == found.targets
    assert again.planned == ()


def test_reviews_and_look_backs_keep_to_the_cap(tmp_path: Path) -> None:
    old = finding("2023-0001-1", rule="vaccines.source", state="corrected", settled=date(2023, 3, 1),
                  found=date(2023, 2, 1), site="B1", inspection="2023-0001")  # fmt: skip
    sites = (site("B1", site_type="vaccination-unit"), site())
    with workspace_in(tmp_path, *sites, inspection(planned=DAY), finding(), old) as workspace:
        with workspace.store.writing(by="张三", at="2024-01-02 10:00", action="定频次上限") as writer:
            writer.put(Setting(id=VISIT_CAP, value=1))
        add_visits(workspace, ["B1"], Wanted(planned=DAY), _act("2024-01-02"))
        take_step(workspace, ["2024-0001-1"], lambda f: order(f, on=DAY, due=DAY), _act("2024-01-10"), "责令改正")
        act = _act("2024-01-21", "")
        with workspace.store.writing(by="张三", at="2024-01-21 10:00", action="上次行动") as writer:
            writer.put(inspection("2023-0001", campaign="2023", site="B1"))
        with pytest.raises(ProblemError) as refused:
            plan_review(workspace, "2024-0001", date(2024, 1, 25), act)
        assert [p.code for p in refused.value.problems] == ["E835"]
        assert plan_review(workspace, "2024-0001", date(2024, 1, 25), act, "责令改正到期").over_cap == "责令改正到期"
        with pytest.raises(ProblemError) as refused:
            look_back_at(workspace, place(), None, act, plan=True, day=None)
        assert [p.code for p in refused.value.problems] == ["E835"]
        planned = look_back_at(workspace, place(), None, act, plan=True, day=None, over="方案要求").planned
        assert [(i.site, i.over_cap) for i in planned] == [("B1", "方案要求")]


def test_the_packaged_look_back_tables_name_rules_and_priorities_that_exist() -> None:
    tables, problems = read_files(place(), "rules/look-back", LookBackFile)
    assert not problems
    text = {p.stem: p.read_text(encoding="utf-8") for p in (place().root / "rules/priorities").glob("*.yaml")}
    for name, loaded in tables.items():
        assert name == loaded.value.look_back
        for risk in loaded.value.classes:
            assert set(risk.priorities) <= set(text)
            for rule in risk.rules:
                assert f"- id: {rule}\n" in text[rule.split(".")[0]] or f"id: {rule}" in text[rule.split(".")[0]]
    assert look_back([], tables["2024"].value, {}) == []


@settings(max_examples=8, deadline=None, phases=(Phase.generate,))
@given(steps)
def test_whatever_is_tried_the_trail_holds_every_version_and_no_finding_is_lost(
    taken: list[tuple[str, int, int]],
) -> None:
    with (
        TemporaryDirectory() as name,
        workspace_in(Path(name), site(), inspection(), finding(), finding("2024-0001-2")) as workspace,
    ):
        on, versions = date(2024, 1, 8), [finding()]
        for step, wait, days in taken:
            on += timedelta(days=wait)
            before = versions[-1]
            try:
                act = _act(str(on), step)
                versions += take_step(
                    workspace, [before.id], lambda f, a=(step, on, days): _take(a[0], f, *a[1:]), act, step
                )
            except ProblemError as refused:
                assert [p.code for p in refused.problems] == ["E886"]
        with workspace.store.reading() as reader:
            assert [f.id for f in findings_of(reader)] == ["2024-0001-1", "2024-0001-2"]
            trail = [e for e in reader.trail() if e.why]
            assert [e.why for e in trail] == [e.action for e in trail]
            assert len(trail) == len(versions) - 1
            assert reader.get(KeptFinding, "2024-0001-1") == versions[-1]
        wrong = verify_workspace(workspace)[1]
        assert all(SHA in p.message for p in wrong), "the file of that name was never kept, all else agrees"

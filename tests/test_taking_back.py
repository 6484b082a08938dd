"""A step of a finding taken by mistake is taken back by one more entry: the trail keeps both, and nothing is left over."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from support_documents import Invoke
from support_follow_up import STATION, finding, inspection, site, workspace_in

from engine.follow_up.findings import TAKEN_BACK, correct, extend, order, resume, take_back, waive
from engine.library.files import place
from engine.model.workspace import Inspection, KeptFinding
from engine.problems import ProblemError
from engine.workspace.findings import Clue, fail_findings, mark_recurrences, take_step
from engine.workspace.folder import Workspace
from engine.workspace.ledgers import read_ledgers, void_entry
from engine.workspace.register import Who
from engine.workspace.taking_back import take_back_steps
from engine.workspace.verifying import verify_workspace

DAY = date(2024, 1, 10)
ONE, TWO = "2024-0001-1", "2024-0001-2"


def _who(day: str, why: str = "点错了") -> Who:
    return Who("张三", f"{day} 10:00", why)


def _now(workspace: Workspace, id_: str) -> KeptFinding:
    with workspace.store.reading() as reader:
        found = reader.get(KeptFinding, id_)
    assert found is not None
    return found


STEPS = {
    "order": lambda f, on: order(f, on=on, due=on + timedelta(days=5)),
    "extend": lambda f, on: extend(f, on=on, due=on + timedelta(days=30)),
    "correct": lambda f, on: correct(f, on=on, review="2024-0002"),
    "waive": lambda f, on: waive(f, on=on, authority="局长", reason="停业", until=on + timedelta(days=60)),
    "resume": lambda f, on: resume(f),
}


@given(st.lists(st.sampled_from([*STEPS, "back", "back", "recurs"]), max_size=14))
def test_steps_taken_back_are_a_stack(tried: list[str]) -> None:
    """By hand: what was taken and not taken back, in order; the finding is what the last of it left."""
    versions, stack = [("归档", finding(ONE))], [finding(ONE)]
    for number, name in enumerate(tried):
        now = versions[-1][1]
        if name == "back":
            step = take_back(versions)
            assert (step.refused is None) == (len(stack) > 1)
            if step.refused is None:
                stack.pop()
                assert step.finding.model_copy(update={"recurs": None}) == stack[-1].model_copy(update={"recurs": None})
                assert step.finding.recurs == now.recurs, "which finding came back is no step"
                versions.append((TAKEN_BACK, step.finding))
        elif name == "recurs":
            versions.append(("查找反弹", now.model_copy(update={"recurs": f"2023-{number:04}-1"})))
        else:
            step = STEPS[name](now, DAY + timedelta(days=number))
            if step.refused is None:
                versions.append((name, step.finding))
                stack.append(step.finding)


@settings(max_examples=6, deadline=None, phases=(Phase.generate,))
@given(st.lists(st.sampled_from(["order", "extend", "correct"]), min_size=1, max_size=3, unique=True))
def test_the_trail_keeps_what_was_taken_back(tried: list[str]) -> None:
    with TemporaryDirectory() as name, workspace_in(Path(name), site(), inspection(), finding(ONE)) as workspace:
        seen = [_now(workspace, ONE)]
        for number, each in enumerate(tried):
            try:
                take_step(workspace, [ONE], lambda f, e=each, n=number: STEPS[e](f, DAY + timedelta(days=n)),
                          _who(f"2024-01-{10 + number}"), each)  # fmt: skip
                seen.append(_now(workspace, ONE))
            except ProblemError:
                continue
        for before in reversed(seen[:-1]):
            take_back_steps(workspace, [ONE], _who("2024-01-20"))
            assert _now(workspace, ONE) == before
        with pytest.raises(ProblemError, match="没有可以收回的"):
            take_back_steps(workspace, [ONE], _who("2024-01-21"))
        with workspace.store.reading() as reader:
            actions = [entry.action for entry in reader.trail() if ONE in entry.text]
        assert actions.count(TAKEN_BACK) == len(seen) - 1
        assert not verify_workspace(workspace).problems


def test_an_inspection_closed_by_a_mistake_is_open_again(tmp_path: Path) -> None:
    with workspace_in(tmp_path, site(), inspection(), finding(ONE), finding(TWO)) as workspace:
        take_step(workspace, [ONE, TWO], lambda f: correct(f, on=DAY, review="x"), _who("2024-01-10"), "认定已改正")
        with workspace.store.reading() as reader:
            assert reader.get(Inspection, "2024-0001").state == "closed"  # type: ignore[union-attr]
        take_back_steps(workspace, [TWO], _who("2024-01-11"))
        with workspace.store.reading() as reader:
            assert reader.get(Inspection, "2024-0001").state == "final"  # type: ignore[union-attr]
        assert (_now(workspace, ONE).state, _now(workspace, TWO).state) == ("corrected", "open")


def test_a_clue_that_was_made_goes_first(tmp_path: Path) -> None:
    with workspace_in(tmp_path, site(), inspection(), finding(ONE), finding(TWO)) as workspace:
        take_step(workspace, [ONE, TWO], lambda f: order(f, on=DAY, due=DAY), _who("2024-01-10"), "责令改正")
        ledger = read_ledgers(place())["clue"]
        fail_findings(workspace, [ONE, TWO], ledger, Clue(STATION, "张三"), _who("2024-01-12"))
        clues = [str(_now(workspace, each).clue) for each in (ONE, TWO)]
        with pytest.raises(ProblemError, match="已转成") as refused:
            take_back_steps(workspace, [ONE, TWO], _who("2024-01-13"))
        assert len(refused.value.problems) == 2
        assert _now(workspace, ONE).state == "not-corrected", "all or none"
        void_entry(workspace, clues[0], by="张三", at="2024-01-13 10:00", why="点错了")
        take_back_steps(workspace, [ONE], _who("2024-01-13"))
        assert (_now(workspace, ONE).state, _now(workspace, ONE).clue) == ("ordered", None)


def test_what_is_not_corrected_any_more_cannot_have_come_back(tmp_path: Path) -> None:
    old = finding("2023-0009-1", found=date(2023, 3, 1))
    with workspace_in(tmp_path, site(), inspection(), old, finding(ONE)) as workspace:
        take_step(
            workspace, [old.id], lambda f: correct(f, on=date(2023, 3, 9), review="x"), _who("2024-01-09"), "改正"
        )
        assert [r.finding for r in mark_recurrences(workspace, _who("2024-01-10"))] == [ONE]
        _, changed = take_back_steps(workspace, [old.id], _who("2024-01-11"))
        assert [(f.id, f.recurs) for f in changed] == [(ONE, None)]
        assert _now(workspace, ONE).recurs is None


def test_by_command(tmp_path: Path, invoke: Invoke) -> None:
    with workspace_in(tmp_path, site(), inspection(), finding(ONE)):
        pass
    who = ("--by", "张三", "--at", "2024-01-10 10:00")
    assert invoke("findings", "order", tmp_path / "ws", ONE, "--due", "2024-01-20", *who).code == 0
    run = invoke("findings", "undo", tmp_path / "ws", ONE, "--why", "录错了单位", *who)
    assert run.out == f"{ONE} 由已责令改正收回为未处理\n"
    assert invoke("findings", "undo", tmp_path / "ws", ONE, "--why", "录错了单位", *who).code == 1
    assert "录错了单位" in invoke("workspace", "log", tmp_path / "ws").out

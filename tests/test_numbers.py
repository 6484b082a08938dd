"""Numbers of papers: one after the other in their series, never twice, whoever takes them at the same time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import ROOT
from support_documents import Invoke, environment
from support_register import ACTING, BUREAU, UNITS, begun

from engine.model.workspace import TakenNumber
from engine.numbering import PaperNumber, number_faults, read_number, write_number
from engine.register.numbers import next_serial, series_named, series_of, states
from engine.workspace.folder import open_workspace

NAMES = st.text("（某）市监责改检A1", min_size=1, max_size=12)
BLOCKS = st.text("东西蚌A1", max_size=4)


@given(NAMES, st.integers(2000, 2099), BLOCKS, st.integers(1, 99999))
def test_a_number_written_is_read_again(prefix: str, year: int, block: str, serial: int) -> None:
    number = PaperNumber(prefix, year, block, serial)
    assert read_number(write_number(number)) == number


@given(st.sets(st.integers(1, 40), min_size=1), st.sampled_from(["", "东1"]))
def test_gaps_are_the_serials_that_nobody_took(serials: set[int], block: str) -> None:
    series = series_of(BUREAU, "correction-notice", 2024, block)
    assert series is not None
    taken = [TakenNumber(id=series.number(n), series=series.name, serial=n, paper="correction-notice") for n in serials]
    (state,) = states(taken)
    assert set(state.missing) | serials == set(range(1, max(serials) + 1))
    assert not set(state.missing) & serials
    assert next_serial(taken) == max(serials) + 1
    assert series_named(series.number(next_serial(taken))) == (series, max(serials) + 1)


def test_series_are_kept_apart(invoke: Invoke, tmp_path: Path) -> None:
    folder = begun(tmp_path / "w")

    def take(*arguments: str) -> str:
        run = invoke("number", "take", folder, *arguments, *ACTING)
        assert run.code == 0, run.said
        return run.out.strip()

    record, notice = ("--paper", "inspection-record"), ("--paper", "correction-notice")
    assert take(*record) == "（某）市监检〔2024〕1号"
    assert take(*record) == "（某）市监检〔2024〕2号"
    assert take(*notice) == "（某）市监责改〔2024〕1号"
    assert take(*record, "--unit", "城东所") == "（某）市监检〔2024〕东1-001号"
    assert take(*record, "--unit", "城西所") == "（某）市监检〔2024〕西2-001号"
    assert take(*record, "--year", "2025") == "（某）市监检〔2025〕1号"
    assert take(*record) == "（某）市监检〔2024〕3号"
    for number in ("（某）市监检〔2024〕1号", "（某）市监检〔2024〕东1-001号"):
        assert not number_faults(number, "inspection-record", None, BUREAU)


def test_a_voided_number_stays_and_is_not_taken_again(invoke: Invoke, tmp_path: Path) -> None:
    folder = begun(tmp_path / "w")
    take = ("number", "take", folder, "--paper", "inspection-record")
    first = invoke(*take, *ACTING).out.strip()
    assert invoke("number", "void", folder, first, *ACTING).code == 2, "without a reason"
    assert invoke("number", "void", folder, first, "--why", "写错", *ACTING).code == 0
    assert invoke("number", "void", folder, first, "--why", "写错", *ACTING).code == 1, "twice"
    assert invoke("number", "void", folder, "没有的号", "--why", "写错", *ACTING).code == 1
    assert invoke(*take, *ACTING).out.strip() == "（某）市监检〔2024〕2号"
    assert invoke(*take, "--written", "（某）市监检〔2024〕9号", *ACTING).code == 0
    for used in (first, "（某）市监检〔2024〕9号", "2024第9号"):
        assert "E839" in invoke(*take, "--written", used, *ACTING).err
    listed = invoke("number", "list", folder).out
    assert "缺号：3、4、5、6、7、8" in listed
    assert "作废：写错" in listed
    assert invoke(*take, *ACTING).out.strip() == "（某）市监检〔2024〕10号"


def test_a_paper_without_a_code_in_the_profile_has_no_number(invoke: Invoke, tmp_path: Path) -> None:
    folder = begun(tmp_path / "w")
    run = invoke("number", "take", folder, "--paper", "scene-record", *ACTING)
    assert (run.code, "kinds" in run.err) == (1, True)
    assert (
        invoke("number", "take", folder, "--paper", "inspection-record", "--inspection", "2024-0001", *ACTING).code == 1
    )


_TAKER = """
import sys
from pathlib import Path
from engine.workspace.folder import open_workspace
from engine.workspace.numbers import take_number
from engine.workspace.register import Who
with open_workspace(Path(sys.argv[1])) as workspace:
    sys.stdout.write("ready\\n"); sys.stdout.flush(); sys.stdin.readline()
    for _ in range(int(sys.argv[2])):
        print(take_number(workspace, "correction-notice", Who(sys.argv[3], "2024-01-15 09:00"), unit="城东所").id)
"""


def test_two_processes_never_get_the_same_number(tmp_path: Path) -> None:
    folder, each = begun(tmp_path / "w"), 25
    takers = [
        subprocess.Popen(
            [sys.executable, "-c", _TAKER, str(folder), str(each), name],
            cwd=ROOT, env=environment(PYTHONPATH=str(ROOT), PYTHONIOENCODING="utf-8"), text=True, encoding="utf-8",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for name in ("甲", "乙")
    ]  # fmt: skip
    for taker in takers:
        assert taker.stdout is not None
        assert taker.stdout.readline() == "ready\n"
    for taker in takers:
        assert taker.stdin is not None
        taker.stdin.write("\n")
        taker.stdin.flush()
    said = [taker.communicate() for taker in takers]
    assert [taker.returncode for taker in takers] == [0, 0], said
    numbers = [line for out, _ in said for line in out.split()]
    assert sorted(numbers) == [f"（某）市监责改〔2024〕东1-{n:03}号" for n in range(1, 2 * each + 1)]
    with open_workspace(folder) as workspace, workspace.store.reading() as reader:
        assert {n.id for n in reader.all(TakenNumber)} == set(numbers)


@pytest.mark.parametrize("unit", [unit.id for unit in UNITS])
def test_the_number_of_an_inspection_is_of_its_units_block(invoke: Invoke, tmp_path: Path, unit: str) -> None:
    folder = begun(tmp_path / "w")
    assert invoke("sites", "add", folder, "药店", "名称=甲", f"责任单位={unit}", *ACTING).code == 0
    assert invoke("visits", "add", folder, "S00001", *ACTING).code == 0
    run = invoke("number", "take", folder, "--paper", "correction-notice", "--inspection", "2024-0001", *ACTING)
    block = next(u.block for u in UNITS if u.id == unit)
    assert run.out.strip() == f"（某）市监责改〔2024〕{block}-001号"

"""Worker processes: results in order, what hangs or dies is named, many records printed as one is."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from support_documents import Invoke, recorded

from engine.documents import workers
from engine.documents.workers import Workers
from engine.inspections.records import record_yaml
from engine.problems import ProblemError, problem


def square(number: int) -> int:
    """Return the square; some numbers do what a page may do."""
    if number == 3:
        os._exit(9)
    if number == 5:
        time.sleep(600)
    if number == 7:
        raise ValueError("seven")
    if number == 8:
        raise ProblemError([problem("E703", name="八", allowed="")])
    return number * number


def identity(number: int) -> tuple[int, int]:
    """Return the number and which process was told it."""
    return number, os.getpid()


def test_results_come_in_order_and_what_hangs_or_dies_is_named() -> None:
    with Workers(2, seconds=3) as pool:
        found = list(pool.each(square, range(12)))
    assert [task for task, _, _ in found] == list(range(12))
    bad = {task: problems for task, _, problems in found if problems}
    assert {task: [p.code for p in problems] for task, problems in bad.items()} == {
        3: ["E710"], 5: ["E710"], 7: ["E710"], 8: ["E703"],
    }  # fmt: skip
    assert "意外结束" in bad[3][0].message
    assert "超过 3 秒" in bad[5][0].message
    assert "seven" in bad[7][0].message
    assert [result for _, result, problems in found if not problems] == [n * n for n in range(12) if n not in bad]


def test_a_worker_stays_warm_and_is_replaced_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "RECYCLED", 4)
    with Workers(1) as pool:
        told = [result for _, result, _ in pool.each(identity, range(12))]
    processes = [process for _, process in told if process]  # type: ignore[misc]
    assert [number for number, _ in told] == list(range(12))  # type: ignore[misc]
    assert [processes.count(p) for p in dict.fromkeys(processes)] == [4, 4, 4]


def test_one_pool_serves_one_list_after_the_other_and_nothing_starts_none() -> None:
    with Workers(1) as pool:
        assert not list(pool.each(square, []))
        first = {result[1] for _, result, _ in pool.each(identity, range(3)) if result}
        second = {result[1] for _, result, _ in pool.each(identity, range(3)) if result}
    assert first == second
    assert os.getpid() not in first


def _interrupted() -> None:
    with Workers(1) as pool:
        for task, _, _ in pool.each(square, [1, 5]):
            assert task == 1
            raise KeyboardInterrupt


def test_an_interrupt_ends_the_workers() -> None:
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        _interrupted()
    assert time.monotonic() - started < 300, "the hanging task was waited for"


def _write(path: Path, sample: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(record_yaml(recorded(sample, final=True).record), encoding="utf-8")
    return path


def test_many_records_print_as_each_does_alone_and_a_bad_one_is_named(invoke: Invoke, tmp_path: Path) -> None:
    paths = [_write(tmp_path / f"{s}.yaml", s) for s in ("clinic-2024", "retail-pharmacy-2024")]
    bad = tmp_path / "bad.yaml"
    bad.write_text("kind: record\n", encoding="utf-8")
    run = invoke("record", "print", paths[0], bad, paths[1], "--jobs", "2", "-o", tmp_path / "印好")
    assert run.code == 1
    assert f"{bad}：没有印出" in run.err
    assert "E201" in run.err
    assert "共 3 份，印出 2 份，没有印出 1 份" in run.out
    assert run.out.count("：正式") == 2
    assert sorted(p.name for p in (tmp_path / "印好").iterdir()) == [
        "clinic-2024-inspection-record.pdf", "retail-pharmacy-2024-inspection-record.pdf",
    ]  # fmt: skip
    for path in paths:
        assert invoke("record", "print", path, "-o", tmp_path / "one.pdf").code == 0
        many = tmp_path / "印好" / f"{path.stem}-inspection-record.pdf"
        assert many.read_bytes() == (tmp_path / "one.pdf").read_bytes()


def test_where_many_records_go_is_checked_before_anything_is_printed(invoke: Invoke, tmp_path: Path) -> None:
    one, same = _write(tmp_path / "a.yaml", "clinic-2024"), _write(tmp_path / "b" / "a.yaml", "clinic-2024")
    for arguments, word in (
        ((one, same, "-o", tmp_path / "out"), "文件名相同"),
        ((one, same, "-o", tmp_path / "out.pdf"), "文件夹"),
        ((one, "-o", one), "不得覆盖"),
        ((one, "--jobs", "2", "-o", tmp_path / "x.pdf"), "--jobs"),
        ((one, "--drawn-signature", "张伟=a.jpg", "-o", tmp_path / "out"), "--drawn-signature"),
    ):
        run = invoke("record", "print", *arguments)
        assert (run.code, word in run.err) == (2, True), (arguments, run.err)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.yaml", "b"]

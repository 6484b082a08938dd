"""Whatever happens while a file is written, there is either the old file or the new one."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import test_scan
from support import ROOT
from support_answers import checklist_of
from support_documents import Invoke
from support_writing import STEPS, Steps, full_disk

from engine.source import dump

PHARMACY = checklist_of("2024", "retail-pharmacy", date(2024, 1, 15))
DRIVER = ROOT / "tests" / "support_writing.py"
SEED = int(os.environ.get("CHUNFENG_SEED", "20240115"))
KILLS = 10


def sheet(answers: dict[str, Any], **parts: Any) -> str:
    return dump({
        "kind": "answers", "campaign": "2024", "lock": PHARMACY.lock, "checklist": PHARMACY.id,
        "site_type": "retail-pharmacy", "site": {"name": "甲药店"}, "visit": {"date": "2024-01-15"}, "answers": answers,
    } | parts)  # fmt: skip


OPEN = {"YD-09": {"kind": "unsure", "why": "淡", "candidates": [{"answer": "是"}]}}

WRITERS: dict[str, list[str]] = {
    "checklist-yaml": ["checklist", "retail-pharmacy", "--campaign", "2024", "--force", "-o", "out.yaml"],
    "checklist-json": ["checklist", "retail-pharmacy", "--campaign", "2024", "--force", "-o", "out.json"],
    "checklist-xlsx": ["checklist", "retail-pharmacy", "--campaign", "2024", "--force", "-o", "out.xlsx"],
    "checklist-csv": ["checklist", "retail-pharmacy", "--campaign", "2024", "--force", "-o", "out.csv"],
    "checklist-offline-form": ["checklist", "retail-pharmacy", "--campaign", "2024", "--force", "--as", "offline-form", "-o", "out.html"],
    "checklist-xlsform": ["checklist", "retail-pharmacy", "--campaign", "2024", "--force", "--as", "xlsform", "-o", "out.xlsx"],
    "checklist-fillable-pdf": ["checklist", "retail-pharmacy", "--campaign", "2024", "--force", "--as", "fillable-pdf", "-o", "out.pdf"],
    "answers-new": ["answers", "new", "retail-pharmacy", "--campaign", "2024", "--force", "-o", "out.yaml"],
    "answers-read": ["answers", "read", "one.yaml", "--at", "2024-01-15 16:30", "--force", "-o", "out.yaml"],
    "answers-merge": ["answers", "merge", "one.yaml", "two.yaml", "--force", "-o", "out.yaml"],
    "answers-carry": ["answers", "carry", "one.yaml", "--force", "-o", "out.yaml"],
    "answers-confirm": ["answers", "confirm", "out.yaml", "--by", "甲", "--take", "YD-09=1", "--at", "2024-01-15 16:30"],
    "answers-scan": ["answers", "scan", "scan.png", "--layout", "layout.json", "--at", "2024-01-15 16:30", "--force", "-o", "out.yaml"],
    "record-new": ["record", "new", "one.yaml", "--force", "-o", "out.yaml"],
}  # fmt: skip
"""Commands that write, with the file they write last; each writes over an old file."""
EVERY = [pytest.param(w, marks=pytest.mark.long) if w.endswith(("-pdf", "-scan")) else w for w in WRITERS]
"""A paper takes seconds to lay out, a scan to read."""


@cache
def scanned() -> tuple[bytes, bytes]:
    """Return the layout of a list and its third page with one box ticked, as scanned."""
    of = test_scan.retail()
    box = next(b for b in of.layout.boxes if b.page == 3)
    (page,) = test_scan.scan(of, test_scan.ticked(of, (box.field, box.number)), [3])
    return json.dumps(json.loads(of.content)).encode(), test_scan._png(page)


def prepared(folder: Path, writer: str) -> tuple[list[str], Path, bytes]:
    """Return the arguments with whole paths, the file to be written, and what was in it before."""
    (folder / "one.yaml").write_text(sheet({"YD-09": "是", "YD-25": "否"}), encoding="utf-8")
    (folder / "two.yaml").write_text(sheet({"YD-14": [{"reading": 5}]}), encoding="utf-8")
    if writer == "answers-scan":
        layout, scan = scanned()
        (folder / "layout.json").write_bytes(layout)
        (folder / "scan.png").write_bytes(scan)
    arguments = [str(folder / a) if re.fullmatch(r"\w+\.\w+", a) else a for a in WRITERS[writer]]
    target = next(Path(a) for a in arguments if Path(a).name.startswith("out."))
    old = sheet({"YD-25": "是"}, unsettled=OPEN).encode() if writer == "answers-confirm" else b"old"
    target.write_bytes(old)
    return arguments, target, old


def whole(folder: Path, writer: str, invoke: Invoke) -> bytes:
    """Return what the command writes when nothing happens."""
    (folder / "whole").mkdir()
    arguments, target, _ = prepared(folder / "whole", writer)
    invoke(*arguments)
    return target.read_bytes()


@pytest.mark.parametrize("writer", EVERY)
def test_every_step_of_writing_that_fails_leaves_the_old_file_and_says_why(
    writer: str, tmp_path: Path, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = whole(tmp_path, writer, invoke)
    arguments, target, old = prepared(tmp_path, writer)
    assert old != new
    counted = Steps(lambda number, name: None)
    with monkeypatch.context() as patch:
        counted.install(patch.setattr)
        invoke(*arguments)
    assert set(STEPS) <= set(counted.done), "a writer that does not write to a temporary name and rename"
    for number, name in enumerate(counted.done, 1):
        arguments, target, old = prepared(tmp_path, writer)
        before = {path.name for path in tmp_path.iterdir()}
        with monkeypatch.context() as patch:
            Steps(full_disk(number)).install(patch.setattr)
            run = invoke(*arguments)
        assert target.read_bytes() == old, f"step {number}, {name}"
        assert run.code == 1, f"step {number}, {name}: {run}"
        assert "磁盘已满" in run.err
        assert {path.name for path in tmp_path.iterdir()} == before, f"left behind at step {number}, {name}"


def driven(mode: str, number: int, arguments: list[str], **options: Any) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(DRIVER), mode, str(number), "--", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def ended_at_each_step(folder: Path, writer: str, invoke: Invoke) -> None:
    new = whole(folder, writer, invoke)
    arguments, _, _ = prepared(folder, writer)
    out, _ = driven("count", 0, arguments).communicate()
    steps = int(out.decode().rpartition("steps ")[2])
    assert steps >= len(STEPS)
    seen = set()
    for number in range(1, steps + 1):
        arguments, target, old = prepared(folder, writer)
        process = driven("exit", number, arguments)
        process.communicate()
        assert process.returncode == 9, f"the process did not end at step {number}"
        content = target.read_bytes()
        assert content in (old, new), f"step {number}"
        seen.add(content == new)
    assert False in seen


def test_a_process_that_ends_at_any_step_leaves_a_whole_file(tmp_path: Path, invoke: Invoke) -> None:
    ended_at_each_step(tmp_path, "answers-merge", invoke)


@pytest.mark.long
@pytest.mark.parametrize("writer", WRITERS)
def test_every_writer_that_ends_at_any_step_leaves_a_whole_file(writer: str, tmp_path: Path, invoke: Invoke) -> None:
    ended_at_each_step(tmp_path, writer, invoke)


def killed(folder: Path, writer: str, invoke: Invoke, times: int) -> None:
    new = whole(folder, writer, invoke)
    dice = random.Random(f"{SEED} {writer}")
    for number in range(times):
        arguments, target, old = prepared(folder, writer)
        process = driven("slow", 0, arguments)
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n", process.communicate()[1].decode()
        time.sleep(dice.uniform(0, 0.14))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert target.read_bytes() in (old, new), f"kill {number}, seed {SEED}"


def test_a_killed_process_leaves_a_whole_file(tmp_path: Path, invoke: Invoke) -> None:
    killed(tmp_path, "answers-read", invoke, 2)


@pytest.mark.long
@pytest.mark.parametrize("writer", WRITERS)
def test_every_writer_that_is_killed_leaves_a_whole_file(writer: str, tmp_path: Path, invoke: Invoke) -> None:
    killed(tmp_path, writer, invoke, KILLS)

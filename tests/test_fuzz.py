"""Broken files, conditions, layers and workbooks end in problems: no traceback, no hang, no more than 200 MB."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support import ROOT

CHILD = ROOT / "tests" / "fuzz_child.py"
MINUTES = 15 * 60
"""For a child that hangs where no signal reaches it; the child itself bounds each example by its work."""


def _run(folder: Path, seed: str, *wanted: str) -> None:
    command = [sys.executable, str(CHILD), seed, str(folder), *wanted]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=MINUTES, check=False)
    assert done.returncode == 0, done.stderr[-6000:]
    assert done.stdout.split("\n")[:-1] == [each.replace("=", ": ") for each in wanted]


def test_broken_input_ends_in_problems(tmp_path: Path) -> None:
    _run(tmp_path, "1", "loader=60", "conditions=60", "workbooks=10", "rules=1")


@pytest.mark.long
@pytest.mark.parametrize("wanted", ["loader=2000", "conditions=2000", "workbooks=300", "rules=150"])
def test_much_broken_input_ends_in_problems(wanted: str, tmp_path: Path) -> None:
    _run(tmp_path, os.environ.get("CHUNFENG_SEED", "2"), wanted)


@pytest.mark.long
@pytest.mark.parametrize(
    ("fault", "said"),
    [("x = [0] * 10**9", "MemoryError"), ("while True: pass", "TimeoutError"), ("raise KeyError(1)", "KeyError")],
)
def test_the_bounds_hold(fault: str, said: str, tmp_path: Path) -> None:
    """A target that takes too much, never ends or throws is found."""
    lines = [
        "import sys", f"sys.path[:0] = [{str(ROOT / 'tests')!r}]", "import fuzz_child", "from hypothesis import given", "from hypothesis import strategies as st",
        "fuzz_child.SECONDS = 0.2", "fuzz_child.TARGETS['bad'] = lambda folder: given(st.integers())(bad)", "def bad(n):", f"    {fault}",
        f"fuzz_child.main('1', {str(tmp_path)!r}, 'bad=1')",
    ]  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=MINUTES,
        check=False,
    )
    assert done.returncode != 0
    assert said in done.stderr

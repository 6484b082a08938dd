"""Which message which test triggers: codes of problems that the engine really makes while a test runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from engine.problems import Mark, Problem

LISTED = Path(__file__).parent / "messages.txt"
"""A code and a test that triggers it, a line each; tools/trace_messages.py adds what is missing."""
TRACE = "CHUNFENG_TRACE_MESSAGES"
"""Environment variable naming a file to which every code is appended with the test that made it."""

_ENGINE = str(Path(__file__).parent.parent / "engine")
_init = Problem.__init__
made: set[str] = set()


def watch() -> None:
    """Note the code of every problem that a module of the engine makes; one that a test makes itself does not count."""

    def noted(self: Problem, code: str, mark: Mark, message: str, hint: str) -> None:
        _init(self, code, mark, message, hint)
        if sys._getframe(2).f_code.co_filename.startswith(_ENGINE):
            made.add(code)

    Problem.__init__ = noted  # type: ignore[method-assign]


def listed() -> dict[str, str]:
    """Return the test that triggers each code listed, by code."""
    lines = LISTED.read_text(encoding="utf-8").splitlines() if LISTED.is_file() else []
    return dict(line.split(" ", 1) for line in lines if line and not line.startswith("#"))


def trace(node: str) -> None:
    """Append what a test made to the file that the environment names, if any."""
    path = os.environ.get(TRACE)
    if path and made:
        with Path(path).open("a", encoding="utf-8") as out:
            out.writelines(f"{code} {node}\n" for code in sorted(made))

"""A process of its own for each side: fontconfig reads its settings once, and the two need different ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


class Process:
    """A warm process that does one thing for each line it is told, and answers with one line of JSON."""

    def __init__(self, module: str, *arguments: str) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("FONTCONFIG_")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"benchmarks.documents.{module}", *arguments],
            cwd=Path(__file__).parents[2], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.ready = self.answer()

    def tell(self, line: object) -> None:
        """Give it something to do; the answer is read later."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """Return its next answer. Raises AssertionError if it ended."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise AssertionError("a process ended early; see its message above")
        return dict(json.loads(line))

    def ask(self, line: object) -> dict[str, Any]:
        """Return the answer to a line."""
        self.tell(line)
        return self.answer()

    def close(self) -> None:
        """End the process."""
        self._process.communicate()

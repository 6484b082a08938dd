"""A checklist to PDF in a warm process, against the same page through WeasyPrint used plainly."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.measure import ROUNDS, ratios, row, timing, versions

KINDS = {"ours": "ours: checklist_pdf", "plain": "WeasyPrint plainly"}


class _Worker:
    """A process of its own: fontconfig reads its settings once, and the two need different ones."""

    def __init__(self, kind: str) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("FONTCONFIG_")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.pdf_worker", kind], cwd=Path(__file__).parent.parent, env=environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.warm_up = self._read()

    def render(self) -> dict[str, Any]:
        """Return what one rendering took."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise AssertionError("a worker ended early; see its message above")
        return dict(json.loads(line))

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def run() -> None:
    """Print ms a page of both, and their ratio."""
    taken: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    with ExitStack() as stack:
        workers = {}
        for kind in KINDS:
            workers[kind] = _Worker(kind)
            stack.callback(workers[kind].close)
        items = workers["ours"].warm_up["items"]
        print(f"pdf  ({versions(['weasyprint'])}; retail pharmacy 2024, {items} items, warm processes)")
        for _ in range(ROUNDS):
            for kind, worker in workers.items():
                taken[kind].append(worker.render())
    cpu = {kind: [run["cpu"] * 1000 / run["pages"] for run in runs] for kind, runs in taken.items()}
    for kind, runs in taken.items():
        wall = timing([run["wall"] * 1000 / run["pages"] for run in runs]).median
        note = f"{runs[-1]['pages']} pages, {runs[-1]['bytes'] / 1024:.0f} kB, {wall:.0f} ms/page by the clock"
        print(row(KINDS[kind], timing(cpu[kind]), "ms/page", 1, note))
    print(row("ours / WeasyPrint plainly", ratios(cpu["ours"], cpu["plain"]), "x", 2))

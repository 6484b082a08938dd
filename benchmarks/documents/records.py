"""(b) 200 different records of 6 pages, ours against WeasyPrint used plainly; (c) ms a page and memory."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import Any

from benchmarks.documents.process import Process
from benchmarks.documents.record_worker import WANTED_PAGES, printed
from benchmarks.measure import ROUNDS, ratios, row, timing, versions
from engine.documents.workers import Workers

RECORDS, JOBS, MANY = 200, 2, 500
SHARE = RECORDS // ROUNDS
LAP = 4
"""Records that one side prints before it is the turn of the other."""


def run() -> None:
    """Print CPU a document and documents a second of both, then our time a page and memory over many documents."""
    plain: list[dict[str, Any]] = []
    warm: list[dict[str, Any]] = []
    pool: list[tuple[float, int]] = []
    with ExitStack() as stack:
        sides = {kind: Process("record_worker", kind) for kind in ("ours", "plain")}
        for side in sides.values():
            stack.callback(side.close)
        workers = stack.enter_context(Workers(JOBS))
        _printed(workers, range(RECORDS, RECORDS + JOBS))  # both are warm from here on
        for number in range(ROUNDS):
            share = range(number * SHARE, (number + 1) * SHARE)
            pool.append(_printed(workers, share))
            taken = {kind: {"cpu": 0.0, "wall": 0.0, "bytes": 0} for kind in sides}
            for first in range(share.start, share.stop, LAP):  # in turns, so that a slow moment hits both
                for kind, side in sides.items():
                    lap = side.ask([first, min(first + LAP, share.stop)])
                    taken[kind] = {key: value + lap[key] for key, value in taken[kind].items()}
            plain.append(taken["plain"])
            warm.append(taken["ours"])
        memory = sides["ours"].ask([0, MANY])
    cpu = {"ours": [run["cpu"] * 1000 / SHARE for run in warm], "plain": [run["cpu"] * 1000 / SHARE for run in plain]}
    speed = {"ours": [speed for speed, _ in pool], "plain": [SHARE / run["wall"] for run in plain]}
    used = versions(["weasyprint"])
    print(f"records  ({used}; {RECORDS} of {WANTED_PAGES} pages, PDF/A-3u with files inside and a code)")
    sizes = {"ours": pool[-1][1], "plain": plain[-1]["bytes"] / SHARE}
    for kind, told in (("ours", "ours, one warm process"), ("plain", "WeasyPrint plainly")):
        print(row(told, timing(cpu[kind]), "CPU ms/doc", 0, f"{sizes[kind] / 1024:.0f} kB a document"))
    print(row("WeasyPrint plainly / ours, CPU", ratios(cpu["plain"], cpu["ours"]), "x", 2))
    print(row(f"ours, {JOBS} workers", timing(speed["ours"]), "docs/s", 2))
    print(row("WeasyPrint plainly, one process", timing(speed["plain"]), "docs/s", 2))
    print(row("ours / WeasyPrint plainly, documents a second", ratios(speed["ours"], speed["plain"]), "x", 2))
    pages = [run["wall"] * 1000 / SHARE / WANTED_PAGES for run in warm]
    print(row("ours, one warm process", timing(pages), "ms/page", 1))
    print(f"  memory after {MANY // 10}, {MANY // 2} and {MANY} more documents: {', '.join(memory['rss'])} MB")


def _printed(workers: Workers, numbers: range) -> tuple[float, int]:
    """Return documents a second, and the bytes of a document."""
    begun, size = time.perf_counter(), 0
    for number, result, problems in workers.each(printed, numbers):
        if result is None:
            raise AssertionError((number, problems))
        size += len(result)
    return len(numbers) / (time.perf_counter() - begun), size // len(numbers)

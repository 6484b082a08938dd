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


def run() -> None:
    """Print CPU a document and documents a second of both, then our time a page and memory over many documents."""
    taken: dict[str, list[dict[str, Any]]] = {"ours": [], "plain": []}
    pool: list[float] = []
    with ExitStack() as stack:
        sides = {kind: Process("record_worker", kind) for kind in taken}
        for side in sides.values():
            stack.callback(side.close)
        workers = stack.enter_context(Workers(JOBS))
        list(workers.each(printed, range(RECORDS, RECORDS + JOBS)))  # both are warm from here on
        for number in range(ROUNDS):
            share = [number * SHARE, (number + 1) * SHARE]
            for kind, side in sides.items():
                taken[kind].append(side.ask(share))
            pool.append(_throughput(workers, range(*share)))
        memory = sides["ours"].ask([0, MANY])
    cpu = {kind: [run["cpu"] * 1000 / SHARE for run in runs] for kind, runs in taken.items()}
    plainly = [SHARE / run["wall"] for run in taken["plain"]]
    used = versions(["weasyprint"])
    print(f"records  ({used}; {RECORDS} of {WANTED_PAGES} pages, PDF/A-3u with files inside and a code)")
    for kind, told in (("ours", "ours: record_pdf"), ("plain", "WeasyPrint plainly")):
        note = f"{taken[kind][-1]['bytes'] / SHARE / 1024:.0f} kB a document"
        print(row(told, timing(cpu[kind]), "CPU ms/doc", 0, note))
    print(row("WeasyPrint plainly / ours, CPU", ratios(cpu["plain"], cpu["ours"]), "x", 2))
    print(row(f"ours, {JOBS} workers", timing(pool), "docs/s", 2))
    print(row("WeasyPrint plainly, one process", timing(plainly), "docs/s", 2))
    print(row("ours / WeasyPrint plainly, documents a second", ratios(pool, plainly), "x", 2))
    pages = [run["wall"] * 1000 / SHARE / WANTED_PAGES for run in taken["ours"]]
    print(row("ours, one warm process", timing(pages), "ms/page", 1))
    print(f"  memory after {MANY // 10}, {MANY // 2} and {MANY} more documents: {', '.join(memory['rss'])} MB")


def _throughput(workers: Workers, numbers: range) -> float:
    begun = time.perf_counter()
    for number, result, problems in workers.each(printed, numbers):
        if result is None:
            raise AssertionError((number, problems))
    return len(numbers) / (time.perf_counter() - begun)

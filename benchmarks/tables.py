"""Tables computed over a county's records, and files of many units rolled up; how the cost grows."""

from __future__ import annotations

import gc
import hashlib
import sys
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import TypeVar

from benchmarks.measure import ROUNDS, timing
from engine.library.check_tables import read_tables
from engine.library.files import place
from engine.model.roll_up import Node
from engine.model.tables import TableFile
from engine.reports.computing import Span, compute
from engine.reports.counting import Kept
from engine.reports.filing import Act, make_filing
from engine.reports.handing_up import parse_report, report_bytes, report_of
from engine.reports.merging import Handed, merge

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
BEGIN, LAST = date(2024, 1, 2), date(2024, 3, 31)
T = TypeVar("T")


def run(seed: int) -> None:
    """Print CPU seconds: all tables by the number of records, and the roll-up by the number of units."""
    tables, problems = read_tables(place())
    assert not problems
    print("All tables (T0 to T4), CPU seconds; a row a unit, 12 units; ledgers as many lines as records")
    for visits in (1250, 2500, 5000, 10000):
        units, kept = _county(seed, visits)
        work = partial(_all, tables, kept, units)
        found = timing([_seconds(work)[0] for _ in range(ROUNDS)])
        print(f"  {visits:>6} records: {found.median:.2f} ({found.low:.2f}–{found.high:.2f})")
    print(
        "Roll-up of T0: files of 50,000 records over 10,000 sites each, 1,000 of them joint visits, "
        "CPU seconds to read and merge"
    )
    table = next(each for each in tables if each.table == "t0")
    files = _files(table, seed)
    for count in (10, 25, 50, 100):
        taken, size, sites = _rolled_up(table, files[:count])
        print(f"  {count:>4} units: {taken:.2f}, {size / 2**20:.1f} MiB handed in, {sites} sites")


def _county(seed: int, visits: int, units: int = 12, sites: int = 3000) -> tuple[list[str], Kept]:
    from support_tables import county

    names, kept = county(seed, visits=visits, units=units, sites=sites)
    return [unit.id for unit in names], kept


def _all(tables: list[TableFile], kept: Kept, units: list[str]) -> None:
    for table in tables:
        compute(table, kept, Span(BEGIN, LAST, date(2024, 3, 1), LAST), units)


def _files(table: TableFile, seed: int) -> list[bytes]:
    """Return 100 files: one is counted from 50,000 records; the others have its figures and sites of their own."""
    _, kept = _county(seed, 50_000, units=12, sites=10_000)
    computed = compute(table, kept, Span(BEGIN, LAST, BEGIN, LAST), filed={}, floor=BEGIN)
    act = Act("2024-03-31 16:00", "甲", "", zero=True)
    filing, problems = make_filing(computed, computed.whole, "单位", [], act)
    assert not problems
    report = report_of(table, kept, "2024", [filing])
    return [report_bytes(report.model_copy(update={"node": _of_unit(report.node, n)})) for n in range(100)]


def _of_unit(node: Node, number: int) -> Node:
    def own(keys: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(hashlib.sha256(f"{number} {key}".encode()).hexdigest()[:16] for key in keys))

    sites = {name: (own(first), own(second)) for name, (first, second) in node.sites.items()}
    joint = tuple(
        j.model_copy(update={"site": own((j.site,))[0], "lead": f"{j.lead}{number}"}) for j in node.joint[:1000]
    )
    return node.model_copy(update={"unit": f"单位{number:03}", "sites": sites, "joint": joint})


def _rolled_up(table: TableFile, files: list[bytes]) -> tuple[float, int, int]:
    def work() -> int:
        reads = [parse_report(content, str(number))[0] for number, content in enumerate(files)]
        merged, problems = merge(table, [read for read in reads if read], Handed("省"))
        assert merged is not None, problems
        return merged.report.node.values["sites"][1] or 0

    seconds, sites = _seconds(work)
    return seconds, sum(map(len, files)), sites


def _seconds(work: Callable[[], T]) -> tuple[float, T]:
    gc.collect()
    start = time.process_time()
    result = work()
    return time.process_time() - start, result

"""Workbooks of answers read and evaluated one after the other in one process: sheets a second, and memory."""

from __future__ import annotations

import io
import random
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl

from benchmarks.measure import versions
from engine.answering.lines import Line, items_of, site_and_visit
from engine.formats import load_format, open_file
from engine.inspections.opening import Evaluators
from engine.inspections.planning import plan_checklist
from engine.library.files import place
from engine.model.checklist import Checklist

SHEETS = 1000
BLANKS = (
    ("retail-pharmacy", "rx,cold"), ("retail-pharmacy", None), ("clinic", None), ("medical-institution", None),
)  # fmt: skip
DIFFERENT = 40
"""Workbooks filled in differently; each is read in its turn."""
WATCHED = (100, 500, SHEETS)
"""Sheets after which the memory is looked at."""


def run() -> None:
    """Print sheets a second and the memory of the process after the first hundred, half of them and all."""
    with tempfile.TemporaryDirectory() as folder:
        paths = _filled(Path(folder))
        size = sum(path.stat().st_size for path in paths) / len(paths) / 1024
        where, found, memory = place(None), 0, {}
        begun = time.perf_counter()
        with Evaluators() as evaluators:
            for number in range(1, SHEETS + 1):
                path = paths[number % len(paths)]
                inspection, problems = open_file(where, path)
                if inspection is None:
                    raise AssertionError([p.render() for p in problems])
                found += len(evaluators.evaluate(inspection).findings)
                if number in WATCHED:
                    memory[number] = _resident()
        taken = time.perf_counter() - begun
    print(f"answers in .xlsx  ({versions(['openpyxl'])}; {SHEETS} sheets, {len(paths)} different, {size:.0f} kB each)")
    print(f"  read and evaluated  {SHEETS / taken:.1f} sheets/s, {found / SHEETS:.1f} findings a sheet")
    print("  memory              " + ", ".join(f"{mib:.0f} MiB after {number}" for number, mib in memory.items()))


def _filled(folder: Path) -> list[Path]:
    """Return workbooks filled in by chance as people do: most answers 是, some 否, a few left out."""
    chance = random.Random(20240115)
    found = []
    for number in range(DIFFERENT):
        site_type, has = BLANKS[number % len(BLANKS)]
        checklist, problems = plan_checklist(site_type, "2024", None, has, date(2024, 1, 15))
        if checklist is None:
            raise AssertionError(problems)
        path = folder / f"{number}.xlsx"
        path.write_bytes(_fill(checklist, chance))
        found.append(path)
    return found


def _fill(checklist: Checklist, chance: random.Random) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(load_format("xlsx").write_checklist(checklist)))
    lines = {line.name: line for part in (*site_and_visit(checklist), *items_of(checklist)) for line in part.lines}
    for sheet in book.worksheets:
        keys = {str(cell.value): cell.column for cell in sheet[3]}
        if "chunfeng.field" not in keys:
            continue
        for row in range(5, sheet.max_row + 1):
            line = lines.get(str(sheet.cell(row, keys["chunfeng.field"]).value))
            main = line is not None and line.name.endswith(".answer")
            if line is not None and (main or line.kind == "text") and chance.random() < 0.9:
                sheet.cell(row, keys["chunfeng.answer"]).value = _answer(line, chance)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _answer(line: Line, chance: random.Random) -> Any:
    if line.kind == "words":
        return (
            "未发现"
            if "未发现" in line.words
            else chance.choices(("是", "否"), (9, 1))[0]
            if "是" in line.words
            else None
        )
    if line.kind in ("number", "whole"):
        return 0 if (line.low or 0) <= 0 else line.low
    return f"合肥市瑶海区{chance.randint(1, 999)}号" if line.kind == "text" else None


def _resident() -> float:
    """Return the memory of this process in MiB, as Linux counts it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(row for row in status.splitlines() if row.startswith("VmRSS")).split()[1]) / 1024

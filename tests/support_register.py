"""Lists of sites as bureaus write them, and workspaces with a register."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl

from engine.library.files import place
from engine.library.releases import current_release
from engine.model.bureau import BureauFile, Station
from engine.model.release import Release
from engine.model.workspace import Inspection, RegisteredSite, Unit
from engine.register.columns import understand
from engine.register.credit_code import check_digit
from engine.register.importing import Import, plan_import
from engine.register.rows import Asked
from engine.workbooks.reading import read_table
from engine.workspace.folder import begin_workspace

BUREAU = BureauFile(
    kind="bureau", authority="某县市场监督管理局", code="（某）",
    kinds={"inspection-record": "市监检", "correction-notice": "市监责改"},
    stations=(Station(name="城东市场监管所", block="东1"), Station(name="城西市场监管所", block="西2")),
)  # fmt: skip
UNITS = (Unit(id="城东市场监管所", block="东1"), Unit(id="城西市场监管所", block="西2"))
AT = "2024-01-10 09:00"
ACTING = ("--by", "王芳", "--at", AT)


def release() -> Release:
    """Return the release of 2024."""
    locked, problems = current_release(place(None), "2024")
    assert locked is not None, problems
    return locked.release


def code(number: int) -> str:
    """Return the n-th made-up credit code; its check digit is right."""
    first = f"91340102MA2{number:06}"
    return first + check_digit(first)


def workbook(path: Path, rows: Sequence[Sequence[Any]]) -> Path:
    """Return the .xlsx file that the rows were written to."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    book.save(path)
    return path


def imported(
    path: Path, existing: Sequence[RegisteredSite] = (), *, said: Mapping[str, str] | None = None, **asked: Any
) -> Import:
    """Return what an import of the file would do; fail with its problems if it can do nothing."""
    table, problems = read_table(path, 20_000)
    assert table is not None, problems
    heading, problems = understand(table, release(), said)
    assert heading is not None, "\n".join(p.render() for p in problems)
    first = len(existing) + 1
    return plan_import(
        table, heading, release(), UNITS, existing, Asked(**asked), lambda place: f"S{first + place:05}"
    )  # fmt: skip


def begun(folder: Path) -> Path:
    """Return a new workspace of the bureau above."""
    begin_workspace(folder, BUREAU, "2024", by="王芳", at=AT)
    return folder


def site(number: int, **changes: Any) -> RegisteredSite:
    """Return a registered pharmacy."""
    basic = {
        "id": f"S{number:05}",
        "name": f"安康大药房{number}店",
        "site_type": "retail-pharmacy",
        "unit": UNITS[0].id,
    }
    return RegisteredSite.model_validate({**basic, **changes}, strict=False)


def visit(number: int, site_id: str, **changes: Any) -> Inspection:
    """Return an inspection of 2024."""
    basic = {"id": f"2024-{number:04}", "campaign": "2024", "site": site_id, "unit": UNITS[0].id}
    return Inspection.model_validate({**basic, **changes}, strict=False)

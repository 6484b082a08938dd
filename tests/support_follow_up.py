"""A small workspace for the tests of ledgers, findings, deadlines and grading."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from engine.inspections.bureaus import read_bureau
from engine.model.workspace import Inspection, Kept, KeptFinding, RegisteredSite
from engine.workspace.folder import Workspace, begin_workspace, open_workspace

BUREAU = """kind: bureau
authority: 某区市场监督管理局
stations: [{name: 城东市场监管所, block: 城东1}, {name: 稽查大队, block: 大队2}, {name: 局药品科, block: 科3}]
"""
STATION, TEAM, OFFICE = "城东市场监管所", "稽查大队", "局药品科"
AT = "2024-01-10 09:00"


@contextmanager
def workspace_in(folder: Path, *things: Kept, campaign: str = "2024") -> Iterator[Workspace]:
    """Yield a new workspace that holds the things."""
    file = folder / "bureau.yaml"
    file.write_text(BUREAU, encoding="utf-8")
    bureau, problems = read_bureau(file)
    assert bureau is not None, problems
    begin_workspace(folder / "ws", bureau, campaign, by="张三", at="2024-01-02 09:00")
    with open_workspace(folder / "ws") as workspace:
        if things:
            with workspace.store.writing(by="张三", at=AT, action="准备") as writer:
                for thing in things:
                    writer.put(thing)
        yield workspace


def site(id_: str = "S1", **more: Any) -> RegisteredSite:
    """Return a registered pharmacy."""
    data = {"id": id_, "name": f"{id_}大药房", "site_type": "retail-pharmacy", "unit": STATION} | more
    return RegisteredSite(**data)


def inspection(id_: str = "2024-0001", **more: Any) -> Inspection:
    """Return a sealed inspection."""
    data = {"id": id_, "campaign": "2024", "site": "S1", "unit": STATION, "state": "final"} | more
    return Inspection(**data)


def finding(id_: str = "2024-0001-1", **more: Any) -> KeptFinding:
    """Return an open finding of 2024-01-08."""
    data = {
        "id": id_, "inspection": id_.rpartition("-")[0], "site": "S1", "unit": STATION,
        "rule": "cold-chain.refrigerator-temperature", "grade": "major", "sentence": "冷藏柜温度 12 ℃",
        "found": date(2024, 1, 8),
    } | more  # fmt: skip
    return KeptFinding.model_validate(data, strict=False)

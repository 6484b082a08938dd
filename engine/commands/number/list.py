"""chunfeng number list: every series with what is missing and what is voided."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from engine.commands.console import reported, show_list
from engine.commands.options import list_options, workspace_argument


@click.command(
    name="list",
    help="按序列列出文书编号：用于哪次检查、作废的理由，以及中间没有取过的号（缺号）。",
    short_help="列出文书编号。",
)
@workspace_argument
@list_options
def command(folder: Path, output: str, target: Path | None) -> None:
    """Print them (library: engine.register.numbers.states)."""
    from engine.documents.case_view import TITLES
    from engine.model.workspace import TakenNumber
    from engine.register.numbers import states
    from engine.workspace.folder import open_workspace

    with reported(), open_workspace(folder) as workspace:
        with workspace.store.reading() as reader:
            series = states(reader.all(TakenNumber))
        rows = [
            (state.series, n.id, TITLES[n.paper], n.inspection or "", f"作废：{n.voided}" if n.voided else "")
            for state in series
            for n in state.taken
        ]
        words = [f"{s.series} 缺号：{'、'.join(map(str, s.missing))}" for s in series if s.missing]
        data = {"kind": "numbers", "schema": 1, "series": [
            {"series": s.series, "missing": s.missing, "numbers": [n.model_dump(mode="json") for n in s.taken]}
            for s in series
        ]}  # fmt: skip
        header = ("序列", "编号", "文书", "检查号", "作废")
        show_list("文书编号登记", header, rows, data, output=output, target=target, day=date.today(), words=words)

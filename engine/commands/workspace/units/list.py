"""chunfeng workspace units list: the responsible units."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import cells, print_json, reported
from engine.commands.options import format_option, workspace_argument


@click.command(help="列出责任单位，及其信息报送责任人。", short_help="列出责任单位。")
@workspace_argument
@format_option
def command(folder: Path, output: str) -> None:
    """Print the units (library: engine.workspace.units.units_of)."""
    from engine.workspace.folder import open_workspace
    from engine.workspace.units import units_of
    from engine.workspace.words import VALUES

    with reported(output), open_workspace(folder) as workspace, workspace.store.reading() as reader:
        units = units_of(reader)
    if output == "json":
        print_json({"kind": "units", "schema": 1, "units": [unit.model_dump(mode="json") for unit in units]})
        return
    rows = [("单位", "类别", "编号段", "信息报送责任人", "电话", "替补", "")]
    rows += [(u.id, VALUES["unit", "kind"][u.kind], u.block, u.reporter, u.phone, u.substitute,
              "" if u.open else "已撤销") for u in units]  # fmt: skip
    widths = [max(cells(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        click.echo(
            "  ".join(text + " " * (width - cells(text)) for text, width in zip(row, widths, strict=True)).rstrip()
        )

"""chunfeng workspace units change: who reports for a unit."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported, wrong_use
from engine.commands.options import acting_options, unit_options, why_option, workspace_argument


@click.command(help="更改责任单位的信息报送责任人、电话、替补等。没有写的不变；写成空的（\"\"）就清掉。",
               short_help="更改责任单位。")  # fmt: skip
@workspace_argument
@click.argument("name", metavar="单位名称")
@unit_options
@why_option("为什么")
@acting_options
def command(folder: Path, name: str, by: str, at: str, why: str, **fields: str | None) -> None:
    """Change the unit (library: engine.workspace.units.change_unit)."""
    from engine.workspace.folder import open_workspace
    from engine.workspace.units import change_unit

    given = {field: text for field, text in fields.items() if text is not None}
    if not given:
        wrong_use("请写明要改什么，例如 --reporter 李四 --phone 0551-64490000")
    with reported(), open_workspace(folder) as workspace:
        change_unit(workspace.store, name, by=by, at=at, why=why, **given)
    click.echo(f"已更改责任单位 {name}")

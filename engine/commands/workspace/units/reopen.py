"""chunfeng workspace units reopen: a responsible unit."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported
from engine.commands.options import acting_options, why_option, workspace_argument


@click.command(help="恢复已撤销的责任单位。", short_help="恢复责任单位。")
@workspace_argument
@click.argument("name", metavar="单位名称")
@why_option("为什么")
@acting_options
def command(folder: Path, name: str, by: str, at: str, why: str) -> None:
    """Reopen the unit (library: engine.workspace.units.change_unit)."""
    from engine.workspace.folder import open_workspace
    from engine.workspace.units import change_unit

    with reported(), open_workspace(folder) as workspace:
        change_unit(workspace.store, name, by=by, at=at, why=why, action="恢复责任单位", open=True)
    click.echo(f"已恢复责任单位 {name}")

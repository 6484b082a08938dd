"""chunfeng workspace units add: a responsible unit."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported
from engine.commands.options import acting_options, unit_options, why_option, workspace_argument


@click.command(help="增加一个责任单位。名称印在各种表上，以后不能改。", short_help="增加责任单位。")
@workspace_argument
@click.argument("name", metavar="单位名称")
@unit_options
@why_option("为什么")
@acting_options
def command(folder: Path, name: str, by: str, at: str, why: str, **fields: str | None) -> None:
    """Add the unit (library: engine.workspace.units.add_unit)."""
    from engine.workspace.folder import open_workspace
    from engine.workspace.units import add_unit, unit_of

    with reported(), open_workspace(folder) as workspace:
        unit = unit_of({"id": name} | {field: text for field, text in fields.items() if text is not None})
        add_unit(workspace.store, unit, by=by, at=at, why=why)
    click.echo(f"已增加责任单位 {name}")

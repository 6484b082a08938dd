"""chunfeng sites distinct: two entries that are two sites."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported
from engine.commands.options import acting_options, why_option, workspace_argument


@click.command(help="认定看似相同的两条登记不是同一家，以后不再列为可能重复。", short_help="认定两条登记不是同一家。")
@workspace_argument
@click.argument("first", metavar="编号")
@click.argument("second", metavar="编号")
@why_option("凭什么认定不是同一家")
@acting_options
def command(folder: Path, first: str, second: str, why: str, by: str, at: str) -> None:
    """Keep it (library: engine.workspace.register.tell_apart)."""
    from engine.workspace.folder import open_workspace
    from engine.workspace.register import Who, tell_apart

    with reported(), open_workspace(folder) as workspace:
        tell_apart(workspace, first, second, Who(by, at, why))
    click.echo(f"{first} 和 {second} 不是同一家")

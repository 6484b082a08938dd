"""chunfeng number void: a number that is not used."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported
from engine.commands.options import acting_options, why_option, workspace_argument


@click.command(help="作废一个文书编号，写明理由；作废的仍留在登记里，不再重用。", short_help="作废一个文书编号。")
@workspace_argument
@click.argument("number", metavar="编号")
@why_option("为什么作废")
@acting_options
def command(folder: Path, number: str, why: str, by: str, at: str) -> None:
    """Void it (library: engine.workspace.numbers.void_number)."""
    from engine.workspace.folder import open_workspace
    from engine.workspace.numbers import void_number
    from engine.workspace.register import Who

    with reported(), open_workspace(folder) as workspace:
        voided = void_number(workspace, number, Who(by, at, why))
    click.echo(f"{voided.id}：已作废")

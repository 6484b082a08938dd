"""chunfeng visits cancel: visits that will not be made."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported
from engine.commands.options import acting_options, why_option, workspace_argument


@click.command(help="取消还没有填答的检查，写明理由；取消的仍留在记录里。", short_help="取消检查。")
@workspace_argument
@click.argument("ids", nargs=-1, required=True, metavar="检查号…")
@why_option("为什么取消")
@acting_options
def command(folder: Path, ids: tuple[str, ...], why: str, by: str, at: str) -> None:
    """Cancel them (library: engine.workspace.visits.cancel_visits)."""
    from engine.workspace.folder import open_workspace
    from engine.workspace.register import Who
    from engine.workspace.visits import cancel_visits

    with reported(), open_workspace(folder) as workspace:
        cancelled = cancel_visits(workspace, ids, Who(by, at, why))
    click.echo(f"已取消 {len(cancelled)} 个检查：{'、'.join(i.id for i in cancelled)}")

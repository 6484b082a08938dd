"""chunfeng sites merge: two entries that are one site."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported
from engine.commands.options import acting_options, why_option, workspace_argument


@click.command(
    help="把两条登记合成一家：前一条保留并补上缺的内容，后一条停业并指向前一条，它的检查仍记在它名下。",
    short_help="把重复的两条登记合成一家。",
)
@workspace_argument
@click.argument("keep", metavar="保留的编号")
@click.argument("drop", metavar="并入的编号")
@why_option("凭什么认定是同一家")
@acting_options
def command(folder: Path, keep: str, drop: str, why: str, by: str, at: str) -> None:
    """Merge them (library: engine.workspace.register.merge_sites)."""
    from engine.workspace.folder import open_workspace
    from engine.workspace.register import Who, merge_sites

    with reported(), open_workspace(folder) as workspace:
        kept = merge_sites(workspace, keep, drop, Who(by, at, why))
    click.echo(f"{drop} 已并入 {kept.id} {kept.name}")

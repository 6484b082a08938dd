"""chunfeng ledger void: an entry that no longer counts."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported
from engine.commands.options import acting_options, why_option


@click.command(help="作废一条：条目留在台账里，注明理由，不再计数。", short_help="作废一条，要写理由。")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹")
@click.argument("entry", metavar="编号")
@why_option("为什么作废")
@acting_options
def command(folder: Path, entry: str, why: str, by: str, at: str) -> None:
    """Void it (library: engine.workspace.ledgers.void_entry)."""
    from engine.workspace.folder import open_workspace
    from engine.workspace.ledgers import void_entry

    with reported(), open_workspace(folder) as workspace:
        void_entry(workspace, entry, by=by, at=at, why=why)
    click.echo(f"{entry} 已作废：{why}")

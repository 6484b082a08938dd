"""chunfeng workspace restore: a workspace from a backup."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.commands.console import reported
from engine.commands.options import heads_option

if TYPE_CHECKING:
    from engine.workspace.chain import Head


@click.command(
    help="从备份恢复成一个新的文件夹：全部核对无误才算恢复，否则什么也不留。不会覆盖已有的工作目录。",
    short_help="从备份恢复。",
)
@click.argument("archive", type=click.Path(dir_okay=False, path_type=Path), metavar="备份.zip")
@click.argument("folder", type=click.Path(path_type=Path), metavar="新文件夹")
@heads_option
def command(archive: Path, folder: Path, heads: tuple[Head, ...]) -> None:
    """Make the folder (library: engine.workspace.backups.restore)."""
    from engine.workspace.backups import restore

    with reported():
        head = restore(archive, folder, heads)
    click.echo(f"已恢复到 {folder}：办理记录 {head.seq} 条，全部相符；链末 {head}")
    if not heads:
        click.echo("没有给出抄下的链末：不能排除备份被整个重写", err=True)

"""chunfeng workspace import: a workspace from an exported folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.commands.console import reported
from engine.commands.options import heads_option

if TYPE_CHECKING:
    from engine.workspace.chain import Head


@click.command(
    help="把 workspace export 导出的文件夹放回成工作目录：逐条核对办理记录和文件，全部无误才算放回，否则什么也不留。",
    short_help="把导出的文件夹放回。",
)
@click.argument("source", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="导出的文件夹")
@click.argument("folder", type=click.Path(path_type=Path), metavar="新文件夹")
@heads_option
def command(source: Path, folder: Path, heads: tuple[Head, ...]) -> None:
    """Make the workspace (library: engine.workspace.archives.import_archive)."""
    from engine.workspace.archives import import_archive

    with reported():
        head = import_archive(source, folder, heads)
    click.echo(f"已放回到 {folder}：办理记录 {head.seq} 条，全部相符；链末 {head}")
    if not heads:
        click.echo("没有给出抄下的链末：不能排除导出的文件夹被整个重写", err=True)

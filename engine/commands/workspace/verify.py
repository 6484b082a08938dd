"""chunfeng workspace verify: nothing was changed behind the program's back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.commands.console import reported, stop_on
from engine.commands.options import heads_option, workspace_argument

if TYPE_CHECKING:
    from engine.workspace.chain import Head


@click.command(
    help="核对工作目录：办理记录逐条相接，名录、检查、问题、台账、报表与办理记录一致，"
    "用到的文件都在，与其 SHA-256 一致。"
    "给出报表和备份上印的链末，才能发现记录被截断或重写。",
    short_help="核对工作目录有没有被改动。",
)
@workspace_argument
@heads_option
def command(folder: Path, heads: tuple[Head, ...]) -> None:
    """Print the end of the trail (library: engine.workspace.verifying.verify_workspace)."""
    from engine.workspace.folder import open_workspace
    from engine.workspace.verifying import verify_workspace

    with reported(), open_workspace(folder) as workspace:
        found = verify_workspace(workspace, heads)
    stop_on(found.problems)
    click.echo(f"{folder}：办理记录 {found.head.seq} 条，全部相符；链末 {found.head}")
    if found.orphans:
        click.echo(f"另有 {len(found.orphans)} 个文件没有资料用到（办理中途停下留下的），不影响使用", err=True)
    if not heads:
        click.echo("没有给出以前印出的链末：不能排除记录被截断或整个重写", err=True)

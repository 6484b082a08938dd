"""chunfeng workspace verify: nothing was changed behind the program's back."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported, stop_on


@click.command(
    help="核对工作目录：办理记录逐条相接，名录、检查、问题、台账、报表与办理记录一致，文件与其 SHA-256 一致。"
    "给出报表和备份上印的链末，才能发现记录被截断或重写。",
    short_help="核对工作目录有没有被改动。",
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹")
@click.option("--head", "heads", multiple=True, metavar="链末", help="报表或备份上印的链末；可写多次。")
def command(folder: Path, heads: tuple[str, ...]) -> None:
    """Print the end of the trail (library: engine.workspace.verifying.verify_workspace)."""
    from engine.workspace.chain import read_head
    from engine.workspace.folder import open_workspace
    from engine.workspace.verifying import verify_workspace

    known = [read_head(text) for text in heads]
    wrong = [text for text, head in zip(heads, known, strict=True) if head is None]
    if wrong:
        raise click.BadParameter(f"“{wrong[0][:40]}” 不是链末，应为 序号-64 位校验值", param_hint="--head")
    with reported(), open_workspace(folder) as workspace:
        found = verify_workspace(workspace, [each for each in known if each is not None])
    stop_on(found.problems)
    click.echo(f"{folder}：办理记录 {found.head.seq} 条，全部相符；链末 {found.head}")
    if found.orphans:
        click.echo(f"另有 {len(found.orphans)} 个文件没有资料用到（办理中途停下留下的），不影响使用", err=True)
    if not known:
        click.echo("没有给出以前印出的链末：不能排除记录被截断或整个重写", err=True)

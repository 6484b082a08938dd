"""chunfeng findings recurrences: which findings are earlier ones come back."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported
from engine.commands.options import acting_options


@click.command(
    help="查找反弹：以前已改正、同一单位同一规则的问题再次发现的，由程序找出并记在新的问题上（先认品种、批号等相同的）。"
    "上次行动另有工作目录的，先用 findings lookback --from 接收。",
    short_help="由程序查找反弹的问题。",
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹")
@acting_options
def command(folder: Path, by: str, at: str) -> None:
    """Find and note them (library: engine.workspace.findings.mark_recurrences)."""
    from engine.workspace.findings import mark_recurrences
    from engine.workspace.folder import open_workspace
    from engine.workspace.register import Who

    with reported(), open_workspace(folder) as workspace:
        found = mark_recurrences(workspace, Who(by, at))
    for each in found:
        click.echo(
            f"{each.finding} 是 {each.earlier} 的反弹（{'对象相同' if each.same_subject else '同一单位、同一规则'}）"
        )
    click.echo(f"新找出反弹 {len(found)} 个")

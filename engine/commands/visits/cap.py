"""chunfeng visits cap: the most inspections a site and year."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported
from engine.commands.options import acting_options, why_option, workspace_argument


@click.command(
    help="设定一家单位一年最多检查几次（频次上限）；印在文书的“本年度已检查次数”一栏。0 取消上限。",
    short_help="设定年度检查频次上限。",
)
@workspace_argument
@click.argument("times", type=click.IntRange(0, 365), metavar="次数")
@why_option("依据哪个文件")
@acting_options
def command(folder: Path, times: int, why: str, by: str, at: str) -> None:
    """Keep the setting (library: engine.workspace.settings.VISIT_CAP)."""
    from engine.model.workspace import Setting
    from engine.workspace.folder import open_workspace
    from engine.workspace.settings import VISIT_CAP

    with (
        reported(),
        open_workspace(folder) as workspace,
        workspace.store.writing(by=by, at=at, action="设定年度检查频次上限", why=why) as writer,
    ):
        writer.put(Setting(id=VISIT_CAP, value=times or None))
    click.echo(f"每家每年最多检查 {times} 次" if times else "不设频次上限")

"""chunfeng workspace export: a campaign as a folder that opens without this program."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported, step
from engine.commands.options import rules_option, workspace_argument


@click.command(
    help="把一次行动的全部资料导出成一个文件夹，不用本程序也能看：表格（.xlsx）、文书和证据（原件，按检查放好）、"
    "目录（网页）、全部数据和办理记录（JSON）。workspace import 可以放回。",
    short_help="导出归档，不用本程序也能看。",
)
@workspace_argument
@click.option("-o", "target", type=click.Path(path_type=Path), required=True, metavar="新文件夹", help="写到哪里。")
@rules_option
def command(folder: Path, target: Path, rules: Path | None) -> None:
    """Write the folder (library: engine.workspace.archives.export_archive)."""
    from engine.library.files import place
    from engine.workspace.archives import export_archive
    from engine.workspace.folder import open_workspace

    step("正在核对和导出……")
    with reported(), open_workspace(folder) as workspace:
        made = export_archive(workspace, place(rules), target)
    click.echo(f"{target}：检查 {made.inspections} 次，文件 {made.files} 个，办理记录 {made.head.seq} 条")
    click.echo(f"链末 {made.head}（请另抄一份）")
    if made.unfinished:
        click.echo(f"还有 {made.unfinished} 次检查没有办结", err=True)

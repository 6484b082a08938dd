"""chunfeng workspace export: a campaign as a folder that opens without this program."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported, show_problems, step
from engine.commands.options import jobs_of, jobs_option, rules_option, workspace_argument


@click.command(
    help="把一次行动的全部资料导出成一个文件夹，不用本程序也能看：表格（.xlsx）、文书和证据（原件，按检查放好）、"
    "目录（网页）、全部数据和办理记录（JSON）。workspace import 可以放回。",
    short_help="导出归档，不用本程序也能看。",
)
@workspace_argument
@click.option("-o", "target", type=click.Path(path_type=Path), required=True, metavar="新文件夹", help="写到哪里。")
@click.option("--no-papers", is_flag=True, help="不排印已归档检查的文书（快，但只有数据，没有 PDF）。")
@jobs_option("用于排印文书")
@rules_option
def command(folder: Path, target: Path, no_papers: bool, jobs: int | None, rules: Path | None) -> None:
    """Write the folder (library: engine.workspace.archives.export_archive)."""
    from engine.workspace.archives import export_archive
    from engine.workspace.folder import open_workspace

    step("正在核对和导出……" if no_papers else "正在核对、导出和排印文书，每份一两秒……")
    with reported(), open_workspace(folder) as workspace:
        workers = 0 if no_papers else jobs_of(jobs, papers=2, each=1)
        made = export_archive(workspace, rules, target, workers)
    counts = f"检查 {made.inspections} 次，存放的文件 {made.files} 个，排印的文书 {made.papers} 份"
    click.echo(f"{target}：{counts}，办理记录 {made.head.seq} 条")
    if made.unprinted:
        show_problems(made.unprinted)
        click.echo("以上文书没有印出，数据都已导出", err=True)
    click.echo(f"链末 {made.head}（请另抄一份）")
    if made.unfinished:
        click.echo(f"还有 {made.unfinished} 次检查没有办结", err=True)

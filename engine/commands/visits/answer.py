"""chunfeng visits answer: the filled-in sheet of a visit."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported
from engine.commands.options import acting_options, rules_option, workspace_argument


@click.command(
    help="收下一次检查的答卷：answers read 能读的任何一种文件。核对是不是这家单位、这种单位、印表时的规则版本；"
    "有待确认的答案先用 answers confirm 定下。原件和答卷都按 SHA-256 存放。",
    short_help="收下一次检查的答卷。",
)
@workspace_argument
@click.argument("inspection", metavar="检查号")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="答卷")
@acting_options
@rules_option
def command(folder: Path, inspection: str, file: Path, by: str, at: str, rules: Path | None) -> None:
    """Keep it (library: engine.workspace.sealing.receive_answers)."""
    from engine.library.files import place
    from engine.register.life import NEXT
    from engine.workspace.folder import open_workspace
    from engine.workspace.register import Who
    from engine.workspace.sealing import receive_answers

    with reported(), open_workspace(folder) as workspace:
        visit, notices = receive_answers(workspace, place(rules), inspection, file, Who(by, at))
    for notice in notices:
        click.echo(f"注意：{notice}", err=True)
    photos = f"，照片 {len(visit.evidence)} 张" if visit.evidence else ""
    click.echo(f"{visit.id}：已收答卷{photos}；下一步 {NEXT[visit.state]}")

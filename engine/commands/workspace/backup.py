"""chunfeng workspace backup: everything in one file."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import keep_existing, reported, wrong_use
from engine.commands.options import force_option, output_option, workspace_argument


@click.command(
    help="把工作目录备份成一个 .zip 文件。别人正在录入也可以备份。备份前核对，不符就不备份。"
    "链末显示在屏幕上，也写进旁边的 .txt：请另抄一份，恢复和核对时用。",
    short_help="备份工作目录。",
    epilog="例：chunfeng workspace backup 春风2024 -o 备份0131.zip",
)
@workspace_argument
@output_option(required=True)
@force_option
def command(folder: Path, target: Path, force: bool) -> None:
    """Write the backup and what it is beside it (library: engine.workspace.backups.back_up)."""
    from engine.workspace.backups import back_up
    from engine.workspace.folder import open_workspace
    from engine.writing import write_atomically

    if target.suffix.lower() != ".zip":
        wrong_use(f"{target} 的结尾应为 .zip")
    keep_existing(target, force)
    with reported(), open_workspace(folder) as workspace:
        made = back_up(workspace, target)
        text = (
            f"春风工作目录的备份\n文件：{target.name}\nSHA-256：{made.sha256}\n办理记录：{made.head.seq} 条\n"
            f"链末：{made.head}\n恢复：chunfeng workspace restore {target.name} 新文件夹 --head {made.head}\n"
        )
        write_atomically(target.with_name(target.name + ".txt"), text.replace("\n", "\r\n").encode("utf-8-sig"))
    click.echo(f"{target}：办理记录 {made.head.seq} 条，文件 {made.files} 个")
    click.echo(f"链末 {made.head}（请另抄一份）")

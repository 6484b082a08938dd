"""chunfeng visits record: the record of a visit with what people decided."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported
from engine.commands.options import acting_options, rules_option, workspace_argument


@click.command(
    help="收下一次检查的记录（RECORD.yaml，问题已逐条确认）；归档以前可以再收，后收的代替先收的。证据清单上的文件一并存进工作目录。列出归档前还缺什么。",
    short_help="收下一次检查的记录。",
)
@workspace_argument
@click.argument("inspection", metavar="检查号")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="记录.yaml")
@acting_options
@rules_option
def command(folder: Path, inspection: str, file: Path, by: str, at: str, rules: Path | None) -> None:
    """Keep it (library: engine.workspace.sealing.receive_record)."""
    from engine.library.files import place
    from engine.workspace.folder import open_workspace
    from engine.workspace.register import Who
    from engine.workspace.sealing import receive_record

    with reported(), open_workspace(folder) as workspace:
        received = receive_record(workspace, place(rules), inspection, file, Who(by, at))
    click.echo(f"{received.inspection.id}：已收记录" + ("" if received.gaps else "，可以归档（visits seal）"))
    for gap in received.gaps:
        click.echo(f"  归档前须补正：{gap}")
    for each in received.look:
        click.echo(f"  请核对：{each}")

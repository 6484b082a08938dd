"""chunfeng visits evaluate: the record of a visit with proposed findings."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import keep_existing, reported, write_beside
from engine.commands.options import acting_options, force_option, output_option, rules_option, workspace_argument


@click.command(
    help="从收下的答卷判定，写出检查记录（RECORD.yaml）：执法机关、已取的文书编号填好，照片列入证据、放在旁边，拟出的问题逐条等人确认。",
    short_help="从答卷拟出检查记录。",
)
@workspace_argument
@click.argument("inspection", metavar="检查号")
@output_option(required=True)
@force_option
@acting_options
@rules_option
def command(folder: Path, inspection: str, target: Path, force: bool, by: str, at: str, rules: Path | None) -> None:
    """Write it (library: engine.workspace.sealing.propose_record)."""
    from engine.library.files import place
    from engine.workspace.folder import open_workspace
    from engine.workspace.record_evidence import photographs_beside
    from engine.workspace.register import Who
    from engine.workspace.sealing import propose_record
    from engine.writing import write_atomically

    keep_existing(target, force)
    with reported(), open_workspace(folder) as workspace:
        visit, content = propose_record(workspace, place(rules), inspection, Who(by, at))
        write_beside(photographs_beside(workspace.files, visit.evidence, target), force)
        write_atomically(target, content)
    click.echo(f"{target}：{visit.id} 的检查记录，请逐条确认问题，再用 visits record 收回")

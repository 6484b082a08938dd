"""chunfeng findings undo: the last step of findings is taken back."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported
from engine.commands.options import acting_options, why_option


@click.command(
    help="办错了的收回一步：问题回到上一步以前的状态。不删除任何记录：办错的和收回的都留在办理记录里，写明理由；"
    "因此办结的检查重新打开，已报送的统计表不变，下一次报送作更正。转成线索的，先用 ledger void 作废线索。",
    short_help="办错了的收回一步。",
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹")
@click.argument("ids", nargs=-1, required=True, metavar="问题编号…")
@why_option("错在哪里")
@acting_options
def command(folder: Path, ids: tuple[str, ...], why: str, by: str, at: str) -> None:
    """Take it back (library: engine.workspace.taking_back.take_back_steps)."""
    from engine.follow_up.findings import STATES
    from engine.workspace.folder import open_workspace
    from engine.workspace.register import Who
    from engine.workspace.taking_back import take_back_steps

    with reported(), open_workspace(folder) as workspace:
        back, changed = take_back_steps(workspace, ids, Who(by, at, why))
    for finding, was in back:
        due = f"，期限 {finding.due}" if finding.due else ""
        click.echo(f"{finding.id} 由{STATES[was.state]}收回为{STATES[finding.state]}{due}")
    for each in changed:
        click.echo(f"{each.id} {f'改为 {each.recurs} 的反弹' if each.recurs else '不再是反弹'}")

"""chunfeng findings resume: waived findings are taken up again."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported
from engine.commands.options import acting_options, why_option


@click.command(help="恢复追究：暂不追究的问题回到原来的状态。", short_help="恢复追究。")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹")
@click.argument("ids", nargs=-1, required=True, metavar="问题编号…")
@why_option("为什么")
@acting_options
def command(folder: Path, ids: tuple[str, ...], why: str, by: str, at: str) -> None:
    """Take the step (library: engine.follow_up.findings.resume, engine.workspace.findings.take_step)."""
    from engine.follow_up.findings import STATES, resume
    from engine.workspace.findings import take_step
    from engine.workspace.folder import open_workspace
    from engine.workspace.register import Who

    with reported(), open_workspace(folder) as workspace:
        done = take_step(workspace, ids, resume, Who(by, at, why), "恢复追究")
    for finding in done:
        click.echo(f"{finding.id} 恢复为{STATES[finding.state]}")

"""chunfeng findings extend: the term of findings is extended, once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from engine.commands.console import reported
from engine.commands.options import Day, acting_options, why_option


@click.command(help="延期：已责令改正的问题可以延期一次，写明新的期限和理由。", short_help="延期一次。")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹")
@click.argument("ids", nargs=-1, required=True, metavar="问题编号…")
@click.option("--due", required=True, type=Day(), metavar="日期", help="新的改正期限。")
@why_option("为什么延期")
@acting_options
def command(folder: Path, ids: tuple[str, ...], due: date, why: str, by: str, at: str) -> None:
    """Take the step (library: engine.follow_up.findings.extend, engine.workspace.findings.take_step)."""
    from engine.follow_up.findings import extend
    from engine.workspace.findings import take_step
    from engine.workspace.folder import open_workspace
    from engine.workspace.register import Who

    who = Who(by, at, why)
    with reported(), open_workspace(folder) as workspace:
        done = take_step(workspace, ids, lambda f: extend(f, on=who.day, due=due), who, "改正期限延期")
    for finding in done:
        click.echo(f"{finding.id} 已延期：{finding.first_due} → {finding.due}")

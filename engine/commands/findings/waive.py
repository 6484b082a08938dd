"""chunfeng findings waive: findings are not pursued for a time."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from engine.commands.console import reported
from engine.commands.options import Day, acting_options, why_option


@click.command(
    help="暂不追究：写明批准人、理由和到哪一天为止。问题原来的状态留着，另行计数；到期的列入 due。",
    short_help="暂不追究一段时间。",
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹")
@click.argument("ids", nargs=-1, required=True, metavar="问题编号…")
@click.option("--authority", required=True, metavar="姓名", help="批准人。")
@click.option("--until", required=True, type=Day(), metavar="日期", help="到哪一天为止（含）。")
@why_option("为什么")
@acting_options
def command(folder: Path, ids: tuple[str, ...], authority: str, until: date, why: str, by: str, at: str) -> None:
    """Take the step (library: engine.follow_up.findings.waive, engine.workspace.findings.take_step)."""
    from engine.follow_up.findings import waive
    from engine.workspace.findings import take_step
    from engine.workspace.folder import open_workspace
    from engine.workspace.register import Who

    who = Who(by, at, why)
    with reported(), open_workspace(folder) as workspace:
        done = take_step(
            workspace,
            ids,
            lambda f: waive(f, on=who.day, authority=authority, reason=why, until=until),
            who,
            "暂不追究",
        )
    for finding in done:
        click.echo(f"{finding.id} 暂不追究，至 {until}")

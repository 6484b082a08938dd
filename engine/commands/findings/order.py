"""chunfeng findings order: the correction of findings is ordered."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from engine.commands.console import reported
from engine.commands.options import Day, acting_options, why_option


@click.command(
    help="责令改正：写明改正期限（立即改正的写当日）。同一问题只责令一次；到期没有改正的用 findings fail 转为线索。",
    short_help="责令改正，写明期限。",
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹")
@click.argument("ids", nargs=-1, required=True, metavar="问题编号…")
@click.option("--due", required=True, type=Day(), metavar="日期", help="改正期限。")
@click.option("--on", "day", type=Day(), metavar="日期", help="责令改正通知书的日期；不写为办理之日。")
@click.option("--notice", default="", metavar="文号", help="责令改正通知书文号。")
@why_option("说明", required=False)
@acting_options
def command(
    folder: Path, ids: tuple[str, ...], due: date, day: date | None, notice: str, why: str, by: str, at: str
) -> None:
    """Take the step (library: engine.follow_up.findings.order, engine.workspace.findings.take_step)."""
    from engine.follow_up.findings import order
    from engine.workspace.findings import take_step
    from engine.workspace.folder import open_workspace
    from engine.workspace.register import Who

    who = Who(by, at, why or notice)
    with reported(), open_workspace(folder) as workspace:
        done = take_step(workspace, ids, lambda f: order(f, on=day or who.day, due=due, notice=notice), who, "责令改正")
    for finding in done:
        click.echo(f"{finding.id} 已责令改正，期限 {finding.due}")

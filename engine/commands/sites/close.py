"""chunfeng sites close: a site that has closed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from engine.commands.console import reported
from engine.commands.options import Day, acting_options, why_option, workspace_argument


@click.command(
    help="记下一家单位停业、注销的日期；以后不再安排检查，已做的检查不变。--reopen 恢复营业。",
    short_help="单位停业、注销。",
)
@workspace_argument
@click.argument("site", metavar="单位编号")
@click.option("--date", "day", type=Day(), metavar="日期", help="哪一天停业、注销；不写就是 --at 那天。")
@click.option("--reopen", is_flag=True, help="恢复营业。")
@why_option("依据什么，例如 现场关门、注销公告")
@acting_options
def command(folder: Path, site: str, day: date | None, reopen: bool, why: str, by: str, at: str) -> None:
    """Close it (library: engine.workspace.register.close_site)."""
    from engine.model.workspace import Inspection
    from engine.workspace.folder import open_workspace
    from engine.workspace.register import Who, close_site

    who = Who(by, at, why)
    with reported(), open_workspace(folder) as workspace:
        changed = close_site(workspace, site, None if reopen else day or who.day, who)
        with workspace.store.reading() as reader:
            left = [i.id for i in reader.all(Inspection, site=site) if i.state in ("planned", "printed")]
    click.echo(f"{changed.id}：{changed.name}，" + (f"{changed.closed} 停业、注销" if changed.closed else "在营"))
    if changed.closed and left:
        click.echo(f"  还有没做的检查：{'、'.join(left)}，不做的用 visits cancel 取消", err=True)

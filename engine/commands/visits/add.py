"""chunfeng visits add: visits are planned."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from engine.commands.console import reported, wrong_use
from engine.commands.options import Day, acting_options, workspace_argument


@click.command(
    help="给单位安排检查，各得一个检查号。--missing 给一个责任单位所有还没有安排的单位各安排一次。"
    "本年度次数达到上限（visits cap）的不安排，除非用 --over-cap 写明理由。",
    short_help="安排检查。",
    epilog="例：chunfeng visits add 2024春风 S00001 S00002 --date 2024-01-15 --by 王芳",
)
@workspace_argument
@click.argument("sites", nargs=-1, metavar="[单位编号]…")
@click.option("--missing", is_flag=True, help="责任单位（--unit）所有还没有安排检查的单位。")
@click.option("--unit", default="", metavar="单位", help="由谁牵头；不写则是各家的责任单位。")
@click.option("--assist", "assisting", multiple=True, metavar="单位",
              help="配合、联合检查的本局单位；家次只记牵头单位。可写多次。")  # fmt: skip
@click.option("--date", "planned", type=Day(), metavar="日期", help="安排在哪一天。")
@click.option("--reason", default="", metavar="事由", help="为什么查，例如 重点检查对象、投诉举报。")
@click.option("--earlier", metavar="检查号", help="复查、回头看所指的那次检查。")
@click.option("--online", is_flag=True, help="网络巡查，不到现场，不计入频次。")
@click.option("--over-cap", default="", metavar="理由", help="超过本年度频次上限仍须检查的理由。")
@acting_options
def command(
    folder: Path, sites: tuple[str, ...], missing: bool, unit: str, assisting: tuple[str, ...], planned: date | None,
    reason: str, earlier: str | None, online: bool, over_cap: str, by: str, at: str,
) -> None:  # fmt: skip
    """Plan them (library: engine.workspace.visits.add_visits)."""
    from engine.model.workspace import Inspection, RegisteredSite
    from engine.register.visits import uninspected
    from engine.workspace.folder import open_workspace
    from engine.workspace.register import Who, unit_of
    from engine.workspace.settings import campaign_of
    from engine.workspace.visits import Wanted, add_visits

    if missing == bool(sites):
        wrong_use("请写单位编号，或用 --missing 安排所有还没有检查的单位")
    if missing and not unit:
        wrong_use("--missing 须用 --unit 指明责任单位")
    with reported(), open_workspace(folder) as workspace:
        if missing:
            with workspace.store.reading() as reader:
                named, left = unit_of(reader, unit), reader.all(Inspection)
                bare = uninspected(reader.all(RegisteredSite), left, campaign_of(reader))
            sites = tuple(site.id for site in bare if site.unit == named)
        wanted = Wanted(unit, assisting, planned, reason, over_cap, online, earlier)
        made = add_visits(workspace, sites, wanted, Who(by, at))
    if not made:
        click.echo("没有要安排的单位")
        return
    click.echo(f"安排检查 {len(made)} 家：{made[0].id}" + (f" 至 {made[-1].id}" if len(made) > 1 else ""))

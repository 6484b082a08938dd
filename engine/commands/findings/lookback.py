"""chunfeng findings lookback: a 回头看 round made from last campaign's findings."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from engine.commands.console import print_json, reported
from engine.commands.options import Day, acting_options, format_option, rules_option


@click.command(
    help="回头看：按规则表（rules/look-back）从上次行动的问题中找出高风险品种的，列出单位，已办结的也列；"
    "--plan 为这些单位各安排一次检查。上次行动的问题在另一个工作目录的，用 --from 指明：接收过来，供查找反弹，"
    "不计入本次统计。",
    short_help="由上次行动的问题安排回头看。",
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹")
@click.option("--from", "last", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹",
              help="上次行动的工作目录。")  # fmt: skip
@click.option("--plan", is_flag=True, help="安排检查；不写只列出。")
@click.option("--on", "day", type=Day(), metavar="日期", help="安排在哪一天。")
@click.option("--over-cap", "over", default="", metavar="理由", help="超过本年度频次上限仍须检查的理由。")
@acting_options
@format_option
@rules_option
def command(
    folder: Path, last: Path | None, plan: bool, day: date | None, over: str, by: str, at: str, output: str,
    rules: Path | None,
) -> None:  # fmt: skip
    """List and plan (library: engine.workspace.looking_back)."""
    from engine.library.files import place
    from engine.workspace.folder import open_workspace
    from engine.workspace.looking_back import look_back_at
    from engine.workspace.register import Who

    with reported(output), open_workspace(folder) as workspace:
        found = look_back_at(workspace, place(rules), last, Who(by, at), plan=plan, day=day, over=over)
    if output == "json":
        print_json({"kind": "look-back", "schema": 1, "targets": [t._asdict() for t in found.targets],
                    "planned": [i.id for i in found.planned], "unknown": list(found.unknown)})  # fmt: skip
        return
    for target in found.targets:
        name = found.names.get(target.site, target.site)
        click.echo(f"{target.unit}　{name}　{'、'.join(target.classes)}　问题 {len(target.findings)} 个："
                   f"{'、'.join(target.findings)}")  # fmt: skip
    click.echo(
        f"回头看 {len(found.targets)} 户；规则表 {found.dated}" + (f"；已安排 {len(found.planned)} 户" if plan else "")
    )
    if found.unknown:
        click.echo(f"名录里找不到 {len(found.unknown)} 户，没有列入：{'、'.join(found.unknown)}", err=True)

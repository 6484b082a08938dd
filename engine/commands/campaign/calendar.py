"""chunfeng campaign calendar: the deadlines of a campaign's plan by day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from engine.commands.console import print_json, reported, stop_on, wrong_use
from engine.commands.options import Day, format_option, output_option, rules_option


@click.command(
    help="列出方案规定的期限：日期、星期、由谁、报什么、方案条款，遇到节假日、周末和行动结束以后的注明。"
    "-o 写成日历文件（.ics），可导入手机和办公软件。",
    short_help="列出方案规定的期限，可写成日历文件。",
    epilog="例：chunfeng campaign calendar 2019 --unit 城东市场监管所 -o 报送日历.ics",
)
@click.argument("campaign", metavar="行动")
@click.option("--unit", metavar="单位", help="只列这个单位的，例如 城东市场监管所；不写则全部列出。")
@click.option("--date", "day", type=Day(), metavar="日期", help="日历文件上的制作日期；不写为行动第一天。")
@format_option
@output_option()
@rules_option
def command(
    campaign: str, unit: str | None, day: date | None, output: str, target: Path | None, rules: Path | None
) -> None:
    """Print the calendar (library: engine.campaigns.calendar.campaign_calendar, engine.documents.ical.calendar_ics)."""
    from engine.campaigns.calendar import campaign_calendar
    from engine.documents.ical import calendar_ics
    from engine.documents.plan_text import calendar_text
    from engine.library.check import check_library
    from engine.library.files import place
    from engine.library.load import load_library
    from engine.writing import write_atomically

    if target is not None and target.suffix.lower() != ".ics":
        wrong_use(f"{target} 的结尾应为 .ics")
    library = load_library(place(rules))
    stop_on(check_library(library), output)
    calendar, problems = campaign_calendar(library, campaign, unit)
    stop_on(problems, output)
    assert calendar is not None
    if target is not None:
        with reported(output):
            write_atomically(target, calendar_ics(calendar, day or calendar.period.start))
        dated = sum(1 for due in calendar.due if due.date is not None)
        without = len(calendar.due) - dated
        click.echo(f"{target}：{dated} 次" + (f"；另有 {without} 项没有定日期，没有写入" if without else ""), err=True)
    if output == "json":
        print_json({"kind": "calendar", "schema": 1, **calendar.model_dump(mode="json", by_alias=True)})
    elif target is None:
        click.echo(calendar_text(calendar))

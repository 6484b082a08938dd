"""chunfeng rules holidays: the days off of a year as the notice has them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from engine.commands.console import reported
from engine.commands.options import Days, rules_option
from engine.days import parse_day


class _Named(click.ParamType[tuple[str, Any]]):
    """A name and its days: 假期=2027-03-01..2027-03-03 or, of one day, 假期=2027-03-06."""

    def __init__(self, *, period: bool) -> None:
        self.name, self.period = "名称=日期", period

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, Any]:
        """Return the name and the first and last day, or the day; fail with what to write instead."""
        name, _, days = str(value).replace("＝", "=").partition("=")
        day = parse_day(days.strip())
        if not name.strip() or not days.strip() or (day is None and not self.period):
            example = "假期=2027-03-01..2027-03-03" if self.period else "假期=2027-03-06"
            self.fail(f"“{value}” 应写成 {example} 的样子", param, ctx)
        if not self.period or day is not None:
            return name.strip(), (day, day) if self.period else day
        return name.strip(), Days().convert(days.strip(), param, ctx)


@click.command(
    help="照国务院办公厅的通知录入一年的放假和调休，写进本单位的规则目录；当年原来的放假、调休换成这里写的，节日不动。"
    "没有加 --compared、--complete 的，日历上仍印为待核。",
    short_help="录入一年的放假和调休。",
    epilog="例：chunfeng rules holidays 2027 --off 春节=起..止 --work 春节=调休日 --source 通知的名称和文号 "
    "--compared --complete --rules 规则",
)
@click.argument("year", type=click.IntRange(2000, 2100), metavar="年份")
@click.option("--off", type=_Named(period=True), multiple=True, required=True, metavar="名称=起..止",
              help="一个假期，起止日期都含在内；可写多次。")  # fmt: skip
@click.option("--work", type=_Named(period=False), multiple=True, metavar="名称=日期",
              help="为哪个假期调休上班的星期六、星期日；可写多次。")  # fmt: skip
@click.option("--source", required=True, metavar="通知", help="通知的名称和文号。")
@click.option("--compared", is_flag=True, help="已对照通知原文。")
@click.option("--complete", is_flag=True, help="当年的放假和调休已经列全。")
@rules_option
def command(
    year: int, off: tuple[tuple[str, tuple[date, date]], ...], work: tuple[tuple[str, date], ...], source: str,
    compared: bool, complete: bool, rules: Path | None,
) -> None:  # fmt: skip
    """Write the calendar (library: engine.rulebook.calendars.write_calendar)."""
    from engine.library.files import place
    from engine.rulebook.calendars import Notice, write_calendar

    days = tuple((name, first, last) for name, (first, last) in off)
    with reported():
        written = write_calendar(place(rules), Notice(str(year), days, work, source, compared, complete))
    doubt = "" if compared and complete else "；没有对照原文或没有列全，日历上仍印待核"
    click.echo(f"写出 {written}：放假 {len(off)} 段，调休上班 {len(work)} 天{doubt}")

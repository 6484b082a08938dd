"""Options that several commands share."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from engine.days import BEIJING, parse_day, parse_moment

F = TypeVar("F", bound=Callable[..., Any])


class Day(click.ParamType[date]):
    """A date written 2024-01-31."""

    name = "日期"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the date; fail with what to write instead."""
        if isinstance(value, date):
            return value
        day = parse_day(value)
        if day is None:
            self.fail(f"“{value}” 不是存在的日期，请写成 2024-01-31 的样子", param, ctx)
        return day


class Days(click.ParamType[tuple[date, date]]):
    """Two dates written 2026-12-20..2027-03-31, both included."""

    name = "期间"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[date, date]:
        """Return the two dates; fail with what to write instead."""
        if isinstance(value, tuple):
            return value
        parts = [part.strip() for part in re.split(r"\.\.|～|~|至", value)]
        days = [day for day in map(parse_day, parts) if day is not None]
        if len(parts) != 2 or len(days) != 2:
            self.fail(f"“{value}” 不是期间，请写成 2026-12-20..2027-03-31 的样子", param, ctx)
        return days[0], days[1]


class Moment(click.ParamType[datetime]):
    """A day and time written 2024-01-31 09:30, in the time of Beijing."""

    name = "时间"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the moment; fail with what to write instead."""
        if isinstance(value, datetime):
            return value
        moment = parse_moment(value)
        if moment is None:
            self.fail(f'“{value}” 不是存在的时间，请写成 "2024-01-31 09:30" 的样子（北京时间）', param, ctx)
        return moment


def rules_option(function: F) -> F:
    """Add --rules DIR: a bureau's own rules folder over the packaged one."""
    return click.option(
        "--rules", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="目录",
        help="本单位的规则目录，叠加在自带规则之上（也可用环境变量 CHUNFENG_RULES）。",
    )(function)  # fmt: skip


def jobs_option(text: str) -> Callable[[F], F]:
    """Return what adds --jobs N, for what the text says."""
    return click.option("--jobs", type=click.IntRange(1, 64), metavar="个数",
                        help=f"同时用几个进程排版；不写则看处理器和份数的多少。{text}。")  # fmt: skip


def jobs_of(asked: int | None, papers: int, each: int) -> int:
    """Return how many worker processes print so many papers: as asked, else as processors and papers warrant."""
    return asked or min(os.cpu_count() or 1, max(1, papers // each))


def bureau_option(text: str) -> Callable[[F], F]:
    """Return what adds --bureau FILE: the profile of a bureau, for what the text says."""
    return click.option(
        "--bureau", "bureau_file", type=click.Path(dir_okay=False, path_type=Path), metavar="文件",
        help=f"本单位资料（YAML）：{text}。",
    )  # fmt: skip


def format_option(function: F) -> F:
    """Add --format text|json: how the result is printed."""
    return click.option(
        "--format", "output", type=click.Choice(["text", "json"]), default="text", show_default=True,
        help="text 给人看，json 给其他程序用。",
    )(function)  # fmt: skip


def list_options(function: F) -> F:
    """Add how a list is given: --format text|json|xlsx|pdf and -o."""
    for option in (
        click.option("-o", "target", type=click.Path(dir_okay=False, path_type=Path), metavar="文件",
                     help="写到哪个文件（xlsx、pdf 必须写）；不写则显示在屏幕上。"),
        click.option("--format", "output", type=click.Choice(["text", "json", "xlsx", "pdf"]), default="text",
                     show_default=True, help="text 在屏幕上看，xlsx 用 WPS 打开，pdf 打印签字，json 给其他程序用。"),
    ):  # fmt: skip
        function = option(function)
    return function


def workspace_argument(function: F) -> F:
    """Add the folder of a workspace."""
    return click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="工作目录")(function)


def why_option(text: str, *, required: bool = True) -> Callable[[F], F]:
    """Return what adds --why REASON, kept in the audit trail."""
    if required:  # without a default: None would be one, and nothing would be asked for
        return click.option("--why", required=True, metavar="理由", callback=_somebody, help=f"{text}，记入办理记录。")
    return click.option("--why", default="", metavar="理由", callback=_stripped, help=f"{text}，记入办理记录。")


def _stripped(ctx: click.Context, param: click.Parameter, value: str) -> str:
    return value.strip() and _somebody(ctx, param, value)


def route_options(function: F) -> F:
    """Add what prints a whole route: its workbook, the records of the last inspections, order, workers."""
    for decorate in reversed(
        [
            click.option("--sites", type=click.Path(dir_okay=False, path_type=Path), metavar="表格",
                         help="路线：.xlsx 或 CSV，一行一家单位，按行的次序印成一个 PDF。"),
            click.option("--previous", type=click.Path(file_okay=False, path_type=Path), metavar="目录",
                         help="存放检查记录的目录：逐家找出最近一次的记录（先按信用代码，再按名称），"
                              "印出上次的问题，供回头看核实。与 --sites 同用。"),
            click.option("--areas-first", is_flag=True, help="重点区域的单位排在前面。与 --sites 同用。"),
            jobs_option("与 --sites 同用"),
        ]
    ):  # fmt: skip
        function = decorate(function)
    return function


def site_type_argument(*, required: bool = True) -> Callable[[F], F]:
    """Add the site type."""
    return click.argument("site_type", metavar="单位类型" if required else "[单位类型]", required=required)


def checklist_options(function: F) -> F:
    """Add what makes a checklist beside the site type: campaign, site, scope, day, routine."""
    for decorate in reversed(
        [
            click.option("--campaign", required=True, metavar="行动", help="哪一次行动，例如 2024；写错时列出全部。"),
            click.option("--site", "site_file", type=click.Path(dir_okay=False, path_type=Path), metavar="文件",
                         help="单位资料（YAML）：名称、证号、业务范围。"),
            click.option("--has", metavar="属性,…",
                         help="单位有的业务范围，例如 cold,rx；没有写的按没有处理，有关项目列为合理缺项。"
                              "--has 和 --site 都不写则按不清楚处理，全部列出。"),
            click.option("--date", "day", type=Day(), metavar="日期", help="检查日期；不写为行动第一天。"),
            click.option("--earlier", type=click.Path(dir_okay=False, path_type=Path), metavar="文件",
                         help="上次的检查记录（YAML）：其中的问题逐条列出，供回头看核实。"),
            click.option("--joint", multiple=True, metavar="单位",
                         help="联合检查的其他单位，例如 卫生健康局；表头留出其人员和证号。可写多次。"),
            click.option("--routine", is_flag=True, help="同时列出方案没有要求的日常项目。"),
        ]
    ):  # fmt: skip
        function = decorate(function)
    return function


def force_option(function: F) -> F:
    """Add --force: replace a file that people may have written in."""
    return click.option("--force", is_flag=True, help="覆盖已有的文件（其中填写过的内容会丢失）。")(function)


def output_option(*, required: bool = False) -> Callable[[F], F]:
    """Add -o FILE."""
    return click.option(
        "-o", "target", type=click.Path(dir_okay=False, path_type=Path), required=required, metavar="文件",
        help="写到哪个文件。" if required else "写到哪个文件；不写则显示在屏幕上。",
    )  # fmt: skip


def by_options(function: F) -> F:
    """Add who entered answers, when, and what they rest on: --by, --at, --basis. The clock is read if --at is not."""
    for option in (
        click.option(
            "--basis", type=click.Choice(["seen", "document", "interview"]),
            help="依据：seen 现场看到，document 查阅文件，interview 询问。",
        ),
        click.option(
            "--at", metavar="时间", callback=_moment, help="何时录入，例如 “2024-01-15 16:30”；不写就是现在。"
        ),
        click.option("--by", default="", metavar="姓名", help="由谁录入。"),
    ):  # fmt: skip
        function = option(function)
    return function


def acting_options(function: F) -> F:
    """Add who changes a workspace and when: --by, --at. The clock is read if --at is not."""
    for option in (
        click.option(
            "--at", metavar="时间", callback=_moment, help="何时办理，例如 “2024-01-15 16:30”；不写就是现在。"
        ),
        click.option("--by", required=True, metavar="姓名", callback=_somebody, help="由谁办理，记入办理记录。"),
    ):
        function = option(function)
    return function


def own_layout_options(function: F) -> F:
    """Add a bureau's own workbook to fill in and the file that says what its columns are: --layout, --mapping."""
    for option in (
        click.option("--mapping", type=click.Path(dir_okay=False, path_type=Path), metavar="文件",
                     help="table map 写出的对照文件，与 --layout 同用。"),
        click.option("--layout", type=click.Path(dir_okay=False, path_type=Path), metavar="表格",
                     help="填进他们自己的表式（.xlsx），与 --mapping 同用。"),
    ):  # fmt: skip
        function = option(function)
    return function


def unit_options(function: F) -> F:
    """Add what is known of a responsible unit: kind, block, reporter, phone, substitute; None where not given."""
    for option in (
        click.option("--substitute", metavar="姓名", help="替补。"),
        click.option("--phone", metavar="电话", help="信息报送责任人的电话。"),
        click.option("--reporter", metavar="姓名", help="信息报送责任人。"),
        click.option("--block", metavar="编号段", help="文书编号段，例如 瑶3。"),
        click.option("--kind", type=click.Choice(["station", "team", "section", "other"]),
                     help="station 市场监管所，team 大队，section 科室，other 其他。"),
    ):  # fmt: skip
        function = option(function)
    return function


def heads_option(function: F) -> F:
    """Add --head: ends of the audit trail as they were printed, as engine.workspace.chain.Head."""
    return click.option("--head", "heads", multiple=True, metavar="链末", callback=_heads,
                        help="报表或备份上印的链末；可写多次。")(function)  # fmt: skip


def _heads(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[Any, ...]:
    from engine.workspace.chain import read_head

    heads = tuple(read_head(text) for text in values)
    if None in heads:
        raise click.BadParameter(f"“{values[heads.index(None)][:40]}” 不是链末，应为 序号-64 位校验值")
    return heads


def _somebody(ctx: click.Context, param: click.Parameter, value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise click.BadParameter("不能空着，也不能有换行等控制字符")
    return value.strip()


def _moment(ctx: click.Context, param: click.Parameter, value: str | None) -> str:
    if value is None:
        return datetime.now(BEIJING).strftime("%Y-%m-%d %H:%M")
    if parse_moment(value) is None:
        raise click.BadParameter(f"“{value}” 不是时间，请写成 2024-01-15 16:30 的样子")
    return value

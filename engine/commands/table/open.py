"""chunfeng table open: the list behind a figure."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from engine.commands.console import print_json, reported
from engine.commands.options import Day, format_option, rules_option, workspace_argument


@click.command(
    help="列出一个数后面的检查、问题、台账条目或单位。栏目写 table show 里显示的英文名称。"
    "--filing 打开以前报送的数；不写则按现有记录。",
    short_help="打开一个数后面的名单。",
    epilog="例：chunfeng table open 2024 t0 pharmacies --unit 城东市场监管所",
)
@workspace_argument
@click.argument("table", metavar="统计表")
@click.argument("column", metavar="栏目")
@click.option(
    "--of", type=click.Choice(["total", "period"]), default="total", show_default=True, help="total 累计，period 本期。"
)
@click.option("--from", "start", type=Day(), metavar="日期", help="本期第一天。")
@click.option("--to", "end", type=Day(), metavar="日期", help="截止日。")
@click.option("--unit", metavar="单位", help="哪个责任单位；不写为全局。")
@click.option("--filing", "serial", type=click.IntRange(1, 9999), metavar="次", help="第几次报送。")
@format_option
@rules_option
def command(
    folder: Path, table: str, column: str, of: str, start: date | None, end: date | None, unit: str | None,
    serial: int | None, output: str, rules: Path | None,
) -> None:  # fmt: skip
    """Print the list (library: engine.workspace.filed.open_figure, engine.reports.lists.lines_of)."""
    from engine.library.files import place
    from engine.reports.figures import title_of, written
    from engine.reports.lists import lines_of
    from engine.workspace.filed import open_figure
    from engine.workspace.folder import open_workspace
    from engine.workspace.tabling import Wanted

    with reported(output), open_workspace(folder) as workspace, workspace.store.reading() as reader:
        wanted = Wanted(table, unit, end, start)
        title, figure, kept = open_figure(reader, place(rules), wanted, column, of == "period", serial)
    lines = lines_of(kept, figure.ids)
    if output == "json":
        listed = [line._asdict() for line in lines]
        print_json({"kind": "figure", "schema": 1, "column": column, "value": figure.value, "list": listed})
        return
    value = "空白（没有填报）" if figure.value is None else f"{written(title, figure.value)} {title.unit}"
    click.echo(f"{title_of(title)}：{value}，名单 {len(lines)} 条")
    for line in lines:
        click.echo("　".join(part for part in (line.id, line.kind, line.day, line.unit, line.text) if part))

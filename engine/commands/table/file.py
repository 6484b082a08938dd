"""chunfeng table file: a table is filed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from engine.commands.console import reported
from engine.commands.options import Day, acting_options, rules_option, workspace_argument


@click.command(
    help="报送一张统计表：各数和后面的名单从此不变。以后的变动在下一次报送里作更正，要写理由；截止日以后才归档的"
    "计入下一次，注明补报。不写 --unit 报全局，没有自己报过的各单位一并报。印出来用 table filings -o。",
    short_help="报送统计表。",
    epilog="例：chunfeng table file 2024 t0 --to 2024-01-26 --by 王芳 --reviewer 赵强",
)
@workspace_argument
@click.argument("table", metavar="统计表")
@click.option("--to", "end", type=Day(), required=True, metavar="日期", help="截止日。")
@click.option("--unit", metavar="单位", help="只报这个责任单位。")
@click.option("--daily", is_flag=True, help="攻坚周的日报：只报截止日这一天，自成一个序列。")
@click.option("--zero", is_flag=True, help="零报告：没有填的手工数按 0 报。")
@click.option("--why", default="", metavar="理由", help="以前报过的数有变动时，更正的理由。")
@click.option("--reviewer", default="", metavar="姓名", help="审核人。")
@click.option("--phone", default="", metavar="电话", help="联系电话。")
@click.option("--situation", type=click.Path(dir_okay=False, path_type=Path), metavar="文件.txt",
              help="开展情况：随表报送、印在表下的一段文字。")  # fmt: skip
@acting_options
@rules_option
def command(
    folder: Path, table: str, end: date, unit: str | None, daily: bool, zero: bool, why: str, reviewer: str,
    phone: str, situation: Path | None, by: str, at: str, rules: Path | None,
) -> None:  # fmt: skip
    """File it (library: engine.workspace.tabling.file_table)."""
    from engine.library.files import place
    from engine.reports.filing import Act, Series, said_corrections
    from engine.reports.footing import faults_of
    from engine.reports.situation import read_situation
    from engine.workspace.folder import open_workspace
    from engine.workspace.tabling import Wanted, file_table

    with reported(), open_workspace(folder) as workspace:
        said = read_situation(situation) if situation is not None else ""
        series: Series = "daily" if daily else "regular"
        with workspace.store.writing(by=by, at=at, action=f"报送统计表 {table}", why=why) as writer:
            act = Act(at, by, str(writer.head()), reviewer, phone, why, series, zero, said)
            opened, made = file_table(writer, place(rules), Wanted(table, unit, end, None, act.series), act)
    for words in (*opened.stray, *(fault.text for fault in faults_of(opened.computed))):
        click.echo(f"请核对：{words}", err=True)
    for filing in made:
        words = "零报告" if filing.zero else f"{sum(cell.value > 0 for cell in filing.period.values())} 栏有数"
        click.echo(f"已报送 {filing.id}：{filing.start} 至 {filing.cut_off}，{words}")
        if filing.corrections:
            click.echo(f"  更正：{said_corrections(opened.computed.table, filing.corrections)}")

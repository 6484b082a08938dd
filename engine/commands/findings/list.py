"""chunfeng findings list: the findings and what became of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from engine.commands.console import json_bytes, print_json, reported, wrong_use
from engine.commands.options import Day, format_option, output_option


@click.command(
    help="列出问题和它们的状态：未处理、已责令改正、已延期一次、已改正、未改正、暂不追究；逾期的注明。"
    "-o 写成风险隐患台账 .xlsx（发现、整改、销号）或 .json。",
    short_help="列出问题和状态。",
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹")
@click.option("--unit", default="", metavar="单位", help="只列这个单位的。")
@click.option(
    "--state",
    default="",
    type=click.Choice(["", "open", "ordered", "extended", "corrected", "not-corrected", "waived"]),
    metavar="状态",
    help="只列这个状态的：open、ordered、extended、corrected、not-corrected、waived。",
)
@click.option("--date", "day", type=Day(), metavar="日期", help="到哪一天的情况；不写就是今天。")
@format_option
@output_option()
def command(folder: Path, unit: str, state: str, day: date | None, output: str, target: Path | None) -> None:
    """Print or write them (library: engine.workspace.findings.findings_of, engine.follow_up.finding_view)."""
    from engine.days import today
    from engine.follow_up.finding_view import findings_json, findings_text
    from engine.model.workspace import RegisteredSite
    from engine.workspace.findings import findings_of
    from engine.workspace.folder import open_workspace
    from engine.writing import write_atomically

    if target is not None and target.suffix.lower() not in (".xlsx", ".json"):
        wrong_use(f"{target} 的结尾应为 .xlsx 或 .json")
    day = day or today()
    with reported(output):
        with open_workspace(folder) as workspace, workspace.store.reading() as reader:
            found = findings_of(reader, unit, state)
            names = {site.id: site.name for site in reader.all(RegisteredSite)}
        if target is not None and target.suffix.lower() == ".xlsx":
            from engine.follow_up.finding_pages import findings_workbook  # openpyxl is loaded when it is needed

            write_atomically(target, findings_workbook(found, names, day))
        elif target is not None:
            write_atomically(target, json_bytes(findings_json(found, names, day)))
    if target is not None:
        click.echo(f"{target}：{len(found)} 个问题", err=True)
    elif output == "json":
        print_json(findings_json(found, names, day))
    else:
        for line in findings_text(found, names, day):
            click.echo(line)

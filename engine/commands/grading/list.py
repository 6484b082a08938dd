"""chunfeng grading list: a year's list of levels with the reason per firm."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from engine.commands.console import json_bytes, print_json, reported, step_of_typesetting, stop_on, wrong_use
from engine.commands.options import Day, format_option, output_option, rules_option


@click.command(
    help="列出初步分级名单：上年级别、本年初步级别、定级依据（条款和事实）、人工调整及理由，各级户数与名录相符。"
    "-o 写成 .pdf、.xlsx（附变动表）或 .json；依据没有核对的，每页印“初步、依据待核”。",
    short_help="列出初步分级名单。",
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹")
@click.option("--year", required=True, type=click.IntRange(2000, 2099), metavar="年度", help="哪一年度的分级。")
@click.option("--date", "day", type=Day(), metavar="日期", help="按哪一天的规则表和名录；不写就是今天。")
@format_option
@output_option()
@rules_option
def command(folder: Path, year: int, day: date | None, output: str, target: Path | None, rules: Path | None) -> None:
    """Print or write it (library: engine.workspace.grading_list.grading_list, engine.follow_up.grading_view)."""
    from engine.days import today
    from engine.follow_up.grading_view import grading_json, grading_pdf, grading_text, grading_workbook
    from engine.library.files import place
    from engine.library.load import load_library
    from engine.workspace.folder import open_workspace
    from engine.workspace.grading_list import grading_list
    from engine.writing import write_atomically

    kind = target.suffix.lower() if target is not None else ""
    if kind not in ("", ".pdf", ".xlsx", ".json"):
        wrong_use(f"{target} 的结尾应为 .pdf、.xlsx 或 .json")
    library = load_library(place(rules))
    stop_on(library.problems, output)
    with reported(output):
        with open_workspace(folder) as workspace, workspace.store.reading() as reader:
            found = grading_list(reader, library, year, day or today())
        if kind == ".pdf":
            step_of_typesetting()
        if target is not None:
            if kind == ".json":
                content = json_bytes(grading_json(found))
            else:
                content = grading_pdf(found) if kind == ".pdf" else grading_workbook(found)
            write_atomically(target, content)
    if target is not None:
        click.echo(f"{target}：{found.sums}【{found.warning}】", err=True)
    elif output == "json":
        print_json(grading_json(found))
    else:
        for line in grading_text(found):
            click.echo(line)

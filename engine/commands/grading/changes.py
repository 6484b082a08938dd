"""chunfeng grading changes: whose level is not that of last year."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from engine.commands.console import print_json, reported, stop_on
from engine.commands.options import Day, format_option, rules_option


@click.command(help="列出与上年相比级别变动的企业：升级、降级、新增。", short_help="与上年比的变动表。")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹")
@click.option("--year", required=True, type=click.IntRange(2000, 2099), metavar="年度", help="哪一年度的分级。")
@click.option("--date", "day", type=Day(), metavar="日期", help="按哪一天的规则表和名录；不写就是今天。")
@format_option
@rules_option
def command(folder: Path, year: int, day: date | None, output: str, rules: Path | None) -> None:
    """Print them (library: engine.follow_up.grading.changes)."""
    from engine.days import today
    from engine.follow_up.grading_view import changes_text, grading_json
    from engine.library.files import place
    from engine.library.load import load_library
    from engine.workspace.folder import open_workspace
    from engine.workspace.grading_list import grading_list

    library = load_library(place(rules))
    stop_on(library.problems, output)
    with reported(output), open_workspace(folder) as workspace, workspace.store.reading() as reader:
        found = grading_list(reader, library, year, day or today())
    if output == "json":
        print_json(grading_json(found))
        return
    for line in changes_text(found):
        click.echo(line)

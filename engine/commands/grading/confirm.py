"""chunfeng grading confirm: a named person takes the rule table for right."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported, stop_on
from engine.commands.options import acting_options, rules_option, why_option


@click.command(
    help="确认分级规则表：由负责人对照文件原文核对后确认。没有确认的，名单不能报送；规则表改动后要重新确认。",
    short_help="确认分级规则表。",
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹")
@click.argument("table", metavar="规则表")
@why_option("为什么")
@acting_options
@rules_option
def command(folder: Path, table: str, why: str, by: str, at: str, rules: Path | None) -> None:
    """Keep it (library: engine.workspace.grading.confirm_table)."""
    from engine.library.files import place
    from engine.library.load import load_library
    from engine.workspace.folder import open_workspace
    from engine.workspace.grading import confirm_table
    from engine.workspace.register import Who

    library = load_library(place(rules))
    stop_on(library.problems)
    with reported(), open_workspace(folder) as workspace:
        file = confirm_table(workspace, library, table, Who(by, at, why))
    click.echo(f"{by} 已确认 {file.title}（{file.dated} 起用）：{why}")

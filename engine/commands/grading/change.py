"""chunfeng grading change: a firm's level set by hand."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported, stop_on
from engine.commands.options import acting_options, rules_option, why_option


@click.command(help="人工调整一家企业的级别，写明理由；程序的初步级别留在旁边。", short_help="人工调整级别，要写理由。")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹")
@click.argument("site", metavar="单位编号")
@click.argument("level", metavar="级别")
@click.option("--year", required=True, type=click.IntRange(2000, 2099), metavar="年度", help="哪一年度的分级。")
@why_option("为什么")
@acting_options
@rules_option
def command(folder: Path, site: str, level: str, year: int, why: str, by: str, at: str, rules: Path | None) -> None:
    """Change it (library: engine.workspace.grading.change_level)."""
    from engine.library.files import place
    from engine.library.load import load_library
    from engine.workspace.folder import open_workspace
    from engine.workspace.grading import change_level
    from engine.workspace.register import Who

    library = load_library(place(rules))
    stop_on(library.problems)
    with reported(), open_workspace(folder) as workspace:
        firm = change_level(workspace, library, site, year, level, Who(by, at, why))
    click.echo(f"{firm.site.name}：初步{firm.proposed}，调整为{firm.level}（{why}）")

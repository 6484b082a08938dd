"""chunfeng grading file: a year's list is filed and frozen."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported, stop_on
from engine.commands.options import acting_options, rules_option


@click.command(
    help="报送初步分级名单：冻结各级户数和每户的条目。规则表没有人确认、各级合计与名录不等、有企业资料不全待定的，不能报送。",
    short_help="报送初步分级名单。",
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹")
@click.option("--year", required=True, type=click.IntRange(2000, 2099), metavar="年度", help="哪一年度的分级。")
@click.option("--unit", required=True, metavar="单位", help="报送单位，例如 局药品科。")
@click.option("--reviewer", required=True, metavar="姓名", help="审核人。")
@click.option("--phone", default="", metavar="电话", help="联系电话。")
@acting_options
@rules_option
def command(
    folder: Path, year: int, unit: str, reviewer: str, phone: str, by: str, at: str, rules: Path | None
) -> None:
    """File it (library: engine.workspace.grading.file_grading)."""
    from engine.library.files import place
    from engine.library.load import load_library
    from engine.workspace.folder import open_workspace
    from engine.workspace.grading import file_grading
    from engine.workspace.register import Who, unit_of

    library = load_library(place(rules))
    stop_on(library.problems)
    with reported(), open_workspace(folder) as workspace:
        with workspace.store.reading() as reader:
            unit = unit_of(reader, unit)
        filing, found = file_grading(workspace, library, year, unit, reviewer, phone, Who(by, at))
    counts = "，".join(f"{level} {number}" for level, number in found.counts.items())
    click.echo(f"已报送 {filing.id}：{len(found.listed)} 户，{counts}；链末 {filing.head}")

"""chunfeng grading run: every firm of the register graded by the rule table."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported, stop_on
from engine.commands.options import acting_options, rules_option


@click.command(
    help="按当日起用的规则表给名录里的医疗器械经营企业初步定级：从高，写明依据和事实；资料不全、可能更高的列出来。"
    "资料取自台账 grading-input，没有登记的取名录里的业务范围。人工调整过的保留。",
    short_help="按规则表初步定级。",
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹")
@click.option("--year", required=True, type=click.IntRange(2000, 2099), metavar="年度", help="哪一年度的分级。")
@click.option("--unit", required=True, metavar="单位", help="由哪个单位统筹，例如 局药品科。")
@acting_options
@rules_option
def command(folder: Path, year: int, unit: str, by: str, at: str, rules: Path | None) -> None:
    """Grade them (library: engine.workspace.grading.run_grading)."""
    from engine.library.files import place
    from engine.library.load import load_library
    from engine.workspace.folder import open_workspace
    from engine.workspace.grading import run_grading
    from engine.workspace.register import Who, unit_of

    library = load_library(place(rules))
    stop_on(library.problems)
    with reported(), open_workspace(folder) as workspace:
        with workspace.store.reading() as reader:
            unit = unit_of(reader, unit)
        found = run_grading(workspace, library, year, unit, Who(by, at))
    stop_on(found.problems)
    counts = "，".join(f"{level} {number}" for level, number in found.counts.items())
    lacking = sum(bool(firm.lacking) for firm in found.listed)
    click.echo(f"{year} 年度初步分级【{found.warning}】：{len(found.listed)} 户，{counts}；资料不全待定 {lacking} 户")

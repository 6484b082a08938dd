"""chunfeng number take: the next number of a paper."""

from __future__ import annotations

from pathlib import Path
from typing import cast, get_args

import click

from engine.commands.console import reported, wrong_use
from engine.commands.options import acting_options, workspace_argument
from engine.model.bureau import PaperName


@click.command(
    help="取一个文书编号：按机关、文书类别、年份和编号段连续，取过的不再重用。程序以外已经用掉的号用 --written 登记。",
    short_help="取一个文书编号。",
    epilog="例：chunfeng number take 2024春风 --paper correction-notice --inspection 2024-0001 --by 王芳",
)
@workspace_argument
@click.option("--paper", required=True, type=click.Choice(get_args(PaperName)), metavar="文书",
              help=f"哪种文书：{'、'.join(get_args(PaperName))}。")  # fmt: skip
@click.option("--inspection", metavar="检查号", help="用于哪次检查。")
@click.option(
    "--unit", default="", metavar="单位", help="用哪个单位的编号段；不写则看检查的牵头单位，没有则用局里的序列。"
)
@click.option("--year", type=click.IntRange(2000, 2099), metavar="年份", help="哪一年的序列；不写则看 --at。")
@click.option("--written", default="", metavar="编号", help="已经在纸上用掉的编号，登记为已取。")
@acting_options
def command(
    folder: Path, paper: str, inspection: str | None, unit: str, year: int | None, written: str, by: str, at: str
) -> None:
    """Take it (library: engine.workspace.numbers.take_number)."""
    from engine.workspace.folder import open_workspace
    from engine.workspace.numbers import take_number
    from engine.workspace.register import Who

    if written and (unit or year):
        wrong_use("--written 已写明编号，不能再写 --unit、--year")
    with reported(), open_workspace(folder) as workspace:
        number = take_number(workspace, cast(PaperName, paper), Who(by, at), inspection=inspection, unit=unit,
                             year=year, written=written)  # fmt: skip
    click.echo(number.id)

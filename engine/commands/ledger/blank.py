"""chunfeng ledger blank: a workbook to fill a ledger in."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from engine.commands.console import keep_existing, reported, stop_on, wrong_use
from engine.commands.options import force_option, output_option, rules_option


@click.command(
    help="生成一本台账的空白表（.xlsx）：一行一条，选项有下拉列表，另附填写说明。给出工作目录的，责任单位也有下拉列表。",
    short_help="生成空白台账。",
)
@click.argument("name", metavar="台账")
@click.option("--workspace", "folder", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹",
              help="工作目录：用它的责任单位。")  # fmt: skip
@force_option
@output_option(required=True)
@rules_option
def command(name: str, folder: Path | None, force: bool, target: Path, rules: Path | None) -> None:
    """Write it (library: engine.follow_up.ledger_pages.ledger_workbook)."""
    from engine.follow_up.ledger_pages import ledger_workbook
    from engine.follow_up.lines import ledger_named
    from engine.library.files import place
    from engine.model.workspace import Unit
    from engine.workspace.folder import open_workspace
    from engine.workspace.ledgers import read_ledgers
    from engine.writing import write_atomically

    if target.suffix.lower() != ".xlsx":
        wrong_use(f"{target} 的结尾应为 .xlsx")
    keep_existing(target, force)
    units: tuple[str, ...] = ()
    with reported():
        ledger, problems = ledger_named(read_ledgers(place(rules)), name)
        stop_on(problems)
        assert ledger is not None
        if folder is not None:
            with open_workspace(folder) as workspace, workspace.store.reading() as reader:
                units = tuple(each.id for each in reader.all(Unit))
        write_atomically(target, ledger_workbook(ledger, (), units, date(2000, 1, 1)))
    click.echo(f"{target}：{ledger.title}（空白）", err=True)

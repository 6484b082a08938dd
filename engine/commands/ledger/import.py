"""chunfeng ledger import: the entries of a workbook or CSV file, all or none."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported, stop_on
from engine.commands.options import acting_options, rules_option, why_option


@click.command(
    help="从 .xlsx 或 CSV 读入一本台账：一行一条，表头写各栏名称。有一处错误就整个不读入，逐处指明工作表和单元格。"
    "编号空着的是新增；写有编号的是改已有的条目，要用 --why 写明理由，与原来相同的不动。",
    short_help="从表格读入一本台账。",
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹")
@click.argument("name", metavar="台账")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="表格")
@click.option("--unit", default="", metavar="单位", help="没有写责任单位的行由哪个单位登记。")
@why_option("改动已有条目的理由", required=False)
@acting_options
@rules_option
def command(folder: Path, name: str, file: Path, unit: str, why: str, by: str, at: str, rules: Path | None) -> None:
    """Keep the entries (library: engine.follow_up.ledger_book.read_ledger, engine.workspace.ledgers.add_entries)."""
    from engine.follow_up.ledger_book import MAX_LINES, read_ledger
    from engine.follow_up.lines import ledger_named
    from engine.library.files import place
    from engine.workbooks.reading import read_table
    from engine.workspace.folder import open_workspace
    from engine.workspace.ledgers import add_entries, read_ledgers

    with reported():
        ledger, problems = ledger_named(read_ledgers(place(rules)), name)
        stop_on(problems)
        assert ledger is not None
        table, problems = read_table(file, MAX_LINES)
        stop_on(problems)
        assert table is not None
        lines, problems = read_ledger(table, ledger, unit)
        stop_on(problems)
        with open_workspace(folder) as workspace:
            taken = add_entries(workspace, ledger, lines, by=by, at=at, why=why)
    first = f"（{taken.added[0].id} 至 {taken.added[-1].id}）" if taken.added else ""
    click.echo(f"{ledger.title}：新增 {len(taken.added)} 条{first}，改动 {len(taken.changed)} 条，"
               f"与原来相同 {taken.same} 条")  # fmt: skip

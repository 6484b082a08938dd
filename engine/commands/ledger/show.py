"""chunfeng ledger show: the entries of a ledger, on the screen or as a file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from engine.commands.console import json_bytes, print_json, reported, stop_on, wrong_use
from engine.commands.options import Day, format_option, output_option, rules_option


@click.command(
    help="列出一本台账。-o 写成 .xlsx（可以改了再用 ledger import 读入；作废的不写）或 .json。",
    short_help="列出一本台账。",
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹")
@click.argument("name", metavar="台账")
@click.option("--unit", default="", metavar="单位", help="只列这个单位的。")
@click.option("--from", "first", type=Day(), metavar="日期", help="从哪一天起（含）。")
@click.option("--to", "last", type=Day(), metavar="日期", help="到哪一天止（含）。")
@format_option
@output_option()
@rules_option
def command(
    folder: Path, name: str, unit: str, first: date | None, last: date | None, output: str, target: Path | None,
    rules: Path | None,
) -> None:  # fmt: skip
    """Print or write them (library: engine.workspace.ledgers.ledger_entries, engine.follow_up.ledger_view)."""
    from engine.follow_up.ledger_view import ledger_json, ledger_text
    from engine.follow_up.lines import ledger_named
    from engine.library.files import place
    from engine.model.workspace import Unit
    from engine.workspace.folder import open_workspace
    from engine.workspace.ledgers import ledger_entries, read_ledgers
    from engine.writing import write_atomically

    if target is not None and target.suffix.lower() not in (".xlsx", ".json"):
        wrong_use(f"{target} 的结尾应为 .xlsx 或 .json")
    with reported(output):
        ledger, problems = ledger_named(read_ledgers(place(rules)), name)
        stop_on(problems, output)
        assert ledger is not None
        with open_workspace(folder) as workspace, workspace.store.reading() as reader:
            units = tuple(each.id for each in reader.all(Unit))
            entries = [e for e in ledger_entries(reader, ledger, unit)
                       if (first is None or e.date >= first) and (last is None or e.date <= last)]  # fmt: skip
        if target is not None and target.suffix.lower() == ".xlsx":
            from engine.follow_up.ledger_pages import ledger_workbook  # openpyxl is loaded when it is needed

            made = max((entry.date for entry in entries), default=date(2000, 1, 1))
            write_atomically(target, ledger_workbook(ledger, entries, units, made))
        elif target is not None:
            write_atomically(target, json_bytes(ledger_json(ledger, entries)))
    if target is not None:
        click.echo(f"{target}：{ledger.title} {len(entries)} 条", err=True)
    elif output == "json":
        print_json(ledger_json(ledger, entries))
    else:
        for line in ledger_text(ledger, entries):
            click.echo(line)

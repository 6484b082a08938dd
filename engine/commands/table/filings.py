"""chunfeng table filings: what was filed, and a filed table printed."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import print_json, reported, step_of_typesetting
from engine.commands.options import (
    force_option,
    format_option,
    output_option,
    own_layout_options,
    rules_option,
    workspace_argument,
)
from engine.exit_codes import ExitCode


@click.command(
    help="列出报送过的统计表，核对各期本期与更正相加是否等于累计，攻坚周各日相加是否等于全周。"
    "-o 把其中一次原样写成 .xlsx、.pdf 或 .json，不写 --filing 为最近一次。",
    short_help="列出、印出报送过的统计表。",
    epilog="例：chunfeng table filings 2024 t0 -o 第一次.pdf",
)
@workspace_argument
@click.argument("table", metavar="统计表")
@click.option("--unit", metavar="单位", help="哪个责任单位；不写为全局。")
@click.option("--filing", "serial", type=click.IntRange(1, 9999), metavar="次", help="第几次报送。")
@click.option("--daily", is_flag=True, help="攻坚周的日报。")
@own_layout_options
@output_option()
@force_option
@format_option
@rules_option
def command(
    folder: Path, table: str, unit: str | None, serial: int | None, daily: bool, layout: Path | None,
    mapping: Path | None, target: Path | None, force: bool, output: str, rules: Path | None,
) -> None:  # fmt: skip
    """Print them (library: engine.workspace.filed.filed_table, engine.reports.papers.table_bytes)."""
    from engine.commands.table.show import check_files
    from engine.library.files import place
    from engine.reports.filing import Series
    from engine.reports.papers import own_bytes, read_own, table_bytes
    from engine.workspace.filed import filed_table, filings_report
    from engine.workspace.folder import open_workspace
    from engine.writing import write_atomically

    check_files(target, layout, mapping, force=force)
    series: Series = "daily" if daily else "regular"
    with reported(output), open_workspace(folder) as workspace, workspace.store.reading() as reader:
        if target is not None:
            computed, filled = filed_table(reader, place(rules), table, unit, serial, series)
            if target.suffix.lower() == ".pdf":
                step_of_typesetting()
            own = read_own(layout, mapping) if layout and mapping else None
            content = own_bytes(computed, filled, own) if own else table_bytes(computed, filled, target.suffix.lower())
            write_atomically(target, content)
            click.echo(f"已写出 {target}")
            return
        filings, differences = filings_report(reader, place(rules), table, unit, series)
    if output == "json":
        listed = [filing.model_dump(mode="json", by_alias=True) for filing in filings]
        print_json({"kind": "filings", "schema": 1, "filings": listed, "differences": differences})
    else:
        for filing in filings:
            marks = [word for word, is_so in (("零报告", filing.zero), ("有更正", bool(filing.corrections)),
                                              ("有补报", bool(filing.late))) if is_so]  # fmt: skip
            click.echo(
                "　".join([f"第 {filing.serial} 次", filing.unit, f"{filing.start} 至 {filing.cut_off}",
                          f"报送 {filing.filed}", filing.by, *marks])
            )  # fmt: skip
        for words in differences:
            click.echo(f"请核对：{words}", err=True)
    if differences:
        raise click.exceptions.Exit(ExitCode.PROBLEMS)

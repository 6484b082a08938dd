"""chunfeng table show: a table as it stands now."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from engine.commands.console import keep_existing, keep_inputs, print_json, reported, step_of_typesetting, wrong_use
from engine.commands.options import (
    Day,
    force_option,
    format_option,
    output_option,
    own_layout_options,
    rules_option,
    workspace_argument,
)
from engine.exit_codes import ExitCode

SUFFIXES = (".xlsx", ".pdf", ".json")


def check_files(target: Path | None, layout: Path | None, mapping: Path | None, *, force: bool) -> None:
    """End with exit code 2 unless the target may be written and a layout comes with its mapping and an .xlsx."""
    if target is not None and target.suffix.lower() not in SUFFIXES:
        wrong_use(f"{target} 的结尾应为 {'、'.join(SUFFIXES)}")
    if target is not None:
        keep_existing(target, force)
        keep_inputs(target, layout, mapping)
    if (layout is None) != (mapping is None):
        wrong_use("--layout 和 --mapping 要一起写")
    if layout is not None and (target is None or target.suffix.lower() != ".xlsx"):
        wrong_use("用 --layout 要用 -o 写出 .xlsx")


@click.command(
    help="按现有记录和台账算出一张统计表，没有报送。不写 --unit 为全局：每个责任单位一行，末行合计。"
    "-o 写成 .xlsx、.pdf 或 .json，否则显示在屏幕上。数与数不符的列出，返回 1。",
    short_help="算出统计表。",
    epilog="例：chunfeng table show 2024 t0 --to 2024-01-26 -o 数据统计表.xlsx",
)
@workspace_argument
@click.argument("table", metavar="统计表")
@click.option("--from", "start", type=Day(), metavar="日期", help="本期第一天；不写则本期为还没有报送的。")
@click.option("--to", "end", type=Day(), metavar="日期", help="截止日；不写为今天，行动结束以后为最后一天。")
@click.option("--unit", metavar="单位", help="只算这个责任单位。")
@own_layout_options
@output_option()
@force_option
@format_option
@rules_option
def command(
    folder: Path, table: str, start: date | None, end: date | None, unit: str | None, target: Path | None,
    layout: Path | None, mapping: Path | None, force: bool, output: str, rules: Path | None,
) -> None:  # fmt: skip
    """Print it (library: engine.workspace.tabling.open_table, engine.reports.papers.table_bytes)."""
    from engine.library.files import place
    from engine.reports.footing import faults_of
    from engine.reports.layout import plain_text
    from engine.reports.papers import own_bytes, read_own, table_bytes, table_json
    from engine.workspace.folder import open_workspace
    from engine.workspace.tabling import Wanted, open_table
    from engine.writing import write_atomically

    check_files(target, layout, mapping, force=force)
    with reported(output), open_workspace(folder) as workspace, workspace.store.reading() as reader:
        opened = open_table(reader, place(rules), Wanted(table, unit, end, start))
        if target is not None:
            if target.suffix.lower() == ".pdf":
                step_of_typesetting()
            own = read_own(layout, mapping) if layout and mapping else None
            content = (
                own_bytes(opened.computed, opened.filled, own)
                if own
                else table_bytes(opened.computed, opened.filled, target.suffix.lower())
            )
            write_atomically(target, content)
            click.echo(f"已写出 {target}（没有报送）")
        elif output == "json":
            print_json(table_json(opened.computed, opened.filled))
        else:
            click.echo(plain_text(opened.computed, opened.filled))
    for words in opened.stray:
        click.echo(f"请核对：{words}", err=True)
    faults = faults_of(opened.computed)
    for fault in faults:
        click.echo(f"{'勾稽关系不符' if fault.hard else '请核对'}：{fault.text}", err=True)
    if any(fault.hard for fault in faults):
        raise click.exceptions.Exit(ExitCode.PROBLEMS)

"""chunfeng ledger add: a new entry of a ledger."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported, stop_on
from engine.commands.options import acting_options, rules_option


@click.command(
    help="登记一条：每栏写成 列=值，列用表头或英文名。金额以元为单位，最多两位小数。",
    short_help="登记一条。",
    epilog="例：chunfeng ledger add 春风2024 clue 收到日期=2024-01-15 来源=投诉举报 线索内容=回收药品 "
    "首办单位=城东市场监管所 首办人=张三 --unit 城东市场监管所 --by 张三",
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹")
@click.argument("name", metavar="台账")
@click.argument("words", nargs=-1, required=True, metavar="列=值…")
@click.option("--unit", required=True, metavar="单位", help="责任单位。")
@click.option("--inspection", default="", metavar="编号", help="由哪次检查而来。")
@click.option("--finding", default="", metavar="编号", help="由哪个问题而来。")
@acting_options
@rules_option
def command(
    folder: Path, name: str, words: tuple[str, ...], unit: str, inspection: str, finding: str, by: str, at: str,
    rules: Path | None,
) -> None:  # fmt: skip
    """Keep the entry (library: engine.workspace.ledgers.add_entries)."""
    from engine.follow_up.lines import Line, ledger_named, typed_line, values_of
    from engine.library.files import place
    from engine.problems import Mark
    from engine.workspace.folder import open_workspace
    from engine.workspace.ledgers import add_entries, read_ledgers

    with reported():
        ledger, problems = ledger_named(read_ledgers(place(rules)), name)
        stop_on(problems)
        assert ledger is not None
        given, problems = typed_line(ledger, words)
        stop_on(problems)
        values, problems = values_of(ledger, given, lambda column: Mark(""))
        stop_on(problems)
        line = Line(values, unit, Mark(""), inspection=inspection, finding=finding)
        with open_workspace(folder) as workspace:
            taken = add_entries(workspace, ledger, [line], by=by, at=at)
    click.echo(f"已登记 {taken.added[0].id}（{ledger.title}）")

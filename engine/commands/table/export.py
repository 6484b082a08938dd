"""chunfeng table export: a filing as a file that goes up."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import keep_existing, reported, step_of_typesetting, wrong_use
from engine.commands.options import force_option, output_option, rules_option, workspace_argument


@click.command(
    help="把一次报送写成一个文件，交给上级汇总；不写 --filing 为最近一次。--cover 印封面：报送的表和文件的 SHA-256，"
    "随文件一起报。全局的报送带上各责任单位的数。",
    short_help="写出报送文件，交给上级汇总。",
    epilog="例：chunfeng table export 2024 t0 -o 报送.json --cover 封面.pdf",
)
@workspace_argument
@click.argument("table", metavar="统计表")
@click.option("--unit", metavar="单位", help="哪个责任单位；不写为全局。")
@click.option("--filing", "serial", type=click.IntRange(1, 9999), metavar="次", help="第几次报送。")
@click.option("--daily", is_flag=True, help="攻坚周的日报。")
@click.option("--cover", type=click.Path(dir_okay=False, path_type=Path), metavar="文件", help="封面，.pdf 或 .xlsx。")
@output_option(required=True)
@force_option
@rules_option
def command(
    folder: Path, table: str, unit: str | None, serial: int | None, daily: bool, cover: Path | None, target: Path,
    force: bool, rules: Path | None,
) -> None:  # fmt: skip
    """Write it (library: engine.workspace.filed.export_report, engine.reports.handing_up.report_bytes)."""
    import hashlib

    from engine.library.files import place
    from engine.reports.filing import Series
    from engine.reports.handing_up import report_bytes
    from engine.reports.papers import table_bytes, with_digest
    from engine.workspace.filed import export_report, filed_table
    from engine.workspace.folder import open_workspace
    from engine.writing import write_atomically

    if cover is not None and cover.suffix.lower() not in (".pdf", ".xlsx"):
        wrong_use(f"{cover} 的结尾应为 .pdf 或 .xlsx")
    for path in (target, cover):
        if path is not None:
            keep_existing(path, force)
    series: Series = "daily" if daily else "regular"
    with reported(), open_workspace(folder) as workspace, workspace.store.reading() as reader:
        content = report_bytes(export_report(reader, place(rules), table, unit, serial, series))
        digest = hashlib.sha256(content).hexdigest()
        write_atomically(target, content)
        if cover is not None:
            computed, filled = filed_table(reader, place(rules), table, unit, serial, series)
            if cover.suffix.lower() == ".pdf":
                step_of_typesetting()
            write_atomically(cover, table_bytes(computed, with_digest(filled, digest), cover.suffix.lower()))
    click.echo(f"已写出 {target}，SHA-256 {digest}")

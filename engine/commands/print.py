"""chunfeng print: PDFs handed to the system's printer."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import stop_on

MAX_COPIES = 99


@click.command(
    help="把做好的 PDF（检查表、笔录、文书、报表）送到打印机：用系统的打印命令 lp 或 lpr，送完即返回。"
    "电脑上没有打印命令的，说明怎样打印。",
    short_help="把 PDF 送到打印机。",
    epilog="打印机在系统的 “设置—打印机” 里添加；不写 --printer 的，送默认的一台。按实际大小打印，不要选 “适合纸张”。",
)
@click.argument("papers", type=click.Path(path_type=Path), metavar="文书.pdf...", nargs=-1, required=True)
@click.option("--printer", default="", metavar="名称", help="送到哪台打印机；不写为默认的一台。")
@click.option(
    "--copies", type=click.IntRange(1, MAX_COPIES), default=1, show_default=True, metavar="份数", help="每份印几份。"
)
def command(papers: tuple[Path, ...], printer: str, copies: int) -> None:
    """Hand them over and say what was taken (library: engine.documents.printer.send_to_printer)."""
    from engine.documents.printer import send_to_printer

    sent, problems = send_to_printer(papers, printer, copies)
    for path, answer in sent:
        click.echo(f"{path}：已送打印机" + (f"（{answer}）" if answer else ""))
    stop_on(problems)

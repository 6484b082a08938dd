"""chunfeng demo: the whole way on the samples."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported, step
from engine.commands.options import rules_option


@click.command(help="用自带样例走完全程：检查表、答卷、问题、记录、笔录，写到一个目录。")
@click.option(
    "-o",
    "target",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("demo"),
    show_default=True,
    metavar="目录",
    help="写到哪个目录。",
)
@rules_option
def command(target: Path, rules: Path | None) -> None:
    """Write the files (library: engine.demo.run_demo)."""
    from engine.demo import run_demo
    from engine.library.files import place

    step("正在生成样例……")
    with reported():
        for title, path in run_demo(place(rules), target):
            click.echo(f"  {path}　{title}" if path else title)

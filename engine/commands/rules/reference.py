"""chunfeng rules reference: all rules and messages as pages to look things up in."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported, stop_on
from engine.commands.options import rules_option


@click.command(
    help="把全部规则和消息写成网页：一条规则一页，可以查找；不用联网，拷到 U 盘也能看。打开其中的 index.html。"
)
@click.option(
    "-o", "--output", "folder", type=click.Path(path_type=Path), required=True, metavar="文件夹", help="写到哪里。"
)
@rules_option
def command(folder: Path, rules: Path | None) -> None:
    """Write the pages (library: engine.reference.site.site, engine.reference.site.write_site)."""
    from engine.library.check import check_library
    from engine.library.files import place
    from engine.library.load import load_library
    from engine.reference.site import site, write_site

    library = load_library(place(rules))
    stop_on(check_library(library))
    files = site(library)
    with reported():
        write_site(files, folder)
    click.echo(f"{folder / 'index.html'}：{len(files)} 个文件")

"""chunfeng rules new-site-type: the beginning of a site type."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported
from engine.commands.options import rules_option


@click.command(
    help="增加一种单位的样子：写进本单位的规则目录，能通过 rules check；要填写的地方写着 “待填”。"
    "检查项目再用 rules new 逐条增加，或者在已有规则的 applies_to 里加上它。",
    short_help="增加一种单位的样子，写明待填的地方。",
    epilog="例：chunfeng rules new-site-type vending-kiosk --code KI --rules 规则",
)
@click.argument("name", metavar="英文名")
@click.option("--code", default="", metavar="代码", help="两个大写字母，印在项目编号前面；不写由程序取一个没有用过的。")
@rules_option
def command(name: str, code: str, rules: Path | None) -> None:
    """Write the files (library: engine.rulebook.scaffolds.begin_site_type)."""
    from engine.library.files import place
    from engine.rulebook.scaffolds import begin_site_type

    with reported():
        made = begin_site_type(place(rules), name, code)
    for path in made.written:
        click.echo(f"写出 {path}")
    click.echo(f"{name}　代码 {made.code}：把 “待填” 的地方填好，再用 rules new 增加项目")

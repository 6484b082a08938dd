"""chunfeng rules new-site-type: the beginning of a site type."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported, stop_on
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
    """Write the file (library: engine.rulebook.scaffolds.new_site_type)."""
    from engine.library.check import check_library
    from engine.library.files import place
    from engine.library.load import load_library
    from engine.rulebook.scaffolds import new_site_type, write_scaffold

    at = place(rules)
    with reported():
        at.write_target("rules")
    library = load_library(at)
    stop_on(check_library(library))
    made, problems = new_site_type(library, name, code)
    stop_on(problems)
    assert made is not None
    with reported():
        for path in write_scaffold(library, made):
            click.echo(f"写出 {path}")
    click.echo(f"{name}　代码 {made.code}：把 “待填” 的地方填好，再用 rules new 增加项目")

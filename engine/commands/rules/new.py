"""chunfeng rules new: the beginning of a rule."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported
from engine.commands.options import rules_option


@click.command(
    help="增加一条规则的样子：写进本单位的规则目录，编号、用例齐全，能通过 rules check；"
    "要填写的地方写着 “待填”，填好以前不能发布。主题没有的新建，检查表上没有栏目的加上栏目。",
    short_help="增加一条规则的样子，写明待填的地方。",
    epilog="例：chunfeng rules new cold-chain.spare-battery --site-type retail-pharmacy --rules 规则",
)
@click.argument("rule", metavar="主题.名称")
@click.option("--site-type", required=True, metavar="单位类型", help="列在哪种单位的检查表上，例如 retail-pharmacy。")
@click.option(
    "--clause", "clauses", multiple=True, metavar="条款", help="由哪条方案条款要求；可写多次，不写为日常项目。"
)
@rules_option
def command(rule: str, site_type: str, clauses: tuple[str, ...], rules: Path | None) -> None:
    """Write the files (library: engine.rulebook.scaffolds.begin_rule)."""
    from engine.library.files import place
    from engine.rulebook.scaffolds import begin_rule

    with reported():
        made = begin_rule(place(rules), rule, site_type, clauses)
    for path in made.written:
        click.echo(f"写出 {path}")
    click.echo(f"{rule}　{made.code}：把 “待填” 的地方填好，再用 rules check、rules test 检查")

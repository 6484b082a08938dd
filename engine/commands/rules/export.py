"""chunfeng rules export: the rules of a campaign as a workbook that a clerk changes."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import keep_existing, reported
from engine.commands.options import force_option, output_option, rules_option


@click.command(
    help="把一次行动的规则写成工作簿（.xlsx），在 WPS 或 Excel 里改，再用 rules import 导入。"
    "一行一条规则：检查内容、比较和限值、等级、红线、单位类型、适用范围、方案条款、方法、处理建议；"
    "依据、各类单位、其他问题各一页，另有法规、方案条款、变更记录和填写说明。",
    short_help="把规则写成工作簿，在 WPS 里改。",
    epilog="例：chunfeng rules export 2027-draft -o 规则.xlsx --rules 本单位规则",
)
@click.argument("campaign", metavar="行动")
@output_option(required=True)
@force_option
@rules_option
def command(campaign: str, target: Path, force: bool, rules: Path | None) -> None:
    """Write the workbook (library: engine.rule_sheets.exporting.export_rules)."""
    from engine.library.files import place
    from engine.rule_sheets.exporting import export_rules
    from engine.writing import write_atomically

    keep_existing(target, force)
    with reported():
        exported = export_rules(place(rules), campaign)
        write_atomically(target, exported.content)
    click.echo(f"{target}：规则 {exported.rules} 条，项目 {exported.items} 个，依据 {exported.citations} 条")

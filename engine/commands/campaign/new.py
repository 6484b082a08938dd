"""chunfeng campaign new: next year's campaign from last year's."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from engine.commands.console import reported
from engine.commands.options import Days, rules_option


@click.command(
    help="由去年的行动建立今年的：行动文件、方案条款（--plan 给出方案时）、缺少的放假日历，并写出待办清单和放假查询。"
    "已有的文件一律不动，可以先建立，方案印发后再带 --plan 运行一次。须用 --rules 指明本单位的规则目录。",
    short_help="由去年的行动建立今年的，写出待办清单。",
    epilog="例：chunfeng campaign new 2027 --from 2024 --period 2026-12-20..2027-03-31 --plan 方案.docx --rules 规则",
)
@click.argument("campaign", metavar="行动")
@click.option("--from", "since", required=True, metavar="行动", help="沿用哪一次行动，例如 2024。")
@click.option("--period", type=Days(), required=True, metavar="期间", help="起止日期，例如 2026-12-20..2027-03-31。")
@click.option("--plan", "plan_file", type=click.Path(dir_okay=False, path_type=Path), metavar="文件",
              help="今年的方案：.txt、.docx 或有文字的 .pdf；按句拆成条款，编号不变，由人认定怎样落实。")  # fmt: skip
@click.option("--workspace", "workspaces", multiple=True, type=click.Path(file_okay=False, path_type=Path),
              metavar="工作目录", help="以前行动的工作目录，写两次：列出两次都没有发现问题的项目。")  # fmt: skip
@rules_option
def command(
    campaign: str, since: str, period: tuple[date, date], plan_file: Path | None, workspaces: tuple[Path, ...],
    rules: Path | None,
) -> None:  # fmt: skip
    """Write the files (library: engine.workspace.preparing.begin_campaign)."""
    from engine.campaigns.new import period_of
    from engine.library.files import place
    from engine.workspace.preparing import begin_campaign

    with reported():
        begun = begin_campaign(place(rules), campaign, since, period_of(*period), plan_file, workspaces)
    for path in begun.written:
        click.echo(f"写出 {path}")
    for path in begun.kept:
        click.echo(f"已有 {path}，没有改动")
    count = sum(begun.to_do.counts.values())
    click.echo(f"待办 {count} 项；做完一些以后用 chunfeng campaign todo {campaign} 再列")

"""chunfeng report draft: the draft of a summary."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from engine.commands.console import keep_existing, reported, step_of_typesetting, wrong_use
from engine.commands.options import Day, force_option, output_option, rules_option, workspace_argument


@click.command(
    help="写出小结或总结的草稿：interim 阶段小结，final 工作总结，highlights 总结材料（举措、成效、亮点）。数字、"
    "存在的问题、典型案例和图片清单由程序填，经验做法、下一步打算等由人写；每页印有草稿。.docx 需要另装 python-docx。",
    short_help="写出小结、总结的草稿。",
    epilog="例：chunfeng report draft 2024 highlights --to 2024-03-31 -o 总结.docx",
)
@workspace_argument
@click.argument("summary", metavar="小结")
@click.option("--from", "start", type=Day(), metavar="日期", help="本期第一天；不写为行动第一天。")
@click.option("--to", "end", type=Day(), metavar="日期", help="截止日；不写为今天，行动结束以后为最后一天。")
@click.option("--unit", metavar="单位", help="哪个责任单位；不写为全局。")
@click.option("--named", is_flag=True, help="写出单位名称；不写则写成某零售药店。")
@output_option(required=True)
@force_option
@rules_option
def command(
    folder: Path, summary: str, start: date | None, end: date | None, unit: str | None, named: bool, target: Path,
    force: bool, rules: Path | None,
) -> None:  # fmt: skip
    """Write it (library: engine.workspace.drafting.draft_summary, engine.reports.papers.draft_bytes)."""
    from engine.library.files import place
    from engine.reports.papers import draft_bytes
    from engine.workspace.drafting import draft_summary
    from engine.workspace.folder import open_workspace
    from engine.writing import write_atomically

    if target.suffix.lower() not in (".docx", ".pdf"):
        wrong_use(f"{target} 的结尾应为 .docx 或 .pdf")
    keep_existing(target, force)
    with reported(), open_workspace(folder) as workspace, workspace.store.reading() as reader:
        draft, day = draft_summary(reader, place(rules), summary, start=start, end=end, unit=unit, named=named)
        if target.suffix.lower() == ".pdf":
            step_of_typesetting()
        write_atomically(target, draft_bytes(draft, day, target.suffix.lower()))
    click.echo(f"已写出草稿 {target}：方括号里的由填报单位写")

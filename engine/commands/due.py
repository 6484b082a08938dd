"""chunfeng due: what each unit has to do by when, and what is late."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from engine.commands.console import print_json, reported, step_of_typesetting, stop_on, wrong_use
from engine.commands.options import Day, format_option, rules_option


@click.command(
    help="列出各单位到期和逾期的事：问题改正、待复查、线索、案件、移送、投诉等的法定期限、方案期限、自查报告、台账缺漏。"
    "逾期第 1 天列入本单位的清单，满 7 天列入县（区）局的清单。放假日历不全的年份，按工作日计算的印为待核。",
    short_help="列出到期和逾期的事，可写成日历文件。",
    epilog="例：chunfeng due 春风2024 --unit 城东市场监管所 --date 2024-01-22 --ics 提醒.ics",
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹")
@click.option("--unit", default="", metavar="单位", help="只列这个单位的；不写则全部列出。")
@click.option("--date", "day", type=Day(), metavar="日期", help="到哪一天的情况；不写就是今天。")
@click.option("--days", "within", type=click.IntRange(0, 1000), default=7, show_default=True, metavar="天数",
              help="今后几天到期的也列出；以后的只计数。")  # fmt: skip
@click.option("--ics", "target", type=click.Path(dir_okay=False, path_type=Path), metavar="文件",
              help="写成日历文件（.ics），可导入手机和办公软件。")  # fmt: skip
@click.option("--pdf", "paper", type=click.Path(dir_okay=False, path_type=Path), metavar="文件",
              help="打印成 PDF：每个单位一张，另有县（区）局清单。")  # fmt: skip
@format_option
@rules_option
def command(
    folder: Path, unit: str, day: date | None, within: int, target: Path | None, paper: Path | None, output: str,
    rules: Path | None,
) -> None:  # fmt: skip
    """Print the list (library: engine.workspace.due.due_in, engine.follow_up.due_view)."""
    from engine.days import today
    from engine.follow_up.due_view import due_ics, due_json, due_pdf, due_text
    from engine.library.files import place
    from engine.library.load import load_library
    from engine.workspace.due import due_in
    from engine.workspace.folder import open_workspace
    from engine.workspace.settings import bureau_of
    from engine.writing import write_atomically

    if target is not None and target.suffix.lower() != ".ics":
        wrong_use(f"{target} 的结尾应为 .ics")
    if paper is not None and paper.suffix.lower() != ".pdf":
        wrong_use(f"{paper} 的结尾应为 .pdf")
    library = load_library(place(rules))
    stop_on(library.problems, output)
    with reported(output):
        with open_workspace(folder) as workspace, workspace.store.reading() as reader:
            due = due_in(reader, library, day or today(), unit, within)
            authority = bureau_of(reader).authority
        if target is not None:
            write_atomically(target, due_ics(due))
            click.echo(f"{target}：{sum(i.deadline is not None and not i.filed for i in due.items)} 项", err=True)
        if paper is not None:
            step_of_typesetting()
            write_atomically(paper, due_pdf(due, authority))
            click.echo(str(paper), err=True)
    if output == "json":
        print_json(due_json(due))
    elif target is None and paper is None:
        for line in due_text(due):
            click.echo(line)

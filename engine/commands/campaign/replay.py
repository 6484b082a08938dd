"""chunfeng campaign replay: past inspections judged by the rules of another campaign, a draft's for example."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from engine.commands.console import keep_inputs, print_json, reported, step, stop_on
from engine.commands.options import Day, format_option, output_option, rules_option
from engine.exit_codes import ExitCode


@click.command(
    help="用一次行动（例如草案）的规则重新判定以前的检查，列出哪些单位的结果会变、为什么：新发现问题、不再是问题、"
    "等级改变、依据改变、处理建议改变，按项目合计；用不上的答案按原因计数。"
    "--over 写工作目录（其中已归档的检查）、存放检查记录和答卷的文件夹，或者一份一份的文件。只读取，什么也不改。"
    "结果都不变返回 0；有变化或有不能重新判定的返回 1。",
    short_help="用草案的规则重新判定以前的检查，看哪些结果会变。",
    epilog="例：chunfeng campaign replay 2027-draft --over 2024春风",
)
@click.argument("campaign", metavar="行动")
@click.argument("more", nargs=-1, type=click.Path(path_type=Path), metavar="[答卷]…")
@click.option("--over", "over", required=True, multiple=True, type=click.Path(path_type=Path), metavar="工作目录|答卷",
              help="以前的检查：工作目录、文件夹或文件；可写多次，后面还可以接着写文件。")  # fmt: skip
@click.option("--date", "day", type=Day(), metavar="日期",
              help="依据按哪一天有效的法律；不写则检查日期在行动期间的按检查日期，其余按行动第一天。")  # fmt: skip
@format_option
@output_option()
@rules_option
def command(
    campaign: str, more: tuple[Path, ...], over: tuple[Path, ...], day: date | None, output: str, target: Path | None,
    rules: Path | None,
) -> None:  # fmt: skip
    """Print what would change (library: engine.answering.replaying.replay, engine.workspace.past.pasts_in)."""
    from engine.answering.replaying import replay
    from engine.commands.console import json_bytes
    from engine.documents.replay_text import replay_text
    from engine.library.files import place
    from engine.library.releases import edition_named, has_release
    from engine.workspace.past import pasts_in
    from engine.writing import write_atomically

    paths = (*over, *more)
    if target is not None:
        for path in (*paths, rules):
            keep_inputs(target, path)
    current, problems = edition_named(place(rules), campaign)
    stop_on(problems, output)
    assert current is not None
    draft = not has_release(place(rules), current.release.campaign, current.lock)
    with reported(output):
        step("正在重新判定……")
        found = replay(pasts_in(place(rules), paths), current, draft=draft, day=day)
        data = {"kind": "replay", "schema": 1, **found.model_dump(mode="json", by_alias=True)}
        if target is not None:
            text = f"{replay_text(found)}\n".encode()
            write_atomically(target, json_bytes(data) if output == "json" else text)
        elif output == "json":
            print_json(data)
        else:
            click.echo(replay_text(found))
    changed = found.left_out or any(visit.effects for visit in found.visits)
    raise click.exceptions.Exit(ExitCode.PROBLEMS if changed else ExitCode.CLEAN)

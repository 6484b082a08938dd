"""chunfeng workspace log: who changed what, when and why."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from engine.commands.console import print_json, reported
from engine.commands.options import Day, format_option, rules_option, workspace_argument


def _kind(ctx: click.Context, param: click.Parameter, value: tuple[str, str] | None) -> tuple[str, str] | None:
    from engine.workspace.words import KINDS

    if value is None:
        return None
    kinds = {word: name for name, word in KINDS.items()} | {name: name for name in KINDS}
    if value[0] not in kinds:
        raise click.BadParameter(f"没有 “{value[0]}” 这一类；可用：{'、'.join(KINDS.values())}")
    return kinds[value[0]], value[1]


@click.command(
    help="列出办理记录：何时、何人、办了什么、为什么，逐项写明由什么改成什么。",
    short_help="列出办理记录。",
    epilog="例：chunfeng workspace log 春风2024 --of 检查 YH-001",
)
@workspace_argument
@click.option("--of", "of", nargs=2, metavar="类别 编号", callback=_kind, help="只列某一项的，例如 --of 检查 YH-001。")
@click.option("--from", "first", type=Day(), metavar="日期", help="从哪一天起。")
@click.option("--to", "last", type=Day(), metavar="日期", help="到哪一天止（含）。")
@format_option
@rules_option
def command(
    folder: Path, of: tuple[str, str] | None, first: date | None, last: date | None, output: str, rules: Path | None
) -> None:
    """Print the trail (library: engine.workspace.history.history)."""
    from engine.library.files import place
    from engine.problems import ProblemError, problem
    from engine.workspace.folder import open_workspace
    from engine.workspace.history import as_json, history, lines
    from engine.workspace.inner_words import words_of
    from engine.workspace.words import kind_word

    with reported(output), open_workspace(folder) as workspace, workspace.store.reading() as reader:
        found = list(history(reader.trail(), of, first, last))
        words = words_of(reader, place(rules))
        if of is not None and not found:
            raise ProblemError([problem("E819", what=f"{kind_word(of[0])} {of[1]}")])
    if output == "json":
        print_json({"kind": "log", "schema": 1, "entries": [as_json(told) for told in found]})
        return
    click.echo("\n".join(line for told in found for line in lines(told, words)) or "这段时间没有办理记录")

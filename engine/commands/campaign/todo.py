"""chunfeng campaign todo: what is still to be done for a campaign."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.commands.console import print_json, reported
from engine.commands.options import format_option, output_option, rules_option

if TYPE_CHECKING:
    from engine.library.files import Place
    from engine.model.to_do import ToDo


@click.command(
    help="列出一次行动发布以前还要做的：失效的法条和后继的条文、没有落实的条款、没有条款要求的项目、"
    "没有数据的节假日、文件里待填的地方。建议都要由人认可。",
    short_help="列出发布以前还要做的。",
    epilog="例：chunfeng campaign todo 2027 --rules 规则 -o 待办清单.txt",
)
@click.argument("campaign", metavar="行动")
@click.option("--workspace", "workspaces", multiple=True, type=click.Path(file_okay=False, path_type=Path),
              metavar="工作目录", help="以前行动的工作目录，写两次：列出两次都没有发现问题的项目。")  # fmt: skip
@format_option
@output_option()
@rules_option
def command(campaign: str, workspaces: tuple[Path, ...], output: str, target: Path | None, rules: Path | None) -> None:
    """Print the list (library: engine.campaigns.to_do.to_do, engine.campaigns.to_do_text.to_do_text)."""
    from engine.campaigns.to_do_text import to_do_text
    from engine.commands.console import json_bytes
    from engine.library.files import place
    from engine.writing import write_atomically

    with reported(output):
        found = current(place(rules), campaign, workspaces)
        content = {"kind": "to-do", "schema": 1, **found.model_dump(mode="json", by_alias=True)}
        if target is not None:
            write_atomically(target, json_bytes(content) if output == "json" else to_do_text(found).encode("utf-8-sig"))
            click.echo(f"{target}：{sum(found.counts.values())} 项")
        elif output == "json":
            print_json(content)
        else:
            click.echo(to_do_text(found), nl=False)


def current(at: Place, campaign: str, workspaces: tuple[Path, ...]) -> ToDo:
    """Return the list as the files are now. Raises ProblemError."""
    from engine.campaigns.to_do import to_do
    from engine.library.check import check_library
    from engine.library.load import load_library
    from engine.problems import ProblemError, errors
    from engine.workspace.looking import looked_at

    library = load_library(at)
    problems = check_library(library)
    if wrong := errors(problems):
        raise ProblemError(wrong)
    found, missing = to_do(library, campaign, problems, looked_at(workspaces, library))
    if found is None:
        raise ProblemError(missing)
    return found


def write_lists(at: Place, found: ToDo) -> None:
    """Write the list and the request for days off beside the campaign's file; those that exist stay."""
    from engine.campaigns.to_do_text import calendar_request, to_do_text
    from engine.writing import write_atomically

    for name, text in (("待办清单", to_do_text(found)), ("放假查询", calendar_request(found))):
        target = at.write_target(f"rules/campaigns/{found.campaign}.{name}.txt")
        if target.exists():
            click.echo(f"已有 {target}，没有改动")
        elif text:
            write_atomically(target, text.encode("utf-8-sig"))
            click.echo(f"写出 {target}")

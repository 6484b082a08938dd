"""chunfeng campaign todo: what is still to be done for a campaign."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import print_json, reported
from engine.commands.options import format_option, output_option, rules_option


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
    """Print the list (library: engine.workspace.preparing.current_to_do, engine.campaigns.to_do_text.to_do_text)."""
    from engine.campaigns.to_do_text import to_do_text
    from engine.commands.console import json_bytes
    from engine.library.files import place
    from engine.workspace.preparing import current_to_do
    from engine.writing import write_atomically

    with reported(output):
        found = current_to_do(place(rules), campaign, workspaces)
        content = {"kind": "to-do", "schema": 1, **found.model_dump(mode="json", by_alias=True)}
        if target is not None:
            write_atomically(target, json_bytes(content) if output == "json" else to_do_text(found).encode("utf-8-sig"))
            click.echo(f"{target}：{sum(found.counts.values())} 项")
        elif output == "json":
            print_json(content)
        else:
            click.echo(to_do_text(found), nl=False)

"""chunfeng explain: what a message means."""

from __future__ import annotations

import click

from engine.commands.console import print_json, wrong_use
from engine.commands.options import format_option


@click.command(help="说明一条消息：什么意思，错的和对的各举一例，怎么办。编号如 E204；不写则列出全部。")
@click.argument("code", required=False, metavar="[编号]")
@format_option
def command(code: str | None, output: str) -> None:
    """Print the explanation or the list (library: engine.explanations.explain.explanation)."""
    from engine.catalogue import CATALOGUE
    from engine.explanations.explain import explanation, lines
    from engine.problems import did_you_mean

    asked = [code] if code is not None else list(CATALOGUE)
    found = [e for c in asked if (e := explanation(c)) is not None]
    if code is not None and not found:
        wrong_use(f"没有消息 “{code}”。{did_you_mean(code.upper(), CATALOGUE)}不写编号则列出全部")
    if output == "json":
        print_json({"kind": "explanations", "schema": 1, "messages": [e._asdict() for e in found]})
    elif code is None:
        click.echo("\n".join(f"{e.code}  {e.message}" for e in found))
    else:
        click.echo("\n".join(lines(found[0])))

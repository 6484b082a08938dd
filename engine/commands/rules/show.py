"""chunfeng rules show: one rule in Chinese."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import stop_on
from engine.commands.options import rules_option


@click.command(
    help="用中文说明一条规则：谁要查、怎样算问题、怎样算通过、各时期的依据、方案条款。编号如 YD-14；不写则列出全部。"
)
@click.argument("rule", required=False, metavar="[编号或印刷编号]")
@rules_option
def command(rule: str | None, rules: Path | None) -> None:
    """Print the rule or the list (library: engine.rulebook.pages)."""
    from engine.library.check import check_library
    from engine.library.files import place
    from engine.library.load import load_library
    from engine.rulebook.pages import rule_list, rule_page

    library = load_library(place(rules))
    stop_on(check_library(library))
    if rule is None:
        click.echo("\n".join(rule_list(library)))
        return
    page = rule_page(library, rule)
    if page is None:
        known = [line.split()[0] for line in rule_list(library)]
        from engine.problems import did_you_mean

        raise click.UsageError(f"没有规则 “{rule}”。{did_you_mean(rule, known)}")
    click.echo(page)

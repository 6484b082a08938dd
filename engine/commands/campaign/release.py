"""chunfeng campaign release: freeze a campaign."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported
from engine.commands.options import rules_option


@click.command(
    help="发布一次行动：把全部内容写入发布文件，并在行动文件中记下规则版本。须用 --rules 指明本单位的规则目录。"
)
@click.argument("campaign", metavar="行动")
@rules_option
def command(campaign: str, rules: Path | None) -> None:
    """Write the release (library: engine.library.releases.write_release)."""
    from engine.library.files import place
    from engine.library.releases import write_release

    with reported():
        lock, path = write_release(place(rules), campaign)
    click.echo(f"{path}\n规则版本 {lock}")

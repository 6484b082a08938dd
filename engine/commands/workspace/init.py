"""chunfeng workspace init: a new workspace."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported, stop_on
from engine.commands.options import acting_options, rules_option


@click.command(
    help="建立工作目录：一个单位一次行动的单位名录、检查、问题、台账和报表都放在这个文件夹里，可以整个复制到 U 盘。"
    "各市场监管所从本单位资料的 stations 建立。",
    short_help="建立工作目录。",
)
@click.argument("folder", type=click.Path(path_type=Path), metavar="文件夹")
@click.option("--bureau", "bureau_file", required=True, type=click.Path(dir_okay=False, path_type=Path), metavar="文件",
              help="本单位资料（YAML）。")  # fmt: skip
@click.option("--campaign", required=True, metavar="行动", help="哪一次行动，例如 2024。")
@acting_options
@rules_option
def command(folder: Path, bureau_file: Path, campaign: str, by: str, at: str, rules: Path | None) -> None:
    """Make the folder (library: engine.workspace.folder.begin_workspace)."""
    from engine.inspections.bureaus import read_bureau
    from engine.library.files import place
    from engine.library.releases import current_release
    from engine.workspace.folder import begin_workspace

    _, problems = current_release(place(rules), campaign)
    bureau, unread = read_bureau(bureau_file)
    stop_on([*problems, *unread])
    assert bureau is not None
    with reported():
        begin_workspace(folder, bureau, campaign, by=by, at=at)
    click.echo(f"已建立工作目录 {folder}：{bureau.authority}，{campaign} 年行动，责任单位 {len(bureau.stations)} 个")

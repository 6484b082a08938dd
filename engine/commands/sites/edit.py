"""chunfeng sites edit: fields of a site."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import pairs_of, reported
from engine.commands.options import acting_options, rules_option, why_option, workspace_argument


@click.command(
    help="修改一家单位：内容写成 电话=13800000000 的样子，等号后面空着就是清空。每次修改都留在办理记录里。",
    short_help="修改一家单位。",
)
@workspace_argument
@click.argument("site", metavar="单位编号")
@click.argument("fields", nargs=-1, required=True, metavar="内容=……")
@why_option("为什么修改", required=False)
@acting_options
@rules_option
def command(folder: Path, site: str, fields: tuple[str, ...], why: str, by: str, at: str, rules: Path | None) -> None:
    """Change it (library: engine.workspace.register.edit_site)."""
    from engine.library.files import place
    from engine.workspace.folder import open_workspace
    from engine.workspace.register import Who, edit_site

    with reported(), open_workspace(folder) as workspace:
        changed = edit_site(workspace, place(rules), site, pairs_of(fields), Who(by, at, why))
    click.echo(f"{changed.id}：{changed.name}，已修改")

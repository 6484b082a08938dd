"""chunfeng sites add: one site by hand."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import pairs_of, reported
from engine.commands.options import acting_options, rules_option, workspace_argument


@click.command(
    help="登记一家单位，例如检查时才发现的；无证、没有名称的加 --unlicensed，由程序编号。"
    "内容写成 名称=… 地址=… 责任单位=… 的样子。",
    short_help="登记一家单位。",
    epilog="例：chunfeng sites add 2024春风 诊所 地址=城东路3号 责任单位=城东所 --unlicensed --by 王芳",
)
@workspace_argument
@click.argument("site_type", metavar="单位类型")
@click.argument("fields", nargs=-1, metavar="[内容=…]…")
@click.option("--unlicensed", is_flag=True, help="没有许可、备案，可以没有名称。")
@acting_options
@rules_option
def command(
    folder: Path, site_type: str, fields: tuple[str, ...], unlicensed: bool, by: str, at: str, rules: Path | None
) -> None:
    """Register it (library: engine.workspace.register.add_site)."""
    from engine.library.files import place
    from engine.model.workspace import RegisteredSite
    from engine.register.matching import alike
    from engine.workspace.folder import open_workspace
    from engine.workspace.register import Who, add_site

    with reported(), open_workspace(folder) as workspace:
        site = add_site(workspace, place(rules), site_type, pairs_of(fields), Who(by, at), unlicensed=unlicensed)
        with workspace.store.reading() as reader:
            pairs = [pair for pair in alike(reader.all(RegisteredSite)) if site.id in (pair.first.id, pair.second.id)]
    click.echo(f"{site.id}：{site.name}，{site.site_type}" + (f"，{site.unit}" if site.unit else "，没有责任单位"))
    for pair in pairs:
        other = pair.first if pair.second.id == site.id else pair.second
        click.echo(f"  可能与 {other.id} {other.name} 是同一家：{'、'.join(pair.reasons)}", err=True)

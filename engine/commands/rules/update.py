"""chunfeng rules update: the rules of another year, from a rules pack."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import wrong_use
from engine.commands.options import rules_option

SHOWN = 20
"""Files named on the screen; the number of all is given."""


@click.command(
    help="用规则包更换自带的规则。先核对每个文件的校验值，再检查全部规则，都没有错误才启用；原来的规则留着，"
    "用 --undo 换回。做到一半断电也没有关系：不是原来的，就是新的。",
    short_help="用规则包更换自带的规则。",
    epilog="例：chunfeng rules update 规则包.zip",
)
@click.argument("pack", type=click.Path(dir_okay=False, path_type=Path), metavar="[规则包.zip]", required=False)
@click.option("--undo", is_flag=True, help="换回上一次更换之前的规则。")
@rules_option
def command(pack: Path | None, undo: bool, rules: Path | None) -> None:
    """Change the rules in use (library: engine.library.packs.update_rules, undo_update)."""
    from engine.library.files import place
    from engine.library.packs import undo_update, update_rules

    if (pack is None) != undo:
        wrong_use("请写明规则包的文件名；要换回原来的规则，只写 --undo")
    changed = undo_update() if pack is None else update_rules(pack, place(rules).layer)
    if changed.now == changed.before:
        click.echo(f"现在用的就是这一版规则（{_shown(changed.now)}），没有改动")
        return
    for name in changed.changed[:SHOWN]:
        click.echo(f"  {name}")
    if len(changed.changed) > SHOWN:
        click.echo(f"  ……共 {len(changed.changed)} 个文件")
    verb = "已换回" if undo else "已启用"
    click.echo(
        f"{verb}规则 {_shown(changed.now)}，不同的文件 {len(changed.changed)} 个；之前是 {_shown(changed.before)}"
    )
    if not undo:
        click.echo("要换回原来的规则：chunfeng rules update --undo", err=True)


def _shown(name: str) -> str:
    return "程序自带" if name == "built-in" else name[:12]

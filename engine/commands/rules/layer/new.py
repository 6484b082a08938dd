"""chunfeng rules layer new: a bureau's own rules folder, over that of its superior."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported


@click.command(
    help="建立一级的规则目录：layer.yaml 写明单位、级别和上级的目录。下级沿用上级的全部规则，"
    "可以增加、选用、改得更严；上级锁定的不得放宽，rules check 会指出。",
    short_help="建立一级的规则目录。",
    epilog="例：chunfeng rules layer new 肥西县 --level 县 --title 肥西县市场监督管理局 --over 合肥市",
)
@click.argument("folder", type=click.Path(path_type=Path), metavar="新文件夹")
@click.option("--level", type=click.Choice(["省", "市", "县"]), required=True, help="哪一级。")
@click.option("--title", required=True, metavar="单位", help="本单位名称，印作 “由谁改动”。")
@click.option("--over", "superior", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="目录",
              help="上级的规则目录；没有上级的不写。")  # fmt: skip
@click.option("--name", default="", metavar="英文名", help="目录的英文名，例如 feixi；不写为 own。")
def command(folder: Path, level: str, title: str, superior: Path | None, name: str) -> None:
    """Write layer.yaml (library: engine.rulebook.layers.new_layer)."""
    from engine.rulebook.layers import new_layer

    with reported():
        written = new_layer(folder, level, title.strip(), superior, name.strip() or "own")
    click.echo(f"写出 {written}\n以后的命令用 --rules {folder}，或者把它设为环境变量 CHUNFENG_RULES")

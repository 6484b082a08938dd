"""chunfeng workspace bureau: the profile of a bureau written from its names, for those who do not write YAML."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import keep_existing, pairs_of, reported, stop_on, wrong_use
from engine.commands.options import force_option, output_option


@click.command(
    help="写出本单位资料（YAML），供 workspace init 和打印文书使用：机关全称，各市场监管所和它们的文书编号段。"
    "其余内容（各联用途、救济途径等）以后可以补写。",
    short_help="写出本单位资料。",
    epilog="例：chunfeng workspace bureau --authority 合肥市瑶海区市场监督管理局 --station 城东所=瑶1 "
    "--station 城西所=瑶2 -o 本单位.yaml",
)
@click.option("--authority", required=True, metavar="全称", help="执法机关全称，印在每份文书的抬头。")
@click.option("--station", "stations", multiple=True, metavar="名称=编号段",
              help="一个市场监管所和它的文书编号段，例如 城东所=瑶1。可写多次。")  # fmt: skip
@click.option("--address", default="", metavar="地址", help="印在文书上的地址。")
@click.option("--phone", default="", metavar="电话", help="印在文书上的电话。")
@click.option("--contact", default="", metavar="姓名", help="联系人。")
@output_option(required=True)
@force_option
def command(
    authority: str, stations: tuple[str, ...], address: str, phone: str, contact: str, target: Path, force: bool
) -> None:
    """Write it (library: engine.inspections.bureaus.bureau_yaml)."""
    from engine.inspections.bureaus import bureau_yaml
    from engine.writing import write_atomically

    pairs = pairs_of(stations)
    if len(dict(pairs)) < len(pairs):
        wrong_use("同一个市场监管所写了两次")
    keep_existing(target, force)
    with reported():
        content, problems = bureau_yaml(
            authority.strip(), dict(pairs), {"address": address, "phone": phone, "contact": contact}
        )
        stop_on(problems)
        write_atomically(target, content)
    click.echo(f"{target}：{authority.strip()}，市场监管所 {len(pairs)} 个")

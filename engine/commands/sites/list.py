"""chunfeng sites list: the register."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from engine.commands.console import reported, show_list
from engine.commands.options import list_options, workspace_argument

HEADER = (
    "单位编号",
    "名称",
    "单位类型",
    "责任单位",
    "信用代码",
    "许可证号",
    "地址",
    "电话",
    "单体或连锁",
    "重点区域",
    "停业日期",
)
CHAINS = {"single": "单体", "store": "连锁门店", "head": "连锁总部"}


MAY_LACK = {
    "责任单位": "unit", "责任监管员": "supervisor", "信用代码": "credit_code", "许可证号": "licence", "地址": "address",
    "电话": "contact", "单体或连锁": "chain",
}  # fmt: skip


@click.command(
    name="list",
    help="列出单位名录，可按责任单位、类型、重点区域、业务范围、在营与否选出。"
    "xlsx 可以改了再用 sites import --update 导入。",
    short_help="列出单位名录。",
)
@workspace_argument
@click.option("--unit", default="", metavar="单位", help="责任单位。")
@click.option("--type", "site_type", default="", metavar="单位类型", help="例如 retail-pharmacy。")
@click.option("--area", default="", metavar="区域", help="重点区域，例如 车站；写 '*' 是任何重点区域。")
@click.option("--has", multiple=True, metavar="属性", help="有哪项业务，例如 cold。可写多次。")
@click.option("--open/--closed", "is_open", default=None, help="只列在营的，或停业、注销的。")
@click.option("--named", default="", metavar="文字", help="名称、编号、信用代码、地址中有这些字的。")
@click.option("--without", multiple=True, metavar="内容", type=click.Choice(sorted(MAY_LACK)),
              help=f"没有写这项内容的，用来核对名录：{'、'.join(MAY_LACK)}。可写多次，都没有写的才列。")  # fmt: skip
@list_options
def command(
    folder: Path, unit: str, site_type: str, area: str, has: tuple[str, ...], is_open: bool | None, named: str,
    without: tuple[str, ...],
    output: str, target: Path | None,
) -> None:  # fmt: skip
    """Print it (library: engine.register.selecting.chosen)."""
    from engine.model.workspace import RegisteredSite
    from engine.register.selecting import Query, chosen
    from engine.workspace.folder import open_workspace
    from engine.workspace.register import unit_of

    with reported(), open_workspace(folder) as workspace:
        with workspace.store.reading() as reader:
            lacking = tuple(MAY_LACK[each] for each in without)
            query = Query(
                unit_of(reader, unit) if unit else "", site_type, area, has, is_open, "", named, without=lacking
            )
            sites = chosen(reader.all(RegisteredSite), query)
        rows = [
            (s.id, s.name, s.site_type, s.unit, s.credit_code, s.identity.get("licence", ""),
             s.identity.get("address") or s.identity.get("registered_address", ""), s.identity.get("contact", ""),
             CHAINS.get(s.chain or "", ""), "、".join(s.areas), str(s.closed or ""))
            for s in sites
        ]  # fmt: skip
        data = {
            "kind": "sites",
            "schema": 1,
            "sites": [s.model_dump(mode="json", exclude_defaults=True) for s in sites],
        }
        show_list(f"单位名录（{len(sites)} 家）", HEADER, rows, data, output=output, target=target, day=date.today())

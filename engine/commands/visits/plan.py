"""chunfeng visits plan: how far the campaign is, and who has not been visited."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.commands.console import reported, show_list
from engine.commands.options import Day, list_options, workspace_argument

if TYPE_CHECKING:
    from engine.model.workspace import RegisteredSite
    from engine.register.visits import Coverage

HEADER = ("责任单位", "单位类型", "应检", "已检", "未检", "其中办理中", "已安排", "未安排", "检查家次")


@click.command(
    help="按责任单位和单位类型列出应检、已检、未检：应检是在营的和检查过的单位，已检是有归档检查的单位（一家算一次）。"
    "--missing 列出还没有安排检查的单位，重点检查对象和重点区域的在前。",
    short_help="检查进度：应检、已检、未检。",
)
@workspace_argument
@click.option("--missing", is_flag=True, help="列出还没有安排检查的单位。")
@click.option("--unit", default="", metavar="单位", help="只看一个责任单位。")
@click.option("--date", "day", type=Day(), metavar="日期", help="表上的日期；不写就是今天。")
@list_options
def command(folder: Path, missing: bool, unit: str, day: date | None, output: str, target: Path | None) -> None:
    """Print it (library: engine.register.visits.coverage, uninspected)."""
    from engine.model.workspace import Inspection, RegisteredSite
    from engine.register.visits import coverage, total, uninspected
    from engine.workspace.folder import open_workspace
    from engine.workspace.register import unit_of
    from engine.workspace.settings import campaign_of

    with reported(), open_workspace(folder) as workspace:
        with workspace.store.reading() as reader:
            named = unit_of(reader, unit) if unit else ""
            campaign, sites = campaign_of(reader), reader.all(RegisteredSite)
            inspections = reader.all(Inspection)
        sites = [site for site in sites if not named or site.unit == named]
        day = day or date.today()
        if missing:
            left = uninspected(sites, inspections, campaign)
            rows = [_site_row(site, campaign) for site in left]
            header = ("编号", "名称", "单位类型", "责任单位", "重点区域", "重点检查对象", "地址")
            data = {"kind": "uninspected", "schema": 1, "campaign": campaign, "sites": [s.id for s in left]}
            title = f"{campaign} 年行动未安排检查的单位"
            show_list(title, header, rows, data, output=output, target=target, day=day)
            return
        found = coverage(sites, inspections, campaign)
        lines = [*found, total(found)]
        counted = [row._asdict() | {"missing": row.missing, "untouched": row.untouched} for row in lines]
        told: dict[str, object] = {"kind": "visit-coverage", "schema": 1, "campaign": campaign, "rows": counted}
        words = ("单位：家（家次）；已检以归档的检查为准，一家算一次",)
        show_list(f"{campaign} 年行动检查进度", HEADER, [_row(c) for c in lines], told, output=output, target=target,
                  day=day, words=words)  # fmt: skip


def _row(row: Coverage) -> tuple[str | int, ...]:
    return (row.unit or "（没有分到单位）", row.site_type, row.due, row.done, row.missing, row.under_way, row.planned,
            row.untouched, row.visits)  # fmt: skip


def _site_row(site: RegisteredSite, campaign: str) -> tuple[str, ...]:
    address = site.identity.get("address") or site.identity.get("registered_address", "")
    return (site.id, site.name, site.site_type, site.unit, "、".join(site.areas), site.focus.get(campaign, ""), address)

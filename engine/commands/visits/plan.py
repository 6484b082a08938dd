"""chunfeng visits plan: how far the campaign is, and who has not been visited."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.commands.console import reported, show_list
from engine.commands.options import Day, list_options, rules_option, workspace_argument

if TYPE_CHECKING:
    from engine.model.workspace import RegisteredSite
    from engine.register.visits import Coverage

HEADER = ("责任单位", "单位类型", "应检", "已检", "未检", "其中办理中", "已安排", "未安排", "检查家次")


@click.command(
    help="按责任单位和单位类型（--by area 则按重点区域）列出应检、已检、未检："
    "应检是在营的和检查过的单位，已检是有归档检查的单位（一家算一次）。"
    "--missing 列出还没有安排检查的单位，重点检查对象和重点区域的在前。",
    short_help="检查进度：应检、已检、未检。",
)
@workspace_argument
@click.option("--missing", is_flag=True, help="列出还没有安排检查的单位。")
@click.option("--by", "grouped", type=click.Choice(["unit", "area"]), default="unit", show_default=True,
              help="unit 按责任单位和单位类型，area 按重点区域（一家可在几种区域，各行不能相加）。")  # fmt: skip
@click.option("--unit", default="", metavar="单位", help="只看一个责任单位。")
@click.option("--focus", is_flag=True, help="只看重点检查对象。")
@click.option("--date", "day", type=Day(), metavar="日期", help="表上的日期；不写就是今天。")
@list_options
@rules_option
def command(
    folder: Path, missing: bool, grouped: str, unit: str, focus: bool, day: date | None, output: str,
    target: Path | None, rules: Path | None,
) -> None:  # fmt: skip
    """Print it (library: engine.register.visits.coverage, coverage_of_areas, uninspected)."""
    from engine.library.files import place
    from engine.model.workspace import Inspection, RegisteredSite
    from engine.register.visits import coverage, coverage_of_areas, total, uninspected
    from engine.register.words import kinds_of
    from engine.workspace.folder import open_workspace
    from engine.workspace.register import unit_of
    from engine.workspace.settings import bureau_of, campaign_of, release_of

    with reported(), open_workspace(folder) as workspace:
        with workspace.store.reading() as reader:
            named = unit_of(reader, unit) if unit else ""
            campaign, sites = campaign_of(reader), reader.all(RegisteredSite)
            authority = bureau_of(reader).authority
            inspections, release = reader.all(Inspection), release_of(reader, place(rules)).release
        day, titles = day or date.today(), kinds_of(release, {}).titles

        def wanted(site: RegisteredSite) -> bool:
            return (not named or site.unit == named) and (not focus or campaign in site.focus)

        if missing:
            left = [site for site in uninspected(sites, inspections, campaign) if wanted(site)]
            rows = [_site_row(site, campaign, titles) for site in left]
            header = ("编号", "名称", "单位类型", "责任单位", "重点区域", "重点检查对象", "地址")
            data = {"kind": "uninspected", "schema": 1, "campaign": campaign, "sites": [s.id for s in left]}
            title = f"{campaign} 年行动未安排检查的单位"
            show_list(title, header, rows, data, output=output, target=target, day=day, authority=authority)
            return
        if grouped == "area":
            names = release.focus_areas.names if release.focus_areas else ()
            lines = coverage_of_areas(sites, inspections, campaign, names, wanted)
            words = ("单位：家（家次）；一家可在几种重点区域，各行不能相加",)
        else:
            found = coverage(sites, inspections, campaign, wanted)
            lines, words = [*found, total(found)], ("单位：家（家次）；已检以归档的检查为准，一家算一次",)
        counted = [row._asdict() | {"missing": row.missing, "untouched": row.untouched} for row in lines]
        told = {"kind": "visit-coverage", "schema": 1, "campaign": campaign, "by": grouped, "rows": counted}
        columns = HEADER if grouped == "unit" else ("重点区域", "", *HEADER[2:])
        title = f"{campaign} 年行动检查进度" + ("（重点检查对象）" if focus else "")
        shown = [_row(c, titles) for c in lines]
        show_list(title, columns, shown, told, output=output, target=target, day=day, words=words, authority=authority)


def _row(row: Coverage, titles: Mapping[str, str]) -> tuple[str | int, ...]:
    unit, kind = row.unit or "（没有分到单位）", titles.get(row.site_type, row.site_type)
    return (unit, kind, row.due, row.done, row.missing, row.under_way, row.planned, row.untouched, row.visits)


def _site_row(site: RegisteredSite, campaign: str, titles: Mapping[str, str]) -> tuple[str, ...]:
    address = site.identity.get("address") or site.identity.get("registered_address", "")
    kind = titles.get(site.site_type, site.site_type)
    return (site.id, site.name, kind, site.unit, "、".join(site.areas), site.focus.get(campaign, ""), address)

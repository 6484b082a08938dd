"""chunfeng checklist: the blank checklist of a site type in a campaign, or those of all sites of a route."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

import click

from engine.commands.console import (
    keep_existing,
    keep_inputs,
    reported,
    show_problems,
    step_of_typesetting,
    stop_on,
    wrong_use,
)
from engine.commands.options import (
    bureau_option,
    checklist_options,
    force_option,
    jobs_of,
    output_option,
    route_options,
    rules_option,
    site_type_argument,
)
from engine.exit_codes import ExitCode
from engine.formats import format_names, format_of_suffix, load_format, notices_of

SITES_A_WORKER = 8
"""Fewer sites are not worth starting another process for."""

FILLED_IN = (".yaml", ".yml", ".xlsx", ".csv")
"""What lies there under such a name may hold answers."""


@click.command(
    help="生成一种单位的空白检查表；用 --sites 则把一条路线上各家单位的检查表印成一个 PDF。"
    "单位类型如 retail-pharmacy（药店）、clinic（诊所），写错时列出全部。",
    short_help="生成一种单位的空白检查表，或一条路线上各家单位的检查表。",
    epilog="例：chunfeng checklist retail-pharmacy --campaign 2024 --has cold,rx -o 检查表.pdf"
    "　　chunfeng checklist --sites 路线.xlsx --campaign 2024 --previous 记录 -o 路线.pdf",
)
@site_type_argument(required=False)
@checklist_options
@route_options
@click.option(
    "--as",
    "kind",
    type=click.Choice(format_names()),
    help="文件种类：pdf 打印，fillable-pdf 在电脑上填写的 PDF，offline-form 在浏览器里填写的网页（不用联网），"
    "xlsx 用 WPS 或 Excel 填写，csv 一行一个栏目，xlsform 用手机上的 ODK Collect 填写，"
    "web-page 网页，yaml 答卷，json 给其他程序用；"
    "不写则看文件名的结尾。",
)
@click.option(
    "--layout-out", "layout", type=click.Path(dir_okay=False, path_type=Path), metavar="文件",
    help="另写一个 JSON：PDF 上每个方框、每处空白的位置，供 answers scan 读取扫描件；只用于 pdf 和 fillable-pdf。",
)  # fmt: skip
@bureau_option("只用其中 fonts 的字体来印 PDF")
@output_option(required=True)
@force_option
@rules_option
def command(
    site_type: str | None, campaign: str, site_file: Path | None, has: str | None, day: date | None,
    earlier: Path | None, joint: tuple[str, ...], routine: bool, sites: Path | None, previous: Path | None,
    areas_first: bool, jobs: int | None, kind: str | None, layout: Path | None,
    bureau_file: Path | None, target: Path, force: bool, rules: Path | None,
) -> None:  # fmt: skip
    """Write it (library: engine.inspections.planning.plan_checklist, engine.formats, engine.documents.route)."""
    kind = kind or format_of_suffix(target.suffix)
    if kind is None:
        wrong_use(f"看不出 “{target.name}” 是哪种文件，请用 --as 指明：{'、'.join(format_names())}")
    asked: dict[str, Any] = {"day": day, "routine": routine, "joint": joint}
    keep_inputs(target, sites, site_file, earlier, bureau_file, previous)
    if target.suffix.lower() != f".{kind}" and kind not in ("web-page", "fillable-pdf", "offline-form"):
        keep_existing(target, force)
    if sites is not None:
        given = (("--site", site_file), ("--has", has), ("--earlier", earlier))
        for option, value in given:
            if value is not None:
                wrong_use(f"{option} 用于一家单位，不能与 --sites 同用；各家的情况写在表格里，上次的记录用 --previous")
        if kind != "pdf":
            wrong_use("一条路线只能印成 PDF")
        _other_file(layout, target)
        _print_route(sites, site_type, campaign, target, rules, asked, previous, areas_first, jobs, bureau_file, layout)
        return
    if previous is not None or areas_first or jobs is not None:
        wrong_use("--previous、--areas-first、--jobs 须与 --sites 同用；一家单位的上次记录用 --earlier")
    if site_type is None:
        wrong_use("请写明单位类型，或用 --sites 指明路线表格")
    _write_one(site_type, campaign, site_file, has, earlier, kind, layout, bureau_file, target, force, rules, asked)


def _write_one(
    site_type: str, campaign: str, site_file: Path | None, has: str | None, earlier: Path | None, kind: str,
    layout: Path | None, bureau_file: Path | None, target: Path, force: bool, rules: Path | None,
    asked: dict[str, Any],
) -> None:  # fmt: skip
    from engine.documents.own_fonts import read_profile
    from engine.inspections.planning import plan_checklist
    from engine.writing import write_atomically

    paged = [name for name in format_names() if hasattr(load_format(name), "write_with_layout")]
    if layout is not None and kind not in paged:
        wrong_use(f"--layout-out 只用于 {'、'.join(paged)}")
    if bureau_file is not None and kind not in paged:
        wrong_use(f"--bureau 只用于 {'、'.join(paged)}")
    _other_file(layout, target)
    for path in (target, layout or target):
        if path.suffix.lower() in FILLED_IN or (kind == "yaml" and path == target):
            keep_existing(path, force)
    checklist, problems = plan_checklist(site_type, campaign, site_file, has, rules=rules, earlier=earlier, **asked)
    stop_on(problems)
    assert checklist is not None
    (_, own), problems = read_profile(bureau_file)
    stop_on(problems)
    with reported():
        if kind in paged:
            step_of_typesetting()
        chosen = {"own": own} if own else {}
        if layout is None:
            content = load_format(kind).write_checklist(checklist, **chosen)
        else:
            content, places = load_format(kind).write_with_layout(checklist, **chosen)
            write_atomically(layout, places)
        write_atomically(target, content)
    for notice in (*checklist.notices, *notices_of(kind)):
        click.echo(f"注意：{notice}", err=True)
    click.echo(f"{target}：{checklist.type.title}，{len(checklist.items())} 项，检查表编号 {checklist.id}")


def _other_file(layout: Path | None, target: Path) -> None:
    if layout is not None and layout.resolve() == target.resolve():
        wrong_use("--layout-out 和 -o 不能是同一个文件")


def _print_route(
    path: Path, site_type: str | None, campaign: str, target: Path, rules: Path | None, asked: dict[str, Any],
    previous: Path | None, areas_first: bool, jobs: int | None, bureau_file: Path | None, layout: Path | None,
) -> None:  # fmt: skip
    from engine.answering.head import head_text
    from engine.documents.own_fonts import read_profile
    from engine.documents.route import print_route
    from engine.inspections.planning import open_route

    route, problems = open_route(path, campaign, site_type, rules=rules, previous=previous, **asked)
    stop_on(problems if route is None else ())
    assert route is not None
    (_, own), wrong = read_profile(bureau_file)
    stop_on(wrong)
    sites = route.key_areas_first() if areas_first else route.sites
    jobs = jobs_of(jobs, len(sites), SITES_A_WORKER)
    with reported():
        step_of_typesetting()
        try:
            with click.progressbar(
                length=len(sites), label=f"{len(sites)} 家", file=sys.stderr, hidden=not sys.stderr.isatty()
            ) as bar:
                printed = print_route(
                    sites, route.plan, target, jobs=jobs, progress=bar.update, own=own,
                    layout=(layout, head_text) if layout is not None else None,
                )  # fmt: skip
        except KeyboardInterrupt:
            click.echo("\n已排好的页面保留着，再运行一次同样的命令就接着排", err=True)
            raise
    for notice in (*route.notices, *printed.notices):
        click.echo(f"注意：{notice}", err=True)
    show_problems([*problems, *printed.failed])
    kept = f"（其中 {printed.kept} 家用了上次已排好的页面）" if printed.kept else ""
    if printed.sites:
        click.echo(f"{target}：{printed.sites} 家，{printed.pages} 页{kept}")
    if printed.failed:
        click.echo(f"没有印出 {printed.not_printed} 家，改正后重新运行，只补排这几家", err=True)
    raise click.exceptions.Exit(ExitCode.PROBLEMS if problems or printed.failed else ExitCode.CLEAN)

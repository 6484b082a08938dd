"""chunfeng visits route: the checklists of a day's visits in one PDF."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from engine.commands.console import reported, show_problems, step_of_typesetting
from engine.commands.options import (
    Day,
    acting_options,
    bureau_option,
    jobs_of,
    jobs_option,
    output_option,
    rules_option,
    workspace_argument,
)
from engine.exit_codes import ExitCode

SITES_A_WORKER = 8
"""Fewer sites are not worth starting another process for."""


@click.command(
    help="把一个单位某一天安排的检查印成一个 PDF，按地址相邻的次序，或按写出的检查号的次序；"
    "名称、证号、电话填好，印出上次查到的问题。"
    "印了的检查记为已印表，记下规则版本、PDF 和版面位置（供 answers scan 用）。",
    short_help="把一天的检查印成一个 PDF。",
    epilog="例：chunfeng visits route 2024春风 --unit 蚌山所 --date 2024-01-15 --by 王芳 -o 0115.pdf",
)
@workspace_argument
@click.argument("ids", nargs=-1, metavar="[检查号]…")
@click.option("--unit", default="", metavar="单位", help="哪个牵头单位的检查；写了检查号的不用写。")
@click.option("--date", "day", type=Day(), metavar="日期", help="哪一天安排的检查，也是表上的检查日期。")
@click.option("--areas-first", is_flag=True, help="重点区域的单位排在前面。")
@click.option(
    "--joint", multiple=True, metavar="单位", help="联合检查的其他机关，例如 卫生健康局；表头留出其人员和证号。"
)
@click.option("--previous", type=click.Path(file_okay=False, path_type=Path), metavar="目录",
              help="工作目录以外存放以前检查记录的目录；工作目录里有的优先。")  # fmt: skip
@click.option("--routine", is_flag=True, help="同时列出方案没有要求的日常项目。")
@click.option("--layout-out", "places", type=click.Path(dir_okay=False, path_type=Path), metavar="文件",
              help="另写一份版面位置（JSON），供 answers scan 读取扫描件；工作目录里总有一份。")  # fmt: skip
@jobs_option("用于许多家")
@bureau_option("只用其中 fonts 的字体")
@output_option(required=True)
@acting_options
@rules_option
def command(
    folder: Path, ids: tuple[str, ...], unit: str, day: date | None, areas_first: bool, joint: tuple[str, ...],
    previous: Path | None, routine: bool, places: Path | None, jobs: int | None, bureau_file: Path | None, target: Path,
    by: str, at: str, rules: Path | None,
) -> None:  # fmt: skip
    """Print it (library: engine.workspace.visits.open_visits, engine.documents.route.print_route)."""
    from engine.answering.head import head_text
    from engine.documents.own_fonts import read_profile
    from engine.documents.route import print_route
    from engine.inspections.previous import Records, read_folder
    from engine.library.files import place
    from engine.workspace.folder import open_workspace
    from engine.workspace.register import Who
    from engine.workspace.visits import mark_printed, open_visits
    from engine.writing import write_atomically

    if not ids and not unit:
        raise click.UsageError("请用 --unit 指明单位，或写出检查号")
    kept, unread = read_folder(previous) if previous is not None else ((), [])
    (_, own), wrong = read_profile(bureau_file)
    show_problems([*unread, *wrong])
    with reported(), open_workspace(folder) as workspace, TemporaryDirectory() as scratch:
        route = open_visits(workspace, place(rules), unit=unit, planned=day, ids=ids, areas_first=areas_first,
                            records=Records(kept, before=day), joint=joint, routine=routine)  # fmt: skip
        step_of_typesetting()
        layout = Path(scratch) / "layout.json"
        with click.progressbar(
            length=len(route.sites), label=f"{len(route.sites)} 家", file=sys.stderr, hidden=not sys.stderr.isatty()
        ) as bar:
            printed = print_route(
                route.sites, route.plan, target, jobs=jobs_of(jobs, len(route.sites), SITES_A_WORKER),
                progress=bar.update, own=own, layout=(layout, head_text),
            )  # fmt: skip
        failed = {found.mark.cell for found in printed.failed}
        done = [inspection.id for inspection in route.inspections if inspection.id not in failed]
        if done:
            if places is not None:
                write_atomically(places, layout.read_bytes())
            mark_printed(workspace, route, done, target, layout.read_bytes(), Who(by, at))
    for notice in printed.notices:
        click.echo(f"注意：{notice}", err=True)
    show_problems(printed.failed)
    if done:
        click.echo(f"{target}：{printed.sites} 家，{printed.pages} 页；{done[0]} 等 {len(done)} 个检查已印表")
    raise click.exceptions.Exit(ExitCode.PROBLEMS if failed or unread else ExitCode.CLEAN)

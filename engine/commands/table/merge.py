"""chunfeng table merge: files handed in, added up."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import keep_existing, keep_inputs, reported, step_of_typesetting, stop_on, wrong_use
from engine.commands.options import Moment, force_option, output_option, rules_option


@click.command(
    help="汇总各单位的报送文件：各数相加，家数按单位重新去重，联合检查只计一次，百分比重新计算。列出未报、迟报、零报告和"
    "版本互相矛盾的。汇总的文件可以再加进迟到的文件，也可以再向上报。次序不同、重复放入，结果相同。",
    short_help="汇总报送文件。",
    epilog="例：chunfeng table merge t0 城东.json 城西.json --as 瑶海区市场监督管理局 -o 汇总.json",
)
@click.argument("table", metavar="统计表")
@click.argument("files", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path), metavar="文件…")
@click.option("--as", "unit", required=True, metavar="单位", help="汇总的单位。")
@click.option("--expected", multiple=True, metavar="单位", help="应报的下级单位；可写多次。")
@click.option("--deadline", metavar="时间", help="下级应在何时以前报到，例如 “2024-01-26 15:00”。")
@click.option(
    "--received",
    multiple=True,
    metavar="单位=时间",
    help="何时收到，例如 城东所=“2024-01-26 14:10”；可写多次。",
)
@click.option("--by", default="", metavar="姓名", help="填报人。")
@click.option("--reviewer", default="", metavar="姓名", help="审核人。")
@click.option("--phone", default="", metavar="电话", help="联系电话。")
@click.option(
    "--version",
    type=click.IntRange(1, 10**6),
    default=1,
    show_default=True,
    metavar="版",
    help="第几版；已经报上去以后又改的，写得比上一版大。",
)
@click.option(
    "--print",
    "paper",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="文件",
    help="印出汇总表，.xlsx 或 .pdf，印有汇总文件的 SHA-256。",
)
@output_option(required=True)
@force_option
@rules_option
def command(
    table: str, files: tuple[Path, ...], unit: str, expected: tuple[str, ...], deadline: str | None,
    received: tuple[str, ...], by: str, reviewer: str, phone: str, version: int, paper: Path | None, target: Path,
    force: bool, rules: Path | None,
) -> None:  # fmt: skip
    """Write the sum (library: engine.reports.merging.merge)."""
    import hashlib

    from engine.library.check_tables import read_table_file
    from engine.library.files import place
    from engine.library.load import read_campaign
    from engine.reports.handing_up import read_reports, report_bytes
    from engine.reports.merging import Handed, merge
    from engine.reports.papers import merged_bytes
    from engine.writing import write_atomically

    if paper is not None and paper.suffix.lower() not in (".pdf", ".xlsx"):
        wrong_use(f"{paper} 的结尾应为 .pdf 或 .xlsx")
    for path in (target, paper):
        if path is not None:
            keep_existing(path, force)
            keep_inputs(path, *files)
    moments = dict(_moment(each) for each in received)
    limit = Moment().convert(deadline, None, None).strftime("%Y-%m-%d %H:%M") if deadline else None
    definition, problems = read_table_file(place(rules), table)
    stop_on(problems)
    assert definition is not None
    reads, problems = read_reports(files)
    stop_on(problems)
    handed = Handed(unit, expected, limit, moments, by, reviewer, phone, version)
    merged, problems = merge(definition, reads, handed)
    stop_on(problems)
    assert merged is not None
    content = report_bytes(merged.report)
    digest = hashlib.sha256(content).hexdigest()
    with reported():
        if paper is not None:
            if paper.suffix.lower() == ".pdf":
                step_of_typesetting()
            campaign, _ = read_campaign(place(rules), merged.report.campaign)
            begin = campaign.period.start if campaign else merged.report.node.start
            write_atomically(paper, merged_bytes(definition, merged, begin, digest, paper.suffix.lower()))
        write_atomically(target, content)
    for read in sorted(reads, key=lambda each: each.name):
        click.echo(f"{read.name}：{read.report.node.unit}，SHA-256 {read.sha256}")
    for note in merged.notes:
        click.echo(note)
    click.echo(f"已写出 {target}，SHA-256 {digest}")


def _moment(text: str) -> tuple[str, str]:
    unit, sign, moment = text.rpartition("=")
    if not sign or not unit.strip():
        raise click.BadParameter(f"“{text}” 应写成 单位=2024-01-26 14:10", param_hint="--received")
    return unit.strip(), Moment().convert(moment.strip(), None, None).strftime("%Y-%m-%d %H:%M")

"""chunfeng findings review: a review (复查) is planned, or settles the findings that it looked at."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from engine.commands.console import reported, stop_on, wrong_use
from engine.commands.options import Day, acting_options, rules_option, why_option


@click.command(
    help="复查。写上次检查的编号：安排一次复查，作为新的检查。写复查的编号和 问题编号=结果：逐条认定，"
    "结果为 已整改、部分整改（延期一次，写 --due）、未整改（期限已过的转线索，写 --first-unit、--first-person）；"
    "--by 写两名检查人员。",
    short_help="安排复查，逐条认定结果。",
    epilog="例：chunfeng findings review 春风2024 2024-0012 --on 2024-02-20 --by 张三；"
    "chunfeng findings review 春风2024 2024-0031 2024-0012-1=已整改 2024-0012-2=部分整改 --due 2024-03-05 "
    "--why 现场核实 --by 张三、李四",
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹")
@click.argument("inspection", metavar="检查编号")
@click.argument("words", nargs=-1, metavar="[问题编号=结果…]")
@click.option("--from-record", is_flag=True, help="结果取自复查已归档的记录（上次检查问题整改核实表），不再手工填写。")
@click.option("--on", "day", type=Day(), metavar="日期", help="安排在哪一天复查。")
@click.option("--over-cap", "over", default="", metavar="理由", help="超过本年度频次上限仍须检查的理由。")
@click.option("--due", type=Day(), metavar="日期", help="部分整改的，新的期限。")
@click.option("--first-unit", default="", metavar="单位", help="未整改的，线索的首办单位。")
@click.option("--first-person", default="", metavar="姓名", help="未整改的，线索的首办人。")
@click.option(
    "--evidence",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="文件",
    help="整改前后对照照片等；可写多次。",
)
@why_option("怎样核实的；认定时必须写", required=False)
@acting_options
@rules_option
def command(
    folder: Path, inspection: str, words: tuple[str, ...], from_record: bool, day: date | None, over: str,
    due: date | None, first_unit: str, first_person: str, evidence: tuple[Path, ...], why: str, by: str, at: str,
    rules: Path | None,
) -> None:  # fmt: skip
    """Plan it (library: engine.workspace.findings.plan_review), or settle (settle_review)."""
    from engine.follow_up.findings import STATES
    from engine.follow_up.lines import ledger_named
    from engine.follow_up.reviews import read_results
    from engine.library.files import place
    from engine.workspace.findings import CLUE, Clue, keep_evidence, plan_review, recorded_results, settle_review
    from engine.workspace.folder import open_workspace
    from engine.workspace.ledgers import read_ledgers
    from engine.workspace.register import Who

    results, problems = read_results(words)
    if (words or from_record) and not why:
        raise click.BadParameter("认定复查结果要写明怎样核实的", param_hint="--why")
    if words and from_record:
        wrong_use("--from-record 和 问题编号=结果 只用其一")
    stop_on(problems)
    who = Who(by, at, why)
    with reported(), open_workspace(folder) as workspace:
        if from_record:
            results = recorded_results(workspace, inspection)
        elif not words:
            made = plan_review(workspace, inspection, day, who, over)
            click.echo(f"已安排复查 {made.id}（{made.unit}，{day or '没有定日期'}）：复查 {inspection}")
            return
        ledger, problems = ledger_named(read_ledgers(place(rules)), CLUE)
        stop_on(problems)
        assert ledger is not None
        kept = keep_evidence(workspace, evidence)
        clue = Clue(first_unit, first_person)
        done = settle_review(workspace, inspection, results, ledger, clue, who, due, kept)
    for finding in done:
        more = f"，期限 {finding.due}" if finding.state == "extended" else f"（{finding.clue}）" if finding.clue else ""
        click.echo(f"{finding.id} {results[finding.id]}：{STATES[finding.state]}{more}")

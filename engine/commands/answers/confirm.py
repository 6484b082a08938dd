"""chunfeng answers confirm: open answers settled by a person."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from engine.answering.settling import Decision
from engine.commands.console import reported, stop_on, wrong_use
from engine.commands.options import by_options, rules_option
from engine.exit_codes import ExitCode
from engine.inspections.opening import Inspection
from engine.model.sheet import Basis, Unsettled

KINDS = {"unsure": "识别没有把握", "conflict": "说法不同", "changed": "问题改了"}


@click.command(
    help="把待确认的答案逐项定下：扫描识别没有把握的、合并时说法不同的、转到新版后问题改了的。"
    "不写 --take 和 --answer 就列出待确认的并逐项询问；结果写回原答卷。还有没定下的返回 1。",
    short_help="把待确认的答案逐项定下。",
    epilog="例：chunfeng answers confirm 答卷.yaml --by 张三 --take YD-14=1 --why 现场复核　　"
    "chunfeng answers confirm 答卷.yaml --by 张三 --answer YD-09=否 --why 两人当场核对",
)
@click.argument("sheet", type=click.Path(dir_okay=False, path_type=Path), metavar="答卷.yaml")
@click.option("--take", "taken", multiple=True, metavar="编号=n", help="取第 n 种答案，可写多次。")
@click.option("--answer", "given", multiple=True, metavar="编号=答案", help="另写一个答案（写法同答卷），可写多次。")
@click.option("--why", default="", metavar="理由", help="为什么这样定；说法不同和问题改了的必须写。")
@by_options
@rules_option
def command(
    sheet: Path, taken: tuple[str, ...], given: tuple[str, ...], why: str, by: str, at: str, basis: Basis | None,
    rules: Path | None,
) -> None:  # fmt: skip
    """Write the sheet back (library: engine.answering.settling.settle)."""
    from engine.answering.questions import told_fields
    from engine.answering.settling import settle
    from engine.answering.writing import write_data
    from engine.formats import format_of_file, open_file
    from engine.library.files import place

    if format_of_file(sheet) not in (None, "yaml"):
        wrong_use(f"{sheet} 不是 YAML 答卷，请先用 answers read 读成 YAML 再确认")
    inspection, problems = open_file(place(rules), sheet, as_made=True, waiting=True)
    stop_on(problems)
    assert inspection is not None
    decisions = _decisions(taken, given, why)
    if not decisions:
        _list(inspection)
        decisions = _asked(inspection, why) if inspection.sheet.unsettled and sys.stdin.isatty() else []
        by = by or (click.prompt("由谁确认（姓名）") if decisions else "")
    if decisions:
        data, problems = settle(inspection, decisions, by=by, at=at, basis=basis)
        stop_on(problems)
        assert data is not None
        with reported():
            inspection, problems = write_data(place(rules), data, sheet)
        stop_on(problems)
        assert inspection is not None
    left = told_fields(inspection.sheet.unsettled, inspection.checklist)
    click.echo(f"{sheet}：" + (f"还有 {len(left)} 项待确认：{'、'.join(left)}" if left else "没有待确认的答案"))
    raise click.exceptions.Exit(ExitCode.PROBLEMS if left else ExitCode.CLEAN)


def _decisions(taken: tuple[str, ...], given: tuple[str, ...], why: str) -> list[Decision]:
    """Return what the options decide; end with exit code 2 for one that cannot be read."""
    from engine.source import parse

    found = []
    for text in taken:
        code, _, number = text.partition("=")
        if not number.isdecimal() or len(number) > 3:
            wrong_use(f"--take “{text}” 应写成 编号=n，例如 YD-14=1")
        found.append(Decision(code.strip(), take=int(number), why=why))
    for text in given:
        code, _, answer = text.partition("=")
        document, problems = parse(f"answer: {answer}", "--answer")
        stop_on(problems)
        value = document.data.get("answer") if document is not None and isinstance(document.data, dict) else None
        found.append(Decision(code.strip(), answer=value, why=why))
    codes = [decision.code for decision in found]
    double = next((code for code in codes if codes.count(code) > 1), None)
    if double is not None:
        wrong_use(f"{double} 定了两次，请只写一次")
    return found


def _list(inspection: Inspection) -> None:
    from engine.answering.questions import titles

    checks = titles(inspection.checklist)
    told = inspection.sheet.provenance
    for code, each in inspection.sheet.unsettled.items():
        click.echo(f"{code}　{checks.get(code, '')}\n　{KINDS[each.kind]}：{each.why}")
        for number, text in enumerate(_candidates(each), 1):
            source = each.candidates[number - 1].source
            name = told.sources[source - 1].file if told is not None and source <= len(told.sources) else ""
            click.echo(f"　{number}. {text}{f'　（{name}）' if name else ''}")


def _candidates(each: Unsettled) -> list[str]:
    import json

    found = []
    for candidate in each.candidates:
        value = candidate.answer
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        sure = f"　把握 {candidate.confidence:.0%}" if candidate.confidence is not None else ""
        found.append(f"{text}{sure}")
    return found


def _asked(inspection: Inspection, why: str) -> list[Decision]:
    """Ask for each open answer; Enter alone leaves it open."""
    found = []
    for code, each in inspection.sheet.unsettled.items():
        most = len(each.candidates)
        text = click.prompt(f"{code} 取第几种（1–{most}，直接回车先不定）", default="", show_default=False)
        if not text:
            continue
        if not text.isdecimal() or not 1 <= int(text) <= most:
            click.echo(f"“{text}” 不是 1 到 {most}，这一项先不定；要另写答案请用 --answer", err=True)
            continue
        reason = why or (click.prompt("理由") if each.kind != "unsure" else "")
        found.append(Decision(code, take=int(text), why=reason))
    return found

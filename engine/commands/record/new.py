"""chunfeng record new: a record with proposed findings."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import keep_existing, reported, stop_on, write_beside, wrong_use
from engine.commands.options import force_option, output_option, rules_option


@click.command(
    help="从答卷（answers read 能读的任何一种文件）生成检查记录：拟出问题和事实描述，"
    "逐条等待确认（confirmed）或不认定（rejected）。"
)
@click.argument("answers", type=click.Path(dir_okay=False, path_type=Path), metavar="答卷")
@output_option(required=True)
@click.option("--as-made", is_flag=True, help="答卷是按旧版规则填写的，就按那个版本办理，不用现行版本。")
@force_option
@rules_option
def command(answers: Path, target: Path, as_made: bool, force: bool, rules: Path | None) -> None:
    """Write the record (library: engine.inspections.opening.new_record, engine.inspections.records.record_yaml)."""
    from engine.answering.photographs import evidence_of, gather
    from engine.formats import open_file, read_attachments
    from engine.inspections.opening import evaluate, new_record
    from engine.inspections.records import record_yaml
    from engine.library.files import place
    from engine.library.load import read_holidays
    from engine.writing import write_atomically

    if target.resolve() == answers.resolve():
        wrong_use(f"{target} 就是答卷本身，请另取文件名")
    keep_existing(target, force)
    inspection, problems = open_file(place(rules), answers, as_made=as_made)
    stop_on(problems)
    assert inspection is not None
    gathered = gather(inspection.sheet, inspection.checklist, answers, dict(read_attachments(answers)), target)
    inspection = inspection._replace(sheet=gathered.sheet)
    with reported():
        evaluation = evaluate(inspection)
        record = new_record(inspection, evaluation, read_holidays(place(rules)))
        evidence = evidence_of(inspection.sheet, inspection.checklist, evaluation)
        write_beside(gathered.files, force)
        write_atomically(target, record_yaml(record.model_copy(update={"evidence": evidence})).encode())
    for notice in gathered.notices:
        click.echo(f"注意：{notice}", err=True)
    photos = f"，照片 {len(evidence)} 张列入证据" if evidence else ""
    click.echo(f"{target}：拟出问题 {len(record.findings)} 个{photos}，请逐条确认后打印")

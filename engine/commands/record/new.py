"""chunfeng record new: a record with proposed findings."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import keep_existing, reported, stop_on, wrong_use
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
    from engine.formats import open_file
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
    with reported():
        record = new_record(inspection, evaluate(inspection), read_holidays(place(rules)))
        write_atomically(target, record_yaml(record).encode())
    click.echo(f"{target}：拟出问题 {len(record.findings)} 个，请逐条确认后打印")

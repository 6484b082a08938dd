"""chunfeng answers merge: several sheets of one checklist made one."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import keep_existing, keep_inputs, reported, stop_on, write_beside, wrong_use
from engine.commands.options import force_option, output_option, rules_option
from engine.exit_codes import ExitCode


@click.command(
    help="把同一张检查表的几份答卷（两名检查人员各填一份，或纸质的又在电脑上改过）逐项合并。"
    "只有一份答了的照收，几份相同的收一次；不同的都列为待确认，由人说明理由后定下，谁的也不会自动胜出。"
    "有待确认的返回 1。",
    short_help="把同一张检查表的几份答卷逐项合并，不同的由人定。",
    epilog="例：chunfeng answers merge 张三.xlsx 李四.pdf -o 答卷.yaml",
)
@click.argument("files", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path), metavar="答卷…")
@output_option(required=True)
@force_option
@rules_option
def command(files: tuple[Path, ...], target: Path, force: bool, rules: Path | None) -> None:
    """Write the merged sheet (library: engine.answering.merging.merge)."""
    from engine.answering.merging import merge
    from engine.answering.photographs import gather
    from engine.answering.questions import told_fields
    from engine.answering.writing import entered, write_data
    from engine.formats import open_file, read_attachments, source_of
    from engine.inspections.opening import Inspection
    from engine.library.files import place
    from engine.problems import Problem

    if len(files) < 2:
        wrong_use("合并至少要两份答卷")
    keep_inputs(target, *files)
    keep_existing(target, force)
    opened: list[tuple[str, Inspection]] = []
    problems: list[Problem] = []
    photos: list[tuple[Path, bytes]] = []
    notices: list[str] = []
    for path in files:
        inspection, found = open_file(place(rules), path, as_made=True, waiting=True)
        problems += found
        if inspection is not None:
            sheet, files_inside = entered(inspection.sheet, source_of(path)), dict(read_attachments(path))
            gathered = gather(sheet, inspection.checklist, path, files_inside, target)
            opened.append((str(path), inspection._replace(sheet=gathered.sheet)))
            photos += gathered.files
            notices += gathered.notices
    stop_on(problems)
    merged, problems = merge(opened)
    stop_on(problems)
    assert merged is not None
    with reported():
        write_beside(photos, force)
        _, problems = write_data(place(rules), merged.data, target)
    stop_on(problems)
    for notice in notices:
        click.echo(f"注意：{notice}", err=True)
    click.echo(f"{target}：几份相同 {len(merged.agreed)} 项，只有一份答了 {len(merged.single)} 项")
    if merged.conflicts:
        named = told_fields(merged.conflicts, opened[0][1].checklist)
        click.echo(f"说法不同 {len(named)} 处，待确认：{'、'.join(named)}")
        click.echo(f"请用 chunfeng answers confirm {target} 逐项定下", err=True)
    raise click.exceptions.Exit(ExitCode.PROBLEMS if merged.conflicts else ExitCode.CLEAN)

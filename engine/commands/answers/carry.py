"""chunfeng answers carry: answers made for an older release, brought over to the current one."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import keep_existing, keep_inputs, print_json, reported, stop_on, write_beside
from engine.commands.options import force_option, format_option, output_option, rules_option
from engine.exit_codes import ExitCode


@click.command(
    help="按旧版规则填写的答卷转到现行版本：逐项说明相同、措辞改了、限值或判定改了、问法改了、新增、取消。"
    "只有相同的自动转过去；改了的列为待确认，看过新的问法再定；取消的照原话留在“其他问题”里。有待确认的返回 1。",
    short_help="把按旧版规则填写的答卷转到现行版本，逐项说明。",
    epilog="例：chunfeng answers carry 旧答卷.yaml -o 答卷.yaml",
)
@click.argument("answers", type=click.Path(dir_okay=False, path_type=Path), metavar="答卷")
@output_option(required=True)
@format_option
@force_option
@rules_option
def command(answers: Path, target: Path, output: str, force: bool, rules: Path | None) -> None:
    """Write the sheet and print what became of each item (library: engine.answering.carrying.carry)."""
    from engine.answering.carrying import WORDS, carry
    from engine.answering.photographs import gather
    from engine.answering.writing import write_data
    from engine.formats import open_file, read_attachments
    from engine.library.files import place
    from engine.library.releases import current_release

    keep_inputs(target, answers)
    keep_existing(target, force)
    inspection, problems = open_file(place(rules), answers, as_made=True, waiting=True)
    stop_on(problems, output)
    assert inspection is not None
    gathered = gather(inspection.sheet, inspection.checklist, answers, dict(read_attachments(answers)), target)
    inspection = inspection._replace(sheet=gathered.sheet)
    current, problems = current_release(place(rules), inspection.sheet.campaign)
    stop_on(problems, output)
    assert current is not None
    carried, problems = carry(inspection, current)
    stop_on(problems, output)
    assert carried is not None
    with reported(output):
        write_beside(gathered.files, force)
        _, problems = write_data(place(rules), carried.data, target)
    stop_on(problems, output)
    for notice in gathered.notices:
        click.echo(f"注意：{notice}", err=True)
    waiting = carried.data.get("unsettled")
    if output == "json":
        items = [item._asdict() for item in carried.items]
        told = {"from": inspection.locked.lock, "to": current.lock, "items": items, "unsettled": waiting}
        print_json({"kind": "carried", "schema": 1, **told})
    else:
        for item in carried.items:
            renamed = f"（原 {item.old}）" if item.old and item.old != item.code else ""
            click.echo(
                f"{WORDS[item.change]}　{item.code}{renamed}　{item.check}{'' if item.answered else '　（未答）'}"
            )
        counts = {change: sum(i.change == change for i in carried.items) for change in WORDS}
        click.echo(f"{target}：" + "，".join(f"{WORDS[change]} {n}" for change, n in counts.items()))
        if waiting:
            click.echo(f"{len(waiting)} 项待确认，请用 chunfeng answers confirm {target} 逐项定下", err=True)  # type: ignore[arg-type]
    raise click.exceptions.Exit(ExitCode.PROBLEMS if waiting else ExitCode.CLEAN)

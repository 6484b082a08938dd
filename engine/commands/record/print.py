"""chunfeng record print: the papers of a record."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported, step_of_typesetting, stop_on, wrong_use
from engine.commands.options import output_option, rules_option
from engine.documents.html import document_names


@click.command(
    help="打印检查记录。还有问题没有确认、或缺少必备内容时，每页印“草稿”。",
    epilog="文书：inspection-record 现场检查笔录，checklist 已填写的检查表。",
)
@click.argument("record", type=click.Path(dir_okay=False, path_type=Path), metavar="记录.yaml")
@click.option(
    "--document", type=click.Choice(document_names()), default="inspection-record", show_default=True, help="文书种类。"
)
@output_option(required=True)
@rules_option
def command(record: Path, document: str, target: Path, rules: Path | None) -> None:
    """Write the PDF (library: engine.inspections.opening.open_record, engine.documents.papers.record_pdf)."""
    from engine.documents.papers import record_pdf
    from engine.inspections.opening import missing_for_final, open_record
    from engine.library.files import place
    from engine.writing import write_atomically

    if target.suffix.lower() != ".pdf":
        wrong_use(f"{target} 的结尾应为 .pdf：打印不得覆盖记录或答卷")
    with reported():
        recorded, problems = open_record(place(rules), record)
        stop_on(problems)
        assert recorded is not None
        step_of_typesetting()
        write_atomically(target, record_pdf(recorded, document))
    gaps = missing_for_final(recorded)
    click.echo(f"{target}：{'草稿' if gaps else '正式'}")
    for gap in gaps:
        click.echo(f"  定稿前须补正：{gap}")

"""chunfeng record print: the papers of a record."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported, step, step_of_typesetting, stop_on, wrong_use
from engine.commands.options import bureau_option, output_option, rules_option
from engine.documents.html import document_names


def _drawn(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, Path], ...]:
    """Return name and file of each “姓名=图片”."""
    pairs = [value.replace("＝", "=", 1).partition("=") for value in values]
    for value, (name, _, file) in zip(values, pairs, strict=True):
        if not (name.strip() and file.strip()):
            raise click.BadParameter(f"“{value[:40]}” 请写成 张伟=签名.jpg 的样子", ctx, param)
    return tuple((name.strip(), Path(file.strip())) for name, _, file in pairs)


@click.command(
    help="打印检查记录。还有问题没有确认、或缺少必备内容时，每页印“草稿”。",
    epilog="文书：inspection-record 现场检查笔录，checklist 已填写的检查表，scene-record 现场笔录，"
    "correction-notice 责令改正通知书，service-receipt 送达回证，evidence-list 证据清单，goods-list 物品清单，"
    "clue-transfer 案件线索移送单，crime-transfer 涉嫌犯罪案件移送书，review-record 复查记录。",
)
@click.argument("record", type=click.Path(dir_okay=False, path_type=Path), metavar="记录.yaml")
@click.option(
    "--document",
    type=click.Choice(document_names()),
    default="inspection-record",
    show_default=True,
    metavar="文书",
    help="文书种类，见下。",
)
@bureau_option("全称、机关代字、电话、各联用途、字体")
@click.option(
    "--photos", type=click.Choice(["4", "6"]), default="4", show_default=True, help="证据清单的照片页每页几张照片。"
)
@click.option(
    "--drawn-signature",
    "drawn_files",
    multiple=True,
    callback=_drawn,
    metavar="姓名=图片",
    help="把手写签名的图像（JPEG、PNG）印在此人的签名处，旁注“手写签名图像（非电子签名）”。可写多次，只用于现场检查笔录。",
)
@output_option(required=True)
@rules_option
def command(
    record: Path,
    document: str,
    bureau_file: Path | None,
    photos: str,
    drawn_files: tuple[tuple[str, Path], ...],
    target: Path,
    rules: Path | None,
) -> None:
    """Write the PDF.

    (library: engine.inspections.opening.open_record, engine.inspections.evidence.read_evidence,
    engine.inspections.drawn.read_drawn, engine.documents.papers.record_pdf).
    """
    from engine.documents.attachments import SHORT, attach
    from engine.documents.case_view import TITLES, papers_due
    from engine.documents.own_fonts import read_profile
    from engine.documents.papers import gaps_of, record_pdf
    from engine.inspections.drawn import LABEL, read_drawn
    from engine.inspections.evidence import read_evidence
    from engine.inspections.opening import open_record
    from engine.library.files import place
    from engine.writing import write_atomically

    if target.suffix.lower() != ".pdf":
        wrong_use(f"{target} 的结尾应为 .pdf：打印不得覆盖记录或答卷")
    if drawn_files and document != "inspection-record":
        wrong_use("--drawn-signature 只用于现场检查笔录（inspection-record）")
    with reported():
        recorded, problems = open_record(place(rules), record)
        stop_on(problems)
        assert recorded is not None
        (bureau, own), problems = read_profile(bureau_file)
        stop_on(problems)
        files = None
        if document == "evidence-list":
            step("正在核对证据文件……")
            files, problems = read_evidence(record.parent, recorded.record)
            stop_on(problems)
        drawn, problems = read_drawn(recorded.record, drawn_files)
        stop_on(problems)
        step_of_typesetting()
        attached = attach(recorded, document, bureau, own, drawn)
        content = record_pdf(recorded, document, bureau, attached, files, int(photos), own=own, drawn=drawn)
        write_atomically(target, content)
    gaps = gaps_of(recorded, document, bureau)
    click.echo(f"{target}：{'草稿' if gaps else '正式'}")
    for gap in gaps:
        click.echo(f"  定稿前须补正：{gap}")
    for line in files.unrecorded if files else ():
        digest = files.hashes[line.number] if files else ""
        click.echo(f"  证据 {line.number}（{line.file}）没有记下 SHA-256，现算得 {digest}，请写入记录的 sha256")
    for each in drawn:
        click.echo(f"  {each.name}：印有{LABEL}，图像文件 SHA-256 {each.sha256}")
    sha256 = attached.hashes.sha256
    click.echo(f"  内容校验 {sha256[:SHORT]}（SHA-256 {sha256}；记入台账，日后用 verify --expect 核对）")
    due = [f"{paper} {TITLES[paper]}" for paper in papers_due(recorded) if paper != document]
    if due and document == "inspection-record":
        click.echo(f"  按发现的问题还可制作：{'、'.join(due)}")

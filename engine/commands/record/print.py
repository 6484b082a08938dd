"""chunfeng record print: the papers of a record, or one paper of many records."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.commands.console import reported, show_problems, step_of_typesetting, wrong_use
from engine.commands.options import bureau_option, jobs_of, jobs_option, output_option, rules_option
from engine.documents.html import document_names
from engine.exit_codes import ExitCode

if TYPE_CHECKING:
    from engine.documents.printing import PaperPrinted, PaperTask

RECORDS_A_WORKER = 4
"""Fewer records are not worth starting another process for."""


def _drawn(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, Path], ...]:
    """Return name and file of each “姓名=图片”."""
    pairs = [value.replace("＝", "=", 1).partition("=") for value in values]
    for value, (name, _, file) in zip(values, pairs, strict=True):
        if not (name.strip() and file.strip()):
            raise click.BadParameter(f"“{value[:40]}” 请写成 张伟=签名.jpg 的样子", ctx, param)
    return tuple((name.strip(), Path(file.strip())) for name, _, file in pairs)


@click.command(
    help="打印检查记录。还有问题没有确认、或缺少必备内容时，每页印“草稿”。"
    "给出多份记录时，每份印成一个 PDF，放在 -o 的文件夹里；印不出的逐份列明，不影响其他各份。",
    short_help="打印检查记录，一份或多份。",
    epilog="文书：inspection-record 现场检查笔录，checklist 已填写的检查表，scene-record 现场笔录，"
    "correction-notice 责令改正通知书，service-receipt 送达回证，evidence-list 证据清单，goods-list 物品清单，"
    "clue-transfer 案件线索移送单，crime-transfer 涉嫌犯罪案件移送书，review-record 复查记录。",
)
@click.argument(
    "records", type=click.Path(dir_okay=False, path_type=Path), metavar="记录.yaml...", nargs=-1, required=True
)
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
@jobs_option("用于多份记录")
@output_option(required=True)
@rules_option
def command(
    records: tuple[Path, ...],
    document: str,
    bureau_file: Path | None,
    photos: str,
    drawn_files: tuple[tuple[str, Path], ...],
    jobs: int | None,
    target: Path,
    rules: Path | None,
) -> None:
    """Write the PDF, or one for each record (library: engine.documents.printing.print_paper)."""
    from engine.documents.printing import PaperTask, print_paper

    if drawn_files and document != "inspection-record":
        wrong_use("--drawn-signature 只用于现场检查笔录（inspection-record）")
    single = len(records) == 1 and target.suffix.lower() == ".pdf"
    if single and jobs is not None:
        wrong_use("--jobs 用于多份记录")
    if drawn_files and not single:
        wrong_use("--drawn-signature 只用于一份记录，-o 写 .pdf 文件名")
    with reported():
        targets = [target] if single else _targets(records, document, target)
        tasks = [
            PaperTask(record, to, document, bureau_file, int(photos), drawn_files, rules)
            for record, to in zip(records, targets, strict=True)
        ]
        step_of_typesetting()
        if single:
            _tell(target, print_paper(tasks[0]))
        elif not _print_all(tasks, jobs_of(jobs, len(tasks), RECORDS_A_WORKER)):
            raise click.exceptions.Exit(ExitCode.PROBLEMS)


def _targets(records: tuple[Path, ...], document: str, folder: Path) -> list[Path]:
    """Return the file of each paper in the folder, which is made if it is missing."""
    from engine.writing import make_folder

    if folder.is_file() or (folder.suffix and not folder.is_dir()):
        more = "多份记录须放进一个文件夹" if len(records) > 1 else "一份记录须写 .pdf 文件名；打印不得覆盖记录或答卷"
        wrong_use(f"{folder} 不能用：{more}")
    names = [f"{record.stem}-{document}.pdf" for record in records]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        same = [str(record) for record, name in zip(records, names, strict=True) if name in twice]
        wrong_use(f"这些记录的文件名相同，会印到同一个文件：{'、'.join(same)}；请改名或分开打印")
    make_folder(folder)
    return [folder / name for name in names]


def _tell(target: Path, printed: PaperPrinted) -> None:
    click.echo(f"{target}：{'草稿' if printed.draft else '正式'}")
    for note in printed.notes:
        click.echo(f"  {note}")


def _print_all(tasks: list[PaperTask], jobs: int) -> bool:
    """Print every paper and tell about each; return whether all of them could be."""
    from engine.documents.fonts import font_folder
    from engine.documents.printing import print_paper
    from engine.documents.workers import Workers

    font_folder()  # built once, and not by each worker
    failed = 0
    with (
        Workers(jobs) as workers,
        click.progressbar(
            length=len(tasks), label=f"{len(tasks)} 份", file=sys.stderr, hidden=not sys.stderr.isatty()
        ) as bar,
    ):
        for task, printed, problems in workers.each(print_paper, tasks):
            bar.update(1)
            if printed is None:
                failed += 1
                click.echo(f"{task.record}：没有印出", err=True)
                show_problems(problems)
            else:
                _tell(task.target, printed)
    click.echo(f"共 {len(tasks)} 份，印出 {len(tasks) - failed} 份" + (f"，没有印出 {failed} 份" if failed else ""))
    return not failed

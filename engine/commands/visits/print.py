"""chunfeng visits print: a paper of inspections from their kept records."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported, step_of_typesetting, wrong_use
from engine.commands.options import (
    acting_options,
    bureau_option,
    output_option,
    rules_option,
    workspace_argument,
)
from engine.documents.html import document_names


@click.command(
    name="print",
    help="从收下的记录印文书；一个检查写 .pdf 文件名，几个检查写文件夹。"
    "没有齐全的每页印“草稿”；正式的按 SHA-256 存进工作目录，"
    "随归档资料导出。",
    short_help="从收下的记录印文书。",
    epilog="例：chunfeng visits print 2024春风 2024-0001 --document correction-notice -o 责改.pdf --by 王芳",
)
@workspace_argument
@click.argument("inspections", nargs=-1, required=True, metavar="检查号…")
@click.option("--document", type=click.Choice(document_names()), default="inspection-record", show_default=True,
              metavar="文书", help=f"哪种文书：{'、'.join(document_names())}。")  # fmt: skip
@bureau_option("代替工作目录里的一份，例如要用其中 fonts 的字体")
@output_option(required=True)
@acting_options
@rules_option
def command(
    folder: Path, inspections: tuple[str, ...], document: str, bureau_file: Path | None, target: Path, by: str, at: str,
    rules: Path | None,
) -> None:  # fmt: skip
    """Write them (library: engine.workspace.printing.print_kept)."""
    from engine.library.files import place
    from engine.workspace.folder import open_workspace
    from engine.workspace.printing import print_kept
    from engine.workspace.register import Who
    from engine.writing import make_folder

    single = target.suffix.lower() == ".pdf"
    if len(inspections) > 1 and single:
        wrong_use("几个检查请用 -o 写文件夹")
    with reported(), open_workspace(folder) as workspace:
        step_of_typesetting()
        if not single:
            make_folder(target)
        for inspection in dict.fromkeys(inspections):
            path = target if single else target / f"{inspection}-{document}.pdf"
            printed = print_kept(workspace, place(rules), inspection, document, path, Who(by, at), bureau_file)
            click.echo(f"{path}：{'草稿' if printed.draft else '正式'}")
            for note in printed.notes:
                click.echo(f"  {note}")

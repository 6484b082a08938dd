"""chunfeng answers read: filled-in sheets of any format, written as ANSWERS.yaml."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import keep_existing, keep_inputs, reported, show_problems, write_beside, wrong_use
from engine.commands.options import by_options, force_option, rules_option
from engine.exit_codes import ExitCode
from engine.model.sheet import Basis


@click.command(
    help="读取填好的答卷，写成 ANSWERS.yaml。文件种类由内容判断："
    "xlsx、CSV、可填写的 PDF、离线表单导出的 json、ODK、YAML、JSON。"
    "一个文件时 -o 是文件；几个文件时 -o 是文件夹，各写一份。",
    short_help="读取填好的答卷，写成 ANSWERS.yaml。",
    epilog="例：chunfeng answers read 检查表.xlsx --by 张三 -o 答卷.yaml",
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="文件…")
@click.option("-o", "target", required=True, type=click.Path(path_type=Path), metavar="文件或文件夹", help="写到哪里。")
@by_options
@force_option
@rules_option
def command(
    files: tuple[Path, ...], target: Path, by: str, at: str, basis: Basis | None, force: bool, rules: Path | None
) -> None:
    """Write one sheet a file (library: engine.formats.open_file, engine.answering.writing.sheet_yaml)."""
    from engine.answering.photographs import gather, photo_folder
    from engine.answering.writing import entered, sheet_yaml
    from engine.formats import open_file, read_attachments, source_of
    from engine.library.files import place
    from engine.writing import make_folder, write_atomically

    into_folder = len(files) > 1 or target.is_dir()
    targets = [target / f"{path.stem}.yaml" if into_folder else target for path in files]
    if len(set(targets)) < len(targets):
        wrong_use("有两个文件同名，写出来会互相覆盖；请分几次读取或改名")
    for path, written in zip(files, targets, strict=True):
        keep_inputs(written, *files)
        keep_existing(written, force)
        if path.is_dir():
            wrong_use(f"{path} 是文件夹，请写出其中的文件，例如 {path / '*.xlsx'}")
    failed = 0
    for path, written in zip(files, targets, strict=True):
        inspection, problems = open_file(place(rules), path, as_made=True, waiting=True)
        if inspection is None:
            show_problems(problems)
            failed += 1
            continue
        inspection = inspection._replace(sheet=entered(inspection.sheet, source_of(path), by=by, at=at, basis=basis))
        with reported():
            if into_folder:
                make_folder(target)
            gathered = gather(inspection.sheet, inspection.checklist, path, dict(read_attachments(path)), written)
            write_beside(gathered.files, force)
            inspection = inspection._replace(sheet=gathered.sheet)
            write_atomically(written, sheet_yaml(inspection))
        answered = sum(a.status != "not-checked" for a in inspection.sheet.answers.values())
        waiting = f"，{len(inspection.sheet.unsettled)} 项待确认" if inspection.sheet.unsettled else ""
        beside = f"，照片 {len(gathered.files)} 张在 {photo_folder(written)}" if gathered.files else ""
        for notice in gathered.notices:
            click.echo(f"注意：{notice}", err=True)
        click.echo(f"{written}：{len(inspection.checklist.items())} 项，已答 {answered}{waiting}{beside}")
    if failed and len(files) > 1:
        click.echo(f"{failed} 个文件没有读成，改正后只需再读这几个", err=True)
    raise click.exceptions.Exit(ExitCode.PROBLEMS if failed else ExitCode.CLEAN)

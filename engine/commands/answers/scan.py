"""chunfeng answers scan: scanned checklists read box by box, written as ANSWERS.yaml with pictures of handwriting."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.commands.console import keep_existing, keep_inputs, reported, show_problems, step, stop_on, wrong_use
from engine.commands.options import by_options, force_option, rules_option
from engine.exit_codes import ExitCode
from engine.model.sheet import Basis

if TYPE_CHECKING:
    from engine.model.sheet import Source
    from engine.scanning.layouts import Layout
    from engine.scanning.sheets import ScannedSheet

_MAX_LISTED = 40
"""Pictures listed on the screen."""


@click.command(
    help="读取手工填写后扫描的检查表：方框由程序识别，看不准的列为待确认，手写的字截成图片，由人录入。"
    "几家单位的页可以混在一起，给出各家的版面文件即可，页序不限。",
    short_help="读取扫描的纸质检查表。",
    epilog="例：chunfeng answers scan 扫描.pdf --layout 版面.json -o 答卷.yaml。"
    "请用 200 到 300 dpi 扫描整页，四角的黑方块都要扫进去。需要另装 OpenCV。",
)
@click.argument("files", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path), metavar="扫描件…")
@click.option(
    "--layout", "layouts", multiple=True, required=True, type=click.Path(dir_okay=False, path_type=Path),
    metavar="文件", help="印表时用 checklist --layout-out 写出的版面文件。可写多次。",
)  # fmt: skip
@click.option(
    "-o", "target", required=True, type=click.Path(path_type=Path), metavar="文件或文件夹",
    help="写到哪里：一份版面时是文件，几份时是文件夹，各写一份。图片写在旁边的 .pictures 文件夹。",
)  # fmt: skip
@by_options
@force_option
@rules_option
def command(
    files: tuple[Path, ...], layouts: tuple[Path, ...], target: Path, by: str, at: str, basis: Basis | None,
    force: bool, rules: Path | None,
) -> None:  # fmt: skip
    """Write one sheet for each checklist and site (library: engine.scanning.pages, engine.scanning.sheets)."""
    from engine.answering.head import opener
    from engine.library.files import place
    from engine.scanning.parts import installed, not_installed

    if not installed():
        stop_on([not_installed()])
    from engine.scanning.pages import read_pages
    from engine.scanning.sheets import sheet_of

    plans = _layouts(layouts)
    into_folder = len(plans) > 1 or target.is_dir()
    targets = {plan.key: target / f"{name}.yaml" if into_folder else target for plan, name in _named(plans)}
    for written in targets.values():
        keep_inputs(written, *files, *layouts)
        keep_existing(written, force)
    contents, sources = _sources(files)
    step("正在读取扫描件……")
    open_head = opener(place(rules))
    found, notices, problems = read_pages(contents, plans, open_head)
    written_to = []
    for pages in found:
        path = targets[pages.layout.key]
        sheet, wrong = sheet_of(place(rules), open_head, pages, sources, f"{path.stem}.pictures")
        problems += wrong
        if sheet is not None:
            with reported():
                _write(path, sheet, by, at, basis)
            written_to.append((path, sheet))
    for notice in notices:
        click.echo(f"注意：{notice}", err=True)
    show_problems(problems)
    for path, sheet in written_to:
        _report(path, sheet)
    if not found and not problems:
        click.echo("扫描件里没有检查表的页", err=True)
    raise click.exceptions.Exit(ExitCode.PROBLEMS if problems or not written_to else ExitCode.CLEAN)


def _layouts(paths: tuple[Path, ...]) -> list[Layout]:
    from engine.reading import read_bytes
    from engine.scanning.layouts import MAX_LAYOUT_BYTES, read_layouts

    found: dict[tuple[str, str, str, str], Layout] = {}
    for path in paths:
        content, problems = read_bytes(path, str(path), MAX_LAYOUT_BYTES)
        stop_on(problems)
        read, problems = read_layouts(content, str(path))
        stop_on(problems)
        found |= {layout.key: layout for layout in read}
    return list(found.values())


def _named(layouts: list[Layout]) -> list[tuple[Layout, str]]:
    """Return each layout with a name for its sheet: the site's, or the number of the checklist."""
    import json

    found: list[tuple[Layout, str]] = []
    for layout in layouts:
        name = json.loads(layout.head).get("site", {}).get("name", "")
        name = re.sub(r'[\\/:*?"<>|\s.]+', "_", name)[:60].strip("_") or layout.checklist
        taken = any(name == other for _, other in found)
        found.append((layout, f"{name}-{layout.checklist}-{layout.site}" if taken else name))
    return found


def _sources(files: tuple[Path, ...]) -> tuple[list[tuple[str, bytes]], list[Source]]:
    import hashlib

    from engine.model.sheet import MAX_SHORT, Source
    from engine.reading import read_bytes
    from engine.scanning.images import MAX_SCAN_BYTES

    if len({path.name for path in files}) < len(files):
        wrong_use("有两个扫描件同名，读出来分不清出处；请改名")
    contents, sources = [], []
    for path in files:
        content, problems = read_bytes(path, str(path), MAX_SCAN_BYTES)
        stop_on(problems)
        contents.append((str(path), content))
        digest = hashlib.sha256(content).hexdigest()
        sources.append(Source(way="scan", file=path.name[:MAX_SHORT], sha256=digest))
    return contents, sources


def _write(path: Path, sheet: ScannedSheet, by: str, at: str, basis: Basis | None) -> None:
    from engine.answering.writing import entered, sheet_yaml
    from engine.writing import make_folder, write_atomically

    make_folder(path.parent)
    folder = path.with_name(f"{path.stem}.pictures")
    if sheet.pictures:
        make_folder(folder)
    for name, picture in sheet.pictures.items():
        write_atomically(folder / name, picture)
    inspection = sheet.inspection
    inspection = inspection._replace(sheet=entered(inspection.sheet, by=by, at=at, basis=basis))
    write_atomically(path, sheet_yaml(inspection))


def _report(path: Path, sheet: ScannedSheet) -> None:
    for notice in sheet.notices:
        click.echo(f"注意：{path.name}：{notice}", err=True)
    answered = sum(a.status != "not-checked" for a in sheet.inspection.sheet.answers.values())
    waiting, typed = sheet.inspection.sheet.unsettled, sheet.to_type
    text = f"{path}：{len(sheet.inspection.checklist.items())} 项，已答 {answered}，{len(waiting)} 项待确认"
    click.echo(text + (f"，手写 {len(typed)} 处待录入（图片在 {path.stem}.pictures）" if typed else ""))
    for code, each in waiting.items():
        click.echo(f"  待确认 {code}：{each.why}")
    others = [each for each in typed if each.field.partition(".")[0] not in waiting]
    for place in others[:_MAX_LISTED]:
        click.echo(f"  待录入 第 {place.page} 页 {place.title}：图 {place.picture}")
    if len(others) > _MAX_LISTED:
        click.echo(f"  ……另有 {len(others) - _MAX_LISTED} 处")

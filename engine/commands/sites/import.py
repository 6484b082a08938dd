"""chunfeng sites import: any list of sites into the register."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.commands.console import keep_existing, pairs_of, reported, show_problems, wrong_use
from engine.commands.options import acting_options, rules_option
from engine.exit_codes import ExitCode

if TYPE_CHECKING:
    from engine.register.importing import Import

SHOWN = 20
"""Lines of one kind on the screen; all of them stand in the file of rejected rows, or in sites duplicates."""


@click.command(
    name="import",
    help="把任何一份单位表格（.xlsx、CSV）导入单位名录：自己找表头和各栏，先说明看懂了什么；"
    "核对统一社会信用代码的校验位，认出已登记的单位，列出可能重复的由人定。"
    "有问题的行不登记，连同原因写进 --rejected 的文件；其余的一次登记。同一份表格再导入一次，什么也不变。",
    short_help="把任何一份单位表格导入单位名录。",
    epilog="例：chunfeng sites import 2024春风 药店.xlsx --type retail-pharmacy --by 王芳 --rejected 退回.xlsx",
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹")
@click.argument("table", type=click.Path(dir_okay=False, path_type=Path), metavar="表格")
@click.option("--unit", default="", metavar="单位", help="没有写责任单位的行归哪个单位。")
@click.option("--type", "site_type", metavar="单位类型", help="没有写类型的行是哪种单位，例如 retail-pharmacy。")
@click.option("--column", "columns", multiple=True, metavar="表头=内容",
              help="更正对一栏的理解，例如 --column 商家=名称；不用的写 --column 备用=不用。可写多次。")  # fmt: skip
@click.option("--word", "words", multiple=True, metavar="词=单位类型",
              help="表中写类型的词是哪种单位，例如 --word 卫生所=clinic。可写多次。")  # fmt: skip
@click.option("--rejected", type=click.Path(dir_okay=False, path_type=Path), metavar="文件.xlsx",
              help="没有登记的行和原因写到这个文件；改正后可直接导入。")  # fmt: skip
@click.option("--update", is_flag=True, help="已登记的单位以表格为准更新（表中空着的不动）。不写则只列出不同之处。")
@click.option("--dry-run", is_flag=True, help="只看结果，不登记。")
@click.option("--force", is_flag=True, help="覆盖已有的 --rejected 文件。")
@acting_options
@rules_option
def command(
    folder: Path, table: Path, unit: str, site_type: str | None, columns: tuple[str, ...], words: tuple[str, ...],
    rejected: Path | None, update: bool, dry_run: bool, force: bool, by: str, at: str, rules: Path | None,
) -> None:  # fmt: skip
    """Import it (library: engine.workspace.register.import_sites)."""
    from engine.library.files import place
    from engine.workspace.folder import open_workspace
    from engine.workspace.register import Who, import_sites

    if rejected is not None:
        keep_existing(rejected, force)
        if rejected.resolve() == table.resolve():
            wrong_use("--rejected 不能是要导入的表格本身")
    with reported(), open_workspace(folder) as workspace:
        found = import_sites(
            workspace, place(rules), table, Who(by, at), unit=unit, site_type=site_type, update=update,
            columns=dict(pairs_of(columns)), words=dict(pairs_of(words)), dry_run=dry_run,
        )  # fmt: skip
        _tell(found, update, dry_run)
        if found.rejected:
            _give_back(found, rejected, at)
    raise click.exceptions.Exit(ExitCode.PROBLEMS if found.rejected else ExitCode.CLEAN)


def _tell(found: Import, update: bool, dry_run: bool) -> None:
    from engine.register.columns import LABELS
    from engine.workbooks.table import cell_name

    heading = found.heading
    click.echo(f"表头在第 {'、'.join(map(str, heading.rows))} 行，这样理解：")
    for column in heading.columns:
        letters = cell_name(1, column.number)[:-1]
        if column.field is not None:
            click.echo(
                f"  {letters} {column.title} → {LABELS.get(column.field, column.field)}{column.why and '（按要求）'}"
            )
    unused = [
        f"{cell_name(1, c.number)[:-1]} {c.title}{f'（{c.why}）' if c.why else ''}"
        for c in heading.columns
        if not c.field
    ]
    if unused:
        click.echo(f"  没有用：{'、'.join(unused)}")
    if found.passed:
        click.echo(f"跳过 {len(found.passed)} 行（合计、小标题、填表人等）：第 {_some(map(str, found.passed))} 行")
    verb = "可登记" if dry_run else "新登记"
    ids = f"（{found.new[0].id}—{found.new[-1].id}）" if found.new else ""
    click.echo(f"{verb} {len(found.new)} 家{ids}，已登记 {found.known} 家没有变化，没有登记 {len(found.rejected)} 行")
    if found.differing:
        done = "已按表格更新" if update and not dry_run else "与登记不同，没有改动（以表格为准请加 --update）"
        click.echo(f"{len(found.differing)} 家{done}：")
        for d in found.differing[:SHOWN]:
            click.echo(f"  第 {d.row} 行 {d.site.id} {d.site.name}：{'；'.join(d.what)}")
    if found.alike:
        click.echo(
            f"{len(found.alike)} 对可能是同一家，请用 sites duplicates 查看，用 sites merge 或 sites distinct 定下："
        )
        for pair in found.alike[:SHOWN]:
            click.echo(
                f"  {pair.first.id} {pair.first.name} / {pair.second.id} {pair.second.name}：{'、'.join(pair.reasons)}"
            )
    for notice in found.notices:
        click.echo(f"注意：{notice}", err=True)


def _some(texts: Iterable[str]) -> str:
    listed = list(texts)
    return "、".join(listed[:SHOWN]) + ("……" if len(listed) > SHOWN else "")


def _give_back(found: Import, rejected: Path | None, at: str) -> None:
    from engine.days import parse_day
    from engine.problems import problem
    from engine.register.importing import reasons_of, rejected_rows
    from engine.register.lists import list_book
    from engine.register.rows import shown
    from engine.writing import write_atomically

    for reason, numbers in reasons_of(found.rejected)[:SHOWN]:
        more = f"（共 {len(numbers)} 行）" if len(numbers) > 1 else ""
        click.echo(f"  第 {_some(map(str, numbers))} 行{more}：{reason}", err=True)
    for word, types in found.open_words:
        if not types:
            told = f"“{word}” 不是单位类型：用 --word {word}=单位类型 指明；这一栏写的是别的，就用 --column 表头=不用"
            click.echo(told, err=True)
        else:
            click.echo(
                f"“{word}” 是哪种单位请用 --word 指明，例如 --word {word}={types[0]}（可选：{'、'.join(types)}）",
                err=True,
            )
    if rejected is None:
        click.echo("要带着原因取回这些行，请加 --rejected 退回.xlsx", err=True)
        return
    header, rows, reasons = rejected_rows(found.heading, found.rejected)
    cells = [[*(shown(value) for value in row.cells), why] for row, why in zip(rows, reasons, strict=True)]
    day = parse_day(at[:10])
    assert day is not None
    content = list_book("没有登记的行", [*header, "不能登记的原因"], cells, day, open_cells=True)
    write_atomically(rejected, content)
    show_problems([problem("E832", count=len(rows), target=rejected)])

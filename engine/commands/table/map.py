"""chunfeng table map: a bureau's own header."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import keep_existing, keep_inputs, stop_on
from engine.commands.options import force_option, output_option, rules_option


@click.command(
    help="认出他们自己的表式里哪一列是哪一栏，写成对照文件。认出什么都列出来，请逐列核对；不认识的不填。"
    "认错的在对照文件里改，或把 column 写成 null。以后用 table show、table filings 的 --layout 和 --mapping 填表。",
    short_help="对照他们自己的表头。",
    epilog="例：chunfeng table map t0 附件.xlsx -o 对照.yaml",
)
@click.argument("table", metavar="统计表")
@click.argument("workbook", type=click.Path(dir_okay=False, path_type=Path), metavar="表格")
@output_option(required=True)
@force_option
@rules_option
def command(table: str, workbook: Path, target: Path, force: bool, rules: Path | None) -> None:
    """Write the mapping (library: engine.reports.mapping.guess_mapping)."""
    from engine.library.check_tables import read_table_file
    from engine.library.files import place
    from engine.reading import read_bytes
    from engine.reports.figures import title_of
    from engine.reports.mapping import guess_mapping
    from engine.source import dump
    from engine.workbooks.filling import read_grids
    from engine.workbooks.table import MAX_BYTES
    from engine.writing import write_atomically

    keep_existing(target, force)
    keep_inputs(target, workbook)
    definition, problems = read_table_file(place(rules), table)
    content, unread = read_bytes(workbook, str(workbook), MAX_BYTES)
    stop_on([*problems, *unread])
    assert definition is not None
    grids, problems = read_grids(content, str(workbook))
    stop_on(problems)
    guess, problems = guess_mapping(definition, grids, str(workbook))
    stop_on(problems)
    assert guess is not None
    head = "# yaml-language-server: $schema=rules/schemas/table-mapping.json\n"
    write_atomically(target, (head + dump(guess.mapping.model_dump(mode="json"))).encode())
    mapping = guess.mapping
    click.echo(f"工作表 {mapping.sheet}：数据从第 {mapping.first_row} 行开始，合计"
               + (f"在第 {mapping.last_row} 行" if mapping.last_row else "写在数据之后"))  # fmt: skip
    for letter, mapped in mapping.columns.items():
        if mapped.column is not None:
            of = "本期" if mapped.of == "period" else "累计"
            click.echo(
                f"{letter} 列 “{mapped.title}” → {mapped.column}　{title_of(definition.columns[mapped.column])}（{of}）"
            )
    for note in guess.notes:
        click.echo(note)
    click.echo(f"已写出 {target}，请逐列核对")

"""chunfeng rules import: a workbook of rules taken in; shown first, written when asked."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import print_json, reported, show_problems
from engine.commands.options import acting_options, format_option, rules_option
from engine.exit_codes import ExitCode
from engine.problems import errors


@click.command(
    name="import",
    help="导入改过的规则工作簿。先逐格检查（有错一次说全，指明哪一页哪一格），再用中文列出改了什么；"
    "只列不写，看过确认后加 --write 才写进 --rules 的目录，并在变更记录里记下原来、改为、原因、由谁、何时。"
    "没有改的内容、注释和次序原样不动。停用项目和改限值必须写变更原因。",
    short_help="导入改过的规则工作簿，先列出改动。",
    epilog="例：chunfeng rules import 规则.xlsx --by 王芳 --rules 本单位规则 --write",
)
@click.argument("workbook", type=click.Path(dir_okay=False, path_type=Path), metavar="工作簿")
@click.option("--campaign", metavar="行动", help="哪一次行动；只在工作簿的“程序用”页不在了时要写。")
@click.option("--write", is_flag=True, help="写进 --rules 的目录。不写这个选项只列出改动。")
@acting_options
@format_option
@rules_option
def command(
    workbook: Path, campaign: str | None, write: bool, by: str, at: str, output: str, rules: Path | None
) -> None:
    """Show, and write if asked (library: engine.rule_sheets.importing.read_import, write_import)."""
    from engine.library.files import place
    from engine.rule_sheets.importing import difference, read_import, write_import

    here = place(rules)
    with reported(output):
        found = read_import(here, workbook, campaign, by, at)
        wrong = errors(found.problems)
        written = write_import(here, found) if write and not wrong else []
    if output == "json":
        print_json(
            {
                "kind": "rules-import", "schema": 1, "campaign": found.campaign,
                "changes": [
                    {"cell": cell, **note.model_dump(mode="json", exclude={"kept", "before"})}
                    for note, cell in zip(found.notes, found.cells, strict=True)
                ],
                "remarks": list(found.remarks), "problems": [p.as_json() for p in found.problems],
                "written": [str(path) for path in written],
            }
        )  # fmt: skip
    else:
        show_problems(found.problems)
        for remark in found.remarks:
            click.echo(f"注意：{remark}")
        for line in difference(found):
            click.echo(line)
        for path in written:
            click.echo(f"已写入 {path}")
        click.echo(_summary(len(found.notes), len(wrong), written=bool(written)))
    raise click.exceptions.Exit(ExitCode.PROBLEMS if wrong else ExitCode.CLEAN)


def _summary(changes: int, wrong: int, *, written: bool) -> str:
    if wrong:
        return f"{wrong} 处要先改正，什么也没有写"
    if not changes:
        return "没有改动"
    return f"改动 {changes} 处，" + ("已写入" if written else "还没有写；确认后加 --write")

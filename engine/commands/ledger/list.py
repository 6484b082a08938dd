"""chunfeng ledger list: the ledgers there are."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import print_json, reported
from engine.commands.options import format_option, rules_option


@click.command(
    help="列出有哪些台账、各由谁登记、有哪些栏目；给出工作目录的，列出各有多少条。", short_help="列出有哪些台账。"
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="[文件夹]", required=False)
@click.option("--columns", is_flag=True, help="同时列出各台账的栏目。")
@format_option
@rules_option
def command(folder: Path | None, columns: bool, output: str, rules: Path | None) -> None:
    """Print them (library: engine.workspace.ledgers.read_ledgers)."""
    from engine.follow_up.lines import counted
    from engine.library.files import place
    from engine.workspace.folder import open_workspace
    from engine.workspace.ledgers import ledger_entries, read_ledgers

    counts: dict[str, int] = {}
    with reported(output):
        ledgers = read_ledgers(place(rules))
        if folder is not None:
            with open_workspace(folder) as workspace, workspace.store.reading() as reader:
                counts = {name: len(counted(ledger_entries(reader, each))) for name, each in ledgers.items()}
    if output == "json":
        shown = [each.model_dump(mode="json", by_alias=True, exclude_defaults=True) for each in ledgers.values()]
        print_json({"kind": "ledgers", "schema": 1, "ledgers": shown, "counts": counts})
        return
    for name, ledger in ledgers.items():
        count = f"　{counts[name]} 条" if folder is not None else ""
        click.echo(f"{name}　{ledger.title}（{ledger.keeper}）{count}")
        for each, column in ledger.columns.items() if columns else ():
            options = f"：{'、'.join(column.options)}" if column.options else ""
            click.echo(f"    {column.label}（{each}，{column.type}{'，必填' if column.required else ''}）{options}")

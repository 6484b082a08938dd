"""chunfeng table list: the tables that there are."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import print_json, stop_on
from engine.commands.options import format_option, rules_option


@click.command(help="列出统计表：名称、标题、栏数。", short_help="列出统计表。")
@format_option
@rules_option
def command(output: str, rules: Path | None) -> None:
    """Print the tables (library: engine.library.check_tables.read_tables)."""
    from engine.library.check_tables import read_tables
    from engine.library.files import place

    tables, problems = read_tables(place(rules))
    stop_on(problems, output)
    if output == "json":
        listed = [{"table": t.table, "title": t.title, "shows": t.shows, "columns": list(t.columns)} for t in tables]
        print_json({"kind": "tables", "schema": 1, "tables": listed})
        return
    for table in tables:
        shows = "累计" if table.shows == "total" else "本期和累计"
        click.echo(f"{table.table}　{table.title}（{len(table.columns)} 栏，{shows}）")

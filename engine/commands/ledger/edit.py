"""chunfeng ledger edit: an entry of a ledger changed; what it was stays in the trail."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported, stop_on
from engine.commands.options import acting_options, rules_option, why_option


@click.command(
    help="改一条：写出要改的栏目，列= 后面空着是清空（必填的不能清空）。原来的内容留在办理记录里。",
    short_help="改一条，要写理由。",
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹")
@click.argument("entry", metavar="编号")
@click.argument("words", nargs=-1, required=True, metavar="列=值…")
@why_option("为什么改")
@click.option("--unit", metavar="单位", help="改责任单位。")
@acting_options
@rules_option
def command(
    folder: Path, entry: str, words: tuple[str, ...], why: str, unit: str | None, by: str, at: str, rules: Path | None
) -> None:
    """Keep the next version (library: engine.workspace.ledgers.add_entries)."""
    from engine.follow_up.cells import shown_value
    from engine.follow_up.lines import Line, typed_line, values_of
    from engine.library.files import place
    from engine.problems import Mark
    from engine.workspace.folder import open_workspace
    from engine.workspace.ledgers import add_entries, known_entry, read_ledgers

    with reported(), open_workspace(folder) as workspace:
        ledgers = read_ledgers(place(rules))
        with workspace.store.reading() as reader:
            old = known_entry(reader, entry)
        ledger = ledgers[old.ledger]
        given, problems = typed_line(ledger, words)
        stop_on(problems)
        kept = {n: shown_value(c, old.values[n]) for n, c in ledger.columns.items() if n in old.values}
        values, problems = values_of(ledger, {**kept, **given}, lambda column: Mark(""))
        stop_on(problems)
        line = Line(values, unit or old.unit, Mark(""), old.id, old.inspection or "", old.finding or "")
        taken = add_entries(workspace, ledger, [line], by=by, at=at, why=why)
    click.echo(f"{entry} {'已改' if taken.changed else '与原来相同，没有改动'}")

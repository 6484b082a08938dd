"""chunfeng table people: what 人次 means."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported
from engine.commands.options import acting_options, workspace_argument


@click.command(
    help="定人次的口径：人·日（同一执法人员一天只计一次）或人·户（检查一户计一次）。印在统计表下面；报送过的表不变。",
    short_help="定人次的口径。",
)
@workspace_argument
@click.argument("meaning", type=click.Choice(["人·日", "人·户"]), metavar="口径")
@acting_options
def command(folder: Path, meaning: str, by: str, at: str) -> None:
    """Keep the setting (library: engine.workspace.tabling.set_people)."""
    from engine.reports.layout import PEOPLE_WORDS
    from engine.workspace.folder import open_workspace
    from engine.workspace.tabling import set_people

    with reported(), open_workspace(folder) as workspace:
        people = set_people(workspace.store, "person-days" if meaning == "人·日" else "person-visits", by=by, at=at)
    click.echo(f"{PEOPLE_WORDS[people]}")

"""chunfeng visits supplement: what is added to a sealed visit."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported
from engine.commands.options import acting_options, why_option, workspace_argument


@click.command(
    help="给已归档的检查补充更正说明或文件（例如更正的笔录、签字件扫描）；归档的记录本身不改动。",
    short_help="归档以后补充。",
)
@workspace_argument
@click.argument("inspection", metavar="检查号")
@click.option("--text", default="", metavar="说明", help="更正、补充的内容。")
@click.option(
    "--file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="文件", help="补充的文件。"
)
@why_option("为什么补充")
@acting_options
def command(folder: Path, inspection: str, text: str, file: Path | None, why: str, by: str, at: str) -> None:
    """Add it (library: engine.workspace.sealing.supplement)."""
    from engine.workspace.folder import open_workspace
    from engine.workspace.register import Who
    from engine.workspace.sealing import supplement

    with reported(), open_workspace(folder) as workspace:
        visit = supplement(workspace, inspection, text, file, Who(by, at, why))
    click.echo(f"{visit.id}：已补充，共 {len(visit.supplements)} 次")

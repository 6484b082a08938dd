"""chunfeng findings correct: findings are corrected, on evidence."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported
from engine.commands.options import acting_options, why_option


@click.command(
    help="认定已改正（书面复查、当场改正）：附上改正的证据，按 SHA-256 存入工作目录。现场复查的用 findings review。",
    short_help="认定已改正，附证据。",
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹")
@click.argument("ids", nargs=-1, required=True, metavar="问题编号…")
@click.option(
    "--evidence",
    multiple=True,
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="文件",
    help="照片、整改报告等；可写多次。",
)
@why_option("怎样核实的")
@acting_options
def command(folder: Path, ids: tuple[str, ...], evidence: tuple[Path, ...], why: str, by: str, at: str) -> None:
    """Take the step (library: engine.follow_up.findings.correct, engine.workspace.findings.take_step)."""
    from engine.follow_up.findings import correct
    from engine.workspace.findings import keep_evidence, take_step
    from engine.workspace.folder import open_workspace
    from engine.workspace.register import Who

    who = Who(by, at, why)
    with reported(), open_workspace(folder) as workspace:
        kept = keep_evidence(workspace, evidence)
        done = take_step(workspace, ids, lambda f: correct(f, on=who.day, evidence=kept), who, "认定已改正")
    for finding in done:
        click.echo(f"{finding.id} 已改正，证据 {len(finding.evidence)} 件")

"""chunfeng findings fail: findings were not corrected in time; each becomes a clue."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported, stop_on
from engine.commands.options import acting_options, rules_option, why_option


@click.command(
    help="认定未改正：期限已过、没有改正的，转为案件线索，登记入线索台账，写明首办单位和首办人。",
    short_help="认定未改正，转为线索。",
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹")
@click.argument("ids", nargs=-1, required=True, metavar="问题编号…")
@click.option("--first-unit", required=True, metavar="单位", help="首办单位。")
@click.option("--first-person", required=True, metavar="姓名", help="首办人。")
@click.option(
    "--evidence",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="文件",
    help="没有改正的证据；可写多次。",
)
@why_option("怎样核实的")
@acting_options
@rules_option
def command(
    folder: Path, ids: tuple[str, ...], first_unit: str, first_person: str, evidence: tuple[Path, ...], why: str,
    by: str, at: str, rules: Path | None,
) -> None:  # fmt: skip
    """Take the step (library: engine.workspace.findings.fail_findings)."""
    from engine.follow_up.lines import ledger_named
    from engine.library.files import place
    from engine.workspace.findings import CLUE, Clue, fail_findings, keep_evidence
    from engine.workspace.folder import open_workspace
    from engine.workspace.ledgers import read_ledgers
    from engine.workspace.register import Who

    with reported():
        ledger, problems = ledger_named(read_ledgers(place(rules)), CLUE)
        stop_on(problems)
        assert ledger is not None
        with open_workspace(folder) as workspace:
            kept = keep_evidence(workspace, evidence)
            done = fail_findings(workspace, ids, ledger, Clue(first_unit, first_person), Who(by, at, why), kept)
    for finding in done:
        click.echo(f"{finding.id} 未改正，已转线索 {finding.clue}")

"""chunfeng evaluate: the findings that a completed answer sheet shows."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import print_json, reported, stop_on
from engine.commands.options import format_option, rules_option
from engine.exit_codes import ExitCode


@click.command(
    help="根据填好的答卷（answers read 能读的任何一种文件）提出问题、等级、依据和处理建议。"
    "没有发现问题返回 0，发现问题返回 1（供脚本使用）。"
)
@click.argument("answers", type=click.Path(dir_okay=False, path_type=Path), metavar="答卷")
@format_option
@click.option("--explain", is_flag=True, help="逐条说明理由：问了什么、答了什么、限值、怎样算通过。")
@click.option("--campaign", metavar="行动", help="答卷必须属于这次行动，否则拒绝。")
@click.option("--as-made", is_flag=True, help="答卷是按旧版规则填写的，就按那个版本办理，不用现行版本。")
@rules_option
def command(answers: Path, output: str, explain: bool, campaign: str | None, as_made: bool, rules: Path | None) -> None:
    """Print the evaluation (library: engine.formats.open_file, engine.inspections.opening.evaluate)."""
    from engine.documents.text import evaluation_text
    from engine.formats import open_file
    from engine.inspections.opening import evaluate
    from engine.library.files import place

    inspection, problems = open_file(place(rules), answers, campaign=campaign, as_made=as_made)
    stop_on(problems, output)
    assert inspection is not None
    with reported(output):
        evaluation = evaluate(inspection)
    if output == "json":
        print_json({"kind": "findings", "schema": 1, **evaluation.model_dump(mode="json")})
    else:
        click.echo(evaluation_text(evaluation, inspection.checklist, explain=explain))
    raise click.exceptions.Exit(ExitCode.PROBLEMS if evaluation.findings else ExitCode.CLEAN)

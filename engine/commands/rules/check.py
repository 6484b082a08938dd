"""chunfeng rules check: everything that is wrong with the rules."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import print_json, show_problems
from engine.commands.options import format_option, rules_option
from engine.exit_codes import ExitCode


@click.command(help="检查全部规则：写法、名称、条件、依据、日期、发布。没有错误返回 0（供脚本使用）。")
@format_option
@click.option("--strict", is_flag=True, help="草案中的问题也算错误。")
@rules_option
def command(output: str, strict: bool, rules: Path | None) -> None:
    """Print the problems (library: engine.library.check.check_library, releases.check_releases)."""
    from engine.library.check import check_library
    from engine.library.files import place
    from engine.library.load import load_library
    from engine.library.releases import check_releases
    from engine.problems import errors, sort

    library = load_library(place(rules))
    problems = list(check_library(library))
    if not errors(problems):
        problems += check_releases(library)
    ordered = sort(problems)
    counts = {kind: sum(1 for p in ordered if p.severity == kind) for kind in ("error", "unverified", "draft")}
    if output == "json":
        print_json({"kind": "problems", "schema": 1, "counts": counts, "problems": [p.as_json() for p in ordered]})
    else:
        show_problems(ordered)
        rules_count = sum(len(p.value.rules) for p in library.priorities.values())
        click.echo(
            f"规则 {rules_count} 条：错误 {counts['error']}，待核 {counts['unverified']}，草案问题 {counts['draft']}"
        )
    failed = counts["error"] or (strict and counts["draft"])
    raise click.exceptions.Exit(ExitCode.PROBLEMS if failed else ExitCode.CLEAN)

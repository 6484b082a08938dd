"""chunfeng rules test: the rules' own cases."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import print_json, reported, show_problems, stop_on, wrong_use
from engine.commands.options import format_option, rules_option
from engine.exit_codes import ExitCode
from engine.problems import did_you_mean


@click.command(help="运行每条规则自带的用例，并列出用例没有试到的条件。")
@click.argument("rule", required=False, default="", metavar="[规则或主题]")
@format_option
@rules_option
def command(rule: str, output: str, rules: Path | None) -> None:
    """Print the result (library: engine.rulebook.cases.run_cases)."""
    from engine.library.check import check_library
    from engine.library.files import place
    from engine.library.load import load_library
    from engine.library.resolve import rules_of
    from engine.rulebook.cases import run_cases

    library = load_library(place(rules))
    stop_on(check_library(library), output)
    with reported(output):
        report = run_cases(library, rule)
    if rule and not report.cases:
        names = [r.id for _, _, r in rules_of(library)]
        wrong_use(f"没有以 “{rule}” 开头的规则。{did_you_mean(rule, names)}".rstrip("。"))
    shares = {word: report.share(value) for word, value in (("真", True), ("假", False), ("未知", None))}
    if output == "json":
        print_json(
            {
                "kind": "cases", "schema": 1, "cases": report.cases, "problems": [p.as_json() for p in report.problems],
                "coverage": [
                    {"path": c.mark.path, "line": c.mark.line, "column": c.mark.column, "text": c.text,
                     "seen": sorted(str(v) for v in c.seen)}
                    for c in report.coverage
                ],
            }
        )  # fmt: skip
    else:
        show_problems(report.problems)
        for c in report.coverage:
            if c.missing:
                click.echo(f"{c.mark.path}:{c.mark.line}:{c.mark.column}: 没有试到{c.missing}：{c.text}")
        click.echo(f"用例 {report.cases} 个，不符 {len(report.problems)} 个")
        click.echo("条件覆盖：" + "，".join(f"{word} {seen}/{total}" for word, (seen, total) in shares.items()))
    raise click.exceptions.Exit(ExitCode.PROBLEMS if report.problems else ExitCode.CLEAN)

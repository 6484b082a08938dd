"""chunfeng campaign coverage: the clauses of a plan and what answers them."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import print_json, reported, show_problems, step_of_typesetting, stop_on, wrong_use
from engine.commands.options import format_option, output_option, rules_option
from engine.exit_codes import ExitCode


@click.command(
    help="逐条列出方案条款由什么落实，再列出各类单位的项目：哪些是方案要求的，哪些是日常项目。"
    "有条款没有落实、有规则不会列入任何检查表，返回 1。-o 打印成 PDF，供领导审阅。",
    short_help="逐条列出方案条款由什么落实。",
    epilog="例：chunfeng campaign coverage 2024 -o 落实表.pdf",
)
@click.argument("campaign", metavar="行动")
@format_option
@output_option()
@rules_option
def command(campaign: str, output: str, target: Path | None, rules: Path | None) -> None:
    """Print the matrix (library: engine.campaigns.coverage.coverage, engine.documents.papers.coverage_pdf)."""
    from engine.campaigns.coverage import coverage
    from engine.documents.plan_text import count_lines, coverage_text
    from engine.library.check import check_library
    from engine.library.files import place
    from engine.library.load import load_library
    from engine.problems import sort
    from engine.writing import write_atomically

    if target is not None and target.suffix.lower() != ".pdf":
        wrong_use(f"{target} 的结尾应为 .pdf")
    library = load_library(place(rules))
    stop_on(check_library(library), output)
    found, problems = coverage(library, campaign)
    if found is None:
        stop_on(problems, output)
        return
    if output == "json":
        listed = [p.as_json() for p in sort(problems)]
        content = found.model_dump(mode="json", by_alias=True)
        print_json({"kind": "coverage", "schema": 1, **content, "problems": listed})
    else:
        click.echo("\n".join(count_lines(found)) if target is not None else coverage_text(found))
    if problems:
        if output == "text":
            show_problems(problems)
        raise click.exceptions.Exit(ExitCode.PROBLEMS)
    if target is not None:
        from engine.documents.papers import coverage_pdf

        with reported(output):
            step_of_typesetting()
            write_atomically(target, coverage_pdf(found))
        click.echo(str(target), err=True)

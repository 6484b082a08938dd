"""chunfeng visits seal: a visit is final."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported, show_problems
from engine.commands.options import acting_options, rules_option, workspace_argument
from engine.exit_codes import ExitCode


@click.command(
    help="归档：记录齐全、能印正式文书的，取出统计要用的各项和问题，从此不再改动；以后的更正用 visits supplement 补充。"
    "改正以后又查到的（反弹）、以前查到还没有改正的，由程序指明。几个检查逐个归档，一个不能归档不影响其他。",
    short_help="归档一次检查。",
)
@workspace_argument
@click.argument("inspections", nargs=-1, required=True, metavar="检查号…")
@acting_options
@rules_option
def command(folder: Path, inspections: tuple[str, ...], by: str, at: str, rules: Path | None) -> None:
    """Seal them (library: engine.workspace.sealing.seal)."""
    from engine.library.files import place
    from engine.problems import ProblemError
    from engine.register.life import STATES
    from engine.workspace.folder import open_workspace
    from engine.workspace.register import Who
    from engine.workspace.sealing import seal

    failed = False
    with reported(), open_workspace(folder) as workspace:
        for inspection in dict.fromkeys(inspections):
            try:
                sealed = seal(workspace, place(rules), inspection, Who(by, at))
            except ProblemError as error:
                show_problems(error.problems)
                failed = True
                continue
            visit, findings = sealed.inspection, sealed.findings
            again = [f"{f.id}（{f.recurs}）" for f in findings if f.recurs]
            told = f"，其中反弹：{'、'.join(again)}" if again else ""
            click.echo(f"{visit.id}：{STATES[visit.state]}，问题 {len(findings)} 个{told}")
            for new, old in sealed.not_put_right:
                todo = "到期的用 findings fail 转线索，不要再发责令改正"
                click.echo(f"  {new} 与 {old} 相同，{old} 还没有认定改正：{todo}")
    raise click.exceptions.Exit(ExitCode.PROBLEMS if failed else ExitCode.CLEAN)

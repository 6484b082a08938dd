"""chunfeng answers new: an annotated blank answer sheet."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from engine.commands.console import keep_existing, reported, stop_on
from engine.commands.options import checklist_options, force_option, output_option, rules_option, site_type_argument


@click.command(help="生成带说明的空白答卷（YAML），用记事本填写。")
@site_type_argument()
@checklist_options
@output_option()
@force_option
@rules_option
def command(
    site_type: str, campaign: str, site_file: Path | None, has: str | None, day: date | None,
    earlier: Path | None, joint: tuple[str, ...], routine: bool, target: Path | None, force: bool, rules: Path | None,
) -> None:  # fmt: skip
    """Write or print the sheet (library: engine.inspections.planning.plan_checklist, engine.formats.yaml)."""
    from engine.formats.yaml import write_checklist
    from engine.inspections.planning import plan_checklist
    from engine.writing import write_atomically

    checklist, problems = plan_checklist(
        site_type, campaign, site_file, has, day, routine=routine, rules=rules, earlier=earlier, joint=joint
    )
    stop_on(problems)
    assert checklist is not None
    content = write_checklist(checklist)
    if target is None:
        click.echo(content.decode(), nl=False)
        return
    keep_existing(target, force)
    with reported():
        write_atomically(target, content)
    for notice in checklist.notices:
        click.echo(f"注意：{notice}", err=True)
    click.echo(f"{target}：{len(checklist.items())} 项，检查表编号 {checklist.id}")

"""chunfeng sites show: one site with its visits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.commands.console import json_text, reported
from engine.commands.options import format_option, workspace_argument

if TYPE_CHECKING:
    from engine.model.workspace import Kept


@click.command(help="显示一家单位的登记、检查和问题（一户一档）。", short_help="显示一家单位。")
@workspace_argument
@click.argument("site", metavar="单位编号")
@format_option
def command(folder: Path, site: str, output: str) -> None:
    """Print it (library: engine.workspace.register.site_of)."""
    from engine.model.workspace import Inspection, KeptFinding
    from engine.register.life import STATES
    from engine.workspace.folder import open_workspace
    from engine.workspace.register import site_of

    with reported(), open_workspace(folder) as workspace, workspace.store.reading() as reader:
        found = site_of(reader, site)
        visits, findings = reader.all(Inspection, site=site), reader.all(KeptFinding, site=site)
    if output == "json":
        things: dict[str, Sequence[Kept]] = {"site": [found], "inspections": visits, "findings": findings}
        dumped = {n: [e.model_dump(mode="json", exclude_defaults=True) for e in kept] for n, kept in things.items()}
        click.echo(json_text({"kind": "site", "schema": 1, **dumped}))
        return
    click.echo(f"{found.id} {found.name}（{found.site_type}）")
    lines = {"责任单位": found.unit, "统一社会信用代码": found.credit_code, "重点区域": "、".join(found.areas),
             "停业日期": str(found.closed or ""), "并入": found.merged_into or "", "备注": found.note,
             **{f"重点检查对象（{name}）": why for name, why in found.focus.items()}}  # fmt: skip
    for label, text in (*lines.items(), *sorted(found.identity.items())):
        if text:
            click.echo(f"  {label}：{text}")
    if found.attributes:
        held = "、".join(f"{name} {'有' if has else '无'}" for name, has in sorted(found.attributes.items()))
        click.echo(f"  业务范围：{held}")
    for visit in visits:
        day = visit.facts.date if visit.facts else visit.planned or ""
        click.echo(f"  检查 {visit.id} {day} {STATES[visit.state]} {visit.unit}")
    for finding in findings:
        again = f"，以前查到过：{finding.recurs}" if finding.recurs else ""
        click.echo(f"  问题 {finding.id} {finding.grade.label} {finding.sentence[:60]}{again}")

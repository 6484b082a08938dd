"""chunfeng sites duplicates: sites that may be the same."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from engine.commands.console import reported, show_list
from engine.commands.options import list_options, workspace_argument


@click.command(
    help="列出可能是同一家的登记和理由：统一社会信用代码、许可证号、名称、地址相同（不分全角半角、括号、空格）。"
    "由人用 sites merge 合并，或用 sites distinct 认定不是同一家。",
    short_help="列出可能重复的登记。",
)
@workspace_argument
@click.option("--all-types", is_flag=True, help="类型不同的也列；一家单位的两种业务本来分别登记。")
@list_options
def command(folder: Path, all_types: bool, output: str, target: Path | None) -> None:
    """Print them (library: engine.register.matching.alike)."""
    from engine.model.workspace import RegisteredSite
    from engine.register.matching import alike
    from engine.workspace.folder import open_workspace

    with reported(), open_workspace(folder) as workspace:
        with workspace.store.reading() as reader:
            pairs = alike(reader.all(RegisteredSite), across_types=all_types)
        rows = [
            (p.first.id, p.first.name, p.first.credit_code, p.second.id, p.second.name, p.second.credit_code,
             "、".join(p.reasons))
            for p in pairs
        ]  # fmt: skip
        header = ("编号", "名称", "信用代码", "编号", "名称", "信用代码", "理由")
        data = {"kind": "alike", "schema": 1, "pairs": [
            {"first": p.first.id, "second": p.second.id, "reasons": list(p.reasons)} for p in pairs
        ]}  # fmt: skip
        show_list("可能重复的登记", header, rows, data, output=output, target=target, day=date.today())

"""chunfeng checklist: the blank checklist of a site type in a campaign."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from engine.commands.console import keep_existing, reported, step_of_typesetting, stop_on, wrong_use
from engine.commands.options import checklist_options, force_option, output_option, rules_option
from engine.formats import format_names, format_of_suffix, load_format


@click.command(
    help="生成一种单位的空白检查表。单位类型如 retail-pharmacy（药店）、clinic（诊所），写错时列出全部。",
    short_help="生成一种单位的空白检查表。",
    epilog="例：chunfeng checklist retail-pharmacy --campaign 2024 --has cold,rx -o 检查表.pdf",
)
@checklist_options
@click.option(
    "--as",
    "kind",
    type=click.Choice(format_names()),
    help="文件种类：pdf 打印，fillable-pdf 在电脑上填写的 PDF，web-page 网页，yaml 答卷，json 给其他程序用；"
    "不写则看文件名的结尾。",
)
@click.option(
    "--layout-out", "layout", type=click.Path(dir_okay=False, path_type=Path), metavar="文件",
    help="另写一个 JSON：PDF 上每个方框、每处空白的位置，供扫描识别；只用于 pdf 和 fillable-pdf。",
)  # fmt: skip
@output_option(required=True)
@force_option
@rules_option
def command(
    site_type: str, campaign: str, site_file: Path | None, has: str | None, day: date | None,
    earlier: Path | None, joint: tuple[str, ...], routine: bool, kind: str | None, layout: Path | None, target: Path,
    force: bool, rules: Path | None,
) -> None:  # fmt: skip
    """Write the checklist (library: engine.inspections.planning.plan_checklist, engine.formats)."""
    from engine.inspections.planning import plan_checklist
    from engine.writing import write_atomically

    kind = kind or format_of_suffix(target.suffix)
    if kind is None:
        wrong_use(f"看不出 “{target.name}” 是哪种文件，请用 --as 指明：{'、'.join(format_names())}")
    paged = [name for name in format_names() if hasattr(load_format(name), "write_with_layout")]
    if layout is not None and kind not in paged:
        wrong_use(f"--layout-out 只用于 {'、'.join(paged)}")
    if layout is not None and layout.resolve() == target.resolve():
        wrong_use("--layout-out 和 -o 不能是同一个文件")
    for path in (target, layout or target):
        if path.suffix.lower() in (".yaml", ".yml") or (kind == "yaml" and path == target):
            keep_existing(path, force)
    checklist, problems = plan_checklist(
        site_type, campaign, site_file, has, day, routine=routine, rules=rules, earlier=earlier, joint=joint
    )
    stop_on(problems)
    assert checklist is not None
    with reported():
        if kind in paged:
            step_of_typesetting()
        if layout is None:
            content = load_format(kind).write_checklist(checklist)
        else:
            content, places = load_format(kind).write_with_layout(checklist)
            write_atomically(layout, places)
        write_atomically(target, content)
    for notice in checklist.notices:
        click.echo(f"注意：{notice}", err=True)
    click.echo(f"{target}：{checklist.type.title}，{len(checklist.items())} 项，检查表编号 {checklist.id}")

"""chunfeng record attach: files beside a record become lines of its evidence."""

from __future__ import annotations

from pathlib import Path
from unicodedata import category

import click

from engine.commands.console import reported, stop_on, wrong_use

_KINDS = ("照片", "录音录像", "复印件", "签字件扫描", "抽样单", "清单", "实物", "其他")
"""As the model has them; it is loaded when the command runs, so that help stays quick."""
_MOST = 400


def _numbers(ctx: click.Context, param: click.Parameter, value: str) -> tuple[int, ...]:
    """Return the numbers in “1,3”."""
    parts = [part.strip() for part in value.replace("，", ",").replace("、", ",").split(",") if part.strip()]
    wrong = [p for p in parts if not (p.isascii() and p.isdecimal() and len(p) < 7 and int(p))]
    if wrong:
        raise click.BadParameter(f"“{wrong[0][:20]}” 不是问题的序号，请写成 1,3 的样子", ctx, param)
    return tuple(int(part) for part in parts)


def _short(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """Return a text that fits in its field on one line."""
    if len(value) > _MOST or any(category(sign)[0] == "C" for sign in value):
        raise click.BadParameter(f"最多 {_MOST} 字，写在一行", ctx, param)
    return value


@click.command(
    help="把与记录放在同一文件夹的照片等文件登记为证据。逐件编号、算出 SHA-256，写进记录的 evidence；"
    "文件不复制、不改动，记录里原有的内容和注释都不动。",
    short_help="把照片等文件登记为证据，算出 SHA-256。",
)
@click.argument("record", type=click.Path(dir_okay=False, path_type=Path), metavar="记录.yaml")
@click.argument("files", type=click.Path(dir_okay=False, path_type=Path), metavar="文件…", nargs=-1, required=True)
@click.option("--what", type=click.Choice(_KINDS), default="照片", show_default=True, help="证据种类。")
@click.option("--proves", default="", metavar="文字", callback=_short, help="证明什么。")
@click.option("--findings", default="", metavar="序号,…", callback=_numbers, help="证明哪几个问题，例如 1,3。")
@click.option("--taken", default="", metavar="文字", callback=_short, help="何时、何地取得。")
@click.option("--by", default="", metavar="文字", callback=_short, help="由谁取得（两人）。")
def command(
    record: Path, files: tuple[Path, ...], what: str, proves: str, findings: tuple[int, ...], taken: str, by: str
) -> None:
    """Write the lines of evidence (library: engine.inspections.attaching.attach)."""
    from engine.inspections.attaching import attach
    from engine.model.record import Evidence

    if any(file.resolve() == record.resolve() for file in files):
        wrong_use(f"{record} 是记录本身，不能作为证据")
    template = Evidence.model_validate(
        {"number": "", "what": what, "proves": proves, "findings": findings, "taken": taken, "by": by}
    )
    with reported():
        added, problems = attach(record, files, template)
        stop_on(problems)
    for line in added:
        click.echo(f"证据 {line.number}　{line.what}　{line.file}　SHA-256 {line.sha256}")
    click.echo(f"{record}：登记证据 {len(added)} 件")

"""chunfeng sites focus: the sites that a campaign looks at first."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported, show_list, wrong_use
from engine.commands.options import acting_options, list_options, workspace_argument

HEADER = ("序号", "编号", "名称", "单位类型", "责任单位", "信用代码", "地址", "重点区域", "列入理由")


@click.command(
    help="重点检查对象名单（方案“明确重点检查对象”）：按条件列入（--add，写明理由），再逐家增删，列出或印成表，供审批签字。",
    short_help="重点检查对象名单。",
    epilog="例：chunfeng sites focus 2024春风 --add 冷链药品 --type retail-pharmacy --has cold --by 王芳",
)
@workspace_argument
@click.argument("sites", nargs=-1, metavar="[单位编号]…")
@click.option("--add", "reason", metavar="理由", help="把写出的、或按下列条件选出的单位列入，理由印在名单上。")
@click.option("--remove", metavar="理由", help="把写出的单位移出，理由记入办理记录。")
@click.option("--unit", default="", metavar="单位", help="责任单位。")
@click.option("--type", "site_type", default="", metavar="单位类型", help="例如 retail-pharmacy。")
@click.option("--area", default="", metavar="区域", help="重点区域；写 '*' 是任何重点区域。")
@click.option("--has", multiple=True, metavar="属性", help="有哪项业务，例如 cold。可写多次。")
@click.option("--had-findings", is_flag=True, help="以前检查有问题的。")
@list_options
@acting_options
def command(
    folder: Path, sites: tuple[str, ...], reason: str | None, remove: str | None, unit: str, site_type: str, area: str,
    has: tuple[str, ...], had_findings: bool, output: str, target: Path | None, by: str, at: str,
) -> None:  # fmt: skip
    """List or change it (library: engine.register.selecting.chosen, engine.workspace.register.set_focus)."""
    from engine.model.workspace import KeptFinding, RegisteredSite
    from engine.register.selecting import Query, chosen
    from engine.workspace.folder import open_workspace
    from engine.workspace.register import Who, set_focus, unit_of
    from engine.workspace.settings import bureau_of, campaign_of

    if reason is not None and remove is not None:
        wrong_use("--add 和 --remove 一次只写一个")
    if remove is not None and not sites:
        wrong_use("--remove 请写单位编号")
    if any(each is not None and not each.strip() for each in (reason, remove)):
        wrong_use("请写明理由")
    with reported(), open_workspace(folder) as workspace:
        with workspace.store.reading() as reader:
            campaign, registered = campaign_of(reader), reader.all(RegisteredSite)
            authority = bureau_of(reader).authority
            query = Query(unit_of(reader, unit) if unit else "", site_type, area, has, True, with_findings=had_findings)
            asked = bool(unit or site_type or area or has or had_findings)
            found = chosen(registered, query, reader.all(KeptFinding)) if asked else []
        if reason is not None or remove is not None:
            if reason is not None and not (sites or asked):
                wrong_use("请写单位编号，或写明按什么条件列入")
            ids = sites or tuple(site.id for site in found)
            changed = set_focus(workspace, ids, reason, Who(by, at, remove or ""))
            click.echo(f"{'列入' if reason is not None else '移出'} {len(changed)} 家", err=True)
            with workspace.store.reading() as reader:
                registered = reader.all(RegisteredSite)
        named = [s for s in registered if campaign in s.focus and (not query.unit or s.unit == query.unit)]
        rows = [
            (place, s.id, s.name, s.site_type, s.unit, s.credit_code,
             s.identity.get("address") or s.identity.get("registered_address", ""), "、".join(s.areas),
             s.focus[campaign])
            for place, s in enumerate(named, 1)
        ]  # fmt: skip
        data = {"kind": "focus", "schema": 1, "campaign": campaign, "sites": {s.id: s.focus[campaign] for s in named}}
        show_list(f"{campaign} 年行动重点检查对象名单", HEADER, rows, data, output=output, target=target,
                  day=Who(by, at).day, authority=authority)  # fmt: skip

"""chunfeng visits status: where each visit stands."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from engine.commands.console import reported, show_list
from engine.commands.options import Day, list_options, workspace_argument

STATE_NAMES = ("planned", "printed", "answered", "evaluated", "final", "closed", "cancelled")


@click.command(
    help="列出检查各到哪一步、下一步做什么；写检查号则只看这几个。",
    short_help="各次检查到哪一步。",
)
@workspace_argument
@click.argument("ids", nargs=-1, metavar="[检查号]…")
@click.option("--unit", default="", metavar="单位", help="只看一个牵头单位。")
@click.option(
    "--state", type=click.Choice(STATE_NAMES), metavar="状态", help=f"只看一种状态：{'、'.join(STATE_NAMES)}。"
)
@click.option("--until", type=Day(), metavar="日期", help="只看安排在这一天以前（含当日）而还没有填答的。")
@list_options
def command(
    folder: Path, ids: tuple[str, ...], unit: str, state: str | None, until: date | None, output: str,
    target: Path | None,
) -> None:  # fmt: skip
    """Print them (library: engine.register.life)."""
    from engine.model.workspace import Inspection, RegisteredSite
    from engine.register.life import NEXT, STATES
    from engine.register.visits import waiting
    from engine.workspace.folder import open_workspace
    from engine.workspace.register import unit_of
    from engine.workspace.visits import inspection_of

    with reported(), open_workspace(folder) as workspace:
        with workspace.store.reading() as reader:
            named = unit_of(reader, unit) if unit else ""
            found = [inspection_of(reader, each) for each in ids] if ids else reader.all(Inspection)
            names = {site.id: site.name for site in reader.all(RegisteredSite)}
        found = [i for i in found if (not named or i.unit == named) and state in (None, i.state)]
        if until is not None:
            found = sorted(waiting(found, until), key=lambda i: (i.planned or until, i.id))
        rows = [
            (i.id, STATES[i.state], i.site, names.get(i.site, ""), i.unit, "、".join(i.assisting),
             str(i.planned or ""), i.reason, NEXT[i.state])
            for i in found
        ]  # fmt: skip
        header = ("检查号", "状态", "单位编号", "单位", "牵头", "配合", "安排日期", "事由", "下一步")
        data = {
            "kind": "visits",
            "schema": 1,
            "visits": [i.model_dump(mode="json", exclude_defaults=True) for i in found],
        }
        show_list("检查办理情况", header, rows, data, output=output, target=target, day=date.today())

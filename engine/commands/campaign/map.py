"""chunfeng campaign map: what answers a clause of a new plan."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import click

from engine.commands.console import reported, stop_on, wrong_use
from engine.commands.options import rules_option


@click.command(
    help="写明新方案的一条条款由什么落实：与以前哪几条要求相同（--same-as），是原则性要求（--principle），"
    "或者以后才做（--planned）。--proposed 一次认可原文相同的全部建议。建议见 campaign todo。",
    short_help="写明新方案的条款由什么落实。",
    epilog="例：chunfeng campaign map 2027 CF2027-2.1-a --same-as CF2024-2.1-a --rules 规则",
)
@click.argument("campaign", metavar="行动")
@click.argument("clause", required=False, metavar="[条款]")
@click.option("--same-as", multiple=True, metavar="条款", help="与以前的这一条要求相同；可写多次。")
@click.option("--kind", metavar="种类", help="要求的种类，例如 ITEM 检查项目、DUE 期限、LED 台账；不写照相同的那一条。")
@click.option("--principle", is_flag=True, help="原则性要求，没有数据可记。")
@click.option("--planned", default="", metavar="说明", help="还没有做到、以后才做的部分。")
@click.option("--proposed", is_flag=True, help="不写条款：认可全部原文相同的建议。")
@rules_option
def command(
    campaign: str, clause: str | None, same_as: tuple[str, ...], kind: str | None, principle: bool, planned: str,
    proposed: bool, rules: Path | None,
) -> None:  # fmt: skip
    """Write the decision (library: engine.campaigns.mapping.map_clause, engine.campaigns.mapping.accept_proposals)."""
    from engine.campaigns.mapping import Decision, accept_proposals, map_clause
    from engine.library.check import check_library
    from engine.library.files import place
    from engine.library.load import load_library
    from engine.model.rules import Clause
    from engine.writing import make_folder, write_atomically

    if proposed == bool(clause):
        wrong_use("请写明条款，或者用 --proposed 认可全部原文相同的建议，二者选一")
    kinds = get_args(Clause.model_fields["kind"].annotation)
    if kind is not None and kind not in kinds:
        wrong_use(f"没有种类 “{kind}”。可用：{'、'.join(kinds)}")
    if not (same_as or principle or planned or kind or proposed):
        wrong_use("请用 --same-as、--principle、--planned 或 --kind 写明由什么落实")
    at = place(rules)
    library = load_library(at)
    stop_on(check_library(library))
    decision = Decision(same_as, kind or "", principle, planned.strip())
    if clause:
        mapped, problems = map_clause(library, campaign, clause, decision)
    else:
        mapped, problems = accept_proposals(library, campaign)
    stop_on(problems)
    assert mapped is not None
    with reported():
        target = at.write_target(mapped.file.relative)
        make_folder(target.parent)
        write_atomically(target, mapped.file.text.encode())
    for id_, same in mapped.changed:
        click.echo(f"{id_}　" + (f"与 {'、'.join(same)} 相同" if same else "已写明"))
    done = {id_ for id_, _ in mapped.changed}
    left = sum(1 for c in library.clauses[campaign].value.clauses if c.kind == "OPEN" and c.id not in done)
    click.echo(f"{target}：写明 {len(mapped.changed)} 条，还有 {left} 条没有看过")

"""chunfeng campaign map: what answers a clause of a new plan."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported, wrong_use
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
@click.option("--kind", metavar="种类",
              help="要求的种类：检查项目、期限、台账……（也可写 ITEM、DUE、LED）；不写照相同的那一条。")  # fmt: skip
@click.option("--principle", is_flag=True, help="原则性要求，没有数据可记。")
@click.option("--planned", default="", metavar="说明", help="还没有做到、以后才做的部分。")
@click.option("--proposed", is_flag=True, help="不写条款：认可全部原文相同的建议。")
@rules_option
def command(
    campaign: str, clause: str | None, same_as: tuple[str, ...], kind: str | None, principle: bool, planned: str,
    proposed: bool, rules: Path | None,
) -> None:  # fmt: skip
    """Write the decision (library: engine.workspace.preparing.decide, engine.workspace.preparing.accept)."""
    from engine.campaigns.mapping import KIND_WORDS, Decision
    from engine.library.files import place
    from engine.workspace.preparing import accept, decide

    if proposed == bool(clause):
        wrong_use("请写明条款，或者用 --proposed 认可全部原文相同的建议，二者选一")
    kind = next((code for code, word in KIND_WORDS.items() if kind == word), kind)
    if kind is not None and kind not in KIND_WORDS:
        wrong_use(f"没有种类 “{kind}”。可用：{'、'.join(f'{word}（{code}）' for code, word in KIND_WORDS.items())}")
    if not (same_as or principle or planned or kind or proposed):
        wrong_use("请用 --same-as、--principle、--planned 或 --kind 写明由什么落实")
    with reported():
        at = place(rules)
        decision = Decision(same_as, kind or "", principle, planned.strip())
        done = decide(at, campaign, clause, decision) if clause else accept(at, campaign)
    for id_, same in done.changed:
        click.echo(f"{id_}　" + (f"与 {'、'.join(same)} 相同" if same else "已写明"))
    click.echo(f"{done.path}：写明 {len(done.changed)} 条，还有 {done.left} 条没有看过")

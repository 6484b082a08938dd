"""chunfeng workspace demo: a made-up county's whole campaign, for people to try the commands on."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported, step
from engine.commands.options import rules_option


@click.command(
    help="建立一个演示用的工作目录：编造的一个县从名录、检查、整改、台账到报表走完一次行动，供试用各命令、培训。"
    "内容由 --seed 决定，同样的参数每次相同。默认 3 个责任单位、60 家、24 次检查；"
    "一个实际的县如 --units 12 --sites 860 --visits 471，要几分钟。",
    short_help="建立演示用的工作目录。",
    epilog="例：chunfeng workspace demo 演示 --campaign 2024，然后 chunfeng table show 演示 t0",
)
@click.argument("folder", type=click.Path(path_type=Path), metavar="文件夹")
@click.option("--campaign", type=click.Choice(["2019", "2024"]), default="2024", show_default=True, help="哪一次行动。")
@click.option(
    "--units", type=click.IntRange(2, 40), default=3, show_default=True, metavar="个数", help="责任单位的个数。"
)
@click.option(
    "--sites", type=click.IntRange(1, 3000), default=60, show_default=True, metavar="家数", help="名录里的家数。"
)
@click.option(
    "--visits", type=click.IntRange(1, 3000), default=24, show_default=True, metavar="次数", help="检查的次数。"
)
@click.option(
    "--seed", type=click.IntRange(0, 10**9), default=1, show_default=True, metavar="数", help="换一个数，换一个县。"
)
@rules_option
def command(folder: Path, campaign: str, units: int, sites: int, visits: int, seed: int, rules: Path | None) -> None:
    """Make the workspace (library: engine.simulation.campaign.simulate)."""
    from engine.library.files import place
    from engine.simulation.campaign import simulate
    from engine.simulation.county import Sizes

    with reported():
        for told in simulate(folder, place(rules), campaign, Sizes(units, sites, visits), seed):
            step(told)
    click.echo(f"已建立演示用的工作目录 {folder}。单位、人员、数据都是编造的，不要与实际工作混用")
    click.echo(
        f"试一试：chunfeng visits plan {folder}，chunfeng findings list {folder}，chunfeng table filings {folder} t0"
    )

"""chunfeng campaign: the commands of this folder."""

from pathlib import Path

from engine.commands import Commands

command = Commands("campaign", folder=Path(__file__).parent, package=__name__, help="行动：条款落实、报送日历、发布。")

"""chunfeng rules: the commands of this folder."""

from pathlib import Path

from engine.commands import Commands

command = Commands("rules", folder=Path(__file__).parent, package=__name__, help="规则：检查、试验、查看。")

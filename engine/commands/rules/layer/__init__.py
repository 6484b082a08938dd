"""chunfeng rules layer: the commands of this folder."""

from pathlib import Path

from engine.commands import Commands

command = Commands("layer", folder=Path(__file__).parent, package=__name__, help="省、市、县各级的规则目录。")

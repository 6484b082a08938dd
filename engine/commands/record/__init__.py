"""chunfeng record: the commands of this folder."""

from pathlib import Path

from engine.commands import Commands

command = Commands("record", folder=Path(__file__).parent, package=__name__, help="检查笔录：新建、打印。")

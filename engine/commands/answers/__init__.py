"""chunfeng answers: the commands of this folder."""

from pathlib import Path

from engine.commands import Commands

command = Commands(
    "answers", folder=Path(__file__).parent, package=__name__, help="答卷：新建、读取、键入、合并、转到新版、确认。"
)

"""chunfeng record: the commands of this folder."""

from pathlib import Path

from engine.commands import Commands

command = Commands(
    "record", folder=Path(__file__).parent, package=__name__, help="检查记录：从答卷新建，逐条确认后打印现场检查笔录。"
)

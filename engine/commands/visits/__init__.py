"""chunfeng visits: the commands of this folder."""

from pathlib import Path

from engine.commands import Commands

command = Commands("visits", folder=Path(__file__).parent, package=__name__,
                   help="检查的安排和办理：计划、印表、收答卷、判定、收记录、归档。")  # fmt: skip

"""chunfeng workspace: the commands of this folder."""

from pathlib import Path

from engine.commands import Commands

command = Commands("workspace", folder=Path(__file__).parent, package=__name__,
                   help="工作目录：一个单位一次行动的全部资料，放在一个文件夹里。")  # fmt: skip

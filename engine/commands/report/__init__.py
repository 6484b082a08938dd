"""chunfeng report: the commands of this folder."""

from pathlib import Path

from engine.commands import Commands

command = Commands("report", folder=Path(__file__).parent, package=__name__,
                   help="小结和总结：把数字、问题和案例填进去，其余由人写。")  # fmt: skip

"""chunfeng table: the commands of this folder."""

from pathlib import Path

from engine.commands import Commands

command = Commands("table", folder=Path(__file__).parent, package=__name__,
                   help="统计表：从记录和台账算出，报送，汇总；每个数都能打开它后面的名单。")  # fmt: skip

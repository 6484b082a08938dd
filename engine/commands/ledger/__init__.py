"""chunfeng ledger: the commands of this folder."""

from pathlib import Path

from engine.commands import Commands

command = Commands("ledger", folder=Path(__file__).parent, package=__name__,
                   help="台账：线索、投诉、案件、移送、督办、抽检、自查报告、信号、舆情、值守、宣传等。")  # fmt: skip

"""chunfeng sites: the commands of this folder."""

from pathlib import Path

from engine.commands import Commands

command = Commands("sites", folder=Path(__file__).parent, package=__name__,
                   help="单位名录（一户一档）：从任何表格导入、查重、修改、停业。")  # fmt: skip

"""chunfeng number: the commands of this folder."""

from pathlib import Path

from engine.commands import Commands

command = Commands("number", folder=Path(__file__).parent, package=__name__,
                   help="文书编号：取号、作废、列出；取过的不再重用。")  # fmt: skip

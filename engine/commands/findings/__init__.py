"""chunfeng findings: the commands of this folder."""

from pathlib import Path

from engine.commands import Commands

command = Commands("findings", folder=Path(__file__).parent, package=__name__,
                   help="问题的后续：责令改正、延期、改正、复查、未改正转线索、暂不追究、回头看、反弹。")  # fmt: skip

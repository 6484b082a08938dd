"""chunfeng grading: the commands of this folder."""

from pathlib import Path

from engine.commands import Commands

command = Commands("grading", folder=Path(__file__).parent, package=__name__,
                   help="医疗器械经营企业分级：按规则表初步定级，人工调整，确认规则表，报送名单。")  # fmt: skip

"""chunfeng workspace units: the commands of this folder."""

from pathlib import Path

from engine.commands import Commands

command = Commands("units", folder=Path(__file__).parent, package=__name__,
                   help="责任单位：各市场监管所、大队、科室，及其信息报送责任人。")  # fmt: skip

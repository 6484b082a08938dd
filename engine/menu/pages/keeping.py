"""The workspace itself: made, backed up, put back, verified, handed over."""

from __future__ import annotations

from engine.menu.model import Ask, Entry, Menu, NewFile, OldFile, Text, command_line
from engine.menu.pages.asks import BY, CAMPAIGN, FOLDER, YAML, target
from engine.menu.sitting import Given, Sitting

_BUREAU = (
    Ask("authority", "执法机关全称", Text(), "--authority"),
    Ask("stations", "各市场监管所和编号段，例如 城东所=瑶1、城西所=瑶2", Text(), "-"),
    Ask("address", "地址", Text(), "--address", optional=True),
    Ask("phone", "电话", Text(), "--phone", optional=True),
    target("本单位.yaml"),
)  # fmt: skip


def _bureau(given: Given) -> list[list[str]]:
    stations = [part.strip() for part in given["stations"][0].replace("，", "、").replace(",", "、").split("、")]
    options = [word for part in stations if part for word in ("--station", part)]
    return [command_line(("workspace", "bureau"), _BUREAU, given, options)]


def _new_folder(sitting: Sitting, given: Given) -> str:
    return f"春风{given['campaign'][0]}"


def _put_back(sitting: Sitting, given: Given) -> str:
    return f"{sitting.named(given, 'backup')}-恢复"


_HEAD = Ask("head", "抄下的链末", Text(), "--head", optional=True, skipped="不核对")

KEEPING = Menu("工作目录、备份", (
    Entry("写本单位资料", (), _BUREAU, lines=_bureau, hint="机关全称印在每份文书的抬头；建立工作目录前先写好。"),
    Entry("建立工作目录", ("workspace", "init"), (
        Ask("bureau", "本单位资料", OldFile(YAML, kind="bureau"), "--bureau"), CAMPAIGN,
        Ask("new", "文件夹的名字", NewFile(_new_folder, folder=True)), BY,
    )),
    Entry("备份", ("workspace", "backup"), (FOLDER, target("备份-{folder}.zip")),
          hint="别人正在录入也可以备份。备份请放到另一个磁盘。"),
    Entry("恢复备份到新文件夹", ("workspace", "restore"), (
        Ask("backup", "哪个备份", OldFile((".zip",))),
        Ask("new", "新文件夹的名字", NewFile(_put_back, folder=True)), _HEAD,
    )),
    Entry("核对有没有被改动、缺失", ("workspace", "verify"), (FOLDER, _HEAD)),
    Entry("看谁改了什么（办理记录）", ("workspace", "log"), (FOLDER,)),
    Entry("归档：不用本程序也能看的文件夹", ("workspace", "export"), (
        FOLDER, Ask("new", "写到哪个新文件夹", NewFile(lambda sitting, given: f"{given['folder'][0]}归档", folder=True),
                    "-o"),
    )),
    Entry("建立演示用的工作目录（编造的一个县）", ("workspace", "demo"), (
        Ask("new", "文件夹的名字", NewFile(lambda sitting, given: "演示", folder=True)),
    )),
))  # fmt: skip

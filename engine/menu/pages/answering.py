"""Filled-in sheets: keyed from paper, read from files, merged, settled, received for an inspection."""

from __future__ import annotations

from engine.menu.listings import visits
from engine.menu.model import Ask, Entry, Menu, NewFile, OldFile, Pick, Text, command_line
from engine.menu.pages.asks import BY, CAMPAIGN, FOLDER, HAS, SHEETS, SITE_TYPE, VISIT_DAY, YAML, target
from engine.menu.sitting import Given, Sitting

_SHEET = Ask("sheet", "哪份答卷", OldFile(YAML, kind="answers"))


def _sheet_name(sitting: Sitting, given: Given) -> str:
    return f"答卷-{given['name'][0]}.yaml"


_NEW = (
    CAMPAIGN, SITE_TYPE, HAS, VISIT_DAY,
    Ask("name", "单位名称（只用作文件名）", Text(), "-"),
    Ask("target", "写到哪个文件", NewFile(_sheet_name), "-o"),
)  # fmt: skip


def _new_and_key(given: Given) -> list[list[str]]:
    sheet = given["target"][0]
    return [
        command_line(("answers", "new"), _NEW, given),
        ["answers", "key", sheet, "-o", sheet, "--by", given["by"][0]],
    ]


def _go_on(given: Given) -> list[list[str]]:
    sheet = given["sheet"][0]
    return [["answers", "key", sheet, "-o", sheet, "--by", given["by"][0]]]


ANSWERING = Menu("录入和读回答卷", (
    Entry("照着纸面录入一家", (), (*_NEW, BY), lines=_new_and_key,
          hint="先做好空白答卷，接着逐项录入：一项一键，按 ? 看全部按键，q 结束。"),
    Entry("接着录没有录完的答卷", (), (_SHEET, BY), lines=_go_on),
    Entry("读回填好的文件（表格、PDF、离线网页导出的 json 等）", ("answers", "read"), (
        Ask("sheet", "哪个文件", OldFile(SHEETS, kind="answers")), target("答卷-{sheet}.yaml", "答卷写到哪个文件"), BY,
    )),
    Entry("读扫描件", ("answers", "scan"), (
        Ask("scan", "扫描件", OldFile((".pdf", ".jpg", ".jpeg", ".png", ".tif", ".tiff"), many=True)),
        Ask("layout", "印表时写出的版面文件", OldFile((".json",)), "--layout"),
        target("答卷-{scan}.yaml", "答卷写到哪个文件"), BY,
    )),
    Entry("看待确认的答案", ("answers", "confirm"), (_SHEET,)),
    Entry("定下待确认的答案", ("answers", "confirm"), (
        _SHEET, Ask("take", "编号=第几种，例如 YD-14=1（不另写答案的）", Text(), "--take", optional=True),
        Ask("answer", "编号=答案，例如 YD-09=否", Text(), "--answer", optional=True,
            when=lambda given: not given.get("take")),
        Ask("why", "为什么这样定", Text(), "--why", optional=True), BY,
    )),
    Entry("合并两个人填的答卷", ("answers", "merge"), (
        Ask("sheets", "哪几份答卷", OldFile(SHEETS, many=True, kind="answers")), target("答卷-合并.yaml"),
    )),
    Entry("答卷交进工作目录", ("visits", "answer"), (
        FOLDER, Ask("visit", "哪次检查", Pick(visits("planned", "printed", "answered"))),
        Ask("sheet", "答卷", OldFile(SHEETS, kind="answers")), BY,
    )),
))  # fmt: skip

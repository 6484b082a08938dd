"""The rules of a campaign: what its plan demands and when; next year's, without YAML."""

from __future__ import annotations

from engine.menu.listings import fixed, rules_folders
from engine.menu.model import Ask, Day, Entry, Menu, NewFile, OldFile, Pick, Text, command_line
from engine.menu.pages.asks import BY, CAMPAIGN, FOLDER, listed, target
from engine.menu.sitting import Given

_LEVELS = fixed(("县", "县（区）"), ("市", "市"), ("省", "省"))
_RULES = Ask("rules", "本单位的规则文件夹", Pick(rules_folders, own=True), "--rules")
_OWN = Ask("rules", "本单位的规则文件夹", Pick(rules_folders, own=True), "--rules", optional=True, skipped="不用")
_CAMPAIGN = Ask("campaign", CAMPAIGN.title, CAMPAIGN.kind)

_BOOK = Ask("book", "哪个表格", OldFile((".xlsx",)))

_NEW = (
    _RULES, Ask("name", "新行动的名称，例如 2027", Text()),
    Ask("from", "沿用哪一次行动", CAMPAIGN.kind, "--from"),
    Ask("first", "哪一天开始", Day(), "-"), Ask("last", "哪一天结束", Day(), "-"),
    Ask("plan", "今年的方案", OldFile((".txt", ".docx", ".pdf")), "--plan", optional=True, skipped="还没有"),
)  # fmt: skip


def _begun(given: Given) -> list[list[str]]:
    period = f"{given['first'][0]}..{given['last'][0]}"
    return [command_line(("campaign", "new"), _NEW, given, ("--period", period))]


RULES = Menu("行动方案和规则", (
    Entry("方案落实表：每一条由什么落实", ("campaign", "coverage"), (
        _CAMPAIGN, target("落实表-{campaign}.pdf"),
    )),
    Entry("报送日历，在屏幕上看", ("campaign", "calendar"), (_CAMPAIGN,)),
    Entry("报送日历，导入手机", ("campaign", "calendar"), (_CAMPAIGN, target("报送日历-{campaign}.ics"))),
    Entry("建立本单位的规则文件夹", ("rules", "layer", "new"), (
        Ask("new", "文件夹的名字", NewFile(lambda sitting, given: "本单位规则", folder=True)),
        Ask("level", "哪一级", Pick(_LEVELS), "--level"), Ask("title", "本单位名称", Text(), "--title"),
        Ask("over", "上级的规则文件夹", Pick(rules_folders, own=True), "--over", optional=True, skipped="没有"),
    ), hint="自带的规则不改动；本单位的改动都写在自己的文件夹里。只做一次。"),
    Entry("新的一年：从以前的行动建立", (), _NEW, lines=_begun),
    Entry("新的一年：还要办什么", ("campaign", "todo"), (_RULES, _CAMPAIGN)),
    Entry("新的一年：认可原文与以前相同的条款", ("campaign", "map"), (_RULES, _CAMPAIGN), ("--proposed",),
          hint="只认可原文相同的，其余的在规则表格的“方案条款”页写明。"),
    Entry("规则写成表格，用 WPS 或 Excel 改", ("rules", "export"), (_OWN, _CAMPAIGN, target("规则-{campaign}.xlsx"))),
    Entry("读入改好的规则表格：先看改了什么，再写进去", ("rules", "import"), (_RULES, _BOOK, BY),
          confirmed=("--write",), question="照上面列的写进规则文件夹吗"),
    Entry("发布：定下这一版规则", ("campaign", "release"), (_RULES, _CAMPAIGN)),
    Entry("比较两次行动：新增、收紧、放宽、废止……", ("campaign", "diff"), (
        _OWN, Ask("before", "原来的行动", CAMPAIGN.kind),
        Ask("after", "现在的行动", CAMPAIGN.kind), *listed("培训说明"),
    )),
    Entry("用另一次行动的规则重新判定以前的检查", ("campaign", "replay"), (
        _OWN, _CAMPAIGN, Ask("folder", "工作目录", FOLDER.kind, "--over"),
    ), hint="只读取，什么也不改：看改了规则以后，哪些单位的结果会变、为什么。"),
    Entry("看一条规则", ("rules", "show"), (Ask("rule", "项目编号，例如 YD-14", Text()),)),
    Entry("检查全部规则", ("rules", "check"), (_OWN,)),
    Entry("换用规则包（例如 U 盘上的）", ("rules", "update"), (Ask("pack", "哪个规则包", OldFile((".zip",))),),
          hint="先核对、再启用；原来的规则留着，可以换回。"),
    Entry("换回上一次更换之前的规则", ("rules", "update"), (), ("--undo",)),
))  # fmt: skip

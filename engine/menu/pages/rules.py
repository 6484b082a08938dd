"""The rules of a campaign: what its plan demands and when; next year's, without YAML."""

from __future__ import annotations

from engine.menu.listings import fixed, rules_folders
from engine.menu.model import Ask, Entry, Menu, NewFile, OldFile, Pick, Text
from engine.menu.pages.asks import BY, CAMPAIGN, FOLDER, listed, target

_LEVELS = fixed(("县", "县（区）"), ("市", "市"), ("省", "省"))
_RULES = Ask("rules", "本单位的规则文件夹", Pick(rules_folders, own=True), "--rules")
_OWN = Ask("rules", "本单位的规则文件夹", Pick(rules_folders, own=True), "--rules", optional=True, skipped="不用")
_CAMPAIGN = Ask("campaign", CAMPAIGN.title, CAMPAIGN.kind)

_BOOK = Ask("book", "哪个表格", OldFile((".xlsx",)))

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
    Entry("新的一年：从以前的行动建立", ("campaign", "new"), (
        _RULES, Ask("name", "新行动的名称，例如 2027", Text()),
        Ask("from", "沿用哪一次行动", CAMPAIGN.kind, "--from"),
        Ask("period", "起止日期，例如 2026-12-20..2027-03-31", Text(), "--period"),
        Ask("plan", "今年的方案", OldFile((".txt", ".docx", ".pdf")), "--plan", optional=True, skipped="还没有"),
    )),
    Entry("新的一年：还要办什么", ("campaign", "todo"), (_RULES, _CAMPAIGN)),
    Entry("规则写成表格，用 WPS 或 Excel 改", ("rules", "export"), (_OWN, _CAMPAIGN, target("规则-{campaign}.xlsx"))),
    Entry("读入改好的规则表格：先看改了什么", ("rules", "import"), (_RULES, _BOOK, BY)),
    Entry("读入改好的规则表格：写进规则文件夹", ("rules", "import"), (_RULES, _BOOK, BY), ("--write",)),
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
))  # fmt: skip

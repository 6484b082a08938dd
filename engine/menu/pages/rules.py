"""The rules of a campaign: what its plan demands and when; next year's."""

from __future__ import annotations

from engine.menu.model import Ask, Entry, Menu, Text
from engine.menu.pages.asks import CAMPAIGN, FOLDER, listed, target

_CAMPAIGN = Ask("campaign", CAMPAIGN.title, CAMPAIGN.kind)

RULES = Menu("行动方案和规则", (
    Entry("方案落实表：每一条由什么落实", ("campaign", "coverage"), (
        _CAMPAIGN, target("落实表-{campaign}.pdf"),
    )),
    Entry("报送日历，在屏幕上看", ("campaign", "calendar"), (_CAMPAIGN,)),
    Entry("报送日历，导入手机", ("campaign", "calendar"), (_CAMPAIGN, target("报送日历-{campaign}.ics"))),
    Entry("比较两次行动：新增、收紧、放宽、废止……", ("campaign", "diff"), (
        Ask("before", "原来的行动", CAMPAIGN.kind), Ask("after", "现在的行动", CAMPAIGN.kind), *listed("培训说明"),
    )),
    Entry("用另一次行动的规则重新判定以前的检查", ("campaign", "replay"), (
        _CAMPAIGN, Ask("folder", "工作目录", FOLDER.kind, "--over"),
    ), hint="只读取，什么也不改：看改了规则以后，哪些单位的结果会变、为什么。"),
    Entry("看一条规则", ("rules", "show"), (Ask("rule", "项目编号，例如 YD-14", Text()),)),
    Entry("检查全部规则", ("rules", "check")),
))  # fmt: skip

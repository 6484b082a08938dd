"""The rules of a campaign: what its plan demands and when; next year's."""

from __future__ import annotations

from engine.menu.model import Ask, Entry, Menu, Text
from engine.menu.pages.asks import CAMPAIGN, target

_CAMPAIGN = Ask("campaign", CAMPAIGN.title, CAMPAIGN.kind)

RULES = Menu("行动方案和规则", (
    Entry("方案落实表：每一条由什么落实", ("campaign", "coverage"), (
        _CAMPAIGN, target("落实表-{campaign}.pdf"),
    )),
    Entry("报送日历，在屏幕上看", ("campaign", "calendar"), (_CAMPAIGN,)),
    Entry("报送日历，导入手机", ("campaign", "calendar"), (_CAMPAIGN, target("报送日历-{campaign}.ics"))),
    Entry("看一条规则", ("rules", "show"), (Ask("rule", "项目编号，例如 YD-14", Text()),)),
    Entry("检查全部规则", ("rules", "check")),
))  # fmt: skip

"""The menu itself: what can be done, in the words of an office."""

from __future__ import annotations

from engine.menu.listings import attributes, campaigns, fixed, site_types
from engine.menu.model import Ask, Day, Entry, Menu, NewFile, Pick
from engine.menu.sitting import Given, Sitting

CAMPAIGN = Ask("campaign", "哪一次行动", Pick(campaigns), "--campaign")
SITE_TYPE = Ask("site_type", "哪种单位", Pick(site_types))
HAS = Ask("has", "有哪些业务", Pick(attributes, many=True), "--has", optional=True, skipped="不清楚，全部项目都列出",
          joined=",")  # fmt: skip

KINDS = fixed(
    ("pdf", "打印用的 PDF"), ("fillable-pdf", "在电脑上填写的 PDF"), ("xlsx", "表格，用 WPS 或 Excel 填写"),
    ("offline-form", "离线网页，用手机、电脑的浏览器填写"), ("yaml", "空白答卷，供照纸面录入"),
)  # fmt: skip
ENDINGS = {"pdf": ".pdf", "fillable-pdf": ".pdf", "xlsx": ".xlsx", "offline-form": ".html", "yaml": ".yaml"}


def _blank(sitting: Sitting, given: Given) -> str:
    kind = given["kind"][0]
    site = sitting.named(given, "site_type").partition("（")[0]
    return f"{'空白答卷' if kind == 'yaml' else '检查表'}-{site}{ENDINGS[kind]}"


PRINTING = Menu("打印空白检查表", (
    Entry("一家单位", ("checklist",), (
        CAMPAIGN, SITE_TYPE, HAS,
        Ask("day", "检查日期", Day(), "--date", optional=True, skipped="行动的第一天"),
        Ask("kind", "做成哪种", Pick(KINDS), "--as"),
        Ask("target", "写到哪个文件", NewFile(_blank), "-o"),
    )),
))  # fmt: skip

TOP = Menu("春风", (PRINTING,))

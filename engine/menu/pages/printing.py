"""Blank checklists: for one site, for a workbook of sites, for the inspections planned for a day."""

from __future__ import annotations

from engine.menu.listings import fixed, planned_days
from engine.menu.model import Ask, Entry, Flag, Menu, NewFile, OldFile, Pick, Text
from engine.menu.pages.asks import BY, CAMPAIGN, FOLDER, HAS, PAPERS, ROUTES, SITE_TYPE, UNIT, VISIT_DAY, target
from engine.menu.sitting import Given, Sitting

_KINDS = fixed(
    ("pdf", "打印用的 PDF"), ("fillable-pdf", "在电脑上填写的 PDF"), ("xlsx", "表格，用 WPS 或 Excel 填写"),
    ("offline-form", "离线网页，用手机、电脑的浏览器填写"), ("yaml", "空白答卷，照纸面录入用"),
)  # fmt: skip
_ENDINGS = {"pdf": ".pdf", "fillable-pdf": ".pdf", "xlsx": ".xlsx", "offline-form": ".html", "yaml": ".yaml"}


def _blank(sitting: Sitting, given: Given) -> str:
    kind = given["kind"][0]
    site = sitting.named(given, "site_type")
    return f"{'空白答卷' if kind == 'yaml' else '检查表'}-{site}{_ENDINGS[kind]}"


PRINTING = Menu("打印空白检查表", (
    Entry("一家单位", ("checklist",), (
        CAMPAIGN, SITE_TYPE, HAS, VISIT_DAY,
        Ask("kind", "做成哪种", Pick(_KINDS), "--as"),
        Ask("target", "写到哪个文件", NewFile(_blank), "-o"),
    )),
    Entry("一条路线：自己的表格，一行一家", ("checklist",), (
        CAMPAIGN,
        Ask("sites", "路线表格", OldFile(ROUTES), "--sites"),
        Ask("site_type", "都是哪种单位", SITE_TYPE.kind, optional=True, skipped="表格里写明了"),
        VISIT_DAY,
        Ask("areas", "重点区域的单位排在前面吗", Flag(), "--areas-first"),
        target("检查表-{sites}.pdf"),
    )),
    Entry("工作目录里一天的检查", ("visits", "route"), (
        FOLDER, UNIT,
        Ask("day", "哪一天的", Pick(planned_days, own=True), "--date"),
        target("检查表-{unit}-{day}.pdf"),
        BY,
    ), hint="先在 “单位名录和检查安排” 里安排检查。"),
    Entry("把做好的 PDF 送打印机", ("print",), (
        PAPERS, Ask("copies", "每份印几份", Text(), "--copies", optional=True, skipped="1 份"),
        Ask("printer", "送到哪台打印机", Text(), "--printer", optional=True, skipped="默认的一台"),
    )),
))  # fmt: skip

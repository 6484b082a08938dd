"""The register of sites, and what is planned."""

from __future__ import annotations

from engine.menu.listings import fixed, site_types, sites
from engine.menu.model import Ask, Day, Entry, Flag, Menu, OldFile, Pick, Text
from engine.menu.pages.asks import ANY_UNIT, BY, FOLDER, ROUTES, UNIT, listed, target

_SITE = Ask("site", "哪家单位", Pick(sites))
_STATE = fixed(
    ("planned", "计划"), ("printed", "已印表"), ("answered", "已填答"), ("evaluated", "已判定"), ("final", "已归档"),
    ("closed", "已办结"), ("cancelled", "已取消"),
)  # fmt: skip

REGISTER = Menu("单位名录和检查安排", (
    Entry("导入单位表格", ("sites", "import"), (
        FOLDER, Ask("table", "哪个表格", OldFile(ROUTES)),
        Ask("unit", "没有写责任单位的归哪个单位", ANY_UNIT.kind, "--unit", optional=True),
        Ask("site_type", "没有写类型的是哪种单位", Pick(site_types), "--type", optional=True),
        Ask("dry", "先只看结果，不登记吗", Flag(), "--dry-run"),
        target("退回-{table}.xlsx", "有问题的行写到哪个文件", option="--rejected", key="rejected"), BY,
    )),
    Entry("列出单位名录", ("sites", "list"), (FOLDER, ANY_UNIT, *listed("单位名录"))),
    Entry("看一家单位（一户一档）", ("sites", "show"), (FOLDER, _SITE)),
    Entry("停业、注销", ("sites", "close"), (
        FOLDER, _SITE, Ask("day", "哪一天", Day(), "--date", optional=True, skipped="今天"),
        Ask("why", "依据什么", Text(), "--why"), BY,
    )),
    Entry("查重", ("sites", "duplicates"), (FOLDER,)),
    Entry("给几家单位安排检查", ("visits", "add"), (
        FOLDER, Ask("sites", "哪些单位", Pick(sites, many=True)), Ask("day", "哪一天", Day(), "--date"),
        Ask("reason", "事由", Text(), "--reason", optional=True), BY,
    )),
    Entry("给还没有安排的单位都安排检查", ("visits", "add"), (
        FOLDER, UNIT, Ask("day", "哪一天", Day(), "--date"), BY,
    ), ("--missing",)),
    Entry("检查进度：应检、已检、未检", ("visits", "plan"), (FOLDER, ANY_UNIT, *listed("检查进度"))),
    Entry("各次检查办到哪一步", ("visits", "status"), (
        FOLDER, ANY_UNIT, Ask("state", "哪种状态", Pick(_STATE), "--state", optional=True, skipped="全部"),
        *listed("检查情况"),
    )),
))  # fmt: skip

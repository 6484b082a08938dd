"""What must not be forgotten: findings, ledgers, what is due."""

from __future__ import annotations

from engine.menu.listings import findings, ledgers, visits
from engine.menu.model import Ask, Day, Entry, Menu, OldFile, Pick, Text
from engine.menu.pages.asks import ANY_UNIT, BY, FOLDER, ROUTES, WHY, target

DUE = Menu("到期和逾期的事", (
    Entry("在屏幕上看", ("due",), (FOLDER, ANY_UNIT)),
    Entry("打印：每个单位一张", ("due",), (FOLDER, ANY_UNIT, target("到期的事.pdf", option="--pdf"))),
    Entry("写成日历文件，导入手机", ("due",), (
        FOLDER, ANY_UNIT, target("提醒.ics", option="--ics"),
    )),
))  # fmt: skip


def _findings(*states: str) -> Ask:
    return Ask("ids", "哪些问题", Pick(findings(*states), many=True))


FOLLOWING = Menu("问题的后续和台账", (
    Entry("列出问题和状态", ("findings", "list"), (FOLDER, ANY_UNIT)),
    Entry("风险隐患台账，写成表格", ("findings", "list"), (FOLDER, ANY_UNIT, target("风险隐患台账.xlsx"))),
    Entry("责令改正", ("findings", "order"), (
        FOLDER, _findings("open"), Ask("due", "改正期限", Day(), "--due"),
        Ask("on", "责令改正通知书的日期", Day(), "--on", optional=True, skipped="今天"),
        Ask("notice", "责令改正通知书文号", Text(), "--notice", optional=True), BY,
    )),
    Entry("延期一次", ("findings", "extend"), (
        FOLDER, _findings("ordered"), Ask("due", "新的期限", Day(), "--due"), WHY, BY,
    )),
    Entry("安排复查", ("findings", "review"), (
        FOLDER, Ask("visit", "复查哪次检查的问题", Pick(visits("final"))), Ask("on", "哪一天复查", Day(), "--on"), BY,
    )),
    Entry("已改正，登记整改材料", ("findings", "correct"), (
        FOLDER, _findings("open", "ordered", "extended"),
        Ask("evidence", "整改照片、报告", OldFile((".jpg", ".jpeg", ".png", ".pdf"), many=True), "--evidence"),
        Ask("why", "怎样核实的", Text(), "--why"), BY,
    )),
    Entry("到期没有改正，转为线索", ("findings", "fail"), (
        FOLDER, _findings("ordered", "extended"), Ask("unit", "首办单位", ANY_UNIT.kind, "--first-unit"),
        Ask("person", "首办人", Text(), "--first-person"), WHY, BY,
    )),
    Entry("看一种台账", ("ledger", "show"), (FOLDER, Ask("ledger", "哪种台账", Pick(ledgers)))),
    Entry("做一份空白台账表格", ("ledger", "blank"), (
        Ask("folder", "工作目录", FOLDER.kind, "--workspace"),
        Ask("ledger", "哪种台账", Pick(ledgers)), target("{ledger}.xlsx"),
    )),
    Entry("读入填好的台账表格", ("ledger", "import"), (
        FOLDER, Ask("ledger", "哪种台账", Pick(ledgers)), Ask("table", "哪个表格", OldFile(ROUTES)), BY,
    )),
))  # fmt: skip

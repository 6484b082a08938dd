"""Tables counted, shown, filed, printed, handed up; drafts of summaries."""

from __future__ import annotations

from engine.menu.listings import summaries
from engine.menu.model import Ask, Day, Entry, Flag, Menu, Pick, Text
from engine.menu.pages.asks import ANY_UNIT, BY, FOLDER, TABLE, target

_WHOLE = Ask("unit", "哪个责任单位", ANY_UNIT.kind, "--unit", optional=True, skipped="全局")
_TO = Ask("to", "截止日", Day(), "--to", optional=True, skipped="今天，行动结束以后为最后一天")

COUNTING = Menu("统计表和小结", (
    Entry("在屏幕上看", ("table", "show"), (FOLDER, TABLE, _WHOLE, _TO)),
    Entry("写成表格", ("table", "show"), (FOLDER, TABLE, _WHOLE, _TO, target("{table}.xlsx"))),
    Entry("报送", ("table", "file"), (
        FOLDER, TABLE, _WHOLE, Ask("to", "截止日", Day(), "--to"),
        Ask("zero", "没有填的手工数按 0 报吗（零报告）", Flag(), "--zero"),
        Ask("why", "以前报过的数有变动时，更正的理由", Text(), "--why", optional=True),
        Ask("reviewer", "审核人", Text(), "--reviewer", optional=True), BY,
    ), hint="报送以后各数不再变；以后的变动在下一次报送里作更正。"),
    Entry("列出报送过的", ("table", "filings"), (FOLDER, TABLE, _WHOLE)),
    Entry("打印最近一次报送", ("table", "filings"), (FOLDER, TABLE, _WHOLE, target("报送-{table}.pdf"))),
    Entry("写出报送文件，交给上级汇总", ("table", "export"), (
        FOLDER, TABLE, _WHOLE, target("报送-{table}.json"),
    )),
    Entry("起草小结、总结", ("report", "draft"), (
        FOLDER, Ask("summary", "哪种", Pick(summaries)), _TO, _WHOLE, target("{summary}.docx"),
    )),
))  # fmt: skip

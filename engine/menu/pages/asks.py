"""What many entries ask for."""

from __future__ import annotations

from engine.menu.listings import attributes, campaigns, documents, fixed, site_types, tables, units
from engine.menu.model import Ask, By, Day, Folder, NewFile, OldFile, Pick, Text
from engine.menu.sitting import Given, Sitting

FOLDER = Ask("folder", "工作目录", Folder())
BY = Ask("by", "由谁办理", By(), "--by")
CAMPAIGN = Ask("campaign", "哪一次行动", Pick(campaigns), "--campaign")
SITE_TYPE = Ask("site_type", "哪种单位", Pick(site_types))
HAS = Ask("has", "有哪些业务", Pick(attributes, many=True), "--has", optional=True, skipped="不清楚，全部项目都列出",
          joined=",")  # fmt: skip
VISIT_DAY = Ask("day", "检查日期", Day(), "--date", optional=True, skipped="行动的第一天")
UNIT = Ask("unit", "哪个责任单位", Pick(units), "--unit")
ANY_UNIT = Ask("unit", "哪个责任单位", Pick(units), "--unit", optional=True, skipped="全部")
DOCUMENT = Ask("document", "哪种文书", Pick(documents), "--document")
TABLE = Ask("table", "哪张统计表", Pick(tables))
WHY = Ask("why", "理由", Text(), "--why")
PAPERS = Ask("papers", "哪些 PDF", OldFile((".pdf",), many=True))

SHEETS = (".yaml", ".yml", ".xlsx", ".pdf", ".json", ".csv", ".xml")
"""Endings of files that answers may come in."""
ROUTES = (".xlsx", ".csv")
YAML = (".yaml", ".yml")

ON_SCREEN = fixed(("text", "在屏幕上看"), ("xlsx", "写成表格（WPS、Excel）"), ("pdf", "写成 PDF，打印"))


def target(name: str, title: str = "写到哪个文件", *, option: str = "-o", key: str = "target") -> Ask:
    """Return what asks for the file to be written; in the name, {key} stands for what was answered before."""

    def proposed(sitting: Sitting, given: Given) -> str:
        return name.format_map({each: sitting.named(given, each) for each in given})

    return Ask(key, title, NewFile(proposed), option)


def listed(name: str) -> tuple[Ask, Ask]:
    """Return what asks how a list is given and, where it is a file, for its name without the ending."""

    def proposed(sitting: Sitting, given: Given) -> str:
        return f"{name}.{given['format'][0]}"

    return (
        Ask("format", "怎样看", Pick(ON_SCREEN), "--format"),
        Ask("target", "写到哪个文件", NewFile(proposed), "-o", when=lambda given: given["format"] != ("text",)),
    )

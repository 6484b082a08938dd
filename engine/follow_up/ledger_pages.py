"""A ledger written out: as a workbook to fill in or to hand on, and as JSON. One row an entry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from engine.days import parse_day
from engine.follow_up.cells import shown_value
from engine.follow_up.ledger_book import FINDING, ID, INSPECTION, UNIT
from engine.follow_up.ledger_view import computed, heading
from engine.model.ledgers import LedgerFile
from engine.model.workspace import LedgerEntry
from engine.workbooks.writing import Cell, Check, Column, Page, write_book

BLANK_ROWS = 40
OPEN_BELOW = 1000
"""Rows below the blank ones that may be filled in too."""


def ledger_workbook(ledger: LedgerFile, entries: Iterable[LedgerEntry], units: tuple[str, ...], day: date) -> bytes:
    """Return the entries as an .xlsx workbook with open rows below them; without entries it is a blank one.

    units: offered in the column of the responsible unit. day: the date the file says it was made.
    """
    columns = _columns(ledger)
    width = len(columns) - 1
    told = (
        "一行一条。编号由程序给出，新增的留空；改已有的条目，编号不要动。金额以元为单位，最多两位小数。"
        "从文件读入用 ledger import；有一处错误就整个不读入。"
    )
    rows = [
        (Cell(ledger.title, "title"), *[Cell(None, "words")] * width),
        (Cell(told, "words"), *[Cell(None, "words")] * width),
        tuple(Cell(head, "header") for _, head in columns),
    ]
    kept = [entry for entry in entries if not entry.voided]
    for entry in kept:
        rows.append(tuple(_cell(ledger, name, entry, units) for name, _ in columns))
    empty = tuple(_cell(ledger, name, None, units) for name, _ in columns)
    rows += [empty] * BLANK_ROWS
    sheets = [Column(_width(ledger, name, head), below=_below(ledger, name, units)) for name, head in columns]
    page = Page(ledger.title[:31], tuple(sheets), tuple(rows), 3, kept_columns=1, landscape=True, least_height=24,
                last_open=len(rows) + OPEN_BELOW)  # fmt: skip
    help_ = Page("填写说明", (Column(18), Column(90)), tuple(_help(ledger)))
    lists = Page("取值", (Column(10),), ((Cell("本工作表供下拉列表使用，请不要改动。", "words"),),), hidden=True)
    return write_book((page, help_, lists), ledger.title, ledger.title, day)


def _columns(ledger: LedgerFile) -> list[tuple[str, str]]:
    """Return what stands in each column and its heading."""
    own = [(name, heading(column)) for name, column in ledger.columns.items()]
    computed = [(each.label, each.label) for each in ledger.elapsed]
    return [(ID, ID), (UNIT, UNIT), *own, *computed, (INSPECTION, INSPECTION), (FINDING, FINDING)]


def _cell(ledger: LedgerFile, name: str, entry: LedgerEntry | None, units: tuple[str, ...]) -> Cell:
    open_ = _below(ledger, name, units)
    if entry is None:
        return open_ if open_ is not None else Cell(None, "label")
    if open_ is None:
        return Cell(computed(ledger, name, entry), "label")
    check = open_.check if open_.check is not None and open_.check.kind == "list" else None
    return open_._replace(value=_value(ledger, name, entry), check=check)  # other rules take a cell each: too many


def _value(ledger: LedgerFile, name: str, entry: LedgerEntry) -> str | int | date | None:
    own = {ID: entry.id, UNIT: entry.unit, INSPECTION: entry.inspection, FINDING: entry.finding}
    if name in own:
        return own[name]
    column, value = ledger.columns[name], entry.values.get(name)
    if value is None:
        return None
    if column.type == "date" and isinstance(value, str):
        return parse_day(value)
    if column.type in ("count", "days") and isinstance(value, int):
        return value
    return shown_value(column, value)


def _below(ledger: LedgerFile, name: str, units: tuple[str, ...]) -> Cell | None:
    """Return the open cell of a column, None for what the program computes."""
    if name in (ID, INSPECTION, FINDING):
        return Cell(None, "text")
    if name == UNIT:
        check = Check("list", units, title="请从列表中选", message="请选责任单位") if units else None
        return Cell(None, "text", check)
    column = ledger.columns.get(name)
    if column is None:
        return None
    match column.type:
        case "choice":
            told = f"可以填：{'、'.join(column.options)}"
            return Cell(None, "text", Check("list", column.options, title="请从列表中选", message=told))
        case "choices":
            return Cell(None, "text", Check("list", column.options, strict=False))
        case "yes_no":
            return Cell(None, "text", Check("list", ("是", "否"), title="请从列表中选", message="可以填：是、否"))
        case "date":
            return Cell(None, "day", Check("day", title="应为日期", message="请写成 2024-1-31 的样子"))
        case "count" | "days":
            told = "请只填不小于 0 的整数，不写单位"
            return Cell(None, "number", Check("whole", low=0, high=10**9, title="应为整数", message=told))
        case _:
            return Cell(None, "text")


def _width(ledger: LedgerFile, name: str, head: str) -> float:
    column = ledger.columns.get(name)
    if name == UNIT:
        return 18
    if column is None:
        return 14
    wide = {"text": 22, "moment": 17, "date": 12, "choices": 20, "money": 14}.get(column.type, 10)
    return max(wide, min(2 * len(head) + 2, 18))


def _help(ledger: LedgerFile) -> Iterator[tuple[Cell, ...]]:
    yield Cell("栏目", "header"), Cell("怎样填", "header")
    yield Cell(UNIT), Cell("登记的责任单位，写全称。")
    kinds = {
        "text": "文字", "date": "日期，如 2024-01-31", "moment": "日期和时刻，如 2024-01-31 09:30",
        "choice": "从列表中选", "choices": "可以选几个，之间用 ； 隔开", "count": "整数", "days": "整数，天数",
        "money": "以元为单位，最多两位小数", "yes_no": "是 或 否",
    }  # fmt: skip
    for column in ledger.columns.values():
        parts = ["必填" if column.required else "", kinds[column.type],
                 f"取值：{'、'.join(column.options)}" if column.options else "", column.note or ""]  # fmt: skip
        yield Cell(heading(column)), Cell("；".join(part for part in parts if part))
    if ledger.note:
        yield Cell("说明"), Cell(ledger.note)

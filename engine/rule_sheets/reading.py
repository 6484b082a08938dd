"""A workbook of rules that came back: its sheets found by their headings, wherever columns and rows are now."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.problems import Mark, Problem, problem
from engine.reading import read_bytes
from engine.rule_sheets.columns import BASE_TITLE, ITEMS, SHEETS, Column, SheetKind
from engine.rule_sheets.words import digest, flat, one_line, text_of
from engine.rule_sheets.workbook import HIDDEN, MARKER
from engine.workbooks.table import MAX_BYTES, Limits, Row, Table, Unusable, Value
from engine.workbooks.xlsx import read_book

LIMITS = Limits(rows=6000, columns=80, cell=4000)
_SEARCHED = 30
"""Rows in which the headings are looked for."""
_NOT_TEXT = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
"""Kinds of characters that nobody sees: controls, marks of direction, halves, unassigned ones, breaks of lines."""
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True)
class Line:
    """A row as it came back."""

    sheet: SheetKind
    key: str
    """Empty for a new one."""
    cells: Mapping[str, str]
    """Only of the columns that are still there."""
    base: Mapping[str, str]
    """Column → digest of what was exported; empty if that is gone."""
    table: Table
    number: int
    places: Mapping[str, int]
    """Column → number of the column in the sheet; "key" among them."""

    def mark(self, column: str) -> Mark:
        """Return the place of a cell, of the row if the column is gone."""
        return self.table.mark(self.number, self.places.get(column, 0))


@dataclass
class Returned:
    """What a workbook says, and what is wrong with it as a workbook."""

    campaign: str = ""
    export: str = ""
    lines: list[Line] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    cell_problems: list[Problem] = field(default_factory=list)
    """Of single cells and rows: the others can be read all the same."""
    remarks: list[str] = field(default_factory=list)
    """What was understood in a way that people should know of: columns and sheets that are gone."""


def read_rules(path: Path) -> Returned:
    """Return the rows of the workbook (.xlsx, at most 8 MiB), with problems by sheet and cell."""
    shown = str(path)
    content, problems = read_bytes(path, shown, MAX_BYTES)
    if problems:
        return Returned(problems=problems)
    if not content.startswith(_ZIP):
        return Returned(problems=[problem("E910", Mark(shown), what="这不是 .xlsx 工作簿")])
    book, problems = read_book(content, shown, LIMITS)
    if book is None:
        return Returned(problems=problems)
    found = Returned()
    tables = [sheet.table for sheet in book.sheets]
    _read_hidden(tables, found)
    for sheet in SHEETS:
        headed = [(table, header) for table in tables if (header := _header(table, sheet)) is not None]
        if len(headed) > 1:
            names = "、".join(table.sheet for table, _ in headed)
            found.problems.append(problem("E910", Mark(shown), what=f"有几页都像“{sheet.title}”：{names}"))
        for table, header in headed[:1]:
            whole = next(s for s in book.sheets if s.table is table)
            found.problems += [whole.cut] if whole.cut else []
            found.problems += [_merged(table, place) for place in whole.merged if _row(place) > header.number]
            _read_sheet(sheet, table, header, found)
        if not headed and sheet is ITEMS:
            what = f"没有找到“{sheet.title}”页：表头里没有“{sheet.key_title}”"
            found.problems.append(problem("E910", Mark(shown), what=what))
        elif not headed:
            found.remarks.append(f"没有“{sheet.title}”页（表头“{sheet.key_title}”），按没有改动处理")
    return found


def _read_hidden(tables: list[Table], found: Returned) -> None:
    for table in tables:
        first = table.rows[0].cells if table.rows else ()
        if table.sheet == HIDDEN and text_of(first[0] if first else None) == MARKER and len(first) >= 3:
            found.campaign, found.export = text_of(first[1]), text_of(first[2])


def _header(table: Table, sheet: SheetKind) -> Row | None:
    for row in table.rows[:_SEARCHED]:
        titles = {_title(value) for value in row.cells}
        if sheet.key_title in titles and sum(c.title in titles for c in sheet.columns) >= 2:
            return row
    return None


def _row(cells: str) -> int:
    return int(re.findall(r"\d+", cells)[-1])


def _merged(table: Table, cells: str) -> Problem:
    first = cells.split(":")[0]
    mark = Mark(table.path, int(re.findall(r"\d+", first)[0]), cell=f"{table.sheet}!{cells}")
    return problem(
        "E911",
        mark,
        column="合并的单元格",
        reason=f"{cells} 合成了一格，别的格里写了什么看不出",
        todo="请取消合并，逐格填好",
    )


def _title(value: Value) -> str:
    return one_line(text_of(value)).replace(" ", "")


def _read_sheet(sheet: SheetKind, table: Table, header: Row, found: Returned) -> None:
    places: dict[str, int] = {}
    by_title = {c.title: c.key for c in sheet.columns} | {sheet.key_title: "key", BASE_TITLE: "base"}
    for number, value in enumerate(header.cells, 1):
        key = by_title.get(_title(value))
        if key is not None and key in places:
            mark = table.mark(header.number, number)
            found.problems.append(
                problem("E911", mark, column=_title(value), reason="这一栏有两个", todo="请删去多的一个")
            )
        elif key is not None:
            places[key] = number
    gone = [c.title for c in sheet.columns if c.key not in places and c.kind != "fixed"]
    if gone:
        found.remarks.append(f"“{sheet.title}”页没有{'、'.join(gone)}栏，按没有改动处理")
    seen: dict[str, int] = {}
    for row in table.rows:
        if row.number <= header.number:
            continue
        line = _line(sheet, table, row, places, found)
        if line is None:
            continue
        if line.key and line.key in seen:
            found.cell_problems.append(
                problem("E913", line.mark("key"), name=line.key, first=seen[line.key], column=sheet.key_title)
            )
            continue
        seen[line.key] = row.number
        found.lines.append(line)


def _line(sheet: SheetKind, table: Table, row: Row, places: Mapping[str, int], found: Returned) -> Line | None:
    def cell(key: str) -> Value:
        place = places.get(key, 0)
        return row.cells[place - 1] if 0 < place <= len(row.cells) else None

    base = dict(_base(text_of(cell("base"))))
    cells: dict[str, str] = {}
    for column in sheet.columns:
        if column.key not in places:
            continue
        value = cell(column.key)
        if isinstance(value, str) and digest(value) == base.get(column.key):
            cells[column.key] = value  # as it went out, blanks and breaks of lines included
            continue
        if isinstance(value, Unusable) and (column.kind != "fixed" or column.new):
            what = "是公式" if value.formula else f"是出错的值 “{value.text}”"
            mark = table.mark(row.number, places[column.key])
            found.cell_problems.append(problem("E911", mark, column=column.title, reason=what, todo="请直接写上内容"))
            continue
        cells[column.key] = _cleaned(column, value)
        strange = next((c for c in cells[column.key] if unicodedata.category(c) in _NOT_TEXT and c != "\n"), None)
        if strange is not None:
            mark = table.mark(row.number, places[column.key])
            reason = f"里面有看不见的字符 U+{ord(strange):04X}"
            todo = "请把这一格清空，用键盘重新输入"
            found.cell_problems.append(problem("E911", mark, column=column.title, reason=reason, todo=todo))
            del cells[column.key]
    if not any(cells.values()):
        return None
    key = one_line(text_of(cell("key")))
    if not key and all(not cells.get(c.key) for c in sheet.columns if c.kind != "fixed" or c.new):
        return None
    return Line(sheet, key, cells, base, table, row.number, dict(places))


def _cleaned(column: Column, value: Value) -> str:
    text = text_of(value)
    if column.key in ("proof", "law") or column.kind == "fixed":
        return text
    return one_line(text) if column.kind != "words" else text.replace("\n", "；")


def _base(text: str) -> Iterator[tuple[str, str]]:
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return
    if isinstance(found, dict):
        yield from ((flat(str(key)), str(value)) for key, value in found.items())

"""The blank workbook of a checklist: who and when, the items, a sheet for every table, a hidden one with the head."""

from __future__ import annotations

from datetime import date
from math import ceil

from engine.answering.forms import MAX_ROW
from engine.answering.lines import (
    MARKER,
    Kind,
    Line,
    Part,
    columns_of,
    head_pieces,
    items_of,
    site_and_visit,
    spare_rows,
    table_name,
    told_where,
)
from engine.answering.questions import Table, tables
from engine.answering.workbook_fields import KEY, NO_FIELD, VISIT_SHEET
from engine.days import parse_day
from engine.model.checklist import Checklist
from engine.workbooks.writing import Cell, Check, Column, Page, Style, write_book

ITEMS_SHEET, HEAD_SHEET = "检查表", "程序用"
SPARE = 15
"""Rows of a table that are drawn, at least; those beneath may be filled in too."""
_TOP = 3
"""Title, how to fill in, and the hidden keys; the header comes below."""
_LANDSCAPE, _PORTRAIT = 135, 92
"""Widths that fill a page; what is wider is made smaller in print."""
_STYLES: dict[Kind, Style] = {
    "words": "text", "several": "text", "text": "text", "number": "number", "whole": "number", "day": "day",
    "clock": "clock",
}  # fmt: skip
_HELP = (
    "只填黄色的格子，其余各格已锁定。有下拉箭头的从中选；没有检查的不填；不涉及的选 不适用。填好后原样保存为 .xlsx。"
)
_TABLE_HELP = "一行一处；空行不够就接着往下写（到第 {last} 行为止）。"


def workbook(checklist: Checklist) -> bytes:
    """Return the blank workbook of a checklist as .xlsx."""
    title = f"{checklist.type.title.split('（')[0]}检查表"
    pages = [_visit_page(checklist, title), _items_page(checklist, title)]
    pages += [_table_page(checklist, table) for table in tables(checklist)]
    footer = f"{title}　检查表编号 {checklist.id}"
    return write_book((*pages, _head_page(checklist)), title, footer, checklist.date)


def _visit_page(checklist: Checklist, title: str) -> Page:
    keys = ("check", "answer", "how", "field")
    rows = _top(f"{title}　{checklist.campaign_title}", _HELP, keys, ("栏目", "填写", "说明"))
    known = [a.label for name, a in checklist.type.attributes.items() if checklist.site.attributes.get(name)]
    for part in site_and_visit(checklist):
        rows.append(_heading(part, len(keys)))
        rows += [(Cell(line.title), _open(line), Cell(line.how), _key(line.name)) for line in part.lines]
    if known:
        rows.append(
            (Cell("已知的业务范围"), Cell("、".join(known)), Cell("出表时已定；有变化请重新出表"), _key(NO_FIELD))
        )
    columns = (Column(28), Column(46), Column(34), Column(10, hidden=True))
    return Page(VISIT_SHEET, columns, tuple(rows), header=_TOP + 1, hidden_rows=(_TOP,))


def _items_page(checklist: Checklist, title: str) -> Page:
    keys = ("code", "grade", "check", "how", "answer", "note", "field")
    heads = ("编号", "等级", "检查内容", "方法/要求", "结果", "备注")
    rows = _top(f"{title}　{checklist.campaign_title}", _HELP, keys, heads)
    for part in items_of(checklist):
        rows.append(_heading(part, len(keys)))
        rows += [_item(line) for line in part.lines]
    widths = (9, 9, 44, 42, 16, 26)
    columns = (*(Column(width) for width in widths), Column(10, hidden=True))
    return Page(ITEMS_SHEET, columns, tuple(rows), _TOP + 1, hidden_rows=(_TOP,), landscape=True)


def _item(line: Line) -> tuple[Cell, ...]:
    where = told_where(line, f"工作表“{table_name(line.table)}”") if line.table is not None else ""
    how = "\n".join(text for text in (line.method, line.how, where) if text)
    title = line.title if line.note else f"　{line.title}" if line.code else line.title
    note = Cell(None, "text") if line.note else Cell(None)
    return (
        Cell(line.code, "short"),
        Cell(line.grade, "short"),
        Cell(title),
        Cell(how),
        _open(line),
        note,
        _key(line.name),
    )


def _table_page(checklist: Checklist, table: Table) -> Page:
    lines = columns_of(table)
    begun = checklist.prefilled.get(table.name, ())
    grid = checklist.grids.get(table.name)
    last = _TOP + 1 + MAX_ROW
    help_ = " ".join(text for text in (grid.instructions if grid else "", _TABLE_HELP.format(last=last)) if text)
    keys = ("number", *(f"column.{column}" for column in lines), f"table.{table.name}")
    rows = _top(table.title, help_, keys, ("序号", *(line.title for line in lines.values())))
    for number in range(1, len(begun) + max(spare_rows(checklist, table), SPARE - len(begun)) + 1):
        row = begun[number - 1] if number <= len(begun) else {}
        cells = [_begun(line, row[column]) if column in row else _open(line) for column, line in lines.items()]
        rows.append((Cell(number, "short"), *cells, _key(str(number))))
    below = [Column(_width(line), below=_open(line)) for line in lines.values()]
    wide = len(lines) > 4
    wider = max(1, (_LANDSCAPE if wide else _PORTRAIT) / sum(column.width for column in below))
    below = [column._replace(width=round(column.width * wider, 1)) for column in below]
    columns = (Column(5), *below, Column(10, hidden=True))
    return Page(
        table_name(table), columns, tuple(rows), _TOP + 1, kept_columns=1, hidden_rows=(_TOP,),
        landscape=wide, least_height=26, last_open=last,
    )  # fmt: skip


def _head_page(checklist: Checklist) -> Page:
    told = "本工作表供程序核对检查表的版本，请不要改动。"
    rows = [(Cell(text, "words"),) for text in (MARKER, told, *head_pieces(checklist))]
    return Page(HEAD_SHEET, (Column(20),), tuple(rows), hidden=True)


def _top(title: str, help_: str, keys: tuple[str, ...], heads: tuple[str, ...]) -> list[tuple[Cell, ...]]:
    """Return the rows above the questions: title, how to fill in, the hidden keys of the columns, their names."""
    return [
        (Cell(title, "title"), *[Cell(None, "words")] * (len(keys) - 2), _key(NO_FIELD)),
        (Cell(help_, "words"), *[Cell(None, "words")] * (len(keys) - 2), _key(NO_FIELD)),
        tuple(_key(f"{KEY}{key}") for key in keys),
        (*(Cell(head, "header") for head in heads), _key(NO_FIELD)),
    ]


def _heading(part: Part, columns: int) -> tuple[Cell, ...]:
    return (Cell(part.title, "section"), *[Cell(None, "section")] * (columns - 2), _key(NO_FIELD))


def _key(text: str) -> Cell:
    return Cell(text, "words")


def _open(line: Line) -> Cell:
    return Cell(line.known or None, _STYLES[line.kind], _check(line))


def _begun(line: Line, value: object) -> Cell:
    """Return the locked cell of what the program wrote."""
    day = parse_day(value) if line.kind == "day" and isinstance(value, str) else None
    shown = day or ("；".join(map(str, value)) if isinstance(value, list) else value)
    return Cell(shown if isinstance(shown, (str, int, float, date)) else str(shown))


def _check(line: Line) -> Check | None:
    or_words = f"，或者 {'、'.join(line.words)}" if line.words and line.kind not in ("words", "several") else ""
    match line.kind:
        case "words":
            return Check("list", line.words, title="请从列表中选", message=f"可以填：{'、'.join(line.words)}")
        case "several":
            return Check("list", line.words, strict=False)
        case "day":
            return Check("day", line.words, title="应为日期", message=f"请写成 2024-1-31 的样子{or_words}")
        case "clock":
            return Check("clock", title="应为时间", message="请写成 9:05 的样子（24 小时制，半角冒号）")
        case "number" | "whole":
            kind: str = "整数" if line.kind == "whole" else "数字"
            low, high = (str(bound) if bound is not None else "" for bound in (line.low, line.high))
            between = f"（{low} 到 {high}）" if low and high else f"（不小于 {low}）" if low else ""
            message = f"请只填{kind}{between}，不写单位{or_words}；超出范围的请核对单位和小数点"
            return Check(line.kind, line.words, line.low, line.high, f"应为{kind}", message)
        case _:
            return None


def _width(line: Line) -> float:
    """Return the width of a column by what is written in it; its heading may take three lines."""
    heading = 2 * ceil(len(line.title) / 3) + 2
    if line.kind in ("words", "number", "whole", "clock"):
        return max(6.5, heading, min(2 * max((len(word) for word in line.words), default=0) + 3, 14))
    return max(11.5, heading)

"""What a workspace keeps as sheets of a workbook: values only, for whoever has no more than a table program."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from engine.model.workspace import (
    Filing,
    Inspection,
    Kept,
    KeptFinding,
    LedgerEntry,
    RegisteredSite,
    TakenNumber,
    Unit,
)
from engine.workbooks.writing import Cell, Column, Page, write_book
from engine.workspace.inner_words import Words
from engine.workspace.words import field_word, kind_word

_SIMPLE: tuple[type[Kept], ...] = (RegisteredSite, Inspection, KeptFinding, TakenNumber, Unit)
_LONGEST = 32_000
"""Characters that a cell can hold, nearly."""


def workbook(things: dict[type[Kept], list[Any]], words: Words, title: str, head: str, day: date) -> bytes:
    """Return the workbook: a sheet for each kind, one for each ledger, and one with every figure that was filed."""
    pages = [_page(kind_word(kind.KIND), *_rows(kind, things[kind], words)) for kind in _SIMPLE]
    pages += _ledgers(things[LedgerEntry], words)
    pages.append(_page("报表", *_filings(things[Filing])))
    pages.append(_page("说明", ("项目", "内容"), [("名称", title), ("链末", head)])._replace(hidden=True))
    return write_book(tuple(pages), title, title, day)


def _rows(
    kind: type[Kept], things: Iterable[Kept], words: Words, ledger: str = ""
) -> tuple[list[str], list[list[Any]]]:
    """Return header and rows: every field a column, names inside a field each one; without empty columns."""
    data = [thing.model_dump(mode="json") for thing in things]
    own = [name for name in kind.model_fields if name != "facts"]
    columns: list[tuple[str, str]] = []
    for name in own:
        inner = sorted({key for each in data if isinstance(each[name], dict) for key in each[name]})
        columns += [(name, key) for key in inner] or [(name, "")]
    header = [words.field(kind.KIND, name, key, ledger) for name, key in columns]
    rows = [
        [_cell(kind.KIND, name, _inside(each[name], key), words, key, ledger) for name, key in columns] for each in data
    ]
    if kind is Inspection:
        header += ["检查日期", "归档日期"]
        for row, each in zip(rows, data, strict=True):
            row += [(each["facts"] or {}).get(name) for name in ("date", "sealed")]
    used = [place for place in range(len(header)) if not rows or any(row[place] not in (None, "") for row in rows)]
    return [header[place] for place in used], [[row[place] for place in used] for row in rows]


def _ledgers(entries: list[LedgerEntry], words: Words) -> Iterable[Page]:
    for name in sorted({entry.ledger for entry in entries}):
        rows = _rows(LedgerEntry, [entry for entry in entries if entry.ledger == name], words, name)
        yield _page(words.ledger(name)[:31], *rows)


def _filings(filings: list[Filing]) -> tuple[list[str], list[list[Any]]]:
    own = ("id", "table", "unit", "start", "cut_off", "serial", "filed", "by", "reviewer", "zero")
    header = [field_word("filing", name) for name in own] + ["栏目", "本期", "累计", "更正", "更正的理由"]
    rows: list[list[Any]] = []
    for filing in filings:
        begin = [_cell("filing", name, getattr(filing, name), Words()) for name in own]
        for column in sorted({*filing.period, *filing.total, *filing.corrections}) or [""]:
            period, total = filing.period.get(column), filing.total.get(column)
            rows.append([*begin, column, period and period.value, total and total.value, filing.corrections.get(column),
                         filing.why])  # fmt: skip
    return header, rows


def _inside(value: Any, key: str) -> Any:
    return value.get(key) if key and isinstance(value, dict) else value


def _cell(
    kind: str, field: str, value: Any, words: Words, inner: str = "", ledger: str = ""
) -> str | int | float | None:
    if isinstance(value, int) and not isinstance(value, bool):
        column = words.column(field, inner, ledger)
        return value / 100 if column is not None and column.type == "money" else value
    if isinstance(value, list) and not any(isinstance(each, list | dict) for each in value):
        value = "、".join(words.value(kind, field, each, inner, ledger) for each in value)
    elif isinstance(value, list | dict):
        value = json.dumps(value, ensure_ascii=False) if value else ""
    else:
        value = words.value(kind, field, value, inner, ledger)
    return value[:_LONGEST] or None


def _page(title: str, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> Page:
    looked_at = [header, *rows[:200]]
    widths = [min(40, max(8, *(_width(row[place]) for row in looked_at)) + 2) for place in range(len(header))]
    cells = [tuple(Cell(name, "header") for name in header)]
    cells += [
        tuple(Cell(value, "short" if isinstance(value, int | float) else "label") for value in row) for row in rows
    ]
    return Page(title, tuple(Column(width) for width in widths), tuple(cells), header=1, kept_columns=1, landscape=True)


def _width(value: Any) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in str(value or "")[:60])

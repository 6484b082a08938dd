"""Answers in spreadsheets: filled in as people do, moved about, damaged, hostile; read as the same answers or refused."""

from __future__ import annotations

import io
from datetime import date, time
from functools import cache
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support_answers import KINDS, PLACE, checklist_of, fields_of, findings, opened, sheets

from engine.answering.data import DataDocument
from engine.answering.head import opener
from engine.answering.writing import sheet_data
from engine.formats import format_of, load_format
from engine.model.checklist import Checklist
from engine.model.sheet import Source
from engine.problems import Problem
from engine.source import Written

NAMES = [f"{k[1]}-{k[0]}" for k in KINDS]
Book = Any
KEYS = 3
"""Row of the hidden keys."""


@cache
def blank(kind: tuple[str, str, date], name: str = "xlsx") -> bytes:
    content = load_format(name).write_checklist(checklist_of(*kind))
    assert isinstance(content, bytes)
    return content


def book_of(kind: tuple[str, str, date] = KINDS[0]) -> Book:
    return openpyxl.load_workbook(io.BytesIO(blank(kind)))


def saved(book: Book) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def read(content: bytes) -> tuple[Written | None, list[Problem]]:
    name = format_of(content)
    source = Source.model_validate({"way": name, "file": f"检查表.{name}"})
    result = load_format(name).read_sheet(content, f"检查表.{name}", source, opener(PLACE))
    assert isinstance(result, tuple)
    return result


def read_well(content: bytes) -> Written:
    document, problems = read(content)
    assert document is not None
    assert not problems, [p.render() for p in problems]
    return document


def told(content: bytes) -> str:
    """Return what is said about a workbook that must not be read without a word."""
    document, problems = read(content)
    assert problems, f"read as {document.data if document else None}"
    return "\n".join(p.render() for p in problems)


def cells_of(book: Book) -> dict[str, Any]:
    """Return the cell of every field of a workbook by the hidden names, wherever columns and rows are."""
    found: dict[str, Any] = {}
    for sheet in book.worksheets:
        keys = {}
        for row in sheet.iter_rows():
            named = {
                str(c.value).removeprefix("chunfeng."): c.column for c in row if str(c.value).startswith("chunfeng.")
            }
            if named:
                keys = named
                continue
            table = next((k.removeprefix("table.") for k in keys if k.startswith("table.")), "")
            field = str(row[keys.get(f"table.{table}" if table else "field", 1) - 1].value) if keys else "None"
            if field in ("-", "None"):
                continue
            for key, column in keys.items():
                cell = sheet.cell(row[0].row, column)
                if table and key.startswith("column."):
                    found[f"{table}.{field}.{key.removeprefix('column.')}"] = cell
                elif key == "answer":
                    found[field] = cell
                elif key == "note" and field.endswith((".answer", ".not_applicable")):
                    found[f"{field.rpartition('.')[0]}.note"] = cell
    return found


def put(cell: Any, value: Any) -> None:
    """Fill in a cell as a spreadsheet keeps what was typed: a text as text, a day as a day where the cell is for one."""
    if cell.number_format == "yyyy-mm-dd" and isinstance(value, str) and value[:4].isdigit():
        cell.value = date.fromisoformat(value)
    elif cell.number_format == "hh:mm":
        cell.value = time.fromisoformat(value)
    else:
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"


def typed_in(checklist: Checklist, book: Book, sheet: dict[str, Any]) -> bytes:
    cells = cells_of(book)
    for name, value in fields_of(checklist, sheet).items():
        if name.endswith(".not_applicable"):
            code = name.rpartition(".")[0]
            put(cells.get(name) or cells[f"{code}.answer"], "不适用")
        else:
            put(cells[name], value)
    return saved(book)


@pytest.mark.parametrize("kind", KINDS, ids=NAMES)
@settings(max_examples=4)
@given(data=st.data())
def test_what_is_typed_into_a_workbook_is_read(kind: tuple[str, str, date], data: Any) -> None:
    checklist = checklist_of(*kind)
    sheet = data.draw(sheets(checklist))
    _same(sheet, typed_in(checklist, book_of(kind), sheet))


def _same(sheet: dict[str, Any], content: bytes) -> None:
    direct, by_form = opened(DataDocument("答卷.json", sheet)), opened(read_well(content))
    first, second = sheet_data(direct), sheet_data(by_form)
    second.pop("provenance")
    assert second == first
    assert findings(by_form) == findings(direct)

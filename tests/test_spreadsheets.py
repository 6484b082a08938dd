"""Answers in spreadsheets: filled in as people do, moved about, damaged, hostile; read as the same answers or refused."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import zipfile
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from time import process_time
from typing import Any

import openpyxl
import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image as Picture
from support import ROOT
from support_answers import KINDS, PLACE, checklist_of, every_kind, fields_of, findings, opened, sheets
from support_documents import Invoke

from engine.answering.data import DataDocument
from engine.answering.head import opener
from engine.answering.lines import items_of
from engine.answering.writing import sheet_data
from engine.formats import format_of, load_format
from engine.inspections.opening import open_sheet
from engine.model.checklist import Checklist
from engine.model.sheet import EarlierFinding, Site, Source
from engine.problems import Problem
from engine.source import Written
from engine.workbooks.writing import Cell, Check, Column, Page, write_book

NAMES = [f"{k[1]}-{k[0]}" for k in KINDS]
Book = Any
EXAMPLES = max(2, int(os.environ.get("CHUNFENG_EXAMPLES", "0")) // 100)
"""A workbook takes a second to fill in."""
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


@every_kind
@settings(max_examples=EXAMPLES)
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


# ── moved, sorted, renamed, added: what people and programs do to a workbook


def _sheet(book: Book, title: str) -> Any:
    return next(sheet for sheet in book.worksheets if sheet.title.startswith(title))


def _rearranged(content: bytes, chance: random.Random) -> bytes:
    """Return the workbook with columns moved, rows sorted otherwise and sheets in another order, renamed and added."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for sheet in book.worksheets:
        if not any(str(cell.value).startswith("chunfeng.") for cell in sheet[KEYS]):
            continue
        width, rows = sheet.max_column, [[_kept(cell) for cell in row] for row in sheet.iter_rows()]
        columns = chance.sample(range(width), width)
        body = rows[KEYS + 1 :]
        chance.shuffle(body)
        for number, row in enumerate([*rows[: KEYS + 1], *body], 1):
            for place, column in enumerate(columns, 1):
                cell = sheet.cell(number, place)
                cell.value, cell.data_type, cell.number_format = row[column]
    book["检查表"].title = "1号店（已填）"
    chance.shuffle(book._sheets)
    own = book.create_sheet("我的台账", 0)
    for row in range(1, 1500):
        own.append([row, "=SUM(A1:A2)", date(2024, 1, 1), "结果"])
    return saved(book)


def _kept(cell: Any) -> tuple[Any, str, str]:
    return cell.value, cell.data_type, cell.number_format


@pytest.mark.parametrize("kind", KINDS[:1], ids=NAMES[:1])
@settings(max_examples=EXAMPLES)
@given(data=st.data(), seed=st.integers(0, 1000))
def test_moved_columns_and_sorted_rows_change_nothing(kind: tuple[str, str, date], data: Any, seed: int) -> None:
    checklist = checklist_of(*kind)
    sheet = data.draw(sheets(checklist))
    _same(sheet, _rearranged(typed_in(checklist, book_of(kind), sheet), random.Random(seed)))


def test_a_workbook_saved_by_libreoffice_is_read() -> None:
    """tests/data/libreoffice.xlsx: the blank of this checklist with PLAIN typed in, saved as .xlsx by LibreOffice 7.4.

    Its texts are shared, its styles and parts are others, the places of times and days are numbers.
    """
    content = (ROOT / "tests" / "data" / "libreoffice.xlsx").read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert "xl/sharedStrings.xml" in archive.namelist()
        assert b"LibreOffice" in archive.read("docProps/app.xml")
    data: Any = read_well(content).data
    _same(PLAIN | {"lock": data["lock"]}, content)


PLAIN: dict[str, Any] = {
    "kind": "answers", "campaign": "2024", "site_type": "retail-pharmacy", "routine": False,
    "site": {"name": "=春风大药房", "identity": {"credit_code": "004401061990010112"}, "attributes": {}},
    "visit": {
        "date": "2024-01-16", "start": "09:05", "end": "11:30", "category": "专项", "certificates_shown": True,
        "inspectors": [{"name": "张三", "certificate": "007310"}, {"name": "李四😀", "certificate": "007311"}],
        "statement": "第一行\n第二行", "place": "+86 号 <b>",
    },
    "answers": {
        "YD-01": {"answer": "否", "valid_until": "2024-02-29", "fault": ["未悬挂", "许可证过期"], "note": "@甲"},
        "YD-07": {"answer": 1, "population": 9, "drawn": 3, "how": "随机抽取", "which": "0012、1e5"},
        "YD-08": [{"product": "阿莫西林", "batch": "007", "expiry": "2024-01-01", "defect": "过期", "quantity": 3}],
        "YD-09": "不适用", "YD-12": {"answer": "是", "max_sale": 2},
        "YD-14": [{"reading": 5.5, "position": "上层", "device": "1号"}, {"reading": 8}], "YD-16": "不适用",
        "trace": [{"product": "胰岛素", "batch": "240101", "supplier": "-甲公司", "expiry": "2025-06-30", "invoice": "是", "unit_price": 45.5}],
    },
    "other": ["-5", "TRUE"],
}  # fmt: skip


def test_numbers_for_days_and_times_are_read_where_the_look_of_the_cell_is_lost() -> None:
    book = book_of()
    cells = cells_of(book)
    values = {"visit.date": 45307, "visit.start": 0.378472222222222, "YD-01.detail.valid_until": 45351, "trace.6.expiry": 45838.0}  # fmt: skip
    for name, value in values.items():
        cells[name].number_format = "General"
        cells[name].value = value
    put(cells["trace.6.product"], "甲")
    put(cells["trace.6.batch"], "乙")
    data: Any = read_well(saved(book)).data
    assert (data["visit"]["date"], data["visit"]["start"]) == ("2024-01-16", "09:05")
    assert data["answers"]["YD-01"]["valid_until"] == "2024-02-29"
    assert data["answers"]["trace"][0]["expiry"] == "2025-06-30"


def test_rows_may_be_copied_and_written_below_the_table() -> None:
    book = book_of()
    sheet = _sheet(book, "YD-08")
    keys = {cell.value: cell.column for cell in sheet[KEYS]}
    product, batch, hidden = (keys[f"chunfeng.{key}"] for key in ("column.product", "column.batch", "table.YD-08"))
    for row, name in ((5, "甲"), (6, "乙"), (21, "丙"), (300, "丁")):
        put(sheet.cell(row, product), name)
        put(sheet.cell(row, batch), "1")
    sheet.cell(21, hidden).value = sheet.cell(5, hidden).value  # a copy of the first row
    put(cells_of(book)["YD-08.answer"], "发现，填表")
    data: Any = read_well(saved(book)).data
    assert [row["product"] for row in data["answers"]["YD-08"]] == ["甲", "乙", "丙", "丁"]


def test_a_head_may_take_several_cells() -> None:
    earlier = tuple(EarlierFinding(finding="licensing.licence-display", record=f"〔2023〕{n}", sentence="过期" * 60) for n in range(90))  # fmt: skip
    checklist = checklist_of(*KINDS[1]).model_copy(update={"earlier": earlier})
    for name in ("xlsx", "csv"):
        content = load_format(name).write_checklist(checklist)
        data: Any = read_well(content).data
        assert len(data["earlier"]) == 90
        assert data["earlier"][89]["record"] == "〔2023〕89"
    book = openpyxl.load_workbook(io.BytesIO(load_format("xlsx").write_checklist(checklist)))
    head = book["程序用"]
    assert head.max_row >= 4, "the head fits into one cell: this tests nothing"
    head.cell(4, 1).value = None
    assert "E642" in told(saved(book))


# ── what must not be read without a word


def _only(text: str, code: str, *parts: str) -> None:
    assert [line for line in text.splitlines() if line.startswith("检查表.")] == [text.splitlines()[0]], text
    for part in (f" {code} ", *parts):
        assert part in text, text


def test_a_row_without_its_hidden_name_is_a_problem() -> None:
    book = book_of()
    sheet = book["检查表"]
    cell = cells_of(book)["YD-02.answer"]
    put(cell, "是")
    sheet.cell(cell.row, 7).value = None
    text = told(saved(book))
    assert f"检查表!E{cell.row}: E645 YD-02 未超范围" in text
    assert "少了 1 行：YD-02" in text


def test_a_row_that_is_there_twice_is_a_problem() -> None:
    book = book_of()
    sheet = book["检查表"]
    row = cells_of(book)["YD-02.answer"].row
    for column in range(1, 8):
        sheet.cell(150, column).value = sheet.cell(row, column).value
    put(sheet.cell(150, 5), "否")
    _only(told(saved(book)), "E645", "检查表!E150", "YD-02", f"检查表!第{row}行")


def test_answers_of_rows_whose_hidden_names_were_left_behind_are_refused() -> None:
    """Sorting some columns only would give an answer to another question."""
    book = book_of()
    sheet = book["检查表"]
    cells = cells_of(book)
    first, second = cells["YD-01.answer"].row, cells["YD-02.answer"].row
    put(cells["YD-01.answer"], "否")
    for column in range(1, 7):
        kept = sheet.cell(first, column).value
        sheet.cell(first, column).value = sheet.cell(second, column).value
        sheet.cell(second, column).value = kept
    text = told(saved(book))
    assert f"检查表!A{first}: E645 YD-01" in text
    assert f"检查表!A{second}: E645 YD-02" in text


@pytest.mark.parametrize("title", ["检查表", "单位和检查", "YD-08 问题清单", "重点品种抽查追溯表", "程序用"])
def test_a_lost_sheet_is_a_problem(title: str) -> None:
    book = book_of()
    del book[title]
    text = told(saved(book))
    assert "E642" in text if title == "程序用" else title in text


@pytest.mark.parametrize("title", ["检查表", "单位和检查", "YD-08 问题清单"])
def test_a_copied_sheet_is_one_problem(title: str) -> None:
    book = book_of()
    book.copy_worksheet(book[title])
    _only(told(saved(book)), "E645", f"{title} Copy", "副本")


def test_lost_columns_are_a_problem() -> None:
    book = book_of()
    book["检查表"].delete_cols(5)
    _sheet(book, "YD-08").delete_cols(3)
    text = told(saved(book))
    assert "少了栏目：结果" in text
    assert "少了栏目：批号" in text


def test_what_stands_beside_the_columns_is_not_passed_over() -> None:
    book = book_of()
    cells = cells_of(book)
    row = cells["YD-01.answer"].row
    book["检查表"].cell(row, 9).value = "另见照片"
    book["检查表"].cell(row + 1, 6).value = "细目没有备注"
    _sheet(book, "YD-08").cell(6, 12).value = "丙"
    text = told(saved(book))
    assert f"检查表!I{row}: E646 这一格不是填写的地方（“另见照片”）" in text
    assert f"检查表!F{row + 1}: E646" in text
    assert "YD-08 问题清单!L6: E646" in text


def test_what_lies_over_the_cells_is_not_lost_without_a_word() -> None:
    book = book_of()
    book["检查表"]["E6"].comment = Comment("店主说下周补", "张三")
    PIL.Image.new("RGB", (40, 40)).save(picture := io.BytesIO(), "PNG")
    book["单位和检查"].add_image(Picture(picture), "B9")
    own = book.create_sheet("我的草稿")
    own["A1"].comment = Comment("与答卷无关", "张三")
    text = told(saved(book))
    assert "检查表.xlsx:检查表!E6: E665" in text
    assert "店主说下周补" in text
    assert "检查表.xlsx:单位和检查: E665 填写栏以外有图片" in text
    assert "与答卷无关" not in text, "a sheet of one's own is one's own"


def test_what_the_program_wrote_into_a_table_cannot_be_changed() -> None:
    book = book_of()
    sheet = book["重点品种抽查追溯表"]
    sheet.cell(6, 2).value = "别的类别"
    hidden = sheet.max_column
    sheet.cell(12, hidden).value = "1"
    sheet.cell(9, hidden).value = None
    sheet.cell(9, 2).value = None
    text = told(saved(book))
    assert "重点品种抽查追溯表!B6: E647" in text
    assert "“别的类别”" in text
    assert "程序写好的第 1 行有两份" in text
    assert "程序写好的第 5 行没有了" in text


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("site.identity.credit_code", 4.40106199001011e17, "应为文字，现在是数字"),
        ("visit.inspectors.1.certificate", 7310, "应为文字，现在是数字"),
        ("YD-01.note", True, "应为文字，现在是逻辑值"),
        ("YD-07.detail.which", date(2024, 5, 6), "应为文字，现在是日期或时刻"),
        ("YD-01.answer", "=A1", "是公式，程序不计算公式"),
        ("YD-01.note", '=DISPIMG("ID_1",1)', "是公式，程序不计算公式"),
        ("YD-01.answer", "#N/A", "是表格软件的错误值"),
        ("YD-01.answer", "对", "E604 YD-01 没有选项 “对”"),
        ("YD-07.answer", 1.5, "E603 YD-07"),
        ("YD-12.detail.max_sale", date(2024, 5, 6), "E603 YD-12"),
        ("YD-01.detail.valid_until", datetime(2024, 5, 6, 7, 8), "E605 YD-01"),
        ("YD-01.detail.valid_until", 20240506, "E643 YD-01 许可证有效期至"),
        ("YD-04.not_applicable", "嗯", "这一格只能打勾"),
        ("trace.6.batch", 240101, "应为文字，现在是数字"),
        ("visit.start", "上午", "E643 开始时间：不是时间"),
        ("visit.start", "25:00", "E643 开始时间：不是时间"),
        ("visit.date", "2024-02-30", "E643 检查日期：不是存在的日期"),
        ("visit.certificates_shown", "√", "E643 已出示执法证件：不是可以选的"),
        ("visit.category", "专项检查", "可以填：日常、专项"),
    ],
)
def test_a_wrong_value_is_told_by_its_cell(name: str, value: Any, words: str) -> None:
    book = book_of()
    cell = cells_of(book)[name]
    cell.value = value
    if value == "#N/A":
        cell.data_type = "e"
    document, problems = read(saved(book))
    if not problems and document is not None:
        _, problems = open_sheet(PLACE, document, as_made=True)
    text = "\n".join(p.render() for p in problems)
    assert f"检查表.xlsx:{cell.parent.title}!{cell.coordinate}: " in text, text
    assert words in text, text


def test_every_mistake_is_told_at_once() -> None:
    book = book_of()
    cells = cells_of(book)
    wrong = {"site.name": 5, "YD-01.answer": "=1", "YD-08.1.batch": 7, "trace.6.product": 8, "other.1": 9}
    for name, value in wrong.items():
        cells[name].value = value
    text = told(saved(book))
    for name in wrong:
        assert f"{cells[name].parent.title}!{cells[name].coordinate}: E643" in text


# ── hostile files


def _parts() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(blank(KINDS[0]))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _packed(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


ITEMS = "xl/worksheets/sheet2.xml"
_EMPTY = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'  # fmt: skip
_ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def _with(rows: bytes) -> bytes:
    parts = _parts()
    parts[ITEMS] = parts[ITEMS].replace(b"</sheetData>", rows + b"</sheetData>")
    return _packed(parts)


def _everywhere(sheet: bytes) -> bytes:
    return _packed({n: sheet if n.startswith("xl/worksheets/") else content for n, content in _parts().items()})


def _changed(name: str, old: bytes, new: bytes) -> bytes:
    parts = _parts()
    assert old in parts[name]
    parts[name] = parts[name].replace(old, new, 1)
    return _packed(parts)


def _more(name: str, content: bytes) -> bytes:
    return _packed(_parts() | {name: content})


HOSTILE = {
    "far cell": (lambda: _with(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), "检查表!XFD1048576: E120"),
    "far cells only": (lambda: _everywhere(_EMPTY % b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), "E120"),
    "far rows": (lambda: _everywhere(_EMPTY % b'<row r="1048576"><c r="A1048576"><v>1</v></c></row>'), "E120"),
    "beyond the last row": (lambda: _with(b'<row r="99999999999"><c><v>1</v></c></row>'), "行号不对"),
    "rows backwards": (lambda: _with(b'<row r="3"><c r="A3"><v>1</v></c></row>'), "行号不对"),
    "many rows": (lambda: _with(b"<row><c><v>1</v></c></row>" * 60_000), "E120"),
    "many empty rows": (lambda: _with(b'<row><c s="1"/></row>' * 100_000), "E120"),
    "many shared texts": (lambda: _more("xl/sharedStrings.xml", b"<sst>" + b"<si><t>a</t></si>" * 200_000), "E120"),
    "many looks": (lambda: _changed("xl/styles.xml", b"<cellXfs", b"<font><b/></font>" * 50_000 + b"<cellXfs"), "E120"),
    "bomb": (lambda: _with(b" " * 100_000_000), "E120"),
    "entities": (lambda: _changed(ITEMS, b"<worksheet", _ENTITIES + b"<worksheet"), "E119"),
    "macros": (lambda: _more("xl/vbaProject.bin", b"x"), "宏"),
    "no sheet data": (lambda: _more(ITEMS, b"<worksheet/>"), "检查表：少了"),
    "not XML": (lambda: _more(ITEMS, b"\x00\xff" * 500), "E119"),
    "cut off": (lambda: blank(KINDS[0])[:5000], "E119"),
    "cut off at the end": (lambda: blank(KINDS[0])[:-30], "E119"),
    "only the first bytes": (lambda: b"PK\x03\x04" + bytes(60), "E119"),
    "old or encrypted": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "旧版 .xls，或设了打开密码"),
    "open document": (lambda: _packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>", "xl/x": b""}), "E119"),
    "another workbook": (lambda: saved(openpyxl.Workbook()), "E642"),
}  # fmt: skip


@pytest.mark.parametrize("name", ["YD-07.answer", "YD-16.detail.humidity", "YD-01.detail.valid_until", "visit.start"])
@pytest.mark.parametrize("number", [b"1e999", b"-1e999", b"1e308"])
def test_a_number_without_end_is_a_problem_at_its_cell(name: str, number: bytes) -> None:
    book = book_of()
    cell = cells_of(book)[name]
    cell.value = 12345.5
    with zipfile.ZipFile(io.BytesIO(saved(book))) as archive:
        parts = {
            part: archive.read(part).replace(b"<v>12345.5</v>", b"<v>" + number + b"</v>")
            for part in archive.namelist()
        }
    assert f"{cell.parent.title}!{cell.coordinate}: " in _told_whole(_packed(parts))


def _told_whole(content: bytes) -> str:
    document, problems = read(content)
    if document is not None:
        problems += open_sheet(PLACE, document, as_made=True)[1]
    return "\n".join(p.render() for p in problems)


@pytest.mark.parametrize(
    ("part", "code"), [(b"<comments><authors/>", "E119"), (_ENTITIES + b"<comments/>", "E119"), (None, "E119")], ids=str
)
def test_a_hostile_comment_is_refused(part: bytes | None, code: str) -> None:
    book = book_of()
    book["检查表"]["E6"].comment = Comment("甲", "乙")
    with zipfile.ZipFile(io.BytesIO(saved(book))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    (name,) = (name for name in parts if "/comment" in name and name.endswith(".xml"))
    if part is None:
        del parts[name]
    else:
        parts[name] = part
    assert f" {code} " in told(_packed(parts))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_workbook_is_refused_soon(name: str) -> None:
    make, words = HOSTILE[name]
    content = make()
    before = process_time()
    text = told(content)
    assert process_time() - before < 5, "seconds of work on a hostile file"
    assert words in text, text


def test_an_open_document_sheet_is_told_what_to_do() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<x/>")
    text = told(target.getvalue())
    assert ".ods" in text
    assert "另存为 .xlsx" in text


@pytest.mark.parametrize("name", ["xlsx", "csv"])
def test_a_sheet_of_another_checklist_is_refused(name: str) -> None:
    checklist = checklist_of(*KINDS[0])
    for update, code in (({"id": "0" * 12}, "E620"), ({"lock": "0" * 64}, "E617"), ({"campaign": "1999"}, "E613")):
        assert code in told(load_format(name).write_checklist(checklist.model_copy(update=update)))


# ── what is written


def test_texts_are_never_formulas_and_only_answers_are_open() -> None:
    site = Site(name="=1+1", identity={"credit_code": "+86", "address": "_x000D_甲"})
    checklist = checklist_of(*KINDS[0]).model_copy(update={"site": site, "joint": ("@卫健委",)})
    content = load_format("xlsx").write_checklist(checklist)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets_ = {n: archive.read(n) for n in archive.namelist() if n.startswith("xl/worksheets/")}
    assert not [name for name, xml in sheets_.items() if b"<f>" in xml or b"<f " in xml]
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = cells_of(book)
    assert [cells[n].value for n in ("site.name", "site.identity.credit_code")] == ["=1+1", "+86"]
    assert {cells[n].data_type for n in ("site.name", "visit.joint.1.unit")} == {"s"}
    assert all(sheet.protection.sheet for sheet in book.worksheets)
    opened_ = {c.coordinate for c in book["检查表"]["E"] + book["检查表"]["F"] if not c.protection.locked}
    assert opened_ == {
        cell.coordinate for name, cell in cells.items() if cell.parent.title == "检查表" and cell.value is None
        and (cell.column == 5 or name.endswith(".note"))
    }  # fmt: skip
    assert all(cell.number_format == "@" for name, cell in cells.items() if name.endswith((".note", ".certificate")))
    data: Any = read_well(content).data
    assert data["site"]["name"] == "=1+1"
    assert data["site"]["identity"]["address"] == "_x000D_甲"


def test_every_choice_has_its_list_and_every_number_its_rule_in_chinese() -> None:
    book = book_of(KINDS[1])
    rules = {}
    for sheet in book.worksheets:
        for rule in sheet.data_validations.dataValidation:
            for area in rule.sqref.ranges:
                rules |= {(sheet.title, row, column): rule for row, column in area.cells}
    cells = cells_of(book)
    for part in items_of(checklist_of(*KINDS[1])):
        for line in part.lines:
            cell = cells[line.name]
            rule = rules.get((cell.parent.title, cell.row, cell.column))
            if line.kind == "text":
                assert rule is None, line.name
                continue
            assert rule is not None, line.name
            assert rule.type == ("list" if line.kind in ("words", "several") else "custom")
            if line.kind == "several":
                continue
            assert rule.showErrorMessage
            assert rule.error
            assert rule.errorTitle
            if line.kind == "words":
                assert rule.formula1.strip('"').split(",") == list(line.words)
            else:
                assert cell.coordinate in rule.formula1, "a rule that looks at another cell"
                assert all(f'"{word}"' in rule.formula1 for word in line.words)


def test_long_lists_stand_in_cells() -> None:
    words = tuple(f"选项{'甲' * 30}{n}" for n in range(12))
    commas = ("a,b", "c")
    pages = (
        Page("表", (Column(9),), ((Cell(None, "text", Check("list", words)),), (Cell(None, "text", Check("list", commas)),))),
        Page("藏", (Column(9),), ((Cell("x"),),), hidden=True),
    )  # fmt: skip
    book = openpyxl.load_workbook(io.BytesIO(write_book(pages, "题", "脚", date(2024, 1, 1))))
    formulas = [rule.formula1 for rule in book["表"].data_validations.dataValidation]
    assert formulas == ["'藏'!$B$1:$B$12", "'藏'!$C$1:$C$2"]
    assert [cell.value for cell in book["藏"]["B"]] == list(words)
    assert [cell.value for cell in book["藏"]["C"]][:2] == list(commas)


def test_sheets_are_set_up_for_paper() -> None:
    book = book_of()
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        assert (sheet.page_setup.paperSize, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (9, 1, 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_title_rows == "$4:$4"
        assert "&P" in sheet.oddFooter.right.text
        assert sheet.freeze_panes
        assert sheet.row_dimensions[KEYS].hidden
    assert book["检查表"].column_dimensions["G"].hidden
    assert book["检查表"].page_setup.orientation == "landscape"


# ── CSV

ENCODINGS = {"utf-8-sig": "utf-8-sig", "utf-8": "utf-8", "gb18030": "gb18030", "utf-16": "utf-16"}


def _table(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def _written(rows: list[list[str]], encoding: str = "utf-8-sig", delimiter: str = ",") -> bytes:
    target = io.StringIO(newline="")
    csv.writer(target, delimiter=delimiter).writerows(rows)
    return target.getvalue().encode(encoding)


def _csv_filled(kind: tuple[str, str, date], sheet: dict[str, Any]) -> list[list[str]]:
    rows = _table(blank(kind, "csv"))
    places = {row[0]: row for row in rows}
    for name, value in fields_of(checklist_of(*kind), sheet).items():
        text = "不适用" if name.endswith(".not_applicable") else str(value)
        if name.endswith(".not_applicable") and name not in places:
            name = name.replace(".not_applicable", ".answer")
        if name in places:
            places[name][4] = text
        else:  # one more row of a table
            rows.append([name, "", "", "", text])
    return rows


@every_kind
@settings(max_examples=2 * EXAMPLES)
@given(data=st.data(), encoding=st.sampled_from(sorted(ENCODINGS)), delimiter=st.sampled_from(",;\t"))
def test_what_is_written_into_csv_is_read(kind: Any, data: Any, encoding: str, delimiter: str) -> None:
    sheet = data.draw(sheets(checklist_of(*kind)))
    _same(sheet, _written(_csv_filled(kind, sheet), encoding, delimiter))


@settings(max_examples=2 * EXAMPLES)
@given(data=st.data(), seed=st.integers(0, 1000))
def test_csv_rows_may_be_sorted_and_columns_moved(data: Any, seed: int) -> None:
    sheet, chance = data.draw(sheets(checklist_of(*KINDS[0]))), random.Random(seed)
    rows = _csv_filled(KINDS[0], sheet)
    columns, body = chance.sample(range(5), 5), rows[3:]
    chance.shuffle(body)
    moved = [rows[0], rows[1], *([row[column] for column in columns] for row in [rows[2], *body])]
    _same(sheet, _written(moved))


def _csv_with(name: str, answer: str) -> bytes:
    rows = _table(blank(KINDS[0], "csv"))
    next(row for row in rows if row[0] == name)[4] = answer
    return _written(rows)


@pytest.mark.parametrize(
    ("name", "answer", "words"),
    [
        ("site.identity.credit_code", "1.1E+17", "表格软件把长数字改短了"),
        ("YD-01.note", "#NAME?", "是表格软件的错误值"),
        ("YD-04.not_applicable", "嗯", "这一格只能打勾"),
        ("YD-01.answer", "对", "E604"),
        ("YD-07.answer", "三", "E603"),
    ],
)
def test_a_wrong_value_in_csv_is_told_by_its_cell(name: str, answer: str, words: str) -> None:
    content = _csv_with(name, answer)
    row = next(number for number, row in enumerate(_table(content), 1) if row[0] == name)
    document, problems = read(content)
    if not problems and document is not None:
        _, problems = open_sheet(PLACE, document, as_made=True)
    text = "\n".join(p.render() for p in problems)
    assert f"检查表.csv:E{row}: " in text, text
    assert words in text, text
    assert answer in text


def test_rows_of_csv_out_of_place_are_problems() -> None:
    rows = _table(blank(KINDS[0], "csv"))
    places = {row[0]: number for number, row in enumerate(rows)}
    rows[places["YD-09.answer"]][0] = ""
    rows[places["YD-09.answer"]][4] = "是"
    rows[places["YD-11.answer"]][2] = "别的内容"
    rows[places["YD-01.note"]].append("另见照片")
    rows.append(list(rows[places["YD-03.answer"]]))
    rows.append(["YD-99.answer", "", "", "", "是"])
    text = told(_written(rows))
    for words in (
        f"E{places['YD-09.answer'] + 1}: E645", f"C{places['YD-11.answer'] + 1}: E645 YD-11", "E646", "与第 ",
        "少了 1 行：YD-09", "YD-99.answer：检查表里没有这一栏",
    ):  # fmt: skip
        assert words in text, text


@pytest.mark.parametrize("kept", [0.2, 0.6, 0.99])
def test_csv_that_was_cut_off_is_refused(kept: float) -> None:
    content = blank(KINDS[0], "csv")
    lines = content.splitlines(keepends=True)
    assert "E645" in told(b"".join(lines[: int(len(lines) * kept)]))


def test_rows_may_be_added_to_csv() -> None:
    rows = _table(blank(KINDS[0], "csv"))
    rows += [["YD-08.40.product", "", "", "", "甲"], ["YD-08.40.batch", "", "", "", "'=1"]]
    next(row for row in rows if row[0] == "YD-08.answer")[4] = "发现，填表"
    data: Any = read_well(_written(rows)).data
    assert data["answers"]["YD-08"] == [{"product": "甲", "batch": "'=1"}], "a person's own apostrophe is lost"


def test_an_apostrophe_guards_what_a_spreadsheet_would_compute() -> None:
    site = Site(name="=1+1", identity={"credit_code": "-86", "address": "@甲"})
    checklist = checklist_of(*KINDS[0]).model_copy(update={"site": site})
    content = load_format("csv").write_checklist(checklist)
    assert not [cell for row in _table(content) for cell in row if cell[:1] in ("=", "+", "-", "@", "\t")]
    data: Any = read_well(content).data
    assert data["site"] == {"name": "=1+1", "identity": {"credit_code": "-86", "address": "@甲"}, "attributes": {}}


@pytest.mark.parametrize("content", [b"", b"a,b\n", "春风,1\n".encode(), "春风答卷".encode(), b"\xff\xfe"])
def test_other_text_is_not_taken_for_csv(content: bytes) -> None:
    assert not load_format("csv").recognises(content)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("春风答卷,\n", "E642"),
        ("春风答卷,1/1:{}\n", "E642"),
        ("春风答卷,1/2:{\n", "E642"),
        ('春风答卷,"1/1:{', "E119"),
        ("春风答卷," + "," * 300, "E120"),
        ("春风答卷,1/1:" + "[" * 20_000, "E642"),
        ("春风答卷,a\n" + "b\n" * 30_000, "E120"),
        ("春风答卷,\0", "E119"),
    ],
)
def test_damaged_csv_is_refused(rows: str, words: str) -> None:
    assert words in told(rows.encode())


# ── commands


@pytest.mark.parametrize("name", ["xlsx", "csv"])
def test_from_the_blank_to_the_record(name: str, invoke: Invoke, tmp_path: Path) -> None:
    blank_ = tmp_path / f"x.{name}"
    made = ("checklist", "retail-pharmacy", "--campaign", "2024", "--date", "2024-01-15", "-o", blank_)
    assert invoke(*made).code == 0
    assert "--force" in invoke(*made).err, "filled sheets must not be overwritten"
    rows = {"YD-01.answer": "否", "YD-01.detail.fault": "未悬挂", "visit.start": "09:05", "site.name": "甲店"}
    if name == "csv":
        table = _table(blank_.read_bytes())
        for row in table:
            row[4:5] = [rows.get(row[0], row[4])] if len(row) > 4 else []
        blank_.write_bytes(_written(table))
    else:
        book = openpyxl.load_workbook(blank_)
        for field, value in rows.items():
            put(cells_of(book)[field], value)
        book.save(blank_)
    run = invoke("answers", "read", blank_, "--by", "张三", "-o", tmp_path / "x.yaml")
    assert (run.code, "已答 1" in run.out) == (0, True), run.err
    direct = invoke("evaluate", blank_, "--format", "json")
    assert direct.out == invoke("evaluate", tmp_path / "x.yaml", "--format", "json").out
    assert json.loads(direct.out)["site"] == "甲店"
    assert len(json.loads(direct.out)["findings"]) == 1
    assert invoke("record", "new", blank_, "-o", tmp_path / "r.yaml").code == 0
    assert "kind: record" in (tmp_path / "r.yaml").read_text(encoding="utf-8")

"""A route: workbooks read strictly and safely, last findings found, one PDF in order, stopped and gone on with."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import tempfile
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfWriter
from pypdf.generic import NameObject, StreamObject
from support import ROOT
from support_documents import Invoke, Paper, flat, recorded

from engine.documents import route as route_module
from engine.documents import workers
from engine.documents.bases import Base, keep_base
from engine.documents.route import Printed, print_route
from engine.documents.stamps import Stamped, Stamps
from engine.inspections.follow_up import with_earlier
from engine.inspections.planning import PlannedRoute, open_route
from engine.inspections.previous import Records, read_folder
from engine.inspections.records import record_yaml
from engine.inspections.routes import Route, read_route
from engine.library.files import place
from engine.library.releases import Locked, current_release
from engine.model.record import RecordFile
from engine.model.sheet import Site
from engine.problems import Problem, ProblemError, problem
from engine.workbooks import table as bounds
from engine.workbooks.reading import read_table
from engine.workbooks.table import Unusable, cell_name

HEAD = ["单位名称", "单位类型", "统一社会信用代码", "实际经营地址", "经营处方药"]
CODES = ["91340102MA2N00001X", "91340102MA2N00002X", "91340102MA2N00003X"]


def _book(rows: Sequence[Sequence[Any]], title: str = "路线") -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    return book


def _xlsx(folder: Path, rows: Sequence[Sequence[Any]]) -> Path:
    path = folder / "route.xlsx"
    _book(rows).save(path)
    return path


def _bytes(rows: Sequence[Sequence[Any]]) -> bytes:
    buffer = io.BytesIO()
    _book(rows).save(buffer)
    return buffer.getvalue()


_SHEET = "xl/worksheets/sheet1.xml"


def _repacked(content: bytes, changed: dict[str, bytes]) -> bytes:
    """Return the workbook with the parts given in the place of its own, or beside them."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in ({name: old.read(name) for name in old.namelist()} | changed).items():
            archive.writestr(name, part)
    return buffer.getvalue()


@cache
def _locked() -> Locked:
    locked, problems = current_release(place(), "2024")
    assert locked is not None, problems
    return locked


def _route(path: Path, default: str | None = None) -> Route:
    route, problems = read_route(path, _locked().release, default)
    assert route is not None, "\n".join(p.render() for p in problems)
    return route


def _mistakes(path: Path, default: str | None = None) -> list[tuple[str, str, str]]:
    """Return cell, code and message of each mistake of a file that must be refused."""
    route, problems = read_route(path, _locked().release, default)
    assert route is None, "the route was accepted"
    return [(p.mark.cell, p.code, p.message) for p in problems]


# ── the file: what it is, and how large


def _hostile() -> dict[str, tuple[str, bytes, str, str]]:
    """Return files that must be refused, by what is wrong: their name, bytes, code and a word of the message."""
    good = _bytes([HEAD])
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>' + sheet % (
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row>'
    )
    locked = bytearray(good)
    for sign, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        at = locked.find(sign)
        while at >= 0:
            locked[at + offset] |= 1
            at = locked.find(sign, at + 4)
    return {
        "old office": ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "E119", "旧版"),
        "no zip": ("a.xlsx", "单位名称".encode(), "E119", "不是 .xlsx"),
        "cut off": ("a.xlsx", good[: len(good) // 2], "E119", "损坏"),
        "no workbook": ("a.xlsx", _zip({"x.txt": b"x"}), "E119", "不是 .xlsx"),
        "locked": ("a.xlsx", bytes(locked), "E119", "密码"),
        "too much inside": ("a.xlsx", _repacked(good, {"x": b"x" * (33 * 1024 * 1024)}), "E120", "解压后"),
        "packed too well": ("a.xlsx", _repacked(good, {"x": b" " * (20 * 1024 * 1024)}), "E120", "压缩比"),
        "too many parts": (
            "a.xlsx",
            _zip({f"{n}": b"" for n in range(2001)} | {"xl/workbook.xml": b""}),
            "E120",
            "文件数",
        ),
        "entities": ("a.xlsx", _repacked(good, {_SHEET: bomb}), "E119", "Entities"),
        "far row": (
            "a.xlsx",
            _repacked(good, {_SHEET: sheet % b'<row r="9"><c r="XFD9"><v>1</v></c></row>'}),
            "E120",
            "栏数",
        ),
        "not text": ("a.csv", bytes(range(256)) * 3, "E119", ""),
        "open quote": ("a.csv", '单位名称\n"甲'.encode(), "E119", "引号"),
        "nothing": ("a.csv", b" \n ", "E113", ""),
        "only commas": ("a.csv", b",,\n,,\n", "E113", ""),
        "wide": ("a.csv", b"a," * 201, "E120", "栏数"),
        "long": ("a.csv", "单位名称\n甲\n".encode() + b"x" * 2001, "E120", "字数"),
    }


def _zip(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", sorted(_hostile()))
def test_a_hostile_file_is_refused_in_plain_words(kind: str, tmp_path: Path) -> None:
    name, content, code, word = _hostile()[kind]
    (tmp_path / name).write_bytes(content)
    table, problems = read_table(tmp_path / name)
    assert table is None
    assert [p.code for p in problems] == [code]
    assert word in problems[0].message
    assert problems[0].hint


def test_a_directory_that_lies_about_a_part_costs_no_memory(tmp_path: Path) -> None:
    """A part of 400 MB that says it has ten bytes: read whole it would be inflated whole."""
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in _SHARED.items():
            archive.writestr(name, part)
        with archive.open("xl/theme/theme1.xml", "w") as part:
            for _ in range(400):
                part.write(bytes(1024 * 1024))
    with zipfile.ZipFile(bomb) as archive:
        size = archive.getinfo("xl/theme/theme1.xml").file_size.to_bytes(4, "little")
    content = bomb.read_bytes()
    assert len(content) < bounds.MAX_BYTES
    bomb.write_bytes(content.replace(size, (10).to_bytes(4, "little")))
    tracemalloc.start()
    try:
        table, problems = read_table(bomb)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert table is None
    assert [p.code for p in problems] == ["E119"], "the checksum is of the whole part"
    assert peak < 20_000_000, peak


def test_a_file_is_measured_before_it_is_read(tmp_path: Path) -> None:
    large = tmp_path / "a.xlsx"
    with large.open("wb") as file:
        file.truncate(bounds.MAX_BYTES + 1)
    assert [p.code for p in read_table(large)[1]] == ["E102"]
    assert [p.code for p in read_table(tmp_path)[1]] == ["E101"]
    assert [p.code for p in read_table(tmp_path / "nowhere.xlsx")[1]] == ["E101"]


def test_rows_are_bounded_and_a_false_row_number_ends_the_sheet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.workbooks.xlsx.MAX_ROWS", 3)
    monkeypatch.setattr("engine.workbooks.delimited.MAX_ROWS", 3)
    rows = [HEAD, [], *[["甲"]] * 2]
    assert read_table(_xlsx(tmp_path, rows))[0] is not None
    assert [p.code for p in read_table(_xlsx(tmp_path, [*rows, ["乙"]]))[1]] == ["E120"]
    (tmp_path / "a.csv").write_text("单位名称\n甲\n\n乙\n丙\n", encoding="utf-8")
    assert [p.code for p in read_table(tmp_path / "a.csv")[1]] == ["E120"]
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:A1"/><sheetData>'
        '<row r="2"><c r="B2" t="inlineStr"><is><t>甲</t></is></c></row>'
        '<row r="99999999999"><c r="A99999999999"><v>1</v></c></row></sheetData></worksheet>'
    )
    (tmp_path / "b.xlsx").write_bytes(_repacked(_bytes([HEAD]), {_SHEET: sheet.encode()}))
    table, _ = read_table(tmp_path / "b.xlsx")
    assert table is not None
    assert [(r.number, r.cells) for r in table.rows] == [(2, (None, "甲"))], "the declared size A1:A1 is false"


def test_shared_strings_as_excel_and_wps_write_them(tmp_path: Path) -> None:
    parts = {name: part.encode() for name, part in _SHARED.items()}
    (tmp_path / "a.xlsx").write_bytes(_zip(parts))
    (site,) = _route(tmp_path / "a.xlsx").sites
    assert (site.site.name, site.site.identity) == ("甲药房", {"licence_until": "2026-03-01"})
    assert site.mark.cell == "路线!第2行"


_MAIN, _OFFICE = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
)
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_SHARED = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_KIND}.sharedStrings+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="路线" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="r3" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}"><si><t>单位名称</t></si><si><t>单位类型</t></si><si><t>许可证有效期至</t></si>'
    '<si><r><t>甲</t></r><r><t>药房</t></r></si><si><t>药品零售企业</t></si></sst>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill><patternFill/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
    "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>'
    '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c></row>'
    '<row r="2"><c r="A2" t="s"><v>3</v></c><c r="B2" t="s"><v>4</v></c><c r="C2" s="1"><v>46082</v></c></row>'
    "</sheetData></worksheet>",
}  # fmt: skip


@given(st.data())
def test_no_bytes_make_the_reader_raise(data: st.DataObject) -> None:
    """Spoilt inside a part, so that the parser behind the archive meets it; or in the archive itself."""
    parts = {name: part.encode() for name, part in _SHARED.items()}
    content = _zip(parts)
    if data.draw(st.booleans()):
        name = data.draw(st.sampled_from(sorted(parts)))
        content = _zip(parts | {name: _spoilt(parts[name], data)})
    else:
        content = _spoilt(content, data)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.xlsx"
        path.write_bytes(content)
        table, problems = read_table(path)
    assert (table is None) == bool(problems)


def _spoilt(content: bytes, data: st.DataObject) -> bytes:
    spoilt = bytearray(content)
    for _ in range(data.draw(st.integers(1, 6))):
        spoilt[data.draw(st.integers(0, len(spoilt) - 1))] = data.draw(
            st.one_of(st.integers(0, 255), st.sampled_from(b'0123456789<>"'))
        )
    return bytes(spoilt[: data.draw(st.integers(1, len(spoilt)))] if data.draw(st.integers(0, 3)) == 0 else spoilt)


# ── CSV


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_csv_in_the_encodings_that_spreadsheets_write(encoding: str, delimiter: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    lines = [
        ["单位名称", "单位类型", "经营处方药"],
        ["甲䶮药房", "药品零售企业", "有"],
        ['"乙,\n药房"', "药品零售企业", ""],
    ]
    path.write_bytes("\r\n".join(delimiter.join(line) for line in lines).encode(encoding))
    sites = _route(path).sites
    assert [s.site.name for s in sites] == ["甲䶮药房", "乙, 药房"]
    assert [s.site.attributes for s in sites] == [{"rx": True}, {}]


_words = st.text(st.characters(codec="gb18030", exclude_categories=("C", "Z")), min_size=1, max_size=30).filter(
    lambda text: not text.startswith("=")
)


@given(
    st.lists(st.tuples(_words, st.sampled_from(["有", "无", "是", "否", ""])), min_size=1, max_size=5), st.booleans()
)
def test_a_workbook_and_csv_say_the_same(rows: list[tuple[str, str]], marked: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        whole = [["单位名称", "单位类型", "经营处方药"], *[[name, "药品零售企业", rx] for name, rx in rows]]
        text = io.StringIO()
        csv.writer(text).writerows(whole)
        (Path(folder) / "a.csv").write_bytes(text.getvalue().encode("utf-8-sig" if marked else "gb18030"))
        book = openpyxl.Workbook()
        for r, row in enumerate(whole, 1):
            for c, value in enumerate(row, 1):
                cell = book.active.cell(r, c)
                cell.value, cell.data_type = value, "s"
        book.save(Path(folder) / "a.xlsx")
        first, second = _route(Path(folder) / "a.csv"), _route(Path(folder) / "a.xlsx")
    assert [s.site for s in first.sites] == [s.site for s in second.sites]
    assert [s.site.name for s in first.sites] == [name for name, _ in rows]


# ── cells


def test_a_row_becomes_a_site_in_the_order_of_the_workbook(tmp_path: Path) -> None:
    head = ["序号", "单位名称", "单位类型", "统一社会信用代码", "许可证有效期至", "营业面积", "联系人及电话", "单体或连锁",
            "重点区域", "经营处方药", "使用冷藏药品", "诊疗科目", "备注"]  # fmt: skip
    route = _route(
        _xlsx(tmp_path, [
            ["2024 年路线"], [], head,
            [1, " 甲 药房 ", "药品零售企业", "９１340102ma2n00001x", datetime(2026, 3, 1), 120.5, 13805510001, "单体", "农村", "有", "无", None, 3],
            [2, "乙诊所", "clinic", None, None, None, None, None, "否", None, True, "全科", None],
            [3, "丙诊所", "ZS", None, None, None, None, None, None, None, None, None, None],
        ])
    )  # fmt: skip
    first, second, third = route.sites
    assert (first.mark.cell, first.site_type, first.site.name) == ("路线!第4行", "retail-pharmacy", "甲 药房")
    assert first.site.identity == {
        "credit_code": CODES[0], "licence_until": "2026-03-01", "floor_area": "120.5", "contact": "13805510001",
        "chain": "单体", "area": "农村",
    }  # fmt: skip
    assert first.site.attributes == {"rx": True, "region": True}
    assert (second.site_type, second.site.identity) == ("clinic", {"subjects": "全科"})
    assert second.site.attributes == {"cold": True, "region": False}
    assert (third.site_type, third.site.attributes) == ("clinic", {}), "an empty cell is unknown"


def test_every_mistake_is_told_at_once_with_its_cell(tmp_path: Path) -> None:
    rows = [
        [*HEAD, "经营处方要", "单位名称", "诊疗科目", "许可证有效期至"],
        ["甲", "药品零售企业", 91340102200000012345.0, "=A1", "也许", None, None, None, None],
        [None, "药品零售企业", "123", 1e12, "有", None, None, "全科", 45000],
        ["丙", "药店子", "9.134E+17", "x" * 401, None, None, None, None, None],
        ["丁", None, CODES[0], "某路", 1, None, None, None, None, "无头"],
    ]
    book = _book(rows)
    book.active["D5"].value, book.active["D5"].data_type = "#N/A", "e"
    book.save(tmp_path / "a.xlsx")
    found = {cell: (code, message) for cell, code, message in _mistakes(tmp_path / "a.xlsx")}
    expected = {
        "路线!F1": ("E630", "经营处方要"), "路线!G1": ("E631", "路线!A1"), "路线!C2": ("E632", "现在是数字"),
        "路线!D2": ("E632", "公式"), "路线!E2": ("E632", "有、无、是、否"), "路线!A3": ("E634", "单位名称"),
        "路线!C3": ("E632", "18 位"), "路线!D3": ("E632", "数字"), "路线!H3": ("E632", "没有这一栏"),
        "路线!I3": ("E632", "数字"), "路线!B4": ("E632", "没有这种单位"), "路线!B5": ("E634", "单位类型"),
        "路线!J5": ("E632", "没有表头"),
    }  # fmt: skip
    for cell, (code, word) in expected.items():
        assert found[cell][0] == code, cell
        assert word in found[cell][1], found[cell]
    assert set(found) == set(expected), "the other cells of a row without a type cannot be judged"


def test_cells_under_a_known_type_are_strict(tmp_path: Path) -> None:
    book = _book([HEAD, ["丙", "药品零售企业", "9.134E+17", "x" * 401, None], ["丁", "药品零售企业", True, "某路", 1]])
    book.active["D3"].value, book.active["D3"].data_type = "#NAME?", "e"
    book.save(tmp_path / "a.xlsx")
    found = {cell: message for cell, _, message in _mistakes(tmp_path / "a.xlsx")}
    words = {
        "路线!C2": "科学计数",
        "路线!D2": "过长",
        "路线!C3": "逻辑值",
        "路线!D3": "错误值",
        "路线!E3": "有、无、是、否",
    }
    assert set(found) == set(words)
    for cell, word in words.items():
        assert word in found[cell]


def test_a_mistake_prints_its_cell_and_what_to_do(tmp_path: Path) -> None:
    _, problems = read_route(_xlsx(tmp_path, [HEAD, ["甲", "药品零售企业", 9.1e17]]), _locked().release)
    shown = problems[0].render()
    assert shown.startswith(f"{tmp_path / 'route.xlsx'}:路线!C2: E632 统一社会信用代码：")
    assert "文本格式" in shown


def test_no_header_no_sites_no_type(tmp_path: Path) -> None:
    assert [code for _, code, _ in _mistakes(_xlsx(tmp_path, [["名称"], ["甲"]]))] == ["E629"]
    assert [code for _, code, _ in _mistakes(_xlsx(tmp_path, [HEAD]))] == ["E633"]
    typeless = _xlsx(tmp_path, [["单位名称"], ["甲"]])
    assert [code for _, code, _ in _mistakes(typeless)] == ["E634"]
    assert _route(typeless, "clinic").sites[0].site_type == "clinic"
    assert [code for _, code, _ in _mistakes(typeless, "clinics")] == ["E614"]


def test_only_the_first_visible_sheet_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    book = _book([["x"]], "隐藏")
    book.active.sheet_state = "hidden"
    for title in ("第一天", "第二天"):
        book.create_sheet(title).append(["单位名称"])
        book[title].append([f"{title}的药房"])
    book.active = 1
    book.save(tmp_path / "a.xlsx")
    route = _route(tmp_path / "a.xlsx", "retail-pharmacy")
    assert [s.site.name for s in route.sites] == ["第一天的药房"]
    assert route.notices == ("只读了工作表 “第一天”，没有读：第二天",)


def test_two_columns_for_one_field_must_agree(tmp_path: Path) -> None:
    head = ["单位名称", "实际经营地址", "地址"]
    assert _route(_xlsx(tmp_path, [head, ["甲", "某路", "某路"]]), "retail-pharmacy").sites[0].site.identity == {
        "address": "某路"
    }
    assert [c for c, _, _ in _mistakes(_xlsx(tmp_path, [head, ["甲", "某路", "别路"]]), "retail-pharmacy")] == [
        "路线!C2"
    ]


def test_duplicates_are_reported_by_code_or_by_name_and_address(tmp_path: Path) -> None:
    rows = [
        HEAD, ["甲", "药品零售企业", CODES[0], "一路"], ["乙", "个体诊所", CODES[0].lower(), "二路"],
        ["丙", "药品零售企业", None, "三路"], ["丙 ", "药品零售企业", CODES[1], "三 路"], ["丙", "药品零售企业", None, "四路"],
        ["丁", "药品零售企业", None, None], ["丁", "药品零售企业", None, None],
    ]  # fmt: skip
    assert list(_route(_xlsx(tmp_path, rows)).notices) == [
        "路线!第3行 乙 与 路线!第2行 甲 可能是同一家：统一社会信用代码相同，单位类型不同",
        "路线!第5行 丙 与 路线!第4行 丙 可能是同一家：名称和地址相同",
        "路线!第6行 丙 与 路线!第4行 丙 可能是同一家：名称相同",
        "路线!第8行 丁 与 路线!第7行 丁 可能是同一家：名称相同",
    ]


def test_two_of_one_name_with_different_codes_are_two(tmp_path: Path) -> None:
    rows = [HEAD, ["甲", "药品零售企业", CODES[0], "一路"], ["甲", "药品零售企业", CODES[1], "一路"]]
    assert not _route(_xlsx(tmp_path, rows)).notices


@pytest.mark.parametrize("name", ["\u200b", "\u2060\u3000", "\u00ad"])
def test_a_name_that_cannot_be_seen_is_none(name: str, tmp_path: Path) -> None:
    _, problems = read_route(_xlsx(tmp_path, [HEAD, [name, "药品零售企业"]]), _locked().release, None)
    assert [p.code for p in problems] == ["E634"]


@pytest.mark.parametrize(
    ("column", "name"), [(1, "A7"), (26, "Z7"), (27, "AA7"), (702, "ZZ7"), (16384, "XFD7"), (0, "第7行")]
)
def test_cells_are_named_as_a_spreadsheet_does(column: int, name: str) -> None:
    assert cell_name(7, column) == name


def test_a_formula_is_kept_apart_from_what_looks_like_one(tmp_path: Path) -> None:
    table, _ = read_table(_xlsx(tmp_path, [["=1+1", "文字"]]))
    assert table is not None
    assert table.rows[0].cells == (Unusable("=1+1", True), "文字")


# ── the last records


def _record(folder: Path, file: str, **fields: Any) -> Path:
    """Write the record of the sample pharmacy with other fields of its site and another day."""
    of = recorded("retail-pharmacy-2024", final=True).record
    data = of.model_dump(by_alias=True)
    day = fields.pop("day", None)
    if day is not None:
        data["visit"] = data["visit"] | {"date": day}
    data["site"] = data["site"] | {k: v for k, v in fields.items() if k == "name"}
    code = fields.get("code", CODES[0])
    data["site"]["identity"] = {k: v for k, v in data["site"]["identity"].items() if k != "credit_code"}
    if code:
        data["site"]["identity"]["credit_code"] = code
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(record_yaml(RecordFile.model_validate(data)), encoding="utf-8")
    return path


def test_the_newest_record_by_code_else_by_name(tmp_path: Path) -> None:
    old = _record(tmp_path, "2022/a.yaml", day=date(2022, 1, 5))
    new = _record(tmp_path, "2023/a.yaml", day=date(2023, 1, 5))
    renamed = _record(tmp_path, "b.yaml", day=date(2023, 6, 1), name="别的药房", code="")
    (tmp_path / "sheet.yaml").write_text("kind: answers\n", encoding="utf-8")
    kept, problems = read_folder(tmp_path)
    assert not problems
    assert {k.path for k in kept} == {old, new, renamed}
    records = Records(kept)

    def find(name: str, code: str = "", site_type: str = "retail-pharmacy") -> Path | None:
        return records.newest(site_type, Site(name=name, identity={"credit_code": code} if code else {}))

    assert find("改了名的药房", CODES[0]) == new
    assert find("合肥市瑶海区 安康大药房") == new
    assert find("合肥市瑶海区安康大药房", CODES[1]) is None, "the same name with another code is somebody else"
    assert find("别的药房", CODES[1]) == renamed, "a record without a code is matched by its name"
    assert find("改了名的药房", CODES[0], "clinic") is None
    assert (
        Records(kept, before=date(2023, 1, 5)).newest(
            "retail-pharmacy", Site(name="", identity={"credit_code": CODES[0]})
        )
        == old
    )


def test_a_record_that_cannot_be_read_is_named_beside_the_others(tmp_path: Path) -> None:
    good = _record(tmp_path, "a.yaml")
    (tmp_path / "b.yaml").write_text("kind: [", encoding="utf-8")
    kept, problems = read_folder(tmp_path)
    assert [k.path for k in kept] == [good]
    assert [(p.mark.path, p.code) for p in problems] == [(str(tmp_path / "b.yaml"), "E104")]
    assert [p.code for p in read_folder(tmp_path / "nowhere")[1]] == ["E101"]


# ── printing


def _planned(path: Path, **options: Any) -> PlannedRoute:
    route, problems = open_route(path, "2024", **options)
    assert route is not None, "\n".join(p.render() for p in problems)
    return route


class Inline:
    """Does the tasks in this process, one after the other."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs

    def __enter__(self) -> Inline:
        return self

    def __exit__(self, *error: object) -> None:
        return

    def each(self, function: Callable[[Any], Any], tasks: Sequence[Any]) -> Iterator[tuple[Any, Any, list[Problem]]]:
        for task in tasks:
            yield (task, *workers._done(function, task))


class Drawn:
    """What was laid out: the site types of the bases, and the first text of each stamp."""

    def __init__(self) -> None:
        self.bases: list[str] = []
        self.names: list[str] = []

    def base(self, base: Base) -> None:
        self.bases.append(base.checklist.site_type)
        cell = {"x": 20, "y": 20, "width": 50, "height": 10}
        names = ["site.name", *(f"site.identity.{i.id}" for i in base.checklist.type.identity)]
        layout = {"pages": [{"code": cell}], "fields": [{"field": name} | cell for name in names]}
        keep_base(base, _blank_pages(1), json.dumps(layout).encode())

    def stamps(self, task: Stamps) -> Stamped:
        stamps = task.stamps
        self.names += [stamp.texts[0][0] for stamp in stamps]
        return Stamped(_blank_pages(len(stamps)), tuple((b"0 0 1 1 re f",) for _ in stamps), frozenset())


def _blank_pages(number: int) -> bytes:
    writer = PdfWriter()
    for _ in range(number):
        writer.add_blank_page(595, 842)
        writer.pages[-1][NameObject("/Contents")] = writer._add_object(StreamObject())
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Drawn:
    """Lay out blank pages in this process; return what was asked for."""
    pages = Drawn()
    monkeypatch.setattr(route_module, "Workers", Inline)
    monkeypatch.setattr(route_module, "lay_out_base", pages.base)
    monkeypatch.setattr(route_module, "lay_out_stamps", pages.stamps)
    return pages


THREE = [
    HEAD,
    ["甲药房", "药品零售企业", CODES[0], "一路", "有"],
    ["乙诊所", "个体诊所", CODES[1], "二路"],
    ["丙药房", "药品零售企业", CODES[2], "三路"],
]


def _print(route: PlannedRoute, target: Path, **options: Any) -> Printed:
    return print_route(route.sites, route.plan, target, **options)


def test_pages_that_fail_are_named_and_the_next_run_lays_out_only_what_is_missing(
    tmp_path: Path, drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(base: Base) -> None:
        if base.checklist.site_type == "clinic":
            raise RuntimeError("no such page")
        drawn.base(base)

    monkeypatch.setattr(route_module, "lay_out_base", refuse)
    route, target, done = _planned(_xlsx(tmp_path, THREE)), tmp_path / "路线.pdf", []
    printed = _print(route, target, progress=done.append)
    assert (printed.sites, printed.kept, printed.not_printed, sum(done)) == (2, 0, 1, 3)
    assert [(p.code, p.mark.cell) for p in printed.failed] == [("E709", "路线!第3行")]
    assert "乙诊所" in printed.failed[0].message
    assert "no such page" in printed.failed[0].message
    assert len(Paper(target.read_bytes()).pages) == 2
    assert len(list((tmp_path / "路线.pdf.parts").iterdir())) == 4, "the pages of two scopes, and their layouts"
    monkeypatch.setattr(route_module, "lay_out_base", drawn.base)
    drawn.bases.clear()
    again = _print(route, target)
    assert (again.sites, again.kept, again.failed) == (3, 2, ())
    assert drawn.bases == ["clinic"]
    assert not (tmp_path / "路线.pdf.parts").exists()
    titles = [item["/Title"] for item in Paper(target.read_bytes()).reader.outline]  # type: ignore[call-overload]
    assert titles == ["甲药房", "乙诊所", "丙药房"]


def test_a_site_whose_texts_fail_is_named_and_its_neighbours_are_printed(
    tmp_path: Path, drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(task: Stamps) -> Stamped:
        found = [problem("E704", char="?", code="F0000", around="?") for s in task.stamps if s.texts[0][0] == "丁药房"]
        if found:
            raise ProblemError(found)
        return drawn.stamps(task)

    monkeypatch.setattr(route_module, "lay_out_stamps", refuse)
    rows = [*THREE, ["丁药房", "药品零售企业"], ["戊药房", "药品零售企业"]]
    printed = _print(_planned(_xlsx(tmp_path, rows)), tmp_path / "a.pdf")
    assert (printed.sites, printed.not_printed) == (4, 1)
    assert [(p.code, p.mark.cell) for p in printed.failed] == [("E709", "路线!第5行")]
    assert "E704" in printed.failed[0].message
    titles = [i["/Title"] for i in Paper((tmp_path / "a.pdf").read_bytes()).reader.outline]  # type: ignore[call-overload]
    assert titles == ["甲药房", "乙诊所", "丙药房", "戊药房"]


def test_a_run_that_was_stopped_goes_on(tmp_path: Path, drawn: Drawn) -> None:
    route, target = _planned(_xlsx(tmp_path, THREE)), tmp_path / "a.pdf"

    def stop(done: int) -> None:
        if len(drawn.bases) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _print(route, target, progress=stop)
    assert not target.exists()
    folder = tmp_path / "a.pdf.parts"
    kept = sorted(folder.glob("*.pdf"))
    assert len(kept) == 2
    kept[0].write_bytes(b"%PDF-1.7 cut off")
    (folder / "mine.txt").write_text("x", encoding="utf-8")
    drawn.bases.clear()
    printed = _print(route, target)
    assert (printed.sites, printed.kept, len(drawn.bases)) == (3, 1, 2), "one was never made, one was damaged"
    assert [p.name for p in folder.iterdir()] == ["mine.txt"], "what is not ours stays"


def test_kept_pages_that_lack_one_are_laid_out_again(tmp_path: Path, drawn: Drawn) -> None:
    route, target = _planned(_xlsx(tmp_path, THREE[:2])), tmp_path / "a.pdf"
    with pytest.raises(KeyboardInterrupt):
        _print(route, target, progress=_interrupt)
    (kept,) = (tmp_path / "a.pdf.parts").glob("*.pdf")
    kept.write_bytes(_blank_pages(2))
    drawn.bases.clear()
    printed = _print(route, target)
    assert (printed.sites, printed.kept, drawn.bases) == (1, 0, ["retail-pharmacy"])


def test_kept_pages_that_were_painted_over_are_laid_out_again(tmp_path: Path, drawn: Drawn) -> None:
    route, target = _planned(_xlsx(tmp_path, THREE[:2])), tmp_path / "a.pdf"
    with pytest.raises(KeyboardInterrupt):
        _print(route, target, progress=_interrupt)
    (kept,) = (tmp_path / "a.pdf.parts").glob("*.pdf")
    kept.write_bytes(kept.read_bytes().replace(b"595", b"596"))
    assert (_print(route, target).kept, len(drawn.bases)) == (0, 2)


def test_a_file_in_the_place_of_the_kept_pages_is_named(tmp_path: Path, drawn: Drawn) -> None:
    (tmp_path / "a.pdf.parts").write_text("x", encoding="utf-8")
    with pytest.raises(ProblemError) as told:
        _print(_planned(_xlsx(tmp_path, THREE)), tmp_path / "a.pdf")
    assert "移走或改名" in (told.value.problems[0].hint or "")


def test_what_nobody_confirmed_is_not_held_against_a_site(tmp_path: Path) -> None:
    of = recorded("retail-pharmacy-2024", final=True)
    first, *others = of.record.findings
    waiting = first.model_copy(update={"status": "proposed"})
    half = of._replace(record=of.record.model_copy(update={"findings": (waiting, *others)}))
    checklist = with_earlier(of.inspection.checklist, half)
    assert [e.sentence for e in checklist.earlier] == [f.sentence for f in others]
    assert "还有 1 个问题没有确认" in checklist.notices[-1]


def _interrupt(done: object) -> None:
    raise KeyboardInterrupt


def test_identical_rows_are_printed_once(tmp_path: Path, drawn: Drawn) -> None:
    printed = _print(_planned(_xlsx(tmp_path, [*THREE, THREE[1]])), tmp_path / "a.pdf")
    assert (printed.sites, drawn.names) == (3, ["甲药房", "乙诊所", "丙药房"])
    assert printed.notices == ("路线!第5行 甲药房 与 路线!第2行 内容完全相同，只印一次",)


def test_sites_of_one_scope_share_their_pages(tmp_path: Path, drawn: Drawn) -> None:
    rows = [
        THREE[0],
        *([f"药房{n}", "药品零售企业"] for n in range(60)),
        ["有处方药", "药品零售企业", None, None, "有"],
    ]
    printed = _print(_planned(_xlsx(tmp_path, rows)), tmp_path / "a.pdf")
    assert (printed.sites, len(drawn.bases), len(drawn.names)) == (61, 2, 61)


def test_a_type_that_the_campaign_does_not_reach_stops_that_site_only(tmp_path: Path, drawn: Drawn) -> None:
    route = _planned(_xlsx(tmp_path, THREE))
    refused = [problem("E615", campaign="x", site_type="y")]

    def plan(visited: Any) -> Any:
        return (None, refused) if visited.site.name == "乙诊所" else route.plan(visited)

    printed = print_route(route.sites, plan, tmp_path / "a.pdf")
    assert (printed.sites, printed.not_printed) == (2, 1)
    assert "E615" in printed.failed[0].message
    nothing = print_route(route.sites[1:2], plan, tmp_path / "b.pdf")
    assert (nothing.sites, (tmp_path / "b.pdf").exists()) == (0, False)


def fragile(base: Base) -> None:
    """Lay out a blank page; one of the pages takes the whole worker with it, one never ends."""
    if base.checklist.site_type == "clinic":
        os._exit(3)
    if base.checklist.site_type == "device-manufacturer":
        time.sleep(600)
    Drawn().base(base)


def test_pages_that_end_their_worker_or_hang_are_named_and_the_others_are_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(route_module, "lay_out_base", fragile)
    monkeypatch.setattr(workers, "PATIENCE", 8)
    rows = [*THREE, ["丁械厂", "device-manufacturer"]]
    printed = _print(_planned(_xlsx(tmp_path, rows)), tmp_path / "a.pdf", jobs=2)
    assert (printed.sites, [p.mark.cell for p in printed.failed]) == (2, ["路线!第3行", "路线!第5行"])
    assert "意外结束" in printed.failed[0].message
    assert "超过 8 秒" in printed.failed[1].message


@pytest.mark.long
def test_one_worker_and_two_print_the_same_pages_numbered_site_by_site(tmp_path: Path) -> None:
    _record(tmp_path / "records", "a.yaml")
    rows = [
        [*HEAD, "重点区域"],
        ["乙器械厂", "device-manufacturer", CODES[1], "二路", None, None],
        ["甲药房", "药品零售企业", CODES[0], "一路", "有", "农村"],
    ]
    route = _planned(_xlsx(tmp_path, rows), previous=tmp_path / "records")
    _print(route, tmp_path / "one.pdf", jobs=1)
    printed = _print(route, tmp_path / "two.pdf", jobs=2)
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()
    paper = Paper((tmp_path / "one.pdf").read_bytes())
    numbers = [(int(n), int(of)) for page in paper.pages for n, of in re.findall(r"第(\d+)页共(\d+)页", page)]
    first = numbers[0][1]
    assert numbers == [(n, first) for n in range(1, first + 1)] + [
        (n, printed.pages - first) for n in range(1, printed.pages - first + 1)
    ]
    maker, pharmacy = paper.pages[0], paper.pages[first]
    assert all(word in maker for word in ("乙器械厂", CODES[1], "二路"))
    assert all(
        word in pharmacy
        for word in ("甲药房", CODES[0], "一路", "农村", "☑经营处方药", "☑在重点区域", "☑上次检查有问题")
    )
    of = recorded("retail-pharmacy-2024", final=True)
    assert "上次检查发现的问题" in pharmacy
    assert "上次检查发现的问题" not in "".join(paper.pages[:first])
    for decided in of.record.findings:
        assert flat(decided.sentence) in pharmacy, decided.sentence
    table = "".join(paper.pages[first + 1 :])
    assert flat(of.record.findings[0].sentence) in table, "the rows of 回头看"


def test_key_areas_come_first_only_when_asked(tmp_path: Path) -> None:
    rows = [["单位名称", "在重点区域"], ["甲", "无"], ["乙", "有"], ["丙", None], ["丁", "是"]]
    route = _planned(_xlsx(tmp_path, rows), site_type="clinic")
    assert [s.site.name for s in route.sites] == ["甲", "乙", "丙", "丁"]
    assert [s.site.name for s in route.key_areas_first()] == ["乙", "丁", "甲", "丙"]


# ── the command


def test_the_command_prints_the_route_and_says_what_became_of_it(tmp_path: Path, invoke: Invoke, drawn: Drawn) -> None:
    path = _xlsx(tmp_path, [[*HEAD, "在重点区域"], *THREE[1:3], [*THREE[3], None, "有"]])
    target = tmp_path / "路线.pdf"
    run = invoke("checklist", "--sites", path, "--campaign", "2024", "--jobs", "1", "--areas-first", "-o", target)
    assert run.code == 0, run.said
    assert f"{target}：3 家，3 页" in run.said
    assert drawn.names == ["丙药房", "甲药房", "乙诊所"]
    assert not list(tmp_path.glob("*.parts"))


def test_the_command_stops_at_mistakes_of_the_workbook_before_it_prints(
    tmp_path: Path, invoke: Invoke, drawn: Drawn
) -> None:
    path = _xlsx(tmp_path, [HEAD, ["甲", "药品零售企业", 9.1e17], ["乙", "没有这种"]])
    run = invoke("checklist", "--sites", path, "--campaign", "2024", "-o", tmp_path / "a.pdf")
    assert run.code == 1
    assert "路线!C2" in run.said
    assert "路线!B3" in run.said
    assert not drawn.bases
    assert [p.name for p in tmp_path.iterdir()] == ["route.xlsx"]


def test_a_record_that_cannot_be_read_gives_exit_code_1_and_the_pdf(
    tmp_path: Path, invoke: Invoke, drawn: Drawn
) -> None:
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "a.yaml").write_text("kind: [", encoding="utf-8")
    run = invoke("checklist", "--sites", _xlsx(tmp_path, THREE), "--campaign", "2024", "--jobs", "1",
                  "--previous", tmp_path / "records", "-o", tmp_path / "a.pdf")  # fmt: skip
    assert (run.code, (tmp_path / "a.pdf").exists()) == (1, True)
    assert "E104" in run.said


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--has", "rx"), "--has"), (("--site", "x.yaml"), "--site"), (("--earlier", "x.yaml"), "--earlier"),
        (("--as", "json"), "PDF"), (("--jobs", "0"), "--jobs"),
    ],
)  # fmt: skip
def test_options_of_one_site_do_not_go_with_a_route(
    arguments: tuple[str, ...], word: str, tmp_path: Path, invoke: Invoke
) -> None:
    run = invoke("checklist", "--sites", "x.xlsx", "--campaign", "2024", *arguments, "-o", tmp_path / "a.pdf")
    assert run.code == 2
    assert word in run.said


def test_options_of_a_route_do_not_go_with_one_site(tmp_path: Path, invoke: Invoke) -> None:
    for arguments in (("clinic", "--areas-first"), ("clinic", "--jobs", "2"), ("clinic", "--previous", ROOT), ()):
        run = invoke("checklist", *arguments, "--campaign", "2024", "-o", tmp_path / "a.pdf")
        assert run.code == 2, arguments
        assert "--sites" in run.said


def test_an_interrupted_command_says_that_it_can_go_on(
    tmp_path: Path, invoke: Invoke, drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(route_module, "lay_out_base", _interrupt)
    path = _xlsx(tmp_path, THREE)
    run = invoke("checklist", "--sites", path, "--campaign", "2024", "--jobs", "1", "-o", tmp_path / "a.pdf")
    assert run.code == 1
    assert "接着排" in run.err
    assert not (tmp_path / "a.pdf").exists()


def test_the_command_never_writes_over_what_it_reads(tmp_path: Path, invoke: Invoke) -> None:
    path = _xlsx(tmp_path, THREE)
    (tmp_path / "records").mkdir()
    kept = tmp_path / "records" / "a.pdf"
    kept.write_bytes(b"%PDF-1.7 the paper of last year")
    (tmp_path / "note.txt").write_text("x", encoding="utf-8")
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    for target in (path, kept, tmp_path / "note.txt"):
        run = invoke("checklist", "--sites", path, "--campaign", "2024", "--as", "pdf",
                     "--previous", tmp_path / "records", "-o", target)  # fmt: skip
        assert run.code == 2, run.said
        assert target.name in run.err
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before

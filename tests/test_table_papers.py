"""What is printed of tables: workbooks with values alone, a bureau's own header filled in, PDF, drafts of summaries."""

from __future__ import annotations

import io
import random
import re
import zipfile
from datetime import date, timedelta
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from support_documents import Invoke, flat
from support_tables import BEGIN, LAST, county

from engine.library.check_tables import read_summary_file, read_table_file
from engine.library.files import place
from engine.model.bureau import BureauFile
from engine.model.tables import MappedColumn, MappingFile, TableFile
from engine.reports.computing import Computed, Span, compute
from engine.reports.counting import Kept
from engine.reports.figures import written
from engine.reports.layout import DEFAULT_LAYOUT, Filled, sheets_of, value_of
from engine.reports.mapping import filled_workbook, guess_mapping
from engine.reports.office import draft_docx
from engine.reports.papers import table_bytes
from engine.reports.printing import draft_pdf, table_context
from engine.reports.summary import DRAFT, Words, draft_of
from engine.workbooks.filling import read_grids
from engine.workspace.folder import begin_workspace, open_workspace

END = date(2024, 1, 26)
FILLED = Filled("某县市场监督管理局", "7-" + "a" * 64, reporter="王芳", phone="0551-1")


def _table(name: str) -> TableFile:
    table, problems = read_table_file(place(), name)
    assert table is not None, problems
    return table


@cache
def _computed(name: str, seed: int = 4) -> Computed:
    units, kept = county(seed, visits=80)
    return compute(_table(name), kept, Span(BEGIN, LAST, BEGIN + timedelta(days=7), END), [u.id for u in units])


# ── our own layout


@pytest.mark.parametrize("name", ["t0", "t1", "t2", "t3", "t4"])
def test_a_workbook_holds_the_figures_and_no_formula(name: str) -> None:
    computed = _computed(name)
    content = table_bytes(computed, FILLED, ".xlsx")
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheets = sheets_of(computed.table)
    assert len(book.worksheets) == len(sheets)
    for sheet, ours in zip(book.worksheets, sheets, strict=True):
        assert DEFAULT_LAYOUT in sheet["A1"].value
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.protection.sheet) == (
            "landscape",
            9,
            True,
        )
        assert sheet.print_title_rows == "$3:$4"
        rows = [*computed.rows, computed.whole]
        for number, row in enumerate(rows, 5):
            for place_, leaf in enumerate(ours.leaves, 3):
                cell, value = sheet.cell(number, place_), value_of(row, leaf)
                shown = (
                    ""
                    if cell.value is None
                    else f"{cell.value:.2f}"
                    if leaf.column.unit in ("万元", "%")
                    else str(cell.value)
                )
                assert shown == written(leaf.column, value), f"{leaf.name} {row.unit}"
                assert cell.data_type != "f"
        assert sheet.cell(4 + len(rows), 2).value == "合计"
        texts = [str(cell.value) for column in sheet.iter_cols(1, 1) for cell in column if cell.value]
        assert any("填报单位（盖章）：某县市场监督管理局" in text and "联系电话：0551-1" in text for text in texts)
        assert any(FILLED.head in text for text in texts)
    assert content == table_bytes(computed, FILLED, ".xlsx")


def test_blank_is_empty_and_zero_is_zero_in_the_workbook() -> None:
    computed = compute(_table("t4"), Kept(), Span(BEGIN, LAST, BEGIN, END), ["甲所"])
    sheet = openpyxl.load_workbook(io.BytesIO(table_bytes(computed, FILLED, ".xlsx"))).worksheets[0]
    leaves = sheets_of(computed.table)[0].leaves
    values = {(leaf.name, leaf.of): sheet.cell(5, 3 + n).value for n, leaf in enumerate(leaves)}
    assert values["reactions_drug", "total"] is None
    assert values["clusters", "total"] == 0


def test_what_people_typed_is_no_markup_and_no_formula() -> None:
    units = ["=HYPERLINK(1)", "<b>&amp;{{ 7*7 }}"]
    computed = compute(_table("t4"), Kept(), Span(BEGIN, LAST, BEGIN, END), units)
    sheet = openpyxl.load_workbook(io.BytesIO(table_bytes(computed, FILLED, ".xlsx"))).worksheets[0]
    assert {sheet["B5"].value, sheet["B6"].value} == set(units)
    assert sheet["B5"].data_type == sheet["B6"].data_type == "s"
    text = flat(_pdf_text(table_bytes(computed, FILLED._replace(unit=units[1]), ".pdf")))
    assert "<b>&amp;{{7*7}}" in text.replace(" ", "")


def _pdf_text(content: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def test_the_pdf_holds_titles_figures_bars_and_what_they_mean() -> None:
    computed = _computed("t0")
    content = table_bytes(computed, FILLED, ".pdf")
    text = flat(_pdf_text(content)).replace(" ", "")
    for wanted in (
        "数据统计表",
        DEFAULT_LAYOUT,
        "合计",
        "口径：人次按人·日计",
        "各类单位检查家次，其中发现问题的",
        FILLED.head,
    ):
        assert wanted.replace(" ", "") in text, wanted
    page = PdfReader(io.BytesIO(content)).pages[0]
    assert page.mediabox.width > page.mediabox.height
    charts = table_context(computed, FILLED)["charts"]
    assert isinstance(charts, list)
    bars = charts[0]["bars"]
    assert len(bars) == 11
    assert all(bar["part"] <= bar["whole"] for bar in bars)


# ── a bureau's own


def _own(titles: list[tuple[str, ...]], rows: int = 6, *, total: bool = True, shift: int = 0) -> bytes:
    """A workbook as bureaux make them: merged title, two-level merged header, 合计 with formulas."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "附件"
    columns = [("序号",), ("单位",), *titles]
    sheet.cell(1 + shift, 1, "药品安全春风行动数据统计表")
    sheet.merge_cells(start_row=1 + shift, end_row=1 + shift, start_column=1, end_column=len(columns))
    place_ = 1
    while place_ <= len(columns):
        head = columns[place_ - 1]
        same = list(takewhile(lambda c, group=head[0]: c[0] == group, columns[place_ - 1 :]))  # beside each other
        sheet.cell(3 + shift, place_, head[0])
        if len(head) == 1:
            sheet.merge_cells(start_row=3 + shift, end_row=4 + shift, start_column=place_, end_column=place_)
            place_ += 1
            continue
        for n, each in enumerate(same):
            sheet.cell(4 + shift, place_ + n, each[1])
        if len(same) > 1:
            sheet.merge_cells(
                start_row=3 + shift, end_row=3 + shift, start_column=place_, end_column=place_ + len(same) - 1
            )
        place_ += len(same)
    if total:
        sheet.cell(5 + shift + rows, 2, "合计")
        for column in range(3, len(columns) + 1):
            sheet.cell(5 + shift + rows, column, "=SUM(C5:C10)")
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _mapped(table: TableFile, content: bytes) -> MappingFile:
    grids, problems = read_grids(content, "their.xlsx")
    assert not problems
    guess, problems = guess_mapping(table, grids, "their.xlsx")
    assert guess is not None, problems
    return guess.mapping


def _guessed(table: TableFile, content: bytes) -> dict[str, str | None]:
    return {letter: mapped.column for letter, mapped in _mapped(table, content).columns.items()}


def test_the_headers_of_the_field_are_understood() -> None:
    """Headings from published campaign tables (STATS §1)."""
    titles = [("出动执法人员（人次）",), ("检查家次", "零售药店"), ("检查家次", "医疗机构"), ("检查家次", "个体诊所"),
              ("检查家次", "化妆品经营者"), ("发现问题（家次）",), ("责令改正通知书（份）",), ("立案（件）",), ("结案（件）",),
              ("涉案货值（万元）",), ("罚款（万元）",), ("移送公安机关（件）",), ("宣传资料（份）",), ("下一步打算",)]  # fmt: skip
    found = _guessed(_table("t0"), _own(titles))
    assert list(found.values()) == [
        "people", "pharmacies", "hospitals", "clinics", "cosmetics", "faulty", "notices", "cases", "closed", "value",
        "fines", "police", "handouts", None,
    ]  # fmt: skip


@given(st.data())
def test_our_own_headings_in_any_order_are_all_understood(data: st.DataObject) -> None:
    table = _table(data.draw(st.sampled_from(["t0", "t2", "t4"])))
    names = data.draw(st.lists(st.sampled_from(sorted(table.columns)), min_size=2, max_size=12, unique=True))
    titles = [tuple(table.columns[n].title) for n in names]
    found = _guessed(table, _own([*titles], shift=data.draw(st.integers(0, 3))))
    groups = {t[0] for t in titles if len(t) > 1}
    for letter, (name, title) in zip(found, zip(names, titles, strict=True), strict=True):
        if sum(t[0] == title[0] for t in titles) == 1 and title[0] not in groups - {title[0]}:
            assert found[letter] == name, title


def _book(*rows: tuple[object, ...], merged: tuple[str, ...] = ()) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for each in merged:
        book.active.merge_cells(each)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_a_row_that_numbers_the_columns_is_no_heading_and_no_data() -> None:
    content = _book(
        ("某市数据统计表",), ("填报单位：", None, "填报时间："),
        ("序号", "县（市、区）局、所", "出动执法人员（人次）", "立案（件）"), (1, "2", "(3)", "4=5+6"), (1,), (2,), ("合计",),
    )  # fmt: skip
    mapping = _mapped(_table("t0"), content)
    assert (mapping.first_row, mapping.last_row, mapping.number_column, mapping.unit_column) == (5, 7, "A", "B")
    assert {k: (m.title, m.column) for k, m in mapping.columns.items()} == {
        "C": ("出动执法人员（人次）", "people"), "D": ("立案（件）", "cases"),
    }  # fmt: skip


def test_what_a_heading_counts_decides_with_its_words() -> None:
    """家 under a figure of things, or 元 under 万元, would be a wrong figure."""
    titles = [
        ("发现问题", "家数"),
        ("发现问题", "问题数"),
        ("罚没款（元）",),
        ("移送公安机关（人）",),
        ("涉案货值（万元）",),
    ]
    assert list(_guessed(_table("t0"), _own(titles)).values()) == [None, "findings", None, None, "value"]


def test_columns_that_nothing_tells_apart_are_left_to_a_person() -> None:
    """Of pharmacies and of clinics; ours counts both together."""
    table = _table("t1")
    content = _book(
        ("单位", "药品零售企业", None, "个体诊所", None), ("单位", "检查家次", "立案", "检查家次", "发现问题"), ("城东所",),
        merged=("B1:C1", "D1:E1"),
    )  # fmt: skip
    guess, problems = guess_mapping(table, read_grids(content, "x")[0], "x")
    assert guess is not None, problems
    assert (guess.mapping.columns["B"].column, guess.mapping.columns["D"].column) == (None, None)
    assert guess.mapping.columns["B"].title == "药品零售企业 / 检查家次"
    assert any(note.startswith("B、D 列都像 “检查”") for note in guess.notes)
    assert not any(note.startswith("B 列") for note in guess.notes), "said once"


def test_a_table_whose_items_stand_below_each_other_is_refused() -> None:
    content = _book(
        ("某市数据统计表",), ("项目", "单位", "数量"), ("出动执法人员", "人次"), ("检查零售药店", "家次"), ("立案", "件"),
        ("结案", "件"),
    )  # fmt: skip
    guess, problems = guess_mapping(_table("t0"), read_grids(content, "x")[0], "x")
    assert guess is None
    assert "上下排列（一列里有本表的 4 个栏目）" in problems[0].message


def test_rows_of_theirs_under_other_names_are_named() -> None:
    computed = _computed("t0")
    own = computed.rows[0].unit
    for names, said in (((own, "城东所"), True), ((*(row.unit for row in computed.rows), "城东所"), False)):
        content = _book(
            ("单位", "立案（件）", "结案（件）"), *((name,) for name in names), *([(None, None)] * 6), ("合计",)
        )
        filled, problems = filled_workbook(computed, FILLED, _mapped(computed.table, content), content, "x")
        assert problems == []
        texts = [str(c.value) for row in openpyxl.load_workbook(io.BytesIO(filled)).active.iter_rows() for c in row]
        assert any(text.startswith("没有填的行") and text.endswith("：城东所") for text in texts) is said


def test_period_and_total_are_told_apart() -> None:
    titles = [("检查（家次）", "本期"), ("检查（家次）", "累计"), ("立案（件）", "本周"), ("立案（件）", "累计")]
    mapping = _mapped(_table("t1"), _own(titles))
    assert [(m.column, m.of) for m in mapping.columns.values()] == [
        ("visits", "period"), ("visits", "total"), ("cases", "period"), ("cases", "total"),
    ]  # fmt: skip


def test_their_workbook_is_filled_in_and_keeps_its_look() -> None:
    titles = [("出动执法人员（人次）",), ("检查", "零售药店"), ("检查", "医疗机构"), ("涉案货值（万元）",), ("备注",)]
    content = _own(titles)
    computed = _computed("t0")
    filled, problems = filled_workbook(computed, FILLED, _mapped(computed.table, content), content, "their.xlsx")
    assert problems == []
    before = openpyxl.load_workbook(io.BytesIO(content)).active
    sheet = openpyxl.load_workbook(io.BytesIO(filled)).active
    assert {str(r) for r in before.merged_cells.ranges} == {str(r) for r in sheet.merged_cells.ranges}
    assert (sheet.protection.sheet, sheet.page_setup.orientation) == (True, "landscape")
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    for number, row in enumerate(computed.rows, 5):
        assert sheet.cell(number, 2).value == row.unit
        assert sheet.cell(number, 3).value == row.total["people"].value
        assert f"{sheet.cell(number, 6).value:.2f}" == written(
            computed.table.columns["value"], row.total["value"].value
        )
        assert sheet.cell(number, 7).value is None, "an unknown column stays empty"
    assert sheet.cell(11, 3).value == computed.whole.total["people"].value
    texts = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
    assert any(text.startswith("填报单位（盖章）") for text in texts)
    assert filled == filled_workbook(computed, FILLED, _mapped(computed.table, content), content, "their.xlsx")[0]


def test_units_that_stand_in_their_table_are_found_by_name() -> None:
    content = _own([("出动执法人员（人次）",), ("立案（件）",)])
    book = openpyxl.load_workbook(io.BytesIO(content))
    order = ["稽查大队", "第3市场监管所", "第1市场监管所", "第2市场监管所"]
    for number, name in enumerate(order, 5):
        book.active.cell(number, 2, name)
    target = io.BytesIO()
    book.save(target)
    computed = _computed("t0")
    filled, problems = filled_workbook(
        computed, FILLED, _mapped(computed.table, target.getvalue()), target.getvalue(), "x"
    )
    assert problems == []
    sheet = openpyxl.load_workbook(io.BytesIO(filled)).active
    people = {row.unit: row.total["people"].value for row in computed.rows}
    assert {sheet.cell(n, 2).value: sheet.cell(n, 3).value for n in range(5, 9)} == people


def test_too_few_rows_a_missing_sheet_and_another_table_are_said() -> None:
    computed = _computed("t0")
    content = _own([("立案（件）",)], rows=2)
    mapping = _mapped(computed.table, content)
    assert "只有 2 个空行，还要填 4 个单位" in filled_workbook(computed, FILLED, mapping, content, "x")[1][0].message
    gone = mapping.model_copy(update={"sheet": "别的"})
    assert "没有这个工作表，有：附件" in filled_workbook(computed, FILLED, gone, content, "x")[1][0].message
    assert [p.code for p in filled_workbook(_computed("t1"), FILLED, mapping, content, "x")[1]] == ["E867"]
    wrong = mapping.model_copy(update={"columns": {"C": MappedColumn(title="立案", column="cses")}})
    assert [p.code for p in filled_workbook(computed, FILLED, wrong, content, "x")[1]] == ["E853"]
    grids, _ = read_grids(_own([("晴雨表",)]), "x")
    assert "没有认出表头" in guess_mapping(computed.table, [], "x")[1][0].message
    assert guess_mapping(computed.table, grids, "x")[0] is None


def _with(content: bytes, part: str, old: bytes, new: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(target, "w") as after:
        for name in before.namelist():
            data = before.read(name)
            after.writestr(name, data.replace(old, new) if name == part else data)
    return target.getvalue()


@pytest.mark.parametrize(
    "new",
    [b'<mergeCell ref="A1:XFD1048576"/>', b'<mergeCell ref="A1:XFD1048576"/>' * 3, b'<mergeCell ref="A1&#58;XFD9"/>',
     b'<mergeCell ref="C1:A1"/>', b'<mergeCell/>', b'<mergeCell ref="A9999999:B1"/>'],
    ids=str,
)  # fmt: skip
def test_merged_ranges_that_would_fill_the_memory_are_refused(new: bytes) -> None:
    content = _own([("立案（件）",)])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    start = sheet.index(b"<mergeCell ")
    old = sheet[start : sheet.index(b"/>", start) + 2]
    grids, problems = read_grids(_with(content, "xl/worksheets/sheet1.xml", old, new), "x")
    assert grids == []
    assert problems


def test_files_that_are_no_workbook_are_refused() -> None:
    rng = random.Random(1)
    good = bytearray(_own([("立案（件）",)]))
    for content in (b"", b"PK", b"PK\x03\x04" + b"0" * 50, b"\xd0\xcf\x11\xe0", rng.randbytes(2000)):
        assert read_grids(content, "x")[1]
    for _ in range(30):
        broken = bytearray(good)
        for _ in range(5):
            broken[rng.randrange(len(broken))] = rng.randrange(256)
        read_grids(bytes(broken), "x")  # a problem or a sheet, never an exception


# ── summaries


def _draft(name: str, *, named: bool = False) -> Any:
    summary, problems = read_summary_file(place(), name)
    assert summary is not None, problems
    _, kept = county(4, visits=80)
    words = Words({"expired-stock": "过期变质药品"}, {"retail-pharmacy": "药品零售企业（单体药店、连锁门店）"}, named)
    return draft_of(summary, "2024“药品安全春风行动”", "某县局", _computed("t0"), kept, words)


def test_an_interim_summary_has_the_six_parts_of_the_plan() -> None:
    draft = _draft("interim")
    assert [b.title[2:] for b in draft.blocks] == [
        "经验做法",
        "行动成效",
        "存在问题",
        "下一步打算",
        "违法典型案例",
        "图片视频清单",
    ]
    visits = _computed("t0").whole.total["visits"].value
    assert any(f"检查各类单位 {visits} 家次" in text for text in draft.blocks[1].paragraphs)
    assert draft.blocks[0].prompts, "what a person has to write is left to be written"


@pytest.mark.parametrize("name", ["interim", "final", "highlights"])
def test_the_kinds_of_sites_in_a_summary_add_up_to_its_visits(name: str) -> None:
    """A reader adds them up: a kind that is left out looks like a mistake."""
    total = _computed("t0").whole.total
    sentence = next(s for b in _draft(name).blocks for s in b.paragraphs if s.startswith("检查药品"))
    figures = re.findall(r"(\d+) 家次", re.sub(r"（[^）]*）", "", sentence))
    assert sum(map(int, figures)) == total["visits"].value


def test_sites_are_not_named_unless_asked() -> None:
    _, kept = county(4, visits=80)
    names = {i.facts.site_name for i in kept.inspections if i.facts}
    assert not [text for b in _draft("final").blocks for row in b.rows for text in row if text in names]
    cases = _draft("final", named=True).blocks[4]
    assert not cases.rows or {row[2] for row in cases.rows} <= names


def test_a_draft_says_so_on_each_page_in_word_and_pdf() -> None:
    from docx import Document

    draft = _draft("highlights")
    content = draft_docx(draft, END)
    assert content == draft_docx(draft, END)
    document = Document(io.BytesIO(content))
    assert DRAFT in document.sections[0].header.paragraphs[0].text
    text = "\n".join(p.text for p in document.paragraphs)
    assert [b.title for b in draft.blocks if b.title not in text] == []
    assert sum(len(t.rows) for t in document.tables) == sum(len(b.rows) + 1 for b in draft.blocks if b.rows)
    pdf = draft_pdf(draft)
    assert pdf == draft_pdf(draft)
    pages = PdfReader(io.BytesIO(pdf)).pages
    assert all("草" in page.extract_text() for page in pages)


def test_a_sentence_with_a_blank_figure_is_left_out() -> None:
    summary, _ = read_summary_file(place(), "highlights")
    assert summary is not None
    part = summary.parts[1].model_copy(
        update={"sentences": ("药品不良反应报告 {reactions_drug} 份。", "检查 {visits} 家次。")}
    )
    summary = summary.model_copy(update={"parts": (part,)})
    computed = compute(_table("t0"), Kept(), Span(BEGIN, LAST, BEGIN, END))
    draft = draft_of(summary, "行动", "某局", computed, Kept(), Words({}, {}))
    assert draft.blocks[0].paragraphs == ("检查 0 家次。",)


# ── from the command line


def test_from_a_pasted_header_to_their_workbook(tmp_path: Path, invoke: Invoke) -> None:
    folder = tmp_path / "w"
    begin_workspace(folder, BureauFile(kind="bureau", authority="某局"), "2024", by="甲", at="2024-01-02 09:00")
    units, kept = county(11, visits=40)
    with open_workspace(folder) as opened, opened.store.writing(by="甲", at="2024-01-02 10:00", action="试") as writer:
        for group in (units, *kept):
            for thing in group:
                writer.put(thing)
    their, mapping, target = tmp_path / "附件.xlsx", tmp_path / "对照.yaml", tmp_path / "报.xlsx"
    their.write_bytes(_own([("出动执法人员（人次）",), ("立案（件）",), ("工作亮点",)]))
    mapped = invoke("table", "map", "t0", their, "-o", mapping)
    assert mapped.code == 0, mapped.err
    assert "E 列 “工作亮点” 不认识，不填" in mapped.out
    shown = invoke(
        "table", "show", folder, "t0", "--to", "2024-02-01", "--layout", their, "--mapping", mapping, "-o", target
    )
    assert shown.code == 0, shown.err
    sheet = openpyxl.load_workbook(target).active
    assert [sheet.cell(n, 2).value for n in range(5, 9)] == sorted(u.id for u in units)
    alone = invoke("table", "show", folder, "t0", "--layout", their)
    assert (alone.code, "要一起写" in alone.err) == (2, True)
    drafted = invoke("report", "draft", folder, "interim", "--to", "2024-02-01", "-o", tmp_path / "小结.docx")
    assert drafted.code == 0, drafted.err
    assert (
        "可用：final、highlights、interim" in invoke("report", "draft", folder, "weekly", "-o", tmp_path / "x.pdf").err
    )

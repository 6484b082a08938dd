"""Ledgers: strict values, money in 分, one mistake and nothing is taken, what is voided stays and does not count."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from support_follow_up import AT, STATION, TEAM, finding, inspection, site, workspace_in

from engine.follow_up.cells import read_value, read_yuan, shown_value, wan_yuan, yuan
from engine.follow_up.ledger_book import MAX_LINES, read_ledger
from engine.follow_up.ledger_pages import ledger_workbook
from engine.follow_up.ledger_view import ledger_json, ledger_text, totals
from engine.follow_up.lines import Line, ledger_named, typed_line, values_of
from engine.follow_up.moments import hours_between
from engine.library.files import place
from engine.model.ledgers import LedgerColumn, LedgerFile
from engine.model.workspace import LedgerEntry
from engine.problems import Mark, ProblemError
from engine.workbooks.reading import read_table
from engine.workspace.ledgers import add_entries, ledger_entries, read_ledgers, void_entry
from engine.workspace.verifying import verify_workspace

LEDGERS = read_ledgers(place())
NAMES = sorted(LEDGERS)


def column(type_: str, **more: Any) -> LedgerColumn:
    """Return a column of a type."""
    options = {"options": ("甲", "乙", "12315")} if type_ in ("choice", "choices") else {}
    return LedgerColumn.model_validate({"type": type_, "label": "栏", **options, **more}, strict=False)


def values(ledger: LedgerFile) -> st.SearchStrategy[dict[str, Any]]:
    """Return lines of a ledger that are right: every column, as it is kept."""
    days = st.dates(date(2024, 1, 1), date(2024, 3, 31)).map(date.isoformat)
    text = st.text("药械甲乙 0019-（）=+@'\"", min_size=1, max_size=12).filter(lambda t: t.strip() == t and bool(t))
    kinds: dict[str, Any] = {
        "text": text, "date": days, "count": st.integers(0, 10**9), "days": st.integers(0, 1000),
        "money": st.integers(0, 10**15), "yes_no": st.booleans(),
        "moment": st.builds("{} {:02}:{:02}".format, days, st.integers(0, 23), st.integers(0, 59)) | days,
    }  # fmt: skip
    fields = {}
    for name, each in ledger.columns.items():
        if each.refers:
            continue
        if each.type == "choice":
            found = st.sampled_from(each.options)
        elif each.type == "choices":
            found = st.lists(st.sampled_from(each.options), min_size=1, unique=True).map(
                lambda chosen, all_=each.options: [o for o in all_ if o in chosen]
            )
        else:
            found = kinds[each.type]
        fields[name] = found if each.required or each.type != "text" else st.none() | found
    return st.fixed_dictionaries(fields).map(
        lambda line: _ordered(ledger, {k: v for k, v in line.items() if v is not None})
    )


def _ordered(ledger: LedgerFile, line: dict[str, Any]) -> dict[str, Any]:
    for _ in ledger.columns:
        for name, each in ledger.columns.items():
            if each.after and each.after in line and name in line and line[name][:10] <= line[each.after][:10]:
                line[name] = line[each.after][:10] + (line[name][10:] and " 23:59")
    return {n: v for n, v in line.items() if all(needed in line for needed in ledger.columns[n].needs)}


@pytest.mark.parametrize("name", NAMES)
def test_a_ledger_written_out_and_read_again_is_the_same(name: str, tmp_path: Path) -> None:
    ledger = LEDGERS[name]
    required = {n for n, c in ledger.columns.items() if c.refers and c.required}
    file = tmp_path / "台账.xlsx"

    @settings(max_examples=2, phases=(Phase.generate,))
    @given(st.lists(values(ledger), min_size=1, max_size=4))
    def check(lines: list[dict[str, Any]]) -> None:
        given_ = [line | {n: f"A-{n}" for n in required} for line in lines]
        entries = [
            LedgerEntry(
                id=f"X{n}", ledger=name, unit=STATION, date=date.fromisoformat(line[ledger.date][:10]), values=line
            )
            for n, line in enumerate(given_)
        ]
        file.write_bytes(ledger_workbook(ledger, entries, (STATION,), date(2024, 1, 1)))
        table, problems = read_table(file)
        assert table is not None, problems
        keyless = ledger.model_copy(update={"key": ()})
        read, problems = read_ledger(table, keyless)
        assert not problems, [p.render() for p in problems]
        assert [(line.id, line.unit, line.values) for line in read] == [
            (e.id, STATION, dict(sorted(e.values.items()))) for e in entries
        ]

    check()


def test_the_same_entries_give_the_same_bytes() -> None:
    ledger = LEDGERS["clue"]
    assert ledger_workbook(ledger, (), (STATION,), date(2024, 1, 1)) == ledger_workbook(
        ledger, (), (STATION,), date(2024, 1, 1)
    )


@given(st.integers(0, 10**15))
def test_money_is_exact(fen: int) -> None:
    assert read_yuan(yuan(fen)) == fen
    assert read_yuan(f"{fen // 100:,}.{fen % 100:02}元") == fen
    exact = Decimal(fen) / 1_000_000
    assert abs(Decimal(wan_yuan(fen)) - exact) <= Decimal("0.005")


@given(st.integers(0, 10**11), st.integers(1, 999))
def test_more_than_two_decimals_are_never_rounded(yuan_: int, rest: int) -> None:
    found = read_yuan(f"{yuan_}.00{rest}".rstrip("0"))
    assert isinstance(found, str)
    assert "两位小数" in found


@pytest.mark.parametrize("cell", [0.1 + 0.2, 1.005, -1, -0.01, True, float("nan"), float("inf"), "1万元", "约100", "1,00",
                                  "1e3", "", "１２.３４５", 10**20])  # fmt: skip
def test_what_is_no_amount_is_refused(cell: Any) -> None:
    assert isinstance(read_yuan(cell), str)


@pytest.mark.parametrize(
    ("cell", "fen"), [(12.34, 1234), (12, 1200), ("１２．３４", 1234), ("1,234.5 元", 123450), (0, 0)]
)
def test_amounts_as_people_type_them(cell: Any, fen: int) -> None:
    assert read_yuan(cell) == fen


@pytest.mark.parametrize(
    ("type_", "cell", "kept"),
    [
        ("date", "2024/1/5", "2024-01-05"), ("date", date(2024, 1, 5), "2024-01-05"), ("date", "2024年1月5日", "2024-01-05"),
        ("moment", "2024-1-5 9:05", "2024-01-05 09:05"), ("moment", "2024-01-05", "2024-01-05"),
        ("count", "３", 3), ("count", 3.0, 3), ("days", "0", 0), ("yes_no", "是", True), ("yes_no", False, False),
        ("choice", "甲", "甲"), ("choice", 12315, "12315"), ("choices", "乙、甲", ["甲", "乙"]), ("text", "0012", "0012"),
    ],
)  # fmt: skip
def test_values_as_people_type_them(type_: str, cell: Any, kept: Any) -> None:
    assert read_value(column(type_), cell).value == kept


@pytest.mark.parametrize(
    ("type_", "cell"),
    [
        ("date", "2024-02-30"), ("date", 45000), ("date", "1999-01-01"), ("moment", "2024-01-05 25:00"), ("count", -1),
        ("count", 1.5), ("count", "3个"), ("count", True), ("yes_no", "也许"), ("choice", "丙"), ("choices", "甲、甲"),
        ("choices", "甲、丙"), ("text", 12), ("text", "\x07"), ("text", "长" * 2001), ("days", "三"),
    ],
)  # fmt: skip
def test_what_is_no_value_is_refused_with_what_to_do(type_: str, cell: Any) -> None:
    read = read_value(column(type_), cell)
    assert read.value is None
    assert read.reason
    assert read.todo


@given(st.sampled_from(NAMES).flatmap(lambda name: st.tuples(st.just(name), values(LEDGERS[name]))))
def test_what_is_shown_is_read_back(pair: tuple[str, dict[str, Any]]) -> None:
    ledger = LEDGERS[pair[0]]
    for name, value in pair[1].items():
        assert read_value(ledger.columns[name], shown_value(ledger.columns[name], value)).value == value


CLUE = {"收到日期": "2024-01-15", "来源": "投诉举报", "线索内容": "回收药品", "首办单位": STATION, "首办人": "张三"}


def line_of(name: str, words: dict[str, Any], unit: str = STATION, id_: str = "") -> Line:
    """Return a line typed on the command line; it must be right."""
    given_, problems = typed_line(LEDGERS[name], [f"{k}={v}" for k, v in words.items()])
    found, more = values_of(LEDGERS[name], given_, lambda each: Mark(""))
    assert not problems + more, [p.render() for p in problems + more]
    return Line(found, unit, Mark(""), id_)


def test_the_first_to_take_a_clue_cannot_be_blanked() -> None:
    for blank in ("首办单位", "首办人"):
        _, problems = values_of(LEDGERS["clue"], typed_line(LEDGERS["clue"], [
            f"{k}={'' if k == blank else v}" for k, v in CLUE.items()])[0], lambda each: Mark(""))  # fmt: skip
        assert [p.code for p in problems] == ["E882"]
        assert blank in problems[0].message
        assert "CF2024-2.2-f" in problems[0].hint


def test_dates_in_the_wrong_order_and_halves_of_a_pair_are_refused() -> None:
    given_, _ = typed_line(LEDGERS["clue"], [*(f"{k}={v}" for k, v in CLUE.items()), "决定日期=2024-01-14"])
    _, problems = values_of(LEDGERS["clue"], given_, lambda each: Mark(""))
    assert sorted(p.code for p in problems) == ["E881", "E882"]


def test_entries_are_numbered_changed_with_a_reason_and_voided(tmp_path: Path) -> None:
    with workspace_in(tmp_path, site()) as workspace:
        ledger = LEDGERS["clue"]
        first = add_entries(workspace, ledger, [line_of("clue", CLUE), line_of("clue", CLUE)], by="张三", at=AT)
        assert [e.id for e in first.added] == ["线索2024-0001", "线索2024-0002"]
        changed = line_of("clue", CLUE | {"线索内容": "回收疫苗"}, id_="线索2024-0001")
        with pytest.raises(ProblemError, match="理由"):
            add_entries(workspace, ledger, [changed], by="张三", at=AT)
        assert add_entries(workspace, ledger, [changed], by="张三", at=AT, why="写错了").changed
        assert add_entries(workspace, ledger, [changed], by="张三", at=AT).same == 1
        void_entry(workspace, "线索2024-0002", by="李四", at=AT, why="重复")
        with pytest.raises(ProblemError, match="已作废"):
            void_entry(workspace, "线索2024-0002", by="李四", at=AT, why="重复")
        added = add_entries(workspace, ledger, [line_of("clue", CLUE)], by="张三", at=AT).added
        assert added[0].id == "线索2024-0003", "the number of a voided entry is never free again"
        with workspace.store.reading() as reader:
            entries = ledger_entries(reader, ledger)
            assert len(list(reader.trail())) == 6
        assert ledger_json(ledger, entries)["count"] == 2
        assert "【作废：重复】" in "".join(ledger_text(ledger, entries))
        assert not verify_workspace(workspace)[1]


def test_what_an_entry_refers_to_has_to_be_there(tmp_path: Path) -> None:
    case = {"立案日期": "2024-01-20", "案由": "劣药", "产品类别": "药品"}
    with workspace_in(tmp_path, site(), inspection(), finding()) as workspace:
        wrong = [line_of("case", case | {"线索": "线索2024-0009", "当事人": "S9"}, unit="没有的所"),
                 line_of("case", case)._replace(inspection="2024-0007", finding="2024-0001-9")]  # fmt: skip
        with pytest.raises(ProblemError) as refused:
            add_entries(workspace, LEDGERS["case"], wrong, by="张三", at=AT)
        assert [p.code for p in refused.value.problems] == ["E884"] * 5
        clue = add_entries(workspace, LEDGERS["clue"], [line_of("clue", CLUE)], by="张三", at=AT).added[0].id
        right = line_of("case", case | {"线索": clue, "当事人": "S1"})._replace(
            inspection="2024-0001", finding="2024-0001-1"
        )
        assert add_entries(workspace, LEDGERS["case"], [right], by="张三", at=AT).added
        with pytest.raises(ProblemError, match="另一本台账"):
            add_entries(workspace, LEDGERS["punished-person"], [line_of("punished-person", {
                "决定日期": "2024-02-01", "案件": clue, "姓名": "甲", "职务": "店长", "处罚种类": "罚款"})], by="张三", at=AT)  # fmt: skip


def test_a_report_is_not_received_twice(tmp_path: Path) -> None:
    words = {"收到日期": "2024-03-01", "企业": "S1", "年度": "2023"}
    with workspace_in(tmp_path, site()) as workspace:
        add_entries(workspace, LEDGERS["self-report"], [line_of("self-report", words)], by="张三", at=AT)
        with pytest.raises(ProblemError) as refused:
            add_entries(workspace, LEDGERS["self-report"], [line_of("self-report", words | {"收到日期": "2024-03-05"})],
                        by="张三", at=AT)  # fmt: skip
    assert [p.code for p in refused.value.problems] == ["E885"]


def book(path: Path, rows: list[list[Any]]) -> Path:
    """Write a workbook with one sheet."""
    written = Workbook()
    sheet = written.active
    sheet.title = "线索"
    for row in rows:
        sheet.append(row)
    written.save(path)
    return path


HEADER = ["收到日期", "来源", "线索内容", "首办单位", "首办人", "责任单位"]
GOOD = [date(2024, 1, 15), "投诉举报", "回收药品", STATION, "张三", STATION]


def test_every_mistake_is_told_by_sheet_and_cell_and_nothing_is_taken(tmp_path: Path) -> None:
    rows = [
        ["线索台账"], HEADER, GOOD,
        ["2024-02-30", "电话", "=A1", "", 12, STATION], [None, None, None, None, None, None, "多余"],
        [date(2024, 1, 16), "投诉举报", "x", STATION, "李四", None],
    ]  # fmt: skip
    table, problems = read_table(book(tmp_path / "线索.xlsx", rows))
    assert table is not None, problems
    lines, problems = read_ledger(table, LEDGERS["clue"])
    assert lines == []
    assert [(p.code, p.mark.cell) for p in sorted(problems, key=lambda p: p.sort_key)] == [
        ("E881", "线索!A4"), ("E881", "线索!B4"), ("E881", "线索!C4"), ("E882", "线索!D4"), ("E881", "线索!E4"),
        ("E881", "线索!G5"), ("E882", "线索!F6"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([["说明"], ["没有表头"]], "E887"), ([[*HEADER, "星座"], [*GOOD, "白羊"]], "E883"),
        ([[*HEADER, "来源"], [*GOOD, "其他"]], "E881"), ([HEADER[:3], GOOD[:3]], "E882"), ([HEADER], "E888"),
        ([[*HEADER, "编号"], [*GOOD, "线索2024-0001"], [*GOOD, "线索2024-0001"]], "E885"),
    ],
)  # fmt: skip
def test_sheets_that_are_no_ledger(rows: list[list[Any]], code: str, tmp_path: Path) -> None:
    table, problems = read_table(book(tmp_path / "线索.xlsx", rows))
    assert table is not None, problems
    lines, problems = read_ledger(table, LEDGERS["clue"])
    assert lines == []
    assert code in {p.code for p in problems}


def test_an_import_is_taken_whole_or_not_at_all(tmp_path: Path) -> None:
    with workspace_in(tmp_path, site()) as workspace:
        lines = [line_of("clue", CLUE), line_of("clue", CLUE, unit="没有的所")]
        with pytest.raises(ProblemError):
            add_entries(workspace, LEDGERS["clue"], lines, by="张三", at=AT)
        with workspace.store.reading() as reader:
            assert ledger_entries(reader, LEDGERS["clue"]) == []
            assert len(list(reader.trail())) == 2


@pytest.mark.parametrize("name", NAMES)
def test_a_blank_has_a_drop_down_for_every_choice_and_no_formula(name: str, tmp_path: Path) -> None:
    ledger = LEDGERS[name]
    file = tmp_path / "空白.xlsx"
    file.write_bytes(ledger_workbook(ledger, (), (STATION, TEAM), date(2024, 1, 1)))
    sheet = load_workbook(file).worksheets[0]
    heads = {cell.value: cell.column_letter for cell in sheet[3]}
    covered = {letter for v in sheet.data_validations.dataValidation if v.type == "list"
               for part in str(v.sqref).split() for letter in [part.split(":")[0].rstrip("0123456789")]}  # fmt: skip
    wanted = {heads[c.label] for c in ledger.columns.values() if c.type in ("choice", "choices", "yes_no")}
    assert wanted | {heads["责任单位"]} <= covered
    assert not [c for row in sheet.iter_rows() for c in row if c.data_type == "f"]


def test_hours_are_computed_and_not_known_without_a_time() -> None:
    assert hours_between("2024-01-31 09:30", "2024-02-01 09:36") == "24.1"
    assert hours_between("2024-01-31", "2024-02-01 09:36").startswith("待核")
    assert hours_between("2024-02-01 10:00", "2024-02-01 09:36").startswith("待核")
    assert hours_between("2024-01-31 09:30", None) == ""


@given(st.lists(st.tuples(st.integers(0, 10**12), st.booleans()), max_size=30))
def test_sums_are_exact_and_leave_out_what_was_voided(amounts: list[tuple[int, bool]]) -> None:
    entries = [
        LedgerEntry(id=f"案件2024-{n}", ledger="case", unit=TEAM, date=date(2024, 1, 1), values={"fine": fen},
                    voided="重复" if void else "")
        for n, (fen, void) in enumerate(amounts)
    ]  # fmt: skip
    assert totals(LEDGERS["case"], entries)["fine"] == sum(fen for fen, void in amounts if not void)


def test_a_ledger_is_found_by_name_title_and_prefix() -> None:
    assert ledger_named(LEDGERS, "案件线索台账")[0] is LEDGERS["clue"]
    assert ledger_named(LEDGERS, "线索")[0] is LEDGERS["clue"]
    found, problems = ledger_named(LEDGERS, "clues")
    assert found is None
    assert "clue" in problems[0].hint


def test_prefixes_and_titles_are_of_one_ledger_each() -> None:
    for each in (lambda ledger: ledger.prefix, lambda ledger: ledger.title):
        assert len({each(ledger) for ledger in LEDGERS.values()}) == len(LEDGERS)
    assert all(name == ledger.ledger for name, ledger in LEDGERS.items())


def test_more_rows_than_a_screen_holds_come_back(tmp_path: Path) -> None:
    line = line_of("clue", CLUE).values
    entries = [
        LedgerEntry(id=f"线索2024-{n:04}", ledger="clue", unit=STATION, date=date(2024, 1, 15), values=line)
        for n in range(1200)
    ]
    file = tmp_path / "线索.xlsx"
    file.write_bytes(ledger_workbook(LEDGERS["clue"], entries, (STATION,), date(2024, 1, 1)))
    assert read_table(file)[0] is None, "the bound of other tables"
    table, problems = read_table(file, MAX_LINES)
    assert table is not None, problems
    lines, problems = read_ledger(table, LEDGERS["clue"])
    assert not problems
    assert [each.id for each in lines] == [entry.id for entry in entries]
    with workspace_in(tmp_path) as workspace:
        taken = add_entries(workspace, LEDGERS["clue"], [each._replace(id="") for each in lines], by="张三", at=AT)
        assert [entry.id for entry in taken.added] == [f"线索2024-{n:04}" for n in range(1, 1201)]

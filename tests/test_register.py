"""Any list of sites: its header and columns, its rows, what is known already, what comes back with its reason."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from support import ROOT
from support_documents import Invoke, environment
from support_register import ACTING, UNITS, begun, code, imported, release, site, workbook

from engine.model.workspace import RegisteredSite
from engine.problems import ProblemError
from engine.register.columns import FIELDS, LABELS, understand
from engine.register.credit_code import ALPHABET, check_digit, clean_code, code_fault
from engine.register.matching import Known, alike, canonical, is_same, name_key
from engine.register.merging import distinct_pair, merged_pair
from engine.register.words import OPEN_WORDS, TYPE_WORDS, kinds_of, types_of, unit_named
from engine.workbooks.reading import read_table
from engine.workspace.folder import open_workspace

PUBLISHED = ("91350100M000100Y43", "9144030071526726XG", "914403001922038216", "91330100799655058B")
"""The example of GB 32100-2015 and three that large companies print."""


# ── the credit code


@pytest.mark.parametrize("published", PUBLISHED)
def test_published_codes_are_right(published: str) -> None:
    assert code_fault(published) is None


@given(st.text(ALPHABET, min_size=17, max_size=17), st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_sign_is_always_found(first: str, place: int, other: str) -> None:
    right = first + check_digit(first)
    assert code_fault(right) is None
    wrong = right[:place] + other + right[place + 1 :]
    assert (code_fault(wrong) is None) == (wrong == right)


@given(st.text(ALPHABET, min_size=17, max_size=17), st.integers(0, 16))
def test_neighbours_that_changed_places_are_found(first: str, place: int) -> None:
    right = first + check_digit(first)
    swapped = right[:place] + right[place + 1] + right[place] + right[place + 2 :]
    assert (code_fault(swapped) is None) == (swapped == right)


def test_the_check_digit_is_that_of_a_plain_sum() -> None:
    """Counted another way: the weighted sum of all 18 signs is a multiple of 31, whichever weight the last has (1)."""
    for number in range(200):
        right = code(number)
        total = sum(ALPHABET.index(sign) * 3**place for place, sign in enumerate(right[:17]))
        assert (total + ALPHABET.index(right[17])) % 31 == 0


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("91350100M000100Y4", "17 位"), ("9135OI00M000100Y43", "没有 I、O，是否为 91350100M000100Y43"),
        ("91350100M000100Y44", "校验位"), ("", "0 位"),
    ],
)  # fmt: skip
def test_a_wrong_code_is_explained(written: str, told: str) -> None:
    assert told in (code_fault(clean_code(written)) or "")


def test_an_old_number_of_15_digits_is_kept_as_it_is() -> None:
    assert code_fault("340102000012345") is None
    assert code_fault(clean_code(" ９１３５０１００Ｍ０００１００Ｙ４３ ")) is None


# ── the header


TWO_LEVELS = [
    ["某县药品零售企业名录"],
    ["填报单位：药械股", None, None, None, "2024年1月"],
    ["序号", "基本情况", None, None, "许可证", None, "人员", None, "经营方式", "所属所", "状态"],
    [None, "企业名称", "统一社会信用代码", "地址", "编号", "有效期至", "法定代表人", "联系电话"],
    [1, "春风大药房（一店）", code(1), "城东路1号", "皖DA5510001", "2026-05-31", "李明", 13800000001, "零售(连锁)",
     "城东所", "正常"],
    [2, "康民药店", code(2), "城西路2号", "皖DA5510002", "2025-01-31", "王丽", "0551-6300002", "药品零售单体", "城西所", "注销"],
    ["合计", 2],
]  # fmt: skip


def test_a_header_of_two_levels_below_titles_is_understood(tmp_path: Path) -> None:
    found = imported(workbook(tmp_path / "a.xlsx", TWO_LEVELS), site_type="retail-pharmacy", day=date(2024, 1, 10))
    assert found.heading.rows == (3, 4)
    fields = {column.title: column.field for column in found.heading.columns}
    assert fields["许可证/编号"] == "licence"
    assert fields["序号"] is None
    first, second = found.new
    assert (first.name, first.credit_code, first.unit, first.chain) == (
        "春风大药房（一店）",
        code(1),
        UNITS[0].id,
        "store",
    )
    assert first.identity == {
        "licence": "皖DA5510001", "licence_until": "2026-05-31", "address": "城东路1号", "legal_person": "李明",
        "contact": "13800000001", "mode": "零售(连锁)",
    }  # fmt: skip
    assert (second.chain, second.closed) == ("single", date(2024, 1, 10))
    assert "日期不详" in second.note
    assert found.passed == (7,)
    assert not found.rejected


@given(st.permutations(sorted(set(FIELDS) - {"mode", "form", "closed"})), st.data())
def test_columns_are_known_by_any_of_their_titles_in_any_order(fields: list[str], data: st.DataObject) -> None:
    titles = [data.draw(st.sampled_from(FIELDS[field])) for field in fields]
    rows = [titles, ["x"] * len(titles)]
    found, problems = understand(_table(rows), release(), None)
    assert found is not None, problems
    assert {column.title: column.field for column in found.columns} == dict(zip(titles, fields, strict=True))


def _table(rows: list[list[str]]):  # type: ignore[no-untyped-def]
    from engine.workbooks.table import Row, Table

    return Table("a.xlsx", "名录", tuple(Row(number, tuple(row)) for number, row in enumerate(rows, 1)))


def test_a_header_that_is_not_understood_says_what_it_saw_and_is_corrected(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["店家", "号码", "地点"], ["甲药店", code(1), "路1号"]])
    table, _ = read_table(path)
    assert table is not None
    heading, problems = understand(table, release(), None)
    assert heading is None
    assert "店家、号码、地点" in problems[0].message
    assert "--column" in problems[0].hint
    said = {"店家": "名称", "B": "信用代码", "地点": "不用"}
    found = imported(path, said=said, site_type="retail-pharmacy")
    assert [(s.name, s.credit_code, s.identity) for s in found.new] == [("甲药店", code(1), {})]
    _, problems = understand(table, release(), {"店家": "名称", "没有的": "地址", "号码": "什么"})
    assert [p.code for p in problems] == ["E831"]
    _, problems = understand(table, release(), {"店家": "名称", "没有的": "地址"})
    assert "店家、号码、地点" in problems[0].hint


def test_of_two_columns_for_one_field_the_plainer_is_used_and_the_other_named(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["字号", "单位名称", "联系人", "电话"], ["便民", "便民药店", "李明", "138"]])
    found = imported(path, site_type="retail-pharmacy")
    assert found.new[0].name == "便民药店"
    assert found.new[0].identity["contact"] == "李明 138"
    assert [(c.title, c.why) for c in found.heading.columns if c.field is None] == [("字号", "与 B 栏重复")]


# ── kinds of site


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("药店", ("retail-pharmacy",)), ("YD", ("retail-pharmacy",)), ("clinic", ("clinic",)), ("个体诊所", ("clinic",)),
        ("村卫生室", ("clinic",)), ("药品零售连锁总部", ("drug-wholesaler",)), ("美容院", ("cosmetics-seller",)),
        ("药品零售企业（单体）", ("retail-pharmacy",)), ("某某大药房零售", ("retail-pharmacy",)),
        ("零售", ("device-distributor", "retail-pharmacy")), ("卫生所", ("clinic", "medical-institution")),
        ("药品零售、医疗器械经营", ("device-distributor", "retail-pharmacy")), ("有限责任公司", ()), ("", ()),
    ],
)  # fmt: skip
def test_a_word_means_one_kind_or_is_asked(text: str, types: tuple[str, ...]) -> None:
    assert tuple(sorted(types_of(text, kinds_of(release(), {})))) == types


def test_every_word_of_the_tables_means_what_they_say() -> None:
    kinds = kinds_of(release(), {})
    for name, words in TYPE_WORDS.items():
        for word in words:
            assert types_of(word, kinds) == (name,), word
    for word, names in OPEN_WORDS.items():
        assert set(types_of(word, kinds)) == set(names), word


def test_open_words_are_asked_once_and_answered_on_the_command_line(tmp_path: Path) -> None:
    rows = [["名称", "类型"], *[[f"第{n}医务室", "医务室"] for n in range(3)]]
    path = workbook(tmp_path / "a.xlsx", rows)
    found = imported(path)
    assert (len(found.rejected), found.open_words) == (3, (("医务室", ("clinic", "medical-institution")),))
    found = imported(path, words={"医务室": "clinic"})
    assert [s.site_type for s in found.new] == ["clinic"] * 3


@pytest.mark.parametrize(
    ("text", "unit"),
    [("城东所", UNITS[0].id), ("城东市场监督管理所", UNITS[0].id), ("城西市场监管所", UNITS[1].id), ("城南所", None), ("所", None)],
)  # fmt: skip
def test_a_unit_is_known_by_its_name_without_its_kind(text: str, unit: str | None) -> None:
    assert unit_named(text, [u.id for u in UNITS]) == unit


# ── rows that come back


def test_every_reason_of_a_row_is_told_at_once(tmp_path: Path) -> None:
    rows = [
        ["单位名称", "信用代码", "类型", "责任单位", "状态", "是否连锁"],
        ["", "91350100M000100Y44", "什么店", "城南所", "半开", "大概"],
        ["好药店", code(1), "药店", "城东所", "在营", "否"],
    ]
    found = imported(workbook(tmp_path / "a.xlsx", rows))
    assert len(found.new) == 1
    reasons = "\n".join(found.rejected[0].reasons)
    for told in ("没有写单位名称", "校验位", "什么店", "城南所", "半开", "大概"):
        assert told in reasons
    assert found.new[0].chain == "single"


def test_a_remark_that_names_a_closing_is_pointed_out_and_decides_nothing(tmp_path: Path) -> None:
    rows = [
        ["企业名称", "单位类型", "责任单位", "停业日期", "备注"],
        ["甲药房", "零售药店", "城东市场监管所", "", "2023年10月起停业装修"],
        ["乙药房", "零售药店", "城东市场监管所", "2024-01-02", "已注销"],
        ["丙药房", "零售药店", "城东市场监管所", "", "店面朝东"],
    ]
    found = imported(workbook(tmp_path / "单位.xlsx", rows))
    assert [s.closed for s in found.new] == [None, date(2024, 1, 2), None]
    told = [notice for notice in found.notices if "备注" in notice]
    assert told == ["1 家的备注像是已停业、注销，登记为在营（第 2 行）；确实停业的用 sites close 登记"]


def test_what_a_spreadsheet_broke_is_refused(tmp_path: Path) -> None:
    rows = [["名称", "信用代码", "许可证号"], ["甲药店", 340102000012345, "=A1"], ["乙药店", "9.13401E+17", "皖1"]]
    found = imported(workbook(tmp_path / "a.xlsx", rows), site_type="retail-pharmacy")
    assert not found.new
    assert "首位的 0" in found.rejected[0].reasons[0]
    assert "公式" in found.rejected[0].reasons[1]
    assert any("科学计数" in r or "位" in r for r in found.rejected[1].reasons)


def test_rejected_rows_come_back_as_text_and_can_be_imported_after_correction(invoke: Invoke, tmp_path: Path) -> None:
    folder = begun(tmp_path / "w")
    rows = [
        ["序号", "名称", "信用代码", "类型"],
        [1, "甲药店", code(1), "药店"],
        [2, "=乙药店", "000123", "药店", "边注"],
    ]
    path, back = workbook(tmp_path / "a.xlsx", rows), tmp_path / "退回.xlsx"
    run = invoke("sites", "import", folder, path, *ACTING, "--rejected", back)
    assert run.code == 1
    assert "E832" in run.err
    sheet = openpyxl.load_workbook(back).active
    assert [cell.value for cell in sheet[1]] == ["序号", "名称", "信用代码", "类型", None, "不能登记的原因"]
    assert [cell.value for cell in sheet[2]][:5] == ["2", "=乙药店", "000123", "药店", "边注"]
    assert all(cell.data_type == "s" for cell in sheet[2])
    sheet["C2"].value = code(2)
    sheet.parent.save(back)
    assert invoke("sites", "import", folder, back, *ACTING).code == 0
    with open_workspace(folder) as workspace, workspace.store.reading() as reader:
        assert [s.name for s in reader.all(RegisteredSite)] == ["甲药店", "=乙药店"]


def test_the_same_file_twice_changes_nothing_even_after_people_changed_the_register(
    invoke: Invoke, tmp_path: Path
) -> None:
    folder = begun(tmp_path / "w")
    path = workbook(tmp_path / "a.xlsx", TWO_LEVELS)
    command = ("sites", "import", folder, path, *ACTING, "--type", "retail-pharmacy")
    assert invoke(*command).code == 0
    assert invoke("sites", "edit", folder, "S00001", "名称=春风大药房总店", "电话=", *ACTING).code == 0
    before = _state(folder)
    run = invoke(*command)
    assert (run.code, _state(folder)) == (0, before)
    assert "没有改动" in run.out
    assert "春风大药房总店" in run.out
    assert invoke(*command, "--update").code == 0
    with open_workspace(folder) as workspace, workspace.store.reading() as reader:
        changed = reader.get(RegisteredSite, "S00001")
        assert changed is not None
        print(run.out)
    assert (changed.name, changed.identity["contact"]) == ("春风大药房（一店）", "13800000001")


def _state(folder: Path) -> list[tuple[object, ...]]:
    with open_workspace(folder) as workspace, workspace.store.reading() as reader:
        return [tuple(reader.all(RegisteredSite)), tuple(reader.head())]


def test_a_dry_run_keeps_nothing(invoke: Invoke, tmp_path: Path) -> None:
    folder = begun(tmp_path / "w")
    before = _state(folder)
    run = invoke("sites", "import", folder, workbook(tmp_path / "a.xlsx", TWO_LEVELS), *ACTING, "--dry-run",
                 "--type", "retail-pharmacy")  # fmt: skip
    assert (run.code, _state(folder)) == (0, before)
    assert "可登记 2 家" in run.out


def test_a_repeated_row_comes_back_with_the_row_it_repeats(tmp_path: Path) -> None:
    rows = [["名称", "信用代码", "电话"], ["甲药店", code(1), "1"], ["甲 药店", code(1), "2"], ["甲药店", code(2), "3"]]
    found = imported(workbook(tmp_path / "a.xlsx", rows), site_type="retail-pharmacy")
    assert [s.credit_code for s in found.new] == [code(1), code(2)]
    assert found.rejected[0].reasons[0].startswith("与第 2 行是同一家，但")


@given(st.data())
def test_no_table_makes_the_reader_raise(data: st.DataObject) -> None:
    cells = st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.dates(), st.text(max_size=12),
        st.sampled_from(["单位名称", "类型", "药店", "信用代码", "重点区域", "城东所", "是", code(3), "合计", "状态"]),
    )  # fmt: skip
    from engine.workbooks.table import Row, Table

    rows = data.draw(st.lists(st.lists(cells, max_size=6), min_size=1, max_size=8))
    table = Table("x", "", tuple(Row(n, tuple(row)) for n, row in enumerate(rows, 1)))
    heading, problems = understand(table, release(), None)
    assert (heading is None) == bool(problems)
    if heading is not None:
        from engine.register.importing import plan_import
        from engine.register.rows import Asked

        found = plan_import(table, heading, release(), UNITS, [], Asked(), lambda n: f"S{n}")
        assert len(found.new) + len(found.rejected) + len(found.passed) == len(heading.body)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_csv_says_the_same_as_a_workbook(encoding: str, tmp_path: Path) -> None:
    rows = [["名称", "信用代码", "地址"], ["甲药店（东）", code(1), "东路1号"], ["乙药店", code(2), "西路2号"]]
    path = tmp_path / "a.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    book = imported(workbook(tmp_path / "a.xlsx", rows), site_type="retail-pharmacy")
    assert imported(path, site_type="retail-pharmacy").new == book.new


# ── sites that may be one


def test_reasons_are_told_and_distinct_pairs_stay_away() -> None:
    sites = [
        site(1, name="春风大药房（东店）", credit_code=code(1), identity={"address": "东路 1 号"}),
        site(2, name="春风大药房(东店)", identity={"address": "东路1号"}),
        site(3, name="另一家", credit_code=code(1)),
        site(4, name="春风大药房东店", site_type="clinic", identity={"address": "东路1号"}),
        site(5, name="已停业", credit_code=code(1), closed="2023-01-01"),
    ]  # fmt: skip
    pairs = {(p.first.id, p.second.id): p.reasons for p in alike(sites)}
    assert pairs == {
        ("S00001", "S00002"): ("名称相同", "地址相同"), ("S00001", "S00003"): ("统一社会信用代码相同",)
    }  # fmt: skip
    assert ("S00001", "S00004") in {(p.first.id, p.second.id) for p in alike(sites, across_types=True)}
    sites[0], sites[1] = distinct_pair(sites[0], sites[1])
    assert [(p.first.id, p.second.id) for p in alike(sites)] == [("S00001", "S00003")]


@given(st.text("春风大药房ABC（）() 　·－", max_size=12))
def test_width_brackets_and_spaces_play_no_part_in_a_name(name: str) -> None:
    import unicodedata

    wide = name.replace("(", "（").replace(")", "）").replace(" ", "　")
    assert name_key(name) == name_key(wide) == name_key(unicodedata.normalize("NFKC", name)) == name_key(f" {name} ")


def test_merging_fills_what_was_missing_and_leaves_a_pointer() -> None:
    keep = site(1, identity={"contact": "1"}, attributes={"rx": True})
    drop = site(2, credit_code=code(1), identity={"contact": "2", "licence": "皖1"}, areas=("车站",))
    kept, dropped = merged_pair(keep, drop, date(2024, 1, 10), "同一门牌")
    assert (kept.credit_code, kept.identity, kept.areas) == (code(1), {"contact": "1", "licence": "皖1"}, ("车站",))
    assert (dropped.closed, dropped.merged_into) == (date(2024, 1, 10), "S00001")
    assert "同一门牌" in dropped.note
    assert canonical([kept, dropped, site(3, merged_into="S00002")]) == {
        "S00001": "S00001", "S00002": "S00001", "S00003": "S00001"
    }  # fmt: skip
    for first, second in ((kept, dropped), (kept, kept), (kept, site(4, site_type="clinic"))):
        with pytest.raises(ProblemError):
            merged_pair(first, second, date(2024, 1, 10), "x")


def test_sites_are_certainly_one_only_if_nothing_contradicts() -> None:
    one = site(1, name="甲", credit_code=code(1), identity={"licence": "A", "address": "路1"})
    assert is_same(one, one)
    assert not is_same(one, one.model_copy(update={"credit_code": code(2)}))
    assert not is_same(one, one.model_copy(update={"identity": {"licence": "B", "address": "路1"}}))
    assert is_same(one, one.model_copy(update={"credit_code": "", "identity": {"address": "路 1"}}))
    assert not is_same(one, site(2, name="甲"))
    assert Known([one]).find(site(9, name="甲", credit_code=code(1))) == one


# ── the commands


def test_a_register_is_kept_by_hand(invoke: Invoke, tmp_path: Path) -> None:
    folder = begun(tmp_path / "w")
    add = ("sites", "add", folder, "药店")
    assert (
        "S00001" in invoke(*add, "名称=甲药店", "责任单位=城东所", "经营处方药=有", f"信用代码={code(1)}", *ACTING).out
    )
    assert invoke(*add, "名称=甲药店", f"信用代码={code(1)}", *ACTING).code == 1, "the same site twice"
    assert invoke(*add, *ACTING).code == 1, "no name"
    assert "无名称（S00002）" in invoke(*add, "地址=夜市3号", "--unlicensed", *ACTING).out
    run = invoke("sites", "edit", folder, "S00001", "信用代码=123", "没有的=1", "责任单位=城南", *ACTING)
    assert run.code == 1
    assert all(each in run.err for each in ("123", "没有的", "城南"))
    assert invoke("sites", "close", folder, "S00001", "--why", "现场关门", "--date", "2024-01-08", *ACTING).code == 0
    listed = invoke("sites", "list", folder, "--closed", "--format", "json")
    assert '"closed": "2024-01-08"' in listed.out
    assert "单位名录（1 家）" in invoke("sites", "list", folder, "--open").out
    assert invoke("sites", "close", folder, "S00001", "--reopen", "--why", "重开", *ACTING).code == 0
    assert "甲药店" in invoke("sites", "show", folder, "S00001").out
    assert invoke("sites", "show", folder, "S9").code == 1


def test_merging_and_telling_apart_on_the_command_line(invoke: Invoke, tmp_path: Path) -> None:
    folder = begun(tmp_path / "w")
    rows = [
        ["名称", "地址", "许可证号"],
        ["甲药店", "路1号", "皖1"],
        ["甲大药房", "路1号", "皖1"],
        ["乙药店", "路1号", "皖3"],
    ]
    run = invoke("sites", "import", folder, workbook(tmp_path / "a.xlsx", rows), "--type", "retail-pharmacy", *ACTING)
    assert run.code == 0
    assert "3 对可能是同一家" in run.out
    assert invoke("sites", "distinct", folder, "S00001", "S00003", "--why", "两个门", *ACTING).code == 0
    assert invoke("sites", "merge", folder, "S00001", "S00002", "--why", "同证", *ACTING).code == 0
    assert invoke("sites", "merge", folder, "S00001", "S00002", "--why", " ", *ACTING).code == 2
    assert "S0000" not in invoke("sites", "duplicates", folder).out
    assert "并入 S00001" in invoke("sites", "list", folder, "--closed", "--format", "json").out


def test_labels_of_fields_are_known_titles() -> None:
    """What a message calls a field can be typed back as a title."""
    assert set(LABELS) == set(FIELDS)


def test_the_focus_list_is_chosen_then_edited_then_given_out(invoke: Invoke, tmp_path: Path) -> None:
    folder = begun(tmp_path / "w")
    for number, cold in ((1, "有"), (2, "无"), (3, "有")):
        fields = (f"名称=药店{number}", f"地址=路{number}", "责任单位=城东所", f"经营冷藏药品={cold}")
        assert invoke("sites", "add", folder, "药店", *fields, *ACTING).code == 0
    run = invoke("sites", "focus", folder, "--add", "冷链药品", "--has", "cold", *ACTING)
    assert run.out.count("冷链药品") == 2
    assert invoke("sites", "focus", folder, "S00001", "--remove", "本月已查", *ACTING).out.count("冷链药品") == 1
    target = tmp_path / "名单.xlsx"
    assert invoke("sites", "focus", folder, "--format", "xlsx", "-o", target, *ACTING).code == 0
    texts = [cell.value for row in openpyxl.load_workbook(target).active.iter_rows() for cell in row if cell.value]
    assert "冷链药品" in texts
    assert "2024 年行动重点检查对象名单" in texts


def test_the_register_given_out_is_changed_and_taken_back(invoke: Invoke, tmp_path: Path) -> None:
    folder, out = begun(tmp_path / "w"), tmp_path / "名录.xlsx"
    path = workbook(tmp_path / "a.xlsx", TWO_LEVELS)
    assert invoke("sites", "import", folder, path, "--type", "retail-pharmacy", *ACTING).code == 0
    assert invoke("sites", "list", folder, "--format", "xlsx", "-o", out).code == 0
    before = _state(folder)
    run = invoke("sites", "import", folder, out, "--update", *ACTING)
    assert (run.code, _state(folder)) == (0, before), run.said
    book = openpyxl.load_workbook(out)
    row = next(row for row in book.active.iter_rows() if row[0].value == "S00002")
    row[1].value, row[7].value = "康民大药房", "0551-1"
    book.save(out)
    run = invoke("sites", "import", folder, out, "--update", *ACTING)
    assert run.code == 0, run.said
    with open_workspace(folder) as workspace, workspace.store.reading() as reader:
        changed = reader.get(RegisteredSite, "S00002")
    assert changed is not None
    assert (changed.name, changed.identity["contact"], changed.closed) == ("康民大药房", "0551-1", date(2024, 1, 10))
    row[0].value = "S00009"
    book.save(out)
    assert "S00009" in invoke("sites", "import", folder, out, *ACTING).err


NAMES = st.sampled_from(["甲药店", "甲 药店", "甲药店（东）", "乙药店", "乙药店(西)", ""])
CODES = st.sampled_from(["", code(1), code(2), "91350100M000100Y44"])
PLACES = st.sampled_from(["", "东路1号", "东路 1 号", "西路2号"])
LICENCES = st.sampled_from(["", "皖1", "皖2"])


@given(st.lists(st.tuples(NAMES, CODES, PLACES, LICENCES, st.sampled_from(["1", "2", ""])), min_size=1, max_size=10))
def test_whatever_is_imported_is_known_the_next_time(rows: list[tuple[str, ...]]) -> None:
    table = _table([["名称", "信用代码", "地址", "许可证号", "电话"], *[list(row) for row in rows]])
    first = _import(table, [])
    again = _import(table, first.new)
    assert not again.new
    numbered = {r.row.number for r in again.rejected}
    assert numbered <= {r.row.number for r in first.rejected}, "a row that was registered is not rejected"
    assert len(again.rejected) + again.known + len(again.differing) + len(again.passed) == len(rows)
    taken = [d for d in again.differing if d.row in first.rows]
    assert not taken, "what was registered says what its row says"
    updated = {site.id: site for site in first.new} | {d.site.id: d.updated for d in again.differing}
    assert set(updated) == {site.id for site in first.new}


def _import(table, existing):  # type: ignore[no-untyped-def]
    from engine.register.importing import plan_import
    from engine.register.rows import Asked

    heading, problems = understand(table, release(), None)
    assert heading is not None, problems
    asked, first = Asked(site_type="retail-pharmacy"), len(existing) + 1
    return plan_import(table, heading, release(), UNITS, existing, asked, lambda n: f"S{first + n:05}")


@pytest.mark.parametrize("kind", ["pipe", "old-xls", "cut-zip", "empty", "binary", "long-cell", "missing"])
def test_a_hostile_file_is_refused_and_nothing_is_kept(kind: str, invoke: Invoke, tmp_path: Path) -> None:
    folder, path = begun(tmp_path / "w"), tmp_path / "名录.xlsx"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "cut-zip":
        path.write_bytes(workbook(tmp_path / "b.xlsx", TWO_LEVELS).read_bytes()[:-200])
    elif kind != "missing":
        content = {"old-xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 9, "empty": b"", "binary": bytes(range(256)),
                   "long-cell": ("名称\n" + "甲" * 5000).encode()}  # fmt: skip
        path = path.with_suffix(".csv") if kind == "long-cell" else path
        path.write_bytes(content[kind])
    before = _state(folder)
    run = invoke("sites", "import", folder, path, *ACTING)
    assert (run.code, _state(folder)) == (1, before)
    assert "E1" in run.err


def test_user_text_is_never_a_path_or_a_formula(invoke: Invoke, tmp_path: Path) -> None:
    folder, out = begun(tmp_path / "w"), tmp_path / "名录.xlsx"
    names = ["../../etc/passwd", "=cmd|' /C calc'!A0", '<b>&"</b>', "{{ 7*7 }}", "甲_x0041_药店"]
    rows = [["名称", "信用代码"], *[[name, code(n)] for n, name in enumerate(names)]]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(f'"{a.replace(chr(34), chr(34) * 2)}",{b}' for a, b in rows), encoding="utf-8")
    run = invoke("sites", "import", folder, path, "--type", "药店", *ACTING)
    assert run.code == 1, "a site type is named by its id"
    run = invoke("sites", "import", folder, path, "--type", "retail-pharmacy", *ACTING)
    assert "公式" in run.err
    assert invoke("sites", "list", folder, "--format", "xlsx", "-o", out).code == 0
    table, _ = read_table(out)
    assert table is not None
    assert [row.cells[1] for row in table.rows[2:]] == [name for name in names if not name.startswith("=")]


MESSY = {
    "a permit export": (
        ["序号", "企业名称", "许可证编号", "社会信用代码", "注册地址", "法定代表人", "企业负责人", "质量负责人", "仓库地址（可多个）",
         "经营方式", "发证日期", "有效期至", "日常监督管理机构"],
        {"企业名称": "name", "许可证编号": "licence", "社会信用代码": "credit_code", "注册地址": "registered_address",
         "法定代表人": "legal_person", "企业负责人": "head", "质量负责人": "quality_head", "仓库地址（可多个）": "warehouses",
         "经营方式": "mode", "日常监督管理机构": "unit"},
    ),
    "stars, spaces, line ends": (
        ["*企 业 名 称", "统一社会信用代码\n（必填）", "经营地址*", "法定代表人（负责人）：", "手机号", "状态（在营/停业）"],
        {"*企 业 名 称": "name", "统一社会信用代码 （必填）": "credit_code", "经营地址*": "address",
         "法定代表人（负责人）：": "legal_person", "手机号": "contact", "状态（在营/停业）": "status"},
    ),
    "a shop list": (
        ["编号", "店名", "店址", "经营者", "联系人", "联系电话", "业态", "责任所", "是否重点区域"],
        {"店名": "name", "店址": "address", "经营者": "legal_person", "联系人": "contact", "联系电话": "contact", "业态": "form",
         "责任所": "unit", "是否重点区域": "area"},
    ),
    "clinics": (
        ["机构名称", "医疗机构类别", "登记号", "住所（经营场所）", "主要负责人", "诊疗科目", "市场监管所（分局）", "使用冷藏药品"],
        {"机构名称": "name", "医疗机构类别": "site_type", "登记号": "licence", "住所（经营场所）": "address", "主要负责人": "head",
         "诊疗科目": "subjects", "市场监管所（分局）": "unit", "使用冷藏药品": "attribute.cold"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MESSY)
def test_headers_as_offices_write_them(name: str, tmp_path: Path) -> None:
    titles, fields = MESSY[name]
    path = workbook(tmp_path / "a.xlsx", [["某县名录"], titles, ["x"] * len(titles)])
    table, _ = read_table(path)
    assert table is not None
    heading, problems = understand(table, release(), None)
    assert heading is not None, problems
    assert {c.title: c.field for c in heading.columns if c.field is not None} == fields


def test_placeholders_say_nothing_and_are_no_reason_to_be_alike(tmp_path: Path) -> None:
    rows = [["名称", "信用代码", "许可证号", "地址", "电话", "状态", "单体或连锁"]]
    rows += [[f"药店{n}", blank, blank, blank, blank, "存续（在营、开业、在册）", "连锁（康民大药房连锁有限公司）"]
             for n, blank in enumerate(["无", "/", "—", "暂无", "不详", "＼"])]  # fmt: skip
    rows += [["无", "", "", "", "", "", ""], ["/", code(9), "", "", "", "", ""]]
    found = imported(workbook(tmp_path / "a.xlsx", rows), site_type="retail-pharmacy")
    assert [(s.credit_code, s.identity, s.chain) for s in found.new] == [
        ("", {"chain": "连锁（康民大药房连锁有限公司）"}, "store")
    ] * 6
    assert not found.alike
    assert [r.reasons for r in found.rejected] == [("没有写单位名称",)] * 2


def test_two_processes_that_import_one_list_register_each_site_once(tmp_path: Path) -> None:
    folder = begun(tmp_path / "w")
    rows = [["名称", "信用代码"], *[[f"药店{n}", code(n)] for n in range(40)]]
    path = workbook(tmp_path / "a.xlsx", rows)
    command = ("sites", "import", folder, path, "--type", "retail-pharmacy", *ACTING)
    started = [
        subprocess.Popen([sys.executable, "cli.py", *map(str, command)], cwd=ROOT, env=environment(PYTHONIOENCODING="utf-8"),
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8")
        for _ in range(2)
    ]  # fmt: skip
    said = [each.communicate() for each in started]
    assert [each.returncode for each in started] == [0, 0], said
    assert sorted(("新登记 40 家" in out, "已登记 40 家" in out) for out, _ in said) == [(False, True), (True, False)]
    with open_workspace(folder) as workspace, workspace.store.reading() as reader:
        assert sorted(s.id for s in reader.all(RegisteredSite)) == [f"S{n:05}" for n in range(1, 41)]


def test_a_key_area_by_hand_is_a_name_or_yes(invoke: Invoke, tmp_path: Path) -> None:
    folder = begun(tmp_path / "w")
    assert invoke("sites", "add", folder, "药店", "名称=甲", "重点区域=是", "许可证号=无", *ACTING).code == 0

    def kept() -> RegisteredSite:
        with open_workspace(folder) as workspace, workspace.store.reading() as reader:
            return reader.all(RegisteredSite)[0]

    assert (kept().areas, kept().attributes, kept().identity) == ((), {"region": True}, {})
    assert invoke("sites", "edit", folder, "S00001", "重点区域=车站、码头", *ACTING).code == 0
    assert kept().areas == ("车站", "码头")
    assert invoke("sites", "edit", folder, "S00001", "重点区域=", *ACTING).code == 0
    assert (kept().areas, kept().attributes) == ((), {})
    run = invoke("sites", "add", folder, "药店", "名称=甲", *ACTING)
    assert "S00001 甲 是同一家：名称相同" in run.err


def test_what_the_register_lacks_is_listed(invoke: Invoke, tmp_path: Path) -> None:
    folder = begun(tmp_path / "w")
    for fields in (
        ("名称=甲", "责任监管员=张伟", "责任单位=城东所"),
        ("名称=乙", "责任监管员=刘洋"),
        ("名称=丙", "责任单位=城东所"),
    ):
        assert invoke("sites", "add", folder, "药店", *fields, *ACTING).code == 0
    for lacking, names in (
        (("责任监管员",), "丙"),
        (("责任单位",), "乙"),
        ((), "甲乙丙"),
        (("电话", "责任单位"), "乙"),
    ):
        asked = [part for each in lacking for part in ("--without", each)]
        found = json.loads(invoke("sites", "list", folder, "--format", "json", *asked).out)["sites"]
        assert "".join(each["name"] for each in found) == names


def test_a_list_is_printed_to_be_signed(invoke: Invoke, tmp_path: Path) -> None:
    folder = begun(tmp_path / "w")
    names = ["<b>甲&乙</b>药店", "{{ 7*7 }}药店", "䶮药店"]
    for name in names:
        assert invoke("sites", "add", folder, "药店", f"名称={name}", f"地址={name}路", *ACTING).code == 0
    assert invoke("sites", "focus", folder, "--add", "冷链", "--type", "retail-pharmacy", *ACTING).code == 0
    papers = [tmp_path / "1.pdf", tmp_path / "2.pdf"]
    for paper in papers:
        assert invoke("sites", "focus", folder, "--format", "pdf", "-o", paper, *ACTING).code == 0
    assert papers[0].read_bytes() == papers[1].read_bytes()
    text = "".join("".join(page.extract_text().split()) for page in PdfReader(papers[0]).pages)
    for shown in (*("".join(name.split()) for name in names), "批准人", "某县市场监督管理局", "冷链"):
        assert shown in text
    assert invoke("visits", "plan", folder, "--format", "pdf", "-o", tmp_path / "p.pdf").code == 0
    assert invoke("visits", "plan", folder, "--format", "pdf").code == 2

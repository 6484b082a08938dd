"""Grading: the highest row that holds wins, what is not known is said, sums agree with the register, nothing is filed
before a named person has confirmed the table."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from support_follow_up import OFFICE, STATION, site, workspace_in

from engine.follow_up.grading import bound, changes, grade, levels_count, sums_problems, table_on, to_grade
from engine.follow_up.grading_view import changes_text, grading_json, grading_text, grading_workbook
from engine.library.files import place
from engine.library.load import load_library
from engine.model.workspace import Filing, LedgerEntry
from engine.problems import ProblemError
from engine.workspace.folder import Workspace
from engine.workspace.grading import change_level, confirm_table, digest, file_grading, grading_of, run_grading
from engine.workspace.grading_list import grading_list
from engine.workspace.register import Who

LIBRARY = load_library(place())
LOADED = LIBRARY.grading["four-levels"]
INPUTS = LIBRARY.ledgers["grading-input"].value
FOUND, WRONG = bound(LOADED, INPUTS)
assert FOUND is not None, [p.render() for p in WRONG]
TABLE = FOUND
DAY = date(2024, 3, 1)

INPUT = {
    "mode": st.sampled_from(["批发", "零售", "批零兼营"]), "storage_service": st.booleans(), "focus_hit": st.booleans(),
    "classes": st.lists(st.sampled_from(["一类", "二类", "三类"]), min_size=1, unique=True), "penalties": st.integers(0, 3),
    "bad_credit": st.booleans(), "consultation": st.booleans(),
}  # fmt: skip


def _level(known: dict[str, Any]) -> str:
    """Say the level a second time, in plain Python."""
    wholesale = known["mode"] != "零售"
    if known["storage_service"] or known["consultation"]:
        return "四级"
    if (wholesale and known["focus_hit"]) or known["penalties"] or known["bad_credit"]:
        return "三级"
    return "二级" if wholesale and set(known["classes"]) & {"二类", "三类"} else "一级"


@given(st.fixed_dictionaries(INPUT))
def test_the_highest_row_wins_and_says_why(known: dict[str, Any]) -> None:
    found = grade(TABLE, INPUTS, "S1", known)
    assert found.level == _level(known)
    assert found.lacking == ()
    assert found.reasons
    assert all(reason.level == found.level and reason.facts for reason in found.reasons)


@given(st.fixed_dictionaries(INPUT), st.sets(st.sampled_from(sorted(INPUT))))
def test_what_is_not_known_never_puts_a_firm_higher_and_is_said_where_it_could(
    known: dict[str, Any], hidden: set[str]
) -> None:
    height = {level: n for n, level in enumerate(LOADED.value.levels)}
    found = grade(TABLE, INPUTS, "S1", {k: v for k, v in known.items() if k not in hidden})
    truth = _level(known)
    assert height[found.level] >= height[truth] or found.level == truth
    if found.level != truth:
        assert any(f"可能为{truth}" in text for text in found.lacking)


def _input(site_id: str, year: int = 2024, **more: Any) -> LedgerEntry:
    values = {"day": "2024-02-01", "site": site_id, "year": year, "mode": "零售", "classes": ["二类"], "storage_service": False,
              "focus_hit": False, "penalties": 0, "bad_credit": False, "consultation": False} | more  # fmt: skip
    return LedgerEntry(
        id=f"分级{year}-{site_id}", ledger="grading-input", unit=OFFICE, date=date(2024, 2, 1), values=values
    )


def _firm(id_: str, **more: Any) -> Any:
    return site(id_, site_type="device-distributor", name=f"{id_}器械公司", **more)


WHO = Who("赵六", "2024-03-01 10:00", "年度分级")
FIRMS = [
    _firm("S1"), _firm("S2"), _firm("S3"), site("S4"), _firm("S5", closed=date(2023, 12, 1)), _firm("S6", unlicensed=True),
    _input("S1", mode="批发"), _input("S2", storage_service=True, last_level="三级"), _input("S3", last_level="一级"),
]  # fmt: skip


def _list(workspace: Workspace, year: int = 2024) -> Any:
    with workspace.store.reading() as reader:
        return grading_list(reader, LIBRARY, year, DAY)


def test_a_run_grades_every_firm_of_the_register_once(tmp_path: Path) -> None:
    with workspace_in(tmp_path, *FIRMS) as workspace:
        found = run_grading(workspace, LIBRARY, 2024, OFFICE, WHO)
        assert {f.site.id: f.level for f in found.listed} == {"S1": "二级", "S2": "四级", "S3": "一级"}
        assert found.problems == ()
        assert found.counts == {"四级": 1, "三级": 0, "二级": 1, "一级": 1}
        again = run_grading(workspace, LIBRARY, 2024, OFFICE, WHO)
        assert [f.entry for f in again.listed] == [f.entry for f in found.listed]
        with workspace.store.reading() as reader:
            assert len(list(reader.trail())) == 3, "a run that finds the same leaves no entry"
        text = "\n".join(grading_text(_list(workspace)))
    assert "初步、依据待核" in text
    assert "第五十二条第（六）项" in text
    assert "专门提供贮存运输服务：是" in text
    assert "78号（未见原文，待核）" in text
    assert "合计 3 户：四级 1，三级 0，二级 1，一级 1" in text


def test_nothing_is_filed_before_the_table_is_confirmed_and_again_when_it_changes(tmp_path: Path) -> None:
    with workspace_in(tmp_path, *FIRMS) as workspace:
        run_grading(workspace, LIBRARY, 2024, OFFICE, WHO)
        with pytest.raises(ProblemError, match="没有确认"):
            file_grading(workspace, LIBRARY, 2024, OFFICE, "钱七", "", WHO)
        confirm_table(workspace, LIBRARY, "four-levels", Who("钱七", "2024-03-02 09:00", "对照省局转发件核对"))
        filing, _ = file_grading(workspace, LIBRARY, 2024, OFFICE, "钱七", "0551-1", WHO)
        with workspace.store.reading() as reader:
            kept = reader.get(Filing, filing.id)
            confirmed = grading_of(reader, LIBRARY, 2024, DAY).confirmed
        assert kept is not None
        assert sum(cell.value for cell in kept.total.values()) == 3
        assert {id_ for cell in kept.total.values() for id_ in cell.ids} == {f"级别2024-000{n}" for n in (1, 2, 3)}
        assert confirmed is not None
        assert (confirmed.by, confirmed.why) == ("钱七", "对照省局转发件核对")
        assert "钱七 于 2024-03-02 09:00 确认" in "\n".join(grading_text(_list(workspace)))
    changed = LOADED.value.model_copy(update={"otherwise": "二级"})
    assert digest(changed) != digest(LOADED.value)


def test_a_firm_of_which_too_little_is_known_is_settled_by_somebody_first(tmp_path: Path) -> None:
    with workspace_in(tmp_path, _firm("S1"), _input("S2"), _firm("S2")) as workspace:
        found = run_grading(workspace, LIBRARY, 2024, OFFICE, WHO)
        assert [(f.site.id, bool(f.lacking)) for f in found.listed] == [("S1", True), ("S2", False)]
        confirm_table(workspace, LIBRARY, "four-levels", WHO)
        with pytest.raises(ProblemError, match="资料不全"):
            file_grading(workspace, LIBRARY, 2024, OFFICE, "钱七", "", WHO)
        with pytest.raises(ProblemError, match="五级"):
            change_level(workspace, LIBRARY, "S1", 2024, "五级", WHO)
        firm = change_level(workspace, LIBRARY, "S1", 2024, "三级", Who("赵六", WHO.at, "仓库条件差"))
        assert (firm.proposed, firm.level, firm.lacking) == ("一级", "三级", "")
        run_grading(workspace, LIBRARY, 2024, OFFICE, WHO)
        assert "调整为三级：仓库条件差（赵六）" in "\n".join(grading_text(_list(workspace)))
        assert file_grading(workspace, LIBRARY, 2024, OFFICE, "钱七", "", WHO)[0].serial == 1
        assert file_grading(workspace, LIBRARY, 2024, OFFICE, "钱七", "", WHO)[0].serial == 2


def test_levels_have_to_add_up_to_the_register(tmp_path: Path) -> None:
    with workspace_in(tmp_path, *FIRMS) as workspace:
        run_grading(workspace, LIBRARY, 2024, OFFICE, WHO)
        confirm_table(workspace, LIBRARY, "four-levels", WHO)
        with workspace.store.writing(by="张三", at="2024-03-01 11:00", action="登记") as writer:
            writer.put(_firm("S7"))
            writer.put(_firm("S2", closed=date(2024, 2, 28)))
        with pytest.raises(ProblemError) as refused:
            file_grading(workspace, LIBRARY, 2024, OFFICE, "钱七", "", WHO)
        assert "S7 没有分级" in str(refused.value)
        assert "S2 已不在" in str(refused.value)
        again = run_grading(workspace, LIBRARY, 2024, OFFICE, WHO)
        assert {f.site.id for f in again.listed} == {"S1", "S3", "S7"}
        assert again.problems == ()


@given(
    st.lists(
        st.tuples(st.booleans(), st.booleans(), st.sampled_from(["四级", "三级", "二级", "一级", "七级"])), max_size=15
    )
)
def test_sums(firms: list[tuple[bool, bool, str]]) -> None:
    from engine.follow_up.grading import firms as listed_of

    sites = [_firm(f"S{n}", closed=date(2024, 1, 1) if closed else None) for n, (closed, _, _) in enumerate(firms)]
    results = [
        LedgerEntry(id=f"级别2024-{n}", ledger="grading", unit=OFFICE, date=DAY, values={"site": f"S{n}", "year": 2024, "level": level})
        for n, (_, graded, level) in enumerate(firms) if graded
    ]  # fmt: skip
    listed = listed_of(sites, results, [], 2024)
    register = to_grade(LOADED.value, sites, DAY)
    agree = all(closed != graded for closed, graded, _ in firms) and all(
        level != "七级" or not graded for _, graded, level in firms
    )
    assert (sums_problems(LOADED.value, listed, register) == []) == agree
    known = [level for _, graded, level in firms if graded and level != "七级"]
    assert sum(levels_count(LOADED.value, listed).values()) == len(known)


def test_changes_against_last_year(tmp_path: Path) -> None:
    last = LedgerEntry(id="级别2023-0001", ledger="grading", unit=OFFICE, date=date(2023, 3, 1),
                       values={"day": "2023-03-01", "site": "S3", "year": 2023, "table": "x", "level": "一级", "reasons": "x",
                               "adjusted": "三级", "adjusted_why": "x", "adjusted_by": "x"})  # fmt: skip
    with workspace_in(tmp_path, *FIRMS, last) as workspace:
        run_grading(workspace, LIBRARY, 2024, OFFICE, WHO)
        found = _list(workspace)
    assert [(c.firm.site.id, c.direction, c.firm.before) for c in changes(found.file, found.listed)] == [
        ("S1", "新增", ""), ("S2", "升级", "三级"), ("S3", "降级", "三级")
    ]  # fmt: skip
    assert "变动 3 户：升级 1，新增 1，降级 1；不变 0 户" in "\n".join(changes_text(found))


def test_the_warning_stands_on_every_page_and_the_workbook_has_the_reasons(tmp_path: Path) -> None:
    with workspace_in(tmp_path, *FIRMS) as workspace:
        run_grading(workspace, LIBRARY, 2024, OFFICE, WHO)
        found = _list(workspace)
    content = grading_workbook(found)
    assert content == grading_workbook(found)
    book = load_workbook(BytesIO(content))
    for sheet in book.worksheets[:2]:
        assert "初步、依据待核" in str(sheet["A2"].value)
        assert "初步、依据待核" in sheet.oddFooter.left.text
    assert [row[1].value for row in book.worksheets[0].iter_rows(min_row=4, max_row=6)] == [
        "S1器械公司",
        "S2器械公司",
        "S3器械公司",
    ]
    assert grading_json(found)["total"] == 3


@pytest.mark.parametrize(("day", "found"), [(date(2022, 12, 31), None), (date(2024, 3, 1), "four-levels")])
def test_the_table_in_use_on_the_day_counts(day: date, found: str | None) -> None:
    table = table_on([each.value for each in LIBRARY.grading.values()], day)
    assert (table.grading if table else None) == found


def test_the_pdf_says_on_every_page_that_it_is_not_verified(tmp_path: Path) -> None:
    from engine.documents.pdf_reading import shown
    from engine.follow_up.grading_view import grading_pdf

    many = [each for n in range(60) for each in (_firm(f"S{n}", unit=STATION), _input(f"S{n}", penalties=n % 3))]
    with workspace_in(tmp_path, *many) as workspace:
        run_grading(workspace, LIBRARY, 2024, OFFICE, WHO)
        content = grading_pdf(_list(workspace))
    pages = shown(content).pages
    (tmp_path / "a.pdf").write_bytes(content)
    assert len(pages) > 2
    assert all("初步、依据待核" in page.text for page in pages)

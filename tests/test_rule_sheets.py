"""Rules in a workbook: what is not changed stays to the byte, what is changed is that line and its note, nothing is guessed."""

from __future__ import annotations

import difflib
import io
import json
import os
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import ROOT
from support_documents import Invoke
from support_rule_sheets import (
    CAMPAIGN,
    CLAUSES,
    COLD,
    DRAFT,
    HEADER,
    Hand,
    exported,
    files_of,
    imported,
    made_root,
    saved,
    taken_in,
    told,
)

from engine.campaigns.mapping import Decision, map_clause
from engine.library.check import check_library
from engine.library.files import Place
from engine.library.load import load_library
from engine.library.resolve import resolve
from engine.problems import errors
from engine.rule_sheets.exporting import export_rules
from engine.rule_sheets.importing import difference
from engine.rulebook.cases import run_cases

EXAMPLES = max(4, int(os.environ.get("CHUNFENG_EXAMPLES", "0")) // 10)
TEMPERATURE, CALIBRATION, SAMPLE = "cold-chain.temperature", "cold-chain.calibration", "expired-stock.sample"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_root(tmp_path_factory.mktemp("rules"))


@pytest.fixture(scope="module")
def whole(root: Path) -> bytes:
    return exported(Place(root))


@pytest.fixture(scope="module")
def blank(whole: bytes) -> bytes:
    """The workbook without the sheets that are only read: tests are quicker."""
    hand = Hand(whole)
    for title in ("法规", "变更记录", "填写说明"):
        del hand.book[title]
    return hand.content()


@pytest.fixture
def place(root: Path, tmp_path: Path) -> Place:
    layer = tmp_path / "layer"
    layer.mkdir()
    return Place(root, layer)


@pytest.fixture
def hand(blank: bytes) -> Hand:
    return Hand(blank)


# ── nothing changed


def test_the_same_rules_give_the_same_workbook(root: Path, whole: bytes) -> None:
    assert exported(Place(root)) == whole


def test_what_comes_back_as_it_went_changes_nothing(place: Place, whole: bytes, tmp_path: Path) -> None:
    for content in (whole, Hand(whole).content()):
        found = imported(place, content, tmp_path)
        assert (told(found), found.notes, found.files, found.remarks) == ("", (), {}, ())


def test_a_workbook_saved_by_libreoffice_changes_nothing(place: Place, tmp_path: Path) -> None:
    """tests/data/rules-libreoffice.xlsx: the export of these rules, saved as .xlsx by LibreOffice 7.4."""
    found = imported(place, (ROOT / "tests" / "data" / "rules-libreoffice.xlsx").read_bytes(), tmp_path)
    assert (told(found), found.notes, found.files, found.remarks) == ("", (), {}, ())


@pytest.mark.long
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_all_rules_saved_again_by_libreoffice_change_nothing(tmp_path: Path) -> None:
    (tmp_path / "layer").mkdir()
    place = Place(ROOT, tmp_path / "layer")
    (tmp_path / "规则.xlsx").write_bytes(exported(place))
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx"]
    subprocess.run([*command, "--outdir", tmp_path / "out", tmp_path / "规则.xlsx"], check=True, capture_output=True)
    again = (tmp_path / "out" / "规则.xlsx").read_bytes()
    assert again != (tmp_path / "规则.xlsx").read_bytes()
    found = imported(place, again, tmp_path)
    assert (told(found), found.notes, found.files, found.remarks) == ("", (), {}, ())


def _rearranged(content: bytes, chance: random.Random) -> bytes:
    """Return the workbook with columns moved, rows sorted otherwise, sheets renamed and shuffled, one added."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for sheet in book.worksheets[:4]:
        width, rows = sheet.max_column, [[c.value for c in row] for row in sheet.iter_rows()]
        columns = chance.sample(range(width), width)
        body = rows[HEADER:]
        chance.shuffle(body)
        for number, row in enumerate([*rows[:HEADER], *body], 1):
            for place, column in enumerate(columns, 1):
                sheet.cell(number, place).value = row[column] if number >= HEADER else None
        sheet.title = f"{sheet.title} (2)"
    book.create_sheet("我的", 0).append(["规则编号", "别的", "=A1"])
    order = book._sheets[1:5]
    chance.shuffle(order)
    book._sheets[1:5] = order
    return saved(book)


@settings(max_examples=2)
@given(seed=st.integers(0, 1000))
def test_moved_columns_and_sorted_rows_change_nothing(
    root: Path, blank: bytes, seed: int, tmp_path_factory: Any
) -> None:
    found = imported(Place(root), _rearranged(blank, random.Random(seed)), tmp_path_factory.mktemp("moved"))
    assert (told(found), found.notes, found.files, found.remarks) == ("", (), {}, ())


# ── changed, and changed back

OTHER: dict[str, tuple[Any, ...]] = {
    "检查内容": ("换一个说法", "带 {括号}、逗号, 和 # 号", "=开头的"), "问题表述": ("问题在这里", "“引号”: 冒号 {note}"),
    "等级": ("严重", "主要", "一般"), "红线": ("是", "否"), "检查方法": ("看", "12"), "取证": ("照片", None, "2024"),
    "处理建议": ("责令改正", "案件线索、约谈、告诫"), "作者备注": (None, "备注"), "适用范围": ("“经营冷藏药品”", "非“在农村”", None),
    "方案条款": ("CF2027-1-b", "CF2027-1-a；CF2027-1-b"), "上限": (7, "９", 8.5), "下限": (1, "1.5"), "问题选项": ("未下架", "混放"),
    "条款": (3, "第五十五条第二款", "161（8）"), "原文里的几个字": ("换了的原文", "一处\n另一处"), "只用于": ("药店", None),
    "文书和版本": ("药品经营质量管理规范 2016", "《药品管理法》（2019）"), "列入本次行动": ("否",),
    "要求种类": ("期限", "台账", None), "与以前条款相同": ("CF2026-1-a", "CF2026-2-a；CF2026-1-a", None), "原则性要求": ("是", None),
    "另行落实": ("等系统接通", None), "内容": ("换一个名称", "12345"), "由谁": ("局药品科", "各所；局药品科"), "报给谁": ("市局", None),
    "何时": ("2027-01-26前", "2027年1月26日；2027-03-13", "每周一", "没有定日期：年底"), "方案原文": ("换了的一句", "A: b # c"), "说明": ("说明", None),
}  # fmt: skip
"""What a clerk may type, by the heading."""


def _cells(blank: bytes) -> list[tuple[str, str, str]]:
    """Return sheet, key and heading of every cell that may be changed."""
    hand, found = Hand(blank), []
    for sheet, key_title in (
        ("项目", "规则编号"),
        ("各类单位", "项目编号"),
        ("其他问题", "问题编号"),
        ("依据", "依据编号"),
        ("行动和期限", "事项编号"),
        ("方案条款", "条款编号"),
    ):
        columns = hand.columns(sheet)
        for row in hand.book[sheet].iter_rows(min_row=HEADER + 1):
            key = str(row[columns[key_title] - 1].value)
            found += [(sheet, key, title) for title, column in columns.items()
                      if title in OTHER and not row[column - 1].protection.locked]  # fmt: skip
    return found


def _there_and_back(root: Path, folder: Path, blank: bytes, typed: dict[tuple[str, str, str], Any]) -> None:
    """Type into cells, take the workbook in, type what stood there, take it in: every byte is as it was."""
    (folder / "layer").mkdir()
    place = Place(root, folder / "layer")
    before = files_of(place)
    hand = Hand(blank)
    old = {cell: hand.cell(*cell).value for cell in typed}
    for (sheet, key, title), value in typed.items():
        hand.put(sheet, key, **{title: value, "变更原因": "试一试"})
    first = imported(place, hand.content(), folder)
    if any(p.severity == "error" for p in first.problems):
        return  # what cannot be is refused: the other tests say how
    taken_in(place, hand.content(), folder)
    assert {n.row for n in first.notes if n.column != "cases"} <= {key for _, key, _ in typed}
    again = imported(place, hand.content(), folder)
    assert not again.notes, f"taken in twice: {again.notes}"
    for (sheet, key, title), value in old.items():
        hand.put(sheet, key, **{title: value})
    taken_in(place, hand.content(), folder)
    assert {k: v for k, v in files_of(place).items() if v != before[k]} == {}


@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_cells_changed_and_changed_back_give_the_bytes_that_were_there(
    root: Path, blank: bytes, tmp_path_factory: Any, data: Any
) -> None:
    cells = data.draw(st.lists(st.sampled_from(_cells(blank)), min_size=1, max_size=5, unique=True))
    typed = {cell: data.draw(st.sampled_from(OTHER[cell[2]])) for cell in cells}
    _there_and_back(root, tmp_path_factory.mktemp("back"), blank, typed)


STYLES: dict[str, tuple[str, str]] = {
    "a list of one below its key": ("method: 看校准证书", "method: >-\n      看校准\n      证书\n    dispositions:\n    - order-correction\n    clauses:\n      - CF2027-1-a"),
    "keys of an application below it": ("{code: DP-02}", "\n        evidence:   # 取证\n          照片\n        dispositions:\n          - order-correction\n        code: DP-02"),
    "in brackets": ("{code: DP-02}", "{method: '看', code: DP-02, dispositions: [ order-correction,\n          seizure ], evidence: \"照片\"}"),
    "with breaks and blanks that no cell shows": ("method: 看校准证书", "method: |-\n      看校准\n      证书\n    evidence: ' 照片 '\n    note: >-\n      甲，\n\n      乙\u200b"),
    "literal, and a comment behind": ("method: 看校准证书", "method: |-\n      看校准证书\n    evidence: 照片 # 两张"),
}  # fmt: skip
"""How else people write: the place in the rules, and what stands there."""


@pytest.mark.parametrize(
    "style", [s if n in (0, 3) else pytest.param(s, marks=pytest.mark.long) for n, s in enumerate(STYLES)]
)
def test_however_a_value_was_written_it_is_put_back_so(root: Path, style: str, tmp_path: Path) -> None:
    before, after = STYLES[style]
    head, rule = COLD.split("  - id: cold-chain.calibration")
    if "clauses" in after:
        rule = rule.replace("    clauses: [CF2027-1-a]\n", "").replace("    dispositions: [order-correction]\n", "")
    assert before in rule
    own = tmp_path / "layer" / "priorities" / "cold-chain.yaml"
    own.parent.mkdir(parents=True)
    own.write_text(f"{head}  - id: cold-chain.calibration{rule.replace(before, after)}", encoding="utf-8")
    was, place = own.read_bytes(), Place(root, tmp_path / "layer")
    hand = Hand(exported(place))
    untouched = imported(place, hand.content(), tmp_path)
    assert (told(untouched), untouched.notes) == ("", ())
    item, application, law = (
        ("项目", CALIBRATION),
        ("各类单位", f"{CALIBRATION}|store"),
        ("依据", f"{CALIBRATION}|duty|1"),
    )
    replaced: dict[tuple[str, str], dict[str, Any]] = {
        item: {"检查方法": "看", "取证": "录像", "处理建议": "停止销售、使用", "方案条款": "CF2027-1-b"},
        application: {"检查方法": "听", "取证": "问", "处理建议": "约谈、告诫"},
        law: {"原文里的几个字": "药品经营企业"},
    }
    removed: dict[tuple[str, str], dict[str, Any]] = {
        item: {"取证": None, "作者备注": "丙"},
        application: {"检查方法": None, "取证": None, "处理建议": None},
    }
    for typed in (replaced, removed):
        old = {cell: {title: hand.cell(*cell, title).value for title in values} for cell, values in typed.items()}
        for values in (typed, old):
            for cell, each in values.items():
                hand.put(*cell, **each)
            taken_in(place, hand.content(), tmp_path)
            assert (own.read_bytes() == was) == (values is old)
    assert own.read_bytes().decode() == was.decode()


@pytest.mark.parametrize("kept", ["]]", "看校准证书\n    evidence: 照片"])
def test_a_damaged_note_puts_nothing_into_the_rules(place: Place, hand: Hand, kept: str, tmp_path: Path) -> None:
    taken_in(place, hand.put("项目", CALIBRATION, 检查方法="看").content(), tmp_path)
    notes = place.file("rules/changes/2027-draft.yaml")
    notes.write_text(f"{notes.read_text(encoding='utf-8')}    kept: {json.dumps(kept)}\n", encoding="utf-8")
    taken_in(place, hand.put("项目", CALIBRATION, 检查方法="看校准证书").content(), tmp_path)
    assert place.file("rules/priorities/cold-chain.yaml").read_text(encoding="utf-8") == COLD


@pytest.mark.parametrize(("text", "code"), [("changes: [", "E104"), ("campaign: '2026'\nchanges: []\n", "E406")])
def test_notes_that_cannot_be_read_are_told_by_the_check(place: Place, text: str, code: str) -> None:
    path = Path(str(place.layer)) / "changes" / "2027-draft.yaml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    assert [p.code for p in errors(check_library(load_library(place)))] == [code]


@pytest.mark.long
def test_every_cell_can_be_changed_and_changed_back(root: Path, blank: bytes, tmp_path_factory: Any) -> None:
    for cell in _cells(blank):
        for value in OTHER[cell[2]]:
            _there_and_back(root, tmp_path_factory.mktemp("each"), blank, {cell: value})


def test_one_limit_changed_is_that_line_and_its_note(place: Place, hand: Hand, tmp_path: Path) -> None:
    hand.put("项目", TEMPERATURE, 上限=7, 变更原因="方案第二条")
    found = taken_in(place, hand.content(), tmp_path)
    now = place.file("rules/priorities/cold-chain.yaml").read_text(encoding="utf-8")
    changed = [line for line in difflib.ndiff(COLD.splitlines(), now.splitlines()) if line[0] in "+-"]
    assert changed == [
        "-     finding_if: any(answer, reading < 2.0 or reading > 8)",
        "+     finding_if: any(answer, reading < 2.0 or reading > 7)",
        "-       - {answer: {answer: [2, 8], equipment: 是, record_high: 8}, finds: nothing}",
        "+       - {answer: {answer: [2, 7], equipment: 是, record_high: 8}, finds: nothing}",
    ]
    assert sorted(p.name for p in Path(str(place.layer)).rglob("*.yaml")) == ["2027-draft.yaml", "cold-chain.yaml"]
    assert [r for r in found.remarks if "还写着" in r] == [
        "DP-01；KI-01 的限值由 8 改为 7，检查内容里还写着 8：“冷藏药品在 2～8 ℃ 内”，请核对",
        "DP-01；KI-01 的限值由 8 改为 7，问题表述里还写着 8：“现场读数 {readings} ℃，不在 2～8 ℃ 内”，请核对",
        "DP-01；KI-01 的限值由 8 改为 7，检查内容里还写着 8：“冷藏柜在 2～8 ℃ 内”，请核对",
    ]
    note, case = found.notes
    assert (case.what, case.row) == ("用例", "cold-chain.temperature|用例1")
    assert (note.what, note.old, note.new, note.reason, note.by, note.at) == (
        "上限", "8", "7", "方案第二条", "王芳", "2026-11-28 10:00",
    )  # fmt: skip
    assert list(difference(found)) == [
        "〔项目〕",
        f"  项目!J{hand.row('项目', TEMPERATURE)}　DP-01；KI-01　上限：8 → 7　原因：方案第二条",
        f"  项目!第{hand.row('项目', TEMPERATURE)}行　DP-01；KI-01　用例：{case.old} → {case.new}　原因：方案第二条",
    ]


def test_notes_are_added_to_and_come_out_with_the_next_export(place: Place, hand: Hand, tmp_path: Path) -> None:
    hand.put("项目", TEMPERATURE, 上限=7, 变更原因="方案第二条")
    taken_in(place, hand.content(), tmp_path)
    notes = place.file("rules/changes/2027-draft.yaml").read_bytes()
    hand.put("其他问题", "cold-chain.recorded-high", 上限=9, 变更原因="照新规")
    taken_in(place, hand.content(), tmp_path)
    assert place.file("rules/changes/2027-draft.yaml").read_bytes().startswith(notes)
    rows = list(Hand(exported(place)).book["变更记录"].iter_rows(min_row=2, values_only=True))
    assert [(r[1], r[3], r[4], r[5], r[6]) for r in rows if r[3] != "用例"] == [
        ("王芳", "上限", "8", "7", "方案第二条"), ("王芳", "上限", "8", "9", "照新规"),
    ]  # fmt: skip
    assert "and detail.record_high > 9\n" in place.file("rules/priorities/cold-chain.yaml").read_text(encoding="utf-8")
    assert not errors(load_library(place).problems), "the notes can be read"


def test_a_comment_changed_since_the_export_is_kept(place: Place, hand: Hand, tmp_path: Path) -> None:
    """No hash of a file is compared: only cells are."""
    own = Path(str(place.layer)) / "priorities" / "cold-chain.yaml"
    own.parent.mkdir()
    own.write_bytes(b"\xef\xbb\xbf" + COLD.replace("# 冷链", "# 改过的注释").replace("\n", "\r\n").encode())
    hand.put("项目", TEMPERATURE, 等级="一般", 取证=None, 红线="是")
    taken_in(place, hand.content(), tmp_path)
    now = own.read_bytes()
    assert now.startswith(b"\xef\xbb\xbf")
    assert "# 改过的注释" in now.decode()
    assert now.count(b"\n") == now.count(b"\r\n"), "lines end as they did"
    assert b"red_line: true\r\n" in now


@pytest.mark.parametrize("ends_at", [1, 3])
def test_an_import_that_ended_halfway_is_taken_up_again(
    root: Path, blank: bytes, ends_at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Notes, two priorities and the campaign are written one after the other."""
    hand = (
        Hand(blank)
        .put("项目", TEMPERATURE, 上限=7, 变更原因="方案")
        .put("项目", SAMPLE, 列入本次行动="否", 变更原因="方案")
    )
    hand.put("项目", "expired-stock.removed", 等级="严重")
    for name in ("whole", "halfway"):
        (tmp_path / name).mkdir()
    whole, halfway = (Place(root, tmp_path / name) for name in ("whole", "halfway"))
    assert len(imported(whole, hand.content(), tmp_path).files) == 4
    taken_in(whole, hand.content(), tmp_path)
    written: list[Path] = []

    def write(path: Path, content: bytes) -> None:
        if len(written) == ends_at:
            raise KeyboardInterrupt
        written.append(path)
        path.write_bytes(content)

    with monkeypatch.context() as patched:
        patched.setattr("engine.rule_sheets.importing.write_atomically", write)
        with pytest.raises(KeyboardInterrupt):
            taken_in(halfway, hand.content(), tmp_path)
    taken_in(halfway, hand.content(), tmp_path)
    assert files_of(halfway) == files_of(whole)
    notes = "rules/changes/2027-draft.yaml"
    assert halfway.file(notes).read_bytes() == whole.file(notes).read_bytes()


# ── several hands


def test_what_somebody_else_changed_is_not_taken_back(place: Place, blank: bytes, tmp_path: Path) -> None:
    own = Path(str(place.layer)) / "priorities" / "cold-chain.yaml"
    own.parent.mkdir()
    own.write_text(COLD.replace("reading > 8", "reading > 6").replace("看校准证书", "看证书"), encoding="utf-8")
    found = imported(place, blank, tmp_path)
    assert (told(found), found.notes) == ("", ())
    assert found.remarks == ("2 格在导出以后规则已改，表里没有动过，保留现在的",)
    hand = Hand(blank).put("项目", TEMPERATURE, 上限=7, 变更原因="方案").put("项目", CALIBRATION, 检查方法="看记录")
    assert [p.code for p in imported(place, hand.content(), tmp_path).problems] == ["E915", "E915"]


def test_another_copy_of_one_export_takes_nothing_back(place: Place, blank: bytes, tmp_path: Path) -> None:
    first = Hand(blank).put("项目", CALIBRATION, 检查方法="看证书原件")
    second = Hand(blank).put("项目", SAMPLE, 检查方法="逐盒看有效期")
    taken_in(place, first.content(), tmp_path)
    other = imported(place, second.content(), tmp_path, by="李强")
    assert [(n.row, n.old, n.new) for n in other.notes] == [(SAMPLE, "看有效期", "逐盒看有效期")]
    assert other.remarks == ("1 格在导出以后规则已改，表里没有动过，保留现在的",)
    same = imported(place, second.content(), tmp_path)  # she may have changed it back: nobody can tell, so it is said
    assert {n.row for n in same.notes} == {SAMPLE, CALIBRATION}
    assert "1 格改回导出时的内容" in same.remarks[0]


# ── out of the campaign and in again


def test_an_item_that_is_dropped_stays_in_the_rules(place: Place, hand: Hand, tmp_path: Path) -> None:
    hand.put("项目", SAMPLE, 列入本次行动="否", 变更原因="方案没有")
    hand.put("各类单位", f"{TEMPERATURE}|kiosk", 列入本次行动="否", 变更原因="没有售货亭")
    before = files_of(place)
    found = taken_in(place, hand.content(), tmp_path)
    assert {k for k, v in files_of(place).items() if v != before[k]} == {"rules/campaigns/2027-draft.yaml"}
    assert place.file("rules/campaigns/2027-draft.yaml").read_text(encoding="utf-8") == DRAFT + (
        "changes:\n  - {rule: expired-stock.sample, drop: true, why: 方案没有}\n"
        "  - {rule: cold-chain.temperature, sites: [kiosk], drop: true, why: 没有售货亭}\n"
    )
    assert [line.split("　")[2] for line in difference(found) if line.startswith(" ")] == ["本次行动停用"] * 2
    assert run_cases(load_library(place)).problems == (), "cases are of the rules, not of what one year leaves out"
    items = resolve(load_library(place), CAMPAIGN).site_types
    assert {i.rule: bool(i.clauses) for i in items["store"].items}[SAMPLE] is False
    assert {i.rule: bool(i.clauses) for i in items["store"].items}[TEMPERATURE] is True
    assert {i.rule: bool(i.clauses) for i in items["kiosk"].items}[TEMPERATURE] is False
    hand.put("项目", SAMPLE, 列入本次行动="是").put("各类单位", f"{TEMPERATURE}|kiosk", 列入本次行动="是")
    taken_in(place, hand.content(), tmp_path)
    assert files_of(place) == before


# ── law


def test_citations_are_replaced_added_and_taken_out(place: Place, hand: Hand, tmp_path: Path) -> None:
    hand.put("依据", f"{TEMPERATURE}|duty|2", 文书和版本="药品管理法实施条例2026", 条款="第四十四条第一款",
             原文里的几个字="根据药品的包装、质量特性、温度控制要求", 变更原因="新条例")  # fmt: skip
    hand.put("依据", f"{TEMPERATURE}|liability|1", 去掉="是", 变更原因="不用")
    hand.append("依据", 印刷编号="DP-02；", 用途="责任", 文书和版本="中华人民共和国药品管理法 2019", 条款="待核")
    found = taken_in(place, hand.content(), tmp_path)
    assert not [p for p in check_library(load_library(place)) if p.severity == "error"]
    text = place.file("rules/priorities/cold-chain.yaml").read_text(encoding="utf-8")
    old, new = [line.strip() for line in COLD.splitlines()], [line.strip() for line in text.splitlines()]
    assert [line for line in old if line not in new] == [
        '- {cite: drug-administration-law@2019, article: "59.1", proof: [药品经营企业应当制定和执行药品保管制度], sites: [store]}',
        "liability:",
        "- {cite: drug-administration-law@2019, article: 126, proof: [未遵守药品生产质量管理规范、药品经营质量管理规范]}",
    ]
    assert [line for line in new if line not in old] == [
        '- {cite: drug-law-implementing-regulation@2026, article: "44.1", proof: [根据药品的包装、质量特性、温度控制要求], sites: [store]}',
        "liability: [{cite: drug-administration-law@2019, article: null}]",
    ]
    assert len(found.notes) == 5
    again = imported(place, hand.content(), tmp_path)
    assert (told(again), again.notes) == ("", ()), "the same workbook once more changes nothing"


def test_citations_that_moved_are_still_the_same(root: Path, tmp_path: Path) -> None:
    """One was taken out: those behind it stand a place further up, and their rows must not write over each other."""
    own = tmp_path / "layer" / "priorities" / "cold-chain.yaml"
    own.parent.mkdir(parents=True)
    first = "        - {cite: drug-administration-law@2019, article: 126, proof: [未遵守药品生产质量管理规范、药品经营质量管理规范]}\n"
    assert first in COLD
    proofs = {53: "对外提供的甲", 54: "对外提供的乙", 55: "对外提供的丙"}
    more = [
        f"        - {{cite: drug-administration-law@2019, article: {n}, proof: [{p}]}}\n" for n, p in proofs.items()
    ]
    own.write_text(COLD.replace(first, first + "".join(more)), encoding="utf-8")
    place = Place(root, tmp_path / "layer")
    hand = Hand(exported(place))
    hand.put("依据", f"{TEMPERATURE}|liability|1", 去掉="是", 变更原因="不用")
    hand.put("依据", f"{TEMPERATURE}|liability|3", 原文里的几个字="改了的乙")
    taken_in(place, hand.content(), tmp_path)
    text = own.read_text(encoding="utf-8")
    assert text == COLD.replace(first, "".join(more).replace("对外提供的乙", "改了的乙"))
    again = imported(place, hand.content(), tmp_path)
    assert (told(again), again.notes) == ("", ()), "the same workbook once more changes nothing"
    hand.put("依据", f"{TEMPERATURE}|liability|4", 原文里的几个字="改了的丙")
    hand.put("依据", f"{TEMPERATURE}|liability|3", 原文里的几个字="又改的乙")
    taken_in(place, hand.content(), tmp_path)
    assert own.read_text(encoding="utf-8") == text.replace("对外提供的丙", "改了的丙").replace("改了的乙", "又改的乙")


def test_a_text_changed_by_hand_after_the_import_is_not_overwritten(place: Place, hand: Hand, tmp_path: Path) -> None:
    hand.put("项目", TEMPERATURE, 检查方法="看温度计")
    taken_in(place, hand.content(), tmp_path)
    own = place.file("rules/priorities/cold-chain.yaml")
    own.write_text(own.read_text(encoding="utf-8").replace("看温度计", "看两支温度计"), encoding="utf-8")
    assert [p.code for p in imported(place, hand.content(), tmp_path).problems] == ["E915"]


# ── what a limit says, its cases follow


def test_the_cases_of_a_limit_move_with_it_and_back(place: Place, hand: Hand, tmp_path: Path) -> None:
    before = files_of(place)
    at_7, beyond = "{answer: [2, 7], equipment: 是, record_high: 8}, finds: nothing}", "{answer: 11.1, finds: cold-ch"
    for high, moved in ((7, at_7), (10, beyond), ("9.5", beyond)):
        found = taken_in(place, hand.put("项目", TEMPERATURE, 上限=high, 变更原因="方案").content(), tmp_path)
        assert not any("用例" in remark for remark in found.remarks)
        assert run_cases(load_library(place), "cold-chain.").problems == ()
        text = place.file("rules/priorities/cold-chain.yaml").read_text(encoding="utf-8")
        assert moved in text
        assert [n.column for n in found.notes][:2] in (["high"], ["high", "cases"]), "shown with the limit"
        assert all(n.reason == "方案" for n in found.notes)
    taken_in(place, hand.put("项目", TEMPERATURE, 上限=8).content(), tmp_path)
    assert files_of(place) == before


def test_cases_of_days_and_of_options_follow_too(place: Place, hand: Hand, tmp_path: Path) -> None:
    before = files_of(place)
    hand.put("项目", CALIBRATION, 下限="检查日期前6个月", 变更原因="方案")
    hand.put("项目", "expired-stock.removed", 问题选项="未下架", 变更原因="方案")
    found = taken_in(place, hand.content(), tmp_path)
    assert run_cases(load_library(place)).problems == ()
    said = "\n".join(difference(found))
    assert "用例：{answer: 2023-01-15, finds: nothing} → {answer: 2023-07-15, finds: nothing}" in said
    assert "用例：{answer: 混放, finds: expired-stock.removed} → {answer: 混放, finds: nothing}" in said
    hand.put("项目", CALIBRATION, 下限="检查日期前1年").put("项目", "expired-stock.removed", 问题选项="未下架；混放")
    taken_in(place, hand.content(), tmp_path)
    assert files_of(place) == before


def test_a_finding_that_no_case_finds_any_more_gets_one_until_it_goes_back(
    place: Place, hand: Hand, tmp_path: Path
) -> None:
    before = files_of(place)
    hand.put("项目", "expired-stock.removed", 问题选项="已下架", 变更原因="方案")
    hand.put("项目", SAMPLE, 上限="1.5", 变更原因="方案")
    taken_in(place, hand.content(), tmp_path)
    assert not errors(check_library(load_library(place)))
    assert run_cases(load_library(place)).problems == ()
    hand.put("项目", "expired-stock.removed", 问题选项="未下架；混放").put("项目", SAMPLE, 上限=0)
    taken_in(place, hand.content(), tmp_path)
    assert files_of(place) == before


def test_a_case_that_somebody_has_rewritten_is_not_taken_back(place: Place, hand: Hand, tmp_path: Path) -> None:
    taken_in(place, hand.put("项目", TEMPERATURE, 上限=7, 变更原因="方案").content(), tmp_path)
    own = place.file("rules/priorities/cold-chain.yaml")
    own.write_text(own.read_text(encoding="utf-8").replace("[2, 7]", "[3, 6]"), encoding="utf-8")
    taken_in(place, hand.put("项目", TEMPERATURE, 上限=8).content(), tmp_path)
    assert "[3, 6]" in own.read_text(encoding="utf-8")


# ── the plan: clauses and deadlines

OPEN = "CF2027-2-a"


def _lines(before: str, now: str) -> list[str]:
    return [line for line in difflib.ndiff(before.splitlines(), now.splitlines()) if line[0] in "+-"]


def test_a_clause_is_mapped_in_its_cell_and_back(place: Place, whole: bytes, tmp_path: Path) -> None:
    before, hand = files_of(place), Hand(whole)
    proposed = hand.cell("方案条款", OPEN, "建议（只读，未经认可）")
    assert proposed.value.splitlines()[0].startswith("建议（未经认可）CF2026-")
    assert proposed.protection.locked
    assert hand.cell("方案条款", OPEN, "与以前条款相同").value is None, "nothing is mapped by itself"
    hand.put("方案条款", OPEN, 与以前条款相同="CF2026-2-a", 另行落实="系统接通以后")
    found = taken_in(place, hand.content(), tmp_path)
    path = "rules/campaigns/2027-draft.clauses.yaml"
    assert {k for k, v in files_of(place).items() if v != before[k]} == {path}
    assert _lines(CLAUSES, place.file(path).read_text(encoding="utf-8")) == [
        "-     kind: OPEN       # 还没有看", "+     kind: DUE       # 还没有看",
        "+     same_as: [CF2026-2-a]", "+     answered_by: {planned: 系统接通以后}",
    ]  # fmt: skip
    assert [line.split("　")[1:] for line in difference(found)][1:] == [
        [OPEN, "要求种类：（空白） → 期限"], [OPEN, "与以前条款相同：（空白） → CF2026-2-a"], [OPEN, "另行落实：（空白） → 系统接通以后"],
    ]  # fmt: skip
    again = imported(place, hand.content(), tmp_path)
    assert (told(again), again.notes, again.remarks) == ("", (), ())
    hand.put("方案条款", OPEN, 与以前条款相同=None, 另行落实=None)
    taken_in(place, hand.content(), tmp_path)
    assert files_of(place) == before


def test_what_answers_a_clause_otherwise_stays(place: Place, hand: Hand, tmp_path: Path) -> None:
    hand.put("方案条款", "CF2027-2-b", 原则性要求=None, 要求种类="台账", 另行落实="做台账")
    taken_in(place, hand.content(), tmp_path)
    text = place.file("rules/campaigns/2027-draft.clauses.yaml").read_text(encoding="utf-8")
    assert _lines(CLAUSES, text) == [
        "-     kind: PRIN", "+     kind: LED", "-       principle: true", "+       planned: 做台账"
    ]  # fmt: skip


DECISIONS: dict[str, tuple[Decision, dict[str, Any]]] = {
    "the same": (Decision(("CF2026-1-a", "CF2026-2-a")), {"与以前条款相同": "CF2026-1-a；cf2026-2-a"}),
    "a principle": (Decision(principle=True), {"原则性要求": "是"}),
    "planned": (Decision(kind="STAT", planned="以后"), {"要求种类": "统计", "另行落实": "以后"}),
    "no kind": (Decision(planned="以后"), {"另行落实": "以后"}),
    "two kinds": (Decision(kind="DUE", principle=True), {"要求种类": "期限", "原则性要求": "是"}),
    "no such clause": (Decision(("CF2026-1-b",)), {"与以前条款相同": "CF2026-1-b"}),
    "a clause of its own": (Decision(("CF2027-1-a",)), {"与以前条款相同": "CF2027-1-a"}),
}  # fmt: skip


@pytest.mark.parametrize("name", DECISIONS)
def test_the_cell_and_the_command_write_and_refuse_the_same(
    name: str, place: Place, hand: Hand, tmp_path: Path
) -> None:
    decision, cells = DECISIONS[name]
    mapped, refused = map_clause(load_library(place), CAMPAIGN, OPEN, decision)
    found = imported(place, hand.put("方案条款", OPEN, **cells).content(), tmp_path)
    if mapped is None:
        assert [p.code for p in refused] == ["E934"]
        assert [p.code for p in errors(found.problems)] == ["E911"]
        assert refused[0].message.split("：", 2)[2] in found.problems[0].message
        assert refused[0].hint == found.problems[0].hint
        assert found.problems[0].mark.cell.startswith("方案条款!")
    else:
        assert found.files[mapped.file.relative].decode() == mapped.file.text != CLAUSES


def test_what_the_new_plan_says_of_days_is_filled_in(place: Place, hand: Hand, tmp_path: Path) -> None:
    hand.put(
        "行动和期限", "deadline.first-report", 何时="2027年1月26日、2027-3-13之前", 方案原文="1月26日、3月13日前报送"
    )
    hand.put("行动和期限", "deadline.weekly", 去掉="是").put("行动和期限", "plan", 内容="2027 方案（某局）")
    before = files_of(place)
    taken_in(place, hand.content(), tmp_path)
    path = "rules/campaigns/2027-draft.yaml"
    assert {k for k, v in files_of(place).items() if v != before[k]} == {path}
    assert sorted(_lines(DRAFT, place.file(path).read_text(encoding="utf-8"))) == sorted([
        "- plan: 2027 方案", "+ plan: 2027 方案（某局）",
        "-     when: {type: open, text: 待填：新方案定的日期}   # 等方案",
        '+     when: {type: days, days: [2027-01-26, 2027-03-13], before: true}   # 等方案',
        "-     quote: 按时报送", "+     quote: 1月26日、3月13日前报送",
        "-   - {id: weekly, title: 每周报送, who: [各所, 局药品科], to: 区局, when: {type: weekly, weekday: 周五}, quote: 每周报送, clauses: [CF2027-1-a]}",
    ])  # fmt: skip
    again = imported(place, hand.content(), tmp_path)
    assert (told(again), again.notes) == ("", ())


# ── new items

NEW: dict[str, Any] = {
    "主题": "冷链药品储运", "检查内容": "冷藏柜有备用电源", "答案类型": "是否", "比较": "是选项之一", "问题选项": "否",
    "问题表述": "冷藏柜没有备用电源：{note}", "等级": "一般", "单位类型": "药店；售货亭、自动售药机", "适用范围": "“经营冷藏药品”",
    "义务依据（行动期间有效的）": "药品经营质量管理规范 2016｜161(8)｜冷藏药品放置在冷藏设备中", "方案条款": "CF2027-1-a",
    "检查方法": "现场看", "处理建议": "责令改正",
}  # fmt: skip
KINDS: dict[str, dict[str, Any]] = {
    "yes-no": {}, "choice": {"答案类型": "单选", "答案选项": "有；没有；坏了", "问题选项": "没有；坏了"},
    "choices": {"答案类型": "多选", "答案选项": "无电源；无记录", "比较": "是选项之一", "问题选项": "无电源；无记录"},
    "number": {"答案类型": "数值", "单位": "℃", "比较": "超出下限～上限", "下限": 2, "上限": "８", "问题选项": None},
    "count": {"答案类型": "个数", "比较": "大于上限", "上限": 0, "问题选项": None},
    "sample": {"答案类型": "抽查", "单位": "盒", "比较": "达到或超过上限", "上限": 2, "问题选项": None},
    "date": {"答案类型": "日期", "比较": "早于下限", "下限": "检查日期前1年", "问题选项": None},
    "readings": {"答案类型": "读数", "单位": "℃", "比较": "大于上限", "上限": -15, "问题选项": None},
    "unverified law": {"义务依据（行动期间有效的）": "药品管理法2019"},
    "pasted": {"检查内容": "冷藏柜有\n备用电源", "处理建议": "责令改正\n约谈、告诫", "单位类型": "药店", "印刷编号": "dp-77"},
    "out of the campaign": {"方案条款": None, "红线": "是", "取证": "照片", "适用范围": None},
}  # fmt: skip


def test_new_rows_are_rules_with_their_cases(place: Place, hand: Hand, tmp_path: Path) -> None:
    for kind, values in KINDS.items():
        own = {"检查内容": f"冷藏柜有备用电源（{kind}）", "问题表述": f"冷藏柜的电源不行（{kind}）"}
        hand.append("项目", **(NEW | own | values))
    found = taken_in(place, hand.content(), tmp_path)
    assert [n.column for n in found.notes] == ["added"] * len(KINDS)
    library = load_library(place)
    assert [p.render() for p in check_library(library) if p.severity == "error"] == []
    report = run_cases(library, "cold-chain.dp-")
    assert report.problems == ()
    rules = {r.id: r for r in library.priorities["cold-chain"].value.rules}
    assert [r.applies_to["store"].code for r in rules.values()][-4:] == ["DP-12", "DP-13", "DP-77", "DP-78"]
    assert report.cases >= 3 * len(KINDS)
    conditions = {r.answer.type: r.finding_if for r in list(rules.values())[2:10] if r.answer is not None}
    assert conditions == {
        "yes_no": "answer = 否", "choice": "answer in [没有, 坏了]", "choices": "answer in [无电源, 无记录]",
        "number": "answer < 2 or answer > 8", "count": "answer > 0", "sample": "answer >= 2",
        "date": "answer < inspection.date - 1 years", "readings": "any(answer, reading > -15)",
    }  # fmt: skip
    assert rules["cold-chain.dp-77"].check == "冷藏柜有备用电源"
    assert place.file("rules/priorities/cold-chain.yaml").read_text(encoding="utf-8").startswith(COLD)
    again = imported(place, hand.content(), tmp_path)
    assert (told(again), again.notes) == ("", ())
    assert "".join(again.remarks).count("没有再加") == len(KINDS)


def test_a_new_row_says_which_cells_are_missing(place: Place, hand: Hand, tmp_path: Path) -> None:
    titles = [t for t in NEW if t not in ("适用范围", "方案条款")]
    for title in titles:
        hand.append("项目", **(NEW | {title: None}))
    found = imported(place, hand.content(), tmp_path)
    assert [p.code for p in found.problems] == ["E911" if t == "问题选项" else "E917" for t in titles]
    assert all(f"“{title}”" in p.message for p, title in zip(found.problems, titles, strict=True))
    assert not found.files


# ── what clerks do


def _merge(hand: Hand) -> None:
    hand.book["项目"].merge_cells("N4:N5")


def _copy_row(hand: Hand) -> None:
    sheet = hand.book["项目"]
    sheet.append([cell.value for cell in sheet[4]])


def _drop_column(sheet: str, title: str) -> Callable[[Hand], None]:
    def change(hand: Hand) -> None:
        hand.book[sheet].delete_cols(hand.columns(sheet)[title])

    return change


@dataclass(frozen=True)
class _Put:
    """Cells typed into one row; into a new one if there is no key."""

    sheet: str
    key: str
    values: dict[str, Any]

    def __call__(self, hand: Hand) -> None:
        if self.key:
            hand.put(self.sheet, self.key, **self.values)
        else:
            hand.append(self.sheet, **(NEW | {"检查内容": f"新项目 {self.values}"[:60]} | self.values))

    @property
    def cells(self) -> set[tuple[str, str, str]]:
        """The cells, those of a condition and of a citation as one."""
        if self.sheet == "依据":
            return {(self.sheet, self.key, "")}
        titles = {"条件" if t in ("比较", "下限", "上限", "问题选项") else t for t in self.values if t != "变更原因"}
        return {(self.sheet, self.key, title) for title in titles if self.key}


def _typed(sheet: str, key: str, **values: Any) -> _Put:
    return _Put(sheet, key, values)


def _typed_below(sheet: str, **values: Any) -> Callable[[Hand], None]:
    return lambda hand: hand.append(sheet, **values) and None


def _new(**values: Any) -> _Put:
    return _Put("项目", "", values)


LATE = ("E205", "E306", "E505", "E403", "E421")
"""Told when every cell can be read."""


def _batches() -> list[list[str]]:
    """Return the wrong cases in groups that can be typed into one workbook: no two into one cell."""
    shared: list[tuple[list[str], set[tuple[str, str, str]]]] = []
    alone = []
    for name, (change, code, _) in WRONG.items():
        if not isinstance(change, _Put) or code in (*LATE, "E912", "E916"):
            alone.append([name])
            continue
        free = next((batch for batch in shared if not batch[1] & change.cells), None)
        if free is None:
            shared.append(free := ([], set()))
        free[0].append(name)
        free[1].update(change.cells)
    return [*(names for names, _ in shared), *alone]


WRONG: dict[str, tuple[Callable[[Hand], None], str, str]] = {
    "a merged range": (_merge, "E911", "项目!N4:N5: E911 “合并的单元格”：N4:N5 合成了一格"),
    "a copied row": (_copy_row, "E913", "“cold-chain.temperature” 有两行"),
    "the numbers deleted": (_drop_column("项目", "规则编号"), "E910", "表头里没有“规则编号”"),
    "a formula": (_typed("项目", TEMPERATURE, 上限="=7+1", 变更原因="x"), "E911", "“上限”：是公式"),
    "an id changed": (_typed("项目", TEMPERATURE, 规则编号="cold-chain.temprature"), "E912", "是否想写 “cold-chain.temperature”"),
    "a limit without a reason": (_typed("项目", TEMPERATURE, 上限=7), "E916", "改了上限，没有写变更原因"),
    "a drop without a reason": (_typed("项目", SAMPLE, 列入本次行动="否"), "E916", "改了列入本次行动"),
    "no clause without a reason": (_typed("项目", CALIBRATION, 方案条款=None), "E916", "改了方案条款"),
    "a limit in words": (_typed("项目", TEMPERATURE, 上限="七度", 变更原因="x"), "E911", "“七度” 不是数字"),
    "no limit": (_typed("项目", TEMPERATURE, 上限=None, 变更原因="x"), "E911", "没有写上限"),
    "limits upside down": (_typed("项目", TEMPERATURE, 上限=1, 变更原因="x"), "E911", "上限比下限小"),
    "a character that nobody sees": (_typed("项目", SAMPLE, 检查方法="看\u200b有效期"), "E911", "看不见的字符 U+200B"),
    "a limit that is not used": (_typed("项目", SAMPLE, 下限=1, 变更原因="x"), "E911", "不用下限"),
    "an unknown option": (_typed("项目", "expired-stock.removed", 问题选项="没下架", 变更原因="x"), "E911", "没有选项 “没下架”"),
    "an unknown comparison": (_typed("项目", SAMPLE, 比较="超过", 变更原因="x"), "E911", "可选：大于上限"),
    "a special condition": (_typed("其他问题", "expired-stock.sold", 比较="是选项之一", 变更原因="x"), "E914", "不能在表格里改"),
    "the answer type": (_typed("项目", SAMPLE, 答案类型="个数"), "E914", "“答案类型”不能在表格里改（原来是 抽查）"),
    "the reading": (_typed("项目", SAMPLE, **{"条件（只读）": "大于 5"}), "E914", "“条件（只读）”"),
    "no wording": (_typed("项目", SAMPLE, 检查内容=" "), "E911", "“检查内容”：不能空着"),
    "an unknown grade": (_typed("项目", SAMPLE, 等级="很严重"), "E911", "请写：严重、主要、一般"),
    "an unknown disposition": (_typed("项目", SAMPLE, 处理建议="责令改正；没收"), "E911", "不认识 “没收”"),
    "an unknown scope": (_typed("项目", SAMPLE, 适用范围="卖冷藏药"), "E911", "不认识 “卖冷藏药”"),
    "an unknown clause": (_typed("项目", SAMPLE, 方案条款="CF2027-9-z"), "E911", "没有条款 “CF2027-9-z”"),
    "a sentence too long": (_typed("项目", SAMPLE, 问题表述="长" * 401), "E911", "有 401 个字，最多 400 个"),
    "a placeholder that is none": (_typed("项目", SAMPLE, 问题表述="{nothing}"), "E306", "项目!M6: E306"),
    "an unknown law": (_typed("依据", f"{SAMPLE}|duty|1", 文书和版本="药品管理发 2019"), "E920", "没有文书 “药品管理发 2019”"),
    "an article that is none": (_typed("依据", f"{SAMPLE}|duty|1", 条款="若干条"), "E911", "“若干条” 不是条款"),
    "an article beyond the last": (_typed("依据", f"{SAMPLE}|duty|1", 条款="999"), "E505", "依据!"),
    "an article without its words": (_typed("依据", f"{SAMPLE}|duty|1", 原文里的几个字=None), "E911", "没有写原文里的字"),
    "words without an article": (_typed("依据", f"{SAMPLE}|duty|1", 条款="待核"), "E911", "没有写条款"),
    "law for another site": (_typed("依据", f"{SAMPLE}|duty|1", 只用于="售货亭、自动售药机"), "E911", "不在这个项目的单位类型里"),
    "the only duty taken out": (_typed("依据", f"{SAMPLE}|duty|1", 去掉="是"), "E911", "这是唯一的义务依据"),
    "partly in the campaign": (_typed("项目", SAMPLE, 列入本次行动="看情况", 变更原因="x"), "E911", "请写 是 或 否"),
    "never left out": (_typed("项目", "expired-stock.removed", 列入本次行动="是"), "E911", "没有停用过"),
    "clauses of others": (_typed("各类单位", f"{TEMPERATURE}|kiosk", 方案条款=None), "E911", "请写 无"),
    "an unknown kind": (_typed("方案条款", "CF2027-2-a", 要求种类="检察项目"), "E911", "请写一种：关于方案本身"),
    "an unknown principle": (_typed("方案条款", "CF2027-2-b", 原则性要求="对"), "E911", "是原则性要求请写 是"),
    "the words of the plan": (_typed("方案条款", "CF2027-1-b", 方案原文="检查别的"), "E914", "“方案原文”不能在表格里改"),
    "a proposal": (_typed("方案条款", "CF2027-1-a", **{"建议（只读，未经认可）": "CF2026-1-a"}), "E914", "“建议（只读，未经认可）”"),
    "a new clause": (_typed_below("方案条款", 另行落实="以后"), "E911", "这一行没有编号"),
    "a day that is none": (_typed("行动和期限", "deadline.first-report", 何时="2027-02-30"), "E911", "看不出是哪一天"),
    "nobody of the campaign": (_typed("行动和期限", "deadline.first-report", 由谁="各处"), "E911", "没有 “各处”"),
    "a day of the title": (_typed("行动和期限", "title", 何时="2027-01-26"), "E914", "“何时”不能在表格里改"),
    "no plan": (_typed("行动和期限", "plan", 内容=None), "E911", "“内容”：不能空着"),
    "a hotline that is none": (_typed("行动和期限", "hotline", 内容="没有"), "E205", "行动和期限!B6"),
    "gone or not": (_typed("行动和期限", "deadline.weekly", 去掉="对"), "E911", "要去掉请写 是"),
    "a new item: priority": (_new(主题="冷链"), "E911", "没有主题 “冷链”"),
    "a new item: sites": (_new(单位类型="药房"), "E911", "没有单位类型 “药房”"),
    "a new item: answer": (_new(答案类型="表格"), "E911", "新项目可用：是否"),
    "a new item: one option": (_new(答案类型="单选", 答案选项="有"), "E911", "至少要有两个选项"),
    "a new item: no unit": (_new(答案类型="数值"), "E917", "缺少“单位”"),
    "a new item: a code taken": (_new(印刷编号="DP-01"), "E911", "DP-01 已有"),
    "a new item: a code of others": (_new(印刷编号="XX-01"), "E911", "XX-01 不属于所选的单位类型"),
    "a new item: law": (_new(**{"义务依据（行动期间有效的）": "药品管理法2019｜三"}), "E911", "没有写原文里的字"),
    "a new item: no placeholder": (_new(问题表述="{nothing}"), "E306", "项目!M"),
    "a new item: never a finding": (_new(答案类型="个数", 比较="小于下限", 下限=-5, 问题选项=None), "E421", "项目!H"),
}  # fmt: skip


@pytest.mark.parametrize("names", _batches(), ids=lambda names: names[0])
def test_what_cannot_be_taken_over_is_told_by_its_cell(
    names: list[str], place: Place, hand: Hand, tmp_path: Path
) -> None:
    """All mistakes of one workbook are told at once; nothing would be written."""
    for name in names:
        WRONG[name][0](hand)
    found = imported(place, hand.content(), tmp_path)
    never = "a new item: never a finding" in names  # and so without a case that finds it
    assert len(errors(found.problems)) == len(names) + never, told(found)
    for name in names:
        _, code, words = WRONG[name]
        one = next(p for p in found.problems if p.code == code and words in p.render())
        assert "!" in one.mark.cell or code == "E910", "the cell is named"
    assert (found.files, found.notes) == ({}, ())


def test_rows_and_columns_that_are_gone_change_nothing_and_are_told(place: Place, hand: Hand, tmp_path: Path) -> None:
    _drop_column("项目", "检查方法")(hand)
    _drop_column("各类单位", "核对码")(hand)
    hand.book["项目"].delete_rows(hand.row("项目", SAMPLE))
    del hand.book["其他问题"]
    found = imported(place, hand.content(), tmp_path)
    assert (told(found), found.notes) == ("", ())
    assert found.remarks == (
        "“项目”页没有检查方法栏，按没有改动处理", "没有“其他问题”页（表头“问题编号”），按没有改动处理",
        "“项目”页少了 1 行，按没有改动处理；要停用请写“列入本次行动”为“否”",
    )  # fmt: skip


SAME: dict[str, tuple[str, str, str, Any]] = {
    "full-width digits": ("项目", TEMPERATURE, "上限", "８"), "the unit written": ("项目", TEMPERATURE, "上限", "8℃"),
    "a number as text": ("项目", TEMPERATURE, "上限", "8.0"), "a day in other words": ("项目", CALIBRATION, "下限", "检查日前 1 年"),
    "an article in digits": ("依据", f"{SAMPLE}|duty|1", "条款", "98.3（5）"), "a law by its short name": ("依据", f"{SAMPLE}|duty|1", "文书和版本", "《药品管理法》2019"),
    "words with other signs": ("项目", TEMPERATURE, "处理建议", "责令改正、封存并评估质量"), "words with a line break": ("项目", TEMPERATURE, "处理建议", "责令改正\n封存并评估质量"),
    "a space behind": ("项目", TEMPERATURE, "检查内容", "冷藏药品在 2～8 ℃ 内 "), "an attribute without quotes": ("各类单位", f"{TEMPERATURE}|store", "适用范围", "经营冷藏药品"),
}  # fmt: skip


def test_the_same_written_otherwise_is_no_change(root: Path, blank: bytes, tmp_path: Path) -> None:
    waiting = list(SAME.items())
    while waiting:
        hand, typed, later = Hand(blank), set(), []
        for case, (sheet, key, title, value) in waiting:
            if (sheet, key, title) in typed:
                later.append((case, (sheet, key, title, value)))
                continue
            typed.add((sheet, key, title))
            assert hand.cell(sheet, key, title).value != value, case
            hand.put(sheet, key, **{title: value, "变更原因": "没有改"})
        found = imported(Place(root), hand.content(), tmp_path)
        assert (told(found), found.notes) == ("", ())
        waiting = later


# ── the commands


@pytest.fixture
def bureau(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "layer").mkdir()
    monkeypatch.setattr("engine.library.files.data_root", lambda: root)
    return tmp_path


def test_nothing_is_written_before_somebody_says_so(bureau: Path, invoke: Invoke) -> None:
    book, layer = bureau / "规则.xlsx", str(bureau / "layer")
    assert invoke("rules", "export", CAMPAIGN, "-o", str(book), "--rules", layer).code == 0
    assert invoke("rules", "export", CAMPAIGN, "-o", str(book), "--rules", layer).code == 2, (
        "it may hold a clerk's work"
    )
    book.write_bytes(Hand(book.read_bytes()).put("项目", TEMPERATURE, 上限=7, 变更原因="方案").content())
    arguments = ("rules", "import", str(book), "--by", "王芳", "--at", "2026-11-28 10:00", "--rules", layer)
    shown = invoke(*arguments)
    assert shown.code == 0
    assert "上限：8 → 7" in shown.out
    assert "确认后加 --write" in shown.out
    assert list((bureau / "layer").rglob("*")) == []
    written = invoke(*arguments, "--write")
    assert written.code == 0
    assert "已写入" in written.out
    assert "没有改动" in invoke(*arguments, "--write").out
    refused = invoke("rules", "import", str(book), "--by", "王芳", "--write")
    assert refused.code == 1
    assert "E412" in refused.err


LAYER = """\
layer: bureau
title: 某县局
level: county
changes:
  - {rule: expired-stock.sample, campaign: 2027-draft, drop: true, why: 由专项另查}
  - {rule: cold-chain.calibration, campaign: 2027-draft, finding_if: answer < inspection.date - 6 months, why: 半年一次}
"""


def test_what_a_layer_decides_is_not_changed_by_a_cell(root: Path, tmp_path: Path) -> None:
    (tmp_path / "layer").mkdir()
    (tmp_path / "layer" / "layer.yaml").write_text(LAYER, encoding="utf-8")
    place = Place(root, tmp_path / "layer")
    hand = Hand(exported(place))
    assert hand.cell("项目", SAMPLE, "列入本次行动").value == "否"
    hand.put("项目", SAMPLE, 列入本次行动="是").put("项目", CALIBRATION, 下限="检查日期前2年", 变更原因="x")
    assert [p.code for p in imported(place, hand.content(), tmp_path).problems] == ["E914", "E914"]


def test_what_a_superior_locks_is_told_at_the_cell_that_loosens_it(root: Path, blank: bytes, tmp_path: Path) -> None:
    city, county = tmp_path / "city", tmp_path / "county"
    for folder, more in (
        (city, "locked:\n  - {priority: cold-chain, why: 市局通知}\n"),
        (county, "superior: ../city\n"),
    ):
        folder.mkdir()
        text = f"layer: x\ntitle: {folder.name}\nlevel: {folder.name}\n{more}"
        (folder / "layer.yaml").write_text(text, encoding="utf-8")
    place = Place(root, county, (city,))
    hand = Hand(blank).put("项目", TEMPERATURE, 上限=9, 变更原因="放宽")
    hand.put("项目", CALIBRATION, 列入本次行动="否", 变更原因="不查").put("项目", SAMPLE, 等级="一般")
    found = imported(place, hand.content(), tmp_path)
    wrong = [("上限", TEMPERATURE, "大于 8 ℃ → 大于 9 ℃"), ("列入本次行动", CALIBRATION, "去掉")]
    for title, key, words in wrong:
        cell = hand.cell("项目", key, title).coordinate
        assert any(p.code == "E936" and p.mark.cell == f"项目!{cell}" and words in p.message for p in found.problems)
    assert {p.mark.cell.split("!")[0] for p in errors(found.problems)} == {"项目"}
    assert found.files == {}


def test_a_released_campaign_is_not_changed(root: Path, blank: bytes, tmp_path: Path) -> None:
    layer = tmp_path / "layer"
    (layer / "campaigns").mkdir(parents=True)
    (layer / "campaigns" / "2027-draft.yaml").write_text(DRAFT.replace("draft   #", "released   #"), encoding="utf-8")
    found = imported(Place(root, layer), blank, tmp_path)
    assert [p.code for p in found.problems] == ["E921"]


def test_a_campaign_without_clauses_of_its_own_takes_those_that_it_extends(root: Path, tmp_path: Path) -> None:
    layer = tmp_path / "layer"
    (layer / "campaigns").mkdir(parents=True)
    text = DRAFT.replace("2027-draft", "2028-draft").replace("status:", "extends: 2027-draft\nstatus:")
    (layer / "campaigns" / "2028-draft.yaml").write_text(text, encoding="utf-8")
    place = Place(root, layer)
    cell = Hand(export_rules(place, "2028-draft").content).cell("项目", TEMPERATURE, "方案条款")
    assert cell.value == "CF2027-1-a"
    book = Hand(export_rules(place, "2028-draft").content).book
    assert [c.value for c in book["方案条款"][1]] == ["条款编号", "方案原文"], "the plan is that of another: only read"
    assert "CF2027-1-a" in CLAUSES


# ── new deadlines

DUE: dict[str, Any] = {
    "内容": "第三次报送：总结", "由谁": "各所、局药品科", "何时": "2027年3月20日前", "方案原文": "3月20日前报送总结",
    "方案条款": "CF2027-1-b",
}  # fmt: skip


def test_a_new_row_is_a_new_deadline(place: Place, hand: Hand, tmp_path: Path) -> None:
    hand.append("行动和期限", **DUE).append(
        "行动和期限", **(DUE | {"内容": "每周一次", "何时": "每周三", "报给谁": "市局"})
    )
    hand.put("行动和期限", "deadline.weekly", 由谁="各所").put("行动和期限", "deadline.first-report", 去掉="是")
    found = taken_in(place, hand.content(), tmp_path)
    path = "rules/campaigns/2027-draft.yaml"
    assert [line.split("　")[1:] for line in difference(found) if "新增" in line] == [
        ["期限", "新增：期限 第三次报送：总结；各所；局药品科；2027年3月20日前"],
        ["期限", "新增：期限 每周一次；各所；局药品科；每周三"],
    ]
    added = load_library(place).campaigns[CAMPAIGN].value.deadlines[1:]
    assert [d.model_dump(mode="json", exclude_defaults=True) for d in added] == [
        {"id": "added-1", "title": "第三次报送：总结", "who": ["各所", "局药品科"], "quote": "3月20日前报送总结",
         "when": {"type": "days", "days": ["2027-03-20"], "before": True}, "clauses": ["CF2027-1-b"]},
        {"id": "added-2", "title": "每周一次", "who": ["各所", "局药品科"], "to": "市局", "quote": "3月20日前报送总结",
         "when": {"type": "weekly", "weekday": "周三"}, "clauses": ["CF2027-1-b"]},
    ]  # fmt: skip
    assert [n.row for n in found.notes if n.column == "added"] == ["deadline.added-1", "deadline.added-2"]
    again = imported(place, hand.content(), tmp_path)
    assert (told(again), again.notes) == ("", ())
    assert sum("已有这个期限（deadline.added-" in remark for remark in again.remarks) == 2
    before = place.file(path).read_bytes()
    later = Hand(export_rules(place, CAMPAIGN).content).put("行动和期限", "deadline.added-1", 何时="2027-03-21前")
    taken_in(place, later.content(), tmp_path)
    taken_in(place, later.put("行动和期限", "deadline.added-1", 何时="2027-03-20前").content(), tmp_path)
    assert place.file(path).read_bytes() == before


def test_the_first_deadline_of_a_campaign_that_has_none(place: Place, hand: Hand, tmp_path: Path) -> None:
    for gone in ("first-report", "weekly"):
        hand.put("行动和期限", f"deadline.{gone}", 去掉="是")
    taken_in(place, hand.append("行动和期限", **DUE).content(), tmp_path)
    assert [d.title for d in load_library(place).campaigns[CAMPAIGN].value.deadlines] == [DUE["内容"]]


def test_a_new_deadline_says_everything_at_once(place: Place, hand: Hand, tmp_path: Path) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        *(({title: None}, f"E917 新增的这一行缺少“{title}”") for title in DUE),
        ({"何时": "三月底"}, "看不出是哪一天"), ({"由谁": "各处"}, "没有 “各处”"), ({"方案条款": "CF2027-9-z"}, "没有条款 “CF2027-9-z”"),
        ({"事项": "举报电话"}, "不能新增 “举报电话”"), ({"去掉": "是"}, "新的一行不用写"),
        ({"内容": "每周报送"}, "已有 “每周报送”（deadline.weekly）"), ({"说明": "长" * 2001}, "有 2001 个字"),
    ]  # fmt: skip
    for number, (cells, _) in enumerate(wrong):
        hand.append("行动和期限", **(DUE | {"内容": f"报送 {number}"} | cells))
    found = imported(place, hand.content(), tmp_path)
    assert len(errors(found.problems)) == len(wrong), told(found)
    for problem, (_, words) in zip(found.problems, wrong, strict=True):
        assert words in problem.render()
        assert problem.mark.cell.startswith("行动和期限!")
    assert found.files == {}


def test_what_is_told_of_a_deadline_stands_at_its_row_though_one_before_it_goes(
    place: Place, hand: Hand, tmp_path: Path
) -> None:
    hand.put("行动和期限", "deadline.first-report", 去掉="是").put(
        "行动和期限", "deadline.weekly", 报给谁="待填：问区局"
    )
    hand.append("行动和期限", **(DUE | {"说明": "待填：几点"}))
    found = imported(place, hand.content(), tmp_path)
    wanted = (("deadline.weekly", "报给谁"), (DUE["内容"], "说明"))
    assert [(p.code, p.mark.cell) for p in found.problems] == [
        ("D940", f"行动和期限!{hand.cell('行动和期限', key, title).coordinate}") for key, title in wanted
    ]


# ── a clause that takes an item in, and the item that is not wanted

REMOVED = "expired-stock.removed"


def _asks_again(root: Path) -> None:
    """Let an earlier clause ask for an item that no clause of the draft asks for."""
    path = root / "rules" / "priorities" / "expired-stock.yaml"
    text = path.read_text(encoding="utf-8")
    head, tail = text.rsplit("    cases:", 1)
    path.write_text(f"{head}    clauses: [CF2026-1-a]\n    cases:{tail}", encoding="utf-8")


@pytest.mark.parametrize(
    ("sheet", "key", "out"), [("项目", REMOVED, {"store", "kiosk"}), ("各类单位", f"{REMOVED}|kiosk", {"kiosk"})]
)
def test_an_item_can_be_left_out_by_the_import_that_maps_its_clause(
    sheet: str, key: str, out: set[str], tmp_path: Path
) -> None:
    root = made_root(tmp_path / "root")
    _asks_again(root)
    (tmp_path / "layer").mkdir()
    place = Place(root, tmp_path / "layer")
    hand = Hand(exported(place))
    assert hand.cell(sheet, key, "列入本次行动").value == "否"
    hand.put("方案条款", OPEN, 与以前条款相同="CF2026-1-a")
    alone = imported(place, hand.content(), tmp_path)
    assert any("DP-04；KI-02；不要的，在那一行写明变更原因" in remark for remark in alone.remarks), alone.remarks
    assert {n.sheet for n in alone.notes} == {"clauses"}
    found = taken_in(place, hand.put(sheet, key, 变更原因="由专项另查").content(), tmp_path)
    assert any("本次行动停用　原因：由专项另查" in line for line in difference(found))
    kinds = resolve(load_library(place), CAMPAIGN).site_types
    assert {s for s, kind in kinds.items() if not any(i.rule == REMOVED and i.clauses for i in kind.items)} == out
    again = imported(place, hand.content(), tmp_path)
    assert (told(again), again.notes) == ("", ())

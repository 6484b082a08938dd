"""Proof of ease: next year's campaign from last year's by a clerk who knows Excel, with the menu and the workbook only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import ROOT, opened, sample
from support_clerk import AGAIN, BACK, CAMPAIGN, CONFIRM, RULES_FOLDER, Book, Clerk, Step, began, entry, left
from support_rule_sheets import COLD, made_root
from support_workspace import ACTING, begun

from engine.campaigns.coverage import answered
from engine.inspections.opening import evaluate, new_record
from engine.inspections.records import record_yaml
from engine.library.check import check_library
from engine.library.files import Place
from engine.library.load import Library, load_library
from engine.library.releases import check_releases, current_release
from engine.library.resolve import resolve, rules_of
from engine.model.rules import Citation, Rule
from engine.model.workspace import Inspection, RegisteredSite
from engine.problems import errors
from engine.rulebook.cases import run_cases
from engine.workspace.folder import open_workspace
from engine.workspace.kept_files import keep

FOLDER = "本单位规则"
TWICE = [("1", RULES_FOLDER), ("1", CAMPAIGN)]


def year(
    clerk: Clerk, book: str, since: str, days: tuple[str, str], typed: list[Step], check: list[Step]
) -> list[Step]:
    """Return the steps of a year: begun, looked through, exported, filled in with mistakes and without, released.

    typed: filling in with mistakes, and mending them.
    """
    new = [
        ("1", RULES_FOLDER), (book[:4], "新行动的名称"), (since, "沿用哪一次行动"), ("2026年13月20日", "哪一天开始"),
        (days[0], "不是存在的日期"), (days[1], "哪一天结束"), ("1", "今年的方案"),
    ]  # fmt: skip
    return [
        *began(),
        *entry("新的一年：从", *new),
        *entry("新的一年：还要办什么", *TWICE),
        *entry("新的一年：认可", *TWICE),
        *entry("规则写成表格", *TWICE, ("", "写到哪个文件")),
        typed[0],
        *entry("读入改好的", ("1", RULES_FOLDER), ("1", "哪个表格"), ("王芳", "您的姓名"), end=("r", AGAIN))[:-1],
        typed[1],
        ("r", AGAIN), ("", RULES_FOLDER), ("", "哪个表格"), ("y", CONFIRM), ("", BACK),
        *check,
        *entry("新的一年：还要办什么", *TWICE),
        *entry("发布", *TWICE),
        *left(),
    ]  # fmt: skip


# ── a few rules, in this process

SMALL_PLAN = """2028行动方案
一、主要任务
（一）药品。检查冷链和过期药品；检查售货亭。
（二）电源。冷藏柜要有备用电源。
二、工作要求
（一）精心组织。
（二）各所于2028年1月26日前报送。
"""


def _small_mistakes(book: Book) -> None:
    for key, kind in (("CF2028-0-a", "关于方案本身"), ("CF2028-1.2-a", "检查项目")):
        book.put("方案条款", key, 要求种类=kind)
    book.put("方案条款", "CF2028-2.1-a", 原则性要求="是")
    book.put("方案条款", "CF2028-2.2-a", 与以前条款相同="CF2027-9-a")  # no such clause
    book.put("行动和期限", "plan", 内容="某县2028年行动方案")
    book.put("行动和期限", "deadline.first-report", 何时="2028-1-32")  # no such day
    book.put("行动和期限", "deadline.weekly", 去掉="是")
    book.put("项目", "cold-chain.temperature", 上限=7)  # without a reason
    book.put("项目", "expired-stock.sample", 列入本次行动="否", 变更原因="由专项另查")
    book.append("项目", **SMALL_NEW)


def _small_mended(book: Book) -> None:
    book.put("方案条款", "CF2028-2.2-a", 与以前条款相同=None, 要求种类="期限")
    book.put("行动和期限", "deadline.first-report", 何时="2028-1-26前", 方案条款="CF2028-2.2-a")
    book.put("行动和期限", "deadline.first-report", 方案原文="各所于2028年1月26日前报送")
    book.put("项目", "cold-chain.temperature", 变更原因="方案第一条")
    book.put("依据", "cold-chain.temperature|duty|2", 条款="待核", 原文里的几个字=None)


SMALL_NEW = {
    "主题": "冷链药品储运", "检查内容": "冷藏柜有备用电源", "答案类型": "是否", "比较": "是选项之一", "问题选项": "否",
    "问题表述": "冷藏柜没有备用电源", "等级": "一般", "单位类型": "药店", "义务依据（行动期间有效的）": "药品经营质量管理规范 2016",
    "方案条款": "CF2028-1.2-a", "检查方法": "现场看", "处理建议": "责令改正",
}  # fmt: skip


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = made_root(tmp_path / "自带")
    monkeypatch.setattr("engine.library.files.data_root", lambda: root)
    (tmp_path / "办公").mkdir()
    monkeypatch.chdir(tmp_path / "办公")
    return root


def test_a_clerk_makes_a_year_of_a_few_rules(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clerk = Clerk(Path.cwd())
    Path("方案.txt").write_text(SMALL_PLAN, encoding="utf-8")
    before = _hashes(small)
    typed: list[Step] = [clerk.typed_into("规则-2028.xlsx", each) for each in (_small_mistakes, _small_mended)]
    check = entry("检查全部规则", ("1", RULES_FOLDER))
    clerk.in_this_process(year(clerk, "2028", "2027-draft", ("20271220", "20280331"), typed, check), capsys)
    library = load_library(Place(small, Path(FOLDER)))
    assert library.campaigns["2028"].value.status == "released", clerk.shown
    temperature, new = (_rule(library, name) for name in ("cold-chain.temperature", "cold-chain.dp-05"))
    assert temperature.finding_if == "any(answer, reading < 2.0 or reading > 7)"
    assert run_cases(library).problems == ()
    assert (new.check, new.clauses) == ("冷藏柜有备用电源", ("CF2028-1.2-a",))
    assert _dropped(library, "2028") == {"expired-stock.sample": "由专项另查"}
    assert {c.id: c.standing for c in answered(library, "2028")}["CF2028-2.2-a"] == "answered"
    assert _hashes(small) == before, "the package is as it was"
    assert (small / "rules/priorities/cold-chain.yaml").read_text(encoding="utf-8") == COLD
    assert sorted(clerk.messages) == ["E911", "E911", "E916", "菜单"], clerk.figures()
    assert clerk.actions < 120, clerk.figures()


def _rule(library: Library, name: str) -> Rule:
    return next(rule for _, _, rule in rules_of(library) if rule.id == name)


def _dropped(library: Library, campaign: str) -> dict[str, str]:
    return {change.rule: change.why for change in library.campaigns[campaign].value.changes if change.drop}


def _hashes(folder: Path) -> dict[str, str]:
    found = [p for name in ("rules", "checklists") for p in sorted((folder / name).rglob("*")) if p.is_file()]
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in found}

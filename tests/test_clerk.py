"""Proof of ease: next year's campaign from last year's by a clerk who knows Excel, with the menu and the workbook only."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import ROOT, opened, sample
from support_clerk import AGAIN, CAMPAIGN, CONFIRM, RULES_FOLDER, Book, Clerk, Step, began, entry, left
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
from engine.model.rules import Rule
from engine.model.workspace import Inspection, RegisteredSite
from engine.problems import errors
from engine.rulebook.cases import run_cases
from engine.workspace.folder import open_workspace
from engine.workspace.kept_files import keep

FOLDER = "本单位规则"


def year(name: str, since: str, days: tuple[str, str], typed: list[Step], check: list[Step]) -> list[Step]:
    """Return the steps of a year: begun, looked through, exported, filled in with mistakes and without, released.

    typed: filling in with mistakes, mending them, and changing words that the import asks about.
    """
    new = [
        ("1", RULES_FOLDER), (name, "新行动的名称"), (since, "沿用哪一次行动"), ("2026年13月20日", "哪一天开始"),
        (days[0], "不是存在的日期"), (days[1], "哪一天结束"), ("1", "今年的方案"),
    ]  # fmt: skip
    chosen = [("1", RULES_FOLDER), (name, CAMPAIGN)]
    return [
        *began(),
        *entry("新的一年：从", *new),
        *entry("新的一年：还要办什么", *chosen),
        *entry("新的一年：认可", *chosen),
        *entry("规则写成表格", *chosen, ("", "写到哪个文件")),
        typed[0],
        *entry("读入改好的", ("1", RULES_FOLDER), ("1", "哪个表格"), ("王芳", "您的姓名"), end=("r", AGAIN))[:-1],
        typed[1],
        ("r", AGAIN), ("", RULES_FOLDER), ("", "哪个表格"), ("", "请核对"),
        typed[2],
        *entry("读入改好的", ("1", RULES_FOLDER), ("1", "哪个表格"), ("y", CONFIRM)),
        *check,
        *entry("新的一年：还要办什么", *chosen),
        *entry("发布", *chosen),
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


def _small_reworded(book: Book) -> None:
    book.put(
        "项目",
        "cold-chain.temperature",
        检查内容="冷藏药品在 2～7 ℃ 内",
        问题表述="现场读数 {readings} ℃，不在 2～7 ℃ 内",
    )


SMALL_HANDS = (_small_mistakes, _small_mended, _small_reworded)
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
    typed: list[Step] = [clerk.typed_into("规则-2028.xlsx", each) for each in SMALL_HANDS]
    check = entry("检查全部规则", ("1", RULES_FOLDER))
    clerk.in_this_process(year("2028", "2027-draft", ("20271220", "20280331"), typed, check), capsys)
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


# ── all rules, at a terminal

PLAN = """2027“药品安全春风行动”工作方案
一、时间安排
本次行动自2026年12月20日开始，至2027年3月31日结束。
二、主要任务
（一）严格排查。突出对旅游景区、车站、码头、城乡结合部、农村等重点地区监管；严查进货渠道、贮存、销售、使用行为的合法、合规性；加强对国家集采中选药械品种的抽查检查。
（二）冷链专项。对经营冷藏药品的单位逐户核对温度记录，冷藏设备要有备用电源。
（三）阴凉贮存。阴凉处的温度按18℃掌握，堆垛离墙35厘米。
三、工作要求
（一）各单位要精心组织。
（二）各市场监管所于2027年1月29日、3月12日前填写并报送数据统计表。
"""
POWER, DEVICE = "冷藏设备有备用电源", "医疗器械冷库有不间断的供电设备"
GAPS = "温度记录没有缺失的日子"
_ITEM = {
    "主题": "冷链药品储运", "答案类型": "是否", "比较": "是选项之一", "问题选项": "否", "等级": "一般",
    "方案条款": "CF2027-2.2-a", "检查方法": "现场看", "处理建议": "责令改正", "适用范围": None,
}  # fmt: skip
NEW = (
    _ITEM | {"检查内容": POWER, "问题表述": "冷藏设备没有备用电源：{note}", "单位类型": "药品零售企业",
             "义务依据（行动期间有效的）": "药品管理法实施条例 2026｜44.1｜根据药品的包装、质量特性、温度控制要求"},
    _ITEM | {"检查内容": GAPS, "问题表述": "温度记录缺 {answer} 天", "单位类型": "药品零售企业", "答案类型": "个数",
             "比较": "大于上限", "上限": 0, "问题选项": None, "义务依据（行动期间有效的）": "药品经营质量管理规范 2016"},
    _ITEM | {"检查内容": DEVICE, "问题表述": "医疗器械冷库的供电设备{answer}", "单位类型": "医疗器械经营企业",
             "答案类型": "单选", "答案选项": "有；没有；坏了", "问题选项": "没有；坏了",
             "义务依据（行动期间有效的）": "医疗器械经营质量管理规范 2023｜44(3)｜确保制冷设备正常运转的不间断的供电设备"},
)  # fmt: skip
"""Articles and words that the rules hold as verified, or none."""
STORAGE, ZONES, DROPPED = (
    "storage-display.cool-storage",
    "storage-display.pharmacy-zones",
    "online-sales.pharmacist-shown",
)
REPLACED = {
    "storage-display.device-label-storage|duty|6": (
        "医疗器械经营质量管理规范 2023", "第七十一条第（一）项", "按照医疗器械说明书或者标签标示的贮存要求贮存"
    ),
    **{f"{key}|liability|2": ("药品管理法实施条例 2026", "待核", None) for key in (
        "decoction-production.standards", "decoction-production.labels", "key-products.festival-labels",
        "licensing.registration-mismatch",
    )},
}  # fmt: skip
"""Citations on the to-do list of 2027 (out of force, nothing beside them takes over) by what is in force then."""


def _mistakes(book: Book) -> None:
    for row in NEW:
        book.append("项目", **{title: value for title, value in row.items() if value is not None})
    book.put("项目", POWER, 单位类型="零售药店")  # has another name
    book.put("项目", STORAGE, 上限="十八度", 变更原因="方案第二（三）条", 检查内容="需阴凉保存的药品在 18 ℃ 以下")
    book.put("项目", ZONES, 下限=35)  # without a reason
    book.put("项目", DROPPED, 列入本次行动="否")  # without a reason
    for key, (law, article, proof) in REPLACED.items():
        wrong = "药品管理法实施条列 2026" if key.startswith("licensing") else law
        book.put("依据", key, 文书和版本=wrong, 条款=article, 变更原因="原依据已失效")
        book.put("依据", key, 原文里的几个字=proof)
    book.put("方案条款", "CF2027-0-a", 原则性要求="是")
    book.put("方案条款", "CF2027-1-a", 与以前条款相同="CF2024-1-a")
    book.put("方案条款", "CF2027-2.2-a", 与以前条款相同="CF2024-2.1-mm")  # no such clause
    book.put("方案条款", "CF2027-2.3-a", 与以前条款相同="CF2024-2.1-m")
    book.put("方案条款", "CF2027-3.1-a", 原则性要求="是")
    book.put("方案条款", "CF2027-3.2-a", 与以前条款相同="CF2024-3.3-a；CF2024-3.3-b")
    book.put("行动和期限", "plan", 内容="瑶海区2027“药品安全春风行动”工作方案")
    quote = "各市场监管所于2027年1月29日、3月12日前填写并报送数据统计表"
    book.put("行动和期限", "deadline.data-table-1", 何时="2027年1月29日前", 方案原文=quote, 说明=None)
    book.put("行动和期限", "deadline.data-table-2", 何时="2027年3月32日前", 方案原文=quote, 说明=None)  # no such day
    for gone in ("device-grading", "self-inspection-reports", "campaign-summary", "urgent-report"):
        book.put("行动和期限", f"deadline.{gone}", 去掉="是", 变更原因="今年的方案没有")


def _mended(book: Book) -> None:
    book.put("项目", POWER, 单位类型="药品零售企业")
    book.put("项目", STORAGE, 上限=18).put("项目", ZONES, 变更原因="方案第二（三）条")
    book.put("项目", DROPPED, 变更原因="网络销售由专项行动另查")
    book.put("依据", "licensing.registration-mismatch|liability|2", 文书和版本="药品管理法实施条例 2026")
    book.put("方案条款", "CF2027-2.2-a", 与以前条款相同="CF2024-2.1-m")
    book.put("行动和期限", "deadline.data-table-2", 何时="2027年3月12日前")


def _reworded(book: Book) -> None:
    """The import says that the words still name the old limit."""
    book.put("项目", ZONES, 检查内容="分区色标，堆垛距墙不少于 35 厘米、离地不少于 10 厘米")
    book.put("项目", ZONES, 问题表述="药品堆垛距墙 {answer} 厘米，少于 35 厘米")
    book.put("项目", STORAGE, 问题表述="阴凉柜（区）现场读数 {readings} ℃，高于 18 ℃")


def _past(folder: Path, scratch: Path) -> None:
    """Make a workspace with one sealed inspection of 2024, for what another year's rules would have found."""
    inspection = opened(sample("retail-pharmacy-2024"), scratch, Place(ROOT))
    record = record_yaml(new_record(inspection, evaluate(inspection)))
    begun(folder)
    with open_workspace(folder) as workspace:
        files = {"record": keep(workspace.files, record.encode())}
        with workspace.store.writing(action="归档", **ACTING) as writer:
            writer.put(RegisteredSite(id="S-1", name="甲药店", site_type="retail-pharmacy", unit="城东所"))
            writer.put(Inspection(id="J-1", campaign="2024", site="S-1", unit="城东所", state="final", files=files))


def _looks() -> Iterator[Step]:
    """Yield the steps that look at the year before it is issued: checked, held against 2024, tried on the past."""
    yield from entry("检查全部规则", ("1", RULES_FOLDER))
    two = [("1", RULES_FOLDER), ("2024", "原来的行动"), ("2027", "现在的行动")]
    yield from entry("比较两次行动", *two, ("1", "怎样看"))
    yield from entry("比较两次行动", *two, ("3", "怎样看"), ("", "写到哪个文件"), end=("", "送打印机"))
    yield from entry("用另一次行动", ("1", RULES_FOLDER), ("2027", CAMPAIGN), end=("", "按回车返回菜单"))


@pytest.mark.long
def test_a_clerk_makes_2027_of_2024_without_seeing_yaml(tmp_path: Path) -> None:
    clerk, before = Clerk(tmp_path / "办公"), _hashes(ROOT)
    clerk.folder.mkdir()
    (clerk.folder / "方案.txt").write_text(PLAN, encoding="utf-8")
    _past(clerk.folder / "春风2024", tmp_path)
    typed: list[Step] = [clerk.typed_into("规则-2027.xlsx", each) for each in (_mistakes, _mended, _reworded)]
    clerk.at_a_terminal(year("2027", "2024", ("20261220", "20270331"), typed, [*_looks()]))
    library, package = load_library(Place(ROOT, clerk.folder / FOLDER)), load_library(Place(ROOT))
    assert library.campaigns["2027"].value.status == "released", clerk.shown[-3000:]
    _as_wanted(library, package)
    assert (clerk.folder / "培训说明.pdf").read_bytes().startswith(b"%PDF")
    assert _hashes(ROOT) == before, "the package is as it was"
    assert sorted(clerk.messages) == ["E911"] * 4 + ["E916"] * 2 + ["E920", "菜单"], clerk.figures()
    assert clerk.actions < 200, clerk.figures()


def _as_wanted(library: Library, package: Library) -> None:
    """The year read back: items added, limits, the item left out, citations; 2024 as it was."""
    known = {rule.id for _, _, rule in rules_of(package)}
    added = {rule.check: rule for _, _, rule in rules_of(library) if rule.id not in known}
    assert added.keys() == {POWER, GAPS, DEVICE}
    assert all(rule.clauses == ("CF2027-2.2-a",) and rule.cases for rule in added.values())
    assert (_rule(library, STORAGE).finding_if, _rule(library, ZONES).finding_if) == (
        _rule(package, STORAGE).finding_if.replace("20", "18"), _rule(package, ZONES).finding_if.replace("30", "35"),
    )  # fmt: skip
    assert _dropped(library, "2027") == {DROPPED: "网络销售由专项行动另查"}
    now, was = _citations(library), _citations(package)
    gone = {(rule, cite.split("@")[0]) for rule, cite, _ in (was - now).elements()}
    assert len(REPLACED) == len([*(was - now).elements()]) == 5
    assert {(rule, cite, article) for rule, cite, article in (now - was) if rule in known} == {
        ("storage-display.device-label-storage", "device-gsp@2023", "71(1)"),
        *((rule, f"{law}@2026", None) for rule, law in gone if law == "drug-law-implementing-regulation"),
    }
    asked = {i.rule for kind in resolve(library, "2027").site_types.values() for i in kind.items if i.clauses}
    assert {rule.id for rule in added.values()} | {STORAGE, ZONES} <= asked
    assert DROPPED not in asked
    assert {c.standing for c in answered(library, "2027")} <= {"answered", "principle"}
    assert [str(d) for x in library.campaigns["2027"].value.deadlines for d in x.when.days] == [
        "2027-01-29",
        "2027-03-12",
    ]  # type: ignore[union-attr]
    assert run_cases(library).problems == ()
    assert not errors(check_library(library))
    assert [p.render() for p in check_releases(library) if p.code != "E409"] == []
    assert current_release(library.place, "2024") == current_release(package.place, "2024")


def _citations(library: Library) -> Counter[tuple[str, str, str | None]]:
    """Return rule, version and article of every citation of the rules."""
    return Counter(
        (rule.id, citation.cite, citation.article)
        for _, _, rule in rules_of(library)
        for basis in (rule.basis, *(f.basis for f in rule.further if f.basis))
        for citation in (*basis.duty, *basis.liability, *basis.power)
    )


def _rule(library: Library, name: str) -> Rule:
    return next(rule for _, _, rule in rules_of(library) if rule.id == name)


def _dropped(library: Library, campaign: str) -> dict[str, str]:
    return {change.rule: change.why for change in library.campaigns[campaign].value.changes if change.drop}


def _hashes(folder: Path) -> dict[str, str]:
    found = [p for name in ("rules", "checklists") for p in sorted((folder / name).rglob("*")) if p.is_file()]
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in found}

"""A few rules written as people write them, with comments, quotes and folded lines, and their workbook in a test's hands."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import Any

import openpyxl
from support import ROOT

from engine.library.files import Place
from engine.rule_sheets.exporting import export_rules
from engine.rule_sheets.importing import Import, read_import, write_import

CAMPAIGN = "2027-draft"
AT = "2026-11-28 10:00"
HEADER = 3

COLD = """\
# yaml-language-server: $schema=../schemas/priority.json
# 冷链：本单位自己的规则
priority: cold-chain
title: 冷链药品储运
rules:
  - id: cold-chain.temperature   # 读数
    check: 冷藏药品在 2～8 ℃ 内
    answer: {type: readings, unit: ℃, low: -50, high: 60, ask: 现场读数}
    details:
      equipment: {type: yes_no, ask: 有专用冷藏设备}
      record_high: {type: number, unit: ℃, ask: 近 30 日记录最高温度}
    applies_to:
      store: {code: DP-01, only_if: site.cold}
      kiosk:
        code: KI-01
        gsp: ['*16110']
        check: 冷藏柜在 2～8 ℃ 内   # 售货亭的说法
        clauses: [CF2027-1-b, CF2026-1-a]
    finding_if: any(answer, reading < 2.0 or reading > 8)
    finding: '现场读数 {readings} ℃，不在 2～8 ℃ 内'
    grade: major
    method: 自带温度计
    evidence: "读数照片：设备、位置"
    dispositions: [order-correction, seal-and-assess]
    basis:
      duty:
        - {cite: drug-gsp@2016, article: 161(8), proof: [冷藏药品放置在冷藏设备中]}
        - {cite: drug-administration-law@2019, article: "59.1", proof: [药品经营企业应当制定和执行药品保管制度], sites: [store]}
      liability:
        - {cite: drug-administration-law@2019, article: 126, proof: [未遵守药品生产质量管理规范、药品经营质量管理规范]}
    further:
      - id: cold-chain.no-refrigerator
        finding_if: detail.equipment = 否
        finding: 没有专用冷藏设备：{note}
        grade: critical
      # 记录的最高温度
      - id: cold-chain.recorded-high
        finding_if: >-
          answered(detail.record_high)
          and detail.record_high > 8
        finding: 近 30 日最高 {record_high} ℃：{note}
    clauses: [CF2026-1-a, CF2027-1-a]
    note: >-
      标示其他范围的设备不在这里记，
      写在备注。
    cases:
      - {answer: {answer: [2, 8], equipment: 是, record_high: 8}, finds: nothing}
      - {answer: 8.1, finds: cold-chain.temperature}
      - {answer: {answer: 5, equipment: 否}, finds: cold-chain.no-refrigerator}
      - {answer: {answer: 5, record_high: 9}, finds: cold-chain.recorded-high}
      - {finds: unknown}

  - id: cold-chain.calibration
    check: 温度计一年内校准过
    answer: {type: date, ask: 校准日期}
    applies_to:
      store: {code: DP-02}
    finding_if: answer < inspection.date - 1 year
    finding: 温度计 {answer} 校准，已超过一年
    grade: minor
    red_line: false
    method: 看校准证书
    dispositions: [order-correction]
    basis:
      duty:
        - cite: drug-gsp@2016
          article: 161(8)
          proof:
            - 冷藏药品放置在冷藏设备中
    clauses: [CF2027-1-a]
    cases:
      - {answer: 2023-01-15, finds: nothing}
      - {answer: 2023-01-14, finds: cold-chain.calibration}
"""
STOCK = """\
# yaml-language-server: $schema=../schemas/priority.json
priority: expired-stock
title: 过期药品
rules:
  - id: expired-stock.sample
    check: 抽查的药品没有过期
    answer: {type: sample, unit: 盒, ask: 过期的盒数}
    applies_to:
      store: {code: DP-03}
    finding_if: answer > 0
    finding: 抽查发现过期药品 {answer} 盒
    grade: critical
    red_line: true
    method: 看有效期
    dispositions: [seizure, case-clue]
    basis:
      duty:
        - {cite: drug-administration-law@2019, article: 98.3(5), proof: [超过有效期的药品]}
    clauses: [CF2027-1-a]
    cases:
      - {answer: {answer: 0, drawn: 5}, finds: nothing}
      - {answer: {answer: 1, drawn: 5}, finds: expired-stock.sample}
  - id: expired-stock.removed
    check: 过期药品已下架
    answer: {type: choice, options: [已下架, 未下架, 混放], ask: 过期药品怎样放}
    details:
      sold: {type: yes_no, ask: 仍在销售}
    applies_to:
      store: {code: DP-04}
      kiosk: {code: KI-02}
    finding_if: answer in [未下架, 混放]
    finding: 过期药品{answer}：{note}
    grade: major
    further:
      - id: expired-stock.sold
        finding_if: answer = 未下架 and detail.sold = 是
        finding: 过期药品仍在销售：{note}
        red_line: true
    method: 现场看
    dispositions:   # 两样
    - order-correction
    - interview
    basis:
      duty:
        - {cite: drug-administration-law@2019, article: 98.3(5), proof: [超过有效期的药品]}
    cases:
      - {answer: {answer: 已下架, sold: 否}, finds: nothing}
      - {answer: 混放, finds: expired-stock.removed}
      - {answer: {answer: 未下架, sold: 是}, finds: [expired-stock.removed, expired-stock.sold]}
"""
SITE = """\
site_type: {name}
code: {code}
title: {title}
lead: 市场监管所
identity:
  - {{id: address, label: 地址}}
attributes:
  cold: {{label: 经营冷藏药品, absent: 不经营冷藏药品}}
  rural: {{label: 在农村, absent: 不在农村, present: 在农村的不查}}
sections:
  - {{title: 检查, priorities: [cold-chain, expired-stock]}}
"""
DRAFT = """\
# yaml-language-server: $schema=../schemas/campaign.json
campaign: 2027-draft
title: 2027 行动（草案）
plan: 2027 方案
status: draft   # 还没有发布
period: {from: 2026-12-20, to: 2027-03-31}
hotline: "12315"
units:
  - {name: 各所, endings: [所]}
  - {name: 局药品科}
deadlines:   # 照方案
  - id: first-report
    title: 第一次报送
    who: [各所]
    when: {type: open, text: 待填：新方案定的日期}   # 等方案
    quote: 按时报送
    clauses: [CF2026-1-a, CF2027-1-a]
    note: 方案没有写报给谁
  - {id: weekly, title: 每周报送, who: [各所, 局药品科], to: 区局, when: {type: weekly, weekday: 周五}, quote: 每周报送, clauses: [CF2027-1-a]}
"""
CLAUSES = """\
campaign: 2027-draft
clauses:
  - {id: CF2027-1-a, quote: 检查冷链和过期药品, kind: ITEM}
  - {id: CF2027-1-b, quote: 检查售货亭, kind: ITEM}
  # 第二部分
  - id: CF2027-2-a   # 原文照抄
    quote: 检查温度记录并报告
    kind: OPEN       # 还没有看
  - id: CF2027-2-b
    quote: 高度重视
    kind: PRIN
    answered_by:     # 没有数据
      principle: true
      commands: [campaign calendar]
"""
EARLIER = 'campaign: "2026"\ntitle: 2026 行动\nplan: 2026 方案\nstatus: draft\nperiod: {from: 2026-01-01, to: 2026-03-31}\nhotline: "12315"\n'
EARLIER_CLAUSES = 'campaign: "2026"\nclauses:\n  - {id: CF2026-1-a, quote: 检查, kind: ITEM}\n  - {id: CF2026-2-a, quote: 检查温度记录, kind: DUE}\n'
LAWS = ("drug-gsp", "drug-administration-law", "drug-law-implementing-regulation")


def made_root(folder: Path) -> Path:
    """Return a folder with these few rules in the shape of the package."""
    files = {
        "rules/priorities/cold-chain.yaml": COLD, "rules/priorities/expired-stock.yaml": STOCK,
        "rules/campaigns/2027-draft.yaml": DRAFT, "rules/campaigns/2027-draft.clauses.yaml": CLAUSES,
        "rules/campaigns/2026.yaml": EARLIER, "rules/campaigns/2026.clauses.yaml": EARLIER_CLAUSES,
        "rules/escalations.yaml": "escalations: []\n",
        "checklists/store.yaml": SITE.format(name="store", code="DP", title="药店（含连锁门店）"),
        "checklists/kiosk.yaml": SITE.format(name="kiosk", code="KI", title="售货亭、自动售药机"),
    }  # fmt: skip
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "rules" / "laws").mkdir()
    for name in (*(f"{law}.yaml" for law in LAWS), "verification.json"):
        shutil.copy(ROOT / "rules" / "laws" / name, folder / "rules" / "laws" / name)
    return folder


def exported(place: Place) -> bytes:
    """Return the workbook of the campaign."""
    return export_rules(place, CAMPAIGN).content


def saved(book: Any) -> bytes:
    """Return a workbook as a program saves it."""
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


class Hand:
    """A workbook in a clerk's hands: cells found by the heading of their column and the number of their row."""

    def __init__(self, content: bytes) -> None:
        self.book: Any = openpyxl.load_workbook(io.BytesIO(content))

    def columns(self, sheet: str) -> dict[str, int]:
        """Return the columns of a sheet by their headings."""
        return {str(cell.value): cell.column for cell in self.book[sheet][HEADER] if cell.value}

    def row(self, sheet: str, key: str) -> int:
        """Return the row with this text in one of its cells."""
        for row in self.book[sheet].iter_rows(min_row=HEADER + 1):
            if any(str(cell.value) == key for cell in row):
                return int(row[0].row)
        raise AssertionError(f"{sheet}: no row {key}")

    def cell(self, sheet: str, key: str, column: str) -> Any:
        """Return a cell."""
        return self.book[sheet].cell(self.row(sheet, key), self.columns(sheet)[column])

    def put(self, sheet: str, key: str, **values: Any) -> Hand:
        """Type into cells of a row."""
        row = self.row(sheet, key)
        for column, value in values.items():
            self.book[sheet].cell(row, self.columns(sheet)[column]).value = value
        return self

    def append(self, sheet: str, **values: Any) -> Hand:
        """Type a new row under the last."""
        row = self.book[sheet].max_row + 1
        for column, value in values.items():
            self.book[sheet].cell(row, self.columns(sheet)[column]).value = value
        return self

    def content(self) -> bytes:
        """Return the workbook as it would be saved."""
        return saved(self.book)


def imported(place: Place, content: bytes, folder: Path, *, by: str = "王芳", at: str = AT) -> Import:
    """Return what a workbook would change."""
    path = folder / "规则.xlsx"
    path.write_bytes(content)
    return read_import(place, path, None, by, at)


def taken_in(place: Place, content: bytes, folder: Path) -> Import:
    """Return what a workbook changed, after it was written; fail with its problems."""
    found = imported(place, content, folder)
    assert not [p for p in found.problems if p.severity == "error"], told(found)
    write_import(place, found)
    return found


def told(found: Import) -> str:
    """Return the problems as printed."""
    return "\n".join(p.render() for p in found.problems)


def files_of(place: Place) -> dict[str, bytes]:
    """Return what the rules are made of, the layer over the package, without the change notes."""
    names = [n for f in ("rules/priorities", "rules/campaigns") for n in place.listing(f)]
    return {name: place.file(name).read_bytes() for name in names}

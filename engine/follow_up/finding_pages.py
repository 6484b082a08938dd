"""The findings as a ledger of risks (风险隐患台账): found, ordered, corrected, struck off; an .xlsx workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from engine.follow_up.finding_view import remark
from engine.follow_up.findings import ENDED, STATES, counts
from engine.model.workspace import KeptFinding
from engine.workbooks.writing import Cell, Column, Page, write_book

_TITLE = "风险隐患台账"
_COLUMNS = (
    ("序号", 5), ("问题编号", 16), ("责任单位", 14), ("单位", 22), ("发现日期", 11), ("问题", 40), ("等级", 6),
    ("责令改正日期", 11), ("通知书文号", 16), ("改正期限", 11), ("状态", 11), ("认定日期", 11),
    ("销号", 6), ("证据件数", 7), ("说明", 24),
)  # fmt: skip


def findings_workbook(findings: Sequence[KeptFinding], names: Mapping[str, str], day: date) -> bytes:
    """Return the workbook, landscape A4. names: of sites by id; day: what is overdue is told as of it."""
    found = counts(findings, day)
    told = (
        f"到 {day}：问题 {found.total} 个，已改正 {found.corrected}，未改正转线索 {found.not_corrected}，"
        f"暂不追究 {found.waived}（另列），逾期 {found.overdue}，反弹 {found.recurred}"
    )
    width = len(_COLUMNS) - 1
    rows = [
        (Cell(_TITLE, "title"), *[Cell(None, "words")] * width),
        (Cell(told, "words"), *[Cell(None, "words")] * width),
        tuple(Cell(head, "header") for head, _ in _COLUMNS),
    ]
    rows += [_row(number, f, names, day) for number, f in enumerate(findings, 1)]
    page = Page(_TITLE, tuple(Column(w) for _, w in _COLUMNS), tuple(rows), 3, kept_columns=2, landscape=True)
    lists = Page("取值", (Column(10),), ((Cell("", "words"),),), hidden=True)
    return write_book((page, lists), _TITLE, _TITLE, day)


def _row(number: int, finding: KeptFinding, names: Mapping[str, str], day: date) -> tuple[Cell, ...]:
    short = (
        str(finding.found), finding.sentence, finding.grade.label, _day(finding.ordered), finding.notice,
        _day(finding.due), STATES[finding.state], _day(finding.settled), "是" if finding.state in ENDED else "否",
        str(len(finding.evidence)), remark(finding, day),
    )  # fmt: skip
    head = (str(number), finding.id, finding.unit, names.get(finding.site, finding.site))
    return tuple(Cell(text) for text in (*head, *short))


def _day(day: date | None) -> str:
    return str(day) if day else ""

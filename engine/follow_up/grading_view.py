"""The list of levels as text, JSON and an .xlsx workbook; its warning stands on every page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from engine.follow_up.grading import Firm, changes
from engine.model.grading import GradingFile

TITLE = "医疗器械经营企业初步分级名单"
HEADS = (
    "序号", "企业名称", "统一社会信用代码", "许可、备案编号", "经营方式", "上年级别", "本年初步级别",
    "定级依据（条款和事实）", "人工调整及理由", "责任单位",
)  # fmt: skip
WIDTHS = (5, 26, 20, 18, 9, 9, 11, 46, 26, 16)


class GradingList(NamedTuple):
    """Everything that is printed of a year's list."""

    file: GradingFile
    year: int
    authority: str
    listed: Sequence[Firm]
    counts: dict[str, int]
    warning: str
    """初步、依据待核."""
    confirmed: str
    """Who confirmed the table and when; empty: nobody."""
    open: tuple[str, ...]
    """Why it cannot be filed yet."""
    modes: dict[str, str]
    """经营方式 by site."""
    day: date

    @property
    def sums(self) -> str:
        """The counts of the levels and their sum."""
        parts = "，".join(f"{level} {number}" for level, number in self.counts.items())
        return f"合计 {len(self.listed)} 户：{parts}"

    @property
    def notes(self) -> list[str]:
        """What is said of the rule table."""
        file = self.file
        notes = [f"规则表：{file.title}（{file.dated} 起用），{self.confirmed or '还没有人确认，不能报送'}"]
        if file.unverified:
            notes.append(f"规则表 {len(file.rows)} 行中 {len(file.unverified)} 行的依据没有见到原文，待核")
        if file.frequency:
            doubt = f"（{file.frequency_claimed}，未见原文，待核）" if file.frequency_claimed else ""
            notes.append(f"检查频次{doubt}：" + "；".join(f"{level} {text}" for level, text in file.frequency.items()))
        return [*notes, *([file.note] if file.note else [])]


def row_of(number: int, firm: Firm, modes: dict[str, str]) -> tuple[str, ...]:
    """Return the cells of a firm."""
    identity = firm.site.identity
    values = firm.entry.values
    by_hand = ""
    if values.get("adjusted"):
        by_hand = f"调整为{values['adjusted']}：{values['adjusted_why']}（{values['adjusted_by']}）"
    elif firm.lacking:
        by_hand = f"待定：资料不全，{firm.lacking}"
    numbers = "、".join(identity[name] for name in ("licence", "filing") if identity.get(name))
    return (
        str(number), firm.site.name, firm.site.credit_code, numbers, modes.get(firm.site.id, ""), firm.before,
        firm.proposed, str(values["reasons"]), by_hand, firm.site.unit,
    )  # fmt: skip


def grading_text(found: GradingList) -> Iterator[str]:
    """Yield the list for the screen."""
    yield f"{found.year} 年度{TITLE}【{found.warning}】"
    for number, firm in enumerate(found.listed, 1):
        cells = row_of(number, firm, found.modes)
        before = f"上年{firm.before}，" if firm.before else ""
        yield f"{number}　{firm.site.id}　{cells[1]}　{firm.level}（{before}初步{firm.proposed}）　{cells[9]}"
        yield f"    {cells[7]}"
        if cells[8]:
            yield f"    {cells[8]}"
    yield found.sums
    yield from found.notes
    yield from (f"注意：{text}" for text in found.open)


def changes_text(found: GradingList) -> Iterator[str]:
    """Yield the list of changes against last year."""
    listed = changes(found.file, found.listed)
    yield f"{found.year} 年度分级变动表【{found.warning}】"
    for each in listed:
        firm = each.firm
        yield f"{each.direction}　{firm.site.name}　{firm.before or '—'} → {firm.level}　{firm.site.unit}"
    kinds = sorted({each.direction for each in listed})
    counts = "，".join(f"{kind} {sum(each.direction == kind for each in listed)}" for kind in kinds)
    yield f"变动 {len(listed)} 户{f'：{counts}' if counts else ''}；不变 {len(found.listed) - len(listed)} 户"


def grading_json(found: GradingList) -> dict[str, object]:
    """Return the list as JSON."""
    return {
        "kind": "grading", "schema": 1, "year": found.year, "table": found.file.grading, "warning": found.warning,
        "confirmed": found.confirmed, "counts": found.counts, "total": len(found.listed), "open": list(found.open),
        "firms": [
            {
                "site": f.site.id, "name": f.site.name, "unit": f.site.unit, "before": f.before, "proposed": f.proposed,
                "level": f.level, "entry": f.entry.id, "reasons": f.entry.values["reasons"], "lacking": f.lacking,
                "adjusted_why": f.entry.values.get("adjusted_why", ""),
                "adjusted_by": f.entry.values.get("adjusted_by", ""),
            }
            for f in found.listed
        ],
        "changes": [{"site": c.firm.site.id, "direction": c.direction, "before": c.firm.before, "level": c.firm.level}
                    for c in changes(found.file, found.listed)],
    }  # fmt: skip


def grading_workbook(found: GradingList) -> bytes:
    """Return the list and the changes as an .xlsx workbook; the warning stands above both and at every page's foot."""
    from engine.workbooks.writing import Cell, Column, Page, write_book  # openpyxl is loaded when it is needed

    width = len(HEADS) - 1
    top = [
        (Cell(f"{found.year} 年度{TITLE}", "title"), *[Cell(None, "words")] * width),
        (Cell(f"【{found.warning}】{found.sums}", "words"), *[Cell(None, "words")] * width),
        tuple(Cell(head, "header") for head in HEADS),
    ]
    rows = [tuple(Cell(text) for text in row_of(n, firm, found.modes)) for n, firm in enumerate(found.listed, 1)]
    notes = [(Cell(text, "words"), *[Cell(None, "words")] * width) for text in (*found.notes, *found.open)]
    listed = Page("分级名单", tuple(map(Column, WIDTHS)), (*top, *rows, *notes), 3, kept_columns=2, landscape=True)
    heads = ("变动", "企业名称", "上年级别", "本年级别", "责任单位")
    changed = [
        tuple(Cell(text) for text in (c.direction, c.firm.site.name, c.firm.before, c.firm.level, c.firm.site.unit))
        for c in changes(found.file, found.listed)
    ]
    second = Page(
        "变动表", tuple(map(Column, (10, 36, 12, 12, 24))),
        ((Cell(f"{found.year} 年度分级变动表", "title"), *[Cell(None, "words")] * 4),
         (Cell(f"【{found.warning}】", "words"), *[Cell(None, "words")] * 4),
         tuple(Cell(head, "header") for head in heads), *changed), 3,
    )  # fmt: skip
    lists = Page("取值", (Column(10),), ((Cell("", "words"),),), hidden=True)
    return write_book((listed, second, lists), TITLE, f"{TITLE}【{found.warning}】", found.day)


def grading_pdf(found: GradingList) -> bytes:
    """Return the list as an A4 landscape PDF to sign. Raises ProblemError for characters that no font has."""
    from engine.documents.html import render_html, stylesheet
    from engine.documents.pdf import render_pdf

    changed = changes(found.file, found.listed)
    context: dict[str, object] = {
        "title": f"{found.year} 年度{TITLE}", "authority": found.authority, "warning": found.warning,
        "sums": found.sums,
        "heads": HEADS, "rows": [row_of(n, firm, found.modes) for n, firm in enumerate(found.listed, 1)],
        "notes": found.notes, "open": found.open, "day": str(found.day),
        "changes": [
            (c.direction, c.firm.site.name, c.firm.before or "—", c.firm.level, c.firm.site.unit) for c in changed
        ],
    }  # fmt: skip
    return render_pdf(render_html("device-grading", context), stylesheet("device-grading"), {})

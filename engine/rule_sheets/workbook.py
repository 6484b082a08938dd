"""The workbook of a campaign's rules, written: sheets to change, sheets to look up, one with the notes, help."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date

from engine.campaigns.mapping import earlier_clauses
from engine.model.rule_changes import RuleChange
from engine.rule_sheets.columns import BASE_TITLE, CLAUSES, SHEETS, Column, SheetKind
from engine.rule_sheets.entries import Entry
from engine.rule_sheets.state import State, digests
from engine.rule_sheets.words import ANSWER_TYPES, DISPOSITIONS, SIDE_WORDS, YES
from engine.workbooks.writing import Cell, Check, Page, write_book
from engine.workbooks.writing import Column as PageColumn

MARKER = "chunfeng-rules"
HIDDEN = "程序用"
NOTES, LAWS, HELP = "变更记录", "法规", "填写说明"
_TOP = "黄色的格子可以改，其余是给人看的。改完原样保存为 .xlsx，再用 chunfeng rules import 导入：先列出改动，不直接写。"


def write_rules(state: State, notes: Iterable[RuleChange], day: date) -> bytes:
    """Return the workbook (.xlsx) of the rules. day: the date the file says it was made."""
    title = f"{state.library.campaigns[state.campaign].value.title}规则"
    lists = _lists(state)
    shown = [sheet for sheet in SHEETS if state.rows[sheet.key] or not sheet.optional]
    pages = [_sheet(sheet, state, title, lists) for sheet in shown]
    pages += [] if CLAUSES in shown else [_clauses(state)]
    pages += [_laws(state), _notes(notes), _help()]
    hidden = Page(
        HIDDEN, (PageColumn(20), PageColumn(20), PageColumn(20)),
        ((Cell(MARKER), Cell(state.campaign), Cell(export_id(state))),), hidden=True,
    )  # fmt: skip
    return write_book((*pages, hidden), title, title, day)


def export_id(state: State) -> str:
    """Return what names this content of the cells that may be changed: twelve digits. Two equal exports have one."""
    found = hashlib.sha256(state.campaign.encode())
    for sheet in SHEETS:
        for key, entry in state.rows[sheet.key].items():
            found.update(f"{sheet.key} {key} {digests(sheet, entry.cells)}\n".encode())
    return found.hexdigest()[:12]


def _lists(state: State) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the words to choose from in columns whose words are those of the rules."""
    labels = sorted({label for site in state.library.site_types for label in state.labels([site])})
    scope = tuple(word for label in labels for word in (f"“{label}”", f"非“{label}”"))
    sites, laws = tuple(state.sites.known), tuple(state.laws.known)
    found = {
        ("citations", "law"): laws,
        ("citations", "sites"): sites,
        ("items", "priority"): tuple(state.priorities.known),
    }
    found |= {(sheet.key, "scope"): scope for sheet in SHEETS} | {("items", "sites"): sites}
    earlier = tuple(id_ for id_ in earlier_clauses(state.library, state.campaign))
    found |= {("clauses", "same_as"): earlier, ("campaign", "who"): state.units}
    found |= {(sheet.key, "dispositions"): tuple(DISPOSITIONS.known) for sheet in SHEETS}
    return found | {(sheet.key, "clauses"): tuple(state.clauses) for sheet in SHEETS if state.clauses}


def _sheet(sheet: SheetKind, state: State, title: str, lists: dict[tuple[str, str], tuple[str, ...]]) -> Page:
    rows: list[tuple[Cell, ...]] = [
        (Cell(f"{title}　{sheet.title}", "title"),),
        (Cell(f"{sheet.help}{_TOP}", "words"),),
        (
            *(Cell(column.title, "header") for column in sheet.columns),
            Cell(sheet.key_title, "header"), Cell(BASE_TITLE, "header"),
        ),
    ]  # fmt: skip
    checks = {c.key: _check(sheet, c, lists) for c in sheet.columns}
    for key, entry in state.rows[sheet.key].items():
        rows.append(
            (
                *(_cell(column, entry, checks[column.key]) for column in sheet.columns),
                Cell(key), Cell(digests(sheet, entry.cells)),
            )
        )  # fmt: skip
    below = {
        c.key: Cell(None, "text", checks[c.key]) if sheet.open_rows and _open_below(c) else None for c in sheet.columns
    }
    columns = [PageColumn(column.width, below=below[column.key]) for column in sheet.columns]
    key_below = Cell(None, "text") if sheet.open_rows else None
    columns += [PageColumn(24, below=key_below), PageColumn(6, hidden=True)]
    last = len(rows) + sheet.open_rows
    return Page(sheet.title, tuple(columns), tuple(rows), 3, 1, landscape=True, last_open=last)


def _open_below(column: Column) -> bool:
    return column.kind != "fixed" or column.new


def _cell(column: Column, entry: Entry, check: Check | None) -> Cell:
    value = entry.cells.get(column.key, "") or None
    if column.kind == "fixed" or column.key in entry.special:
        return Cell(value, "label")
    return Cell(value, "text", check)


def _check(sheet: SheetKind, column: Column, lists: dict[tuple[str, str], tuple[str, ...]]) -> Check | None:
    words = lists.get((sheet.key, column.key)) or column.words
    if not words:
        return None
    strict = column.key in ("grade", "red_line", "op", "drop", "side")
    return Check("list", words, title=column.title, message=column.help or "请从列表里选", strict=strict)


def _clauses(state: State) -> Page:
    rows = [(Cell(id_, "short"), Cell(quote)) for id_, quote in state.clauses.items()]
    return _look_up(CLAUSES.title, (CLAUSES.key_title, "方案原文"), (18, 110), rows)


def _laws(state: State) -> Page:
    rows = []
    words = {cite: word for word, cite in state.laws.known.items()}
    for name, loaded in sorted(state.library.instruments.items()):
        for version in loaded.value.versions:
            cite = f"{name}@{version.version}"
            rows.append(
                (
                    Cell(words[cite]), Cell(version.edition or ""), Cell(version.start.isoformat(), "short"),
                    Cell(version.end.isoformat() if version.end else "现行", "short"),
                    Cell(version.articles if version.articles is not None else "没有全文", "short"),
                    Cell(loaded.value.issuer), Cell(cite),
                )
            )  # fmt: skip
    heads = ("文书和版本", "修正", "施行", "失效（不含当日）", "条数", "制定机关", "编号")
    return _look_up(LAWS, heads, (44, 16, 12, 16, 9, 24, 36), rows)


def _notes(notes: Iterable[RuleChange]) -> Page:
    heads = ("何时", "由谁", "印刷编号", "栏目", "原来", "改为", "变更原因", "编号")
    rows = [tuple(Cell(text) for text in (n.at, n.by, n.item, n.what, n.old, n.new, n.reason, n.row)) for n in notes]
    return _look_up(NOTES, heads, (16, 10, 12, 14, 40, 40, 30, 40), rows)


def _help() -> Page:
    rows = []
    for sheet in SHEETS:
        rows.append((Cell(sheet.title, "section"), Cell(sheet.help, "section"), Cell("", "section")))
        for column in sheet.columns:
            can = "新增时填" if column.new else "只看" if column.kind == "fixed" else "可改"
            rows.append((Cell(column.title), Cell(column.help), Cell(can, "short")))
    rows.append((Cell("用词", "section"), Cell("", "section"), Cell("", "section")))
    for title, words in (
        ("处理建议", DISPOSITIONS.known), ("答案类型", ANSWER_TYPES.known), ("依据的用途", SIDE_WORDS.known),
    ):  # fmt: skip
        rows.append((Cell(title), Cell("；".join(words)), Cell("", "short")))
    for title, text in _HOW:
        rows.append((Cell(title), Cell(text), Cell("", "short")))
    return _look_up(HELP, ("栏目", "怎样填", ""), (24, 100, 10), rows)


_HOW = (
    ("新增项目", "在“项目”页最后的空行填：规则编号空着，主题、检查内容、答案类型、比较和限值（或问题选项）、问题表述、"
               "等级、单位类型、义务依据、检查方法、处理建议都要填。程序取印刷编号，写好用例。"),
    ("新增期限", "在“行动和期限”页最后的空行填：事项编号空着，内容、由谁、何时、方案原文、方案条款都要填，报给谁、"
               "说明可空。程序取事项编号。"),
    ("停用项目", f"把“列入本次行动”由“{YES}”改为“否”，写明变更原因。删掉一行不算停用，程序只当没有改。"),
    ("换依据", "在“依据”页找到那一行，改文书、条款和原文里的几个字；没有核对过的打印为待核。"),
    ("灰色的格子", "是特殊条件或者程序算出来的，改了也不会写进去，导入时会说明。"),
)  # fmt: skip


def _look_up(title: str, heads: tuple[str, ...], widths: tuple[float, ...], rows: Sequence[tuple[Cell, ...]]) -> Page:
    header = tuple(Cell(head, "header") for head in heads)
    return Page(title, tuple(PageColumn(w) for w in widths), (header, *rows), 1, landscape=True)

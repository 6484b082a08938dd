"""What a ledger filled in as a workbook or CSV comes back with: one row an entry, every mistake by its cell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from engine.follow_up.lines import Line, column_named, key_of, key_words, unknown_column, values_of
from engine.inspections.cells import Cell as Typed
from engine.inspections.cells import header_key, typed_text
from engine.model.ledgers import LedgerFile
from engine.problems import Mark, Problem, problem
from engine.workbooks.table import Row, Table, Unusable, Value

MAX_LINES = 5000
"""Rows of one file, the header among them."""
HEADER_WITHIN = 10
"""The header is looked for in so many rows: a title may stand above it."""
IGNORED = ("序号", "备注", "作废")
ID, UNIT, INSPECTION, FINDING = "编号", "责任单位", "检查编号", "问题编号"
_OWN = {header_key(name): name for name in (ID, UNIT, INSPECTION, FINDING)}


class _Header(NamedTuple):
    columns: dict[str, int]
    """Numbers from 1 by name of column, or by ID, UNIT …"""
    titled: frozenset[int]
    body: tuple[Row, ...]


def read_ledger(table: Table, ledger: LedgerFile, unit: str = "") -> tuple[list[Line], list[Problem]]:
    """Return the lines in a sheet, or every mistake in it by its cell: one mistake and there are no lines.

    unit: of the rows that name none.
    """
    header, problems = _header(table, ledger)
    if header is None:
        return [], problems
    lines = []
    for row in header.body:
        if all(value is None or number not in set(header.columns.values()) for number, value in _numbered(row)):
            problems += _stray(table, row, header)
            continue
        line, found = _line(table, row, header, ledger, unit)
        problems += [*_stray(table, row, header), *found]
        lines.append(line)
    problems += _doubles(lines, ledger)
    if not lines and not problems:
        problems.append(problem("E888", Mark(table.path), what=ledger.title, reason="没有一行内容",
                                todo="表头之下每行写一条"))  # fmt: skip
    return ([], problems) if problems else (lines, [])


def _numbered(row: Row) -> Iterator[tuple[int, Value]]:
    yield from enumerate(row.cells, 1)


def _header(table: Table, ledger: LedgerFile) -> tuple[_Header | None, list[Problem]]:
    wanted = ledger.columns[ledger.date].label
    for index, row in enumerate(table.rows[:HEADER_WITHIN]):
        titles = [(n, v.strip()) for n, v in _numbered(row) if isinstance(v, str) and v.strip()]
        if any(column_named(ledger, title) == ledger.date for _, title in titles):
            return _known(table, row, titles, ledger, table.rows[index + 1 :])
    todo = f"表头一行写各栏名称：{'、'.join(c.label for c in ledger.columns.values())}；空白表用 ledger blank 生成"
    return None, [problem("E887", Mark(table.path), title=ledger.title, rows=HEADER_WITHIN, header=wanted, todo=todo)]


def _known(
    table: Table, row: Row, titles: list[tuple[int, str]], ledger: LedgerFile, body: tuple[Row, ...]
) -> tuple[_Header, list[Problem]]:
    columns: dict[str, int] = {}
    problems = []
    passed = {header_key(name) for name in (*IGNORED, *(each.label for each in ledger.elapsed))}
    for number, title in titles:
        name = column_named(ledger, title) or _OWN.get(header_key(title))
        mark = table.mark(row.number, number)
        if name is None and header_key(title) not in passed:
            problems.append(unknown_column(ledger, title, mark))
        elif name in columns:
            before = table.mark(row.number, columns[name]).cell
            problems.append(problem("E881", mark, header="表头", reason=f"与 {before} 重复", text=title,
                                    todo="请只保留一栏"))  # fmt: skip
        elif name is not None:
            columns[name] = number
    for name, column in ledger.columns.items():
        if column.required and name not in columns:
            problems.append(problem("E882", table.mark(row.number), title=ledger.title, header=f"表头“{column.label}”",
                                    todo="这一栏必须有；空白表用 ledger blank 生成"))  # fmt: skip
    return _Header(columns, frozenset(number for number, _ in titles), body), problems


def _line(table: Table, row: Row, header: _Header, ledger: LedgerFile, unit: str) -> tuple[Line, list[Problem]]:
    def value(name: str) -> Value:
        number = header.columns.get(name, 0)
        return row.cells[number - 1] if 0 < number <= len(row.cells) else None

    def mark_of(name: str) -> Mark:
        return table.mark(row.number, header.columns.get(name, 0))

    values, problems = values_of(ledger, {name: value(name) for name in ledger.columns}, mark_of)
    own: dict[str, str] = {}
    for name in _OWN.values():
        read = typed_text(Typed(name, value(name), mark_of(name)))
        if read.reason:
            problems.append(problem("E881", mark_of(name), header=name, reason=read.reason, text=value(name),
                                    todo=read.todo))  # fmt: skip
        own[name] = read.text
    if not (own[UNIT] or unit):
        problems.append(problem("E882", mark_of(UNIT), title=ledger.title, header=UNIT,
                                todo="请填写，或在命令行用 --unit 写明"))  # fmt: skip
    marks = {name: mark_of(name) for name in (*ledger.columns, *_OWN.values())}
    line = Line(values, own[UNIT] or unit, table.mark(row.number), own[ID], own[INSPECTION], own[FINDING], marks)
    return line, problems


def _stray(table: Table, row: Row, header: _Header) -> Iterator[Problem]:
    for number, value in _numbered(row):
        if value is not None and number not in header.titled:
            shown = value.text if isinstance(value, Unusable) else value
            yield problem("E881", table.mark(row.number, number), header="没有表头的栏", reason="有内容", text=shown,
                          todo="请在表头写明这一栏是什么，或删去内容")  # fmt: skip


def _doubles(lines: list[Line], ledger: LedgerFile) -> Iterator[Problem]:
    """Yield the rows that are the same entry twice: the same id, or the same key."""
    ids: dict[str, Line] = {}
    keys: dict[tuple[str, ...], Line] = {}
    for line in lines:
        if line.id and ids.setdefault(line.id, line) is not line:
            yield problem("E885", line.marks[ID], title=ledger.title, key=line.id, other=ids[line.id].mark.cell,
                          columns=ID)  # fmt: skip
        key = key_of(ledger, line.unit, line.values)
        if key is not None and keys.setdefault(key, line) is not line:
            yield problem("E885", line.mark, title=ledger.title, key=" ".join(key), other=keys[key].mark.cell,
                          columns=key_words(ledger))  # fmt: skip

"""What a workbook came back with, as fields by name: columns moved, rows sorted and sheets added do not matter.

Every sheet that belongs to the checklist has a hidden row of keys that names its columns, and a hidden column that
names its rows. What these say is held against what is seen, so that an answer is never taken for another question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from engine.answering.forms import MAX_ROW, Given
from engine.answering.lines import MARKER, Line, columns_of, head_of, items_of, site_and_visit, table_name
from engine.answering.questions import Table, tables
from engine.answering.typed import plain, tidy, typed
from engine.model.checklist import Checklist
from engine.problems import Mark, Problem, problem
from engine.workbooks.table import Book, Row, Sheet, Unusable, Value, cell_name, serial_clock, serial_day
from engine.workbooks.table import Table as Cells

KEY = "chunfeng."
"""Every hidden name of a column begins so."""
NO_FIELD = "-"
"""In the place of a field: a row that only says something."""
VISIT_SHEET = "单位和检查"
_KNOWN = ("code", "grade", "check", "how", "answer", "note", "field", "number")
_AGAIN = "请用 checklist 命令重新生成空白表，把答案抄过去"


class _Keyed(NamedTuple):
    """A sheet with the places of its columns, from 0, and the number of the row that names them."""

    sheet: Sheet
    columns: Mapping[str, int]
    row: int

    @property
    def cells(self) -> Cells:
        return self.sheet.table

    @property
    def table(self) -> str | None:
        """Name of the table whose rows it holds; None: it holds questions."""
        return next((key.removeprefix("table.") for key in self.columns if key.startswith("table.")), None)

    def value(self, row: Row, key: str) -> Value:
        place = self.columns.get(key)
        return row.cells[place] if place is not None and place < len(row.cells) else None

    def text(self, row: Row, key: str) -> str:
        value = self.value(row, key)
        return tidy(value) if isinstance(value, str) else "" if value is None else str(value)

    def mark(self, row: Row, key: str) -> Mark:
        return self.cells.mark(row.number, self.columns.get(key, -1) + 1)


def head_in(book: Book) -> str:
    """Return the head that the workbook carries, empty if it has none or has lost a part of it."""
    for sheet in book.sheets:
        cells = [cell for row in sheet.table.rows for cell in row.cells]
        if MARKER in cells:
            return head_of(cells)
    return ""


def fields_in(book: Book, checklist: Checklist, shown: str) -> tuple[dict[str, Given], list[Problem]]:
    """Return what was filled in by name of field (engine.answering.forms), and everything out of its place."""
    reader = _Reader(book, checklist, shown)
    for sheet in book.sheets:
        reader.sheet(sheet)
    reader.missing()
    return reader.given, reader.problems


class _Reader:
    def __init__(self, book: Book, checklist: Checklist, shown: str) -> None:
        self._book, self._checklist, self._shown = book, checklist, shown
        self._visit = {line.name: line for part in site_and_visit(checklist) for line in part.lines}
        self._lines = self._visit | {line.name: line for part in items_of(checklist) for line in part.lines}
        self._tables = {table.name: table for table in tables(checklist)}
        self._seen: dict[str, str] = {}
        """Fields of questions and tables, and where each was found."""
        self._copied: set[str] = set()
        self.given: dict[str, Given] = {}
        self.problems: list[Problem] = []

    def sheet(self, sheet: Sheet) -> None:
        keyed = self._keyed(sheet)
        if keyed is None:
            return
        if sheet.cut is not None:
            self.problems.append(sheet.cut)
        self._beside(sheet)
        if keyed.table is not None:
            self._rows(keyed, keyed.table)
        elif self._is_copy(keyed):
            self._complain("E645", Mark(self._shown, cell=sheet.table.sheet), f"工作表“{sheet.table.sheet}”",
                           "是另一张工作表的副本，看不出哪一张作数", "请删去其中一张")  # fmt: skip
        else:
            for row in keyed.cells.rows:
                if row.number != keyed.row:
                    self._question(keyed, row)

    def _beside(self, sheet: Sheet) -> None:
        """Complain of what lies over the cells: it is not read, and would be lost."""
        for cell, text in dict.fromkeys(sheet.beside):
            mark = Mark(self._shown, cell=f"{sheet.table.sheet}!{cell}" if cell else sheet.table.sheet)
            if cell:
                what, hint = f"批注：“{text[:60]}”", "请把内容写进结果、备注或其他问题，再删去批注"
            else:
                what = "图片、文本框或图形"
                hint = "照片请另存为文件，生成记录后用 record attach 列为证据；文字请写进备注；再从表里删去"
            self.problems.append(problem("E665", mark, hint=hint, what=what))

    def missing(self) -> None:
        """Complain of the questions and tables that no sheet has."""
        lost = [line for name, line in self._lines.items() if name not in self._seen]
        visit = [line for line in lost if line.name in self._visit]
        items = [line for line in lost if line.name not in self._visit]
        for what, lines in ((f"工作表“{VISIT_SHEET}”", visit), ("检查表", items)):
            if lines:
                names = "、".join(dict.fromkeys(line.code or line.title for line in lines))
                self._complain("E645", Mark(self._shown), what, f"少了 {len(lines)} 行：{names}", _AGAIN)
        for name, table in self._tables.items():
            if f"{name}." not in self._seen:
                what = f"工作表“{table_name(table)}”"
                self._complain("E645", Mark(self._shown), what, "没有了", _AGAIN)

    def _complain(self, code: str, mark: Mark, what: str, reason: str, todo: str, text: str = "") -> None:
        self.problems.append(problem(code, mark, what=what, reason=reason, todo=todo, text=text))

    def _keyed(self, sheet: Sheet) -> _Keyed | None:
        """Return the sheet with its columns; None if it is none of ours."""
        for row in sheet.table.rows:
            keys = {n: c[len(KEY) :] for n, c in enumerate(row.cells) if isinstance(c, str) and c.startswith(KEY)}
            if not keys:
                continue
            twice = [n for n, key in keys.items() if list(keys.values()).index(key) != list(keys).index(n)]
            for place in twice:
                mark = sheet.table.mark(row.number, place + 1)
                self._complain("E645", mark, "这一栏", "与另一栏重复，看不出哪一栏作数", "请删去其中一栏")
            columns = {key: place for place, key in keys.items() if place not in twice}
            keyed = _Keyed(sheet, columns, row.number)
            lost = self._lost_columns(keyed)
            if lost:
                mark = Mark(self._shown, row.number, cell=sheet.table.sheet)
                self._complain("E645", mark, f"工作表“{sheet.table.sheet}”", f"少了栏目：{'、'.join(lost)}", _AGAIN)
            return keyed if keyed.table is not None or "field" in columns else None
        return None

    def _lost_columns(self, keyed: _Keyed) -> list[str]:
        table = self._tables.get(keyed.table or "")
        if table is not None:
            return [line.title for name, line in columns_of(table).items() if f"column.{name}" not in keyed.columns]
        needed = {"check": "检查内容", "answer": "结果", "field": "隐藏的定位栏"}
        if "code" in keyed.columns or "grade" in keyed.columns:
            needed |= {"code": "编号", "note": "备注"}
        return [name for key, name in needed.items() if key not in keyed.columns] if keyed.table is None else []

    def _is_copy(self, keyed: _Keyed) -> bool:
        names = [keyed.text(row, "field") for row in keyed.cells.rows if row.number != keyed.row]
        known = [name for name in names if name in self._lines]
        again = [name for name in known if name in self._seen]
        return len(known) > 1 and len(again) == len(known)

    def _question(self, keyed: _Keyed, row: Row) -> None:
        """Take what was answered in a row."""
        name = keyed.text(row, "field")
        if name == NO_FIELD:
            return
        line = self._lines.get(name)
        filled = [key for key in ("answer", "note") if keyed.value(row, key) is not None]
        if line is None:
            for key in filled:
                reason = "这一行没有了隐藏的定位内容，看不出是哪一项" if not name else f"检查表里没有这一行（{name}）"
                self._complain("E645", keyed.mark(row, key), self._named(keyed, row), reason, _AGAIN)
            return
        here = cell_name(row.number, 0, keyed.cells.sheet)
        if name in self._seen:
            what, reason = f"{line.code} {line.title}".strip(), f"与 {self._seen[name]} 重复，看不出哪一行作数"
            self._complain("E645", keyed.mark(row, "answer"), what, reason, "请删去其中一行")
            return
        self._seen[name] = here
        if not self._same_words(keyed, row, line):
            return
        self._take(keyed, row, "answer", name, line)
        if line.note:
            self._take(keyed, row, "note", line.note, None)
        self._stray(keyed, row, () if line.note else ("note",))

    def _named(self, keyed: _Keyed, row: Row) -> str:
        return " ".join(text for text in (keyed.text(row, "code"), keyed.text(row, "check")) if text) or "这一行"

    def _same_words(self, keyed: _Keyed, row: Row, line: Line) -> bool:
        """Return whether the row says what its field asks; only a part of the columns may have been sorted."""
        for key, expected in (("code", line.code), ("check", line.title)):
            if key in keyed.columns and plain(keyed.text(row, key)) != plain(expected):
                what = f"{line.code} {line.title}".strip()
                reason = "这一行的文字和隐藏的定位内容对不上，可能只有一部分栏目排了序、移了行"
                todo = "请撤销排序或移动，恢复原样再填"
                self._complain("E645", keyed.mark(row, key), what, reason, todo)
                return False
        return True

    def _take(self, keyed: _Keyed, row: Row, key: str, name: str, line: Line | None) -> None:
        value = self._as_typed(keyed.value(row, key), line)
        known = line.known if line is not None else ""
        if value is not None and not (isinstance(value, str) and known and tidy(value) == tidy(known)):
            self.given[name] = Given(value, keyed.mark(row, key))

    def _as_typed(self, value: Value, line: Line | None) -> Value:
        if line is not None and line.kind == "day":
            return serial_day(value, self._book)
        return serial_clock(value) if line is not None and line.kind == "clock" else value

    def _stray(self, keyed: _Keyed, row: Row, locked: Sequence[str]) -> None:
        """Complain of what stands where nothing is read."""
        used = {place for key, place in keyed.columns.items() if key not in locked}
        for place, value in enumerate(row.cells):
            if value is not None and place not in used:
                shown = value.text if isinstance(value, Unusable) else str(value)
                mark = keyed.cells.mark(row.number, place + 1)
                todo = "请移到结果、备注或工作表末尾的其他问题；不要的请清空"
                self._complain("E646", mark, "", "", todo, shown)

    def _rows(self, keyed: _Keyed, name: str) -> None:
        """Take the rows of a table. Those that are copied or have no number follow the others in their order."""
        table = self._tables.get(name)
        if table is None or f"{name}." in self._seen:
            reason = "检查表里没有这张表" if table is None else "是另一张工作表的副本，看不出哪一张作数"
            mark = Mark(self._shown, cell=keyed.cells.sheet)
            self._complain("E645", mark, f"工作表“{keyed.cells.sheet}”", reason, "请删去这张工作表")
            return
        self._seen[f"{name}."] = keyed.cells.sheet
        begun = self._checklist.prefilled.get(name, ())
        lines = columns_of(table)
        numbered: dict[int, Row] = {}
        others: list[Row] = []
        for row in keyed.cells.rows:
            field = keyed.text(row, f"table.{name}")
            if row.number == keyed.row or field == NO_FIELD:
                continue
            number = int(field) if field.isascii() and field.isdigit() and len(field) < 4 else 0
            if not number or (number in numbered and number > len(begun)):
                others.append(row)
            elif number in numbered:
                reason = f"程序写好的第 {number} 行有两份（另一份在第 {numbered[number].number} 行）"
                self._complain("E645", keyed.mark(row, ""), table.title, reason, "请删去多出的一行，另用空白行填写")
            else:
                numbered[number] = row
        self._begun(keyed, table, numbered, lines)
        last = max((*numbered, len(begun), 0))
        for number, row in [*sorted(numbered.items()), *enumerate(others, last + 1)]:
            own = begun[number - 1] if number <= len(begun) else {}
            filled = [c for c in lines if c not in own and keyed.value(row, f"column.{c}") is not None]
            for column in filled:
                self._take(keyed, row, f"column.{column}", f"{name}.{number}.{column}", lines[column])
            self._stray(keyed, row, ())
            if filled and number > MAX_ROW:
                self._complain("E645", keyed.mark(row, ""), table.title, f"超过 {MAX_ROW} 行", "请分成几份答卷")

    def _begun(self, keyed: _Keyed, table: Table, numbered: Mapping[int, Row], lines: Mapping[str, Line]) -> None:
        """Complain of rows that the program began and somebody removed or changed."""
        for number, own in enumerate(self._checklist.prefilled.get(table.name, ()), 1):
            row = numbered.get(number)
            if row is None:
                mark = Mark(self._shown, cell=keyed.cells.sheet)
                self._complain("E645", mark, table.title, f"程序写好的第 {number} 行没有了", _AGAIN)
                continue
            for column, expected in own.items():
                value = self._as_typed(keyed.value(row, f"column.{column}"), lines.get(column))
                if column in lines and typed(table.columns[column], value).value != expected:
                    what = f"{table.title} 第 {number} 行“{lines[column].title}”"
                    reason = f"是程序写好的（{expected}），现在是"
                    shown = keyed.text(row, f"column.{column}")
                    self._complain("E647", keyed.mark(row, f"column.{column}"), what, reason, "请恢复原样", shown)

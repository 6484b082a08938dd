"""The checklist as CSV, one row a field, and what comes back."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping

from engine.answering.forms import Given, fill
from engine.answering.head import Opener
from engine.answering.lines import (
    MARKER,
    Line,
    columns_of,
    head_of,
    head_pieces,
    items_of,
    site_and_visit,
    spare_rows,
    table_name,
    told_where,
)
from engine.answering.questions import tables
from engine.answering.typed import plain, tidy
from engine.model.checklist import Checklist
from engine.model.sheet import Source
from engine.problems import Mark, Problem, problem
from engine.source import Written
from engine.workbooks.delimited import read_lines
from engine.workbooks.table import MAX_BYTES as _MAX_BYTES
from engine.workbooks.table import Limits, Unusable, Value, cell_name

SUFFIXES = (".csv",)
MAX_BYTES = _MAX_BYTES
LIMITS = Limits(rows=20_000, columns=200, cell=32_767)
HEADINGS = ("字段", "编号", "内容", "填写要求", "答案")
_END = "结束"
_HELP = (
    "只在“答案”一栏填写；没有检查的不填，不涉及的填 不适用。"
    "表里的行不够，就照着字段名另加几行，只改其中的行号。用表格软件打开时先把“答案”一栏设成文本格式，证号、批号才不会变样"
)
_FORMULA = re.compile(r"[=+\-@\t\r]")
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?E\+[0-9]{2,3}")
_ERROR = re.compile(r"#(NAME\?|VALUE!|REF!|DIV/0!|N/A|NUM!|NULL!)")
_FIRST = re.compile(rf'\s*"?{MARKER}"?([,;\t，；])')
_BOMS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_AGAIN = "请用 checklist 命令重新生成空白表，把答案抄过去"


def write_checklist(checklist: Checklist) -> bytes:
    """Return the blank checklist as CSV in UTF-8 with its mark, so that Excel and WPS show Chinese.

    A text that a spreadsheet would compute is written behind an apostrophe.
    """
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow([MARKER, *head_pieces(checklist)])
    writer.writerow(["", "", _HELP, "", ""])
    writer.writerow(HEADINGS)
    for line in _lines(checklist):
        how = "；".join(text for text in (line.method, line.how, _choice(line)) if text)
        writer.writerow([_guarded(text) for text in (line.name, line.code, line.title, how, line.known)])
    writer.writerow([_END, "", "请保留这一行", "", ""])
    return codecs.BOM_UTF8 + target.getvalue().encode()


def _choice(line: Line) -> str:
    """Return the words to choose from, in words; of a choice of several they stand in how it is answered."""
    return f"填 {' 或 '.join(line.words)}" if len(line.words) > 1 and line.kind == "words" else ""


def _lines(checklist: Checklist) -> Iterator[Line]:
    """Yield every field as a line of its own: also notes, and the cells of the tables."""
    for part in site_and_visit(checklist):
        for line in part.lines:
            yield line._replace(title=f"{part.title}：{line.title}")
    for part in items_of(checklist):
        for line in part.lines:
            where = told_where(line, f"后面的“{table_name(line.table)}”各行") if line.table is not None else ""
            yield line._replace(how="；".join(text for text in (line.how, where) if text))
            if line.note:
                yield Line(line.note, "备注", code=line.code)
    for table in tables(checklist):
        begun = checklist.prefilled.get(table.name, ())
        code = table.item.code if table.item is not None else ""
        for number in range(1, len(begun) + spare_rows(checklist, table) + 1):
            row = begun[number - 1] if number <= len(begun) else {}
            told = f"（{'，'.join(str(row[c]) for c in table.columns if c in row)}）" if row else ""
            for column, line in columns_of(table).items():
                if column not in row:
                    title = f"{table_name(table)} 第 {number} 行{told} {line.title}"
                    yield line._replace(name=f"{table.name}.{number}.{column}", title=title, code=code, table=table)


def _guarded(text: str) -> str:
    """Return a text behind an apostrophe if a spreadsheet would take it for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def recognises(content: bytes) -> bool:
    """Return whether the first cell is the marker of an answer sheet, in UTF-8, UTF-16 with its mark or GB18030."""
    mark = next((bom for bom in _BOMS if content.startswith(bom)), b"")
    encodings = (_BOMS[mark],) if mark else ("utf-8", "gb18030")
    start = content[len(mark) : 200]
    return any(_begins(start, encoding) for encoding in encodings)


def _begins(start: bytes, encoding: str) -> bool:
    return _FIRST.match(codecs.getincrementaldecoder(encoding)("replace").decode(start)) is not None


def _delimiter(text: str) -> str:
    found = _FIRST.match(text)
    return found[1] if found is not None else ","


def read_sheet(content: bytes, shown: str, source: Source, open_head: Opener) -> tuple[Written | None, list[Problem]]:
    """Return the answers in a CSV file that write_checklist() began and people filled in, and every mistake in it.

    Commas, semicolons or tabs. Rows may be sorted and columns moved. A number that a spreadsheet has shortened
    (1.1E+17) is refused.
    """
    rows, problems = read_lines(content, shown, LIMITS, _delimiter)
    if problems:
        return None, problems
    checklist, problems = open_head(head_of(cell.strip() for cell in rows[0][1]), Mark(shown, 1, cell=cell_name(1, 0)))
    if checklist is None:
        return None, problems
    columns: dict[str, int] = {}
    for number, (_, cells) in enumerate(rows):
        names = [cell.strip() for cell in cells]
        if HEADINGS[0] in names and HEADINGS[-1] in names:
            columns = {name: names.index(name) for name in HEADINGS if name in names}
            del rows[: number + 1]
            break
    lost = [name for name in HEADINGS if name not in columns]
    if lost:
        reason = f"少了栏目：{'、'.join(lost)}"
        return None, [problem("E645", Mark(shown), what="表头", reason=reason, todo=_AGAIN)]
    given, problems = _Reader(checklist, columns, shown).read(rows)
    document, found = fill(checklist, given, shown, source)
    return document, [*problems, *found]


class _Reader:
    def __init__(self, checklist: Checklist, columns: Mapping[str, int], shown: str) -> None:
        self._columns, self._shown = columns, shown
        self._lines = {line.name: line for line in _lines(checklist)}
        self._seen: dict[str, int] = {}
        self._given: dict[str, Given] = {}
        self._problems: list[Problem] = []

    def read(self, rows: list[tuple[int, list[str]]]) -> tuple[dict[str, Given], list[Problem]]:
        """Return what was filled in by name of field, and every row out of its place."""
        for number, cells in rows:
            self._row(number, cells)
        lost = [line for name, line in self._lines.items() if name not in self._seen and not _in_rows(line)]
        if lost or _END not in self._seen:
            names = "、".join(dict.fromkeys(line.code or line.title for line in lost)) or "最后的“结束”"
            reason = f"少了 {len(lost) or 1} 行：{names}；文件可能不完整"
            self._problems.append(problem("E645", Mark(self._shown), what="检查表", reason=reason, todo=_AGAIN))
        return self._given, self._problems

    def _row(self, number: int, cells: list[str]) -> None:
        name, code, title, _, answer = (self._cell(cells, heading) for heading in HEADINGS)
        mark = self._mark(number, "答案")
        used = set(self._columns.values())
        for place, cell in enumerate(cells):
            if cell.strip() and place not in used:
                todo = "请移到答案、备注或其他问题；不要的请清空"
                at = Mark(self._shown, number, place + 1, cell=cell_name(number, place + 1))
                self._problems.append(problem("E646", at, text=cell.strip(), todo=todo))
        if not name or name in self._seen:
            reason = f"与第 {self._seen[name]} 行重复" if name else "字段一栏是空的，看不出是哪一项"
            if name or answer:
                what = f"{code} {title}".strip() or "这一行"
                self._problems.append(problem("E645", mark, what=what, reason=reason, todo="请恢复原样，或删去这一行"))
            return
        self._seen[name] = number
        line = self._lines.get(name)
        if line is not None and (plain(code), plain(title)) != (plain(line.code), plain(_guarded(line.title))):
            reason = "这一行的编号、内容和字段对不上：可能只有一部分栏目排了序，或者另存时有的字变成了问号"
            what = f"{line.code} {line.title}".strip()
            todo = "请恢复原样再填；另存时选 CSV UTF-8"
            self._problems.append(problem("E645", self._mark(number, "内容"), what=what, reason=reason, todo=todo))
        elif answer and not (line is not None and line.known and answer == tidy(_guarded(line.known))):
            self._take(name, line, answer, mark)

    def _take(self, name: str, line: Line | None, answer: str, mark: Mark) -> None:
        if _SCIENTIFIC.fullmatch(answer):
            what = f"{line.code} {line.title}".strip() if line is not None else name
            reason = "表格软件把长数字改短了，末几位已经丢失"
            todo = "请先把“答案”一栏设成文本格式，再照原件重新填写"
            self._problems.append(problem("E643", mark, name=what, reason=reason, text=answer, todo=todo))
            return
        value: Value = Unusable(answer, False) if _ERROR.fullmatch(answer) else answer
        self._given[name] = Given(value, mark)

    def _cell(self, cells: list[str], heading: str) -> str:
        place = self._columns[heading]
        return tidy(cells[place]) if place < len(cells) else ""

    def _mark(self, number: int, heading: str) -> Mark:
        place = self._columns[heading] + 1
        return Mark(self._shown, number, place, cell=cell_name(number, place))


def _in_rows(line: Line) -> bool:
    """Return whether a line is a cell of a table: its rows may be removed and added."""
    return line.table is not None and line.name.startswith(f"{line.table.name}.") and line.name.count(".") >= 2

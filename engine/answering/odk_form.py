"""A checklist as an ODK form: its rows as XLSForm has them, and which field each node of a submission fills.

The name of a node is the name of its field (engine.answering.questions). Rows of a table are repeats: TABLE.rows with
nodes TABLE.row.COLUMN; those that the program has begun stand before them one by one, as TABLE.N.COLUMN.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from typing import NamedTuple

from engine.answering.head import head_text
from engine.answering.lines import Line, Part, columns_of, items_of, site_and_visit, told_where
from engine.answering.questions import NOTHING_FOUND, Table, detail_questions, item_question, tables
from engine.inspections.answers import MAX_TEXT, NOT_APPLICABLE
from engine.model.checklist import Checklist
from engine.model.questions import Photo, YesNo
from engine.model.sheet import LONGEST_TEXT, MAX_SHORT

HEAD = "chunfeng.head"
"""Node that nobody sees: the head of the checklist (engine.answering.head) in base64, which needs no quotes."""
ID_PREFIX = "chunfeng-"
_PLAIN = re.compile(r"[^\s'\"‘’“”$&<>\x00-\x1f]{1,60}")
"""Words that may stand in a submission and in an expression as they are; pyxform makes straight quotes of others."""
_UNNAMED = re.compile(r"[^\w（）()·-]")
"""What a name loses where it stands in an expression."""
_TYPES = {"number": "decimal", "whole": "integer", "day": "date", "clock": "time", "text": "text"}


_SHRUNK = "max-pixels=1600"
"""What a phone makes of a photograph: enough to read a label, a tenth of the size."""


class Row(NamedTuple):
    """One row of the sheet “survey”, by the names of its columns."""

    type: str
    name: str = ""
    label: str = ""
    hint: str = ""
    relevant: str = ""
    constraint: str = ""
    constraint_message: str = ""
    calculation: str = ""
    appearance: str = ""
    parameters: str = ""


class Node(NamedTuple):
    """A node of a submission: the field that it fills, how, and the words of its choices by their values."""

    field: str
    title: str
    kind: str
    words: dict[str, str]


class Repeat(NamedTuple):
    """Rows of a table: the number of the first, and the columns by the names of their nodes."""

    table: str
    title: str
    first: int
    columns: dict[str, Node]


class OdkForm(NamedTuple):
    """What an XLSForm says, and what reads its submissions."""

    id: str
    version: str
    title: str
    instance_name: str
    survey: tuple[Row, ...]
    choices: tuple[tuple[str, str, str], ...]
    """Name of the list, value, label."""
    nodes: dict[str, Node]
    repeats: dict[str, Repeat]


def odk_form(checklist: Checklist) -> OdkForm:
    """Return the form of a checklist; the same checklist gives the same form."""
    builder = _Builder(checklist)
    builder.build()
    head = head_text(checklist)
    digest = hashlib.sha256(head.encode()).hexdigest()
    name = checklist.site.name
    named = f"'{_UNNAMED.sub('', name)}'" if name else "${site.name}"
    return OdkForm(
        f"{ID_PREFIX}{checklist.campaign}-{checklist.site_type}-{checklist.id}",
        f"{checklist.lock[:12]}-{digest[:8]}",
        f"{checklist.type.title.split('（')[0]}检查表　{checklist.campaign_title}",
        f"concat({named}, ' ', ${{visit.date}})",
        tuple(builder.rows), tuple(builder.choices), builder.nodes, builder.repeats,
    )  # fmt: skip


def written_head(checklist: Checklist) -> str:
    """Return the head as it stands in the form."""
    return base64.urlsafe_b64encode(head_text(checklist).encode()).decode()


def read_head(text: str) -> str:
    """Return the head from its node; an empty text if it is none."""
    try:
        return base64.b64decode("".join(text.split()), altchars=b"-_", validate=True).decode()
    except ValueError:
        return ""


def value_of(word: str, number: int) -> str:
    """Return the value of a choice: its word, or its number among the choices if ODK could not take the word."""
    return word if _PLAIN.fullmatch(word) else f"option{number}"


class _Builder:
    def __init__(self, checklist: Checklist) -> None:
        self.checklist = checklist
        self.rows: list[Row] = []
        self.choices: list[tuple[str, str, str]] = []
        self.nodes: dict[str, Node] = {}
        self.repeats: dict[str, Repeat] = {}
        self._lists: dict[tuple[str, ...], str] = {}
        self._photos = set(_photos(checklist))
        self._judged = {e.item.code for e in checklist.items() if isinstance(e.item.answer, YesNo)}

    def build(self) -> None:
        checklist = self.checklist
        self.rows.append(Row("calculate", HEAD, calculation=f"'{written_head(checklist)}'"))
        first = [part for part in site_and_visit(checklist) if part.lines]
        *items, others = items_of(checklist)
        for number, part in enumerate(first, 1):
            self._group(f"group.{number}", part.title, [self._row(line) for line in self._announced(part)])
        for number, part in enumerate(items, len(first) + 1):
            self.rows.append(Row("begin_group", f"group.{number}", _safe(part.title)))
            for lines in _by_item(part):
                self._item(lines)
            self.rows.append(Row("end_group"))
        for table in tables(checklist):
            if table.item is None:
                self._table(table, "")
        self._group(f"group.{len(first) + len(items) + 1}", others.title, [self._row(line) for line in others.lines])

    def _group(self, name: str, title: str, rows: list[Row], relevant: str = "") -> None:
        begin = Row("begin_group", name, _safe(title), relevant=relevant, appearance="field-list")
        self.rows += [begin, *rows, Row("end_group")]

    def _announced(self, part: Part) -> Iterator[Line]:
        """Yield the lines of a part; the people of an announced authority are asked in one line, as on paper."""
        for line in part.lines:
            kind, _, rest = line.name.removeprefix("visit.").partition(".")
            number = int(rest.split(".")[0]) if kind == "joint" else 0
            if not 0 < number <= len(self.checklist.joint):
                yield line
            elif line.name.endswith(".unit"):
                how = "写成 张三（证号）、李四（证号）"
                yield Line(f"visit.joint.{number}", f"{line.known}人员及证号", how=how)

    def _item(self, lines: list[Line]) -> None:
        """Add an item as one screen: its answer, 不适用, details, note. Its rows come on screens of their own."""
        first, *details = lines
        code = first.code
        if first.table is not None:
            where = told_where(first, f"后面的“{first.table.title}”")
            first = first._replace(method=f"{first.method}\n{where}".strip())
        absent = f"{code}.not_applicable"
        answered = f"not(selected(${{{absent}}}, '{NOT_APPLICABLE}'))"
        rows: list[Row] = []
        if first.kind in ("words", "several") and first.name != absent:
            answered = f"not(selected(${{{first.name}}}, '{NOT_APPLICABLE}'))"
            rows.append(self._row(first))
        else:
            if first.name != absent:
                rows.append(self._row(first._replace(words=()), relevant=answered))
            alone = Line(absent, NOT_APPLICABLE, "several", words=(NOT_APPLICABLE,))
            rows.append(self._row(alone if rows else alone._replace(title=first.title, method=first.method)))
        for line in details:
            only_if_not = line.kind == "several" and code in self._judged
            rows.append(self._row(line, relevant=f"${{{first.name}}} = '否'" if only_if_not else answered))
        rows.append(self._row(Line(f"{code}.note", "备注")))
        grade = first.grade.replace("\n", "、")
        self._group(f"item.{code}", f"{code}〔{grade}〕", rows)
        if first.table is not None and first.table.item is not None:
            found = [word for word in first.words if word not in (NOTHING_FOUND, NOT_APPLICABLE)]
            self._table(first.table, f"${{{first.name}}} = '{value_of(found[0], 2)}'" if found else answered)

    def _table(self, table: Table, relevant: str) -> None:
        """Add the rows that the program has begun, each as a screen, then a repeat for more."""
        begun = self.checklist.prefilled.get(table.name, ())
        columns = columns_of(table)
        for number, row in enumerate(begun, 1):
            said = "　".join(f"{columns[c].title} {v}" for c, v in ((c, row[c]) for c in columns if c in row))
            rows = [
                self._row(line._replace(name=f"{table.name}.{number}.{column}"), photo=self._is_photo(table, column))
                for column, line in columns.items()
                if column not in row
            ]
            if rows:
                self._group(f"group.{table.name}.{number}", f"{table.title} 第 {number} 行：{said}", rows, relevant)
        name = f"{table.name}.rows"
        hint = "一行一处，没有就不加" if begun or table.item is not None else "一行一处"
        self.rows.append(Row("begin_repeat", name, _safe(f"{table.title}（{hint}）"), relevant=relevant))
        inside: dict[str, Node] = {}
        screen = f"group.{table.name}"
        self.rows.append(Row("begin_group", screen, _safe(table.title), appearance="field-list"))
        for column, line in columns.items():
            node = f"{table.name}.row.{column}"
            self.rows.append(self._row(line._replace(name=node), photo=self._is_photo(table, column)))
            inside[node] = self.nodes.pop(node)._replace(field=column)
        self.rows += [Row("end_group"), Row("end_repeat")]
        self.repeats[name] = Repeat(table.name, table.title, len(begun) + 1, inside)

    def _is_photo(self, table: Table, column: str) -> bool:
        return isinstance(table.columns[column], Photo)

    def _row(self, line: Line, *, relevant: str = "", photo: bool = False) -> Row:
        """Return the row of a question and note which field its node fills."""
        kind, words = line.kind, line.words
        name = "image" if photo or line.name in self._photos else _TYPES.get(kind, "")
        if kind in ("words", "several"):
            name = f"{'select_one' if kind == 'words' else 'select_multiple'} {self._list(words)}"
        values = {value_of(word, n): word for n, word in enumerate(words, 1)}
        self.nodes[line.name] = Node(line.name, f"{line.code} {line.title}".strip(), kind, values)
        how = "" if kind in ("several", "day") and not line.name.startswith("visit.") else line.how
        known = f"已知：{line.known}；有变化才填" if line.known else ""
        hint = "\n".join(text for text in (known, line.method, how) if text)
        constraint, message = _constraint(line) if name != "image" else ("", "")
        shrunk = _SHRUNK if name == "image" else ""
        return Row(name, line.name, _safe(line.title), _safe(hint), relevant, constraint, message, parameters=shrunk)

    def _list(self, words: tuple[str, ...]) -> str:
        if words not in self._lists:
            name = self._lists[words] = f"list{len(self._lists) + 1}"
            self.choices += [(name, value_of(word, n), _safe(word)) for n, word in enumerate(words, 1)]
        return self._lists[words]


def _by_item(part: Part) -> Iterator[list[Line]]:
    """Yield the lines of each item: its own, then its details."""
    lines: list[Line] = []
    for line in part.lines:
        if lines and line.note:
            yield lines
            lines = []
        lines.append(line)
    if lines:
        yield lines


def _photos(checklist: Checklist) -> Iterator[str]:
    """Yield the names of the fields beside items that are answered by a photograph."""
    for item in (entry.item for entry in checklist.items()):
        own = item_question(item)
        yield from (q.name for q in [*([own] if own else []), *detail_questions(item)] if isinstance(q.spec, Photo))


def _constraint(line: Line) -> tuple[str, str]:
    """Return what an answer has to satisfy, and what is said in Chinese if it does not."""
    if line.kind == "whole":
        return ". >= 0", "请填不小于 0 的整数"
    if line.kind == "number":
        low, high = (
            f"{bound:.9f}".rstrip("0").rstrip(".") if bound is not None else "" for bound in (line.low, line.high)
        )
        parts = [*([f". >= {low}"] if low else []), *([f". <= {high}"] if high else [])]
        between = f"{low} 到 {high} 之间" if low and high else f"不小于 {low}" if low else f"不大于 {high}"
        return " and ".join(
            parts
        ), f"数字应{'在 ' if low and high else ''}{between}，请核对单位和小数点" if parts else ""
    if line.kind == "text":
        most = _longest(line.name)
        return f"string-length(.) <= {most}", f"最多 {most} 字，请缩短或分开写"
    return "", ""


def _longest(name: str) -> int:
    """Return how many characters the answer sheet takes in a field of text."""
    if name.endswith(".note") or name.startswith("other.") or name == "visit.statement":
        return LONGEST_TEXT
    return MAX_SHORT if name.startswith(("site.", "visit.")) else MAX_TEXT


def _safe(text: str) -> str:
    """Return a text in which ODK finds no name of a question."""
    return text.replace("${", "＄{")

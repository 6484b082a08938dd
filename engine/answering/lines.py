"""A checklist line by line, one question each, as forms with rows ask it: who the site is, the visit, the items."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Literal, NamedTuple, TypeAlias

from engine.answering.head import head_text
from engine.answering.questions import (
    PEOPLE,
    VISIT_TEXTS,
    Table,
    detail_questions,
    item_question,
    rows_question,
    site_questions,
    tables,
    visit_choices,
)
from engine.inspections.answers import NOT_APPLICABLE
from engine.model.checklist import Checklist
from engine.model.questions import (
    AnswerSpec,
    Choice,
    Choices,
    Count,
    DateQuestion,
    Number,
    Readings,
    Rows,
    Sample,
    YesNo,
)
from engine.model.release import ReleaseItem

MARKER = "春风答卷"
"""Stands before the head in a form with rows."""
MAX_PIECE = 30_000
"""Characters of one piece of a head: a cell of a spreadsheet takes 32,767."""
ROOM = {"inspectors": 4, "present": 3, "joint": 2}
"""Lines for so many people; for those of joint authorities beside the announced ones."""
OTHERS = 3
"""Lines for what the list does not ask."""
_PIECE = re.compile(r"(\d{1,3})/(\d{1,3}):(.*)", re.DOTALL)

Kind: TypeAlias = Literal["words", "several", "number", "whole", "day", "clock", "text"]
"""How an answer is typed: one of some words, several of them, a number, a whole one, a day, a time, a text."""


class Line(NamedTuple):
    """One question with the name of its field."""

    name: str
    title: str
    kind: Kind = "text"
    how: str = ""
    """How it is answered, in words."""
    words: tuple[str, ...] = ()
    """The words to choose from; beside a number or a day, those that may stand in its place."""
    known: str = ""
    """What the program knows already and people may correct."""
    code: str = ""
    grade: str = ""
    method: str = ""
    note: str = ""
    """Name of the field for a note; empty: none."""
    table: Table | None = None
    """Where the answer is written row by row."""
    low: float | None = None
    high: float | None = None


class Part(NamedTuple):
    """Lines under one heading."""

    title: str
    lines: tuple[Line, ...]


def line_of(name: str, title: str, spec: AnswerSpec, beside: tuple[str, ...] = (), known: str = "") -> Line:
    """Return the line of a question. beside: words that may stand in the place of an answer, such as 不适用."""
    words = beside
    low: float | None = None
    high: float | None = None
    match spec:
        case YesNo():
            kind, words, how = "words", ("是", "否", *beside), ""
        case Choice(options=options):
            kind, words, how = "words", (*options, *beside), ""
        case Choices(options=options):
            kind, words = "several", (*options, *beside)
            how = f"可选几个，中间用；隔开：{'；'.join(options)}"
        case Number():
            kind, how, low, high = "number", f"填数字（{spec.unit}）", spec.low, spec.high
        case Count(unit=unit) | Sample(unit=unit):
            kind, how, low = "whole", f"填整数（{unit}）", 0
        case DateQuestion():
            kind, how = "day", "填日期，如 2024-1-31"
        case _:
            kind, words, how = "text", (), ""
    if beside and how:
        how += f"，或 {'、'.join(beside)}"
    return Line(name, title, kind, how, words, known, low=low, high=high)  # type: ignore[arg-type]  # the kinds above


def items_of(checklist: Checklist) -> tuple[Part, ...]:
    """Return the items under the headings of the list, each with its details beneath it, then the other problems."""
    own = {table.item.code: table for table in tables(checklist) if table.item is not None}
    shared = {table.name: table for table in tables(checklist) if table.item is None}
    found = []
    for section in checklist.sections:
        lines: list[Line] = []
        for item in (entry.item for entry in section.items):
            lines += _item(item, own.get(item.code) or shared.get(item.grid or ""))
        found.append(Part(section.title, tuple(lines)))
    others = tuple(Line(f"other.{n}", f"表上没有列出的问题 {n}", how="照实写") for n in range(1, OTHERS + 1))
    return (*found, Part("其他问题", others))


def _item(item: ReleaseItem, table: Table | None) -> list[Line]:
    ask = "" if table is not None else item.answer.ask or ""
    title = f"{item.check}\n问：{ask}" if ask else item.check
    question = item_question(item) or rows_question(item)
    if question is not None:
        line = line_of(question.name, title, question.spec, (NOT_APPLICABLE,))
    else:
        line = Line(f"{item.code}.not_applicable", title, "words", "", (NOT_APPLICABLE,))
    grade = item.grade.label + ("\n红线" if any(f.red_line for f in item.findings) else "")
    line = line._replace(
        code=item.code, grade=grade, method=item.method, note=f"{item.code}.note", table=table
    )  # fmt: skip
    return [line, *(line_of(q.name, q.title, q.spec)._replace(code=item.code) for q in detail_questions(item))]


def told_where(line: Line, place: str) -> str:
    """Return in words that the answer of a line is written row by row at a place; empty if it is not."""
    if line.table is None:
        return ""
    if line.name.endswith(".not_applicable"):
        return f"逐行填在{place}；不涉及的才在这里填 {NOT_APPLICABLE}"
    return f"有发现的，逐行填在{place}"


def site_and_visit(checklist: Checklist) -> tuple[Part, ...]:
    """Return the lines of the site and of the visit: when and where, who came and who was there, what was said."""
    site = checklist.site
    known = {"site.name": site.name} | {f"site.identity.{key}": text for key, text in site.identity.items()}
    who = [line_of(q.name, q.title, q.spec, known=known.get(q.name, "")) for q in site_questions(checklist)]
    return (
        Part("被检查单位", tuple(_with_hint(line) for line in who)),
        Part("检查时间和事由", tuple(_visit(checklist))),
        Part("检查人员", tuple(_people("inspectors", ROOM["inspectors"]))),
        Part("联合检查人员", tuple(_joint(checklist))),
        Part("在场人员", (*_people("present", ROOM["present"]), *_witness())),
    )


def _with_hint(line: Line) -> Line:
    return line._replace(how="不清楚的不填") if line.name.startswith("site.attributes.") else line


def _visit(checklist: Checklist) -> Iterable[Line]:
    yield Line("visit.date", "检查日期", "day", f"填日期；不填就是 {checklist.date.isoformat()}")
    chosen = visit_choices()
    for name, title in VISIT_TEXTS.items():
        kind: Kind = "clock" if name in ("start", "end") else "text"
        yield Line(f"visit.{name}", title, kind, "填时间，如 9:05" if kind == "clock" else "")
        if name == "place":
            yield Line("visit.category", chosen["category"][0], "words", words=chosen["category"][1])
        if name == "recorder":
            for choice in ("certificates_shown", "recusal"):
                yield Line(f"visit.{choice}", chosen[choice][0], "words", words=chosen[choice][1])


def _people(group: str, room: int) -> Iterable[Line]:
    for number in range(1, room + 1):
        for part, title in PEOPLE[group].items():
            yield Line(f"visit.{group}.{number}.{part}", f"{title} {number}")


def _joint(checklist: Checklist) -> Iterable[Line]:
    for line in _people("joint", len(checklist.joint) + ROOM["joint"]):
        number = int(line.name.split(".")[2])
        unit = checklist.joint[number - 1] if number <= len(checklist.joint) else ""
        yield line._replace(known=unit) if line.name.endswith(".unit") else line


def _witness() -> Iterable[Line]:
    for part, title in PEOPLE["present"].items():
        yield Line(f"visit.witness.{part}", f"见证人{title.removeprefix('在场人员')}")


def columns_of(table: Table) -> dict[str, Line]:
    """Return the columns of a table, each as the line of a cell."""
    return {column: line_of(column, spec.ask or column, spec) for column, spec in table.columns.items()}


def spare_rows(checklist: Checklist, table: Table) -> int:
    """Return how many rows to leave blank beneath those that the program began."""
    spec = table.item.answer if table.item is not None else checklist.grids[table.name].answer
    begun = len(checklist.prefilled.get(table.name, ()))
    room = spec.blank_rows if isinstance(spec, (Rows, Readings)) else 0
    return max(room - begun, 2 if begun else 0)


def table_name(table: Table) -> str:
    """Return the short name that a table goes by in a form: YD-08 问题清单, YD-14 读数, 重点品种抽查追溯表."""
    if table.item is not None and isinstance(table.item.answer, Readings):
        return f"{table.item.code} 读数"
    return re.sub(r"[\[\]:*?/\\']", " ", table.title)[:31].strip()


def head_pieces(checklist: Checklist) -> list[str]:
    """Return the head of a sheet in pieces for cells: numbered, in ASCII, so that no program changes it."""
    text = json.dumps(json.loads(head_text(checklist)), ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    pieces = [text[at : at + MAX_PIECE] for at in range(0, len(text), MAX_PIECE)]
    return [f"{number}/{len(pieces)}:{piece}" for number, piece in enumerate(pieces, 1)]


def head_of(cells: Iterable[object]) -> str:
    """Return the text of a head from its pieces among the cells, as head_text() has it; empty if one is missing."""
    found: dict[int, str] = {}
    total = 0
    for cell in cells:
        piece = _PIECE.fullmatch(cell) if isinstance(cell, str) else None
        if piece is not None:
            found.setdefault(int(piece[1]), piece[3])
            total = max(total, int(piece[2]))
    if not total or set(found) != set(range(1, total + 1)):
        return ""
    try:
        data = json.loads("".join(found[number] for number in sorted(found)))
    except (ValueError, RecursionError):
        return ""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

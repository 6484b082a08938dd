"""What the offline form asks, as data for its page, and the titles of its fields for messages.

The page shows and asks; it decides nothing. What it holds against limits while somebody types are the same bounds that
the reading of answers has (engine.inspections.answers).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from pydantic import JsonValue

from engine.answering.forms import MAX_ROW
from engine.answering.questions import (
    PEOPLE,
    VISIT_TEXTS,
    Question,
    Table,
    detail_questions,
    item_question,
    rows_question,
    site_questions,
    tables,
    visit_choices,
)
from engine.expressions.nodes import And, Condition, Flag, Not, Or
from engine.expressions.parse import parse
from engine.expressions.say import show
from engine.inspections.answers import MAX_LABEL, MAX_TEXT, NOT_APPLICABLE
from engine.model.checklist import Checklist, ChecklistItem
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
from engine.model.sheet import LONGEST_TEXT, MAX_OTHER, MAX_PEOPLE, MAX_SHORT

Data: TypeAlias = dict[str, Any]

AT_THE_END = ("statement", "refusal", "recordings")
"""Of the visit: what is known when everything has been looked at."""
VISIT_PHOTOS = "visit"
"""What photos belong to that belong to no item."""


def page_data(checklist: Checklist) -> Data:
    """Return what the page must know: questions by field name, tables, sections, what is known beforehand."""
    texts, choices = _visit_questions()
    ends = [q for q in texts if q["name"].removeprefix("visit.") in AT_THE_END]
    starts = [q for q in texts if q not in ends]
    return {
        "checklist": checklist.id,
        "start": _known(checklist),
        "site": [_question(q.name, q.title, q.spec, MAX_SHORT) for q in _identity(checklist)],
        "scope": _scope(checklist),
        "visit": [*starts[:4], *choices, *starts[4:]],
        "visit_first": 4 + len(choices),
        "people": [_people(group, checklist) for group in PEOPLE],
        "witness": [
            _text(f"visit.witness.{part}", title.removeprefix("在场人员")) for part, title in PEOPLE["present"].items()
        ],
        "end": ends,
        "sections": [
            {"title": s.title, "items": [_item(entry) for entry in s.items]} for s in checklist.sections
        ],
        "tables": [_table(table, checklist) for table in tables(checklist)],
        "earlier": [
            "　".join(t for t in (show(e.date) if e.date else "", e.record, e.sentence or e.finding) if t)
            for e in checklist.earlier
        ],
        "others": MAX_OTHER,
        "longest": MAX_TEXT,
        "absent": NOT_APPLICABLE,
    }  # fmt: skip


def titles(checklist: Checklist) -> Callable[[str], str]:
    """Return what gives the title of a field by its name, as messages name it; the name itself if there is none."""
    data = page_data(checklist)
    known = {f"{code}.{part}": f"{code} {title}" for code in _codes(checklist) for part, title in _BESIDE.items()}
    options: dict[str, Sequence[str]] = {}
    for code, question in _questions(data):
        known[question["name"]] = f"{code} {question['title']}".strip()
        options[question["name"]] = question.get("options", ())
    columns = {
        f"{t['name']}.{c['id']}": (t["title"], c) for t in (*data["tables"], *data["people"]) for c in t["columns"]
    }

    def title(name: str) -> str:
        if name in known:
            return known[name]
        found = re.fullmatch(r"(.+)\.([0-9]{1,4})(?:\.([a-z_]+))?(?:\.([0-9]{1,3}))?", name)
        if found is None:
            return name
        base, number, column, _ = found.groups()
        if f"{base}.{column}" in columns:
            table, asked = columns[f"{base}.{column}"]
            return f"{table} 第 {number} 行“{asked['title']}”"
        boxes = options.get(base, ())
        if 1 <= int(number) <= len(boxes):
            return f"{known[base]}：{boxes[int(number) - 1]}"
        return f"其他问题 {number}" if base == "other" else name

    return title


_BESIDE = {"note": "备注", "not_applicable": NOT_APPLICABLE, "answer": "检查结果"}


def _codes(checklist: Checklist) -> list[str]:
    return [entry.item.code for entry in checklist.items()]


def _questions(data: Data) -> Iterator[tuple[str, Data]]:
    """Yield every question that stands alone, with the code of its item."""
    for question in (*data["site"], *data["scope"], *data["visit"], *data["witness"], *data["end"]):
        yield "", question
    for item in (item for section in data["sections"] for item in section["items"]):
        for question in (item["question"], *item["details"]):
            if question is not None:
                yield item["code"], question


def _identity(checklist: Checklist) -> list[Question]:
    """Return who the site is; what business it does is asked apart."""
    return [q for q in site_questions(checklist) if not q.name.startswith("site.attributes.")]


def _known(checklist: Checklist) -> dict[str, str]:
    """Return the fields that are filled in when the page is opened for the first time."""
    asked = {q.name for q in _identity(checklist)}
    known = {"site.name": checklist.site.name, "visit.date": checklist.date.isoformat()}
    known |= {f"site.identity.{name}": text for name, text in checklist.site.identity.items()}
    known = {name: text for name, text in known.items() if text and (name in asked or name == "visit.date")}
    return known | {f"visit.joint.{n}.unit": unit for n, unit in enumerate(checklist.joint, 1)}


def _scope(checklist: Checklist) -> list[Data]:
    """Return the business that a site may do: a question each if it is not known."""
    found: list[Data] = []
    for name, attribute in checklist.type.attributes.items():
        known = checklist.site.attributes.get(name)
        entry = _question(f"site.attributes.{name}", attribute.label, YesNo(type="yes_no"))
        found.append(entry | {"id": name, "known": known, "assumed": attribute.assumed == "absent"})
    return found


def _visit_questions() -> tuple[list[Data], list[Data]]:
    texts: list[Data] = [{"name": "visit.date", "title": "检查日期", "kind": "date"}]
    for name, title in VISIT_TEXTS.items():
        kind = "time" if name in ("start", "end") else "text"
        most = LONGEST_TEXT if name == "statement" else MAX_SHORT
        texts.append({"name": f"visit.{name}", "title": title, "kind": kind, "most": most})
    choices: list[Data] = [
        {"name": f"visit.{name}", "title": title, "kind": "choice", "options": list(words)}
        for name, (title, words) in visit_choices().items()
    ]
    return texts, choices


def _text(name: str, title: str) -> Data:
    return {"name": name, "title": title, "kind": "text", "most": MAX_SHORT}


def _people(group: str, checklist: Checklist) -> Data:
    """Return a group of people as a table."""
    title = {"inspectors": "检查人员", "present": "在场人员", "joint": "联合检查人员"}[group]
    columns = [{"id": part, "title": word, "kind": "text", "most": MAX_SHORT} for part, word in PEOPLE[group].items()]
    return {
        "name": f"visit.{group}", "title": title, "columns": columns, "key": [], "begun": [],
        "blank": {"inspectors": 2, "present": 1}.get(group, len(checklist.joint)), "most": MAX_PEOPLE,
    }  # fmt: skip


def _item(entry: ChecklistItem) -> Data:
    item = entry.item
    asked = item_question(item) or rows_question(item)
    words = asked is not None and isinstance(asked.spec, (YesNo, Choice))
    question = _question(asked.name, asked.title, asked.spec) if asked else None
    if question is not None and words:
        question["options"] = [*question["options"], NOT_APPLICABLE]
    table = item.code if isinstance(item.answer, Rows) else f"{item.code}.answer"
    return {
        "code": item.code, "check": item.check, "grade": item.grade.label,
        "red": any(f.red_line for f in item.findings), "open": not entry.scope_known,
        "method": item.method, "evidence": item.evidence or "", "clauses": "、".join(item.clauses) or "日常项目",
        "only": _tree(parse(item.only_if)) if item.only_if else None, "grid": item.grid, "question": question,
        "asked": item.answer.ask or "", "absent": "" if words else f"{item.code}.not_applicable",
        "table": table if item.grid is None and isinstance(item.answer, (Rows, Readings)) else None,
        "details": [
            _question(q.name, q.title, q.spec)
            | {"faults": isinstance(item.answer, YesNo) and item.grid is None and isinstance(q.spec, Choices)}
            for q in detail_questions(item)
        ],
        "sample": isinstance(item.answer, Sample) and item.grid is None,
        "least": item.answer.at_least if isinstance(item.answer, Sample) else None,
    }  # fmt: skip


def _tree(condition: Condition) -> JsonValue:
    """Return what business an item waits for: the name of an attribute, ["and"|"or"|"not", …], or None: not known."""
    match condition:
        case Flag(ref=ref) if ref.kind == "site":
            return ref.name
        case And(parts=parts):
            return ["and", *map(_tree, parts)]
        case Or(parts=parts):
            return ["or", *map(_tree, parts)]
        case Not(part=part):
            return ["not", _tree(part)]
    return None


def _table(table: Table, checklist: Checklist) -> Data:
    spec = checklist.grids[table.name].answer if table.item is None else table.item.answer
    begun = [{name: _shown(value) for name, value in row.items()} for row in checklist.prefilled.get(table.name, ())]
    readings = isinstance(spec, Readings)
    most = MAX_LABEL if readings else MAX_TEXT
    columns = [_question(name, c.ask or name, c, most) | {"id": name} for name, c in table.columns.items()]
    return {
        "name": table.name, "title": table.title, "columns": columns, "begun": begun, "most": MAX_ROW,
        "note": checklist.grids[table.name].instructions or "" if table.item is None else "",
        "shared": table.item is None, "key": [] if readings else list(table.key),
        "blank": spec.blank_rows if isinstance(spec, Readings) else 0 if begun else 1,
        "least": spec.at_least if isinstance(spec, Rows) else None,
    }  # fmt: skip


def _shown(value: JsonValue) -> str:
    if isinstance(value, list):
        return "、".join(_shown(each) for each in value)
    return value if isinstance(value, str) else show(value)  # type: ignore[arg-type]


def _question(name: str, title: str, spec: AnswerSpec, most: int = MAX_TEXT) -> Data:
    found: Data = {"name": name, "title": title}
    match spec:
        case YesNo():
            return found | {"kind": "choice", "options": ["是", "否"]}
        case Choice(options=options):
            return found | {"kind": "choice", "options": list(options)}
        case Choices(options=options):
            return found | {"kind": "choices", "options": list(options)}
        case Number(unit=unit, low=low, high=high):
            return found | {"kind": "number", "unit": unit, "low": low, "high": high}
        case Count(unit=unit) | Sample(unit=unit):
            return found | {"kind": "count", "unit": unit}
        case DateQuestion():
            return found | {"kind": "date"}
        case _:
            return found | {"kind": "text", "most": most}

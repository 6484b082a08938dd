"""Answers for tests of formats: random sheets of a checklist, as data of a sheet and as fields by name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

import pytest
from hypothesis import strategies as st

from engine.answering.questions import PEOPLE, VISIT_TEXTS, found_word, site_questions, tables, visit_choices
from engine.evaluation.evaluate import Evaluator
from engine.inspections.opening import Inspection, open_sheet
from engine.inspections.planning import plan_checklist
from engine.library.files import place
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
from engine.source import Written

KINDS = [
    ("2024", "retail-pharmacy", date(2024, 1, 15)), ("2024", "medical-institution", date(2024, 1, 16)),
    ("2024", "cosmetics-seller", date(2024, 2, 1)), ("2024", "online-seller", date(2024, 3, 1)),
    ("2019", "contact-lens-seller", date(2019, 11, 20)), ("2019", "device-manufacturer", date(2019, 11, 21)),
]  # fmt: skip
"""Campaign, site type and day: between them every type of question."""
OFTEN = (KINDS[0], KINDS[4])
"""Tried in every run; the others in the long one."""
every_kind = pytest.mark.parametrize(
    "kind",
    [pytest.param(k, marks=[] if k in OFTEN else [pytest.mark.long], id=f"{k[1]}-{k[0]}") for k in KINDS],
)

_WORDS = [
    "阿莫西林",
    "=SUM(A1)",
    "+86",
    "@甲",
    "-5",
    "007310",
    "440106199001011234",
    "😀",
    "䶮",
    "a,b;c",
    '引"号',
    "两\n行",
    "　全角",
    "<b>",
    "0012",
    "1e5",
    "2024-01-31",
    "TRUE",
    "是",
]
texts = st.one_of(
    st.sampled_from(_WORDS), st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=30)
).map(lambda text: text.strip(" \t\n\u3000\u00a0\ufeff")).filter(lambda text: text not in ("", "不适用", "未查"))  # fmt: skip


PLACE = place(None)


def opened(document: Written) -> Inspection:
    """Return the answers of a document, or fail with the problems."""
    inspection, problems = open_sheet(PLACE, document, as_made=True)
    assert inspection is not None, [p.render() for p in problems]
    return inspection


_EVALUATORS: dict[tuple[str, str], Evaluator] = {}


def findings(inspection: Inspection) -> str:
    """Return the findings as canonical JSON. An evaluator is made once for each lock and site type: it takes a while."""
    key = (inspection.locked.lock, inspection.checklist.site_type)
    if key not in _EVALUATORS:
        _EVALUATORS[key] = Evaluator(inspection.locked, inspection.checklist.site_type)
    found = _EVALUATORS[key].evaluate(inspection.checklist, inspection.sheet)
    return json.dumps(found.model_dump(mode="json"), ensure_ascii=False, sort_keys=True)


@cache
def checklist_of(campaign: str, site_type: str, day: date, **options: Any) -> Checklist:
    """Return a checklist, or fail with the problems."""
    checklist, problems = plan_checklist(site_type, campaign, None, options.pop("has", None), day, **options)
    assert checklist is not None, problems
    return checklist


def value_of(spec: AnswerSpec) -> st.SearchStrategy[Any]:
    """Return values that a question takes."""
    match spec:
        case YesNo():
            return st.sampled_from(["是", "否"])
        case Choice(options=options):
            return st.sampled_from(options)
        case Choices(options=options):
            chosen = st.sets(st.sampled_from(options), min_size=1)
            return chosen.map(lambda some: [o for o in options if o in some])
        case Count() | Sample():
            return st.integers(0, 9999)
        case Number(low=low, high=high):
            return _numbers(low, high)
        case DateQuestion():
            return st.dates(date(2000, 1, 1), date(2035, 12, 31)).map(date.isoformat)
        case _:
            return texts


def _numbers(low: float | None, high: float | None) -> st.SearchStrategy[Any]:
    first, last = -50 if low is None else low, 5000 if high is None else high
    tenths = st.integers(int(first * 10), int(last * 10)).filter(lambda n: first <= n / 10 <= last)
    return tenths.map(lambda n: n // 10 if n % 10 == 0 else n / 10)


@st.composite
def sheets(draw: st.DrawFn, checklist: Checklist) -> dict[str, Any]:
    """Return the data of an answer sheet (engine.model.sheet.SheetFile) with answers to some of the questions."""
    answers: dict[str, Any] = {}
    for entry in checklist.items():
        value = draw(st.none() | _item(entry.item))
        if value is not None:
            answers[entry.item.code] = value
    for name, grid in checklist.grids.items():
        rows = draw(st.none() | _rows(grid.answer, min_size=1))
        begun = [dict(r) for r in checklist.prefilled.get(name, ()) if all(k in r for k in grid.answer.key)]
        if rows is not None or begun:
            answers[name] = [*begun, *(rows or [])]
    site = {
        "name": draw(st.just("") | texts), "attributes": dict(checklist.site.attributes),
        "identity": {i.id: draw(texts) for i in checklist.type.identity_of(checklist.site) if draw(st.booleans())},
    }  # fmt: skip
    return {
        "kind": "answers", "campaign": checklist.campaign, "lock": checklist.lock, "checklist": checklist.id,
        "site_type": checklist.site_type, "routine": checklist.routine, "site": site,
        "visit": draw(_visit(checklist)), "answers": answers,
        "other": draw(st.lists(texts, max_size=2)),
    }  # fmt: skip


@st.composite
def _visit(draw: st.DrawFn, checklist: Checklist) -> dict[str, Any]:
    visit: dict[str, Any] = {"date": checklist.date.isoformat()}
    if draw(st.booleans()):
        visit |= {"start": "09:05", "end": "11:30"}
    for name in VISIT_TEXTS:
        if name not in ("start", "end") and draw(st.booleans()):
            visit[name] = draw(texts)
    for name, (_, words) in visit_choices().items():
        if draw(st.booleans()):
            word = draw(st.sampled_from(words))
            visit[name] = {"是": True, "否": False}.get(word, word)
    for group, size in (("inspectors", 3), ("present", 2)):
        people = draw(st.lists(st.fixed_dictionaries(dict.fromkeys(PEOPLE[group], texts)), max_size=size))
        if people:
            visit[group] = people
    return visit


@st.composite
def _item(draw: st.DrawFn, item: ReleaseItem) -> Any:
    note = draw(st.just("") | texts)
    if draw(st.integers(0, 5)) == 0:
        value: Any = "不适用"
        details: dict[str, Any] = {}
    elif item.grid is not None:
        value, details = None, {}
    else:
        value = draw(_answer(item))
        details = _sane(item, value, {n: draw(value_of(s)) for n, s in item.details.items() if draw(st.booleans())})
    if not details and not note:
        return value
    return {"answer": value, **details, **({"note": note} if note else {})}


def _answer(item: ReleaseItem) -> st.SearchStrategy[Any]:
    match item.answer:
        case Rows() as spec:
            return _rows(spec)
        case Readings() as spec:
            row = st.fixed_dictionaries(
                {"reading": _numbers(spec.low, spec.high)}, optional={"position": texts, "device": texts}
            )
            return st.lists(row, min_size=1, max_size=3)
        case spec:
            return value_of(spec)


def _sane(item: ReleaseItem, value: Any, details: dict[str, Any]) -> dict[str, Any]:
    """Return details that do not contradict the answer or each other: order among counts, ticks beside 是."""
    kept = {}
    for name, given in details.items():
        spec = item.details[name]
        if isinstance(spec, (Count, Sample)) or name.endswith(("_low", "_high")):
            continue
        if isinstance(spec, Choices) and value == "是":
            continue
        kept[name] = given
    if isinstance(item.answer, Sample) and isinstance(value, int):
        kept |= {"drawn": value + 1, "population": value + 7}
    return kept


def _rows(spec: Rows, min_size: int = 0) -> st.SearchStrategy[list[dict[str, Any]]]:
    row = st.fixed_dictionaries(
        {k: value_of(spec.columns[k]) for k in spec.key},
        optional={n: value_of(c) for n, c in spec.columns.items() if n not in spec.key},
    )
    return st.lists(row, min_size=min_size, max_size=4, unique_by=lambda r: tuple(_key(r[k]) for k in spec.key))


def _key(value: Any) -> str:
    wide = {full: full - 0xFEE0 for full in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
    return " ".join(str(value).translate(wide).split())


def fields_of(checklist: Checklist, sheet: Mapping[str, Any], *, boxes: bool = False) -> dict[str, Any]:
    """Return the fields that a form of the checklist holds when it says what the sheet says.

    boxes: choices of several as boxes, as paper has them; else as one text.
    """
    found: dict[str, Any] = {}

    def put(name: str, spec: AnswerSpec | None, value: Any) -> None:
        if value is None:
            return
        if isinstance(value, list) and isinstance(spec, Choices):
            if boxes:
                found.update({f"{name}.{n}": True for n, o in enumerate(spec.options, 1) if o in value})
            else:
                found[name] = "；".join(value)
        else:
            found[name] = value

    _put_items(found, put, checklist, sheet)
    for name, grid in checklist.grids.items():
        begun = [row for row in checklist.prefilled.get(name, ()) if not all(key in row for key in grid.answer.key)]
        _put_rows(put, name, grid.answer.columns, sheet["answers"].get(name) or [], 1 + len(begun))
    _put_visit(found, put, checklist, sheet)
    return found


def _put_rows(
    put: Any, table: str, columns: Mapping[str, AnswerSpec], rows: list[dict[str, Any]], first: int = 1
) -> None:
    """Put the rows from the first that the program has not begun."""
    for number, row in enumerate(rows, first):
        for column, value in row.items():
            if column in columns:
                put(f"{table}.{number}.{column}", columns[column], value)


def _put_items(found: dict[str, Any], put: Any, checklist: Checklist, sheet: Mapping[str, Any]) -> None:
    by_item = {t.item.code: t for t in tables(checklist) if t.item is not None}
    for entry in checklist.items():
        item, code = entry.item, entry.item.code
        given = sheet["answers"].get(code)
        whole = given if isinstance(given, dict) else {"answer": given}
        put(f"{code}.note", None, whole.get("note"))
        for name, spec in item.details.items():
            put(f"{code}.detail.{name}", spec, whole.get(name))
        value = whole.get("answer")
        if value == "不适用" and (item.grid or not isinstance(item.answer, (YesNo, Choice, Rows))):
            found[f"{code}.not_applicable"] = True
        elif code in by_item and isinstance(value, list):
            if isinstance(item.answer, Rows):
                found[f"{code}.answer"] = found_word() if value else "未发现"
            _put_rows(put, by_item[code].name, by_item[code].columns, value)
        else:
            put(f"{code}.answer", item.answer, value)


def _put_visit(found: dict[str, Any], put: Any, checklist: Checklist, sheet: Mapping[str, Any]) -> None:
    for question in site_questions(checklist):
        kind, _, key = question.name.removeprefix("site.").partition(".")
        if kind == "name":
            put("site.name", None, sheet["site"]["name"] or None)
        elif kind == "identity":
            put(question.name, None, sheet["site"]["identity"].get(key))
    for name, value in sheet["visit"].items():
        if name in PEOPLE:
            for number, person in enumerate(value, 1):
                found.update({f"visit.{name}.{number}.{part}": text for part, text in person.items()})
        else:
            put(
                f"visit.{name}", None, {True: "是", False: "否"}.get(value, value) if isinstance(value, bool) else value
            )
    for number, text in enumerate(sheet.get("other", []), 1):
        put(f"other.{number}", None, text)

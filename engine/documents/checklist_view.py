"""A checklist as plain values for its template, blank or with the answers filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.documents.qr import checklist_code, qr_svg
from engine.expressions.say import show
from engine.laws import chinese_number, cited
from engine.model.checklist import Checklist, ChecklistItem
from engine.model.findings import Evaluation
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
from engine.model.release import ReleaseCitation
from engine.model.sheet import Answer, AnswerSheet, Visit

EMPTY, TICKED = "☐", "☑"
LINE = "＿＿＿＿＿＿"


def checklist_context(
    checklist: Checklist, sheet: AnswerSheet | None = None, evaluation: Evaluation | None = None, *, draft: bool = False
) -> dict[str, object]:
    """Return what templates/checklist needs. With a sheet, its answers are ticked and written in.

    draft: nobody has confirmed the judgments of the evaluation yet.
    """
    answers: Mapping[str, Answer] = sheet.answers if sheet is not None else {}
    tables = _tables(checklist, answers)
    results = {outcome.code: outcome.result.label for outcome in evaluation.items} if evaluation else {}
    return {
        "title": f"{checklist.type.title.split('（')[0]}检查表",
        "full_title": checklist.type.title,
        "campaign": checklist.campaign_title,
        "plan": checklist.plan,
        "hotline": checklist.hotline,
        "id": checklist.id,
        "lock": checklist.lock[:12],
        "lead": checklist.type.lead,
        "draft": draft,
        **_when_and_who(sheet.visit if sheet is not None else Visit()),
        "joint": _joint(checklist, sheet.visit if sheet is not None else Visit()),
        "routine": checklist.routine,
        "focus": checklist.focus,
        "notes": checklist.type.notes,
        "identity": [("单位名称", checklist.site.name)]
        + [(i.label, checklist.site.identity.get(i.id, "")) for i in checklist.type.identity_of(checklist.site)],
        "attributes": [_attribute(name, a.label, checklist) for name, a in checklist.type.attributes.items()],
        "sections": [
            {
                "title": f"{chinese_number(number)}、{s.title}",
                "rows": [_row(item, answers.get(item.item.code), tables, results) for item in s.items],
            }
            for number, s in enumerate(checklist.sections, 1)
        ],
        "omitted": [o for o in checklist.omitted if o.kind == "reasonable-omission"],
        "tables": list(tables.values()),
        "law": [_law(item, checklist) for item in checklist.items()],
        "filled": sheet is not None,
    }


def _when_and_who(visit: Visit) -> dict[str, object]:
    return {
        "date": show(visit.date) if visit.date else "",
        "start": visit.start,
        "end": visit.end,
        "inspectors": "、".join(f"{i.name}（{i.certificate}）" for i in visit.inspectors if i.name or i.certificate),
    }


def _joint(checklist: Checklist, visit: Visit) -> list[tuple[str, str]]:
    """Return each joint authority with its people, or with blanks for them."""
    if visit.joint:
        return [(i.unit, f"{i.name}（{i.certificate}）" if i.certificate else i.name) for i in visit.joint]
    return [(unit, "") for unit in checklist.joint]


def checklist_assets(checklist: Checklist) -> dict[str, bytes]:
    """Return the images of the page by name."""
    code = checklist_code(checklist.campaign, checklist.type.code, checklist.lock, checklist.id)
    return {"qr": qr_svg(code)}


def _attribute(name: str, label: str, checklist: Checklist) -> tuple[str, str]:
    known = checklist.site.attributes.get(name)
    return (TICKED if known else EMPTY, f"{label}{'' if known is not False else '（无）'}")


def _row(
    entry: ChecklistItem, answer: Answer | None, tables: Mapping[str, dict[str, object]], results: Mapping[str, str]
) -> dict[str, object]:
    item = entry.item
    return {
        "code": item.code,
        "check": item.check,
        "grade": item.grade.label,
        "red_line": any(f.red_line for f in item.findings),
        "method": item.method,
        "evidence": item.evidence or "",
        "clauses": "、".join(item.clauses),
        "routine": entry.routine,
        "scope_open": not entry.scope_known,
        "answer": _answer(entry, answer, tables),
        "own": not isinstance(item.answer, Readings) or answer is None or not answer.value,
        "details": [_detail(name, spec, answer) for name, spec in item.details.items()],
        "note": answer.note if answer else "",
        "result": results.get(item.code, ""),
    }


def _detail(name: str, spec: AnswerSpec, answer: Answer | None) -> tuple[str, bool]:
    """Return the line of a detail, and whether its boxes and blanks are ours and not typed by somebody."""
    value = answer.details.get(name) if answer else None
    return _field(spec, value, spec.ask or name), value is None or isinstance(spec, (YesNo, Choice, Choices))


def _answer(entry: ChecklistItem, answer: Answer | None, tables: Mapping[str, dict[str, object]]) -> str:
    """Return what stands in the result cell, its lines separated by line breaks."""
    item = entry.item
    not_applicable = f"{_tick(answer is not None and answer.status == 'not-applicable')}不适用"
    if item.grid is not None:
        return f"见{tables[item.grid]['label']} {not_applicable}"
    value = answer.value if answer is not None and answer.status == "answered" else None
    if isinstance(item.answer, Rows):
        found = isinstance(value, list) and bool(value)
        nothing = f"{_tick(isinstance(value, list) and not found)}未发现"
        return f"{nothing} {not_applicable}\n{_tick(found)}发现，填{tables[item.code]['label']}"
    if isinstance(item.answer, Readings):
        return "\n".join([*_readings(item.answer, value), not_applicable])
    if isinstance(item.answer, (YesNo, Choice, Choices)):
        options = [*_options(item.answer, value), not_applicable]
        boxes = (" " if len(options) <= 3 else "\n").join(options)
        return f"{item.answer.ask}\n{boxes}" if item.answer.ask else boxes
    return f"{_field(item.answer, value, item.answer.ask or '')}\n{not_applicable}"


def _readings(spec: Readings, value: object) -> list[str]:
    rows = [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
    if not rows:
        return [f"位置{LINE[:5]} {LINE[:3]} {spec.unit}" for _ in range(spec.blank_rows)]
    return [
        f"{row.get('device') or ''}{row.get('position') or ''} {show(row.get('reading'))} {spec.unit}".strip()
        for row in rows
    ]


def _options(spec: YesNo | Choice | Choices, value: object) -> list[str]:
    options = ("是", "否") if isinstance(spec, YesNo) else spec.options
    chosen = value if isinstance(value, list) else [value]
    return [f"{_tick(option in chosen)}{option}" for option in options]


def _field(spec: AnswerSpec, value: object, label: str) -> str:
    """Return one question in one line: its label and boxes or a blank, or what was answered."""
    if isinstance(spec, (YesNo, Choice, Choices)):
        return f"{label} {' '.join(_options(spec, value))}".strip()
    unit = f"\N{NO-BREAK SPACE}{spec.unit}" if isinstance(spec, (Number, Count, Sample)) else ""
    if value is None:
        blank = "＿＿＿＿年＿＿月＿＿日" if isinstance(spec, DateQuestion) else LINE
        return f"{label} {blank}{unit}".strip()
    return f"{label} {_cell(spec, value)}{unit}".strip()


def _tables(checklist: Checklist, answers: Mapping[str, Answer]) -> dict[str, dict[str, object]]:
    """Return the tables to print on pages of their own, by item code or grid name, numbered 附表一, 附表二 …"""
    found: dict[str, dict[str, object]] = {}
    for item in (entry.item for entry in checklist.items()):
        if item.grid is not None:
            found.setdefault(item.grid, {})
        elif isinstance(item.answer, Rows):
            found[item.code] = _table(f"{item.code} 问题清单", "", item.answer, answers.get(item.code), ())
    for name, grid in checklist.grids.items():
        written = checklist.prefilled.get(name, ())
        found[name] = _table(grid.title, grid.instructions or "", grid.answer, answers.get(name), written)
    for number, table in zip("一二三四五六七八九十", found.values(), strict=False):
        table["label"] = f"附表{number}"
    return found


def _table(
    title: str, instructions: str, spec: Rows, answer: Answer | None, prefilled: Sequence[Mapping[str, object]]
) -> dict[str, object]:
    """Return a table: what was answered, or rows to fill in, some begun by the program. A cell: text, whether ours."""
    rows = answer.value if answer is not None and isinstance(answer.value, list) else []
    cells = [
        [(_cell(column, row.get(name)), False) for name, column in spec.columns.items()]
        for row in rows
        if isinstance(row, dict)
    ]
    begun = [
        [(_cell(c, row[n]), False) if n in row else (_blank(c), True) for n, c in spec.columns.items()]
        for row in prefilled
    ]
    spare = max(2 if begun else 0, spec.blank_rows - len(begun))
    blanks = [*begun, *[[(_blank(column), True) for column in spec.columns.values()]] * spare]
    return {
        "title": title,
        "instructions": instructions,
        "legend": [
            f"{c.ask}填：{'、'.join(c.options)}" for c in spec.columns.values() if isinstance(c, (Choice, Choices))
        ],
        "columns": _columns(spec),
        "rows": cells or blanks,
        "wide": len(spec.columns) > 8,
    }


def _cell(spec: AnswerSpec, value: object) -> str:
    if value is None:
        return ""
    if isinstance(spec, DateQuestion):
        return str(value)
    if isinstance(value, list):
        return "、".join(str(v) for v in value)
    return show(value) if isinstance(value, (int, float, str)) else ""


def _blank(spec: AnswerSpec) -> str:
    return f"{EMPTY}是{EMPTY}否" if isinstance(spec, YesNo) else ""


def _columns(spec: Rows) -> list[tuple[str, str]]:
    """Return the heading of each column and its share of the width in percent; the number of the row takes 3."""
    total = sum(_width(column) for column in spec.columns.values())
    return [(c.ask or name, f"{_width(c) * 97 / total:.2f}") for name, c in spec.columns.items()]


def _width(spec: AnswerSpec) -> int:
    """Relative width of a column by what is written in it: a box with its word, a few characters, or a name."""
    if isinstance(spec, YesNo):
        return 9
    return 8 if isinstance(spec, (Count, Number, Choice)) else 12


def _law(entry: ChecklistItem, checklist: Checklist) -> dict[str, object]:
    def texts(citations: tuple[ReleaseCitation, ...]) -> list[str]:
        return [c.text for c in cited(citations, checklist.date, checklist.site.attributes)]

    duty = dict.fromkeys(text for f in entry.item.findings for text in texts(f.basis.duty))
    liability = dict.fromkeys(text for f in entry.item.findings for text in texts(f.basis.liability))
    return {"code": entry.item.code, "duty": list(duty), "liability": list(liability), "gsp": "、".join(entry.item.gsp)}


def _tick(on: bool) -> str:
    return TICKED if on else EMPTY

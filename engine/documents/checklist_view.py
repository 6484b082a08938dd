"""A checklist as plain values for its template, blank or with the answers filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.documents.marks import DATE, EMPTY, LINE, TICKED, TIME, Line, Mark, Sheet, joined, kind_of
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
from engine.model.release import ReleaseCitation, ReleaseItem
from engine.model.rules import Attribute
from engine.model.sheet import Answer, AnswerSheet, Visit

NOT_APPLICABLE, NOTHING_FOUND = "不适用", "未发现"


def checklist_context(
    checklist: Checklist,
    sheet: AnswerSheet | None = None,
    evaluation: Evaluation | None = None,
    *,
    draft: bool = False,
    marks: Sheet | None = None,
) -> dict[str, object]:
    """Return what templates/checklist needs. With a sheet, its answers are ticked and written in.

    draft: nobody has confirmed the judgments of the evaluation yet. marks: collects the fields of the page.
    """
    marks = marks if marks is not None else Sheet()
    answers: Mapping[str, Answer] = sheet.answers if sheet is not None else {}
    visit = sheet.visit if sheet is not None else Visit()
    tables = _tables(checklist, answers, marks)
    results = {outcome.code: outcome.result.label for outcome in evaluation.items} if evaluation else {}
    sections = [
        {
            "title": f"{chinese_number(number)}、{s.title}",
            "rows": [_row(item, answers.get(item.item.code), tables, results, marks) for item in s.items],
            "spare": [] if sheet is not None else [_spare(f"spare.{number}.{n}", marks) for n in (1, 2)],
        }
        for number, s in enumerate(checklist.sections, 1)
    ]
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
        "inspectors": _people(visit, marks),
        "when": _when(visit, marks),
        "joint": _joint(checklist, visit, marks),
        "routine": checklist.routine,
        "focus": checklist.focus,
        "notes": checklist.type.notes,
        "earlier": [(show(e.date) if e.date else "", e.record, e.sentence) for e in checklist.earlier],
        "identity": _identity(checklist, marks),
        "attributes": joined("　", [_attribute(name, a.label, checklist, marks) for name, a in _scope(checklist)]),
        "sections": sections,
        "omitted": [o for o in checklist.omitted if o.kind == "reasonable-omission"],
        "others": _others(sheet, marks),
        "tables": list(tables.values()),
        "law": [_law(item, checklist) for item in checklist.items()],
        "strip": _strip(marks),
        "signing": [marks.cell(f"signing.{n}", title, "signature") for n, title in enumerate(SIGNING, 1)],
        "filled": sheet is not None,
    }


def _others(sheet: AnswerSheet | None, marks: Sheet) -> list[tuple[str, str]]:
    """Return text and id of the cell for each line of what was found beside the items, or lines to write on."""
    if sheet is not None:
        return [(text, "") for text in sheet.other]
    return [("", marks.cell(f"other.{n}", f"其他问题 {n}")) for n in (1, 2, 3)]


SIGNING = ("检查人员（签名、证号）", "检查人员（签名、证号）", "被检查单位人员（签名、职务）", "日期")


def _strip(marks: Sheet) -> Line:
    """Return what is signed by hand at the foot of every page."""

    def blank(name: str, title: str) -> Mark:
        return marks.blank(f"signature.{name}", title, "signature", LINE[:5] if name != "site" else LINE)

    return (
        "被检查单位签名：", blank("site", "被检查单位签名"), "　检查人员签名：", blank("first", "检查人员签名"),
        "、", blank("second", "检查人员签名"), "　日期：", blank("date", "签名日期"),
    )  # fmt: skip


def _identity(checklist: Checklist, marks: Sheet) -> list[tuple[str, str, str]]:
    """Return label, text and the id of the cell for each field that says who the site is."""
    fields = [("name", "单位名称", checklist.site.name)] + [
        (f"identity.{i.id}", i.label, checklist.site.identity.get(i.id, ""))
        for i in checklist.type.identity_of(checklist.site)
    ]
    return [(label, text, "" if text else marks.cell(f"site.{name}", label)) for name, label, text in fields]


def _when(visit: Visit, marks: Sheet) -> Line:
    date = show(visit.date) if visit.date else marks.blank("visit.date", "检查日期", "date", DATE)
    start = visit.start or marks.blank("visit.start", "开始时间", "time", TIME)
    end = visit.end or marks.blank("visit.end", "结束时间", "time", TIME)
    return (date, "　", start, " 至 ", end)


def _people(visit: Visit, marks: Sheet) -> tuple[str, str]:
    """Return the inspectors with their certificates, or the id of the cell for them."""
    people = "、".join(f"{i.name}（{i.certificate}）" for i in visit.inspectors if i.name or i.certificate)
    return people, "" if people else marks.cell("visit.inspectors", "检查人员及证号")


def _joint(checklist: Checklist, visit: Visit, marks: Sheet) -> list[tuple[str, Line]]:
    """Return each joint authority with its people, or with blanks for them."""
    if visit.joint:
        return [(i.unit, (f"{i.name}（{i.certificate}）" if i.certificate else i.name,)) for i in visit.joint]
    return [
        (unit, (marks.blank(f"visit.joint.{n}", f"{unit}人员及证号", sign="＿" * 10),))
        for n, unit in enumerate(checklist.joint, 1)
    ]


def checklist_assets(checklist: Checklist) -> dict[str, bytes]:
    """Return the images of the page by name."""
    code = checklist_code(checklist.campaign, checklist.type.code, checklist.lock, checklist.id)
    return {"qr": qr_svg(code)}


def _scope(checklist: Checklist) -> list[tuple[str, Attribute]]:
    return list(checklist.type.attributes.items())


def _attribute(name: str, label: str, checklist: Checklist, marks: Sheet) -> Line:
    """Return the box of what business a site does: a field only if it is not known, for what is known made the list."""
    known = checklist.site.attributes.get(name)
    if known is None:
        return marks.tick(f"site.attributes.{name}", "业务范围", label)
    return (Mark(TICKED, label) if known else Mark(EMPTY, f"{label}（无）"),)


def _row(
    entry: ChecklistItem,
    answer: Answer | None,
    tables: Mapping[str, dict[str, object]],
    results: Mapping[str, str],
    marks: Sheet,
) -> dict[str, object]:
    item = entry.item
    note = answer.note if answer else ""
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
        "answer": _answer(entry, answer, tables, marks),
        "details": joined("\n", [_detail(item, name, spec, answer, marks) for name, spec in item.details.items()]),
        "note": note,
        "note_cell": "" if note else marks.cell(f"{item.code}.note", f"{item.code} 备注"),
        "result": results.get(item.code, ""),
    }


def _spare(name: str, marks: Sheet) -> list[str]:
    """Return the ids of the cells of a row for something the list does not ask."""
    columns = {"code": "编号", "check": "检查内容", "grade": "等级", "answer": "检查结果", "note": "备注"}
    return [marks.cell(f"{name}.{column}", f"另查项目 {title}") for column, title in columns.items()]


def _detail(item: ReleaseItem, name: str, spec: AnswerSpec, answer: Answer | None, marks: Sheet) -> Line:
    value = answer.details.get(name) if answer else None
    return _field(f"{item.code}.detail.{name}", item.code, spec, value, spec.ask or name, marks)


def _answer(entry: ChecklistItem, answer: Answer | None, tables: Mapping[str, dict[str, object]], marks: Sheet) -> Line:
    """Return what stands in the result cell, its lines separated by line breaks."""
    item = entry.item
    name, title = f"{item.code}.answer", f"{item.code} {item.answer.ask or item.check}"
    absent = answer is not None and answer.status == "not-applicable"
    value = answer.value if answer is not None and answer.status == "answered" else None
    if item.grid is None and isinstance(item.answer, (YesNo, Choice, Rows)):
        return _one_of(item, title, NOT_APPLICABLE if absent else value, tables, marks)
    alone = marks.tick(f"{item.code}.not_applicable", item.code, NOT_APPLICABLE, absent)
    if item.grid is not None:
        return (f"见{tables[item.grid]['label']} ", *alone)
    if isinstance(item.answer, Readings):
        return joined("\n", [*_readings(name, title, item.answer, value, marks), alone])
    if isinstance(item.answer, Choices):
        chosen = value if isinstance(value, list) else []
        boxes = [*marks.ticks(name, title, item.answer.options, chosen), alone]
        return _asked(item.answer, joined(" " if len(boxes) <= 3 else "\n", boxes))
    return joined("\n", [_field(name, item.code, item.answer, value, item.answer.ask or "", marks), alone])


def _one_of(
    item: ReleaseItem, title: str, value: object, tables: Mapping[str, dict[str, object]], marks: Sheet
) -> Line:
    """Return the boxes of an answer of one word, 不适用 among them; a table is answered by whether it has rows."""
    spec = item.answer
    if isinstance(spec, Rows):
        found = f"发现，填{tables[item.code]['label']}"
        chosen = (found if value else NOTHING_FOUND) if isinstance(value, list) else value
        nothing, absent, some = marks.choice(
            f"{item.code}.answer", title, (NOTHING_FOUND, NOT_APPLICABLE, found), chosen
        )
        return joined("\n", [joined(" ", [nothing, absent]), some])
    assert isinstance(spec, (YesNo, Choice))
    boxes = marks.choice(f"{item.code}.answer", title, (*_options(spec), NOT_APPLICABLE), value)
    return _asked(spec, joined(" " if len(boxes) <= 3 else "\n", boxes))


def _asked(spec: AnswerSpec, boxes: Line) -> Line:
    return (f"{spec.ask}\n", *boxes) if spec.ask else boxes


def _readings(name: str, title: str, spec: Readings, value: object, marks: Sheet) -> list[Line]:
    rows = [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
    if not rows:
        return [
            (
                "位置", marks.blank(f"{name}.{n}.position", f"{title}：第{n}处 位置", sign=LINE[:5]), " ",
                marks.blank(f"{name}.{n}.reading", f"{title}：第{n}处 读数（{spec.unit}）", "number", LINE[:3]),
                f" {spec.unit}",
            )
            for n in range(1, spec.blank_rows + 1)
        ]  # fmt: skip
    return [
        (f"{row.get('device') or ''}{row.get('position') or ''} {show(row.get('reading'))} {spec.unit}".strip(),)
        for row in rows
    ]


def _options(spec: YesNo | Choice) -> tuple[str, ...]:
    return ("是", "否") if isinstance(spec, YesNo) else spec.options


def _field(name: str, code: str, spec: AnswerSpec, value: object, label: str, marks: Sheet) -> Line:
    """Return one question in one line: its label and boxes or a blank, or what was answered."""
    before = f"{label} " if label else ""
    title = f"{code} {label}".strip()
    if isinstance(spec, Choices):
        chosen = value if isinstance(value, list) else []
        return (before, *joined(" ", marks.ticks(name, title, spec.options, chosen)))
    if isinstance(spec, (YesNo, Choice)):
        return (before, *joined(" ", marks.choice(name, title, _options(spec), value)))
    unit = spec.unit if isinstance(spec, (Number, Count, Sample)) else ""
    after = f"\N{NO-BREAK SPACE}{unit}" if unit else ""
    if value is None:
        sign = DATE if isinstance(spec, DateQuestion) else LINE
        return (before, marks.blank(name, f"{title}（{unit}）" if unit else title, kind_of(spec), sign), after)
    return (f"{before}{_cell(spec, value)}{after}".strip(),)


def _tables(checklist: Checklist, answers: Mapping[str, Answer], marks: Sheet) -> dict[str, dict[str, object]]:
    """Return the tables to print on pages of their own, by item code or grid name, numbered 附表一, 附表二 …"""
    found: dict[str, dict[str, object]] = {}
    for item in (entry.item for entry in checklist.items()):
        if item.grid is not None:
            found.setdefault(item.grid, {})
        elif isinstance(item.answer, Rows):
            found[item.code] = _table(
                item.code, f"{item.code} 问题清单", item.answer, answers.get(item.code), (), marks
            )
    for name, grid in checklist.grids.items():
        begun = checklist.prefilled.get(name, ())
        found[name] = _table(name, grid.title, grid.answer, answers.get(name), begun, marks)
        found[name]["instructions"] = grid.instructions or ""
    for number, table in zip("一二三四五六七八九十", found.values(), strict=False):
        table["label"] = f"附表{number}"
    return found


def _table(
    name: str,
    title: str,
    spec: Rows,
    answer: Answer | None,
    prefilled: Sequence[Mapping[str, object]],
    marks: Sheet,
) -> dict[str, object]:
    """Return a table: what was answered, or rows to fill in, some begun by the program. A cell: its line, its id."""
    rows = answer.value if answer is not None and isinstance(answer.value, list) else []
    cells: list[list[tuple[Line, str]]] = [
        [((_cell(column, row.get(key)),), "") for key, column in spec.columns.items()]
        for row in rows
        if isinstance(row, dict)
    ]
    if not cells:
        spare = max(2 if prefilled else 0, spec.blank_rows - len(prefilled))
        begun: list[Mapping[str, object]] = [*prefilled, *[{}] * spare]
        cells = [
            [
                _blank(f"{name}.{n}.{key}", f"{title} 第{n}行 {c.ask or key}", c, row.get(key), marks)
                for key, c in spec.columns.items()
            ]
            for n, row in enumerate(begun, 1)
        ]
    return {
        "title": title,
        "instructions": "",
        "legend": [
            f"{c.ask}填：{'、'.join(c.options)}" for c in spec.columns.values() if isinstance(c, (Choice, Choices))
        ],
        "columns": _columns(spec, rows or prefilled, filled=bool(rows)),
        "rows": cells,
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


def _blank(name: str, title: str, spec: AnswerSpec, value: object, marks: Sheet) -> tuple[Line, str]:
    """Return the line of a cell and, where the whole cell is to be written in, its id."""
    if value is not None:
        return (_cell(spec, value),), ""
    if isinstance(spec, YesNo):
        return joined("", marks.choice(name, title, ("是", "否"))), ""
    return (), marks.cell(name, title, kind_of(spec))


def _columns(spec: Rows, rows: Sequence[object], *, filled: bool) -> list[tuple[str, str]]:
    """Return the heading of each column and its share of the width in percent; the number of the row takes 3.

    A column is as wide as its longest text asks for: twice as wide for four times the text. filled: nobody will write
    into the table any more; else no column is narrower than what is written in it by hand.
    """
    widths: dict[str, float] = {}
    for name, column in spec.columns.items():
        longest = max((len(_cell(column, row.get(name))) for row in rows if isinstance(row, Mapping)), default=0)
        least, most = (_DATE if isinstance(column, DateQuestion) else _NARROWEST, _WIDEST)
        if not filled:
            least, most = _width(column), _BEGUN
        widths[name] = max(least, min(2.5 * longest**0.5, most))
    total = sum(widths.values())
    return [(c.ask or name, f"{widths[name] * 97 / total:.2f}") for name, c in spec.columns.items()]


_NARROWEST, _DATE, _WIDEST, _BEGUN = 8, 17, 30, 12
"""Bounds of the relative width of a column: for a short heading; a whole date; answers; what the program began."""


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

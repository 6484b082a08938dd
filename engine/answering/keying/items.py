"""Items, their details and notes: what is asked, and what is done with what was typed."""

from __future__ import annotations

from pydantic import JsonValue

from engine.answering.keying.desk import Desk, Screen, Step, spec_of
from engine.answering.keying.words import (
    ENTER,
    Typed,
    answer_keys,
    asked,
    by_one_key,
    read_value,
    refused,
    shown,
    takes_any_text,
)
from engine.answering.questions import detail_questions, item_question, rows_question
from engine.answering.typed import text_of
from engine.inspections.answers import NOT_APPLICABLE, NOT_CHECKED
from engine.model.questions import Rows, Sample
from engine.model.release import ReleaseItem

_ITEM_KEYS = {"x": "不适用", "s": "未查", "b": "备注"}
_BULK = {"a": "本节其余都是"}


def heading(desk: Desk, code: str) -> list[str]:
    """Return how far keying is and the section of an item."""
    sections = desk.checklist.sections
    title = next((s.title for s in sections for entry in s.items if entry.item.code == code), "")
    return [f"[{progress(desk)}] {title}"]


def progress(desk: Desk) -> str:
    """Return how many of the items that ask something are answered: 11/22."""
    asking = [entry for entry in desk.checklist.items() if entry.item.grid is None]
    return f"{len(asking) - len(desk.open_items())}/{len(asking)}"


def about(desk: Desk, item: ReleaseItem) -> list[str]:
    """Return the item with its method, and what stands for it already."""
    red = "〔红线〕" if any(finding.red_line for finding in item.findings) else ""
    lines = [
        *heading(desk, item.code),
        f"{item.code}〔{item.grade.label}〕{red}{item.check}",
        f"    方法：{item.method}",
    ]
    entry = desk.entry(item.code)
    if desk.is_waiting(item.code):
        lines.append("    待确认：先用 answers confirm 定下，这里不能填")
    if entry.is_answered:
        rows = f"{len(entry.value)} 行" if isinstance(entry.value, list) and _has_rows(entry.value) else ""
        lines.append(f"    已填：{rows or shown(entry.value)}")
    lines += [f"    {item.details[name].ask or name}：{shown(value)}" for name, value in entry.details.items()]
    if entry.note:
        lines.append(f"    备注：{shown(entry.note)}")
    return lines


def _has_rows(value: list[JsonValue]) -> bool:
    return any(isinstance(each, dict) for each in value)


# ── an item


def item_screen(desk: Desk) -> Screen:
    """Return the screen of an item that is not answered by readings."""
    item = desk.item(desk.step.name)
    assert item is not None
    lines = about(desk, item)
    details = {"d": "细目"} if item.details else {}
    keep = {ENTER: "不改"} if desk.entry(item.code).is_answered else {}
    if item.grid is not None:
        lines.append(f"    结论取自《{desk.checklist.grids[item.grid].title}》，在那张表里填；这里只填不适用和备注")
        keys = {ENTER: "下一项", "x": "不适用", "s": "清空", "b": "备注"}
        return Screen(tuple(lines), item.code, single=True, keys=keys)
    question = rows_question(item) or item_question(item)
    assert question is not None
    one_key = by_one_key(question.spec)
    if question.title != item.check:
        lines.append(f"    要填：{question.title}")
    if isinstance(item.answer, Sample) and item.answer.at_least:
        lines.append(f"    至少抽查 {item.answer.at_least} 个")
    lines += asked(question.spec)
    keys = {**answer_keys(question.spec), **keep, **_ITEM_KEYS, **details, **_BULK}
    return Screen(tuple(lines), item.code, one_key, any_text=takes_any_text(question.spec), keys=keys)


def take_item(desk: Desk, entered: Typed) -> list[str]:
    """Answer the item, or do what the key says; return what is to be told."""
    item = desk.item(desk.step.name)
    assert item is not None
    if entered.key in (ENTER, "x", "s", "b", "d"):
        return item_key(desk, item, entered.key)
    if item.grid is not None:
        return [_no_such_key(entered)]
    return _rows_answer(desk, item, entered) if isinstance(item.answer, Rows) else _answer(desk, item, entered)


def item_key(desk: Desk, item: ReleaseItem, key: str) -> list[str]:
    """Do what a key says that every item has: keep, 不适用, 未查, note, details."""
    code, entry = item.code, desk.entry(item.code)
    if key == ENTER:
        if entry.is_answered or item.grid is not None:
            desk.advance()
            return []
        return [f"没有记录：{code} 回车不是答案；没有检查请按 s"]
    if key == "x":
        wrong = desk.put(code, entry._replace(value=NOT_APPLICABLE))
        return wrong or _went_on(desk, [f"{code} 不适用"])
    if key == "s":
        return _not_checked(desk, item)
    if key == "b":
        desk.aside(Step("note", code))
    elif item.details:
        desk.aside(Step("detail", code, next(iter(item.details)), 1))
    else:
        return [f"{code} 没有细目"]
    return []


def _not_checked(desk: Desk, item: ReleaseItem) -> list[str]:
    code, entry = item.code, desk.entry(item.code)
    if entry.is_answered or entry.details:
        wrong = desk.put(code, entry._replace(value=None, details={}))
        if wrong:
            return wrong
    desk.passed.add(code)
    return _went_on(desk, [f"{code} 未查"])


def _went_on(desk: Desk, lines: list[str]) -> list[str]:
    desk.advance()
    return lines


def _answer(desk: Desk, item: ReleaseItem, entered: Typed) -> list[str]:
    spec = spec_of(item)
    assert spec is not None
    read = read_value(spec, entered)
    if read.reason:
        return refused(read)
    if read.value is None:
        return [_no_such_key(entered)]
    wrong = desk.put(item.code, desk.entry(item.code)._replace(value=read.value))
    if wrong:
        return wrong
    desk.to_details(item)
    return [f"{item.code} {shown(desk.entry(item.code).value)}"]


def _rows_answer(desk: Desk, item: ReleaseItem, entered: Typed) -> list[str]:
    """Take 未发现 for an item with a table, or go to its rows."""
    rows = desk.rows(item.code)
    if entered.key == "2":
        desk.go(desk.new_row(item.code))
        return []
    if entered.key != "1":
        return [_no_such_key(entered)]
    if rows:
        return [f"没有记录：表里已有 {len(rows)} 行；确实没有发现，先按 2 进表，用 r 删去各行"]
    wrong = desk.put(item.code, desk.entry(item.code)._replace(value=[]))
    if wrong:
        return wrong
    desk.to_details(item)
    return [f"{item.code} 未发现"]


def _no_such_key(entered: Typed) -> str:
    return f"没有记录：这里不用 {entered.text or entered.key}"


# ── details


def detail_screen(desk: Desk) -> Screen:
    """Return the screen of one detail."""
    step = desk.step
    item = desk.item(step.name)
    assert item is not None
    spec = item.details[step.part]
    names = list(desk.details_to_ask(item, on_demand=bool(step.row)))
    number = names.index(step.part) + 1 if step.part in names else 1
    value = desk.entry(item.code).details.get(step.part)
    now = f"　已填：{shown(value)}" if value is not None else ""
    lines = [f"  {item.code} 细目 {number}/{len(names)}　{spec.ask or step.part}{now}", *asked(spec)]
    keys = {
        **answer_keys(spec),
        ENTER: "不改" if now else "不填",
        **({"c": "清空"} if now else {}),
        "e": "其余细目不填",
    }
    return Screen(tuple(lines), f"{item.code} 细目", by_one_key(spec), any_text=takes_any_text(spec), keys=keys)


def take_detail(desk: Desk, entered: Typed) -> list[str]:
    """Take one detail and go to the next; return what is to be told."""
    step = desk.step
    item = desk.item(step.name)
    assert item is not None
    names = list(desk.details_to_ask(item, on_demand=bool(step.row)))
    following = names[names.index(step.part) + 1 :] if step.part in names else []
    if entered.key == "e":
        following = []
    elif entered.key != ENTER:
        question = next(q for q in detail_questions(item) if q.name.endswith(f".{step.part}"))
        read = read_value(question.spec, entered)
        if entered.key == "c":
            read = read._replace(value=None, reason="")
        elif read.reason:
            return refused(read)
        elif read.value is None:
            return [_no_such_key(entered)]
        elif read.value in (NOT_APPLICABLE, NOT_CHECKED):
            return [f"没有记录：细目不填“{read.value}”；没有就按回车"]
        entry = desk.entry(item.code)
        details = {name: value for name, value in entry.details.items() if name != step.part}
        if read.value is not None:
            details[step.part] = read.value
        ordered = {name: details[name] for name in item.details if name in details}
        wrong = desk.put(item.code, entry._replace(details=ordered))
        if wrong:
            return wrong
    if following:
        desk.go(step._replace(part=following[0]))
    else:
        desk.advance()
    return []


# ── a note


def note_screen(desk: Desk) -> Screen:
    """Return the screen of a note."""
    note = desk.entry(desk.step.name).note
    lines = [f"  {desk.step.name} 备注" + (f"　已填：{shown(note)}" if note else "")]
    keys = {ENTER: "不改", **({"c": "清空"} if note else {})}
    return Screen(tuple(lines), f"{desk.step.name} 备注", single=False, any_text=True, keys=keys)


def take_note(desk: Desk, entered: Typed) -> list[str]:
    """Take the note of an item and go back to it; return what is to be told."""
    code = desk.step.name
    if entered.key not in (ENTER, "c"):
        read = text_of(entered.text)
        if read.reason:
            return refused(read)
        wrong = desk.put(code, desk.entry(code)._replace(note=str(read.value or "")))
        if wrong:
            return wrong
    elif entered.key == "c":
        wrong = desk.put(code, desk.entry(code)._replace(note=""))
        if wrong:
            return wrong
    desk.advance()
    return []

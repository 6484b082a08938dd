"""Rows of tables and readings, column by column: those that tell rows apart come first and must be filled."""

from __future__ import annotations

from typing import Any

from pydantic import JsonValue

from engine.answering.data import DataDocument
from engine.answering.keying.desk import Desk, Screen, Step, columns_asked
from engine.answering.keying.edits import Entry
from engine.answering.keying.items import about, item_key, progress
from engine.answering.keying.words import (
    ENTER,
    Typed,
    answer_keys,
    asked,
    by_one_key,
    half,
    read_value,
    refused,
    shown,
    takes_any_text,
    told,
)
from engine.answering.questions import Table
from engine.expressions.nodes import refs
from engine.expressions.parse import parse
from engine.inspections.answers import NOT_APPLICABLE, read_answer
from engine.model.questions import Readings

_SHOWN_ROWS = 8
"""Of a table, the last ones: a screen has 25 lines."""


def row_screen(desk: Desk) -> Screen:
    """Return the screen of one column of a row; of a row to be added, with the table above it."""
    step, table = desk.step, _table(desk)
    rows = desk.rows(step.name)
    is_first = _is_first_of_new(desk, table)
    spec = table.columns[step.part]
    now = _now(desk, table, step.part)
    lines = _above(desk, table, rows) if is_first else []
    value = f"　已填：{shown(now)}" if now is not None else ""
    begun = _printed(desk, table, step.part) if now is None else None
    value = f"　表上印有：{shown(begun)}" if begun is not None else value
    lines.append(f"  {_ordinal(table, step.row)}　{spec.ask or step.part}{value}")
    several = "，几个读数之间空一格" if is_first and _is_readings(table) else ""
    lines += [line + several for line in asked(spec)]
    keys = {**answer_keys(spec), **_keys(desk, table, is_first)}
    prompt = f"{step.name} {_ordinal(table, step.row)}"
    return Screen(tuple(lines), prompt, by_one_key(spec), any_text=takes_any_text(spec), keys=keys)


def _keys(desk: Desk, table: Table, is_first: bool) -> dict[str, str]:
    step, rows = desk.step, desk.rows(desk.step.name)
    now = _now(desk, table, step.part)
    if is_first:
        keys = {ENTER: "填完" if rows or table.item is None else "不填"}
        if table.item is not None and not rows:
            keys |= {"x": "不适用", "s": "未查", "b": "备注"}
        elif table.item is not None:
            keys |= {"b": "备注"}
        if table.item is not None and table.item.details:
            keys |= {"d": "细目"}
        if rows:
            keys |= {"m": "改某行", "r": "删某行"}
        if not _is_readings(table):
            keys |= {"j": "填全部栏" if desk.brief else "只填要紧的栏"}
        return keys
    printed = _printed(desk, table, step.part) is not None
    keys = {} if step.part in table.key and now is None else {ENTER: "不改" if now is not None or printed else "不填"}
    if (now is not None or printed) and step.part not in table.key:
        keys["c"] = "清空"
    return keys if desk.state.draft else {**keys, "e": "本行填完"}


def _ordinal(table: Table, row: int) -> str:
    return f"第 {row + 1} {'个' if _is_readings(table) else '行'}"


def _above(desk: Desk, table: Table, rows: list[dict[str, JsonValue]]) -> list[str]:
    if rows:
        lines = [f"[{progress(desk)}] {table.title}　已填 {len(rows)} {'个读数' if _is_readings(table) else '行'}"]
    elif table.item is not None:
        lines = about(desk, table.item)
        if _is_readings(table):
            lines.append(f"    要填：{table.title.removeprefix(f'{table.item.code} ')}")
    else:
        grid = desk.checklist.grids[table.name]
        lines = [f"[{progress(desk)}] {table.title}"] + ([f"    {grid.instructions}"] if grid.instructions else [])
        least = f"（不少于 {grid.answer.at_least} 行）" if grid.answer.at_least else ""
        lines.append(f"    先填区分各行的栏，再照表从左到右{least}")
        if desk.entry(table.name).value == NOT_APPLICABLE:
            lines.append(f"    已填：{NOT_APPLICABLE}")
    first = max(0, len(rows) - _SHOWN_ROWS)
    if first:
        lines.append(f"    …… 前 {first} 行略")
    for number, row in enumerate(rows[first:], first + 1):
        lines.append(f"    {number}. {_summary(table, row)}")
    return lines


def _summary(table: Table, row: dict[str, JsonValue]) -> str:
    if _is_readings(table):
        return shown(row)
    named = "　".join(shown(row.get(name)) for name in table.key)
    return f"{named}（{len(row)} 栏）" if len(table.columns) > len(table.key) else named


def take_row(desk: Desk, entered: Typed) -> list[str]:
    """Take one column of a row, or do what the key says; return what is to be told."""
    table = _table(desk)
    is_first = _is_first_of_new(desk, table)
    if is_first and entered.key in ("x", "s", "b", "d") and table.item is not None:
        return _item_key(desk, table, entered.key)
    if is_first and entered.key in ("m", "r") and desk.rows(desk.step.name):
        return _picked_at_once(desk, entered)
    if entered.key == "j" and not _is_readings(table):
        desk.brief = not desk.brief
        return ["只填区分各行的栏和判定要用的栏" if desk.brief else "填表上全部的栏"]
    if entered.key == ENTER:
        return _without_value(desk, table, is_first)
    if entered.key == "e":
        return _ended(desk, table, is_first)
    if entered.key == "c":
        return _cleared(desk, table)
    if is_first and _is_readings(table) and len(numbers := half(entered.text).replace("、", " ").split()) > 1:
        return _several_readings(desk, table, numbers)
    return _value(desk, table, entered)


def _item_key(desk: Desk, table: Table, key: str) -> list[str]:
    assert table.item is not None
    if key in ("x", "s") and desk.rows(desk.step.name):
        return [f"没有记录：表里已有 {len(desk.rows(desk.step.name))} 行，先用 r 删去各行"]
    return item_key(desk, table.item, key)


def _value(desk: Desk, table: Table, entered: Typed) -> list[str]:
    step = desk.step
    read = read_value(table.columns[step.part], entered)
    if read.reason:
        return refused(read)
    if read.value is None:
        return [f"没有记录：这里不用 {entered.text or entered.key}"]
    return _set(desk, table, step.part, read.value)


def _set(desk: Desk, table: Table, column: str, value: JsonValue) -> list[str]:
    """Put a value into the row, on the sheet if the row can stand there, and go to the next column."""
    step = desk.step
    title = f"{step.name} 第 {step.row + 1} 行“{table.columns[column].ask or column}”"
    document = DataDocument("", {"value": value})
    answer, problems = read_answer(table.columns[column], {}, value, title, document, ("value",))
    if problems or answer.status != "answered":
        return told(problems) or [f"没有记录：{title} 不能填“{shown(value)}”；没有就按回车"]
    row = {**_row(desk), column: value}
    wrong = _keep(desk, table, {name: row[name] for name in table.columns if name in row})
    return wrong or _to_next(desk, table, column)


def _keep(desk: Desk, table: Table, row: dict[str, JsonValue]) -> list[str]:
    if not all(name in row for name in table.key):
        desk.keep_draft(row)
        return []
    rows = desk.rows(desk.step.name)
    rows[desk.step.row : desk.step.row + 1] = [row]
    wrong = _put_rows(desk, rows)
    if not wrong:
        desk.state = desk.state._replace(draft={})
    return wrong


def _put_rows(desk: Desk, rows: list[dict[str, JsonValue]]) -> list[str]:
    entry: Entry = desk.entry(desk.step.name)
    value: Any = rows or None
    return desk.put(desk.step.name, entry._replace(value=value))


def _to_next(desk: Desk, table: Table, column: str) -> list[str]:
    columns = _columns(desk, table)
    later = columns[columns.index(column) + 1 :] if column in columns else []
    if later:
        desk.go(desk.step._replace(part=later[0]))
    else:
        desk.go(desk.new_row(desk.step.name))
    return []


def _columns(desk: Desk, table: Table) -> list[str]:
    judged = _judged(desk, table)
    judged |= {name for name in table.columns if _printed(desk, table, name) is not None}
    return columns_asked(table, judged, brief=desk.brief and not _is_readings(table))


def _judged(desk: Desk, table: Table) -> set[str]:
    """Return the columns that conditions read."""
    items = [e.item for e in desk.checklist.items() if e.item.grid == table.name or e.item == table.item]
    conditions = [finding.condition for item in items for finding in item.findings]
    return {ref.name for condition in conditions for ref in refs(parse(condition)) if ref.kind == "row"}


def _without_value(desk: Desk, table: Table, is_first: bool) -> list[str]:
    """Go on without a value: the table is done, or the column stays as it is."""
    column = desk.step.part
    if is_first:
        return _table_done(desk, table)
    if column in table.key and column not in _row(desk):
        return ["没有记录：这一栏用来区分各行，必须填写；不清楚的填 “不明”"]
    printed = _printed(desk, table, column)
    if printed is not None and column not in _row(desk):
        return _set(desk, table, column, printed)
    return _to_next(desk, table, column)


def _table_done(desk: Desk, table: Table) -> list[str]:
    name = desk.step.name
    item = table.item
    if item is None:
        desk.passed.add(name)
        desk.advance()
        return [f"{table.title}：{len(desk.rows(name))} 行"]
    if desk.rows(name):
        desk.to_details(item)
        return [f"{name} {len(desk.rows(name))} {'个读数' if _is_readings(table) else '行'}"]
    if not _is_readings(table):
        desk.go(Step("item", name))
        return [f"{name} 表里没有一行：没有发现请选 1 未发现"]
    if desk.entry(name).is_answered:
        desk.advance()
        return []
    return [f"没有记录：{name} 回车不是答案；没有检查请按 s"]


def _ended(desk: Desk, table: Table, is_first: bool) -> list[str]:
    if is_first:
        return _table_done(desk, table)
    if desk.state.draft or not _row(desk):
        return ["没有记录：区分各行的栏还没有填完；不要这一行请用 u 撤销"]
    desk.go(desk.new_row(desk.step.name))
    return []


def _cleared(desk: Desk, table: Table) -> list[str]:
    column, row = desk.step.part, _row(desk)
    if column in table.key:
        return ["没有记录：这一栏用来区分各行，不能清空；要删去整行请用 r"]
    if column in row:
        wrong = _keep(desk, table, {name: value for name, value in row.items() if name != column})
        if wrong:
            return wrong
    return _to_next(desk, table, column)


def _several_readings(desk: Desk, table: Table, numbers: list[str]) -> list[str]:
    spec = table.columns["reading"]
    reads = [read_value(spec, Typed(text=number)) for number in numbers]
    wrong = next((read for read in reads if read.reason), None)
    if wrong is not None:
        return refused(wrong)
    rows = desk.rows(desk.step.name) + [{"reading": read.value} for read in reads]
    problems = _put_rows(desk, rows)
    if not problems:
        desk.go(desk.new_row(desk.step.name))
    return problems


# ── one row among those that stand


def _picked_at_once(desk: Desk, entered: Typed) -> list[str]:
    pick = Step("pick", desk.step.name, entered.key)
    if not entered.argument:
        desk.aside(pick)
        return []
    return _pick(desk, pick, entered.argument)


def pick_screen(desk: Desk) -> Screen:
    """Return the screen that asks which row is to be changed or deleted."""
    what = "删去" if desk.step.part == "r" else "改"
    line = f"  {what}第几行（1 到 {len(desk.rows(desk.step.name))}）"
    return Screen((line,), f"{what}第几行", single=False, keys={ENTER: "不" + what})


def take_pick(desk: Desk, entered: Typed) -> list[str]:
    """Change or delete the row of a number; return what is to be told."""
    pick = desk.step
    desk.advance()
    return [] if entered.key == ENTER else _pick(desk, pick, entered.text)


def _pick(desk: Desk, pick: Step, text: str) -> list[str]:
    rows = desk.rows(pick.name)
    number = half(text)
    if not (number.isascii() and number.isdigit() and len(number) < 5 and 1 <= int(number) <= len(rows)):
        return [f"没有第 {number[:20]} 行"]
    index, table = int(number) - 1, _table(desk)
    if pick.part == "m":
        desk.go(Step("row", pick.name, table.key[0], index))
        return [f"改第 {number} 行：{_summary(table, rows[index])}"]
    wrong = _put_rows(desk, rows[:index] + rows[index + 1 :])
    if wrong:
        return wrong
    desk.go(desk.new_row(pick.name))
    return [f"删去第 {number} 行：{_summary(table, rows[index])}（u 撤销）"]


# ── the row being typed


def _table(desk: Desk) -> Table:
    table = desk.table(desk.step.name)
    assert table is not None
    return table


def _is_readings(table: Table) -> bool:
    return table.item is not None and isinstance(table.item.answer, Readings)


def _row(desk: Desk) -> dict[str, JsonValue]:
    rows, index = desk.rows(desk.step.name), desk.step.row
    return dict(rows[index]) if index < len(rows) else dict(desk.state.draft)


def _is_first_of_new(desk: Desk, table: Table) -> bool:
    step = desk.step
    return step.row >= len(desk.rows(step.name)) and step.part == table.key[0] and not desk.state.draft


def _now(desk: Desk, table: Table, column: str) -> JsonValue:
    return _row(desk).get(column)


def _printed(desk: Desk, table: Table, column: str) -> JsonValue:
    """Return what the paper has printed in this column of this row, None if nothing or if it is a whole row."""
    begun = desk.checklist.prefilled.get(table.name, ())
    row = begun[desk.step.row] if desk.step.row < len(begun) else {}
    return row.get(column) if column not in table.key and column not in _row(desk) else None

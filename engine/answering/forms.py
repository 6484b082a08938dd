"""Fields by name assembled into an answer sheet: the one way in for every form that people fill in field by field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from pydantic import JsonValue

from engine.answering.questions import (
    PEOPLE,
    VISIT_TEXTS,
    Table,
    detail_questions,
    found_word,
    item_question,
    rows_question,
    site_questions,
    tables,
    visit_choices,
)
from engine.answering.typed import Read, clock_text, day_text, is_ticked, plain, text_of, typed
from engine.days import parse_day
from engine.inspections.answers import NOT_APPLICABLE
from engine.model.checklist import Checklist
from engine.model.questions import AnswerSpec, Choice, Choices
from engine.model.release import ReleaseItem
from engine.model.sheet import Source
from engine.problems import Mark, Problem, problem
from engine.source import Loc
from engine.workbooks.table import Unusable, Value

MAX_ROW = 500
"""Number of the last row of a table that is looked for."""
_PERSON = re.compile(r"(?P<name>[^（()）]+)(?:[（(](?P<certificate>[^（()）]*)[)）])?")
_NUMBER = re.compile("[0-9]{1,4}")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_BY_HAND = ("signature.", "signing.")
"""Fields that are signed on paper and never read."""


class Given(NamedTuple):
    """What stands in a field, and where."""

    value: Value
    mark: Mark

    @property
    def shown(self) -> str:
        """The content as it is quoted in a message."""
        return self.value.text if isinstance(self.value, Unusable) else str(self.value)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was filled in."""
        return self.value is None or (isinstance(self.value, str) and not self.value.strip())


class Filled:
    """An answer sheet assembled from fields: its data as engine.model.sheet.SheetFile has it, and the places."""

    def __init__(self, path: str, data: dict[str, JsonValue], marks: Mapping[Loc, Given]) -> None:
        self.path, self.data = path, data
        self._marks = marks

    def mark(self, loc: Loc, *, key: bool = False) -> Mark:
        """Return the place of the field at loc, or of the nearest that holds it or lies in it."""
        for size in range(len(loc), 0, -1):
            found = self._marks.get(loc[:size]) or self._marks.get(_beside_details(loc[:size]))
            if found is not None:
                return found.mark
        inner = next((given for at, given in self._marks.items() if at[: len(loc)] == loc), None)
        return inner.mark if inner is not None and loc else Mark(self.path)

    def written(self, loc: Loc) -> str:
        """Return the scalar at loc as it was typed."""
        found = self._marks.get(loc) or self._marks.get(_beside_details(loc))
        return found.shown if found is not None else ""


def _beside_details(loc: Loc) -> Loc:
    """Return where an answer without details would stand if it had some: the marks are kept so."""
    return (*loc[:2], "answer", *loc[2:]) if loc[:1] == ("answers",) else loc


def fill(checklist: Checklist, given: Mapping[str, Given], shown: str, source: Source) -> tuple[Filled, list[Problem]]:
    """Return the answer sheet that the fields make up, and every field that cannot be read.

    given: what was filled in by name of field (engine.answering.questions); names that the checklist does not have are
    problems unless they are empty. A choice is given as its words; a box as true, 是 or √. Rows that hold nothing are
    left out. What was written beside the items (spare.…, other.…) is kept as other.
    """
    filler = _Filler(checklist, given, shown)
    data = filler.sheet(source)
    return Filled(shown, data, filler.marks), [*filler.problems, *filler.unknown()]


class _Filler:
    def __init__(self, checklist: Checklist, given: Mapping[str, Given], shown: str) -> None:
        self.checklist = checklist
        self.given = {n: g for n, g in given.items() if not g.is_empty and not n.startswith(_BY_HAND)}
        self.used: set[str] = set()
        self.marks: dict[Loc, Given] = {}
        self.problems: list[Problem] = []
        self.shown = shown
        self._rows = self._by_table()

    def sheet(self, source: Source) -> dict[str, JsonValue]:
        checklist = self.checklist
        site = self._site()
        changed = site["attributes"] != dict(checklist.site.attributes)
        answers: dict[str, JsonValue] = {}
        by_item = {table.item.code: table for table in tables(checklist) if table.item is not None}
        for entry in checklist.items():
            answers[entry.item.code] = self._item(entry.item, by_item.get(entry.item.code))
        for table in tables(checklist):
            if table.item is None:
                answers[table.name] = self._table(table, ("answers", table.name))
        return {
            "kind": "answers", "campaign": checklist.campaign, "lock": checklist.lock,
            "checklist": "" if changed else checklist.id, "site_type": checklist.site_type,
            "routine": checklist.routine, "site": site, "visit": self._visit(),
            "answers": {key: value for key, value in answers.items() if value is not None},
            "earlier": [e.model_dump(mode="json", exclude_defaults=True) for e in checklist.earlier],
            "other": self._other(),
            "provenance": {"sources": [source.model_dump(mode="json", exclude_defaults=True)]},
        }  # fmt: skip

    def unknown(self) -> list[Problem]:
        """Return a problem for each filled field that the checklist does not have."""
        todo = "请核对是不是这张检查表；程序没有的栏目不能填写"
        return [
            problem("E643", g.mark, name=name, reason="检查表里没有这一栏", text=g.shown, todo=todo)
            for name, g in self.given.items()
            if name not in self.used
        ]

    def _by_table(self) -> dict[str, dict[int, dict[str, str]]]:
        """Return the fields of rows: by table and number of the row the name of each field by its column."""
        found: dict[str, dict[int, dict[str, str]]] = {}
        for name in self.given:
            table, _, rest = name.rpartition(".")
            table, _, number = table.rpartition(".")
            if table and _NUMBER.fullmatch(number) and 1 <= int(number) <= MAX_ROW:
                found.setdefault(table, {}).setdefault(int(number), {})[rest] = name
        return found

    def _take(self, name: str, loc: Loc) -> Given | None:
        found = self.given.get(name)
        if found is not None:
            self.used.add(name)
            self.marks[loc] = found
        return found

    def _read(self, name: str, loc: Loc, title: str, reader: Callable[[Value], Read]) -> JsonValue:
        given = self._take(name, loc)
        if given is None:
            return None
        read = reader(given.value)
        if read.reason:
            self._complain(given, title, read)
        return read.value

    def _complain(self, given: Given, title: str, read: Read) -> None:
        found = problem("E643", given.mark, name=title, reason=read.reason, text=given.shown, todo=read.todo)
        self.problems.append(found)

    def _value(self, name: str, loc: Loc, title: str, spec: AnswerSpec) -> JsonValue:
        """Return the value of a field, or of the boxes that it is split into."""
        if isinstance(spec, Choices) and any(f"{name}.{n}" in self.given for n in range(1, len(spec.options) + 1)):
            return self._boxes(name, loc, title, spec)
        return self._read(name, loc, title, lambda value: typed(spec, value))

    def _boxes(self, name: str, loc: Loc, title: str, spec: Choices) -> JsonValue:
        chosen: list[JsonValue] = []
        for number, option in enumerate(spec.options, 1):
            if self._ticked(f"{name}.{number}", (*loc, number - 1), f"{title}：{option}"):
                chosen.append(option)
        return chosen or None

    def _ticked(self, name: str, loc: Loc, title: str) -> bool:
        given = self._take(name, loc)
        held = is_ticked(given.value) if given is not None else False
        if given is not None and name.endswith(".not_applicable") and given.shown.strip() == NOT_APPLICABLE:
            held = True
        if given is not None and held is None:
            self._complain(given, title, Read(reason="这一格只能打勾", todo="请填 是，或者清空"))
        return bool(held)

    def _item(self, item: ReleaseItem, table: Table | None) -> JsonValue:
        code = item.code
        loc: Loc = ("answers", code)
        details = {
            q.name.rpartition(".")[2]: self._value(
                q.name, (*loc, q.name.rpartition(".")[2]), f"{code} {q.title}", q.spec
            )
            for q in detail_questions(item)
        }
        note = self._read(f"{code}.note", (*loc, "note"), f"{code} 备注", text_of)
        absent = self._ticked(f"{code}.not_applicable", (*loc, "answer"), f"{code} {NOT_APPLICABLE}")
        value = self._rows_answer(item, table, (*loc, "answer")) if table else self._answer(item, (*loc, "answer"))
        if absent and value not in (None, NOT_APPLICABLE):
            given = self.given[f"{code}.not_applicable"]
            todo = "不适用就不要填答案，查过就不要勾不适用"
            self.problems.append(problem("E644", given.mark, code=code, reason="勾了不适用，又填了答案", todo=todo))
        value = NOT_APPLICABLE if absent else value
        kept = {name: found for name, found in details.items() if found is not None}
        if not kept and not note:
            return value
        return {"answer": value, **kept, **({"note": note} if note else {})}

    def _answer(self, item: ReleaseItem, loc: Loc) -> JsonValue:
        question = item_question(item)
        if question is None:
            return None
        return self._value(question.name, loc, f"{item.code} {question.title}", question.spec)

    def _rows_answer(self, item: ReleaseItem, table: Table, loc: Loc) -> JsonValue:
        """Return the rows of an item: none if nothing was found, and a problem if what is chosen says otherwise."""
        rows = self._table(table, loc)
        question = rows_question(item)
        if question is None:
            return rows
        chosen = self._read(
            question.name, loc, f"{item.code} {question.title}", lambda value: _found(question.spec, value)
        )
        given = self.given.get(question.name)
        if chosen is None or given is None:
            return rows
        nothing, found = getattr(question.spec, "options", ("", ""))
        if chosen == found and not rows:
            todo = "请把发现的填进表里；没有发现就选 未发现"
            self.problems.append(
                problem("E644", given.mark, code=item.code, reason="答了发现，表里没有一行", todo=todo)
            )
        if chosen != found and rows:
            reason = f"答了{chosen}，表里又有 {len(rows)} 行"  # type: ignore[arg-type]  # rows is a list here
            todo = "请核对：有发现就选 发现，没有就清空表"
            self.problems.append(problem("E644", given.mark, code=item.code, reason=reason, todo=todo))
        return [] if chosen == nothing else rows if chosen == found else chosen

    def _table(self, table: Table, loc: Loc) -> JsonValue:
        """Return the rows that hold something; those that the program began keep what it wrote."""
        begun = self.checklist.prefilled.get(table.name, ())
        filled = self._rows.get(table.name, {})
        rows: list[JsonValue] = []
        for number in range(1, max(len(begun), max(filled, default=0)) + 1):
            own = begun[number - 1] if number <= len(begun) else {}
            row: dict[str, JsonValue] = dict(own)
            whole = all(part in row for part in table.key)
            fields = {c for n in filled.get(number, {}) for c in (n,) if c in table.columns}
            boxes = self._boxed_columns(table, number)
            if not (fields or boxes or whole):
                continue
            for column, spec in table.columns.items():
                title = f"{table.title} 第 {number} 行“{spec.ask or column}”"
                name = f"{table.name}.{number}.{column}"
                value = self._value(name, (*loc, len(rows), column), title, spec)
                if value is not None and column in own and value != own[column]:
                    self._overwritten(name, title, own[column])
                elif value is not None:
                    row[column] = value
            rows.append({column: row[column] for column in table.columns if column in row})
        return rows or None

    def _overwritten(self, name: str, title: str, own: JsonValue) -> None:
        """Complain of a cell that the program wrote and that says something else now: the row would be another."""
        given = self.given.get(name)
        mark, text = (given.mark, given.shown) if given is not None else (Mark(self.shown), "")
        reason = f"是程序写好的（{own}），现在是"
        self.problems.append(
            problem("E647", mark, what=title, reason=reason, text=text, todo="请恢复原样，另用空白行填写")
        )

    def _boxed_columns(self, table: Table, number: int) -> bool:
        return any(
            f"{table.name}.{number}.{column}.{n}" in self.given
            for column, spec in table.columns.items()
            if isinstance(spec, Choices)
            for n in range(1, len(spec.options) + 1)
        )

    def _site(self) -> dict[str, JsonValue]:
        site = self.checklist.site
        identity: dict[str, JsonValue] = dict(site.identity)
        attributes: dict[str, JsonValue] = dict(site.attributes)
        name: JsonValue = site.name
        for question in site_questions(self.checklist):
            kind, _, key = question.name.removeprefix("site.").partition(".")
            loc: Loc = ("site", kind, key) if key else ("site", kind)
            if kind == "attributes":
                given = self._take(question.name, loc)
                held = is_ticked(given.value) if given else None
                if given is not None and held is None:
                    self._complain(given, question.title, Read(reason="应为是或否", todo="不清楚的请清空"))
                if held is not None:
                    attributes[key] = held
                continue
            read = self._read(question.name, loc, question.title, text_of)
            if read is not None and kind == "name":
                name = read
            elif read is not None:
                identity[key] = read
        return {"name": name, "identity": identity, "attributes": attributes}

    def _visit(self) -> dict[str, JsonValue]:
        day = self._read("visit.date", ("visit", "date"), "检查日期", _day)
        visit: dict[str, JsonValue] = {"date": day or self.checklist.date.isoformat()}
        for name, title in VISIT_TEXTS.items():
            reader = _clock if name in ("start", "end") else text_of
            visit[name] = self._read(f"visit.{name}", ("visit", name), title, reader)
        for name, (title, words) in visit_choices().items():
            spec = Choice(type="choice", options=words)
            visit[name] = self._read(f"visit.{name}", ("visit", name), title, partial(_chosen, spec))
        visit["certificates_shown"] = {"是": True, "否": False}.get(str(visit["certificates_shown"]))
        for group, parts in PEOPLE.items():
            visit[group] = self._people(group, parts)
        witness = {
            p: self._read(f"visit.witness.{p}", ("visit", "witness", p), f"见证人{t}", text_of)
            for p, t in PEOPLE["present"].items()
        }
        witness = {part: text for part, text in witness.items() if text is not None}
        if witness:
            visit["witness"] = {"name": "", **witness}
        return {name: value for name, value in visit.items() if value not in (None, [])}

    def _people(self, group: str, parts: Mapping[str, str]) -> list[JsonValue]:
        """Return the people of a group: part by part, or from one text such as 张三（证号）、李四（证号）."""
        rows = self._rows.get(f"visit.{group}", {})
        people: list[JsonValue] = []
        for number in sorted(rows):
            person: dict[str, JsonValue] = {}
            for part, title in parts.items():
                loc: Loc = ("visit", group, len(people), part)
                read = self._read(f"visit.{group}.{number}.{part}", loc, f"{title} {number}", text_of)
                if read is not None:
                    person[part] = read
            if person and set(person) != {"unit"}:
                people.append({"name": "", **person})
        people += self._named_in_one(f"visit.{group}", ("visit", group), "") if group == "inspectors" else []
        for number, unit in enumerate(self.checklist.joint if group == "joint" else (), 1):
            people += self._named_in_one(f"visit.joint.{number}", ("visit", group), unit)
        return people

    def _named_in_one(self, name: str, loc: Loc, unit: str) -> list[JsonValue]:
        text = self._read(name, loc, "人员及证号", text_of)
        people: list[JsonValue] = []
        for part in re.split(r"[、，,；;\n]", text if isinstance(text, str) else ""):
            found = _PERSON.fullmatch(part.strip())
            if found is not None:
                certificate = (found["certificate"] or "").strip()
                person: dict[str, JsonValue] = {"name": found["name"].strip(), "certificate": certificate}
                people.append(person | ({"unit": unit} if unit else {}))
            elif part.strip():
                given = self.given[name]
                todo = "写成 张三（证号）、李四（证号）"
                self._complain(given, "人员及证号", Read(reason="看不出姓名和证号", todo=todo))
        return people

    def _other(self) -> list[JsonValue]:
        """Return what was written beside the items: each spare row as one text, then the lines of other problems."""
        spare: dict[str, list[str]] = {}
        found: list[JsonValue] = []
        places: dict[str, Given] = {}
        for name, given in sorted(self.given.items(), key=_line_number):
            if name.startswith(("spare.", "other.")):
                self.used.add(name)
                read = text_of(given.value)
                if read.reason:
                    self._complain(given, "其他问题", read)
                elif name.startswith("other."):
                    found.append(read.value)
                    places[name] = given
                else:
                    row = name.rpartition(".")[0]
                    spare.setdefault(row, []).append(str(read.value))
                    places.setdefault(row, given)
        for number, row in enumerate([*spare, *(name for name in places if name.startswith("other."))]):
            self.marks["other", number] = places[row]
        return [*("　".join(parts) for parts in spare.values()), *found]


def _line_number(field: tuple[str, Given]) -> tuple[int, ...]:
    """Return the numbers in the name of a line beside the items: other.2 follows other.1, however rows were sorted."""
    return tuple(int(part) for part in field[0].split(".")[:3] if _NUMBER.fullmatch(part))


def _day(value: Value) -> Read:
    """Return a day that there is. Those of a visit are refused here, so that the answers are looked at as well."""
    day = day_text(value)
    if not isinstance(day, str) or parse_day(day) is None:
        return Read(reason="不是存在的日期", todo="请写成 2024-02-29 的样子")
    return Read(day)


def _clock(value: Value) -> Read:
    read = clock_text(value)
    if isinstance(read.value, str) and not _TIME.fullmatch(read.value):
        return Read(reason="不是时间", todo="请写成 09:05 的样子（24 小时制）")
    return read


def _chosen(spec: Choice, value: Value) -> Read:
    read = typed(spec, ("是" if value else "否") if isinstance(value, bool) else value)
    if read.value is not None and read.value not in spec.options:
        return Read(reason="不是可以选的", todo=f"可以填：{'、'.join(spec.options)}")
    return read


def _found(spec: AnswerSpec, value: Value) -> Read:
    """Return the words of a table's own question; what the printed list says of its table is the same as 发现，填表."""
    text = plain(str(value))
    return Read(found_word()) if text.startswith("发现") else typed(spec, value)

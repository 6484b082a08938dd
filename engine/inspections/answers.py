"""Answers as written, read by the questions of a checklist. Every mistake is reported with its place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from pydantic import JsonValue

from engine.days import parse_day
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
from engine.model.sheet import Answer, AnswerSheet, SheetFile, Visit
from engine.problems import Mark, Problem, did_you_mean, problem
from engine.source import Loc, Places

NOT_APPLICABLE = "不适用"
NOT_CHECKED = "未查"
MAX_TEXT = 2000
MAX_LABEL = 400
MAX_ROWS = 500


def read_answers(
    file: SheetFile, checklist: Checklist, places: Places, *, waiting: bool = False
) -> tuple[AnswerSheet, list[Problem]]:
    """Return the sheet with its answers by item code, and every mistake in them.

    Answers may be given under the printed code (YD-14) or the rule's id; shared tables under their name. What people
    must still settle is a mistake unless waiting.
    """
    reader = _Reader(checklist, places)
    for key, value in file.answers.items():
        reader.read(key, value)
    kind = checklist.type
    known = {entry.item.code for entry in checklist.items()} | set(checklist.grids) | {"site.name"}
    known |= {f"visit.{name}" for name in Visit.model_fields}
    known |= {f"site.identity.{field.id}" for field in (*kind.identity, *kind.unlicensed_identity)}
    for key, unsettled in file.unsettled.items():
        if key not in known:
            reader.unknown(key, ("unsettled", key))
        elif not waiting:
            reader.problems.append(problem("E640", places.mark(("unsettled", key)), code=key, why=unsettled.why))
    visit = file.visit
    if visit.start and visit.end and visit.end <= visit.start:
        reader.problems.append(problem("E619", places.mark(("visit", "end")), start=visit.start, end=visit.end))
    for index, earlier in enumerate(file.earlier):
        if earlier.date is not None and visit.date is not None and earlier.date >= visit.date:
            mark = places.mark(("earlier", index, "date"))
            reader.problems.append(problem("E626", mark, earlier=earlier.date, day=visit.date))
    sheet = AnswerSheet(
        campaign=file.campaign, lock=file.lock, site_type=file.site_type, routine=file.routine, site=file.site,
        visit=visit, answers=reader.answers, earlier=file.earlier, other=file.other,
        unsettled=file.unsettled, provenance=file.provenance,
    )  # fmt: skip
    return sheet, reader.problems


def read_entry(checklist: Checklist, key: str, value: object, places: Places) -> tuple[Answer | None, list[Problem]]:
    """Return the answer to one item or shared table as read_answers does, None if there is none, and what is wrong."""
    reader = _Reader(checklist, places)
    reader.read(key, value)
    return reader.answers.get(key), reader.problems


def read_answer(
    spec: AnswerSpec, details: Mapping[str, AnswerSpec], value: object, code: str, places: Places, loc: Loc
) -> tuple[Answer, list[Problem]]:
    """Return the answer to one item with its details and note, and what is wrong with it."""
    reader = _Reader(None, places)
    return reader.answer(spec, details, value, code, loc), reader.problems


class _Reader:
    def __init__(self, checklist: Checklist | None, places: Places) -> None:
        self.checklist = checklist
        self.places = places
        self.problems: list[Problem] = []
        self.answers: dict[str, Answer] = {}
        self.written_as: dict[str, str] = {}

    def read(self, key: str, value: object) -> None:
        assert self.checklist is not None
        loc: Loc = ("answers", key)
        if key in self.checklist.grids:
            grid = self.checklist.grids[key]
            value = None if value == [] else value  # a table without a row: nothing was sampled
            self.answers[key] = self.answer(grid.answer, {}, value, f"《{grid.title}》", loc)
            return
        found = next((i.item for i in self.checklist.items() if key in (i.item.code, i.item.rule)), None)
        if found is None:
            self.unknown(key, loc)
        elif found.code in self.answers:
            first = self.written_as[found.code]
            self._complain("E602", self._at_key(loc), code=found.code, first=first, second=key)
        else:
            self.written_as[found.code] = key
            spec = YesNo(type="yes_no") if found.grid else found.answer
            answer = self.answer(spec, found.details, value, found.code, loc)
            if found.grid and answer.status == "answered" and answer.value is not None:
                todo = f"本项结论取自《{self.checklist.grids[found.grid].title}》，请在表中作答；此处可填不适用或备注"
                self._complain(
                    "E603", self._at(loc), code=found.code, expected="在表中作答", text=_text(value), todo=todo
                )
            self.answers[found.code] = answer

    def answer(self, spec: AnswerSpec, details: Mapping[str, AnswerSpec], value: object, code: str, loc: Loc) -> Answer:
        note, inner = "", {}
        if isinstance(value, Mapping) and ({"answer", "note"} | set(details)) & set(value):
            note = self._note(value.get("note"), code, (*loc, "note"))
            inner = self._details(details, value, code, loc)
            self._closed(value, {"answer", "note", *details}, code, loc)
            has_answer = "answer" in value
            value, loc = value.get("answer"), ((*loc, "answer") if has_answer else loc)
        if value == NOT_APPLICABLE:
            if inner:
                names = "、".join(details[name].ask or name for name in inner)
                self._complain("E621", self._at(loc), code=code, details=names)
            return Answer(status="not-applicable", details=inner, note=note)
        read = None if value is None or value == NOT_CHECKED else self.value(spec, value, code, loc)
        ticked = [o for n, d in details.items() if isinstance(d, Choices) for o in _listed(inner.get(n))]
        if read == "是" and ticked:
            self._complain("E625", self._at(loc), code=code, details="、".join(ticked))
        self._in_order(spec, details, read, inner, code, loc)
        answered = read is not None or inner
        return Answer(status="answered" if answered else "not-checked", value=read, details=inner, note=note)

    def value(self, spec: AnswerSpec, value: object, code: str, loc: Loc) -> JsonValue:
        match spec:
            case YesNo():
                return self._option(("是", "否"), value, code, loc)
            case Choice(options=options):
                return self._option(options, value, code, loc)
            case Choices(options=options):
                return self._options(options, value, code, loc)
            case Number():
                return self._number(spec, value, code, loc)
            case Count() | Sample():
                if type(value) is int and value >= 0:
                    return value
                todo = "只写数字，不加引号、不带单位" if _looks_like_number(value) else None
                return self._wrong(code, "不小于 0 的整数", value, loc, todo)
            case DateQuestion():
                return self._date(value, code, loc)
            case Readings():
                return self._readings(spec, value, code, loc)
            case Rows():
                return self._rows(spec, value, code, loc)
            case _:
                return self._free_text(value, code, loc)

    def _in_order(
        self, spec: AnswerSpec, details: Mapping[str, AnswerSpec], read: JsonValue, inner: Mapping[str, JsonValue],
        code: str, loc: Loc,
    ) -> None:  # fmt: skip
        """Complain of numbers that cannot be: more failed than drawn, more drawn than there are, low above high."""
        pairs: list[tuple[tuple[str, object], tuple[str, object]]] = []
        if isinstance(spec, Sample):
            failed, drawn, total = ("不符合数", read), ("抽查数", inner.get("drawn")), ("总数", inner.get("population"))
            pairs += [(failed, drawn), (drawn, total)] if inner.get("drawn") is not None else [(failed, total)]
            same = [
                n for n, d in details.items() if isinstance(d, Count) and d.unit == spec.unit and n not in _OF_SAMPLE
            ]
            pairs += [((f"“{details[n].ask or n}”", inner.get(n)), drawn) for n in same]
        for name in details:
            high = name.removesuffix("_low") + "_high"
            if name.endswith("_low") and high in details:
                names = [f"“{details[n].ask or n}”" for n in (name, high)]
                pairs.append(((names[0], inner.get(name)), (names[1], inner.get(high))))
        for (name, number), (other, most) in pairs:
            if isinstance(number, (int, float)) and isinstance(most, (int, float)) and number > most:
                self._complain("E624", self._at(loc), code=code, name=name, number=number, other=other, most=most)

    def _option(self, options: tuple[str, ...], value: object, code: str, loc: Loc) -> JsonValue:
        if isinstance(value, str) and value in options:
            return value
        if isinstance(value, str):
            self._complain("E604", self._at(loc), code=code, text=value, allowed="、".join(options))
            return None
        return self._wrong(code, "、".join(options) + "之一", value, loc)

    def _options(self, options: tuple[str, ...], value: object, code: str, loc: Loc) -> JsonValue:
        if not isinstance(value, list):
            return self._wrong(code, "列表，例如 [甲, 乙]", value, loc)
        chosen = [self._option(options, each, code, (*loc, i)) for i, each in enumerate(value)]
        return [option for option in options if option in chosen]

    def _number(self, spec: Number | Readings, value: object, code: str, loc: Loc) -> JsonValue:
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            todo = "数字不加引号、不带单位、用半角，例如 9.6" if _looks_like_number(value) else None
            return self._wrong(code, f"数字（{spec.unit}）", value, loc, todo)
        low, high = spec.low, spec.high
        if (low is not None and value < low) or (high is not None and value > high):
            self._complain("E606", self._at(loc), code=code, text=value, low=low, high=high)
            return None
        return int(value) if value == int(value) else value  # 5.0 in one file is 5 in another

    def _date(self, value: object, code: str, loc: Loc) -> JsonValue:
        if not isinstance(value, str):
            return self._wrong(code, "日期，如 2024-02-29", value, loc)
        if parse_day(value) is not None:
            return value
        self._complain("E605", self._at(loc), code=code, text=value)
        return None

    def _free_text(self, value: object, code: str, loc: Loc, limit: int = MAX_TEXT) -> JsonValue:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            value = self.places.written(loc)
        if not isinstance(value, str):
            return self._wrong(code, "文字", value, loc)
        if len(value) > limit:
            self._complain("E618", self._at(loc), code=code, length=len(value), limit=limit)
            return None
        return value

    def _readings(self, spec: Readings, value: object, code: str, loc: Loc) -> JsonValue:
        if not isinstance(value, list):
            value, single = [value], True
        else:
            single = False
        if not value:
            return None
        if len(value) > MAX_ROWS:
            return self._wrong(code, f"不超过 {MAX_ROWS} 个读数", f"{len(value)} 个", loc)
        rows: list[JsonValue] = []
        for index, each in enumerate(value):
            where = loc if single else (*loc, index)
            if not isinstance(each, Mapping):
                rows.append({"reading": self._number(spec, each, code, where)})
                continue
            self._closed(each, {"reading", "position", "device"}, code, where)
            row: dict[str, JsonValue] = {"reading": None}
            if each.get("reading") is not None:
                row["reading"] = self._number(spec, each["reading"], code, (*where, "reading"))
            for name in ("position", "device"):
                if each.get(name) is not None:
                    row[name] = self._free_text(each[name], code, (*where, name), MAX_LABEL)
            rows.append(row)
        return rows

    def _rows(self, spec: Rows, value: object, code: str, loc: Loc) -> JsonValue:
        if not isinstance(value, list) or len(value) > MAX_ROWS:
            shown = f"{len(value)} 行" if isinstance(value, list) else value
            return self._wrong(code, f"列表（没有发现写 []，最多 {MAX_ROWS} 行）", shown, loc)
        rows: list[JsonValue] = []
        seen: dict[tuple[object, ...], int] = {}
        for index, each in enumerate(value):
            where = (*loc, index)
            if not isinstance(each, Mapping):
                self._wrong(code, "对照表（栏目: 内容）", each, where)
                continue
            row = self._row(spec, each, code, where, index + 1)
            key = tuple(row.get(name) for name in spec.key)
            if None not in key and key in seen:
                shown = "、".join(str(part) for part in key)
                self._complain("E608", self._at(where), code=code, row=index + 1, first=seen[key], key=shown)
            seen.setdefault(key, index + 1)
            rows.append(row)
        return rows

    def _row(self, spec: Rows, each: Mapping[str, object], code: str, where: Loc, number: int) -> dict[str, JsonValue]:
        self._closed(each, set(spec.columns), code, where)
        row: dict[str, JsonValue] = {}
        for name, column in spec.columns.items():
            if each.get(name) is not None and each[name] not in (NOT_CHECKED, NOT_APPLICABLE):
                read = self.value(column, each[name], f"{code} 第 {number} 行“{column.ask or name}”", (*where, name))
                row[name] = _same_key(read) if name in spec.key and isinstance(read, str) else read
            elif name in spec.key:
                self._complain("E607", self._at(where), code=code, row=number, column=column.ask or name)
        return row

    def _details(
        self, details: Mapping[str, AnswerSpec], value: Mapping[str, object], code: str, loc: Loc
    ) -> dict[str, JsonValue]:
        found: dict[str, JsonValue] = {}
        for name, spec in details.items():
            given = value.get(name)
            if given is not None and given not in (NOT_CHECKED, NOT_APPLICABLE):
                read = self.value(spec, given, f"{code}“{spec.ask or name}”", (*loc, name))
                if read is not None:
                    found[name] = read
        return found

    def _note(self, value: object, code: str, loc: Loc) -> str:
        read = self._free_text(value, code, loc) if value is not None else ""
        return read if isinstance(read, str) else ""

    def _closed(self, value: Mapping[str, object], known: set[str], code: str, loc: Loc) -> None:
        for key in value:
            if key not in known:
                names = sorted(known)
                hint = did_you_mean(key, names) + f"可用：{'、'.join(names)}"
                self._complain("E609", self._at_key((*loc, key)), code=code, suggestion=hint, key=key)

    def unknown(self, key: str, loc: Loc) -> None:
        assert self.checklist is not None
        omitted = next((o for o in self.checklist.omitted if o.code == key), None)
        if omitted is not None and omitted.by_scope:
            self._complain("E610", self._at_key(loc), code=key, reason=omitted.reason)
            return
        names = [i.item.code for i in self.checklist.items()] + list(self.checklist.grids)
        hint = (
            omitted.reason if omitted is not None else did_you_mean(key, names) or f"可用项目：{'、'.join(names[:30])}"
        )
        self._complain("E601", self._at_key(loc), key=key, suggestion=hint)

    def _wrong(self, code: str, expected: str, value: object, loc: Loc, todo: str | None = None) -> JsonValue:
        todo = todo or f"不涉及请填 {NOT_APPLICABLE}，没有检查请留空"
        self._complain("E603", self._at(loc), code=code, expected=expected, text=_text(value), todo=todo)
        return None

    def _complain(self, kind: str, mark: Mark, **fields: object) -> None:
        self.problems.append(problem(kind, mark, hint=None, **fields))

    def _at(self, loc: Loc) -> Mark:
        return self.places.mark(loc)

    def _at_key(self, loc: Loc) -> Mark:
        return self.places.mark(loc, key=True)


_OF_SAMPLE = ("population", "drawn")
"""The counts that every sample has."""


def _listed(value: JsonValue) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []


def _same_key(text: str) -> str:
    """Return the text as it tells rows apart: full-width digits and letters, or blanks, make no other product."""
    return " ".join(text.translate(_HALF_WIDTH).split())


_HALF_WIDTH = {full: full - 0xFEE0 for full in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}


def _looks_like_number(value: object) -> bool:
    return isinstance(value, str) and bool(re.match(r"\s*-?[0-9]", unicodedata.normalize("NFKC", value)))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "列表"
    return "对照表" if isinstance(value, Mapping) else "空" if value is None else str(value)

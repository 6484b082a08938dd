"""Several sheets of one checklist made one, item by item. What differs is left to people: nobody's answer wins."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import JsonValue

from engine.answering.writing import sheet_data
from engine.inspections.follow_up import BEGUN, FOLLOW_UP
from engine.inspections.opening import Inspection
from engine.model.checklist import Checklist
from engine.model.questions import Rows
from engine.model.sheet import MAX_PHOTOS, MAX_SOURCES, Candidate, Origin, Provenance, Source, Unsettled
from engine.problems import Mark, Problem, problem

_EMPTY: tuple[object, ...] = (None, "", [], {})
_GROUPS = ("visit.inspectors", "visit.present", "visit.joint")


class Merged(NamedTuple):
    """The data of the merged sheet (engine.model.sheet.SheetFile) and how its answers came about."""

    data: dict[str, JsonValue]
    agreed: tuple[str, ...]
    """Answered alike in several sheets."""
    single: tuple[str, ...]
    """Answered in one sheet alone."""
    conflicts: tuple[str, ...]


def merge(sheets: Sequence[tuple[str, Inspection]]) -> tuple[Merged | None, list[Problem]]:
    """Return the sheets as one, or None and which of them do not belong together.

    sheets: each with the name to show. An answer that one sheet has and the others leave open is taken; the same answer
    in several is taken once; different ones stand under unsettled as a conflict, with all that was answered. Rows of a
    shared table are put together when no sheet has a row of another's key. Fields of the visit and the site go the
    same way, people are put together by name.
    """
    (first_name, first), *rest = sheets
    strangers = [_stranger(name, sheet, first_name, first) for name, sheet in rest]
    if any(strangers):
        return None, [found for found in strangers if found is not None]
    merging = _Merging([inspection for _, inspection in sheets])
    counted = (("来源", len(merging.sources), MAX_SOURCES), ("照片", len(merging.named("photos")), MAX_PHOTOS))
    problems = [
        problem("E643", Mark(first_name), name="合并", reason=f"{what}超过 {most} 个", text=size, todo="请少合并几份")
        for what, size, most in counted
        if size > most
    ]
    return (None, problems) if problems else (merging.merged(), [])


def _stranger(name: str, sheet: Inspection, first_name: str, first: Inspection) -> Problem | None:
    """Return why a sheet cannot be merged with the first, None if it can."""
    for what, key in (("行动", "campaign"), ("规则版本", "lock"), ("单位类型", "site_type")):
        mine, other = getattr(sheet.sheet, key), getattr(first.sheet, key)
        if mine != other:
            todo = "规则版本不同的先用 answers carry 转到现行版本" if key == "lock" else "请核对文件"
            reason = f"与 {first_name} 不是同一张检查表：{what}不同"
            return problem("E643", Mark(name), name=name, reason=reason, text=mine[:12], todo=todo)
    if sheet.checklist.id != first.checklist.id:
        reason = f"与 {first_name} 不是同一张检查表：业务范围不同"
        return problem("E643", Mark(name), name=name, reason=reason, text=sheet.checklist.id, todo="请核对业务范围属性")
    mine, other = sheet.sheet.site.name, first.sheet.site.name
    if mine and other and mine != other:
        reason = f"与 {first_name} 不是同一家单位（{other}）"
        return problem("E643", Mark(name), name=name, reason=reason, text=mine, todo="请核对文件；同一家的请先改成一致")
    return None


class _Merging:
    def __init__(self, inspections: Sequence[Inspection]) -> None:
        self.inspections = inspections
        self.checklist = inspections[0].checklist
        self.datas = [sheet_data(inspection) for inspection in inspections]
        self.sources: list[Source] = []
        self.first_source: list[int] = []
        for inspection in inspections:
            self.first_source.append(len(self.sources) + 1)
            told = inspection.sheet.provenance
            self.sources += told.sources if told is not None and told.sources else (Source(way="yaml"),)
        self.unsettled: dict[str, Unsettled] = {}
        self.origins: dict[str, Origin] = {}
        self.agreed: list[str] = []
        self.single: list[str] = []

    def merged(self) -> Merged:
        keys = [entry.item.code for entry in self.checklist.items()] + list(self.checklist.grids)
        answers = _without_none({key: self._answer(key) for key in keys})
        site: dict[str, JsonValue] = dict(_part(self.datas[0], "site"))
        site["name"] = self._scalar("site.name", [_part(data, "site").get("name") for data in self.datas])
        site["identity"] = self._fields("site.identity", [_part(_part(d, "site"), "identity") for d in self.datas])
        visit = self._fields("visit", [_part(data, "visit") for data in self.datas])
        told = Provenance(
            sources=tuple(self.sources), answers=self.origins, pictures=self.named("pictures")[:500],
            photos=self.named("photos"),
        )  # fmt: skip
        unsettled: dict[str, JsonValue] = {
            key: each.model_dump(mode="json", exclude_defaults=True) for key, each in self.unsettled.items()
        }
        data: dict[str, JsonValue] = {
            **{k: v for k, v in self.datas[0].items() if k not in ("earlier", "other", "unsettled", "provenance")},
            "site": _without_none(site), "visit": visit, "answers": answers,
            "earlier": _each_once([data.get("earlier") for data in self.datas]), "other": self._other(),
            "unsettled": unsettled,
            "provenance": told.model_dump(mode="json", exclude_defaults=True),
        }  # fmt: skip
        conflicts = tuple(key for key, each in self.unsettled.items() if each.kind == "conflict")
        return Merged(data, tuple(self.agreed), tuple(self.single), conflicts)

    def _answer(self, key: str) -> JsonValue:
        """Return what all sheets that answer say, None if none does or they differ."""
        open_before = self._open_before(key)
        found = [
            (n, value) for n, data in enumerate(self.datas) if (value := _part(data, "answers").get(key)) is not None
        ]
        if open_before:
            self._still_open(key, open_before, found)
            return None
        if not found:
            return None
        distinct = _distinct(found)
        if len(distinct) == 1:
            (first, *others), value = distinct[0]
            self._take(key, first, others)
            return value
        together = self._rows_together(key, [value for _, value in distinct])
        if together is not None and not _share_keys(self._key_of(key), [value for _, value in distinct]):
            self._take(key, distinct[0][0][0], [n for members, _ in distinct[1:] for n in members])
            return together
        verified = _verified_together([value for _, value in distinct]) if key == FOLLOW_UP else None
        if verified is not None:
            self._take(key, distinct[0][0][0], [n for members, _ in distinct[1:] for n in members])
            return verified
        answers = [(members[0], value) for members, value in distinct]
        if together is not None:
            answers.append((distinct[0][0][0], together))
        self._conflict(key, answers)
        return None

    def _open_before(self, key: str) -> list[tuple[int, Unsettled]]:
        return [(n, i.sheet.unsettled[key]) for n, i in enumerate(self.inspections) if key in i.sheet.unsettled]

    def _take(self, key: str, first: int, others: Sequence[int]) -> None:
        (self.agreed if others else self.single).append(key)
        told = self.inspections[first].sheet.provenance
        origin = told.answers.get(key) if told is not None else None
        number = self.first_source[first] + (origin.source - 1 if origin is not None else 0)
        also = tuple(self.first_source[n] for n in others)
        kept = origin or Origin(source=number)
        self.origins[key] = kept.model_copy(update={"source": number, "agreed": also})

    def _conflict(self, key: str, answers: Sequence[tuple[int, JsonValue]]) -> None:
        candidates = tuple(Candidate(answer=value, source=self.first_source[n]) for n, value in answers)
        self.unsettled[key] = Unsettled(kind="conflict", why=f"{len(answers)} 种说法不同", candidates=candidates)

    def _still_open(
        self, key: str, before: Sequence[tuple[int, Unsettled]], found: Sequence[tuple[int, JsonValue]]
    ) -> None:
        """Keep what was open in a sheet open, with what the other sheets say of it beside."""
        candidates = [
            each.model_copy(update={"source": self.first_source[n] + each.source - 1})
            for n, unsettled in before
            for each in unsettled.candidates
        ]
        candidates += [Candidate(answer=value, source=self.first_source[n]) for n, value in found]
        kept = {_canonical(each.answer): each for each in reversed(candidates)}
        first = before[0][1]
        self.unsettled[key] = first.model_copy(update={"candidates": tuple(reversed(kept.values()))})

    def _key_of(self, key: str) -> tuple[str, ...]:
        grid = self.checklist.grids.get(key)
        return grid.answer.key if grid is not None else _item_key(self.checklist, key)

    def _rows_together(self, key: str, values: Sequence[JsonValue]) -> JsonValue:
        """Return the rows of all values of a table, None if it is no table or two say different things of one row."""
        columns = self._key_of(key)
        if not columns or not all(isinstance(value, list) for value in values):
            return None
        rows: dict[str, JsonValue] = {}
        for value in values:
            for row in value if isinstance(value, list) else ():
                name = _row_key(row, columns)
                if rows.setdefault(name, row) != row:
                    return None
        return list(rows.values())

    def _fields(self, prefix: str, parts: Sequence[Mapping[str, JsonValue]]) -> dict[str, JsonValue]:
        waiting = [key.rpartition(".") for i in self.inspections for key in i.sheet.unsettled]
        names = [name for part in parts for name in part] + [name for of, _, name in waiting if of == prefix]
        found = {}
        for name in dict.fromkeys(names):
            values = [part.get(name) for part in parts]
            people, differ = _people(values)
            together = f"{prefix}.{name}" in _GROUPS and not differ and not self._open_before(f"{prefix}.{name}")
            found[name] = people if together else self._scalar(f"{prefix}.{name}", values)
        return _without_none(found)

    def _scalar(self, name: str, values: Sequence[JsonValue]) -> JsonValue:
        found = [(n, value) for n, value in enumerate(values) if value not in _EMPTY]
        open_before = self._open_before(name)
        if open_before:
            self._still_open(name, open_before, found)
            return values[0] if name == "visit.date" else None
        distinct = _distinct(found)
        if len(distinct) <= 1:
            return distinct[0][1] if distinct else None
        self._conflict(name, [(members[0], value) for members, value in distinct])
        return values[0] if name == "visit.date" else None

    def _other(self) -> list[JsonValue]:
        """Return each text as often as the sheet that has it most often."""
        texts = [i.sheet.other for i in self.inspections]
        most = Counter[str]()
        for each in texts:
            most |= Counter(each)
        return [text for text in dict.fromkeys(t for each in texts for t in each) for _ in range(most[text])]

    def named(self, what: str) -> tuple[Any, ...]:
        """Return the pictures or photos of all sheets, each once."""
        told = [i.sheet.provenance for i in self.inspections if i.sheet.provenance is not None]
        return tuple(dict.fromkeys(each for provenance in told for each in getattr(provenance, what)))


def _verified_together(values: Sequence[JsonValue]) -> JsonValue:
    """Return the rows of 回头看, each as the one sheet has it that verified it; None if two did, or rows were lost."""
    tables = [[row for row in value if isinstance(row, dict)] if isinstance(value, list) else [] for value in values]
    items = [row.get("item") for row in tables[0]]
    if any([row.get("item") for row in table] != items for table in tables):
        return None
    found: list[JsonValue] = []
    for rows in zip(*tables, strict=True):
        said = {_canonical(row): row for row in rows if set(row) - set(BEGUN)}
        begun = {_canonical({name: row.get(name) for name in BEGUN}) for row in rows}
        if len(said) > 1 or len(begun) > 1:
            return None
        found.append(next(iter(said.values()), rows[0]))
    return found


def _item_key(checklist: Checklist, code: str) -> tuple[str, ...]:
    spec: Any = next((e.item.answer for e in checklist.items() if e.item.code == code), None)
    return spec.key if isinstance(spec, Rows) else ()


def _without_none(fields: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    return {name: value for name, value in fields.items() if value is not None}


def _part(data: Mapping[str, JsonValue], name: str) -> Mapping[str, JsonValue]:
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def _canonical(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _distinct(found: Sequence[tuple[int, JsonValue]]) -> list[tuple[list[int], JsonValue]]:
    """Return each value once, with the numbers of the sheets that have it."""
    kept: dict[str, tuple[list[int], JsonValue]] = {}
    for number, value in found:
        kept.setdefault(_canonical(value), ([], value))[0].append(number)
    return list(kept.values())


def _row_key(row: JsonValue, columns: Sequence[str]) -> str:
    return _canonical([row.get(column) for column in columns] if isinstance(row, dict) else row)


def _share_keys(columns: Sequence[str], values: Sequence[JsonValue]) -> bool:
    """Return whether a row of one table stands in another too: then they are versions of one table."""
    keys: Callable[[JsonValue], set[str]] = lambda value: (  # noqa: E731
        {_row_key(row, columns) for row in value} if isinstance(value, list) else set()
    )
    sets = [keys(value) for value in values]
    return any(not one or one & other for n, one in enumerate(sets) for other in sets[n + 1 :])


def _people(values: Sequence[JsonValue]) -> tuple[JsonValue, bool]:
    """Return the people of all sheets, each once with all that is said of them, and whether two sheets differ on one.

    Two of one name in one sheet are two people.
    """
    kept: list[dict[str, JsonValue]] = []
    differ = False
    for value in values:
        others = list(kept)
        for person in (each for each in (value if isinstance(value, list) else ()) if isinstance(each, dict)):
            said = {k: v for k, v in person.items() if v not in _EMPTY}
            if not said:
                continue
            alike = [other for other in others if _is_called_alike(other, said)]
            same = next((other for other in alike if all(other.get(k, v) == v for k, v in said.items())), None)
            if same is None and not alike:
                kept.append(said)
                continue
            differ = differ or same is None
            found = same if same is not None else alike[0]
            others = [other for other in others if other is not found]
            found.update({k: v for k, v in said.items() if k not in found})
    return [{"name": "", **person} for person in kept] or None, differ


def _is_called_alike(one: Mapping[str, JsonValue], other: Mapping[str, JsonValue]) -> bool:
    """Return whether two entries name one person; of those without a name whether they name one authority."""
    key = "name" if "name" in one or "name" in other else "unit"
    return one.get(key) == other.get(key)


def _each_once(lists: Sequence[JsonValue]) -> list[JsonValue]:
    """Return what stands in any of the lists, each once."""
    found = {_canonical(each): each for value in lists if isinstance(value, list) for each in value}
    return list(found.values())

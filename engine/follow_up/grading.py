"""Device distributors graded by a dated rule table: the highest matching level wins (从高), with the reason per firm.

What nobody knows of a firm may put it higher: that is said, and somebody has to settle it. People decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from pydantic import JsonValue

from engine.expressions.evaluate import Facts, Value, evaluate
from engine.expressions.nodes import Condition, refs
from engine.expressions.say import explain
from engine.expressions.scope import Scope
from engine.follow_up.cells import shown_value
from engine.library.check import condition_problems
from engine.library.load import Loaded
from engine.model.grading import GradingFile, GradingRow
from engine.model.ledgers import LedgerFile
from engine.model.workspace import LedgerEntry, RegisteredSite
from engine.problems import Problem, problem
from engine.scopes import grading_scope

PRELIMINARY = "初步、依据待核"


class Reason(NamedTuple):
    """Why a firm has a level: the row of the table, its words, and what is known of the firm."""

    row: str
    level: str
    says: str
    facts: str

    @property
    def text(self) -> str:
        """The reason as it is printed."""
        return f"{self.says}（{self.facts}）" if self.facts else self.says


class Graded(NamedTuple):
    """The preliminary level of a firm."""

    site: str
    level: str
    reasons: tuple[Reason, ...]
    lacking: tuple[str, ...]
    """What is not known, where it may put the firm higher."""


class Table(NamedTuple):
    """A rule table with its conditions bound to the columns of the ledger of inputs."""

    file: GradingFile
    rows: tuple[tuple[GradingRow, Condition], ...]
    scope: Scope


def bound(loaded: Loaded[GradingFile], ledger: LedgerFile) -> tuple[Table | None, list[Problem]]:
    """Return the table with its conditions checked, or None and what is wrong with them, each at its place."""
    scope, rows, problems = grading_scope(ledger), [], []
    for index, row in enumerate(loaded.value.rows):
        condition, found = condition_problems(row.when, scope, loaded.document, ("rows", index, "when"))
        problems += found
        if condition is not None:
            rows.append((row, condition))
    return (None, problems) if problems else (Table(loaded.value, tuple(rows), scope), [])


def table_on(files: Iterable[GradingFile], day: date) -> GradingFile | None:
    """Return the newest table that is in use on a day, None before the first."""
    return max((f for f in files if f.dated <= day), key=lambda f: (f.dated, f.grading), default=None)


def facts_of(ledger: LedgerFile, site: RegisteredSite, entry: LedgerEntry | None) -> dict[str, JsonValue]:
    """Return what is known of a firm by column: the entry of the year; without one what the register says for sure."""
    if entry is not None:
        return dict(entry.values)
    held = site.attributes
    known: dict[str, JsonValue] = {}
    if held.get("tpl") is not None:
        known["storage_service"] = held["tpl"]
    wholesale, retail = held.get("wholesale"), held.get("retail")
    if wholesale is not None and retail is not None and (wholesale or retail):
        known["mode"] = "批零兼营" if wholesale and retail else "批发" if wholesale else "零售"
    if held.get("class2") is not None and held.get("class3") is not None:
        known["classes"] = [word for name, word in (("class2", "二类"), ("class3", "三类")) if held[name]] or ["一类"]
    return {name: value for name, value in known.items() if name in ledger.columns}


def grade(table: Table, ledger: LedgerFile, site: str, known: Mapping[str, JsonValue]) -> Graded:
    """Return the level of a firm: that of the highest row that holds, with every row of that level that does.

    A row of a higher level of which something is not known is told as lacking.
    """
    facts = Facts({f"site:{name}": _value(value) for name, value in known.items()})
    height = {level: place for place, level in enumerate(table.file.levels)}
    held = [(row, c) for row, c in table.rows if evaluate(c, facts) is True]
    level = min((row.level for row, _ in held), key=height.__getitem__, default=table.file.otherwise)
    open_ = [(row, c) for row, c in table.rows if height[row.level] < height[level] and evaluate(c, facts) is None]
    reasons = tuple(
        Reason(row.id, level, row.says, "；".join(_said(c, facts, table.scope)))
        for row, c in held
        if row.level == level
    )
    if not reasons:
        reasons = (Reason("otherwise", level, table.file.otherwise_says, _known_words(ledger, known)),)
    lacking = tuple(f"可能为{row.level}：{row.says}（{_missing(ledger, c, known)}）" for row, c in open_)
    return Graded(site, level, reasons, lacking)


def _value(value: JsonValue) -> Value:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return tuple(str(each) for each in value)
    return value if isinstance(value, (str, int, float)) else None


def _said(condition: Condition, facts: Facts, scope: Scope) -> list[str]:
    return list(dict.fromkeys(f"{reason.asked}：{reason.found}" for reason in explain(condition, facts, scope)))


def _known_words(ledger: LedgerFile, known: Mapping[str, JsonValue]) -> str:
    names = [name for name in ("mode", "classes") if name in known and name in ledger.columns]
    return "；".join(f"{ledger.columns[n].label}：{shown_value(ledger.columns[n], known[n])}" for n in names)


def _missing(ledger: LedgerFile, condition: Condition, known: Mapping[str, JsonValue]) -> str:
    names = sorted(name for name in _names(condition) if name not in known)
    return "没有填：" + "、".join(ledger.columns[name].label for name in names)


def _names(condition: Condition) -> set[str]:
    return {ref.name for ref in refs(condition) if ref.kind == "site"}


class Firm(NamedTuple):
    """A firm on the list: its level by the table, by whoever changed it, and of last year."""

    site: RegisteredSite
    entry: LedgerEntry
    before: str
    """上年级别；不知道的空着。"""

    @property
    def proposed(self) -> str:
        """本年初步级别."""
        return str(self.entry.values["level"])

    @property
    def level(self) -> str:
        """The level that counts: as changed by people, else as proposed."""
        return str(self.entry.values.get("adjusted") or self.entry.values["level"])

    @property
    def lacking(self) -> str:
        """What is not known and may put it higher, if nobody has settled the level by hand."""
        return "" if self.entry.values.get("adjusted") else str(self.entry.values.get("lacking") or "")


def firms(
    sites: Iterable[RegisteredSite], results: Iterable[LedgerEntry], inputs: Iterable[LedgerEntry], year: int
) -> list[Firm]:
    """Return the firms graded for a year with their level of the year before, by unit and site.

    Last year's level is that of last year's list, else what the input says of it.
    """
    results, known = list(results), {s.id: s for s in sites}
    last = {str(e.values["site"]): _level(e) for e in results if e.values.get("year") == year - 1 and not e.voided}
    said = {
        str(e.values["site"]): str(e.values.get("last_level") or "") for e in inputs
        if e.values.get("year") == year and not e.voided
    }  # fmt: skip
    found = [
        Firm(known[str(e.values["site"])], e, last.get(str(e.values["site"])) or said.get(str(e.values["site"]), ""))
        for e in results if e.values.get("year") == year and not e.voided and str(e.values["site"]) in known
    ]  # fmt: skip
    return sorted(found, key=lambda firm: (firm.site.unit, firm.site.id))


def _level(entry: LedgerEntry) -> str:
    return str(entry.values.get("adjusted") or entry.values["level"])


def levels_count(file: GradingFile, listed: Sequence[Firm]) -> dict[str, int]:
    """Return how many firms there are in each level, the highest first."""
    return {level: sum(firm.level == level for firm in listed) for level in file.levels}


def to_grade(file: GradingFile, sites: Iterable[RegisteredSite], day: date) -> list[RegisteredSite]:
    """Return the firms of the register that have to have a level: of the table's types, licensed, in business."""
    return sorted(
        (s for s in sites if s.site_type in file.site_types and not s.unlicensed
         and (s.closed is None or s.closed > day) and s.merged_into is None),
        key=lambda s: s.id,
    )  # fmt: skip


def sums_problems(file: GradingFile, listed: Sequence[Firm], register: Sequence[RegisteredSite]) -> list[Problem]:
    """Return why the levels do not add up to the register: firms missing, firms that are not there, unknown levels."""
    have, want = {firm.site.id for firm in listed}, {site.id for site in register}
    problems = []
    for ids, reason in ((want - have, "没有分级"), (have - want, "已不在应分级的名录中")):
        if ids:
            shown = "、".join(sorted(ids)[:20]) + (f" 等 {len(ids)} 户" if len(ids) > 20 else "")
            what = f"名录 {len(want)} 户，名单 {len(have)} 户"
            problems.append(problem("E888", what=what, reason=f"{shown} {reason}", todo="请用 grading run 重新分级"))
    count = sum(levels_count(file, listed).values())
    if count != len(listed):
        reason = f"与名单 {len(listed)} 户不等"
        problems.append(problem("E888", what=f"各级合计 {count}", reason=reason, todo="请核对级别"))
    return problems


class Change(NamedTuple):
    """A firm whose level is not that of last year."""

    firm: Firm
    direction: str
    """升级、降级、新增。"""


def changes(file: GradingFile, listed: Sequence[Firm]) -> list[Change]:
    """Return the firms whose level changed against last year, in the order of the list; 新增 without one."""
    height = {level: len(file.levels) - place for place, level in enumerate(file.levels)}
    found = []
    for firm in listed:
        if not firm.before:
            found.append(Change(firm, "新增"))
        elif firm.before != firm.level:
            known = firm.before in height
            up = known and height[firm.level] > height[firm.before]
            found.append(Change(firm, ("升级" if up else "降级") if known else "级别名称不同"))
    return found

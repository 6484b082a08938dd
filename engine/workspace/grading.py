"""Grading in a workspace: run by the rule table, changed by people, confirmed, filed. Nothing is decided by itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from pydantic import JsonValue

from engine.follow_up.grading import (
    PRELIMINARY,
    Firm,
    Graded,
    Table,
    bound,
    facts_of,
    firms,
    grade,
    levels_count,
    sums_problems,
    table_on,
    to_grade,
)
from engine.laws import cited
from engine.library.load import Library
from engine.library.resolve import cited_anywhere
from engine.model.grading import GradingFile, GradingRow
from engine.model.ledgers import LedgerFile
from engine.model.workspace import Cell, Filing, LedgerEntry, RegisteredSite, Setting
from engine.problems import Mark, Problem, ProblemError, problem
from engine.workspace.folder import Workspace
from engine.workspace.register import Who
from engine.workspace.store import Reader, Writer

RESULTS = "grading"
CONFIRMED = "grading-confirmed"
FILED = "device-grading"
"""Name under which the list is filed."""


class Confirmed(NamedTuple):
    """Who confirmed a rule table, on which day, and why."""

    by: str
    at: str
    why: str


class Grading(NamedTuple):
    """A year's list."""

    file: GradingFile
    year: int
    listed: tuple[Firm, ...]
    confirmed: Confirmed | None
    """None: nobody has confirmed the table as it is now."""
    problems: tuple[Problem, ...]
    """Why the levels do not add up to the register."""
    counts: dict[str, int]

    @property
    def warning(self) -> str:
        """What stands on every page: 初步、依据待核 as long as rows of the table have not been compared."""
        return PRELIMINARY if self.file.unverified else "初步"


def table_of(library: Library, day: date) -> tuple[Table, LedgerFile]:
    """Return the rule table in use on a day, bound, and its ledger of inputs. Raises ProblemError."""
    file = table_on((each.value for each in library.grading.values()), day)
    if file is None:
        raise ProblemError(
            [problem("E888", what=f"{day}", reason="没有可用的分级规则表", todo="请在 rules/grading 里写一份")]
        )
    ledger = library.ledgers[file.ledger].value
    table, problems = bound(library.grading[file.grading], ledger)
    if table is None:
        raise ProblemError(problems)
    return table, ledger


def run_grading(workspace: Workspace, library: Library, year: int, unit: str, who: Who) -> Grading:
    """Grade every firm of the register for a year and keep what is new; what people changed by hand stays.

    unit: who keeps the list. Firms that are no longer to be graded are voided. Raises ProblemError.
    """
    table, inputs = table_of(library, who.day)
    results = library.ledgers[RESULTS].value
    with workspace.store.writing(by=who.by, at=who.at, action=f"{year} 年度分级", why=who.why) as writer:
        known = {str(e.values.get("site")): e for e in _entries(writer, inputs.ledger, year)}
        before = {str(e.values["site"]): e for e in _entries(writer, RESULTS, year)}
        register = to_grade(table.file, writer.all(RegisteredSite), who.day)
        for site in register:
            graded = grade(table, inputs, site.id, facts_of(inputs, site, known.get(site.id)))
            _keep(writer, results, before.get(site.id), graded, table, library, year, unit, who)
        for id_ in sorted(set(before) - {site.id for site in register}):
            writer.put(before[id_].model_copy(update={"voided": "已不在应分级的名录中"}))
        return grading_of(writer, library, year, who.day)


def _entries(reader: Reader, ledger: str, year: int) -> list[LedgerEntry]:
    return [e for e in reader.all(LedgerEntry, ledger=ledger) if not e.voided and e.values.get("year") == year]


def _keep(
    writer: Writer, ledger: LedgerFile, before: LedgerEntry | None, graded: Graded, table: Table, library: Library,
    year: int, unit: str, who: Who,
) -> None:  # fmt: skip
    rows = {row.id: row for row, _ in table.rows}
    reasons = "；".join(
        f"{r.text}，依据：{_basis(library, rows.get(r.row), table.file, who.day)}" for r in graded.reasons
    )
    values: dict[str, JsonValue] = {
        "day": who.day.isoformat(), "site": graded.site, "year": year, "table": table.file.grading,
        "level": graded.level, "reasons": reasons[:2000],
    }  # fmt: skip
    if graded.lacking:
        values["lacking"] = "；".join(graded.lacking)[:2000]
    if before is None:
        prefix = f"{ledger.prefix}{year}-"
        id_ = f"{prefix}{writer.next_serial(LedgerEntry, prefix):04}"
        writer.put(LedgerEntry(id=id_, ledger=RESULTS, unit=unit, date=who.day, values=dict(sorted(values.items()))))
        return
    by_hand = {name: value for name, value in before.values.items() if name.startswith("adjusted")}
    same = {**before.values, "day": None} == {**values, **by_hand, "day": None}
    if not same:
        writer.put(before.model_copy(update={"date": who.day, "values": dict(sorted({**values, **by_hand}.items()))}))


def _basis(library: Library, row: GradingRow | None, file: GradingFile, day: date) -> str:
    citations = row.basis if row is not None else file.basis
    parts = [each.text for each in cited(cited_anywhere(library, citations), day)]
    claimed = row.claimed if row is not None else file.frequency_claimed
    return "、".join([*parts, *([f"{claimed}（未见原文，待核）"] if claimed else [])]) or "待核"


def grading_of(reader: Reader, library: Library, year: int, day: date) -> Grading:
    """Return the list of a year. day: of the rule table and of the register. Raises ProblemError."""
    table, inputs = table_of(library, day)
    sites = reader.all(RegisteredSite)
    listed = firms(sites, reader.all(LedgerEntry, ledger=RESULTS), reader.all(LedgerEntry, ledger=inputs.ledger), year)
    problems = sums_problems(table.file, listed, to_grade(table.file, sites, day))
    confirmed = confirmation(reader, table.file)
    return Grading(table.file, year, tuple(listed), confirmed, tuple(problems), levels_count(table.file, listed))


def change_level(workspace: Workspace, library: Library, site: str, year: int, level: str, who: Who) -> Firm:
    """Set a firm's level by hand, with the reason; the proposed level stays beside it. Raises ProblemError."""
    table, _ = table_of(library, who.day)
    if level not in table.file.levels:
        todo = f"可用级别：{'、'.join(table.file.levels)}"
        raise ProblemError([problem("E881", header="级别", reason="规则表里没有", text=level, todo=todo)])
    with workspace.store.writing(by=who.by, at=who.at, action="人工调整级别", why=who.why) as writer:
        entry = next((e for e in _entries(writer, RESULTS, year) if e.values["site"] == site), None)
        if entry is None:
            todo = "先用 grading run 分级；写单位编号，见 grading list"
            raise ProblemError([problem("E884", id=site, what=f"{year} 年度已分级的企业", todo=todo)])
        values = {**entry.values, "adjusted": level, "adjusted_why": who.why, "adjusted_by": who.by}
        writer.put(entry.model_copy(update={"values": dict(sorted(values.items()))}))
        return next(f for f in grading_of(writer, library, year, who.day).listed if f.site.id == site)


def digest(file: GradingFile) -> str:
    """Return the SHA-256 of a rule table's content: what was confirmed is this and no other."""
    data = file.model_dump(mode="json", by_alias=True)
    return hashlib.sha256(json.dumps(data, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def confirmation(reader: Reader, file: GradingFile) -> Confirmed | None:
    """Return who confirmed the table as it is now, None if nobody has."""
    setting = reader.get(Setting, CONFIRMED)
    held = setting.value.get(digest(file)) if setting is not None and isinstance(setting.value, dict) else None
    return Confirmed(*(str(held[name]) for name in Confirmed._fields)) if isinstance(held, dict) else None


def confirm_table(workspace: Workspace, library: Library, name: str, who: Who) -> GradingFile:
    """Keep that a named person takes a rule table, as it is now, for right. Raises ProblemError."""
    loaded = library.grading.get(name)
    if loaded is None:
        todo = f"已有：{'、'.join(library.grading) or '无'}"
        raise ProblemError([problem("E884", id=name, what="分级规则表", todo=todo)])
    with workspace.store.writing(by=who.by, at=who.at, action="确认分级规则表", why=who.why) as writer:
        setting = writer.get(Setting, CONFIRMED)
        held = dict(setting.value) if setting is not None and isinstance(setting.value, dict) else {}
        held[digest(loaded.value)] = {"by": who.by, "at": who.at, "why": who.why, "grading": name}
        writer.put(Setting(id=CONFIRMED, value=held))
    return loaded.value


def refusals(found: Grading) -> list[Problem]:
    """Return why a list cannot be filed: the table unconfirmed, sums that do not agree, firms that nobody settled."""
    problems = list(found.problems)
    what = f"{found.year} 年度初步分级名单"
    if found.confirmed is None:
        todo = f"由负责人核对规则表后用 grading confirm {found.file.grading} 确认；规则表改动后要重新确认"
        problems.append(problem("E888", what=what, reason="规则表没有确认，不能报送", todo=todo))
    for firm in found.listed:
        if firm.lacking:
            todo = "请补齐分级资料后重新 grading run，或用 grading change 人工定级"
            problems.append(problem("E888", Mark(""), what=f"{firm.site.id} {firm.site.name}",
                                    reason=f"资料不全，{firm.lacking}", todo=todo))  # fmt: skip
    if not found.listed:
        problems.append(problem("E888", what=what, reason="还没有分级", todo="先用 grading run"))
    return problems


def file_grading(
    workspace: Workspace, library: Library, year: int, unit: str, reviewer: str, phone: str, who: Who
) -> tuple[Filing, Grading]:
    """File a year's list: counts and entries frozen. Raises ProblemError if it cannot be filed yet."""
    with workspace.store.writing(by=who.by, at=who.at, action="报送初步分级名单", why=who.why) as writer:
        found = grading_of(writer, library, year, who.day)
        problems = refusals(found)
        if problems:
            raise ProblemError(problems)
        prefix = f"{FILED}-{year}-"
        serial = writer.next_serial(Filing, prefix)
        cells = {f"level_{place}": _cell(found.listed, level) for place, level in enumerate(found.file.levels, 1)}
        filing = Filing(
            id=f"{prefix}{serial}", table=FILED, unit=unit, start=date(year, 1, 1), cut_off=who.day, serial=serial,
            filed=who.at, by=who.by, reviewer=reviewer, phone=phone, zero=not found.listed, period=cells, total=cells,
            head=str(writer.head()),
        )  # fmt: skip
        writer.put(filing)
        return filing, found


def _cell(listed: Sequence[Firm], level: str) -> Cell:
    ids = tuple(firm.entry.id for firm in listed if firm.level == level)
    return Cell(value=len(ids), ids=ids)

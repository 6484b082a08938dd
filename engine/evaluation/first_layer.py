"""First layer: answers to findings of items, and the result of every item."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.expressions.check import check
from engine.expressions.evaluate import Facts, Row
from engine.expressions.nodes import Condition
from engine.expressions.parse import parse
from engine.expressions.scope import Scope
from engine.inference.ir import RuleBackend
from engine.inference.judge import Judge
from engine.model.base import ItemResult
from engine.model.checklist import Checklist
from engine.model.findings import ItemOutcome
from engine.model.questions import Rows, Sample, YesNo
from engine.model.release import Release, ReleaseFinding, ReleaseItem
from engine.model.sheet import Answer, AnswerSheet
from engine.scopes import item_scope, site_scope


@dataclass(frozen=True)
class Spec:
    """A finding that an item can give, with its condition bound to its scope."""

    item: ReleaseItem
    finding: ReleaseFinding
    condition: Condition
    scope: Scope
    table: str
    """The table whose rows are judged; empty: the answer as a whole."""


@dataclass(frozen=True)
class Found:
    """A finding of the first layer before it is numbered: where it came from and the facts that made it."""

    spec: Spec
    facts: Facts
    subject: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Judged:
    """What the first layer says about a sheet."""

    found: list[Found]
    outcomes: list[ItemOutcome]
    undecided: frozenset[str]
    """Ids of findings that the answers leave open."""
    open_rows: dict[str, list[int]]
    """Rows of tables, by item, that were filled in too little to be judged."""
    unexplained: dict[str, list[int]]
    """Items answered 否 (no row), or listed rows of their own table, in which no finding holds."""


class FirstLayer:
    """The items of a site type, compiled once for many sheets."""

    def __init__(self, release: Release, site_type: str, backend: RuleBackend | None = None) -> None:
        kind = release.site_types[site_type]
        self._grids = release.grids
        base = site_scope(kind, release.grids)
        self.specs = {f.id: _spec(item, f, base) for item in kind.items for f in item.findings}
        groups: dict[str, dict[str, Condition]] = {}
        for id_, spec in self.specs.items():
            groups.setdefault(spec.table, {})[id_] = spec.condition
        self._judges = {table: Judge(conditions, backend) for table, conditions in groups.items()}

    def run(self, checklist: Checklist, sheet: AnswerSheet, facts: Facts) -> Judged:
        """Return the findings in the order of the checklist, the result of each item, and what is undecided."""
        found, open_rows = self._judge(facts, sheet.site.name)
        ordered: list[Found] = []
        outcomes: list[ItemOutcome] = []
        unexplained: dict[str, list[int]] = {}
        for entry in checklist.items():
            own = [f for finding in entry.item.findings for f in found.get(finding.id, ())]
            answer = sheet.answers.get(entry.item.code)
            if answer is not None and answer.status == "not-applicable":  # but rows of a shared table speak for it
                own = [f for f in own if f.spec.table in self._grids]
            outcome = self._outcome(entry.item, sheet, facts, bool(own), open_rows)
            doubtful = self._unexplained(entry.item, answer, own, facts, open_rows)
            if doubtful is not None and outcome is not ItemResult.NOT_APPLICABLE:
                unexplained[entry.item.code] = doubtful
                outcome = ItemResult.UNDECIDED if outcome is ItemResult.COMPLIANT else outcome
            ordered += own
            reason = _doubt(entry.item, answer, outcome)
            outcomes.append(ItemOutcome(code=entry.item.code, check=entry.item.check, result=outcome, reason=reason))
        undecided = self._undecided(checklist, outcomes, facts, open_rows)
        for omitted in checklist.omitted:
            if omitted.kind == "reasonable-omission":
                outcomes.append(
                    ItemOutcome(
                        code=omitted.code, check=omitted.check, result=ItemResult.REASONABLE_OMISSION,
                        reason=omitted.reason,
                    )
                )  # fmt: skip
        rows = {i.code: _numbers(i, open_rows) for i in (e.item for e in checklist.items())}
        open_ = {code: numbers for code, numbers in rows.items() if numbers}
        return Judged(ordered, outcomes, undecided, open_, unexplained)

    def _judge(self, facts: Facts, site: str) -> tuple[dict[str, list[Found]], dict[str, list[int]]]:
        """Return what certainly holds, and for each finding the rows that leave it open (0: the whole sheet)."""
        found: dict[str, list[Found]] = {}
        open_rows: dict[str, list[int]] = {}
        ids: dict[str, list[str]] = {}
        for id_, spec in self.specs.items():
            ids.setdefault(spec.table, []).append(id_)
        for table, judge in self._judges.items():
            for number, (row, at) in enumerate(self.positions(table, facts), 1):
                held, denied = judge.judge(at, site)
                for id_ in held:
                    found.setdefault(id_, []).append(Found(self.specs[id_], at, self._subject(table, row)))
                for id_ in set(ids[table]).difference(held, denied):
                    open_rows.setdefault(id_, []).append(number if table else 0)
        return found, open_rows

    def _undecided(
        self, checklist: Checklist, outcomes: list[ItemOutcome], facts: Facts, open_rows: dict[str, list[int]]
    ) -> frozenset[str]:
        """Return the findings that may or may not be there: for escalations they are unknown, not absent."""
        settled = {o.code for o in outcomes if o.result is ItemResult.NOT_APPLICABLE}
        settled |= {o.code for o in checklist.omitted if o.by_scope}
        listed = {entry.item.code for entry in checklist.items()}
        return frozenset(
            id_
            for id_, spec in self.specs.items()
            if spec.item.code not in settled
            and (
                spec.item.code not in listed
                or id_ in open_rows
                or (spec.table != "" and spec.table not in facts.tables)
            )
        )

    def close(self) -> None:
        """Free the compiled rules."""
        for judge in self._judges.values():
            judge.close()

    def positions(self, table: str, facts: Facts) -> Iterator[tuple[Row | None, Facts]]:
        """Yield where the conditions of a table are judged: once for the whole sheet, or once a row."""
        if not table:
            yield None, facts
            return
        for row in facts.tables.get(table, ()):
            yield row, facts.with_row(row)

    def _subject(self, table: str, row: Row | None) -> dict[str, str]:
        if row is None:
            return {}
        grid = self._grids.get(table)
        spec = (
            grid.answer
            if grid is not None
            else next(s.item.answer for s in self.specs.values() if s.item.rule == table)
        )
        keys = spec.key if isinstance(spec, Rows) else ("device", "position")
        return {name: str(row[name]) for name in keys if row.get(name) is not None}

    def _outcome(
        self, item: ReleaseItem, sheet: AnswerSheet, facts: Facts, found: bool, open_rows: dict[str, list[int]]
    ) -> ItemResult:
        answer = sheet.answers.get(item.code)
        if found:
            return ItemResult.NON_COMPLIANT
        if answer is not None and answer.status == "not-applicable":
            return ItemResult.NOT_APPLICABLE
        answered = item.rule in facts.tables or (answer is not None and answer.status == "answered")
        if not answered:
            return ItemResult.NOT_CHECKED
        if isinstance(item.answer, Sample) and answer is not None and answer.details.get("drawn") == 0:
            return ItemResult.UNDECIDED
        decided = all(self._denied(self.specs[f.id], facts, open_rows) for f in item.findings)
        return ItemResult.COMPLIANT if decided else ItemResult.UNDECIDED

    def _unexplained(
        self, item: ReleaseItem, answer: Answer | None, own: list[Found], facts: Facts, open_rows: dict[str, list[int]]
    ) -> list[int] | None:
        """Return where somebody saw a problem that no finding tells: the rows they listed, or [] for a plain 否."""
        if isinstance(item.answer, YesNo) and item.grid is None:
            said_no = answer is not None and answer.value == "否"
            return [] if said_no and not own else None
        if not isinstance(item.answer, Rows) or item.grid is not None or any(not found.spec.table for found in own):
            return None
        told = {id(found.facts.row) for found in own}
        rows = enumerate(facts.tables.get(item.rule, ()), 1)
        open_here = _numbers(item, open_rows)
        return [n for n, row in rows if id(row) not in told and n not in open_here] or None

    def _denied(self, spec: Spec, facts: Facts, open_rows: dict[str, list[int]]) -> bool:
        """Return whether an item without findings may be called compliant as far as this finding goes.

        A table of another item that was not filled in is that item's gap, not this one's.
        """
        if spec.table and spec.table not in facts.tables:
            return spec.table not in (spec.item.rule, spec.item.grid)
        return spec.finding.id not in open_rows


def _doubt(item: ReleaseItem, answer: Answer | None, result: ItemResult) -> str:
    """Return why an item that was answered cannot be left undecided: a fault was seen, or nothing was drawn."""
    if answer is None or result is not ItemResult.UNDECIDED:
        return ""
    if isinstance(item.answer, YesNo) and item.grid is None and answer.value == "否":
        return SAID_NO
    if isinstance(item.answer, Sample) and answer.details.get("drawn") == 0:
        return "抽查数为 0"
    return LISTED if isinstance(item.answer, Rows) and item.grid is None and answer.value else ""


SAID_NO = "答为“否”，但所填内容还不构成问题"
LISTED = "列出的内容不构成问题"


def _numbers(item: ReleaseItem, open_rows: dict[str, list[int]]) -> list[int]:
    return sorted({n for finding in item.findings for n in open_rows.get(finding.id, ()) if n})


def _spec(item: ReleaseItem, finding: ReleaseFinding, base: Scope) -> Spec:
    scope = item_scope(base, item, finding)
    condition, _ = check(parse(finding.condition), scope)
    table = "" if finding.each is None else (item.grid or item.rule) if finding.each == "answer" else finding.each
    return Spec(item, finding, condition, scope, table)

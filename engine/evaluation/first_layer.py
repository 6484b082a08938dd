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
from engine.model.questions import Rows
from engine.model.release import Release, ReleaseFinding, ReleaseItem
from engine.model.sheet import AnswerSheet
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

    def run(self, checklist: Checklist, sheet: AnswerSheet, facts: Facts) -> tuple[list[Found], list[ItemOutcome]]:
        """Return the findings in the order of the checklist, and the result of each of its items."""
        found: dict[str, list[Found]] = {}
        refuted: dict[str, bool] = {}
        for table, judge in self._judges.items():
            for row, at in self.positions(table, facts):
                held, denied = judge.judge(at, sheet.site.name)
                for id_ in held:
                    found.setdefault(id_, []).append(Found(self.specs[id_], at, self._subject(table, row)))
                for id_, spec in self.specs.items():
                    if spec.table == table:
                        refuted[id_] = refuted.get(id_, True) and id_ in denied
        ordered: list[Found] = []
        outcomes: list[ItemOutcome] = []
        for entry in checklist.items():
            own = [f for finding in entry.item.findings for f in found.get(finding.id, ())]
            answer = sheet.answers.get(entry.item.code)
            if answer is not None and answer.status == "not-applicable":  # but rows of a shared table speak for it
                own = [f for f in own if f.spec.table in self._grids]
            outcome = self._outcome(entry.item, sheet, facts, bool(own), refuted)
            ordered += own
            outcomes.append(ItemOutcome(code=entry.item.code, check=entry.item.check, result=outcome))
        for omitted in checklist.omitted:
            if omitted.kind == "reasonable-omission":
                outcomes.append(
                    ItemOutcome(
                        code=omitted.code, check=omitted.check, result=ItemResult.REASONABLE_OMISSION,
                        reason=omitted.reason,
                    )
                )  # fmt: skip
        return ordered, outcomes

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
        self, item: ReleaseItem, sheet: AnswerSheet, facts: Facts, found: bool, refuted: dict[str, bool]
    ) -> ItemResult:
        answer = sheet.answers.get(item.code)
        if found:
            return ItemResult.NON_COMPLIANT
        if answer is not None and answer.status == "not-applicable":
            return ItemResult.NOT_APPLICABLE
        answered = item.rule in facts.tables or (answer is not None and answer.status == "answered")
        if not answered:
            return ItemResult.NOT_CHECKED
        decided = all(self._denied(self.specs[f.id], facts, refuted) for f in item.findings)
        return ItemResult.COMPLIANT if decided else ItemResult.UNDECIDED

    def _denied(self, spec: Spec, facts: Facts, refuted: dict[str, bool]) -> bool:
        """Return whether the finding certainly does not hold; a table without rows gives none."""
        if spec.table and not facts.tables.get(spec.table):
            own = spec.table in (spec.item.rule, spec.item.grid)
            return not own or spec.table in facts.tables
        return refuted.get(spec.finding.id, False)


def _spec(item: ReleaseItem, finding: ReleaseFinding, base: Scope) -> Spec:
    scope = item_scope(base, item, finding)
    condition, _ = check(parse(finding.condition), scope)
    table = "" if finding.each is None else (item.grid or item.rule) if finding.each == "answer" else finding.each
    return Spec(item, finding, condition, scope, table)

"""The rules' own tests: every case through both backends, and which conditions the cases have seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from engine.evaluation.escalate import Escalations, Known
from engine.evaluation.facts import facts_of
from engine.evaluation.first_layer import FirstLayer, Spec
from engine.expressions.evaluate import evaluate
from engine.expressions.nodes import Answered, Condition, leaves, refs
from engine.inference.ir import RuleBackend
from engine.inspections.answers import read_answer
from engine.library.check import finding_loc
from engine.library.load import Library, Loaded
from engine.library.releases import Locked
from engine.library.resolve import resolve, rules_of
from engine.model.base import ItemResult
from engine.model.checklist import Checklist
from engine.model.release import Release, ReleaseItem
from engine.model.rules import Case, Escalation, EscalationCase, Rule
from engine.model.sheet import Answer, AnswerSheet, EarlierFinding, Site, Visit
from engine.problems import Mark, Problem, problem, sort
from engine.source import Document, Loc
from engine.tailor import tailor

CASE_DAY = date(2024, 1, 15)
"""The day of inspection in cases that name none."""

_OPEN = (ItemResult.NOT_CHECKED, ItemResult.UNDECIDED)


@dataclass
class ConditionCoverage:
    """One single condition of a rule and the values that the cases have seen it take."""

    mark: Mark
    text: str
    never_unknown: bool = False
    seen: set[bool | None] = field(default_factory=set)

    @property
    def missing(self) -> str:
        """真, 假, 未知: those not seen, joined; empty when complete."""
        words = {True: "真", False: "假"} if self.never_unknown else {True: "真", False: "假", None: "未知"}
        return "、".join(word for value, word in words.items() if value not in self.seen)


@dataclass(frozen=True)
class CaseReport:
    """What running the cases gave."""

    cases: int
    problems: tuple[Problem, ...]
    coverage: tuple[ConditionCoverage, ...]

    def share(self, value: bool | None) -> tuple[int, int]:
        """Return how many conditions were seen with this value, and how many can take it."""
        able = [c for c in self.coverage if value is not None or not c.never_unknown]
        return sum(1 for c in able if value in c.seen), len(able)


def _is_always_known(leaf: Condition) -> bool:
    """Return whether a condition is never unknown: whether something was answered, and the day of the inspection."""
    return isinstance(leaf, Answered) or all(r.kind == "inspection" for r in refs(leaf))


def run_cases(library: Library, only: str = "", backend: RuleBackend | None = None) -> CaseReport:
    """Return the result of every case of the rules whose id starts with only, on every site type they apply to.

    backend replaces durable_rules, for tests of the comparison.
    """
    campaign = max(library.campaigns)
    library = _as_written(library)
    runner = _Runner(library, Locked(resolve(library, campaign), "0" * 64), backend)
    try:
        for priority, index, rule in rules_of(library):
            if rule.id.startswith(only):
                runner.rule(rule, library.priorities[priority].document, ("rules", index))
        runner.escalations(only)
    finally:
        runner.close()
    coverage = sorted(runner.coverage.values(), key=lambda c: (c.mark.path, c.mark.line, c.mark.column))
    return CaseReport(runner.count, sort(runner.problems), tuple(coverage))


def _as_written(library: Library) -> Library:
    """Return the rules without what layers and campaigns change: cases are of the rules as written."""
    campaigns = {
        name: Loaded(each.document, each.value.model_copy(update={"changes": ()}))
        for name, each in library.campaigns.items()
    }
    return replace(library, levels=(), campaigns=campaigns)


class CaseJudge:
    """Single cases tried on rules as they are; close it when done."""

    def __init__(self, library: Library) -> None:
        library = _as_written(library)
        self._runner = _Runner(library, Locked(resolve(library, max(library.campaigns)), "0" * 64), None)

    def close(self) -> None:
        """End what judges."""
        self._runner.close()

    def problems(self, rule: Rule, case: Case, document: Document, loc: Loc) -> list[Problem]:
        """Return what is wrong with a case on any site type of its rule; document and loc: where it stands."""
        runner, self._runner.problems = self._runner, []
        runner.case(rule, case, document, loc)
        return runner.problems

    def finds(self, rule: Rule, case: Case, document: Document, loc: Loc) -> tuple[str, ...] | str | None:
        """Return what a case finds, as its key `finds` says it; None if site types differ or it cannot be judged."""
        self._runner.problems = []
        found = set()
        for site_type in self._runner.sites(rule, case):
            judged = self._runner.judged(rule, case, site_type, document, loc)
            if judged is None:
                return None
            _, _, ids, result, *_ = judged
            found.add(tuple(ids) or ("unknown" if result in _OPEN else "nothing"))
        return found.pop() if len(found) == 1 else None


class _Runner:
    def __init__(self, library: Library, locked: Locked, backend: RuleBackend | None) -> None:
        self.library, self.locked = library, locked
        self.release: Release = locked.release
        self.problems: list[Problem] = []
        self.coverage: dict[tuple[str, int], ConditionCoverage] = {}
        self.count = 0
        self._backend = backend
        self._layers: dict[str, FirstLayer] = {}
        self._checklists: dict[tuple[str, str, date], Checklist] = {}

    def close(self) -> None:
        for layer in self._layers.values():
            layer.close()

    def layer(self, site_type: str) -> FirstLayer:
        if site_type not in self._layers:
            self._layers[site_type] = FirstLayer(self.release, site_type, self._backend)
        return self._layers[site_type]

    def sites(self, rule: Rule, case: Case) -> list[str]:
        known = self.release.site_types
        return [name for name in rule.applies_to if name in known and case.site_type in (None, name)]

    def rule(self, rule: Rule, document: Document, top: Loc) -> None:
        for place, case in enumerate(rule.cases):
            self.case(rule, case, document, (*top, "cases", place))

    def case(self, rule: Rule, case: Case, document: Document, loc: Loc) -> None:
        for site_type in self.sites(rule, case):
            self.count += 1
            self._case(rule, case, site_type, document, loc)

    def judged(self, rule: Rule, case: Case, site_type: str, document: Document, loc: Loc):  # type: ignore[no-untyped-def]
        """Return layer, item, ids found, result and facts of a case on a site type, None with problems otherwise."""
        checklist = self._checklist(site_type, case)
        item = next((e.item for e in checklist.items() if e.item.rule == rule.id), None)
        if item is None:
            self.problems.append(problem("E404", document.mark(loc), expected="项目在表上", actual="被列为合理缺项"))
            return None
        sheet, problems = self._sheet(checklist, item, case, document, loc)
        if problems:
            self.problems += problems
            return None
        facts = facts_of(checklist, sheet)
        layer = self.layer(site_type)
        judged = layer.run(checklist, sheet, facts)
        ids = [f.spec.finding.id for f in judged.found if f.spec.item.rule == rule.id]
        result = next(o.result for o in judged.outcomes if o.code == item.code)
        return layer, item, ids, result, facts

    def _case(self, rule: Rule, case: Case, site_type: str, document: Document, loc: Loc) -> None:
        judged = self.judged(rule, case, site_type, document, loc)
        if judged is None:
            return
        layer, item, ids, result, facts = judged
        self._compare(case, ids, result, site_type, document, loc)
        for finding in item.findings:
            spec = layer.specs[finding.id]
            where: Loc = (*loc[:2], *finding_loc(rule, finding.id), "finding_if")
            for _, at in layer.positions(spec.table, facts):
                self._observe(spec, at, document, where)

    def _compare(
        self, case: Case, ids: list[str], result: ItemResult, site_type: str, document: Document, loc: Loc
    ) -> None:
        if case.finds == "nothing":
            good, expected = not ids and result not in _OPEN, "不发现问题（符合或不适用）"
        elif case.finds == "unknown":
            good, expected = not ids and result in _OPEN, "不能判定（未检查或无法判定）"
        else:
            wanted = [case.finds] if isinstance(case.finds, str) else list(case.finds)
            good, expected = Counter(ids) == Counter(wanted), "、".join(wanted)
        if not good:
            actual = f"{'、'.join(ids) or '没有问题'}（{result.label}，{site_type}）"
            self.problems.append(problem("E404", document.mark((*loc, "finds")), expected=expected, actual=actual))

    def _observe(self, spec: Spec, facts, document: Document, where: Loc) -> None:  # type: ignore[no-untyped-def]
        by_node: dict[int, ConditionCoverage] = {}
        for index, leaf in enumerate(leaves(spec.condition)):
            key = (spec.finding.id, index)
            if key not in self.coverage:
                mark = document.inner_mark(where, *leaf.span)
                written = spec.finding.condition[leaf.span[0] : leaf.span[1]]
                self.coverage[key] = ConditionCoverage(mark, written, _is_always_known(leaf))
            by_node[id(leaf)] = self.coverage[key]

        def observe(leaf: Condition, value: bool | None) -> None:
            by_node[id(leaf)].seen.add(value)

        evaluate(spec.condition, facts, observe)

    def _checklist(self, site_type: str, case: Case) -> Checklist:
        kind = self.release.site_types[site_type]
        attributes = {name: case.site.get(name, a.present is None) for name, a in kind.attributes.items()}
        key = (site_type, repr(sorted(attributes.items())), case.date or CASE_DAY)
        if key not in self._checklists:
            site = Site(name="用例", attributes=attributes)
            checklist, problems = tailor(self.locked, site_type, site, case.date or CASE_DAY, routine=True)
            assert checklist is not None, problems
            self._checklists[key] = checklist
        return self._checklists[key]

    def _sheet(
        self, checklist: Checklist, item: ReleaseItem, case: Case, document: Document, loc: Loc
    ) -> tuple[AnswerSheet, list[Problem]]:
        answers: dict[str, Answer] = {}
        problems: list[Problem] = []
        given: Iterator[tuple[str, object, Loc]] = iter(
            [(item.code, case.answer, (*loc, "answer"))]
            + [(name, value, (*loc, "answers", name)) for name, value in case.answers.items()]
        )
        for name, value, where in given:
            target = self._target(checklist, name)
            if target is None:
                problems.append(problem("E402", document.mark(where), name=name, what="规则或共用表", suggestion=""))
                continue
            key, spec, details = target
            answers[key], found = read_answer(spec, details, value, key, document, where)
            problems += found
        sheet = AnswerSheet(
            campaign=checklist.campaign, lock=checklist.lock, site_type=checklist.site_type, routine=True,
            site=checklist.site, visit=Visit(date=checklist.date), answers=answers,
            earlier=tuple(EarlierFinding(finding=id_) for id_ in case.earlier),
        )  # fmt: skip
        return sheet, problems

    def _target(self, checklist: Checklist, name: str):  # type: ignore[no-untyped-def]
        if name in checklist.grids:
            return name, checklist.grids[name].answer, {}
        found = next((e.item for e in checklist.items() if name in (e.item.code, e.item.rule)), None)
        return (found.code, found.answer, found.details) if found is not None else None

    def escalations(self, only: str) -> None:
        loaded = self.library.escalations
        if loaded is None:
            return
        known = self._known()
        judging = Escalations(self.release, next(iter(self.release.site_types)), self._backend)
        try:
            for index, escalation in enumerate(loaded.value.escalations):
                if escalation.id.startswith(only):
                    self._escalation(index, escalation, loaded.document, known, judging)
        finally:
            judging.close()

    def _escalation(
        self, index: int, escalation: Escalation, document: Document, known: Mapping[str, Known], judging: Escalations
    ) -> None:
        for place, case in enumerate(escalation.cases):
            self.count += 1
            raised = self._raised(case, known, judging)
            fired = sum(1 for r in raised if r.escalation.id == escalation.id)
            if fired != case.fires:
                mark = document.mark(("escalations", index, "cases", place, "fires"))
                expected, actual = f"成立 {case.fires} 次", f"{fired} 次"
                self.problems.append(problem("E404", mark, expected=expected, actual=actual))

    def _raised(self, case: EscalationCase, known: Mapping[str, Known], escalations: Escalations):  # type: ignore[no-untyped-def]
        found = [
            Known(
                f.finding, dict(f.subject), known[f.finding].grade, known[f.finding].red_line, known[f.finding].priority
            )
            for f in case.found
        ]
        values = {f"earlier:{id_}": id_ in case.earlier for id_ in {*known, *case.earlier}}
        return escalations.run(found, frozenset(case.unknown), dict(values), "用例")

    def _known(self) -> dict[str, Known]:
        return {
            finding.id: Known(finding.id, {}, finding.grade, finding.red_line, item.priority)
            for site_type in self.release.site_types.values()
            for item in site_type.items
            for finding in item.findings
        }

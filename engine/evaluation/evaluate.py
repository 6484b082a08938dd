"""A whole evaluation: results of items, findings, escalations, each with its explanation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.evaluation.escalate import Escalations, Identity, Known, Raised, identity
from engine.evaluation.facts import facts_of
from engine.evaluation.first_layer import FirstLayer, Found, Judged
from engine.evaluation.sentence import escalation_values, finding_values
from engine.expressions.evaluate import Facts
from engine.expressions.say import Reason, explain, say, say_passing
from engine.inference.ir import RuleBackend
from engine.laws import cited
from engine.library.releases import Locked
from engine.model.base import ItemResult
from engine.model.checklist import Checklist
from engine.model.findings import CitedArticle, Evaluation, Finding, ReasonShown, ShownClause
from engine.model.questions import Sample
from engine.model.release import ReleaseCitation, ReleaseGrid, ReleaseItem
from engine.model.sheet import Answer, AnswerSheet
from engine.problems import did_you_mean
from engine.sentences import fill


class Evaluator:
    """A release compiled for one site type: evaluates any number of sheets. Close it when done."""

    def __init__(self, locked: Locked, site_type: str, backend: RuleBackend | None = None) -> None:
        self._locked = locked
        self._site_type = site_type
        self.first = FirstLayer(locked.release, site_type, backend)
        self._escalations = Escalations(locked.release, site_type, backend)

    def evaluate(self, checklist: Checklist, sheet: AnswerSheet) -> Evaluation:
        """Return the findings that the answers show, numbered in the order of the checklist, escalations last.

        Both backends judge every condition; ProblemError is raised, and nothing is returned, if they disagree.
        """
        facts = facts_of(checklist, sheet)
        judged = self.first.run(checklist, sheet, facts)
        raised = self._raised(judged, sheet, facts)
        findings = [self._finding(number, f, sheet, checklist) for number, f in enumerate(judged.found, 1)]
        for r in raised:
            findings.append(self._escalation(len(findings) + 1, r, findings, sheet, checklist))
        return Evaluation(
            campaign=checklist.campaign, lock=checklist.lock, checklist=checklist.id, site_type=checklist.site_type,
            site=sheet.site.name, date=checklist.date, notices=self._notices(checklist, sheet, judged),
            items=tuple(judged.outcomes), findings=tuple(findings),
        )  # fmt: skip

    def raised_without(
        self, checklist: Checklist, sheet: AnswerSheet, rejected: Iterable[Finding]
    ) -> frozenset[Identity]:
        """Return the identities of the escalations that still stand when people have rejected these findings."""
        facts = facts_of(checklist, sheet)
        judged = self.first.run(checklist, sheet, facts)
        without = frozenset(identity(f.id, f.subject) for f in rejected)
        return frozenset(identity(r.escalation.id, r.subject) for r in self._raised(judged, sheet, facts, without))

    def close(self) -> None:
        """Free the compiled rules."""
        self.first.close()
        self._escalations.close()

    def _raised(
        self, judged: Judged, sheet: AnswerSheet, facts: Facts, without: frozenset[Identity] = frozenset()
    ) -> list[Raised]:
        known = [
            Known(f.spec.finding.id, f.subject, f.spec.finding.grade, f.spec.finding.red_line, f.spec.item.priority)
            for f in judged.found
        ]
        told = {
            f"earlier:{row.get('finding')}" for row in facts.tables.get("follow-up", ()) if row.get("result") == "反弹"
        }
        values = {name: value for name, value in facts.values.items() if name not in told}
        return self._escalations.run(known, judged.undecided, values, sheet.site.name, without)

    def _finding(self, number: int, found: Found, sheet: AnswerSheet, checklist: Checklist) -> Finding:
        spec, finding = found.spec, found.spec.finding
        return Finding(
            number=number, id=finding.id, layer=1, code=spec.item.code, title=spec.item.check, subject=found.subject,
            sentence=fill(finding.sentence, finding_values(found, sheet, checklist)), grade=finding.grade,
            red_line=finding.red_line, dispositions=finding.dispositions, routed_to=checklist.type.competent,
            duty=self._cited(finding.basis.duty, checklist), liability=self._cited(finding.basis.liability, checklist),
            power=self._cited(finding.basis.power, checklist),
            clauses=self._clauses(spec.item.clauses), condition=say(spec.condition, spec.scope),
            passing=say_passing(spec.condition, spec.scope),
            reasons=_shown(explain(spec.condition, found.facts, spec.scope)), parents=(),
        )  # fmt: skip

    def _escalation(
        self, number: int, raised: Raised, below: list[Finding], sheet: AnswerSheet, checklist: Checklist
    ) -> Finding:
        e = raised.escalation
        parents = tuple(below[i] for i in raised.parents)
        return Finding(
            number=number, id=e.id, layer=e.layer, code=None, title=e.title, subject=raised.subject,
            sentence=fill(e.sentence, escalation_values(raised.subject, parents, sheet, checklist)), grade=e.grade,
            red_line=e.red_line, dispositions=e.dispositions, routed_to=checklist.type.competent,
            duty=self._cited(e.basis.duty, checklist), liability=self._cited(e.basis.liability, checklist),
            power=self._cited(e.basis.power, checklist), clauses=self._clauses(e.clauses),
            condition=say(raised.condition, raised.scope), passing=say_passing(raised.condition, raised.scope),
            reasons=_shown(explain(raised.condition, raised.facts, raised.scope)),
            parents=tuple(p.number for p in parents),
        )  # fmt: skip

    def _cited(self, citations: tuple[ReleaseCitation, ...], checklist: Checklist) -> tuple[CitedArticle, ...]:
        serving = (c for c in citations if not c.sites or self._site_type in c.sites)
        return cited(serving, checklist.date, checklist.site.attributes)

    def _clauses(self, ids: tuple[str, ...]) -> tuple[ShownClause, ...]:
        quotes: Mapping[str, str] = self._locked.release.clauses
        return tuple(ShownClause(id=id_, quote=quotes.get(id_, id_)) for id_ in ids)

    def _notices(self, checklist: Checklist, sheet: AnswerSheet, judged: Judged) -> tuple[str, ...]:
        notices = list(checklist.notices)
        passed_over = {code for code, answer in sheet.answers.items() if answer.status == "not-applicable"}
        for outcome in judged.outcomes:
            if outcome.code in passed_over and outcome.result is ItemResult.NON_COMPLIANT:
                notices.append(f"{outcome.code} 答为“不适用”，但抽查追溯表中有不符合的行，已按表中内容提出问题，请核对")
        known = {f.id for t in self._locked.release.site_types.values() for i in t.items for f in i.findings}
        known |= {e.id for e in self._locked.release.escalations}
        for earlier in sheet.earlier:
            if earlier.finding not in known:
                hint = did_you_mean(earlier.finding, known)
                notices.append(f"上次问题 “{earlier.finding}” 不在现行规则里，没有用于比对。{hint}".rstrip("。"))
        notices += [note for entry in checklist.items() if (note := _too_few(entry.item, sheet))]
        notices += [note for name, grid in checklist.grids.items() if (note := _short(grid, sheet.answers.get(name)))]
        for code, rows in judged.unexplained.items():
            what = f"表中第 {'、'.join(map(str, rows))} 行" if rows else "答为“否”"
            notices.append(f"{code}：{what}，但所填内容还不构成问题，请补填或核对情形、日期和细目")
        for code, rows in judged.open_rows.items():
            notices.append(f"{code}：表中第 {'、'.join(map(str, rows))} 行填得不全，无法判定")
        return tuple(notices)


def _shown(reasons: list[Reason]) -> tuple[ReasonShown, ...]:
    return tuple(
        ReasonShown(asked=r.asked, found=r.found, limit=r.limit, passes=r.passes, where=r.where) for r in reasons
    )


def _too_few(item: ReleaseItem, sheet: AnswerSheet) -> str:
    """Return what to say where fewer were drawn than the rule asks for, although there are more; else nothing."""
    answer = sheet.answers.get(item.code)
    if not isinstance(item.answer, Sample) or item.answer.at_least is None or answer is None:
        return ""
    drawn, population = answer.details.get("drawn"), answer.details.get("population")
    wanted = item.answer.at_least if not isinstance(population, int) else min(item.answer.at_least, population)
    if not isinstance(drawn, int) or drawn >= wanted:
        return ""
    return f"{item.code} 抽查 {drawn} {item.answer.unit}，少于要求的 {wanted} {item.answer.unit}"


def _short(grid: ReleaseGrid, answer: Answer | None) -> str:
    """Return what to say where a shared table has fewer rows than it asks for; nothing if it was not begun."""
    rows = answer.value if answer is not None and isinstance(answer.value, list) else []
    wanted = grid.answer.at_least
    return f"《{grid.title}》只有 {len(rows)} 行，要求不少于 {wanted} 行" if wanted and 0 < len(rows) < wanted else ""

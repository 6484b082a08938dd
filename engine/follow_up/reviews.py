"""复查 and 回头看: what a second look at the findings of an inspection says, and which sites deserve one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Literal, NamedTuple, get_args

from engine.follow_up.findings import WAITING, Step, correct, extend, fail
from engine.model.look_back import LookBackFile, RiskClass
from engine.model.workspace import KeptFinding
from engine.problems import Problem, problem
from engine.register.recurring import Again, came_back, is_about_the_same

Result = Literal["已整改", "部分整改", "未整改", "反弹"]
RESULTS: tuple[Result, ...] = get_args(Result)


def settle(
    finding: KeptFinding, result: Result, *, on: date, review: str, due: date | None = None, clue: str = "",
    evidence: Sequence[str] = (),
) -> Step:  # fmt: skip
    """Return what a review says of a finding: corrected; extended once to due; not corrected and made a clue.

    反弹 is not said of a finding that waits: it is a new finding that names an earlier one, found by recurrences().
    """
    if result == "已整改":
        return correct(finding, on=on, evidence=evidence, review=review)
    if result == "部分整改":
        if due is None:
            return Step(
                finding, problem("E882", title=finding.id, header="新的期限", todo="部分整改的延期一次，请写明新的期限")
            )
        step = extend(finding, on=on, due=due)
        return step if step.refused else Step(step.finding.model_copy(update={"review": review}))
    if result == "未整改":
        return fail(finding, on=on, clue=clue, review=review, evidence=evidence)
    todo = "反弹由程序从复查、回头看的记录里找出（findings recurrences）；没有改正过的写 未整改"
    return Step(finding, problem("E886", id=finding.id, reason="反弹不能手工填写", todo=todo))


def to_review(findings: Iterable[KeptFinding], day: date) -> list[KeptFinding]:
    """Return the findings whose term is over on a day and that no review has settled, by term and id."""
    waiting = [f for f in findings if f.state in ("ordered", "extended") and f.due is not None and f.due < day]
    return sorted(waiting, key=lambda f: (f.due or day, f.id))


def results_in(
    rows: Iterable[Mapping[str, object]], record: str, inspection: str
) -> tuple[dict[str, Result], list[Problem]]:
    """Return what a review's record says in its table of earlier problems, by finding of the earlier inspection.

    record: number (or checklist) of the earlier record: its problems stand there as record-1, record-2 …;
    inspection: the earlier inspection. A row of another record, or without a result, is a problem.
    """
    found: dict[str, Result] = {}
    problems = []
    for row in rows:
        item, said = str(row.get("item") or ""), row.get("result")
        before, _, number = item.rpartition("-")
        result = next((each for each in RESULTS if each == said), None)
        if before != record or not number.isdecimal():
            todo = f"复查 {inspection} 的记录，问题应写作 {record}-序号"
            problems.append(problem("E884", id=item or "（空）", what="上次的问题", todo=todo))
        elif result is None:
            problems.append(problem("E882", title=item, header="现场核实", todo="在记录的核实表里填写结果"))
        else:
            found[f"{inspection}-{int(number)}"] = result
    return found, problems


class Recurrence(NamedTuple):
    """A finding that was there before."""

    finding: str
    earlier: str
    same_subject: bool
    """The same product, batch or supplier; else only the same rule at the same site."""


def recurrences(
    findings: Iterable[KeptFinding], earlier: Iterable[KeptFinding], same_site: Mapping[str, str]
) -> list[Recurrence]:
    """Return which findings are earlier ones come back, as engine.register.recurring defines it.

    same_site: the site that a merged one counts as, where that is another.
    """
    before: dict[tuple[str, str], list[KeptFinding]] = {}
    for old in earlier:
        before.setdefault((old.rule, same_site.get(old.site, old.site)), []).append(old)
    found = []
    for finding in findings:
        olds = before.get((finding.rule, same_site.get(finding.site, finding.site)), [])
        again = Again(finding.rule, finding.subject, finding.found)
        best = came_back(again, (old for old in olds if old.id != finding.id))
        if best is not None:
            found.append(Recurrence(finding.id, best.id, is_about_the_same(best.subject, finding.subject)))
    return sorted(found)


class Target(NamedTuple):
    """A site that is to be looked at again, and why."""

    site: str
    unit: str
    classes: tuple[str, ...]
    findings: tuple[str, ...]
    """Ids of the earlier findings, those that are closed too (CF2024-2.1-s)."""


def look_back(findings: Iterable[KeptFinding], table: LookBackFile, site_types: Mapping[str, str]) -> list[Target]:
    """Return the sites of a 回头看 round, by unit and site: those with findings in the risk classes of the table.

    site_types: type of each site. Waived findings count like the others.
    """
    by_site: dict[str, list[tuple[KeptFinding, str]]] = {}
    for finding in findings:
        named = [c.name for c in table.classes if _is_in(c, finding, site_types.get(finding.site, ""))]
        for name in named:
            by_site.setdefault(finding.site, []).append((finding, name))
    targets = [
        Target(
            site, max((f for f, _ in hits), key=lambda f: (f.found, f.id)).unit,
            tuple(dict.fromkeys(c.name for c in table.classes if c.name in {name for _, name in hits})),
            tuple(sorted({f.id for f, _ in hits})),
        )
        for site, hits in by_site.items()
    ]  # fmt: skip
    return sorted(targets, key=lambda target: (target.unit, target.site))


def _is_in(risk: RiskClass, finding: KeptFinding, site_type: str) -> bool:
    if risk.site_types and site_type not in risk.site_types:
        return False
    if risk.grades and finding.grade not in risk.grades:
        return False
    return finding.rule in risk.rules or finding.rule.split(".")[0] in risk.priorities


def unsettled(findings: Iterable[KeptFinding]) -> list[KeptFinding]:
    """Return the findings that still wait for something, by id."""
    return sorted((f for f in findings if f.state in WAITING), key=lambda f: f.id)


def read_results(words: Iterable[str]) -> tuple[dict[str, Result], list[Problem]]:
    """Return what was typed as 问题编号=结果, by finding, and a problem for each word that is none."""
    todo = f"写成 问题编号=结果，可用结果：{'、'.join(RESULTS)}"
    found: dict[str, Result] = {}
    problems = []
    for word in words:
        id_, _, text = word.partition("=")
        result = next((each for each in RESULTS if each == text.strip()), None)
        if result is None or id_ in found:
            reason = "写了两次" if id_ in found else "不是复查结果"
            problems.append(problem("E881", header=id_, reason=reason, text=word, todo=todo))
        else:
            found[id_.strip()] = result
    return found, problems

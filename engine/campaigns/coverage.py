"""A plan against what answers it: every clause, every item, every rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, get_args

from engine.expressions.check import check
from engine.expressions.deciding import impossible
from engine.expressions.parse import parse
from engine.laws import in_force
from engine.library.load import Library
from engine.library.releases import Locked, check_releases
from engine.library.resolve import Asked, plan_of, resolve, rules_of
from engine.model.campaign import Answer, ClauseCoverage, Coverage, SiteTypeCoverage, Standing
from engine.model.clocks import Clock, YearlyDuty
from engine.model.plans import AnsweredBy
from engine.model.release import Release, ReleaseItem, ReleaseSiteType
from engine.model.rules import CampaignFile, Clause, SiteTypeFile
from engine.model.sheet import Site
from engine.problems import Problem, did_you_mean, problem
from engine.scopes import tailoring_scope
from engine.tailor import tailor

CAMPAIGN_WORDS = {
    "title": "行动名称", "plan": "方案名称和发文单位", "period": "行动起止日期", "stages": "阶段",
    "focus_areas": "重点区域", "focus_products": "重点产品", "hotline": "举报电话", "units": "报送单位",
}  # fmt: skip
PAPER_WORDS = {"checklist": "检查表", "inspection-record": "现场检查笔录", "coverage": "方案条款落实表"}


def coverage(library: Library, campaign: str) -> tuple[Coverage | None, list[Problem]]:
    """Return the coverage of a campaign and what is wrong with it, or None if there is no such campaign.

    Wrong are a clause that nothing answers, a rule that is on no checklist in any campaign, and a released campaign
    whose rules have changed since. The library must have no error (engine.library.check.check_library).
    """
    loaded = library.campaigns.get(campaign)
    if loaded is None:
        names = sorted(library.campaigns)
        hint = did_you_mean(campaign, names) + f"可用行动：{'、'.join(names)}"
        return None, [problem("E613", campaign=campaign, suggestion=hint)]
    file, release = loaded.value, resolve(library, campaign)
    written, clauses = library.clauses[plan_of(library, campaign)], answered(library, campaign)
    path = written.document.path
    problems = [
        problem("E418", written.document.mark(("clauses", n, "id")), clause=c.id, quote=c.quote, file=path)
        for n, c in enumerate(clauses)
        if c.standing == "unanswered"
    ]
    problems += _never_asked(library)
    of_release = f"/releases/{campaign}/"
    problems += [p for p in check_releases(library) if p.mark.path == loaded.document.path or of_release in p.mark.path]
    found = Coverage(
        campaign=campaign, title=file.title, plan=file.plan, status=file.status, lock=file.lock, clauses=clauses,
        site_types=tuple(_site_type(name, kind, release, file) for name, kind in _by_code(release)),
        rules=sum(1 for _ in rules_of(library)),
        counts={s: sum(1 for c in clauses if c.standing == s) for s in get_args(Standing)},
        by_kind=_by_kind(clauses),
    )  # fmt: skip
    return found, problems


def answered(library: Library, campaign: str) -> tuple[ClauseCoverage, ...]:
    """Return each clause of a campaign's plan with what answers it."""
    file, release, plan = library.campaigns[campaign].value, resolve(library, campaign), plan_of(library, campaign)
    asked = Asked(library, plan)
    answers = {c.id: c.answered_by for other in library.clauses.values() for c in other.value.clauses}
    clauses = library.clauses[plan].value.clauses
    return tuple(_clause(_inheriting(c, asked, answers), library, file, release, asked) for c in clauses)


def _by_code(release: Release) -> list[tuple[str, ReleaseSiteType]]:
    return sorted(release.site_types.items(), key=lambda pair: pair[1].code)


def _by_kind(clauses: tuple[ClauseCoverage, ...]) -> dict[str, int]:
    kinds = [kind for c in clauses for kind in {a.kind for a in c.answers}]
    counts = {kind: kinds.count(kind) for kind in get_args(Answer.model_fields["kind"].annotation) if kind in kinds}
    principles = sum(1 for c in clauses if c.standing == "principle")
    return counts | {"principle": principles, "planned": sum(1 for c in clauses if c.planned)}


def _inheriting(clause: Clause, asked: Asked, answers: Mapping[str, AnsweredBy | None]) -> Clause:
    """Return the clause with what is written for those that it is the same as, if it has nothing of its own."""
    if clause.answered_by is not None:
        return clause
    earlier = [answers[id_] for id_ in sorted(asked.alike(clause.id)) if answers.get(id_) is not None]
    return clause.model_copy(update={"answered_by": earlier[-1]}) if earlier else clause


def _clause(clause: Clause, library: Library, file: CampaignFile, release: Release, asked: Asked) -> ClauseCoverage:
    given = clause.answered_by or AnsweredBy()
    alike = asked.alike(clause.id)
    derived = (*_derived(clause.id, alike, file, release), *_kept(alike, library))
    answers = tuple(a for a in (*derived, *_written(given, library, file)) if a.names)
    return ClauseCoverage(
        id=clause.id, quote=clause.quote, kind=clause.kind, standing=_standing(given, answers), answers=answers,
        planned=given.planned,
    )  # fmt: skip


def _standing(given: AnsweredBy, answers: tuple[Answer, ...]) -> Standing:
    if answers:
        return "partly" if given.planned else "answered"
    if given.principle:
        return "principle"
    return "planned" if given.planned else "unanswered"


def _derived(clause: str, alike: frozenset[str], file: CampaignFile, release: Release) -> Iterator[Answer]:
    """Yield what names the clause: items and escalations as the campaign resolves them, and its deadlines."""
    items = [i for _, kind in _by_code(release) for i in kind.items if clause in i.clauses]
    yield Answer(kind="items", names=tuple(i.code for i in items), words=tuple(i.check for i in items))
    raised = [e for e in release.escalations if clause in e.clauses]
    yield Answer(kind="escalations", names=tuple(e.id for e in raised), words=tuple(e.title for e in raised))
    due = [d for d in file.deadlines if alike & {*d.clauses}]
    yield Answer(kind="deadlines", names=tuple(d.id for d in due), words=tuple(d.title for d in due))


def _kept(alike: frozenset[str], library: Library) -> Iterator[Answer]:
    """Yield what the workspace keeps or does for the clause: ledgers, clocks, grading, look-back, tables, summaries."""
    yield _whole_or_columns("ledgers", alike, (
        (each.ledger, each.title, each.clauses, [(n, c.label, c.clauses) for n, c in each.columns.items()])
        for each in (loaded.value for _, loaded in sorted(library.ledgers.items()))
    ))  # fmt: skip
    files = [each.value for _, each in sorted(library.clocks.items())]
    clocks: list[Clock | YearlyDuty] = [c for each in files for c in each.clocks]
    clocks += [c for each in files for c in each.yearly]
    clocks = [c for c in clocks if alike & {*c.clauses}]
    yield Answer(kind="clocks", names=tuple(c.id for c in clocks), words=tuple(c.title for c in clocks))
    graded = [each.value for _, each in sorted(library.grading.items()) if alike & {*each.value.clauses}]
    yield Answer(kind="grading", names=tuple(g.grading for g in graded), words=tuple(g.title for g in graded))
    yield _whole_or_columns("tables", alike, (
        (each.table, each.title, each.clauses, [(n, "：".join(c.title), c.clauses) for n, c in each.columns.items()])
        for each in (loaded.value for _, loaded in sorted(library.tables.items()))
    ))  # fmt: skip
    told = [each.value for _, each in sorted(library.summaries.items()) if alike & {*each.value.clauses}]
    yield Answer(kind="summaries", names=tuple(s.summary for s in told), words=tuple(s.title for s in told))
    again = [name for name, each in sorted(library.look_back.items()) if alike & {*each.value.clauses}]
    yield Answer(kind="look-back", names=tuple(again), words=tuple(f"回头看规则表（{name}）" for name in again))


def _whole_or_columns(
    kind: Literal["ledgers", "tables"], alike: frozenset[str],
    files: Iterable[tuple[str, str, Sequence[str], Sequence[tuple[str, str, Sequence[str]]]]],
) -> Answer:  # fmt: skip
    """Return the files that name the clause, and of the others their columns that do: name, title, clauses, columns."""
    found: dict[str, str] = {}
    for name, title, clauses, columns in files:
        if alike & {*clauses}:
            found[name] = title
        else:
            found |= {f"{name}.{column}": f"{title}“{label}”栏" for column, label, of in columns if alike & {*of}}
    return Answer(kind=kind, names=tuple(found), words=tuple(found.values()))


def _written(given: AnsweredBy, library: Library, file: CampaignFile) -> Iterator[Answer]:
    """Yield what the clause names: with the words that are printed for it."""
    types = [loaded.value for _, loaded in sorted(library.site_types.items())]
    attributes = _labels((t, name, a.label) for t in types for name, a in t.attributes.items())
    identity = _labels((t, i.id, i.label) for t in types for i in t.identity)
    leads = {t.site_type: f"{t.title.split('（')[0]}：{t.lead}" for t in types}
    yield Answer(kind="columns", names=given.columns, words=tuple(_column(library, name) for name in given.columns))
    yield _named("attributes", given.attributes, attributes)
    yield _named("identity", given.identity, identity)
    yield _named("leads", given.leads, leads)
    keys = tuple(key for key in given.campaign if getattr(file, key))
    yield _named("campaign", keys, CAMPAIGN_WORDS)
    yield _named("documents", given.documents, PAPER_WORDS)
    yield _named("commands", given.commands, {name: f"chunfeng {name}" for name in given.commands})


def _labels(fields: Iterable[tuple[SiteTypeFile, str, str]]) -> dict[str, str]:
    """Return the label of each field by its name, the most frequent where site types differ, and by site-type.name."""
    written = list(fields)
    labels: dict[str, list[str]] = {}
    for _, name, label in written:
        labels.setdefault(name, []).append(label)
    found = {name: max(given, key=given.count) for name, given in labels.items()}
    return found | {f"{t.site_type}.{name}": f"{t.title.split('（')[0]}的“{label}”" for t, name, label in written}


def _named(kind: str, names: tuple[str, ...], words: Mapping[str, str]) -> Answer:
    return Answer.model_validate({"kind": kind, "names": names, "words": tuple(words.get(n, n) for n in names)})


def _column(library: Library, name: str) -> str:
    grid, _, column = name.partition(".")
    loaded = library.grids[grid].value
    return f"{loaded.title}“{loaded.answer.columns[column].ask or column}”栏"


def _site_type(name: str, kind: ReleaseSiteType, release: Release, file: CampaignFile) -> SiteTypeCoverage:
    asked = [item for item in kind.items if item.clauses]
    by_clause = {c: tuple(i.code for i in asked if c in i.clauses) for c in release.clauses}
    checklist, _ = tailor(Locked(release, file.lock or ""), name, Site(), release.period.start)
    return SiteTypeCoverage(
        site_type=name, code=kind.code, title=kind.title, reached=checklist is not None,
        clauses={c: codes for c, codes in by_clause.items() if codes},
        routine=tuple(i.code for i in kind.items if not i.clauses), items=len(kind.items), asked=len(asked),
    )  # fmt: skip


def _never_asked(library: Library) -> Iterator[Problem]:
    """Yield rules that no site could get on a checklist, with or without --routine, in any campaign."""
    releases = [resolve(library, name) for name in sorted(library.campaigns)]
    places: dict[str, list[tuple[ReleaseItem, ReleaseSiteType, Release]]] = {}
    for release in releases:
        for kind in release.site_types.values():
            for item in kind.items:
                places.setdefault(item.rule, []).append((item, kind, release))
    for priority, index, rule in rules_of(library):
        reason = _why_never(places.get(rule.id, []))
        if reason is not None:
            mark = library.priorities[priority].document.mark(("rules", index, "id"))
            yield problem("E419", mark, rule=rule.id, reason=reason)


def _why_never(places: list[tuple[ReleaseItem, ReleaseSiteType, Release]]) -> str | None:
    lawful = [place for place in places if _has_law(place[0], place[2])]
    if not lawful:
        return "在哪一次行动期间都没有有效的义务依据"
    if not any(_may_apply(*place) for place in lawful):
        return "适用条件对哪一个单位都不成立"
    return None


def _has_law(item: ReleaseItem, release: Release) -> bool:
    """Return whether the item has a duty in force on some day of the campaign."""
    period = release.period
    return any(c.start <= period.end and in_force(c, max(c.start, period.start)) for c in item.findings[0].basis.duty)


def _may_apply(item: ReleaseItem, kind: ReleaseSiteType, release: Release) -> bool:
    """Return whether some site could have the item: whether its only_if can hold."""
    if item.only_if is None:
        return True
    scope = tailoring_scope(kind)
    condition, _ = check(parse(item.only_if), scope)
    return not impossible([(condition, True)], scope)

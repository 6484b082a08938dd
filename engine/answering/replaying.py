"""Past answers judged by other rules: which findings would change, and by which change of which item.

An answer counts for the new rules when its question can still be answered so (answers belong to their question); what
only the judgement of it changed for is the point of it. Dates are held against the day of the visit, as they were; the
law is that of the day of the visit if the campaign covers it, else of a day of the campaign.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from engine.answering.carrying import known_site
from engine.answering.fitting import PARTLY, RETIRED, ROUTINE, Fitted, fitted
from engine.campaigns.difference import escalation_part, site_part
from engine.evaluation.escalate import Identity, identity
from engine.inspections.opening import Evaluators, Inspection
from engine.library.comparing import change_words
from engine.library.releases import Locked
from engine.model.checklist import Checklist
from engine.model.difference import (
    EFFECT_WORDS,
    KIND_WORDS,
    Effect,
    EffectKind,
    ItemDifference,
    ItemEffects,
    LeftOut,
    Replay,
    Replayed,
)
from engine.model.findings import Evaluation, Finding
from engine.model.record import RecordFile
from engine.tailor import tailor


class Past(NamedTuple):
    """An inspection as it was: how it is called, its answers, the record that holds people's decisions."""

    name: str
    inspection: Inspection
    record: RecordFile | None = None


class Replaying:
    """The new rules, ready for any number of past inspections."""

    def __init__(self, current: Locked, evaluators: Evaluators, day: date | None = None) -> None:
        self.current, self._evaluators = current, evaluators
        self.day = day or current.release.period.start
        self._fixed = day is not None
        self._parts: dict[tuple[str, str], dict[str, ItemDifference]] = {}

    def replay(self, past: Past) -> Replayed | LeftOut:
        """Return what the new rules would say otherwise of a past inspection, or why it cannot be judged by them.

        Raises ProblemError if the two backends disagree.
        """
        inspection, sheet = past.inspection, past.inspection.sheet
        checklist, problems = tailor(
            self.current, sheet.site_type, known_site(inspection, self.current), self._day(sheet.visit.date),
            routine=sheet.routine,
        )  # fmt: skip
        if checklist is None:
            return LeftOut(name=past.name, site=sheet.site.name, reason="；".join(p.message for p in problems))
        fit = fitted(inspection, self.current.release, checklist)
        before = self._evaluators.evaluate(inspection)
        judged = sheet.model_copy(update={"answers": fit.answers, "site": checklist.site})
        after = self._evaluators.evaluate(Inspection(self.current, checklist, judged))
        told = _Told(self._changed(inspection), _lost_findings(inspection, fit), past.record, checklist)
        effects = tuple(told.effects(before, after))
        other = {e.number for e in effects}
        return Replayed(
            name=past.name, site=sheet.site.name, site_type=sheet.site_type, date=sheet.visit.date,
            campaign=inspection.locked.release.campaign, lock=inspection.locked.lock, effects=effects,
            same=len(after.findings) - len(other - {None}), carried=len(fit.answers),
            not_carried=_lost_counts(fit), not_asked=_not_asked(inspection, checklist),
        )  # fmt: skip

    def _day(self, visit: date | None) -> date:
        return visit if visit is not None and not self._fixed and visit in self.current.release.period else self.day

    def _changed(self, inspection: Inspection) -> dict[str, ItemDifference]:
        """Return what changed since the release of an inspection at its site type, by rule or escalation."""
        key = (inspection.locked.lock, inspection.sheet.site_type)
        if key not in self._parts:
            then, now = inspection.locked.release, self.current.release
            parts = (site_part(then, now, key[1]), escalation_part(then, now))
            self._parts[key] = {item.id: item for part in parts for item in part.items}
        return self._parts[key]


def replay(
    pasts: Iterable[Past | LeftOut], current: Locked, *, draft: bool, day: date | None = None
) -> Replay:  # fmt: skip
    """Return what the rules would change about past inspections, added up by item; those left out with their reason.

    day: whose law is cited; None: of the visit where the campaign covers it, else of the campaign's first day.
    """
    with Evaluators() as evaluators:
        replaying = Replaying(current, evaluators, day)
        found = [past if isinstance(past, LeftOut) else replaying.replay(past) for past in pasts]
    visits = tuple(each for each in found if isinstance(each, Replayed))
    lost: Counter[str] = Counter()
    for visit in visits:
        lost.update(visit.not_carried)
    return Replay(
        campaign=current.release.campaign, title=current.release.title, lock=current.lock, draft=draft,
        day=replaying.day, visits=visits, left_out=tuple(each for each in found if isinstance(each, LeftOut)),
        counts=_counted(effect.kind for visit in visits for effect in visit.effects),
        not_carried=dict(sorted(lost.items())), items=_by_item(visits, current),
    )  # fmt: skip


def _not_asked(inspection: Inspection, checklist: Checklist) -> int:
    known = {entry.item.rule for entry in inspection.checklist.items()}
    return sum(entry.item.rule not in known for entry in checklist.items())


def _lost_counts(fit: Fitted) -> dict[str, int]:
    counts = Counter(fit.lost.values())
    counts[PARTLY] += len(fit.partly)
    return dict(sorted((reason, n) for reason, n in counts.items() if n))


def _lost_findings(inspection: Inspection, fit: Fitted) -> dict[str, str]:
    """Return by the old code of an item why its answer does not count, be it its own or that of a shared table."""
    found = dict(fit.lost)
    for entry in inspection.checklist.items():
        tables = {entry.item.grid, *(finding.each for finding in entry.item.findings)}
        reasons = [why for name, why in sorted(fit.lost.items()) if name in tables]
        if reasons:
            found[entry.item.code] = reasons[0]
    return found


class _Told:
    """What differs between two evaluations, and why."""

    def __init__(
        self, changed: Mapping[str, ItemDifference], lost: Mapping[str, str], record: RecordFile | None,
        checklist: Checklist,
    ) -> None:  # fmt: skip
        self._changed, self._lost = changed, lost
        self._decided = {f.number: f.status for f in record.findings} if record is not None else {}
        self._rules = {f.id: item.rule for item in checklist.type.items for f in item.findings}

    def effects(self, before: Evaluation, after: Evaluation) -> Iterator[Effect]:
        """Yield what the second evaluation says otherwise, in its order; what only the first says stands last."""
        old, new = _by_identity(before), _by_identity(after)
        for key, finding in new.items():
            was = old.get(key)
            if was is None:
                yield self._effect("new", finding, None, "", finding.sentence)
            else:
                for kind, one, other in _differing(was, finding):
                    yield self._effect(kind, finding, was, one, other)
        for key, finding in old.items():
            if key not in new:
                yield self._effect("gone", finding, finding, finding.sentence, "")

    def _effect(self, kind: EffectKind, finding: Finding, old: Finding | None, before: str, after: str) -> Effect:
        return Effect(
            kind=kind, finding=finding.id, number=None if kind == "gone" else finding.number, code=finding.code or "",
            sentence=finding.sentence, grade=finding.grade, before=before, after=after,
            why=tuple(self._why(kind, finding)), decided=self._decided.get(old.number) if old is not None else None,
        )  # fmt: skip

    def _why(self, kind: EffectKind, finding: Finding) -> Iterator[str]:
        wanted = _MOVES if kind in ("new", "gone") else (kind,)
        item = self._changed.get(self._rules.get(finding.id, finding.id))
        found = [
            f"{KIND_WORDS[change.kind]}，{change_words(change)}"
            for change in (item.changes if item is not None else ())
            if change.finding in (None, finding.id) and change.kind in wanted
        ]
        lost = self._lost.get(finding.code or "") if kind == "gone" else None
        if lost is not None and (lost not in (RETIRED, ROUTINE) or not found):
            found.append(f"答案没有用上：{lost}")
        yield from found or [_OTHERWISE[kind] if finding.layer == 1 else "所依据的问题有变化"]


_MOVES = (
    "added", "demanded", "tightened", "loosened", "conditions", "question", "applicability", "undemanded", "retired",
)  # fmt: skip
"""Changes by which a finding may come or go."""
_OTHERWISE: dict[EffectKind, str] = {
    "new": "同一共用表或其他答案的判定有变化", "gone": "同一共用表或其他答案的判定有变化",
    "regraded": "等级不同", "law": "当日有效的版本不同", "handling": "处理建议不同",
}  # fmt: skip


def _by_identity(evaluation: Evaluation) -> dict[tuple[Identity, int], Finding]:
    """Return the findings by id and subject; of several that are the same in both, by their order."""
    found: dict[tuple[Identity, int], Finding] = {}
    seen: Counter[Identity] = Counter()
    for finding in evaluation.findings:
        key = identity(finding.id, finding.subject)
        seen[key] += 1
        found[key, seen[key]] = finding
    return found


def _differing(old: Finding, new: Finding) -> Iterator[tuple[EffectKind, str, str]]:
    grades = [f.grade.label + ("、红线" if f.red_line else "") for f in (old, new)]
    if grades[0] != grades[1]:
        yield "regraded", grades[0], grades[1]
    laws = [_articles(finding) for finding in (old, new)]
    if laws[0] != laws[1]:
        gone = "；".join(text for text in laws[0] if text not in laws[1])
        yield "law", gone, "；".join(text for text in laws[1] if text not in laws[0])
    lists = ["；".join(d.label for d in f.dispositions) for f in (old, new)]
    if lists[0] != lists[1]:
        yield "handling", lists[0], lists[1]


def _articles(finding: Finding) -> list[str]:
    return [article.text for article in (*finding.duty, *finding.liability, *finding.power)]


def _counted(kinds: Iterable[EffectKind]) -> dict[EffectKind, int]:
    counts = Counter(kinds)
    return {kind: counts[kind] for kind in EFFECT_WORDS if counts[kind]}


def _by_item(visits: Iterable[Replayed], current: Locked) -> tuple[ItemEffects, ...]:
    """Return what each item's changes amount to, by their codes; escalations stand last."""
    items = {item.code: item for kind in current.release.site_types.values() for item in kind.items}
    titles = {e.id: e.title for e in current.release.escalations}
    found: dict[tuple[bool, str], list[tuple[str, Effect]]] = {}
    for visit in visits:
        for effect in visit.effects:
            found.setdefault((not effect.code, effect.code or effect.finding), []).append((visit.name, effect))
    listed = []
    for (_, name), effects in sorted(found.items()):
        item = items.get(name)
        first = effects[0][1]
        listed.append(
            ItemEffects(
                code=first.code, rule=item.rule if item is not None else first.finding,
                title=item.check if item is not None else titles.get(name, name),
                counts=_counted(effect.kind for _, effect in effects), visits=len({visit for visit, _ in effects}),
                why=tuple(dict.fromkeys(why for _, effect in effects for why in effect.why)),
            )
        )  # fmt: skip
    return tuple(listed)

"""Second layer and above: findings to escalations, layer by layer, without loops."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from engine.expressions.check import check
from engine.expressions.evaluate import Facts, Value
from engine.expressions.nodes import Condition, Ref, refs
from engine.expressions.parse import parse
from engine.expressions.scope import Scope
from engine.inference.ir import RuleBackend
from engine.inference.judge import Judge
from engine.model.base import Grade
from engine.model.release import Release, ReleaseEscalation
from engine.scopes import escalation_scope, site_scope

_Key = tuple[int, str, tuple[str, ...]]
"""Escalations judged together: their layer, over what, and with what in common."""


Identity = tuple[str, tuple[tuple[str, str], ...]]
"""What a finding is known by within one inspection: its id and its subject."""


def identity(id_: str, subject: dict[str, str]) -> Identity:
    """Return what a finding is known by."""
    return id_, tuple(sorted(subject.items()))


@dataclass(frozen=True)
class Known:
    """A finding of a lower layer as escalations see it."""

    id: str
    subject: dict[str, str]
    grade: Grade
    red_line: bool
    priority: str
    layer: int = 1


@dataclass(frozen=True)
class Raised:
    """An escalation that fired: its facts and the places of its parents in the list of findings."""

    escalation: ReleaseEscalation
    condition: Condition
    scope: Scope
    facts: Facts
    subject: dict[str, str]
    parents: tuple[int, ...]
    title: str = ""


@dataclass(frozen=True)
class _Group:
    """What an escalation is judged over: some findings, by place, and what they have in common."""

    members: tuple[int, ...]
    subject: dict[str, str] = field(default_factory=dict)
    this: dict[str, Value] = field(default_factory=dict)


class Escalations:
    """The escalations of a release, compiled once for many sheets."""

    def __init__(self, release: Release, site_type: str, backend: RuleBackend | None = None) -> None:
        base = site_scope(release.site_types[site_type], release.grids)
        union = frozenset(f.id for t in release.site_types.values() for i in t.items for f in i.findings)
        base = Scope({}, base.site, earlier=union, titles=base.titles)
        self._all = release.escalations
        self._scopes = {e.id: escalation_scope(base, e, release.escalations) for e in self._all}
        self._conditions = {e.id: check(parse(e.condition), self._scopes[e.id])[0] for e in self._all}
        self._ids: dict[_Key, frozenset[str]] = {}
        self._judges: dict[_Key, Judge] = {}
        for key in dict.fromkeys((e.layer, e.over, e.same) for e in self._all):
            chosen = {e.id: self._conditions[e.id] for e in self._all if (e.layer, e.over, e.same) == key}
            self._ids[key], self._judges[key] = frozenset(chosen), Judge(chosen, backend)

    def run(
        self, known: Sequence[Known], undecided: frozenset[str], values: dict[str, Value], site: str,
        without: frozenset[Identity] = frozenset(),
    ) -> list[Raised]:  # fmt: skip
        """Return what the findings mean together, lowest layer first.

        known: the findings of the first layer in their order; undecided: ids that the answers leave open; values:
        site attributes, the day and earlier findings; without: findings of any layer that do not count.
        """
        findings = [k for k in known if identity(k.id, k.subject) not in without]
        raised: list[Raised] = []
        for layer in sorted({layer for layer, _, _ in self._judges}):
            new: list[Raised] = []
            for key, judge in self._judges.items():
                if key[0] == layer:
                    fired, open_ = self._judge(judge, key, findings, undecided, values, site)
                    new += fired
                    undecided |= open_
            new.sort(key=lambda r: r.escalation.id)  # stable: the groups of one stay in their order
            raised += new
            findings += [_known(r) for r in new if identity(r.escalation.id, r.subject) not in without]
        return raised

    def _judge(
        self, judge: Judge, key: _Key, findings: Sequence[Known], undecided: frozenset[str], values: dict[str, Value],
        site: str,
    ) -> tuple[list[Raised], frozenset[str]]:  # fmt: skip
        """Return what fires over each group of findings, and the ids that some group leaves open."""
        _, over, same = key
        fired: list[Raised] = []
        open_: frozenset[str] = frozenset()
        for group in _groups(over, same, findings, values):
            facts = Facts(values | group.this | self._finding_facts(group, over, findings, undecided))
            held, denied = judge.judge(facts, site)
            fired += [self._raise(id_, group, facts, findings) for id_ in held]
            open_ |= self._ids[key].difference(held, denied)
        return fired, open_

    def close(self) -> None:
        """Free the compiled rules."""
        for judge in self._judges.values():
            judge.close()

    def _finding_facts(
        self, group: _Group, over: str, findings: Sequence[Known], undecided: frozenset[str]
    ) -> dict[str, Value]:
        members = [findings[i] for i in group.members] if over == "subject" else list(findings)
        present = {member.id for member in members}
        facts: dict[str, Value] = {}
        for condition in self._conditions.values():
            for ref in refs(condition):
                if ref.kind == "finding" and (ref.name in present or ref.name not in undecided):
                    facts[ref.key] = ref.name in present
                elif ref.kind == "count":
                    facts[ref.key] = sum(1 for m in members if _matches(m, ref.name))
        return facts

    def _raise(self, id_: str, group: _Group, facts: Facts, findings: Sequence[Known]) -> Raised:
        escalation = next(e for e in self._all if e.id == id_)
        condition = self._conditions[id_]
        named = [ref for ref in refs(condition) if ref.kind in ("finding", "count")]
        candidates = group.members if escalation.over != "site" else range(len(findings))
        parents = tuple(
            i for i in candidates if escalation.over == "finding" or any(_reads(r, findings[i]) for r in named)
        )
        return Raised(escalation, condition, self._scopes[id_], facts, group.subject, parents)


def _groups(over: str, same: tuple[str, ...], findings: Sequence[Known], values: dict[str, Value]) -> Iterator[_Group]:
    if over == "site":
        yield _Group(tuple(range(len(findings))))
        return
    by_key: dict[tuple[str, ...], list[int]] = {}
    for index, finding in enumerate(findings):
        if over == "finding":
            by_key.setdefault((finding.id,), []).append(index)
        elif all(name in finding.subject for name in same):
            by_key.setdefault(tuple(finding.subject[name] for name in same), []).append(index)
    for key, members in by_key.items():
        if over == "subject":
            yield _Group(tuple(members), dict(zip(same, key, strict=True)))
        else:
            first = findings[members[0]]
            this: dict[str, Value] = {
                "this:grade": first.grade.value, "this:red_line": first.red_line, "this:priority": first.priority,
                "this:count": len(members), "this:recurred": values.get(f"earlier:{first.id}", False),
            }  # fmt: skip
            yield _Group(tuple(members), {"finding": first.id}, this)


def _known(raised: Raised) -> Known:
    e = raised.escalation
    return Known(e.id, raised.subject, e.grade, e.red_line, e.id.split(".")[0], e.layer)


def _reads(ref: Ref, finding: Known) -> bool:
    return ref.name == finding.id if ref.kind == "finding" else _matches(finding, ref.name)


def _matches(finding: Known, wanted: str) -> bool:
    """Return whether findings(…) counts it: what answers showed only, or counts would depend on the layer."""
    if finding.layer > 1:
        return False
    if wanted == "all":
        return True
    shown = {"grade": finding.grade.value, "priority": finding.priority, "red_line": str(finding.red_line).lower()}
    return all(shown[key] == value for key, _, value in (part.partition("=") for part in wanted.split(",")))

"""A campaign resolved: rules, site types, law and wording joined into the content of a release."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from engine.expressions.nodes import refs
from engine.expressions.parse import ConditionError, parse
from engine.expressions.scope import Scope
from engine.library.load import Library, verification_key
from engine.library.tailoring import Tailored, tailored
from engine.model.base import Verification
from engine.model.release import (
    Release,
    ReleaseBasis,
    ReleaseCitation,
    ReleaseEscalation,
    ReleaseFinding,
    ReleaseGrid,
    ReleaseItem,
    ReleaseSection,
    ReleaseSiteType,
    ReleaseWording,
    ReleaseWordingVersion,
)
from engine.model.rules import Basis, Citation, Escalation, Rule, SiteTypeFile
from engine.scopes import site_scope


@lru_cache(maxsize=8)
def resolve(library: Library, campaign: str) -> Release:
    """Return the content of the campaign's release, made once for a library.

    References that lead nowhere are left out here; engine.library.check reports them.
    """
    file = library.campaigns[campaign].value
    plan = plan_of(library, campaign)
    asked = Asked(library, plan)
    clauses = library.clauses.get(plan)
    return Release(
        schema_version=1,
        campaign=campaign,
        title=file.title,
        plan=file.plan,
        period=file.period,
        stages=file.stages,
        focus_areas=file.focus_areas,
        focus_products=file.focus_products,
        hotline=file.hotline,
        clauses={c.id: c.quote for c in clauses.value.clauses} if clauses else {},
        site_types={
            name: _site_type(library, campaign, loaded.value, asked)
            for name, loaded in sorted(library.site_types.items())
        },
        grids={
            name: ReleaseGrid(title=g.value.title, instructions=g.value.instructions, answer=g.value.answer)
            for name, g in sorted(library.grids.items())
        },
        escalations=_escalations(library, asked),
        wording=_wording(library),
    )


def plan_of(library: Library, campaign: str) -> str:
    """Return the campaign whose clauses file holds the plan: its own, else that of the nearest that it extends."""
    seen: list[str] = []
    while campaign not in library.clauses and campaign in library.campaigns and campaign not in seen:
        seen.append(campaign)
        campaign = library.campaigns[campaign].value.extends or campaign
    return campaign


class Asked:
    """Which clauses of a plan ask for what names clauses, its own or those that it says are the same."""

    def __init__(self, library: Library, plan: str) -> None:
        self._year = f"CF{plan[:4]}-"
        loaded = library.clauses.get(plan)
        known = {c.id: c.same_as for other in library.clauses.values() for c in other.value.clauses if c.same_as}
        self._same = {c.id: _closure(c.id, known) for c in loaded.value.clauses if c.same_as} if loaded else {}

    def by(self, clauses: Iterable[str]) -> tuple[str, ...]:
        """Return the clauses of the plan that ask for what names these clauses: first those it names itself."""
        named = tuple(clauses)
        own = tuple(c for c in named if c.startswith(self._year))
        held = set(named)
        return (*own, *(c for c, same in self._same.items() if c not in own and same & held))

    def alike(self, clause: str) -> frozenset[str]:
        """Return the clause and every earlier one that it is said to be the same as."""
        return self._same.get(clause, frozenset()) | {clause}


def _closure(clause: str, same: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    found: set[str] = set()
    waiting = list(same.get(clause, ()))
    while waiting:
        earlier = waiting.pop()
        if earlier not in found:
            found.add(earlier)
            waiting += same.get(earlier, ())
    return frozenset(found - {clause})


def any_release(library: Library) -> Release | None:
    """Return a release, None without a campaign. Each holds every item of every site type: any will do for checks."""
    name = next(iter(sorted(library.campaigns)), None)
    return resolve(library, name) if name is not None else None


@lru_cache(maxsize=4)
def site_scopes(library: Library) -> dict[str, Scope]:
    """Return what the conditions of each site type may name, made once for a library."""
    release = any_release(library)
    kinds = release.site_types if release is not None else {}
    return {name: site_scope(kind, release.grids) for name, kind in kinds.items() if release is not None}


def release_bytes(release: Release) -> bytes:
    """Return the canonical JSON of a release: one space of indent, one final newline.

    Keys stand in the order of the models and, for columns, details and attributes, of the rules: it is printed.
    """
    return release.model_dump_json(by_alias=True, indent=1).encode() + b"\n"


def release_content(release: Release) -> dict[str, Any]:
    """Return a release as plain JSON values."""
    return release.model_dump(mode="json", by_alias=True)


def lock_of(content: bytes) -> str:
    """Return the lock of a release file: the SHA-256 of its bytes in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def rules_of(library: Library) -> Iterable[tuple[str, int, Rule]]:
    """Yield the priority's name, the rule's place in its file and the rule, for all rules in a fixed order."""
    for name, loaded in sorted(library.priorities.items()):
        for index, rule in enumerate(loaded.value.rules):
            yield name, index, rule


def layers(escalations: Iterable[Escalation]) -> tuple[dict[str, int], tuple[str, ...]]:
    """Return the layer of each escalation (2 and up), and the ids of a cycle if they read each other in one."""
    reads = {e.id: _reads(e) for e in escalations}
    found: dict[str, int] = {}
    waiting = set(reads)
    layer = 2
    while waiting:
        ready = {id_ for id_ in waiting if not (reads[id_] & waiting)}
        if not ready:
            return found, tuple(sorted(waiting))
        found |= dict.fromkeys(ready, layer)
        waiting -= ready
        layer += 1
    return found, ()


def _reads(escalation: Escalation) -> set[str]:
    try:
        return {ref.name for ref in refs(parse(escalation.finding_if)) if ref.kind == "finding"}
    except ConditionError:
        return set()


def _site_type(library: Library, campaign: str, file: SiteTypeFile, asked: Asked) -> ReleaseSiteType:
    items = []
    for priority, _, rule in rules_of(library):
        if file.site_type in rule.applies_to and (rule.answer_from is None or rule.answer_from in library.grids):
            as_it_is = tailored(library, campaign, rule, file.site_type)
            items.append(_item(library, priority, as_it_is, file.site_type, asked))
    items.sort(key=lambda item: item.code)
    sections = tuple(
        ReleaseSection(title=s.title, items=tuple(i.code for i in items if i.priority in s.priorities))
        for s in file.sections
    )
    return ReleaseSiteType(
        code=file.code, title=file.title, lead=file.lead, competent=file.competent, identity=file.identity,
        unlicensed_identity=file.unlicensed_identity,
        attributes=file.attributes, notes=file.notes, sections=sections, items=tuple(items),
    )  # fmt: skip


def _item(library: Library, priority: str, as_it_is: Tailored, site_type: str, asked: Asked) -> ReleaseItem:
    rule, application = as_it_is.rule, as_it_is.application
    grade = application.grade or rule.grade
    dispositions = application.dispositions or rule.dispositions
    clauses = (*(rule.clauses if application.clauses is None else application.clauses), *as_it_is.clauses)
    answer = rule.answer or library.grids[rule.answer_from or ""].value.answer
    main = ReleaseFinding(
        id=rule.id, each=rule.each, condition=rule.finding_if, sentence=rule.finding, grade=grade,
        red_line=rule.red_line, dispositions=dispositions, basis=_basis(library, rule.basis, site_type),
    )  # fmt: skip
    further = (
        ReleaseFinding(
            id=f.id, each=f.each, condition=f.finding_if, sentence=f.finding, grade=f.grade or grade,
            red_line=rule.red_line if f.red_line is None else f.red_line,
            dispositions=f.dispositions or dispositions,
            basis=_basis(library, f.basis or rule.basis, site_type),
        )
        for f in rule.further
        if not f.sites or site_type in f.sites
    )  # fmt: skip
    dropped = any(change.what == "dropped" for change in as_it_is.history)
    return ReleaseItem(
        code=application.code, rule=rule.id, priority=priority, check=application.check or rule.check, answer=answer,
        grid=rule.answer_from, details=rule.all_details(), only_if=application.only_if or rule.only_if, grade=grade,
        red_line=rule.red_line, method=application.method or rule.method,
        evidence=application.evidence or rule.evidence, gsp=application.gsp,
        clauses=() if dropped else asked.by(clauses), findings=(main, *further),
        history=as_it_is.history,
    )  # fmt: skip


def _basis(library: Library, basis: Basis, site_type: str | None) -> ReleaseBasis:
    return ReleaseBasis(
        duty=_citations(library, basis.duty, site_type),
        liability=_citations(library, basis.liability, site_type),
        power=_citations(library, basis.power, site_type),
    )


def _citations(library: Library, citations: Iterable[Citation], site_type: str | None) -> tuple[ReleaseCitation, ...]:
    found = []
    for citation in citations:
        if citation.sites and site_type is not None and site_type not in citation.sites:
            continue
        resolved = _citation(library, citation.cite, citation.article, citation.proof)
        if resolved is not None:
            limits = {"where": citation.where} | ({"sites": citation.sites} if site_type is None else {})
            found.append(resolved.model_copy(update=limits) if any(limits.values()) else resolved)
    return tuple(found)


def cited_anywhere(library: Library, citations: Iterable[Citation]) -> tuple[ReleaseCitation, ...]:
    """Return citations that concern no site type (of clocks, of grading) with their versions."""
    return _citations(library, citations, None)


@lru_cache(maxsize=20_000)
def _citation(library: Library, cite: str, article: str | None, proof: tuple[str, ...]) -> ReleaseCitation | None:
    """Return a citation with its version, None if there is no such version; made once for all its places."""
    instrument, _, version = cite.partition("@")
    loaded = library.instruments.get(instrument)
    match = next((v for v in loaded.value.versions if v.version == version), None) if loaded else None
    if match is None:
        return None
    row = library.verification.get(verification_key(cite, article, proof))
    return ReleaseCitation(
        cite=cite,
        title=match.title,
        edition=match.edition,
        article=article,
        start=match.start,
        end=match.end,
        verification=row.result if row else Verification.UNVERIFIED,
    )


def _escalations(library: Library, asked: Asked) -> tuple[ReleaseEscalation, ...]:
    if library.escalations is None:
        return ()
    written = library.escalations.value.escalations
    order, _ = layers(written)
    resolved = [
        ReleaseEscalation(
            id=e.id, title=e.title, over=e.over, same=e.same, condition=e.finding_if, sentence=e.finding,
            grade=e.grade, red_line=e.red_line, dispositions=e.dispositions,
            basis=_basis(library, e.basis, None), clauses=asked.by(e.clauses),
            layer=order[e.id],
        )
        for e in written
        if e.id in order
    ]  # fmt: skip
    return tuple(sorted(resolved, key=lambda e: (e.layer, e.id)))


def _wording(library: Library) -> dict[str, ReleaseWording]:
    return {
        name: ReleaseWording(
            title=loaded.value.title,
            versions=tuple(
                ReleaseWordingVersion(start=v.start, text=v.text, basis=_citations(library, v.basis, None))
                for v in loaded.value.versions
            ),
        )
        for name, loaded in sorted(library.wording.items())
    }

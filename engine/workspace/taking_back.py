"""A step of a finding that was taken by mistake is taken back: by one more entry of the trail, nothing is removed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from engine.follow_up.findings import STATES, TAKEN_BACK, Step, take_back
from engine.model.workspace import Inspection, KeptFinding, LedgerEntry, RegisteredSite
from engine.problems import Problem, ProblemError, problem
from engine.register.life import reopening
from engine.register.matching import canonical
from engine.register.recurring import Again, came_back
from engine.workspace.findings import earlier_findings, known_findings
from engine.workspace.folder import Workspace
from engine.workspace.register import Who
from engine.workspace.store import Reader, Writer


class TakenBack(NamedTuple):
    """A finding whose last step was taken back."""

    finding: KeptFinding
    was: KeptFinding


def take_back_steps(workspace: Workspace, ids: Sequence[str], who: Who) -> tuple[list[TakenBack], list[KeptFinding]]:
    """Take the last step of findings back, all or none; an inspection that was closed by it is open again.

    Returns them, and the findings that were 反弹 of one of them and are not, or of another, any more. A clue that the
    step made has to be voided first. Raises ProblemError with everything that is refused.
    """
    with workspace.store.writing(by=who.by, at=who.at, action=TAKEN_BACK, why=who.why) as writer:
        found = known_findings(writer, ids)
        versions = _versions(writer, {finding.id for finding in found})
        steps = [take_back(versions[finding.id]) for finding in found]
        problems = [step.refused for step in steps if step.refused is not None]
        problems += [_clue(old) for old, step in zip(found, steps, strict=True) if _has_clue(old, step, writer)]
        if problems:
            raise ProblemError(problems)
        for step in steps:
            writer.put(step.finding)
        _reopen(writer, {step.finding.inspection for step in steps})
        back = [TakenBack(step.finding, old) for old, step in zip(found, steps, strict=True)]
        return back, _recurrences(writer, {step.finding.id for step in steps})


def _versions(reader: Reader, ids: set[str]) -> dict[str, list[tuple[str, KeptFinding]]]:
    found: dict[str, list[tuple[str, KeptFinding]]] = {id_: [] for id_ in ids}
    for entry in reader.trail():
        if any(id_ in entry.text for id_ in ids):
            for change in entry.changes:
                if change.kind == KeptFinding.KIND and change.id in found:
                    found[change.id].append((entry.action, KeptFinding.model_validate_json(change.data)))
    return found


def _has_clue(old: KeptFinding, step: Step, reader: Reader) -> bool:
    """Return whether the step that is taken back made a clue that still stands."""
    entry = reader.get(LedgerEntry, old.clue) if old.clue and step.finding.clue != old.clue else None
    return entry is not None and not entry.voided


def _clue(old: KeptFinding) -> Problem:
    todo = f"先用 ledger void 作废 {old.clue}，写明理由"
    return problem("E886", id=old.id, reason=f"（{STATES[old.state]}）已转成 {old.clue}", todo=todo)


def _reopen(writer: Writer, inspections: set[str]) -> None:
    for id_ in sorted(inspections):
        inspection = writer.get(Inspection, id_)
        if inspection is not None:
            opened = reopening(inspection, writer.all(KeptFinding, inspection=id_))
            if opened != inspection:
                writer.put(opened)


def _recurrences(writer: Writer, ids: set[str]) -> list[KeptFinding]:
    """Judge anew what was 反弹 of these findings: what is not corrected cannot have come back."""
    findings = writer.all(KeptFinding)
    hanging = [finding for finding in findings if finding.recurs in ids]
    if not hanging:
        return []
    counted_as = canonical(writer.all(RegisteredSite))
    earlier = [*earlier_findings(writer), *findings]
    changed = []
    for finding in hanging:
        site = counted_as.get(finding.site, finding.site)
        before = [f for f in earlier if f.id != finding.id and counted_as.get(f.site, f.site) == site]
        old = came_back(Again(finding.rule, finding.subject, finding.found), before)
        if (old.id if old is not None else None) != finding.recurs:
            changed.append(finding.model_copy(update={"recurs": old.id if old is not None else None}))
            writer.put(changed[-1])
    return changed

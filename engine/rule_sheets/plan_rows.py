"""The campaign's own file and the clauses of its plan as rows: what is to be filled in, what answers each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.campaigns.coverage import answered
from engine.campaigns.mapping import KIND_WORDS, earlier_clauses
from engine.campaigns.matching import proposals
from engine.campaigns.new import earlier_plan
from engine.library.load import Library
from engine.model.campaign import ClauseCoverage
from engine.model.rules import CampaignFile, Clause
from engine.rule_sheets.entries import Entry, campaign_path, clauses_path
from engine.rule_sheets.plan_words import show_when, special_when
from engine.rule_sheets.words import BETWEEN, YES

HEADS = {"title": "行动名称", "plan": "方案名称和发文单位", "hotline": "举报电话"}
"""Keys of the campaign's file that are rows."""
_DEADLINE = ("who", "to", "when", "quote", "clauses", "note", "drop")
_LONGEST = 600


def has_own_plan(library: Library, campaign: str) -> bool:
    """Return whether the clauses of a campaign can be mapped: it is a draft with a plan of its own."""
    return library.campaigns[campaign].value.status == "draft" and campaign in library.clauses


def campaign_rows(file: CampaignFile, prefix: str) -> Iterator[tuple[str, Entry]]:
    """Yield the rows of a draft's own file: its title, its plan, its deadlines."""
    if file.status != "draft":
        return
    path = campaign_path(file.campaign)
    for key, what in HEADS.items():
        cells = dict.fromkeys(_DEADLINE, "") | {"what": what, "text": getattr(file, key)}
        yield key, Entry(cells, path, (), what, frozenset(_DEADLINE))
    for number, deadline in enumerate(file.deadlines):
        when = show_when(deadline.when)
        cells = {
            "what": "期限", "text": deadline.title, "who": BETWEEN.join(deadline.who), "to": deadline.to or "",
            "when": when or special_when(deadline.when), "quote": deadline.quote, "note": deadline.note or "",
            "clauses": BETWEEN.join(c for c in deadline.clauses if c.startswith(prefix)), "drop": "",
        }  # fmt: skip
        special = frozenset() if when is not None else frozenset({"when"})
        yield f"deadline.{deadline.id}", Entry(cells, path, ("deadlines", number), deadline.title[:60], special)


def clause_rows(library: Library, campaign: str, *, shown: bool) -> Iterator[tuple[str, Entry]]:
    """Yield the clauses of a campaign's own plan. shown: with what is proposed and what answers them, only to read."""
    if not has_own_plan(library, campaign):
        return
    own = library.clauses[campaign].value.clauses
    before = earlier_plan(library, campaign)
    known = (
        library.clauses[before].value.clauses
        if before is not None and before in library.clauses
        else earlier_clauses(library, campaign).values()
    )
    answers = {c.id: c for c in answered(library, campaign)} if shown else {}
    for number, clause in enumerate(own):
        given = clause.answered_by
        cells = {
            "quote": clause.quote, "kind": KIND_WORDS.get(clause.kind, ""), "same_as": BETWEEN.join(clause.same_as),
            "proposed": _proposed(clause, known) if shown and clause.kind == "OPEN" else "",
            "principle": YES if given is not None and given.principle else "",
            "planned": (given.planned or "") if given is not None else "",
            "answered": _answered(answers[clause.id]) if shown else "",
        }  # fmt: skip
        yield clause.id, Entry(cells, clauses_path(campaign), ("clauses", number), clause.id)


def _proposed(clause: Clause, earlier: Iterable[Clause]) -> str:
    found = proposals(clause, earlier)
    return "\n".join(f"建议（未经认可）{p.name}〔{p.reason}〕{p.text[:60]}" for p in found)[:_LONGEST]


def _answered(found: ClauseCoverage) -> str:
    words = [f"{'、'.join(a.names if a.kind == 'items' else a.words)}" for a in found.answers]
    return "；".join(words)[:_LONGEST]

"""What is still to be done for a campaign before it can be issued, and what the program proposes for it."""

from __future__ import annotations

from typing import Literal

from engine.model.base import CampaignName, Model, Period

ToDoKind = Literal["citation", "clause", "not-asked", "never-found", "holidays", "fill-in", "unknown"]
"""citation: not in force any more; clause: nobody has said what answers it, or nothing does; not-asked: asked last year
and by no clause of the new plan; never-found: no finding in two campaigns; holidays: no data for these days; fill-in:
待填 in a file; unknown: what could not be looked at, and why."""


class Proposal(Model):
    """What the program proposes; people decide."""

    name: str
    """A citation (drug-administration-law@2019 55) or a clause (CF2024-2.1-m)."""
    text: str
    """In words: the article as it is printed, or the words of the clause."""
    reason: str
    """Why it is proposed, with the figure behind it."""


class ToDoEntry(Model):
    """One thing to do."""

    kind: ToDoKind
    subject: str
    """What it is about: a citation, a clause, a rule, a year, a place in a file."""
    text: str
    places: tuple[str, ...] = ()
    """Where it stands: printed codes of items, or a file with its line."""
    proposals: tuple[Proposal, ...] = ()
    todo: str
    """What people do about it."""


class ToDo(Model):
    """Everything that is to be done for a campaign, in the order of ToDoKind, sorted by subject within each."""

    campaign: CampaignName
    title: str
    extends: CampaignName | None
    period: Period
    entries: tuple[ToDoEntry, ...]
    counts: dict[ToDoKind, int]

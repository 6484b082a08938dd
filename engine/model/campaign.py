"""What is shown of a campaign's plan: its coverage, clause by clause, and its calendar of deadlines."""

from __future__ import annotations

from typing import Literal

from engine.model.base import CampaignName, ClauseId, Day, ItemCode, Model, Name, Period

Standing = Literal["answered", "partly", "planned", "principle", "unanswered"]
"""answered: by what there is; partly: a part is planned; planned: all of it; principle; unanswered: by nothing."""


class Answer(Model):
    """One way in which a clause is answered: its kind, and what there is of it by name and in words."""

    kind: Literal[
        "items", "escalations", "columns", "attributes", "identity", "leads", "campaign", "deadlines", "documents",
        "commands", "ledgers", "clocks", "grading", "look-back", "tables",
        "summaries",
    ]  # fmt: skip
    names: tuple[str, ...]
    words: tuple[str, ...]


class ClauseCoverage(Model):
    """A clause and everything that answers it."""

    id: ClauseId
    quote: str
    kind: str
    standing: Standing
    answers: tuple[Answer, ...]
    planned: str | None


class SiteTypeCoverage(Model):
    """The items of a site type in a campaign: which clause asks for them, which are routine."""

    site_type: Name
    code: str
    title: str
    reached: bool
    """Whether the campaign gives a checklist without --routine."""
    clauses: dict[ClauseId, tuple[ItemCode, ...]]
    routine: tuple[ItemCode, ...]
    items: int
    asked: int
    """How many of the items a clause asks for."""


class Coverage(Model):
    """A campaign's plan against what answers it."""

    campaign: CampaignName
    title: str
    plan: str
    status: Literal["released", "draft"]
    lock: str | None
    clauses: tuple[ClauseCoverage, ...]
    site_types: tuple[SiteTypeCoverage, ...]
    rules: int
    counts: dict[Standing, int]
    """How many clauses stand so."""
    by_kind: dict[str, int]
    """How many clauses each kind of answer serves; a clause may have several."""


class Due(Model):
    """A deadline on a day, or without one."""

    deadline: Name
    title: str
    date: Day | None
    weekday: str | None
    time: str | None
    before: bool
    """The plan says “before”; the day itself is taken as included."""
    when: str | None
    """For a deadline without a day: what the plan says."""
    who: tuple[str, ...]
    to: str | None
    quote: str
    clauses: tuple[ClauseId, ...]
    notes: tuple[str, ...]
    """What is remarkable about the day."""
    note: str | None
    """What the plan leaves open about this deadline."""


class CalendarHoliday(Model):
    """Days off, a festival or a worked weekend that falls into the campaign."""

    kind: Literal["festival", "holiday", "working-day"]
    name: str
    period: Period
    compared: bool


class CampaignCalendar(Model):
    """Everything that a campaign's plan wants by a day, in order; what has no day stands last."""

    campaign: CampaignName
    title: str
    period: Period
    unit: str | None
    due: tuple[Due, ...]
    holidays: tuple[CalendarHoliday, ...]
    doubts: tuple[str, ...]
    """What is not known of the holidays."""

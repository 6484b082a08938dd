"""What an evaluation says: results of items, findings with their proof, escalations."""

from __future__ import annotations

from pydantic import Field

from engine.model.base import ClauseId, Day, Disposition, Field_, Grade, ItemCode, ItemResult, Model, RuleId, Text
from engine.model.base import Verification as _Verification


class CitedArticle(Model):
    """An article in force on the day of inspection, ready to print."""

    cite: str
    article: str | None
    text: Text
    """《药品管理法》（2019年修订）第五十五条, with （待核） when it was not verified."""
    verification: _Verification


class ReasonShown(Model):
    """One condition behind a finding."""

    asked: str
    found: str
    limit: str
    passes: str
    where: str = ""


class ShownClause(Model):
    """A demand of the plan that the finding answers."""

    id: ClauseId
    quote: Text


class Finding(Model):
    """A fault that the answers show, with everything needed to explain it. A proposal until people confirm it."""

    number: int = Field(ge=1)
    id: RuleId
    layer: int = Field(ge=1)
    code: ItemCode | None
    """The item's printed code; None for an escalation."""
    title: Text
    subject: dict[Field_, str]
    """The key of the row it concerns (product, batch, supplier); empty for the site."""
    sentence: str
    grade: Grade
    red_line: bool
    dispositions: tuple[Disposition, ...]
    routed_to: Text | None
    """The authority that decides where this bureau only assists: it gets the finding, nobody closes it here."""
    duty: tuple[CitedArticle, ...]
    liability: tuple[CitedArticle, ...]
    power: tuple[CitedArticle, ...]
    """What lets the bureau act."""
    clauses: tuple[ShownClause, ...]
    condition: Text
    """In Chinese: when this is a finding."""
    passing: Text
    """In Chinese: what answer would have passed."""
    reasons: tuple[ReasonShown, ...]
    parents: tuple[int, ...]
    """Numbers of the findings that an escalation rests on."""


class ItemOutcome(Model):
    """The result of one item."""

    code: ItemCode
    check: Text
    result: ItemResult
    reason: str = ""


class Evaluation(Model):
    """The findings of one answer sheet."""

    campaign: str
    lock: str
    checklist: str
    site_type: str
    site: str
    date: Day
    notices: tuple[Text, ...]
    """Things a reader must know, for example that the date lies outside the campaign."""
    items: tuple[ItemOutcome, ...]
    findings: tuple[Finding, ...]

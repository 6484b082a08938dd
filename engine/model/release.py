"""A release: everything a campaign needs to make checklists and findings, resolved, in one read-only file.

The file is canonical JSON; its SHA-256 is the lock that every checklist, answer sheet and record names. Old
records are evaluated from it alone, so it holds the full text and not references to rules that may change.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from engine.model.base import (
    Article,
    CampaignName,
    ClauseId,
    Day,
    Disposition,
    Field_,
    Grade,
    ItemCode,
    Model,
    Name,
    Period,
    RuleId,
    Text,
    Verification,
)
from engine.model.questions import AnswerSpec, Rows, Simple
from engine.model.rules import UNLICENSED_IDENTITY, Attribute, Condition, Focus, Identity, Sentence, Stage
from engine.model.sheet import Site

UNLICENSED = "unlicensed"
"""The attribute of somebody who trades without the licence or filing that the business needs."""


class ReleaseCitation(Model):
    """An article of a version of an instrument, with the days on which that version is in force."""

    cite: str
    title: Text
    edition: Text | None
    article: Article | None
    start: Day
    end: Day | None
    """First day on which it is no longer in force."""
    verification: Verification
    sites: tuple[Name, ...] = ()
    """Only for these site types (escalations, which serve all of them); empty: for every one."""
    where: dict[Field_, bool] = Field(default_factory=dict)
    """Only for a site whose attributes are known to be these; empty: for every one."""


class ReleaseBasis(Model):
    """The law behind a finding; the citations in force on the day of inspection are printed."""

    duty: tuple[ReleaseCitation, ...]
    liability: tuple[ReleaseCitation, ...]
    power: tuple[ReleaseCitation, ...]


class ReleaseFinding(Model):
    """One finding that an item can give."""

    id: RuleId
    each: str | None
    """The table whose rows are judged one by one; None: the answer as a whole."""
    condition: Condition
    sentence: Sentence
    grade: Grade
    red_line: bool
    dispositions: tuple[Disposition, ...]
    basis: ReleaseBasis


class ItemChange(Model):
    """Who put an item in, changed it or took it out, and why."""

    by: Text
    """The bureau whose layer says so."""
    what: Literal["added", "changed", "dropped"]
    fields: tuple[str, ...] = ()
    """What was changed, by the keys of the rules."""
    why: str
    """Empty where nobody wrote it down."""


class ReleaseItem(Model):
    """A rule as it stands on one site type's checklist."""

    code: ItemCode
    rule: RuleId
    priority: Name
    check: Text
    answer: AnswerSpec
    grid: Name | None
    """The shared table that the answer is taken from; None: asked at the item itself."""
    details: dict[Field_, Simple]
    only_if: Condition | None
    grade: Grade
    red_line: bool
    method: Text
    evidence: Text | None
    gsp: tuple[str, ...] = ()
    """Clauses of the drug GSP inspection guideline (2016) behind the item, with their marks."""
    clauses: tuple[ClauseId, ...]
    """Clauses of this campaign; none: a routine item."""
    findings: tuple[ReleaseFinding, ...] = Field(min_length=1)
    history: tuple[ItemChange, ...] = ()
    """What layers did to it, the highest first; left out of the file where it is empty."""

    @property
    def taken_out(self) -> ItemChange | None:
        """The change by which it is not asked any more, None if it is."""
        return next((change for change in self.history if change.what == "dropped"), None)

    @model_serializer(mode="wrap")
    def _without_empty_history(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        content: dict[str, Any] = handler(self)
        if not self.history:
            content.pop("history", None)
        return content


class ReleaseGrid(Model):
    """A table that several items read."""

    title: Text
    instructions: Text | None
    answer: Rows


class ReleaseSection(Model):
    """A part of a checklist: its title and the codes of its items in order."""

    title: Text
    items: tuple[ItemCode, ...]


class ReleaseSiteType(Model):
    """A kind of site with all its items."""

    code: str
    title: Text
    lead: Text
    competent: Text | None = None
    """The authority that decides where this bureau only assists; None: this bureau."""
    identity: tuple[Identity, ...]
    unlicensed_identity: tuple[Identity, ...] = UNLICENSED_IDENTITY
    attributes: dict[Field_, Attribute]
    notes: tuple[Text, ...]
    sections: tuple[ReleaseSection, ...]
    items: tuple[ReleaseItem, ...]

    def identity_of(self, site: Site) -> tuple[Identity, ...]:
        """Return the fields that say who this site is: without a licence a person's, and whatever else is known."""
        if not site.attributes.get(UNLICENSED):
            return self.identity
        reduced = {i.id for i in self.unlicensed_identity}
        known = (i for i in self.identity if i.id not in reduced and site.identity.get(i.id))
        return (*self.unlicensed_identity, *known)


class ReleaseEscalation(Model):
    """A rule of the second layer or above."""

    id: RuleId
    title: Text
    over: Literal["site", "subject", "finding"]
    same: tuple[Field_, ...]
    condition: Condition
    sentence: Sentence
    grade: Grade
    red_line: bool
    dispositions: tuple[Disposition, ...]
    basis: ReleaseBasis
    clauses: tuple[ClauseId, ...]
    layer: Annotated[int, Field(ge=2)]


class ReleaseWordingVersion(Model):
    """The text from a day on, and the articles it rests on."""

    start: Day
    text: Text
    basis: tuple[ReleaseCitation, ...]


class ReleaseWording(Model):
    """A dated fixed text of the papers."""

    title: Text
    versions: tuple[ReleaseWordingVersion, ...]


class Release(Model):
    """A campaign with its resolved content."""

    schema_version: Literal[1]
    """Raised when a field changes its meaning; older files stay readable."""
    campaign: CampaignName
    title: Text
    plan: Text
    period: Period
    stages: tuple[Stage, ...]
    focus_areas: Focus | None
    focus_products: tuple[Focus, ...]
    hotline: str
    clauses: dict[ClauseId, Text]
    site_types: dict[Name, ReleaseSiteType]
    grids: dict[Name, ReleaseGrid]
    escalations: tuple[ReleaseEscalation, ...]
    wording: dict[Name, ReleaseWording]

"""A checklist: the items of one campaign for one kind of site on one day."""

from __future__ import annotations

from pydantic import Field, JsonValue

from engine.model.base import Day, ItemCode, Model, Text
from engine.model.release import ReleaseGrid, ReleaseItem, ReleaseSiteType
from engine.model.sheet import EarlierFinding, Site


class ChecklistItem(Model):
    """An item with the reason it is on the list."""

    item: ReleaseItem
    because: Text
    """Who put it in: the clauses of the plan, or the routine of the site type."""
    routine: bool
    scope_known: bool
    """False when an attribute that could switch it off is not known."""


class OmittedItem(Model):
    """An item of the site type that is not asked, with the reason."""

    code: ItemCode
    check: Text
    reason: Text
    kind: str
    """reasonable-omission (合理缺项): switched off by scope; not-added: an addition whose attribute does not hold;
    routine: no clause of the campaign; no-basis; taken-out: by a layer, which says why."""

    @property
    def by_scope(self) -> bool:
        """Return whether the attributes of the site keep the item off the list."""
        return self.kind in ("reasonable-omission", "not-added")


class ChecklistSection(Model):
    """A part of the list."""

    title: Text
    items: tuple[ChecklistItem, ...]


class Checklist(Model):
    """What is to be checked at a site. The same input gives the same id."""

    id: str
    """12 hexadecimal digits over campaign, lock, site type, scope and routine; printed as a QR code."""
    campaign: str
    campaign_title: Text
    plan: Text
    hotline: str
    lock: str
    date: Day
    site_type: str
    type: ReleaseSiteType
    site: Site
    routine: bool
    sections: tuple[ChecklistSection, ...]
    omitted: tuple[OmittedItem, ...]
    grids: dict[str, ReleaseGrid]
    focus: tuple[Text, ...]
    joint: tuple[Text, ...] = ()
    """Other authorities that inspect together with this bureau, for their names and certificates in the head."""
    earlier: tuple[EarlierFinding, ...] = ()
    """What the last inspection found, for 回头看."""
    prefilled: dict[str, tuple[dict[str, JsonValue], ...]] = Field(default_factory=dict)
    """Rows that the program writes into tables beforehand, by table."""
    notices: tuple[Text, ...]
    """What whoever prints it must know, for example that the day lies outside the campaign."""

    def items(self) -> tuple[ChecklistItem, ...]:
        """Return all items in printed order."""
        return tuple(item for section in self.sections for item in section.items)

"""A row of the workbook as the rules have it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.source import Loc

Cells = Mapping[str, str]
"""Column → what stands in its cell."""


@dataclass(frozen=True)
class Entry:
    """A row: its cells, and where in the rules it comes from."""

    cells: Cells
    file: str
    """Relative path of the file: rules/priorities/cold-chain.yaml."""
    loc: Loc
    """Of the rule, the application, the further finding, the citation, the clause or the deadline in its file."""
    rule: str
    """Of a row that is of no rule: what people call it."""
    special: frozenset[str] = frozenset()
    """Columns that cannot be changed in this row."""
    sites: tuple[str, ...] = ()
    """The site types of the rule."""


def priority_path(priority: str) -> str:
    """Return the relative path of a priority's file."""
    return f"rules/priorities/{priority}.yaml"


def campaign_path(campaign: str) -> str:
    """Return the relative path of a campaign's file."""
    return f"rules/campaigns/{campaign}.yaml"


def clauses_path(campaign: str) -> str:
    """Return the relative path of the clauses of a campaign's own plan."""
    return f"rules/campaigns/{campaign}.clauses.yaml"

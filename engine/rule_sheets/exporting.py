"""The rules of a campaign as a workbook, from the files."""

from __future__ import annotations

from typing import NamedTuple

from engine.library.check import check_library
from engine.library.files import Place
from engine.library.load import load_library
from engine.problems import ProblemError, did_you_mean, errors, problem
from engine.rule_sheets.columns import APPLICATIONS, CITATIONS, ITEMS
from engine.rule_sheets.notes import read_notes
from engine.rule_sheets.state import state_of
from engine.rule_sheets.workbook import write_rules


class Exported(NamedTuple):
    """A workbook and how many rules, items and citations stand in it."""

    content: bytes
    rules: int
    items: int
    citations: int


def export_rules(place: Place, campaign: str) -> Exported:
    """Return the workbook of the rules as they are. Raises ProblemError if they have errors, or no such campaign.

    The same rules give the same bytes: the file says that it was made on the first day of the campaign.
    """
    library = load_library(place)
    wrong = errors(check_library(library))
    if wrong:
        raise ProblemError(wrong)
    if campaign not in library.campaigns:
        known = f"可用行动：{'、'.join(sorted(library.campaigns))}"
        raise ProblemError(
            [problem("E613", campaign=campaign, suggestion=did_you_mean(campaign, library.campaigns) + known)]
        )
    notes, problems = read_notes(place, campaign)
    if problems:
        raise ProblemError(problems)
    state = state_of(library, campaign, shown=True)
    content = write_rules(state, notes, library.campaigns[campaign].value.period.start)
    rows = state.rows
    return Exported(content, len(rows[ITEMS.key]), len(rows[APPLICATIONS.key]), len(rows[CITATIONS.key]))

"""The draft of a summary from a workspace."""

from __future__ import annotations

from datetime import date

from engine.library.check_tables import read_summary_file
from engine.library.files import Place
from engine.library.load import read_files
from engine.model.rules import PriorityFile, SiteTypeFile
from engine.model.summaries import OfFigures
from engine.problems import ProblemError
from engine.reports.summary import Draft, Words, draft_of, summary_problems
from engine.workspace.store import Reader
from engine.workspace.tabling import Wanted, bureau_of, open_table


def draft_summary(
    reader: Reader, place: Place, name: str, *, start: date | None, end: date | None, unit: str | None, named: bool
) -> tuple[Draft, date]:
    """Return the draft of a summary and its last day. Raises ProblemError.

    start: first day of the period, else the campaign's; unit: whose, else the authority's; named: with names of sites.
    """
    summary, problems = read_summary_file(place, name)
    if summary is None:
        raise ProblemError(problems)
    bureau = bureau_of(reader, place)
    table = next((part.table for part in summary.parts if isinstance(part, OfFigures)), "t0")
    opened = open_table(reader, place, Wanted(table, unit, end, start or bureau.period.start))
    problems = summary_problems(summary, opened.computed.table.columns)
    if problems:
        raise ProblemError(problems)
    priorities, _ = read_files(place, "rules/priorities", PriorityFile)
    site_types, _ = read_files(place, "checklists", SiteTypeFile)
    words = Words(
        {key: loaded.value.title for key, loaded in priorities.items()},
        {key: loaded.value.title for key, loaded in site_types.items()}, named,
    )  # fmt: skip
    draft = draft_of(summary, bureau.title, unit or bureau.authority, opened.computed, opened.kept, words)
    return draft, opened.computed.span.end

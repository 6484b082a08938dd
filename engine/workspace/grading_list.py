"""A year's list of levels, ready to print."""

from __future__ import annotations

from datetime import date

from engine.follow_up.cells import shown_value
from engine.follow_up.grading import facts_of
from engine.follow_up.grading_view import GradingList
from engine.library.load import Library
from engine.model.workspace import LedgerEntry
from engine.workspace.grading import grading_of, refusals, table_of
from engine.workspace.settings import bureau_of
from engine.workspace.store import Reader


def grading_list(reader: Reader, library: Library, year: int, day: date) -> GradingList:
    """Return what is printed of a year's list, by the rule table and the register of a day. Raises ProblemError."""
    found = grading_of(reader, library, year, day)
    _, inputs = table_of(library, day)
    entries = {
        str(e.values.get("site")): e
        for e in reader.all(LedgerEntry, ledger=inputs.ledger)
        if not e.voided and e.values.get("year") == year
    }
    known = {f.site.id: facts_of(inputs, f.site, entries.get(f.site.id)).get("mode") for f in found.listed}
    modes = {site: shown_value(inputs.columns["mode"], mode) for site, mode in known.items() if mode is not None}
    by = found.confirmed
    confirmed = f"{by.by} 于 {by.at} 确认（{by.why}）" if by is not None else ""
    open_ = tuple(f"{p.message}；{p.hint}" for p in refusals(found))
    return GradingList(
        found.file, year, bureau_of(reader).authority, found.listed, found.counts, found.warning, confirmed, open_,
        modes, day,
    )  # fmt: skip

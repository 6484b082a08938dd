"""A table in a file: workbook, PDF, JSON."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import NamedTuple

from engine.model.tables import MappingFile, TableFile
from engine.problems import ProblemError
from engine.reading import read_bytes
from engine.reports.computing import Computed, Figures
from engine.reports.layout import Filled, notes_of
from engine.reports.merging import Merged, computed_of_report
from engine.reports.summary import Draft
from engine.schema import validate
from engine.source import load
from engine.workbooks.table import MAX_BYTES


def table_bytes(computed: Computed, filled: Filled, suffix: str) -> bytes:
    """Return the table as .xlsx, .pdf or .json. The day that the files say they were made is the cut-off."""
    if suffix == ".xlsx":
        from engine.reports.workbook import table_workbook

        return table_workbook(computed, filled, computed.span.end)
    if suffix == ".pdf":
        from engine.reports.printing import table_pdf

        return table_pdf(computed, filled)
    return (json.dumps(table_json(computed, filled), ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


class Own(NamedTuple):
    """A bureau's own workbook and what its columns are."""

    content: bytes
    shown: str
    mapping: MappingFile


def read_own(workbook: Path, mapping: Path) -> Own:
    """Return a bureau's own workbook with the file that says what its columns are. Raises ProblemError."""
    document, problems = load(mapping)
    found = None
    if document is not None:
        found, problems = validate(document, MappingFile)
    content, unread = read_bytes(workbook, str(workbook), MAX_BYTES)
    if found is None or problems or unread:
        raise ProblemError([*problems, *unread])
    return Own(content, str(workbook), found)


def own_bytes(computed: Computed, filled: Filled, own: Own) -> bytes:
    """Return a bureau's own workbook filled in. Raises ProblemError."""
    from engine.reports.mapping import filled_workbook

    content, problems = filled_workbook(computed, filled, own.mapping, own.content, own.shown)
    if problems:
        raise ProblemError(problems)
    return content


def merged_bytes(table: TableFile, merged: Merged, begin: date, digest: str, suffix: str) -> bytes:
    """Return a merged table as .xlsx or .pdf: a row a unit, the sum, who did not file, the digest of its file.

    begin: the first day of the campaign.
    """
    node = merged.report.node
    computed = computed_of_report(table, merged.report, begin)
    filled = Filled(
        node.unit, number=f"第 {node.serial} 次报送，第 {node.version} 版", reporter=node.by, reviewer=node.reviewer,
        phone=node.phone, notes=merged.notes, zero=node.zero,
    )  # fmt: skip
    return table_bytes(computed, with_digest(filled, digest), suffix)


def draft_bytes(draft: Draft, day: date, suffix: str) -> bytes:
    """Return the draft of a summary as .docx or .pdf; day: the date that the file says it was made."""
    if suffix == ".docx":
        from engine.reports.office import draft_docx

        return draft_docx(draft, day)
    from engine.reports.printing import draft_pdf

    return draft_pdf(draft)


def with_digest(filled: Filled, digest: str) -> Filled:
    """Return what is said on a table with the digest of the file that goes up with it."""
    return filled._replace(notes=(*filled.notes, f"报送文件 SHA-256：{digest}"))


def table_json(computed: Computed, filled: Filled) -> dict[str, object]:
    """Return the table for other programs: every figure with the list behind it."""
    span = computed.span
    return {
        "kind": "table", "schema": 1, "table": computed.table.table, "title": computed.table.title,
        "unit": filled.unit, "from": _day(span.start), "to": _day(span.end), "since": _day(span.begin),
        "people": computed.people, "head": filled.head, "notes": [*notes_of(computed), *filled.notes],
        "columns": [
            {"column": name, "title": list(c.title), "unit": c.unit, "clauses": list(c.clauses)}
            for name, c in computed.table.columns.items()
        ],
        "rows": [{"unit": row.unit, "period": _cells(row.period), "total": _cells(row.total)} for row in computed.rows],
        "whole": {"period": _cells(computed.whole.period), "total": _cells(computed.whole.total)},
    }  # fmt: skip


def _cells(figures: Figures) -> dict[str, object]:
    """Return the figures: money in 分, shares in hundredths of a percent, null where blank."""
    return {name: {"value": figure.value, "ids": list(figure.ids)} for name, figure in figures.items()}


def _day(day: date) -> str:
    return day.isoformat()

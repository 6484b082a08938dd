"""A table as a PDF to sign: A4 landscape, with bars where people would rather look."""

from __future__ import annotations

from engine.documents.html import render_html, stylesheet
from engine.documents.pdf import render_pdf
from engine.model.tables import OfVisits
from engine.reports.computing import Computed, Row
from engine.reports.figures import title_of, written
from engine.reports.layout import (
    TOTAL,
    Filled,
    Leaf,
    Sheet,
    footer_words,
    groups,
    notes_of,
    period_words,
    rows_of,
    sheets_of,
    value_of,
)
from engine.reports.summary import DRAFT, Draft

SUMMARY = "campaign-summary"
DOCUMENT = "statistics-table"
_LEFT, _WIDE = 52.0, 150.0
"""Millimetres of a chart: left of the bars, and the longest bar."""
_STEP = 6.4


def table_pdf(computed: Computed, filled: Filled) -> bytes:
    """Return the table as a PDF. Raises ProblemError for characters that no font has."""
    return render_pdf(render_html(DOCUMENT, table_context(computed, filled)), stylesheet(DOCUMENT), {})


def draft_pdf(draft: Draft) -> bytes:
    """Return the draft of a summary as a PDF, 草稿 across each page."""
    context = {**draft._asdict(), "blocks": [block._asdict() for block in draft.blocks], "mark": DRAFT}
    return render_pdf(render_html(SUMMARY, context), stylesheet(SUMMARY), {})


def table_context(computed: Computed, filled: Filled) -> dict[str, object]:
    """Return what the template needs."""
    notes = [*notes_of(computed), *filled.notes]
    notes += [f"办理记录链末：{filled.head}"] if filled.head else []
    return {
        "title": computed.table.title, "layout": filled.layout, "unit": filled.unit, "number": filled.number,
        "period": period_words(computed), "footer": footer_words(filled), "notes": notes,
        "parts": [_part(computed, sheet) for sheet in sheets_of(computed.table)], "chart": _chart(computed),
    }  # fmt: skip


def _part(computed: Computed, sheet: Sheet) -> dict[str, object]:
    heads = groups(sheet.leaves)
    rows = [(str(number), name, row) for number, (name, row) in enumerate(rows_of(computed), 1)]
    rows.append(("", TOTAL, computed.whole))
    return {
        "title": sheet.title, "columns": [leaf.name for leaf in sheet.leaves],
        "groups": [{"title": t, "wide": len(u), "deep": 1 if u[0].sub else 2} for t, u in heads],
        "subs": [leaf.sub for leaf in sheet.leaves if leaf.sub],
        "rows": [{"number": number, "name": name, "sum": row is computed.whole, "cells": _values(row, sheet.leaves)}
                 for number, name, row in rows],
    }  # fmt: skip


def _values(row: Row, leaves: tuple[Leaf, ...]) -> list[str]:
    return [written(leaf.column, value_of(row, leaf)) for leaf in leaves]


def _chart(computed: Computed) -> dict[str, object] | None:
    """Return bars of the columns that count visits of one kind of site; nothing without two of them."""
    chosen = []
    for name, column in computed.table.columns.items():
        source = column.source
        if isinstance(source, OfVisits) and source.count == "visits" and column.within is None:
            where = source.where
            if where.site_types and not (where.has or where.attributes or where.areas or where.any_area):
                chosen.append((title_of(column).removesuffix("：合计"), computed.whole.total[name].value or 0))
    most = max((value for _, value in chosen), default=0)
    if len(chosen) < 2 or not most:
        return None
    bars = [
        {
            "name": title,
            "y": round(n * _STEP, 1),
            "whole": round(value / most * _WIDE, 1),
            "part": 0,
            "said": str(value),
        }
        for n, (title, value) in enumerate(chosen)
    ]
    height = round(len(bars) * _STEP + 1, 1)
    return {"title": "各类单位检查家次", "left": _LEFT, "width": _LEFT + _WIDE + 30, "height": height, "bars": bars}

"""A table as a PDF to sign: A4 landscape, with bars where people would rather look."""

from __future__ import annotations

from engine.documents.html import render_html, stylesheet
from engine.documents.pdf import render_pdf
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
_ROOM, _MONEY = 87.0, 1.7
"""Percent of the width for the figures; how much more a column of money takes."""


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
        "parts": [_part(computed, sheet) for sheet in sheets_of(computed.table)], "charts": _charts(computed),
    }  # fmt: skip


def _part(computed: Computed, sheet: Sheet) -> dict[str, object]:
    heads = groups(sheet.leaves)
    rows = [(str(number), name, row) for number, (name, row) in enumerate(rows_of(computed), 1)]
    rows.append(("", TOTAL, computed.whole))
    return {
        "title": sheet.title, "columns": _shares(sheet.leaves),
        "groups": [{"title": t, "wide": len(u), "deep": 1 if u[0].sub else 2} for t, u in heads],
        "subs": [leaf.sub for leaf in sheet.leaves if leaf.sub],
        "rows": [{"number": number, "name": name, "sum": row is computed.whole, "cells": _values(row, sheet.leaves)}
                 for number, name, row in rows],
    }  # fmt: skip


def _shares(leaves: tuple[Leaf, ...]) -> list[str]:
    """Return the widths of the columns in percent of what 序号 and 单位 leave: money takes more."""
    weights = [_MONEY if leaf.column.unit == "万元" else 1.0 for leaf in leaves]
    return [f"{weight / sum(weights) * _ROOM:.2f}%" for weight in weights]


def _values(row: Row, leaves: tuple[Leaf, ...]) -> list[str]:
    return [written(leaf.column, value_of(row, leaf)) for leaf in leaves]


def _charts(computed: Computed) -> list[dict[str, object]]:
    """Return bars: of each column of a chart, as a part of the column that it belongs to."""
    found = []
    for part in computed.table.parts:
        whole = computed.whole.total
        pairs = [(computed.table.columns[c.within], whole[c.within].value or 0, whole[name].value or 0)
                 for name, c in part.columns.items() if part.chart and c.within]  # fmt: skip
        most = max((value for _, value, _ in pairs), default=0)
        if not most:
            continue
        bars = [_bar(n, title_of(c).removesuffix("：合计"), value, inside, most)
                for n, (c, value, inside) in enumerate(pairs)]  # fmt: skip
        height = round(len(bars) * _STEP + 1, 1)
        found.append({"title": part.title, "left": _LEFT, "width": _LEFT + _WIDE + 60, "height": height, "bars": bars})
    return found


def _bar(number: int, name: str, value: int, inside: int, most: int) -> dict[str, object]:
    share = f"，其中 {inside}（{round(inside * 100 / value)}%）" if value else ""
    return {
        "name": name, "y": round(number * _STEP, 1), "whole": round(value / most * _WIDE, 1),
        "part": round(inside / most * _WIDE, 1), "said": f"{value}{share}",
    }  # fmt: skip

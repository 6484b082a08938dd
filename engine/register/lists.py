"""Lists as workbooks and on paper: a title, what they count, a header, rows of text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from engine.inspections.cells import header_key
from engine.workbooks.writing import Cell, Column, Page, Style, write_book

_NARROW, _WIDE = 7.0, 42.0


def list_book(
    title: str, header: Sequence[str], rows: Sequence[Sequence[str | int]], day: date, *, words: Sequence[str] = (),
    open_cells: bool = False,
) -> bytes:  # fmt: skip
    """Return an .xlsx workbook of a list, A4 landscape; the same list gives the same bytes.

    words: lines under the title, none of them part of the list. open_cells: people go on writing in it, and the header
    stands in the first row so that the file can be read again.
    """
    style: Style = "text" if open_cells else "label"
    head = [] if open_cells else [(Cell(title, "title"),), *((Cell(line, "words"),) for line in words)]
    body = [tuple(Cell(value, style if isinstance(value, str) else "short") for value in row) for row in rows]
    page = Page(
        title[:28], tuple(Column(_width(column, header, rows)) for column in range(len(header))),
        (*head, tuple(Cell(each, "header") for each in header), *body),
        header=len(head) + 1, landscape=True,
    )  # fmt: skip
    return write_book((page,), title, title, day)


def list_pdf(
    title: str, header: Sequence[str], rows: Sequence[Sequence[str | int]], *, words: Sequence[str] = (),
    authority: str = "",
) -> bytes:  # fmt: skip
    """Return a list as an A4 landscape PDF with places to sign on every page; the same list gives the same bytes."""
    from engine.documents.html import render_html, stylesheet
    from engine.documents.pdf import render_pdf

    wide = [_width(column, header, rows) for column in range(len(header))]
    context: dict[str, object] = {
        "title": title, "authority": authority, "words": words, "header": header, "rows": rows,
        "widths": [round(100 * each / sum(wide), 2) for each in wide],
    }  # fmt: skip
    return render_pdf(render_html("list", context), stylesheet("list"), {})


def _width(column: int, header: Sequence[str], rows: Sequence[Sequence[str | int]]) -> float:
    longest = max((_cells(str(row[column])) for row in rows[:400] if column < len(row)), default=0)
    return min(_WIDE, max(_NARROW, _cells(header[column]) + 1.5, longest + 1.5))


def _cells(text: str) -> int:
    return sum(1 if char.isascii() else 2 for char in header_key(text))

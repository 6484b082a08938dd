"""Where everything stands on the pages of a paper, taken from the layout before the PDF is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import pytest
from support_documents import flat
from support_worst import CASES, crowded

from engine.documents import papers
from engine.documents.pdf import LaidOut, lay_out

MM = 25.4 / 96


class Text(NamedTuple):
    """A run of text as it is drawn: page from 1, millimetres from the top left, and what it stands in."""

    page: int
    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    """Of the type."""
    inside: tuple[str, ...]
    """Tags, classes and names of margin boxes around it, from the outermost in."""


class Row(NamedTuple):
    """A row of a table: the classes of the table, its own, whether it is a heading, how high it is."""

    page: int
    table: str
    own: str
    heading: bool
    height: float


class Sheet(NamedTuple):
    """A page: its size and its margins."""

    width: float
    height: float
    top: float
    right: float
    bottom: float
    left: float


class Layout(NamedTuple):
    """A paper laid out: what it was made from, its pages, texts and rows."""

    html: tuple[str, ...]
    sheets: tuple[Sheet, ...]
    texts: tuple[Text, ...]
    rows: tuple[Row, ...]

    def body(self, page: int) -> list[Text]:
        """Return what stands within the margins of a page, in order."""
        return [t for t in self.texts if t.page == page and not in_margin(t)]

    def pages(self) -> list[str]:
        """Return the text of each page without white space."""
        return [flat("".join(t.text for t in self.texts if t.page == n)) for n in range(1, len(self.sheets) + 1)]


def in_margin(text: Text) -> bool:
    """Return whether it stands in a margin of the page: head, foot, 草稿, the mark of the copy."""
    return any(name.startswith("@") or name == "copy-mark" for name in text.inside)


@cache
def layout(case: str, document: str) -> Layout:
    """Return a paper of a case of support_worst."""
    laid_out: list[tuple[list[str], LaidOut]] = []

    def watched(
        html: str | Sequence[str], css: str, assets: Mapping[str, bytes], carried: object = (), own: object = ()
    ) -> bytes:
        parts = [html] if isinstance(html, str) else list(html)
        laid_out.append((parts, lay_out(html, css, assets)))
        return b""

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(papers, "render_pdf", watched)
        CASES[case]().pdf(document)
    ((html, found),) = laid_out
    return read_layout(html, found)


@cache
def blank_layout() -> Layout:
    """Return the blank checklist of the site with the long name."""
    checklist = crowded().recorded.inspection.checklist
    return read_layout([], papers.blank_paper(checklist).laid_out)


def read_layout(html: Sequence[str], laid_out: LaidOut) -> Layout:
    """Return the places of everything; WeasyPrint has no public way to its boxes."""
    sheets, texts, rows = [], [], []
    for number, page in enumerate(laid_out._document.pages, 1):
        box = page._page_box
        sheets.append(
            Sheet(*(round(v * MM, 2) for v in (page.width, page.height, box.margin_top, box.margin_right, box.margin_bottom, box.margin_left)))
        )  # fmt: skip
        for text, row in _walk(box, number, ()):
            texts += [text] if text else []
            rows += [row] if row else []
    return Layout(tuple(html), tuple(sheets), tuple(texts), tuple(rows))


def _walk(box: Any, page: int, above: tuple[str, ...]) -> Iterator[tuple[Text | None, Row | None]]:
    inside = above
    if hasattr(box, "at_keyword"):
        inside += (box.at_keyword,)
    elif box.element is not None and getattr(box, "element_tag", "") and type(box).__name__ != "TextBox":
        inside += (box.element_tag, *(box.element.get("class") or "").split())
    kind = type(box).__name__
    if kind == "TextBox" and flat(box.text):
        size = box.style["font_size"]
        base = box.position_y + box.baseline
        corners = (box.position_x, base - 0.88 * size, box.position_x + box.width, base + 0.12 * size)
        yield Text(page, box.text, *(v * MM for v in corners), size * MM, inside), None
    if kind == "TableRowBox":
        table = next((i for i in range(len(inside) - 1, -1, -1) if inside[i] == "table"), None)
        named = " ".join(inside[table + 1 :]) if table is not None else ""
        own = (box.element.get("class") or "") if box.element is not None else ""
        yield None, Row(page, named.split(" ")[0], own, "thead" in inside or "tfoot" in inside, box.height * MM)
    for child in getattr(box, "children", ()):
        yield from _walk(child, page, inside)

"""What is the site's own on a blank checklist: the texts of its head and the codes of its pages.

They are made for pages that many sites share.
"""

from __future__ import annotations

from typing import NamedTuple

from engine.documents.html import read_template, render_html
from engine.documents.own_fonts import OwnFont
from engine.documents.pdf import lay_out
from engine.documents.qr import qr_modules, qr_size
from engine.model.checklist import Checklist

PADDING = 1.1
"""Millimetres from the middle of a cell's border to its text, as templates/checklist/style.css has it."""


class Cell(NamedTuple):
    """A cell of the head or the place of a code: its left edge, top edge, width and height in millimetres."""

    x: float
    y: float
    width: float
    height: float


class Stamp(NamedTuple):
    """The texts of one site, each with the cell that it goes into, and what the code of each page says."""

    texts: tuple[tuple[str, Cell], ...]
    codes: tuple[tuple[str, Cell], ...]


class Stamped(NamedTuple):
    """Stamps laid out: a PDF with a page of texts for each, the codes of each, whose texts are higher than their cells.

    The codes are operators of PDF that draw from the top left corner of the page, in millimetres down and right.
    """

    pdf: bytes
    codes: tuple[tuple[bytes, ...], ...]
    too_high: frozenset[int]


def unnamed(checklist: Checklist) -> Checklist:
    """Return the checklist as it is for every site of this scope: without name and identity."""
    return checklist.model_copy(update={"site": checklist.site.model_copy(update={"name": "", "identity": {}})})


def texts_of(checklist: Checklist) -> dict[str, str]:
    """Return what stands in the head for this site, by the field of engine.documents.checklist_view."""
    site = checklist.site
    fields = {f"site.identity.{i.id}": site.identity.get(i.id, "") for i in checklist.type.identity_of(site)}
    return {name: text for name, text in {"site.name": site.name, **fields}.items() if text}


class Stamps(NamedTuple):
    """Stamps to lay out in one go, and the bureau's fonts."""

    stamps: tuple[Stamp, ...]
    own: tuple[OwnFont, ...]


def lay_out_stamps(task: Stamps) -> Stamped:
    """Return the stamps laid out. Raises ProblemError for characters that no font can show."""
    stamps = task.stamps
    sites = [[_cell(f"{n}.{m}", *placed) for m, placed in enumerate(stamp.texts)] for n, stamp in enumerate(stamps)]
    html, css = render_html("checklist", {"sites": sites}, "stamp.html"), read_template("checklist", "stamp.css")
    laid_out = lay_out(html, css, {}, task.own)
    heights = {name: place.height for name, place in laid_out.places}
    too_high = frozenset(
        n
        for n, stamp in enumerate(stamps)
        for m, (_, cell) in enumerate(stamp.texts)
        if heights[f"{n}.{m}"] > cell.height
    )
    codes = tuple(tuple(_drawn(text, cell) for text, cell in stamp.codes) for stamp in stamps)
    return Stamped(laid_out.pdf(), codes, too_high)


def _drawn(text: str, cell: Cell) -> bytes:
    """Return the operators that fill the dark modules of a QR code."""
    module = cell.width / qr_size(text)
    runs = "".join(f"{x} {y} {width} 1 re\n" for x, y, width in qr_modules(text))
    return f"q {module:.5f} 0 0 {module:.5f} {cell.x:.3f} {cell.y:.3f} cm 0 g\n{runs}f Q\n".encode()


def _cell(name: str, text: str, cell: Cell) -> dict[str, object]:
    """Return a text centred on the height of its cell."""
    middle = round(cell.y + cell.height / 2, 2)
    width = round(cell.width - 2 * PADDING, 2)
    return {"id": name, "text": text, "x": round(cell.x + PADDING, 2), "y": middle, "width": width}

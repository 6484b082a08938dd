"""One PDF of many checklists whose pages are shared: each site's own texts and codes are drawn on top. Imports pikepdf.

The files read here were written by this program; what comes from others is read by engine.documents.pdf_reading.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf

_POINT = 72 / 25.4
"""A millimetre in points."""


class Joined(NamedTuple):
    """A checklist in the PDF: its bookmark, the name of the pages it shares, and what is its own."""

    title: str
    pages: str
    texts: tuple[int, int] | None
    """Which PDF of texts, and which page of it; None if there is nothing to write on the first page."""
    codes: Sequence[bytes]
    """The QR code of each page, as engine.documents.stamps draws it."""


def join(
    checklists: Sequence[Joined], shared: Mapping[str, bytes], texts: Sequence[bytes], title: str
) -> bytes:  # fmt: skip
    """Return the checklists one behind the other, with a bookmark each. The same input gives the same bytes."""
    out = Pdf.new()
    sources = [Pdf.open(io.BytesIO(content)) for content in texts]
    pages = {name: _shared(out, content) for name, content in shared.items()}
    around = (out.make_indirect(out.make_stream(b"q\n")), out.make_indirect(out.make_stream(b"\nQ\n")))
    with out.open_outline() as outline:
        for each in checklists:
            outline.root.append(pikepdf.OutlineItem(each.title, len(out.pages)))
            form = _form(out, sources[each.texts[0]], each.texts[1]) if each.texts else None
            for number, (page, code) in enumerate(zip(pages[each.pages], each.codes, strict=True)):
                own = _own_page(out, page, code, around, form if number == 0 else None)
                out.pages.append(pikepdf.Page(own))
    out.docinfo[Name.Title] = title
    out.Root.Lang = pikepdf.String("zh-CN")
    buffer = io.BytesIO()
    out.save(buffer, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return buffer.getvalue()


def _shared(out: Pdf, content: bytes) -> list[Any]:
    """Return the pages of a PDF as objects of the new one, outside its tree of pages."""
    with Pdf.open(io.BytesIO(content)) as read:
        return [out.copy_foreign(page.obj) for page in read.pages]


def _form(out: Pdf, source: Pdf, number: int) -> Any:
    """Return a page of texts as something that can be drawn on a page."""
    return out.copy_foreign(source.pages[number].as_form_xobject())


def _own_page(out: Pdf, shared: Any, code: bytes, around: tuple[Any, Any], form: Any) -> Any:
    """Return a page that draws what is shared, then the texts and the code."""
    page = Dictionary(shared)
    texts = b""
    if form is not None:
        texts = b"q /Texts Do Q\n"
        resources = Dictionary(shared.Resources)
        resources.XObject = Dictionary({**dict(resources.get("/XObject", {})), "/Texts": form})
        page.Resources = resources
    top = float(shared.MediaBox[3])
    drawing = texts + f"q {_POINT:.5f} 0 0 {-_POINT:.5f} 0 {top:.3f} cm\n".encode() + code + b"Q\n"
    page.Contents = Array([around[0], shared.Contents, around[1], out.make_stream(drawing)])
    return out.make_indirect(page)

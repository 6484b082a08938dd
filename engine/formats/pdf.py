"""The printed checklist."""

from __future__ import annotations

from engine.answering.head import head_text
from engine.documents.own_fonts import OwnFont
from engine.model.checklist import Checklist

SUFFIXES = (".pdf",)


def write_checklist(checklist: Checklist, own: tuple[OwnFont, ...] = ()) -> bytes:
    """Return the blank checklist as an A4 PDF."""
    return write_with_layout(checklist, own)[0]


def write_with_layout(checklist: Checklist, own: tuple[OwnFont, ...] = ()) -> tuple[bytes, bytes]:
    """Return the PDF, printed with the bureau's own fonts, and as JSON where its boxes and blanks stand."""
    from engine.documents.papers import blank_paper  # WeasyPrint is loaded when it is needed

    blank = blank_paper(checklist, own)
    return blank.pdf(), blank.layout(head_text(checklist))

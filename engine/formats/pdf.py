"""The printed checklist."""

from __future__ import annotations

from engine.model.checklist import Checklist

SUFFIXES = (".pdf",)


def write_checklist(checklist: Checklist) -> bytes:
    """Return the blank checklist as an A4 PDF."""
    return write_with_layout(checklist)[0]


def write_with_layout(checklist: Checklist) -> tuple[bytes, bytes]:
    """Return the PDF, and as JSON where its boxes and blanks stand."""
    from engine.documents.papers import blank_paper  # WeasyPrint is loaded when it is needed

    blank = blank_paper(checklist)
    return blank.pdf(), blank.layout()

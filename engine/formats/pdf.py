"""The printed checklist."""

from __future__ import annotations

from engine.model.checklist import Checklist

SUFFIXES = (".pdf",)


def write_checklist(checklist: Checklist) -> bytes:
    """Return the blank checklist as an A4 PDF."""
    from engine.documents.papers import checklist_pdf  # WeasyPrint is loaded when it is needed

    return checklist_pdf(checklist)

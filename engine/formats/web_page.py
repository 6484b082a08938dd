"""The checklist as a page to look at in a browser."""

from __future__ import annotations

from engine.documents.papers import checklist_html
from engine.model.checklist import Checklist

SUFFIXES = (".html", ".htm")


def write_checklist(checklist: Checklist) -> bytes:
    """Return the blank checklist as one HTML file that loads nothing else."""
    return checklist_html(checklist).encode()

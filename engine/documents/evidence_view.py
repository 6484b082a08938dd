"""证据清单 with its photo pages, as plain values for the template (RECORDS §1, “Photo page”)."""

from __future__ import annotations

from engine.inspections.elements import numbers_text
from engine.inspections.evidence import EvidenceFiles, Photo
from engine.inspections.opening import Recorded

PHOTOS_PER_PAGE = 4
"""Unless told otherwise; 6 is the other layout. A long text under a photograph makes it fewer."""
_ACROSS = 2
_BLANK = "＿＿＿＿＿＿"
_LONG = 500
"""Characters under a photograph: with more of them a row at full height would not fit on a page."""


def evidence_context(recorded: Recorded, files: EvidenceFiles | None, per_page: int) -> dict[str, object]:
    """Return what the template of the evidence list needs beside what every paper has."""
    hashes = files.hashes if files else {}
    photos = files.photos if files else ()
    pages = [photos[at : at + per_page] for at in range(0, len(photos), per_page)]
    return {
        "evidence": [e.model_copy(update={"sha256": hashes.get(e.number, e.sha256)}) for e in recorded.record.evidence],
        "blank": _BLANK,
        "photo_pages": [
            {
                "first": 1 + index * per_page, "last": index * per_page + len(page), "of": len(photos),
                "per_page": per_page, "rows": _rows([_cell(photo) for photo in page]),
            }
            for index, page in enumerate(pages)
        ],
    }  # fmt: skip


def evidence_assets(files: EvidenceFiles | None) -> dict[str, bytes]:
    """Return the prints of the photographs by the names that the template uses."""
    return {_asset(photo): photo.print.jpeg for photo in files.photos} if files else {}


def _cell(photo: Photo) -> dict[str, str]:
    line = photo.evidence
    return {
        "asset": _asset(photo), "number": line.number, "findings": numbers_text(sorted(set(line.findings))),
        "proves": line.proves or _BLANK, "taken": line.taken or _BLANK, "by": line.by or _BLANK, "file": line.file,
        "sha256": photo.sha256,
    }  # fmt: skip


def _rows(cells: list[dict[str, str]]) -> list[dict[str, object]]:
    """Return the cells in rows, the last one filled up; a row with a long text gets a lower frame and smaller type."""
    full = [*cells, *([None] * (-len(cells) % _ACROSS))]
    rows = [full[at : at + _ACROSS] for at in range(0, len(full), _ACROSS)]
    return [{"cells": row, "long": any(cell and _length(cell) > _LONG for cell in row)} for row in rows]


def _length(cell: dict[str, str]) -> int:
    return sum(len(cell[name]) for name in ("proves", "taken", "by", "file"))


def _asset(photo: Photo) -> str:
    return f"photo-{photo.sha256}"

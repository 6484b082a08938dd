"""The pages that the checklists of many sites share, laid out once and kept in files until a route is printed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from engine import __version__
from engine.documents.anchors import anchors_style
from engine.documents.checklist_view import checklist_context
from engine.documents.html import render_html, stylesheet
from engine.documents.own_fonts import OwnFont
from engine.documents.papers import blank_paper
from engine.documents.qr import site_digits
from engine.documents.stamps import Cell
from engine.documents.typefaces import style
from engine.model.checklist import Checklist
from engine.writing import write_atomically


class Base(NamedTuple):
    """A checklist to lay out without its codes, and the file that keeps its pages."""

    path: Path
    checklist: Checklist
    own: tuple[OwnFont, ...]
    """The bureau's fonts."""

    @property
    def layout_path(self) -> Path:
        """Return the file that keeps where everything stands on the pages."""
        return self.path.with_suffix(".json")


class KeptBase(NamedTuple):
    """Pages that were laid out: the PDF, the place of the code on each, the cells to write in by field."""

    pdf: bytes
    codes: tuple[Cell, ...]
    cells: Mapping[str, Cell]
    layout: Mapping[str, Any]


def base_of(checklist: Checklist, folder: Path, own: tuple[OwnFont, ...] = ()) -> Base:
    """Return the base of a checklist in a folder, its file named by the checklist and by all that it says."""
    whole = hashlib.sha256()
    html, css = render_html("checklist", checklist_context(checklist)), stylesheet("checklist") + anchors_style()
    for part in (__version__, html, style(own) + css):
        whole.update(part.encode() + b"\0")
    return Base(folder / f"{checklist.id}-{whole.hexdigest()[:32]}.pdf", checklist, own)


def lay_out_base(base: Base) -> None:
    """Write the pages of a base and where everything stands on them. Raises ProblemError."""
    paper = blank_paper(base.checklist, base.own, codes_left_out=True)
    keep_base(base, paper.pdf(), paper.layout())


def keep_base(base: Base, pdf: bytes, layout: bytes) -> None:
    """Write the files of a base: the layout knows the hash of the pages that it belongs to."""
    known = {"sha256": hashlib.sha256(pdf).hexdigest(), "layout": json.loads(layout)}
    write_atomically(base.layout_path, json.dumps(known, ensure_ascii=False).encode())
    write_atomically(base.path, pdf)


def read_base(base: Base) -> KeptBase | None:
    """Return the pages that were kept, None if there are none or they are not what was written."""
    try:
        content = base.path.read_bytes()
        known = json.loads(base.layout_path.read_bytes())
        if known["sha256"] != hashlib.sha256(content).hexdigest():
            return None
        layout = known["layout"]
        codes = tuple(_cell(page["code"]) for page in layout["pages"])
        cells = {field["field"]: _cell(field) for field in layout["fields"] if "option" not in field}
        return KeptBase(content, codes, cells, layout)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def layout_of(base: KeptBase, checklist: Checklist, written: Container[str], head: str) -> dict[str, Any]:
    """Return the layout of one site's pages: that of the pages it shares without what is written on them for it.

    written: the fields that were filled in; head: see engine.documents.anchors.layout_json().
    """
    fields = [entry for entry in base.layout["fields"] if entry["field"] not in written]
    own = {"checklist": checklist.id, "site": site_digits(checklist.site), "head": head, "fields": fields}
    return {**base.layout, **own}


def layouts_json(layouts: Sequence[Mapping[str, Any]]) -> bytes:
    """Return the layouts of a route as one canonical JSON."""
    content = {"kind": "layouts", "schema": 1, "layouts": list(layouts)}
    return (json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()


def _cell(entry: Mapping[str, float]) -> Cell:
    return Cell(*(float(entry[side]) for side in ("x", "y", "width", "height")))

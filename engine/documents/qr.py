"""The QR code that names a checklist."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Iterator
from functools import lru_cache

import segno

from engine.model.sheet import Site


def qr_svg(text: str, width: float | None = None) -> bytes:
    """Return the QR code of a text as SVG, of a width in millimetres or one pixel a module.

    The mask is fixed, so that it is quick and the same each time.
    """
    buffer = io.BytesIO()
    scale, unit = (width / qr_size(text), "mm") if width else (1, None)
    _code(text).save(buffer, kind="svg", scale=scale, border=BORDER, xmldecl=False, svgns=True, nl=False, unit=unit)
    return buffer.getvalue()


def checklist_code(campaign: str, type_code: str, lock: str, checklist: str) -> str:
    """Return what the QR code says: program, format, campaign, site type, lock (12 digits), checklist."""
    return f"CHUNFENG:1:{campaign}:{type_code}:{lock[:12]}:{checklist}".upper()


def page_code(campaign: str, type_code: str, lock: str, checklist: str, page: int, site: str = "") -> str:
    """Return what the QR code of a page of a blank checklist says: what checklist_code() says, the page, the site.

    site: the digits of site_digits(); nothing is said of a site without a name.
    """
    said = f"CHUNFENG:2:{campaign}:{type_code}:{lock[:12]}:{checklist}:{page}"
    return (f"{said}:{site}" if site else said).upper()


def site_digits(site: Site) -> str:
    """Return 6 hexadecimal digits over name and identity, so that the pages of two sites of a route are told apart.

    Empty for a site without a name.
    """
    said = json.dumps([site.name, sorted(site.identity.items())], ensure_ascii=True)
    return hashlib.sha256(said.encode()).hexdigest()[:6] if site.name else ""


def qr_modules(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield the dark runs of the QR code of a text: column and row of the first module, and how many.

    Columns and rows count from the corner of the quiet border.
    """
    for row, modules in enumerate(_code(text).matrix, BORDER):
        for run in _DARK.finditer(modules):
            yield run.start() + BORDER, row, run.end() - run.start()


_DARK = re.compile(rb"\x01+")


def qr_size(text: str) -> int:
    """Return how many modules wide and high the QR code of a text is with its quiet border."""
    return int(_code(text).symbol_size(border=BORDER)[0])


BORDER = 2
"""Modules of white around a code."""


@lru_cache(maxsize=4)
def _code(text: str) -> segno.QRCode:
    return segno.make(text, error="m", micro=False, mask=2)

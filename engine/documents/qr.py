"""The QR code that names a checklist."""

from __future__ import annotations

import io

import segno


def qr_svg(text: str, width: float | None = None) -> bytes:
    """Return the QR code of a text as SVG, of a width in millimetres or one pixel a module.

    The mask is fixed, so that it is quick and the same each time.
    """
    code = segno.make(text, error="m", micro=False, mask=2)
    buffer = io.BytesIO()
    scale, unit = (width / code.symbol_size(border=2)[0], "mm") if width else (1, None)
    code.save(buffer, kind="svg", scale=scale, border=2, xmldecl=False, svgns=True, nl=False, unit=unit)
    return buffer.getvalue()


def checklist_code(campaign: str, type_code: str, lock: str, checklist: str) -> str:
    """Return what the QR code says: program, format, campaign, site type, lock (12 digits), checklist."""
    return f"CHUNFENG:1:{campaign}:{type_code}:{lock[:12]}:{checklist}".upper()


def page_code(campaign: str, type_code: str, lock: str, checklist: str, page: int) -> str:
    """Return what the QR code of a page of a blank checklist says: what checklist_code() says, and the page."""
    return f"CHUNFENG:2:{campaign}:{type_code}:{lock[:12]}:{checklist}:{page}".upper()

"""The QR code that names a checklist."""

from __future__ import annotations

import io

import segno


def qr_svg(text: str) -> bytes:
    """Return the QR code of a text as SVG. The mask is fixed, so that it is quick and the same each time."""
    code = segno.make(text, error="m", micro=False, mask=2)
    buffer = io.BytesIO()
    code.save(buffer, kind="svg", scale=1, border=2, xmldecl=False, svgns=True, nl=False)
    return buffer.getvalue()


def checklist_code(campaign: str, type_code: str, lock: str, checklist: str) -> str:
    """Return what the QR code says: program, format, campaign, site type, lock (12 digits), checklist."""
    return f"CHUNFENG:1:{campaign}:{type_code}:{lock[:12]}:{checklist}".upper()

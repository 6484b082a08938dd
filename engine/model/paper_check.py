"""What checking a printed paper against what it carries found."""

from __future__ import annotations

from engine.model.base import Conclusion, Model


class PaperCheck(Model):
    """The conclusions about one PDF, with their reasons in Chinese."""

    document: str
    """Which paper, by the name of its template."""
    lock: str
    made_by: str
    """Program, renderer and fonts that printed it, as it says."""
    sha256: str
    """Of the record.json that the file carries."""
    sm3: str | None
    """None where this machine's OpenSSL lacks it."""
    conclusions: tuple[Conclusion, ...]
    reasons: tuple[str, ...]
    """Why not consistent; empty if it is."""
    notes: tuple[str, ...]
    """What was not compared, or lies beside the content, such as a signature."""

"""What checking a printed paper against what it carries found."""

from __future__ import annotations

from enum import StrEnum

from engine.model.base import Conclusion, Model


class SignatureCheck(Model):
    """What checking one electronic signature of a PDF found. Who signed is what the certificate says."""

    signer: str
    """Name in the certificate; empty where none can be read."""
    issuer: str
    certificate: str
    """SHA-256 of the certificate in hexadecimal."""
    time: str
    """When, as the signer's computer said; empty where it did not."""
    intact: bool | None
    """Whether the bytes are those that were signed; None: not checked, of a kind that cannot be."""
    covers: int
    """How many bytes of the file, from its start; what comes after was added later."""
    whole: bool
    """Whether that is the whole file."""
    trusted: bool | None
    """Whether the certificate goes back to a root that was given; None: none was."""
    reasons: tuple[str, ...] = ()
    """In Chinese: why the signature speaks against the paper; empty if it does not."""
    notes: tuple[str, ...] = ()
    """In Chinese: what was not checked, and why the certificate is not trusted."""


class PagesCompared(StrEnum):
    """How the pages of a file were compared with the paper printed again."""

    BYTES = "bytes"
    """The file has the same bytes."""
    DRAWING = "drawing"
    """All that draws each page."""
    TEXT = "text"
    """Another version printed it: text, images, and whether anything hides text; not lines and glyphs."""
    NOT = "not"
    """They were not: something spoke against the file before."""


class PaperCheck(Model):
    """The conclusions about one PDF, with their reasons in Chinese."""

    document: str
    """Which paper, by the name of its template."""
    draft: bool
    """Whether 草稿 stands across its pages."""
    lock: str
    made_by: str
    """Program, renderer and fonts that printed it, as it says."""
    sha256: str
    """Of the record.json that the file carries."""
    sm3: str | None
    """None where this machine's OpenSSL lacks it."""
    signatures: tuple[SignatureCheck, ...]
    """Electronic signatures, the oldest first; empty too where they could not be checked, which a note says."""
    conclusions: tuple[Conclusion, ...]
    pages: PagesCompared
    """How the pages were compared."""
    confirmed_by: tuple[str, ...]
    """What from outside the file agrees with it, in Chinese."""
    reasons: tuple[str, ...]
    """Why not consistent; empty if it is."""
    notes: tuple[str, ...]
    """What was not compared, or lies beside the content, such as a signature."""

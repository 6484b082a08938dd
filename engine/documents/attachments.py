"""What a paper of a record carries inside: all that it was printed from, as JSON, and the hashes of that."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from engine import __version__
from engine.documents.own_fonts import OwnFont
from engine.documents.pdf import Carried, layout_version
from engine.inspections.opening import Recorded, plain_answers
from engine.model.bureau import BureauFile
from engine.model.record import DrawnSignature

CONTENT, MANIFEST = "record.json", "manifest.json"
NAMES = (MANIFEST, CONTENT)
"""The files inside a paper, in the order that PDF asks for."""
SHORT = 12
"""Digits of the SHA-256 of CONTENT at the foot of every page: enough to compare by eye."""


class Hashes(NamedTuple):
    """SHA-256 and SM3 of some bytes, in hexadecimal; None for SM3 where this machine's OpenSSL lacks it."""

    sha256: str
    sm3: str | None


class Attached(NamedTuple):
    """The files of a paper, and what its pages print about them."""

    files: tuple[Carried, ...]
    hashes: Hashes

    @property
    def printed(self) -> dict[str, object]:
        """Return what stands at the foot of every page."""
        return {"names": [file.name for file in self.files], "short": self.hashes.sha256[:SHORT]}


Names = Mapping[str, tuple[str, str]]
"""The bureau's own fonts as a paper knows them: name of the file and SHA-256 by role. A path is never among them."""


def attach(
    recorded: Recorded,
    document: str,
    bureau: BureauFile | None,
    own: Sequence[OwnFont] = (),
    drawn: Sequence[DrawnSignature] = (),
) -> Attached:
    """Return what a paper of a record carries: its content, then the manifest with the content's hashes."""
    names = {font.role: (font.file, font.sha256) for font in own}
    unsigned = content_bytes(recorded, document, bureau, names, drawn, maker="").decode()
    content = content_bytes(recorded, document, bureau, names, drawn, maker=made_by(unsigned, own))
    return with_files(recorded, manifest_bytes(recorded, document, content, hashes(content)), content)


def with_files(recorded: Recorded, manifest: bytes, content: bytes) -> Attached:
    """Return the files as a paper carries them, dated by the day of the inspection: the clock has no say."""
    day = recorded.inspection.checklist.date
    files = (
        Carried(MANIFEST, "附件的校验值（SHA-256、SM3）", manifest, day),
        Carried(CONTENT, "本文书所依据的记录、问题、规则版本和本单位资料", content, day),
    )
    return Attached(files, hashes(content))


def made_by(content: str, own: Sequence[OwnFont] = ()) -> str:
    """Return which program, renderer and fonts print this content here; others may lay a page out differently."""
    return f"chunfeng {__version__}, {layout_version(content, own)}"


def content_bytes(
    recorded: Recorded,
    document: str,
    bureau: BureauFile | None,
    own: Names,
    drawn: Sequence[DrawnSignature] = (),
    *,
    maker: str,
) -> bytes:
    """Return record.json: all that the paper is printed from, by the maker that made_by() names."""
    record = recorded.record.model_copy(update={"answers": plain_answers(recorded.inspection.sheet)})
    fonts = {role: {"file": file, "sha256": sha256} for role, (file, sha256) in own.items()}
    signed = {"drawn_signatures": [each.model_dump(mode="json") for each in drawn]} if drawn else {}
    return _json(
        {
            **signed,
            "kind": "paper", "schema": 1, "document": document, "lock": record.lock, "made_by": maker,
            "record": record.model_dump(mode="json", by_alias=True),
            "findings": recorded.evaluation.model_dump(mode="json"),
            "bureau": bureau.model_dump(mode="json", exclude={"fonts"}) if bureau is not None else None,
            **({"fonts": fonts} if fonts else {}),
        }
    )  # fmt: skip


def manifest_bytes(recorded: Recorded, document: str, content: bytes, found: Hashes) -> bytes:
    """Return manifest.json: what the content is, its size in bytes and its hashes."""
    entry = {"name": CONTENT, "size": len(content), "sha256": found.sha256, "sm3": found.sm3}
    record = recorded.record
    return _json(
        {
            "kind": "manifest", "schema": 1, "document": document, "campaign": record.campaign, "lock": record.lock,
            "files": [entry],
        }
    )  # fmt: skip


def hashes(content: bytes) -> Hashes:
    """Return SHA-256 and, where OpenSSL has it, SM3 of the content."""
    try:
        sm3 = hashlib.new("sm3", content).hexdigest()
    except ValueError:
        sm3 = None
    return Hashes(hashlib.sha256(content).hexdigest(), sm3)


def _json(content: dict[str, Any]) -> bytes:
    """Return JSON that is the same for the same content: sorted keys, no spaces but line breaks."""
    return (json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()

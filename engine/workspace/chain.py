"""The audit trail as a chain: every entry carries the hash of the one before it."""

from __future__ import annotations

import hashlib
import json
import re
from typing import NamedTuple

from engine.model.workspace import Kept

NOTHING_YET = "0" * 64
"""What the first entry names as the one before it."""


class Change(NamedTuple):
    """A thing as it was put: the kind, the id, and the thing as canonical JSON."""

    kind: str
    id: str
    data: str


class Entry(NamedTuple):
    """An entry of the audit trail: who, when, what, why."""

    seq: int
    at: str
    by: str
    action: str
    why: str
    changes: tuple[Change, ...]
    previous: str
    hash: str


class Head(NamedTuple):
    """The end of a chain as it is printed on filings and backups."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}-{self.hash}"


def canonical(thing: Kept) -> str:
    """Return the thing as JSON: the same thing gives the same text."""
    data = thing.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def linked(before: Head, at: str, by: str, action: str, why: str, changes: tuple[Change, ...]) -> Entry:
    """Return the entry that follows the head of a chain."""
    seq = before.seq + 1
    return Entry(
        seq, at, by, action, why, changes, before.hash, hash_of(seq, at, by, action, why, changes, before.hash)
    )


def hash_of(seq: int, at: str, by: str, action: str, why: str, changes: tuple[Change, ...], previous: str) -> str:
    """Return the SHA-256 of an entry of the chain, in hexadecimal."""
    content = json.dumps([seq, at, by, action, why, changes, previous], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()


def read_head(text: str) -> Head | None:
    """Return the end of a chain as printed, None if the text is none."""
    found = re.fullmatch(r"([0-9]{1,12})-([0-9a-f]{64})", text.strip())
    return Head(int(found[1]), found[2]) if found else None

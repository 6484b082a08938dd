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
    text: str
    """What was put, as JSON: a list of kind, id and the thing."""
    previous: str
    hash: str

    @property
    def changes(self) -> tuple[Change, ...]:
        """Return what was put. A text that somebody damaged is one change of no kind."""
        try:
            return tuple(Change(*(str(part) for part in change)) for change in json.loads(self.text))
        except (ValueError, TypeError, RecursionError):
            return (Change("", "", self.text),)


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
    text = json.dumps(changes, ensure_ascii=False, separators=(",", ":"))
    entry = Entry(before.seq + 1, at, by, action, why, text, before.hash, "")
    return entry._replace(hash=hash_of(entry))


def hash_of(entry: Entry) -> str:
    """Return the SHA-256 of everything that an entry says, in hexadecimal."""
    said = [json.dumps(part, ensure_ascii=False) for part in entry[:5]]
    content = f"[{','.join(said)},{entry.text},{json.dumps(entry.previous)}]"
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


def read_head(text: str) -> Head | None:
    """Return the end of a chain as printed, None if the text is none."""
    found = re.fullmatch(r"([0-9]{1,12})-([0-9a-f]{64})", text.strip())
    return Head(int(found[1]), found[2]) if found else None

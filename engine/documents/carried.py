"""What a paper carries, read from a file that may come from anybody: as far as it can be, and never as more."""

from __future__ import annotations

import json
from typing import Any, NamedTuple, get_args

from engine.documents.attachments import CONTENT, MANIFEST, Hashes, Names, hashes
from engine.documents.pdf_reading import UnreadableError
from engine.documents.text import one_line
from engine.model.bureau import FontRole
from engine.source import MAX_DEPTH, Document, Loc


class Carries(NamedTuple):
    """The files inside a paper, read as far as they can be."""

    content: bytes
    manifest: bytes
    data: dict[str, Any]
    hashes: Hashes


class Data(Document):
    """Values that were read from JSON: the file has no places, and a number is written as it is."""

    def __init__(self, name: str, data: object) -> None:
        super().__init__(name, "")
        self.data = data

    def written(self, loc: Loc) -> str:
        """Return the scalar at loc as text."""
        return str(self.at(loc))


def carries_of(inside: list[tuple[str, bytes]]) -> Carries:
    """Return the files of a paper of ours. Raises UnreadableError if it is none."""
    files = dict(reversed(inside))
    if CONTENT not in files:
        raise UnreadableError(f"文件里没有附件 {CONTENT}")
    try:
        data = json.loads(files[CONTENT])
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"附件 {CONTENT} 无法读取") from error
    if not isinstance(data, dict) or data.get("kind") != "paper" or _depth(data) > MAX_DEPTH:
        raise UnreadableError(f"附件 {CONTENT} 不是文书的内容")
    if data.get("schema") != 1:
        raise UnreadableError(f"附件 {CONTENT} 是更新的版本，请用更新的程序核对")
    return Carries(files[CONTENT], files.get(MANIFEST, b""), data, hashes(files[CONTENT]))


def _depth(value: object) -> int:
    """Return how deep lists and mappings are nested, counted no further than one beyond what is allowed."""
    level, depth = [value], 0
    while level and depth <= MAX_DEPTH:
        depth += 1
        level = [
            inner
            for each in level
            if isinstance(each, (dict, list))
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return depth


def names_of(fonts: object) -> Names:
    """Return the fonts that a paper names; what is not written as the program writes it is left out."""
    entries = fonts.items() if isinstance(fonts, dict) else ()
    names = {}
    for role, entry in entries:
        if role in get_args(FontRole) and isinstance(entry, dict):
            names[role] = (whole(entry.get("file")), whole(entry.get("sha256")))
    return names


def sm3_of(carries: Carries) -> tuple[str | None, ...]:
    """Return the SM3 that a manifest may name: this machine's, or none where the printing machine had no SM3."""
    if carries.hashes.sm3 is not None:
        return (carries.hashes.sm3, None)
    try:
        said = json.loads(carries.manifest)["files"][0]["sm3"]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        return (None,)
    return (said, None) if isinstance(said, str) else (None,)


def whole(value: object) -> str:
    """Return a text of the file as it can be written again."""
    return value.encode(errors="replace").decode() if isinstance(value, str) else ""


def word(value: object) -> str:
    """Return a short text of the file as one line that cannot look like ours."""
    return one_line(value)[:200] if isinstance(value, str) else ""

"""YAML changed where it stands: a value, a key or an entry of a list; every other character stays.

A library that reads a file and writes it anew was measured and left: it re-wrote three of the packaged priorities
where nothing had changed ([{device: x}] as [device: x]). Here the text is cut at the places that the strict loader
gives, so that what was not changed cannot change.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from datetime import date
from typing import Any

from engine.source import Document, Loc, dump, parse

_PLAIN = re.compile(r"[^\s\[\]{},#&*!|>'\"%@`?:=-](?:[^\[\]{},:#\n]|:(?=[^\s\[\]{},]))*\Z")
_BLOCK = re.compile(r"[|>][+-]?\n")


class Text:
    """The text of a YAML file that is being changed, with its places."""

    def __init__(self, text: str, shown: str) -> None:
        self.text, self.shown = text, shown
        self.document = self._parsed(text)

    def _parsed(self, text: str) -> Document:
        document, problems = parse(text, self.shown)
        if document is None:
            raise ValueError(f"{self.shown}: {[p.render() for p in problems]}")  # it was read, or this module wrote it
        return document

    @property
    def newline(self) -> str:
        """How lines end in this file."""
        return "\r\n" if "\r\n" in self.text else "\n"

    def at(self, loc: Loc) -> object:
        """Return the value at loc."""
        return self.document.at(loc)

    def has(self, loc: Loc) -> bool:
        """Return whether there is a value at loc."""
        try:
            self.at(loc)
        except (KeyError, IndexError, TypeError):
            return False
        return True

    def raw(self, loc: Loc) -> str:
        """Return the value at loc as it is written."""
        first, last = self._extent(loc)
        return self.text[first:last]

    def raw_below(self, loc: Loc) -> str:
        """Return the value at loc, of a key, as it is written: from the end of the key's line if it stands below."""
        first, last = self._below(loc)
        return self.text[first:last]

    def raw_line(self, loc: Loc) -> str:
        """Return what stands behind the colon of a key in a block, up to the end of the last line, a comment too."""
        first = self.text.index(":", self.document.extent(loc, key=True)[1]) + 1
        last = self.text.find("\n", self._extent(loc)[1])
        return self.text[first : len(self.text) if last < 0 else last].rstrip("\r")

    def _below(self, loc: Loc) -> tuple[int, int]:
        first, last = self._extent(loc)
        colon = self.text.index(":", self.document.extent(loc, key=True)[1]) + 1
        return (colon if "\n" in self.text[colon:first] else first), last

    def attempt(self, change: Callable[[], None], loc: Loc, wanted: Callable[[object], bool]) -> bool:
        """Make a change of the value at loc that might fail; return whether it was made: then nothing else is changed.

        wanted: whether the new value is the one that was meant.
        """
        text, document = self.text, self.document
        expected: Any = {"": deepcopy(document.data)}
        try:
            change()
            value = self.at(loc)
            holder = expected
            for step in ("", *loc)[:-1]:
                holder = holder[step]
            holder[loc[-1]] = value
            if wanted(value) and expected[""] == self.document.data:
                return True
        except (ValueError, KeyError, IndexError, TypeError):
            pass
        self.text, self.document = text, document
        return False

    def replace(self, loc: Loc, raw: str) -> None:
        """Write raw, a value in YAML of one line or a block, in the place of the value at loc.

        A list or a mapping below its key is written on the line of the key; raw that begins with a break comes below.
        """
        value = self.at(loc)
        below = isinstance(loc[-1], str) and isinstance(value, (dict, list)) and not self.is_flow(loc)
        first, last = self._below(loc) if below else self._extent(loc)
        if raw[:1].isspace() and not below:
            first = self.text.index(":", self.document.extent(loc, key=True)[1]) + 1
        gap = " " if below and self.text[first - 1] == ":" and not raw[:1].isspace() else ""
        self._set(first, last, gap + raw)

    def splice(self, loc: Loc, start: int, end: int, words: str) -> bool:
        """Put words in the place of the characters start:end of the text at loc, leaving how it is written.

        Returns whether it could be: a text with escapes is written anew by the caller.
        """
        value = self.at(loc)
        assert isinstance(value, str)
        places = _places(self.raw(loc), value)
        if places is None or start >= end:
            return False
        base = self._extent(loc)[0]
        before = self.text
        try:
            self._set(base + places[start], base + places[end - 1] + 1, words)
        except ValueError:
            return False
        if self.at(loc) == value[:start] + words + value[end:]:
            return True
        self.text, self.document = before, self._parsed(before)
        return False

    def insert(self, loc: Loc, key: str, raw: str, before: Sequence[str]) -> None:
        """Write “key: raw” into the mapping at loc: before the first of these keys that it has, else at its end."""
        mapping = self.at(loc)
        assert isinstance(mapping, dict)
        raw = raw if raw[:1].isspace() else f" {raw}"
        following = next((k for k in before if k in mapping), None)
        if self.is_flow(loc):
            self._insert_flow(loc, f"{key}:{raw}", following, bool(mapping))
        elif following is not None:
            start = self.document.extent((*loc, following), key=True)[0]
            self._set(start, start, f"{key}:{raw}{self.newline}{' ' * self._column(start)}")
        else:
            indent = " " * self._column(self.document.extent((*loc, next(iter(mapping))), key=True)[0])
            self._append_line(self._extent(loc)[1], f"{indent}{key}:{raw}")

    def _insert_flow(self, loc: Loc, written: str, following: str | None, filled: bool) -> None:
        if following is not None:
            start = self.document.extent((*loc, following), key=True)[0]
            self._set(start, start, f"{written}, ")
        else:
            end = self._extent(loc)[1] - 1
            while filled and self.text[end - 1] in " \r\n":
                end -= 1
            self._set(end, end, f", {written}" if filled else written)

    def remove(self, loc: Loc) -> None:
        """Take out the key or the list entry at loc, with its line or its comma."""
        parent = loc[:-1]
        if self.is_flow(parent):
            self._remove_flow(loc)
            return
        first, last = self._whole(loc)
        line = self.text.rfind("\n", 0, first) + 1
        end = self.text.find("\n", last)
        end = len(self.text) if end < 0 else end + 1
        if self.text[line:first].strip():  # the first key behind the “- ” of a list: the next one moves up
            following = self.text.find(self.text[end:].lstrip(" ")[:1], end)
            self._set(first, following, "")
        else:
            self._set(line, end, "")

    def _remove_flow(self, loc: Loc) -> None:
        siblings = self._siblings(loc)
        place = siblings.index(loc[-1])
        first, last = self._whole(loc)
        if place + 1 < len(siblings):
            self._set(first, self._whole((*loc[:-1], siblings[place + 1]))[0], "")
        elif place:
            self._set(self._whole((*loc[:-1], siblings[place - 1]))[1], last, "")
        else:
            self._set(first, last, "")

    def append(self, loc: Loc, raw: str) -> None:
        """Write an entry at the end of the list at loc. raw: its YAML of one line, or the lines of a block mapping."""
        entries = self.at(loc)
        assert isinstance(entries, list)
        if self.is_flow(loc):
            self._insert_flow(loc, raw, None, bool(entries))
            return
        dash = self.text.rfind("-", 0, self._extent((*loc, 0))[0])
        indent = " " * self._column(dash)
        lines = raw.rstrip("\n").split("\n")
        written = [f"{indent}- {lines[0]}", *(f"{indent}  {line}" if line else "" for line in lines[1:])]
        self._append_line(self._extent(loc)[1], self.newline.join(written))

    def is_flow(self, loc: Loc) -> bool:
        """Return whether the collection at loc is written in brackets."""
        return self.text[self.document.extent(loc)[0]] in "[{"

    def _append_line(self, after: int, line: str) -> None:
        end = self.text.find("\n", after)
        if end < 0:
            self._set(len(self.text), len(self.text), f"{self.newline}{line}")
        else:
            self._set(end + 1, end + 1, f"{line}{self.newline}")

    def _siblings(self, loc: Loc) -> list[str | int]:
        parent = self.at(loc[:-1])
        return list(parent) if isinstance(parent, dict) else list(range(len(parent)))  # type: ignore[arg-type]

    def _whole(self, loc: Loc) -> tuple[int, int]:
        """Where an entry begins, its key or its dash counted in, and ends."""
        first, last = self._extent(loc)
        if isinstance(loc[-1], str):
            return self.document.extent(loc, key=True)[0], last
        return (first if self.is_flow(loc[:-1]) else self.text.rfind("-", 0, first)), last

    def _extent(self, loc: Loc) -> tuple[int, int]:
        """Where a value begins and ends. The parser ends a block where the next token is: its last value tells."""
        first, last = self.document.extent(loc)
        value = self.at(loc)
        if isinstance(value, (dict, list)) and value and not self.is_flow(loc):
            inner = list(value)[-1] if isinstance(value, dict) else len(value) - 1
            return first, self._extent((*loc, inner))[1]
        while last > first and self.text[last - 1] in "\r\n ":
            last -= 1
        return first, last

    def _column(self, place: int) -> int:
        return place - (self.text.rfind("\n", 0, place) + 1)

    def _set(self, first: int, last: int, words: str) -> None:
        changed = self.text[:first] + words + self.text[last:]
        self.document = self._parsed(changed)
        self.text = changed


def _places(raw: str, value: str) -> list[int] | None:
    """Return for each character of a text where it stands in how the text is written, None if it has escapes."""
    place, found = (_BLOCK.match(raw.replace("\r", "")) or re.match("['\"]?", raw)).end(), []  # type: ignore[union-attr]
    for char in value:
        if char == " " and raw[place : place + 1] in ("\r", "\n"):
            found.append(place)
            place = len(raw) - len(raw[place:].lstrip("\r\n "))
            continue
        if raw[place : place + 1] in (" ",) and char != " ":
            place = len(raw) - len(raw[place:].lstrip(" "))  # the indent of the first line of a block
        if raw[place : place + 1] != char:
            return None
        found.append(place)
        place += 1
    return found


def written(value: object, *, flow: bool = True) -> str:
    """Return a value as YAML in one line: a text plain where it can be, else in quotes.

    flow: whether it stands inside brackets, where fewer texts can be plain.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, (int, float)):
        return f"{value:.15g}" if isinstance(value, float) else str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return _text(value, flow)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {written(inner)}" for key, inner in value.items()) + "}"
    assert isinstance(value, Sequence)
    return "[" + ", ".join(written(inner) for inner in value) + "]"


def _text(value: str, flow: bool) -> str:
    template = "- [{}]\n" if flow else "- {}\n"
    if _PLAIN.match(value) if flow else (value.isprintable() and value == value.strip()):
        document, _ = parse(template.format(value), "")
        if document is not None and document.data == ([[value]] if flow else [value]):
            return value
    return json.dumps(value, ensure_ascii=False) if value.isprintable() else dump(value, lines=False).strip()

"""Which article of a later version has the words of an earlier one, as tools/concordance.py found them in the texts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from engine.library.check_law import find_version
from engine.library.load import Library

CONCORDANCE = "rules/laws/concordance.json"


class Successor(NamedTuple):
    """An article in force that has the words of an older one; only proposed, for people to compare."""

    cite: str
    article: str
    similarity: float
    """0 to 1, the least of the steps where several versions lie between."""
    agreed: bool
    """Whether two measures gave the same article, and no other was as near; in every step."""


class _Row(NamedTuple):
    to: str
    successor: int
    similarity: float
    agreed: bool


def successors(library: Library, cite: str, article: str | None, day: date) -> tuple[Successor, ...]:
    """Return the articles in force on the day that the words of an article went to, none where nobody knows.

    Paragraphs and items are not matched: article 34.2 is looked for as article 34.
    """
    rows = _rows(library)
    number = int((article or "0").split(".")[0].split("(")[0])
    found: list[Successor] = []
    waiting = [(cite, number, 1.0, True)]
    seen = {(cite, number)}
    while waiting:
        at, which, similarity, agreed = waiting.pop()
        for row in rows.get((at, which), ()):
            step = (row.to, row.successor)
            if step in seen:
                continue
            seen.add(step)
            score, sure = min(similarity, row.similarity), agreed and row.agreed
            version = find_version(library, row.to)
            if version is None:
                continue
            if version.start <= day and (version.end is None or day < version.end):
                found.append(Successor(row.to, str(row.successor), score, sure))
            elif version.end is not None and version.end <= day:
                waiting.append((*step, score, sure))
    return tuple(sorted(found))


@lru_cache(maxsize=8)
def _rows(library: Library) -> Mapping[tuple[str, int], tuple[_Row, ...]]:
    """Return the rows of the package's concordance; nothing where a bureau's checkout has none."""
    path = library.place.root / CONCORDANCE
    if not path.is_file():
        return {}
    found: dict[tuple[str, int], tuple[_Row, ...]] = {}
    for row in json.loads(path.read_text(encoding="utf-8"))["articles"]:
        key = (row["from"], row["article"])
        found[key] = (*found.get(key, ()), _Row(row["to"], row["successor"], row["similarity"], row["agreed"]))
    return found

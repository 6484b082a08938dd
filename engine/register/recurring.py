"""反弹: a problem that was put right and is found again. One definition, for sealing and for looking back over all.

回头看 tells 反弹 apart from 未整改 (CF2024-2.1-r), and what must not come back is what was put right
(“防止已整改问题回潮反弹”, CF2024-2.1-s; RECORDS §9). So an earlier finding counts
only once it was settled as corrected, on a day before the new one. Found again while nobody has settled it, it is
未整改: a lead, and no second notice (RECORDS §2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from engine.inspections.cells import header_key
from engine.model.workspace import KeptFinding

Subject = tuple[tuple[str, str], ...]


class Again(NamedTuple):
    """What is found: which rule, what about, when."""

    rule: str
    subject: Mapping[str, str]
    found: date


def came_back(again: Again, before: Iterable[KeptFinding]) -> KeptFinding | None:
    """Return the earlier finding that has come back, None if none has.

    before: findings of the same site. Of several of the same rule one about the same (product, batch, supplier) goes
    first, else the newest: who sells what has expired sells another batch of it the next time.
    """
    same = [
        old for old in before if old.rule == again.rule and old.state == "corrected"
        and old.found < again.found and (old.settled or old.found) < again.found
    ]  # fmt: skip
    return max(same, key=lambda old: (is_about_the_same(old.subject, again.subject), old.found, old.id), default=None)


def not_put_right(again: Again, before: Iterable[KeptFinding]) -> KeptFinding | None:
    """Return the newest earlier finding of the same rule about the same that nobody has settled as corrected."""
    same = [
        old for old in before if old.rule == again.rule and old.state != "corrected" and old.found < again.found
        and is_about_the_same(old.subject, again.subject)
    ]  # fmt: skip
    return max(same, key=lambda old: (old.found, old.id), default=None)


def is_about_the_same(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Return whether two subjects are the same, however wide their letters are; what is left empty says nothing."""
    return _folded(one) == _folded(other)


def _folded(subject: Mapping[str, str]) -> Subject:
    return tuple(sorted((name, header_key(value)) for name, value in subject.items() if value))

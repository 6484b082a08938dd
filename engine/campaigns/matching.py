"""Which earlier clauses have the words of a new one. Only proposed: that they ask for the same is for people to say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import SequenceMatcher
from functools import lru_cache

from engine.campaigns.splitting import plain, undated
from engine.model.rules import Clause
from engine.model.to_do import Proposal

MOST = 3
"""Proposals of similar words for a clause; of the same words all are given."""
LEAST = 0.6
"""Share of equal characters (difflib's ratio) below which a clause is not proposed."""
VERBATIM = "原文相同"
OTHER_DAYS = "除日期外原文相同"


def proposals(clause: Clause, earlier: Iterable[Clause]) -> tuple[Proposal, ...]:
    """Return the earlier clauses whose words all stand in the clause, else up to MOST that are similar, best first.

    Years and blanks do not count; where only months and days differ the reason says so. An … in an earlier clause
    stands for words left out.
    """
    listed = list(earlier)
    same = [Proposal(name=old.id, text=old.quote, reason=why) for old in listed if (why := _same(clause, old))]
    if same:
        return tuple(same)
    text = undated(clause.quote)
    scored = [(_ratio(text, "".join(_parts(old.quote, undated))), old) for old in listed]
    close = sorted((pair for pair in scored if pair[0] >= LEAST), key=lambda pair: (-pair[0], pair[1].id))
    return tuple(
        Proposal(name=old.id, text=old.quote, reason=f"文字相似 {score:.2f}，请看原文") for score, old in close[:MOST]
    )


def _same(clause: Clause, old: Clause) -> str:
    if _stands_in(_parts(old.quote, plain), plain(clause.quote)):
        return VERBATIM
    return OTHER_DAYS if _stands_in(_parts(old.quote, undated), undated(clause.quote)) else ""


@lru_cache(maxsize=4096)
def _parts(quote: str, reduced: Callable[[str], str]) -> tuple[str, ...]:
    return tuple(part for part in (reduced(p).strip("。；;，,、") for p in quote.split("…")) if part)


def _stands_in(parts: tuple[str, ...], text: str) -> bool:
    at = 0
    for part in parts:
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return bool(parts)


def _ratio(left: str, right: str) -> float:
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= LEAST and matcher.quick_ratio() >= LEAST else 0.0

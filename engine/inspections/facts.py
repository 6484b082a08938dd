"""Facts kept apart from conclusions: words that a sentence of 检查情况 must not hold (RECORDS §1, 11 and 12).

What a paper or a person said is a fact: words between quotation marks and the titles in 《》 are not looked at.
The program's own sentences hold none of these words; tests look at all of them.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from engine.inspections.named import plain

_CONCLUSION, _VAGUE = "是结论", "是含糊的说法"
_N = "[0-9一二三四五六七八九十百零〇两]{1,8}"
_PENALTY = "(?:处罚|查处|没收|罚款|取缔|吊销|立案|责令|追究)"

_WORDS = tuple(
    (re.compile(pattern), why)
    for pattern, why in (
        # the law and what follows from it: the problem column names the articles
        ("违反|违背", _CONCLUSION),
        (rf"第{_N}条(?:之{_N})?(?:第{_N}款)?(?:第[(]?{_N}[)]?项)?(?!生产线|流水线|线)", _CONCLUSION),
        # what it is before the law: decided after the inspection, goods often after a test
        ("(?:属于?|系|是|为|按|认定为?|定性为?)?(?:假药|劣药|违法|违规|非法|犯罪)", _CONCLUSION),
        ("(?:属于?|系)(?:假冒|伪劣|不合格)", _CONCLUSION),
        ("构成[^,。;]{0,12}(?:罪|行为)", _CONCLUSION),
        ("涉嫌", _CONCLUSION),
        # what is to be done about it: the suggestions stand beside the problem
        (rf"(?:应当?|应该|应予|须|建议|拟|依法|予以|给予)[^,。;]{{0,12}}{_PENALTY}", _CONCLUSION),
        # neither counted nor seen: a court cannot check it
        ("基本上|大概|大约|大致|差不多|似乎|好像|疑似|估计|也许|或许|恐怕|应该是|可能", _VAGUE),
        ("基本(?=符合|不符合|合格|不合格|齐全|正常|一致|属实|没有|都|能|做到)", _VAGUE),
        ("(?<=[0-9一二三四五六七八九十百千个盒支瓶袋片粒件元年月天日时分度c%])左右", _VAGUE),
    )
)
_QUOTED = re.compile('《[^》]*》|“[^”]*”|「[^」]*」|"[^"]*"')


class NoFact(NamedTuple):
    """A word that does not belong among facts, and what is wrong with it."""

    word: str
    why: str


def no_facts(sentence: str) -> list[NoFact]:
    """Return the words of a sentence that are no facts, each once, in the order of the text."""
    text = plain(
        _QUOTED.sub(lambda found: found.group()[0] + found.group()[-1], unicodedata.normalize("NFKC", sentence))
    )
    found = [
        (match.start(), -match.end(), NoFact(match.group(), why)) for p, why in _WORDS for match in p.finditer(text)
    ]
    kept: dict[NoFact, None] = {}
    reached = 0
    for start, end, each in sorted(found):
        if start >= reached:
            kept[each] = None
            reached = -end
    return list(kept)

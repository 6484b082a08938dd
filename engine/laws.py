"""Which version of an instrument is in force on a day, and how an article is written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from engine.model.base import Verification
from engine.model.findings import CitedArticle
from engine.model.release import ReleaseCitation, ReleaseWording, ReleaseWordingVersion

_ARTICLE = re.compile(r"([0-9]+)(?:\.([0-9]+))?(?:\(([0-9]+)\))?\Z")
_DIGITS = "零一二三四五六七八九"


def in_force(citation: ReleaseCitation, day: date) -> bool:
    """Return whether the version of the citation is in force on the day."""
    return citation.start <= day and (citation.end is None or day < citation.end)


def in_force_within(citation: ReleaseCitation, first: date, last: date) -> bool:
    """Return whether the version of the citation is in force on some day in first..last."""
    return first <= last and in_force(citation, max(first, citation.start)) and citation.start <= last


def cited(
    citations: Iterable[ReleaseCitation], day: date, attributes: Mapping[str, bool] | None = None
) -> tuple[CitedArticle, ...]:
    """Return the articles in force on the day, ready to print; unverified ones say 待核.

    attributes: what is known of the site; an article that binds some sites only is left out where that is not known.
    """
    return tuple(_shown(c) for c in citations if in_force(c, day) and _binds(c, attributes or {}))


def _binds(citation: ReleaseCitation, known: Mapping[str, bool]) -> bool:
    return all(known.get(name) == value for name, value in citation.where.items())


def days_of_change(citations: Iterable[ReleaseCitation], first: date, last: date) -> tuple[date, ...]:
    """Return the days in first..last on which the citations in force may differ from the day before, first included."""
    days = {first}
    for citation in citations:
        days.add(citation.start)
        if citation.end is not None:
            days.add(citation.end)
    return tuple(sorted(day for day in days if first <= day <= last))


def gap(citations: Sequence[ReleaseCitation], first: date, last: date) -> date | None:
    """Return the first day in first..last on which some site has no citation in force, None if there is none.

    A citation that binds only sites known to have an attribute, or not to, leaves those of which nobody knows.
    """
    for day in days_of_change(citations, first, last):
        if not any(in_force(c, day) and not c.where for c in citations):
            return day
    return None


def wording_on(wording: ReleaseWording | None, day: date) -> ReleaseWordingVersion | None:
    """Return the version of a fixed text that is in use on the day, None before the first."""
    versions = [v for v in wording.versions if v.start <= day] if wording is not None else []
    return max(versions, key=lambda v: v.start, default=None)


def article_text(article: str) -> str:
    """Return an article reference in Chinese: 161(8) is 第一百六十一条第（八）项, 23.2 第二十三条第二款."""
    found = _ARTICLE.match(article)
    if found is None:
        raise ValueError(article)
    number, paragraph, item = found.groups()
    text = f"第{chinese_number(int(number))}条"
    if paragraph:
        text += f"第{chinese_number(int(paragraph))}款"
    return text + (f"第（{chinese_number(int(item))}）项" if item else "")


def chinese_number(number: int) -> str:
    """Return a whole number from 1 to 9999 in Chinese numerals, as articles are numbered: 十五, 一百零六, 二百一十."""
    if not 0 < number < 10_000:
        raise ValueError(number)
    text, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            text += ("零" if zero and text else "") + _DIGITS[digit] + name
            zero = False
        else:
            zero = True
    return text[1:] if text.startswith("一十") else text


def citation_text(citation: ReleaseCitation) -> str:
    """Return a citation ready to print; what was not verified says 待核."""
    doubt = "" if citation.verification is Verification.VERIFIED else "（待核）"
    where = article_text(citation.article) if citation.article else "（具体条款待核）"
    return f"{title_of(citation)}{where}{doubt if citation.article else ''}"


def _shown(citation: ReleaseCitation) -> CitedArticle:
    text = citation_text(citation)
    return CitedArticle(cite=citation.cite, article=citation.article, text=text, verification=citation.verification)


def title_of(citation: ReleaseCitation) -> str:
    """Return how an instrument is named: 《药品经营质量管理规范》（2016年修正）."""
    return f"《{citation.title}》" + (f"（{citation.edition}）" if citation.edition else "")

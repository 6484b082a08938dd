"""The text of a plan as clauses: what stands under which heading, sentence by sentence, in the plan's own words.

Only the form of official papers is read: 一、 and （一） number the parts, a sentence ends with 。；！？. What a
clause asks for is not read out of it; people say that.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from engine.problems import Mark, Problem, problem

MAX_CHARACTERS = 200_000
"""Of a plan: the longest known has some eight thousand."""
MAX_CLAUSE = 2000
MAX_TITLE = 26
MAX_IN_PART = 26 + 26 * 26
_DIGITS = {c: n for n, c in enumerate("一二三四五六七八九", 1)}
_NUMERAL = "[一二三四五六七八九十]{1,3}"
_DIGIT = "[0-9０-９]"
_BRACKETED = rf"[（(]\s*(?:{_NUMERAL}|{_DIGIT}{{1,2}})\s*[)）]"
_PART = re.compile(rf"(?P<number>{_NUMERAL})\s*(?:、|[．.](?!{_DIGIT}))")
_SUBPART = re.compile(rf"[（(]\s*(?P<number>{_NUMERAL})\s*[)）]")
_ANNEX = re.compile(r"附\s*件\s*(?P<number>[0-9]{1,2}|[一二三四五六七八九十])?\s*(?=[：:.．、\s]|$)")
_HEADING = re.compile(
    rf"{_PART.pattern.replace('?P<number>', '?:')}|[（(]\s*{_NUMERAL}\s*[)）]|附\s*件\s*[0-9]*\s*[：:]?$"
    rf"|{_DIGIT}{{1,2}}[.．、](?!{_DIGIT})|第[一二三四五六七八九十百]{{1,5}}[章节条](?=\s)"
)
_LESSER = re.compile(rf"{_BRACKETED}|[①-⑳]|{_DIGIT}{{1,2}}(?:[.．]{_DIGIT}{{1,2}}){{1,3}}(?=[\s、\u4e00-\u9fff])")
"""Numbers that may also begin a broken line: only after the end of a sentence or a heading are they a beginning."""
_RUN_ON = re.compile(rf"(?<=。)[ \t　]*(?={_NUMERAL}、|[（(]{_NUMERAL}[)）])")
_NUMBERED_PAGE = re.compile(r"[-—–－·]+\s*[0-9]{1,3}\s*[-—–－·]*|[-—–－·]*\s*[0-9]{1,3}\s*[-—–－·]+")
_BARE_NUMBER = re.compile(r"[0-9]{1,3}")
_UNSEEN = ("Cc", "Cf", "Cs", "Cn", "Zl", "Zp")
_RADICALS = re.compile("[\u2e80-\u2fdf\uf900-\ufaff]")
"""Characters that PDF files have in the place of the usual ones: they look the same."""
_ENDS, _OPENING, _CLOSING = "。；;！？", "“（《(〔【", "”）》)〕】"


class Sentence(NamedTuple):
    """A sentence of a plan and its part: 0 before the first heading, 2.1 under 二、（一）, A in an annex."""

    part: str
    text: str


class Known(NamedTuple):
    """A clause that has its id already."""

    id: str
    text: str


def sentences(text: str, shown: str) -> tuple[list[Sentence], list[Problem]]:
    """Return the sentences of a plan in order, or why it cannot be split.

    Nothing of the text is lost but page numbers and headings of parts that have only parts inside. Any other heading
    goes with the sentence behind it, words in brackets (who does it) with the sentence before. shown: the file to name.
    """
    if len(text) > MAX_CHARACTERS:
        return [], [problem("E932", Mark(shown), reason=f"有 {len(text)} 字，最多 {MAX_CHARACTERS} 字")]
    found: list[Sentence] = []
    part, inner, title = "0", "", ""
    for paragraph in _paragraphs(_cleaned(text)):
        before = part, inner
        part, inner, body, is_heading = _placed(paragraph, part, inner)
        pieces = list(_pieces(body))
        if is_heading:
            has_parts = before == (part, "") and inner
            found += _alone("".join(before), title, is_sentence=not has_parts)
            title = ""
        if is_heading and pieces and len(pieces[0]) <= MAX_TITLE:
            title = pieces.pop(0)
            title += "" if title[-1] in _ENDS else "　"
        for piece in pieces:
            is_aside = piece[0] in "（(" and not _LESSER.match(piece)
            if is_aside and found and found[-1].part == part + inner and not title:
                found[-1] = Sentence(part + inner, found[-1].text + piece)
            else:
                found.append(Sentence(part + inner, title + piece))
            title = ""
    found += _alone(part + inner, title, is_sentence=True)
    problems = list(_too_much(found, shown))
    if not found:
        problems = [problem("E932", Mark(shown), reason="没有文字")]
    return ([] if problems else found), problems


def _alone(part: str, title: str, *, is_sentence: bool) -> list[Sentence]:
    """Return a heading with nothing behind it as a sentence; none if it only names the parts inside, without a 。"""
    return [Sentence(part, title.strip())] if title and (is_sentence or title[-1] in _ENDS) else []


def with_ids(year: str, written: Iterable[Sentence], known: Iterable[Known] = ()) -> list[tuple[str, str]]:
    """Return id and text of each sentence, ids like CF2027-2.1-a in the order of their part.

    known: clauses from before; a sentence of the same words keeps its id, be its days others, and no id of theirs is
    given to another.
    """
    kept: dict[tuple[str, str], list[str]] = {}
    used: set[str] = set()
    for clause in known:
        kept.setdefault((clause.id.split("-")[1], undated(clause.text)), []).append(clause.id)
        used.add(clause.id)
    letters: dict[str, int] = {}
    found = []
    for sentence in written:
        same = kept.get((sentence.part, undated(sentence.text)))
        if same:
            found.append((same.pop(0), sentence.text))
            continue
        while (id_ := f"CF{year}-{sentence.part}-{_letter(letters.get(sentence.part, 0))}") in used:
            letters[sentence.part] = letters.get(sentence.part, 0) + 1
        used.add(id_)
        found.append((id_, sentence.text))
    return found


def plain(text: str) -> str:
    """Return a text without blanks, years, and the difference of full and half width: what is compared."""
    return re.sub(r"20[0-9]{2}年?", "", re.sub(r"[\s　]", "", text).translate(_WIDTHS))


def undated(text: str) -> str:
    """Return a text as plain does, without months and days too."""
    return re.sub(r"[0-9]{1,2}月([0-9]{1,2}日)?", "", plain(text))


_WIDTHS = str.maketrans("（），；：！？", "(),;:!?")


def _cleaned(text: str) -> str:
    """Return the text without what nobody sees, with each part that was run on behind a sentence in its own line."""
    text = _RADICALS.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text.replace("\r\n", "\n"))
    seen = (c for c in text if c in "\n\r\t\f\v" or unicodedata.category(c) not in _UNSEEN)
    return _RUN_ON.sub("\n", "".join(seen))


def _paragraphs(text: str) -> Iterator[str]:
    """Yield the text without the line breaks of a page: a line begins a paragraph only if it begins with a number."""
    held = ""
    for line in _lines(text):
        ended = not held or held[-1] in _ENDS + "：:"
        begins = _HEADING.match(line) and (ended or not _open(held))
        if begins or (ended and _LESSER.match(line)) or _is_title(held):
            if held:
                yield held
            held = line
        else:
            held += (" " if held[-1:].isascii() and line[:1].isascii() and held[-1:].isalnum() else "") + line
    if held:
        yield held


def _lines(text: str) -> Iterator[str]:
    """Yield the lines that hold something, without page numbers.

    A number alone in its line is one if it has dashes, stands at the edge of a page, or counts on with all the others:
    in a table it may be what is to be counted.
    """
    pages = [[stripped for line in page.splitlines() if (stripped := line.strip(" \t　"))] for page in text.split("\f")]
    bare = [int(line) for page in pages for line in page if _BARE_NUMBER.fullmatch(line)]
    counting = len(bare) > 1 and bare == list(range(bare[0], bare[0] + len(bare)))
    for page in pages:
        for number, line in enumerate(page):
            at_edge = len(pages) > 1 and number in (0, len(page) - 1)
            if not (_NUMBERED_PAGE.fullmatch(line) or (_BARE_NUMBER.fullmatch(line) and (counting or at_edge))):
                yield line


def _is_title(text: str) -> bool:
    """Return whether a line is a heading by itself: a number and a few words that no sentence ends."""
    return bool(_HEADING.match(text)) and len(text) <= 22 and text[-1] not in _ENDS + "：:，、,"


def _open(text: str) -> bool:
    """Return whether a bracket or a quotation is still open at the end."""
    return sum(text.count(c) for c in _OPENING) > sum(text.count(c) for c in _CLOSING)


def _placed(paragraph: str, part: str, inner: str) -> tuple[str, str, str, bool]:
    """Return part and part inside it of a paragraph, its text without the number, and whether it had one of them."""
    if heading := _PART.match(paragraph):
        return str(_number(heading["number"])), "", paragraph[heading.end() :].strip(), True
    if (heading := _SUBPART.match(paragraph)) and part not in ("0", "A"):
        return part, f".{_number(heading['number'])}", paragraph[heading.end() :].strip(), True
    if heading := _ANNEX.match(paragraph):
        number = heading["number"] or ""
        number = str(_number(number)) if number in _DIGITS or number == "十" else number
        return "A", f".{number}" if number else "", paragraph, True
    return part, inner, paragraph, False


def _number(numeral: str) -> int:
    """Return 1 to 99 of Chinese numerals: 十二 is 12, 二十 20."""
    tens, ten, ones = numeral.partition("十")
    if not ten:
        return _DIGITS.get(tens, 0)
    return _DIGITS.get(tens, 1) * 10 + _DIGITS.get(ones, 0)


def _pieces(text: str) -> Iterator[str]:
    """Yield the sentences of a paragraph with what ends them; inside quotations and brackets nothing ends."""
    depth, piece = 0, ""
    for position, character in enumerate(text):
        piece += character
        if character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth = max(0, depth - 1)
        following = text[position + 1 : position + 2]
        if character in _ENDS and depth == 0 and following not in tuple(_ENDS + _CLOSING):
            if piece.strip(_ENDS + " "):
                yield piece.strip()
            piece = ""
    if piece.strip():
        yield piece.strip()


def _too_much(found: list[Sentence], shown: str) -> Iterator[Problem]:
    counts: dict[str, int] = {}
    for sentence in found:
        counts[sentence.part] = counts.get(sentence.part, 0) + 1
        if len(sentence.text) > MAX_CLAUSE:
            reason = f"“{sentence.text[:20]}…”一句有 {len(sentence.text)} 字，最多 {MAX_CLAUSE} 字"
            yield problem("E932", Mark(shown), reason=reason)
    for part, count in counts.items():
        if count > MAX_IN_PART:
            yield problem("E932", Mark(shown), reason=f"第 {part} 部分有 {count} 句，最多 {MAX_IN_PART} 句")


def _letter(number: int) -> str:
    """Return a, b, … z, aa, ab … zz."""
    return chr(97 + number) if number < 26 else chr(96 + number // 26) + chr(97 + number % 26)

"""Values of the rules as words in cells, and what was typed as values. What is not understood comes back as typed."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.expressions.nodes import And, Condition, Flag, Not, Or
from engine.expressions.parse import ConditionError, parse
from engine.laws import article_text
from engine.library.load import Library
from engine.model.base import Disposition, Grade
from engine.workbooks.table import Unusable, Value

BETWEEN = "；"
"""Between the words of one cell: 、 stands inside some of them."""
YES, NO, PART = "是", "否", "部分"
NONE = "无"
"""Of a list that a cell could leave out: none at all, not those of the item."""
OPEN_ARTICLE = "待核"
ANSWERS: dict[str, str] = {
    "yes_no": "是否", "number": "数值", "count": "个数", "sample": "抽查", "date": "日期", "choice": "单选",
    "choices": "多选", "text": "文字", "photo": "照片", "readings": "读数", "rows": "表格",
}  # fmt: skip
SIDES: dict[str, str] = {"duty": "义务", "liability": "责任", "power": "处理依据"}

_CHINESE = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_NUMERAL = "[0-9零〇一二三四五六七八九十百千]{1,9}"
_ARTICLE_WORDS = re.compile(rf"第?({_NUMERAL})条?(?:第?({_NUMERAL})款)?(?:第?\(({_NUMERAL})\)项?)?\Z")
_ARTICLE = re.compile(r"[1-9][0-9]{0,3}(\.[1-9][0-9]?)?(\([1-9][0-9]?\))?\Z")


@dataclass(frozen=True)
class Words:
    """Words that may stand in a cell, by what they mean."""

    known: Mapping[str, str]
    """Word → value."""

    def show(self, values: Iterable[str]) -> str:
        """Return values as the words of a cell."""
        words = {value: word for word, value in reversed(tuple(self.known.items()))}
        return BETWEEN.join(words.get(value, value) for value in values)

    def read(self, typed: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the values that were typed, each once, and the pieces that are no word."""
        text = flat(typed)
        table = {flat(word): value for word, value in self.known.items()}
        pattern = "|".join(re.escape(word) for word in sorted(table, key=len, reverse=True)) or "(?!)"
        found, rest, place = [], [], 0
        for match in re.finditer(rf"(?<![^;,、\s])(?:{pattern})(?=[;,、\s]|\Z)", text):
            rest.append(text[place : match.start()])
            found.append(table[match.group()])
            place = match.end()
        rest.append(text[place:])
        unknown = [piece for part in rest for piece in re.split(r"[;,、\s]+", part) if piece]
        return tuple(dict.fromkeys(found)), tuple(unknown)


def flat(text: str) -> str:
    """Return a text with half-width signs, for comparing words."""
    return unicodedata.normalize("NFKC", text).strip()


def text_of(value: Value) -> str:
    """Return what stands in a cell as text in one line, as it is compared and written; a formula is no text."""
    if value is None or isinstance(value, Unusable):
        return ""
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, float):
        return f"{value:.15g}"
    if hasattr(value, "isoformat"):
        return str(value.isoformat())[:10]
    lines = [line.strip() for line in str(value).replace("\r", "\n").replace("\t", " ").split("\n")]
    return "\n".join(line for line in lines if line)


def digest(cell: str) -> str:
    """Return what tells one content of a cell from another: six digits."""
    return hashlib.sha256(cell.encode()).hexdigest()[:6]


def one_line(text: str) -> str:
    """Return pasted lines as one: a space only between two Latin letters or digits."""
    joined = ""
    for line in text.split("\n"):
        gap = (
            " " if joined[-1:].isascii() and joined[-1:].isalnum() and line[:1].isascii() and line[:1].isalnum() else ""
        )
        joined += gap + line
    return joined


GRADES = Words({grade.label: grade.value for grade in Grade} | {grade.value: grade.value for grade in Grade})
YES_NO = Words({YES: "true", NO: "false"})
ANSWER_TYPES = Words({word: kind for kind, word in ANSWERS.items()})
SIDE_WORDS = Words({word: side for side, word in SIDES.items()})


def _dispositions() -> Words:
    whole = {d.label: d.value for d in Disposition}
    return Words(whole | {d.label.split("（")[0]: d.value for d in Disposition if "（" in d.label})


DISPOSITIONS = _dispositions()


def sites_of(library: Library) -> Words:
    """Return the words for site types: the short title."""
    return Words({loaded.value.title.split("（")[0]: name for name, loaded in sorted(library.site_types.items())})


def laws_of(library: Library) -> Words:
    """Return the words for versions of instruments: 药品经营质量管理规范 2016."""
    versions = [(n, v) for n, loaded in sorted(library.instruments.items()) for v in loaded.value.versions]
    return Words({f"{v.title} {v.version}": f"{n}@{v.version}" for n, v in versions})


def read_law(typed: str, known: Words) -> str | None:
    """Return the version of an instrument that was typed (《药品管理法》2019, drug-gsp@2016), None if there is none."""

    def key(text: str) -> str:
        return re.sub(r"[\s《》<>()]|中华人民共和国", "", flat(text))

    wanted = key(typed)
    return next((cite for word, cite in known.known.items() if wanted in (key(word), cite)), None)


def read_article(typed: str) -> tuple[str | None, bool]:
    """Return the article that was typed (第五十五条, 161(8), 第23条第2款), None for 待核; and whether it is one."""
    text = re.sub(r"\s+", "", flat(typed))
    if text in ("", OPEN_ARTICLE, "(具体条款待核)"):
        return None, True
    if _ARTICLE.match(text):
        return text, True
    found = _ARTICLE_WORDS.match(text)
    numbers = [_number(part) if part else None for part in found.groups()] if found else []
    if found is None or not all(n is None or 0 < n < 10_000 for n in numbers):
        return None, False
    article, paragraph, item = numbers
    text = f"{article}" + (f".{paragraph}" if paragraph else "") + (f"({item})" if item else "")
    return (text, True) if _ARTICLE.match(text) else (None, False)


def show_article(article: str | None) -> str:
    """Return an article as the workbook shows it."""
    return article_text(article) if article else OPEN_ARTICLE


def _number(text: str) -> int:
    if text.isdigit() and text.isascii():
        return int(text)
    total = current = 0
    for char in text:
        if char in _UNITS:
            total += (current or 1) * _UNITS[char]
            current = 0
        elif char in _CHINESE:
            current = current * 10 + _CHINESE[char]
        else:
            return 0
    return total + current


def show_scope(condition: str | None, labels: Mapping[str, str]) -> str | None:
    """Return an only_if of attributes in words: “经营冷藏药品”且非“在重点区域”; None if it is a special one."""
    if condition is None:
        return ""
    try:
        return _scope(parse(condition), labels)
    except ConditionError:
        return None


def _scope(node: Condition, labels: Mapping[str, str]) -> str | None:
    match node:
        case Flag(ref=ref) if ref.kind == "site" and ref.name in labels:
            return f"“{labels[ref.name]}”"
        case Not(part=Flag() as part):
            inner = _scope(part, labels)
            return inner and f"非{inner}"
        case And(parts=parts) | Or(parts=parts) if all(isinstance(p, (Flag, Not)) for p in parts):
            words = [_scope(part, labels) for part in parts]
            return None if None in words else ("且" if isinstance(node, And) else "或").join(w or "" for w in words)
        case _:
            return None


def read_scope(typed: str, labels: Mapping[str, str]) -> tuple[str | None, str]:
    """Return the only_if that was typed, None for an empty cell; and, if it cannot be read, the piece that is to blame.

    labels: label → attribute.
    """
    text = re.sub(r"[“”\"「」『』]", '"', flat(typed))
    names = {flat(label): name for label, name in labels.items()}
    if not text:
        return None, ""
    parts = re.split(r'(?<=")\s*([且或])\s*(?=非?")', text) if '"' in text else [text]
    found, joins = [], set(parts[1::2])
    for part in parts[::2]:
        negated = part.startswith("非") and part.strip('"') not in names
        name = names.get(part.removeprefix("非").strip('" ') if negated else part.strip('" '))
        if name is None:
            return None, part.strip('"')
        found.append(f"not site.{name}" if negated else f"site.{name}")
    if len(joins) > 1:
        return None, typed
    return (" and " if "且" in joins else " or ").join(found), ""

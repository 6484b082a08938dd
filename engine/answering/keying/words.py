"""What is typed and what is shown while keying: keys and commands told from values, questions and answers in words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from pydantic import JsonValue

from engine.answering.typed import Read, tidy, typed
from engine.model.questions import AnswerSpec, Choice, Choices, Count, DateQuestion, Number, Readings, Sample, YesNo
from engine.problems import Problem

ENTER = "enter"
MAX_DIGITS = 9
"""Options that one digit can name."""
_DOTS = ".。．｡"
_KEYS = {"是": "y", "否": "n", "?": "h", "": ENTER, "\r": ENTER, "\n": ENTER}
_COMMAND = re.compile(r"([a-z]|\?)(?:\s*([0-9a-z][0-9a-z-]*))?")


class Typed(NamedTuple):
    """What was typed: a key or command with its argument, or else a value."""

    key: str = ""
    """A letter, a digit or enter; empty if it is a value."""
    argument: str = ""
    text: str = ""
    """As it was typed, without the mark of a command or of a text that begins with one."""


def half(text: str) -> str:
    """Return a text with letters and digits in half width, in small letters, without blanks around it."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def single_key(text: str) -> Typed:
    """Return the key that was pressed; one that names nothing comes back as a value."""
    key = half(text)
    if not key and text.strip("\r\n"):
        return Typed(text=text)
    key = _KEYS.get(key, key)
    return Typed(key if key == ENTER or (len(key) == 1 and key.isascii() and key.isalnum()) else "", "", text)


def whole_line(text: str, *, any_text: bool) -> Typed:
    """Return the command or the value in a line.

    A command is a letter behind a dot, with an argument if it takes one; a letter alone is one too unless any text is
    a value here. A text that begins with a dot is typed with two.
    """
    begins = tidy(text)
    if not begins:
        return Typed(ENTER)
    dotted = begins[0] in _DOTS
    if dotted and len(begins) > 1 and begins[1] in _DOTS:
        return Typed(text=begins[1:])
    if dotted or not any_text:
        found = _COMMAND.fullmatch(half(begins[1:] if dotted else begins))
        if found is not None and (dotted or not found[2]):
            return Typed(_KEYS.get(found[1], found[1]), found[2] or "", text)
        if dotted and any_text:
            return Typed("unknown", text=text)
    return Typed(text=text)


def joined(lines: Sequence[str]) -> tuple[str, bool]:
    r"""Return the text of lines of which all but the last end with one \, and whether another line follows.

    A line that is to end with \ ends with two.
    """
    text = "\n".join(_ended(line) for line in lines)
    last = lines[-1] if lines else ""
    return text, last.endswith("\\") and not last.endswith("\\\\")


def _ended(line: str) -> str:
    return line[:-1] if line.endswith("\\") else line


def by_one_key(spec: AnswerSpec) -> bool:
    """Return whether a question is answered by one key."""
    return isinstance(spec, YesNo) or (isinstance(spec, Choice) and len(spec.options) <= MAX_DIGITS)


def takes_any_text(spec: AnswerSpec) -> bool:
    """Return whether any text is an answer, so that commands need their dot."""
    return not isinstance(spec, (YesNo, Choice, Choices, Number, Count, Sample, DateQuestion, Readings))


def read_value(spec: AnswerSpec, entered: Typed) -> Read:
    """Return what was typed as the value that a question takes; options may be given by their numbers."""
    if isinstance(spec, YesNo) and entered.key:
        return Read({"y": "是", "n": "否"}.get(entered.key))
    if isinstance(spec, Choice):
        numbers = _numbers(entered.key or entered.text, len(spec.options))
        if len(numbers) == 1:
            return _numbered(spec.options, numbers[0])
    if isinstance(spec, Choices):
        numbers = _numbers(entered.text or entered.key, len(spec.options))
        reads = [_numbered(spec.options, number) for number in numbers]
        wrong = next((read for read in reads if read.reason), None)
        if reads:
            return wrong or Read([read.value for read in reads])
    return typed(spec, entered.text)


def _numbers(text: str, most: int) -> list[int]:
    """Return the numbers of options in a text, none if it is something else: 1 3, or 13 among at most nine."""
    plain = half(text)
    if not re.fullmatch(r"[0-9]+([\s,、;.，；]+[0-9]+)*", plain):
        return []
    parts = re.findall(r"[0-9]+", plain)
    if len(parts) == 1 and most <= MAX_DIGITS:
        parts = list(parts[0])
    return [int(part[:4]) for part in parts]


def _numbered(options: Sequence[str], number: int) -> Read:
    if 1 <= number <= len(options):
        return Read(options[number - 1])
    return Read(reason=f"没有第 {number} 项", todo=f"可填 1 到 {len(options)}")


def answer_keys(spec: AnswerSpec) -> dict[str, str]:
    """Return what the keys of a question that is answered by one key mean; none for another."""
    if isinstance(spec, YesNo):
        return {"y": "是", "n": "否"}
    return {f"1-{len(spec.options)}": "选一项"} if isinstance(spec, Choice) and by_one_key(spec) else {}


def asked(spec: AnswerSpec) -> list[str]:
    """Return a line with what to type for a question; none for one whose keys say it."""
    text = _asked(spec)
    return [f"    {text}"] if text else []


def _asked(spec: AnswerSpec) -> str:
    match spec:
        case YesNo():
            return ""
        case Choice(options=options):
            return "　".join(f"{number} {option}" for number, option in enumerate(options, 1))
        case Choices(options=options):
            listed = "　".join(f"{number} {option}" for number, option in enumerate(options, 1))
            return f"{listed}（可多选，如 12）"
        case Number(unit=unit) | Readings(unit=unit):
            return f"数字（{unit}）"
        case Count(unit=unit) | Sample(unit=unit):
            return f"个数（{unit}）"
        case DateQuestion():
            return "日期，如 20240131"
        case _:
            return ""


def shown(value: JsonValue) -> str:
    """Return a value as it is shown: rows and readings by what tells them apart."""
    if isinstance(value, list):
        return "、".join(shown(each) for each in value) if value else "未发现"
    if isinstance(value, dict):
        return " ".join(shown(each) for each in value.values())
    if isinstance(value, bool):
        return "是" if value else "否"
    return "" if value is None else str(value).replace("\n", " / ")


def told(problems: Sequence[Problem]) -> list[str]:
    """Return what is wrong, in the words of files."""
    return [f"没有记录：{p.message}" + (f"　{p.hint}" if p.hint else "") for p in problems]


def refused(read: Read) -> list[str]:
    """Return why a value was not taken."""
    return [f"没有记录：{read.reason}" + (f"　{read.todo}" if read.todo else "")]


def named(text: str) -> str:
    """Return a key by name, whatever it was."""
    if not text.strip("\r\n"):
        return "回车"
    if text.startswith("\x1b") or text[:1] in ("\x00", "\xe0"):
        return "方向键、功能键"
    if text in ("\x7f", "\b"):
        return "退格键（改上一步用 u）"
    shown_text = "".join(c if c.isprintable() else f"U+{ord(c):04X}" for c in text[:20])
    return f"“{shown_text}”" if text.strip() else "空格"

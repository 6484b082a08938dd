"""YAML files as plain data with positions. The only importer of yaml.

YAML guesses: 07310000012 becomes a number in base eight, 12:30 seconds, no and off false, and the last of two
equal keys wins. Here nothing is guessed. A plain scalar is a whole number, a decimal, true, false or null when
it is written exactly so, and text otherwise; duplicate keys, anchors, aliases, tags and deep nesting are refused
with their place.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol, TypeAlias, cast

import yaml

from engine.problems import Mark, Problem, ProblemError, problem
from engine.reading import MAX_BYTES, read_bytes
from engine.syntax_words import REASONS

MAX_DEPTH = 40
MAX_VALUES = 200_000
"""Keys and values of one file: a full answer sheet has some ten thousand."""
MAX_NUMBER = 2**53
"""Beyond this a number is no longer exact in every program that reads it: identifiers are text."""

Loc: TypeAlias = tuple[str | int, ...]
"""Where a value stands: keys and list indexes from the top."""

_INT = re.compile(r"-?(?:0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+\Z")
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}
_CONTROL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FULL_WIDTH_KEY = re.compile(r"\s*(?:- )?([A-Za-z][A-Za-z0-9_.-]*：.*)")
_TIGHT_COLON = re.compile(r"(?:[A-Z]{2}-[0-9]{2}|[a-z][a-z_]+):(?!//)\S.*")
_TIGHT_KEY = re.compile(r"\s*(?:- )?((?:[A-Z]{2}-[0-9]{2}|[a-z][a-z_]+):(?!//)[^\s#].*)")
_SWALLOWED_ANYWHERE = re.compile(r"[ \t]#[^\s#]")
_SWALLOWED = re.compile(r"[ \t]+(#[^\s#].*)$")


class Places(Protocol):
    """Where values stand in the file they came from, and how they were written there."""

    def mark(self, loc: Loc, *, key: bool = False) -> Mark:
        """Return the place of the value at loc (of its key if key); of the nearest parent if there is none."""

    def written(self, loc: Loc) -> str:
        """Return the scalar at loc as it is written in the file."""


class Written(Places, Protocol):
    """A file read as plain data, with its places."""

    @property
    def data(self) -> object:
        """Return the values: dicts, lists and scalars."""


class _Span(NamedTuple):
    line: int
    column: int
    end_line: int
    end_column: int
    plain: bool


_Place: TypeAlias = tuple[yaml.Event, yaml.Event]
"""The first and the last event of a key or a value."""


class Document:
    """A YAML file as dicts, lists and scalars, with the place and the written text of every value."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.data: object = None
        self.lines = text.splitlines()
        self._values: dict[Loc, _Place] = {}
        self._keys: dict[Loc, _Place] = {}

    def mark(self, loc: Loc, *, key: bool = False) -> Mark:
        """Return the place of the value at loc (of its key if key); of the nearest parent if there is none."""
        places = self._keys if key else self._values
        for size in range(len(loc), -1, -1):
            place = places.get(loc[:size]) or self._values.get(loc[:size])
            if place is not None:
                return self._mark(_span(place))
        return Mark(self.path)

    def inner_mark(self, loc: Loc, start: int, end: int) -> Mark:
        """Return the place of the characters start:end inside the one-line text at loc."""
        if loc not in self._values:
            return self.mark(loc)
        span = _span(self._values[loc])
        if span.line != span.end_line:
            return self.mark(loc)
        offset = 0 if span.plain else 1
        return Mark(
            self.path, span.line + 1, span.column + offset + start + 1, max(1, end - start), self._line(span.line)
        )

    def written(self, loc: Loc) -> str:
        """Return the scalar at loc as it is written in the file: 1.10 stays “1.10”."""
        span = _span(self._values[loc])
        if span.line != span.end_line:
            return str(self.at(loc))
        text = self._line(span.line)[span.column : span.end_column]
        return text if span.plain else str(self.at(loc))

    def extent(self, loc: Loc, *, key: bool = False) -> tuple[int, int]:
        """Return where the value at loc (its key if key) begins and ends in the text, in characters from its start."""
        first, last = (self._keys if key else self._values)[loc]
        assert first.start_mark is not None
        assert last.end_mark is not None
        return first.start_mark.index, last.end_mark.index

    def at(self, loc: Loc) -> object:
        """Return the value at loc."""
        value = self.data
        for step in loc:
            value = value[step]  # type: ignore[index]
        return value

    def _line(self, index: int) -> str:
        return self.lines[index] if index < len(self.lines) else ""

    def _mark(self, span: _Span) -> Mark:
        length = span.end_column - span.column if span.line == span.end_line else 1
        return Mark(self.path, span.line + 1, span.column + 1, max(1, length), self._line(span.line))


def read_text(path: Path, shown: str, limit: int = MAX_BYTES) -> tuple[str, list[Problem]]:
    """Return the UTF-8 text of a file of at most limit bytes, without its byte order mark, or why not."""
    raw, problems = read_bytes(path, shown, limit)
    return ("", problems) if problems else decode(raw, shown)


def decode(raw: bytes, shown: str) -> tuple[str, list[Problem]]:
    """Return UTF-8 bytes as text, without a byte order mark, or why they are none."""
    try:
        return raw.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return "", [problem("E103", Mark(shown, line, 1), guess=_guess(raw))]


def load(path: Path, shown: str | None = None, *, limit: int = MAX_BYTES) -> tuple[Document | None, list[Problem]]:
    """Return the document in a file of at most limit bytes, or None and what is wrong with it.

    shown is the path to print.
    """
    shown = shown or str(path)
    text, problems = read_text(path, shown, limit)
    return (None, problems) if problems else parse(text, shown)


def parse(text: str, shown: str) -> tuple[Document | None, list[Problem]]:
    """Return the document in the text, or None and what is wrong with it. shown is the path to print."""
    document = Document(shown, text)
    bad = _CONTROL.search(text)
    if bad:
        line = text.count("\n", 0, bad.start()) + 1
        column = bad.start() - text.rfind("\n", 0, bad.start())
        return None, [problem("E114", Mark(shown, line, column), text=f"U+{ord(bad.group()):04X}")]
    problems: list[Problem] = []
    try:
        with _collector_paused():
            if not _Builder(text, document, problems).build():
                return None, [problem("E113", Mark(shown))]
    except ProblemError as refused:
        return None, list(refused.problems)
    except yaml.YAMLError as error:
        return None, [_syntax_problem(error, document)]
    problems += _swallowed(document)
    return (None, problems) if problems else (document, [])


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Pause the cyclic collector: its passes over the growing data cost three times the parsing itself."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Builder:
    """Fills a document from the parser's events in one pass; what would mislead is refused where it stands."""

    def __init__(self, text: str, document: Document, problems: list[Problem]) -> None:
        self._event = cast("Callable[[], yaml.Event]", yaml.CSafeLoader(text).get_event)
        self._document = document
        self._problems = problems
        self._depth = self._values = 0

    def build(self) -> bool:
        """Return whether there is a document. Raises ProblemError with the one event that is refused."""
        documents = 0
        event = self._event()
        while not isinstance(event, yaml.StreamEndEvent):
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise ProblemError([problem("E109", _event_mark(event, self._document))])
                self._document.data = self._value(self._next(), ())
            event = self._event()
        return documents > 0

    def _next(self) -> yaml.Event:
        event = self._event()
        if isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent)):
            self._values += 1
            if self._values > MAX_VALUES:
                self._refuse("E118", event, limit=MAX_VALUES)
            if event.anchor:
                self._refuse("E106", event, text=f"&{event.anchor}")
            if event.tag:
                self._refuse("E107", event, text=event.tag.replace("tag:yaml.org,2002:", "!!"))
            if isinstance(event, yaml.CollectionStartEvent):
                self._depth += 1
                if self._depth > MAX_DEPTH:
                    self._refuse("E108", event, limit=MAX_DEPTH)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._depth -= 1
        elif isinstance(event, yaml.AliasEvent):
            self._refuse("E106", event, text=f"*{event.anchor}")
        return event

    def _refuse(self, code: str, event: yaml.Event, **fields: object) -> None:
        raise ProblemError([problem(code, _event_mark(event, self._document), hint=None, **fields)])

    def _value(self, event: yaml.Event, loc: Loc) -> object:
        self._document._values[loc] = (event, event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(event, loc)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(event, loc)
        assert isinstance(event, yaml.ScalarEvent)
        self._problems += _escaped_controls(event, self._document)
        return _scalar(event, loc, self._document, self._problems)

    def _list(self, start: yaml.Event, loc: Loc) -> list[object]:
        result: list[object] = []
        event = self._next()
        while not isinstance(event, yaml.SequenceEndEvent):
            result.append(self._value(event, (*loc, len(result))))
            event = self._next()
        self._document._values[loc] = (start, event)
        return result

    def _mapping(self, start: yaml.Event, loc: Loc) -> dict[str, object]:
        result: dict[str, object] = {}
        document = self._document
        event = self._next()
        while not isinstance(event, yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                place = (event, self._skipped(event))
                self._problems.append(problem("E112", document._mark(_span(place)), text="列表或对照表"))
                self._skipped(self._next())
            else:
                self._problems += _escaped_controls(event, document)
                key = event.value
                inner = (*loc, key)
                if key in result:
                    first = _span(document._keys[inner]).line + 1
                    mark = document._mark(_span((event, event)))
                    self._problems.append(problem("E105", mark, key=key, first=first))
                    self._skipped(self._next())
                else:
                    document._keys[inner] = (event, event)
                    result[key] = self._value(self._next(), inner)
            event = self._next()
        document._values[loc] = (start, event)
        return result

    def _skipped(self, event: yaml.Event) -> yaml.Event:
        """Return the last event of a value that is not read."""
        outer = self._depth - isinstance(event, yaml.CollectionStartEvent)
        while self._depth > outer:
            event = self._next()
        return event


def _escaped_controls(scalar: yaml.ScalarEvent, document: Document) -> list[Problem]:
    """Return a problem if an escape such as "\\e" makes a character that the file itself may not hold."""
    bad = _CONTROL.search(scalar.value) if scalar.style == '"' else None
    return [problem("E114", document._mark(_span((scalar, scalar))), text=f"U+{ord(bad.group()):04X}")] if bad else []


def _scalar(event: yaml.ScalarEvent, loc: Loc, document: Document, problems: list[Problem]) -> object:
    text: str = event.value
    if event.style:
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    number = int(text) if _INT.match(text) and len(text) < 400 else float(text) if _FLOAT.match(text) else None
    if number is None:
        if _looks_like_mapping(text):
            problems.append(problem("E110", document.mark(loc), text=text))
        elif _TIGHT_COLON.fullmatch(text):
            problems.append(problem("E117", document.mark(loc), text=text))
        return text
    if abs(number) > MAX_NUMBER:
        problems.append(problem("E115", document.mark(loc), text=text))
    return number


def _looks_like_mapping(text: str) -> bool:
    """Return whether a plain text was probably meant as “key: value” (full-width colon after a short ASCII word).

    Prose in a value may well hold a full-width colon; a field name is an ASCII word, or a code such as YD-14.
    """
    head, colon, _ = text.partition("：")
    return bool(colon) and bool(re.fullmatch(r"[A-Za-z][A-Za-z0-9_.-]*", head.strip()))


def _swallowed(document: Document) -> Iterator[Problem]:
    """Yield a problem for each plain scalar whose line goes on with “ #text”, which YAML drops in silence."""
    if not any(_SWALLOWED_ANYWHERE.search(line) for line in document.lines):
        return
    for place in document._values.values():
        span = _span(place)
        if not span.plain or span.line != span.end_line:
            continue
        rest = document._line(span.end_line)[span.end_column :]
        found = _SWALLOWED.match(rest)
        if found:
            column = span.end_column + found.start(1) + 1
            mark = Mark(document.path, span.line + 1, column, len(found.group(1)), document._line(span.line))
            yield problem("E111", mark, text=found.group(1))


def _span(place: _Place) -> _Span:
    first, last = place
    start, end = first.start_mark, last.end_mark
    assert start is not None
    assert end is not None
    plain = isinstance(first, yaml.ScalarEvent) and not first.style
    return _Span(start.line, start.column, end.line, end.column, plain)


def _event_mark(event: yaml.Event, document: Document) -> Mark:
    start = event.start_mark
    assert start is not None
    return Mark(document.path, start.line + 1, start.column + 1, 1, document._line(start.line))


def _syntax_problem(error: yaml.YAMLError, document: Document) -> Problem:
    original = str(getattr(error, "problem", None) or error)
    reason = next((zh for en, zh in REASONS.items() if en in original), original)
    mark = getattr(error, "problem_mark", None)
    if mark is not None and mark.line >= len(document.lines):
        # the end of the file is no help: point at the quote or bracket that was opened and never closed
        mark = getattr(error, "context_mark", None) or mark
    if mark is None:
        return problem("E104", Mark(document.path), reason=reason)
    for number in (mark.line - 1, mark.line):
        found = _FULL_WIDTH_KEY.match(document._line(number)) if number >= 0 else None
        if found:  # the parser stumbles on the next line over a key that was none
            place = Mark(document.path, number + 1, found.start(1) + 1, len(found.group(1)), document._line(number))
            return problem("E110", place, text=found.group(1))
        found = _TIGHT_KEY.match(document._line(number)) if number >= 0 else None
        if found:
            place = Mark(document.path, number + 1, found.start(1) + 1, len(found.group(1)), document._line(number))
            return problem("E117", place, text=found.group(1))
    line = min(mark.line, max(0, len(document.lines) - 1))
    return problem("E104", Mark(document.path, line + 1, mark.column + 1, 1, document._line(line)), reason=reason)


def _guess(raw: bytes) -> str:
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "UTF-16"
    try:
        raw.decode("gb18030")
    except UnicodeDecodeError:
        return "不明编码或不是文本文件"
    return "GBK/GB18030（ANSI）"


_PLAIN = re.compile(r"[A-Za-z\u4e00-\u9fff][\w\u4e00-\u9fff.、，。～／（）%℃-]*\Z")


class _Dumper(yaml.SafeDumper):
    """Writes what the loader above reads back to the same value."""

    def ignore_aliases(self, data: object) -> bool:
        """Write shared values out each time: the loader refuses anchors."""
        return True


class _LineDumper(_Dumper):
    """Writes every scalar in one line."""


def _write_text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    if "\n" in text and not isinstance(dumper, _LineDumper) and not re.search(r"[ \t]\n|\n\s*\Z|\A\s", text):
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|")
    plain = _PLAIN.match(text) and text not in _CONSTANTS and not _looks_like_mapping(text)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


_Dumper.add_representer(str, _write_text)


def dump(data: object, *, lines: bool = True) -> str:
    """Return data as YAML text that load reads back to the same data. Keys keep their order.

    lines: text of several lines is written as such; if False every value stands in one line.
    """
    dumper = _Dumper if lines else _LineDumper
    return yaml.dump(
        data, Dumper=dumper, allow_unicode=True, sort_keys=False, width=1_000_000, default_flow_style=False
    )

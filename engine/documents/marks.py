"""What a paper leaves to be filled in: boxes and blanks with the names of their fields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from engine.model.questions import AnswerSpec, Count, DateQuestion, Number, Sample

EMPTY, TICKED = "☐", "☑"
LINE = "＿＿＿＿＿＿"
DATE = "＿＿＿＿年＿＿月＿＿日"
TIME = "＿＿时＿＿分"

FieldKind = Literal["choice", "tick", "text", "number", "date", "time", "signature"]
"""choice: one of several boxes; tick: one box alone; signature: written by hand only."""


class Mark(NamedTuple):
    """A box or a blank: what is printed, the words that go with it, and where it belongs (empty: to no field)."""

    sign: str
    label: str = ""
    id: str = ""


Line = tuple[str | Mark, ...]
"""Text with its boxes and blanks. What is text here was typed or stands in the rules, and is nothing to write on."""


class Field(NamedTuple):
    """A field of the paper: its name, kind, what it says in Chinese, and the words of its boxes."""

    name: str
    kind: FieldKind
    title: str
    options: tuple[str, ...] = ()


class Sheet:
    """Collects the fields of a paper while its text is made, so that both come from one place."""

    def __init__(self) -> None:
        self.fields: dict[str, Field] = {}

    def choice(self, name: str, title: str, options: Sequence[str], chosen: object = None) -> list[Line]:
        """Return the boxes of a field, of which one is ticked at most."""
        self._add(Field(name, "choice", title, tuple(options)))
        return [(Mark(_sign(o == chosen), o, f"{name}={n}"),) for n, o in enumerate(options)]

    def ticks(self, name: str, title: str, options: Sequence[str], chosen: Iterable[object] = ()) -> list[Line]:
        """Return boxes of which several may be ticked: one field each, numbered from 1."""
        held = list(chosen)
        return [self.tick(f"{name}.{n}", title, option, option in held) for n, option in enumerate(options, 1)]

    def tick(self, name: str, title: str, label: str, on: bool = False) -> Line:
        """Return one box that stands alone."""
        self._add(Field(name, "tick", f"{title}：{label}" if title else label, (label,)))
        return (Mark(_sign(on), label, f"{name}=0"),)

    def blank(self, name: str, title: str, kind: FieldKind = "text", sign: str = LINE) -> Mark:
        """Return a blank in a line of text."""
        return Mark(sign, "", self.cell(name, title, kind))

    def cell(self, name: str, title: str, kind: FieldKind = "text") -> str:
        """Return the id of a cell that is to be written in as a whole."""
        self._add(Field(name, kind, title))
        return name

    def _add(self, field: Field) -> None:
        if field.name in self.fields:
            raise ValueError(f"two fields are named {field.name}")
        self.fields[field.name] = field


def kind_of(spec: AnswerSpec) -> FieldKind:
    """Return how the blank of a question is filled in."""
    if isinstance(spec, DateQuestion):
        return "date"
    return "number" if isinstance(spec, (Number, Count, Sample)) else "text"


def joined(separator: str, lines: Iterable[Line]) -> Line:
    """Return the lines one behind the other with a separator between them."""
    found: list[str | Mark] = []
    for line in lines:
        found += [separator, *line] if found else line
    return tuple(found)


def _sign(on: bool) -> str:
    return TICKED if on else EMPTY

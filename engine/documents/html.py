"""Templates to HTML. Every value is escaped; a template can reach its own folder and the shared one only."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from engine.documents.marks import EMPTY, TICKED, Line, Mark
from engine.library.files import paper_names, program_root

LONGEST_WORD = 40
"""A longer run without a break makes the layout slow and the table wide: it is given places to break."""


CAMPAIGN_PAPERS = frozenset(
    {"campaign-summary", "coverage", "device-grading", "due-list", "list", "statistics-table", "training-note"}
)
"""Papers about a whole campaign: no record prints them."""


def document_names() -> list[str]:
    """Return the papers that a record prints: those that there are templates for, without those of a campaign."""
    return sorted(set(paper_names()) - CAMPAIGN_PAPERS)


def render_html(document: str, context: dict[str, object], template: str = "template.html") -> str:
    """Return the page of a document for a context of plain values, by one of the templates in its folder."""
    return _HAND.sub(_to_write_on, render_screen(document, context, template))


def render_screen(document: str, context: dict[str, object], template: str) -> str:
    """Return a page that is only looked at on a screen: a box or a blank in its text is nothing to write on."""
    return _environment().get_template(f"{document}/{template}").render(context)


def stylesheet(document: str) -> str:
    """Return the style of a document: the shared sheet, then its own, or that of the plain papers."""
    own = program_root() / "templates" / document / "style.css"
    return read_shared("page.css") + (_read(own) if own.is_file() else read_shared("paper.css"))


def read_shared(name: str) -> str:
    """Return a file of templates/_shared."""
    return read_template("_shared", name)


def read_template(folder: str, name: str) -> str:
    """Return a file of one of the folders of templates."""
    return _read(program_root() / "templates" / folder / name)


_TYPED = {ord(sign): f"&#{ord(sign)};" for sign in "☐☑＿"}
_HAND = re.compile(r"[☐☑](?:(?![☐☑＿<>&])\S){0,4}|＿{2,}")
"""A tick box with the beginning of its word, or a blank."""


def _to_write_on(found: re.Match[str]) -> str:
    """Return what a pen needs: a box that no line break tears from its word, of one size everywhere; a whole blank."""
    text = found.group()
    if text[0] == "＿":
        return f'<span class="whole">{text}</span>'
    return f'<span class="whole"><span class="tick">{text[0]}</span>{text[1:]}</span>'


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(program_root() / "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["breakable"] = breakable
    environment.filters["lines"] = lines
    environment.filters["written"] = written
    return environment


def breakable(text: str) -> Markup:
    """Return the text escaped, with places to break in runs of more than 40 characters without a space.

    Boxes and blanks that people typed are written as character references: only our own become something to write on.
    """
    pieces = []
    for word in str(text).split(" "):
        parts = [word[i : i + LONGEST_WORD] for i in range(0, len(word), LONGEST_WORD)] or [""]
        pieces.append(Markup("&#8203;").join(escape(part) for part in parts))
    return _typed(Markup(" ").join(pieces))


def _typed(escaped: Markup) -> Markup:
    return Markup(str(escaped).translate(_TYPED))  # noqa: S704  # escaped already


def written(line: Line) -> Markup:
    """Return a line of a paper: its text escaped, its boxes and blanks whole and with the ids of their fields."""
    return Markup("").join(_mark(piece) if isinstance(piece, Mark) else breakable(piece) for piece in line)


_STUCK = 4
"""Characters of a word that stay on the line of its box."""


def _mark(mark: Mark) -> Markup:
    identity = Markup(' id="{}"').format(mark.id) if mark.id else Markup("")
    sign = _typed(escape(mark.sign))
    if mark.sign not in (EMPTY, TICKED):
        return Markup('<span class="whole"{}>{}</span>').format(identity, sign)
    word = re.match(rf"\S{{0,{_STUCK}}}", mark.label)
    first = word.group() if word else ""
    box = Markup('<span class="whole"><span class="tick"{}>{}</span>{}</span>').format(identity, sign, breakable(first))
    return box + breakable(mark.label[len(first) :])


def lines(text: str) -> Markup:
    """Return the text escaped, its line breaks kept: in one run of text, for each <br> slows the layout."""
    kept = Markup("\n").join(breakable(line) for line in str(text).splitlines())
    return Markup('<span class="kept">{}</span>').format(kept) if "\n" in kept else kept


@cache
def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")

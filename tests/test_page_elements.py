"""templates/_shared/elements.css is all that a page knows of HTML: what a paper uses stands in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.documents.pdf import lay_out

TEMPLATES = Path(__file__).parent.parent / "templates"
ON_SCREEN = {"offline-form", "reference", "workspace-archive"}
"""Pages for a browser, which knows HTML by itself."""
IN_THE_LINE = {"span", "a", "text", "rect"}
"""Elements that stand in their line and need no style, and the parts of a drawing."""

SHEET = (TEMPLATES / "_shared" / "elements.css").read_text(encoding="utf-8")
PAPERS = sorted(
    path for path in TEMPLATES.rglob("*") if path.suffix in (".html", ".css") and path.parent.name not in ON_SCREEN
)


def _named(text: str) -> set[str]:
    """Return the elements that a style sheet has rules for."""
    rules = re.sub(r"/\*.*?\*/|@page \{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", text, flags=re.DOTALL)
    selectors = ",".join(re.findall(r"([^{}]+)\{[^{}]*\}", rules))
    return set(re.findall(r"[a-z][a-z0-9]*", re.sub(r"::[a-z]+", "", selectors)))


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_a_paper_uses_has_a_style(path: Path) -> None:
    """Each element and each box in a margin; else it would look like the text around it, or stand elsewhere."""
    text = path.read_text(encoding="utf-8")
    elements = set(re.findall(r"<([a-z][a-z0-9]*)", text)) - IN_THE_LINE if path.suffix == ".html" else set()
    assert elements - _named(SHEET) == set(), "write the style of these elements in templates/_shared/elements.css"
    margins = re.compile(r"@(?:top|bottom|left|right)[a-z-]*")
    assert set(margins.findall(text)) - set(margins.findall(SHEET)) == set(), "and of these boxes"


def test_the_papers_are_looked_at() -> None:
    """The list above is of this repository's papers."""
    assert {"checklist", "inspection-record", "_shared", "statistics-table"} <= {path.parent.name for path in PAPERS}


def test_the_sheet_is_the_one_in_use() -> None:
    """A paragraph and a heading are blocks with their margins; an element that is not named stands in the line."""
    page = "<html lang='zh-CN'><body><p id='first'>一</p><h1 id='title'>二</h1><em id='in'>三</em><em id='line'>四</em></body></html>"
    places = dict(lay_out(page, "@page { size: A4; margin: 20mm } html { font: 10pt/1.2 serif }", {}).places)
    assert places["first"].y + places["first"].height < places["title"].y
    assert places["title"].width == pytest.approx(170, abs=0.1), "a heading is as wide as the page"
    assert places["in"].y == places["line"].y
    assert places["in"].x < places["line"].x

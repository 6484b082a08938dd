"""The pictures of the guide: of the papers as they are printed now, small, each shown; the guide as a page."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat
from test_guide import GUIDE

from tools import guide_page, guide_pictures
from tools.guide_pictures import FOLDER, Page, made_from, pages, pages_of_a_visit, renderer

LIMIT = 1_000_000
"""Bytes of all pictures: they are copied with every bundle."""
ALIKE = 2.0
"""Mean difference of greys, of 255, between two versions of Poppler."""


@pytest.fixture(scope="module")
def now() -> dict[str, Page]:
    return {page.name: page for page in pages_of_a_visit()}


def test_every_picture_shows_the_paper_as_it_is_printed_now(now: dict[str, Page]) -> None:
    """The table of a campaign is held in the long run: it takes a campaign."""
    drawn_from = made_from()
    assert {name: drawn_from.get(name) for name in now} == sources(now.values()), f"run: {guide_pictures.REFRESH}"
    assert len(set(drawn_from.values())) == len(drawn_from), "two pictures of one page, or of nothing"


def sources(of: Iterable[Page]) -> dict[str, str]:
    return {page.name: page.source for page in of}


def test_pictures_are_few_small_and_all_shown() -> None:
    there = {path.name for path in FOLDER.iterdir()} - {guide_pictures.NOTE.name}
    shown = re.findall(r"!\[.+?\]\(pictures/(.+?)\)", GUIDE.read_text(encoding="utf-8"))
    assert sorted(shown) == sorted(there)
    assert there == {f"{name}.png" for name in made_from() if name != "poppler"}
    assert sum((FOLDER / name).stat().st_size for name in there) < LIMIT
    for name in there:
        with Image.open(FOLDER / name) as image:
            assert image.mode == "P", f"{name} is not in a few greys"
            assert len(image.getcolors() or ()) > 2, f"{name} is blank"


def test_a_page_gives_the_same_picture_each_time(now: dict[str, Page]) -> None:
    page = now["record-1"]
    assert page.picture() == page.picture()
    assert page._replace(number=2).picture() != page.picture()


@pytest.mark.long
def test_a_picture_drawn_anew_is_the_one_that_is_there() -> None:
    every = list(pages())
    assert sources(every) | {"poppler": made_from()["poppler"]} == made_from(), f"run: {guide_pictures.REFRESH}"
    for page in every:
        fresh, kept = page.picture(), (FOLDER / f"{page.name}.png").read_bytes()
        if made_from()["poppler"] == renderer():
            assert fresh == kept, f"{page.name}: run {guide_pictures.REFRESH}"
        else:
            assert difference(fresh, kept) < ALIKE, f"{page.name}: run {guide_pictures.REFRESH}"
    assert difference(every[0].picture(), every[1].picture()) > ALIKE * 2, "two pages are alike"


def difference(first: bytes, second: bytes) -> float:
    """Return the mean difference of two pictures in greys of 255."""
    with Image.open(io.BytesIO(first)) as one, Image.open(io.BytesIO(second)) as other:
        assert one.size == other.size
        (mean,) = ImageStat.Stat(ImageChops.difference(one.convert("L"), other.convert("L"))).mean
        return float(mean)


# ── the guide as a page


class Outline(HTMLParser):
    """What a browser finds in the page: its elements, its text, where its links lead."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"nav", "style", "title"} & set(self.open):
            self.words += data


def test_the_page_holds_the_whole_guide_and_needs_nothing_else() -> None:
    text, html = GUIDE.read_text(encoding="utf-8"), guide_page.page()
    outline = Outline(html)
    assert outline.open == []
    tags = [tag for tag, _ in outline.seen]
    assert tags.count("h3") == text.count("\n### ")
    assert tags.count("img") == text.count("](pictures/")
    sources = [attributes["src"] or "" for tag, attributes in outline.seen if tag == "img"]
    assert all(source.startswith("data:image/png;base64,") for source in sources)
    names = {attributes.get("id") for _, attributes in outline.seen}
    links = [attributes["href"] or "" for tag, attributes in outline.seen if tag == "a"]
    assert len(links) == text.count("\n## ") + text.count("\n### "), "parts and tasks are linked"
    assert any(attributes.get("name") == "viewport" for _, attributes in outline.seen), "a telephone shows it small"
    assert all(link.removeprefix("#") in names for link in links)

    assert plain(text) in plain(outline.words)


def plain(text: str) -> str:
    """Return the text without what the writing of Markdown adds, and without white space."""
    return re.sub(r"!\[.*?\]\(.*?\)|(?m:^```\w*$|^#+ |^- )|-{3}|[\s|`]", "", text)


def test_a_picture_that_is_not_there_stops_it(tmp_path: Path) -> None:
    guide = tmp_path / "guide.md"
    guide.write_text("# 一\n\n![无](pictures/none.png)\n", encoding="utf-8")
    with pytest.raises(FileNotFoundError):
        guide_page.page(guide)

"""Pages of all rules and messages with a search of their own: plain files that open from a USB stick."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from engine import __version__
from engine.catalogue import CATALOGUE
from engine.documents.html import read_template, render_screen
from engine.explanations.explain import explanation, lines
from engine.library.load import Library
from engine.problems import Mark, ProblemError, problem
from engine.rulebook.pages import RulePage, rule_pages
from engine.writing import make_folder, write_atomically

FOLDER = "reference"
INDEX = "pages.js"
"""The texts that are searched. A folder that has it was written by this module and may be written again."""
TITLE = "规则查阅"


class Entry(NamedTuple):
    """A page: its path, how the index lists it, and the text that the search looks through."""

    path: str
    group: str
    codes: str
    title: str
    text: str
    html: str


def site(library: Library) -> dict[str, bytes]:
    """Return every file of the site by its path: the same rules give the same bytes.

    The library must have no error (engine.library.check.check_library).
    """
    footer = f"春风 {__version__} 按本单位的规则生成；以发布的规则和法律原文为准。"
    entries = [*_rules(library, footer), *_messages(footer)]
    groups: dict[str, list[dict[str, str]]] = {}
    for entry in entries:
        groups.setdefault(entry.group, []).append({"path": entry.path, "codes": entry.codes, "text": entry.title})
    shown = [{"title": title, "links": links} for title, links in groups.items()]
    index = render_screen(FOLDER, {"title": TITLE, "up": "", "footer": footer, "groups": shown}, "index.html")
    texts = [[e.path, f"{e.codes} {e.title}", e.text] for e in entries]
    found = {"index.html": index, INDEX: f"window.PAGES = {json.dumps(texts, ensure_ascii=False, indent=0)};\n"}
    found |= {name: read_template(FOLDER, name) for name in ("style.css", "search.js")}
    found |= {entry.path: entry.html for entry in entries}
    return {path: text.encode() for path, text in found.items()}


def write_site(files: Mapping[str, bytes], folder: Path) -> None:
    """Write the files into a folder that is new, empty or holds an older site; pages of rules that are gone go too.

    Raises ProblemError if the folder holds anything else, or cannot be written.
    """
    if folder.is_dir() and any(folder.iterdir()) and not (folder / INDEX).is_file():
        hint = "请写一个还没有的文件夹，或上次写出的那一个"
        raise ProblemError([problem("E901", Mark(str(folder)), path=folder, reason="文件夹不是空的", hint=hint)])
    for path in files:
        make_folder((folder / path).parent)
    for path, content in files.items():
        if not (folder / path).is_file() or (folder / path).read_bytes() != content:
            write_atomically(folder / path, content)
    for part in ("rules", "messages"):
        for old in sorted((folder / part).glob("*.html")):
            if f"{part}/{old.name}" not in files:
                old.unlink()


def _rules(library: Library, footer: str) -> Iterator[Entry]:
    for page in rule_pages(library):
        codes = "、".join(item.code for item in page.items)
        context: dict[str, object] = {"title": f"{codes} {page.check}", "up": "../", "footer": footer, "page": page}
        html = render_screen(FOLDER, context, "rule.html")
        yield Entry(f"rules/{page.id}.html", page.title, codes, page.check, "\n".join(_words(page)), html)


def _words(page: RulePage) -> Iterator[str]:
    """Yield what a rule is found by, each text once."""
    said: dict[str, None] = {page.id: None, page.title: None, page.check: None, page.note: None}
    for item in page.items:
        texts = [item.site_type, item.check, item.only_if, item.method, item.evidence, *item.gsp]
        texts += [f"{clause} {quote}" for clause, quote in item.clauses]
        for finding in item.findings:
            texts += [finding.id, finding.sentence, finding.finds, finding.dispositions]
            texts += [line.text for line in finding.law]
        said |= dict.fromkeys(texts)
    yield from (text for text in said if text)


def _messages(footer: str) -> Iterator[Entry]:
    for code in sorted(CATALOGUE):
        explained = explanation(code)
        assert explained is not None
        said = lines(explained)
        context: dict[str, object] = {"title": said[0], "up": "../", "footer": footer, "lines": said}
        html = render_screen(FOLDER, context, "message.html")
        yield Entry(f"messages/{code}.html", "消息", code, explained.message, "\n".join(said[1:]), html)

"""The conditions in docs/ really parse and check, and those shown as refused really are refused.

A fenced block marked `condition` holds one condition a line, a block marked `refused` a code and a condition a line.
Behind the word may stand where the conditions are written: an item's printed code (YD-14), with `each` or
`each=<grid>` if rows are judged; `only_if <site type>`; `escalation <over>`. Then they are checked there as well.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from support import ROOT

from engine.expressions.check import check
from engine.expressions.parse import ConditionError, parse
from engine.expressions.scope import Scope
from engine.library.load import Library
from engine.library.resolve import resolve
from engine.model.release import Release
from engine.scopes import escalation_scope, item_scope, site_scope, tailoring_scope


class Line(NamedTuple):
    """One line of a block: where it stands, what the block says about it, and its text."""

    path: Path
    number: int
    info: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.number}"


def _lines(word: str) -> list[Line]:
    found = []
    for path in sorted((ROOT / "docs").rglob("*.md")):
        info = ""
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if text.startswith("```"):
                info = text[3:].strip() if not info else ""
            elif info.split(" ")[0] == word and text.strip():
                found.append(Line(path, number, info.partition(" ")[2], text.strip()))
    return found


CONDITIONS, REFUSED = _lines("condition"), _lines("refused")


def _id(line: Line) -> str:
    return line.place


def test_there_are_examples() -> None:
    assert len(CONDITIONS) > 40
    assert len(REFUSED) > 10


@pytest.mark.parametrize("line", CONDITIONS, ids=_id)
def test_a_condition_in_the_docs_parses(line: Line) -> None:
    try:
        parse(line.text)
    except ConditionError as error:
        pytest.fail(f"{line.place}: {line.text}\n{error.reason} ({error.todo}) at {error.span}")


@pytest.fixture(scope="module")
def scope_of(library: Library) -> Callable[[Line], Scope]:
    """Return the scope in which a block says that its conditions stand."""
    release = resolve(library, max(library.campaigns))
    return lambda line: _scope(release, line)


def _scope(release: Release, line: Line) -> Scope:
    where, _, rest = line.info.partition(" ")
    types = release.site_types
    if where == "only_if":
        kind = types[rest]
        return tailoring_scope(kind)
    if where == "escalation":
        base = site_scope(next(iter(types.values())), release.grids)
        everything = frozenset(f.id for t in types.values() for i in t.items for f in i.findings)
        top = max(e.layer for e in release.escalations) + 1
        shown = release.escalations[0].model_copy(update={"over": rest, "layer": top})
        return escalation_scope(Scope({}, base.site, earlier=everything), shown, release.escalations)
    for kind in types.values():
        for item in kind.items:
            if item.code == where:
                each = rest.partition("=")[2] or "answer" if rest.startswith("each") else None
                finding = item.findings[0].model_copy(update={"each": each})
                return item_scope(site_scope(kind, release.grids), item, finding)
    pytest.fail(f"{line.place}: there is no item “{where}”")


@pytest.mark.parametrize("line", [line for line in CONDITIONS if line.info], ids=_id)
def test_a_condition_in_the_docs_checks(line: Line, scope_of: Callable[[Line], Scope]) -> None:
    _, complaints = check(parse(line.text), scope_of(line))
    shown = [f"{c.code} {dict(c.fields)} at “{line.text[slice(*c.span)]}”" for c in complaints]
    assert not shown, f"{line.place}: {line.text}: {shown}"


@pytest.mark.parametrize("line", REFUSED, ids=_id)
def test_what_the_docs_call_refused_is_refused(line: Line, scope_of: Callable[[Line], Scope]) -> None:
    code, _, text = line.text.partition(" ")
    try:
        codes = {c.code for c in check(parse(text), scope_of(line))[1]}
    except ConditionError:
        codes = {"E301"}
    assert code in codes, f"{line.place}: {text} gives {sorted(codes) or 'no problem'}"

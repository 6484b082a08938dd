"""What people have still to fill in: the word 待填 in a file of rules, and clauses that nobody has looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.library.load import Library, Loaded
from engine.library.resolve import plan_of, release_bytes, resolve
from engine.problems import Mark, Problem, problem

TO_FILL = "待填"
"""Stands where people must fill in; rules check counts it (D940), and what holds it cannot be released (E940)."""


def check_open(library: Library) -> Iterator[Problem]:
    """Yield each line that says 待填, and each clause of kind OPEN; comments do not count."""
    for document in (loaded.document for loaded in _files(library)):
        for number, line in enumerate(document.lines, 1):
            if TO_FILL in line and not line.lstrip().startswith("#"):
                mark = Mark(document.path, number, line.index(TO_FILL) + 1, len(TO_FILL), line)
                yield problem("D940", mark, text=line.strip().removeprefix("- ")[:60])
    for _, clauses in sorted(library.clauses.items()):
        for index, clause in enumerate(clauses.value.clauses):
            if clause.kind == "OPEN":
                mark = clauses.document.mark(("clauses", index, "kind"))
                yield problem("D941", mark, clause=clause.id, quote=clause.quote[:40])


def not_filled_in(library: Library, campaign: str) -> Iterator[Problem]:
    """Yield E940 if something that the campaign's release would hold is still to be filled in."""
    deadlines = library.campaigns[campaign].value.deadlines
    texts = [release_bytes(resolve(library, campaign)).decode(), *(d.model_dump_json() for d in deadlines)]
    blanks = sum(text.count(TO_FILL) for text in texts)
    loaded = library.clauses.get(plan_of(library, campaign))
    open_ = sum(1 for clause in loaded.value.clauses if clause.kind == "OPEN") if loaded else 0
    if blanks or open_:
        mark = library.campaigns[campaign].document.mark(("campaign",))
        yield problem("E940", mark, campaign=campaign, count=blanks + open_)


def _files(library: Library) -> Iterator[Loaded]:  # type: ignore[type-arg]
    for value in vars(library).values():
        if isinstance(value, Loaded):
            yield value
        elif isinstance(value, Mapping):
            yield from (each for each in value.values() if isinstance(each, Loaded))

"""A campaign prepared in a bureau's rules folder, step by step, each a call: begun, looked through, clauses decided."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from engine.campaigns.mapping import Decision, Mapped, accept_proposals, map_clause
from engine.campaigns.new import new_campaign, write_new
from engine.campaigns.splitting import Sentence, sentences
from engine.campaigns.to_do import Looked, to_do
from engine.campaigns.to_do_text import calendar_request, to_do_text
from engine.documents.plan_reading import read_plan
from engine.library.check import check_library
from engine.library.check_open import check_open
from engine.library.files import Place
from engine.library.load import Library, load_library
from engine.model.base import Period
from engine.model.to_do import ToDo
from engine.problems import Problem, ProblemError, errors
from engine.workspace.looking import looked_at
from engine.writing import make_folder, write_atomically


class Begun(NamedTuple):
    """What beginning a campaign gave: files written, files that were there and stay, and what is to be done."""

    written: tuple[str, ...]
    kept: tuple[str, ...]
    to_do: ToDo


class Decided(NamedTuple):
    """The clauses that were decided with those that each is the same as, the file, and how many are still open."""

    changed: tuple[tuple[str, tuple[str, ...]], ...]
    path: str
    left: int


def begin_campaign(
    at: Place, name: str, since: str, period: Period, plan: Path | None = None, workspaces: Sequence[Path] = ()
) -> Begun:
    """Write the files of a campaign that goes on from another, its to-do list and the request for days off.

    What exists stays as it is. plan: its plan as .txt, .docx or .pdf; workspaces: of earlier campaigns. Raises
    ProblemError with everything that is wrong; then nothing was written.
    """
    at.write_target("rules")
    library = _checked(at)
    split: list[Sentence] = []
    if plan is not None:
        text, problems = read_plan(plan)
        _stop(problems)
        split, problems = sentences(text, str(plan))
        _stop(problems)
    looked = looked_at(workspaces, library)
    files, problems = new_campaign(library, name, since, period, split)
    _stop(problems)
    done = write_new(library, files)
    found = _to_do(load_library(at), name, looked)
    written, kept = list(done.written), list(done.kept)
    for title, words in (("待办清单", to_do_text(found)), ("放假查询", calendar_request(found))):
        target = at.write_target(f"rules/campaigns/{name}.{title}.txt")
        if target.exists():
            kept.append(str(target))
        elif words:
            write_atomically(target, words.encode("utf-8-sig"))
            written.append(str(target))
    return Begun(tuple(written), tuple(kept), found)


def current_to_do(at: Place, campaign: str, workspaces: Sequence[Path] = ()) -> ToDo:
    """Return what is to be done for a campaign as the files are now. Raises ProblemError."""
    library = _checked(at)
    return _to_do(library, campaign, looked_at(workspaces, library))


def _to_do(library: Library, campaign: str, looked: tuple[Looked, ...]) -> ToDo:
    _stop(library.problems)
    found, missing = to_do(library, campaign, check_open(library), looked)
    _stop(missing)
    assert found is not None
    return found


def decide(at: Place, campaign: str, clause: str, decision: Decision) -> Decided:
    """Write what answers a clause of a campaign's own plan. Raises ProblemError."""
    library = _checked(at)
    return _written(library, campaign, *map_clause(library, campaign, clause, decision))


def accept(at: Place, campaign: str) -> Decided:
    """Write of each open clause with the very words of earlier ones that it is the same. Raises ProblemError."""
    library = _checked(at)
    return _written(library, campaign, *accept_proposals(library, campaign))


def _written(library: Library, campaign: str, mapped: Mapped | None, problems: list[Problem]) -> Decided:
    _stop(problems)
    assert mapped is not None
    target = library.place.write_target(mapped.file.relative)
    make_folder(target.parent)
    write_atomically(target, mapped.file.text.encode())
    done = {id_ for id_, _ in mapped.changed}
    clauses = library.clauses[campaign].value.clauses
    left = sum(1 for each in clauses if each.kind == "OPEN" and each.id not in done)
    return Decided(mapped.changed, str(target), left)


def _checked(at: Place) -> Library:
    library = load_library(at)
    _stop(check_library(library))
    return library


def _stop(problems: Sequence[Problem]) -> None:
    if wrong := errors(problems):
        raise ProblemError(wrong)

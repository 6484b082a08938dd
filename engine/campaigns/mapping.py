"""What people decide about a clause of a new plan, written into its file; every other clause stays as it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from engine.campaigns.matching import VERBATIM, proposals
from engine.campaigns.new import NewFile, earlier_plan
from engine.library.check_names import not_found
from engine.library.load import Library
from engine.model.rules import Clause, ClausesFile
from engine.problems import Problem, problem
from engine.schema import validate
from engine.source import Document, dump, parse


class Decision(NamedTuple):
    """What answers a clause: the same as earlier ones, a principle, something planned; and what kind of demand it is.

    A kind left empty is that of the first clause that it is the same as, or PRIN for a principle.
    """

    same_as: tuple[str, ...] = ()
    kind: str = ""
    principle: bool = False
    planned: str = ""


class Mapped(NamedTuple):
    """The clauses file to write, and the clauses that were changed with those that each is the same as."""

    file: NewFile
    changed: tuple[tuple[str, tuple[str, ...]], ...]


def map_clause(library: Library, campaign: str, clause: str, decision: Decision) -> tuple[Mapped | None, list[Problem]]:
    """Return the file in which the clause says what was decided, or None and what is wrong."""
    loaded = library.clauses.get(campaign)
    if loaded is None:
        return None, [_no_clauses(campaign)]
    known = {c.id: c for each in library.clauses.values() for c in each.value.clauses}
    own = {c.id for c in loaded.value.clauses}
    problems = [not_found(loaded.document.mark(("clauses",)), n, "方案条款", own) for n in [clause] if n not in own]
    earlier = sorted(set(known) - own)
    problems += [
        not_found(loaded.document.mark(("clauses",)), n, "以前的方案条款", earlier)
        for n in decision.same_as
        if n not in earlier
    ]
    kind = decision.kind or (known[decision.same_as[0]].kind if decision.same_as and not problems else "")
    kind = "PRIN" if decision.principle else kind
    if not problems and not kind:
        problems.append(
            problem("E934", name=clause, reason="没有写明要求的种类", todo="用 --kind 写明，例如 ITEM、DUE")
        )
    if problems:
        return None, problems
    return _written(loaded.document, campaign, {clause: _entry(known[clause], kind, decision)})


def accept_proposals(library: Library, campaign: str) -> tuple[Mapped | None, list[Problem]]:
    """Return the file in which each open clause that has the very words of earlier ones is the same as they."""
    loaded = library.clauses.get(campaign)
    earlier = earlier_plan(library, campaign) if campaign in library.campaigns else None
    if loaded is None or earlier is None:
        return None, [_no_clauses(campaign)]
    old = {c.id: c for c in library.clauses[earlier].value.clauses} if earlier in library.clauses else {}
    entries = {}
    for clause in loaded.value.clauses:
        same = tuple(p.name for p in proposals(clause, old.values()) if p.reason == VERBATIM)
        if clause.kind == "OPEN" and same:
            entries[clause.id] = _entry(clause, old[same[0]].kind, Decision(same))
    return _written(loaded.document, campaign, entries)


def _no_clauses(campaign: str) -> Problem:
    return problem("E934", name=campaign, reason="没有自己的方案条款文件", todo="先用 campaign new 带 --plan 建立")


def _entry(clause: Clause, kind: str, decision: Decision) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": clause.id, "quote": clause.quote, "kind": kind}
    if decision.same_as:
        entry["same_as"] = list(dict.fromkeys(decision.same_as))
    answered = clause.answered_by.model_dump(mode="json", exclude_defaults=True) if clause.answered_by else {}
    answered |= {"principle": True} if decision.principle else {}
    answered |= {"planned": decision.planned} if decision.planned else {}
    return entry | ({"answered_by": answered} if answered else {})


def _written(
    document: Document, campaign: str, entries: dict[str, dict[str, Any]]
) -> tuple[Mapped | None, list[Problem]]:
    text = "\n".join(document.lines) + "\n"
    for id_, entry in entries.items():
        text = _replaced(text, id_, entry)
    parsed, problems = parse(text, document.path)
    value, found = validate(parsed, ClausesFile) if parsed is not None else (None, [])
    problems = [*problems, *found]
    wanted = {**_by_id(document.data), **entries}
    if value is None or parsed is None or _by_id(parsed.data) != wanted:
        todo = "请用文本编辑器照 docs/rule-language.md 的样子改"
        return None, problems or [problem("E934", name=campaign, reason="条款文件的写法特别，改不了", todo=todo)]
    changed: Sequence[tuple[str, tuple[str, ...]]] = [(i, tuple(e.get("same_as", ()))) for i, e in entries.items()]
    return Mapped(NewFile(f"rules/campaigns/{campaign}.clauses.yaml", text), tuple(changed)), []


def _replaced(text: str, id_: str, entry: dict[str, Any]) -> str:
    """Return the text with the lines of a clause written anew; comments and the other clauses stay."""
    found = re.search(rf"(?m)^( *)- id: {re.escape(id_)} *\n(?:\1  .*\n|\s*\n)*", text)
    if found is None:
        return text
    lines = dump([entry]).splitlines()
    return text[: found.start()] + "".join(f"{found[1]}{line}\n" for line in lines) + text[found.end() :]


def _by_id(data: Any) -> dict[str, Any]:
    return {clause["id"]: clause for clause in data["clauses"]}

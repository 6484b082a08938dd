"""What people decide about a clause of a new plan: checked, and written into its file where the clause stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from engine.campaigns.matching import VERBATIM, proposals
from engine.campaigns.new import NewFile, earlier_plan
from engine.library.check_names import not_found
from engine.library.load import Library
from engine.model.rules import Clause, ClausesFile
from engine.problems import Problem, did_you_mean, problem
from engine.schema import validate
from engine.source import Loc, read_text
from engine.splicing import Text

KIND_WORDS = {
    "PLAN": "关于方案本身", "ITEM": "检查项目", "FIND": "问题种类", "STAT": "统计", "DUE": "期限", "RPT": "报告",
    "LED": "台账", "NOTE": "文书、函件", "SCOPE": "查哪些单位", "ROLE": "由谁办", "PRIN": "原则",
}  # fmt: skip
"""Kinds of demands in the words of an office. OPEN, which nobody has looked at, has none."""
ORDER = tuple(Clause.model_fields)
_LONGEST = 2000


class Decision(NamedTuple):
    """What answers a clause: the same as earlier ones, a principle, something planned; and what kind of demand it is.

    A kind left empty is that of the first clause that it is the same as, or PRIN for a principle. Nothing at all: the
    clause is open.
    """

    same_as: tuple[str, ...] = ()
    kind: str = ""
    principle: bool = False
    planned: str = ""


class Refusal(NamedTuple):
    """What of a decision cannot be, why, and what to do."""

    of: Literal["kind", "same_as", "principle", "planned"]
    reason: str
    todo: str


class Mapped(NamedTuple):
    """The clauses file to write, and the clauses that were changed with those that each is the same as."""

    file: NewFile
    changed: tuple[tuple[str, tuple[str, ...]], ...]


def kind_of(library: Library, decision: Decision) -> str:
    """Return the kind that a decision gives a clause, OPEN if nothing is decided, "" if it has to be said."""
    if decision.kind:
        return decision.kind
    if decision.principle:
        return "PRIN"
    first = decision.same_as[0] if decision.same_as else ""
    known = (c for each in library.clauses.values() for c in each.value.clauses if c.id == first)
    return next((c.kind for c in known), "") if first or decision.planned else "OPEN"


def refusals(library: Library, campaign: str, decision: Decision) -> list[Refusal]:
    """Return what cannot be of a decision about a clause of the campaign's own plan."""
    found = []
    earlier = earlier_clauses(library, campaign)
    for name in decision.same_as:
        if name not in earlier:
            hint = did_you_mean(name, earlier) or f"可用：{'、'.join([*earlier][:15])}"
            found.append(Refusal("same_as", f"以前的方案里没有条款 “{name}”", hint))
    if decision.principle and decision.kind not in ("", "PRIN"):
        what = (
            f"要求种类写的是{KIND_WORDS.get(decision.kind, decision.kind)}，原则性要求的种类只能是{KIND_WORDS['PRIN']}"
        )
        found.append(Refusal("principle", what, "二者改一样；不写种类也行"))
    if len(decision.planned) > _LONGEST:
        found.append(Refusal("planned", f"有 {len(decision.planned)} 个字，最多 {_LONGEST} 个", "请写短些"))
    if not found and not kind_of(library, decision):
        found.append(Refusal("kind", "没有写明要求的种类", f"请写明：{'、'.join(KIND_WORDS.values())}"))
    return found


def earlier_clauses(library: Library, campaign: str) -> dict[str, Clause]:
    """Return the clauses of other plans by their id, those of the plan before this one first."""
    before = earlier_plan(library, campaign) if campaign in library.campaigns else None
    names = sorted(library.clauses, key=lambda name: (name != before, name))
    return {c.id: c for name in names if name != campaign for c in library.clauses[name].value.clauses}


def decided(written: Mapping[str, Any], library: Library, decision: Decision) -> dict[str, Any]:
    """Return the keys of a clause as they are after a decision; what else answers it stays."""
    entry = {key: written[key] for key in ("id", "quote")} | {"kind": kind_of(library, decision)}
    if decision.same_as:
        entry["same_as"] = list(dict.fromkeys(decision.same_as))
    answered = {k: v for k, v in (written.get("answered_by") or {}).items() if k not in ("principle", "planned")}
    answered |= {"principle": True} if decision.principle else {}
    answered |= {"planned": decision.planned} if decision.planned else {}
    return entry | ({"answered_by": answered} if answered else {})


def rewritten(text: Text, loc: Loc, wanted: Mapping[str, Any]) -> str:
    """Return a clause as it is to be written: the keys that differ anew, all else as it stands, comments too."""
    alone = text.apart(loc)
    alone.put_keys((0,), wanted, ORDER)
    return alone.entry((0,))


def map_clause(library: Library, campaign: str, clause: str, decision: Decision) -> tuple[Mapped | None, list[Problem]]:
    """Return the file in which the clause says what was decided, or None and what is wrong.

    What was planned before stays unless something else is planned.
    """
    loaded = library.clauses.get(campaign)
    if loaded is None:
        return None, [_no_clauses(campaign)]
    own = {c.id: c for c in loaded.value.clauses}
    problems = [not_found(loaded.document.mark(("clauses",)), clause, "方案条款", own)] if clause not in own else []
    if decision == Decision():
        problems.append(problem("E934", name=clause, reason="没有写明由什么落实", todo="写明相同的条款或要求的种类"))
    problems += [
        problem("E934", name=clause, reason=r.reason, todo=r.todo) for r in refusals(library, campaign, decision)
    ]
    if problems:
        return None, problems
    before = own[clause].answered_by
    if before is not None and before.planned and not decision.planned:
        decision = decision._replace(planned=before.planned)
    return _mapped(library, campaign, {clause: decision})


def accept_proposals(library: Library, campaign: str) -> tuple[Mapped | None, list[Problem]]:
    """Return the file in which each open clause that has the very words of earlier ones is the same as they."""
    loaded = library.clauses.get(campaign)
    earlier = earlier_plan(library, campaign) if campaign in library.campaigns else None
    if loaded is None or earlier is None:
        return None, [_no_clauses(campaign)]
    old = library.clauses[earlier].value.clauses if earlier in library.clauses else ()
    decisions = {}
    for clause in loaded.value.clauses:
        same = tuple(p.name for p in proposals(clause, old) if p.reason == VERBATIM)
        if clause.kind == "OPEN" and same:
            decisions[clause.id] = Decision(same)
    return _mapped(library, campaign, decisions)


def _no_clauses(campaign: str) -> Problem:
    return problem("E934", name=campaign, reason="没有自己的方案条款文件", todo="先用 campaign new 带 --plan 建立")


def _mapped(library: Library, campaign: str, decisions: Mapping[str, Decision]) -> tuple[Mapped | None, list[Problem]]:
    relative = f"rules/campaigns/{campaign}.clauses.yaml"
    shown = library.place.shown(relative)
    content, problems = read_text(library.place.file(relative), shown)
    if problems:
        return None, problems
    text = Text(content, shown)
    places = {c.id: ("clauses", n) for n, c in enumerate(library.clauses[campaign].value.clauses)}
    wanted = {id_: decided(text.at(places[id_]), library, d) for id_, d in decisions.items()}  # type: ignore[arg-type]
    text.replace_entries({places[id_]: rewritten(text, places[id_], entry) for id_, entry in wanted.items()})
    _, problems = validate(text.document, ClausesFile)
    if problems:
        return None, problems
    changed: Sequence[tuple[str, tuple[str, ...]]] = [(id_, tuple(e.get("same_as", ()))) for id_, e in wanted.items()]
    return Mapped(NewFile(relative, text.text), tuple(changed)), []

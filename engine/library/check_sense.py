"""Whether the rules make sense: conditions that cannot hold or cannot fail, limits that leave no answer, doubles.

What engine.expressions.deciding cannot prove is not judged. Everything here is certain, or it is not said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple, TypeAlias

from engine.expressions.check import check
from engine.expressions.deciding import impossible
from engine.expressions.nodes import And, Condition, Flag, Or, Quantified, Ref, Type, refs
from engine.expressions.parse import ConditionError, parse
from engine.expressions.scope import Scope
from engine.library.check_open import TO_FILL
from engine.library.load import Library
from engine.library.resolve import any_release, resolve, rules_of, site_scopes
from engine.library.tailoring import all_changes
from engine.model.release import ReleaseFinding
from engine.model.rules import Rule
from engine.problems import Mark, Problem, problem
from engine.scopes import escalation_scope, grading_scope, item_scope, site_scope, tailoring_scope, union_of
from engine.source import Document, Loc

Columns: TypeAlias = Mapping[str, Type]


class Judged(NamedTuple):
    """A condition that passed the check, with what it may name and where it is written."""

    condition: Condition
    text: str
    scope: Scope
    document: Document
    loc: Loc

    def mark(self, part: Condition | None = None) -> Mark:
        """Return the place of the condition, or of a part of it."""
        return self.document.inner_mark(self.loc, *(part or self.condition).span)

    def words(self, part: Condition) -> str:
        """Return a part as it is written."""
        return self.text[part.span[0] : part.span[1]]


class Placed(NamedTuple):
    """A finding with its condition and the site types that have it."""

    finding: ReleaseFinding
    judged: Judged
    sites: list[str]


def check_conditions(library: Library) -> Iterator[Problem]:
    """Yield conditions with limits that exclude each other (E420), that never hold (E421) or always do (E422).

    Judged are the conditions of findings, of scope, of escalations and of grading.
    """
    findings = _findings(library)
    for placed in findings:
        yield from _sense(placed.judged, "这一条永远不会判为问题", "只要填了答案就一律判为问题")
    for judged in _changed(library):
        yield from _sense(judged, "这一条永远不会判为问题", "只要填了答案就一律判为问题")
    yield from _no_answer_passes(findings)
    for judged in _scopes(library):
        if not impossible([(judged.condition, True)], judged.scope):  # else nobody is asked: check_unreachable
            yield from _sense(judged, "", "对哪一个单位都成立，等于没有写")
    for judged in _gradings(library):
        yield from _sense(judged, "这一行永远不会用到", "这一行对谁都成立")
    yield from _escalations(library)


def check_unreachable(library: Library) -> Iterator[Problem]:
    """Yield questions that no site of a site type is ever asked, and findings limited to site types without the item.

    A rule that no site of any type is asked is one problem (E419), a question at one site type another (E423).
    """
    for priority, index, rule in rules_of(library):
        document, top = library.priorities[priority].document, ("rules", index)
        types = [name for name in rule.applies_to if name in library.site_types]
        never = [name for name in types if _never_asked(library, rule.applies_to[name].only_if or rule.only_if, name)]
        if never and len(never) == len(types):
            reason = "适用条件对哪一个单位都不成立"
            yield problem("E419", document.mark((*top, "id")), rule=rule.id, reason=reason)
        else:
            for name in never:
                own = rule.applies_to[name].only_if is not None
                loc: Loc = (*top, "applies_to", name, "only_if") if own else (*top, "only_if")
                what = f"{library.site_types[name].value.title}的 {rule.applies_to[name].code}"
                yield problem("E423", document.mark(loc), what=what, reason="适用条件不可能成立")
        for number, further in enumerate(rule.further):
            if further.sites and not set(further.sites) & set(rule.applies_to):
                mark = document.mark((*top, "further", number, "sites"))
                reason = "sites 所列的单位类型都不在 applies_to 里"
                yield problem("E423", mark, what=f"问题 {further.id}", reason=reason)
    yield from _made_unreachable(library)


def _made_unreachable(library: Library) -> Iterator[Problem]:
    rules = {rule.id: rule for _, _, rule in rules_of(library)}
    for placed in all_changes(library):
        rule = rules.get(placed.change.rule)
        for name in (placed.change.sites or rule.applies_to) if rule is not None else ():
            if rule is not None and name in rule.applies_to and _never_asked(library, placed.change.only_if, name):
                what = f"{library.site_types[name].value.title}的 {rule.applies_to[name].code}"
                yield problem("E423", placed.mark("only_if"), what=what, reason="适用条件不可能成立")


def check_overlaps(library: Library) -> Iterator[Problem]:
    """Yield two findings that the same facts always make together (E424), each told once at the later of the two."""
    for first, second in _pairs(_findings(library)):
        a, b = first.judged, second.judged
        if any(impossible([(x.condition, True)], x.scope) for x in (a, b)):
            continue
        apart = ([(a.condition, True), (b.condition, False)], [(a.condition, False), (b.condition, True)])
        if all(impossible(wanted, a.scope) for wanted in apart):
            yield problem("E424", b.mark(), first=first.finding.id, second=second.finding.id)


def check_doubles(library: Library) -> Iterator[Problem]:
    """Yield items of one site type with the same wording, and findings of one site type with the same sentence."""
    # what a scaffold leaves to be filled in is told as such (check_open)
    first: dict[tuple[str, str, str], str] = {}
    told: set[tuple[str, str]] = set()
    for priority, index, rule in rules_of(library):
        document, top = library.priorities[priority].document, ("rules", index)
        for name, application in rule.applies_to.items():
            own = application.check is not None
            loc: Loc = (*top, "applies_to", name, "check") if own else (*top, "check")
            said = first.setdefault((name, "检查内容", _bare(application.check or rule.check)), application.code)
            if said != application.code and (rule.id, said) not in told and TO_FILL not in rule.check:
                told.add((rule.id, said))
                yield problem("E427", document.mark(loc), what="检查内容", first=said, second=application.code)
        for id_, sentence, sites, where in _sentences(rule):
            for name in sites:
                said = first.setdefault((name, "问题描述", _bare(sentence)), id_)
                if said != id_ and (id_, said) not in told and TO_FILL not in sentence:
                    told.add((id_, said))
                    mark = document.mark((*top, *where, "finding"))
                    yield problem("E427", mark, what="问题描述", first=said, second=id_)


def _sentences(rule: Rule) -> Iterator[tuple[str, str, Iterable[str], Loc]]:
    """Yield the id, the sentence, the site types and the place in the rule of everything that it finds."""
    yield rule.id, rule.finding, rule.applies_to, ()
    for number, further in enumerate(rule.further):
        yield further.id, further.finding, further.sites or rule.applies_to, ("further", number)


def _sense(judged: Judged, never: str, always: str) -> Iterator[Problem]:
    """Yield what is wrong with one condition; nothing of the whole where limits inside it exclude each other."""
    clashes = list(_clashes(judged))
    if clashes:
        yield from clashes
    elif never and impossible([(judged.condition, True)], judged.scope):
        yield problem("E421", judged.mark(), what=judged.text, reason=never)
    elif impossible([(judged.condition, False)], judged.scope):
        yield problem("E422", judged.mark(), what=judged.text, reason=always)
    elif never:
        for part in _dead(judged):
            reason = "“或”的这一支永远不会成立"
            yield problem("E421", judged.mark(part), what=judged.words(part), reason=reason)


def _clashes(judged: Judged) -> Iterator[Problem]:
    """Yield pairs of limits, joined by and, that exclude each other, although each could hold by itself."""
    for node, columns in _inside(judged):
        if isinstance(node, And):
            parts = [part for part in node.parts if not impossible([(part, True)], judged.scope, columns)]
            for a, b in combinations(parts, 2):
                if impossible([(a, True), (b, True)], judged.scope, columns):
                    first, second = judged.words(a), judged.words(b)
                    yield problem("E420", judged.mark(b), first=first, second=second, reason="不可能同时成立")


def _dead(judged: Judged) -> Iterator[Condition]:
    for node, columns in _inside(judged):
        if isinstance(node, Or):
            yield from (part for part in node.parts if impossible([(part, True)], judged.scope, columns))


def _inside(judged: Judged) -> Iterator[tuple[Condition, Columns]]:
    """Yield the conditions that this one is built of, but for what stands inside not, with the columns they see."""

    def inner(node: Condition, columns: Columns) -> Iterator[tuple[Condition, Columns]]:
        yield node, columns
        match node:
            case And(parts=parts) | Or(parts=parts):
                for part in parts:
                    yield from inner(part, columns)
            case Quantified(rows=rows, where=where):
                yield from inner(where, judged.scope.columns(rows.name))

    yield from inner(judged.condition, {})


def _no_answer_passes(findings: list[Placed]) -> Iterator[Problem]:
    """Yield two findings of which every answer makes at least one: their limits leave nothing that would pass."""
    for first, second in _pairs(findings):
        a, b = first.judged, second.judged
        if (a.scope.row_of and not _limits(a, b)) or any(impossible([(x.condition, False)], x.scope) for x in (a, b)):
            continue
        if impossible([(a.condition, False), (b.condition, False)], a.scope):
            reason = f"合在一起没有一个答案能通过（{first.finding.id} 与 {second.finding.id}）"
            yield problem("E420", b.mark(), first=a.text, second=b.text, reason=reason)


def _limits(a: Judged, b: Judged) -> bool:
    """Return whether both read one number or date. The rows of a table may list nothing but what is wrong."""
    shared = [r for r in refs(a.condition) if r.key in {other.key for other in refs(b.condition)}]
    kinds = [kind.kind for ref in shared if (kind := a.scope.type_of(ref)) is not None]
    return "number" in kinds or "date" in kinds


def _pairs(findings: list[Placed]) -> Iterator[tuple[Placed, Placed]]:
    """Yield each two findings that are judged row by row over one table, or both not, and read a value in common."""
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, placed in enumerate(findings):
        for key in _read(placed.judged.condition):
            groups[placed.judged.scope.row_of, key].append(number)
    for a, b in sorted({pair for members in groups.values() for pair in combinations(members, 2)}):
        if set(findings[a].sites) & set(findings[b].sites):
            yield findings[a], findings[b]


def _read(condition: Condition) -> set[str]:
    """Return the answers that a condition reads: the item's, a detail's, a column's. Sites and days are no answers."""
    return {ref.key for ref in refs(condition) if ref.kind in ("answer", "detail", "row")}


@lru_cache(maxsize=4)
def _findings(library: Library) -> list[Placed]:
    """Return every finding once, at the first site type that has it: a question is the same at all of them."""
    release = any_release(library)
    places = {rule.id: (library.priorities[name].document, index, rule) for name, index, rule in rules_of(library)}
    found: dict[str, Placed] = {}
    for name, kind in release.site_types.items() if release is not None else ():
        base = site_scopes(library)[name]
        for item in kind.items:
            document, index, rule = places[item.rule]
            for finding in item.findings:
                if finding.id in found:
                    found[finding.id].sites.append(name)
                    continue
                further = next((("further", n) for n, f in enumerate(rule.further) if f.id == finding.id), ())
                loc: Loc = ("rules", index, *further, "finding_if")
                judged = _judged(finding.condition, item_scope(base, item, finding), document, loc)
                if judged is not None:
                    found[finding.id] = Placed(finding, judged, [name])
    return list(found.values())


def _changed(library: Library) -> Iterator[Judged]:
    """Yield the conditions that layers and campaigns write anew, each once."""
    rules = {rule.id: rule for _, _, rule in rules_of(library)}
    for placed in all_changes(library):
        change, rule = placed.change, rules.get(placed.change.rule)
        if rule is None or change.finding_if is None or placed.campaign not in library.campaigns:
            continue
        release = resolve(library, placed.campaign)
        names = [n for n in change.sites or rule.applies_to if n in release.site_types]
        items = [(n, i) for n in names for i in release.site_types[n].items if i.rule == rule.id]
        for name, item in items[:1]:
            scope = item_scope(site_scope(release.site_types[name], release.grids), item, item.findings[0])
            judged = _judged(change.finding_if, scope, placed.document, ("changes", placed.number, "finding_if"))
            if judged is not None:
                yield judged


def _judged(text: str, scope: Scope, document: Document, loc: Loc) -> Judged | None:
    """Return the condition bound to its scope, None if something is wrong with it: that is told elsewhere."""
    try:
        bound, complaints = check(parse(text), scope)
    except ConditionError:
        return None
    return None if complaints else Judged(bound, text, scope, document, loc)


def _scopes(library: Library) -> Iterator[Judged]:
    release = any_release(library)
    for priority, index, rule in rules_of(library) if release is not None else ():
        document = library.priorities[priority].document
        written: list[tuple[str | None, str, Loc]] = [
            (application.only_if, name, ("rules", index, "applies_to", name, "only_if"))
            for name, application in rule.applies_to.items()
        ]
        general = next((n for n, a in rule.applies_to.items() if a.only_if is None and n in library.site_types), None)
        if general is not None:
            written.append((rule.only_if, general, ("rules", index, "only_if")))
        for text, name, loc in written:
            if text is not None and release is not None and name in release.site_types:
                judged = _judged(text, tailoring_scope(release.site_types[name]), document, loc)
                if judged is not None:
                    yield judged


def _never_asked(library: Library, only_if: str | None, site_type: str) -> bool:
    release = any_release(library)
    if only_if is None or release is None or site_type not in release.site_types:
        return False
    scope = tailoring_scope(release.site_types[site_type])
    try:
        bound, complaints = check(parse(only_if), scope)
    except ConditionError:
        return False
    return not complaints and impossible([(bound, True)], scope)


def _gradings(library: Library) -> Iterator[Judged]:
    for _, loaded in sorted(library.grading.items()):
        ledger = library.ledgers.get(loaded.value.ledger)
        if ledger is None:
            continue
        for index, row in enumerate(loaded.value.rows):
            judged = _judged(row.when, grading_scope(ledger.value), loaded.document, ("rows", index, "when"))
            if judged is not None:
                yield judged


def _escalations(library: Library) -> Iterator[Problem]:
    """Yield escalations that can fire at no site type: what they name is never asked together."""
    release, loaded = any_release(library), library.escalations
    if release is None or loaded is None or library.unreadable_rules or library.unreadable_sites:
        return
    places = {e.id: index for index, e in enumerate(loaded.value.escalations)}
    everything = union_of(site_scopes(library).values())
    for escalation in release.escalations:
        scope = escalation_scope(everything, escalation, release.escalations)
        loc: Loc = ("escalations", places[escalation.id], "finding_if")
        judged = _judged(escalation.condition, scope, loaded.document, loc)
        if judged is None:
            continue
        wrong = list(_sense(judged, "这一条综合判断永远不会成立", "这一条综合判断总是成立"))
        yield from wrong
        absent = [
            [(Flag(ref), False) for ref in _strange(judged.condition, scope, own)]
            for own in site_scopes(library).values()
        ]
        if not wrong and all(impossible([(judged.condition, True), *nowhere], scope) for nowhere in absent):
            reason = "所列的问题不会在同一种单位上出现"
            yield problem("E421", judged.mark(), what=judged.text, reason=reason)


def _strange(condition: Condition, scope: Scope, own: Scope) -> Iterator[Ref]:
    """Yield the findings of items that a site type does not have."""
    for ref in refs(condition):
        if ref.kind in ("finding", "earlier") and ref.name in scope.earlier and ref.name not in own.earlier:
            yield ref


def _bare(text: str) -> str:
    """Return a text without blanks and punctuation: wording that differs in nothing else is the same."""
    return "".join(c for c in text if c.isalnum() or c in "{}_")

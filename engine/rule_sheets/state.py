"""The rules as the cells of the workbook's sheets: what is exported, and what an import is held against."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.expressions.check import check
from engine.expressions.parse import parse
from engine.expressions.say import say
from engine.expressions.scope import Scope
from engine.laws import in_force, title_of
from engine.library.check_law import find_version
from engine.library.load import Library
from engine.library.resolve import plan_of, resolve, rules_of
from engine.library.tailoring import changes_for
from engine.model.questions import Choice, Choices
from engine.model.release import Release, ReleaseFinding, ReleaseItem
from engine.model.rules import Application, Basis, Citation, InstrumentVersion, Rule
from engine.rule_sheets.columns import APPLICATIONS, CITATIONS, FURTHER, ITEMS, SETTLED, SHEETS, SheetKind
from engine.rule_sheets.limits import Limit, read_limit
from engine.rule_sheets.words import (
    ANSWERS,
    BETWEEN,
    DISPOSITIONS,
    GRADES,
    NO,
    NONE,
    PART,
    SIDES,
    YES,
    Words,
    digest,
    laws_of,
    show_article,
    show_scope,
    sites_of,
)
from engine.scopes import item_scope, site_scope
from engine.source import Loc

Cells = Mapping[str, str]
"""Column → what stands in its cell."""


@dataclass(frozen=True)
class Entry:
    """A row: its cells, and where in the rules it comes from."""

    cells: Cells
    priority: str
    loc: Loc
    """Of the rule, the application, the further finding or the citation in its file."""
    rule: str
    special: frozenset[str] = frozenset()
    """Columns that cannot be changed in this row."""
    sites: tuple[str, ...] = ()
    """The site types of the rule."""


@dataclass(frozen=True, eq=False)
class State:
    """The rules of a campaign as rows by sheet and key, with what is needed to read cells back."""

    library: Library
    campaign: str
    prefix: str
    """How clauses of the campaign's plan begin."""
    rows: Mapping[str, Mapping[str, Entry]]
    scopes: Mapping[str, Scope]
    """Finding → what its condition may name."""
    sites: Words
    laws: Words
    priorities: Words
    clauses: Mapping[str, str]
    """Clauses of the plan → their words."""

    def labels(self, sites: Iterable[str]) -> dict[str, str]:
        """Return the attributes that every one of these site types has, by each name that they go under."""
        files = [self.library.site_types[s].value.attributes for s in sites if s in self.library.site_types]
        shared = {name for name in (files[0] if files else {}) if all(name in f for f in files)}
        return {f[name].label: name for f in files for name in sorted(shared)}


def state_of(library: Library, campaign: str) -> State:
    """Return every rule as the rows of the workbook. The library has no errors."""
    release = resolve(library, campaign)
    plan = plan_of(library, campaign)
    prefix = f"CF{plan[:4]}-"
    clauses = library.clauses.get(plan)
    maker = _Maker(library, release, prefix)
    rows: dict[str, dict[str, Entry]] = {sheet.key: {} for sheet in SHEETS}
    for priority, index, rule in rules_of(library):
        top: Loc = ("rules", index)
        for key, sheet, entry in maker.entries(priority, rule, top):
            rows[sheet.key][key] = entry
    return State(
        library, campaign, prefix, rows, maker.scopes, maker.sites, maker.laws,
        Words({loaded.value.title: name for name, loaded in sorted(library.priorities.items())}),
        {c.id: c.quote for c in clauses.value.clauses} if clauses else {},
    )  # fmt: skip


def digests(sheet: SheetKind, cells: Cells) -> str:
    """Return the digests of the cells of a row, to be kept beside it."""
    found = {c.key: digest(cells.get(c.key, "")) for c in sheet.columns if c.key not in SETTLED}
    return json.dumps(found, separators=(",", ":"))


class _Maker:
    def __init__(self, library: Library, release: Release, prefix: str) -> None:
        self.library, self.release, self.prefix = library, release, prefix
        self.sites, self.laws = sites_of(library), laws_of(library)
        before = library.campaigns.get(library.campaigns[release.campaign].value.extends or "")
        self._since = min(release.period.start, before.value.period.start if before else release.period.start)
        self.items: dict[str, dict[str, ReleaseItem]] = {}
        self.scopes: dict[str, Scope] = {}
        self._findings: dict[str, ReleaseFinding] = {}
        for name, kind in release.site_types.items():
            base = site_scope(kind, release.grids)
            for item in kind.items:
                self.items.setdefault(item.rule, {})[name] = item
                for finding in item.findings:
                    self.scopes.setdefault(finding.id, item_scope(base, item, finding))
                    self._findings.setdefault(finding.id, finding)

    def entries(self, priority: str, rule: Rule, top: Loc) -> Iterator[tuple[str, SheetKind, Entry]]:
        codes = BETWEEN.join(application.code for application in rule.applies_to.values())
        cells, special = self._rule(rule, codes)
        layered = self._layered(rule.id)
        special |= layered
        sites = tuple(rule.applies_to)
        yield rule.id, ITEMS, Entry(cells, priority, top, rule.id, special, sites)
        for site, application in rule.applies_to.items():
            cells, special = self._application(rule, site, application)
            special |= layered
            loc: Loc = (*top, "applies_to", site)
            yield f"{rule.id}|{site}", APPLICATIONS, Entry(cells, priority, loc, rule.id, special, sites)
        yield from self._citations(priority, rule, rule.id, rule.basis, (*top, "basis"), codes, rule.finding)
        for number, further in enumerate(rule.further):
            loc = (*top, "further", number)
            limit, special = self._limit(further.id, further.finding_if)
            cells = limit | {
                "codes": codes, "sites": self.sites.show(further.sites), "finding": further.finding,
                "grade": GRADES.show([further.grade]) if further.grade else "",
                "red_line": "" if further.red_line is None else YES if further.red_line else NO,
                "dispositions": DISPOSITIONS.show(further.dispositions or ()),
            }  # fmt: skip
            yield further.id, FURTHER, Entry(cells, priority, loc, rule.id, special, sites)
            if further.basis is not None:
                yield from self._citations(
                    priority, rule, further.id, further.basis, (*loc, "basis"), codes, further.finding
                )

    def _layered(self, rule: str) -> frozenset[str]:
        """Return the columns that `changes` decide for this campaign: a cell would have no effect.

        What the campaign's own file drops is left to the column that says so.
        """
        placed = changes_for(self.library, self.release.campaign).get(rule, ())
        fields = {name for each in placed for name in each.change.fields()}
        found = {column for name in fields for column in _OF_LAYERS.get(name, (name,))}
        dropped = any(each.change.drop and not each.alone for each in placed)
        return frozenset(found | ({"asked"} if dropped else set()))

    def _rule(self, rule: Rule, codes: str) -> tuple[dict[str, str], frozenset[str]]:
        limit, special = self._limit(rule.id, rule.finding_if)
        labels = self._labels(rule)
        scope = show_scope(rule.only_if, labels)
        asked = {_is_asked(item) for item in self.items.get(rule.id, {}).values()}
        options = rule.answer.options if isinstance(rule.answer, (Choice, Choices)) else ()
        cells = limit | {
            "codes": codes, "priority": self.library.priorities[rule.id.split(".")[0]].value.title,
            "check": rule.check,
            "answer": ANSWERS[rule.answer.type] if rule.answer else self._grid(rule),
            "options": BETWEEN.join(options), "unit": getattr(rule.answer, "unit", ""), "finding": rule.finding,
            "grade": GRADES.show([rule.grade]), "red_line": YES if rule.red_line else NO,
            "sites": self.sites.show(rule.applies_to), "scope": scope if scope is not None else rule.only_if or "",
            "law": self._in_force(rule), "clauses": self._own(rule.clauses), "method": rule.method,
            "evidence": rule.evidence or "", "dispositions": DISPOSITIONS.show(rule.dispositions),
            "asked": PART if len(asked) > 1 else YES if True in asked else NO, "note": rule.note or "",
        }  # fmt: skip
        return cells, special | ({"scope"} if scope is None else set())

    def _grid(self, rule: Rule) -> str:
        return self.library.grids[rule.answer_from or ""].value.title

    def _application(self, rule: Rule, site: str, written: Application) -> tuple[dict[str, str], frozenset[str]]:
        labels = {n: a.label for n, a in self.library.site_types[site].value.attributes.items()}
        scope = show_scope(written.only_if, labels)
        item = self.items.get(rule.id, {}).get(site)
        clauses = "" if written.clauses is None else self._own(written.clauses) or NONE
        cells = {
            "code": written.code, "site": self.sites.show([site]), "whole": rule.check, "check": written.check or "",
            "grade": GRADES.show([written.grade]) if written.grade else "",
            "scope": scope if scope is not None else written.only_if or "", "clauses": clauses,
            "method": written.method or "", "evidence": written.evidence or "",
            "dispositions": DISPOSITIONS.show(written.dispositions or ()),
            "asked": YES if item is not None and _is_asked(item) else NO,
        }  # fmt: skip
        return cells, frozenset({"scope"} if scope is None else ())

    def _limit(self, id_: str, condition: str) -> tuple[dict[str, str], frozenset[str]]:
        finding, scope = self._findings.get(id_), self.scopes.get(id_)
        if finding is None or scope is None:
            return dict.fromkeys(("subject", "op", "low", "high", "picked", "reading"), ""), frozenset(_LIMIT_COLUMNS)
        limit = read_limit(condition, scope)
        reading = say(check(parse(condition), scope)[0], scope)
        reading = f"逐行判定，{reading}" if finding.each else reading
        shown = limit or Limit("", "")
        cells = {
            "subject": shown.subject, "op": shown.op, "low": shown.low, "high": shown.high,
            "picked": BETWEEN.join(shown.picked), "reading": reading,
        }  # fmt: skip
        return cells, frozenset(() if limit else _LIMIT_COLUMNS)

    def _citations(
        self, priority: str, rule: Rule, owner: str, basis: Basis, loc: Loc, codes: str, sentence: str
    ) -> Iterator[tuple[str, SheetKind, Entry]]:
        for side, word in SIDES.items():
            for number, citation in enumerate(getattr(basis, side)):
                if (end := self._version(citation.cite).end) is not None and end <= self._since:
                    continue  # neither in this campaign nor in that before it
                cells = self._citation(citation, rule) | {"codes": codes, "finding": sentence, "side": word, "drop": ""}
                entry = Entry(cells, priority, (*loc, side, number), rule.id, sites=tuple(rule.applies_to))
                yield f"{owner}|{side}|{number + 1}", CITATIONS, entry

    def _citation(self, citation: Citation, rule: Rule) -> dict[str, str]:
        labels = self._labels(rule)
        where = BETWEEN.join(f"{'' if held else '非'}“{labels.get(n, n)}”" for n, held in citation.where.items())
        return {
            "law": self.laws.show([citation.cite]), "article": show_article(citation.article),
            "proof": "\n".join(citation.proof), "sites": self.sites.show(citation.sites), "where": where,
            "force": self._force(citation.cite),
        }  # fmt: skip

    def _version(self, cite: str) -> InstrumentVersion:
        found = find_version(self.library, cite)
        assert found is not None, cite
        return found

    def _force(self, cite: str) -> str:
        found = self._version(cite)
        first, last = self.release.period.start, self.release.period.end
        if found.start > last or (found.end is not None and found.end <= first):
            return "无效"
        whole = found.start <= first and (found.end is None or found.end > last)
        return "有效" if whole else "部分有效"

    def _in_force(self, rule: Rule) -> str:
        day = self.release.period.start
        shown: dict[str, None] = {}
        for item in self.items.get(rule.id, {}).values():
            for citation in item.findings[0].basis.duty:
                if in_force(citation, day):
                    shown[f"{title_of(citation)}{show_article(citation.article)}"] = None
        return "\n".join(shown)

    def _own(self, clauses: tuple[str, ...]) -> str:
        return BETWEEN.join(clause for clause in clauses if clause.startswith(self.prefix))

    def _labels(self, rule: Rule) -> dict[str, str]:
        files = [self.library.site_types[s].value.attributes for s in rule.applies_to if s in self.library.site_types]
        return {name: a.label for f in reversed(files) for name, a in f.items()}


_LIMIT_COLUMNS = ("op", "low", "high", "picked")
_OF_LAYERS: dict[str, tuple[str, ...]] = {"finding_if": _LIMIT_COLUMNS, "only_if": ("scope",)}
"""Keys of a change in layer.yaml → columns, where their names differ."""


def _is_asked(item: ReleaseItem) -> bool:
    """Return whether the campaign asks for an item: a clause does, and nobody has taken it out."""
    return bool(item.clauses)

"""A rule explained in Chinese, from the rule itself: one content for the terminal and for the reference pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from engine.expressions.check import check
from engine.expressions.parse import parse
from engine.expressions.say import say, say_passing, show
from engine.expressions.scope import Scope
from engine.laws import article_text, title_of
from engine.library.load import Library
from engine.library.resolve import resolve, rules_of
from engine.library.tailoring import provenance
from engine.model.base import Verification
from engine.model.release import Release, ReleaseBasis, ReleaseCitation, ReleaseFinding, ReleaseItem, ReleaseSiteType
from engine.model.rules import Case, Rule
from engine.rulebook.years import Year, years_of
from engine.scopes import item_scope, site_scope, tailoring_scope


@dataclass(frozen=True)
class LawLine:
    """One article behind a finding, with the days on which it counts."""

    side: str
    """义务, 责任 or 处理依据."""
    text: str
    start: date
    end: date | None
    only: str
    """For which sites it counts; empty for all."""

    @property
    def days(self) -> str:
        """The days on which it is in force, in words."""
        until = f"至{show(self.end)}前" if self.end else "现行"
        return f"{show(self.start)}起，{until}"


@dataclass(frozen=True)
class FindingPage:
    """One finding of an item in words."""

    id: str
    grade: str
    red_line: bool
    finds: str
    passes: str
    sentence: str
    dispositions: str
    law: tuple[LawLine, ...]


@dataclass(frozen=True)
class ItemPage:
    """A rule as one site type has it."""

    code: str
    site_type: str
    check: str
    method: str
    evidence: str
    only_if: str
    """Who gets it, in words; empty if every site of the type does."""
    clauses: tuple[tuple[str, str], ...]
    """Clauses of every campaign that ask for it, with the words of the plan."""
    gsp: tuple[str, ...]
    findings: tuple[FindingPage, ...]
    years: tuple[Year, ...]


@dataclass(frozen=True)
class RulePage:
    """Everything that is to be said about a rule."""

    id: str
    priority: str
    title: str
    """Title of its priority."""
    check: str
    note: str
    origin: tuple[str, ...]
    """Who put it in, changed it or took it out, and why, level by level."""
    items: tuple[ItemPage, ...]
    cases: tuple[str, ...]


def rule_list(library: Library) -> list[str]:
    """Return one line a rule: its id, its printed codes and its title, sorted by id."""
    release = _everything(library)
    codes: dict[str, list[str]] = {}
    checks: dict[str, str] = {}
    for site_type in release.site_types.values():
        for item in site_type.items:
            codes.setdefault(item.rule, []).append(item.code)
            checks.setdefault(item.rule, item.check)
    return [f"{id_}  {'、'.join(sorted(codes[id_]))}  {checks[id_]}" for id_ in sorted(codes)]


def rule_page(library: Library, name: str) -> str | None:
    """Return the page of the rule with this id or printed code as text, None if there is none."""
    for priority, index, rule in rules_of(library):
        if name == rule.id or any(name == a.code for a in rule.applies_to.values()):
            page = _page(library, priority, index, rule)
            return "\n".join(_text(page, name)) if page.items else None
    return None


def rule_pages(library: Library) -> tuple[RulePage, ...]:
    """Return the page of every rule that some site type has, in the order of the files."""
    found = (_page(library, priority, index, rule) for priority, index, rule in rules_of(library))
    return tuple(page for page in found if page.items)


def _everything(library: Library) -> Release:
    return resolve(library, max(library.campaigns))


def _page(library: Library, priority: str, index: int, rule: Rule) -> RulePage:
    release = _everything(library)
    kinds = [name for name in rule.applies_to if name in release.site_types]
    items = tuple(
        _item(i, name, release, library) for name in kinds for i in release.site_types[name].items if i.rule == rule.id
    )
    title = library.priorities[priority].value.title
    names = {"answer": "答案"} | {name: detail.ask or name for name, detail in rule.all_details().items()}
    names |= {name: loaded.value.title for name, loaded in library.site_types.items()}
    cases = tuple(_case(case, names) for case in rule.cases)
    return RulePage(
        rule.id, priority, title, rule.check, rule.note or "", tuple(provenance(library, rule.id)), items, cases
    )


def _item(item: ReleaseItem, site_type: str, release: Release, library: Library) -> ItemPage:
    kind = release.site_types[site_type]
    base = site_scope(kind, release.grids)
    only_if = ""
    if item.only_if is not None:
        inner = tailoring_scope(kind)
        only_if = say(check(parse(item.only_if), inner)[0], inner)
    findings = tuple(_finding(finding, item_scope(base, item, finding), kind) for finding in item.findings)
    return ItemPage(
        item.code, kind.title, item.check, item.method, item.evidence or "", only_if, _clauses(library, item), item.gsp,
        findings, years_of(library, site_type, item.rule),
    )  # fmt: skip


def _finding(finding: ReleaseFinding, scope: Scope, kind: ReleaseSiteType) -> FindingPage:
    condition, _ = check(parse(finding.condition), scope)
    each = "逐行判定，" if finding.each else ""
    return FindingPage(
        finding.id, finding.grade.label, finding.red_line, each + say(condition, scope), say_passing(condition, scope),
        finding.sentence, "；".join(d.label for d in finding.dispositions), tuple(_law(finding.basis, kind)),
    )  # fmt: skip


def _law(basis: ReleaseBasis, kind: ReleaseSiteType) -> Iterator[LawLine]:
    for side, citations in (("义务", basis.duty), ("责任", basis.liability), ("处理依据", basis.power)):
        for c in citations:
            where = article_text(c.article) if c.article else "（具体条款待核）"
            doubt = "" if c.verification is Verification.VERIFIED or not c.article else "（待核）"
            yield LawLine(side, f"{title_of(c)}{where}{doubt}", c.start, c.end, _only(c, kind))


def _only(citation: ReleaseCitation, site_type: ReleaseSiteType) -> str:
    """Return for which sites of the type an article counts, nothing if for all."""
    known = site_type.attributes
    named = [known[n].label if held else known[n].absent for n, held in citation.where.items() if n in known]
    return f"（仅 {'、'.join(named)}）" if named else ""


def _clauses(library: Library, item: ReleaseItem) -> tuple[tuple[str, str], ...]:
    """Return the clauses of every campaign that ask for the item at this site type, with their words."""
    found: dict[str, str] = {}
    for name in sorted(library.campaigns):
        release = resolve(library, name)
        for kind in release.site_types.values():
            for i in kind.items:
                if i.code == item.code:
                    found |= {c: release.clauses.get(c, "") for c in i.clauses}
    return tuple(found.items())


def _case(case: Case, names: Mapping[str, str]) -> str:
    """Return a case as a phrase: 答案 8.1 → cold-chain.refrigerator-temperature."""
    given = ["没有作答" if case.answer is None else _value(case.answer, names).removeprefix("答案 ")]
    given = given if case.answer is None else [f"答案 {given[0]}"]
    given += [f"{name} 答 {_value(value, {})}" for name, value in case.answers.items()]
    given += [f"单位属性 {name} {'有' if held else '没有'}" for name, held in case.site.items()]
    given += [names.get(case.site_type, case.site_type)] if case.site_type else []
    given += [f"检查日期 {show(case.date)}"] if case.date else []
    given += [f"上次发现 {'、'.join(case.earlier)}"] if case.earlier else []
    wanted = {"nothing": "不发现问题", "unknown": "不能判定"}
    finds = [case.finds] if isinstance(case.finds, str) else list(case.finds)
    return f"{'；'.join(given)} → {'、'.join(wanted.get(f, f) for f in finds)}"


def _value(value: object, names: Mapping[str, str]) -> str:
    if isinstance(value, dict):
        return "，".join(f"{names.get(str(k), k)} {_value(v, names)}" for k, v in value.items())
    if isinstance(value, list | tuple):
        return "、".join(f"〔{_value(v, names)}〕" for v in value) or "空表"
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _text(page: RulePage, name: str) -> Iterator[str]:
    """Yield the lines of a page; of one site type if its printed code was asked for."""
    yield from (page.id, f"来源：{'；'.join(page.origin)}")
    for item in page.items:
        if name in (page.id, item.code):
            yield ""
            yield from _item_text(item)
    yield from ("", "用例", *(f"  {case}" for case in page.cases))


def _item_text(item: ItemPage) -> Iterator[str]:
    yield f"{item.code}　{item.site_type}"
    yield f"  检查内容：{item.check}"
    yield f"  方法：{item.method}" + (f"；取证：{item.evidence}" if item.evidence else "")
    if item.only_if:
        yield f"  适用：{item.only_if}"
    yield f"  方案条款：{'、'.join(clause for clause, _ in item.clauses) or '无（日常项目）'}"
    if item.gsp:
        yield f"  现场检查指导原则：{'、'.join(item.gsp)}"
    for finding in item.findings:
        yield f"  〔{finding.grade}〕{'〔红线〕' if finding.red_line else ''}{finding.id}"
        yield f"    算问题：{finding.finds}"
        yield f"    算通过：{finding.passes}"
        yield f"    处理建议：{finding.dispositions}"
        yield from (f"    {line.side}：{line.text}　{line.days}{line.only}" for line in finding.law)
    for year in item.years:
        yield f"  {year.campaign}：{year.says}"

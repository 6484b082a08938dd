"""A rule explained in Chinese, from the rule itself."""

from __future__ import annotations

from collections.abc import Iterator

from engine.expressions.check import check
from engine.expressions.parse import parse
from engine.expressions.say import say, say_passing, show
from engine.laws import article_text, title_of
from engine.library.load import Library
from engine.library.resolve import resolve
from engine.library.tailoring import provenance
from engine.model.base import Verification
from engine.model.release import Release, ReleaseBasis, ReleaseCitation, ReleaseFinding, ReleaseItem, ReleaseSiteType
from engine.scopes import item_scope, site_scope, tailoring_scope


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
    """Return the page of the rule with this id or printed code, None if there is none."""
    release = _everything(library)
    found = [(t, i) for t in release.site_types.values() for i in t.items if name in (i.rule, i.code)]
    if not found:
        return None
    id_ = found[0][1].rule
    lines: list[str] = [id_, f"来源：{'；'.join(provenance(library, id_))}"]
    for site_type, item in found:
        lines += ["", *_item(item, site_type, release, library)]
    return "\n".join(lines)


def _everything(library: Library) -> Release:
    return resolve(library, max(library.campaigns))


def _item(item: ReleaseItem, site_type: ReleaseSiteType, release: Release, library: Library) -> Iterator[str]:
    base = site_scope(site_type, release.grids)
    yield f"{item.code}　{site_type.title}"
    yield f"  检查内容：{item.check}"
    yield f"  方法：{item.method}" + (f"；取证：{item.evidence}" if item.evidence else "")
    if item.only_if is not None:
        inner = tailoring_scope(site_type)
        yield f"  适用：{say(check(parse(item.only_if), inner)[0], inner)}"
    clauses = _clauses(library, item)
    yield f"  方案条款：{'、'.join(clauses) or '无（日常项目）'}"
    if item.gsp:
        yield f"  现场检查指导原则：{'、'.join(item.gsp)}"
    for finding in item.findings:
        scope = item_scope(base, item, finding)
        condition, _ = check(parse(finding.condition), scope)
        mark = f"〔{finding.grade.label}〕" + ("〔红线〕" if finding.red_line else "")
        yield f"  {mark}{finding.id}"
        yield f"    算问题：{'逐行判定，' if finding.each else ''}{say(condition, scope)}"
        yield f"    算通过：{say_passing(condition, scope)}"
        yield f"    处理建议：{'；'.join(d.label for d in finding.dispositions)}"
        yield from _law(finding, site_type)


def _law(finding: ReleaseFinding, site_type: ReleaseSiteType) -> Iterator[str]:
    basis: ReleaseBasis = finding.basis
    for title, citations in (("义务", basis.duty), ("责任", basis.liability), ("处理依据", basis.power)):
        for c in citations:
            where = article_text(c.article) if c.article else "（具体条款待核）"
            doubt = "" if c.verification is Verification.VERIFIED or not c.article else "（待核）"
            until = f"至 {show(c.end)} 前" if c.end else "现行"
            only = _only(c, site_type)
            yield f"    {title}：{title_of(c)}{where}{doubt}　{show(c.start)}起，{until}{only}"


def _only(citation: ReleaseCitation, site_type: ReleaseSiteType) -> str:
    """Return for which sites of the type an article counts, nothing if for all."""
    known = site_type.attributes
    named = [known[n].label if held else known[n].absent for n, held in citation.where.items() if n in known]
    return f"（仅 {'、'.join(named)}）" if named else ""


def _clauses(library: Library, item: ReleaseItem) -> list[str]:
    """Return the clauses of every campaign that ask for the item at this site type."""
    kinds = (kind for name in sorted(library.campaigns) for kind in resolve(library, name).site_types.values())
    return list(dict.fromkeys(c for kind in kinds for i in kind.items if i.code == item.code for c in i.clauses))

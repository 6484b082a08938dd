"""A site changed by hand: 字段=内容, each as strict as in a list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.inspections.cells import header_key
from engine.model.release import UNLICENSED, Release
from engine.model.sheet import MAX_SHORT
from engine.model.workspace import RegisteredSite, Unit
from engine.problems import Problem, did_you_mean, problem
from engine.register.columns import FIELDS, LABELS, labels_of
from engine.register.credit_code import clean_code, code_fault
from engine.register.rows import REGION
from engine.register.words import areas_of, chain_of, is_blank, kinds_of, types_of, unit_named, yes_or_no

_LATER = ("id", "status", "closed")


def edited(
    site: RegisteredSite, changes: Iterable[tuple[str, str]], release: Release, units: Sequence[Unit]
) -> tuple[RegisteredSite, list[Problem]]:
    """Return the site with the changes, and everything that is wrong with them (then the site is not to be kept).

    changes: field by its label, a title that a list may have, its identifier, or the label of an attribute; an empty
    text empties the field.
    """
    problems: list[Problem] = []
    for label, text in changes:
        text = " ".join(text.split())
        field = _field(label, site, release)
        if field is None:
            known = [*LABELS.values(), *labels_of(release.site_types[site.site_type])]
            hint = did_you_mean(label, known) + f"可用：{'、'.join(LABELS.values())}，以及这种单位的各栏"
            problems.append(problem("E833", what="内容", id=label, hint=hint))
            continue
        changed, reason, todo = _set(site, field, text, release, units)
        if reason:
            problems.append(problem("E840", field=label, text=text, reason=reason, todo=todo))
        site = changed
    return site, problems


def _field(label: str, site: RegisteredSite, release: Release) -> str | None:
    key = header_key(label)
    known: dict[str, str] = {header_key(t): f for f, titles in FIELDS.items() for t in titles}
    kind = release.site_types.get(site.site_type)
    known |= labels_of(kind) if kind is not None else {}
    known |= {header_key(text): field for field, text in LABELS.items()} | {field: field for field in LABELS}
    if kind is not None:
        known |= {i.id: i.id for i in kind.identity} | {name: f"attribute.{name}" for name in kind.attributes}
    field = known.get(key)
    return None if field in _LATER else field


def _set(
    site: RegisteredSite, field: str, text: str, release: Release, units: Sequence[Unit]
) -> tuple[RegisteredSite, str, str]:
    """Return the site with one field set, or as it was with the reason and what to do."""
    if len(text) > MAX_SHORT:
        return site, f"最多 {MAX_SHORT} 字", "请缩短"
    if field == "name":
        return (site, "不能为空", "请写单位名称") if not text else (_with(site, name=text), "", "")
    if field == "credit_code":
        code = "" if is_blank(text) else clean_code(text)
        fault = code_fault(code) if code else None
        return (site, fault, "请照营业执照填写；没有的留空") if fault else (_with(site, credit_code=code), "", "")
    if field == "site_type":
        kinds = kinds_of(release, {})
        found = types_of(text, kinds)
        if len(found) == 1:
            return _with(site, site_type=found[0]), "", ""
        return site, "可能是几种单位" if found else "没有这种单位", f"可用：{'、'.join(found or kinds.titles)}"
    if field == "unit":
        named = unit_named(text, (u.id for u in units)) if text else ""
        names = "、".join(u.id for u in units)
        return (site, "没有这个责任单位", f"有：{names}") if named is None else (_with(site, unit=named), "", "")
    if field == "chain":
        chain = chain_of(text, "是否连锁") if text else None
        wrong = text and chain is None
        return (site, "看不懂", "请写单体、连锁门店或连锁总部") if wrong else (_with(site, chain=chain), "", "")
    if field == "area":
        said = yes_or_no(text) if text else None
        known = said is not None and REGION in release.site_types[site.site_type].attributes
        rest = {name: has for name, has in site.attributes.items() if name != REGION}
        areas = areas_of(text) if said is None else ()
        return _with(site, areas=areas, attributes=rest | ({REGION: said} if known else {})), "", ""
    if field == "note":
        return _with(site, note=text), "", ""
    if field.startswith("attribute."):
        return _attribute(site, field.removeprefix("attribute."), text)
    identity = {k: v for k, v in site.identity.items() if k != field}
    return _with(site, identity=identity | ({} if is_blank(text) else {field: text})), "", ""


def _attribute(site: RegisteredSite, name: str, text: str) -> tuple[RegisteredSite, str, str]:
    held = yes_or_no(text) if text else None
    if text and held is None:
        return site, "应为有、无、是、否之一", "不清楚的留空"
    rest = {k: v for k, v in site.attributes.items() if k != name}
    attributes = rest if held is None else rest | {name: held}
    return _with(site, attributes=attributes, unlicensed=attributes.get(UNLICENSED, False)), "", ""


def _with(site: RegisteredSite, **changes: object) -> RegisteredSite:
    return site.model_copy(update=changes)

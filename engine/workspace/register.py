"""The register in the workspace: lists taken in, sites changed, merged, told apart, closed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from engine.days import parse_day
from engine.library.files import Place
from engine.model.release import UNLICENSED
from engine.model.workspace import RegisteredSite, Unit
from engine.problems import Problem, ProblemError, did_you_mean, problem
from engine.register.columns import understand
from engine.register.editing import edited
from engine.register.importing import MAX_SITES, Import, plan_import, with_source
from engine.register.matching import Known
from engine.register.merging import distinct_pair, merged_pair
from engine.register.rows import Asked
from engine.register.words import kinds_of, types_of, unit_named
from engine.workbooks.reading import read_table
from engine.workspace.folder import Workspace
from engine.workspace.settings import campaign_of, release_of
from engine.workspace.store import Reader, Writer

PREFIX = "S"
"""Ids of sites: S00001."""


class Who(NamedTuple):
    """Who does something, when, and why."""

    by: str
    at: str
    why: str = ""

    @property
    def day(self) -> date:
        """Return the day of it."""
        day = parse_day(self.at[:10])
        assert day is not None
        return day


def import_sites(
    workspace: Workspace, place: Place, path: Path, who: Who, *, unit: str = "", site_type: str | None = None,
    columns: Mapping[str, str] | None = None, words: Mapping[str, str] | None = None, update: bool = False,
    dry_run: bool = False,
) -> Import:  # fmt: skip
    """Take a list of sites into the register, in one transaction, and return what it meant.

    unit, site_type: of rows that name none; columns: a title → the field it is; words: a word for a kind of site →
    the site type; update: known sites take over what the list says otherwise; dry_run: nothing is kept.
    Raises ProblemError if nothing can be taken in at all.
    """
    table, problems = read_table(path, MAX_SITES)
    if table is None:
        raise ProblemError(problems)
    with workspace.store.reading() as reader:
        release = release_of(reader, place).release
        units = _open_units(reader)
    problems = [*_unknown(site_type, words or {}, release.site_types)]
    named = unit_named(unit, (u.id for u in units)) if unit else ""
    if named is None:
        problems.append(no_unit(unit, units))
    heading, wrong = understand(table, release, columns)
    if heading is None or problems:
        raise ProblemError([*problems, *wrong])
    asked = Asked(named or "", site_type, dict(words or {}), who.day)
    if dry_run:
        with workspace.store.reading() as reader:
            existing = reader.all(RegisteredSite)
            return plan_import(table, heading, release, units, existing, asked, _ids(existing))
    with workspace.store.writing(by=who.by, at=who.at, action=f"导入单位名录 {path.name}"[:200]) as writer:
        existing = writer.all(RegisteredSite)
        found = plan_import(table, heading, release, units, existing, asked, _ids(existing))
        for site in (*found.new, *(d.updated for d in found.differing if update)):
            writer.put(site)
        return found


def _ids(existing: Sequence[RegisteredSite]) -> Callable[[int], str]:
    """Return the id of the n-th new site, n from 0."""
    serials = [int(end) for site in existing if (end := site.id.removeprefix(PREFIX)).isdecimal()]
    first = max(serials, default=0) + 1
    return lambda place: f"{PREFIX}{first + place:05}"


def _open_units(reader: Reader) -> list[Unit]:
    return [unit for unit in reader.all(Unit) if unit.open]


def _unknown(site_type: str | None, words: Mapping[str, str], known: Mapping[str, object]) -> list[Problem]:
    wrong = [name for name in (site_type, *words.values()) if name is not None and name not in known]
    return [
        problem("E614", site_type=n, suggestion=did_you_mean(n, known) + f"可用类型：{'、'.join(known)}") for n in wrong
    ]


def no_unit(unit: str, units: list[Unit]) -> Problem:
    """Return the problem that there is no such unit."""
    names = [u.id for u in units]
    return problem("E833", what="责任单位", id=unit, hint=did_you_mean(unit, names) + f"有：{'、'.join(names)}")


def site_of(reader: Reader, site: str) -> RegisteredSite:
    """Return the site of an id. Raises ProblemError if there is none."""
    found = reader.get(RegisteredSite, site)
    if found is None:
        raise ProblemError([problem("E833", what="单位", id=site, hint="单位编号如 S00001，用 sites list 查看")])
    return found


def unit_of(reader: Reader, unit: str) -> str:
    """Return the id of a unit as people name it. Raises ProblemError if there is none."""
    units = reader.all(Unit)
    named = unit_named(unit, (u.id for u in units))
    if named is None:
        raise ProblemError([no_unit(unit, units)])
    return named


def register_site(writer: Writer, site: RegisteredSite) -> RegisteredSite:
    """Keep a site registered by hand under a new id and return it; one without a name is called by its id."""
    new = f"{PREFIX}{writer.next_serial(RegisteredSite, PREFIX):05}"
    name = site.name.strip() or f"无名称（{new}）"
    kept = with_source(site.model_copy(update={"id": new, "name": name}))
    writer.put(kept)
    return kept


def merge_sites(workspace: Workspace, keep: str, drop: str, who: Who) -> RegisteredSite:
    """Merge one site into another: it is closed and points there, its inspections stay its own. Returns the kept one.

    Raises ProblemError if that cannot be.
    """
    with workspace.store.writing(by=who.by, at=who.at, action=f"合并单位 {drop} → {keep}", why=who.why) as writer:
        kept, dropped = merged_pair(site_of(writer, keep), site_of(writer, drop), who.day, who.why)
        for site in (kept, dropped):
            writer.put(site)
        return kept


def tell_apart(workspace: Workspace, first: str, second: str, who: Who) -> None:
    """Keep that two sites are not the same: they are no more listed as alike. Raises ProblemError."""
    with workspace.store.writing(
        by=who.by, at=who.at, action=f"认定不是同一家 {first}、{second}", why=who.why
    ) as writer:
        one, other = site_of(writer, first), site_of(writer, second)
        for site, changed in zip((one, other), distinct_pair(one, other), strict=True):
            if changed != site:
                writer.put(changed)


def add_site(
    workspace: Workspace, place: Place, site_type: str, changes: Sequence[tuple[str, str]], who: Who, *,
    unlicensed: bool = False,
) -> RegisteredSite:  # fmt: skip
    """Register one site by hand, licensed or not, with a name or without, and return it. Raises ProblemError."""
    with workspace.store.writing(by=who.by, at=who.at, action="登记单位", why=who.why) as writer:
        release = release_of(writer, place).release
        found = types_of(site_type, kinds_of(release, {}))
        if len(found) != 1:
            raise ProblemError(_unknown(site_type, {}, release.site_types))
        attributes = {UNLICENSED: True} if unlicensed and UNLICENSED in release.site_types[found[0]].attributes else {}
        blank = RegisteredSite(id="-", name="", site_type=found[0], unlicensed=unlicensed, attributes=attributes)
        site, problems = edited(blank, changes, release, _open_units(writer))
        if not site.name and not unlicensed:
            problems.append(
                problem("E840", field="名称", text="", reason="没有写", todo="没有名称的无证经营者加 --unlicensed")
            )
        known = Known(writer.all(RegisteredSite)).find(site) if site.name else None
        if known is not None:
            problems.append(problem("E836", first=site.name, second=known.id, reason="是已登记的同一家"))
        if problems:
            raise ProblemError(problems)
        return register_site(writer, site)


def edit_site(
    workspace: Workspace, place: Place, site: str, changes: Sequence[tuple[str, str]], who: Who
) -> RegisteredSite:
    """Change fields of a site and return it; nothing is kept if one of them is wrong. Raises ProblemError."""
    with workspace.store.writing(by=who.by, at=who.at, action=f"修改单位 {site}", why=who.why) as writer:
        before = site_of(writer, site)
        after, problems = edited(before, changes, release_of(writer, place).release, _open_units(writer))
        if problems:
            raise ProblemError(problems)
        if after != before:
            writer.put(after)
        return after


def close_site(workspace: Workspace, site: str, day: date | None, who: Who) -> RegisteredSite:
    """Close a site on a day, or open it again (None), and return it. Raises ProblemError if it was merged."""
    action = f"单位停业、注销 {site}" if day else f"单位恢复营业 {site}"
    with workspace.store.writing(by=who.by, at=who.at, action=action, why=who.why) as writer:
        before = site_of(writer, site)
        if before.merged_into is not None:
            reason = f"{site} 已并入 {before.merged_into}"
            raise ProblemError([problem("E836", first=site, second=before.merged_into, reason=reason)])
        after = before.model_copy(update={"closed": day})
        if after != before:
            writer.put(after)
        return after


def set_focus(workspace: Workspace, sites: Sequence[str], reason: str | None, who: Who) -> list[RegisteredSite]:
    """Put sites on the list of 重点检查对象 of the campaign for a reason, or take them off (None); return them."""
    action = "列入重点检查对象" if reason is not None else "移出重点检查对象"
    with workspace.store.writing(by=who.by, at=who.at, action=action, why=who.why or reason or "") as writer:
        campaign, changed = campaign_of(writer), []
        for each in dict.fromkeys(sites):
            before = site_of(writer, each)
            rest = {name: why for name, why in before.focus.items() if name != campaign}
            after = before.model_copy(update={"focus": rest | ({} if reason is None else {campaign: reason})})
            if after != before:
                writer.put(after)
                changed.append(after)
        return changed

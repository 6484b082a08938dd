"""The register in the workspace: lists taken in, sites changed, merged, told apart, closed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

from engine.days import parse_day
from engine.library.files import Place
from engine.model.workspace import RegisteredSite, Unit
from engine.problems import Problem, ProblemError, did_you_mean, problem
from engine.register.columns import understand
from engine.register.importing import MAX_SITES, Import, plan_import, with_source
from engine.register.merging import distinct_pair, merged_pair
from engine.register.rows import Asked
from engine.register.words import unit_named
from engine.workbooks.reading import read_table
from engine.workspace.folder import Workspace
from engine.workspace.settings import release_of
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
        units = reader.all(Unit)
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
            return plan_import(table, heading, release, units, reader.all(RegisteredSite), asked, _ids(reader))
    with workspace.store.writing(by=who.by, at=who.at, action=f"导入单位名录 {path.name}"[:200]) as writer:
        found = plan_import(table, heading, release, units, writer.all(RegisteredSite), asked, _ids(writer))
        for site in (*found.new, *(d.updated for d in found.differing if update)):
            writer.put(site)
        return found


def _ids(reader: Reader) -> Callable[[int], str]:
    first = reader.next_serial(RegisteredSite, PREFIX)
    return lambda place: f"{PREFIX}{first + place:05}"


def _unknown(site_type: str | None, words: Mapping[str, str], known: Mapping[str, object]) -> list[Problem]:
    wrong = [name for name in (site_type, *words.values()) if name is not None and name not in known]
    return [problem("E614", site_type=n, suggestion=did_you_mean(n, known) + f"可用类型：{'、'.join(known)}") for n in wrong]


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
    with workspace.store.writing(by=who.by, at=who.at, action=f"认定不是同一家 {first}、{second}", why=who.why) as writer:
        one, other = site_of(writer, first), site_of(writer, second)
        for site, changed in zip((one, other), distinct_pair(one, other), strict=True):
            if changed != site:
                writer.put(changed)

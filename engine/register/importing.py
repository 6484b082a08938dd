"""A list of sites against the register: what is new, what is known, what comes back with its reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from engine.inspections.cells import header_key
from engine.model.release import Release
from engine.model.workspace import RegisteredSite, Unit
from engine.register.columns import Heading
from engine.register.matching import Alike, Known, alike
from engine.register.rows import NEW, Asked, ReadRow, Rejected, read_rows, source_of
from engine.register.words import may_have_ended
from engine.workbooks.table import Row, Table

MAX_SITES = 20_000
"""Rows of one list."""
_COMPARED = {
    "name": "名称", "unit": "责任单位", "credit_code": "信用代码", "chain": "单体或连锁", "areas": "重点区域",
        "closed": "停业日期",
}  # fmt: skip


class Difference(NamedTuple):
    """A known site of which the list says something else; the register keeps what it has unless told otherwise."""

    row: int
    site: RegisteredSite
    updated: RegisteredSite
    what: tuple[str, ...]
    """In Chinese: 电话 “…” → “…”."""


class Import(NamedTuple):
    """What an import does: nothing of it is done yet."""

    heading: Heading
    new: tuple[RegisteredSite, ...]
    rows: tuple[int, ...]
    """Row of each new site."""
    known: int
    """Rows whose sites are registered as they are."""
    differing: tuple[Difference, ...]
    rejected: tuple[Rejected, ...]
    passed: tuple[int, ...]
    open_words: tuple[tuple[str, tuple[str, ...]], ...]
    alike: tuple[Alike, ...]
    """Pairs with a new site in them."""
    notices: tuple[str, ...]


def plan_import(
    table: Table, heading: Heading, release: Release, units: Sequence[Unit], existing: Sequence[RegisteredSite],
    asked: Asked, new_id: Callable[[int], str],
) -> Import:  # fmt: skip
    """Return what the rows of a table mean for a register.

    new_id: the id of the n-th new site, n from 0. A row that repeats another of the list is rejected with the number
    of that row; rows that only look alike are new sites, listed for a person to decide.
    """
    read = read_rows(table, heading, release, units, asked)
    known = Known(existing)
    new: list[RegisteredSite] = []
    rows: list[int] = []
    differing: list[Difference] = []
    rejected = list(read.rejected)
    first: dict[str, int] = {}
    same, by_id = 0, {site.id: site for site in existing}
    for each in read.sites:
        found = by_id.get(each.site.id) if each.site.id != NEW else known.find(each.site)
        if found is None and each.site.id != NEW:
            rejected.append(Rejected(each.row, (f"没有登记过单位编号 {each.site.id}；新的单位请把编号空着",)))
        elif found is None:
            site = each.site.model_copy(update={"id": new_id(len(new))})
            known.add(site)
            new.append(site)
            rows.append(each.row.number)
            first[site.id] = each.row.number
        elif found.id in first:
            rejected.append(_repeated(each, first[found.id], found))
        else:
            updated, what = _held_against(found, each.site)
            same += not what
            if what:
                differing.append(Difference(each.row.number, found, updated, what))
    fresh = {site.id for site in new}
    pairs = [p for p in alike([*existing, *new]) if p.first.id in fresh or p.second.id in fresh]
    return Import(
        heading, tuple(new), tuple(rows), same, tuple(differing), tuple(sorted(rejected, key=lambda r: r.row.number)),
        read.passed, tuple(sorted(read.open_words.items())), tuple(pairs), tuple(_notices(table, new, rows, release)),
    )  # fmt: skip


def _repeated(each: ReadRow, row: int, site: RegisteredSite) -> Rejected:
    _, what = _held_against(site, each.site)
    other = f"，但{'、'.join(what)}" if what else ""
    return Rejected(each.row, (f"与第 {row} 行是同一家{other}；请保留一行",))


def _held_against(site: RegisteredSite, said: RegisteredSite) -> tuple[RegisteredSite, tuple[str, ...]]:
    """Return the site with what a list says of it, and in Chinese what that would change.

    What the list leaves empty stays. A site that has been merged, or that is closed, is not opened again by a list.
    """
    changes: dict[str, object] = {}
    what = []
    for field, label in _COMPARED.items():
        new, old = getattr(said, field), getattr(site, field)
        if not new or new == old or (field == "closed" and old is not None):
            continue
        if field in ("name", "unit") and header_key(new) == header_key(old):
            continue
        changes[field] = new
        what.append(f"{label} “{_plain(old)}” → “{_plain(new)}”")
    for field in ("identity", "attributes"):
        old_values, new_values = getattr(site, field), getattr(said, field)
        changed = {k: v for k, v in new_values.items() if old_values.get(k) != v}
        if changed:
            changes[field] = old_values | changed
            what += [f"{k} “{_plain(old_values.get(k))}” → “{_plain(v)}”" for k, v in sorted(changed.items())]
    if site.merged_into is not None:
        return site, ()
    return site.model_copy(update=changes), tuple(what)


def _plain(value: object) -> str:
    if value is None or value == () or value == "":
        return "空"
    if isinstance(value, bool):
        return "有" if value else "无"
    return "、".join(value) if isinstance(value, tuple) else str(value)


def _notices(table: Table, new: Sequence[RegisteredSite], rows: Sequence[int], release: Release) -> Iterable[str]:
    if table.others:
        yield f"只读了工作表 “{table.sheet}”，没有读：{'、'.join(table.others)}"
    bare = sum(not site.unit for site in new)
    if bare:
        yield f"{bare} 家没有责任单位，可用 --unit 指明，或以后用 sites edit 补上"
    coded = sum(not site.credit_code and not site.unlicensed for site in new)
    if coded:
        yield f"{coded} 家没有统一社会信用代码"
    ended = [row for site, row in zip(new, rows, strict=True) if site.closed is None and may_have_ended(site.note)]
    if ended:
        shown = "、".join(map(str, ended[:10])) + ("等" if len(ended) > 10 else "")
        yield f"{len(ended)} 家的备注像是已停业、注销，登记为在营（第 {shown} 行）；确实停业的用 sites close 登记"
    named = release.focus_areas.names if release.focus_areas else ()
    others = sorted({area for site in new for area in site.areas} - set(named))
    if named and others:
        yield f"重点区域中有方案没有写明的：{'、'.join(others[:10])}（方案写明：{'、'.join(named)}）"


def reasons_of(rejected: Sequence[Rejected]) -> list[tuple[str, list[int]]]:
    """Return every reason with the numbers of its rows, the commonest first."""
    rows: dict[str, list[int]] = {}
    for each in rejected:
        for reason in each.reasons:
            rows.setdefault(reason, []).append(each.row.number)
    return sorted(rows.items(), key=lambda item: (-len(item[1]), item[1]))


def rejected_rows(heading: Heading, rejected: Sequence[Rejected]) -> tuple[list[str], list[Row], list[str]]:
    """Return header, rows and reasons of what is given back to be put right and imported again."""
    titled = {column.number: column.title for column in heading.columns}
    filled = {n for r in rejected for n, value in enumerate(r.row.cells, 1) if value is not None}
    places = sorted({*titled, *filled})  # what stands under no header comes back too
    titles = [titled.get(place, "") for place in places]
    rows = [
        Row(r.row.number, tuple(r.row.cells[p - 1] if p <= len(r.row.cells) else None for p in places))
        for r in rejected
    ]
    return titles, rows, ["；".join(r.reasons) for r in rejected]


def with_source(site: RegisteredSite) -> RegisteredSite:
    """Return a site registered by hand with what tells its row in a later list."""
    return site.model_copy(update={"sources": (source_of(site),)})

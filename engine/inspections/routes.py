"""A route: the sites of a workbook in the order in which they are visited, every cell read strictly."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from engine.inspections.cells import Cell, header_key, is_visible, truth_of, typed_text
from engine.model.release import Release, ReleaseSiteType
from engine.model.sheet import Site
from engine.problems import Mark, Problem, did_you_mean, problem
from engine.workbooks.reading import read_table
from engine.workbooks.table import Row, Table

NAME, TYPE, REGION, AREA, CODE, ADDRESS = "单位名称", "单位类型", "region", "area", "credit_code", "address"
IGNORED = ("序号", "备注")
"""Columns that people keep for themselves."""
HEADER_WITHIN = 10
"""The header is looked for in so many rows: a title may stand above it."""
_CREDIT_CODE = re.compile(r"[0-9A-Z]{15}|[0-9A-Z]{18}")


class RouteSite(NamedTuple):
    """A site of the route with the place of its row."""

    mark: Mark
    site_type: str
    site: Site

    @property
    def in_key_area(self) -> bool:
        """Return whether the site lies in a key area (重点区域)."""
        return self.site.attributes.get(REGION, False)


class Route(NamedTuple):
    """The sites in the order of the workbook, and what whoever prints them must know."""

    sites: tuple[RouteSite, ...]
    notices: tuple[str, ...]


class Column(NamedTuple):
    """A column of the header: its number from 1, its title as written, and the title to compare."""

    number: int
    title: str
    key: str


def read_route(path: Path, release: Release, default_type: str | None = None) -> tuple[Route | None, list[Problem]]:
    """Return the sites of a workbook or CSV file, or None and every mistake in it, each with its cell.

    default_type: the site type of rows that name none; it must be one of the release.
    """
    if default_type is not None and default_type not in release.site_types:
        names = sorted(release.site_types)
        hint = did_you_mean(default_type, names) + f"可用类型：{'、'.join(names)}"
        return None, [problem("E614", site_type=default_type, suggestion=hint)]
    table, problems = read_table(path)
    if table is None:
        return None, problems
    reader = _Reader(table, release, default_type)
    found = [reader.site(row) for row in reader.body]
    if reader.problems:
        return None, reader.problems
    sites = tuple(site for site in found if site is not None)
    unread = [f"只读了工作表 “{table.sheet}”，没有读：{'、'.join(table.others)}"] if table.others else []
    return Route(sites, (*unread, *duplicates(sites))), []


def duplicates(sites: tuple[RouteSite, ...]) -> Iterator[str]:
    """Yield in Chinese which rows may name the same site: the same credit code, or the same name.

    Two of one name with different codes are two.
    """
    codes: dict[str, RouteSite] = {}
    names: dict[str, RouteSite] = {}
    for each in sites:
        code = each.site.identity.get(CODE, "")
        name = header_key(each.site.name)
        same = names.get(name)
        if code and code in codes:
            yield _same(each, codes[code], "统一社会信用代码相同")
        elif same is not None and not (code and same.site.identity.get(CODE)):
            address = header_key(each.site.identity.get(ADDRESS, ""))
            alike = address and address == header_key(same.site.identity.get(ADDRESS, ""))
            yield _same(each, same, "名称和地址相同" if alike else "名称相同")
        if code:
            codes.setdefault(code, each)
        names.setdefault(name, each)


def _same(later: RouteSite, first: RouteSite, why: str) -> str:
    kinds = "" if later.site_type == first.site_type else "，单位类型不同"
    return f"{later.mark.cell} {later.site.name} 与 {first.mark.cell} {first.site.name} 可能是同一家：{why}{kinds}"


class _Reader:
    """One pass over a table: what it makes of it, and every mistake met on the way."""

    def __init__(self, table: Table, release: Release, default_type: str | None) -> None:
        self.problems: list[Problem] = []
        self.body: tuple[Row, ...] = ()
        self._table, self._release, self._default = table, release, default_type
        self._types = _type_names(release)
        self._fields = {name: _fields_of(kind) for name, kind in release.site_types.items()}
        self._columns = self._header()

    def site(self, row: Row) -> RouteSite | None:
        """Return the site of a row, None if there is a mistake in it."""
        before = len(self.problems)
        cells = {c.key: Cell(c.title, row.cells[c.number - 1], self._table.mark(row.number, c.number))
                 for c in self._columns if c.number <= len(row.cells)}  # fmt: skip
        self._stray(row)
        name = self._text(cells.get(NAME))
        if not is_visible(name):
            self._missing(row, NAME, "每行写一家单位的名称；不是单位的行请删去")
        site_type = self._type(cells.get(TYPE), row)
        if site_type is None:
            return None
        identity, attributes = self._details(cells, site_type)
        if len(self.problems) > before:
            return None
        site = Site(name=name, identity=identity, attributes=attributes)
        return RouteSite(self._table.mark(row.number), site_type, site)

    def _header(self) -> tuple[Column, ...]:
        for index, row in enumerate(self._table.rows[:HEADER_WITHIN]):
            titled = [(n, v) for n, v in enumerate(row.cells, 1) if isinstance(v, str) and v.strip()]
            if NAME in (header_key(title) for _, title in titled):
                self.body = self._table.rows[index + 1 :]
                if not self.body:
                    self.problems.append(problem("E633", self._table.mark(row.number)))
                return self._known([Column(n, title.strip(), header_key(title)) for n, title in titled], row.number)
        self.problems.append(problem("E629", Mark(self._table.path)))
        return ()

    def _known(self, columns: list[Column], row: int) -> tuple[Column, ...]:
        """Return the columns without those to pass over; a problem for each that nothing knows or that comes twice."""
        known = {NAME, TYPE, *IGNORED}.union(*self._fields.values())
        first: dict[str, Column] = {}
        for column in columns:
            mark = self._table.mark(row, column.number)
            if column.key not in known:
                hint = did_you_mean(column.key, sorted(known))
                self.problems.append(problem("E630", mark, header=column.title, suggestion=hint))
            elif column.key in first and column.key not in IGNORED:
                before = self._table.mark(row, first[column.key].number).cell
                self.problems.append(problem("E631", mark, header=column.title, first=before))
            first.setdefault(column.key, column)
        self._titled = {column.number for column in columns}
        return tuple(column for key, column in first.items() if key in known and key not in IGNORED)

    def _stray(self, row: Row) -> None:
        """Note what stands under no header."""
        for number, value in enumerate(row.cells, 1):
            if value is not None and number not in self._titled:
                cell = Cell("没有表头的栏", value, self._table.mark(row.number, number))
                self._wrong(cell, "有内容", "请在表头写明这一栏是什么，或删去内容")

    def _type(self, cell: Cell | None, row: Row) -> str | None:
        given = self._text(cell)
        if not given:
            if self._default is None:
                self._missing(row, TYPE, "请加 “单位类型” 一栏并填写，或在命令行写明单位类型")
            return self._default
        found = self._types.get(header_key(given))
        if found is None and cell is not None:
            titles = [_short_title(kind) for kind in self._release.site_types.values()]
            self._wrong(cell, "没有这种单位", did_you_mean(given, titles) + f"可用类型：{'；'.join(titles)}")
        return found

    def _details(self, cells: Mapping[str, Cell], site_type: str) -> tuple[dict[str, str], dict[str, bool]]:
        identity: dict[str, str] = {}
        attributes: dict[str, bool] = {}
        fields = self._fields[site_type]
        for key, cell in cells.items():
            if key in (NAME, TYPE) or cell.value is None:
                continue
            if key not in fields:
                self._foreign(cell, site_type)
                continue
            field, is_attribute = fields[key]
            if is_attribute:
                held = self._truth(cell)
                if held is not None:
                    attributes[field] = held
                continue
            text = self._text(cell, field)
            if text and identity.setdefault(field, text) != text:
                reason, todo = f"与另一栏的 “{identity[field]}” 说的是同一件事", "请只保留一处"
                self._wrong(cell, reason, todo)
        self._area(identity, attributes, site_type)
        return identity, attributes

    def _foreign(self, cell: Cell, site_type: str) -> None:
        """Note what is filled in for a site of another type; that it does not do some business needs no column."""
        if truth_of(cell)[0] is False:
            return
        kind = _short_title(self._release.site_types[site_type])
        self._wrong(cell, f"{kind}没有这一栏", "请留空，或改正单位类型")

    def _area(self, identity: dict[str, str], attributes: dict[str, bool], site_type: str) -> None:
        """A named key area is one: 是 and 否 under it are no names."""
        named = identity.get(AREA, "")
        said = truth_of(Cell("", named, Mark("")))[0] if named else None
        if said is not None:
            del identity[AREA]
        if named and REGION in self._release.site_types[site_type].attributes:
            attributes.setdefault(REGION, said is not False)

    def _text(self, cell: Cell | None, field: str = "") -> str:
        """Return the text of a cell, empty if there is none or a mistake in it."""
        if cell is None:
            return ""
        text, reason, todo = typed_text(cell)
        if field == CODE and reason is None and text:
            text = header_key(text).upper()
            if not _CREDIT_CODE.fullmatch(text):
                reason, todo = "应为 18 位（旧注册号 15 位）数字和字母", "请照营业执照填写；没有的留空"
        if reason is not None:
            self._wrong(cell, reason, todo)
            return ""
        return text

    def _truth(self, cell: Cell) -> bool | None:
        held, reason, todo = truth_of(cell)
        if reason is not None:
            self._wrong(cell, reason, todo)
        return held

    def _wrong(self, cell: Cell, reason: str, todo: str) -> None:
        found = problem("E632", cell.mark, header=cell.title, reason=reason, text=cell.shown, todo=todo)
        self.problems.append(found)

    def _missing(self, row: Row, header: str, todo: str) -> None:
        column = next((c.number for c in self._columns if c.key == header), 0)
        self.problems.append(problem("E634", self._table.mark(row.number, column), header=header, todo=todo))


def _fields_of(kind: ReleaseSiteType) -> dict[str, tuple[str, bool]]:
    """Return field and whether it is an attribute by column title: a label whole, or without what its brackets say."""
    labels = [(i.label, (i.id, False)) for i in (*kind.identity, *kind.unlicensed_identity)]
    labels += [(a.label, (name, True)) for name, a in kind.attributes.items()]
    found: dict[str, tuple[str, bool]] = {}
    for shorten in (False, True):
        for label, field in labels:
            key = header_key(label)
            found.setdefault(key.partition("(")[0] if shorten else key, field)
    return found


def _type_names(release: Release) -> dict[str, str]:
    """Return the site types by what people may write: the id, the title whole or before its brackets, the code."""
    found: dict[str, str] = {}
    for name, kind in release.site_types.items():
        for written in (name, kind.title, _short_title(kind), kind.code):
            found.setdefault(header_key(written), name)
    return found


def _short_title(kind: ReleaseSiteType) -> str:
    return kind.title.partition("（")[0]

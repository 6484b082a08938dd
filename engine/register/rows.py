"""A row of a list as a site, or everything that keeps it from being one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Literal, NamedTuple

from engine.days import parse_day
from engine.inspections.cells import Cell, header_key, is_visible, truth_of, typed_text
from engine.model.release import UNLICENSED, Release
from engine.model.sheet import MAX_SHORT
from engine.model.workspace import RegisteredSite, Unit
from engine.problems import Mark
from engine.register.columns import LABELS, Column, Heading, labels_of
from engine.register.credit_code import clean_code, code_fault
from engine.register.words import areas_of, chain_of, is_blank, is_closed, kinds_of, types_of, unit_named, yes_or_no
from engine.workbooks.table import Row, Table, Unusable, Value

_TOTALS = re.compile("^(合计|总计|小计|共计|填报单位|填表人|填报人|制表|制表人|审核人|注[:：]|说明[:：]|备注[:：])")
_DAY = re.compile(r"([0-9]{4})[年./-]([0-9]{1,2})[月./-]([0-9]{1,2})日?")
_IDENTITY = (
    "licence",
    "address",
    "registered_address",
    "legal_person",
    "head",
    "contact",
    "mode",
    "form",
    "supervisor",
)
"""Fields that go into the identity of the site under their own names; so do the labels of the site types."""
REGION = "region"
LONGEST_WORD = 8
"""Characters of a word for chain or single; what is longer names the head office too."""
_ROW = Mark("")
"""The place of a cell plays no part: reasons go back with their row."""
NEW = "-"
"""The id of a site that a row does not name by its id."""


class Asked(NamedTuple):
    """What whoever imports says beside the table."""

    unit: str = ""
    """Of rows that name none."""
    site_type: str | None = None
    """Of rows that name none."""
    words: Mapping[str, str] = {}
    """What the bureau's own words for kinds of site mean."""
    day: date = date(1970, 1, 1)
    """Of the import: a site without a day of its end has ended by then."""


class Rejected(NamedTuple):
    """A row that is no site yet, and in Chinese everything that is wrong with it."""

    row: Row
    reasons: tuple[str, ...]


class ReadRow(NamedTuple):
    """A row as a site without an id."""

    row: Row
    site: RegisteredSite


class ReadRows(NamedTuple):
    """What the rows of a table are."""

    sites: tuple[ReadRow, ...]
    rejected: tuple[Rejected, ...]
    passed: tuple[int, ...]
    """Numbers of rows that are no sites: totals, headings, whoever filled it in."""
    open_words: Mapping[str, tuple[str, ...]]
    """Words for kinds of site that fit several or none, with those that they fit."""


def read_rows(table: Table, heading: Heading, release: Release, units: Iterable[Unit], asked: Asked) -> ReadRows:
    """Return the sites of a table whose header is understood, the rows that are none, and those passed over."""
    reader = _Reader(table, heading, release, [unit.id for unit in units], asked)
    sites: list[ReadRow] = []
    rejected: list[Rejected] = []
    passed: list[int] = []
    for row in heading.body:
        if reader.is_no_site(row):
            passed.append(row.number)
            continue
        site, reasons = reader.site(row)
        if site is None:
            rejected.append(Rejected(row, tuple(reasons)))
        else:
            sites.append(ReadRow(row, site))
    return ReadRows(tuple(sites), tuple(rejected), tuple(passed), reader.open_words)


def source_of(site: RegisteredSite) -> str:
    """Return 16 digits over what tells the rows of a list apart: type, name, code, licence, address."""
    identity = site.identity
    address = identity.get("address") or identity.get("registered_address", "")
    parts = (site.site_type, site.name, site.credit_code, identity.get("licence", ""), address)
    return hashlib.sha256("\n".join(header_key(part) for part in parts).encode()).hexdigest()[:16]


def shown(value: Value) -> str:
    """Return the content of a cell as text, as it is given back."""
    if value is None:
        return ""
    return value.text if isinstance(value, Unusable) else str(value)


class _Reader:
    """One pass over the rows: what they say, and the words that nobody knows."""

    def __init__(self, table: Table, heading: Heading, release: Release, units: list[str], asked: Asked) -> None:
        self.open_words: dict[str, tuple[str, ...]] = {}
        self._table, self._heading, self._release, self._asked = table, heading, release, asked
        self._units, self._kinds = units, kinds_of(release, asked.words)
        self._labels = {name: labels_of(kind) for name, kind in release.site_types.items()}
        self._known: dict[str, tuple[str, ...]] = {}
        self._columns: dict[str, tuple[Column, ...]] = {}
        for column in heading.columns:
            if column.field is not None:
                self._columns[column.field] = (*self._columns.get(column.field, ()), column)
        self._type_field = next((f for f in ("site_type", "mode", "form") if f in self._columns), None)
        self._names = {header_key(c.title.rpartition("/")[2]) for c in heading.columns}

    def is_no_site(self, row: Row) -> bool:
        """Return whether a row is a total, a heading in between, or who filled the list in."""
        texts = [value for value in row.cells if isinstance(value, str) and value.strip()]
        if not texts or _TOTALS.match(header_key(texts[0])):
            return True
        name = next((shown(cell.value).strip() for cell in self.cells(row, "name")), "")
        if not name:
            return len([value for value in row.cells if value is not None]) == 1  # a heading in between
        return header_key(name) in self._names and sum(header_key(t) in self._names for t in texts) > len(texts) / 2

    def site(self, row: Row) -> tuple[RegisteredSite | None, list[str]]:
        """Return the site of a row, or None and what is wrong with it."""
        wrong: list[str] = []
        read = _Texts(self, row, wrong)
        name = read.text("name")
        if not is_visible(name) or is_blank(name):
            wrong.append("没有写单位名称")
        code = clean_code(read.text("credit_code"))
        if is_blank(code):
            code = ""
        elif fault := code_fault(code):
            wrong.append(f"{fault}（{code}）")
        typed = read.text(self._type_field) if self._type_field else ""
        site_type = self._type(typed, wrong)
        unit = self._unit(read.text("unit"), wrong)
        identity = {self._own(f, site_type): t for f in self._identity_fields() if not is_blank(t := read.text(f))}
        attributes = self._attributes(row, site_type, wrong)
        chain = self._chain(read.text("chain"), typed, site_type, identity, wrong)
        areas, in_area = self._areas(read.text("area"))
        if in_area is not None and site_type and REGION in self._release.site_types[site_type].attributes:
            attributes.setdefault(REGION, in_area)
        closed, note = self._closed(read, wrong)
        if wrong or site_type is None:
            return None, wrong
        site = RegisteredSite(
            id=read.text("id") or NEW, name=name, site_type=site_type, unit=unit, credit_code=code, identity=identity,
            attributes=attributes, chain=chain, areas=areas, closed=closed,
            unlicensed=attributes.get(UNLICENSED, False), note=note,
        )  # fmt: skip
        return site.model_copy(update={"sources": (source_of(site),)}), []

    def _cell(self, row: Row, field: str) -> Cell | None:
        return next(self.cells(row, field), None)

    def cells(self, row: Row, field: str) -> Iterator[Cell]:
        """Yield the cells of a row that tell a field; the empty ones are passed over."""
        for column in self._columns.get(field, ()):
            if column.number <= len(row.cells) and (value := row.cells[column.number - 1]) is not None:
                yield Cell(column.title, value, _ROW)

    def _identity_fields(self) -> list[str]:
        return [f for f in self._columns if f in _IDENTITY or (f not in LABELS and "." not in f)]

    def _own(self, field: str, site_type: str | None) -> str:
        """Return what a field is called for this type of site: one label may stand for two fields."""
        if field in LABELS or site_type is None:
            return field
        key = header_key(self._columns[field][0].title)
        labels = self._labels[site_type]
        return labels.get(key.replace("/", "")) or labels.get(key.rpartition("/")[2]) or field

    def _type(self, text: str, wrong: list[str]) -> str | None:
        if not text:
            if self._asked.site_type is None:
                wrong.append("没有写单位类型")
            return self._asked.site_type
        if text not in self._known:
            self._known[text] = types_of(text, self._kinds)
        found = self._known[text]
        if len(found) == 1:
            return found[0]
        if self._asked.site_type in found or (not found and self._asked.site_type and chain_of(text)):
            return self._asked.site_type  # 零售 in a list of pharmacies; 连锁 says nothing about the kind of site
        self.open_words[text] = found
        titles = "、".join(self._kinds.titles[name] for name in found)
        wrong.append(
            f"单位类型 “{text}” 可能是 {titles}，请写明（几种业务都有的分成几行）"
            if found
            else f"单位类型 “{text}” 不认识"
        )
        return None

    def _unit(self, text: str, wrong: list[str]) -> str:
        if not text:
            return self._asked.unit
        found = unit_named(text, self._units)
        if found is None:
            wrong.append(f"没有责任单位 “{text}”（有：{'、'.join(self._units)}）")
        return found or ""

    def _attributes(self, row: Row, site_type: str | None, wrong: list[str]) -> dict[str, bool]:
        known = self._release.site_types[site_type].attributes if site_type else {}
        found: dict[str, bool] = {}
        for field in self._columns:
            name = field.removeprefix("attribute.")
            cell = self._cell(row, field) if name != field else None
            if cell is None or not shown(cell.value).strip():
                continue
            held, reason, todo = truth_of(cell)
            if reason:
                wrong.append(f"{cell.title} “{shown(cell.value)[:20]}”：{reason}，{todo}")
            elif name in known and held is not None:
                found[name] = held
            elif held and site_type:
                wrong.append(f"{self._kinds.titles[site_type]}没有 “{cell.title}” 这一栏")
        return found

    def _chain(
        self, text: str, typed: str, site_type: str | None, identity: dict[str, str], wrong: list[str]
    ) -> Literal["single", "store", "head"] | None:
        title = self._columns["chain"][0].title if "chain" in self._columns else ""
        found = chain_of(text, title) if text else chain_of(typed)
        if text and found is None and yes_or_no(text) is None:
            if "公司" not in text:
                wrong.append(f"{title} “{text}” 看不懂，请写单体、连锁门店或连锁总部")
            identity["chain"], found = text, "store"  # the name of the head office
        elif text and len(header_key(text)) > LONGEST_WORD:
            identity["chain"] = text  # 连锁（某某大药房连锁有限公司）
        return found if text or site_type == "retail-pharmacy" or found == "head" else None

    def _areas(self, text: str) -> tuple[tuple[str, ...], bool | None]:
        if not text:
            return (), None
        said = yes_or_no(text)
        return ((), said) if said is not None else (areas_of(text), True)

    def _closed(self, read: _Texts, wrong: list[str]) -> tuple[date | None, str]:
        note, written, day = read.text("note"), read.text("closed"), None
        if written:
            day = day_of(written)
            if day is None:
                wrong.append(f"停业日期 “{written}” 看不懂，请写成 2024-01-31 的样子")
        status = read.text("status")
        title = self._columns["status"][0].title if "status" in self._columns else ""
        ended = is_closed(status, title) if status else None
        if status and ended is None:
            wrong.append(f"{title} “{status}” 看不懂，请写在营、停业、注销之一")
        if ended is False and day is not None:
            wrong.append(f"{title} 写 “{status}”，又有停业日期 {written}，请核对")
        if ended and day is None:
            return self._asked.day, f"{note}；导入时登记状态为{status}，日期不详".lstrip("；")
        return day, note


class _Texts:
    """The texts of one row, every mistake noted."""

    def __init__(self, reader: _Reader, row: Row, wrong: list[str]) -> None:
        self._reader, self._row, self._wrong = reader, row, wrong

    def text(self, field: str) -> str:
        """Return what the columns of a field say, joined; empty if nothing or if it cannot be used."""
        found = [
            t
            for cell in self._reader.cells(self._row, field)
            if cell.value is not None and (t := self._one(cell, field))
        ]
        text = " ".join(dict.fromkeys(found))
        if len(text) > MAX_SHORT:
            self._wrong.append(f"{LABELS.get(field, field)}过长（{len(text)} 字，上限 {MAX_SHORT} 字）")
            return ""
        return text

    def _one(self, cell: Cell, field: str) -> str:
        value = cell.value
        if type(value) is str and value.isprintable() and len(value) <= MAX_SHORT and not _NUMBER_LIKE.fullmatch(value):
            return " ".join(value.split())  # what nearly all cells are
        if isinstance(value, str) and _NUMBER_LIKE.fullmatch(value.strip()):
            self._wrong.append(f"{cell.title} “{cell.shown[:40]}”：已被表格软件改成科学计数，请照原件重新填写")
            return ""
        if field == "contact" and isinstance(value, (int, float)) and value % 1 == 0 and abs(value) < MOST:
            return str(int(value))  # a telephone number typed as a number loses nothing but a leading zero
        text, reason, todo = typed_text(cell)
        if reason is not None:
            self._wrong.append(f"{cell.title} “{cell.shown[:40]}”：{reason}，{todo}")
        return text


MOST = 10**12
"""Numbers below it are kept by a spreadsheet to the last digit."""
_NUMBER_LIKE = re.compile(r"[0-9.]+[Ee]\+?[0-9]+")


def day_of(text: str) -> date | None:
    """Return the day that a text names: 2024-01-31, 2024/1/31, 2024.1.31, 2024年1月31日; None for anything else."""
    found = _DAY.fullmatch(header_key(text))
    return parse_day(f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}") if found else None

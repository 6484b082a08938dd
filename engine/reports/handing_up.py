"""A filing as a file that goes up: its figures, the keys of its sites, its joint visits."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from engine.model.roll_up import Joint, Node, ReportFile
from engine.model.tables import Column, OfFollowUp, OfLedger, OfVisits, TableFile
from engine.model.workspace import Filing, RegisteredSite
from engine.problems import Mark, Problem, problem
from engine.reading import read_bytes
from engine.reports.computing import is_flow
from engine.reports.counting import Counter, Item, Kept
from engine.reports.filing import filed_ids, in_order
from engine.reports.situation import is_odd

MAX_REPORT_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 5
"""所, 县, 市, 省 and one more."""


class Read(NamedTuple):
    """A file that was handed in: its name, the SHA-256 of its bytes, what is in it."""

    name: str
    sha256: str
    report: ReportFile


def report_of(
    table: TableFile, kept: Kept, campaign: str, filings: Sequence[Filing], of_units: Iterable[Sequence[Filing]] = ()
) -> ReportFile:
    """Return the last of a unit's filings as a file.

    filings: those of the unit in this series up to the one that is handed up; of_units: likewise of the units below.
    """
    counted = _Counted(table, kept)
    children = tuple(sorted((counted.node(each) for each in of_units if each), key=lambda node: node.unit))
    node = counted.node(filings).model_copy(update={"children": children})
    return ReportFile(
        kind="table-report", campaign=campaign, table=table.table, definition=definition_digest(table),
        people=in_order(filings)[-1].people, node=node,
    )  # fmt: skip


def report_bytes(report: ReportFile) -> bytes:
    """Return the file: the same content gives the same bytes."""
    data = report.model_dump(mode="json", exclude_defaults=True) | {"schema_version": 1}
    return (json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()


def read_report(path: Path) -> tuple[Read | None, list[Problem]]:
    """Return a file that was handed in, or None and why it is not to be trusted."""
    content, problems = read_bytes(path, str(path), MAX_REPORT_BYTES)
    if problems:
        return None, problems
    return parse_report(content, str(path))


def read_reports(paths: Iterable[Path]) -> tuple[list[Read], list[Problem]]:
    """Return the files that can be used, and why the others can not."""
    reads, problems = [], []
    for path in paths:
        read, found = read_report(path)
        reads += [read] if read is not None else []
        problems += found
    return reads, problems


def parse_report(content: bytes, shown: str) -> tuple[Read | None, list[Problem]]:
    """Return what is in the bytes of such a file. Only bytes that this program writes for their content are taken."""
    mark = Mark(shown)
    try:
        report = ReportFile.model_validate_json(content)
    except (ValidationError, ValueError, RecursionError) as error:
        reason = f"内容不是报送文件应有的样子（{_first(error)}）"
        return None, [problem("E860", mark, file=shown, reason=reason)]
    if _depth(report.node) > MAX_DEPTH:
        return None, [problem("E860", mark, file=shown, reason=f"下级超过 {MAX_DEPTH} 层")]
    if odd := next(_odd_texts(report.node), ""):
        return None, [problem("E860", mark, file=shown, reason=f"{odd}里有看不见的字符")]
    if report_bytes(report) != content:
        return None, [problem("E860", mark, file=shown, reason="不是本程序写出的样子，可能被改动或另存过")]
    return Read(shown, hashlib.sha256(content).hexdigest(), report), []


def definition_digest(table: TableFile) -> str:
    """Return what tells versions of a table apart: its columns, their units and how they are counted."""
    columns = {name: column.model_dump(mode="json") for name, column in table.columns.items()}
    for column in columns.values():
        for words in ("also", "note", "clauses", "number", "title"):
            column.pop(words)
    return hashlib.sha256(json.dumps(columns, sort_keys=True).encode()).hexdigest()[:16]


def site_keys(sites: Iterable[RegisteredSite]) -> dict[str, str]:
    """Return the key of each site by its id: the same site in two registers has the same, two of one register never.

    Sites of one register with the same credit code (the register's people decided that they are two) are told apart by
    their names, and by their ids if those are the same as well.
    """
    listed = list(sites)
    plain = {site.id: site.credit_code.upper() or f"{site.site_type}|{_folded(site.name)}" for site in listed}
    named = {site.id: f"{plain[site.id]}|{_folded(site.name)}" for site in listed}
    once, twice = Tally(plain.values()), Tally(named.values())
    chosen = {
        id_: plain[id_] if once[plain[id_]] == 1 else named[id_] if twice[named[id_]] == 1 else f"{named[id_]}|{id_}"
        for id_ in plain
    }
    return {id_: key_of(text) for id_, text in chosen.items()}


def key_of(text: str) -> str:
    """Return a key: the beginning of the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def is_distinct(column: Column) -> bool:
    """Return whether a column counts 家, which are made distinct again when files are merged."""
    return isinstance(column.source, (OfVisits, OfLedger)) and column.source.count == "sites"


class _Counted:
    """Items of the columns by id, and what the keys of sites and the joint visits need."""

    def __init__(self, table: TableFile, kept: Kept) -> None:
        self._table, self._kept = table, kept
        self._counter = Counter(kept)
        self._items: dict[str, dict[str, list[Item]]] = {}
        for name, column in table.columns.items():
            by_id: dict[str, list[Item]] = {}
            for item in self._counter.items(column):
                by_id.setdefault(item.id, []).append(item)
            self._items[name] = by_id
        self._keys = site_keys(kept.sites)
        self._inspection = {finding.id: finding.inspection for finding in kept.findings}

    def node(self, filings: Sequence[Filing]) -> Node:
        """Return the last of the filings of a unit with everything that it counted."""
        ordered = in_order(filings)
        last = ordered[-1]
        ids = filed_ids(ordered, last.unit).get("", {})
        values = {
            name: (
                last.period[name].value if name in last.period else None,
                last.total[name].value if name in last.total else None,
            )
            for name in self._table.columns
        }
        flows = [name for name, column in self._table.columns.items() if is_flow(column, self._table)]
        return Node(
            unit=last.unit, start=last.start, cut_off=last.cut_off, serial=last.serial, filed=last.filed, by=last.by,
            reviewer=last.reviewer, phone=last.phone, zero=last.zero, head=last.head,
            situation=last.situation, values=values,
            lists={name: key_of("\n".join(sorted(ids[name]))) for name in flows if ids.get(name)},
            sites=self._sites(last, ids), joint=tuple(self._joint(last, ids)),
        )  # fmt: skip

    def _sites(
        self, last: Filing, ids: Mapping[str, frozenset[str]]
    ) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
        found = {}
        for name, column in self._table.columns.items():
            if is_distinct(column):
                period = last.period[name].ids if name in last.period else ()
                found[name] = (self._of_sites(name, period), self._of_sites(name, ids.get(name, frozenset())))
        return found

    def _of_sites(self, name: str, ids: Iterable[str]) -> tuple[str, ...]:
        sites = {item.key for id_ in ids for item in self._items[name].get(id_, ())}
        return tuple(sorted({self._keys.get(site) or key_of(site) for site in sites}))

    def _joint(self, last: Filing, ids: Mapping[str, frozenset[str]]) -> list[Joint]:
        counts: dict[str, dict[str, int]] = {}
        in_period: set[str] = set()
        for name, column in self._table.columns.items():
            source = column.source
            if not isinstance(source, (OfVisits, OfFollowUp)) or is_distinct(column):
                continue
            if isinstance(source, OfVisits) and source.count == "people":
                continue
            period = set(last.period[name].ids) if name in last.period else set()
            for id_ in ids.get(name, ()):
                visit = self._inspection.get(id_, id_)
                facts = self._counter.facts(visit)
                if facts is not None and facts.assisting:
                    amount = sum(item.amount for item in self._items[name].get(id_, ()))
                    counts.setdefault(visit, {})[name] = counts.get(visit, {}).get(name, 0) + amount
                    if id_ in period:
                        in_period.add(visit)
        found = []
        for visit, counted in counts.items():
            facts = self._counter.facts(visit)
            assert facts is not None
            key = self._keys.get(facts.site) or key_of(facts.site)
            found.append(Joint(site=key, day=facts.date, lead=facts.unit, period=visit in in_period, counts=counted))
        return sorted(found, key=lambda joint: (joint.day, joint.site, joint.lead, sorted(joint.counts.items())))


def _folded(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def _depth(node: Node) -> int:
    return 1 + max((_depth(child) for child in node.children), default=0)


def _odd_texts(node: Node) -> Iterator[str]:
    """Yield which texts hold signs that no printed table can show; only 开展情况 has several lines."""
    told = {"单位": node.unit, "填报人": node.by, "审核人": node.reviewer, "电话": node.phone, "链末": node.head}
    yield from (name for name, text in told.items() if any(map(is_odd, text)))
    if any(map(is_odd, node.situation.replace("\n", ""))):
        yield "开展情况"
    if any(map(is_odd, "".join((*node.expected, *(joint.lead for joint in node.joint))))):
        yield "单位名称"
    for child in node.children:
        yield from _odd_texts(child)


def _first(error: Exception) -> str:
    if isinstance(error, ValidationError):
        detail = error.errors(include_url=False, include_input=False, include_context=False)[0]
        return f"{'.'.join(str(step) for step in detail['loc'])[:80]}：{detail['type']}"
    return type(error).__name__

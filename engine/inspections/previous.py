"""The last record of each site of a route, found in a folder of records."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from engine.days import parse_day
from engine.inspections.cells import header_key
from engine.inspections.opening import MAX_SHEET_BYTES
from engine.model.sheet import Site
from engine.problems import Mark, Problem, problem, sort
from engine.source import load

MAX_FILES = 20_000
SUFFIXES = (".yaml", ".yml")


class Kept(NamedTuple):
    """Whose record a file is, of which day."""

    path: Path
    site_type: str
    name: str
    credit_code: str
    day: date


def read_folder(folder: Path) -> tuple[tuple[Kept, ...], list[Problem]]:
    """Return whose records lie in a folder and the folders in it, and what is wrong with files that cannot be read.

    Other YAML files (sheets, rules) are passed over. A record without a day of inspection is as old as can be.
    """
    if not folder.is_dir():
        return (), [problem("E101", Mark(str(folder)), reason="没有这个目录")]
    found = list(islice((p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES), MAX_FILES + 1))
    if len(found) > MAX_FILES:
        return (), [problem("E120", Mark(str(folder)), what="文件数", size=f"超过 {MAX_FILES}", limit=MAX_FILES)]
    records: list[Kept] = []
    problems: list[Problem] = []
    for path in sorted(found):
        document, wrong = load(path, limit=MAX_SHEET_BYTES)
        problems += wrong
        kept = _kept(path, document.data) if document is not None else None
        if kept is not None:
            records.append(kept)
    return tuple(records), list(sort(problems))


def _kept(path: Path, data: object) -> Kept | None:
    if not (isinstance(data, dict) and data.get("kind") == "record"):
        return None
    site, visit = _mapping(data, "site"), _mapping(data, "visit")
    day = parse_day(str(visit.get("date") or "")) or date.min
    code = header_key(str(_mapping(site, "identity").get("credit_code") or "")).upper()
    return Kept(path, str(data.get("site_type")), header_key(str(site.get("name") or "")), code, day)


def _mapping(data: object, key: str) -> dict[str, object]:
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, dict) else {}


class Records:
    """Records by credit code and by name, for the sites of a route."""

    def __init__(self, kept: Iterable[Kept], before: date | None = None) -> None:
        """before: only inspections of earlier days count; None: all of them."""
        self._by_code: dict[tuple[str, str], Kept] = {}
        self._by_name: dict[tuple[str, str], list[Kept]] = {}
        for each in sorted(kept, key=lambda k: (k.day, str(k.path))):
            if before is not None and each.day >= before:
                continue
            if each.credit_code:
                self._by_code[each.site_type, each.credit_code] = each
            if each.name:
                self._by_name.setdefault((each.site_type, each.name), []).append(each)

    def newest(self, site_type: str, site: Site) -> Path | None:
        """Return the newest record of a site: by its credit code, else by its name; None if there is none.

        A record of the same name with another credit code is somebody else's.
        """
        code = header_key(site.identity.get("credit_code", "")).upper()
        found = self._by_code.get((site_type, code)) if code else None
        if found is not None:
            return found.path
        named = self._by_name.get((site_type, header_key(site.name)), [])
        same = [kept for kept in named if not (code and kept.credit_code)]
        return same[-1].path if same else None

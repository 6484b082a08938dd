"""Check the clause numbers of the drug GSP inspection guideline that a domain list names.

    python tools/check_gsp_items.py LAW_DIR SITE_TYPES_JSON

LAW_DIR holds inspection_items.jsonl (one clause of a guideline a line: guideline, chapter, clause, defect_level).
SITE_TYPES_JSON is a list of site types with their items (id, grade, why, basis). An item names clauses by five digits
after their mark, ** critical, * major, none minor: *15201, **00401, 16112～16115; in its basis those of source S1.
A clause must exist in the part of the guideline that binds the site (retail for YD, wholesale for all others), and its
mark and its level must be those of the guideline. A range claims its mark for every clause in it that is not named on
its own. A guideline clause whose own mark and level differ is told too.

Prints what does not agree, one a line; the exit code is 1 if there is anything.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

GUIDELINE = "drug-gsp-inspection-guideline@2016"
RETAIL = ("YD",)
LEVELS = {"**": "严重缺陷", "*": "主要缺陷", "": "一般缺陷"}
_SOURCE = re.compile(r"\[S1(?![0-9])([^\]]*)\]")
_CLAUSE = re.compile(r"(?<![0-9*])(\*{0,2})([0-9]{5})(?![0-9])(?:\s*(?:\.\.|[–—～~-])\s*(\*{0,2})([0-9]{5})(?![0-9]))?")


class Named(NamedTuple):
    """A clause or a range of clauses that an item names in one of its fields."""

    item: str
    field: str
    mark: str
    first: str
    last: str
    """The last of a range; the same as first if it is one clause."""
    last_mark: str

    @property
    def text(self) -> str:
        """How it stands in the list, with one form of dash."""
        end = f"～{self.last_mark}{self.last}" if self.last != self.first else ""
        return f"{self.mark}{self.first}{end}"


class Clause(NamedTuple):
    """A clause of the guideline: its mark and its level."""

    mark: str
    level: str


def named(item: dict[str, Any]) -> Iterator[Named]:
    """Yield the clauses that an item names, field by field in the order they stand."""
    for field in ("grade", "why", "basis"):
        text = str(item.get(field, ""))
        for part in _SOURCE.findall(text) if field == "basis" else [text]:
            for mark, first, last_mark, last in _CLAUSE.findall(part):
                yield Named(item["id"], field, mark, first, last or first, last_mark if last else mark)


def read_guideline(path: Path) -> tuple[dict[tuple[str, str], Clause], list[str]]:
    """Return the clauses by part (零售, 批发) and number, and what the guideline says against itself."""
    clauses, complaints = {}, []
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if record["guideline"] != GUIDELINE:
                continue
            part = record["chapter"].partition("/")[0].removeprefix("药品")
            number = record["clause"].lstrip("*")
            mark = record["clause"].removesuffix(number)
            clauses[part, number] = Clause(mark, record["defect_level"])
            if LEVELS.get(mark) != record["defect_level"]:
                complaints.append(f"指导原则 {part} {record['clause']}：标记与等级 {record['defect_level']} 不一致")
    return clauses, complaints


def check(site_types: list[dict[str, Any]], clauses: dict[tuple[str, str], Clause]) -> tuple[int, list[str]]:
    """Return how many clauses and ranges the items name, and what does not agree with the guideline."""
    count, complaints = 0, []
    for site_type in site_types:
        part = "零售" if site_type["code"] in RETAIL else "批发"
        for item in site_type["items"]:
            names = list(named(item))
            count += len(names)
            single = {n.first for n in names if n.first == n.last}
            for name in names:
                where = f"{name.item} {name.field} {name.text}"
                complaints += [f"{where}：{fault}" for fault in _faults(name, part, clauses, single)]
    return count, complaints


def _faults(name: Named, part: str, clauses: dict[tuple[str, str], Clause], single: set[str]) -> Iterator[str]:
    if name.last < name.first:
        yield "范围的终点在起点之前"
    for number, mark in {name.first: name.mark, name.last: name.last_mark}.items():
        clause = clauses.get((part, number))
        if clause is None:
            other = next((p for p, n in clauses if n == number), None)
            yield f"{part}部分没有 {number}" + (f"（{other}部分有）" if other else "")
        elif clause.mark != mark:
            yield f"{part}部分为 {clause.mark}{number}（{clause.level}）"
    for (where, number), clause in sorted(clauses.items()):
        if where == part and name.first < number < name.last and number not in single and clause.mark != name.mark:
            yield f"范围内的 {clause.mark}{number} 为{clause.level}"


def main(arguments: list[str]) -> int:
    """Run the check and return the exit code."""
    if len(arguments) != 2:
        print(__doc__)
        return 2
    clauses, own = read_guideline(Path(arguments[0]) / "inspection_items.jsonl")
    site_types = json.loads(Path(arguments[1]).read_text(encoding="utf-8"))
    count, complaints = check(site_types, clauses)
    for complaint in (*own, *complaints):
        print(complaint)
    print(f"指导原则 {len(clauses)} 条，清单引用 {count} 处，不一致 {len(own) + len(complaints)} 处")
    return 1 if own or complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

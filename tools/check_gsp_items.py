"""Check the clauses of the drug GSP inspection guideline that the rules name, against the guideline itself.

    python tools/check_gsp_items.py LAW_DIR

LAW_DIR holds inspection_items.jsonl (one clause of a guideline a line: guideline, chapter, clause, defect_level).
Rules name clauses under applies_to, `gsp: ['**00401', '*15201', '16112']`: five digits behind their mark, ** critical,
* major, none minor. A clause must exist, with this mark, in the part of the guideline that binds the site: retail for
retail-pharmacy, wholesale for all others. Where mark and level disagree in the guideline itself the mark counts.

Prints what does not agree, one a line; the exit code is 1 if there is anything.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from engine.library.files import place
from engine.library.load import load_library
from engine.library.resolve import rules_of
from engine.model.rules import Rule

GUIDELINE = "drug-gsp-inspection-guideline@2016"
RETAIL = ("retail-pharmacy",)
LEVELS = {"**": "严重缺陷", "*": "主要缺陷", "": "一般缺陷"}


def read_guideline(path: Path) -> dict[tuple[str, str], str]:
    """Return the mark of each clause of the guideline by part (零售, 批发) and number."""
    clauses = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if record["guideline"] == GUIDELINE:
                part = record["chapter"].partition("/")[0].removeprefix("药品")
                number = record["clause"].lstrip("*")
                clauses[part, number] = record["clause"].removesuffix(number)
    return clauses


def check(rules: Iterable[Rule], clauses: dict[tuple[str, str], str]) -> tuple[int, list[str]]:
    """Return how many clauses the rules name, and what does not agree with the guideline."""
    count, complaints = 0, []
    for rule in rules:
        for site_type, application in rule.applies_to.items():
            part = "零售" if site_type in RETAIL else "批发"
            count += len(application.gsp)
            for named in application.gsp:
                complaints += [f"{application.code} {named}：{fault}" for fault in _faults(named, part, clauses)]
    return count, complaints


def _faults(named: str, part: str, clauses: dict[tuple[str, str], str]) -> Iterator[str]:
    number = named.lstrip("*")
    clause = clauses.get((part, number))
    if clause is None:
        other = next((p for p, n in clauses if n == number), None)
        yield f"{part}部分没有 {number}" + (f"（{other}部分有）" if other else "")
        return
    if named != clause + number:
        yield f"{part}部分为 {clause}{number}（{LEVELS[clause]}）"


def main(arguments: list[str]) -> int:
    """Run the check and return the exit code."""
    if len(arguments) != 1:
        print(__doc__)
        return 2
    clauses = read_guideline(Path(arguments[0]) / "inspection_items.jsonl")
    rules = [rule for _, _, rule in rules_of(load_library(place(None)))]
    count, complaints = check(rules, clauses)
    for complaint in complaints:
        print(complaint)
    print(f"指导原则 {len(clauses)} 条，规则引用 {count} 处，不一致 {len(complaints)} 处")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

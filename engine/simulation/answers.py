"""What is answered at a made-up visit: the answers are those of the cases that the rules carry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from random import Random
from typing import Any

from engine.days import parse_day
from engine.model.checklist import Checklist
from engine.model.questions import Rows
from engine.model.release import ReleaseItem
from engine.model.rules import Case, PriorityFile
from engine.model.workspace import KeptFinding
from engine.register.facts import FOLLOW_UP, TRACE
from engine.rulebook.cases import CASE_DAY

PRODUCTS = (
    "阿莫西林胶囊",
    "布洛芬缓释胶囊",
    "硝苯地平控释片",
    "二甲双胍片",
    "连花清瘟胶囊",
    "一次性使用无菌注射器",
    "医用外科口罩",
    "面霜",
)
SUPPLIERS = ("安徽甲医药有限公司", "安徽乙医药有限公司", "江苏丙医疗器械有限公司")
SOUND = {
    "supplier_licence": "有效", "authorisation": "齐全", "delivery_note": "是", "invoice": "是", "ledger": "是",
    "stock": "是", "payment": "是",
}  # fmt: skip

Cases = Mapping[str, Sequence[Case]]
"""By rule."""


def cases_of(priorities: Iterable[PriorityFile]) -> dict[str, list[Case]]:
    """Return the cases of every rule that stand on one answer alone."""
    return {
        rule.id: [c for c in rule.cases if c.answer is not None and not (c.answers or c.earlier or c.date)]
        for file in priorities
        for rule in file.rules
    }  # fmt: skip


def make_answers(
    checklist: Checklist, cases: Cases, rng: Random, faults: int, red_line: bool, earlier: Sequence[KeptFinding] = ()
) -> dict[str, Any]:
    """Return answers to a checklist with so many items that are not as they should be.

    red_line: one of them is a red line. earlier: findings that are looked at again; some are not put right.
    """
    items = [entry.item for entry in checklist.items() if entry.item.grid is None]
    wrong = _wrong(checklist, items, cases, rng, faults, red_line)
    found: dict[str, Any] = {}
    for item in items:
        good = [case.answer for case in _fitting(checklist, cases, item) if case.finds == "nothing"]
        good = [answer for answer in good if answer != "不适用"] or good
        if item.code in wrong:
            found[item.code] = _named(item, _moved(wrong[item.code], checklist.date), rng)
        elif good:
            found[item.code] = _moved(rng.choice(good), checklist.date)
    if TRACE in checklist.grids:
        found[TRACE] = _trace(rng, checklist.grids[TRACE].answer.columns, bad=faults > len(wrong))
    if earlier and FOLLOW_UP in checklist.grids:
        found[FOLLOW_UP] = [
            {
                "item": f.id,
                "finding": f.rule,
                "problem": f.sentence,
                "result": rng.choice(("已整改", "已整改", "未整改")),
            }
            for f in earlier
        ]
    return found


def _fitting(checklist: Checklist, cases: Cases, item: ReleaseItem) -> list[Case]:
    """Return the cases of an item that are of such a site."""
    held = checklist.site.attributes
    return [
        case
        for case in cases.get(item.rule, ())
        if case.site_type in (None, checklist.site_type) and all(held.get(n) is has for n, has in case.site.items())
    ]


def _wrong(
    checklist: Checklist, items: Sequence[ReleaseItem], cases: Cases, rng: Random, faults: int, red_line: bool
) -> dict[str, Any]:
    """Return the answers that are findings, by code. With several faults one may be left to the trace table."""
    plain: list[tuple[str, Any]] = []
    grave: list[tuple[str, Any]] = []
    for item in items:
        red = {finding.id for finding in item.findings if finding.red_line}
        for case in _fitting(checklist, cases, item):
            if case.finds not in ("nothing", "unknown"):
                finds = (case.finds,) if isinstance(case.finds, str) else case.finds
                (grave if red & set(finds) else plain).append((item.code, case.answer))
    chosen = [rng.choice(grave)] if red_line and grave else []
    wanted = faults - (1 if faults > 1 and rng.random() < 0.4 else 0)
    codes = sorted({code for code, _ in plain} - {code for code, _ in chosen})
    for code in rng.sample(codes, min(len(codes), max(0, wanted - len(chosen)))):
        chosen.append((code, rng.choice([answer for own, answer in plain if own == code])))
    return dict(chosen)


def _moved(answer: Any, day: date) -> Any:
    """Return an answer of a case with its dates as far from this day as they are from the day of the cases."""
    if isinstance(answer, dict):
        return {name: _moved(value, day) for name, value in answer.items()}
    if isinstance(answer, list):
        return [_moved(value, day) for value in answer]
    known = parse_day(answer) if isinstance(answer, str) else None
    return answer if known is None else (known + (day - CASE_DAY)).isoformat()


def _named(item: ReleaseItem, answer: Any, rng: Random) -> Any:
    """Return rows with the products and quantities that the cases leave out; other answers as they are."""
    if not (isinstance(item.answer, Rows) and isinstance(answer, list)):
        return answer
    columns = item.answer.columns
    told = {
        "quantity": rng.randrange(1, 60), "unit_price": rng.randrange(100, 9900) / 100,
        "place": rng.choice(("柜台", "仓库", "冷藏柜")),
    }  # fmt: skip
    rows = []
    for number, row in enumerate(answer):
        more = {name: value for name, value in told.items() if name in columns and name not in row}
        named = {"product": f"{rng.choice(PRODUCTS)}{number or ''}"} if "product" in row else {}
        rows.append({**row, **named, **more})
    return rows


def _trace(rng: Random, columns: Mapping[str, object], bad: bool) -> list[dict[str, Any]]:
    sound = {name: value for name, value in SOUND.items() if name in columns}
    rows: list[dict[str, Any]] = []
    for product in rng.sample(PRODUCTS, rng.randrange(1, 5)):
        for _ in range(rng.choice((1, 1, 2))):
            batch = f"B{rng.randrange(10**5):05}"
            rows.append({"product": product, "batch": batch, "supplier": rng.choice(SUPPLIERS), **sound})
    if bad and "invoice" in columns:
        rows[0] |= {"invoice": "否", "quantity": rng.randrange(1, 40), "unit_price": rng.randrange(100, 5000) / 100}
    return rows

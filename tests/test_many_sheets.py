"""Thousands of random sheets of every released checklist: both backends agree, memory is flat, order does not matter."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping
from contextlib import closing
from datetime import timedelta
from itertools import pairwise

import pytest
from pydantic import JsonValue

from engine.evaluation.evaluate import Evaluator
from engine.library.files import Place
from engine.library.releases import Locked, current_release
from engine.model.base import ItemResult
from engine.model.checklist import Checklist
from engine.model.questions import AnswerSpec, Choice, Choices, Count, DateQuestion, Number, Readings, Rows, YesNo
from engine.model.sheet import Answer, AnswerSheet, Site, Visit
from engine.tailor import tailor

SEED = int(os.environ.get("CHUNFENG_SEED", "20241124"))
KINDS = [("2019", "retail-pharmacy"), ("2019", "clinic"), ("2024", "retail-pharmacy"), ("2024", "clinic")]


class _Sheets:
    """Random sheets of one checklist; about one fact in six is left out."""

    def __init__(self, locked: Locked, checklist: Checklist, seed: int) -> None:
        self.checklist, self.random = checklist, random.Random(seed)
        self._blank = AnswerSheet(
            campaign=checklist.campaign, lock=locked.lock, site_type=checklist.site_type, routine=checklist.routine,
            site=Site(), visit=Visit(date=checklist.date), answers={},
        )  # fmt: skip

    def draw(self) -> AnswerSheet:
        answers = {name: self._answer(grid.answer, {}) for name, grid in self.checklist.grids.items()}
        for each in self.checklist.items():
            item = each.item
            spec = YesNo(type="yes_no") if item.grid else item.answer
            answers[item.code] = self._answer(spec, item.details, table=bool(item.grid))
        return self._blank.model_copy(update={"answers": answers})

    def _answer(self, spec: AnswerSpec, details: Mapping[str, AnswerSpec], *, table: bool = False) -> Answer:
        dice = self.random.random()
        if dice < 0.08:
            return Answer(status="not-applicable")
        value = None if table or dice < 0.2 else self._value(spec)
        inner = {n: self._value(s) for n, s in details.items() if self.random.random() < 0.8}
        return Answer(status="answered" if value is not None or inner else "not-checked", value=value, details=inner)

    def _value(self, spec: AnswerSpec) -> JsonValue:
        draw = self.random
        match spec:
            case YesNo():
                return draw.choice(["是", "否"])
            case Choice(options=options):
                return draw.choice(options)
            case Choices(options=options):
                return [o for o in options if draw.random() < 0.3]
            case Number(low=low, high=high):
                return round(draw.uniform(low if low is not None else -50, high if high is not None else 100), 1)
            case Count():
                return draw.choice([0, 1, 2, 3, 7, 60])
            case DateQuestion():
                return (
                    self.checklist.date + timedelta(days=draw.choice([-800, -400, -31, -1, 0, 1, 29, 400]))
                ).isoformat()
            case Readings():
                return [
                    {"reading": draw.choice([-3.0, 2.0, 8.0, 8.1, 9.6]), "device": f"{i}号柜"}
                    for i in range(draw.randint(1, 3))
                ]
            case Rows(columns=columns, key=key):
                rows = []
                for i in range(draw.randint(1, 4)):
                    row = {n: self._value(c) for n, c in columns.items() if n in key or draw.random() < 0.8}
                    rows.append(row | {n: f"{n}{i}" for n in key})
                return rows
            case _:
                return draw.choice(["", "“引号”与\\反斜杠", "😀", "a" * 300, "{answer}"])


def _sheets(place: Place, campaign: str, site_type: str, seed: int) -> tuple[Locked, _Sheets]:
    locked, problems = current_release(place, campaign)
    assert locked is not None, problems
    checklist, problems = tailor(locked, site_type, Site(), locked.release.period.start, routine=True)
    assert checklist is not None, problems
    return locked, _Sheets(locked, checklist, seed)


def _resident() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _recount(sheets: _Sheets, sheet: AnswerSheet, evaluator: Evaluator) -> int:
    """Evaluate, hold the result against itself and against the same answers in another order; return the findings."""
    evaluation = evaluator.evaluate(sheets.checklist, sheet)
    found = {f.code for f in evaluation.findings if f.layer == 1}
    failed = {i.code for i in evaluation.items if i.result is ItemResult.NON_COMPLIANT}
    assert found == failed
    assert [f.number for f in evaluation.findings] == list(range(1, len(evaluation.findings) + 1))
    named = [(f.id, tuple(sorted(f.subject.items()))) for f in evaluation.findings]
    assert len(named) == len(set(named)), "one fault, one finding"
    for finding in evaluation.findings:
        assert finding.duty, finding.id
        assert all(parent < finding.number for parent in finding.parents)
        assert bool(finding.parents) or finding.layer == 1 or "recurrence" in finding.id
    turned = sheet.model_copy(update={"answers": dict(reversed(sheet.answers.items()))})
    assert evaluator.evaluate(sheets.checklist, turned) == evaluation
    return len(evaluation.findings)


@pytest.mark.parametrize(("campaign", "site_type"), KINDS)
def test_random_sheets_are_judged_alike_by_both_backends(campaign: str, site_type: str, packaged: Place) -> None:
    """A disagreement of durable_rules and the reference raises inside the evaluation."""
    locked, sheets = _sheets(packaged, campaign, site_type, SEED)
    with closing(Evaluator(locked, site_type)) as evaluator:
        assert sum(_recount(sheets, sheets.draw(), evaluator) for _ in range(40)) > 200


@pytest.mark.long
@pytest.mark.parametrize(("campaign", "site_type"), KINDS)
def test_thousands_of_random_sheets_in_flat_memory(campaign: str, site_type: str, packaged: Place) -> None:
    print(f"seed {SEED}: 3,000 sheets of {site_type} {campaign}")
    locked, sheets = _sheets(packaged, campaign, site_type, SEED)
    marks = []
    with closing(Evaluator(locked, site_type)) as evaluator:
        for number in range(3000):
            _recount(sheets, sheets.draw(), evaluator)
            if number % 750 == 749:
                marks.append(_resident())
    growth = [later - earlier for earlier, later in pairwise(marks)]
    assert growth[-1] < 2_000_000, f"resident memory after each 750 sheets: {marks}"

"""What is open in a sheet (待确认), settled by a person: an answer chosen or given, with a name and a reason."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import JsonValue

from engine.answering.writing import sheet_data
from engine.inspections.opening import Inspection
from engine.model.sheet import Basis, Origin, Unsettled
from engine.problems import Mark, Problem, problem

_NEEDS_REASON = ("conflict", "changed")
_HOW = {"unsure": "confirmed", "conflict": "settled", "changed": "carried"}


class Decision(NamedTuple):
    """What a person decided of one open answer."""

    code: str
    """Item code or table, or visit.place."""
    take: int | None = None
    """Number of the candidate, from 1."""
    answer: JsonValue = None
    """The answer itself, if none of the candidates is right."""
    why: str = ""


def settle(
    inspection: Inspection, decisions: list[Decision], *, by: str, at: str, basis: Basis | None = None
) -> tuple[dict[str, JsonValue] | None, list[Problem]]:
    """Return the data of the sheet with the decisions taken, or None and what is wrong with them.

    The answers themselves are not read here: open the data again (engine.inspections.opening.open_sheet). A conflict
    and a changed question need a reason; nobody decides without a name. basis: what the decisions rest on.
    """
    data: dict[str, Any] = copy.deepcopy(sheet_data(inspection))
    unsettled = inspection.sheet.unsettled
    problems = [] if by.strip() else [problem("E644", code="确认", reason="没有写明由谁确认", todo="请用 --by 写姓名")]
    told: dict[str, Any] = data.setdefault("provenance", {"sources": [{"way": "yaml"}]})
    for decision in decisions:
        found = unsettled.get(decision.code)
        wrong = _wrong(decision, found, unsettled)
        if wrong is not None or found is None:
            problems += [wrong] if wrong is not None else []
            continue
        candidate = found.candidates[decision.take - 1] if decision.take is not None else None
        _put(data, decision.code, candidate.answer if candidate is not None else decision.answer)
        data["unsettled"].pop(decision.code, None)
        source = candidate.source if candidate is not None else 1
        told_so = {"source": source, "how": _HOW[found.kind], "by": by, "at": at, "why": decision.why, "basis": basis}
        origin = Origin.model_validate(told_so)
        told.setdefault("answers", {})[decision.code] = origin.model_dump(mode="json", exclude_defaults=True)
    return (None if problems else data), problems


def _wrong(decision: Decision, found: Unsettled | None, unsettled: Mapping[str, Unsettled]) -> Problem | None:
    mark = Mark("", cell=decision.code)
    if found is None:
        todo = f"待确认的有：{'、'.join(unsettled)}" if unsettled else "这份答卷没有待确认的答案"
        return problem("E644", mark, code=decision.code, reason="不在待确认之列", todo=todo)
    if decision.take is not None and not 1 <= decision.take <= len(found.candidates):
        todo = f"可选 1 到 {len(found.candidates)}"
        return problem("E644", mark, code=decision.code, reason=f"没有第 {decision.take} 种答案", todo=todo)
    if found.kind in _NEEDS_REASON and not decision.why.strip():
        return problem("E644", mark, code=decision.code, reason="没有写明为什么这样定", todo="请用 --why 写明理由")
    return None


def _put(data: dict[str, Any], code: str, answer: JsonValue) -> None:
    if not code.startswith(("visit.", "site.")):
        data["answers"][code] = answer
        return
    *folders, last = code.split(".")
    inner = data
    for folder in folders:
        inner = inner.setdefault(folder, {})
    inner[last] = answer

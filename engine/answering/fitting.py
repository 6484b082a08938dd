"""Past answers as answers to the questions of another release; those that are none are named with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from pydantic import JsonValue

from engine.inspections.opening import Inspection
from engine.library.comparing import Standing, same_answers, standings
from engine.model.checklist import Checklist
from engine.model.questions import AnswerSpec, Choice, Choices, Rows
from engine.model.release import Release
from engine.model.sheet import Answer

RETIRED, ROUTINE, NO_LAW = "项目废止", "方案不再列入", "没有有效依据"
SCOPE, ASKED, PARTLY = "不再适用于这个单位", "问法改变", "有的栏目、细目取消或改了问法"
_OMITTED = {"routine": ROUTINE, "no-basis": NO_LAW}


class Fitted(NamedTuple):
    """Answers that count in another checklist, and those that do not."""

    answers: dict[str, Answer]
    """By the codes and tables of the other checklist."""
    lost: dict[str, str]
    """By the code or table of the old one: why the answer does not count."""
    partly: tuple[str, ...]
    """Codes and tables of which a part counts."""


def fitted(inspection: Inspection, release: Release, checklist: Checklist) -> Fitted:
    """Return the answers of an inspection for the checklist of the same site by another release.

    An answer counts while its question is of the same kind, unit and options, or has more options, columns or details
    than before; how it is worded and judged makes no difference.
    """
    site_type = inspection.sheet.site_type
    before, after = standings(inspection.locked.release, site_type), standings(release, site_type)
    rules = {standing.item.code: rule for rule, standing in before.items()}
    listed = {entry.item.rule for entry in checklist.items()}
    found = Fitted({}, {}, ())
    for code, answer in inspection.sheet.answers.items():
        rule = rules.get(code)
        if rule is None:
            old, new = inspection.checklist.grids.get(code), checklist.grids.get(code)
            kept = _table(answer, old.answer, new.answer) if old is not None and new is not None else None
            why = ASKED if new is not None else ROUTINE if code in release.grids else RETIRED
            found = _with(found, code, code, answer, kept, why)
        elif rule not in listed:
            found.lost[code] = _why_not_listed(after.get(rule), checklist)
        else:
            kept = _answer(answer, before[rule], after[rule])
            found = _with(found, code, after[rule].item.code, answer, kept, ASKED)
    return found


def _with(found: Fitted, old: str, new: str, answer: Answer, kept: Answer | None, why: str) -> Fitted:
    if kept is None:
        found.lost[old] = why
        return found
    found.answers[new] = kept
    return found if kept == answer else found._replace(partly=(*found.partly, old))


def _why_not_listed(standing: Standing | None, checklist: Checklist) -> str:
    if standing is None:
        return RETIRED
    kind = next((omitted.kind for omitted in checklist.omitted if omitted.code == standing.item.code), "")
    return _OMITTED.get(kind, SCOPE)


def _answer(answer: Answer, before: Standing, after: Standing) -> Answer | None:
    """Return an answer without what is no longer asked beside it, None if the question itself is another."""
    if not _fits(answer.value, before.item.answer, after.item.answer):
        return None
    old, new = before.item.details, after.item.details
    details = {name: held for name, held in answer.details.items() if _fits_named(name, held, old, new)}
    value = _trimmed(answer.value, before.item.answer, after.item.answer)
    return answer.model_copy(update={"value": value, "details": details})


def _table(answer: Answer, old: Rows, new: Rows) -> Answer | None:
    if not _fits(answer.value, old, new):
        return None
    return answer.model_copy(update={"value": _trimmed(answer.value, old, new)})


def _fits(value: JsonValue, old: AnswerSpec, new: AnswerSpec) -> bool:
    """Return whether a value that answers the old question answers the new one."""
    if value is None:
        return True
    if isinstance(old, Rows) and isinstance(new, Rows):
        return old.key == new.key and all(same_answers(old.columns[n], new.columns[n]) for n in old.key)
    if isinstance(old, Choice) and isinstance(new, Choice):
        return value in new.options
    if isinstance(old, Choices) and isinstance(new, Choices) and isinstance(value, list):
        return all(option in new.options for option in value)
    return same_answers(old, new)


def _fits_named(name: str, value: JsonValue, old: Mapping[str, AnswerSpec], new: Mapping[str, AnswerSpec]) -> bool:
    return name not in old or (name in new and _fits(value, old[name], new[name]))


def _trimmed(value: JsonValue, old: AnswerSpec, new: AnswerSpec) -> JsonValue:
    """Return rows without the cells of columns that are no longer there or ask something else."""
    if not (isinstance(old, Rows) and isinstance(new, Rows) and isinstance(value, list)):
        return value
    return [
        {name: cell for name, cell in row.items() if _fits_named(name, cell, old.columns, new.columns)}
        if isinstance(row, dict)
        else row
        for row in value
    ]

"""Responsible units (责任单位): who they are, and that nothing is kept for one that is not there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from engine.model.workspace import Unit
from engine.problems import Mark, Problem, ProblemError, did_you_mean, problem
from engine.workspace.store import Reader, Store
from engine.workspace.words import field_word


def units_of(reader: Reader) -> list[Unit]:
    """Return the responsible units by name, the closed ones too."""
    return reader.all(Unit)


def unit_problems(reader: Reader, names: Iterable[str], mark: Mark | None = None) -> list[Problem]:
    """Return which of these names are no open responsible unit; the empty name, not yet assigned, is passed over."""
    units = {unit.id: unit for unit in units_of(reader)}
    found = []
    for name in sorted({*names} - {""}):
        if name not in units:
            found.append(problem("E817", mark, unit=name, suggestion=did_you_mean(name, units)))
        elif not units[name].open:
            found.append(_closed(name, mark))
    return found


def add_unit(store: Store, unit: Unit, *, by: str, at: str, why: str) -> None:
    """Add a unit. Raises ProblemError if there is one of this name, open or closed."""
    with store.writing(by=by, at=at, action="增加责任单位", why=why) as writer:
        if writer.get(Unit, unit.id) is not None:
            raise ProblemError(
                [problem("E818", None, unit=unit.id, reason="已经有了", todo="改动用 workspace units change")]
            )
        writer.put(unit)


def change_unit(
    store: Store, name: str, *, by: str, at: str, why: str, action: str = "更改责任单位", **fields: Any
) -> Unit:
    """Return the unit with these fields changed. Raises ProblemError if there is none, or nothing to change."""
    with store.writing(by=by, at=at, action=action, why=why) as writer:
        unit = writer.get(Unit, name)
        if unit is None:
            raise ProblemError(unit_problems(writer, [name]))
        changed = unit_of(unit.model_dump() | fields)
        if changed == unit:
            raise ProblemError([problem("E818", None, unit=name, reason="没有变化", todo="请写明要改成什么")])
        writer.put(changed)
    return changed


def unit_of(fields: dict[str, Any]) -> Unit:
    """Return the unit of these fields. Raises ProblemError if one is too long or the name cannot be used."""
    try:
        return Unit.model_validate(fields)
    except ValidationError as error:
        wrong = "、".join(sorted({field_word("unit", str(each["loc"][0])) for each in error.errors()}))
        todo = "名称不超过 80 字，没有空格和斜线；其他各项不要过长"
        raise ProblemError([problem("E818", None, unit=fields["id"], reason=f"的{wrong}不能用", todo=todo)]) from error


def _closed(name: str, mark: Mark | None) -> Problem:
    return problem(
        "E818", mark, unit=name, reason="已经撤销", todo="请写接替它的单位；撤销错了用 workspace units reopen"
    )

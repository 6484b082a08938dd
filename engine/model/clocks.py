"""Clocks: from what happened to when something has to be done, and by which law (rules/clocks/<name>.yaml)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from engine.model.base import ClauseId, Field_, Model, Name, Text
from engine.model.rules import Citation

TimeUnit = Literal["working-days", "days", "hours"]
"""工作日、自然日、小时。"""
Limit = Annotated[int, Field(ge=1, le=1000)]


class Extension(Model):
    """经批准可以延长一次。"""

    limit: Limit
    granted: Field_
    """哪一栏（是或否）说明已批准延长。"""


class Clock(Model):
    """A limit of time that an entry of a ledger sets running."""

    id: Name
    title: Text
    ledger: Name
    """由哪本台账的条目起算。"""
    start: Field_ = Field(alias="from")
    """起算：哪一栏的日期或时间。"""
    until: tuple[Field_, ...] = Field(min_length=1)
    """其中一栏填了，就是办了。"""
    where: dict[Field_, tuple[bool | str, ...]] = Field(default_factory=dict)
    """只用于这些栏目是这些值的条目。"""
    limit: Limit | None = None
    unit: TimeUnit | None = None
    backward: bool = False
    """期限在起算日之前（如听证七日前通知）。"""
    on: Field_ | None = None
    """期限就是这一栏写的日期；与 limit 二选一，两个都写时以先到的为准。"""
    extension: Extension | None = None
    who: Literal["unit", "party", "police", "other"] = "unit"
    """谁的期限：本单位、当事人、公安机关、其他机关。"""
    basis: tuple[Citation, ...] = ()
    counting: tuple[Citation, ...] = ()
    """按哪一条计算（工作日还是自然日）。"""
    claimed: Text | None = None
    """没有见到原文的依据，打印为待核。"""
    unsure: Text | None = None
    """法律没有说清怎样计算，按短的算；打印。"""
    clauses: tuple[ClauseId, ...] = ()
    note: Text | None = None

    @model_validator(mode="after")
    def _has_a_limit(self) -> Clock:
        if (self.limit is None) != (self.unit is None) or (self.limit is None and self.on is None):
            raise PydanticCustomError("limit", "要写 limit 和 unit，或者写 on")
        if self.limit is not None and not (self.basis or self.claimed):
            raise PydanticCustomError("basis", "有 limit 就要有 basis，没有见到原文的写 claimed")
        return self


class YearlyDuty(Model):
    """Something that sites of some types have to hand in every year by a day (年度自查报告)."""

    id: Name
    title: Text
    ledger: Name
    """收到的登记在哪本台账；台账要有 site 和 year 两栏。"""
    site_types: tuple[Name, ...] = Field(min_length=1)
    by: Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-2])-([0-2][0-9]|3[01])$")]
    """次年几月几日前（含当日），写作 "03-31"。"""
    basis: tuple[Citation, ...] = Field(min_length=1)
    clauses: tuple[ClauseId, ...] = ()
    note: Text | None = None


class ClockFile(Model):
    """rules/clocks/<name>.yaml."""

    clocks: tuple[Clock, ...] = ()
    yearly: tuple[YearlyDuty, ...] = ()

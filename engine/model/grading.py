"""The grading of device distributors by risk: a dated rule table (rules/grading/<name>.yaml)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from engine.model.base import ClauseId, Day, Model, Name, Text
from engine.model.rules import Citation, Condition

Level = Annotated[str, StringConstraints(pattern=r"^[^\s]{1,8}$")]
"""A level as it is printed: 四级."""


class GradingRow(Model):
    """One reason for a level."""

    id: Name
    level: Level
    when: Condition
    """条件，语法见 docs/rule-language.md；企业资料写作 site.栏目，栏目是分级资料台账的英文名。"""
    says: Text
    """定级依据的文字。"""
    basis: tuple[Citation, ...] = ()
    claimed: Text | None = None
    """没有见到原文的依据；有它的行未经核对，名单每页印“初步、依据待核”。"""

    @model_validator(mode="after")
    def _rests_on_something(self) -> GradingRow:
        if not (self.basis or self.claimed):
            raise PydanticCustomError("basis", "basis 和 claimed 至少写一项")
        return self


class GradingFile(Model):
    """rules/grading/<name>.yaml."""

    grading: Name
    title: Text
    dated: Day
    """从哪一天起用；用到更新的一份为止。"""
    ledger: Name
    """企业资料登记在哪本台账。"""
    site_types: tuple[Name, ...] = Field(min_length=1)
    levels: tuple[Level, ...] = Field(min_length=2, max_length=9)
    """各级，从高到低。"""
    rows: tuple[GradingRow, ...] = Field(min_length=1)
    otherwise: Level
    """其余企业的级别。"""
    otherwise_says: Text
    frequency: dict[Level, Text] = Field(default_factory=dict)
    """各级的检查频次，打印。"""
    frequency_claimed: Text | None = None
    basis: tuple[Citation, ...] = ()
    """分级管理本身的依据。"""
    clauses: tuple[ClauseId, ...] = ()
    note: Text | None = None

    @model_validator(mode="after")
    def _levels_are_known(self) -> GradingFile:
        named = {row.level for row in self.rows} | {self.otherwise} | set(self.frequency)
        if named - set(self.levels) or len(set(self.levels)) < len(self.levels):
            raise PydanticCustomError("levels", "levels 有重复，或有的级别没有列在 levels 里")
        if len({row.id for row in self.rows}) < len(self.rows):
            raise PydanticCustomError("rows", "rows 的 id 有重复")
        return self

    @property
    def unverified(self) -> tuple[str, ...]:
        """The rows that nobody has compared with the text, and 其余 among them."""
        return tuple(row.id for row in self.rows if row.claimed)

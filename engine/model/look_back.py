"""Which findings of the last campaign call for a second look (回头看): rules/look-back/<campaign>.yaml."""

from __future__ import annotations

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from engine.model.base import CampaignName, ClauseId, Day, Grade, Model, Name, RuleId, Text


class RiskClass(Model):
    """高风险品种的一类：哪些规则、哪些单位的问题。"""

    name: Text
    priorities: tuple[Name, ...] = ()
    """这些检查主题的问题。"""
    rules: tuple[RuleId, ...] = ()
    """另外这些规则的问题。"""
    site_types: tuple[Name, ...] = ()
    """只限这些单位类型；不写则都算。"""
    grades: tuple[Grade, ...] = ()
    """只限这些等级；不写则都算。"""
    quote: Text | None = None
    """方案原文里说到它的字。"""

    @model_validator(mode="after")
    def _names_something(self) -> RiskClass:
        if not (self.priorities or self.rules):
            raise PydanticCustomError("class", "priorities 和 rules 至少写一项")
        return self


class LookBackFile(Model):
    """rules/look-back/<campaign>.yaml."""

    look_back: CampaignName = Field(alias="look-back")
    """哪一次行动的回头看。"""
    dated: Day
    """规则表的日期。"""
    classes: tuple[RiskClass, ...] = Field(min_length=1)
    clauses: tuple[ClauseId, ...] = ()
    note: Text | None = None

"""layer.yaml: whose rules a folder holds, whose they go on from, what is locked and what is changed, and why."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from engine.model.base import CampaignName, ClauseId, Disposition, Grade, Model, Name, RuleId, Text

LevelName = Literal["province", "city", "county"]
LEVEL_WORDS: dict[LevelName, str] = {"province": "省", "city": "市", "county": "县"}

FolderPath = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f]+$", min_length=1, max_length=400)]
"""A folder, from the one in which layer.yaml lies; parts joined by /."""


class Locked(Model):
    """What lower levels may not loosen: a rule, or all rules of a priority. One of the two is written."""

    rule: RuleId | None = None
    priority: Name | None = None
    """整个主题的规则。"""
    why: Text
    """依据什么锁定，例如上级通知的名称和文号。"""

    @model_validator(mode="after")
    def _one(self) -> Locked:
        if (self.rule is None) == (self.priority is None):
            raise PydanticCustomError("locked", "rule 和 priority 必须且只能写一个")
        return self


class CampaignChange(Model):
    """What is different about a rule in a campaign, at some site types or at all."""

    rule: RuleId
    why: Text
    """理由，印在规则说明里。"""
    sites: tuple[Name, ...] = ()
    """只对这些单位类型；不写则都改。"""
    drop: bool = False
    """true：不查这一项。项目留在规则里，检查表写明由谁去掉、为什么。"""
    clauses: tuple[ClauseId, ...] = ()
    """另外由这些方案条款要求：把日常项目选进行动。"""
    check: Text | None = None
    grade: Grade | None = None
    red_line: bool | None = None
    only_if: Annotated[str, Field(min_length=1, max_length=1000)] | None = None
    finding_if: Annotated[str, Field(min_length=1, max_length=1000)] | None = None
    finding: Annotated[str, Field(min_length=1, max_length=400)] | None = None
    method: Text | None = None
    evidence: Text | None = None
    dispositions: Annotated[tuple[Disposition, ...], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _drops_or_changes(self) -> Self:
        if self.drop == bool(self.fields()):
            raise PydanticCustomError("change", "要么写 drop: true，要么写要改的内容，二者选一")
        return self

    def fields(self) -> tuple[str, ...]:
        """Return the names of what is changed, in the order of the model."""
        apart = ("rule", "campaign", "why", "sites", "drop")
        return tuple(
            name for name in type(self).model_fields if name not in apart and getattr(self, name) not in (None, ())
        )


class Change(CampaignChange):
    """What a layer changes, for a campaign and for those that go on from it."""

    campaign: CampaignName
    """从哪次行动起；沿用它的行动也照此。"""


class LayerFile(Model):
    """layer.yaml, at the top of a rules folder."""

    layer: Name
    title: Text
    """本单位名称，印作 “由谁改动”。"""
    level: LevelName
    superior: FolderPath | None = None
    """上级的规则目录，从本目录算起，例如 ../anhui；没有上级的不写。"""
    locked: tuple[Locked, ...] = ()
    """下级不得放宽的规则。"""
    changes: tuple[Change, ...] = ()
    """只增加，不删改：以前行动的改动要留着。"""

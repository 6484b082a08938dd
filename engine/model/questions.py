"""What can be asked and how it is answered: the answer types of the rule language."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from engine.model.base import Field_, Model, Text

Unit = Annotated[str, Field(min_length=1, max_length=8, description="单位，例如 ℃、%、盒")]
Option = Annotated[str, Field(min_length=1, max_length=40)]


class _Question(Model):
    ask: Text | None = None
    """填写提示；不写时用检查内容。"""


class YesNo(_Question):
    """是 / 否，是 = 符合。"""

    type: Literal["yes_no"]


class Number(_Question):
    """带单位的数值。"""

    type: Literal["number"]
    unit: Unit
    low: float | int | None = None
    """合理范围下限，用来发现笔误，不是合格限值。"""
    high: float | int | None = None
    """合理范围上限，用来发现笔误，不是合格限值。"""


class Count(_Question):
    """计数：不小于 0 的整数。"""

    type: Literal["count"]
    unit: Unit = "个"


class Sample(_Question):
    """抽查：答案是不符合的个数；总数、抽查数、抽取方法和抽到哪些作为细目另记（population、drawn、how、which）。"""

    type: Literal["sample"]
    unit: Unit = "个"
    at_least: int | None = Field(default=None, ge=1)
    """至少抽查几个；总数不足时全部抽查。"""


class DateQuestion(_Question):
    """日期，写作 2024-02-29。"""

    type: Literal["date"]


class Choice(_Question):
    """单选。"""

    type: Literal["choice"]
    options: tuple[Option, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _distinct(self) -> Choice:
        _no_doubles(self.options, "选项")
        return self


class Choices(_Question):
    """多选。"""

    type: Literal["choices"]
    options: tuple[Option, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _distinct(self) -> Choices:
        _no_doubles(self.options, "选项")
        return self


class TextQuestion(_Question):
    """文字；编号、批号、证号都用文字。"""

    type: Literal["text"]


class Photo(_Question):
    """照片或截图的文件名。"""

    type: Literal["photo"]


Simple = Annotated[
    YesNo | Number | Count | DateQuestion | Choice | Choices | TextQuestion | Photo, Field(discriminator="type")
]
"""An answer of one value: also what details and columns may be."""


class Readings(_Question):
    """若干个读数，各有位置和设备。"""

    type: Literal["readings"]
    unit: Unit
    low: float | int | None = None
    """合理范围下限，用来发现笔误，不是合格限值。"""
    high: float | int | None = None
    """合理范围上限，用来发现笔误，不是合格限值。"""
    blank_rows: int = Field(default=2, ge=1, le=20)
    """空白表上留几行。"""


class Rows(_Question):
    """一张表，例如重点品种抽查追溯表。"""

    type: Literal["rows"]
    columns: dict[Field_, Simple] = Field(min_length=1, max_length=30)
    key: tuple[Field_, ...] = Field(min_length=1)
    """区分各行的栏目，必须填写；问题的对象由它说明。"""
    at_least: int | None = Field(default=None, ge=1)
    """共用表至少填几行；不足时在结果里说明。"""
    blank_rows: int = Field(default=5, ge=1, le=40)
    """空白表上留几行。"""

    @model_validator(mode="after")
    def _key_is_a_column(self) -> Rows:
        for name in self.key:
            if name not in self.columns:
                raise PydanticCustomError("key_column", "key 中的 {name} 不是栏目", {"name": name})
        return self


AnswerSpec = Annotated[
    YesNo | Number | Count | Sample | DateQuestion | Choice | Choices | TextQuestion | Photo | Readings | Rows,
    Field(discriminator="type"),
]


def sample_details(spec: Sample) -> dict[str, Simple]:
    """Return what is noted of a sample beside how many failed: how many there are, how many and which were drawn."""
    return {
        "population": Count(type="count", unit=spec.unit, ask="总数"),
        "drawn": Count(type="count", unit=spec.unit, ask="抽查数"),
        "how": Choice(type="choice", options=("随机抽取", "指定重点", "全部检查"), ask="抽取方法"),
        "which": TextQuestion(type="text", ask="抽到哪些"),
    }


def _no_doubles(values: tuple[str, ...], what: str) -> None:
    if len(set(values)) != len(values):
        raise PydanticCustomError("doubles", "{what}有重复", {"what": what})

"""The ledgers (台账) that a bureau keeps: rules/ledgers/<ledger>.yaml says what a line of each holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from engine.model.base import ClauseId, Field_, Model, Name, Text

Heading = Annotated[str, StringConstraints(pattern=r"^[^\s=]{1,24}$")]
"""The name of a column as it is printed and typed before an =, so without blanks."""
ColumnType = Literal["text", "date", "moment", "choice", "choices", "count", "money", "yes_no", "days"]
"""What a column holds, and how it is kept in LedgerEntry.values:

text a text; date a text 2024-01-31; moment a text 2024-01-31 09:30, or only the day where the time is not known;
choice one of the options, choices a list of them; count a whole number; days a whole number of days;
money a whole number of 分; yes_no true or false. A column that was not filled in is not there.
"""


class LedgerColumn(Model):
    """A column of a ledger."""

    type: ColumnType
    label: Heading
    """表头。"""
    required: bool = False
    """必填，填了也不能清空。"""
    options: tuple[Heading, ...] = ()
    """choice、choices 的取值。"""
    refers: Name | None = None
    """填的是编号：site 单位，finding 问题，inspection 检查，其余是台账的名称。"""
    after: Field_ | None = None
    """不早于哪一栏的日期。"""
    needs: tuple[Field_, ...] = ()
    """填了这一栏，这些栏目也要填。"""
    shown: Literal["元", "万元"] = "元"
    """金额打印的单位，保留两位小数；录入一律用元。"""
    clauses: tuple[ClauseId, ...] = ()
    """要求这一栏的方案条款。"""
    note: Text | None = None
    """怎样填。"""

    @model_validator(mode="after")
    def _options_of_a_choice(self) -> LedgerColumn:
        if (self.type in ("choice", "choices")) != bool(self.options) or len(set(self.options)) < len(self.options):
            raise PydanticCustomError("options", "choice 和 choices 要有不重复的 options，其余的不写")
        if self.after and self.type not in ("date", "moment"):
            raise PydanticCustomError("after", "after 只用于日期")
        return self


class Elapsed(Model):
    """Hours between two columns, computed and never typed (早发现、早预警、早处理)."""

    label: Heading
    start: Field_ = Field(alias="from")
    end: Field_ = Field(alias="to")


class LedgerFile(Model):
    """rules/ledgers/<ledger>.yaml."""

    ledger: Name
    title: Text
    prefix: Annotated[str, StringConstraints(pattern=r"^[^\s/\\0-9-]{1,8}$")]
    """编号的开头；编号写作 线索2024-0001。"""
    keeper: Text
    """由谁登记。"""
    date: Field_
    """记入期间的日期是哪一栏。"""
    columns: dict[Field_, LedgerColumn] = Field(min_length=1, max_length=60)
    key: tuple[Field_, ...] = ()
    """这些栏目都相同的是同一条，不能登记两次；unit 指责任单位。"""
    elapsed: tuple[Elapsed, ...] = ()
    """由程序算出的时长（小时）。"""
    expected: Literal["every-day", "days-off"] | None = None
    """应当天天有（every-day），或者节假日和休息日都有（days-off）；缺的列为缺漏。"""
    clauses: tuple[ClauseId, ...] = ()
    """由这本台账落实的方案条款。"""
    note: Text | None = None

    @model_validator(mode="after")
    def _names_its_columns(self) -> LedgerFile:
        known = set(self.columns)
        named = {self.date, *self.key} - {"unit"} | {name for e in self.elapsed for name in (e.start, e.end)}
        named |= {name for c in self.columns.values() for name in (*c.needs, *([c.after] if c.after else []))}
        _all_known(named, known)
        if self.columns[self.date].type not in ("date", "moment") or not self.columns[self.date].required:
            raise PydanticCustomError("date", "date 指的栏目应是必填的日期")
        if len({c.label for c in self.columns.values()} | RESERVED) < len(self.columns) + len(RESERVED):
            raise PydanticCustomError("labels", "栏目的 label 有重复，或用了{words}", {"words": "、".join(RESERVED)})
        return self


RESERVED = {"序号", "编号", "责任单位", "检查编号", "问题编号", "作废"}
"""Headings that every ledger has beside its own columns."""


def _all_known(named: Iterable[str], known: set[str]) -> None:
    for name in sorted(set(named) - known):
        raise PydanticCustomError("column", "没有栏目 {name}", {"name": name})

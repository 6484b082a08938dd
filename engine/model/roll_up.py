"""A filed table as a file that goes up: 所 → 县 → 市 → 省 (STATS §4)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from engine.model.base import CampaignName, Day, Field_, Model, Name
from engine.model.sheet import Long, Short
from engine.model.workspace import Moment

Amount = Annotated[int, Field(ge=-(10**15), le=10**15)]
UnitName = Annotated[str, Field(min_length=1, max_length=80)]
SiteKey = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
"""What tells sites apart without naming them: from the credit code, or type and name of one that has none."""
MAX_JOINT = 1_000_000
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
Keys = Annotated[tuple[SiteKey, ...], Field(max_length=3_000_000)]


class Joint(Model):
    """A joint visit that counts for its lead unit: another unit's file may hold it as well."""

    site: SiteKey
    day: Day
    lead: UnitName
    period: bool
    """计入本期。"""
    counts: dict[Field_, Annotated[int, Field(ge=0, le=10**15)]]
    """这次检查计入各栏多少；人次和去重的家数不在其中。"""


class Node(Model):
    """The figures of one unit, and below it those that they were merged from."""

    unit: UnitName
    start: Day
    cut_off: Day
    serial: Annotated[int, Field(ge=1, le=10**6)] = 1
    """第几次报送。"""
    version: Annotated[int, Field(ge=1, le=10**6)] = 1
    """同一次报送的第几版。"""
    filed: Moment | None = None
    by: Short = ""
    """填报人。"""
    reviewer: Short = ""
    """审核人。"""
    phone: Short = ""
    zero: bool = False
    """零报告。"""
    head: Short = ""
    """报送时办理记录链末。"""
    situation: Long = ""
    """开展情况。"""
    values: dict[Field_, tuple[Amount | None, Amount | None]]
    """各栏的本期和累计；null 是没有填报。"""
    lists: dict[Field_, Digest] = Field(default_factory=dict)
    """各栏名单的校验值，核对时用。"""
    sites: dict[Field_, tuple[Keys, Keys]] = Field(default_factory=dict)
    """去重的家数：本期和累计的单位标识，从小到大。"""
    joint: Annotated[tuple[Joint, ...], Field(max_length=MAX_JOINT)] = ()
    received: Moment | None = None
    """收到的时间，由汇总的人登记。"""
    deadline: Moment | None = None
    """下级应在何时以前报到。"""
    expected: Annotated[tuple[UnitName, ...], Field(max_length=5000)] = ()
    """应报的下级单位。"""
    children: Annotated[tuple[Node, ...], Field(max_length=5000)] = ()


class ReportFile(Model):
    """报送.json: a table as it was filed, or several merged."""

    kind: Literal["table-report"]
    schema_version: Literal[1] = 1
    campaign: CampaignName
    table: Name
    definition: Digest
    """表式的校验值：表式不同的不能汇总。"""
    people: Literal["person-days", "person-visits"]
    """人次的口径：口径不同的不能汇总。"""
    node: Node


Node.model_rebuild()

"""What a campaign's plan asks for beside the items: what answers a clause, deadlines, and calendars of holidays."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from engine.model.base import ClauseId, Day, Model, Name, Period, Text

Column = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*\.[a-z][a-z0-9_]*$", max_length=100)]
"""A column of a shared table: grid.column."""

SiteField = Annotated[str, StringConstraints(pattern=r"^([a-z][a-z0-9-]*\.)?[a-z][a-z0-9_]*$", max_length=100)]
"""A field of every site type that has it, or of one: site-type.field."""

Command = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z-]*( [a-z][a-z-]*){0,2}$", max_length=60)]
"""A command without the name of the program."""

Year = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]
"""A calendar year; also the name of its file."""

CampaignKey = Literal["title", "plan", "period", "stages", "focus_areas", "focus_products", "hotline", "units"]
"""Keys of a campaign file that may answer a clause."""

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


class AnsweredBy(Model):
    """What answers a clause, beside the items, escalations and deadlines that name it themselves."""

    columns: tuple[Column, ...] = ()
    """共用表的栏目，写作 表.栏目。"""
    attributes: tuple[SiteField, ...] = ()
    """单位的业务范围属性；只指一种单位的写作 单位类型.属性。"""
    identity: tuple[SiteField, ...] = ()
    """单位资料的栏目；只指一种单位的写作 单位类型.栏目。"""
    leads: tuple[Name, ...] = ()
    """这些单位类型写明了由谁牵头、由谁配合。"""
    campaign: tuple[CampaignKey, ...] = ()
    """行动文件里的内容。"""
    documents: tuple[Name, ...] = ()
    """打印的文书。"""
    commands: tuple[Command, ...] = ()
    """命令，不写 chunfeng。"""
    principle: bool = False
    """原则性要求，没有数据可记；只用于 kind: PRIN。"""
    planned: Text | None = None
    """还没有做到、以后才做的部分；单独列出、单独计数。"""


class OnDays(Model):
    """写明日期的期限。"""

    type: Literal["days"]
    days: tuple[Day, ...] = Field(min_length=1)
    before: bool = False
    """方案写“某日前”的：含当日，打印时注明。"""


class Weekly(Model):
    """每周一次。"""

    type: Literal["weekly"]
    weekday: Literal["周一", "周二", "周三", "周四", "周五", "周六", "周日"]
    period: Period | None = None
    """不写为整个行动期间。"""


class Daily(Model):
    """一段时间里的每一天。"""

    type: Literal["daily"]
    periods: tuple[Period, ...] = Field(min_length=1)


class Open(Model):
    """方案没有写明哪一天。"""

    type: Literal["open"]
    text: Text
    """方案怎样说，例如“2024年3月，没有定日期”。"""


When = Annotated[OnDays | Weekly | Daily | Open, Field(discriminator="type")]


class Deadline(Model):
    """Something that is due, in the plan's words."""

    id: Name
    title: Text
    who: tuple[Text, ...] = Field(min_length=1)
    """由谁报送、办理：行动文件 units 里的名称。"""
    to: Text | None = None
    """报给谁。"""
    when: When
    time: Annotated[str, Field(min_length=1, max_length=20)] | None = None
    """当日几点，写作 "15:00"；方案没有写钟点的照写，例如“下班前”。"""
    quote: Text
    """方案原文。"""
    clauses: tuple[ClauseId, ...] = Field(min_length=1)
    note: Text | None = None
    """方案没有说清、需要使用者自己定的地方；打印。"""


class Unit(Model):
    """Who reports in a campaign."""

    name: Text
    """方案里的称呼。"""
    endings: tuple[Annotated[str, Field(min_length=1, max_length=20)], ...] = ()
    """名称以这些字结尾的单位属于它；不写则任何单位都属于它。"""


class Festival(Model):
    """A festival and its day."""

    name: Text
    date: Day


class Holiday(Model):
    """Days off, first and last included."""

    name: Text
    period: Period
    source: Text
    compared: bool
    """已对照国务院办公厅通知原文；没有对照的打印为待核。"""


class WorkingDay(Model):
    """A Saturday or Sunday that is worked."""

    name: Text
    """为哪个节日调休。"""
    date: Day
    source: Text
    compared: bool
    """已对照国务院办公厅通知原文；没有对照的打印为待核。"""


class CalendarFile(Model):
    """rules/calendars/<year>.yaml: the days off and the worked weekends of a year."""

    calendar: Year
    announced: bool
    """当年放假安排已经公布；没有公布的打印为待核。"""
    complete: bool
    """当年的放假和调休已经列全；没有列全的，其余日子打印为待核。"""
    festivals: tuple[Festival, ...] = ()
    holidays: tuple[Holiday, ...] = ()
    working_days: tuple[WorkingDay, ...] = ()
    note: Text | None = None

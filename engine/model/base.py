"""The common base of all models and the small types they share."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from engine.days import parse_day


class Model(BaseModel):
    """Strict, frozen, closed: a field that is not declared is a mistake, and no type is guessed."""

    model_config = ConfigDict(defer_build=True, strict=True, frozen=True, extra="forbid", use_attribute_docstrings=True)


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]
"""An identifier of ours: lower-case ASCII words joined by hyphens."""

RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*$", max_length=120)]
"""priority.name; stable for ever, never reused."""

CampaignName = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}(-[a-z]+)?$", max_length=40)]
"""The year of a campaign, with a word where a year has several; also the name of its files."""

Field_ = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
"""A name used inside conditions: a detail, a column or a site attribute."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
"""Text for people, never empty."""

ClauseId = Annotated[str, StringConstraints(pattern=r"^CF[0-9]{4}-[0-9A]+(\.[0-9]+)?-[a-z]{1,2}$")]
"""A demand of a campaign's plan, for example CF2024-2.1-m; after z comes aa."""

ItemCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}-[0-9]{2}$")]
"""The code printed beside an item, for example YD-14."""

Lock = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 of a release file, in hexadecimal."""

VersionName = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}(-[0-9]{2})?$")]
"""The year (and month) that tells versions of a legal instrument apart."""

PATTERN_WORDS = {
    r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$": "应为小写英文单词，用连字符相连，例如 cold-chain",
    r"^[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*$": "应为 “主题.名称”，例如 cold-chain.refrigerator-temperature",
    r"^[a-z][a-z0-9_]*$": "应为小写英文名称，例如 valid_until",
    r"^CF[0-9]{4}-[0-9A]+(\.[0-9]+)?-[a-z]{1,2}$": "应为方案条款编号，例如 CF2024-2.1-m",
    r"^[A-Z]{2}-[0-9]{2}$": "应为两个大写字母、连字符和两位数字，例如 YD-14",
    r"^\*{0,2}[0-9]{5}$": "应为五位条款号，前面可有 * 或 **，例如 '*15201'",
    r"^[A-Z]{2}$": "应为两个大写字母，例如 YD",
    r"^[0-9a-f]{64}$": "应为 64 位校验值",
    r"^[0-9]{4}(-[0-9]{2})?$": '应为带引号的年份，例如 "2019"',
    r"^[1-9][0-9]{0,3}(\.[1-9][0-9]?)?(\([1-9][0-9]?\))?$": "条号写作 34、23.2（款）或 161(8)（项）",
    r"^[a-z][a-z0-9-]*@[0-9]{4}(-[0-9]{2})?$": "应为 “文书@版本”，例如 drug-gsp@2016",
    r"^[0-9]{4}(-[a-z]+)?$": '应为带引号的年份，例如 "2024"',
    r"^[0-9]{4}$": '应为带引号的年份，例如 "2019"',
    r"^[a-z][a-z0-9-]*\.[a-z][a-z0-9_]*$": "应为 “表.栏目”，例如 trace.procurement",
    r"^([a-z][a-z0-9-]*\.)?[a-z][a-z0-9_]*$": "应为属性或栏目的名称，例如 region，或者 “单位类型.名称”",
    r"^[a-z][a-z-]*( [a-z][a-z-]*){0,2}$": "应为命令的名称，例如 campaign calendar",
    r"^[0-9]{3,12}$": "应为带引号的电话号码",
    r"^([01][0-9]|2[0-3]):[0-5][0-9]$": "时间写作 09:05，两位小时、两位分钟",
}
"""What a person reads instead of the regular expression that a text does not match."""

_article_schema = {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string"}]}
Article = Annotated[
    str,
    BeforeValidator(lambda value: str(value) if type(value) is int else value),
    StringConstraints(pattern=r"^[1-9][0-9]{0,3}(\.[1-9][0-9]?)?(\([1-9][0-9]?\))?$"),
    WithJsonSchema(_article_schema),
]
"""34 = 第三十四条; 23.2 = 第二十三条第二款; 86.1(3) = 第八十六条第一款第（三）项; 161(8) = 第一百六十一条第（八）项."""


def _as_day(value: object) -> object:
    """Read a text as a day; seconds since 1970, weeks of the year and whatever else a library might take are none."""
    if not isinstance(value, str):
        return value
    day = parse_day(value)
    if day is None:
        raise PydanticCustomError("date_parsing", "no such day")
    return day


Day = Annotated[date, BeforeValidator(_as_day)]
"""A calendar day; fields called date use this name for their type."""


class Period(Model):
    """First and last day, both included."""

    start: Day = Field(alias="from", description="开始日期（含当日）")
    end: Day = Field(alias="to", description="结束日期（含当日）")

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end


class _Labelled(StrEnum):
    """An enumeration whose members carry the Chinese word printed for them."""

    label: str

    def __new__(cls, value: str, label: str) -> _Labelled:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member


class Grade(_Labelled):
    """How grave a defect is, after GSP 现场检查指导原则 (2016): 严重缺陷, 主要缺陷, 一般缺陷."""

    CRITICAL = ("critical", "严重")
    MAJOR = ("major", "主要")
    MINOR = ("minor", "一般")


class Disposition(_Labelled):
    """What the authority may do next (SITE-TYPES, disposition codes). The program proposes, people decide."""

    ORDER_CORRECTION = ("order-correction", "责令改正")
    WARNING = ("warning", "警告")
    CASE_CLUE = ("case-clue", "案件线索（建议立案核查）")
    POLICE_TRANSFER = ("police-transfer", "涉嫌犯罪移送公安机关")
    SAMPLING = ("sampling", "抽样检验")
    SEIZURE = ("seizure", "查封扣押或先行登记保存")
    SEAL_AND_ASSESS = ("seal-and-assess", "封存并评估质量")
    STOP_SALE = ("stop-sale", "停止销售、使用")
    RECALL = ("recall", "协助召回")
    INTERVIEW = ("interview", "约谈、告诫")
    JOINT_INVESTIGATION = ("joint-investigation", "协查、联合调查")
    NOTIFY_HEALTH = ("notify-health", "通报卫生健康部门")
    NOTIFY_INSURANCE = ("notify-insurance", "通报医疗保障部门")
    NOTIFY_POLICE = ("notify-police", "通报公安机关")
    NOTIFY_LABOUR = ("notify-labour", "通报人力资源社会保障部门")
    NOTIFY_LICENSING = ("notify-licensing", "通报发证机关")
    NOTIFY_PRICE = ("notify-price", "移交价格监管")
    NOTIFY_TAX = ("notify-tax", "通报税务部门")
    NOTIFY_ADVERTISING = ("notify-advertising", "移交广告监管")
    NOTIFY_CYBERSPACE = ("notify-cyberspace", "通报网信部门")
    ADVISE = ("advise", "建议改进")


class Verification(_Labelled):
    """How well a citation was checked against the law texts by tools/verify_law.py."""

    VERIFIED = ("verified", "已核")
    NEIGHBOUR = ("neighbour", "待核")
    UNVERIFIED = ("unverified", "待核")


class ItemResult(_Labelled):
    """The result of one item. The words are kept apart and never folded into each other."""

    COMPLIANT = ("compliant", "符合")
    NON_COMPLIANT = ("non-compliant", "不符合")
    NOT_APPLICABLE = ("not-applicable", "不适用")
    REASONABLE_OMISSION = ("reasonable-omission", "合理缺项")
    NOT_CHECKED = ("not-checked", "未检查")
    UNDECIDED = ("undecided", "无法判定")


class Conclusion(_Labelled):
    """What checking a printed paper against what it carries says. None of them says that the paper is genuine."""

    CONSISTENT = ("consistent", "内部一致")
    CONFIRMED = ("confirmed", "与外部凭据一致")
    INCONSISTENT = ("inconsistent", "不一致")
    NO_EVIDENCE = ("no-evidence", "无外部凭据")

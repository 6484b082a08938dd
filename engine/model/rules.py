"""The YAML files under rules/ and checklists/, as their authors write them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from engine.model.base import (
    Article,
    CampaignName,
    ClauseId,
    Day,
    Disposition,
    Field_,
    Grade,
    ItemCode,
    Lock,
    Model,
    Name,
    Period,
    RuleId,
    Text,
    VersionName,
)
from engine.model.layers import CampaignChange
from engine.model.plans import AnsweredBy, Deadline, Unit
from engine.model.questions import AnswerSpec, Rows, Sample, Simple, sample_details

Condition = Annotated[str, Field(min_length=1, max_length=1000, description="条件，语法见 docs/rule-language.md")]
Sentence = Annotated[str, Field(min_length=1, max_length=400, description="事实描述，{名称} 处填入答案")]
GspClause = Annotated[
    str, Field(pattern=r"^\*{0,2}[0-9]{5}$", description="指导原则的条款号，如 **00401、*15201、16112")
]
Cite = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*@[0-9]{4}(-[0-9]{2})?$", description="文书@版本")]


class Citation(Model):
    """One article of one version of a legal instrument."""

    cite: Cite
    article: Article | None
    """条号；没有见到原文的写 null，打印为待核。"""
    proof: tuple[Annotated[str, Field(min_length=2, max_length=60)], ...] = ()
    """条文里的几个字，合在一起只出现在这一条；没有条号时不写。"""
    sites: tuple[Name, ...] = ()
    """只用于这些单位类型；不写则都用。"""
    where: dict[Field_, bool] = Field(default_factory=dict)
    """只用于属性明知如此的单位，例如 {cdc: false}；不写则都用。"""

    @model_validator(mode="after")
    def _proof_with_article(self) -> Citation:
        if (self.article is None) == bool(self.proof):
            raise PydanticCustomError("proof", "有条号就要有 proof，没有条号就不写 proof")
        return self


class Basis(Model):
    """The law behind a finding: what had to be done, what follows if it was not, and what lets the bureau act."""

    duty: tuple[Citation, ...] = ()
    """义务：被检查单位应当做到的。"""
    liability: tuple[Citation, ...] = ()
    """责任：没有做到的法律后果。"""
    power: tuple[Citation, ...] = ()
    """处理依据：执法机关据以责令改正、约谈、移送的条文。"""

    @model_validator(mode="after")
    def _rests_on_something(self) -> Basis:
        if not (self.duty or self.power):
            raise PydanticCustomError("basis", "duty 和 power 至少写一项")
        return self


class Application(Model):
    """How a rule appears on one site type's checklist."""

    code: ItemCode
    check: Text | None = None
    """该单位类型自己的检查内容；不写则用规则的。"""
    grade: Grade | None = None
    """该单位类型自己的等级；不写则用规则的。"""
    clauses: tuple[ClauseId, ...] | None = None
    """要求检查这类单位的方案条款；不写则用规则的。"""
    only_if: Condition | None = None
    """该单位类型自己的适用条件；不写则用规则的。"""
    method: Text | None = None
    evidence: Text | None = None
    dispositions: Annotated[tuple[Disposition, ...], Field(min_length=1)] | None = None
    """该单位类型自己的处理建议，用于没有另写处理建议的问题；不写则用规则的。"""
    gsp: tuple[GspClause, ...] = ()
    """《药品经营质量管理规范现场检查指导原则》的条款号，** 为严重缺陷，* 为主要缺陷，无星号为一般缺陷。"""


class Further(Model):
    """A further finding that the same answer can give, where grade or consequence differ."""

    id: RuleId
    sites: tuple[Name, ...] = ()
    """只用于这些单位类型；不写则都用。"""
    each: Field_ | None = None
    finding_if: Condition
    finding: Sentence
    grade: Grade | None = None
    red_line: bool | None = None
    dispositions: tuple[Disposition, ...] | None = None
    basis: Basis | None = None


class Case(Model):
    """One test of a rule: an answer and what it must find."""

    answer: Any = None
    """本项答案，写法同答卷；不写 = 未作答。"""
    answers: dict[str, Any] = Field(default_factory=dict)
    """其他规则或表格的答案。"""
    site: dict[Field_, bool] = Field(default_factory=dict)
    """单位属性；没有写的当作有，但写有 present 的（如无证）当作没有。"""
    site_type: Name | None = None
    """在哪种单位上试；不写则在规则适用的每一种上试。"""
    date: Day | None = None
    """检查日期；不写则为 2024-01-15。"""
    earlier: tuple[RuleId, ...] = ()
    """上次检查发现的问题。"""
    finds: Literal["nothing", "unknown"] | RuleId | tuple[RuleId, ...]
    """nothing 符合或不适用；unknown 未检查或无法判定；否则写应发现的问题编号。"""


class Rule(Model):
    """One thing to check: the question, when it is a finding, how grave, by which law, and its own tests."""

    id: RuleId
    check: Text
    """检查内容，是 = 符合。"""
    answer: AnswerSpec | None = None
    answer_from: Name | None = None
    """答案取自这张共用的表（rules/grids），与 answer 二选一。"""
    details: dict[Field_, Simple] = Field(default_factory=dict)
    """随答案一起记录的内容，条件里写 detail.名称。"""
    applies_to: dict[Name, Application] = Field(min_length=1)
    only_if: Condition | None = None
    """不成立时列为合理缺项。"""
    each: Field_ | None = None
    """逐行判定：answer 为本项的各行，或写一张共用表的编号。"""
    finding_if: Condition
    finding: Sentence
    grade: Grade
    red_line: bool = False
    """红线：不论等级都作为案件线索。"""
    further: tuple[Further, ...] = ()
    method: Text
    evidence: Text | None = None
    dispositions: tuple[Disposition, ...] = Field(min_length=1)
    basis: Basis
    clauses: tuple[ClauseId, ...] = ()
    """由哪些方案条款要求；没有某次行动的条款，在该次行动中为日常项目。"""
    note: Text | None = None
    cases: tuple[Case, ...]

    @model_validator(mode="after")
    def _one_answer(self) -> Rule:
        if (self.answer is None) == (self.answer_from is None):
            raise PydanticCustomError("one_answer", "answer 与 answer_from 必须且只能写一个")
        return self

    @model_validator(mode="after")
    def _details_of_a_sample(self) -> Rule:
        if isinstance(self.answer, Sample):
            taken = sorted(sample_details(self.answer).keys() & self.details.keys())
            if taken:
                raise PydanticCustomError("sample", "抽查已有细目 {names}，请另取名称", {"names": "、".join(taken)})
        return self

    def all_details(self) -> dict[str, Simple]:
        """Return the details, after those that every sample has."""
        return (sample_details(self.answer) if isinstance(self.answer, Sample) else {}) | self.details


class PriorityFile(Model):
    """rules/priorities/<priority>.yaml: one inspection priority."""

    priority: Name
    title: Text
    rules: tuple[Rule, ...] = Field(min_length=1)


class GridFile(Model):
    """rules/grids/<grid>.yaml: a table that several rules read."""

    grid: Name
    title: Text
    instructions: Text | None = None
    answer: Rows


class CaseFinding(Model):
    """A finding of the first layer that a case starts from."""

    finding: RuleId
    subject: dict[Field_, str] = Field(default_factory=dict)


class EscalationCase(Model):
    """One test of an escalation: findings of the first layer, and how often it must fire."""

    found: tuple[CaseFinding, ...] = ()
    earlier: tuple[RuleId, ...] = ()
    unknown: tuple[RuleId, ...] = ()
    """第一层中无法判定的问题。"""
    fires: int = Field(ge=0)


class Escalation(Model):
    """Second layer: what several findings mean together."""

    id: RuleId
    title: Text
    over: Literal["site", "subject", "finding"]
    """site 整个单位一次；subject 同一对象（same 所列各栏相同）一次；finding 每种问题一次。"""
    same: tuple[Field_, ...] = ()
    finding_if: Condition
    finding: Sentence
    grade: Grade
    red_line: bool = False
    dispositions: tuple[Disposition, ...] = Field(min_length=1)
    basis: Basis
    clauses: tuple[ClauseId, ...] = ()
    cases: tuple[EscalationCase, ...]

    @model_validator(mode="after")
    def _same_belongs_to_subject(self) -> Escalation:
        if (self.over == "subject") != bool(self.same):
            raise PydanticCustomError("same", "over: subject 要写 same，其他情况不写")
        return self


class EscalationFile(Model):
    """rules/escalations.yaml."""

    escalations: tuple[Escalation, ...]


class Identity(Model):
    """A field that says who the site is."""

    id: Field_
    label: Text


class Attribute(Model):
    """A scope attribute of a site: what business it does."""

    label: Text
    absent: Text
    """没有该项业务时打印的理由。"""
    present: Text | None = None
    """有该项情形使项目不列时打印的理由。"""
    assumed: Literal["absent"] | None = None
    """absent：没有说明的当作没有（用于重点区域、无证等少见情形）；不写：没有说明的当作不清楚，有关项目照列。"""


class Section(Model):
    """A part of the printed checklist: the items of these priorities, by code."""

    title: Text
    priorities: tuple[Name, ...] = Field(min_length=1)


UNLICENSED_IDENTITY = (
    Identity(id="person", label="姓名"), Identity(id="id_number", label="身份证号"),
    Identity(id="address", label="地址"), Identity(id="phone", label="电话"), Identity(id="status", label="经营状态"),
)  # fmt: skip
"""Who somebody is that trades without any licence (SITE-TYPES, overlay UL): there are no papers to copy from."""


class SiteTypeFile(Model):
    """checklists/<site-type>.yaml: a kind of site. Sections and order only; items come from the rules."""

    site_type: Name
    code: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    title: Text
    lead: Text
    """由谁牵头监管。"""
    competent: Text | None = None
    """本局只配合检查的，写主管机关：发现的问题移送它处理，不在本局结案；本局主管的不写。"""
    identity: tuple[Identity, ...] = Field(min_length=1)
    unlicensed_identity: tuple[Identity, ...] = Field(default=UNLICENSED_IDENTITY, min_length=1)
    """属性 unlicensed（无证）成立时代替 identity 的栏目；不写则为姓名、身份证号、地址、电话、经营状态。"""
    attributes: dict[Field_, Attribute]
    sections: tuple[Section, ...] = Field(min_length=1)
    notes: tuple[Text, ...] = ()


class Stage(Model):
    """A stage of a campaign."""

    title: Text
    period: Period


class Focus(Model):
    """Areas or products that the plan puts first; open when the plan says 等."""

    names: tuple[Text, ...]
    open: bool
    clause: ClauseId


class CampaignFile(Model):
    """rules/campaigns/<campaign>.yaml: one year's campaign."""

    campaign: CampaignName
    title: Text
    plan: Text
    """方案名称和发文单位，印作检查依据。"""
    status: Literal["released", "draft"]
    lock: Lock | None = None
    """现行规则版本（发布文件的校验值）；已发布的行动必有。"""
    extends: CampaignName | None = None
    """沿用哪一次行动：没有自己的条款文件的，用它的方案条款；规则的改动也从它沿用。"""
    period: Period
    stages: tuple[Stage, ...] = ()
    focus_areas: Focus | None = None
    focus_products: tuple[Focus, ...] = ()
    hotline: Annotated[str, Field(pattern=r"^[0-9]{3,12}$")]
    units: tuple[Unit, ...] = ()
    """由谁报送；期限的 who 用这里的名称。"""
    deadlines: tuple[Deadline, ...] = ()
    """方案规定的期限，用 chunfeng campaign calendar 打印。"""
    changes: tuple[CampaignChange, ...] = ()
    """只在本次行动：不查的项目、改得不同的项目，每处写明理由。"""

    @model_validator(mode="after")
    def _released_has_lock(self) -> CampaignFile:
        if self.status == "draft" and self.lock:
            raise PydanticCustomError("draft_lock", "草案没有规则版本，请删去 lock")
        return self


class Clause(Model):
    """A demand of the plan, in the plan's own words."""

    id: ClauseId
    quote: Text
    kind: Literal["PLAN", "ITEM", "FIND", "STAT", "DUE", "RPT", "LED", "NOTE", "SCOPE", "ROLE", "PRIN", "OPEN"]
    """OPEN：还没有人看过，待定。"""
    same_as: tuple[ClauseId, ...] = ()
    """与以前方案的哪些条款要求相同：落实那些条款的项目、台账、统计表也落实这一条。由人认定。"""
    answered_by: AnsweredBy | None = None
    """由什么落实；检查项目、综合判断和期限各自写明条款，这里不再写。"""

    @model_validator(mode="after")
    def _principle_is_one(self) -> Clause:
        if self.answered_by is not None and self.answered_by.principle and self.kind != "PRIN":
            raise PydanticCustomError("principle", "principle 只用于 kind: PRIN")
        return self


class ClausesFile(Model):
    """rules/campaigns/<campaign>.clauses.yaml."""

    campaign: CampaignName
    clauses: tuple[Clause, ...]


class InstrumentVersion(Model):
    """One version of a legal instrument and the days on which it is in force."""

    version: VersionName
    title: Text
    edition: Text | None = None
    """修正、修订的年份，印在书名号之后。"""
    start: Day = Field(alias="from", description="施行日期")
    end: Day | None = Field(default=None, alias="until", description="失效日期（不含当日）；不写为现行")
    articles: int | None = Field(default=None, ge=1, description="条数；没有全文的不写")


class InstrumentFile(Model):
    """rules/laws/<instrument>.yaml."""

    instrument: Name
    title: Text
    issuer: Text
    versions: tuple[InstrumentVersion, ...] = Field(min_length=1)


class WordingVersion(Model):
    """A fixed text of the papers while these articles are in force."""

    start: Day = Field(alias="from", description="自何日起使用")
    text: Text
    basis: tuple[Citation, ...] = ()


class WordingFile(Model):
    """rules/wording/<name>.yaml: a dated fixed text of the papers."""

    wording: Name
    title: Text
    versions: tuple[WordingVersion, ...] = Field(min_length=1)

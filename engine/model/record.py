"""A record: an answer sheet with its proposed findings and what people decided about each."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from engine.model.base import CampaignName, Day, Field_, Model, RuleId
from engine.model.sheet import Earlier, Long, Short, Site, Visit


class RecordedFinding(Model):
    """One proposed finding and the decision of named people about it."""

    number: Annotated[int, Field(ge=1)]
    id: RuleId
    subject: dict[Field_, str] = Field(default_factory=dict)
    draft: Long
    """程序根据答案拟的事实描述，不要改动。"""
    sentence: Long
    """打印的事实描述，可以修改。"""
    status: Literal["proposed", "confirmed", "rejected"] = "proposed"
    """proposed 待确认；confirmed 确认；rejected 不认定。"""
    by: Annotated[tuple[Short, ...], Field(max_length=20)] = ()
    """由谁确认或不认定。"""
    why: Short = ""
    """不认定的理由，或修改描述的理由。"""
    date: Day | None = None
    """何时。"""
    due: Day | None = None
    """要求整改的期限。"""
    promised: Short = ""
    """当事人承诺怎样、何时整改。"""


MAX_GOODS = 2000
"""Lines of one list: more would take minutes to print."""


class _Goods(Model):
    """A product as it lies there, begun from the answers; every field may be completed or changed."""

    findings: tuple[Annotated[int, Field(ge=1)], ...] = ()
    """为哪几个问题，写问题的序号。"""
    product: Long = ""
    spec: Long = ""
    batch: Long = ""
    expiry: Long = ""
    producer: Long = ""
    supplier: Long = ""
    quantity: Long = ""


class HeldItem(_Goods):
    """A line of 物品清单 (SITE-TYPES, overlay SE); printed once a measure is chosen."""

    unit_price: Long = ""
    measure: Literal["查封", "扣押", "先行登记保存"] | None = None
    """采取的措施；没有采取的不写，不打印。"""
    place: Long = ""
    """存放地点。"""
    decide_by: Day | None = None
    """最迟何日作出处理决定。"""


class TakenSample(_Goods):
    """A line of 抽样记录 (SITE-TYPES, overlay SA); printed once it is numbered."""

    number: Long = ""
    """抽样编号；没有抽样的不写，不打印。"""
    taken: Long = ""
    """抽样数量。"""
    base: Long = ""
    """抽样基数。"""
    storage: Long = ""
    """贮存条件。"""


class RecordFile(Model):
    """RECORD.yaml: answers, findings with decisions, and the papers' own data. Printing needs nothing else."""

    kind: Literal["record"]
    campaign: CampaignName
    lock: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    checklist: str
    site_type: str
    routine: bool = False
    authority: Short = ""
    """执法机关全称。"""
    number: Short = ""
    """文书编号，例如 （瑶）市监药检〔2024〕15号。"""
    site: Site = Site()
    visit: Visit = Visit()
    answers: dict[str, JsonValue]
    earlier: Earlier = ()
    provenance: JsonValue = None
    """答案由谁、何时、怎样录入；不参与判定。"""
    findings: tuple[RecordedFinding, ...]
    held: Annotated[tuple[HeldItem, ...], Field(max_length=MAX_GOODS)] = ()
    """物品清单：查封、扣押或先行登记保存的物品。"""
    samples: Annotated[tuple[TakenSample, ...], Field(max_length=MAX_GOODS)] = ()
    """抽样记录。"""
    attachments: Annotated[tuple[Short, ...], Field(max_length=200)] = ()
    """附件：照片、复印件、清单。"""

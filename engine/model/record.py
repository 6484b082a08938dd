"""A record: an answer sheet with its proposed findings and what people decided about each."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from engine.model.base import CampaignName, Day, Field_, Model, RuleId
from engine.model.bureau import PaperName
from engine.model.sheet import Earlier, Long, Other, Short, Site, Visit, WrittenProvenance


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
    correction: Long = ""
    """责令改正通知书上的改正内容及要求；不写则为改正该问题。"""
    on_the_spot: bool = False
    """当场改正，已由检查人员核实。"""


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


class Evidence(Model):
    """A line of 证据清单 (RECORDS §1, 18 and the photo page)."""

    number: Short
    """证据编号，如 1。"""
    what: Literal["照片", "录音录像", "复印件", "签字件扫描", "抽样单", "清单", "实物", "其他"]
    proves: Short = ""
    """证明什么。"""
    findings: tuple[Annotated[int, Field(ge=1)], ...] = ()
    """证明哪几个问题，写问题的序号。"""
    taken: Short = ""
    """何时、何地取得。"""
    by: Short = ""
    """由谁取得（两人）。"""
    pages: Short = ""
    """页数、时长或数量。"""
    file: Short = ""
    """文件名，与记录放在同一文件夹。"""
    sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    """原始文件的 SHA-256。"""


class DrawnSignature(Model):
    """The image of a signature drawn by hand, as it is printed on a record. It is no electronic signature."""

    name: Short
    """Of a person who has a place to sign."""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    """Of the file that was handed in."""
    image: Annotated[str, Field(max_length=400_000)]
    """What is printed: a JPEG in base64."""


class PaperData(Model):
    """What one paper has of its own."""

    number: Short = ""
    """文书编号。"""
    date: Day | None = None
    """制作日期。"""
    to: Short = ""
    """送达谁、移送给谁。"""
    by: Annotated[tuple[Short, ...], Field(max_length=20)] = ()
    """承办人、送达人。"""
    note: Long = ""
    """备注、案由、情况说明。"""


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
    other: Other = ()
    """另查项目、其他问题，照原话写；不参与判定，印在检查表上。"""
    provenance: WrittenProvenance = None
    """答案由谁、何时、怎样录入；不参与判定。"""
    findings: tuple[RecordedFinding, ...]
    held: Annotated[tuple[HeldItem, ...], Field(max_length=MAX_GOODS)] = ()
    """物品清单：查封、扣押或先行登记保存的物品。"""
    samples: Annotated[tuple[TakenSample, ...], Field(max_length=MAX_GOODS)] = ()
    """抽样记录。"""
    evidence: Annotated[tuple[Evidence, ...], Field(max_length=500)] = ()
    """证据清单。"""
    papers: dict[PaperName, PaperData] = Field(default_factory=dict)
    """各种文书自己的编号、日期、送达或移送的对象；现场检查笔录的编号写在 number。"""
    attachments: Annotated[tuple[Short, ...], Field(max_length=200)] = ()
    """附件：照片、复印件、清单。"""

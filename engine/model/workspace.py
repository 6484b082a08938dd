"""What a bureau keeps: units, sites, inspections, findings, numbers, ledgers, filings. Nothing is ever deleted."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, JsonValue, StringConstraints

from engine.model.base import CampaignName, Day, Disposition, Field_, Grade, Lock, Model, Name, RuleId
from engine.model.bureau import PaperName
from engine.model.sheet import Long, Short

Id = Annotated[str, StringConstraints(pattern=r"^[^\s/\\\x00-\x1f]{1,80}$")]
"""Identifier of a kept thing; printed and typed by people, so without blanks and slashes."""
NAMES_A_FILE = "names a kept file"
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$"), NAMES_A_FILE]
"""Of a file in the workspace: whatever field has this type, the file is backed up and must be there."""
Moment = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2} ([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""北京时间，写作 2024-01-31 09:30。"""
Fen = Annotated[int, Field(ge=0, le=10**15)]
"""Money in 分: counted, never rounded."""


class Kept(Model):
    """Something in the workspace. Its table holds its newest version, the audit trail every one."""

    KIND: ClassVar[str]
    """Name of its table."""
    INDEXED: ClassVar[tuple[str, ...]] = ()
    """Fields that it can be looked up by; texts."""

    id: Id


class Setting(Kept):
    """One setting of the workspace: the bureau's profile, the campaign, what 人次 means."""

    KIND = "setting"

    value: JsonValue


class Unit(Kept):
    """A responsible unit (责任单位): a station, a team, a section. Its id is its name."""

    KIND = "unit"

    kind: Literal["station", "team", "section", "other"] = "station"
    """所、大队、科室、其他。"""
    block: Short = ""
    """编号段。"""
    reporter: Short = ""
    """信息报送责任人（CF2019-3.4-a）。"""
    phone: Short = ""
    substitute: Short = ""
    """替补。"""
    open: bool = True


class RegisteredSite(Kept):
    """A site of the register (一户一档)."""

    KIND = "site"
    INDEXED = ("site_type", "unit", "name", "credit_code")

    name: Short
    site_type: Name
    unit: Short = ""
    """责任单位；空着是还没有分到单位。"""
    credit_code: Short = ""
    identity: dict[Field_, Short] = Field(default_factory=dict)
    attributes: dict[Field_, bool] = Field(default_factory=dict)
    chain: Literal["single", "store", "head"] | None = None
    """单体、连锁门店、连锁总部；不清楚的不写。"""
    areas: tuple[Short, ...] = ()
    """所在的重点区域。"""
    closed: Day | None = None
    """停业、注销的日期；在营的不写。"""
    unlicensed: bool = False
    """无证、没有名称的经营者，检查时登记。"""
    note: Long = ""
    sources: tuple[Short, ...] = ()
    """从哪些表格的行登记：行中名称、证号、地址的校验值。同一行再次导入时认得出。"""
    merged_into: Id | None = None
    """并入了哪一家：自己不再在营，检查仍记在自己名下。"""
    distinct: tuple[Id, ...] = ()
    """看似相同，经人认定不是同一家的单位。"""
    focus: dict[CampaignName, Short] = Field(default_factory=dict)
    """重点检查对象：哪一次行动、为什么列入。"""


class CountedFinding(Model):
    """A confirmed finding as the tables count it."""

    id: Id
    rule: RuleId
    grade: Grade
    red_line: bool = False
    dispositions: tuple[Disposition, ...] = ()
    subject: dict[Field_, Short] = Field(default_factory=dict)
    on_the_spot: bool = False
    """当场改正，已核实。"""
    recurs: Id | None = None
    """反弹：上次的问题。"""


class CountedProduct(Model):
    """A row of the trace grid as the tables count it."""

    product: Short
    batch: Short = ""


class CountedPerson(Model):
    """An inspector of a visit."""

    name: Short
    certificate: Short = ""
    unit: Short = ""


class Facts(Model):
    """What a final record says to the tables (STATS §2). Taken from the record when it is sealed, never typed."""

    date: Day
    """检查结束的日期。"""
    sealed: Day
    """归档的日期；晚于报表截止日的计入下一次，注明补报。"""
    site: Id
    site_name: Short
    site_type: Name
    unit: Short
    """牵头的责任单位。"""
    assisting: tuple[Short, ...] = ()
    category: Short = ""
    attributes: tuple[Field_, ...] = ()
    """业务范围中有的。"""
    chain: Literal["single", "store", "head"] | None = None
    trade: Short = ""
    """化妆品经营者的业态等。"""
    online: bool = False
    """网络巡查（不在现场）。"""
    areas: tuple[Short, ...] = ()
    inspectors: tuple[CountedPerson, ...] = ()
    products: tuple[CountedProduct, ...] = ()
    findings: tuple[CountedFinding, ...] = ()
    earlier: int = 0
    """回头看：核实了上次的几个问题。"""
    goods: Fen = 0
    """涉案货值草算，分。"""


LIFE = ("planned", "printed", "answered", "evaluated", "final", "closed")
"""计划、已印表、已填答、已判定、已归档、已办结：一个检查的一生，只往前走。"""


class Supplement(Model):
    """What is added to a sealed inspection. The sealed record itself never changes."""

    at: Moment
    by: Short
    why: Short
    text: Long = ""
    file: Sha256 | None = None


class Inspection(Kept):
    """A visit to a site from its plan to its end."""

    KIND = "inspection"
    INDEXED = ("campaign", "site", "unit", "state")

    campaign: CampaignName
    site: Id
    unit: Short
    assisting: tuple[Short, ...] = ()
    """配合、联合检查的单位。"""
    planned: Day | None = None
    state: Literal["planned", "printed", "answered", "evaluated", "final", "closed", "cancelled"] = "planned"
    reason: Short = ""
    """为什么查：重点检查对象、覆盖、回头看、复查、线索；取消的写理由。"""
    earlier: Id | None = None
    """复查、回头看所指的检查。"""
    lock: Lock | None = None
    files: dict[Field_, Sha256] = Field(default_factory=dict)
    """checklist、answers、record 和印出的文书，按内容的 SHA-256 存放。"""
    evidence: dict[Short, Sha256] = Field(default_factory=dict)
    """照片等证据，按答卷、记录中写的文件名。"""
    facts: Facts | None = None
    """归档时从记录取出。"""
    numbers: tuple[Short, ...] = ()
    """归档的文书上印的编号。"""
    online: bool = False
    """网络巡查，不到现场。"""
    over_cap: Short = ""
    """超过本年度频次上限仍须检查的理由。"""
    supplements: tuple[Supplement, ...] = ()
    """归档以后的更正、补充：只增加，不改动。"""


class KeptFinding(Kept):
    """A confirmed finding and what became of it (RECORDS §9). Its id is 检查号-序号."""

    KIND = "finding"
    INDEXED = ("inspection", "site", "unit", "state")

    inspection: Id
    site: Id
    unit: Short
    rule: RuleId
    grade: Grade
    red_line: bool = False
    subject: dict[Field_, Short] = Field(default_factory=dict)
    sentence: Long
    dispositions: tuple[Disposition, ...] = ()
    found: Day
    state: Literal["open", "ordered", "extended", "corrected", "not-corrected", "waived"] = "open"
    """未处理、已责令改正、已延期一次、已改正、未改正（转线索）、暂不追究。"""
    due: Day | None = None
    """改正期限。"""
    ordered: Day | None = None
    """责令改正的日期。"""
    notice: Short = ""
    """责令改正通知书文号。"""
    first_due: Day | None = None
    """延期以前的改正期限。"""
    settled: Day | None = None
    """改正、未改正或暂不追究在哪一天认定。"""
    evidence: tuple[Sha256, ...] = ()
    """改正的证据。"""
    review: Id | None = None
    """在哪一次复查中核实。"""
    clue: Id | None = None
    """转成的案件线索。"""
    recurs: Id | None = None
    """上次的同一问题：反弹，由程序找出。"""
    waiver: Waiver | None = None


class Waiver(Model):
    """Why a finding is not pursued for a time. What it was before is kept; it is counted apart."""

    before: Short
    """原来的状态。"""
    authority: Short
    """批准人。"""
    reason: Long
    until: Day


class TakenNumber(Kept):
    """A number of a paper, taken for ever: used or voided, never again free. Its id is the number as printed."""

    KIND = "number"
    INDEXED = ("series",)

    series: Short
    """机关、类别、年份和编号段：同一序列里序号连续。"""
    serial: Annotated[int, Field(ge=1)]
    paper: PaperName
    inspection: Id | None = None
    voided: Short = ""
    """作废的理由。"""


class LedgerEntry(Kept):
    """A line of a ledger (台账); its columns are those of rules/ledgers/<ledger>.yaml."""

    KIND = "entry"
    INDEXED = ("ledger", "unit")

    ledger: Name
    unit: Short
    date: Day
    """记入期间的日期。"""
    values: dict[Field_, JsonValue] = Field(default_factory=dict)
    inspection: Id | None = None
    finding: Id | None = None
    voided: Short = ""
    """作废的理由；作废的不计数。"""


class Cell(Model):
    """A figure of a filed table and what stands behind it."""

    value: int
    """件、家次；金额以分计。"""
    ids: tuple[Id, ...] = ()
    """计入的检查、问题或台账条目。"""


class Filing(Kept):
    """A table as it was filed: frozen."""

    KIND = "filing"
    INDEXED = ("table", "unit")

    table: Name
    unit: Short
    start: Day
    cut_off: Day
    serial: Annotated[int, Field(ge=1)]
    """第几次报送。"""
    filed: Moment
    by: Short
    reviewer: Short = ""
    phone: Short = ""
    zero: bool = False
    """零报告。"""
    period: dict[Field_, Cell] = Field(default_factory=dict)
    """本期。"""
    total: dict[Field_, Cell] = Field(default_factory=dict)
    """累计。"""
    corrections: dict[Field_, int] = Field(default_factory=dict)
    """更正：以前各期报过的数的增减。"""
    why: Long = ""
    """更正的理由。"""
    removed: dict[Field_, tuple[Id, ...]] = Field(default_factory=dict)
    """以前报过、现在不再计入的。"""
    late: dict[Field_, tuple[Id, ...]] = Field(default_factory=dict)
    """补报：日期在本期以前，本期才计入的。"""
    series: Literal["regular", "daily"] = "regular"
    """daily 为攻坚周的日报，自成一个序列。"""
    people: Literal["person-days", "person-visits"] = "person-days"
    """人次的口径：人·日、人·户。"""
    head: Short = ""
    """报送时台账链的末端。"""
    situation: Long = ""
    """开展情况：随表报送的文字（CF2024-3.3-g）。"""


KeptFinding.model_rebuild()
KINDS: tuple[type[Kept], ...] = (
    Setting, Unit, RegisteredSite, Inspection, KeptFinding, TakenNumber, LedgerEntry, Filing,
)  # fmt: skip
BY_NAME: dict[str, type[Kept]] = {kind.KIND: kind for kind in KINDS}
"""The kinds by the names of their tables."""

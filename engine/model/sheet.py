"""A site, a visit and its answers: what an inspector writes down."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, JsonValue

from engine.model.base import CampaignName, Day, Field_, Model, RuleId

MAX_SHORT = 400
Short = Annotated[str, Field(max_length=MAX_SHORT)]
MAX_PEOPLE = 20
"""Of one kind at one visit."""
LONGEST_TEXT = 20_000
Long = Annotated[str, Field(max_length=LONGEST_TEXT)]
Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="时间，例如 09:05")]


class Site(Model):
    """The site inspected: its name, the fields that say who it is, and what business it does."""

    name: Short = ""
    identity: dict[Field_, Short] = Field(default_factory=dict)
    attributes: dict[Field_, bool] = Field(default_factory=dict)
    """Scope attributes known to hold or not; one that is missing is unknown and switches nothing off."""


class Inspector(Model):
    """An inspector with the certificate that 行政处罚法 asks for."""

    name: Short
    certificate: Short = ""
    unit: Short = ""


class Person(Model):
    """Somebody present: the party, a companion or a witness."""

    name: Short
    position: Short = ""
    document: Short = ""
    """身份证件号码。"""
    relation: Short = ""
    """与当事人的关系或授权。"""


class Visit(Model):
    """When, where and before whom the inspection took place (RECORDS §1). Empty fields print as blanks."""

    date: Day | None = None
    start: Clock | None = None
    end: Clock | None = None
    place: Short = ""
    category: Literal["日常", "专项", "双随机", "有因", "回头看", "飞检"] | None = None
    task: Short = ""
    """任务来源、事由。"""
    approval: Short = ""
    """审批人和批准日期。"""
    notice: Short = ""
    """检查通知书编号，或不预先通知的理由。"""
    times: Short = ""
    """本年度对该单位已检查的次数和频次上限。"""
    inspectors: Annotated[tuple[Inspector, ...], Field(max_length=MAX_PEOPLE)] = ()
    joint: Annotated[tuple[Inspector, ...], Field(max_length=MAX_PEOPLE)] = ()
    """联合检查的其他单位及其人员：unit 单位，name 姓名，certificate 证号。"""
    recorder: Short = ""
    present: Annotated[tuple[Person, ...], Field(max_length=MAX_PEOPLE)] = ()
    witness: Person | None = None
    certificates_shown: bool | None = None
    """是否已出示执法证件。"""
    recusal: Literal["申请回避", "不申请回避"] | None = None
    recusal_decision: Short = ""
    """对回避申请的决定：由谁、何时、怎样决定。"""
    statement: Long = ""
    """当事人意见，照原话写。"""
    refusal: Short = ""
    """拒绝签名或到场的情形和理由。"""
    recordings: Short = ""
    """照片、录音录像：设备、起止时间。"""


class Answer(Model):
    """What was answered to one item or table."""

    status: Literal["answered", "not-applicable", "not-checked"]
    value: JsonValue = None
    """是/否 and choices as text, numbers, dates as 2024-01-31, tables as lists of rows."""
    details: dict[Field_, JsonValue] = Field(default_factory=dict)
    note: Long = ""


class EarlierFinding(Model):
    """A finding of an earlier record, for 回头看."""

    finding: RuleId
    date: Day | None = None
    record: Short = ""
    sentence: Long = ""


Way = Literal["yaml", "json", "xlsx", "csv", "fillable-pdf", "offline-form", "keyed", "scan", "odk"]
"""How answers came in: the name of a format, keyed at the terminal, or read from scanned paper."""
Basis = Literal["seen", "document", "interview"]
"""What an answer rests on: 现场看到, 查阅文件, 询问."""


class Source(Model):
    """One file or one sitting that answers came from."""

    way: Way
    file: Short = ""
    """File name, without its folder."""
    sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    by: Short = ""
    """由谁录入。"""
    at: Short = ""
    """何时录入，例如 2024-01-15 16:30。"""


class Origin(Model):
    """Where the answer to one item or table came from, and how it was settled."""

    source: Annotated[int, Field(ge=1)]
    """Number of the source, from 1."""
    agreed: tuple[Annotated[int, Field(ge=1)], ...] = ()
    """Other sources that say the same."""
    basis: Basis | None = None
    how: Literal["", "bulk-confirmed", "confirmed", "settled", "carried"] = ""
    """bulk-confirmed: 是 to the rest of a section at once; confirmed: a doubtful reading looked at by a person;
    settled: chosen among several; carried: brought over from an older checklist."""
    by: Short = ""
    at: Short = ""
    why: Long = ""


class SheetPhoto(Model):
    """A photograph that came with the answers."""

    file: Short
    """Beside the sheet, for example 答卷.photos/YD-14-1-0a1b2c3d.jpg."""
    item: Annotated[str, Field(max_length=40)]
    """Code of an item, name of a shared table, or visit."""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


MAX_SOURCES = 200
MAX_CANDIDATES = 2 * MAX_SOURCES
"""Each source may say one thing, and a scan two."""
MAX_PHOTOS = 500
"""Of a sheet; a record has as many lines of evidence."""


class Provenance(Model):
    """Who entered which answer, when and how. It decides nothing."""

    sources: Annotated[tuple[Source, ...], Field(max_length=MAX_SOURCES)] = ()
    answers: dict[str, Origin] = Field(default_factory=dict)
    """By item code or table; what is not named came from the first source."""
    pictures: Annotated[tuple[Short, ...], Field(max_length=500)] = ()
    """Images of handwriting beside the sheet, for whoever types it."""
    photos: Annotated[tuple[SheetPhoto, ...], Field(max_length=MAX_PHOTOS)] = ()
    """Photographs that came with the answers: evidence of the record."""
    as_written: JsonValue = None
    """What a sheet of an earlier version said in words of its own, kept as it was."""


def _of_any_age(value: object) -> object:
    """Return provenance as it is written now; until this had a form, anything could stand here."""
    if value is None or isinstance(value, Provenance):
        return value
    if isinstance(value, dict) and (not value or set(value) & set(Provenance.model_fields)):
        return {key: held if key == "as_written" else _with_tuples(held) for key, held in value.items()}
    return {"as_written": value}


def _with_tuples(value: object) -> object:
    """Return JSON with tuples for lists: what a validator hands on is held to be Python, where these are strict."""
    if isinstance(value, dict):
        return {key: _with_tuples(held) for key, held in value.items()}
    return tuple(map(_with_tuples, value)) if isinstance(value, list) else value


WrittenProvenance = Annotated[Provenance | None, BeforeValidator(_of_any_age)]


class Candidate(Model):
    """What an answer may be, and what says so."""

    answer: JsonValue = None
    """As it would stand under answers."""
    source: Annotated[int, Field(ge=1)] = 1
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None


class Unsettled(Model):
    """An answer that a person must settle before anything is evaluated: 待确认."""

    kind: Literal["unsure", "conflict", "changed"]
    """unsure: read from paper with doubt; conflict: sources differ; changed: the question is no longer the same."""
    why: Long
    candidates: Annotated[tuple[Candidate, ...], Field(min_length=1, max_length=MAX_CANDIDATES)]


Unsettleds = dict[str, Unsettled]
"""By item code or table, or by the field of visit or site: visit.place."""
MAX_OTHER = 40
Other = Annotated[tuple[Long, ...], Field(max_length=MAX_OTHER)]
"""What was written down beside the items of the list: 另查项目、其他问题."""

Earlier = Annotated[tuple[EarlierFinding, ...], Field(max_length=500)]


class AnswerSheet(Model):
    """The visit and the answers to one checklist. Where they came from is kept apart."""

    campaign: CampaignName
    lock: str
    site_type: str
    routine: bool
    site: Site
    visit: Visit
    answers: dict[str, Answer]
    """By item code, or by the name of a shared table."""
    earlier: tuple[EarlierFinding, ...] = ()
    other: Other = ()
    unsettled: Unsettleds = Field(default_factory=dict)
    """Empty before anything is evaluated."""
    provenance: Provenance | None = None
    """Who entered the answers, when and how; it decides nothing."""


class SheetFile(Model):
    """An answer sheet as it is written in YAML or JSON, before its answers are read by their questions."""

    kind: Literal["answers"]
    campaign: CampaignName
    lock: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    checklist: str = ""
    """检查表编号，印在表头。"""
    site_type: str
    routine: bool = False
    site: Site = Site()
    visit: Visit = Visit()
    answers: dict[str, JsonValue]
    earlier: Earlier = ()
    other: Other = ()
    """另查项目、其他问题，照原话写；不参与判定，印在检查表上。"""
    unsettled: Unsettleds = Field(default_factory=dict)
    """待确认的答案：由人定下（answers confirm）之前不能判定。"""
    provenance: WrittenProvenance = None
    """答案由谁、何时、怎样录入；不参与判定。"""

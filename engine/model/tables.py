"""The tables that a bureau files: rules/tables/<table>.yaml says what each column counts and where it comes from."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from engine.model.base import ClauseId, Disposition, Field_, Grade, Model, Name, RuleId, Text

Measure = Literal[
    "家次", "家", "户次", "户", "人次", "人", "个", "批次", "次", "起", "件", "份", "条", "篇", "场", "万元", "%",
]  # fmt: skip
"""What a figure counts. 万元 is kept in 分 and printed with two decimals; % in hundredths of a percent."""
Heading = Annotated[str, Field(min_length=1, max_length=60)]
Chain = Literal["single", "store", "head"]


class FindingFilter(Model):
    """Which confirmed findings count; what is not written does not matter."""

    grades: tuple[Grade, ...] = ()
    rules: tuple[RuleId, ...] = ()
    priorities: tuple[Name, ...] = ()
    """规则的主题；与 rules 写了哪个都行，满足其一即可。"""
    dispositions: tuple[Disposition, ...] = ()
    red_line: bool | None = None
    on_the_spot: bool | None = None
    """当场改正，已核实。"""
    recurs: bool | None = None
    """反弹。"""


class VisitFilter(Model):
    """Which final records count; what is not written does not matter."""

    site_types: tuple[Name, ...] = ()
    chain: tuple[Chain, ...] = ()
    attributes: tuple[Field_, ...] = ()
    """有其中任何一项业务范围。"""
    trades: tuple[Text, ...] = ()
    """业态中有其中任何一个词。"""
    online: bool | None = None
    """网络巡查（true）或现场检查（false）。"""
    assisted: bool | None = None
    """有配合、联合检查的单位。"""
    areas: tuple[Text, ...] = ()
    """在其中任何一个重点区域。"""
    any_area: bool = False
    """在重点区域。"""
    earlier: bool = False
    """回头看：核实了上次的问题。"""
    has: FindingFilter | None = None
    """有符合这些条件的问题。"""


class OfVisits(Model):
    """Counted from final inspection records, by the day on which the inspection ended."""

    type: Literal["visits"]
    count: Literal["visits", "sites", "people", "products", "batches", "findings", "goods"]
    """家次、去重的家数、出动人次、抽查品种、批次、问题个数、涉案货值草算。"""
    where: VisitFilter = VisitFilter()


class OfFollowUp(Model):
    """Counted from what became of findings."""

    type: Literal["follow-up"]
    count: Literal["visits", "findings", "notices"]
    """家次、问题个数、责令改正通知书份数（同一文号一份）。"""
    state: Literal["ordered", "corrected", "not-corrected", "waived"]
    """已责令改正（按责令改正的日期）、已全部改正、未改正、暂不追究（按认定日期）。"""
    where: VisitFilter = VisitFilter()


class OfLedger(Model):
    """Counted from a ledger; voided entries never count."""

    type: Literal["ledger"]
    ledger: Name
    day: Field_
    """按哪一栏的日期计入期间；空着的不计。"""
    count: Literal["entries", "sites", "sum"] = "entries"
    """条数、去重的单位数、某一栏之和。"""
    field: Field_ | None = None
    """count: sum 时求和的栏目。"""
    where: dict[Field_, tuple[Text | bool, ...]] = Field(default_factory=dict)
    """这一栏是其中之一。"""
    filled: tuple[Field_, ...] = ()
    """这些栏目填了，而且不是 0。"""
    site_types: tuple[Name, ...] = ()
    """涉及这些类型的单位：按条目、它的检查或它的线索找到单位；找不到的不计。"""

    @model_validator(mode="after")
    def _a_sum_has_its_field(self) -> OfLedger:
        if (self.count == "sum") != (self.field is not None):
            raise PydanticCustomError("field", "count: sum 要写 field，其余的不写")
        return self


class OfRegister(Model):
    """Counted from the register: sites that are open on the last day."""

    type: Literal["register"]
    site_types: tuple[Name, ...] = ()
    chain: tuple[Chain, ...] = ()
    attributes: tuple[Field_, ...] = ()


class Keyed(Model):
    """Typed by a person into the ledger of keyed figures; without an entry the figure is blank, which is not 0."""

    type: Literal["keyed"]
    figure: Heading


class OfColumns(Model):
    """Sums and differences of other columns of the table."""

    type: Literal["columns"]
    add: tuple[Field_, ...] = Field(min_length=1)
    subtract: tuple[Field_, ...] = ()


class Share(Model):
    """A column as a share of another in percent; made anew from both, never averaged."""

    type: Literal["share"]
    part: Field_
    whole: Field_


Source = Annotated[
    OfVisits | OfFollowUp | OfLedger | OfRegister | Keyed | OfColumns | Share, Field(discriminator="type")
]


class Column(Model):
    """A column of a table."""

    title: tuple[Heading, ...] = Field(min_length=1, max_length=2)
    """一级表头和二级表头。"""
    unit: Measure
    source: Source
    number: int | None = None
    """栏号，印在表头。"""
    within: Field_ | None = None
    """“其中”：不大于这一栏。"""
    also: tuple[Heading, ...] = ()
    """别的表里的叫法，供认表头用。"""
    clauses: tuple[ClauseId, ...] = ()
    """由这一栏落实的方案条款。"""
    note: Text | None = None
    """口径，印在表下。"""


class Part(Model):
    """A part of a table: its columns stand side by side on one sheet."""

    title: Heading
    columns: dict[Field_, Column] = Field(min_length=1, max_length=40)
    chart: bool = False
    """只印成条形图：每一栏一条，是它的 within 一栏的一部分；数照样计算、报送。"""


class AtMost(Model):
    """The sum of some columns is at most that of others."""

    type: Literal["at-most"]
    left: tuple[Field_, ...] = Field(min_length=1)
    right: tuple[Field_, ...] = Field(min_length=1)
    hard: bool = True
    """true：不符合的不能报；false：只提示。"""
    note: Text | None = None


class AtLeast(Model):
    """A column is at least so much wherever another is not 0."""

    type: Literal["at-least"]
    column: Field_
    least: int = Field(ge=1, le=1000)
    where: Field_
    hard: bool = False
    note: Text | None = None


Check = Annotated[AtMost | AtLeast, Field(discriminator="type")]


class TableFile(Model):
    """rules/tables/<table>.yaml."""

    table: Name
    title: Heading
    shows: Literal["total", "both"]
    """total 只印累计；both 本期、累计都印。"""
    parts: tuple[Part, ...] = Field(min_length=1, max_length=12)
    checks: tuple[Check, ...] = ()
    """勾稽关系。"""
    notes: tuple[Text, ...] = ()
    """口径，印在表下。"""
    clauses: tuple[ClauseId, ...] = ()

    @cached_property
    def columns(self) -> dict[str, Column]:
        """Return every column by its id, in order."""
        return {name: column for part in self.parts for name, column in part.columns.items()}


class MappedColumn(Model):
    """A column of a bureau's own table and what stands in it."""

    title: str = Field(max_length=300)
    """他们的表头，各级用 / 相连。"""
    column: Field_ | None = None
    """填哪一栏；不认识的空着，不填。"""
    of: Literal["period", "total"] = "total"


class MappingFile(Model):
    """MAPPING.yaml: which column of a bureau's own workbook is which of ours."""

    kind: Literal["table-mapping"]
    table: Name
    sheet: str = Field(max_length=31)
    first_row: int = Field(ge=2, le=1000)
    """数据从第几行开始。"""
    last_row: int | None = Field(default=None, ge=2, le=1000)
    """合计在第几行；没有合计行的不写，写在数据之后。"""
    number_column: str | None = Field(default=None, pattern=r"^[A-Z]{1,3}$")
    """序号在哪一列。"""
    unit_column: str | None = Field(default=None, pattern=r"^[A-Z]{1,3}$")
    """单位在哪一列。"""
    columns: dict[Annotated[str, Field(pattern=r"^[A-Z]{1,3}$")], MappedColumn]

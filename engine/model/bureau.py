"""The profile of a bureau: what its papers carry at the top and the foot, without touching a template."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from engine.model.base import Model
from engine.model.sheet import Long, Short

PaperName = Literal[
    "inspection-record", "scene-record", "correction-notice", "service-receipt", "evidence-list", "goods-list",
    "clue-transfer", "crime-transfer", "review-record", "checklist",
]  # fmt: skip
"""The papers that a record prints, by the names of their templates."""

Code = Annotated[str, Field(min_length=1, max_length=16, pattern=r"^[\u4e00-\u9fffA-Za-z0-9（）]+$")]


FontRole = Literal["song", "fang", "hei", "kai", "biaosong", "rare"]
"""What a font is for: tables and forms, running text, headings and labels, subtitles and notes, titles, rare names."""


class Station(Model):
    """A station that numbers papers by itself."""

    name: Short
    block: Annotated[str, Field(pattern=r"^[\u4e00-\u9fffA-Z0-9]{1,6}$", description="编号段，如 蚌3")]


class BureauFile(Model):
    """BUREAU.yaml: names, codes, addresses of one bureau."""

    kind: Literal["bureau"]
    authority: Short
    """执法机关全称，印在每份文书的抬头。"""
    code: Code | None = None
    """机关代字，如 （瑶）；写了就要求文书编号以它开头。"""
    kinds: dict[PaperName, Code] = Field(default_factory=dict)
    """各种文书的类别代字，如 correction-notice: 市监责改；写了就要求编号中有它。"""
    stations: tuple[Station, ...] = ()
    """各市场监管所的编号段。"""
    address: Short = ""
    phone: Short = ""
    contact: Short = ""
    """联系人。"""
    reconsideration: Short = ""
    """行政复议机关。"""
    court: Short = ""
    """行政诉讼的法院。"""
    remedy: Long = ""
    """复议、诉讼途径和期限的全文，由法制机构核定；不写则留空白待填。"""
    header: Short = ""
    """抬头上方的一行字，例如上级机关名称。"""
    copies: dict[PaperName, Annotated[tuple[Short, ...], Field(min_length=1, max_length=6)]] = Field(
        default_factory=dict
    )
    """各种文书印几联、各联的用途，如 correction-notice: [第一联 存档, 第二联 交当事人]。"""
    fonts: dict[FontRole, Annotated[str, Field(min_length=1, max_length=1000)]] = Field(default_factory=dict)
    """本单位的字体文件（.ttf、.otf、.ttc），如 fang: C:/Windows/Fonts/simfang.ttf；相对路径从本文件所在文件夹算起。"""

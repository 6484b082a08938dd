"""Numbers of papers: （瑶）市监药检〔2024〕15号, from a station's block 〔2024〕蚌3-015号 (RECORDS §3, GB/T 9704)."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from engine.model.bureau import BureauFile, PaperName

_NUMBER = re.compile(
    r"(?P<prefix>[\u4e00-\u9fffA-Za-z0-9（）]{1,32})〔(?P<year>[0-9]{4})〕"
    r"(?:(?P<block>[\u4e00-\u9fffA-Z0-9]{1,6})-(?P<padded>[0-9]{1,6})|(?P<serial>[1-9][0-9]{0,5}))号"
)
EXAMPLE = "（瑶）市监药检〔2024〕15号"


class PaperNumber(NamedTuple):
    """A number of a paper in its parts."""

    prefix: str
    """Code of the authority and of the kind of paper."""
    year: int
    block: str
    """The station's block, empty for the authority's own series."""
    serial: int


def read_number(text: str) -> PaperNumber | None:
    """Return the parts of a number, None if it is not written as one: 〔〕 around the year, no 第, no leading zero."""
    found = _NUMBER.fullmatch(text.strip())
    if found is None or (found["padded"] is not None and int(found["padded"]) == 0):
        return None
    serial = int(found["padded"] or found["serial"])
    return PaperNumber(found["prefix"], int(found["year"]), found["block"] or "", serial)


def write_number(number: PaperNumber) -> str:
    """Return a number as it is printed: a serial of a block with three digits at least, others without zeros."""
    serial = f"{number.block}-{number.serial:03}" if number.block else str(number.serial)
    return f"{number.prefix}〔{number.year}〕{serial}号"


def number_faults(text: str, paper: PaperName, day: date | None, bureau: BureauFile | None) -> list[str]:
    """Return in Chinese what is wrong with the number of a paper made on a day, nothing if it is right.

    bureau: its codes and the blocks of its stations must be those of the number, as far as it names any.
    """
    number = read_number(text)
    if number is None:
        return [f"编号 “{text}” 的写法不对，应如 {EXAMPLE}（年份用〔〕，不加“第”，序号不补零）"]
    faults = []
    if day is not None and number.year not in (day.year, day.year + 1):
        faults.append(f"编号 “{text}” 的年份不是检查的年份（{day.year}）")
    if bureau is not None:
        code, kind = bureau.code or "", bureau.kinds.get(paper, "")
        if code and not number.prefix.startswith(code):
            faults.append(f"编号 “{text}” 不以机关代字 {code} 开头")
        if kind and not number.prefix.endswith(kind):
            faults.append(f"编号 “{text}” 的类别代字不是 {kind}")
        blocks = {s.block for s in bureau.stations}
        if number.block and blocks and number.block not in blocks:
            faults.append(f"编号 “{text}” 的编号段 {number.block} 不在各所的编号段中（{'、'.join(sorted(blocks))}）")
    return faults

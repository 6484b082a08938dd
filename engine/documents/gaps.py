"""What keeps a paper of a record a draft: of the record, and of the paper's own number, date and contents."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import cast

from engine.documents.case_view import NUMBERED, TITLES
from engine.inspections.evidence import PHOTO
from engine.inspections.named import certified, is_named, plain
from engine.inspections.opening import Recorded, missing_for_final
from engine.model.bureau import BureauFile, PaperName
from engine.model.record import Evidence, RecordFile
from engine.numbering import number_faults

_OF_THE_RECORD = ("inspection-record", "checklist")
"""Papers that carry the record's own number."""
_TIME = re.compile("[0-9年月日时分秒:/.,t~-]|上午|下午")
_LISTED = 10


def gaps_of(recorded: Recorded, document: str, bureau: BureauFile | None = None) -> list[str]:
    """Return in Chinese what keeps a paper of a record a draft."""
    paper = cast(PaperName, document)
    gaps = [*missing_for_final(recorded), *_own_gaps(recorded.record, paper, bureau)]
    if paper == "service-receipt":  # it says that a notice was handed over: there must be one
        gaps += [f"送达的文书未定稿：{gap}" for gap in _own_gaps(recorded.record, "correction-notice", bureau)]
        gaps += _served_too_early(recorded.record)
    if paper == "evidence-list":
        gaps += _bare_photos(recorded.record)
    return gaps


def _own_gaps(record: RecordFile, paper: PaperName, bureau: BureauFile | None) -> list[str]:
    """Return what is wrong with the number, the date and the remarks of one paper."""
    data, day, gaps = record.papers.get(paper), record.visit.date, []
    number = _number(record, paper)
    if paper in NUMBERED and not plain(number):
        gaps.append(f"缺{TITLES[paper]}的编号（papers 中 {paper} 的 number）")
    if paper == "scene-record" and not (data and is_named(data.note)):
        gaps.append(f"缺{TITLES[paper]}的案由（papers 中 {paper} 的 note）")
    if plain(number):
        gaps += number_faults(number, "inspection-record" if paper == "checklist" else paper, day, bureau)
        gaps += _same_number(record, paper, number)
    if paper not in _OF_THE_RECORD and data and data.date and day and data.date < day:
        gaps.append(f"{TITLES[paper]}的日期 {data.date.isoformat()} 早于检查日期 {day.isoformat()}")
    return gaps


def _number(record: RecordFile, paper: PaperName) -> str:
    if paper in _OF_THE_RECORD:
        return record.number
    data = record.papers.get(paper)
    return data.number if data else ""


def _same_number(record: RecordFile, paper: PaperName, number: str) -> list[str]:
    """Return which other papers of the record have this number: each has its own (RECORDS §3)."""
    others: list[PaperName] = ["inspection-record", *(p for p in record.papers if p not in _OF_THE_RECORD)]
    own: PaperName = "inspection-record" if paper in _OF_THE_RECORD else paper
    same = [TITLES[p] for p in others if p != own and plain(_number(record, p)) == plain(number)]
    return [f"编号 “{number}” 与{'、'.join(same)}的编号相同，每种文书各编各的号"] if same else []


def _served_too_early(record: RecordFile) -> list[str]:
    receipt, notice = record.papers.get("service-receipt"), record.papers.get("correction-notice")
    if not (receipt and notice and receipt.date and notice.date and receipt.date < notice.date):
        return []
    return [f"送达回证的日期 {receipt.date.isoformat()} 早于责令改正通知书的日期 {notice.date.isoformat()}"]


def _bare_photos(record: RecordFile) -> list[str]:
    """Return which photographs do not say when, where and by which two people they were taken, and what they prove."""
    inspectors = sorted(certified(record.visit.inspectors), key=len, reverse=True)
    photos = [line for line in record.evidence if line.what == PHOTO]
    wanted: tuple[tuple[str, Callable[[Evidence], bool]], ...] = (
        ("没有写拍摄的时间和地点（taken）", lambda line: _when_and_where(line.taken)),
        ("没有写两名拍摄的检查人员（by）", lambda line: _taken_by_two(line, inspectors)),
        ("没有写证明什么（proves）", lambda line: is_named(line.proves)),
    )
    found = []
    for words, is_right in wanted:
        bare = [line.number for line in photos if not is_right(line)]
        if bare:
            shown = "、".join(bare[:_LISTED]) + (f" 等 {len(bare)} 件" if len(bare) > _LISTED else "")
            found.append(f"照片（证据 {shown}）{words}")
    return found


def _when_and_where(taken: str) -> bool:
    text = plain(taken)
    return any(c.isdigit() for c in text) and is_named(_TIME.sub("", text))


def _taken_by_two(line: Evidence, inspectors: list[str]) -> bool:
    """Return whether two of the inspectors, the longest names first, are named."""
    text, found = plain(line.by), 0
    for name in inspectors:
        found, text = found + (name in text), text.replace(name, "、")
    return found >= 2

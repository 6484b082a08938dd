"""Nobody is at two sites at once (RECORDS §1, 8): records of one day with the same inspector and times that overlap."""

from __future__ import annotations

from collections.abc import Iterable

from engine.inspections.named import plain
from engine.model.record import RecordFile


def overlapping(record: RecordFile, others: Iterable[tuple[str, RecordFile]]) -> list[str]:
    """Return in Chinese with which other inspections a record overlaps, and in whom.

    others: inspection and record. Records without their times, and of other days, say nothing; one visit may begin in
    the minute in which another ends.
    """
    visit = record.visit
    if visit.date is None or not (visit.start and visit.end):
        return []
    mine = {plain(i.certificate) or plain(i.name): i.name.strip() for i in visit.inspectors if plain(i.name)}
    found = []
    for inspection, other in others:
        theirs = other.visit
        if theirs.date != visit.date or not (theirs.start and theirs.end):
            continue
        keys = {plain(i.certificate) or plain(i.name) for i in theirs.inspectors}
        same = [name for key, name in mine.items() if key in keys]
        if same and visit.start < theirs.end and theirs.start < visit.end:
            found.append(
                f"{'、'.join(same)} 同一时间也在检查 {inspection}（{theirs.start} 至 {theirs.end}），请核对起止时间"
            )
    return found

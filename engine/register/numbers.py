"""Numbers of papers in their series: the next one, those that are missing, what a record may carry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from engine.inspections.named import plain
from engine.model.bureau import BureauFile, PaperName
from engine.model.record import RecordFile
from engine.model.workspace import TakenNumber
from engine.numbering import PaperNumber, read_number, write_number

RECORD: PaperName = "inspection-record"
"""The paper whose number stands at the record itself."""


class Series(NamedTuple):
    """What numbers run in: authority and kind of paper, year, and the block of a station."""

    prefix: str
    year: int
    block: str = ""

    @property
    def name(self) -> str:
        """Return the series as it is kept and looked up."""
        return f"{self.prefix}〔{self.year}〕{self.block}"

    def number(self, serial: int) -> str:
        """Return a number of the series as it is printed."""
        return write_number(PaperNumber(self.prefix, self.year, self.block, serial))


def series_of(bureau: BureauFile, paper: PaperName, year: int, block: str) -> Series | None:
    """Return the series of a paper, None if the bureau's profile does not say how its numbers begin."""
    kind = bureau.kinds.get(paper)
    return Series(f"{bureau.code or ''}{kind}", year, block) if kind else None


def series_named(number: str) -> tuple[Series, int] | None:
    """Return series and serial of a number as printed, None if it is not written as one."""
    parts = read_number(number)
    return None if parts is None else (Series(parts.prefix, parts.year, parts.block), parts.serial)


def next_serial(taken: Iterable[TakenNumber]) -> int:
    """Return the serial behind the highest of a series: a number that was skipped or voided is not used again."""
    return max((number.serial for number in taken), default=0) + 1


class SeriesState(NamedTuple):
    """A series as it stands."""

    series: str
    taken: tuple[TakenNumber, ...]
    """By serial, the voided among them."""
    missing: tuple[int, ...]
    """Serials below the highest that nobody took: used on paper without the program, or never."""


def states(numbers: Iterable[TakenNumber]) -> list[SeriesState]:
    """Return every series with its numbers and gaps, sorted."""
    groups: dict[str, list[TakenNumber]] = {}
    for number in numbers:
        groups.setdefault(number.series, []).append(number)
    found = []
    for series, taken in sorted(groups.items()):
        serials = {number.serial for number in taken}
        missing = tuple(serial for serial in range(1, max(serials)) if serial not in serials)
        found.append(SeriesState(series, tuple(sorted(taken, key=lambda n: n.serial)), missing))
    return found


def numbers_on(record: RecordFile) -> Iterator[tuple[PaperName, str]]:
    """Yield the numbers that a record carries, with the paper of each."""
    if plain(record.number):
        yield RECORD, record.number.strip()
    for paper, data in sorted(record.papers.items()):
        if plain(data.number):
            yield paper, data.number.strip()


def clashes(record: RecordFile, inspection: str, taken: Iterable[TakenNumber]) -> list[str]:
    """Return in Chinese which numbers of a record are not its own: voided, or taken for another inspection or paper."""
    known = {number.id: number for number in taken}
    found = []
    for paper, text in numbers_on(record):
        number = known.get(text)
        if number is None:
            continue
        if number.voided:
            found.append(f"编号 {text} 已作废（{number.voided}）")
        elif number.inspection not in (None, inspection):
            found.append(f"编号 {text} 已用于检查 {number.inspection}")
        elif number.paper != paper:
            found.append(f"编号 {text} 是为另一种文书（{number.paper}）取的")
    return found


def used_by(record: RecordFile, inspection: str, taken: Iterable[TakenNumber]) -> list[TakenNumber]:
    """Return the numbers of a record that are to be kept as taken for its inspection: those not kept so yet.

    What is not written as a number has no series and is left alone.
    """
    known = {number.id: number for number in taken}
    found = []
    for paper, text in numbers_on(record):
        parts = series_named(text)
        if parts is None:
            continue
        series, serial = parts
        new = TakenNumber(id=text, series=series.name, serial=serial, paper=paper, inspection=inspection)
        if known.get(text) != new:
            found.append(new)
    return found

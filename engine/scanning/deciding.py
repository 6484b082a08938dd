"""What the boxes of a whole sheet say together: one answer a question, or why a person must look."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median
from typing import NamedTuple

from engine.documents.marks import FieldKind
from engine.scanning.measuring import Measured, State

_FILLS = 5
"""Boxes filled in on a sheet before filling in is taken for a way to tick."""
_MOSTLY = 0.7
_FEW = 5
_MUCH_MORE, _MUCH_LESS, _MUCH_THINNER = 1.8, 0.45, 0.8
_LESSER = 0.45
"""Of the pen in a ticked box: less than this in another box of the same question is dirt or a stroke too long."""
_REST, _IN_PIECES, _ANSWERED = 0.08, 0.2, 0.4
"""Square millimetres that are the rest of a mark; share of marks in pieces, share of questions with a mark, beyond
which marks are thought to be lost."""
_QUESTIONS = 4
_FADED = "黑白（1 位）扫描，笔迹很淡，可能丢失了"
_DOMINANT = 0.92
_FILLED_SURE = 0.92


class Reading(NamedTuple):
    """One way to read a field: the number of its ticked box, or none."""

    chosen: int | None
    confidence: float


class Decision(NamedTuple):
    """What a field of boxes says."""

    field: str
    kind: FieldKind
    title: str
    page: int
    readings: tuple[Reading, ...]
    """The likeliest first; there is always one."""
    why: str
    """Why a person must look, empty if none need."""
    boxes: tuple[Measured, ...]

    @property
    def chosen(self) -> int | None:
        """The number of the ticked box, None if there is none; the likeliest if a person must look."""
        return self.readings[0].chosen

    @property
    def is_sure(self) -> bool:
        """Whether nobody need look."""
        return not self.why


def decide(measured: Iterable[Measured], *, faint_may_be_gone: bool = False) -> list[Decision]:
    """Return what each field says, in the order of its first box. measured: all boxes of a sheet, of one writer.

    faint_may_be_gone: it was scanned with one bit a pixel; if what is left looks like the rest of faint marks, or if
    hardly anything is left, boxes without a mark are in doubt too.
    """
    fields: dict[str, list[Measured]] = {}
    for each in measured:
        fields.setdefault(each.box.field, []).append(each)
    everything = [each for boxes in fields.values() for each in boxes]
    fills, usual = _writer_fills(everything), _usual(everything)
    faded = _faded_pages(list(fields.values())) if faint_may_be_gone else frozenset()
    return [
        _decided([_compared(each, usual, fills) for each in boxes], fills, boxes[0].box.page in faded)
        for boxes in fields.values()
    ]


def _faded_pages(fields: Sequence[Sequence[Measured]]) -> frozenset[int]:
    """Return the pages on which marks seem to have been lost; one with few questions is taken as the whole sheet is."""
    whole = _faded(fields)
    by_page: dict[int, list[Sequence[Measured]]] = {}
    for boxes in fields:
        by_page.setdefault(boxes[0].box.page, []).append(boxes)
    many = {page: sum(len(boxes) > 1 for boxes in own) >= _QUESTIONS for page, own in by_page.items()}
    return frozenset(page for page, own in by_page.items() if (_faded(own) if many[page] else whole))


def _faded(fields: Sequence[Sequence[Measured]]) -> bool:
    """Return whether marks seem to have been lost: many in pieces, or hardly a question with one."""
    every = [each for boxes in fields for each in boxes]
    strong = sum(each.state == State.HEAVY or (each.state == State.TICKED and each.is_sure) for each in every)
    weak = sum(each.state in (State.EMPTY, State.UNCLEAR) and each.ink > _REST for each in every)
    questions = sum(len(boxes) > 1 for boxes in fields)
    return weak > _IN_PIECES * (strong + weak) or strong < _ANSWERED * questions


class _Usual(NamedTuple):
    """Of this writer's ticks: how much pen they take, how wide their strokes are."""

    ink: float
    thick: float


def _usual(boxes: Sequence[Measured]) -> _Usual | None:
    """Return what this writer's ticks are like, None if there are too few to say."""
    ticks = [each for each in boxes if each.state == State.TICKED and each.is_sure]
    if len(ticks) < _FEW:
        return None
    return _Usual(median(each.ink for each in ticks), median(each.thick for each in ticks))


def _compared(one: Measured, usual: _Usual | None, fills: bool) -> Measured:
    """Return a box in doubt if its tick is unlike this writer's others: overwritten, or no pen of theirs."""
    if one.state != State.TICKED:
        return one
    if fills:
        return one._replace(confidence=min(one.confidence, 0.7), why="别处是涂满的，这里不是")
    if usual is None:
        return one
    if one.ink > _MUCH_MORE * usual.ink:
        return one._replace(confidence=min(one.confidence, 0.7), why="笔迹比别处的勾重得多，可能涂改过")
    if one.thick < _MUCH_THINNER * usual.thick or one.ink < _MUCH_LESS * usual.ink:
        return one._replace(state=State.UNCLEAR, confidence=0.5, why="比别处的勾细小得多，可能是污迹")
    return one


def _writer_fills(boxes: Sequence[Measured]) -> bool:
    """Return whether this writer ticks by filling boxes in."""
    filled = sum(each.state == State.HEAVY for each in boxes)
    marked = sum(each.state in (State.HEAVY, State.TICKED) for each in boxes)
    return filled >= _FILLS and filled >= _MOSTLY * marked


def _decided(boxes: Sequence[Measured], fills: bool, faded: bool) -> Decision:
    box = boxes[0].box
    alone = len(boxes) == 1 and box.kind == "tick"
    readings, why = _alone(boxes[0]) if alone else _one_of(boxes, fills)
    if faded and not why and readings[0].chosen is None:
        readings, why = [Reading(None, 0.6), *(Reading(each.box.number, 0.2) for each in boxes)], _FADED
    return Decision(box.field, box.kind, box.title, box.page, tuple(readings), why, tuple(boxes))


def _alone(one: Measured) -> tuple[list[Reading], str]:
    """Return how a box that stands alone may be read."""
    if one.is_sure:
        return [Reading(0 if one.state == State.TICKED else None, one.confidence)], ""
    empty = one.state == State.EMPTY
    held = one.confidence if one.state != State.HEAVY else 0.5
    readings = [Reading(None if empty else 0, held), Reading(0 if empty else None, round(1 - held, 2))]
    return readings, one.why or "看不清是否打了勾"


def _one_of(boxes: Sequence[Measured], fills: bool) -> tuple[list[Reading], str]:
    """Return how boxes of which one may be ticked can be read."""
    ticked = [each for each in boxes if each.state == State.TICKED]
    marked = [each for each in boxes if each.state != State.EMPTY]
    if all(each.is_sure for each in boxes) and len(ticked) < 2:
        chosen = ticked[0].box.number if ticked else None
        return [Reading(chosen, min(each.confidence for each in boxes))], ""
    if len(ticked) == 1 and ticked[0].is_sure and _dominates(ticked[0], boxes):
        return [Reading(ticked[0].box.number, _DOMINANT)], ""
    if fills and len(marked) == 1 and marked[0].state == State.HEAVY and _dominates(marked[0], boxes):
        return [Reading(marked[0].box.number, _FILLED_SURE)], ""
    return _possible(boxes, marked), _why(boxes, ticked, marked)


def _dominates(one: Measured, boxes: Sequence[Measured]) -> bool:
    others = [each for each in boxes if each is not one]
    return all(
        each.state in (State.EMPTY, State.UNCLEAR) and each.ink < _LESSER * one.ink and each.found for each in others
    )


def _possible(boxes: Sequence[Measured], marked: Sequence[Measured]) -> list[Reading]:
    """Return each marked box as a reading, clean marks before heavy ones, and none of them."""
    rank = {State.TICKED: 0.8, State.UNCLEAR: 0.5, State.HEAVY: 0.3, State.EMPTY: 0.2}
    doubtful = [each for each in boxes if each in marked or not each.is_sure]
    ordered = sorted(doubtful, key=lambda each: -rank[each.state])
    share = 1 / max(1, sum(each.state == State.TICKED for each in ordered))
    found = [Reading(each.box.number, round(rank[each.state] * share, 2)) for each in ordered]
    none = Reading(None, 0.4)
    return sorted([*found, none], key=lambda reading: -reading.confidence)


def _why(boxes: Sequence[Measured], ticked: Sequence[Measured], marked: Sequence[Measured]) -> str:
    if len(ticked) > 1:
        return f"勾了 {len(ticked)} 个：{'、'.join(each.box.option for each in ticked)}"
    others = [each for each in marked if each not in ticked]
    if others and ticked:
        return f"“{others[0].box.option}” {others[0].why or '看不清'}，另勾了 “{ticked[0].box.option}”"
    worst = min(boxes, key=lambda each: each.confidence if each.state != State.HEAVY else 0.5)
    return f"“{worst.box.option}” {worst.why or '看不清'}"

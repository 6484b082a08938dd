"""What stands in a printed box: measured in millimetres of pen, judged as empty, ticked, crossed out or doubtful."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

import cv2
import numpy as np

from engine.scanning.corners import Floats
from engine.scanning.layouts import TickBox
from engine.scanning.registering import PER_MM, STEP, Registered, outline_shifts

SURE = 0.9
"""A box read with less confidence than this is 待确认."""

_REACH = 3.2
_APART = 20
"""Rows of paper between boxes that are measured as one image."""
_OUTLINE = 0.08
"""Darkness of the outline of a box that was seen."""
_INSET = 0.55
"""Millimetres from the edge of a box that are left to its outline and to blur."""
_FAINTEST, _DARKEST = 0.11, 0.32
"""Bounds of the darkness from which something counts as pen."""
_NOISES = 4.5
_HALF = 0.4
"""Of its darkest part a stroke is as wide as where it is half as dark, and a little more."""
_VOID = (0.36, 0.46)
"""Millimetres from pen to the farthest paper inside: less when a box is filled in or scribbled over, more beside a
cross of a thick pen."""
_THROUGH = 0.97
"""Share of a straight line from side to side that is covered when a mark was struck through."""
_THIN = 0.62
"""Millimetres: the strokes of a thicker pen fill a line from side to side by themselves."""
_STRAIGHT = (0.87, 0.95)
_PIECE = 0.15
_CROSSINGS = 2.35
"""Strokes met by a line through the inside, on average, where there is a scribble."""


class State(StrEnum):
    """What a box looks like."""

    EMPTY = "empty"
    TICKED = "ticked"
    HEAVY = "heavy"
    """Filled in or scribbled over: somebody's way to tick, or a mark taken back."""
    UNCLEAR = "unclear"


class Measured(NamedTuple):
    """One box as it was seen."""

    box: TickBox
    state: State
    confidence: float
    """That the state is what was meant, 0 to 1."""
    ink: float
    """Square millimetres of pen inside."""
    thick: float = 0.0
    """How wide the strokes are, in millimetres."""
    why: str = ""
    """What makes it unclear, in Chinese."""
    found: bool = True
    """Whether the printed outline was seen."""

    @property
    def is_sure(self) -> bool:
        """Whether the box says by itself whether it is ticked."""
        return self.confidence >= SURE and self.state in (State.EMPTY, State.TICKED)


class Features(NamedTuple):
    """Of all boxes of a page, an array each."""

    area: Floats
    """Square millimetres of pen inside."""
    traces: Floats
    """Square millimetres that are darker than paper, however faint: no less than the pen."""
    width: Floats
    """Millimetres that the pen reaches across, and down, specks aside."""
    height: Floats
    thick: Floats
    """How wide the strokes are: millimetres."""
    solid: Floats
    """Share of the shape drawn around the pen that is pen: 1 for one straight stroke, less for a tick or a cross."""
    void: Floats
    """How far the farthest paper inside is from the pen: millimetres."""
    crossings: Floats
    """Strokes that a line through the inside meets, across or down."""
    line: Floats
    """The best covered straight row or column, 0 to 1."""
    outline: Floats
    """How dark the paler pair of sides of the printed box is."""
    edges: Floats
    """Whether pen touches the left, top, right, bottom edge of the inside."""


def measure(page: Registered) -> list[Measured]:
    """Return every box of a page as it was seen."""
    boxes = [box for box in page.layout.boxes if box.page == page.plan.number]
    if not boxes:
        return []
    features = features_of(page, boxes)
    judged = [_judged(box, features, number) for number, box in enumerate(boxes)]
    return _beside(boxes, features, judged)


def features_of(page: Registered, boxes: Sequence[TickBox]) -> Features:
    """Return what is measured of the boxes."""
    middles = np.array([(b.box.x + b.box.width / 2, b.box.y + b.box.height / 2) for b in boxes])
    width = boxes[0].box.width
    patches = page.patches(middles, _REACH)
    shifts, outline = outline_shifts(patches, width, 0.45)
    insides = _insides(patches, shifts, width)
    smooth = np.stack([cv2.GaussianBlur(inside, (0, 0), 0.13 * PER_MM) for inside in insides])
    quiet = np.minimum(np.percentile(smooth, 30, axis=(1, 2)), 0.15)
    smooth = np.clip(smooth - quiet[:, None, None], 0, 1)
    return _counted(smooth, _threshold(smooth), outline)


def _insides(patches: Floats, shifts: Floats, width: float) -> Floats:
    side = round((width - 2 * _INSET) * PER_MM)
    start = patches.shape[1] // 2 - side // 2
    found = np.empty((len(patches), side, side), np.float32)
    for number, (dx, dy) in enumerate(np.rint(shifts * PER_MM).astype(int)):
        found[number] = patches[number, start + dy : start + dy + side, start + dx : start + dx + side]
    return found


def _threshold(smooth: Floats) -> float:
    """Return the darkness from which something is pen: above the noise of this page's paper."""
    calm = np.sort(smooth.std(axis=(1, 2)))[: max(3, len(smooth) // 3)]
    return float(np.clip(_NOISES * np.median(calm), _FAINTEST, _DARKEST))


def _counted(smooth: Floats, least: float, outline: Floats) -> Features:
    count, side, _ = smooth.shape
    strongest = np.sort(smooth.reshape(count, -1), axis=1)[:, -max(1, side * side // 50)]
    pen = smooth > np.maximum(least, _HALF * strongest)[:, None, None]
    area = pen.sum(axis=(1, 2)).astype(np.float32) * STEP * STEP
    traces = (smooth > least).sum(axis=(1, 2)).astype(np.float32) * STEP * STEP
    edges = np.stack([pen[:, :, 0].any(1), pen[:, 0].any(1), pen[:, :, -1].any(1), pen[:, -1].any(1)], axis=1)
    width, height, thick, void = (np.zeros(count, np.float32) for _ in range(4))
    solid = np.ones(count, np.float32)
    joined = np.zeros((count, side + _APART, side), np.uint8)  # boxes one below the other, apart, as one image
    joined[:, _APART // 2 : -(_APART // 2)] = pen
    tall = cv2.morphologyEx(joined.reshape(-1, side), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(tall, connectivity=8)
    depth = cv2.distanceTransform(tall, cv2.DIST_L2, 3) * STEP
    away = (
        cv2.distanceTransform(1 - tall, cv2.DIST_L2, 3).reshape(count, side + _APART, side)[
            :, _APART // 2 : -(_APART // 2)
        ]
        * STEP
    )
    void[:] = np.minimum(away.max(axis=(1, 2)), side * STEP)
    largest: dict[int, int] = {}
    for number in range(1, len(stats)):
        of = int(stats[number, 1]) // (side + _APART)
        if of not in largest or stats[number, 4] > stats[largest[of], 4]:
            largest[of] = number
    for of, number in largest.items():
        x, y, w, h, size = (int(each) for each in stats[number])
        ys, xs = np.nonzero(labels[y : y + h, x : x + w] == number)
        thick[of] = 4 * float(depth[y : y + h, x : x + w][ys, xs].mean())
        top = of * (side + _APART)
        width[of], height[of], solid[of] = _shape(labels[top : top + side + _APART], stats, size)
    return Features(
        area,
        traces,
        width,
        height,
        thick,
        solid,
        void,
        _crossings(pen),
        _line(pen),
        outline,
        edges,
    )


def _shape(labels: Floats, stats: Floats, largest: int) -> tuple[float, float, float]:
    """Return how far the pieces of one box that are no specks reach across and down, and how solid they are."""
    kept = [n for n in np.unique(labels) if n and stats[n, 4] >= _PIECE * largest]
    points = np.argwhere(np.isin(labels, kept)).astype(np.int32)
    hull = cv2.convexHull(points)
    around = cv2.contourArea(hull) + cv2.arcLength(hull, True) / 2 + 1  # of whole pixels, not of their middles
    down, across = (points.max(axis=0) - points.min(axis=0) + 1) * STEP
    return float(across), float(down), len(points) / around


def _crossings(pen: Floats) -> Floats:
    """Return how many strokes a line through the middle of the inside meets, across or down, whichever is more."""
    side = pen.shape[1]
    part = slice(side // 5, side - side // 5)
    rows = (pen[:, part, 1:] & ~pen[:, part, :-1]).sum(2) + pen[:, part, 0]
    columns = (pen[:, 1:, part] & ~pen[:, :-1, part]).sum(1) + pen[:, 0, part]
    return np.asarray(np.maximum(rows.mean(1), columns.mean(1)), np.float32)


def _line(pen: Floats) -> Floats:
    """Return how much of the best straight line from side to side is covered, up to six degrees off the level."""
    count, side, _ = pen.shape
    best = np.zeros(count, np.float32)
    at = np.arange(side)
    for drop in range(-3, 4):
        moved = np.rint((at / (side - 1) - 0.5) * drop).astype(int)
        rows = np.clip(at[:, None] + moved[None, :], 0, side - 1)
        for image in (pen, pen.transpose(0, 2, 1)):
            best = np.maximum(best, image[:, rows, at[None, :]].mean(2).max(1))
    return best


def _ramp(value: float, low: float, high: float) -> float:
    """Return 0 up to low, 1 from high, and straight between."""
    return min(1.0, max(0.0, (value - low) / (high - low)))


def _judged(box: TickBox, features: Features, n: int) -> Measured:
    """Return what one box looks like by itself."""
    area = float(features.area[n])
    across, down = float(features.width[n]), float(features.height[n])
    if features.outline[n] < _OUTLINE:
        return Measured(box, State.UNCLEAR, 0.5, area, why="没有找到印好的方框", found=False)
    emptiness = min(1 - _ramp(float(features.traces[n]), 0.06, 0.30), 1 - _ramp(max(across, down), 0.5, 1.6))
    if emptiness >= 0.5:
        return Measured(box, State.EMPTY, emptiness, area, why="" if emptiness >= SURE else "方框里有小墨点")
    if features.void[n] < _VOID[0] or features.crossings[n] > _CROSSINGS:
        return Measured(box, State.HEAVY, 0.6, area, why="涂满或涂改")
    mark = min(
        _ramp(min(across, down), 0.6, 1.0), _ramp(max(across, down), 1.0, 1.4), _ramp(area, 0.3, 0.6),
        1 - _ramp(float(features.solid[n]), *_STRAIGHT),
    )  # fmt: skip
    why = "方框里的痕迹不像勾" if mark < SURE else ""
    if features.void[n] < _VOID[1]:
        mark, why = min(mark, 0.7), "笔迹很重，可能涂改过"
    if features.line[n] > _THROUGH and features.thick[n] < _THIN:
        mark, why = min(mark, 0.7), "有一道线穿过方框"
    state = State.TICKED if mark >= 0.5 else State.UNCLEAR
    return Measured(box, state, max(mark, 0.5), area, float(features.thick[n]), why)


def _beside(boxes: Sequence[TickBox], features: Features, judged: list[Measured]) -> list[Measured]:
    """Return the boxes with those in doubt that pen may have reached from the box above, below or beside."""
    found = list(judged)
    for a, first in enumerate(boxes):
        for b, second in enumerate(boxes):
            side = _touching(first, second) if a != b else None
            if side is None or not (features.edges[a, side] and features.edges[b, (side + 2) % 4]):
                continue
            lesser = a if features.area[a] <= features.area[b] else b
            greater = b if lesser == a else a
            if _own_mark(judged[lesser], judged[greater]):
                continue
            if judged[lesser].state != State.EMPTY or judged[lesser].confidence < 1:
                found[lesser] = found[lesser]._replace(
                    confidence=min(found[lesser].confidence, 0.7), why="可能是旁边方框的笔画伸了进来"
                )
    return found


def _own_mark(lesser: Measured, greater: Measured) -> bool:
    """Return whether the pen in a box is a mark of its own and cannot be the end of the stroke beside it."""
    return lesser.is_sure and greater.state != State.HEAVY and lesser.ink > 0.5 * greater.ink


def _touching(first: TickBox, second: TickBox) -> int | None:
    """Return at which side of a box another lies close by: 0 left, 1 top, 2 right, 3 bottom."""
    dx, dy = second.box.x - first.box.x, second.box.y - first.box.y
    if abs(dx) < 2.5 and first.box.height * 0.9 < abs(dy) < first.box.height + 1.6:
        return 3 if dy > 0 else 1
    if abs(dy) < 2.5 and first.box.width * 0.9 < abs(dx) < first.box.width + 1.6:
        return 2 if dx > 0 else 0
    return None

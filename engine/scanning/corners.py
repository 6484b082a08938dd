"""The four corner marks of a printed page, found on its scan, whichever way it lies."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from engine.scanning.layouts import PagePlan

Grey = npt.NDArray[Any]
"""A picture of one byte a pixel: 0 black. OpenCV does not say more of its types than that they are arrays."""
Floats = npt.NDArray[Any]
"""Numbers of single precision."""
Points = npt.NDArray[Any]
"""Places, x and y in the last axis, and matrices that turn them into each other; of double precision."""

_LONG_SIDE = 1400
"""Pixels in which the marks are looked for: a mark is about 19 wide."""
_DARK = 0.6
"""Of the paper around it: darker than this is ink."""
_SIZES = (2.2, 6.5)
"""Millimetres that a mark may seem to measure before the scale of the picture is known."""
_PER_CORNER = 5
_SLANT = 0.16
"""How much two opposite sides may differ, and the sides from a right angle: a page photographed from aside."""
_RATIO = 0.10
_MARK_SIZES = (2.9, 5.4)


class _Mark(NamedTuple):
    x: float
    y: float
    size: float
    hollow: bool


class Corners(NamedTuple):
    """The middles of the marks on the scan in the order of PagePlan.marks, and which of them were seen."""

    points: Points
    seen: tuple[bool, bool, bool, bool]


def paper_of(grey: Grey, per_mm: float) -> tuple[Grey, float]:
    """Return how bright the paper is everywhere, and the scale of that picture to the scan.

    Ink up to six millimetres wide is seen through; per_mm: pixels of the scan in a millimetre.
    """
    scale = min(1.0, 2 / per_mm)
    size = (max(8, round(grey.shape[1] * scale)), max(8, round(grey.shape[0] * scale)))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    closed = cv2.morphologyEx(cv2.medianBlur(small, 3), cv2.MORPH_CLOSE, np.ones((13, 13), np.uint8))
    return np.maximum(cv2.blur(closed, (9, 9)), 1), size[0] / grey.shape[1]


def find_corners(grey: Grey, plans: Sequence[PagePlan]) -> list[Corners]:
    """Return where the marks of one of the plans may be, the likeliest first; nothing if fewer than three are seen."""
    scale = min(1.0, _LONG_SIDE / max(grey.shape))
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    per_mm = max(small.shape) / 297
    paper, _paper_scale = paper_of(small, per_mm)
    ground = cv2.resize(paper, size, interpolation=cv2.INTER_LINEAR)
    dark = (small < _DARK * ground).astype(np.uint8)
    marks = _candidates(dark, per_mm)
    shapes = {_spans(plan) for plan in plans}
    found = sorted((best for shape in shapes for best in _arranged(marks, size, shape)), key=lambda each: each[0])
    return [Corners(_sharpened(grey, corners.points / scale, per_mm / scale, corners.seen), corners.seen)
            for _, corners in found[:3]]  # fmt: skip


def _spans(plan: PagePlan) -> tuple[float, float, float]:
    """Return how far apart the middles of the marks are, across and down, and how wide a mark is."""
    first, second, third, _ = plan.marks
    return (second.x - first.x, third.y - first.y, first.width)


def _candidates(dark: Grey, per_mm: float) -> list[_Mark]:
    _count, labels, stats, middles = cv2.connectedComponentsWithStats(dark, connectivity=4)
    low, high = (each * per_mm for each in _SIZES)
    width, height, area = stats[:, 2], stats[:, 3], stats[:, 4]
    fits = (width >= low) & (width <= high) & (height >= low) & (height <= high) & (area >= 0.5 * width * height)
    found = []
    for number in np.flatnonzero(fits[1:]) + 1:
        x, y, w, h, _ = (int(each) for each in stats[number])
        own = (labels[y : y + h, x : x + w] == number).astype(np.uint8)
        contours, tree = cv2.findContours(cv2.copyMakeBorder(own, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0),
                                          cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)  # fmt: skip
        outer = max((c for c, t in zip(contours, tree[0], strict=True) if t[3] < 0), key=cv2.contourArea)
        (_, (a, b), _) = cv2.minAreaRect(outer)
        a, b = a + 1, b + 1
        outer_area = cv2.contourArea(outer) + (a + b)
        if min(a, b) < 0.72 * max(a, b) or outer_area < 0.80 * a * b:
            continue
        filled = int(own.sum()) / outer_area
        middle = own[h * 3 // 8 : max(h * 5 // 8, h * 3 // 8 + 1), w * 3 // 8 : max(w * 5 // 8, w * 3 // 8 + 1)].mean()
        hollow = middle < 0.3
        if (hollow and filled > 0.55) or (not hollow and filled > 0.88):
            cx, cy = (x + (w - 1) / 2, y + (h - 1) / 2) if hollow else middles[number]
            found.append(_Mark(float(cx), float(cy), (a + b) / 2, hollow))
    return found


_TURNS = ((0, 1, 2, 3), (1, 3, 0, 2), (3, 2, 1, 0), (2, 0, 3, 1))
"""Which corner of the picture each mark of the plan lies at, for a page turned by 0, 90, 180, 270 degrees."""


def _arranged(
    marks: Sequence[_Mark], size: tuple[int, int], shape: tuple[float, float, float]
) -> list[tuple[float, Corners]]:
    """Return the best arrangement of four marks, and of three with the fourth made up."""
    found: list[tuple[float, Corners]] = []
    for turn in _TURNS:
        near = [_near(marks, size, turn[place], hollow=place == 3) for place in range(4)]
        whole = [(score, Corners(points, (True,) * 4)) for combination in product(*near)
                 if (score := _score(points := _points(combination), combination, shape)) is not None]  # fmt: skip
        found += sorted(whole, key=lambda each: each[0])[:1]
        if whole:
            continue
        for missing in range(4):
            others = [near[place] for place in range(4) if place != missing]
            for three in product(*others):
                points = _completed(_points(three), missing)
                score = _score(points, three, shape)
                if score is not None:
                    seen = tuple(place != missing for place in range(4))
                    found.append((score + 1, Corners(points, seen)))  # type: ignore[arg-type]  # four of them
    return sorted(found, key=lambda each: each[0])[:3]


def _near(marks: Sequence[_Mark], size: tuple[int, int], corner: int, *, hollow: bool) -> list[_Mark]:
    x, y = (size[0] if corner % 2 else 0), (size[1] if corner >= 2 else 0)
    fit = [m for m in marks if m.hollow == hollow and abs(m.x - x) < 0.4 * size[0] and abs(m.y - y) < 0.4 * size[1]]
    return sorted(fit, key=lambda m: (m.x - x) ** 2 + (m.y - y) ** 2)[:_PER_CORNER]


def _points(marks: Sequence[_Mark]) -> Points:
    return np.array([(m.x, m.y) for m in marks], np.float64)


def _completed(three: Points, missing: int) -> Points:
    """Return four points: the missing one makes up a parallelogram."""
    places = [place for place in range(4) if place != missing]
    points = np.zeros((4, 2))
    points[places] = three
    points[missing] = points[places].sum(axis=0) - 2 * points[3 - missing]
    return points


def _score(points: Points, marks: Sequence[_Mark], shape: tuple[float, float, float]) -> float | None:
    """Return how far the marks are from the corners of a page, None if they cannot be: 0 is a flat page."""
    top, bottom, left, right = (
        points[1] - points[0], points[3] - points[2], points[2] - points[0], points[3] - points[1]
    )  # fmt: skip
    across, down = (np.hypot(*top), np.hypot(*bottom)), (np.hypot(*left), np.hypot(*right))
    if min(*across, *down) < 50 or top[0] * left[1] - top[1] * left[0] <= 0:
        return None
    slant = max(abs(across[0] - across[1]) / max(across), abs(down[0] - down[1]) / max(down))
    slant = max(
        slant, abs(float(top @ left)) / (across[0] * down[0]), abs(float(bottom @ right)) / (across[1] * down[1])
    )
    ratio = abs((sum(across) / sum(down)) / (shape[0] / shape[1]) - 1)
    scale = (sum(across) / shape[0] + sum(down) / shape[1]) / 4
    sizes = [mark.size / scale for mark in marks]
    if slant > _SLANT or ratio > _RATIO or not all(_MARK_SIZES[0] < each < _MARK_SIZES[1] for each in sizes):
        return None
    return float(slant + ratio + sum(abs(each - shape[2]) for each in sizes) / 20)


def _sharpened(grey: Grey, points: Points, per_mm: float, seen: Sequence[bool]) -> Points:
    """Return the middles of the seen marks measured on the scan itself."""
    half = round(3.2 * per_mm)
    found = points.copy()
    for number, (x, y) in enumerate(points):
        left, top = round(x) - half, round(y) - half
        patch = grey[max(0, top) : top + 2 * half + 1, max(0, left) : left + 2 * half + 1].astype(np.float32)
        if not seen[number] or not patch.size:
            continue
        low, high = (float(np.percentile(patch, share)) for share in (5, 85))
        weight = np.clip((high - patch) / max(1.0, high - low) - 0.35, 0, 1)
        binary = (weight > 0).astype(np.uint8)
        _, labels, stats, _ = cv2.connectedComponentsWithStats(binary, connectivity=4)
        at = (
            min(max(0, round(y) - max(0, top)), patch.shape[0] - 1),
            min(max(0, round(x) - max(0, left)), patch.shape[1] - 1),
        )
        own = labels == _label_near(labels, stats, at)
        ys, xs = np.nonzero(own)
        if len(xs):
            w = weight[ys, xs]
            found[number] = (
                max(0, left) + float((xs * w).sum() / w.sum()),
                max(0, top) + float((ys * w).sum() / w.sum()),
            )
    return found


def _label_near(labels: Grey, stats: Grey, at: tuple[int, int]) -> int:
    """Return the component whose bounds have the place nearest to their middle, among those that are large enough."""
    best, nearest = 0, float("inf")
    for number in range(1, len(stats)):
        x, y, w, h, area = (int(each) for each in stats[number])
        away = (x + w / 2 - at[1]) ** 2 + (y + h / 2 - at[0]) ** 2 - area
        if area > 0.25 * stats[1:, 4].max() and away < nearest:
            best, nearest = number, away
    return best

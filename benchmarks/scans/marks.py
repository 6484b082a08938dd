"""Marks as people make them in boxes, drawn from a seed. Some hands are for tuning the reader, others for measuring."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Ink = npt.NDArray[np.float32]
Random = np.random.Generator
Stroke = list[tuple[float, float]]
"""Points in shares of the box: 0, 0 its top left, 1, 1 its bottom right."""


@dataclass(frozen=True)
class Pen:
    """Width in millimetres, how dark (0 to 1), colour of its ink (blue, green, red: how much light it takes)."""

    width: float
    dark: float
    colour: tuple[float, float, float] = (1.0, 1.0, 1.0)


BLACK, BLUE, RED = (1.0, 1.0, 1.0), (0.25, 0.75, 1.0), (0.95, 0.9, 0.15)
TUNING_PENS = (
    Pen(0.45, 0.9), Pen(0.6, 0.85, BLUE), Pen(0.5, 0.8, RED), Pen(0.7, 0.45), Pen(0.35, 0.75), Pen(0.8, 0.95),
)  # fmt: skip
HELD_OUT_PENS = (
    Pen(0.38, 0.85), Pen(0.55, 0.75, BLUE), Pen(0.65, 0.9, RED), Pen(0.6, 0.38), Pen(0.9, 0.9), Pen(0.5, 0.95, BLUE),
)  # fmt: skip


def _jitter(random: Random, points: Stroke, size: float) -> Stroke:
    return [(x + float(random.normal(0, size)), y + float(random.normal(0, size))) for x, y in points]


def _curve(points: Stroke, bow: float) -> Stroke:
    """Return a line bent sideways by a share of its length."""
    found: Stroke = []
    for (x1, y1), (x2, y2) in itertools.pairwise(points):
        for t in np.linspace(0, 1, 7)[:-1]:
            off = bow * 4 * t * (1 - t)
            found.append((x1 + (x2 - x1) * t - (y2 - y1) * off, y1 + (y2 - y1) * t + (x2 - x1) * off))
    return [*found, points[-1]]


def straight_tick(random: Random) -> list[Stroke]:
    return [_jitter(random, [(0.15, 0.5), (0.42, 0.85), (0.95, 0.1)], 0.06)]


def long_tick(random: Random) -> list[Stroke]:
    return [_jitter(random, [(0.1, 0.45), (0.4, 0.9), (1.35, -0.35)], 0.07)]


def cross(random: Random) -> list[Stroke]:
    return [_jitter(random, [(0.12, 0.12), (0.9, 0.88)], 0.07), _jitter(random, [(0.88, 0.12), (0.1, 0.9)], 0.07)]


def filled(random: Random) -> list[Stroke]:
    rows = np.linspace(0.1, 0.9, 9)
    return [_jitter(random, [(0.1 if n % 2 else 0.9, float(y)) for n, y in enumerate(np.repeat(rows, 2))], 0.03)]


def loose_tick(random: Random) -> list[Stroke]:
    """A tick of any size, set down anywhere near the middle."""
    size = float(random.uniform(0.55, 1.15))
    dx, dy = random.normal(0, 0.1, 2)
    points = [(-0.3, 0.0), (-0.05, 0.32), (0.45, -0.4)]
    return [_jitter(random, [(0.5 + dx + size * x, 0.5 + dy + size * y) for x, y in points], 0.04)]


def sweeping_tick(random: Random) -> list[Stroke]:
    """A tick in one swing that ends two boxes away."""
    reach = float(random.uniform(1.1, 1.9))
    points = _jitter(random, [(0.0, 0.35), (0.35, 0.95), (reach, 0.5 - 0.6 * reach)], 0.06)
    return [_curve(points, float(random.uniform(-0.18, 0.0)))]


def leaning_cross(random: Random) -> list[Stroke]:
    lean = float(random.uniform(-0.15, 0.15))
    first = _jitter(random, [(0.1 + lean, 0.05), (0.85 + lean, 1.0)], 0.08)
    return [first, _jitter(random, [(1.05, 0.2), (-0.05, 0.8)], 0.08)]


def curved_tick(random: Random) -> list[Stroke]:
    points = _jitter(random, [(0.08, 0.55), (0.38, 0.92), (1.05, -0.05)], 0.06)
    return [_curve(points, float(random.uniform(-0.14, -0.04)))]


def hooked_tick(random: Random) -> list[Stroke]:
    """A tick begun with a small hook and drawn far beyond the box."""
    reach = float(random.uniform(1.2, 1.7))
    points = _jitter(random, [(0.05, 0.5), (0.2, 0.45), (0.45, 0.88), (0.6, 0.6), (reach, 0.9 - 0.85 * reach)], 0.05)
    return [_curve(points, float(random.uniform(-0.08, 0.02)))]


def wide_v(random: Random) -> list[Stroke]:
    return [_jitter(random, [(0.1, 0.1), (0.48, 0.9), (0.92, 0.05)], 0.06)]


def uneven_cross(random: Random) -> list[Stroke]:
    first = _curve(_jitter(random, [(0.0, 0.15), (0.95, 0.95)], 0.07), float(random.uniform(-0.1, 0.1)))
    second = _curve(_jitter(random, [(0.8, 0.0), (0.25, 1.05)], 0.07), float(random.uniform(-0.1, 0.1)))
    return [first, second]


def spiral_filled(random: Random) -> list[Stroke]:
    turns = np.linspace(0, 9 * np.pi, 110)
    size = 0.05 + 0.40 * turns / turns[-1]
    return [
        _jitter(
            random, [(0.5 + s * np.cos(t) * 1.05, 0.5 + s * np.sin(t)) for t, s in zip(turns, size, strict=True)], 0.02
        )
    ]


def small_tick(random: Random) -> list[Stroke]:
    dx, dy = random.uniform(-0.12, 0.2, 2)
    points = [(0.2, 0.5), (0.4, 0.75), (0.78, 0.22)]
    return [_jitter(random, [(x + float(dx), y + float(dy)) for x, y in points], 0.03)]


def scribble(random: Random) -> list[Stroke]:
    """What is drawn over a mark that was made by mistake."""
    count = int(random.integers(6, 10))
    points = [(0.02 if n % 2 else 0.98, 0.05 + 0.9 * n / count) for n in range(count + 1)]
    return [_jitter(random, points, 0.06)]


def scrawl(random: Random) -> list[Stroke]:
    """Another way to cross a mark out: loops up and down, beyond the edges."""
    t = np.linspace(0, 1, 90)
    x = -0.05 + 1.05 * t + 0.16 * np.cos(13 * np.pi * t)
    y = 0.5 + 0.5 * np.sin(13 * np.pi * t)
    return [_jitter(random, list(zip(x.tolist(), y.tolist(), strict=True)), 0.02)]


Style = Callable[[Random], list[Stroke]]


@dataclass(frozen=True)
class Hand:
    """Who marks: how, with which pens, how crossing out is done; clean: ticks that a person would call clean."""

    name: str
    style: Style
    out: Style
    clean: bool = True


TUNING = (
    Hand("straight tick", straight_tick, scribble), Hand("long tick", long_tick, scribble),
    Hand("cross", cross, scribble), Hand("filled", filled, scribble, clean=False),
    Hand("loose tick", loose_tick, scribble), Hand("sweeping tick", sweeping_tick, scribble),
    Hand("leaning cross", leaning_cross, scribble),
)  # fmt: skip
HELD_OUT = (
    Hand("curved tick", curved_tick, scrawl), Hand("hooked tick", hooked_tick, scrawl), Hand("wide v", wide_v, scrawl),
    Hand("uneven cross", uneven_cross, scrawl), Hand("filled in rounds", spiral_filled, scrawl, clean=False),
    Hand("small tick aside", small_tick, scrawl),
)  # fmt: skip


def draw(ink: Ink, strokes: list[Stroke], box: tuple[float, float, float, float], pen: Pen, random: Random) -> None:
    """Draw strokes into the ink of a page (0 none, 1 full). box: left, top, width, height in pixels."""
    left, top, width, height = box
    thick = pen.width * width / 4.05
    x0, y0 = max(0, int(left - 2 * width)), max(0, int(top - 2 * height))
    part = ink[y0 : int(top + 3 * height), x0 : int(left + 3 * width)]
    drawn = np.zeros((part.shape[0] * 2, part.shape[1] * 2), np.uint8)
    for stroke in strokes:
        points = [(2 * (left + x * width - x0), 2 * (top + y * height - y0)) for x, y in stroke]
        for (x1, y1), (x2, y2) in itertools.pairwise(points):
            wide = max(1, round(2 * thick * float(random.uniform(0.85, 1.15))))
            cv2.line(drawn, (round(x1 * 8), round(y1 * 8)), (round(x2 * 8), round(y2 * 8)), 255, wide, cv2.LINE_AA, 3)
    small = cv2.resize(drawn, (part.shape[1], part.shape[0]), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    np.maximum(part, small * pen.dark * float(random.uniform(0.9, 1.0)), out=part)

"""Points, rectangles and matrices of a PDF page."""

from __future__ import annotations

from collections.abc import Sequence

Matrix = tuple[float, float, float, float, float, float]
Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def times(first: Matrix, then: Matrix) -> Matrix:
    """Return the matrix that does one and then the other."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def moved(points: Sequence[Point], matrix: Matrix) -> list[Point]:
    """Return the points where the matrix takes them."""
    a, b, c, d, e, f = matrix
    return [(a * x + c * y + e, b * x + d * y + f) for x, y in points]


def bounds(points: Sequence[Point]) -> Box:
    """Return the rectangle around points."""
    across, up = [x for x, _ in points], [y for _, y in points]
    return min(across), min(up), max(across), max(up)


def around(matrix: Matrix, box: Box) -> Box:
    """Return the upright rectangle around a rectangle that the matrix moved."""
    x1, y1, x2, y2 = box
    return bounds(moved([(x1, y1), (x2, y1), (x2, y2), (x1, y2)], matrix))


def joined(one: Box, other: Box) -> Box:
    """Return what two rectangles share; right lies left of left where they share nothing."""
    return max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])


def meet(one: Box, other: Box) -> bool:
    """Return whether two rectangles share an area."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def inside(inner: Box, outer: Box) -> bool:
    """Return whether a rectangle lies in another."""
    return outer[0] <= inner[0] and outer[1] <= inner[1] and inner[2] <= outer[2] and inner[3] <= outer[3]

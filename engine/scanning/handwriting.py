"""Places of a page that somebody wrote in: found, and cut out as pictures. What is written there is not read."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from engine.scanning.corners import Floats
from engine.scanning.layouts import Blank, Box
from engine.scanning.registering import PER_MM, STEP, Registered, cut

_CELL = 6.5
"""Millimetres: what is higher is a cell with a border, what is lower a line in a text."""
_BORDER = 0.8
_ABOVE_LINE = 0.70
"""Share of a line's height that is looked at: below it the printed line is drawn."""
_FAINTEST, _DARKEST = 0.15, 0.35
_NOISES = 5.0
_EXTENT, _AREA = 1.1, 0.5
"""Millimetres that the largest piece of pen reaches, and square millimetres of all of it: less is dirt."""
_MARGIN = 1.5
_PICTURE_PER_MM = 8
_SLOTS = {"date": (11, (0, 1, 2, 3, 5, 6, 8, 9)), "time": (6, (0, 1, 3, 4))}
"""Of 年月日 and 时分 as they are printed: how many characters wide, and which of them are lines to write on."""


class WrittenIn(NamedTuple):
    """A blank with something in it."""

    blank: Blank
    picture: bytes
    """PNG."""


def written_in(page: Registered) -> list[WrittenIn]:
    """Return the blanks of a page that somebody wrote in, those for signatures aside."""
    blanks = [b for b in page.layout.blanks if b.page == page.plan.number and b.kind != "signature"]
    return [WrittenIn(blank, picture_of(page, blank.box)) for blank in blanks if _has_pen(page, blank)]


def picture_of(page: Registered, box: Box) -> bytes:
    """Return a part of a page as PNG, upright and with some of what stands around it."""
    at = page.bent([(box.x - _MARGIN, box.y - _MARGIN)])[0]
    size = tuple(round((side + 2 * _MARGIN) * _PICTURE_PER_MM) for side in (box.width, box.height))
    step = 1 / _PICTURE_PER_MM
    to_mm = np.array([[step, 0, at[0]], [0, step, at[1]], [0, 0, 1]])
    part = cv2.warpPerspective(page.grey, page.to_scan @ to_mm, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                               borderValue=255)  # fmt: skip
    return bytes(cv2.imencode(".png", part)[1])


def _has_pen(page: Registered, blank: Blank) -> bool:
    area = extent = 0.0
    for part in _looked_at(blank):
        found, reach = _pen(_part(page, part))
        area, extent = area + found, max(extent, reach)
    return area >= _AREA and extent >= _EXTENT


def _looked_at(blank: Blank) -> list[Box]:
    """Return the parts of a blank where nothing is printed."""
    x, y, width, height = blank.box
    if height > _CELL:
        return [Box(x + _BORDER, y + _BORDER, width - 2 * _BORDER, height - 2 * _BORDER)]
    top, high = y + 0.3, height * _ABOVE_LINE - 0.3
    if blank.kind not in _SLOTS:
        return [Box(x + 0.3, top, width - 0.6, high)]
    count, lines = _SLOTS[blank.kind]
    step = width / count
    runs: list[list[int]] = []
    for slot in lines:
        if runs and slot == runs[-1][-1] + 1:
            runs[-1].append(slot)
        else:
            runs.append([slot])
    return [Box(x + run[0] * step + 0.2, top, len(run) * step - 0.4, high) for run in runs]


def _part(page: Registered, box: Box) -> Floats:
    left, top = np.rint(page.bent([(box.x, box.y)])[0] * PER_MM).astype(int)
    width, height = max(1, round(box.width * PER_MM)), max(1, round(box.height * PER_MM))
    return cut(page.dark, int(left), int(top), width, height).astype(np.float32) / 255


def _pen(dark: Floats) -> tuple[float, float]:
    """Return the square millimetres of pen, and how far its largest piece reaches."""
    smooth = cv2.GaussianBlur(dark, (0, 0), 0.13 * PER_MM)
    middle = float(np.median(smooth))
    noise = 1.48 * float(np.median(np.abs(smooth - middle)))
    pen = (smooth - middle > np.clip(_NOISES * noise, _FAINTEST, _DARKEST)).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(pen, connectivity=8)
    if len(stats) < 2:
        return 0.0, 0.0
    return float(pen.sum()) * STEP * STEP, float(stats[1:, 2:4].max()) * STEP

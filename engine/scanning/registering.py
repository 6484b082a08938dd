"""A scanned page laid over the printed one: which page it is, and where each millimetre of it lies on the scan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from engine.documents.qr import BORDER, qr_modules, qr_size
from engine.scanning.corners import Corners, Floats, Grey, Points, find_corners, paper_of
from engine.scanning.layouts import Box, Layout, PagePlan, TickBox

PER_MM = 10
"""Pixels of the flat page in a millimetre."""
STEP = 1 / PER_MM
_REACH = 3.2
"""Millimetres from the middle of a box to the edge of its patch."""
_LINE = 0.25
"""Millimetres: how thick the outline of a box is."""
_OUTLINE = 0.1
"""Darkness of the paler of two opposite sides that counts as an outline that was seen."""
_CODE_PER_MM = 12
_LIKE, _CLEARLY = 0.5, 0.5
"""How like the picture is to what codes share, and how far it is on the side of one rather than any other: at 1 it is
that one, at -1 the other."""


class Registered(NamedTuple):
    """A page in its place."""

    layout: Layout
    plan: PagePlan
    grey: Grey
    to_scan: Points
    """Homography from millimetres to pixels of the scan."""
    dark: Grey
    """The page flat, PER_MM pixels a millimetre: 0 paper, 255 black."""
    bend: Points
    """What is added to millimetres, by the terms of _terms(): two columns."""
    outlines: float
    """Share of the boxes whose outline was seen where it should be; 1 for a page without boxes."""

    def bent(self, points: npt.ArrayLike) -> Points:
        """Return where points of the printed page lie on the flat one, in millimetres."""
        at = np.asarray(points, np.float64).reshape(-1, 2)
        return np.asarray(at + _terms(at, self.plan) @ self.bend)

    def place_of(self, points: npt.ArrayLike) -> Points:
        """Return where points of the printed page lie on the scan, in pixels."""
        return np.asarray(cv2.perspectiveTransform(self.bent(points)[None], self.to_scan)[0])

    def patches(self, middles: npt.ArrayLike, reach: float) -> Floats:
        """Return how dark it is around points of the printed page, 0 to 1: squares of 2 × reach millimetres."""
        side = round(2 * reach * PER_MM)
        corners = np.rint(self.bent(middles) * PER_MM - side / 2).astype(int)
        found = np.zeros((len(corners), side, side), np.float32)
        for number, (left, top) in enumerate(corners):
            found[number] = cut(self.dark, left, top, side, side)
        return found / 255


def cut(image: Grey, left: int, top: int, width: int, height: int) -> Grey:
    """Return a part of an image; what lies beyond its edges is 0."""
    whole = np.zeros((height, width), image.dtype)
    x, y = max(0, -left), max(0, -top)
    part = image[max(0, top) : max(0, top + height), max(0, left) : max(0, left + width)]
    whole[y : y + part.shape[0], x : x + part.shape[1]] = part
    return whole


class Unregistered(NamedTuple):
    """Why a page has no place: its marks were not seen, its code was not read, or what its code says is not ours."""

    said: str = ""
    """What the code says, empty if there is none."""
    marks: bool = False
    """Whether the marks were seen."""


def register(
    grey: Grey, layouts: Sequence[Layout], codes: Mapping[str, tuple[Layout, PagePlan]]
) -> Registered | Unregistered:
    """Return a scanned page in its place on one of the layouts, or why it has none. codes: what each page's says."""
    plans = {plan.marks: plan for layout in layouts for plan in layout.pages}
    other = Unregistered()
    for corners in find_corners(grey, list(plans.values())):
        for code in dict.fromkeys((plan.code, plan.marks) for layout in layouts for plan in layout.pages):
            said, away = _code_at(grey, corners, *code, codes)
            if said in codes:
                return _in_place(grey, corners, *codes[said], away)
            other = Unregistered(said, True) if said else other._replace(marks=True)
    return other if other.said else Unregistered(_code_anywhere(grey), other.marks)


def _code_at(
    grey: Grey, corners: Corners, code: Box, marks: Sequence[Box], codes: Mapping[str, tuple[Layout, PagePlan]]
) -> tuple[str, Points | None]:
    """Return what the code of a page says, and its corners on the scan; empty if none is read."""
    to_scan = _homography(marks, corners.points)
    margin = 1.5 if all(corners.seen) else 8.0
    left, top, side = code.x - margin, code.y - margin, code.width + 2 * margin
    size = round(side * _CODE_PER_MM)
    to_patch = np.array([[1 / _CODE_PER_MM, 0, left], [0, 1 / _CODE_PER_MM, top], [0, 0, 1]])
    patch = cv2.warpPerspective(grey, to_scan @ to_patch, (size, size), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                                borderMode=cv2.BORDER_REPLICATE)  # fmt: skip
    if patch.std() < 12:
        return "", None
    said, found = _decoded(patch)
    if said and found is not None:
        at = cv2.perspectiveTransform(found.reshape(1, 4, 2).astype(np.float64), to_scan @ to_patch)[0]
        return said, at
    if not said and all(corners.seen):
        said = _matched(patch, code, [said for said, (_, plan) in codes.items() if plan.code == code])
    return said, None


def _decoded(patch: Grey) -> tuple[str, Points | None]:
    """Return what a code says and its corners in the patch; empty if it is not read."""
    wide = cv2.GaussianBlur(patch, (0, 0), 0.25 * _CODE_PER_MM)
    sharp = cv2.addWeighted(patch, 4, wide, -3, 0).astype(np.uint8)
    for seen, reader in (
        (patch, cv2.QRCodeDetectorAruco()),
        (sharp, cv2.QRCodeDetectorAruco()),
        (sharp, cv2.QRCodeDetector()),
    ):
        text, found, _ = reader.detectAndDecode(seen)
        if text:
            return text, found
    return "", None


def _matched(patch: Grey, code: Box, expected: Sequence[str]) -> str:
    """Return the code among those expected here whose modules are the ones seen, if no other is nearly as like.

    Codes of the same length share many modules: only those are compared in which they differ. Codes of other
    checklists, pages and sites are held against the picture too, so that one that is not expected is not taken.
    """
    texts = [*expected, *dict.fromkeys(other for said in expected[:3] for other in _strangers(said))]
    if len({qr_size(text) for text in texts}) != 1 or not expected:
        return ""
    side = round(code.width * _CODE_PER_MM)
    drawn = np.stack([cv2.resize(_modules(text), (side, side), interpolation=cv2.INTER_AREA) for text in texts])
    found = cv2.matchTemplate(patch, drawn.mean(axis=0).astype(np.uint8), cv2.TM_CCOEFF_NORMED)
    _, best, _, (x, y) = cv2.minMaxLoc(found)
    own = drawn.astype(np.float32) - drawn.mean(axis=(1, 2), keepdims=True)
    seen = patch[y : y + side, x : x + side].astype(np.float32)
    likeness = (own * (seen - seen.mean())).sum(axis=(1, 2)) / (own**2).sum(axis=(1, 2))
    first = int(likeness.argmax())
    if best < _LIKE or first >= len(expected):
        return ""
    contrast = float(likeness[first])
    for other in range(len(texts)):
        apart = own[first] - own[other]
        middle = (own[first] + own[other]) / 2
        side_of = float((apart * (seen - seen.mean())).sum() / contrast - (apart * middle).sum())
        if other != first and side_of < _CLEARLY * float((apart * apart).sum()) / 2:
            return ""
    return expected[first]


def _strangers(said: str) -> list[str]:
    """Return codes of the same form that say something else."""
    parts = said.split(":")
    swapped = [*parts[:5], parts[5][::-1], *parts[6:]]
    page = [*parts[:6], "8" if parts[6] != "8" else "9", *parts[7:]]
    return [":".join(each) for each in (swapped, page) if len(":".join(each)) == len(said) and each != parts]


def _modules(said: str) -> Grey:
    count = qr_size(said)
    drawn = np.full((count * 8, count * 8), 255, np.uint8)
    for column, row, run in qr_modules(said):
        drawn[row * 8 : row * 8 + 8, column * 8 : (column + run) * 8] = 0
    return drawn


def _code_anywhere(grey: Grey) -> str:
    """Return what a code of ours says wherever it stands on the picture, empty if none is read."""
    for scale in (1.0, 0.6):
        seen = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else grey
        text, _, _ = cv2.QRCodeDetectorAruco().detectAndDecode(seen)
        if text.startswith("CHUNFENG:"):
            return text
    return ""


def _homography(marks: Sequence[Box], points: Points) -> Points:
    middles = np.array([(m.x + m.width / 2, m.y + m.height / 2) for m in marks], np.float32)
    return cv2.getPerspectiveTransform(middles, points.astype(np.float32))


def _in_place(grey: Grey, corners: Corners, layout: Layout, plan: PagePlan, code: Points | None) -> Registered:
    to_scan = _homography(plan.marks, corners.points)
    if not all(corners.seen) and code is not None:
        to_scan = _with_code(corners, plan, code, layout)
    dark = _flat(grey, to_scan, plan)
    page = Registered(layout, plan, grey, to_scan, dark, np.zeros((6, 2)), 1.0)
    boxes = [box for box in layout.boxes if box.page == plan.number]
    if not boxes:
        return page
    whole = all(corners.seen)
    for reach in (0.9, 0.5) if whole else (2.0, 1.2, 0.5):
        page = _bent(page, boxes, reach)
    return page


def _flat(grey: Grey, to_scan: Points, plan: PagePlan) -> Grey:
    """Return how dark the page is everywhere, lying flat."""
    width, height = (round(each * PER_MM) for each in (plan.width, plan.height))
    to_mm = np.array([[STEP, 0, STEP / 2], [0, STEP, STEP / 2], [0, 0, 1]])
    corners = cv2.perspectiveTransform(np.array([[[0.0, 0.0], [0.0, plan.height]]]), to_scan)[0]
    per_mm = float(np.hypot(*(corners[1] - corners[0]))) / plan.height
    paper, scale = paper_of(grey, per_mm)
    to_paper = np.array([[scale, 0, 0.5 * scale - 0.5], [0, scale, 0.5 * scale - 0.5], [0, 0, 1]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    flat = cv2.warpPerspective(grey, to_scan @ to_mm, (width, height), flags=flags, borderValue=255)
    ground = cv2.warpPerspective(
        paper, to_paper @ to_scan @ to_mm, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return 255 - cv2.divide(flat, ground, scale=255)


def _with_code(corners: Corners, plan: PagePlan, code: Points, layout: Layout) -> Points:
    """Return the homography from three marks and the four corners of the code."""
    quiet = BORDER * plan.code.width / (qr_size(code_text(layout, plan)) or 1)
    x, y, side = plan.code.x + quiet, plan.code.y + quiet, plan.code.width - 2 * quiet
    own = [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
    marks = [(m.x + m.width / 2, m.y + m.height / 2) for m, seen in zip(plan.marks, corners.seen, strict=True) if seen]
    seen_at = [point for point, seen in zip(corners.points, corners.seen, strict=True) if seen]
    found, _ = cv2.findHomography(np.array(own + marks * 4), np.array([*code, *(seen_at * 4)]), 0)
    return np.asarray(found, np.float64)


def code_text(layout: Layout, plan: PagePlan) -> str:
    """Return a text as long as what the code of a page says."""
    return f"CHUNFENG:2:{layout.campaign}:XX:{layout.lock[:12]}:{layout.checklist}:{plan.number}" + (
        f":{layout.site}" if layout.site else ""
    )


def _bent(page: Registered, boxes: Sequence[TickBox], reach: float) -> Registered:
    """Return the page moved so that the outlines of its boxes lie where they should."""
    middles = np.array([(b.box.x + b.box.width / 2, b.box.y + b.box.height / 2) for b in boxes])
    patches = page.patches(middles, _REACH)
    shifts, seen = outline_shifts(patches, boxes[0].box.width, reach)
    strong = seen > _OUTLINE
    kept = strong.copy()
    if not kept.any():
        return page._replace(outlines=0.0)
    size = (2.0, 2.0, 2.0, 2.0)
    anchors = np.array([(m.x + m.width / 2, m.y + m.height / 2) for m in page.plan.marks])
    bend = page.bend
    for _ in range(3):
        at = np.vstack([middles[kept], anchors])
        moved = np.vstack([shifts[kept], np.zeros((4, 2))])
        weight = np.concatenate([np.ones(kept.sum()), size])[:, None]
        terms = _terms(at, page.plan)
        ridge = np.diag([1e-6, 0.05, 0.05, 1.0, 1.0, 1.0])
        solved = np.linalg.solve(terms.T @ (weight * terms) + ridge, terms.T @ (weight * moved))
        left = np.hypot(*(shifts - _terms(middles, page.plan) @ solved).T)
        bend = page.bend + solved
        kept = strong & (left < max(0.25, 2.5 * float(np.median(left[strong]))))
        if not kept.any():
            break
    return page._replace(bend=bend, outlines=float((strong & (left < 0.6)).mean()))


def outline_shifts(patches: Floats, width: float, reach: float) -> tuple[Points, Floats]:
    """Return for each patch how far the outline of its box is from the middle (x, y), and how dark it is."""
    side = patches.shape[1]
    half = round(width / 2 / STEP)
    inner = slice(side // 2 - half + 5, side // 2 + half - 5)
    columns, rows = patches[:, inner, :].mean(axis=1), patches[:, :, inner].mean(axis=2)
    across, dark_across = _line_pair(columns, width, reach)
    down, dark_down = _line_pair(rows, width, reach)
    return np.stack([across, down], axis=1), np.minimum(dark_across, dark_down)


def _line_pair(profile: Floats, width: float, reach: float) -> tuple[Points, Floats]:
    """Return by how much a pair of lines is shifted, and the darkness of the paler one."""
    near = np.clip(profile - cv2.blur(profile, (15, 1)) * 0.5, 0, 1)
    line = cv2.blur(near, (3, 1))
    side = profile.shape[1]
    first = side / 2 - (width - _LINE) / 2 / STEP - 0.5
    last = side / 2 + (width - _LINE) / 2 / STEP - 0.5
    steps = np.arange(-round(reach / STEP), round(reach / STEP) + 1)
    one, two = (_at(line, at + steps) for at in (first, last))
    both = np.minimum(one, two) + 0.15 * (one + two) - 0.015 * np.abs(steps) * STEP
    best = both.argmax(axis=1)
    index = np.arange(len(profile))
    inside = np.clip(best, 1, len(steps) - 2)
    before, here, after = both[index, inside - 1], both[index, inside], both[index, inside + 1]
    curve = before - 2 * here + after
    part = np.where(np.abs(curve) > 1e-6, np.clip((before - after) / np.where(curve == 0, 1, 2 * curve), -0.5, 0.5), 0)
    shift = (steps[inside] + part) * STEP
    return shift.astype(np.float64), np.minimum(one[index, best], two[index, best]).astype(np.float32)


def _at(line: Floats, places: Points) -> Floats:
    low = np.clip(np.floor(places).astype(int), 0, line.shape[1] - 2)
    part = (places - low).astype(np.float32)
    return np.asarray(line[:, low] * (1 - part) + line[:, low + 1] * part)


def _terms(points: Points, plan: PagePlan) -> Points:
    x, y = points[:, 0] / plan.width * 2 - 1, points[:, 1] / plan.height * 2 - 1
    return np.stack([np.ones_like(x), x, y, x * y, x * x, y * y], axis=1)

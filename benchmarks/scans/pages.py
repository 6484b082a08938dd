"""Pages of the printed checklist filled in by a made-up inspector, and what was meant."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.scans.marks import Hand, Ink, Pen, draw
from engine.answering.head import head_text
from engine.formats.pdf import write_with_layout
from engine.model.checklist import Checklist
from engine.scanning.layouts import Blank, Layout, TickBox, read_layouts

Image = npt.NDArray[np.uint8]


class Printed(NamedTuple):
    """A checklist, its PDF, its layout as it is written and as it is read."""

    checklist: Checklist
    pdf: bytes
    content: bytes
    layout: Layout


def printed(checklist: Checklist) -> Printed:
    """Return a checklist as it is printed."""
    pdf, content = write_with_layout(checklist)
    (layout,), problems = read_layouts(content, "layout.json")
    if problems or layout.head != head_text(checklist):
        raise AssertionError(problems)
    return Printed(checklist, pdf, content, layout)


@cache
def rasterised(pdf: bytes, dpi: int, page: int) -> Image:
    """Return a page as a grey image. Poppler draws it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "blank.pdf"
        path.write_bytes(pdf)
        only = ["-f", str(page), "-l", str(page), "-singlefile"]
        subprocess.run(["pdftoppm", "-r", str(dpi), "-gray", *only, path, Path(folder) / "page"], check=True)
        return np.asarray(cv2.imread(str(Path(folder) / "page.pgm"), cv2.IMREAD_GRAYSCALE), np.uint8)


@dataclass(frozen=True)
class Meant:
    """What the inspector meant by a box, and how it was made."""

    ticked: bool
    how: str
    """empty, clean, marked (but no clean tick), crossed-out, beside (the right box of a corrected field)."""


class Filled(NamedTuple):
    """What was meant by each box (field, number of the box), and which blanks were written in."""

    boxes: dict[tuple[str, int], Meant]
    blanks: frozenset[str]


def choose(
    layout: Layout, hand: Hand, random: np.random.Generator, corrected: float = 0.03, written: float = 0.15
) -> Filled:
    """Return what an inspector means to mark: most questions answered, a few corrected."""
    fields: dict[str, list[TickBox]] = {}
    for box in layout.boxes:
        fields.setdefault(box.field, []).append(box)
    tick = "clean" if hand.clean else "marked"
    found: dict[tuple[str, int], Meant] = {}
    for name, boxes in fields.items():
        found |= {(name, box.number): Meant(False, "empty") for box in boxes}
        if len(boxes) == 1 and boxes[0].kind == "tick":
            draw_of = random.random()
            if draw_of < 0.2:
                found[name, 0] = Meant(True, tick)
            elif draw_of < 0.2 + corrected / 2:
                found[name, 0] = Meant(False, "crossed-out")
        elif random.random() < 0.85:
            chosen = int(random.integers(len(boxes)))
            found[name, chosen] = Meant(True, tick)
            if random.random() < corrected and len(boxes) > 1:
                wrong = (chosen + 1 + int(random.integers(len(boxes) - 1))) % len(boxes)
                found[name, wrong] = Meant(False, "crossed-out")
                found[name, chosen] = Meant(True, "beside")
    blanks = [b.field for b in layout.blanks if b.kind != "signature" and random.random() < written]
    return Filled(found, frozenset(blanks))


def filled_page(
    raster: Image,
    layout: Layout,
    page: int,
    filled: Filled,
    hand: Hand,
    pen: Pen,
    random: np.random.Generator,
    *,
    coloured: bool = True,
) -> Image:
    """Return a page with the marks on it; not coloured: as dark as it is in its darkest colour."""
    plan = layout.pages[page - 1]
    per_mm = raster.shape[1] / plan.width
    ink = np.zeros(raster.shape, np.float32)
    for box in layout.boxes:
        meant = filled.boxes[box.field, box.number]
        if box.page != page or meant.how == "empty":
            continue
        place = tuple(each * per_mm for each in box.box)
        draw(ink, hand.style(random), place, pen, random)  # type: ignore[arg-type]
        if meant.how == "crossed-out":
            draw(ink, hand.out(random), place, pen, random)  # type: ignore[arg-type]
    for blank in layout.blanks:
        if blank.page == page and (blank.field in filled.blanks or blank.kind == "signature"):
            _write(ink, blank, per_mm, pen, random)
    if not coloured or pen.colour == (1.0, 1.0, 1.0):
        return _inked(raster, ink, max(pen.colour))
    return np.stack([_inked(raster, ink, share) for share in pen.colour], axis=2)


def _inked(raster: Image, ink: Ink, share: float) -> Image:
    return np.asarray(cv2.multiply(raster, 1 - share * ink, dtype=cv2.CV_8U), np.uint8)


def _write(ink: Ink, blank: Blank, per_mm: float, pen: Pen, random: np.random.Generator) -> None:
    """Write something that looks like a few characters."""
    x, y, width, height = blank.box
    size = min(height * 0.75, 5.0)
    at = x + 1.0
    for _ in range(int(random.integers(1, 6))):
        if at + size * 0.8 > x + width:
            break
        top = y + (height - size) * 0.4
        strokes = [[(float(a), float(b)) for a, b in random.uniform(0.05, 0.95, (3, 2))] for _ in range(3)]
        fine = Pen(pen.width * 0.8 * 4.05 / size, pen.dark, pen.colour)
        draw(ink, strokes, (at * per_mm, top * per_mm, size * 0.8 * per_mm, size * per_mm), fine, random)
        at += size


def seeds(seed: int, *names: object) -> np.random.Generator:
    """Return a generator of its own for each name."""
    text = "/".join(str(name) for name in names).encode()
    return np.random.default_rng([seed, *text])


def pages_with_boxes(layout: Layout) -> Sequence[int]:
    """Return the numbers of the pages that have boxes."""
    return sorted({box.page for box in layout.boxes})


def sheets(
    layouts: Sequence[Printed], hands: Sequence[Hand], pens: Sequence[Pen], count: int, seed: int, name: str
) -> Iterator[tuple[Printed, Hand, Pen, Filled, np.random.Generator]]:
    """Yield so many sheets, hands and pens in turn."""
    for number in range(count):
        of = layouts[number % len(layouts)]
        hand, random = hands[number % len(hands)], seeds(seed, name, number)
        pen = pens[(number // len(hands) + number) % len(pens)]
        yield of, hand, pen, choose(of.layout, hand, random), random

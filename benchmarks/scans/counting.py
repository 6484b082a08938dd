"""How often the reader is right, doubts, or is wrong without a word: counted box by box against what was meant."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.scans.distort import COLOURED, CONDITIONS, FADING, LEGIBLE, Image
from benchmarks.scans.marks import Hand, Pen
from benchmarks.scans.pages import Printed, filled_page, pages_with_boxes, rasterised, sheets
from engine.scanning.deciding import decide
from engine.scanning.handwriting import written_in
from engine.scanning.images import is_black_and_white
from engine.scanning.measuring import Measured, measure
from engine.scanning.pages import OUTLINES
from engine.scanning.registering import Registered, register


@dataclass
class Counts:
    """What came of the boxes of a condition."""

    boxes: int = 0
    ticked: int = 0
    right_ticks: int = 0
    """Read as ticked, without doubt, and meant so."""
    read_ticks: int = 0
    """Read as ticked without doubt."""
    wrong: int = 0
    """Read without doubt, and not as meant."""
    doubtful: int = 0
    clean: int = 0
    """Boxes with one clean tick in a question that was not corrected, of a pen that the scan can show."""
    clean_doubtful: int = 0
    pages: int = 0
    lost: int = 0
    """Pages that were refused, each with a message."""
    misplaced: int = 0
    """Pages taken for another page: always wrong."""
    blanks: Counter[str] = field(default_factory=Counter)
    """written, missed, empty, imagined: places to write in by hand."""
    seconds: float = 0.0
    examples: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Of the boxes read as ticked without doubt, the share that was meant so."""
        return self.right_ticks / self.read_ticks if self.read_ticks else 1.0

    @property
    def recall(self) -> float:
        """Of the boxes meant as ticked, the share that was read so without doubt."""
        return self.right_ticks / self.ticked if self.ticked else 1.0

    @property
    def wrong_at_most(self) -> float:
        """Upper bound of the share of boxes that are wrong without warning, with 95 % confidence (Clopper, Pearson)."""
        return upper_bound(self.wrong, self.boxes)


def upper_bound(events: int, trials: int, confidence: float = 0.95) -> float:
    """Return the one-sided upper bound of a share: the largest under which so few events have the remaining chance."""
    low, high = events / trials, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        terms = (
            math.lgamma(trials + 1) - math.lgamma(k + 1) - math.lgamma(trials - k + 1)
            + k * math.log(middle) + (trials - k) * math.log1p(-middle)
            for k in range(events + 1)
        )  # fmt: skip
        if sum(math.exp(term) for term in terms) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def count(
    condition: str, of: Sequence[Printed], hands: Sequence[Hand], pens: Sequence[Pen], boxes: int, seed: int,
    dpi: int = 200, pages: Sequence[int] = (),
) -> Counts:  # fmt: skip
    """Return what came of so many boxes, or some more, sheet by sheet. pages: only these of each sheet."""
    found = Counts()
    layouts = [each.layout for each in of]
    codes = {
        each.layout.code(each.checklist, plan.number): (each.layout, plan) for each in of for plan in each.layout.pages
    }
    for sheet, hand, pen, filled, random in sheets(of, hands, pens, 100_000, seed, condition):
        measured: list[Measured] = []
        faint = False
        legible = condition not in FADING or pen.dark >= LEGIBLE
        for number in pages or pages_with_boxes(sheet.layout):
            image = filled_page(
                rasterised(sheet.pdf, dpi, number),
                sheet.layout,
                number,
                filled,
                hand,
                pen,
                random,
                coloured=condition in COLOURED,
            )
            image = CONDITIONS[condition](image, random)
            grey = _darkest(image)
            begun = time.perf_counter()
            page = register(grey, layouts, codes)
            found.pages += 1
            if not isinstance(page, Registered) or page.outlines < OUTLINES:
                found.lost += 1
                found.examples.append(f"page {number} lost: {hand.name}")
                continue
            if (page.layout.key, page.plan.number) != (sheet.layout.key, number):
                found.misplaced += 1
                continue
            measured += measure(page)
            faint = faint or is_black_and_white(grey)
            written = {each.blank.field for each in written_in(page)}
            found.seconds += time.perf_counter() - begun
            for blank in sheet.layout.blanks:
                if blank.page == number and blank.kind != "signature":
                    meant, seen = blank.field in filled.blanks, blank.field in written
                    found.blanks["written" if meant else "empty"] += 1
                    found.blanks["missed"] += meant and not seen
                    found.blanks["imagined"] += seen and not meant
        for decision in decide(measured, faint_may_be_gone=faint):
            for each in decision.boxes:
                meant = filled.boxes[decision.field, each.box.number]
                _add(
                    found,
                    meant.ticked,
                    meant.how == "clean" and legible,
                    decision.is_sure,
                    decision.chosen == each.box.number,
                )
                if decision.is_sure and (decision.chosen == each.box.number) != meant.ticked:
                    found.examples.append(
                        f"{decision.field} {each.box.option}: {hand.name}, pen {pen}, meant {meant.how}"
                    )
        if found.boxes >= boxes:
            return found
    return found


def _darkest(image: Image) -> Image:
    return np.ascontiguousarray(image.min(axis=2)) if image.ndim == 3 else image


def _add(found: Counts, meant: bool, clean: bool, sure: bool, seen: bool) -> None:
    found.boxes += 1
    found.ticked += meant
    found.clean += clean
    if not sure:
        found.doubtful += 1
        found.clean_doubtful += clean
        return
    found.read_ticks += seen
    found.right_ticks += seen and meant
    found.wrong += seen != meant

"""Scanned paper: the reader on made-up scans of hands, pens and seeds that it was not tuned on."""

from __future__ import annotations

from datetime import date

from benchmarks.measure import versions
from benchmarks.scans.counting import Counts, count
from benchmarks.scans.distort import CONDITIONS
from benchmarks.scans.marks import HELD_OUT, HELD_OUT_PENS
from benchmarks.scans.pages import Printed, printed
from engine.inspections.planning import plan_checklist

BOXES = 10_000
OTHER_DPI = (150, 300)
SEED = 20240131
WRONG, CLEAN, ALL = 1 / 2000, 0.03, 0.15
"""Bounds: wrong without warning (95 % upper bound), clean ticks in doubt, all boxes in doubt."""
LISTS = ((("2024", "retail-pharmacy", date(2024, 1, 15))), ("2024", "medical-institution", date(2024, 1, 16)))


def lists() -> list[Printed]:
    """Return the checklists that are printed and filled in."""
    found = []
    for campaign, site_type, day in LISTS:
        checklist, problems = plan_checklist(site_type, campaign, None, None, day)
        if checklist is None:
            raise AssertionError(problems)
        found.append(printed(checklist))
    return found


def run(seed: int = SEED, boxes: int = BOXES, names: tuple[str, ...] = ()) -> None:
    """Print one line a condition at 200 dpi, then the flat and the photographed page at 150 and 300."""
    of = lists()
    print(
        f"scanned paper  ({versions(['opencv-python-headless', 'numpy'])}; hands, pens and seeds not used for tuning)"
    )
    print(
        "  condition                 dpi  pages  lost   boxes precision  recall  wrong  at most  in doubt"
        "  clean in doubt  writing missed/imagined  s/page"
    )
    for name in names or CONDITIONS:
        print(_row(name, 200, count(name, of, HELD_OUT, HELD_OUT_PENS, boxes, seed)), flush=True)
    for dpi in OTHER_DPI if not names else ():
        for name in ("flat", "rotated 2-4 degrees", "JPEG 60", "photographed"):
            found = count(name, of, HELD_OUT, HELD_OUT_PENS, boxes // 4, seed + dpi, dpi)
            print(_row(name, dpi, found), flush=True)


def _row(name: str, dpi: int, found: Counts) -> str:
    doubt, clean = found.doubtful / found.boxes, found.clean_doubtful / max(1, found.clean)
    kept = found.wrong_at_most <= WRONG and clean <= CLEAN and doubt <= ALL
    judged = ("PASS" if kept else "over") if found.boxes >= BOXES else "too few boxes to judge"
    blanks = found.blanks
    text = (
        f"  {name:<25}{dpi:>4} {found.pages:>6} {found.lost:>5} {found.boxes:>7} {found.precision:>9.4%}"
        f" {found.recall:>7.2%} {found.wrong:>6} {found.wrong_at_most:>8.5f} {doubt:>9.2%} {clean:>15.2%}"
        f" {blanks['missed']:>12}/{blanks['written']} {blanks['imagined']}/{blanks['empty']}"
        f" {found.seconds / max(1, found.pages - found.lost):>7.2f}  {judged}"
    )
    return "\n      ".join([text, *(example for example in found.examples[:6])])

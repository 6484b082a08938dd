"""Scanned pages sorted: each read, those of one checklist of one site together, and what is wrong with the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from engine.answering.head import Opener
from engine.documents.qr import site_digits
from engine.model.checklist import Checklist
from engine.problems import Mark, Problem, problem
from engine.scanning.handwriting import WrittenIn, written_in
from engine.scanning.images import ScannedPage, scanned_pages
from engine.scanning.layouts import Layout, PagePlan
from engine.scanning.measuring import Measured, measure
from engine.scanning.registering import Registered, Unregistered, register

OUTLINES = 0.8
"""Share of the boxes of a page that must be where they were printed; else the page is not read."""
_BLANK = 0.004
"""Share of a picture that is dark on the empty back of a sheet, at most."""


class ReadPage(NamedTuple):
    """A page that was read."""

    shown: str
    """The file."""
    at: int
    """Of the page in the file, from 1."""
    number: int
    """Of the page as it was printed."""
    measured: tuple[Measured, ...]
    written: tuple[WrittenIn, ...]
    black_and_white: bool = False
    """Whether it was scanned with one bit a pixel."""


class Pages(NamedTuple):
    """The pages of one checklist of one site in the order they were scanned."""

    layout: Layout
    read: tuple[ReadPage, ...]

    def file_of(self, page: int) -> str:
        """Return the file that a printed page was read from; of several the first."""
        return next((each.shown for each in self.read if each.number == page), "")

    @property
    def missing(self) -> list[int]:
        """The printed pages that have something to fill in and were not scanned."""
        wanted = {b.page for b in self.layout.boxes} | {b.page for b in self.layout.blanks if b.kind != "signature"}
        return sorted(wanted - {each.number for each in self.read})

    def notices(self) -> Iterator[str]:
        """Yield in Chinese what is odd about the pages."""
        numbers = [each.number for each in self.read]
        if self.missing:
            listed = "、".join(str(number) for number in self.missing)
            yield (
                f"没有扫到第 {listed} 页（共 {len(self.layout.pages)} 页），其中的项目按没有检查记；"
                "补扫后请把全部页一起再读一次"
            )
        if any(each.black_and_white for each in self.read):
            yield "有的页是黑白（1 位）扫描，淡的笔迹可能丢失；请尽量用灰度扫描"
        if numbers != sorted(numbers):
            yield "扫描的页序与印刷的不同，已按印刷的页码排好"
        twice = sorted({number for number in numbers if numbers.count(number) > 1})
        if twice:
            listed = "、".join(str(number) for number in twice)
            yield f"第 {listed} 页扫描了不止一次，以先扫的为准；读出不同的已列为待确认"


Progress = Callable[[], None]
"""Is called after each page."""


def read_pages(
    files: Sequence[tuple[str, bytes]], layouts: Sequence[Layout], open_head: Opener, progress: Progress = lambda: None
) -> tuple[list[Pages], list[str], list[Problem]]:
    """Return the pages of each layout of which there are any, notices, and a problem for each page that is not read.

    files: name and content.
    """
    problems: list[Problem] = []
    notices: list[str] = []
    codes = _codes(layouts, open_head, problems)
    found: dict[tuple[str, str, str, str], list[ReadPage]] = {}
    if problems:
        return [], [], problems
    for shown, content in files:
        for scanned in scanned_pages(content, shown):
            if isinstance(scanned, Problem):
                problems.append(scanned)
                continue
            page = register(scanned.grey, layouts, codes)
            if isinstance(page, Unregistered):
                if not page.said and not page.marks and _is_blank(scanned):
                    notices.append(f"{shown} 第 {scanned.number} 页是空白页，略过")
                else:
                    problems.append(_not_ours(scanned, page, layouts))
            elif page.outlines < OUTLINES:
                problems.append(_crooked(scanned, page))
            else:
                found.setdefault(page.layout.key, []).append(_read(scanned, page))
            progress()
    by_key = {layout.key: layout for layout in layouts}
    return [Pages(by_key[key], tuple(read)) for key, read in found.items()], notices, problems


def _codes(
    layouts: Sequence[Layout], open_head: Opener, problems: list[Problem]
) -> Mapping[str, tuple[Layout, PagePlan]]:
    """Return what the code of each page says, with its page."""
    found: dict[str, tuple[Layout, PagePlan]] = {}
    for layout in layouts:
        checklist, wrong = open_head(layout.head, Mark(layout.shown))
        problems += wrong
        if checklist is not None and _differs(checklist, layout):
            problems.append(problem("E656", Mark(layout.shown), reason="里面的检查表与版面不是同一张"))
        elif checklist is not None:
            found |= {layout.code(checklist, plan.number): (layout, plan) for plan in layout.pages}
    return found


def _differs(checklist: Checklist, layout: Layout) -> bool:
    said = (checklist.campaign, checklist.lock, checklist.id, checklist.site_type, site_digits(checklist.site))
    return said != (layout.campaign, layout.lock, layout.checklist, layout.site_type, layout.site)


def _read(scanned: ScannedPage, page: Registered) -> ReadPage:
    return ReadPage(scanned.shown, scanned.number, page.plan.number, tuple(measure(page)), tuple(written_in(page)),
                    scanned.black_and_white)  # fmt: skip


def _is_blank(scanned: ScannedPage) -> bool:
    grey = scanned.grey
    height, width = grey.shape
    middle = grey[height // 12 : height - height // 12, width // 12 : width - width // 12]
    return bool((middle < 0.6 * float(middle.mean())).mean() < _BLANK)


def _crooked(scanned: ScannedPage, page: Registered) -> Problem:
    reason = f"第 {page.plan.number} 页的方框不在印刷的位置，纸张可能折皱，或者不是按这份版面文件印的"
    return problem("E657", scanned.mark, reason=reason, todo="请把纸压平重新扫描，并核对 --layout 给的版面文件")


def _not_ours(scanned: ScannedPage, page: Unregistered, layouts: Sequence[Layout]) -> Problem:
    reason, todo = _why_not(page, layouts)
    return problem("E657", scanned.mark, reason=reason, todo=todo)


def _why_not(page: Unregistered, layouts: Sequence[Layout]) -> tuple[str, str]:
    said = page.said.split(":")
    if not page.said:
        if page.marks:
            return "找到了四角的定位标记，二维码读不出来", "请擦净玻璃，用 200 dpi 以上重新扫描这一页"
        return "看不出是检查表：没有找到四角的黑色方块", "请把整页平放，四角都扫进去，用 200 dpi 以上重新扫描"
    if said[0] != "CHUNFENG" or len(said) not in (7, 8) or said[1] != "2":
        return "二维码不是空白检查表的", "请只扫描用 checklist 印出、手工填写的检查表"
    campaign, _, lock, checklist, number = said[2:7]
    site = said[7] if len(said) == 8 else ""
    ours = {layout.key for layout in layouts}
    if (campaign, lock, checklist, site) in ours:
        return f"是第 {number} 页，但四角的定位标记看不清，没有读入", "请把整页平放，四角都扫进去，重新扫描这一页"
    if (campaign, lock, checklist) in {key[:3] for key in ours}:
        return (
            f"是另一家单位的第 {number} 页（单位识别码 {site.lower() or '无'}）",
            "请用 --layout 再给出那一家的版面文件，或取出这一页",
        )
    return (
        f"是另一张检查表的第 {number} 页（检查表编号 {checklist.lower()}，规则版本 {lock.lower()}）",
        "请用 --layout 再给出那一张的版面文件，或取出这一页",
    )

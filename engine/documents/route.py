"""A route in one PDF: every site's checklist with its own page numbers.

What the sites of one scope share is laid out once and kept in a folder beside the target; a run that was stopped goes
on with what was kept. What is a site's own is stamped on copies of those pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from engine.documents.anchors import code_of
from engine.documents.bases import Base, KeptBase, base_of, lay_out_base, layout_of, layouts_json, read_base
from engine.documents.fonts import font_folder
from engine.documents.own_fonts import OwnFont
from engine.documents.shared_pages import Joined, join
from engine.documents.stamps import Stamp, Stamps, lay_out_stamps, texts_of, unnamed
from engine.documents.workers import Workers
from engine.inspections.routes import RouteSite
from engine.model.checklist import Checklist
from engine.problems import Mark, Problem, ProblemError, problem, sort
from engine.writing import make_folder, write_atomically

TOGETHER = 25
"""Sites whose texts are laid out in one go: a number of its own, so that the bytes do not depend on the workers."""
_PART = re.compile(r"[0-9a-f]{12}-[0-9a-f]{32}\.(pdf|json)")
_DAMAGED = "排好的页面写入后读不回来"

Plan = Callable[[RouteSite], tuple[Checklist | None, list[Problem]]]
"""Makes the checklist of a site."""
Progress = Callable[[int], None]
"""Is called with the number of sites that are done since the last call."""


class Printed(NamedTuple):
    """How a route was printed."""

    sites: int
    pages: int
    kept: int
    """Sites whose pages an earlier run had laid out."""
    failed: tuple[Problem, ...]
    """Sites that are not in the PDF, each named with its row and the reason."""
    not_printed: int
    notices: tuple[str, ...]


@dataclass
class _Visit:
    """A site of the route on its way: what is to be written on which pages, then how it was drawn."""

    visited: RouteSite
    checklist: Checklist
    base: Base
    texts: dict[str, str]
    written: tuple[int, int] | None = None
    """Which PDF of texts, and which page of it, is this site's."""
    codes: tuple[bytes, ...] | None = None


def print_route(
    sites: Sequence[RouteSite],
    plan: Plan,
    target: Path,
    *,
    jobs: int = 1,
    progress: Progress | None = None,
    own: tuple[OwnFont, ...] = (),
    layout: tuple[Path, Callable[[Checklist], str]] | None = None,
) -> Printed:
    """Write the checklists of the sites to one PDF, in this order, and return what became of each.

    own: the bureau's fonts. jobs: worker processes. A site that fails is named and does not stop the others; if all
    fail nothing is written. Sites with the same content are printed once. The folder of kept pages is taken away when
    no site failed. layout: a file for the layouts of all sites, and what makes the head of each
    (engine.answering.head).
    """
    if not target.parent.is_dir():
        raise ProblemError(
            [problem("E901", Mark(str(target)), path=target, reason="没有这个目录", hint="请先建立这个目录，或另写 -o")]
        )
    folder = target.with_name(f"{target.name}.parts")
    make_folder(folder)
    font_folder()  # built once, and not by each worker
    route = _Route(plan, folder, own, progress or (lambda done: None))
    route.open(sites)
    with Workers(jobs) as workers:
        for _ in range(2):  # again for those whose texts did not fit on shared pages
            route.lay_out_bases(workers)
            route.stamp(workers)
    content, pages = route.joined()
    if content:
        if layout is not None:
            write_atomically(layout[0], route.layouts(layout[1]))
        write_atomically(target, content)
    if not route.failed:
        _clear(folder)
    notices = tuple(dict.fromkeys(route.notices))
    not_printed = len({found.mark for found in route.failed})
    return Printed(len(route.visits), pages, route.kept, sort(route.failed), not_printed, notices)


class _Route:
    """The sites of one run on their way into the PDF."""

    def __init__(self, plan: Plan, folder: Path, own: tuple[OwnFont, ...], told: Progress) -> None:
        self.visits: list[_Visit] = []
        self.failed: list[Problem] = []
        self.notices: list[str] = []
        self.kept = 0
        self._plan, self._folder, self._own, self._told = plan, folder, own, told
        self._bases: dict[tuple[object, ...], Base] = {}
        self._laid_out: dict[Path, KeptBase] = {}
        self._texts: list[bytes] = []

    def open(self, sites: Iterable[RouteSite]) -> None:
        """Plan every site; leave out those that cannot be and those that say what another says."""
        seen: dict[tuple[object, ...], _Visit] = {}
        for visited in sites:
            checklist, problems = self._plan(visited)
            if checklist is None:
                self._fail(visited, problems)
                self._told(1)
                continue
            self.notices += checklist.notices
            visit = self._visit(visited, checklist)
            same = seen.setdefault((visit.base.path, *visit.texts.items()), visit)
            if same is visit:
                self.visits.append(visit)
                continue
            first = same.visited.mark.cell
            self.notices.append(f"{visited.mark.cell} {visited.site.name} 与 {first} 内容完全相同，只印一次")
            self._told(1)

    def _visit(self, visited: RouteSite, checklist: Checklist) -> _Visit:
        shared = unnamed(checklist)
        labels = tuple(i.id for i in checklist.type.identity_of(checklist.site))
        if labels != tuple(i.id for i in shared.type.identity_of(shared.site)):
            return _Visit(
                visited, checklist, base_of(checklist, self._folder, self._own), {}
            )  # its head is like no other
        key = (checklist.id, checklist.earlier, checklist.date, checklist.joint)
        if key not in self._bases:
            self._bases[key] = base_of(shared, self._folder, self._own)
        return _Visit(visited, checklist, self._bases[key], texts_of(checklist))

    def lay_out_bases(self, workers: Workers) -> None:
        """Lay out every base that is not there yet, or read it if an earlier run kept it."""
        missing: list[Base] = []
        for base in dict.fromkeys(visit.base.path for visit in self.visits if visit.base.path not in self._laid_out):
            visits = self._visits_of(base)
            kept = read_base(visits[0].base)
            if kept is None:
                missing.append(visits[0].base)
            else:
                self._laid_out[base] = kept
                self.kept += len(visits)
                self._told(len(visits))
        for laid_out, _, problems in workers.each(lay_out_base, missing):
            visits = self._visits_of(laid_out.path)
            kept = read_base(laid_out) if not problems else None
            if kept is None:
                self._leave_out(visits, problems or [problem("E710", what=_DAMAGED, todo="请重新运行一次")])
            else:
                self._laid_out[laid_out.path] = kept
            self._told(len(visits))

    def _visits_of(self, base: Path) -> list[_Visit]:
        return [visit for visit in self.visits if visit.base.path == base]

    def stamp(self, workers: Workers) -> None:
        """Lay out what is each site's own; one whose texts do not fit needs a base of its own."""
        bare = [visit for visit in self.visits if visit.codes is None]
        groups = [bare[at : at + TOGETHER] for at in range(0, len(bare), TOGETHER)]
        alone: list[list[_Visit]] = []
        for group, problems in self._stamped(workers, groups):
            if len(group) > 1:
                alone += [[visit] for visit in group]
            else:
                self._leave_out(group, problems)
        for group, problems in self._stamped(workers, alone):
            self._leave_out(group, problems)

    def _stamped(self, workers: Workers, groups: list[list[_Visit]]) -> Iterator[tuple[list[_Visit], list[Problem]]]:
        """Lay out the stamps of each group; yield the groups of which one page or more could not be laid out."""
        tasks = [Stamps(tuple(self._stamp_of(visit) for visit in group), self._own) for group in groups]
        for group, (_, result, problems) in zip(groups, workers.each(lay_out_stamps, tasks), strict=True):
            if result is None:
                yield group, problems
                continue
            self._texts.append(result.pdf)
            for page, visit in enumerate(group):
                if page in result.too_high:
                    visit.base, visit.texts = base_of(visit.checklist, self._folder, self._own), {}
                    continue
                visit.codes = result.codes[page]
                visit.written = (len(self._texts) - 1, page) if visit.texts else None

    def _stamp_of(self, visit: _Visit) -> Stamp:
        base = self._laid_out[visit.base.path]
        texts = tuple((text, base.cells[name]) for name, text in visit.texts.items())
        return Stamp(texts, tuple((code_of(visit.checklist, page), cell) for page, cell in enumerate(base.codes, 1)))

    def _leave_out(self, visits: Sequence[_Visit], problems: Sequence[Problem]) -> None:
        for visit in visits:
            self.visits.remove(visit)
            self._fail(visit.visited, problems)

    def _fail(self, visited: RouteSite, problems: Sequence[Problem]) -> None:
        name = visited.site.name
        for found in problems:
            place = f"{found.mark.path}：" if found.mark.path else ""
            reason = f"{place}{found.code} {found.message}"
            self.failed.append(problem("E709", visited.mark, name=name, reason=reason, todo=found.hint))

    def layouts(self, head: Callable[[Checklist], str]) -> bytes:
        """Return where everything stands on the pages of each site, as JSON."""
        return layouts_json(
            [
                layout_of(self._laid_out[visit.base.path], visit.checklist, visit.texts, head(visit.checklist))
                for visit in self.visits
            ]
        )

    def joined(self) -> tuple[bytes, int]:
        """Return the PDF of all sites with a bookmark each, and its pages; empty if there is none."""
        if not self.visits:
            return b"", 0
        checklists = [
            Joined(v.visited.site.name, str(v.base.path), v.written, v.codes)
            for v in self.visits
            if v.codes is not None
        ]
        used = {each.pages for each in checklists}
        shared = {str(path): base.pdf for path, base in self._laid_out.items() if str(path) in used}
        content = join(checklists, shared, self._texts, "检查表（按路线）")
        return content, sum(len(each.codes) for each in checklists)


def _clear(folder: Path) -> None:
    """Take away the pages kept for this target, and the folder unless something else lies in it."""
    try:
        for path in folder.iterdir():
            if _PART.fullmatch(path.name):
                path.unlink(missing_ok=True)
        folder.rmdir()
    except OSError:
        return

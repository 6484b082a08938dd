"""A route in one PDF: every site's checklist with its own page numbers, kept until the whole is done.

Each distinct page is named by the digits of what it says, laid out once, kept in a folder beside the target, and
joined in the order of the route. A run that was stopped goes on where it was.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError

from engine import __version__
from engine.documents.checklist_view import checklist_assets, checklist_context
from engine.documents.html import render_html, stylesheet
from engine.documents.own_fonts import OwnFont
from engine.documents.setting import Setting, set_pages
from engine.documents.typefaces import style
from engine.inspections.routes import RouteSite
from engine.model.checklist import Checklist
from engine.problems import Mark, Problem, ProblemError, problem, sort, system_reason
from engine.writing import make_folder, write_atomically

_PART = re.compile(r"[0-9a-f]{12}-[0-9a-f]{32}\.pdf")

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


def print_route(
    sites: Sequence[RouteSite],
    plan: Plan,
    target: Path,
    *,
    jobs: int = 1,
    progress: Callable[[int], None] | None = None,
    own: tuple[OwnFont, ...] = (),
) -> Printed:
    """Write the checklists of the sites to one PDF, in this order, and return what became of each.

    own: the bureau's fonts. jobs: worker processes, 1 works in this one. A site that fails is named and does not stop
    the others; if all fail nothing is written. Sites with the same content are printed once. The folder of kept pages
    is taken away when no site failed.
    """
    told = progress or (lambda done: None)
    if not target.parent.is_dir():
        raise ProblemError([problem("E901", Mark(str(target)), path=target, reason="没有这个目录")])
    folder = target.with_name(f"{target.name}.parts")
    make_folder(folder)
    route = _Route(plan, folder, own)
    for setting, problems in set_pages(route.open(sites, told), jobs):
        told(1)
        if problems:
            route.fail(setting, problems)
    joined = route.joined()
    if joined:
        write_atomically(target, joined)
    if not route.failed:
        _clear(folder)
    notices = tuple(dict.fromkeys(route.notices))
    not_printed = len({found.mark for found in route.failed})
    return Printed(len(route.printed), route.pages, route.kept, sort(route.failed), not_printed, notices)


class _Route:
    """The sites of one run by the file of their pages."""

    def __init__(self, plan: Plan, folder: Path, own: tuple[OwnFont, ...]) -> None:
        self.printed: dict[Path, RouteSite] = {}
        self.failed: list[Problem] = []
        self.notices: list[str] = []
        self.kept = self.pages = 0
        self._plan, self._folder, self._own = plan, folder, own

    def open(self, sites: Sequence[RouteSite], told: Progress) -> Iterator[Setting]:
        """Yield what has to be laid out; what was kept, printed already or cannot be is done at once."""
        for visited in sites:
            checklist, problems = self._plan(visited)
            if checklist is None:
                self._fail(visited, problems)
                told(1)
                continue
            self.notices += checklist.notices
            setting = _setting(checklist, self._folder, self._own)
            if setting.path in self.printed:
                first = self.printed[setting.path].mark.cell
                self.notices.append(f"{visited.mark.cell} {visited.site.name} 与 {first} 内容完全相同，只印一次")
                told(1)
                continue
            self.printed[setting.path] = visited
            if _is_whole(setting.path):
                self.kept += 1
                told(1)
            else:
                yield setting

    def fail(self, setting: Setting, problems: Sequence[Problem]) -> None:
        """Leave the site of these pages out of the PDF."""
        self._fail(self.printed.pop(setting.path), problems)

    def _fail(self, visited: RouteSite, problems: Sequence[Problem]) -> None:
        name = visited.site.name
        for found in problems:
            place = f"{found.mark.path}：" if found.mark.path else ""
            reason = f"{place}{found.code} {found.message}"
            self.failed.append(problem("E709", visited.mark, name=name, reason=reason, todo=found.hint))

    def joined(self) -> bytes:
        """Return the PDF of all sites with a bookmark each, empty if there is none."""
        writer = PdfWriter()
        for path, visited in list(self.printed.items()):
            try:
                reader = PdfReader(path)
                writer.append(reader, outline_item=visited.site.name, import_outline=False)
            except (PyPdfError, OSError, ValueError) as error:
                path.unlink(missing_ok=True)
                reason = system_reason(error) if isinstance(error, OSError) else "保存的页面已损坏"
                todo = "请重新运行一次，只补排这一家"
                self.failed.append(problem("E709", visited.mark, name=visited.site.name, reason=reason, todo=todo))
                del self.printed[path]
        self.pages = len(writer.pages)
        if not self.printed:
            return b""
        writer.add_metadata({"/Title": "检查表（按路线）"})
        buffer = io.BytesIO()
        writer.write(buffer)
        return buffer.getvalue()


def _setting(checklist: Checklist, folder: Path, own: tuple[OwnFont, ...]) -> Setting:
    """Return the page of a checklist and the file that keeps it, named by the checklist and by all it says."""
    html, css = render_html("checklist", checklist_context(checklist)), stylesheet("checklist")
    assets = checklist_assets(checklist)
    name = f"{checklist.id}-{_digits(html, style(own) + css, assets)}.pdf"
    return Setting(folder / name, html, css, assets, own)


def _digits(html: str, css: str, assets: Mapping[str, bytes]) -> str:
    """Return 32 hexadecimal digits over everything that decides a page: its content and the program."""
    whole = hashlib.sha256()
    for part in (__version__.encode(), html.encode(), css.encode(), *(assets[name] for name in sorted(assets))):
        whole.update(len(part).to_bytes(8, "big"))
        whole.update(part)
    return whole.hexdigest()[:32]


def _is_whole(path: Path) -> bool:
    """Return whether the file is a PDF from its first to its last line."""
    try:
        with path.open("rb") as file:
            begun = file.read(5) == b"%PDF-"
            file.seek(-16, io.SEEK_END)
            return begun and b"%%EOF" in file.read()
    except OSError:
        return False


def _clear(folder: Path) -> None:
    """Take away the pages kept for this target, and the folder unless something else lies in it."""
    try:
        for path in folder.iterdir():
            if _PART.fullmatch(path.name):
                path.unlink(missing_ok=True)
        folder.rmdir()
    except OSError:
        return

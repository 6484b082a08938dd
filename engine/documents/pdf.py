"""HTML to PDF through WeasyPrint: one font configuration a process, nothing fetched, the same bytes each time."""

from __future__ import annotations

import hashlib
import logging
import os
import warnings
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, NamedTuple

from engine.documents import fonts
from engine.problems import ProblemError, problem

ARCHIVAL = "pdf/a-3u"
"""The variant of a paper that carries files: archival, its text can be copied, files of any kind inside."""
SYSTEM_LIBRARIES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


class Carried(NamedTuple):
    """A file inside a paper: its name, what it is in Chinese, its bytes and the day it is dated."""

    name: str
    description: str
    content: bytes
    day: date


class _Machine:
    """WeasyPrint with our fonts, loaded once: importing it costs more than a second."""

    def __init__(self) -> None:
        fonts.configure()
        try:
            import weasyprint
            from weasyprint.text.ffi import harfbuzz_subset
            from weasyprint.text.fonts import FontConfiguration
        except OSError as error:
            todo = f"请安装：apt-get install -y --no-install-recommends {SYSTEM_LIBRARIES}"
            raise ProblemError([problem("E706", what=str(error).splitlines()[0], todo=todo)]) from error
        if not harfbuzz_subset:
            todo = (
                "请安装：apt-get install -y --no-install-recommends libharfbuzz-subset0（缺少时慢十余倍，结果也不同）"
            )
            raise ProblemError([problem("E706", what="libharfbuzz-subset", todo=todo)])
        self.weasyprint = weasyprint
        self.fonts = FontConfiguration()
        self.stylesheets: dict[str, Any] = {}
        logging.getLogger("weasyprint").setLevel(logging.ERROR)

    def stylesheet(self, css: str) -> Any:
        if css not in self.stylesheets:
            fetcher = _locked_fetcher({})
            self.stylesheets[css] = self.weasyprint.CSS(string=css, font_config=self.fonts, url_fetcher=fetcher)
        return self.stylesheets[css]


@cache
def _machine() -> _Machine:
    return _Machine()


class Place(NamedTuple):
    """Where something stands: page from 1, then millimetres from the top left corner of the page."""

    page: int
    x: float
    y: float
    width: float
    height: float


class LaidOut:
    """Pages with the places of their elements, before they are written."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self.places: list[tuple[str, Place]] = []
        """Each element with an id, and each margin box by its CSS name, page by page from the top down."""
        for number, page in enumerate(document.pages, 1):
            found = [(name, _place(number, *corners)) for name, corners in page.anchors.items()]
            found += [(box.at_keyword, _place(number, *_corners(box))) for box in _margin_boxes(page)]
            self.places += sorted(found, key=lambda one: (one[1].y, one[1].x, one[0]))
            page.anchors.clear()  # nothing links to them; else the PDF lists each as a destination

    @property
    def sizes(self) -> list[tuple[float, float]]:
        """Return width and height of each page in millimetres."""
        return [(round(page.width * _MM, 2), round(page.height * _MM, 2)) for page in self._document.pages]

    def pdf(self, finisher: Callable[[Any, Any], None] | None = None) -> bytes:
        """Return the PDF. The finisher gets the document of WeasyPrint and the PDF of pydyf before it is written."""

        def finish(document: Any, pdf: Any) -> None:
            if finisher is not None:
                finisher(document, pdf)
            _end_plainly(pdf)

        return bytes(self._document.write_pdf(finisher=finish))

    def archival(self, carried: Sequence[Carried]) -> bytes:
        """Return it as PDF/A-3u with these files inside, in the order of their names."""
        files = [_attachment(_machine(), file) for file in carried]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # WeasyPrint 70 leaves the file of its colours open
            written = self._document.write_pdf(finisher=_finish_archival, pdf_variant=ARCHIVAL, attachments=files)
        return bytes(written)


_MM = 25.4 / 96
"""A pixel of CSS in millimetres."""


def _place(page: int, x1: float, y1: float, x2: float, y2: float) -> Place:
    return Place(page, *(round(v * _MM, 3) for v in (x1, y1, x2 - x1, y2 - y1)))


def _margin_boxes(page: Any) -> list[Any]:
    """Return the boxes in the margins. WeasyPrint has no public name for them, nor an id that a style could give."""
    return [box for box in page._page_box.children if hasattr(box, "at_keyword")]


def _corners(box: Any) -> tuple[float, float, float, float]:
    """Return the corners of the border of a margin box, or of the image in it."""
    box = next((inner for inner in box.descendants() if hasattr(inner, "replacement")), box)
    x, y = box.border_box_x(), box.border_box_y()
    return x, y, x + box.border_width(), y + box.border_height()


def lay_out(html: str | Sequence[str], css: str, assets: Mapping[str, bytes]) -> LaidOut:
    """Return a page laid out, or several one behind the other, each with its own page numbers.

    Images are taken from assets by the address asset:NAME and from nowhere else.

    Raises ProblemError for characters that no font can show and when the system's libraries are missing.
    """
    machine = _machine()
    parts = [html] if isinstance(html, str) else list(html)
    unprintable = fonts.missing_characters("".join(parts))
    if unprintable:
        raise ProblemError(unprintable)
    laid_out = [
        machine.weasyprint.HTML(string=part, url_fetcher=_locked_fetcher(assets), base_url="asset:").render(
            stylesheets=[machine.stylesheet(css)], font_config=machine.fonts
        )
        for part in parts
    ]
    return LaidOut(laid_out[0].copy([page for document in laid_out for page in document.pages]))


def render_pdf(
    html: str | Sequence[str], css: str, assets: Mapping[str, bytes], carried: Sequence[Carried] = ()
) -> bytes:
    """Return the PDF of what lay_out() lays out, with its problems.

    With files to carry, named in the order of their names, the PDF is PDF/A-3u.
    """
    laid_out = lay_out(html, css, assets)
    return laid_out.archival(carried) if carried else laid_out.pdf()


def _attachment(machine: _Machine, file: Carried) -> Any:
    """Return the file for WeasyPrint, with a date of its own: the clock's would make each printing another file."""
    day = datetime(file.day.year, file.day.month, file.day.day, tzinfo=UTC)
    return machine.weasyprint.Attachment(
        string=file.content, name=file.name, description=file.description, created=day, modified=day,
        relationship="Data",
    )  # fmt: skip


def _finish_archival(document: Any, pdf: Any) -> None:
    """Mend what PDF/A does not allow in the output of WeasyPrint 70: packed metadata, files listed twice."""
    pdf.objects[int(pdf.catalog["Metadata"].split()[0])].compress = False
    files = pdf.catalog["AF"]
    files[:] = dict.fromkeys(files)
    _end_plainly(pdf)


def _end_plainly(pdf: Any) -> None:
    """Leave a stream unpacked that would end in a carriage return when packed, as one in 256 does.

    The line feed before endstream would make it the end of a line: validators then find the stream a byte short. The
    last byte of a packed stream is that of its Adler-32 (RFC 1950).
    """
    for each in pdf.objects:
        if getattr(each, "compress", False):
            each.compress = False
            raw = each.data.partition(b"\nstream\n")[2].removesuffix(b"\nendstream")
            each.compress = zlib.adler32(raw) & 0xFF != ord("\r")


@cache
def layout_version() -> str:
    """Return what decides how a page is laid out and drawn: the versions of the renderer and the fonts."""
    from weasyprint.text.ffi import pango

    number = pango.pango_version()
    faces = (fonts.font_folder() / name for name in (*(face.file for face in fonts.FACES), fonts.SYMBOLS))
    digest = hashlib.sha256(b"".join(face.read_bytes() for face in faces)).hexdigest()
    version = _machine().weasyprint.__version__
    return f"weasyprint {version}, pango {number // 10000}.{number // 100 % 100}.{number % 100}, fonts {digest[:12]}"


def warm_up() -> None:
    """Load the renderer, so that the next page does not pay for it."""
    _machine()


def _content_type(asset: bytes) -> str:
    """Return what an asset is: a photograph made by engine.inspections.photos, or a drawing of our own."""
    return "image/jpeg" if asset.startswith(b"\xff\xd8\xff") else "image/svg+xml"


def _locked_fetcher(assets: Mapping[str, bytes]) -> Any:
    """Return a fetcher that serves the assets given and refuses every other address."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class Locked(URLFetcher):  # type: ignore[misc]
        """Serves asset:NAME from memory."""

        def fetch(self, url: str, headers: object = None) -> Any:
            """Return the asset, or stop the rendering: an address of another kind must not pass in silence."""
            name = url.removeprefix("asset:")
            if url.startswith("asset:") and name in assets:
                return URLFetcherResponse(url, assets[name], {"Content-Type": _content_type(assets[name])})
            raise FatalURLFetchingError(f"refused: {os.path.basename(url)[:80]}")

    return Locked()

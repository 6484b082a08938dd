"""HTML to PDF through WeasyPrint: one font configuration for each set of fonts, nothing fetched, the same bytes."""

from __future__ import annotations

import gc
import hashlib
import logging
import os
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, NamedTuple
from xml.etree.ElementTree import fromstring

from engine.documents import fonts, typefaces
from engine.documents.html import read_shared
from engine.documents.own_fonts import OwnFont, own_content
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
        typefaces.configure()
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
        self.page = _page_type(weasyprint)
        self._new_configuration = FontConfiguration
        self._settings: dict[tuple[OwnFont, ...], _Type] = {}
        logging.getLogger("weasyprint").setLevel(logging.ERROR)
        gc.freeze()  # what is loaded now stays: the collector need not look at it again

    def type(self, own: tuple[OwnFont, ...]) -> _Type:
        """Return the fonts to set pages with; each set of own fonts has its own, so that none sees another's."""
        if own not in self._settings:
            contents = {font.family: own_content(font) for font in own}
            configuration = self._new_configuration()
            with _refused_fonts() as refused:
                style = self._style(typefaces.style(own), configuration, contents)
            if refused:
                raise ProblemError(
                    [problem("E753", role=font.role, path=font.file, reason="排版组件不能读取") for font in own]
                )
            self._settings[own] = _Type(configuration, style, {})
        return self._settings[own]

    def stylesheets(self, css: str, own: tuple[OwnFont, ...]) -> list[Any]:
        """Return the style parsed, after that of the fonts."""
        chosen = self.type(own)
        if css not in chosen.stylesheets:
            written = typefaces.families_written_out(css, own)
            chosen.stylesheets[css] = self._style(written, chosen.configuration, {})
        return [chosen.style, chosen.stylesheets[css]]

    def _style(self, css: str, configuration: Any, assets: Mapping[str, bytes]) -> Any:
        return self.weasyprint.CSS(string=css, font_config=configuration, url_fetcher=_locked_fetcher(assets))


def _page_type(weasyprint: Any) -> Any:
    """Return the type of a page whose elements have the style of templates/_shared/elements.css and no other."""
    elements = weasyprint.CSS(string=read_shared("elements.css"))

    class Page(weasyprint.HTML):  # type: ignore[misc]
        """A page of one of our papers."""

        def _ua_stylesheets(self, forms: bool = False) -> list[Any]:
            """Return the one style. WeasyPrint 70 has no public way to replace its own."""
            return [elements]

    return Page


class _Type(NamedTuple):
    """A font configuration of WeasyPrint, the style that names its families, and the styles parsed with it."""

    configuration: Any
    style: Any
    stylesheets: dict[str, Any]


@contextmanager
def _refused_fonts() -> Iterator[list[str]]:
    """Collect what WeasyPrint says of fonts that it cannot load; it would go on with others in silence."""
    refused: list[str] = []

    class Collector(logging.Handler):
        """Keeps the messages."""

        def emit(self, record: logging.LogRecord) -> None:
            """Keep one that tells of a font."""
            if "cannot be loaded" in record.getMessage():
                refused.append(record.getMessage())

    logger, collector = logging.getLogger("weasyprint"), Collector()
    level, logger.propagate = logger.level, False
    logger.addHandler(collector)
    logger.setLevel(logging.WARNING)
    try:
        yield refused
    finally:
        logger.setLevel(level)
        logger.removeHandler(collector)
        logger.propagate = True


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
            _refuse_empty_boxes(document)
            if finisher is not None:
                finisher(document, pdf)
            _pack(pdf)

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


def _refuse_empty_boxes(document: Any) -> None:
    """Raise ProblemError if a character was drawn as an empty box after all: a font may say more than it has."""
    boxes = sorted({chr(code) for font in document.fonts.values() for code in font.missing})
    if boxes:
        raise ProblemError(typefaces.unprintable(boxes, "".join(boxes)))


def lay_out(html: str | Sequence[str], css: str, assets: Mapping[str, bytes], own: tuple[OwnFont, ...] = ()) -> LaidOut:
    """Return a page laid out, or several one behind the other, each with its own page numbers.

    Images are taken from assets by the address asset:NAME and from nowhere else. own: the bureau's own fonts.

    Raises ProblemError for characters that no font can show and when the system's libraries are missing.
    """
    machine = _machine()
    parts = [html] if isinstance(html, str) else list(html)
    unprintable = typefaces.missing_characters("".join(parts), own)
    if unprintable:
        raise ProblemError(unprintable)
    laid_out = [
        _parsed(machine, part, _locked_fetcher(assets)).render(
            stylesheets=machine.stylesheets(css, own), font_config=machine.type(own).configuration
        )
        for part in parts
    ]
    return LaidOut(laid_out[0].copy([page for document in laid_out for page in document.pages]))


def _parsed(machine: _Machine, html: str, fetcher: Any) -> Any:
    """Return a page for WeasyPrint. What our templates write is XML as well, which expat reads twenty times as fast.

    WeasyPrint 70 takes text alone: a page without content is made, and its tree replaced.
    """
    tree = fromstring(html)  # noqa: S314  # our own templates, in which what people typed is escaped
    page = machine.page(string="<p/>", url_fetcher=fetcher, base_url="asset:")
    page.wrapper_element = type(page.wrapper_element).from_html_root(tree, content_language=None)
    page.etree_element = page.wrapper_element.etree_element
    return page


def render_pdf(
    html: str | Sequence[str], css: str, assets: Mapping[str, bytes], carried: Sequence[Carried] = (),
    own: tuple[OwnFont, ...] = (),
) -> bytes:  # fmt: skip
    """Return the PDF of what lay_out() lays out, with its problems.

    With files to carry, named in the order of their names, the PDF is PDF/A-3u.
    """
    laid_out = lay_out(html, css, assets, own)
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
    _refuse_empty_boxes(document)
    pdf.objects[int(pdf.catalog["Metadata"].split()[0])].compress = False
    files = pdf.catalog["AF"]
    files[:] = dict.fromkeys(files)
    _pack(pdf)


_LEVEL = 6
"""How hard streams are packed: 9 takes twice the time for a hundredth of the size."""


def _pack(pdf: Any) -> None:
    """Pack the streams here and once: the writer would pack each twice, for the file and for its identifier.

    A stream that would end in a carriage return when packed, as one in 256 does, stays unpacked: the line feed before
    endstream would make it the end of a line, and validators then find the stream a byte short.
    """
    for each in pdf.objects:
        if getattr(each, "compress", False):
            each.compress = False
            raw = each.data.partition(b"\nstream\n")[2].removesuffix(b"\nendstream")
            packed = zlib.compress(raw, _LEVEL)
            ends_plainly = not packed.endswith(b"\r")
            each.stream = [packed if ends_plainly else raw]
            if ends_plainly:
                each.extra["Filter"] = "/FlateDecode"


def layout_version(text: str = "", own: Sequence[OwnFont] = ()) -> str:
    """Return what decides how the text is laid out and drawn: the versions of the renderer and the fonts.

    Fonts of the bureau and faces of the system are named where the text is printed with them.
    """
    others = [f"{font.role} {font.sha256[:12]}" for font in own]
    others += [f"{path.stem} {typefaces.file_digest(path)}" for path in typefaces.system_files(text, own)]
    return ", ".join([_program_version(), *others])


@cache
def _program_version() -> str:
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

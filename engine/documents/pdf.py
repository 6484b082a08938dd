"""HTML to PDF through WeasyPrint: one font configuration a process, nothing fetched, the same bytes each time."""

from __future__ import annotations

import hashlib
import logging
import os
import warnings
from collections.abc import Mapping, Sequence
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


def render_pdf(
    html: str | Sequence[str], css: str, assets: Mapping[str, bytes], carried: Sequence[Carried] = ()
) -> bytes:
    """Return the PDF of a page, or of several one behind the other, each with its own page numbers.

    Images are taken from assets by the address asset:NAME and from nowhere else. With files to carry, named in the
    order of their names, the PDF is PDF/A-3u.

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
    whole = laid_out[0].copy([page for document in laid_out for page in document.pages])
    if not carried:
        return bytes(whole.write_pdf())
    files = [_attachment(machine, file) for file in carried]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # WeasyPrint 70 leaves the file of its colours to be collected
        return bytes(whole.write_pdf(finisher=_finish_archival, pdf_variant=ARCHIVAL, attachments=files))


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

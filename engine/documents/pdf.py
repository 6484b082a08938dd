"""HTML to PDF through WeasyPrint: one font configuration a process, nothing fetched, the same bytes each time."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from engine.documents import fonts
from engine.problems import ProblemError, problem

SYSTEM_LIBRARIES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


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


def render_pdf(html: str | Sequence[str], css: str, assets: Mapping[str, bytes]) -> bytes:
    """Return the PDF of a page, or of several one behind the other, each with its own page numbers.

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
    whole = laid_out[0].copy([page for document in laid_out for page in document.pages])
    return bytes(whole.write_pdf())


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

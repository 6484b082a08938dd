"""A warm process that prints the checklist when told to: `python -m benchmarks.pdf_worker ours|plain`.

One line on stdin, one rendering; one line of JSON on stdout, what it took.
"""

from __future__ import annotations

import base64
import io
import json
import sys
import time
from collections.abc import Callable
from functools import partial

from pypdf import PdfReader

from engine.documents.checklist_view import checklist_assets, checklist_context
from engine.documents.html import render_html, stylesheet
from engine.documents.papers import checklist_pdf
from engine.documents.typefaces import style
from engine.inspections.planning import plan_checklist
from engine.model.checklist import Checklist

SYSTEM_FONTS = {
    '"Chunfeng Symbols", ': "",
    '"Chunfeng Symbols"': '"Noto Sans CJK SC"',
    '"Chunfeng Serif"': '"Noto Serif CJK SC"',
    '"Chunfeng Sans"': '"Noto Sans CJK SC"',
    '"Chunfeng Title"': '"Noto Serif CJK SC"',
}


def plain_pdf(checklist: Checklist) -> bytes:
    """Return the same page as a first program would make it: the system's fonts, everything new each time."""
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    html, css = render_html("checklist", checklist_context(checklist)), plain_css()
    for name, data in checklist_assets(checklist).items():
        html = html.replace(f"asset:{name}", f"data:image/svg+xml;base64,{base64.b64encode(data).decode()}")
    if "Chunfeng" in css or "asset:" in html:
        raise AssertionError("the plain page still asks for our fonts or images")
    fonts = FontConfiguration()
    style = CSS(string=css, font_config=fonts)
    return bytes(HTML(string=html).write_pdf(stylesheets=[style], font_config=fonts))


def plain_css() -> str:
    """Return the style of the checklist with the system's fonts in the place of ours."""
    css = style() + stylesheet("checklist")
    for ours, system in SYSTEM_FONTS.items():
        css = css.replace(ours, system)
    return css


def fonts_of(pdf: PdfReader) -> set[str]:
    """Return the names of the fonts that the first page uses."""
    used = pdf.pages[0]["/Resources"]["/Font"].values()
    return {str(font.get_object()["/BaseFont"]) for font in used}


def serve(checklist: Checklist, make: Callable[[Checklist], bytes], font: str) -> None:
    """Render once to warm up, then once for each line of stdin. Raises AssertionError without the font expected."""
    render = partial(make, checklist)
    pdf = PdfReader(io.BytesIO(render()))
    if not any(font in name for name in fonts_of(pdf)):
        raise AssertionError(f"no font {font} in the PDF: {sorted(fonts_of(pdf))}")
    print(json.dumps({"items": len(list(checklist.items()))}), flush=True)
    for _ in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        data = render()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        pages = len(PdfReader(io.BytesIO(data)).pages)
        print(json.dumps({"cpu": cpu, "wall": wall, "pages": pages, "bytes": len(data)}), flush=True)


def main(kind: str) -> None:
    """Serve the checklist of a retail pharmacy in the campaign of 2024, rendered by us or plainly."""
    checklist, problems = plan_checklist("retail-pharmacy", "2024", routine=True)
    if checklist is None:
        raise AssertionError(problems)
    if kind == "ours":
        serve(checklist, checklist_pdf, "Chunfeng")
    else:
        serve(checklist, plain_pdf, "Noto")


if __name__ == "__main__":
    main(sys.argv[1])

"""A warm process that prints records: `python -m benchmarks.documents.record_worker ours|plain`."""

from __future__ import annotations

import base64
import io
import json
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from pypdf import PdfReader

from engine.demo import confirm_all
from engine.documents import attachments, papers
from engine.documents.attachments import attach
from engine.documents.pdf import ARCHIVAL, Carried
from engine.documents.typefaces import style
from engine.documents.workers import prepare
from engine.inspections.opening import Recorded, evaluate, new_record, open_answers
from engine.library.files import place

SAMPLE = Path(__file__).parents[2] / "checklists" / "samples" / "retail-pharmacy-2024.yaml"
WANTED_PAGES = 6
SYSTEM_FONTS = {
    '"Chunfeng Symbols", ': "",
    '"Chunfeng Symbols"': '"Noto Sans CJK SC"',
    '"Chunfeng Serif"': '"Noto Serif CJK SC"',
    '"Chunfeng Title"': '"Noto Serif CJK SC"',
    '"Chunfeng Sans"': '"Noto Sans CJK SC"',
}
STATEMENT = (
    "负责人陈述：第{}次核对时，货架第{}层的药品由店员{}从库房取出，购进票据在电脑系统中，纸质随货同行单存放在总部。"
)


@cache
def _sample() -> Recorded:
    inspection, problems = open_answers(place(None), SAMPLE)
    if inspection is None:
        raise AssertionError(problems)
    evaluation = evaluate(inspection)
    return Recorded(confirm_all(new_record(inspection, evaluation)), inspection, evaluation)


def record(number: int) -> Recorded:
    """Return a record like no other: its site, its facts, what was said."""
    base = _sample()
    people = "赵钱孙李周吴郑王冯陈"
    said = "\n".join(STATEMENT.format(n + 1, (number + n) % 9 + 1, people[(number * 7 + n) % 10]) for n in range(LINES))
    visit = base.record.visit.model_copy(update={"statement": f"{number}号店。{said}"})
    return base._replace(record=base.record.model_copy(update={"visit": visit}))


def printed(number: int) -> bytes:
    """Return a record as PDF/A-3u with its files and its code."""
    one = record(number)
    return papers.record_pdf(one, "inspection-record", attached=attach(one, "inspection-record", None))


def plain_pdf(
    html: Sequence[str], css: str, assets: Mapping[str, bytes], carried: Sequence[Carried], own: object = ()
) -> bytes:
    """Return the same page as a first program would make it: the system's fonts, everything new each time."""
    from weasyprint import CSS, HTML, Attachment
    from weasyprint.text.fonts import FontConfiguration

    (page,) = html
    css = plain_css(style() + css)
    for name, data in assets.items():
        page = page.replace(f"asset:{name}", f"data:image/svg+xml;base64,{base64.b64encode(data).decode()}")
    if "Chunfeng" in css or "asset:" in page:
        raise AssertionError("the plain page still asks for our fonts or images")
    fonts = FontConfiguration()
    sheet = CSS(string=css, font_config=fonts)
    day = datetime(2024, 1, 1, tzinfo=UTC)
    files = [
        Attachment(string=f.content, name=f.name, description=f.description, created=day, relationship="Data")
        for f in carried
    ]
    document = HTML(string=page)
    return bytes(document.write_pdf(stylesheets=[sheet], font_config=fonts, pdf_variant=ARCHIVAL, attachments=files))


def plain_css(css: str) -> str:
    """Return a style with the system's fonts in the place of ours."""
    for ours, system in SYSTEM_FONTS.items():
        css = css.replace(ours, system)
    return css


def use_plainly() -> None:
    """Print with plain_pdf from here on, and leave this process the fonts of the system: ours would set its own."""
    papers.render_pdf = plain_pdf  # type: ignore[assignment]
    attachments.layout_version = lambda text, own: "plain"  # type: ignore[assignment]


def resident() -> str:
    """Return how much memory this process holds, in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return f"{pages * 4096 / 1e6:.0f}"


def main(kind: str) -> None:
    """Print the records from the first number to the one before the second, for each line that asks for them."""
    if kind == "plain":
        use_plainly()
    else:
        prepare()
    pdf = PdfReader(io.BytesIO(printed(0)))
    fonts = {str(font.get_object()["/BaseFont"]) for font in pdf.pages[0]["/Resources"]["/Font"].values()}  # type: ignore[index]
    if len(pdf.pages) != WANTED_PAGES or any("Chunfeng" in font for font in fonts) != (kind == "ours"):
        raise AssertionError(f"{len(pdf.pages)} pages, {sorted(fonts)}")
    print(json.dumps({}), flush=True)
    for line in sys.stdin:
        first, end = json.loads(line)
        wall, cpu, size, rss = time.perf_counter(), time.process_time(), 0, []
        for number in range(first, end):
            size += len(printed(number))
            if number - first + 1 in ((end - first) // 10, (end - first) // 2, end - first):
                rss.append(resident())
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        print(json.dumps({"cpu": cpu, "wall": wall, "bytes": size, "rss": rss}), flush=True)


LINES = 52
"""Of what was said, so that the record has six pages."""

if __name__ == "__main__":
    main(sys.argv[1])

"""Every kind of document by its structure: qpdf, a validator of PDF/A, its text read back, its fonts.

Two judges that know nothing of this program: qpdf (in pikepdf) reads the file as a whole, page-validation holds it
against ISO 19005-3. Each check is shown to fail on a file that was broken for it.
"""

from __future__ import annotations

import hashlib
import io
import re
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

import page as validator
import pikepdf
import pydyf
import pytest
from support_documents import BLANKS, Paper, blank, flat
from support_worst import crowded, plain
from test_routes import THREE, Inline, _planned, _xlsx

from engine.answering.head import head_text
from engine.campaigns.coverage import coverage
from engine.documents import papers, route, stamps
from engine.documents.fonts import FACES, SYMBOLS, font_folder
from engine.documents.form_font import NAME as FORM_FACE
from engine.documents.html import document_names
from engine.documents.papers import blank_paper, coverage_pdf
from engine.documents.pdf import _pack
from engine.inspections.planning import plan_checklist
from engine.library.files import place
from engine.library.load import load_library

UNCLAIMED = {
    "PDFA3U-ID-SCHEMA-001", "PDFA3U-METADATA-STRUCTURE-001", "PDFA3U-TRAILER-ID-001", "PDFA3U-DEVICE-RGB-001",
    "PDFA3U-DEVICE-GRAY-001",
}  # fmt: skip
"""What a file that does not claim PDF/A may lack: the claim, its identifier, and the profile of its colours."""
HEAD_HIDDEN = "PDFA3U-ANNOTATION-FLAGS-001: annotation 0 on page 1 has invalid PDF/A-2/3 annotation flags"
"""The form hides the field that says what it was made from; an archive would have to print it."""
LISTS = {"vaccination-unit": "2024", "contact-lens-seller": "2019"}


class Made(NamedTuple):
    """A document with the pages that it was made from."""

    content: bytes
    html: tuple[str, ...]


# ── every kind of document


def _blank(name: str) -> bytes:
    return blank_paper(blank(name)).pdf()


def _list(site_type: str) -> bytes:
    checklist, problems = plan_checklist(site_type, LISTS[site_type], None, None)
    assert checklist is not None, [p.render() for p in problems]
    return blank_paper(checklist).pdf()


def _form() -> bytes:
    return blank_paper(blank("pharmacy-2024-small")).form(head_text(blank("pharmacy-2024-small")))


def _coverage(campaign: str) -> bytes:
    found, _ = coverage(load_library(place()), campaign)
    assert found is not None
    return coverage_pdf(found)


def _route() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "路线.pdf"
        planned = _planned(_xlsx(Path(folder), THREE))
        assert route.print_route(planned.sites, planned.plan, target).sites == len(THREE) - 1
        return target.read_bytes()


def _paper(name: str, final: bool) -> bytes:
    return plain(final=final).pdf(name)


UNARCHIVED: dict[str, Callable[[], bytes]] = {
    **{f"blank {name}": partial(_blank, name) for name in BLANKS},
    **{f"blank {site_type}": partial(_list, site_type) for site_type in LISTS},
    "form": _form, "route": _route,
    "coverage 2019": partial(_coverage, "2019"), "coverage draft": partial(_coverage, "2027-draft"),
}  # fmt: skip
ARCHIVED: dict[str, Callable[[], bytes]] = {
    **{f"{name} final": partial(_paper, name, True) for name in document_names()},
    **{f"{name} draft": partial(_paper, name, False) for name in document_names()},
    "rare characters": lambda: crowded().pdf("service-receipt"),
}
EVERY = UNARCHIVED | ARCHIVED


@cache
def made(name: str) -> Made:
    with _pages() as html:
        content = EVERY[name]()
    return Made(content, tuple(html))


@contextmanager
def _pages() -> Iterator[list[str]]:
    """Collect the pages that are laid out."""
    taken: list[str] = []
    real = papers.render_html

    def watched(document: str, context: dict[str, object], template: str = "template.html") -> str:
        taken.append(real(document, context, template))
        return taken[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(papers, "render_html", watched)
        patch.setattr(stamps, "render_html", watched)
        patch.setattr(route, "Workers", Inline)
        yield taken


def _saved(pdf: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def _opened(name: str) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(made(name).content))


OFTEN = {"blank clinic-2024", "form", "inspection-record draft", "rare characters"}
"""With every final paper: one of almost every kind; the others are for the long run."""


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name in OFTEN or name.endswith(" final") else [pytest.mark.long])
        for name in EVERY
    ],
)
def test_every_kind_of_document_is_sound(name: str) -> None:
    """One test for a document, since making it takes longer than all that is asked of it."""
    document = made(name)
    printed, texts = Paper(document.content), [text for html in document.html for text in shown_texts(html)]
    assert sum(map(len, texts)) > 300
    assert any("一" <= character <= "龥" for text in texts for character in text)
    with pikepdf.open(io.BytesIO(document.content)) as pdf:
        claim = (pdf.open_metadata().pdfa_status, len(pdf.attachments))
        assert len(page_fonts(pdf)) >= 2
        fonts = font_faults(pdf)
        assert ("/AcroForm" in pdf.Root) == (name == "form")
    archive = archive_faults(document.content)
    if name in ARCHIVED:
        assert claim == ("3U", 2)
    else:
        assert claim == ("", 0)
        archive = [fault for fault in archive if fault.split(":")[0] not in UNCLAIMED]
        assert (HEAD_HIDDEN in archive) == (name == "form")
        archive = [fault for fault in archive if fault != HEAD_HIDDEN]
    assert (syntax_faults(document.content), archive, fonts) == ([], [], [])
    assert lost_texts(texts, printed.pages) == []
    assert "\ufffd" not in printed.text
    assert "\x00" not in printed.text


# ── qpdf


def syntax_faults(content: bytes) -> list[str]:
    """Return what qpdf --check says of a file."""
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            return [*map(str, pdf.get_warnings()), *map(str, pdf.check_pdf_syntax())]
    except pikepdf.PdfError as error:
        return [str(error)]


def test_qpdf_sees_a_torn_file() -> None:
    content = made("service-receipt final").content
    assert syntax_faults(content[:-400])
    at = content.index(b" 0 obj", len(content) // 2)
    assert syntax_faults(content[:at] + b" 0 OBJ" + content[at + 6 :])


# ── PDF/A


def archive_faults(content: bytes) -> list[str]:
    """Return the rules of PDF/A-3u that a file breaks, each with what is wrong."""
    report = validator.validate_pdf_bytes(content, profile=validator.ValidationProfile.PDF_A_3U)
    assert report.rules.total > 100, "the validator has no rules: nothing is proved"
    return [f"{failure.rule_id}: {failure.message}" for failure in report.failures]


def test_no_stream_ends_where_a_reader_may_see_another_end() -> None:
    """One packed stream in 256 ends in a carriage return: the line feed behind it would make it the end of a line."""
    found = 0
    for number in range(600):
        raw = hashlib.sha256(bytes([number // 256, number % 256])).digest()
        stream = pydyf.Stream([raw], compress=True)
        document = pydyf.PDF()
        document.add_object(stream)
        found += stream.data.endswith(b"\r\nendstream")
        _pack(document)
        told, _, content = stream.data.removesuffix(b"\nendstream").partition(b"\nstream\n")
        assert not content.endswith(b"\r")
        assert (zlib.decompress(content) if b"/FlateDecode" in told else content) == raw
        assert f"/Length {len(content)}".encode() in told
    assert 0 < found < 20, "no such stream: the test would prove nothing"


def _another_part(pdf: pikepdf.Pdf) -> None:
    xmp = pdf.Root.Metadata.read_bytes()
    assert b'pdfaid:part="3"' in xmp
    pdf.Root.Metadata.write(xmp.replace(b'pdfaid:part="3"', b'pdfaid:part="2"'))


def _without_a_font(pdf: pikepdf.Pdf) -> None:
    descriptor = next(o for o in _objects(pdf) if o.get("/Type") == "/FontDescriptor")
    for key in _FONT_FILES & set(descriptor.keys()):
        del descriptor[key]


def _with_a_script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = pdf.make_indirect(pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("1")))


def _without_colours(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.OutputIntents


def _with_an_unrelated_file(pdf: pikepdf.Pdf) -> None:
    for listed in pdf.Root.AF:
        del listed["/AFRelationship"]


def _without_unicode(pdf: pikepdf.Pdf) -> None:
    for font in (o for o in _objects(pdf) if o.get("/Subtype") == "/Type0"):
        del font["/ToUnicode"]


BREAKS: dict[Callable[[pikepdf.Pdf], None], str] = {
    _another_part: "ID", _without_a_font: "FONT", _with_a_script: "ACTION", _without_colours: "DEVICE",
    _with_an_unrelated_file: "RELATIONSHIP", _without_unicode: "UNICODE",
}  # fmt: skip


@pytest.mark.parametrize("change", BREAKS, ids=lambda change: change.__name__.strip("_"))
def test_the_validator_sees_what_pdf_a_forbids(change: Callable[[pikepdf.Pdf], None]) -> None:
    with _opened("service-receipt final") as pdf:
        assert archive_faults(_saved(pdf)) == [], "saving alone is no fault"
        change(pdf)
        found = archive_faults(_saved(pdf))
    assert found
    assert any(BREAKS[change] in fault for fault in found), found


# ── text


class _Texts(HTMLParser):
    """The texts that a page shows, one for each run between two tags."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._hidden += tag in ("style", "title")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("style", "title")

    def handle_data(self, data: str) -> None:
        if not self._hidden and flat(data):
            self.found.append(flat(data))


def shown_texts(html: str) -> list[str]:
    """Return each text of a page without its white space, in order; what a tag divides are two texts."""
    parser = _Texts()
    parser.feed(html)
    parser.close()
    return parser.found


def lost_texts(texts: list[str], pages: list[str]) -> list[str]:
    """Return the texts that do not stand on the pages; one may go on on the next page, behind its foot and head."""
    return [text for text in dict.fromkeys(texts) if not any(_stands(text, pages[at:]) for at in range(len(pages)))]


def _stands(text: str, pages: list[str]) -> bool:
    if not pages:
        return False
    if text in pages[0]:
        return True
    low, high = 0, len(text)
    while low < high:  # the longest beginning that stands on this page
        middle = (low + high + 1) // 2
        low, high = (middle, high) if text[:middle] in pages[0] else (low, middle - 1)
    return low > 0 and _stands(text[low:], pages[1:])


def test_a_lost_and_a_garbled_text_are_seen() -> None:
    document = made("service-receipt final")
    pages = Paper(document.content).pages
    texts = shown_texts(document.html[0])
    assert lost_texts([*texts, "不在其上"], pages) == ["不在其上"]
    garbled = [page.replace("送达方式", "送迖方式") for page in pages]
    assert lost_texts(texts, garbled) == ["送达方式"]
    assert lost_texts(["送达方式甲"], ["头送达方", "式甲尾"]) == [], "a text over two pages"
    assert lost_texts(["送达方式甲"], ["头送达方", "式乙尾"]) == ["送达方式甲"]


# ── fonts

_FONT_FILES = {"/FontFile", "/FontFile2", "/FontFile3"}
_SHARE = 0.2
"""Of its source, a subset takes less than this: some hundred characters of ten thousand."""


def _objects(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Yield every dictionary of the file that is an object of its own or lies directly in one."""
    for each in pdf.objects:
        if isinstance(each, (pikepdf.Dictionary, pikepdf.Stream)):
            yield each


def page_fonts(pdf: pikepdf.Pdf) -> dict[str, pikepdf.Object]:
    """Return the fonts that the pages are written in, by name."""
    found: dict[str, pikepdf.Object] = {}
    for each in pdf.pages:
        found |= {str(font.BaseFont)[1:]: font for font in each.resources.get("/Font", pikepdf.Dictionary()).values()}
    return found


def font_faults(pdf: pikepdf.Pdf) -> list[str]:
    """Return what is wrong with the fonts of the pages: not embedded, whole, or not to be copied from."""
    faults: list[str] = []
    for name, font in page_fonts(pdf).items():
        if not re.match(r"[A-Z]{6}\+", name):
            faults.append(f"{name} is no subset")
        if "/ToUnicode" not in font:
            faults.append(f"{name} has no ToUnicode")
        for below in font.get("/DescendantFonts", [font]):
            files = _FONT_FILES & set(below.get("/FontDescriptor", pikepdf.Dictionary()).keys())
            if len(files) != 1:
                faults.append(f"{name} is not embedded")
                continue
            size = len(below.FontDescriptor[files.pop()].read_bytes())
            if not 200 < size < _SHARE * _source_size(name):
                faults.append(f"{name} takes {size} bytes")
    return faults


def _source_size(name: str) -> int:
    """Return the bytes of the face that a subset was cut from."""
    files = {f"{face.family} {face.style}".replace(" ", ""): face.file for face in FACES} | {"ChunfengSymbols": SYMBOLS}
    plain_name = re.sub(r"^[A-Z]{6}\+|[- ]", "", name)
    file = next((file for begin, file in files.items() if plain_name.startswith(begin)), FACES[0].file)
    size = (font_folder() / file).stat().st_size
    return 10 * size if file == SYMBOLS else size  # five signs in all: there is little to leave out


@pytest.mark.long
def test_a_form_alone_carries_a_whole_face_for_what_will_be_typed() -> None:
    """engine.documents.form_font says why; ZapfDingbats is one of the fonts that every reader has."""
    with _opened("form") as pdf:
        faces = pdf.Root.AcroForm.DR.Font
        assert set(faces.keys()) == {f"/{FORM_FACE}", "/ZaDb"}
        (below,) = faces[f"/{FORM_FACE}"].DescendantFonts
        assert len(below.FontDescriptor.FontFile3.read_bytes()) > 0.5 * (font_folder() / FACES[0].file).stat().st_size


def test_a_font_that_is_missing_or_whole_is_seen() -> None:
    with _opened("service-receipt final") as pdf:
        _without_a_font(pdf)
        assert any("is not embedded" in fault for fault in font_faults(pdf))
    with _opened("service-receipt final") as pdf:
        name, font = next((name, font) for name, font in page_fonts(pdf).items() if "Serif" in name)
        whole = pdf.make_stream((font_folder() / FACES[0].file).read_bytes())
        font.DescendantFonts[0].FontDescriptor.FontFile3 = whole
        font.BaseFont = pikepdf.Name(f"/{name.split('+')[1]}")
        found = "".join(font_faults(pdf))
        assert "is no subset" in found
        assert "takes" in found

"""The papers by name: a checklist blank or filled in, and what a record prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, cast

from engine.documents.anchors import PageCodes, anchors_style, layout_json
from engine.documents.attachments import Attached, attach
from engine.documents.case_view import (
    TITLES,
    case_assets,
    case_context,
    copies_of,
    paper_gaps,
)
from engine.documents.checklist_view import checklist_assets, checklist_context
from engine.documents.evidence_view import PHOTOS_PER_PAGE, evidence_assets, evidence_context
from engine.documents.form import form_pdf
from engine.documents.gaps import gaps_of
from engine.documents.html import document_names, read_shared, render_html, stylesheet
from engine.documents.marks import Field, Sheet
from engine.documents.own_fonts import OwnFont
from engine.documents.pdf import LaidOut, lay_out, render_pdf
from engine.documents.plan_text import coverage_context
from engine.documents.record_view import record_assets, record_context
from engine.inspections.drawn import drawn_assets
from engine.inspections.evidence import EvidenceFiles
from engine.inspections.opening import Recorded
from engine.model.bureau import BureauFile, PaperName
from engine.model.campaign import Coverage
from engine.model.checklist import Checklist
from engine.model.record import DrawnSignature
from engine.problems import ProblemError, problem


def checklist_html(checklist: Checklist) -> str:
    """Return the blank checklist as a page for a browser, its style and its QR code inside."""
    html = render_html("checklist", checklist_context(checklist))
    code = checklist_assets(checklist)["qr"].decode()
    return standalone(html, stylesheet("checklist"), {"qr": code})


class BlankPaper(NamedTuple):
    """A blank checklist laid out, with what there is to fill in on it."""

    checklist: Checklist
    laid_out: LaidOut
    fields: Mapping[str, Field]

    def pdf(self) -> bytes:
        """Return it as a PDF to print."""
        return self.laid_out.pdf()

    def form(self, head: str) -> bytes:
        """Return it as a PDF with fields to fill in on a screen. head: engine.answering.head.head_text of the list."""
        return form_pdf(self.laid_out, self.fields, head)

    def layout(self, head: str = "") -> bytes:
        """Return the places of its boxes and blanks as JSON; the same for both. head: see layout_json()."""
        return layout_json(self.checklist, self.laid_out, self.fields, head)


def blank_paper(
    checklist: Checklist, own: tuple[OwnFont, ...] = (), *, codes_left_out: bool = False
) -> BlankPaper:  # fmt: skip
    """Return the blank checklist laid out on A4, each page with its marks and its code or an empty place for it.

    own: the bureau's fonts.
    """
    marks = Sheet()
    html = render_html("checklist", checklist_context(checklist, marks=marks))
    codes = PageCodes(checklist, left_out=codes_left_out)
    laid_out = lay_out(html, stylesheet("checklist") + anchors_style(), codes, own)
    return BlankPaper(checklist, laid_out, marks.fields)


def checklist_pdf(checklist: Checklist) -> bytes:
    """Return the blank checklist as an A4 PDF to print."""
    return blank_paper(checklist).pdf()


def record_pdf(
    recorded: Recorded,
    document: str,
    bureau: BureauFile | None = None,
    attached: Attached | None = None,
    files: EvidenceFiles | None = None,
    photos_per_page: int = PHOTOS_PER_PAGE,
    *,
    own: tuple[OwnFont, ...] = (),
    drawn: Sequence[DrawnSignature] = (),
) -> bytes:
    """Return a paper of a record as an A4 PDF/A-3u; 草稿 stands across each page until nothing is missing.

    The paper carries what it was printed from as JSON (engine.documents.attachments); each page names the hash of it.
    attached: these files, when they were made before. Each copy of a paper has its own page numbers. files are those
    of the evidence list: without them it has no photo pages and repeats the SHA-256 that the record says, unchecked;
    photos_per_page is 4 or 6. own: the bureau's fonts. drawn are images of signatures, printed on the record of the
    inspection alone. Raises ProblemError for a document that there is no template for, and for a paper that the
    findings do not call for.
    """
    if document not in document_names():
        raise ProblemError([problem("E703", name=document, allowed="、".join(document_names()))])
    contexts, assets = _contexts(recorded, document, bureau, drawn)
    if document == "evidence-list":
        contexts = [context | evidence_context(recorded, files, photos_per_page) for context in contexts]
        assets |= evidence_assets(files)
    attached = attached or attach(recorded, document, bureau, own, drawn)
    pages = [render_html(document, {**context, "attached": attached.printed}) for context in contexts]
    return render_pdf(pages, stylesheet(document), assets, attached.files, own)


def _contexts(
    recorded: Recorded, document: str, bureau: BureauFile | None, drawn: Sequence[DrawnSignature]
) -> tuple[list[dict[str, object]], dict[str, bytes]]:
    """Return what the template needs for each copy of a paper, and the images by name."""
    gaps = gaps_of(recorded, document, bureau)
    if document == "checklist":
        inspection = recorded.inspection
        context = checklist_context(inspection.checklist, inspection.sheet, recorded.evaluation, draft=bool(gaps))
        return [context], checklist_assets(inspection.checklist)
    if document == "inspection-record":
        return [record_context(recorded, gaps, bureau, drawn)], record_assets(recorded) | drawn_assets(drawn)
    paper = cast(PaperName, document)
    refused = paper_gaps(recorded, paper)
    if refused:
        raise ProblemError([problem("E707", paper=TITLES[paper], reason=reason) for reason in refused])
    copies = copies_of(paper, bureau)
    return [case_context(recorded, paper, bureau, gaps, copy) for copy in copies], case_assets(recorded)


def coverage_pdf(coverage: Coverage) -> bytes:
    """Return the coverage of a campaign as an A4 PDF; 草稿 stands across each page of a draft campaign."""
    return render_pdf(render_html("coverage", coverage_context(coverage)), stylesheet("coverage"), {})


def standalone(html: str, css: str, images: dict[str, str]) -> str:
    """Return the page with its style and SVG images written into it: one file that needs no other."""
    for name, svg in images.items():
        marker = f'<img src="asset:{name}"'
        before, found, after = html.partition(marker)
        if found:
            html = before + '<span class="code">' + svg + "</span>" + after.split(">", 1)[1]
    policy = "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    css += read_shared("screen.css")
    return html.replace("</head>", f"{policy}<style>{css}</style></head>", 1)

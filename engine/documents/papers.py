"""The papers by name: a checklist blank or filled in, and what a record prints."""

from __future__ import annotations

from engine.documents.checklist_view import checklist_assets, checklist_context
from engine.documents.html import document_names, read_shared, render_html, stylesheet
from engine.documents.pdf import render_pdf
from engine.documents.plan_text import coverage_context
from engine.documents.record_view import record_assets, record_context
from engine.inspections.opening import Recorded, missing_for_final
from engine.model.campaign import Coverage
from engine.model.checklist import Checklist
from engine.problems import ProblemError, problem


def checklist_html(checklist: Checklist) -> str:
    """Return the blank checklist as a page for a browser, its style and its QR code inside."""
    html = render_html("checklist", checklist_context(checklist))
    code = checklist_assets(checklist)["qr"].decode()
    return standalone(html, stylesheet("checklist"), {"qr": code})


def checklist_pdf(checklist: Checklist) -> bytes:
    """Return the blank checklist as an A4 PDF."""
    html = render_html("checklist", checklist_context(checklist))
    return render_pdf(html, stylesheet("checklist"), checklist_assets(checklist))


def record_pdf(recorded: Recorded, document: str) -> bytes:
    """Return a paper of a record as an A4 PDF; 草稿 stands across each page until nothing is missing.

    Raises ProblemError for a document that there is no template for.
    """
    if document not in document_names():
        raise ProblemError([problem("E703", name=document, allowed="、".join(document_names()))])
    gaps = missing_for_final(recorded)
    if document == "checklist":
        inspection = recorded.inspection
        context = checklist_context(inspection.checklist, inspection.sheet, recorded.evaluation, draft=bool(gaps))
        assets = checklist_assets(inspection.checklist)
    else:
        context = record_context(recorded, gaps)
        assets = record_assets(recorded)
    return render_pdf(render_html(document, context), stylesheet(document), assets)


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

"""A draft of a summary as a Word file. The only importer of python-docx."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

from engine.problems import ProblemError, problem
from engine.reports.summary import DRAFT, Block, Draft
from engine.workbooks.writing import clean, dated

BODY, HEADING, PROMPT, TITLE = "仿宋_GB2312", "黑体", "楷体_GB2312", "方正小标宋简体"
"""Faces of official papers (GB/T 9704): office computers have them; others show the nearest of their own."""
_LINE = 28
"""Points from line to line."""


def draft_docx(draft: Draft, day: date) -> bytes:
    """Return the draft as .docx, 草稿 at the head of each page; the same draft gives the same bytes.

    day: the date that the file says it was made. Raises ProblemError if python-docx is not installed.
    """
    try:
        from docx import Document
    except ImportError as error:
        raise ProblemError([problem("E868")]) from error
    document = Document()
    _set_up(document)
    _line(document, draft.title, 22, TITLE, centre=True)
    _line(document, draft.unit, centre=True)
    _line(document, f"（{draft.period}）", centre=True)
    for block in draft.blocks:
        _line(document, block.title, face=HEADING)
        for text in block.paragraphs:
            _line(document, text)
        for text in block.prompts:
            _line(document, f"［{text}］", face=PROMPT)
        if block.rows:
            _grid(document, block)
    for note in draft.notes:
        _line(document, f"口径：{note}", 10.5)
    properties = document.core_properties
    properties.title, properties.author, properties.last_modified_by = clean(draft.title), "春风", "春风"
    properties.comments = ""
    properties.created = properties.modified = datetime(day.year, day.month, day.day)
    target = io.BytesIO()
    document.save(target)
    return dated(target.getvalue(), day)


def _set_up(document: Any) -> None:
    """Set A4 with the margins of official papers, the face of the text, 草稿 in the header."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm, Pt

    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin, section.bottom_margin = Cm(3.7), Cm(3.5)
    section.left_margin, section.right_margin = Cm(2.8), Cm(2.6)
    normal = document.styles["Normal"]
    normal.font.size = Pt(16)
    _face(normal, BODY)
    header = section.header.paragraphs[0]
    header.text, header.alignment = DRAFT, WD_ALIGN_PARAGRAPH.CENTER


def _line(document: Any, text: str, size: float = 16, face: str = "", *, centre: bool = False) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paragraph = document.add_paragraph()
    run = paragraph.add_run(clean(text))
    run.font.size = Pt(size)
    if face:
        _face(run, face)
    paragraph.paragraph_format.line_spacing, paragraph.paragraph_format.space_after = Pt(_LINE), Pt(0)
    if centre:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    else:
        paragraph.paragraph_format.first_line_indent = Pt(2 * size)


def _face(target: Any, face: str) -> None:
    """Set the face for Latin and for Chinese: Word keeps them apart."""
    from docx.oxml.ns import qn

    target.font.name = face
    target.font.element.rPr.rFonts.set(qn("w:eastAsia"), face)


def _grid(document: Any, block: Block) -> None:
    from docx.shared import Pt

    table = document.add_table(rows=0, cols=len(block.header))
    table.style = "Table Grid"
    for texts in (block.header, *block.rows):
        for cell, text in zip(table.add_row().cells, texts, strict=True):
            run = cell.paragraphs[0].add_run(clean(text))
            run.font.size = Pt(10.5)

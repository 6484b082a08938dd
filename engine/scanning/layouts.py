"""The layout of a printed checklist, read back: which checklist it is, and where everything stands on its pages."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from pydantic import Field, ValidationError, model_validator

from engine.documents.marks import FieldKind
from engine.documents.qr import page_code
from engine.model.base import CampaignName, Lock, Model
from engine.model.checklist import Checklist
from engine.problems import Mark, Problem, problem

MAX_LAYOUT_BYTES = 64 * 1024 * 1024
"""A route of two hundred sites takes some thirty."""
_Size = Annotated[float, Field(gt=0, le=500)]
_At = Annotated[float, Field(ge=0, le=500)]
_FIELD = r"^[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*$"
"""Names become names of files."""
_APART = 50
"""Millimetres between the marks of a page, at least."""


class _Rectangle(Model):
    x: _At
    y: _At
    width: _Size
    height: _Size

    @property
    def box(self) -> Box:
        return Box(self.x, self.y, self.width, self.height)


class Box(NamedTuple):
    """A rectangle on a page: millimetres from the top left corner."""

    x: float
    y: float
    width: float
    height: float


class _CornerMark(_Rectangle):
    hollow: bool


class _Page(Model):
    page: Annotated[int, Field(ge=1, le=1000)]
    width: _Size
    height: _Size
    code: _Rectangle
    marks: Annotated[tuple[_CornerMark, ...], Field(min_length=4, max_length=4)]

    @model_validator(mode="after")
    def _is_a_page(self) -> _Page:
        first, second, third, last = self.marks
        if not (second.x - first.x > _APART and third.y - first.y > _APART and last.hollow):
            raise ValueError("marks")
        return self


class _Entry(_Rectangle):
    field: Annotated[str, Field(max_length=100, pattern=_FIELD)]
    kind: FieldKind
    title: Annotated[str, Field(max_length=4000)]
    page: Annotated[int, Field(ge=1, le=1000)]
    option: str | None = None
    value: str | None = None


class _LayoutFile(Model):
    kind: Literal["layout"]
    schema_: Literal[1] = Field(alias="schema")
    checklist: Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]
    site: Annotated[str, Field(pattern=r"^([0-9a-f]{6})?$")]
    campaign: CampaignName
    lock: Lock
    site_type: str
    head: str = ""
    pages: Annotated[tuple[_Page, ...], Field(min_length=1, max_length=200)]
    fields: Annotated[tuple[_Entry, ...], Field(max_length=20_000)]


class _LayoutsFile(Model):
    kind: Literal["layouts"]
    schema_: Literal[1] = Field(alias="schema")
    layouts: Annotated[tuple[_LayoutFile, ...], Field(min_length=1, max_length=2000)]


class PagePlan(NamedTuple):
    """One printed page: its size, its four marks (top left, top right, bottom left, bottom right), its code."""

    number: int
    width: float
    height: float
    marks: tuple[Box, Box, Box, Box]
    code: Box


class TickBox(NamedTuple):
    """A printed box: its field, which of the field's boxes it is (from 0), its words, its place."""

    field: str
    kind: FieldKind
    title: str
    number: int
    option: str
    page: int
    box: Box


class Blank(NamedTuple):
    """A place to write in by hand."""

    field: str
    kind: FieldKind
    title: str
    page: int
    box: Box


class Layout(NamedTuple):
    """One checklist of one site as it was printed."""

    shown: str
    """The file it was read from."""
    checklist: str
    site: str
    campaign: str
    lock: str
    site_type: str
    head: str
    pages: tuple[PagePlan, ...]
    boxes: tuple[TickBox, ...]
    blanks: tuple[Blank, ...]

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What the code of each page says of the checklist, in upper case."""
        return (self.campaign.upper(), self.lock[:12].upper(), self.checklist.upper(), self.site.upper())

    def code(self, checklist: Checklist, page: int) -> str:
        """Return what the code of a page says."""
        return page_code(self.campaign, checklist.type.code, self.lock, self.checklist, page, self.site)


def read_layouts(content: bytes, shown: str) -> tuple[tuple[Layout, ...], list[Problem]]:
    """Return the layouts in what checklist --layout-out wrote: one, or those of a route; or what is wrong."""
    try:
        try:
            files: tuple[_LayoutFile, ...] = (_LayoutFile.model_validate_json(content),)
        except ValidationError:
            files = _LayoutsFile.model_validate_json(content).layouts
    except (ValidationError, ValueError, RecursionError):
        return (), [problem("E656", Mark(shown), reason="这不是版面文件，或者被改动过")]
    old = [file for file in files if not file.head]
    if old:
        return (), [problem("E656", Mark(shown), reason="版面文件由旧版程序写出，里面没有检查表的内容")]
    return tuple(_layout(file, shown) for file in files), []


def _layout(file: _LayoutFile, shown: str) -> Layout:
    pages = tuple(_plan(page) for page in file.pages)
    counted: dict[str, int] = {}
    boxes, blanks = [], []
    for entry in file.fields:
        if entry.option is None:
            blanks.append(Blank(entry.field, entry.kind, entry.title, entry.page, entry.box))
            continue
        number = counted.get(entry.field, 0)
        counted[entry.field] = number + 1
        boxes.append(TickBox(entry.field, entry.kind, entry.title, number, entry.option, entry.page, entry.box))
    return Layout(
        shown, file.checklist, file.site, file.campaign, file.lock, file.site_type, file.head,
        pages, tuple(boxes), tuple(blanks),
    )  # fmt: skip


def _plan(page: _Page) -> PagePlan:
    first, second, third, hollow = (mark.box for mark in page.marks)
    return PagePlan(page.page, page.width, page.height, (first, second, third, hollow), page.code.box)

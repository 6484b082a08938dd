"""What lets a machine find its way on a blank checklist: a QR code and four marks on each page, and their places."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from engine.documents.html import read_template
from engine.documents.marks import Field
from engine.documents.pdf import LaidOut, Place
from engine.documents.qr import page_code, qr_svg, site_digits
from engine.model.checklist import Checklist

MOST_PAGES = 200
CODE_WIDTH = 13
"""Millimetres: a module is 0.4 mm wide, two and a half points of a scan at 150 dpi."""

CORNERS = ("@top-left-corner", "@top-right-corner", "@bottom-left-corner", "@bottom-right-corner")
"""The last is hollow, so that a page is known to stand upright."""
_CODE = "@top-center"
_FIRST_CODE = "page-code"
"""The id of the larger code in the head of the first page."""

_PAGES = {"qr": 1} | {f"page-{n}": n for n in range(2, MOST_PAGES + 1)}

_INK = (20 / 1024, 980 / 1024)
"""Where the drawn box begins and how wide and high it is, as shares of its em (engine.documents.fonts draws it)."""


class PageCodes(Mapping[str, bytes]):
    """The QR codes of the pages by name, made when the layout asks for them: before it the pages are not counted.

    left_out: the places stay white, for codes that are drawn later.
    """

    def __init__(self, checklist: Checklist, *, left_out: bool = False) -> None:
        self._checklist, self._left_out = checklist, left_out

    def __getitem__(self, name: str) -> bytes:
        page = _PAGES[name]
        if self._left_out:
            width = f'width="{CODE_WIDTH}mm" height="{CODE_WIDTH}mm"' if page > 1 else 'width="33" height="33"'
            return f'<svg xmlns="http://www.w3.org/2000/svg" {width}></svg>'.encode()
        text = code_of(self._checklist, page)
        return qr_svg(text) if page == 1 else qr_svg(text, CODE_WIDTH)

    def __iter__(self) -> Iterator[str]:
        return iter(_PAGES)

    def __len__(self) -> int:
        return len(_PAGES)


def code_of(checklist: Checklist, page: int) -> str:
    """Return what the QR code of a page says."""
    digits = site_digits(checklist.site)
    return page_code(checklist.campaign, checklist.type.code, checklist.lock, checklist.id, page, digits)


def anchors_style() -> str:
    """Return the style of the marks, and for each page but the first the place of its code."""
    codes = [
        f'@page :nth({page}) {{ @top-center {{ content: url("asset:{name}"); }} }}'
        for name, page in _PAGES.items()
        if page > 1
    ]
    return read_template("checklist", "anchors.css") + "\n".join(codes)


def field_of(name: str) -> tuple[str, int | None]:
    """Return the field that an id of the page belongs to, and which of its boxes it is."""
    field, _, option = name.partition("=")
    return field, int(option) if option else None


def state_of(field: Field, option: int) -> str:
    """Return the value of a field in the form when a box of it is ticked; options count from 1."""
    return f"option{option + 1}" if field.kind == "choice" else "on"


def printed(place: Place) -> Place:
    """Return the place of the drawn box inside the em that the page reserves for it."""
    begin, share = _INK
    return Place(
        place.page, place.x + begin * place.width, place.y + begin * place.height,
        share * place.width, share * place.height,
    )  # fmt: skip


def layout_json(checklist: Checklist, laid_out: LaidOut, fields: Mapping[str, Field], head: str) -> bytes:
    """Return where everything stands that is to be filled in, as canonical JSON: millimetres from the top left.

    head: the text of engine.answering.head that makes the same checklist again.
    """
    content = {
        "kind": "layout",
        "schema": 1,
        "checklist": checklist.id,
        "site": site_digits(checklist.site),
        "campaign": checklist.campaign,
        "lock": checklist.lock,
        "head": head,
        "site_type": checklist.site_type,
        "pages": [
            {"page": number, "width": width, "height": height} | _anchors(number, laid_out)
            for number, (width, height) in enumerate(laid_out.sizes, 1)
        ],
        "fields": [_entry(name, place, fields) for name, place in laid_out.places if field_of(name)[0] in fields],
    }
    return (json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def _anchors(page: int, laid_out: LaidOut) -> dict[str, object]:
    """Return the code and the marks of a page."""
    here = {name: place for name, place in laid_out.places if place.page == page}
    return {
        "code": _rectangle(here[_FIRST_CODE if page == 1 else _CODE]),
        "marks": [{"hollow": name == CORNERS[-1]} | _rectangle(here[name]) for name in CORNERS],
    }


def _entry(name: str, place: Place, fields: Mapping[str, Field]) -> dict[str, object]:
    field_name, option = field_of(name)
    field = fields[field_name]
    entry: dict[str, object] = {"field": field.name, "kind": field.kind, "title": field.title, "page": place.page}
    if option is None:
        return entry | _rectangle(place)
    return entry | {"option": field.options[option], "value": state_of(field, option)} | _rectangle(printed(place))


def _rectangle(place: Place) -> dict[str, float]:
    return {
        "x": round(place.x, 2), "y": round(place.y, 2), "width": round(place.width, 2), "height": round(place.height, 2)
    }  # fmt: skip

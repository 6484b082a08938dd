"""The blank checklist as a form: fields of PDF laid over the boxes and blanks of the printed page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pydyf

from engine.documents.anchors import field_of, printed, state_of
from engine.documents.form_font import NAME, add_face
from engine.documents.marks import Field
from engine.documents.pdf import LaidOut, Place

_POINTS = 72 / 25.4
HEAD = "chunfeng.head"
"""Field that nobody sees: what the form was made from, for whoever reads it back."""
_HEAD_TITLE = "检查表版本（程序用，请勿改动）"
_HIDDEN, _PRINT = 1 << 1, 1 << 2
_READ_ONLY = 1
_MULTILINE = 1 << 12
_RADIO = 1 << 15
_CELL_INSET = 0.5
"""Millimetres between a field and the lines of its cell."""
_ONE_LINE = 7.0
"""Millimetres: a lower cell takes one line of text."""
_LINE_HEIGHT = 4.5
"""Millimetres of a field of one line in a cell; bounds the type that readers choose for it."""
_TYPE_SIZE, _SMALL_TYPE_SIZE, _FITTING = 9, 8, 0
"""Points; 0 lets the reader choose what fits, so that a whole date stands in a narrow column."""
_TICK = ((180, 400), (260, 470), (440, 250), (800, 700), (880, 640), (450, 90))
"""The tick of the drawn ☑, in a box from (20, -120) to (1000, 860)."""


def _inside(cell: Place, several: bool) -> Place:
    """Return the place of a field in its cell: as high as the cell, or for one line in the middle of it."""
    height = cell.height - 2 * _CELL_INSET if several else _LINE_HEIGHT
    return Place(
        cell.page, cell.x + _CELL_INSET, cell.y + (cell.height - height) / 2, cell.width - 2 * _CELL_INSET, height
    )


class Spot(NamedTuple):
    """One place of a field on paper, and for a box which of the field's boxes it is."""

    place: Place
    option: int | None


def form_pdf(laid_out: LaidOut, fields: Mapping[str, Field], head: str) -> bytes:
    """Return the pages with a field of PDF for each field of the paper, but for signatures; empty, in printed order.

    The names are those of the fields, by their parts a tree; each says its title in Chinese. head stands in a field
    HEAD that is neither shown nor printed.
    """
    spots: dict[str, list[Spot]] = {}
    for name, place in laid_out.places:
        field, option = field_of(name)
        if field in fields and fields[field].kind != "signature":
            spots.setdefault(field, []).append(Spot(place, option))
    heights = [height for _, height in laid_out.sizes]

    def finish(_: Any, pdf: Any) -> None:
        form = _Form(pdf, heights)
        form.add_head(head)
        form.add_all(fields, spots)

    return laid_out.pdf(finish)


class _Form:
    """Writes the fields into a PDF of pydyf."""

    def __init__(self, pdf: Any, heights: Sequence[float]) -> None:
        self._pdf = pdf
        self._heights = heights
        self._pages: list[Any] = [o for o in pdf.objects if isinstance(o, dict) and o.get("Type") == "/Page"]
        self._nodes: dict[str, Any] = {}
        self._roots = pydyf.Array()
        self._face = add_face(pdf)
        self._signs = {True: self._sign(True), False: self._sign(False)}

    def add_head(self, head: str) -> None:
        """Add the field that says what the form was made from. It has a place of no size on the first page."""
        corner = self._widget(Place(1, 0, 0, 0, 0)) | {"F": _HIDDEN}
        hidden = {"FT": "/Tx", "Ff": _READ_ONLY, "V": pydyf.String(head), "DA": pydyf.String(f"/{NAME} 1 Tf 1 g")}
        self._named(Field(HEAD, "text", _HEAD_TITLE), corner | hidden, 1)

    def add_all(self, fields: Mapping[str, Field], spots: Mapping[str, Sequence[Spot]]) -> None:
        for name, found in spots.items():
            if fields[name].kind == "choice":
                self._choice(fields[name], found)
            elif fields[name].kind == "tick":
                self._tick(fields[name], found[0].place)
            else:
                self._text(fields[name], found[0])
        signs = self._added({"Type": "/Font", "Subtype": "/Type1", "BaseFont": "/ZapfDingbats"})
        faces = pydyf.Dictionary({NAME: self._face, "ZaDb": signs.reference})
        self._pdf.catalog["AcroForm"] = pydyf.Dictionary(
            {
                "Fields": self._roots, "DR": pydyf.Dictionary({"Font": faces}),
                "DA": pydyf.String(f"/{NAME} {_TYPE_SIZE} Tf 0 g"),
            }
        )  # fmt: skip

    def _text(self, field: Field, spot: Spot) -> None:
        in_cell = spot.place.height >= _ONE_LINE
        several = in_cell and field.kind == "text"
        place = _inside(spot.place, several) if in_cell else spot.place
        size = _SMALL_TYPE_SIZE if several else _FITTING if in_cell else _TYPE_SIZE
        widget: dict[str, Any] = self._widget(place) | {
            "FT": "/Tx", "Ff": _MULTILINE if several else 0, "V": pydyf.String(""),
            "DA": pydyf.String(f"/{NAME} {size} Tf 0 g"), "AP": pydyf.Dictionary({"N": self._empty(place)}),
        }  # fmt: skip
        if field.kind in ("date", "time") and not in_cell:  # hides the printed 年 月 日 under what is typed
            widget["MK"] = pydyf.Dictionary({"BG": pydyf.Array([1])})
        self._named(field, widget, place.page)

    def _tick(self, field: Field, place: Place) -> None:
        widget = self._box(printed(place), state_of(field, 0)) | {"FT": "/Btn", "V": "/Off"}
        self._named(field, widget, place.page)

    def _choice(self, field: Field, spots: Sequence[Spot]) -> None:
        group = self._named(field, {"FT": "/Btn", "Ff": _RADIO, "V": "/Off", "Kids": pydyf.Array()})
        for spot in sorted(spots, key=lambda one: one.option or 0):
            place = printed(spot.place)
            number = spot.option or 0
            title = pydyf.String(f"{field.title}：{field.options[number]}")
            box = self._box(place, state_of(field, number)) | {"Parent": group.reference, "TU": title}
            widget = self._added(box)
            group["Kids"].append(widget.reference)
            self._annotate(place.page, widget)

    def _box(self, place: Place, state: str) -> dict[str, Any]:
        """Return a box that is off; its appearance when on is a tick alone, the box itself is printed on the page."""
        normal = pydyf.Dictionary({state: self._signs[True], "Off": self._signs[False]})
        return self._widget(place) | {
            "AS": "/Off", "AP": pydyf.Dictionary({"N": normal}),
            "MK": pydyf.Dictionary({"CA": pydyf.String("4")}), "DA": pydyf.String("/ZaDb 0 Tf 0 g"),
        }  # fmt: skip

    def _sign(self, on: bool) -> Any:
        stream = pydyf.Stream(extra=self._form_extra(980, 980))
        if on:
            first, *rest = [(x - 20, y + 120) for x, y in _TICK]
            stream.move_to(*first)
            for point in rest:
                stream.line_to(*point)
            stream.close()
            stream.fill()
        self._pdf.add_object(stream)
        return stream.reference

    def _empty(self, place: Place) -> Any:
        stream = pydyf.Stream(extra=self._form_extra(place.width * _POINTS, place.height * _POINTS))
        self._pdf.add_object(stream)
        return stream.reference

    def _form_extra(self, width: float, height: float) -> dict[str, Any]:
        box = pydyf.Array([0, 0, round(width, 2), round(height, 2)])
        return {"Type": "/XObject", "Subtype": "/Form", "BBox": box, "Resources": pydyf.Dictionary({})}

    def _widget(self, place: Place) -> dict[str, Any]:
        height = self._heights[place.page - 1]
        corners = (place.x, height - place.y - place.height, place.x + place.width, height - place.y)
        return {
            "Type": "/Annot", "Subtype": "/Widget", "F": _PRINT, "P": self._pages[place.page - 1].reference,
            "Rect": pydyf.Array(round(corner * _POINTS, 2) for corner in corners),
        }  # fmt: skip

    def _named(self, field: Field, entries: dict[str, Any], page: int = 0) -> Any:
        """Add a field under its name, on a page if it is a widget too; return it."""
        above, _, last = field.name.rpartition(".")
        named = {"T": pydyf.String(last), "TU": pydyf.String(field.title)} | entries
        node = self._hang(above, self._added(named))
        if page:
            self._annotate(page, node)
        return node

    def _hang(self, above: str, node: Any) -> Any:
        """Put a field or a branch under the branch of that name, which is made if it is missing."""
        if not above:
            self._roots.append(node.reference)
            return node
        if above not in self._nodes:
            higher, _, last = above.rpartition(".")
            branch = self._added({"T": pydyf.String(last), "Kids": pydyf.Array()})
            self._nodes[above] = self._hang(higher, branch)
        node["Parent"] = self._nodes[above].reference
        self._nodes[above]["Kids"].append(node.reference)
        return node

    def _annotate(self, page: int, widget: Any) -> None:
        self._pages[page - 1].setdefault("Annots", pydyf.Array()).append(widget.reference)

    def _added(self, entries: Mapping[str, Any]) -> Any:
        dictionary = pydyf.Dictionary(dict(entries))
        self._pdf.add_object(dictionary)
        return dictionary

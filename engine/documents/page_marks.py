"""What may hide text on a page, whichever program drew it: text that does not show, things painted over text.

Each counts the characters that it touches, so that one page can be compared with another of the same text. What is
looked at are rectangles around characters and paths: enough to see a cover, not to tell two drawings apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from itertools import pairwise
from typing import Any, NamedTuple

from engine.documents.geometry import IDENTITY, Box, Matrix, Point, around, bounds, inside, joined, meet, moved, times
from engine.documents.pdf_catalogue import held

Operations = Callable[[Any], Sequence[tuple[Any, bytes]]]
Hiding = Counter[str]
Path = list[list[Point]]
MAX_PAIRS = 10_000_000
"""Characters of a page times what is painted on it: a full page has less than a million."""
MAX_MARKS = 200_000
"""Operators, characters, widths of a font: a full page has some ten thousand."""
_MAX_DEPTH = 6
_LIGHT = 0.75
_THIN_ALPHA = 0.5
_SMALL = 3.0
"""Points. The smallest type of a paper is larger."""
_NARROW = 0.4
_LIKE = 0.3
"""How near two shades are that cannot be told apart in print."""
_PLAIN = {"/Type", "/ca", "/CA", "/LW", "/LC", "/LJ", "/ML", "/SA", "/AIS", "/OP", "/op", "/OPM", "/TK"}
_EXPECTED = {"/Type", "/Parent", "/MediaBox", "/Contents", "/Resources", "/TrimBox", "/BleedBox", "/ArtBox", "/CropBox",
             "/Rotate", "/UserUnit", "/Annots", "/Group", "/Tabs", "/StructParents"}  # fmt: skip
HIDDEN, FAINT, SMALL, OUTSIDE = "不显示的文字", "颜色很淡或透明的文字", "极小的文字", "页面以外或裁去的文字"
SHAPED, COVERED, TYPE3, LAYER = (
    "按图形裁剪的文字",
    "画在文字上的线条、色块或图像",
    "自己画出字形的字体",
    "可以关闭的图层",
)


class TooMuchError(Exception):
    """There is more on a page than pages have."""


class Glyph(NamedTuple):
    """A character: where its middle lies, when it was drawn, how dark; None where its colour is not a plain one."""

    box: Box
    order: int
    shade: float | None


class Paint(NamedTuple):
    """Something painted."""

    box: Box
    order: int
    shade: float | None


class _State:
    """The graphics state, as far as it matters."""

    def __init__(self, matrix: Matrix, clip: Box) -> None:
        self.matrix, self.clip, self.shaped = matrix, clip, False
        self.fill: float | None = 0.0
        self.stroke: float | None = 0.0
        self.fill_alpha = self.stroke_alpha = 1.0
        self.width, self.mode, self.size, self.scale = 1.0, 0, 1.0, 1.0
        self.spacing = self.words = self.leading = self.rise = 0.0
        self.font: _Font | None = None


class _Font:
    """Widths of the characters of a font, in thousandths of its size."""

    def __init__(self, font: Any) -> None:
        self.wide = font["/Subtype"] == "/Type0"
        self.drawn = font["/Subtype"] == "/Type3"
        inner = font["/DescendantFonts"][0].get_object() if self.wide else font
        self.default = float(inner.get("/DW", 1000)) if self.wide else 500.0
        self.widths: dict[int, float] = {}
        if self.wide:
            self._of_cid(list(inner["/W"]) if "/W" in inner else [])
        elif "/Widths" in inner:
            first = int(inner["/FirstChar"])
            self.widths = {first + at: float(width) for at, width in enumerate(inner["/Widths"])}

    def _of_cid(self, entries: list[Any]) -> None:
        at = listed = 0
        while at < len(entries) - 1:
            first, second = int(entries[at]), entries[at + 1].get_object()
            if isinstance(second, list):
                found = {first + number: float(width) for number, width in enumerate(second)}
                at += 2
            else:
                found = dict.fromkeys(range(first, min(int(second), 65535) + 1), float(entries[at + 2]))
                at += 3
            self.widths |= found
            listed += len(found)
            if listed > MAX_MARKS:
                raise TooMuchError

    def codes(self, text: bytes) -> Iterator[int]:
        """Yield the code of each character of a text."""
        step = 2 if self.wide else 1
        return (int.from_bytes(text[at : at + step], "big") for at in range(0, len(text), step))

    def width(self, code: int) -> float:
        """Return how far a character goes."""
        return self.widths.get(code, self.default)


def hiding(page: Any, boxes: tuple[Box, int, float], operations: Operations) -> Hiding:
    """Return what may hide text on a page and of how many characters. boxes: what is shown, how it is turned, scaled.

    operations: reads a stream as operands and operators. Raises TooMuchError for what no page has.
    """
    reader = _Reader(operations, boxes[0])
    found = reader.found
    sides = [round(side) for side in boxes[0]]
    found[f"另外的页面大小或方向（{sides}、{boxes[1]}°、{boxes[2]:g} 倍）"] = 1
    found.update(f"页面的 {key}" for key in page if key not in _EXPECTED)
    resources = held(page, "/Resources", {})
    if "/Contents" in page:
        reader.read(page["/Contents"], resources, _State(IDENTITY, boxes[0]), 0)
    if len(reader.glyphs) * len(reader.paints) > MAX_PAIRS:
        raise TooMuchError
    covered = sum(any(_covers(paint, glyph) for paint in reader.paints) for glyph in reader.glyphs)
    if covered:
        found[COVERED] = covered
    return found


def _covers(paint: Paint, glyph: Glyph) -> bool:
    if not meet(paint.box, glyph.box):
        return False
    like = paint.shade is None or glyph.shade is None or abs(paint.shade - glyph.shade) < _LIKE
    return paint.order > glyph.order or like


class _At:
    """Where in a stream the reader is."""

    def __init__(self, resources: Any, state: _State, depth: int) -> None:
        self.resources, self.state, self.depth = resources, state, depth
        self.saved: list[_State] = []
        self.path: Path = []
        self.clipping = False
        self.text = self.line = IDENTITY

    def place(self, name: str, operands: Any) -> bool:
        """Follow an operator that says where text begins or which state holds; return whether it was one."""
        if name == "q":
            self.saved.append(copy(self.state))
        elif name == "Q":
            self.state = self.saved.pop() if self.saved else self.state
        elif name in ("W", "W*"):
            self.clipping = True
        elif name in ("BT", "Tm"):
            self.text = self.line = IDENTITY if name == "BT" else _matrix(operands)
        elif name in ("Td", "TD", "T*"):
            if name == "TD":
                self.state.leading = -float(operands[1])
            by = (0.0, -self.state.leading) if name == "T*" else (float(operands[0]), float(operands[1]))
            self.text = self.line = times((1, 0, 0, 1, *by), self.line)
        else:
            return False
        return True


class _Reader:
    """Follows the operators of a page and of the forms that it draws."""

    def __init__(self, operations: Operations, shown: Box) -> None:
        self.operations, self.shown = operations, shown
        self.found: Hiding = Counter()
        self.glyphs: list[Glyph] = []
        self.paints: list[Paint] = []
        self.order = 0
        self.fonts: dict[int, _Font] = {}

    def read(self, stream: Any, resources: Any, state: _State, depth: int) -> None:
        """Follow the operators of one stream."""
        if depth > _MAX_DEPTH:
            raise TooMuchError
        at = _At(resources, state, depth)
        for operands, operator in self.operations(stream):
            self.order += 1
            if self.order > MAX_MARKS or len(self.glyphs) > MAX_MARKS:
                raise TooMuchError
            name = operator.decode("latin-1")
            if name in _PATHS:
                _PATHS[name](at.path, [float(each) for each in operands])
            elif name in _PAINTING:
                self._painted(at.path, name, at.state)
                if at.clipping:
                    _clip(at.path, at.state)
                at.path, at.clipping = [], False
            elif name in ("Tj", "TJ", "'", '"'):
                if name in ("'", '"'):
                    at.place("T*", operands)
                at.text = self._shown(operands[0] if name == "TJ" else operands[-1:], at.text, at.state)
            elif name in _LOOKING:
                self._looked_up(name, operands, at)
            elif not at.place(name, operands):
                _set(name, operands, at.state)

    def _looked_up(self, name: str, operands: Any, at: _At) -> None:
        """Follow an operator that draws, or sets, what is kept elsewhere."""
        if name == "Do":
            self._drawn(_of(at.resources, "/XObject", operands[0]), at.resources, at.state, at.depth)
        elif name == "gs":
            self._parameters(_of(at.resources, "/ExtGState", operands[0]), at.state)
        elif name == "Tf":
            at.state.font, at.state.size = self._font(at.resources, operands[0]), float(operands[1])
        elif name in ("BDC", "BMC"):
            self.found[LAYER] += operands[0] == "/OC"
        else:
            box = at.state.clip if name == "sh" else around(at.state.matrix, (0, 0, 1, 1))
            self.paints.append(Paint(box, self.order, None))

    def _font(self, resources: Any, name: Any) -> _Font:
        font = _of(resources, "/Font", name)
        if id(font) not in self.fonts:
            self.fonts[id(font)] = _Font(font)
        return self.fonts[id(font)]

    def _parameters(self, parameters: Any, state: _State) -> None:
        state.fill_alpha = float(held(parameters, "/ca", state.fill_alpha))
        state.stroke_alpha = float(held(parameters, "/CA", state.stroke_alpha))
        state.width = float(held(parameters, "/LW", state.width))
        if (
            held(parameters, "/BM", "/Normal") in ("/Normal", "/Compatible")
            and held(parameters, "/SMask", "/None") == "/None"
        ):
            odd = set(parameters) - _PLAIN - {"/BM", "/SMask"}
        else:
            odd = {"/BM、/SMask"}
        self.found.update(f"绘图参数 {key}" for key in odd)

    def _drawn(self, drawn: Any, resources: Any, state: _State, depth: int) -> None:
        """Follow a form, or note an image."""
        self.found[LAYER] += "/OC" in drawn
        if held(drawn, "/Subtype", None) != "/Form":
            self.paints.append(Paint(joined(around(state.matrix, (0, 0, 1, 1)), state.clip), self.order, None))
            return
        inner = copy(state)
        if "/Matrix" in drawn:
            inner.matrix = times(_matrix(drawn["/Matrix"]), state.matrix)
        if "/BBox" in drawn:
            inner.clip = joined(state.clip, around(inner.matrix, _corners(drawn["/BBox"])))
        self.read(drawn, held(drawn, "/Resources", resources), inner, depth + 1)

    def _painted(self, path: Path, name: str, state: _State) -> None:
        """Note the areas that a path fills and the lines that it draws."""
        if name in _FILLING and state.fill_alpha > 0:
            areas = [bounds(moved(part, state.matrix)) for part in path if part]
            if name.endswith("*") and len(areas) == 2:
                inner, outer = areas if inside(areas[0], areas[1]) else reversed(areas)
                areas = [*_frame(outer, inner)] if inside(inner, outer) else areas
            self._add(areas, state.fill, state)
        if name in _STROKING and state.stroke_alpha > 0:
            half = state.width / 2 * max(abs(each) for each in state.matrix[:4])
            parts = [
                moved([*part, part[0]] if name in ("s", "b", "b*") else part, state.matrix) for part in path if part
            ]
            lines = [bounds(pair) for part in parts for pair in pairwise(part)]
            self._add([(x1 - half, y1 - half, x2 + half, y2 + half) for x1, y1, x2, y2 in lines], state.stroke, state)

    def _add(self, areas: list[Box], shade: float | None, state: _State) -> None:
        seen = (joined(area, state.clip) for area in areas)
        self.paints += [Paint(area, self.order, shade) for area in seen if area[0] < area[2] and area[1] < area[3]]

    def _shown(self, parts: Any, text: Matrix, state: _State) -> Matrix:
        """Note the characters of a text and return where the next one goes."""
        font = state.font
        if font is None:
            return text
        for part in parts:
            if isinstance(part, (int, float)):
                text = times((1, 0, 0, 1, -float(part) / 1000 * state.size * state.scale, 0), text)
                continue
            for code in font.codes(_bytes(part)):
                wide = (font.width(code) / 1000 * state.size + state.spacing) * state.scale
                self._glyph(times(text, state.matrix), max(wide, 0.2 * abs(state.size)), font, state)
                text = times((1, 0, 0, 1, wide, 0), text)
        return text

    def _glyph(self, matrix: Matrix, wide: float, font: _Font, state: _State) -> None:
        low, high = state.rise + 0.15 * state.size, state.rise + 0.6 * state.size
        box = around(matrix, (0.15 * wide, low, 0.85 * wide, high))
        size = abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]) ** 0.5 * abs(state.size)
        middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        seen = joined(state.clip, self.shown)
        found = self.found
        found[HIDDEN] += state.mode != 0
        found[FAINT] += state.fill is None or state.fill > _LIGHT or state.fill_alpha < _THIN_ALPHA
        found[SMALL] += size < _SMALL or abs(state.scale) < _NARROW
        found[OUTSIDE] += not (seen[0] <= middle[0] <= seen[2] and seen[1] <= middle[1] <= seen[3])
        found[SHAPED] += state.shaped
        found[TYPE3] += font.drawn
        self.glyphs.append(Glyph(box, self.order, state.fill))


def _clip(path: Path, state: _State) -> None:
    """Narrow what is shown to the path."""
    points = moved([point for part in path for point in part], state.matrix)
    box = bounds(points) if points else (0.0, 0.0, 0.0, 0.0)
    upright = all(x in (box[0], box[2]) and y in (box[1], box[3]) for x, y in points)
    state.clip = joined(state.clip, box)
    state.shaped = state.shaped or len(path) != 1 or not upright


def _frame(outer: Box, inner: Box) -> Iterator[Box]:
    """Yield the four sides of a frame."""
    yield (outer[0], outer[1], outer[2], inner[1])
    yield (outer[0], inner[3], outer[2], outer[3])
    yield (outer[0], outer[1], inner[0], outer[3])
    yield (inner[2], outer[1], outer[2], outer[3])


def _set(name: str, operands: Any, state: _State) -> None:
    """Set what one operator sets."""
    if name == "cm":
        state.matrix = times(_matrix(operands), state.matrix)
    elif name in _NUMBERS:
        value = float(operands[0])
        setattr(state, _NUMBERS[name], value / 100 if name == "Tz" else value)
    elif name == "Tr":
        state.mode = int(operands[0])
    elif name in ("g", "rg", "k", "sc", "scn"):
        state.fill = _shade(operands)
    elif name in ("G", "RG", "K", "SC", "SCN"):
        state.stroke = _shade(operands)
    elif name == "cs":
        state.fill = 0.0
    elif name == "CS":
        state.stroke = 0.0


def _shade(operands: Any) -> float | None:
    """Return how light a colour is, from 0 to 1; None for a pattern or a colour of another kind."""
    values = [float(each) for each in operands if isinstance(each, (int, float))]
    if len(values) != len(operands):
        return None
    if len(values) == 1:
        return values[0]
    if len(values) == 3:
        return min(1.0, 0.3 * values[0] + 0.59 * values[1] + 0.11 * values[2])
    if len(values) == 4:
        return max(0.0, 1 - values[3] - 0.3 * values[0] - 0.59 * values[1] - 0.11 * values[2])
    return None


_NUMBERS = {"w": "width", "Tc": "spacing", "Tw": "words", "Tz": "scale", "TL": "leading", "Ts": "rise"}
_FILLING = {"f", "F", "f*", "B", "B*", "b", "b*"}
_STROKING = {"S", "s", "B", "B*", "b", "b*"}
_LOOKING = {"Do", "gs", "Tf", "BDC", "BMC", "sh", "INLINE IMAGE"}
_PAINTING = _FILLING | _STROKING | {"n"}


def _rectangle(path: Path, v: list[float]) -> None:
    x, y, w, h = v
    path.append([(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)])


def _onward(path: Path, v: list[float]) -> None:
    points = list(zip(v[::2], v[1::2], strict=True))
    if path:
        path[-1].extend(points)
    else:
        path.append(points)


def _closed(path: Path, v: list[float]) -> None:
    if path and path[-1]:
        path[-1].append(path[-1][0])


_PATHS: dict[str, Callable[[Path, list[float]], None]] = {
    "m": lambda path, v: path.append([(v[0], v[1])]), "re": _rectangle, "l": _onward, "c": _onward, "v": _onward,
    "y": _onward, "h": _closed,
}  # fmt: skip


def _of(resources: Any, kind: str, name: Any) -> Any:
    return resources[kind][name]


def _bytes(text: Any) -> bytes:
    return bytes(getattr(text, "original_bytes", text))


def _matrix(values: Any) -> Matrix:
    a, b, c, d, e, f = (float(each) for each in values)
    return a, b, c, d, e, f


def _corners(values: Any) -> Box:
    x1, y1, x2, y2 = (float(each) for each in values)
    return x1, y1, x2, y2

"""What stands in the fields of a PDF form, whichever program saved it: by name, with the page and what is doubtful."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from engine.documents.pdf_catalogue import held

MAX_NODES = 30_000
"""Fields, branches and annotations of one file; the longest checklist has under two thousand."""
_MAX_DEPTH = 60
_MAX_NAME = 400
_HIDDEN = 1 << 1
_PUSH_BUTTON = 1 << 16
_SILENT = {"/Widget", "/Link", "/Popup", "/PrinterMark", "/TrapNet", "/Watermark"}
"""Annotations that say nothing of their own."""
_MARKERS = {"/Highlight", "/Underline"}
"""Annotations that say nothing unless there is text in them."""


class Text(NamedTuple):
    """A string of a PDF as text. doubtful: its bytes may be in an encoding that PDF does not know."""

    text: str
    doubtful: bool = False
    name: bool = False
    """Whether it is a name (/option1) and not a string."""


class FormField(NamedTuple):
    """A field: what it holds (empty for nothing, for a box the name of its state), and where."""

    name: str
    kind: str
    """/Tx text, /Btn boxes, /Ch lists; empty where the file does not say."""
    value: str
    page: int
    """From 1; 0 for a field that stands on no page."""
    doubt: str = ""
    """Why the value is not to be trusted."""


class Written(NamedTuple):
    """An annotation over a page: something typed, drawn or stamped that is in no field."""

    page: int
    kind: str
    text: str


class FormContent(NamedTuple):
    """The fields of a file by name, names that several fields have, and what was written beside the fields."""

    fields: Mapping[str, FormField]
    doubles: tuple[str, ...]
    beside: tuple[Written, ...]
    xfa: bool


class TooManyError(ValueError):
    """The form is larger, deeper or more tangled than a form can be; the text says so in Chinese."""


class _Found:
    """One field while its widgets are gathered."""

    def __init__(self, node: Any, name: str, kind: str) -> None:
        self.node, self.name, self.kind = node, name, kind
        self.values: dict[str, None] = {}
        self.states: dict[str, None] = {}
        self.page = 0
        self.doubtful = False

    def field(self) -> FormField:
        """Return what the field holds: what is stored and what is shown must say the same, or be missing."""
        said = list(self.values | self.states)
        doubt = ""
        if len(said) > 1:
            doubt = f"文件里这一栏有两个不同的内容（“{said[0][:40]}” 与 “{said[1][:40]}”）"
        elif self.doubtful:
            doubt = "文字的编码认不出"
        return FormField(self.name, self.kind, said[0] if said else "", self.page, doubt)


def form_content(root: Any, pages: Sequence[Any], text: Callable[[Any], Text | None]) -> FormContent:
    """Return the content of the form. root: the catalogue; text: reads a string, a name or a stream of text.

    Values are taken from the field, from what it inherits or from its widgets; a box is as its widgets show it where
    no value is stored. Widgets that the tree of fields has lost are found on their pages. Raises TooManyError.
    """
    reader = _Reader(text)
    form = _resolved(root.get("/AcroForm")) if "/AcroForm" in root else None
    form = form if isinstance(form, dict) else {}
    reader.on_pages(pages)
    reader.tree(_resolved(form.get("/Fields")))
    reader.orphans()
    fields: dict[str, FormField] = {}
    doubles: dict[str, None] = {}
    for found in reader.found.values():
        if found.name in fields:
            doubles[found.name] = None
        fields[found.name] = found.field()
    return FormContent(fields, tuple(doubles), tuple(reader.beside), "/XFA" in form)


class _Reader:
    def __init__(self, text: Callable[[Any], Text | None]) -> None:
        self._text = text
        self.found: dict[int, _Found] = {}
        """By the identity of the dictionary that names the field."""
        self.beside: list[Written] = []
        self._widgets: dict[int, tuple[Any, int]] = {}
        self._seen: dict[int, Any] = {}
        self._count = 0

    def on_pages(self, pages: Sequence[Any]) -> None:
        """Note the page of every widget, and what else lies on the pages."""
        for number, page in enumerate(pages, 1):
            annotations = _resolved(page.get("/Annots")) if "/Annots" in page else None
            for each in annotations if isinstance(annotations, list) else ():
                self._counted()
                node = _resolved(each)
                if isinstance(node, dict):
                    self._annotation(node, number)

    def _annotation(self, node: Any, page: int) -> None:
        kind = str(_held(node, "/Subtype") or "")
        if kind == "/Widget":
            self._widgets.setdefault(id(node), (node, page))
            return
        flags = _held(node, "/F")
        if kind in _SILENT or (isinstance(flags, int) and flags & _HIDDEN):
            return
        said = self._text(_held(node, "/Contents")) if "/Contents" in node else None
        said_text = said.text.strip() if said is not None else ""
        if said_text or kind not in _MARKERS:
            self.beside.append(Written(page, kind.lstrip("/"), said_text))

    def tree(self, fields: Any) -> None:
        """Walk down from the fields of the form. A node that stands in it twice is a circle."""
        waiting = [(each, "", "", 1) for each in reversed(fields if isinstance(fields, list) else [])]
        while waiting:
            raw, above, kind, depth = waiting.pop()
            self._counted()
            node = _resolved(raw)
            if not isinstance(node, dict):
                continue
            if id(node) in self._seen or depth > _MAX_DEPTH:
                raise TooManyError("表单的结构成环或过深")
            self._seen[id(node)] = node
            name = self._named(node, above)
            kind = str(_held(node, "/FT") or kind)
            kids = [_resolved(kid) for kid in _list(node, "/Kids")]
            inner = [kid for kid in kids if isinstance(kid, dict) and "/T" in kid]
            if inner:
                waiting += [(kid, name, kind, depth + 1) for kid in reversed(inner)]
            else:
                self._field(node, name, kind, [kid for kid in kids if isinstance(kid, dict)])

    def _field(self, node: Any, name: str, kind: str, widgets: Sequence[Any]) -> None:
        found = self._of(node, name, kind)
        if found is None:
            return
        self._value(found, _inherited(node, "/V"))
        for widget in [node, *widgets]:
            self._counted()
            self._seen[id(widget)] = widget
            self._widget(found, widget, own=widget is not node)

    def _widget(self, found: _Found, widget: Any, *, own: bool) -> None:
        if own and "/V" in widget:
            self._value(found, _held(widget, "/V"))
        state = self._text(_held(widget, "/AS")) if found.kind == "/Btn" and "/AS" in widget else None
        if state is not None and state.text not in ("", "Off"):
            found.states[state.text] = None
        _, page = self._widgets.get(id(widget), (None, 0))
        found.page = found.page or page

    def _value(self, found: _Found, value: Any) -> None:
        values = value if isinstance(value, list) and found.kind == "/Ch" else [value]
        for each in values[:MAX_NODES]:
            said = self._text(_resolved(each))
            if said is None or not said.text or (found.kind == "/Btn" and said.text == "Off"):
                continue
            found.values[said.text] = None
            found.doubtful = found.doubtful or said.doubtful

    def orphans(self) -> None:
        """Take up widgets that no branch of the form leads to: they name their field through their parents."""
        for widget, page in list(self._widgets.values()):
            if id(widget) in self._seen:
                continue
            node, name, kind = widget, "", ""
            for above in _upwards(widget):
                node = above if "/T" in above and not name else node
                own = self._text(_held(above, "/T")) if "/T" in above else None
                name = ".".join(part for part in (own.text if own else "", name) if part)[:_MAX_NAME]
                kind = kind or str(_held(above, "/FT") or "")
            found = self.found.get(id(node)) or (self._of(node, name, kind) if name else None)
            if found is not None:
                self._value(found, _inherited(widget, "/V"))
                self._widget(found, widget, own=False)
                found.page = found.page or page

    def _of(self, node: Any, name: str, kind: str) -> _Found | None:
        """Return the field of a node, None for what holds no answer: signatures and buttons to push."""
        flags = _inherited(node, "/Ff")
        if not name or kind == "/Sig" or (kind == "/Btn" and isinstance(flags, int) and flags & _PUSH_BUTTON):
            return None
        return self.found.setdefault(id(node), _Found(node, name, kind))

    def _named(self, node: Any, above: str) -> str:
        own = self._text(_held(node, "/T")) if "/T" in node else None
        return ".".join(part for part in (above, own.text if own else "") if part)[:_MAX_NAME]

    def _counted(self) -> None:
        self._count += 1
        if self._count > MAX_NODES:
            raise TooManyError(f"填写栏和批注多于 {MAX_NODES} 个")


def _upwards(node: Any) -> Iterator[Any]:
    """Yield a node and those above it."""
    for _ in range(_MAX_DEPTH):
        if not isinstance(node, dict):
            return
        yield node
        node = _held(node, "/Parent")
    raise TooManyError("表单的结构成环或过深")


def _inherited(node: Any, key: str) -> Any:
    return next((_held(above, key) for above in _upwards(node) if key in above), None)


def _list(node: Any, key: str) -> list[Any]:
    found = _held(node, key)
    return found if isinstance(found, list) else []


def _held(node: Any, key: str) -> Any:
    return held(node, key, None)


def _resolved(value: Any) -> Any:
    return value.get_object() if hasattr(value, "get_object") else value

"""A PDF form filled in the way that readers of PDF save it: for the tests that read it back."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String

from engine.answering.head import head_text
from engine.documents.marks import Field
from engine.documents.papers import BlankPaper, blank_paper
from engine.model.checklist import Checklist

_PAPERS: dict[str, BlankPaper] = {}


def laid_out(checklist: Checklist) -> BlankPaper:
    """Return the blank form of a checklist, laid out once."""
    key = head_text(checklist)
    if key not in _PAPERS:
        _PAPERS[key] = blank_paper(checklist)
    return _PAPERS[key]


_FORMS: dict[str, bytes] = {}


def blank_form(checklist: Checklist) -> bytes:
    """Return the bytes of the blank form."""
    key = head_text(checklist)
    if key not in _FORMS:
        _FORMS[key] = laid_out(checklist).form(key)
    return _FORMS[key]


@cache
def lean(form: bytes) -> bytes:
    """Return the form with its face cut off: many hundreds of files are read, and nobody looks at them."""
    with pikepdf.open(io.BytesIO(form)) as pdf:
        for each in pdf.objects:
            if isinstance(each, Stream) and len(each.read_raw_bytes()) > 300_000:
                each.write(b"")
        target = io.BytesIO()
        pdf.save(target, object_stream_mode=pikepdf.ObjectStreamMode.disable)
        return target.getvalue()


def state(field: Field, value: Any) -> str:
    """Return what a field holds when somebody gives it this value: text, or the name of the state of a box."""
    if field.kind == "tick":
        assert value is True, (field.name, value)
        return "on"
    if field.kind != "choice":
        return str(value)
    chosen = [n for n, o in enumerate(field.options, 1) if o == value or (o[:2] == value[:2] == "发现")]
    assert len(chosen) == 1, (field.name, value)
    return f"option{chosen[0]}"


def nodes(pdf: pikepdf.Pdf) -> dict[str, Any]:
    """Return the fields of a form by name."""
    found: dict[str, Any] = {}

    def walk(node: Any, above: str) -> None:
        name = ".".join(part for part in (above, str(node.get("/T", ""))) if part)
        inner = [kid for kid in node.get("/Kids", []) if "/T" in kid]
        if inner:
            for kid in inner:
                walk(kid, name)
        else:
            found[name] = node

    for root in pdf.Root.AcroForm.Fields:
        walk(root, "")
    return found


Setter = Callable[[pikepdf.Pdf, Any, str], None]
"""Puts a value (text, or the state of a box) into a field of a form."""


def written(value: str) -> String:
    """Return a text as a string of PDF: Latin letters beyond ASCII too are written in UTF-16."""
    return String(value) if value.isascii() else String(b"\xfe\xff" + value.encode("utf-16-be"))


def is_box(node: Any) -> bool:
    """Return whether a field is one of boxes."""
    return bool(Name.Btn == node.FT)


def widgets(node: Any) -> list[Any]:
    """Return the widgets of a field."""
    return list(node.get("/Kids", [node]))


def show(node: Any, value: str) -> None:
    """Have the boxes of a field show which is ticked."""
    for widget in widgets(node):
        on = f"/{value}" in widget.AP.N
        widget.AS = Name(f"/{value}") if on else Name.Off


def plainly(pdf: pikepdf.Pdf, node: Any, value: str) -> None:
    """Set a value as the standard has it."""
    if is_box(node):
        node.V = Name(f"/{value}")
        show(node, value)
    else:
        node.V = written(value)


def only_shown(pdf: pikepdf.Pdf, node: Any, value: str) -> None:
    """Set what is shown and drop what is stored."""
    if is_box(node):
        show(node, value)
        if "/V" in node:
            del node.V
    else:
        node.V = written(value)


def only_shown_beside_off(pdf: pikepdf.Pdf, node: Any, value: str) -> None:
    """Set what is shown, the stored value stays Off."""
    show(node, value) if is_box(node) else plainly(pdf, node, value)


def only_stored(pdf: pikepdf.Pdf, node: Any, value: str) -> None:
    """Set what is stored; boxes go on showing nothing."""
    node.V = Name(f"/{value}") if is_box(node) else written(value)


def as_strings(pdf: pikepdf.Pdf, node: Any, value: str) -> None:
    """Set the states of boxes as strings."""
    plainly(pdf, node, value)
    if is_box(node):
        node.V = String(value)


def in_utf8(pdf: pikepdf.Pdf, node: Any, value: str) -> None:
    """Set texts in UTF-8 with its mark, as PDF 2.0 allows."""
    plainly(pdf, node, value)
    if not is_box(node):
        node.V = String(b"\xef\xbb\xbf" + value.encode())


def as_stream(pdf: pikepdf.Pdf, node: Any, value: str) -> None:
    """Set texts as streams, with the line breaks of a reader of PDF."""
    plainly(pdf, node, value)
    if not is_box(node):
        node.V = pdf.make_stream(b"\xfe\xff" + value.replace("\n", "\r").encode("utf-16-be"))


def on_kids(pdf: pikepdf.Pdf, node: Any, value: str) -> None:
    """Set values on the widgets, which are kids of their field."""
    if is_box(node):
        show(node, value)
        for widget in widgets(node):
            if Name.Off != widget.AS:
                widget.V = Name(f"/{value}")
    elif "/Kids" not in node:
        kid = pdf.make_indirect(Dictionary(Parent=node, V=written(value)))
        for key in ("/Type", "/Subtype", "/Rect", "/F", "/P", "/AP", "/DA"):
            if key in node:
                kid[key] = node[key]
                del node[key]
        for page in pdf.pages:
            for number, each in enumerate(page.get("/Annots", [])):
                if each.objgen == node.objgen:
                    page.Annots[number] = kid
        node.Kids = Array([kid])
        del node.V


SETTERS: dict[str, Setter] = {
    each.__name__: each
    for each in (plainly, only_shown, only_shown_beside_off, only_stored, as_strings, in_utf8, as_stream, on_kids)
}


def flat_names(pdf: pikepdf.Pdf) -> None:
    """Take every field out of its branch, under its whole name."""
    found = nodes(pdf)
    for name, node in found.items():
        node.T = String(name)
        if "/Parent" in node:
            del node.Parent
    pdf.Root.AcroForm.Fields = Array(list(found.values()))


def no_tree(pdf: pikepdf.Pdf) -> None:
    """Lose the tree of fields: the widgets are still on their pages."""
    pdf.Root.AcroForm.Fields = Array([])


def need_appearances(pdf: pikepdf.Pdf) -> None:
    """Leave it to the next reader to draw the fields."""
    pdf.Root.AcroForm.NeedAppearances = True


def unchanged(pdf: pikepdf.Pdf) -> None:
    """Leave the file as it is."""


CHANGES: dict[str, Callable[[pikepdf.Pdf], None]] = {
    each.__name__: each for each in (unchanged, flat_names, no_tree, need_appearances)
}
SAVES: dict[str, dict[str, Any]] = {
    "objects": {"object_stream_mode": pikepdf.ObjectStreamMode.disable},
    "object streams": {"object_stream_mode": pikepdf.ObjectStreamMode.generate},
    "linearised": {"linearize": True},
}


def filled(
    form: bytes, values: Mapping[str, str], setter: str = "plainly", change: str = "unchanged", save: str = "objects"
) -> bytes:
    """Return the form as a reader of PDF would have saved it with these values."""

    def fill(pdf: pikepdf.Pdf) -> None:
        found = nodes(pdf)
        for name, value in values.items():
            SETTERS[setter](pdf, found[name], value)
        CHANGES[change](pdf)

    return changed(form, fill, **SAVES[save])


def changed(form: bytes, change: Callable[[pikepdf.Pdf], None], **how: Any) -> bytes:
    """Return the form after a change, saved."""
    with pikepdf.open(io.BytesIO(form)) as pdf, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of widgets that the form does not lead to
        change(pdf)
        target = io.BytesIO()
        pdf.save(target, **how)
        return target.getvalue()


def appended(form: bytes, values: Mapping[str, str]) -> bytes:
    """Return the form, which has a plain table of its objects, with an update behind it, as Acrobat and pdf.js save."""
    written_over: dict[int, bytes] = {}
    with pikepdf.open(io.BytesIO(form)) as pdf:
        found = nodes(pdf)
        for name, value in values.items():
            plainly(pdf, found[name], value)
            for each in {found[name].objgen: found[name], **{w.objgen: w for w in widgets(found[name])}}.values():
                written_over[each.objgen[0]] = each.unparse(resolved=True)
        root, size = pdf.Root.objgen[0], int(pdf.trailer.Size)
    target = io.BytesIO()
    target.write(form + b"\n")
    table = [b"xref"]
    for number, content in sorted(written_over.items()):
        table += [b"%d 1" % number, b"%010d 00000 n " % target.tell()]
        target.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    start, before = target.tell(), int(form.rpartition(b"startxref")[2].split()[0])
    trailer = b"trailer\n<< /Size %d /Root %d 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (size, root, before, start)
    target.write(b"\n".join(table) + b"\n" + trailer)
    return target.getvalue()

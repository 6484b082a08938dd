"""What a PDF does and says beside showing its pages: catalogue, properties, forms, the tree of its pages."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from xml.etree import ElementTree

MAX_FIELDS = 500
"""Of forms. A paper has none but those of its signatures."""
_MAX_OUTLINES = 5000
_MAX_XMP_BYTES = 256 * 1024
_MAX_DEPTH = 60

_SIGNING = {"/AcroForm", "/DSS", "/Perms", "/Extensions", "/Version"}
"""What an electronic signature adds to a file beside its content."""
_OF_ITSELF = {*_SIGNING, "/Type", "/Pages", "/Names", "/Metadata", "/Outlines"}
"""Keys of the catalogue that are compared in a way of their own."""
_OF_FORMS = {"/Fields", "/SigFlags", "/DR", "/DA", "/Q", "/NeedAppearances"}
_OF_TREES = {"/Type", "/Kids", "/Count", "/Parent", "/Resources", "/MediaBox", "/CropBox", "/Rotate"}
_OF_OUTLINES = {"/Title", "/Parent", "/Prev", "/Next", "/First", "/Last", "/Count", "/Dest"}
_BY_SAVING = {
    "Producer", "Creator", "CreatorTool", "ModDate", "CreationDate", "ModifyDate", "MetadataDate", "CreateDate",
    "InstanceID", "DocumentID", "xmptk",
}  # fmt: skip
"""Properties that every program changes that saves or signs a file."""
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"


class Beside(NamedTuple):
    """What there is beside the pages of a file."""

    values: Mapping[str, str]
    """Digest of each thing by its name in the file."""
    added: frozenset[str]
    """What no paper has, whichever version printed it: actions, forms that draw themselves."""
    files: tuple[tuple[str, ...], ...]
    """Of each associated file: its names and digests of its bytes."""
    titles: tuple[str, ...]
    """Of bookmarks."""


def beside(root: Any, info: Any, pages: Mapping[tuple[int, int], int], digest: Callable[[Any], str]) -> Beside:
    """Return what the catalogue and the properties hold. pages: numbers by object; digest: of any value."""
    values = {str(key): digest(root[key]) for key in root if key not in _OF_ITSELF}
    names = _plain(root, "/Names")
    values |= {f"/Names{key}": digest(names[key]) for key in names}
    for key in info:
        if str(key).lstrip("/") not in _BY_SAVING:
            values[f"/Info{key}"] = digest(info[key])
    if "/Metadata" in root:
        values["/Metadata"] = _facts(_data(root["/Metadata"]))
    added = set(_of_form(root))
    titles = []
    if "/Outlines" in root:
        lines = list(_outlines(root["/Outlines"], pages))
        titles = [title for title, _, _ in lines]
        values["/Outlines"] = _sha256(repr([line[:2] for line in lines]).encode(errors="surrogatepass"))
        added |= {f"/Outlines{key}" for *_, keys in lines for key in keys}
    return Beside(values, frozenset(added), tuple(_associated(root)), tuple(titles))


def of_tree(page: Any) -> Iterator[str]:
    """Yield what the nodes above a page do that hold it and others: a paper's do nothing."""
    node, depth = page, 0
    while "/Parent" in node and depth < _MAX_DEPTH:
        node, depth = node["/Parent"], depth + 1
        yield from (f"/Pages{key}" for key in node if key not in _OF_TREES)


def _of_form(root: Any) -> Iterator[str]:
    """Yield what the forms of a file do beside holding signatures."""
    form = _plain(root, "/AcroForm")
    yield from (f"/AcroForm{key}" for key in form if key not in _OF_FORMS)
    waiting, seen = [(form.get("/Fields"), None)], 0
    while waiting and seen <= MAX_FIELDS:
        value, kind = waiting.pop()
        value = value.get_object() if value is not None else None
        if isinstance(value, list):
            waiting += [(each, kind) for each in value[: MAX_FIELDS + 1]]
        elif isinstance(value, dict):
            seen += 1
            kind = value.get("/FT", kind)
            yield from (f"/AcroForm{key}" for key in ("/A", "/AA") if key in value)
            if "/Kids" in value:
                waiting.append((value["/Kids"], kind))
            elif kind != "/Sig":
                yield f"/AcroForm{kind or ''}"


def _outlines(outlines: Any, pages: Mapping[tuple[int, int], int]) -> Iterator[tuple[str, str, list[str]]]:
    """Yield of each bookmark its title, where it leads and how deep it lies, and what else it does."""
    waiting, count = [(outlines.get("/First"), 0)], 0
    while waiting:
        item, depth = waiting.pop()
        item = item.get_object() if item is not None else None
        if not isinstance(item, dict):
            continue
        count += 1
        if count > _MAX_OUTLINES:
            yield "", "", ["?"]
            return
        place = item.get("/Dest")
        place = place.get_object() if place is not None else None
        if isinstance(place, list) and place:
            first = place[0]
            place = [pages.get((getattr(first, "idnum", -1), getattr(first, "generation", -1))), *place[1:]]
        yield str(item.get("/Title")), f"{depth} {place}", [str(key) for key in item if key not in _OF_OUTLINES]
        waiting += [(item.get("/Next"), depth), (item.get("/First"), depth + 1)]


def _associated(root: Any) -> Iterator[tuple[str, ...]]:
    """Yield names and digests of the files that the catalogue says belong to it."""
    files = held(root, "/AF", ())
    for each in files[:MAX_FIELDS] if isinstance(files, list) else ():
        file = each.get_object()
        bytes_of = _plain(file, "/EF")
        found = sorted(f"{key} {_sha256(_data(bytes_of[key]))}" for key in bytes_of)
        yield (str(file.get("/F")), str(file.get("/UF")), *found)


def _facts(xmp: bytes) -> str:
    """Return a digest of what metadata say, however they are written, but for what each saving changes."""
    if len(xmp) > _MAX_XMP_BYTES or b"<!" in xmp:
        return _sha256(xmp)
    try:
        tree = ElementTree.fromstring(xmp.strip())  # noqa: S314  (no document type: nothing to expand)
    except (ElementTree.ParseError, ValueError, LookupError):
        return _sha256(xmp)
    return _sha256(repr(sorted(_said(tree, ""))).encode(errors="surrogatepass"))


def _said(top: ElementTree.Element, of: str) -> Iterator[tuple[str, str]]:
    """Yield name and text of each property."""
    waiting = [(top, of)]
    while waiting:
        element, name = waiting.pop()
        name = name if element.tag.startswith(_RDF) else element.tag
        inner = [
            (key, text) for key, text in element.attrib.items() if not key.startswith((_RDF, "{http://www.w3.org/XML"))
        ]
        own = (element.text or "").strip()
        said = [*inner, *([(name, own)] if own else [])]
        yield from (each for each in said if each[0].rpartition("}")[2] not in _BY_SAVING)
        waiting += [(child, name) for child in element]


def held(holder: Any, key: str, default: Any) -> Any:
    """Return what lies under a key itself, where the file only names its number."""
    return holder[key] if key in holder else default  # noqa: SIM401  (get() gives the number)


def _plain(holder: Any, key: str) -> Any:
    """Return the mapping under a key, an empty one where there is none."""
    found = held(holder, key, None)
    return found if isinstance(found, dict) else {}


def _data(stream: Any) -> bytes:
    return bytes(stream.get_data()) if hasattr(stream, "get_data") else b""


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

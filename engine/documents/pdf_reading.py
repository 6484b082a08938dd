"""A PDF as what it shows and carries. The the file may come from anybody."""

from __future__ import annotations

import codecs
import hashlib
import io
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, NamedTuple, TypeVar

import pypdf
from pypdf.errors import LimitReachedError
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    ContentStream,
    DictionaryObject,
    IndirectObject,
    NameObject,
    StreamObject,
    TextStringObject,
    create_string_object,
)

from engine.documents.page_marks import Hiding, TooMuchError, hiding
from engine.documents.pdf_catalogue import MAX_FIELDS, Beside, beside, held, of_tree
from engine.documents.pdf_fields import FormContent, Text, TooManyError, form_content

MAX_PAGES = 2000
MAX_CARRIED = 8
MAX_STREAM_BYTES = 16 * 1024 * 1024
_MAX_IMAGE_BYTES = 160 * 1024 * 1024
_LEAST_PIXELS = 400_000
"""Of an image that can be a whole page: A4 at 70 to the inch."""
MAX_PLAIN_BYTES = 4 * 1024 * 1024
"""Of a form outside its streams: one without any packing has some 0.5 MB."""
MAX_OBJECTS = 50_000
MAX_DEPTH = 60
_WORK = 400_000
"""Operators and operands of one page that are read: a full page has some twenty thousand."""

_UNREAD = {"/Length", "/Filter", "/DecodeParms", "/Parent", "/Annots"}
"""How a stream is packed says nothing about what it shows; annotations are compared by themselves."""


class ShownPage(NamedTuple):
    """One page: its text, a digest of all that draws it, and what lies on top."""

    text: str
    drawing: str
    annotations: tuple[str, ...]


class ShownPdf(NamedTuple):
    """How many pages there are, those that were read, digests of their images, and what is beside them."""

    total: int
    pages: tuple[ShownPage, ...]
    images: tuple[str, ...]
    beside: Beside


class ReadForm(NamedTuple):
    """A file that may be a form: its fields, and what tells a file without fields of ours from others."""

    content: FormContent
    first_page: str
    """Its text."""
    carried: tuple[str, ...]
    """Names of the files inside."""


class UnreadableError(Exception):
    """The file is no PDF, is damaged, or is larger than a paper can be; the text says so in Chinese."""


def carried_files(content: bytes) -> list[tuple[str, bytes]]:
    """Return name and bytes of the files inside a PDF, in the order of the file. Raises UnreadableError."""
    return _guarded(_carried, content)


def shown(content: bytes, at_most: int = MAX_PAGES, most_drawn: int | None = None) -> ShownPdf:
    """Return what the first pages of a PDF show, at most so many. Raises UnreadableError.

    most_drawn: bytes that draw all of these pages together, unpacked: one small stream may stand on every page.
    """
    return _guarded(partial(_shown, at_most=at_most, most_drawn=most_drawn), content)


def hiding_on(content: bytes, at_most: int = MAX_PAGES) -> list[Hiding]:
    """Return what may hide text on each of the first pages of a PDF, at most so many. Raises UnreadableError."""
    return _guarded(partial(_hiding_on, at_most=at_most), content)


def pages_in(content: bytes) -> int:
    """Return how many pages a PDF has. Raises UnreadableError."""
    return _guarded(lambda reader: len(reader.pages), content)


def scanned_page(content: bytes, number: int, most: int) -> Any:
    """Return the image that a page of a scanned PDF is (pages from 1): the bytes of a JPEG, else a Pillow image.

    most: pixels. Raises UnreadableError for a page that is no scan, and for an image of a kind that is not read.
    """
    return _guarded(partial(_scanned_page, number=number, most=most), content, _MAX_IMAGE_BYTES)


def signatures_in(content: bytes) -> int:
    """Return how many signatures a PDF has, counted no further than MAX_FIELDS fields. Raises UnreadableError."""
    return _guarded(_signatures, content)


def form_in(content: bytes) -> ReadForm:
    """Return the fields of a PDF by name with what was filled in. Raises UnreadableError."""
    if _plain_bytes(content) > MAX_PLAIN_BYTES:
        raise UnreadableError("文件的内容太大或太复杂，超过了一份表单可能有的")
    return _guarded(_form, content)


def _plain_bytes(content: bytes) -> int:
    """Return how many bytes stand outside streams: they are parsed one by one, which takes a second for a megabyte."""
    plain, at = 0, 0
    while True:
        start = content.find(b"stream", at)
        end = content.find(b"endstream", start + 6) if start >= 0 else -1
        if end < 0:
            return plain + len(content) - at
        plain, at = plain + start - at, end + 9


T = TypeVar("T")


def _guarded(read: Callable[[pypdf.PdfReader], T], content: bytes, most: int = MAX_STREAM_BYTES) -> T:
    """Return what read makes of the file, within bounds of size and work; most: bytes of one stream unpacked."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    bounds: dict[str, Any] = {
        "zlib_maximum_output_length": most, "lzw_maximum_output_length": most,
        "run_length_maximum_output_length": most, "maximum_declared_stream_length": most,
        "array_based_stream_maximum_output_length": most, "stream_parsing_work_maximum_count": _WORK,
        "page_tree_maximum_entries": 2 * MAX_PAGES, "jbig2dec_binary": None,
    }  # fmt: skip
    try:
        with pypdf.apply_configuration(**bounds):
            reader = pypdf.PdfReader(io.BytesIO(content))
            if reader.is_encrypted:
                raise UnreadableError("文件加了密")
            return read(reader)
    except UnreadableError:
        raise
    except TooManyError as error:
        raise UnreadableError(str(error)) from error
    except (LimitReachedError, TooMuchError) as error:
        raise UnreadableError("文件的内容太大或太复杂，超过了一份文书可能有的") from error
    except Exception as error:  # a damaged file makes pypdf fail in any way: all of them mean the same here
        raise UnreadableError("不是 PDF，或者已经损坏") from error


def _scanned_page(reader: pypdf.PdfReader, number: int, most: int) -> Any:
    page = reader.pages[number - 1]
    images = [(name, found) for name, found in _images_of(page) if found["/Width"] * found["/Height"] >= _LEAST_PIXELS]
    if not images:
        raise UnreadableError("这一页不是扫描的图像；电脑里填写的 PDF 用 answers read 读取，印好的要手工填写后扫描")
    sizes = sorted((found["/Width"] * found["/Height"] for _, found in images), reverse=True)
    if len(images) > 1 and sizes[1] > sizes[0] / 4:
        raise UnreadableError("这一页由几幅图像叠成（高压缩 PDF）")
    name, image = max(images, key=lambda each: each[1]["/Width"] * each[1]["/Height"])
    if image["/Width"] * image["/Height"] > most:
        raise UnreadableError("像素过多，没有打开")
    filters = image.get("/Filter")
    filters = list(filters) if isinstance(filters, ArrayObject) else [filters]
    if "/JBIG2Decode" in filters:
        raise UnreadableError("图像是 JBIG2 格式，程序不读这种格式")
    if filters == ["/DCTDecode"] and "/SMask" not in image:
        return bytes(image.get_data())
    return page.images[name].image


def _images_of(page: Any) -> Iterator[tuple[str, Any]]:
    objects = held(held(page, "/Resources", {}), "/XObject", {})
    for name in islice(objects, MAX_FIELDS):
        found = objects[name].get_object()
        if held(found, "/Subtype", None) == "/Image" and "/Width" in found and "/Height" in found:
            yield name, found


def _carried(reader: pypdf.PdfReader) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for file in reader.attachment_list:
        if len(found) == MAX_CARRIED:
            raise UnreadableError(f"附件多于 {MAX_CARRIED} 个")
        found.append((file.name, file.content))
    return found


def _form(reader: pypdf.PdfReader) -> ReadForm:
    pages = list(islice(reader.pages, MAX_PAGES))
    found = form_content(reader.root_object, pages, _text_of)
    filled = any(field.value for field in found.fields.values())
    names = () if filled else tuple(islice((file.name for file in reader.attachment_list), MAX_CARRIED))
    return ReadForm(found, "" if filled or not pages else pages[0].extract_text(), names)


def _text_of(value: Any) -> Text | None:
    """Return a string, a name or a stream of text as text; None for anything else."""
    if isinstance(value, NameObject):
        return Text(str(value).removeprefix("/"), name=True)
    if isinstance(value, TextStringObject):
        return Text(str(value), _foreign(value.original_bytes))
    if isinstance(value, ByteStringObject):
        return Text(value.decode("latin-1"), True)
    if isinstance(value, StreamObject):
        read = create_string_object(value.get_data())
        return None if isinstance(read, StreamObject) else _text_of(read)
    return None


def _foreign(raw: bytes) -> bool:
    """Return whether bytes that PDF reads as Latin letters look like Chinese in GB2312 or in UTF-8 without a mark."""
    if raw.startswith(_MARKED):
        return False
    if any(set(pair) - _SIGNS for pair in _PAIR.findall(raw)):
        return True
    return _CHINESE_UTF8.search(raw) is not None


_MARKED = (codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF8)
_PAIR = re.compile(rb"[\xa1-\xff]{2}")
_CHINESE_UTF8 = re.compile(rb"[\xe3-\xe9][\x80-\xbf]{2}")
_SIGNS = set("°±²³µ·×÷¼½¾¥§".encode("latin-1"))
"""Written in numbers and units, two of them together too."""


def _signatures(reader: pypdf.PdfReader) -> int:
    form = reader.root_object.get("/AcroForm")
    fields = form.get_object().get("/Fields") if form is not None else None
    waiting, seen, signed = [fields], 0, 0
    while waiting and seen <= MAX_FIELDS:
        value = waiting.pop()
        value = value.get_object() if value is not None else None
        if isinstance(value, ArrayObject):
            waiting += value[: MAX_FIELDS + 1]
        elif isinstance(value, DictionaryObject):
            seen += 1
            waiting.append(value.get("/Kids"))
            signed += value.get("/FT") == "/Sig" and "/V" in value
    if seen > MAX_FIELDS:
        raise UnreadableError("文件里的表单过于复杂")
    return signed


def _shown(reader: pypdf.PdfReader, at_most: int, most_drawn: int | None) -> ShownPdf:
    count = len(reader.pages)
    digests = _Digests()
    pages: list[ShownPage] = []
    numbers: dict[tuple[int, int], int] = {}
    added: set[str] = set()
    drawn = 0
    for page in islice(reader.pages, at_most):
        contents = page.get_contents() if most_drawn is not None else None
        drawn += len(contents.get_data()) if contents is not None else 0
        if most_drawn is not None and drawn > most_drawn:
            raise UnreadableError("文件的内容太大或太复杂，超过了一份文书可能有的")
        reference = page.indirect_reference
        if reference is not None:
            numbers[reference.idnum, reference.generation] = len(pages)
        added |= set(of_tree(page))
        boxes = [page.mediabox, page.cropbox, page.rotation, page.user_unit]
        drawing = digests.of(dict(page))
        kinds = tuple(_kind(each) for each in page.get("/Annots") or ())
        pages.append(ShownPage(page.extract_text(), _digest(f"{boxes}{drawing}".encode()), kinds))
    images = tuple(sorted(digests.images))
    found = beside(reader.root_object, held(reader.trailer, "/Info", {}), numbers, digests.of)
    return ShownPdf(count, tuple(pages), images, found._replace(added=found.added | added))


def _hiding_on(reader: pypdf.PdfReader, at_most: int) -> list[Hiding]:
    def read(stream: Any) -> Sequence[tuple[Any, bytes]]:
        return ContentStream(stream, reader).operations

    found = []
    for page in islice(reader.pages, at_most):
        box, media = page.cropbox, page.mediabox
        seen = (
            max(float(box.left), float(media.left)), max(float(box.bottom), float(media.bottom)),
            min(float(box.right), float(media.right)), min(float(box.top), float(media.top)),
        )  # fmt: skip
        found.append(hiding(page, (seen, page.rotation, float(page.user_unit)), read))
    return found


def _kind(annotation: Any) -> str:
    """Return the kind of an annotation: of a signature “blank” before it is made, “stamp” if it may show something."""
    found = annotation.get_object()
    parent = found.get("/Parent")
    field = found.get("/FT") or (parent.get_object().get("/FT") if parent is not None else None)
    acts = "/A" in found or "/AA" in found
    signature = found.get("/Subtype") == "/Widget" and field == "/Sig" and not acts
    if signature:
        if "/AP" in found and any(map(float, found.get("/Rect") or ())):
            return "stamp"
        return "signature" if "/V" in (found if parent is None else {**parent.get_object(), **found}) else "blank"
    return str(found.get("/Subtype") or "?").lstrip("/")


class _Digests:
    """Digests of objects with all that they refer to, each indirect object once; collects those of images."""

    def __init__(self) -> None:
        self.known: dict[tuple[int, int], str] = {}
        self.images: set[str] = set()
        self.count = 0

    def of(self, value: Any, depth: int = 0) -> str:
        """Return the digest of a value: equal for equal content, however the objects are numbered and packed."""
        self.count += 1
        if depth > MAX_DEPTH or self.count > MAX_OBJECTS:
            raise UnreadableError("文件内部结构过于复杂")
        if isinstance(value, IndirectObject):
            key = (value.idnum, value.generation)
            if key not in self.known:
                self.known[key] = "circle"
                self.known[key] = self.of(value.get_object(), depth + 1)
            return self.known[key]
        return _digest("\n".join(self._parts(value, depth)).encode(errors="surrogatepass"))

    def _parts(self, value: Any, depth: int) -> Iterator[str]:
        if isinstance(value, StreamObject):
            data = _digest(value.get_data())
            if value.get("/Subtype") == "/Image":
                self.images.add(data)
            yield data
        if isinstance(value, (DictionaryObject, dict)):
            for key in sorted(set(value) - _UNREAD):
                yield f"{key} {self.of(_raw(value, key), depth + 1)}"
        elif isinstance(value, ArrayObject):
            yield from (self.of(each, depth + 1) for each in value)
        else:
            yield f"{type(value).__name__} {value!r}"


def _raw(value: Any, key: str) -> Any:
    return value.raw_get(key) if isinstance(value, DictionaryObject) else value[key]


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

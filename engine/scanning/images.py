"""The files that a scanner or a phone wrote, as pages in grey. They may come from anybody: all of it is bounded."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from engine.documents.pdf_reading import UnreadableError, pages_in, scanned_page
from engine.inspections.photos import MAX_PIXELS, on_white, too_many_scans
from engine.problems import Mark, Problem, problem
from engine.scanning.corners import Grey

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

MAX_SCAN_BYTES = 500 * 1024 * 1024
MAX_SCANNED_PAGES = 1000
LONGEST = 3600
"""Pixels: 300 to the inch of A4. What was scanned finer is made smaller."""
_BLACK, _WHITE, _BETWEEN = 40, 215, 0.002
"""Bounds of the shades between, and their share of a page: the edges of print alone take more on a grey scan."""
_FORMATS = ("JPEG", "PNG", "TIFF", "BMP", "WEBP")
_MOST = 50_000_000
"""Pixels of a picture that is no JPEG: A4 at 600 to the inch takes 35 million."""


class ScannedPage(NamedTuple):
    """A page in grey: coloured ink is as dark as it is in its darkest colour."""

    shown: str
    """The file."""
    number: int
    """Of the page in the file, from 1."""
    grey: Grey
    black_and_white: bool
    """Whether it was scanned with one bit a pixel: what was written faintly may be gone."""

    @property
    def mark(self) -> Mark:
        """The place that messages name."""
        return page_mark(self.shown, self.number)


def page_mark(shown: str, number: int) -> Mark:
    """Return the place of a page in a file of scans."""
    return Mark(shown, cell=f"扫描件第 {number} 页")


def scanned_pages(content: bytes, shown: str) -> Iterator[ScannedPage | Problem]:
    """Yield the pages of a PDF or of an image file one by one, or why one cannot be used."""
    head = content[:12]
    if head[4:8] == b"ftyp":
        todo = "请在手机上导出或另存为 JPEG；以后拍照可把相机的格式设为 JPEG（“兼容性最佳”）"
        yield _refused(Mark(shown), "是 HEIC、AVIF 或视频，程序不读这种文件", todo)
    elif b"%PDF" in content[:1024]:
        yield from _of_pdf(content, shown)
    else:
        yield from _of_picture(content, shown)


def _refused(mark: Mark, reason: str, todo: str) -> Problem:
    return problem("E658", mark, reason=reason, todo=todo)


_AGAIN = "请用扫描仪重新扫描，存成 JPEG、TIFF 或 PDF"


def _of_pdf(content: bytes, shown: str) -> Iterator[ScannedPage | Problem]:
    try:
        count = pages_in(content)
    except UnreadableError as error:
        yield _refused(Mark(shown), str(error), _AGAIN)
        return
    if count > MAX_SCANNED_PAGES:
        yield _refused(Mark(shown), f"有 {count} 页，一次最多 {MAX_SCANNED_PAGES} 页", "请分成几个文件")
        return
    for number in range(1, count + 1):
        mark = page_mark(shown, number)
        try:
            picture = scanned_page(content, number, _MOST)
        except UnreadableError as error:
            yield _refused(mark, str(error), _AGAIN)
            continue
        found = _decoded(picture) if isinstance(picture, bytes) else _page(picture)
        yield found._replace(shown=shown, number=number) if isinstance(found, ScannedPage) else _refused(mark, *found)


def _of_picture(content: bytes, shown: str) -> Iterator[ScannedPage | Problem]:
    from PIL import Image

    number = 0
    while True:
        number += 1
        found = _decoded(content, number - 1)
        if not isinstance(found, ScannedPage):
            yield _refused(page_mark(shown, number) if number > 1 else Mark(shown), *found)
            return
        yield found._replace(shown=shown, number=number)
        if not content.startswith((b"II*\0", b"MM\0*")):
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=("TIFF",)) as picture:
                if number >= getattr(picture, "n_frames", 1):
                    return
        if number >= MAX_SCANNED_PAGES:
            yield _refused(Mark(shown), f"多于 {MAX_SCANNED_PAGES} 页", "请分成几个文件")
            return


def _decoded(content: bytes, frame: int = 0) -> ScannedPage | tuple[str, str]:
    """Return one picture of an image file in grey, or why it is refused and what to do."""
    from PIL import Image, ImageFile, UnidentifiedImageError

    if too_many_scans(content):
        return "JPEG 的扫描次数不正常", _AGAIN
    lenient, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    Image.MAX_IMAGE_PIXELS = max(MAX_PIXELS.values())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
                if frame:
                    picture.seek(frame)
                return _bounded(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return _TOO_LARGE
    except UnidentifiedImageError:
        return "不是扫描的图像", "请给 PDF、JPEG、PNG 或 TIFF 文件"
    except Exception:  # a hostile file makes a decoder raise nearly anything; none of it may pass as a page
        return "文件不完整或已损坏", _AGAIN
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient


_TOO_LARGE = ("像素过多，没有打开", "请用 200 到 300 dpi 重新扫描")


def _bounded(picture: Picture) -> ScannedPage | tuple[str, str]:
    from PIL import ImageOps

    jpeg = picture.format in ("JPEG", "MPO")
    width, height = picture.size
    if width * height > (MAX_PIXELS["JPEG"] if jpeg else _MOST):
        return _TOO_LARGE
    if jpeg:
        picture.draft(picture.mode if picture.mode in ("L", "RGB") else "RGB", (LONGEST, LONGEST))
    return _page(ImageOps.exif_transpose(picture))


def _page(picture: Picture) -> ScannedPage | tuple[str, str]:
    """Return a picture as a page, never larger than LONGEST."""
    if min(picture.size) < 300 or max(picture.size) > 8 * min(picture.size):
        size = f"{picture.size[0]}×{picture.size[1]}"
        return f"图像太小或太长（{size} 像素），不是整页的扫描", "请用 200 dpi 以上扫描整页"
    grey = np.asarray(picture.convert("L")) if picture.mode in ("1", "L") else np.asarray(on_white(picture)).min(axis=2)
    black_and_white = picture.mode == "1" or is_black_and_white(grey)
    scale = LONGEST / max(grey.shape)
    if scale < 1:
        grey = np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    return ScannedPage("", 0, np.ascontiguousarray(grey, np.uint8), black_and_white)


def is_black_and_white(grey: Grey) -> bool:
    """Return whether nearly every pixel is white or black, as one bit a pixel leaves them."""
    between = ((grey > _BLACK) & (grey < _WHITE)).mean()
    return bool(between < _BETWEEN)

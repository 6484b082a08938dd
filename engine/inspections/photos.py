"""The one reader of images that people hand in: what is no photograph is refused, the rest comes out small and bare.

A file is bounded before it is read, its picture before it is decoded. What comes out is a JPEG of ours: turned
upright, shrunk, without anything that the camera wrote into it. The same file gives the same bytes.
"""

from __future__ import annotations

import io
import re
import warnings
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

MAX_PHOTO_BYTES = 50 * 1024 * 1024
MAX_PIXELS = {"JPEG": 110_000_000, "PNG": 50_000_000, "WEBP": 50_000_000}
"""By format. A JPEG is decoded at an eighth of its size if need be, so that it may be as large as phones make them."""
LONGEST_EDGE = 1000
"""Pixels: 300 to the inch where a photo is printed 84 mm wide."""
MAX_SCANS = 50
"""Passes over one JPEG. Cameras make at most a dozen; a small file of a million would be decoded for hours."""
QUALITY = 80
_SIDES_RATIO = 50
"""A strip a thousand times longer than wide is no photograph."""
_ORIENTATION = 0x0112


class Print(NamedTuple):
    """A photograph ready to be printed: a JPEG without metadata, and its size in pixels."""

    jpeg: bytes
    width: int
    height: int


class Refusal(NamedTuple):
    """Why an image is not taken, and what to do about it, in Chinese."""

    reason: str
    todo: str


_AGAIN = "请从相机或手机重新取出原件"
_AS_JPEG = "请另存为 JPEG 后改写 file，原文件留存"


def read_photo(content: bytes, longest: int = LONGEST_EDGE) -> Print | Refusal:
    """Return the photograph in a file's bytes (JPEG, PNG or WebP) upright, at most longest pixels a side.

    Everything else is refused: other formats, pictures that move, more than MAX_PIXELS, files that end too early.
    """
    if len(content) > MAX_PHOTO_BYTES:
        return Refusal(f"超过 {MAX_PHOTO_BYTES // 1024 // 1024} MB", "请用相机的普通画质，或另存为较小的 JPEG")
    other = _other_format(content)
    if other is not None:
        return other
    if too_many_scans(content):
        return Refusal("JPEG 的扫描次数不正常", _AGAIN)
    from PIL import Image, ImageFile, UnidentifiedImageError

    lenient, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False  # WeasyPrint switches it on
    Image.MAX_IMAGE_PIXELS = max(MAX_PIXELS.values())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd metadata, which is dropped
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=tuple(MAX_PIXELS)) as picture:
                return _refused(picture) or _print(picture, longest)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return _too_large()
    except UnidentifiedImageError:
        return Refusal("不是照片，或文件开头已损坏", "照片应为 JPEG、PNG 或 WebP；" + _AGAIN)
    except Exception:  # a hostile file makes a decoder raise nearly anything; none of it may pass as a photograph
        return Refusal("文件不完整或已损坏", _AGAIN)
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient


def is_print(content: bytes, longest: int = LONGEST_EDGE) -> bool:
    """Return whether the bytes are such a JPEG as read_photo makes: small, whole, without metadata."""
    if not content.startswith(b"\xff\xd8\xff") or too_many_scans(content):
        return False
    from PIL import Image, ImageFile

    lenient, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(content), formats=("JPEG",)) as picture:
                if picture.format != "JPEG" or picture.mode != "RGB" or max(picture.size) > longest:
                    return False
                picture.load()
                return all(str(name).startswith("jfif") for name in picture.info)
    except Exception:  # as above
        return False
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient


def _refused(picture: Picture) -> Refusal | None:
    """Return why a picture is not to be decoded, judged by its head alone."""
    name = "JPEG" if picture.format == "MPO" else str(picture.format)  # phones keep a second picture behind the first
    width, height = picture.size
    if width * height > MAX_PIXELS[name]:
        return _too_large()
    if max(width, height) > _SIDES_RATIO * min(width, height):
        return Refusal(f"长宽相差太大（{width}×{height}）", _AGAIN)
    if name != "JPEG" and getattr(picture, "is_animated", False):
        return Refusal("是动图", "请用单张照片；动态内容作为录音录像附上")
    return None


_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_SOI, _TEM, _EOI, _SOS = 0xD8, 0x01, 0xD9, 0xDA


def too_many_scans(content: bytes) -> bool:
    """Return whether the first picture of a JPEG is sent in more than MAX_SCANS passes."""
    at = scans = 0
    while content.startswith(b"\xff\xd8") and (found := _MARKER.search(content, at)):
        marker, at = content[found.start() + 1], found.end()
        if marker == _EOI:
            break
        if marker not in (_SOI, _TEM):  # the others are followed by their length
            at += max(2, int.from_bytes(content[at : at + 2], "big"))
        scans += marker == _SOS
        if scans > MAX_SCANS:
            return True
    return False


def _print(picture: Picture, longest: int) -> Print:
    from PIL import Image, ImageOps

    orientation = _orientation(picture)
    picture.draft("RGB", (longest, longest))
    picture.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    small = on_white(picture)
    small.info = {}
    small.getexif()[_ORIENTATION] = orientation
    upright = ImageOps.exif_transpose(small)
    bare = Image.frombytes("RGB", upright.size, upright.tobytes())
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=QUALITY, optimize=True)
    return Print(out.getvalue(), *bare.size)


def on_white(picture: Picture) -> Picture:
    """Return the picture in plain colours, white where it is transparent."""
    from PIL import Image

    if picture.mode.startswith("I"):  # sixteen bits of grey; convert() would cut them off instead of scaling
        picture = picture.point(lambda value: value / 256).convert("L")
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    whole = picture.convert("RGBA")
    white = Image.new("RGBA", whole.size, "white")
    return Image.alpha_composite(white, whole).convert("RGB")


def _orientation(picture: Picture) -> int:
    """Return how the camera was held, 1 to 8; 1 if that cannot be read: odd metadata is no reason to refuse."""
    try:
        value = picture.getexif().get(_ORIENTATION, 1)
    except Exception:
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _too_large() -> Refusal:
    jpeg, other = (MAX_PIXELS[name] // 10_000 for name in ("JPEG", "PNG"))
    return Refusal("像素过多，没有打开", f"JPEG 不得超过 {jpeg} 万像素，PNG、WebP 不得超过 {other} 万像素")


_HEADS = {
    b"GIF8": "GIF", b"BM": "BMP", b"II*\0": "TIFF 或相机原始文件", b"MM\0*": "TIFF 或相机原始文件", b"%PDF": "PDF",
    b"PK\3\4": "压缩包或 Office 文件", b"%!PS": "PostScript",
}  # fmt: skip
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")


def _other_format(content: bytes) -> Refusal | None:
    """Return the refusal of a format that is known by its head and not taken, by its name."""
    if content[4:8] == b"ftyp":
        if content[8:12] in _HEIF_BRANDS:
            return Refusal(
                "是 HEIC 格式",
                "请在手机上导出或另存为 JPEG，与记录放在一起，file 改写为该 JPEG；HEIC 原件留存。"
                "以后拍照可把手机相机的格式设为 JPEG（“兼容性最佳”）",
            )
        return Refusal("是视频或 AVIF，不是照片", "视频的 what 写 “录音录像”；AVIF " + _AS_JPEG)
    for head, name in _HEADS.items():
        if content.startswith(head):
            return Refusal(f"是 {name}，不是照片", _AS_JPEG)
    start = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"<"):
        svg = b"<svg" in start.lower()
        return Refusal("是 SVG，不是照片" if svg else "是网页或 XML，不是照片", _AGAIN)
    return None

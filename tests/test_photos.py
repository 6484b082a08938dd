"""The reader of images: what is no photograph is refused by name, what is comes out upright, small, bare, the same."""

from __future__ import annotations

import hashlib
import io
import struct
import subprocess
import sys
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFile
from support import ROOT

from engine.inspections.photos import LONGEST_EDGE, MAX_PHOTO_BYTES, MAX_PIXELS, MAX_SCANS, Print, Refusal, read_photo

PNG_HEAD = b"\x89PNG\r\n\x1a\n"


def picture(width: int = 64, height: int = 48) -> Image.Image:
    """Return a picture whose corners tell its sides apart: red, green, blue, white from the upper left clockwise."""
    made = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    draw, w, h = ImageDraw.Draw(made), width // 3, height // 3
    for x, y, colour in (
        (0, 0, "red"),
        (width - w, 0, "lime"),
        (width - w, height - h, "blue"),
        (0, height - h, "white"),
    ):
        draw.rectangle((x, y, x + w, y + h), fill=colour)
    return made


def encoded(image: Image.Image, name: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, name, **options)
    return out.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, *extra: bytes, data: bytes = b"") -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return PNG_HEAD + head + b"".join(extra) + chunk(b"IDAT", data or zlib.compress(b"")) + chunk(b"IEND", b"")


def zeros(count: int) -> bytes:
    """Return so many bytes of nothing, packed: a thousand to one."""
    packer, block = zlib.compressobj(9), bytes(1_000_000)
    packed = b"".join(packer.compress(block[: min(len(block), count - at)]) for at in range(0, count, len(block)))
    return packed + packer.flush()


def accepted(content: bytes) -> Print:
    taken = read_photo(content)
    assert isinstance(taken, Print), taken
    return taken


def refused(content: bytes) -> Refusal:
    taken = read_photo(content)
    assert isinstance(taken, Refusal), "the image was accepted"
    assert taken.reason
    assert taken.todo
    return taken


def shown(taken: Print) -> Image.Image:
    return Image.open(io.BytesIO(taken.jpeg))


def corners(image: Image.Image) -> list[str]:
    """Return the colours of the corners, from the upper left clockwise."""
    known = {"red": (255, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 255), "white": (255, 255, 255)}
    w, h = image.size
    found = []
    for place in ((w // 8, h // 8), (w - w // 8, h // 8), (w - w // 8, h - h // 8), (w // 8, h - h // 8)):
        seen = image.convert("RGB").getpixel(place)
        found.append(min(known, key=lambda k: sum(abs(a - b) for a, b in zip(known[k], seen, strict=True))))
    return found


UPRIGHT = ["red", "lime", "blue", "white"]

# ── what is taken


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP"])
def test_the_three_formats_are_read(name: str) -> None:
    taken = accepted(encoded(picture(), name))
    assert (taken.width, taken.height) == (64, 48), "a small photograph is not blown up"
    assert shown(taken).format == "JPEG"
    assert corners(shown(taken)) == UPRIGHT


def test_a_second_picture_behind_the_first_is_no_matter() -> None:
    content = encoded(picture(), "MPO", save_all=True, append_images=[Image.new("RGB", (64, 48), "black")])
    assert Image.open(io.BytesIO(content)).format == "MPO"
    assert corners(shown(accepted(content))) == UPRIGHT


@pytest.mark.parametrize(("width", "height"), [(2400, 1800), (1500, 4000), (1001, 1000), (9000, 200)])
def test_what_is_printed_is_small_and_keeps_its_shape(width: int, height: int) -> None:
    taken = accepted(encoded(picture(width, height)))
    assert max(taken.width, taken.height) == LONGEST_EDGE
    assert abs(taken.width * height - taken.height * width) <= max(width, height)
    assert corners(shown(taken)) == UPRIGHT


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_turned_as_the_camera_was_held(orientation: int, name: str) -> None:
    turns = Image.Transpose
    undo = [
        None, turns.FLIP_LEFT_RIGHT, turns.ROTATE_180, turns.FLIP_TOP_BOTTOM, turns.TRANSPOSE, turns.ROTATE_90,
        turns.TRANSVERSE, turns.ROTATE_270,
    ][orientation - 1]  # fmt: skip
    stored = picture() if undo is None else picture().transpose(undo)
    exif = Image.Exif()
    exif[0x0112] = orientation
    taken = accepted(encoded(stored, name, exif=exif))
    assert (taken.width, taken.height) == (64, 48)
    assert corners(shown(taken)) == UPRIGHT


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_there_is_not_turns_nothing(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert corners(shown(accepted(encoded(picture(), exif=exif)))) == UPRIGHT


def test_nothing_of_what_the_camera_wrote_is_left() -> None:
    exif = Image.Exif()
    exif[0x010E] = "secret-description"
    exif.get_ifd(0x8825)[2] = (31.0, 51.0, 40.0)
    content = encoded(
        picture(), exif=exif, comment=b"secret-comment", xmp=b"<x:xmpmeta>secret-xmp</x:xmpmeta>",
        icc_profile=b"secret-profile" * 20,
    )  # fmt: skip
    assert content.count(b"secret") >= 4
    printed = accepted(content).jpeg
    assert b"secret" not in printed
    assert b"Exif" not in printed
    assert set(shown(accepted(content)).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert not shown(accepted(content)).getexif()


def test_odd_metadata_is_no_reason_to_refuse_a_photo() -> None:
    content = encoded(picture(), exif=b"Exif\0\0MM\0*\xff\xff\xff\xff" + bytes(range(256)))
    assert corners(shown(accepted(content))) == UPRIGHT


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "1", "I;16", "CMYK"])
def test_grey_indexed_clear_and_print_colours_come_out_plain(mode: str) -> None:
    flat = Image.new("I;16", (40, 30), 200 << 8) if mode == "I;16" else Image.new("L", (40, 30), 255).convert(mode)
    image = shown(accepted(encoded(flat, "JPEG" if mode == "CMYK" else "PNG")))
    assert image.mode == "RGB"
    wanted = 200 if mode == "I;16" else 255
    assert all(abs(value - wanted) < 8 for value in image.getpixel((20, 15)))  # type: ignore[union-attr]


def test_what_is_clear_is_white() -> None:
    image = shown(accepted(encoded(Image.new("RGBA", (40, 30), (0, 0, 0, 0)), "PNG")))
    assert min(image.getpixel((20, 15))) > 247  # type: ignore[type-var, arg-type]


def test_the_same_file_gives_the_same_bytes_in_every_process() -> None:
    content = encoded(picture(2000, 1500), "PNG")
    assert accepted(content) == accepted(content)
    code = (
        "import sys, hashlib; from engine.inspections.photos import read_photo;"
        "print(hashlib.sha256(read_photo(sys.stdin.buffer.read()).jpeg).hexdigest())"
    )
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code], input=content, capture_output=True, check=True, cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert done.stdout.decode().strip() == hashlib.sha256(accepted(content).jpeg).hexdigest()


# ── what is not


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (encoded(picture(), "GIF"), "GIF"),
        (encoded(picture(), "BMP"), "BMP"),
        (encoded(picture(), "TIFF"), "TIFF"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "SVG"),
        (b'\xef\xbb\xbf  <svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b"<!doctype html><img src=x>", "网页"),
        (b"\0\0\0\x18ftypheic\0\0\0\0heicmif1", "HEIC"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x20ftypisom\0\0\0\0isom", "视频"),
        (b"%PDF-1.7\n", "PDF"),
        (b"PK\3\4" + bytes(40), "压缩包"),
        ("这是文字，不是照片".encode(), "不是照片"),
        (b"", "不是照片"),
        (b"\xff\xd8\xff", "不是照片"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "PostScript"),
        (b"P6 1 1 255\n\0\0\0", "不是照片"),
    ],
)
def test_what_is_no_photo_is_refused_by_its_name(content: bytes, named: str) -> None:
    assert named in refused(content).reason


def test_heic_is_told_what_to_do() -> None:
    todo = refused(b"\0\0\0\x18ftypheic\0\0\0\0heicmif1").todo
    assert "JPEG" in todo
    assert "原件留存" in todo


@pytest.mark.parametrize("name", ["PNG", "WEBP"])
def test_pictures_that_move_are_refused(name: str) -> None:
    content = encoded(picture(), name, save_all=True, append_images=[Image.new("RGB", (64, 48), "black")])
    assert "动图" in refused(content).reason


def test_a_bomb_is_refused_by_its_head() -> None:
    side = int(MAX_PIXELS["PNG"] ** 0.5) + 1
    whole = png(side, side, data=zeros(side * (side + 1)))
    assert len(whole) < 200_000, "a bomb is small"
    for content in (whole, png(50_000, 50_000), png(2**31 - 1, 2**31 - 1)):
        assert "像素过多" in refused(content).reason
    side = 15_000
    head = bytearray(encoded(picture()))
    at = head.index(b"\xff\xc0") + 5
    head[at : at + 4] = struct.pack(">HH", side, side)
    assert side * side > MAX_PIXELS["JPEG"]
    assert "像素过多" in refused(bytes(head)).reason
    webp = bytearray(encoded(picture(), "WEBP", lossless=True))
    webp[21:25] = struct.pack("<I", 16_383 | 16_383 << 14)
    assert "像素过多" in refused(bytes(webp)).reason


def test_as_many_pixels_as_are_allowed_are_read() -> None:
    width, height = 10_000, MAX_PIXELS["PNG"] // 10_000
    taken = accepted(png(width, height, data=zeros(height * (width + 1))))
    assert taken.width == LONGEST_EDGE


@pytest.mark.parametrize(
    "name", [b"iCCP", *(pytest.param(name, marks=pytest.mark.long) for name in (b"zTXt", b"iTXt"))]
)
def test_a_bomb_in_the_metadata_is_not_unpacked(name: bytes) -> None:
    packed = zeros(300_000_000)
    body = b"x\0\1\0\0\0" + packed if name == b"iTXt" else b"x\0\0" + packed
    content = png(8, 8, chunk(name, body), data=zlib.compress(bytes(72)))
    read_photo(JPEG)  # what is loaded once does not count
    tracemalloc.start()
    read_photo(content)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 50_000_000


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_of_endless_passes_is_refused(progressive: bool) -> None:
    whole = encoded(picture(200, 150), progressive=progressive)
    first = whole.index(b"\xff\xda")
    head = whole[first : first + 2 + int.from_bytes(whole[first + 2 : first + 4], "big")]
    assert "扫描" in refused(whole[:-2] + head * MAX_SCANS + whole[-2:]).reason
    behind = accepted(whole + head * MAX_SCANS)
    assert behind == accepted(whole), "what stands behind the picture is not looked at"


def test_a_strip_is_no_photo() -> None:
    assert "长宽" in refused(encoded(Image.new("RGB", (5000, 2)))).reason


def test_a_file_may_be_just_so_large() -> None:
    photo = encoded(picture())
    assert accepted(photo + bytes(MAX_PHOTO_BYTES - len(photo)))
    assert "50 MB" in refused(photo + bytes(MAX_PHOTO_BYTES - len(photo) + 1)).reason


@pytest.mark.parametrize("lenient", [True, False])
def test_a_cut_photo_is_refused_though_the_renderer_takes_it(lenient: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """WeasyPrint tells Pillow to fill up what is missing, for the whole process."""
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", lenient)
    refused(JPEG[: len(JPEG) // 2])
    assert ImageFile.LOAD_TRUNCATED_IMAGES is lenient


JPEG = encoded(picture(200, 150))


@given(st.integers(1, len(JPEG) - 1))
def test_a_jpeg_that_ends_too_early_is_refused(end: int) -> None:
    refused(JPEG[:end])


@given(st.sampled_from(["PNG", "WEBP"]), st.floats(0, 0.95))
def test_so_are_the_others(name: str, part: float) -> None:
    whole = OTHERS[name]
    refused(whole[: int(len(whole) * part)])


OTHERS = {name: encoded(Image.effect_noise((120, 90), 90).convert("RGB"), name) for name in ("PNG", "WEBP", "JPEG")}


@given(
    st.sampled_from(sorted(OTHERS)),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_whatever_is_broken_a_photo_or_a_reason_comes_out(name: str, changes: list[tuple[int, int]]) -> None:
    content = bytearray(OTHERS[name])
    for place, value in changes:
        content[place % min(len(content), 1500)] = value
    taken = read_photo(bytes(content))
    if isinstance(taken, Print):
        assert max(shown(taken).size) <= LONGEST_EDGE
    else:
        assert taken.reason
        assert taken.todo


@given(st.binary(max_size=200), st.sampled_from([b"", PNG_HEAD, b"\xff\xd8\xff\xe1", b"RIFF\0\0\0\0WEBPVP8X"]))
def test_noise_is_refused(noise: bytes, head: bytes) -> None:
    refused(head + noise)

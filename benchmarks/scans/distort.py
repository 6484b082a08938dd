"""What scanning does to a page, condition by condition, from a seed."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
Random = np.random.Generator


def _warped(page: Image, to: npt.NDArray[np.float64], size: tuple[int, int], ground: int = 205) -> Image:
    border = (ground,) * 3 if page.ndim == 3 else ground
    return cv2.warpPerspective(page, to, size, flags=cv2.INTER_LINEAR, borderValue=border).astype(np.uint8)


def _turned(page: Image, degrees: float, room: float = 1.09, ground: int = 205) -> Image:
    height, width = page.shape[:2]
    size = (round(width * room), round(height * room))
    turn = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1), (0, 0, 1)])
    turn[0, 2] += (size[0] - width) / 2
    turn[1, 2] += (size[1] - height) / 2
    return _warped(page, turn, size, ground)


def flat(page: Image, random: Random) -> Image:
    return _sensor(_turned(page, float(random.uniform(-0.4, 0.4)), 1.02), random)


def _sensor(page: Image, random: Random, strength: float = 2.5) -> Image:
    noise = np.empty(page.shape[:2], np.int16)
    cv2.setRNGSeed(int(random.integers(2**31)))
    cv2.randn(noise, -2, strength)
    if page.ndim == 3:
        noise = np.repeat(noise[..., None], 3, axis=2)
    return np.asarray(cv2.add(page, noise, dtype=cv2.CV_8U), np.uint8)


def rotated(page: Image, random: Random) -> Image:
    degrees = float(random.choice([-1, 1]) * random.uniform(2, 4))
    return _sensor(_turned(page, degrees + float(random.choice([0, 0, 180])), 1.09), random)


def perspective(page: Image, random: Random) -> Image:
    height, width = page.shape[:2]
    edge = 0.06
    corners = np.array([(0, 0), (width, 0), (0, height), (width, height)], np.float32)
    moved = corners * (1 - 2 * edge) + edge * np.array([width, height], np.float32)
    moved += (random.uniform(-0.035, 0.035, (4, 2)) * width).astype(np.float32)
    return _sensor(_warped(page, cv2.getPerspectiveTransform(corners, moved), (width, height), 120), random)


def noisy(page: Image, random: Random) -> Image:
    return _sensor(_turned(page, float(random.uniform(-1, 1)), 1.04), random, 16)


def blurred(page: Image, random: Random) -> Image:
    soft = cv2.GaussianBlur(page, (0, 0), page.shape[1] / 1654 * float(random.uniform(1.2, 2.0)))
    return _sensor(_turned(soft.astype(np.uint8), float(random.uniform(-1, 1)), 1.04), random)


def jpeg(page: Image, random: Random) -> Image:
    """JPEG of quality 60, as scanners make it."""
    _, packed = cv2.imencode(".jpg", flat(page, random), [cv2.IMWRITE_JPEG_QUALITY, 60])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_UNCHANGED), np.uint8)


def shadowed(page: Image, random: Random) -> Image:
    """Light from one side, the shadow of a hand, a dark gutter."""
    image = _turned(page, float(random.uniform(-1, 1)), 1.03)
    height, width = image.shape[:2]
    x, y = np.meshgrid(np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32))
    angle = float(random.uniform(0, 2 * np.pi))
    light = 0.78 + 0.22 * (x * np.cos(angle) + y * np.sin(angle)) / 1.4
    cx, cy, r = random.uniform(-0.8, 0.8), random.uniform(-0.8, 0.8), random.uniform(0.3, 0.6)
    edge = np.hypot(x - cx, y - cy) - r
    light *= 1 - 0.3 / (1 + np.exp(edge * float(random.uniform(12, 40))))
    light = np.clip(light, 0.25, 1)
    return _sensor((image * (light[..., None] if image.ndim == 3 else light)).astype(np.uint8), random)


def strayed(page: Image, random: Random) -> Image:
    """Dots, hairs, short strokes and spots of toner anywhere, as dark as pen."""
    image = page.copy()
    height, width = image.shape[:2]
    mm = width / 210 if height > width else width / 297
    for _ in range(int(random.integers(40, 80))):
        x, y = random.uniform(0, width), random.uniform(0, height)
        kind = random.integers(3)
        shade = float(random.uniform(20, 150))
        colour = (shade,) * 3
        if kind == 0:
            cv2.circle(
                image, (round(x), round(y)), max(1, round(random.uniform(0.1, 0.45) * mm)), colour, -1, cv2.LINE_AA
            )
        elif kind == 1:
            dx, dy = random.normal(0, 2.5 * mm, 2)
            cv2.line(
                image,
                (round(x), round(y)),
                (round(x + dx), round(y + dy)),
                colour,
                max(1, round(0.2 * mm)),
                cv2.LINE_AA,
            )
        else:
            cv2.ellipse(
                image,
                ((x, y), (random.uniform(2, 8) * mm, random.uniform(2, 8) * mm), random.uniform(0, 180)),
                colour,
                max(1, round(0.12 * mm)),
            )
    return flat(image, random)


def folded(page: Image, random: Random) -> Image:
    """Lines of folds across the page, grey, with a step of light at each."""
    image = page.astype(np.float32)
    height, width = image.shape[:2]
    for across in (True, False):
        size = height if across else width
        at = size * float(random.uniform(0.3, 0.7))
        wave = at + np.cumsum(random.normal(0, 0.15, width if across else height)).astype(np.float32)
        away = np.arange(size, dtype=np.float32)[:, None] - wave[None]
        line = 1 - float(random.uniform(0.15, 0.4)) * np.exp(-((away / (size / 297 * 0.22)) ** 2))
        shade = 1 - 0.06 * (away > 0)
        both = line * shade if across else (line * shade).T
        image *= both[..., None] if image.ndim == 3 else both
    return flat(image.astype(np.uint8), random)


def faxed(page: Image, random: Random) -> Image:
    """One bit a pixel, at a threshold that is not quite right, with specks."""
    image = _sensor(_turned(page, float(random.uniform(-1, 1)), 1.03), random, 8)
    image = np.asarray(image.min(axis=2) if image.ndim == 3 else image)
    binary = np.where(image < float(random.uniform(135, 190)), 0, 255).astype(np.uint8)
    specks = random.random(binary.shape, np.float32)
    binary[specks < 0.0008] = 0
    binary[specks > 0.9992] = 255
    return binary


def bordered(page: Image, random: Random) -> Image:
    """The black edge of a scanner, and some of the paper cut off."""
    image = _turned(page, float(random.uniform(-1.2, 1.2)), 1.06, 25)
    height, width = image.shape[:2]
    left, right = random.uniform(0.0, 0.04, 2) * width
    top, bottom = random.uniform(0.0, 0.04, 2) * height
    return _sensor(image[round(top) : round(height - bottom), round(left) : round(width - right)], random)


def shrunk(page: Image, random: Random) -> Image:
    """Printed at 97 % by a driver that fits pages to paper."""
    height, width = page.shape[:2]
    dx, dy = random.uniform(0, 0.03, 2)
    to = np.array([[0.97, 0, dx * width], [0, 0.97, dy * height], [0, 0, 1]])
    return flat(_warped(page, to, (width, height), 255), random)


def photographed(page: Image, random: Random) -> Image:
    """Everything at once, mildly: aside, shadow, blur, JPEG 60."""
    image = perspective(page, random)
    image = shadowed(cv2.GaussianBlur(image, (0, 0), image.shape[1] / 1654 * 0.9).astype(np.uint8), random)
    _, packed = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 60])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_UNCHANGED), np.uint8)


COLOURED = ("JPEG 60", "photographed")
"""Conditions that treat colours apart; elsewhere the darkest colour is all that the reader looks at."""
FADING, LEGIBLE = ("1-bit fax",), 0.5
"""Conditions in which a pen paler than this leaves nothing or crumbs: no tick of it is clean."""
CONDITIONS: dict[str, Callable[[Image, Random], Image]] = {
    "flat": flat, "rotated 2-4 degrees": rotated, "perspective": perspective, "noise": noisy, "blur": blurred,
    "JPEG 60": jpeg, "shadow": shadowed, "stray marks": strayed, "folds": folded, "1-bit fax": faxed,
    "black border, cropped": bordered, "printed at 97 %": shrunk, "photographed": photographed,
}  # fmt: skip

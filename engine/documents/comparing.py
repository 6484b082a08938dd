"""A file compared with the paper printed again, by what both show and do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.documents.carried import word
from engine.documents.page_marks import Hiding
from engine.documents.pdf_reading import ShownPdf
from engine.documents.text import one_line

_OF_SIGNATURES = ("signature", "stamp", "blank")
_TITLES = {
    "/AF": "附件关联", "/Names/EmbeddedFiles": "附件的名称和说明", "/Outlines": "书签",
    "/OutputIntents": "色彩说明", "/Metadata": "元数据", "/Info/Title": "标题", "/Lang": "语言",
}  # fmt: skip


def differences(
    given: ShownPdf, again: ShownPdf, hiding: tuple[Sequence[Hiding], Sequence[Hiding]] | None
) -> Iterator[str]:
    """Yield in Chinese what a file shows or does that the paper does not.

    hiding: what may hide text on the pages of both, where another program printed the paper: then lines and glyphs may
    differ, and only that is compared.
    """
    if given.total != again.total:
        yield f"文件有 {given.total} 页，按附件应为 {again.total} 页"
    for number, (one, other) in enumerate(zip(given.pages, again.pages, strict=False), 1):
        if one.text != other.text:
            yield f"第 {number} 页的文字与附件不符：{_difference(one.text, other.text)}"
        elif one.drawing != other.drawing:
            if hiding is None:
                yield f"第 {number} 页文字相同，但线条、字形或图像改动过"
            else:
                more = hiding[0][number - 1] - hiding[1][number - 1]
                if more:
                    yield f"第 {number} 页文字相同，但有按附件打印时没有的：{one_line('、'.join(sorted(more)))[:120]}"
        strange = sorted({kind for kind in one.annotations if kind not in _OF_SIGNATURES})
        if strange:
            yield f"第 {number} 页上加了批注或表单（{one_line('、'.join(strange))[:60]}）"
    if given.images != again.images:
        yield "文件中的图像与按附件重新打印的不同"
    yield from _beside(given, again, same_maker=hiding is None)


def unread_on(given: ShownPdf) -> Iterator[str]:
    """Yield in Chinese what signatures put on the pages that was not compared."""
    for number, page in enumerate(given.pages, 1):
        if "blank" in page.annotations:
            yield f"第 {number} 页上有没有签的电子签名栏，没有核对"
        if "stamp" in page.annotations:
            yield f"第 {number} 页上有电子签名的图样（签章），图样没有核对"


def _beside(given: ShownPdf, again: ShownPdf, *, same_maker: bool) -> Iterator[str]:
    """Yield what differs beside the pages: of another maker, what it lists, but not each word of it."""
    one, other = given.beside, again.beside
    added = sorted({*(one.values.keys() - other.values.keys()), *one.added})
    if added:
        yield f"文件加了打印时没有的功能（{one_line('、'.join(added))[:60]}）"
    changed = {key for key, value in other.values.items() if one.values.get(key) != value}
    if not same_maker:
        changed = {key for key in changed if key not in one.values}
        text = "".join("".join(page.text for page in given.pages).split())
        known = {*other.titles}
        if any(title not in known and "".join(title.split()) not in text for title in one.titles):
            changed.add("/Outlines")
    if one.files != other.files:
        changed.add("/AF")
    if changed:
        titles = "、".join(_TITLES.get(key, one_line(key)) for key in sorted(changed))
        yield f"文件的{titles[:80]}与打印时的不同"


def _difference(one: str, other: str, width: int = 16) -> str:
    """Return in Chinese where two texts begin to differ."""
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    start = max(0, at - 6)
    return f"文件上是“{word(one[start : at + width])}”，按附件应为“{word(other[start : at + width])}”"

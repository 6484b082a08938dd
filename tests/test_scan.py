"""Scanned paper: pages made up from the printed checklist, filled in by a seeded hand, are read or doubted, never wrong."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import yaml
from PIL import Image
from support_answers import PLACE, checklist_of, findings, opened
from support_documents import Invoke, Run

from benchmarks.scans.counting import Counts, count, upper_bound
from benchmarks.scans.distort import CONDITIONS, FADING, LEGIBLE
from benchmarks.scans.marks import HELD_OUT, HELD_OUT_PENS, Hand, Pen, scribble, straight_tick
from benchmarks.scans.pages import Filled, Meant, Printed, choose, filled_page, printed, rasterised, seeds
from engine.answering.data import DataDocument
from engine.answering.head import head_text, opener
from engine.documents.qr import page_code
from engine.inspections.opening import open_answers
from engine.model.sheet import Site
from engine.problems import Mark, Problem
from engine.scanning.corners import find_corners
from engine.scanning.images import scanned_pages
from engine.scanning.layouts import read_layouts
from engine.scanning.registering import Registered, Unregistered, outline_shifts, register

DAY = date(2024, 1, 15)
HAND = Hand("plain tick", straight_tick, scribble)
PEN = Pen(0.5, 0.85)
DENSE = (3, 7)
"""Pages of the retail list that are read in samples: boxes in lines of text, and a table of them."""


@cache
def retail(name: str = "") -> Printed:
    checklist = checklist_of("2024", "retail-pharmacy", DAY)
    if name:
        checklist = checklist.model_copy(update={"site": Site(name=name, attributes=checklist.site.attributes)})
    return printed(checklist)


def nothing(of: Printed) -> Filled:
    """Return a sheet that nobody marked."""
    return Filled({(b.field, b.number): Meant(False, "empty") for b in of.layout.boxes}, frozenset())


def ticked(
    of: Printed, *marks: tuple[str, int], blanks: Sequence[str] = (), out: Sequence[tuple[str, int]] = ()
) -> Filled:
    """Return a sheet with these boxes ticked (field, number of the box), those of out crossed out again."""
    assert {*marks, *out} <= set(nothing(of).boxes)
    boxes = dict(nothing(of).boxes) | {mark: Meant(True, "clean") for mark in marks}
    return Filled(boxes | {mark: Meant(False, "crossed-out") for mark in out}, frozenset(blanks))


def scan(
    of: Printed, filled: Filled, pages: Sequence[int], how: str = "flat", seed: int = 1, dpi: int = 150
) -> list[np.ndarray]:
    """Return pages scanned."""
    found = []
    for number in pages:
        random = seeds(seed, how, number)
        page = filled_page(rasterised(of.pdf, dpi, number), of.layout, number, filled, HAND, PEN, random)
        found.append(CONDITIONS[how](page, random))
    return found


def pdf_of(images: Sequence[np.ndarray]) -> bytes:
    """Return a PDF as scanners write it: one JPEG a page."""
    pictures = [Image.fromarray(image) for image in images]
    out = io.BytesIO()
    pictures[0].save(out, "PDF", save_all=True, append_images=pictures[1:], resolution=150, quality=85)
    return out.getvalue()


def codes(*of: Printed) -> dict[str, Any]:
    return {p.layout.code(p.checklist, plan.number): (p.layout, plan) for p in of for plan in p.layout.pages}


def layout_file(path: Path, *of: Printed) -> Path:
    contents = [json.loads(p.content) for p in of]
    whole: Any = contents[0] if len(contents) == 1 else {"kind": "layouts", "schema": 1, "layouts": contents}
    path.write_text(json.dumps(whole, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.fixture
def run_scan(invoke: Invoke) -> Any:
    """Run answers scan over files; return how it went and what it wrote to."""

    def run(tmp_path: Path, of: Sequence[Printed], *files: tuple[str, bytes], folder: bool = False) -> tuple[Run, Path]:
        return _run_scan(invoke, tmp_path, of, *files, folder=folder)

    return run


def _run_scan(
    invoke: Invoke, tmp_path: Path, of: Sequence[Printed], *files: tuple[str, bytes], folder: bool = False
) -> tuple[Run, Path]:
    layout = layout_file(tmp_path / "版面.json", *of)
    paths = []
    for name, content in files:
        (tmp_path / name).write_bytes(content)
        paths.append(tmp_path / name)
    target = tmp_path / ("答卷" if folder else "答卷.yaml")
    run = invoke(
        "answers", "scan", *paths, "--layout", layout, "-o", target, "--by", "张三", "--at", "2024-01-15 16:30"
    )
    return run, target


def read(path: Path) -> dict[str, Any]:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(data, dict)
    return data


EVERY = list(range(1, 9))
SOME = (1, 2, 3)
MARKS = (
    ("YD-01.answer", 0), ("YD-02.answer", 1), ("YD-02.detail.fault.1", 0), ("YD-03.answer", 1),
    ("YD-09.answer", 2), ("YD-11.answer", 1), ("YD-11.detail.fault.2", 0), ("YD-10.not_applicable", 0),
    ("YD-08.answer", 0), ("YD-25.answer", 0),
)  # fmt: skip


# ── how often it is right


@pytest.mark.parametrize(("turn", "condition"), list(enumerate(CONDITIONS)), ids=list(CONDITIONS))
def test_a_sample_of_each_condition_is_never_wrong_without_a_word(turn: int, condition: str) -> None:
    """Hands and pens that the reader was not tuned on; the full count is benchmarks/scans/scan.py."""
    boxes = 360 if condition == "flat" else 120
    legible = [pen for pen in HELD_OUT_PENS if condition not in FADING or pen.dark >= LEGIBLE]
    hands, pens = ([*all_of[turn % 6 :], *all_of[: turn % 6]] for all_of in (list(HELD_OUT), legible))
    found = count(condition, [retail()], hands, pens, boxes, 5, pages=DENSE)
    assert found.boxes >= boxes
    assert (found.wrong, found.misplaced, found.lost) == (0, 0, 0), found.examples
    assert found.doubtful <= 0.2 * found.boxes
    assert found.clean_doubtful <= 2 + 0.05 * found.clean, "of a small sample; the bound of the full count is 3 %"
    assert found.blanks["missed"] <= 1


def test_what_one_bit_a_pixel_may_have_lost_is_in_doubt() -> None:
    """A pencil leaves nothing or crumbs: no box without a mark is taken for empty."""
    found = count("1-bit fax", [retail()], [HAND], [Pen(0.6, 0.38)], 240, 5, pages=DENSE)
    assert found.wrong == 0, found.examples
    assert found.doubtful > 0.5 * found.boxes


@pytest.mark.long
@pytest.mark.parametrize("condition", list(CONDITIONS))
def test_ten_thousand_boxes_of_each_condition(condition: str) -> None:
    found = count(condition, [retail()], HELD_OUT, HELD_OUT_PENS, 10_000, 7)
    assert found.wrong_at_most <= 1 / 2000, found.examples
    assert found.misplaced == 0
    assert found.doubtful <= 0.15 * found.boxes
    assert found.clean_doubtful <= 0.03 * found.clean


@pytest.mark.parametrize("dpi", [150, 300])
def test_other_resolutions_are_read_too(dpi: int) -> None:
    found = count("JPEG 60", [retail()], HELD_OUT, HELD_OUT_PENS, 120, 9, dpi, pages=(3,))
    assert (found.wrong, found.lost) == (0, 0), found.examples


def test_the_bound_is_that_of_clopper_and_pearson() -> None:
    assert upper_bound(0, 10_000) == pytest.approx(1 - 0.05 ** (1 / 10_000), rel=1e-6)
    assert upper_bound(1, 10_000) == pytest.approx(4.743e-4, rel=1e-3)


# ── pages find their place


@pytest.mark.parametrize("how", ["flat", "rotated 2-4 degrees", "perspective", "printed at 97 %", "photographed"])
def test_a_page_lies_where_it_was_printed(how: str) -> None:
    """The outline of every box is found within half a millimetre of where the layout says it is."""
    of = retail()
    for number, image in zip((2, 7), scan(of, nothing(of), (2, 7), how, dpi=200), strict=True):
        page = register(_grey(image), [of.layout], codes(of))
        assert isinstance(page, Registered)
        assert page.plan.number == number
        boxes = [b.box for b in of.layout.boxes if b.page == number]
        shifts, seen = outline_shifts(
            page.patches([(b.x + b.width / 2, b.y + b.height / 2) for b in boxes], 3.2), 4.05, 0.9
        )
        assert np.hypot(*shifts.T).max() < 0.5
        assert seen.min() > 0.2


def _grey(image: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(image.min(axis=2)) if image.ndim == 3 else image


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_page_may_lie_any_way_round(turns: int) -> None:
    of = retail()
    (image,) = scan(of, nothing(of), (3,))
    page = register(np.ascontiguousarray(np.rot90(image, turns)), [of.layout], codes(of))
    assert isinstance(page, Registered)
    at = page.place_of([(10.0, 10.0), (200.0, 10.0)])
    assert np.hypot(*(at[1] - at[0])) == pytest.approx(190 * image.shape[1] / 210, rel=0.03)


@pytest.mark.parametrize("missing", range(4))
def test_one_mark_may_be_missing(missing: int) -> None:
    of = retail()
    (image,) = scan(of, ticked(of, ("YD-09.answer", 0)), (3,), "rotated 2-4 degrees", dpi=200)
    (whole,) = find_corners(_grey(image), of.layout.pages)[:1]
    x, y = whole.points[missing]
    cv2.circle(image, (round(x), round(y)), 40, (240, 240, 240), -1)
    page = register(_grey(image), [of.layout], codes(of))
    assert isinstance(page, Registered)
    assert page.outlines > 0.95


def test_a_code_of_another_checklist_is_not_taken_for_one_of_ours() -> None:
    of = retail()
    (image,) = scan(of, nothing(of), (3,), "1-bit fax", dpi=200)
    assert isinstance(register(_grey(image), [of.layout], _other_codes(of)), Unregistered)


def _other_codes(of: Printed) -> dict[str, Any]:
    """Return the codes that the pages of a checklist with another number would have."""
    layout = of.layout
    found = {}
    for plan in layout.pages:
        said = page_code(layout.campaign, of.checklist.type.code, layout.lock, layout.checklist[::-1], plan.number)
        found[said] = (layout, plan)
    return found


# ── the whole way


def test_boxes_come_in_as_the_same_answers(tmp_path: Path, run_scan: Any) -> None:
    of = retail()
    run, target = run_scan(tmp_path, [of], ("扫描.pdf", pdf_of(scan(of, ticked(of, *MARKS), EVERY))))
    assert run.code == 0, run.said
    sheet = read(target)
    assert sheet["answers"] == {
        "YD-01": "是", "YD-02": {"answer": "否", "fault": ["超出经营范围"]}, "YD-03": "不在岗已挂牌停售",
        "YD-09": "不适用", "YD-11": {"answer": "否", "fault": ["缺少专用标识"]}, "YD-10": "不适用", "YD-08": [],
        "YD-25": "是",
    }  # fmt: skip
    assert "unsettled" not in sheet
    (source,) = sheet["provenance"]["sources"]
    assert (source["way"], source["file"], source["by"], source["at"]) == (
        "scan",
        "扫描.pdf",
        "张三",
        "2024-01-15 16:30",
    )
    scanned, problems = open_answers(PLACE, target)
    assert scanned is not None, problems
    typed = {name: value for name, value in sheet.items() if name != "provenance"}
    assert findings(scanned) == findings(opened(DataDocument("答卷.json", typed)))


def test_random_sheets_come_in_as_they_were_meant(tmp_path: Path, run_scan: Any) -> None:
    """Each field that is sure says what was meant, whatever else the page holds."""
    of = retail()
    filled = choose(of.layout, HAND, np.random.default_rng(3), corrected=0.05, written=0.0)
    run, target = run_scan(tmp_path, [of], ("扫描.pdf", pdf_of(scan(of, filled, EVERY, "rotated 2-4 degrees"))))
    sheet = read(target)
    for code, answer in sheet["answers"].items():
        meant = [
            o.option for o in of.layout.boxes if o.field == f"{code}.answer" and filled.boxes[o.field, o.number].ticked
        ]
        value = answer["answer"] if isinstance(answer, dict) else answer
        if meant and isinstance(value, str) and value != "不适用":
            assert value == meant[0], code
    assert "待确认" in run.out


def test_a_corrected_box_waits_for_a_person(tmp_path: Path, run_scan: Any, invoke: Invoke) -> None:
    of = retail()
    filled = ticked(of, ("YD-09.answer", 0), ("YD-11.answer", 0), out=[("YD-09.answer", 1)])
    run, target = run_scan(tmp_path, [of], ("扫描.pdf", pdf_of(scan(of, filled, SOME))))
    sheet = read(target)
    assert sheet["answers"] == {"YD-11": "是"}
    waiting = sheet["unsettled"]["YD-09"]
    assert waiting["kind"] == "unsure"
    assert "“否” " in waiting["why"]
    assert "涂改" in waiting["why"]
    assert "，另勾了 “是”" in waiting["why"]
    assert waiting["candidates"][0]["answer"] == "是"
    assert "待确认 YD-09" in run.out
    refused = invoke("evaluate", target)
    assert refused.code == 1
    assert "E640 YD-09 待确认" in refused.err


def test_two_ticks_in_one_question_wait_for_a_person(tmp_path: Path, run_scan: Any) -> None:
    of = retail()
    filled = ticked(of, ("YD-09.answer", 0), ("YD-09.answer", 1))
    _, target = run_scan(tmp_path, [of], ("扫描.pdf", pdf_of(scan(of, filled, SOME))))
    waiting = read(target)["unsettled"]["YD-09"]
    assert "勾了 2 个：是、否" in waiting["why"]
    assert {each.get("answer") for each in waiting["candidates"]} == {"是", "否", None}


def test_what_contradicts_itself_on_the_paper_waits_for_a_person(tmp_path: Path, run_scan: Any) -> None:
    of = retail()
    filled = ticked(of, ("YD-02.answer", 0), ("YD-02.detail.fault.1", 0), ("YD-10.not_applicable", 0))
    run, target = run_scan(tmp_path, [of], ("扫描.pdf", pdf_of(scan(of, filled, SOME))))
    sheet = read(target)
    assert run.code == 0, run.said
    assert "答了“是”，又勾选了" in sheet["unsettled"]["YD-02"]["why"]
    assert sheet["answers"] == {"YD-10": "不适用"}


def test_handwriting_is_cut_out_and_keeps_its_item_waiting(tmp_path: Path, run_scan: Any) -> None:
    of = retail()
    filled = ticked(of, ("YD-10.detail.kept", 0), ("YD-09.answer", 0), blanks=["YD-10.answer", "YD-09.note", "site.name", "trace.1.batch", "visit.date"])  # fmt: skip
    run, target = run_scan(tmp_path, [of], ("扫描.pdf", pdf_of(scan(of, filled, (1, 3, 7), dpi=200))))
    sheet = read(target)
    names = {"YD-10.answer.png", "YD-09.note.png", "site.name.png", "trace.1.batch.png", "visit.date.png"}
    folder = target.with_name("答卷.pictures")
    assert {path.name for path in folder.iterdir()} == names
    assert set(sheet["provenance"]["pictures"]) == {f"答卷.pictures/{name}" for name in names}
    for path in folder.iterdir():
        assert min(cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE).shape) > 30
    assert set(sheet["unsettled"]) == {"YD-10", "trace"}
    assert "第 3 页手写内容待录入：图 YD-10.answer.png" in sheet["unsettled"]["YD-10"]["why"]
    assert sheet["unsettled"]["YD-10"]["candidates"][0]["answer"] == {"answer": None, "kept": "是"}
    assert sheet["answers"] == {"YD-09": "是"}, "a note changes no finding; it is to be typed all the same"
    for words in ("待录入 第 1 页 单位名称：图 site.name.png", "待录入 第 3 页 YD-09 备注"):
        assert words in run.out
    assert "检查日期先按出表时的 2024-01-15 记" in run.err


# ── pages that are missing, twice, out of order, of others


def test_missing_pages_are_told_and_their_items_are_not_answered(tmp_path: Path, run_scan: Any) -> None:
    of = retail()
    pages = [number for number in EVERY if number != 2]
    run, target = run_scan(tmp_path, [of], ("扫描.pdf", pdf_of(scan(of, ticked(of, *MARKS), pages))))
    assert run.code == 0
    assert "没有扫到第 2 页（共 10 页）" in run.err, "page 9 has nothing to fill in"
    assert "YD-02" not in read(target)["answers"]
    assert read(target)["answers"]["YD-01"] == "是"


def test_pages_in_the_wrong_order_are_sorted_and_twice_is_told(tmp_path: Path, run_scan: Any) -> None:
    of = retail()
    images = scan(of, ticked(of, *MARKS), [3, 1, 2, 4, 5, 6, 7, 8])
    (other,) = scan(of, ticked(of, ("YD-09.answer", 0), *(m for m in MARKS if m[0] != "YD-09.answer")), [3], seed=2)
    run, target = run_scan(tmp_path, [of], ("一.pdf", pdf_of(images)), ("二.png", _png(other)))
    assert "页序与印刷的不同" in run.err
    assert "第 3 页扫描了不止一次" in run.err
    sheet = read(target)
    assert set(sheet["unsettled"]) == {"YD-09"}
    assert "两次读出的不同" in sheet["unsettled"]["YD-09"]["why"]
    assert sheet["answers"]["YD-11"] == {"answer": "否", "fault": ["缺少专用标识"]}


@pytest.mark.long
def test_two_sites_in_one_file_make_two_sheets(tmp_path: Path, run_scan: Any) -> None:
    first, second = retail("甲药房"), retail("乙/药房")
    images = scan(first, ticked(first, ("YD-09.answer", 0)), SOME) + scan(
        second, ticked(second, ("YD-09.answer", 1)), SOME
    )
    mixed = [images[n] for n in (0, 3, 2, 1, 5, 4)]
    run, folder = run_scan(tmp_path, [first, second], ("扫描.pdf", pdf_of(mixed)), folder=True)
    assert run.code == 0, run.said
    assert {p.name: read(p)["answers"] for p in folder.glob("*.yaml")} == {
        "甲药房.yaml": {"YD-09": "是"}, "乙_药房.yaml": {"YD-09": "否"},
    }  # fmt: skip


def test_a_page_of_another_site_is_named_and_ours_are_read(tmp_path: Path, run_scan: Any) -> None:
    first, second = retail("甲药房"), retail("乙/药房")
    images = scan(first, ticked(first, ("YD-09.answer", 0)), SOME) + scan(second, nothing(second), [3])
    run, target = run_scan(tmp_path, [first], ("扫描.pdf", pdf_of(images)))
    assert run.code == 1
    assert "扫描件第 4 页: E657 是另一家单位的第 3 页" in run.err
    assert "请用 --layout 再给出那一家的版面文件" in run.err
    assert read(target)["answers"] == {"YD-09": "是"}


def test_a_page_of_another_checklist_and_a_page_that_is_none_are_named(tmp_path: Path, run_scan: Any) -> None:
    of = retail()
    other = printed(checklist_of("2024", "retail-pharmacy", date(2024, 1, 15), has="cold"))
    images = [
        *scan(of, nothing(of), [3]),
        *scan(other, nothing(other), [3]),
        _no_page(),
        np.full((1754, 1240), 250, np.uint8),
    ]
    run, _ = run_scan(tmp_path, [of], ("扫描.pdf", pdf_of(images)))
    assert run.code == 1
    assert f"扫描件第 2 页: E657 是另一张检查表的第 3 页（检查表编号 {other.checklist.id}" in run.err
    assert "扫描件第 3 页: E657 看不出是检查表：没有找到四角的黑色方块" in run.err
    assert "第 4 页是空白页，略过" in run.err


def _no_page() -> np.ndarray:
    page = np.full((1754, 1240), 255, np.uint8)
    for row in range(100, 1700, 40):
        cv2.putText(page, "an invoice, not a checklist", (100, row), cv2.FONT_HERSHEY_SIMPLEX, 1, 0, 2)
    return page


# ── files


def _png(image: np.ndarray) -> bytes:
    return bytes(cv2.imencode(".png", image)[1])


def _saved(image: np.ndarray, kind: str, mode: str = "L", **options: Any) -> bytes:
    out = io.BytesIO()
    Image.fromarray(image).convert(mode).save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize(
    "save",
    [
        pytest.param(lambda i: _saved(i, "TIFF", "1", compression="group4"), id="fax"),
        pytest.param(lambda i: _saved(i, "JPEG", "CMYK"), id="cmyk"),
        pytest.param(lambda i: _saved(i, "PNG", "P"), id="palette"),
        pytest.param(lambda i: bytes(cv2.imencode(".png", i.astype(np.uint16) * 257)[1]), id="sixteen bits"),
        pytest.param(lambda i: _saved(i, "PDF", "1"), id="pdf of one bit"),
        pytest.param(lambda i: _saved(np.rot90(i), "JPEG", exif=_turned(6)), id="turned by its EXIF"),
        pytest.param(lambda i: _saved(i, "BMP"), id="bmp"),
    ],
)
def test_files_as_scanners_and_phones_write_them(save: Any) -> None:
    of = retail()
    (image,) = scan(of, nothing(of), (3,), dpi=200)
    (page,) = scanned_pages(save(image), "扫描件")
    assert not isinstance(page, Problem), page.render()
    assert isinstance(register(page.grey, [of.layout], codes(of)), Registered)
    assert page.grey.dtype == np.uint8


def _turned(orientation: int) -> Any:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def test_pages_of_one_tiff_come_one_by_one() -> None:
    images = [Image.fromarray(np.full((700, 500), shade, np.uint8)) for shade in (10, 200)]
    out = io.BytesIO()
    images[0].save(out, "TIFF", save_all=True, append_images=images[1:])
    found = list(scanned_pages(out.getvalue(), "扫描件"))
    assert [page.grey[0, 0] for page in found if not isinstance(page, Problem)] == [10, 200]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\0\0\0\x18ftypheic" + b"\0" * 40, "HEIC"),
        (b"%PDF-1.7\nnothing", "不是 PDF，或者已经损坏"),
        (b"GIF89a" + b"\0" * 40, "不是扫描的图像"),
        (_saved(np.zeros((700, 500), np.uint8), "JPEG")[:700], "损坏"),
        (b"", "不是扫描的图像"),
        (_saved(np.zeros((50, 40), np.uint8), "PNG"), "图像太小"),
    ],
    ids=["heic", "no pdf", "gif", "cut jpeg", "empty", "small"],
)
def test_other_files_are_refused_by_name(content: bytes, says: str) -> None:
    (found,) = scanned_pages(content, "扫描件")
    assert isinstance(found, Problem)
    assert found.code == "E658"
    assert says in found.render()


def test_a_picture_of_too_many_pixels_is_not_opened() -> None:
    """A megabyte of PNG that would unpack to four hundred megapixels."""
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    (found,) = scanned_pages(out.getvalue(), "扫描件")
    assert isinstance(found, Problem)
    assert "像素过多" in found.render()


def test_the_printed_pdf_itself_is_refused_with_what_to_do(tmp_path: Path, run_scan: Any) -> None:
    of = retail()
    run, target = run_scan(tmp_path, [of], ("印的.pdf", of.pdf))
    assert run.code == 1
    assert "这一页不是扫描的图像；电脑里填写的 PDF 用 answers read 读取" in run.err
    assert not target.exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [("{}", "这不是版面文件"), ("[", "这不是版面文件"), ('{"kind":"layout"}', "这不是版面文件")],
)
def test_a_layout_that_is_none_is_refused(content: str, says: str) -> None:
    layouts, problems = read_layouts(content.encode(), "版面.json")
    assert not layouts
    assert [p.code for p in problems] == ["E656"]
    assert says in problems[0].message


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda c: c["fields"][0].update(field="../../x"), id="a name that leads elsewhere"),
        pytest.param(lambda c: c["fields"][0].update(width=1e9), id="a huge cell"),
        pytest.param(lambda c: c["pages"][0]["marks"][1].update(x=6.0), id="marks in one place"),
        pytest.param(lambda c: c.update(more=1), id="a field more"),
    ],
)
def test_a_layout_that_was_tampered_with_is_refused(change: Any) -> None:
    content = json.loads(retail().content)
    change(content)
    layouts, problems = read_layouts(json.dumps(content).encode(), "版面.json")
    assert not layouts
    assert [p.code for p in problems] == ["E656"]


def test_a_layout_with_the_head_of_another_checklist_is_refused(tmp_path: Path, run_scan: Any) -> None:
    of = retail()
    other = json.loads(of.content) | {"head": head_text(checklist_of("2024", "clinic", DAY))}
    mixed = of._replace(content=json.dumps(other).encode())
    run, target = run_scan(tmp_path, [mixed], ("扫描.png", _png(scan(of, nothing(of), [3])[0])))
    assert run.code == 1
    assert "E656 版面文件不能用：里面的检查表与版面不是同一张" in run.err
    assert not target.exists()


@pytest.mark.parametrize("seed", range(6))
def test_a_damaged_scan_is_a_problem_and_never_a_crash(seed: int) -> None:
    """Bytes changed and cut anywhere in a PDF of two pages and in a TIFF."""
    random = np.random.default_rng(seed)
    for kind in ("PDF", "TIFF"):
        images = [Image.fromarray(np.full((700, 500), shade, np.uint8)) for shade in (90, 200)]
        out = io.BytesIO()
        images[0].save(out, kind, save_all=True, append_images=images[1:])
        for _ in range(25):
            content = bytearray(out.getvalue())
            for at in random.integers(0, len(content), int(random.integers(1, 8))):
                content[at] = int(random.integers(256))
            for page in scanned_pages(
                bytes(content[: int(random.integers(len(content) // 2, len(content) + 1))]), "扫描件"
            ):
                assert isinstance(page, Problem) or page.grey.ndim == 2


def test_an_old_layout_without_a_head_is_refused() -> None:
    content = json.loads(retail().content)
    content.pop("head")
    layouts, problems = read_layouts(json.dumps(content).encode(), "版面.json")
    assert not layouts
    assert "旧版程序" in problems[0].message


def test_a_layout_says_which_checklist_it_is() -> None:
    of = retail()
    assert of.layout.head == head_text(of.checklist)
    again, problems = opener(PLACE)(of.layout.head, Mark("版面.json"))
    assert again == of.checklist, problems


def test_without_opencv_the_command_says_what_to_install(
    tmp_path: Path, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.scanning.parts._PARTS", ("no_such_module",))
    layout = tmp_path / "版面.json"
    layout.write_text("{}", encoding="utf-8")
    run = invoke("answers", "scan", layout, "--layout", layout, "-o", tmp_path / "答卷.yaml")
    assert run.code == 1
    assert "E655" in run.err
    assert "pip install 'chunfeng[scan]'" in run.err


def test_the_same_scan_gives_the_same_files(tmp_path: Path, run_scan: Any) -> None:
    of = retail()
    content = pdf_of(scan(of, ticked(of, *MARKS, blanks=["YD-10.answer"]), [2, 3], dpi=150))
    written = []
    for name in ("一", "二"):
        (tmp_path / name).mkdir()
        _, target = run_scan(tmp_path / name, [of], ("扫描.pdf", content))
        written.append(
            {
                p.relative_to(target.parent).as_posix(): p.read_bytes()
                for p in (target, *target.with_name("答卷.pictures").iterdir())
            }
        )
    assert written[0] == written[1]


def test_counts_are_added_up() -> None:
    assert Counts(boxes=4, ticked=2, right_ticks=1, read_ticks=2).precision == 0.5
    assert Counts(boxes=4, ticked=2, right_ticks=1, read_ticks=2).recall == 0.5


def test_a_route_has_the_layout_of_each_site(tmp_path: Path, invoke: Invoke, run_scan: Any) -> None:
    """What is stamped on shared pages is read like pages of a site's own."""
    route = tmp_path / "路线.csv"
    route.write_text("单位名称,单位类型\n甲药房,药品零售企业\n乙药房,药品零售企业\n", encoding="utf-8")
    target, places = tmp_path / "路线.pdf", tmp_path / "版面.json"
    run = invoke("checklist", "retail-pharmacy", "--sites", route, "--campaign", "2024", "--date", "2024-01-15", "-o", target, "--layout-out", places)  # fmt: skip
    assert run.code == 0, run.said
    layouts, problems = read_layouts(places.read_bytes(), "版面.json")
    assert not problems
    assert [json.loads(layout.head)["site"]["name"] for layout in layouts] == ["甲药房", "乙药房"]
    assert all("site.name" not in {b.field for b in layout.blanks} for layout in layouts), "it is printed"
    second = Printed(retail().checklist, target.read_bytes(), b"", layouts[1])
    page = rasterised(second.pdf, 150, len(layouts[0].pages) + 3)
    marked = filled_page(page, layouts[1], 3, ticked(second, ("YD-09.answer", 1)), HAND, PEN, seeds(1, "route"))
    (tmp_path / "页.png").write_bytes(_png(marked))
    run = invoke("answers", "scan", tmp_path / "页.png", "--layout", places, "-o", tmp_path / "答卷")
    assert run.code == 0, run.said
    (sheet,) = (tmp_path / "答卷").glob("*.yaml")
    assert sheet.name == "乙药房.yaml"
    assert read(sheet)["answers"] == {"YD-09": "否"}

"""Images of signatures: printed where somebody signs, called what they are, compared again. And the scan of the paper."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from pypdf import PdfReader, PdfWriter
from support import ROOT
from support_documents import Paper, chunfeng, flat, recorded
from support_signing import not_archival
from test_photos import png
from test_verify import _consistent_files, _files, _rewritten, _with_files

from engine.documents import verify
from engine.documents.attachments import CONTENT, MANIFEST
from engine.documents.papers import record_pdf
from engine.inspections.drawn import LABEL, LONGEST_EDGE, MAX_FILE_BYTES, read_drawn
from engine.inspections.evidence import read_evidence
from engine.inspections.opening import read_record
from engine.inspections.records import record_yaml
from engine.library.files import Place
from engine.model.base import Conclusion
from engine.model.paper_check import PaperCheck

PLACE = Place(ROOT)
RECORD = recorded("retail-pharmacy-2024", final=True)
GOOD = (Conclusion.CONSISTENT, Conclusion.NO_EVIDENCE)
WRONG = (Conclusion.INCONSISTENT, Conclusion.NO_EVIDENCE)


def _scribble(name: str = "PNG", size: tuple[int, int] = (900, 380), shift: int = 0) -> bytes:
    """Return a picture of a stroke of the pen."""
    image, out = Image.new("RGB", size, "white"), io.BytesIO()
    points = [(size[0] * x // 10, (size[1] * y // 10 + shift) % size[1]) for x, y in ((1, 6), (3, 2), (5, 8), (9, 4))]
    ImageDraw.Draw(image).line(points, fill="black", width=max(1, size[0] // 60))
    image.save(out, name)
    return out.getvalue()


def _file(folder: Path, content: bytes, name: str = "签名.png") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def _printed(folder: Path, *names: str) -> bytes:
    drawn, problems = read_drawn(RECORD.record, [(name, _file(folder, _scribble())) for name in names])
    assert not problems, [p.render() for p in problems]
    return record_pdf(RECORD, "inspection-record", drawn=drawn)


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a record with the drawn signatures of an inspector and of the party."""
    return _printed(tmp_path_factory.mktemp("drawn"), "张伟", "李明")


def _checked(content: bytes, folder: Path) -> PaperCheck:
    check, problems = verify.verify_paper(PLACE, _file(folder, content, "文书.pdf"))
    assert check is not None, [p.render() for p in problems]
    return check


def test_it_stands_where_the_person_signs_and_is_called_what_it_is(paper: bytes, tmp_path: Path) -> None:
    shown = Paper(paper)
    last = shown.pages[-1]
    assert flat(f"李明　{LABEL}") in last
    assert flat(f"张伟　{LABEL}") in last
    assert last.index("当事人（在场人）") < last.index(flat(f"李明　{LABEL}")) < last.index("检查人员（证号）")
    assert last.index("检查人员（证号）") < last.index(flat(f"张伟　{LABEL}")) < last.index("记录人")
    assert shown.text.count(flat(LABEL)) == 2
    assert b"/Interpolate true" not in paper, "PDF/A"
    check = _checked(paper, tmp_path)
    assert (check.conclusions, check.reasons) == (GOOD, ())
    assert any(LABEL in note and "张伟、李明" in note for note in check.notes)


def test_somebody_with_two_places_signs_in_both(tmp_path: Path) -> None:
    assert RECORD.record.visit.recorder == "刘洋"
    assert Paper(_printed(tmp_path, "刘洋")).text.count(flat(f"刘洋　{LABEL}")) == 2


def test_the_image_is_carried_with_the_hash_of_its_file(paper: bytes, tmp_path: Path) -> None:
    carried = json.loads(_files(paper)[CONTENT])["drawn_signatures"]
    assert [each["name"] for each in carried] == ["张伟", "李明"]
    assert carried[0]["sha256"] == hashlib.sha256(_scribble()).hexdigest()
    with Image.open(io.BytesIO(base64.b64decode(carried[0]["image"]))) as image:
        assert (image.format, max(image.size)) == ("JPEG", LONGEST_EDGE)
    assert len(carried[0]["image"]) < 40_000


def test_a_paper_without_is_as_it_was() -> None:
    plain = record_pdf(RECORD, "inspection-record")
    assert plain == record_pdf(RECORD, "inspection-record", drawn=())
    assert b'"drawn_signatures"' not in _files(plain)[CONTENT]
    assert flat(LABEL) not in Paper(plain).text


def test_a_paper_is_archival_with_it_too(paper: bytes) -> None:
    assert not_archival(paper) == set()


# ── what is refused


@pytest.mark.parametrize(
    ("names", "reason"),
    [(("王五",), "没有这个人"), (("张 伟",), "没有这个人"), (("",), "没有这个人"), (("张伟", "张伟"), "不止一次")],
)
def test_a_name_must_be_of_somebody_who_signs_and_come_once(
    names: tuple[str, ...], reason: str, tmp_path: Path
) -> None:
    _, problems = read_drawn(RECORD.record, [(name, _file(tmp_path, _scribble())) for name in names])
    assert [p.code for p in problems] == ["E746"]
    assert reason in problems[0].message


def test_a_name_of_two_people_is_nobody(tmp_path: Path) -> None:
    visit = RECORD.record.visit
    present = (visit.present[0].model_copy(update={"name": "张伟"}),)
    record = RECORD.record.model_copy(update={"visit": visit.model_copy(update={"present": present})})
    _, problems = read_drawn(record, [("张伟", _file(tmp_path, _scribble()))])
    assert [p.code for p in problems] == ["E746"]
    assert "不止一个人" in problems[0].message


HOSTILE = {
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>", "empty": b"", "text": b"hello", "pdf": b"%PDF-1.7",
    "cut-off": _scribble("JPEG")[:400], "bomb": png(60_000, 60_000), "gif": _scribble("GIF"),
    "broken": png(100, 100, data=zlib.compress(b"\0" * 10)), "strip": _scribble(size=(6000, 20)),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_no_picture_of_a_signature_is_refused(kind: str, tmp_path: Path) -> None:
    drawn, problems = read_drawn(RECORD.record, [("张伟", _file(tmp_path, HOSTILE[kind]))])
    assert drawn == ()
    assert [p.code for p in problems] == ["E746"]


def test_a_file_that_is_too_large_or_missing_is_refused(tmp_path: Path) -> None:
    large = _file(tmp_path, _scribble() + bytes(MAX_FILE_BYTES), "大.png")
    _, problems = read_drawn(RECORD.record, [("张伟", large), ("刘洋", tmp_path / "没有.png")])
    assert [p.code for p in problems] == ["E102", "E101"]


# ── compared again


def test_another_picture_on_the_page_is_seen(paper: bytes, tmp_path: Path) -> None:
    def exchange(writer: PdfWriter) -> None:
        drawn, _ = read_drawn(RECORD.record, [("张伟", _file(tmp_path, _scribble(shift=90)))])
        other = base64.b64decode(drawn[0].image)
        for image in writer.pages[-1]["/Resources"]["/XObject"].values():
            if image.get_object()["/Subtype"] == "/Image":
                image.get_object()._data = other

    check = _checked(_rewritten(paper, exchange), tmp_path)
    assert check.conclusions == WRONG
    assert any("图像" in reason for reason in check.reasons)


def _other_image(data: dict[str, Any]) -> None:
    image, out = Image.new("RGB", (100, 50), "white"), io.BytesIO()
    image.save(out, "JPEG")
    data["drawn_signatures"][0]["image"] = base64.b64encode(out.getvalue()).decode()


def _no_image(data: dict[str, Any]) -> None:
    data["drawn_signatures"][0]["image"] = base64.b64encode(b"<svg/>").decode()


def _bomb(data: dict[str, Any]) -> None:
    out = io.BytesIO()
    Image.new("RGB", (3000, 3000)).save(out, "JPEG", quality=1)
    data["drawn_signatures"][0]["image"] = base64.b64encode(out.getvalue()).decode()


def _not_base64(data: dict[str, Any]) -> None:
    data["drawn_signatures"][0]["image"] = "„“"


def _another_person(data: dict[str, Any]) -> None:
    data["drawn_signatures"][0]["name"] = "王五"


def _a_text(data: dict[str, Any]) -> None:
    data["drawn_signatures"] = "张伟"


def _nothing(data: dict[str, Any]) -> None:
    data["drawn_signatures"] = []


def _crowd(data: dict[str, Any]) -> None:
    data["drawn_signatures"] *= 1000


@pytest.mark.parametrize(
    "change", [_other_image, _no_image, _bomb, _not_base64, _another_person, _a_text, _nothing, _crowd]
)
def test_a_changed_image_in_the_attachment_is_seen(change: Any, paper: bytes, tmp_path: Path) -> None:
    files = _files(paper)
    data = json.loads(files[CONTENT])
    change(data)
    changed = _with_files(paper, _consistent_files(data, files[MANIFEST]))
    check = _checked(changed, tmp_path)
    assert check.conclusions == WRONG
    assert check.reasons


# ── the command line, and the default: signed by hand, scanned


def _record(folder: Path) -> Path:
    path = folder / "记录.yaml"
    path.write_text(record_yaml(RECORD.record), encoding="utf-8")
    return path


def test_the_command_prints_them(tmp_path: Path) -> None:
    _record(tmp_path)
    _file(tmp_path, _scribble("JPEG"), "张伟.jpg")
    done = chunfeng(
        "record", "print", "记录.yaml", "--drawn-signature", "张伟=张伟.jpg", "-o", "笔录.pdf", cwd=tmp_path
    )
    assert done.code == 0, done.err
    assert f"张伟：印有{LABEL}" in done.out
    assert LABEL.split("（")[0] in PdfReader(tmp_path / "笔录.pdf").pages[-1].extract_text()
    for wrong in (["--drawn-signature", "张伟"], ["--document", "checklist", "--drawn-signature", "张伟=张伟.jpg"]):
        assert chunfeng("record", "print", "记录.yaml", *wrong, "-o", "b.pdf", cwd=tmp_path).code == 2
    stranger = chunfeng(
        "record", "print", "记录.yaml", "--drawn-signature", "王五=张伟.jpg", "-o", "b.pdf", cwd=tmp_path
    )
    assert stranger.code == 1
    assert "E746" in stranger.err
    assert not (tmp_path / "b.pdf").exists()


def test_the_scan_of_the_signed_paper_is_evidence_with_its_hash(tmp_path: Path) -> None:
    record = _record(tmp_path)
    scans = [_file(tmp_path, b"%PDF-1.4 scan", "笔录签字件.pdf"), _file(tmp_path, _scribble("JPEG"), "第2页.jpg")]
    options = ("--what", "签字件扫描", "--proves", "现场检查笔录，双方签字")
    done = chunfeng("record", "attach", "记录.yaml", *(s.name for s in scans), *options, cwd=tmp_path)
    assert done.code == 0, done.err
    read = read_record(record)[1]
    assert read is not None
    lines = read.evidence[-2:]
    assert [(e.what, e.sha256) for e in lines] == [
        ("签字件扫描", hashlib.sha256(s.read_bytes()).hexdigest()) for s in scans
    ]
    files, problems = read_evidence(tmp_path, read)
    assert (files.photos, problems) == ((), []), "a scan is listed, not printed as a photograph"
    of = RECORD._replace(record=read)
    text = Paper(record_pdf(of, "evidence-list", None, None, files)).text
    assert "签字件扫描" in text
    assert all(e.sha256 in text for e in lines)
    scans[0].write_bytes(b"%PDF-1.4 another scan")
    assert [p.code for p in read_evidence(tmp_path, read)[1]] == ["E733"]

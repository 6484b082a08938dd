"""A printed paper checked: what may be changed in it, what each change is called, and what no check can see."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)
from support import ROOT, SAMPLES
from support_documents import Paper, chunfeng, flat, recorded

from engine.documents import attachments, verify
from engine.documents.attachments import CONTENT, MANIFEST, SHORT, hashes
from engine.documents.case_view import papers_due
from engine.documents.papers import checklist_pdf, record_pdf
from engine.documents.pdf_reading import MAX_STREAM_BYTES, carried_files, shown
from engine.documents.verdict import check_text
from engine.inspections.opening import Recorded, evaluate, new_record, open_answers
from engine.inspections.records import record_yaml
from engine.library.files import Place
from engine.model.base import Conclusion
from engine.model.bureau import BureauFile
from engine.model.paper_check import PagesCompared, PaperCheck

PLACE = Place(ROOT)
SAMPLE = "retail-pharmacy-2024"
BUREAU = BureauFile(
    kind="bureau", authority="瑶海区市场监督管理局", header="合肥市", contact="李明", remedy="六十日内。"
)
GOOD = (Conclusion.CONSISTENT, Conclusion.NO_EVIDENCE)
DOUBTFUL = (Conclusion.INCONSISTENT, Conclusion.NO_EVIDENCE)


def _record() -> Recorded:
    return recorded(SAMPLE, final=True)


@pytest.fixture(scope="module")
def notice() -> bytes:
    """Return a correction notice of the sample, with a bureau's profile."""
    return record_pdf(_record(), "correction-notice", BUREAU)


@pytest.fixture(scope="module")
def receipt() -> bytes:
    """Return a paper of one page."""
    return record_pdf(_record(), "service-receipt", BUREAU)


def _checked(content: bytes, tmp_path: Path, expect: str | None = None) -> PaperCheck:
    path = tmp_path / "文书.pdf"
    path.write_bytes(content)
    check, problems = verify.verify_paper(PLACE, path, expect)
    assert check is not None, [p.render() for p in problems]
    return check


def _refused(content: bytes, tmp_path: Path) -> str:
    path = tmp_path / "文书.pdf"
    path.write_bytes(content)
    check, problems = verify.verify_paper(PLACE, path)
    assert check is None
    return "\n".join(p.render() for p in problems)


def _files(content: bytes) -> dict[str, bytes]:
    return dict(carried_files(content))


def _rewritten(content: bytes, change: Callable[[PdfWriter], None]) -> bytes:
    """Return the file saved anew by another program, with a change."""
    writer = PdfWriter(clone_from=io.BytesIO(content))
    change(writer)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def _with_files(content: bytes, files: dict[str, bytes]) -> bytes:
    """Return the file with other bytes in its attachments, its pages as they were."""

    def change(writer: PdfWriter) -> None:
        for file in writer.attachment_list:
            file.content = files[file.name]

    return _rewritten(content, change)


def _consistent_files(data: dict[str, Any], like: bytes) -> dict[str, bytes]:
    """Return the two files for changed content, every hash right."""
    content = (json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()
    manifest = json.loads(like)
    found = hashes(content)
    manifest["files"][0] |= {"size": len(content), "sha256": found.sha256, "sm3": found.sm3}
    return {
        CONTENT: content,
        MANIFEST: (json.dumps(manifest, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode(),
    }


# ── what a paper carries


def test_a_paper_is_archival_and_carries_what_it_was_printed_from(notice: bytes) -> None:
    reader = PdfReader(io.BytesIO(notice))
    xmp = reader.root_object["/Metadata"]
    assert "/Filter" not in xmp, "PDF/A readers take metadata that is not packed"
    assert b'pdfaid:part="3"' in xmp.get_data()
    assert b'pdfaid:conformance="U"' in xmp.get_data()
    assert reader.root_object["/OutputIntents"]
    assert len(reader.root_object["/AF"]) == len(set(map(str, reader.root_object["/AF"]))) == 2
    assert [file.name for file in reader.attachment_list] == [MANIFEST, CONTENT]
    data = json.loads(_files(notice)[CONTENT])
    of = _record()
    assert data["lock"] == of.record.lock
    assert data["record"]["findings"] == of.record.model_dump(mode="json")["findings"]
    assert data["findings"] == of.evaluation.model_dump(mode="json")
    assert data["bureau"] == BUREAU.model_dump(mode="json", exclude={"fonts"})
    assert data["record"]["answers"]


def test_the_manifest_holds_the_hashes_that_other_tools_compute(receipt: bytes) -> None:
    files = _files(receipt)
    entry = json.loads(files[MANIFEST])["files"][0]
    assert entry["sha256"] == hashlib.sha256(files[CONTENT]).hexdigest()
    assert entry["size"] == len(files[CONTENT])
    if "sm3" in hashlib.algorithms_available:
        assert entry["sm3"] == hashlib.new("sm3", files[CONTENT]).hexdigest()


def test_sm3_of_the_example_of_the_standard() -> None:
    """GB/T 32905-2016, A.1."""
    assert hashes(b"abc").sm3 in (None, "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0")


@pytest.mark.parametrize("document", ["inspection-record", "checklist", *papers_due(recorded(SAMPLE, final=True))])
def test_every_page_names_the_attachments_and_their_hash(document: str, tmp_path: Path) -> None:
    content = record_pdf(_record(), document, BUREAU)
    short = hashlib.sha256(_files(content)[CONTENT]).hexdigest()[:SHORT]
    pages = Paper(content).pages
    line = flat(f"内嵌附件 {MANIFEST}、{CONTENT} 内容校验 {short}")
    assert [n for n, page in enumerate(pages, 1) if line not in page] == []
    assert _checked(content, tmp_path).conclusions == GOOD


def test_a_blank_checklist_carries_nothing(tmp_path: Path) -> None:
    content = checklist_pdf(_record().inspection.checklist)
    assert carried_files(content) == []
    assert "内容校验" not in Paper(content).text
    assert CONTENT in _refused(content, tmp_path)


@pytest.mark.parametrize(("sample", "final"), [("clinic-2024", True), ("retail-pharmacy-2019", False)])
def test_a_paper_printed_again_from_its_attachment_is_the_same(sample: str, final: bool, tmp_path: Path) -> None:
    content = record_pdf(recorded(sample, final=final), "inspection-record")
    check = _checked(content, tmp_path)
    assert (check.conclusions, check.reasons, check.notes) == (GOOD, (), ())


def test_a_number_written_as_1_10_is_carried_as_it_was_written(tmp_path: Path) -> None:
    """Read from YAML a text without quotes keeps its last zero; in JSON it must not become 1.1."""
    answers = tmp_path / "答卷.yaml"
    answers.write_text(
        (SAMPLES / f"{SAMPLE}.yaml").read_text("utf-8").replace('batch: "0611203"', "batch: 1.10"), "utf-8"
    )
    inspection, problems = open_answers(PLACE, answers)
    assert inspection is not None, problems
    evaluation = evaluate(inspection)
    of = Recorded(new_record(inspection, evaluation), inspection, evaluation)
    content = record_pdf(of, "inspection-record")
    assert b'"batch": "1.10"' in _files(content)[CONTENT]
    assert _checked(content, tmp_path).conclusions == GOOD


# ── the hash from elsewhere


def test_the_hash_from_elsewhere_is_compared(receipt: bytes, tmp_path: Path) -> None:
    found = hashes(_files(receipt)[CONTENT])
    known = [found.sha256, found.sha256[:SHORT], *([found.sm3] if found.sm3 else [])]
    for expect in known:
        assert _checked(receipt, tmp_path, expect).conclusions == (Conclusion.CONSISTENT, Conclusion.CONFIRMED)
    check = _checked(receipt, tmp_path, "0" * SHORT)
    assert check.conclusions == (Conclusion.INCONSISTENT,)
    assert "与外部凭据不同" in check.reasons[0]


# ── changes that are seen


def _shown_text(content: bytes) -> bytes:
    """Return the file with one run of text of the first page drawn from other glyphs."""

    def change(writer: PdfWriter) -> None:
        stream = writer.pages[0]["/Contents"].get_object()
        data = stream.get_data()
        run = re.search(rb"<([0-9a-fA-F]{4})([0-9a-fA-F]{4})[^\]]*?>", data)
        assert run
        other = DecodedStreamObject()
        other.set_data(data[: run.start(1)] + run.group(2) + run.group(1) + data[run.end(2) :])
        writer.pages[0][NameObject("/Contents")] = writer._add_object(other)

    return _rewritten(content, change)


def test_changed_text_is_named_with_its_page(notice: bytes, tmp_path: Path) -> None:
    changed = _shown_text(notice)
    assert shown(changed).pages[0].text != shown(notice).pages[0].text
    check = _checked(changed, tmp_path)
    assert check.conclusions == DOUBTFUL
    assert check.reasons[0].startswith("第 1 页的文字与附件不符：文件上是“")


def test_changed_text_is_seen_though_the_hash_from_elsewhere_is_right(notice: bytes, tmp_path: Path) -> None:
    short = hashes(_files(notice)[CONTENT]).sha256[:SHORT]
    check = _checked(_shown_text(notice), tmp_path, short)
    assert check.conclusions == (Conclusion.INCONSISTENT,)
    assert any("附件与给出的校验值相同" in note for note in check.notes)


def _append_drawing(writer: PdfWriter) -> None:
    page = writer.pages[0]
    other = DecodedStreamObject()
    other.set_data(page["/Contents"].get_object().get_data() + b"\n1 g 100 600 300 60 re f")
    page[NameObject("/Contents")] = writer._add_object(other)


def _cover(writer: PdfWriter) -> None:
    writer.add_annotation(0, FreeText(text="已免于处罚", rect=(100, 600, 400, 660)))


def _drop_page(writer: PdfWriter) -> None:
    writer.remove_page(len(writer.pages) - 1)


def _run_at_opening(writer: PdfWriter) -> None:
    action = DictionaryObject({NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("1")})
    writer.root_object[NameObject("/OpenAction")] = action


def _script(writer: PdfWriter) -> None:
    writer.root_object["/Names"].get_object()[NameObject("/JavaScript")] = DictionaryObject()


def _one_more_file(writer: PdfWriter) -> None:
    writer.add_attachment("record-2.json", b"{}")


def _second_record(writer: PdfWriter) -> None:
    writer.add_attachment(CONTENT, b"{}")


def _turned(writer: PdfWriter) -> None:
    writer.pages[0].rotate(180)


def _other_glyphs(writer: PdfWriter) -> None:
    """Say of the glyphs what they do not show: the text that is read stays, or what is drawn does."""
    fonts = writer.pages[0]["/Resources"]["/Font"]
    font = next(iter(fonts.values())).get_object()["/DescendantFonts"][0].get_object()
    font[NameObject("/DW")] = NumberObject(123)


CHANGES = {
    _append_drawing: "线条、字形或图像改动过", _cover: "加了批注或表单（FreeText）", _drop_page: "按附件应为",
    _run_at_opening: "/OpenAction", _script: "/Names/JavaScript", _one_more_file: "record-2.json", _second_record: "实有 2 个",
    _turned: "第 1 页", _other_glyphs: "线条、字形或图像改动过",
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda c: c.__name__)
def test_a_change_of_what_is_seen_is_inconsistent(
    change: Callable[[PdfWriter], None], notice: bytes, tmp_path: Path
) -> None:
    check = _checked(_rewritten(notice, change), tmp_path)
    assert check.conclusions == DOUBTFUL
    assert any(CHANGES[change] in reason for reason in check.reasons), check.reasons


def test_a_file_saved_anew_is_consistent_and_says_so(receipt: bytes, tmp_path: Path) -> None:
    saved = _rewritten(receipt, lambda writer: None)
    assert saved != receipt
    check = _checked(saved, tmp_path)
    assert check.conclusions == GOOD
    assert any("另存或改写过" in note for note in check.notes)


def _signature_field(writer: PdfWriter) -> None:
    """Add the field of an electronic signature, as a signing program does."""
    field = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"), NameObject("/Subtype"): NameObject("/Widget"),
            NameObject("/FT"): NameObject("/Sig"), NameObject("/T"): TextStringObject("s1"),
        }
    )  # fmt: skip
    writer.add_annotation(0, field)


def test_what_a_signature_adds_is_named_and_leaves_the_paper_consistent(receipt: bytes, tmp_path: Path) -> None:
    target = io.BytesIO()
    writer = PdfWriter(io.BytesIO(receipt), incremental=True)
    _signature_field(writer)
    writer.write(target)
    signed = target.getvalue()
    assert signed.startswith(receipt)
    check = _checked(signed, tmp_path)
    assert check.conclusions == GOOD, check.reasons
    assert any("追加了内容" in note for note in check.notes)
    assert any("电子签名" in note and "没有核对" in note for note in check.notes)


# ── the attachment changed


def _softer(data: dict[str, Any]) -> None:
    data["record"]["findings"][0]["sentence"] = "一切正常"


def _other_grade(data: dict[str, Any]) -> None:
    data["findings"]["findings"][0]["grade"] = "minor"


def _other_answer(data: dict[str, Any]) -> None:
    data["record"]["answers"]["YD-14"] = {"answer": [{"reading": 5.0, "device": "1号冷藏柜", "position": "上层"}]}


def _other_bureau(data: dict[str, Any]) -> None:
    data["bureau"]["contact"] = "王五"


def _other_document(data: dict[str, Any]) -> None:
    data["document"] = "ticket"


def _no_bureau(data: dict[str, Any]) -> None:
    data["bureau"] = {"kind": "bureau"}


def _nothing_in_it(data: dict[str, Any]) -> None:
    data["record"] = []


def _one_key_more(data: dict[str, Any]) -> None:
    data["more"] = 1


ATTACHED_CHANGES = {
    _softer: "第 1 页的文字", _other_grade: "重新判定的结果不同", _other_answer: "问题与答案不一致",
    _other_bureau: "文字与附件不符", _other_document: "没有文书", _no_bureau: "authority",
    _nothing_in_it: "附件中的记录不能成立", _one_key_more: "不是程序写出的样子",
}  # fmt: skip


@pytest.mark.parametrize("change", ATTACHED_CHANGES, ids=lambda c: c.__name__)
def test_a_changed_attachment_is_seen_with_its_old_hashes_and_with_new_ones(
    change: Callable[[dict[str, Any]], None], notice: bytes, tmp_path: Path
) -> None:
    files = _files(notice)
    data = json.loads(files[CONTENT])
    change(data)
    consistent = _consistent_files(data, files[MANIFEST])
    alone = _checked(_with_files(notice, {**consistent, MANIFEST: files[MANIFEST]}), tmp_path)
    assert alone.conclusions == DOUBTFUL
    assert any("SHA-256" in reason for reason in alone.reasons)
    hashed = _checked(_with_files(notice, consistent), tmp_path)
    assert hashed.conclusions == DOUBTFUL
    assert not any("SHA-256" in reason for reason in hashed.reasons)
    assert any(ATTACHED_CHANGES[change] in reason for reason in hashed.reasons), hashed.reasons


def test_a_changed_manifest_is_seen(receipt: bytes, tmp_path: Path) -> None:
    files = _files(receipt)
    for broken in (
        b"",
        b"[" * 100_000,
        b'{"files": []}',
        files[MANIFEST].replace(b'"campaign": "2024"', b'"campaign": "2019"'),
    ):
        assert _checked(_with_files(receipt, {**files, MANIFEST: broken}), tmp_path).conclusions == DOUBTFUL


def test_everything_made_anew_is_consistent_at_best_and_without_evidence(notice: bytes, tmp_path: Path) -> None:
    """Whoever has the program can print another record: only a hash kept elsewhere tells the two apart."""
    of = _record()
    first = of.record.findings[0].model_copy(update={"sentence": "一切正常"})
    forged = of._replace(record=of.record.model_copy(update={"findings": (first, *of.record.findings[1:])}))
    content = record_pdf(forged, "correction-notice", BUREAU)
    assert _checked(content, tmp_path).conclusions == GOOD
    known = hashes(_files(notice)[CONTENT]).sha256[:SHORT]
    assert _checked(content, tmp_path, known).conclusions == (Conclusion.INCONSISTENT,)


def test_a_paper_of_another_program_is_compared_by_text_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr(attachments, "made_by", lambda *_: "chunfeng 0.0.9")
        content = record_pdf(_record(), "service-receipt", BUREAU)
    check = _checked(content, tmp_path)
    assert (check.conclusions, check.made_by) == (GOOD, "chunfeng 0.0.9")
    assert check.pages is PagesCompared.BYTES
    moved = _checked(_rewritten(content, _moved), tmp_path)
    assert (moved.conclusions, moved.pages) == (GOOD, PagesCompared.TEXT), moved.reasons
    assert any("只比较了文字和图像" in note for note in moved.notes)
    assert "页面文字相同，图形未核对（印制它的程序版本不同）" in check_text(moved)
    assert "每一页，都与文件相同" not in check_text(moved)
    saved = _checked(_rewritten(content, lambda _: None), tmp_path)
    assert (saved.conclusions, saved.pages) == (GOOD, PagesCompared.DRAWING)
    assert _checked(_shown_text(content), tmp_path).conclusions == DOUBTFUL


def _drawn_with(before: bytes = b"", after: bytes = b"") -> Callable[[PdfWriter], None]:
    """Return what draws something before and after all that the first page has."""

    def change(writer: PdfWriter) -> None:
        page, other = writer.pages[0], DecodedStreamObject()
        other.set_data(before + page["/Contents"].get_object().get_data() + b"\n" + after)
        page[NameObject("/Contents")] = writer._add_object(other)

    return change


def _moved(writer: PdfWriter) -> None:
    """Draw all a point lower, as another version might."""
    _drawn_with(b"q 1 0 0 1 0 -1 cm ", b"Q")(writer)


def _see_through(writer: PdfWriter) -> None:
    for each in writer.pages[0]["/Resources"]["/ExtGState"].values():
        each.get_object()[NameObject("/ca")] = NumberObject(0)


def _on_form(writer: PdfWriter) -> None:
    """Cover the page with a form that is drawn on it."""
    form = DecodedStreamObject()
    form.set_data(b"1 g 0 0 500 800 re f")
    form[NameObject("/Type")], form[NameObject("/Subtype")] = NameObject("/XObject"), NameObject("/Form")
    form[NameObject("/BBox")] = ArrayObject(map(NumberObject, (0, 0, 500, 800)))
    writer.pages[0]["/Resources"]["/XObject"][NameObject("/X")] = writer._add_object(form)
    _drawn_with(after=b" /X Do")(writer)


def _small_sheet(writer: PdfWriter) -> None:
    writer.pages[0].cropbox.upper_right = (595, 400)


def _acting_page(writer: PdfWriter) -> None:
    writer.pages[0][NameObject("/AA")] = DictionaryObject()


HIDING = {
    "white": (_drawn_with(after=b"q 1 g 50 300 480 300 re f Q"), "画在文字上"),
    "one-word": (_drawn_with(after=b"q 1 g 100 400 60 80 re f Q"), "画在文字上"),
    "thick-line": (_drawn_with(after=b"q 1 G 400 w 50 500 m 500 500 l S Q"), "画在文字上"),
    "black-below": (_drawn_with(b"q 0 g 0 0 600 850 re f Q "), "画在文字上"),
    "inline": (_drawn_with(after=b"q 400 0 0 600 50 100 cm BI /W 1 /H 1 /BPC 8 /CS /G ID \xff EI Q"), "画在文字上"),
    "form": (_on_form, "第 1 页"),
    "invisible": (_drawn_with(b"3 Tr "), "不显示的文字"),
    "transparent": (_see_through, "颜色很淡或透明"),
    "clipped": (_drawn_with(b"0 0 100 100 re W n "), "裁去的文字"),
    "shaped": (_drawn_with(b"0 0 m 600 0 l 300 900 l h W n "), "按图形裁剪"),
    "tiny": (_drawn_with(b".1 0 0 .1 0 0 cm "), "极小的文字"),
    "away": (_drawn_with(b"1 0 0 1 2000 0 cm "), "页面以外"),
    "layer": (_drawn_with(b"/OC /M BDC ", b"EMC"), "图层"),
    "sheet": (_small_sheet, "页面大小"),
    "turned": (_turned, "180°"),
    "acting": (_acting_page, "页面的 /AA"),
}


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a paper as another version of the program would name itself in it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attachments, "made_by", lambda *_: "chunfeng 0.0.9")
        return record_pdf(_record(), "service-receipt", BUREAU)


@pytest.mark.parametrize("kind", HIDING)
def test_hidden_text_is_seen_whichever_version_printed_it(kind: str, older: bytes, tmp_path: Path) -> None:
    change, words = HIDING[kind]
    changed = _rewritten(older, change)
    check = _checked(changed, tmp_path, hashes(_files(older)[CONTENT]).sha256)
    assert check.conclusions == (Conclusion.INCONSISTENT,)
    assert any(words in reason for reason in check.reasons), check.reasons


# ── beside the pages


def _root(key: str, value: Any) -> Callable[[PdfWriter], None]:
    return lambda writer: writer.root_object.__setitem__(NameObject(key), value)


def _stream(data: bytes) -> DecodedStreamObject:
    stream = DecodedStreamObject()
    stream.set_data(data)
    return stream


def _other_metadata(writer: PdfWriter) -> None:
    writer.root_object[NameObject("/Metadata")] = writer._add_object(_stream(b"<x/>"))


def _other_colours(writer: PdfWriter) -> None:
    intent = writer.root_object["/OutputIntents"][0].get_object()
    intent[NameObject("/DestOutputProfile")] = writer._add_object(_stream(b"junk"))


def _no_files(writer: PdfWriter) -> None:
    del writer.root_object["/AF"]


def _another_file(writer: PdfWriter) -> None:
    """Let the catalogue name another record.json than the list of attachments."""
    other = _stream(b"{}")
    file = DictionaryObject(writer.root_object["/AF"][1].get_object())
    file[NameObject("/EF")] = DictionaryObject({NameObject("/F"): writer._add_object(other)})
    files = [writer.root_object["/AF"][0], writer._add_object(file)]
    writer.root_object[NameObject("/AF")] = ArrayObject(files)


def _other_description(writer: PdfWriter) -> None:
    writer.root_object["/AF"][0].get_object()[NameObject("/Desc")] = TextStringObject("改过")


def _title(writer: PdfWriter) -> None:
    writer.add_metadata({"/Title": "另一份"})


def _subject(writer: PdfWriter) -> None:
    writer.add_metadata({"/Subject": "另一份"})


def _bookmark(writer: PdfWriter) -> None:
    writer.add_outline_item(title="检查结论：合格", page_number=0)


def _leading_out(writer: PdfWriter) -> None:
    action = DictionaryObject({NameObject("/S"): NameObject("/URI"), NameObject("/URI"): TextStringObject("http://x")})
    writer.root_object["/Outlines"]["/First"][NameObject("/A")] = action


def _field(writer: PdfWriter, **more: Any) -> None:
    field = {"FT": NameObject("/Sig"), "T": TextStringObject("a"), **more}
    fields = ArrayObject([DictionaryObject({NameObject(f"/{key}"): value for key, value in field.items()})])
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/Fields"): fields})


def _text_field(writer: PdfWriter) -> None:
    _field(writer, FT=NameObject("/Tx"))


def _acting_field(writer: PdfWriter) -> None:
    _field(writer, AA=DictionaryObject())


def _acting_tree(writer: PdfWriter) -> None:
    writer.root_object["/Pages"][NameObject("/AA")] = DictionaryObject()


BESIDE = {
    _other_metadata: "元数据", _other_colours: "色彩说明", _no_files: "附件关联", _another_file: "附件关联",
    _other_description: "附件的名称和说明", _title: "标题", _subject: "/Info/Subject", _bookmark: "书签",
    _leading_out: "/Outlines/A", _text_field: "/AcroForm/Tx", _acting_field: "/AcroForm/AA", _acting_tree: "/Pages/AA",
}  # fmt: skip
BY_VALUE = {_other_metadata, _other_colours, _other_description, _title}
"""Changes that only the version that printed the paper can see."""


@pytest.mark.parametrize("change", BESIDE, ids=lambda c: c.__name__)
def test_a_change_beside_the_pages_is_seen(
    change: Callable[[PdfWriter], None], receipt: bytes, older: bytes, tmp_path: Path
) -> None:
    check = _checked(_rewritten(receipt, change), tmp_path)
    assert check.conclusions == DOUBTFUL
    assert any(BESIDE[change] in reason for reason in check.reasons), check.reasons
    if change not in BY_VALUE:
        check = _checked(_rewritten(older, change), tmp_path)
        assert any(BESIDE[change] in reason for reason in check.reasons), check.reasons


def test_a_field_for_a_signature_and_what_saving_changes_are_nothing(receipt: bytes, tmp_path: Path) -> None:
    def change(writer: PdfWriter) -> None:
        _field(writer)
        writer.add_metadata({"/Producer": "另一个程序", "/ModDate": "D:20240603093000+08'00'"})
        xmp = writer.root_object["/Metadata"].get_data()
        spaced = xmp.replace(b"WeasyPrint", b"Another").replace(b"><", b">\n <")
        assert spaced != xmp
        writer.root_object[NameObject("/Metadata")] = writer._add_object(_stream(spaced))

    check = _checked(_rewritten(receipt, change), tmp_path)
    assert check.conclusions == GOOD, check.reasons


# ── files that are no paper


def test_a_release_that_is_not_at_hand_is_a_problem_and_no_verdict(notice: bytes, tmp_path: Path) -> None:
    files = _files(notice)
    data = json.loads(files[CONTENT])
    data["lock"] = data["record"]["lock"] = data["findings"]["lock"] = "0" * 64
    assert "E617" in _refused(_with_files(notice, _consistent_files(data, files[MANIFEST])), tmp_path)


def test_a_bomb_in_the_attachment_is_refused(receipt: bytes, tmp_path: Path) -> None:
    bomb = zlib.compress(b"[" * (MAX_STREAM_BYTES + 1), 9)
    assert len(bomb) < 100_000

    def change(writer: PdfWriter) -> None:
        file = next(f for f in writer.attachment_list if f.name == CONTENT)
        stream = file._embedded_file.get_object()
        stream._data = bomb
        stream[NameObject("/Filter")] = NameObject("/FlateDecode")

    said = _refused(_rewritten(receipt, change), tmp_path)
    assert "E708" in said
    assert "太大" in said


@pytest.mark.parametrize("text", [b"[" * 100_000, b"{}", b"\xff", b'{"kind": "paper", "schema": 2}', b"9" * 5000,
                                  b'{"kind": "paper", "schema": 1, "a": ' + b"[" * 50 + b"]" * 50 + b"}"])  # fmt: skip
def test_an_attachment_that_is_not_ours_is_refused(text: bytes, receipt: bytes, tmp_path: Path) -> None:
    files = _files(receipt)
    assert "E708" in _refused(_with_files(receipt, {**files, CONTENT: text}), tmp_path)


def test_a_file_that_is_no_pdf_is_refused(tmp_path: Path) -> None:
    assert "E708" in _refused(b"%PDF-1.7\nnothing", tmp_path)
    assert "E708" in _refused(b"", tmp_path)
    check, problems = verify.verify_paper(PLACE, tmp_path / "没有.pdf")
    assert (check, [p.code for p in problems]) == (None, ["E101"])


@settings(max_examples=12)
@given(data=st.data())
def test_a_damaged_file_is_never_called_consistent_for_what_it_is_not(
    data: st.DataObject, receipt: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A byte is changed somewhere: refused, inconsistent, or consistent because nothing that counts was hit."""
    at = data.draw(st.integers(0, len(receipt) - 1))
    damaged = bytearray(receipt)
    damaged[at] ^= data.draw(st.integers(1, 255))
    path = tmp_path_factory.mktemp("damaged") / "文书.pdf"
    path.write_bytes(bytes(damaged))
    check, problems = verify.verify_paper(PLACE, path)
    if check is None:
        assert {p.code for p in problems} == {"E708"}
    elif Conclusion.CONSISTENT in check.conclusions:
        assert shown(bytes(damaged)) == shown(receipt)
        assert _files(bytes(damaged)) == _files(receipt)
        assert check.notes


# ── the command


def test_the_command_says_it_in_chinese_and_by_its_exit_code(notice: bytes, tmp_path: Path) -> None:
    paper = tmp_path / "通知.pdf"
    paper.write_bytes(notice)
    short = hashes(_files(notice)[CONTENT]).sha256[:SHORT]
    plain = chunfeng("verify", paper)
    assert plain.code == 0
    assert "内部一致：" in plain.out
    assert "无外部凭据：" in plain.out
    known = chunfeng("verify", paper, "--expect", f"{short[:6].upper()} {short[6:]}", "--format", "json")
    said = json.loads(known.out)
    assert (known.code, said["kind"], said["conclusions"]) == (0, "paper-check", ["consistent", "confirmed"])
    paper.write_bytes(_shown_text(notice))
    bad = chunfeng("verify", paper)
    assert bad.code == 1
    assert "不一致：" in bad.out
    assert "1. 第 1 页" in bad.out


def test_printing_says_the_hash_that_goes_into_a_register(tmp_path: Path) -> None:
    record, paper = tmp_path / "记录.yaml", tmp_path / "笔录.pdf"
    record.write_text(record_yaml(_record().record), encoding="utf-8")
    printed = chunfeng("record", "print", record, "-o", paper)
    said = re.search(r"内容校验 ([0-9a-f]{12})（SHA-256 ([0-9a-f]{64})", printed.out)
    assert said, printed.said
    assert _checked(paper.read_bytes(), tmp_path, said[2]).conclusions[1] is Conclusion.CONFIRMED
    assert said[2].startswith(said[1])


def test_a_wrong_hash_on_the_command_line_is_wrong_use(tmp_path: Path) -> None:
    for expect in ("abc", "g" * 12, "0" * 65):
        assert chunfeng("verify", tmp_path / "x.pdf", "--expect", expect).code == 2
    assert chunfeng("verify", tmp_path / "x.pdf").code == 1

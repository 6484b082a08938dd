"""Papers signed with a certificate: what signing leaves alone, what verify says of it, what nobody gets past it."""

from __future__ import annotations

import asyncio
import io
import re
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)
from support import ROOT
from support_documents import chunfeng, recorded, touches
from support_signing import (
    AT,
    FIRST,
    LAST,
    LATER,
    PASSWORD,
    Holder,
    holder,
    inspector,
    not_archival,
    packed,
    root,
    written,
)

from engine.days import BEIJING, parse_moment
from engine.documents import signing, verify
from engine.documents.attachments import Attached
from engine.documents.papers import record_pdf
from engine.documents.pdf_reading import carried_files, shown
from engine.documents.signatures import UncheckedError, check_signatures, read_roots, read_signatures
from engine.documents.signing import sign_paper
from engine.documents.verdict import check_text
from engine.inspections.opening import Recorded
from engine.library.files import Place
from engine.model.base import Conclusion
from engine.model.paper_check import PaperCheck, SignatureCheck

PLACE = Place(ROOT)
SAMPLE = "retail-pharmacy-2024"
GOOD = (Conclusion.CONSISTENT, Conclusion.NO_EVIDENCE)
CONFIRMED = (Conclusion.CONSISTENT, Conclusion.CONFIRMED)
WRONG = (Conclusion.INCONSISTENT, Conclusion.NO_EVIDENCE)


@pytest.fixture(scope="module")
def receipt() -> bytes:
    """Return a paper of one page, which is quick to print again."""
    return record_pdf(recorded(SAMPLE, final=True), "service-receipt")


@pytest.fixture(scope="module")
def signed(receipt: bytes, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return it signed by 张伟."""
    return _sign(receipt, inspector("张伟"), tmp_path_factory.mktemp("signed"))


@pytest.fixture(scope="module")
def twice(signed: bytes, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return it signed by 刘洋 after that."""
    return _sign(signed, inspector("刘洋"), tmp_path_factory.mktemp("twice"), LATER)


def _sign(content: bytes, by: Holder, folder: Path, at: datetime = AT) -> bytes:
    paper, certificate = written(folder, "文书.pdf", content), written(folder, "证书.p12", packed(by))
    done, problems = sign_paper(PLACE, paper, certificate, PASSWORD, at)
    assert done is not None, [p.render() for p in problems]
    return done.pdf


def _sign_anything(content: bytes, by: Holder, at: datetime = AT) -> bytes:
    """Return the file signed as another program would, which asks nothing."""
    return asyncio.run(signing._appended(content, packed(by), PASSWORD, at))


def _refused(content: bytes, certificate: bytes, folder: Path, at: datetime = AT, password: str = PASSWORD) -> str:
    paper, file = written(folder, "文书.pdf", content), written(folder, "证书.p12", certificate)
    done, problems = sign_paper(PLACE, paper, file, password, at)
    assert done is None
    said = "\n".join(p.render() for p in problems)
    assert password not in said or not password
    return said


def _checked(content: bytes, folder: Path, trust: bytes | None = None, expect: str | None = None) -> PaperCheck:
    paper = written(folder, "核对.pdf", content)
    roots = None if trust is None else written(folder, "根.pem", trust)
    check, problems = verify.verify_paper(PLACE, paper, expect, trust=roots)
    assert check is not None, [p.render() for p in problems]
    return check


def _updated(content: bytes, change: Callable[[PdfWriter], None]) -> bytes:
    """Return the file with a change appended: every byte before it stays."""
    writer, target = PdfWriter(io.BytesIO(content), incremental=True), io.BytesIO()
    change(writer)
    writer.write(target)
    assert target.getvalue().startswith(content)
    return target.getvalue()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Print again once what is the same, and check signatures in this process; the command line does neither."""

    def again(of: Recorded, document: str, bureau: object, attached: Attached, files: object, **more: Any) -> bytes:
        key = (document, attached.hashes, attached.files)
        if key not in _PRINTED:
            _PRINTED[key] = record_pdf(of, document, None, attached, None, **more)
        return _PRINTED[key]

    def here(file: bytes, roots: tuple[bytes, ...] | None) -> list[SignatureCheck]:
        try:
            return read_signatures(file, roots)
        except Exception as error:
            raise UncheckedError("无法核对") from error

    monkeypatch.setattr(verify, "record_pdf", again)
    monkeypatch.setattr(verify, "check_signatures", here)


_PRINTED: dict[object, bytes] = {}


# ── signing


def test_signing_appends_and_nothing_else(receipt: bytes, signed: bytes, twice: bytes) -> None:
    assert signed.startswith(receipt)
    assert twice.startswith(signed)
    before, after = PdfReader(io.BytesIO(receipt)), PdfReader(io.BytesIO(twice))
    assert shown(receipt).pages[0][:2] == shown(twice).pages[0][:2]
    assert carried_files(receipt) == carried_files(twice)
    assert after.root_object["/Metadata"].get_data() == before.root_object["/Metadata"].get_data()
    assert "/Filter" not in after.root_object["/Metadata"]
    for key in ("/OutputIntents", "/AF"):
        assert _plain(after.root_object[key]) == _plain(before.root_object[key])
    assert "/Version" not in after.root_object, "PDF/A-3 is PDF 1.7"
    form = after.root_object["/AcroForm"]
    assert "/NeedAppearances" not in form
    assert [field.get_object()["/T"] for field in form["/Fields"]] == ["Signature1", "Signature2"]
    for field in (each.get_object() for each in form["/Fields"]):
        assert field["/F"] & 0b100, "PDF/A wants it to be printed"
        assert not field["/F"] & 0b10, "and not hidden"
        assert [*map(float, field["/Rect"])] == [0, 0, 0, 0]
        assert field["/V"]["/SubFilter"] == "/adbe.pkcs7.detached"


def _plain(value: object) -> str:
    """Return the object as text without the address of its reader."""
    return re.sub(r", \d+\)", ")", str(value))


def test_a_signed_paper_is_still_archival(receipt: bytes, signed: bytes, twice: bytes) -> None:
    assert not_archival(receipt) == not_archival(signed) == set()
    assert not_archival(twice) <= {"PDFA3U-SIGNATURE-BYTERANGE-001"}, "no first signature covers a second one"


def test_the_same_paper_key_and_moment_give_the_same_file(receipt: bytes, signed: bytes, tmp_path: Path) -> None:
    assert _sign(receipt, inspector("张伟"), tmp_path) == signed
    assert _sign(receipt, inspector("张伟"), tmp_path, LATER) != signed


def test_signing_asks_nobody(receipt: bytes, tmp_path: Path) -> None:
    with touches() as touched:
        _sign(receipt, inspector("张伟"), tmp_path)
    assert [each for each in touched if each[0].startswith(("socket.", "urllib."))] == []


def test_the_password_stays_where_it_is(receipt: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    _refused(receipt, packed(inspector("张伟")), tmp_path, password=PASSWORD + "x")
    content = _sign(receipt, inspector("张伟"), tmp_path)
    assert PASSWORD not in caplog.text
    assert PASSWORD.encode() not in content
    assert {p.name for p in tmp_path.iterdir()} == {"文书.pdf", "证书.p12"}


def _without_key() -> bytes:
    return pkcs12.serialize_key_and_certificates(b"x", None, inspector("张伟").certificate, None, NoEncryption())


CERTIFICATES: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "no-key": (_without_key, "E743", "没有私钥"),
    "only-certificate": (lambda: root().pem, "E743", "不是 PKCS#12"),
    "text": (lambda: b"not a certificate", "E743", "不是 PKCS#12"),
    "empty": (lambda: b"", "E743", "不是 PKCS#12"),
    "cut-off": (lambda: packed(inspector("张伟"))[:-40], "E743", "不是 PKCS#12"),
    "for-encryption": (lambda: packed(holder("张伟", root(), signs=False)), "E743", "不是用来签名的"),
    "small": (lambda: packed(holder("张伟", root(), key=rsa.generate_private_key(65537, 1024))), "E743", "1024 位"),
    "other-kind": (lambda: packed(holder("张伟", root(), key=ed25519.Ed25519PrivateKey.generate())), "E743", "不受支持"),
    "other-curve": (lambda: packed(holder("张伟", root(), key=ec.generate_private_key(ec.SECP256K1()))), "E743", "不受支持"),
    "large": (lambda: bytes(signing.MAX_CERTIFICATE_BYTES + 1), "E102", "过大"),
}  # fmt: skip


@pytest.mark.parametrize("kind", CERTIFICATES)
def test_a_certificate_that_cannot_sign_is_a_plain_problem(kind: str, receipt: bytes, tmp_path: Path) -> None:
    made, code, words = CERTIFICATES[kind]
    password = "" if kind == "no-key" else PASSWORD
    said = _refused(receipt, made(), tmp_path, password=password)
    assert f": {code} " in said
    assert words in said


def test_a_national_certificate_is_named_with_what_to_do(receipt: bytes, tmp_path: Path) -> None:
    said = _refused(receipt, (ROOT / "tests" / "data" / "sm2.p12").read_bytes(), tmp_path, password="pw")
    assert "E743" in said
    assert "国密（SM2）" in said
    assert "UKey" in said


def test_a_wrong_password_has_its_own_code(receipt: bytes, tmp_path: Path) -> None:
    for wrong in ("", "x" + PASSWORD, PASSWORD + " "):
        assert ": E744 " in _refused(receipt, packed(inspector("张伟")), tmp_path, password=wrong)


@pytest.mark.parametrize("at", [FIRST - timedelta(minutes=1), LAST + timedelta(minutes=1)])
def test_a_certificate_signs_within_its_days_only(at: datetime, receipt: bytes, tmp_path: Path) -> None:
    said = _refused(receipt, packed(inspector("张伟")), tmp_path, at)
    assert "E743" in said
    assert "2024-01-01 至 2027-01-01" in said


def test_a_certificate_that_says_nothing_of_its_use_may_sign(receipt: bytes, tmp_path: Path) -> None:
    by = holder("刘洋", root(), key=ec.generate_private_key(ec.SECP384R1()), usage=False)
    assert _checked(_sign(receipt, by, tmp_path), tmp_path, root().pem).conclusions == CONFIRMED


def test_a_draft_and_a_changed_paper_are_not_signed(receipt: bytes, tmp_path: Path) -> None:
    draft = record_pdf(recorded("clinic-2024", final=False), "inspection-record")
    assert "E742 这份文书不能签名：它是草稿" in _refused(draft, packed(inspector("张伟")), tmp_path)
    changed = _updated(receipt, _cover)
    said = _refused(changed, packed(inspector("张伟")), tmp_path)
    assert "E742 这份文书不能签名：核对不一致" in said
    assert "E708" in _refused(b"%PDF-1.7", packed(inspector("张伟")), tmp_path)


# ── verifying


def test_a_signature_without_a_root_says_nothing_of_who(signed: bytes, tmp_path: Path) -> None:
    check = _checked(signed, tmp_path)
    assert (check.conclusions, check.reasons, check.confirmed_by) == (GOOD, (), ())
    (found,) = check.signatures
    assert (found.signer, found.issuer, found.time) == ("张伟", "瑶海区根证书", "2024-06-03T09:30+08:00")
    assert (found.intact, found.whole, found.covers, found.trusted) == (True, True, len(signed), None)
    assert "未核对签发机构" in check_text(check)


def test_a_root_that_is_trusted_is_evidence_from_outside(twice: bytes, signed: bytes, tmp_path: Path) -> None:
    check = _checked(twice, tmp_path, root().pem)
    assert (check.conclusions, check.reasons) == (CONFIRMED, ())
    assert [(s.signer, s.intact, s.whole, s.covers, s.trusted) for s in check.signatures] == [
        ("张伟", True, False, len(signed), True),
        ("刘洋", True, True, len(twice), True),
    ]
    text = check_text(check)
    assert "与外部凭据一致：张伟、刘洋 的电子签名完好" in text
    assert "是否吊销没有核对" in text
    assert not any("不是记录中的人员" in note for note in check.notes)


def test_a_certificate_made_at_home_proves_nothing(receipt: bytes, tmp_path: Path) -> None:
    forged = _sign(receipt, holder("张伟", holder("瑶海区根证书")), tmp_path)
    assert _checked(forged, tmp_path).conclusions == GOOD
    check = _checked(forged, tmp_path, root().pem)
    assert check.conclusions == (Conclusion.INCONSISTENT,)
    assert any("没有一个完好的电子签名能上溯到" in reason for reason in check.reasons)
    assert any("不能上溯" in note for note in check.signatures[0].notes)
    both = _sign(forged, inspector("刘洋"), tmp_path, LATER)
    check = _checked(both, tmp_path, root().pem)
    assert check.conclusions == CONFIRMED
    assert check.confirmed_by == ("刘洋 的电子签名完好，证书由所给的根证书签发",)


def test_a_paper_without_a_signature_has_no_root_to_go_to(receipt: bytes, tmp_path: Path) -> None:
    assert _checked(receipt, tmp_path, root().pem).conclusions == (Conclusion.INCONSISTENT,)


def test_a_hash_and_a_root_must_both_agree(signed: bytes, tmp_path: Path) -> None:
    own = _checked(signed, tmp_path).sha256
    assert _checked(signed, tmp_path, root().pem, own[:12]).conclusions == CONFIRMED
    assert _checked(signed, tmp_path, root().pem, "0" * 12).conclusions == (Conclusion.INCONSISTENT,)
    assert _checked(signed, tmp_path, holder("别处").pem, own[:12]).conclusions == (Conclusion.INCONSISTENT,)


def test_somebody_who_is_not_in_the_record_is_noted(receipt: bytes, tmp_path: Path) -> None:
    check = _checked(_sign(receipt, inspector("钱七"), tmp_path), tmp_path, root().pem)
    assert check.conclusions == CONFIRMED
    assert "签名人 钱七 不是记录中的人员或执法机关" in check.notes


@pytest.mark.parametrize("at", [FIRST - timedelta(days=1), LAST + timedelta(days=1)])
def test_a_certificate_out_of_its_days_is_not_trusted(at: datetime, receipt: bytes, tmp_path: Path) -> None:
    content = _sign_anything(receipt, inspector("张伟"), at)
    check = _checked(content, tmp_path)
    assert check.conclusions == GOOD
    assert any("不在有效期内" in note for note in check.signatures[0].notes)
    assert _checked(content, tmp_path, root().pem).conclusions == (Conclusion.INCONSISTENT,)


def test_a_certificate_for_encryption_is_not_trusted(receipt: bytes, tmp_path: Path) -> None:
    content = _sign_anything(receipt, holder("张伟", root(), signs=False))
    assert _checked(content, tmp_path, root().pem).conclusions == (Conclusion.INCONSISTENT,)


# ── changes


def test_a_changed_byte_is_seen_in_both_signatures(twice: bytes, receipt: bytes, tmp_path: Path) -> None:
    at = twice.index(b"/Lang (zh", len(receipt)) + 7
    changed = twice[:at] + b"en" + twice[at + 2 :]
    check = _checked(changed, tmp_path, root().pem)
    assert check.conclusions == (Conclusion.INCONSISTENT,)
    assert [s.intact for s in check.signatures] == [False, False]
    assert sum("所签的内容改动过" in reason for reason in check.reasons) == 2
    assert _checked(changed, tmp_path).conclusions == WRONG


def test_bytes_behind_the_end_change_nothing(signed: bytes, tmp_path: Path) -> None:
    check = _checked(signed + b"\n% seen\n", tmp_path, root().pem)
    assert check.conclusions == CONFIRMED
    assert not check.signatures[0].whole


def _cover(writer: PdfWriter) -> None:
    writer.add_annotation(0, FreeText(text="已免于处罚", rect=(100, 600, 400, 660)))


def _draw(writer: PdfWriter) -> None:
    page, other = writer.pages[0], DecodedStreamObject()
    other.set_data(page["/Contents"].get_object().get_data() + b"\n1 g 100 600 300 60 re f")
    page[NameObject("/Contents")] = writer._add_object(other)


def _language(writer: PdfWriter) -> None:
    writer.root_object[NameObject("/Lang")] = TextStringObject("en-US")


@pytest.mark.parametrize("change", [_cover, _draw, _language])
def test_an_update_after_the_signature_is_seen(
    change: Callable[[PdfWriter], None], signed: bytes, tmp_path: Path
) -> None:
    check = _checked(_updated(signed, change), tmp_path, root().pem)
    assert check.conclusions == (Conclusion.INCONSISTENT,)
    assert check.signatures[0].intact, "the bytes that were signed are still there"
    assert any("签名之后文件改动过" in reason for reason in check.reasons)


def test_other_properties_after_the_signature_are_seen(signed: bytes, tmp_path: Path) -> None:
    changed = _updated(signed, lambda writer: writer.add_metadata({"/Subject": "另一份"}))
    check = _checked(changed, tmp_path, root().pem)
    assert check.conclusions == (Conclusion.INCONSISTENT,)
    assert any("/Info/Subject" in reason for reason in check.reasons)


def test_a_broken_pyhanko_accuses_nobody(signed: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyhanko.sign.validation", None)  # it is there, and importing it fails
    check = _checked(signed, tmp_path)
    assert check.conclusions == GOOD, check.reasons
    assert any("没有核对" in note and "pyHanko" in note for note in check.notes)
    assert "E741 " in _refused(signed, packed(inspector("张伟")), tmp_path)


def test_one_certificate_that_signs_twice_is_noted(signed: bytes, twice: bytes, tmp_path: Path) -> None:
    again = _sign(signed, inspector("张伟"), tmp_path, LATER)
    assert any("同一张证书" in note for note in _checked(again, tmp_path).notes)
    assert not any("同一张证书" in note for note in _checked(twice, tmp_path).notes)


def test_nobody_signs_in_the_days_to_come(receipt: bytes, tmp_path: Path) -> None:
    paper, certificate = (
        written(tmp_path, "文书.pdf", receipt),
        written(tmp_path, "证书.p12", packed(inspector("张伟"))),
    )
    day = (datetime.now(BEIJING) + timedelta(days=2)).strftime("%Y-%m-%d %H:%M")
    out = tmp_path / "签.pdf"
    said = chunfeng("record", "sign", paper, "--certificate", certificate, "--at", day, "-o", out)
    assert (said.code, out.exists()) == (2, False)
    assert "不能签将来的时间" in said.said


def test_an_update_between_two_signatures_is_seen(signed: bytes, tmp_path: Path) -> None:
    check = _checked(_sign_anything(_updated(signed, _draw), inspector("刘洋"), LATER), tmp_path, root().pem)
    assert Conclusion.INCONSISTENT in check.conclusions


def test_another_paper_that_was_signed_does_not_vouch_for_this_one(receipt: bytes, tmp_path: Path) -> None:
    """The page that was signed had a rectangle over its text; taken away later, the file shows what was printed."""
    contents: list[Any] = []

    def spoil(writer: PdfWriter) -> None:
        contents.append(writer.pages[0].raw_get("/Contents"))
        _draw(writer)

    def restore(writer: PdfWriter) -> None:
        writer.pages[0][NameObject("/Contents")] = contents[0]

    restored = _updated(_sign_anything(_updated(receipt, spoil), inspector("张伟")), restore)
    check = _checked(restored, tmp_path, root().pem)
    assert check.conclusions == (Conclusion.INCONSISTENT,)
    assert any("签名时的文件，第 1 页" in reason for reason in check.reasons), check.reasons


# ── what nobody signed


def _with_field(content: bytes, value: DictionaryObject | None, **more: Any) -> bytes:
    """Return the file with the field of a signature that some program wrote."""

    def add(writer: PdfWriter) -> None:
        field = DictionaryObject({NameObject("/FT"): NameObject("/Sig"), NameObject("/T"): TextStringObject("s")})
        if value is not None:
            field[NameObject("/V")] = writer._add_object(value)
        field.update({NameObject(f"/{key}"): given for key, given in more.items()})
        reference = writer._add_object(field)
        if "Kids" in more:
            field[NameObject("/Kids")] = ArrayObject([reference])
        writer.root_object[NameObject("/AcroForm")] = DictionaryObject(
            {NameObject("/Fields"): ArrayObject([reference])}
        )

    return _updated(content, add)


def _value(ranges: object, contents: bytes = b"0" * 16, packed_as: str = "/adbe.pkcs7.detached") -> DictionaryObject:
    value = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Sig"), NameObject("/SubFilter"): NameObject(packed_as),
            NameObject("/Contents"): ByteStringObject(contents),
        }
    )  # fmt: skip
    if ranges is not None:
        numbers = ArrayObject(map(NumberObject, ranges)) if isinstance(ranges, (list, tuple)) else TextStringObject("x")
        value[NameObject("/ByteRange")] = numbers
    return value


RANGES: dict[str, object] = {
    "none": None, "text": "x", "empty": [], "short": [0, 10], "negative": [0, -5, 20, 10], "overlapping": [0, 50, 20, 100],
    "beyond": [0, 10, 20, 10**12], "endless": [0, 2**70, 2**71, 2**72], "not-from-the-start": [5, 10, 30, 100],
    "many": [0, 1] * 5000, "anywhere": [0, 100, 200, 300],
}  # fmt: skip


@pytest.mark.parametrize("kind", RANGES)
def test_a_broken_range_is_inconsistent(kind: str, receipt: bytes, tmp_path: Path) -> None:
    content = _with_field(receipt, _value(RANGES[kind]))
    (found,) = read_signatures(content, None)
    assert found.intact is False
    assert found.reasons
    if kind == "beyond":
        check = _checked(content, tmp_path)
        assert check.conclusions == WRONG
        assert any("ByteRange" in reason for reason in check.reasons), check.reasons


def test_a_signature_of_an_unknown_kind_is_named_and_not_judged(receipt: bytes, tmp_path: Path) -> None:
    check = _checked(_with_field(receipt, _value([0, 1, 2, 3], packed_as="/GM.sm2seal")), tmp_path)
    assert check.conclusions == GOOD
    assert check.signatures[0].intact is None
    assert "GM.sm2seal" in check_text(check)


def _with_digest(content: bytes, algorithm: str) -> bytes:
    """Return the signed file with a signature that says it is over another digest."""
    found = re.search(rb"/Contents <([0-9A-Fa-f]+)>", content)
    assert found
    packed_data = cms.ContentInfo.load(bytes.fromhex(found.group(1).decode()))
    packed_data["content"]["signer_infos"][0]["digest_algorithm"] = {"algorithm": algorithm}
    other = packed_data.dump(force=True).hex().encode().ljust(len(found.group(1)), b"0")
    return content[: found.start(1)] + other + content[found.end(1) :]


@pytest.mark.parametrize(
    ("algorithm", "words"),
    [("sha1", "sha1"), ("md5", "md5"), ("1.2.156.10197.1.401", "国密（SM2）"), ("1.2.3", "1.2.3")],
)
def test_a_digest_that_is_weak_or_unknown_vouches_for_nothing(
    algorithm: str, words: str, signed: bytes, tmp_path: Path
) -> None:
    content = _with_digest(signed, algorithm)
    (found,) = read_signatures(content, (root().certificate.public_bytes(pkcs12.serialization.Encoding.DER),))
    assert (found.intact, found.trusted) == (None, None)
    assert words in found.notes[0]
    if algorithm == "sha1":
        assert _checked(content, tmp_path).conclusions == GOOD
        assert _checked(content, tmp_path, root().pem).conclusions == (Conclusion.INCONSISTENT,)


def test_circles_and_crowds_end(receipt: bytes, tmp_path: Path) -> None:
    circle = _with_field(receipt, _value([0, 1, 2, 3]), Kids=ArrayObject())
    path = written(tmp_path, "圈.pdf", circle)
    check, problems = verify.verify_paper(PLACE, path)
    assert (check is None and problems) or (check is not None and Conclusion.INCONSISTENT in check.conclusions)

    def crowd(writer: PdfWriter) -> None:
        field = DictionaryObject({NameObject("/FT"): NameObject("/Sig"), NameObject("/V"): DictionaryObject()})
        fields = ArrayObject([writer._add_object(field)] * 100)
        writer.root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/Fields"): fields})

    crowded = _checked(_updated(receipt, crowd), tmp_path)
    assert crowded.conclusions == WRONG
    assert any("100 个" in reason for reason in crowded.reasons)


def test_a_signature_that_is_garbage_inside_is_inconsistent(signed: bytes, tmp_path: Path) -> None:
    start = signed.index(b"/Contents <", signed.index(b"/FT /Sig")) + len(b"/Contents <")
    for garbage in (b"30840fffffff" + b"30" * 500, b"ff" * 600, b"3080" * 400):
        changed = signed[:start] + garbage + signed[start + len(garbage) :]
        check = _checked(changed, tmp_path)
        assert check.conclusions == WRONG
        assert check.signatures[0].intact is False


def test_hostile_signatures_end_in_a_process_of_their_own(signed: bytes) -> None:
    assert check_signatures(signed, None) == read_signatures(signed, None)
    with pytest.raises(UncheckedError, match="不合规范"):
        check_signatures(signed[: len(signed) // 2], None)


def test_checking_is_ended_when_it_takes_too_long(signed: bytes) -> None:
    with pytest.raises(UncheckedError, match="用时过长"):
        check_signatures(signed, None, seconds=0.01)


def test_a_process_that_dies_is_a_reason(signed: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def dead(file: bytes, roots: object) -> Any:
        raise UncheckedError("电子签名的结构异常，核对中断")

    monkeypatch.setattr(verify, "check_signatures", dead)
    assert _checked(signed, tmp_path).conclusions == WRONG


# ── without the parts for it


def test_without_the_parts_it_is_said_and_not_checked(
    signed: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("verify", "signing", "signatures"):
        monkeypatch.setattr(f"engine.documents.{module}.installed", lambda: False)
    check = _checked(signed, tmp_path)
    assert check.conclusions == GOOD
    assert check.signatures == ()
    assert any("没有核对：没有安装 pyHanko" in note for note in check.notes)
    assert "E741" in _refused(signed, packed(inspector("张伟")), tmp_path)
    _, problems = read_roots(written(tmp_path, "根.pem", root().pem))
    assert [p.code for p in problems] == ["E741"]


@pytest.mark.parametrize("content", [b"", b"text", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_root_that_is_none_is_a_problem(content: bytes, tmp_path: Path) -> None:
    _, problems = read_roots(written(tmp_path, "根.pem", content))
    assert [p.code for p in problems] == ["E745"]


def test_roots_are_read_one_or_several_in_both_forms(tmp_path: Path) -> None:
    other = holder("另一个根")
    assert len(read_roots(written(tmp_path, "根.pem", root().pem + other.pem))[0]) == 2
    der = root().certificate.public_bytes(pkcs12.serialization.Encoding.DER)
    assert read_roots(written(tmp_path, "根.cer", der))[0] == (der,)


# ── the command line


def test_the_command_signs_and_verify_says_who(receipt: bytes, tmp_path: Path) -> None:
    written(tmp_path, "a.pdf", receipt)
    written(tmp_path, "z.p12", packed(inspector("张伟")))
    written(tmp_path, "root.pem", root().pem)
    (tmp_path / "pw.txt").write_text(PASSWORD + "\n", encoding="utf-8-sig")
    (tmp_path / "bad.txt").write_text("wrong\n", encoding="utf-8")
    options = ("--certificate", "z.p12", "--at", "2024-06-03 09:30")
    done = chunfeng("record", "sign", "a.pdf", *options, "--password-file", "pw.txt", "-o", "b.pdf", cwd=tmp_path)
    assert done.code == 0, done.err
    assert "b.pdf：电子签名 1　张伟　2024-06-03 09:30　证书由“瑶海区根证书”签发" in done.out
    assert PASSWORD not in done.said
    said = chunfeng("verify", "b.pdf", "--trust", "root.pem", cwd=tmp_path)
    assert said.code == 0
    assert "与外部凭据一致：张伟 的电子签名完好" in said.out
    again = chunfeng("record", "sign", "a.pdf", *options, "--password-file", "pw.txt", "-o", "b.pdf", cwd=tmp_path)
    assert again.code == 2, "a signed paper is not written over"
    same = chunfeng("record", "sign", "a.pdf", *options, "--password-file", "pw.txt", "-o", "a.pdf", cwd=tmp_path)
    assert same.code == 2
    wrong = chunfeng("record", "sign", "a.pdf", *options, "--password-file", "bad.txt", "-o", "c.pdf", cwd=tmp_path)
    assert wrong.code == 1
    assert "E744" in wrong.err
    assert not (tmp_path / "c.pdf").exists()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-06-03 09:30", datetime(2024, 6, 3, 9, 30, tzinfo=BEIJING)),
        ("2024-06-03T00:00", datetime(2024, 6, 3, tzinfo=BEIJING)),
        ("2024-06-03", None),
        ("2024-02-30 09:30", None),
        ("2024-06-03 25:00", None),
        ("2024-06-03 09:30:00+00:00", None),
    ],
)
def test_a_moment_is_written_in_one_way(text: str, moment: datetime | None) -> None:
    assert parse_moment(text) == moment

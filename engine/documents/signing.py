"""A final paper signed with a certificate: appended to the file, nothing of what was printed changes.

The signature shows nothing on the page, so that the paper stays PDF/A; `verify` says who signed. No timestamp server
and no list of revoked certificates is asked. The same paper, certificate and moment give the same file, but for keys of
elliptic curves, whose signatures are random.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import warnings
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.days import BEIJING
from engine.documents.signatures import MAX_SIGNATURES, installed, not_installed, read_signatures
from engine.documents.verify import MAX_PAPER_BYTES, verify_file
from engine.library.files import Place
from engine.model.base import Conclusion
from engine.model.paper_check import PaperCheck, SignatureCheck
from engine.problems import Mark, Problem, ProblemError, problem
from engine.reading import read_bytes

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

MAX_CERTIFICATE_BYTES = 1024 * 1024
MIN_RSA_BITS = 2048
_SM2 = "1.2.156.10197.1"
_BY_HAND = "；没有合适证书的，打印后手写签名，扫描件用 record attach 登记"


class Signed(NamedTuple):
    """A signed paper, and the signature as verify sees it."""

    pdf: bytes
    number: int
    """Which signature of the file it is, from 1."""
    signature: SignatureCheck


def sign_paper(
    place: Place, path: Path, certificate: Path, password: str, at: datetime, evidence: Path | None = None
) -> tuple[Signed | None, list[Problem]]:
    """Return the paper signed with the certificate of a PKCS#12 file, or None and why not.

    at: the time that the signature claims, within the days of the certificate. evidence: as verify_paper takes it. The
    paper is checked first: a draft is not signed, nor a file that is not what this program printed.
    """
    if not installed():
        return None, [not_installed()]
    file, problems = read_bytes(path, str(path), MAX_PAPER_BYTES)
    packed, wrong = read_bytes(certificate, str(certificate), MAX_CERTIFICATE_BYTES)
    problems += wrong
    if problems:
        return None, problems
    try:
        _examine(packed, str(certificate), password, at)
    except ProblemError as refused:
        return None, list(refused.problems)
    check, problems = verify_file(place, file, str(path), evidence=evidence)
    if check is None:
        return None, problems
    refusal = _refusal(check, str(path))
    if refusal is not None:
        return None, [refusal]
    return _signed(file, str(path), packed, password, at)


def _refusal(check: PaperCheck, name: str) -> Problem | None:
    """Return why a checked paper is not to be signed."""
    reason = todo = ""
    if Conclusion.INCONSISTENT in check.conclusions:
        reason, todo = f"核对不一致（{check.reasons[0]}）", "请重新打印，或取回原文件后再签"
    elif check.draft:
        reason, todo = "它是草稿", "请先补正打印时列出的各项，打印出正式的文书后再签"
    elif len(check.signatures) >= MAX_SIGNATURES:
        reason, todo = f"已有 {len(check.signatures)} 个电子签名", f"一份文书最多 {MAX_SIGNATURES} 个"
    return problem("E742", Mark(name), reason=reason, todo=todo) if reason else None


def _examine(packed: bytes, name: str, password: str, at: datetime) -> None:
    """Raise ProblemError unless the file holds a key and a certificate that may sign at this moment."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import pkcs12

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of certificates that are written oddly
            key, certificate, _ = pkcs12.load_key_and_certificates(packed, password.encode())
            if key is None:
                raise _unusable(name, "里面没有私钥", "请从证书管理中连同私钥一起导出（.pfx 或 .p12）")
            if certificate is None or certificate.public_key() != key.public_key():
                raise _unusable(name, "里面没有与私钥对应的证书", "请从证书管理中连同私钥一起导出（.pfx 或 .p12）")
            _examine_key(name, key)
            _examine_certificate(name, certificate, at)
    except UnsupportedAlgorithm as error:
        raise _unusable(name, *_unsupported(str(error))) from None
    except ValueError as error:
        if "password" in str(error).lower():
            raise ProblemError([problem("E744", Mark(name))]) from None
        reason, todo = "不是 PKCS#12 证书文件，或者已经损坏", "请用带私钥的 .pfx 或 .p12 文件；.cer、.pem 只有证书"
        raise _unusable(name, reason, todo) from None


def _unsupported(error: str) -> tuple[str, str]:
    """Return reason and remedy for a key of a kind that is not known here."""
    if _SM2 in error:
        todo = "请用 UKey 或电子签章系统自带的软件给打印好的 PDF 签名（verify 会说明没有核对），或改用 RSA、ECDSA 证书"
        return "是国密（SM2）证书，本程序不支持", todo + _BY_HAND
    return "密钥或加密的种类不受支持", "请用 RSA 或 ECDSA 证书" + _BY_HAND


def _examine_key(name: str, key: Any) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    if isinstance(key, rsa.RSAPrivateKey):
        if key.key_size < MIN_RSA_BITS:
            reason = f"RSA 密钥只有 {key.key_size} 位，已不安全"
            raise _unusable(name, reason, f"请申领 {MIN_RSA_BITS} 位以上的证书")
    elif not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name not in (
        "secp256r1",
        "secp384r1",
        "secp521r1",
    ):
        raise _unusable(name, *_unsupported(""))


def _examine_certificate(name: str, certificate: Certificate, at: datetime) -> None:
    from cryptography.x509 import ExtensionNotFound, KeyUsage

    first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not first <= at <= last:
        days = "至".join(f" {day.astimezone(BEIJING).date()} " for day in (first, last)).strip()
        reason = f"签名时间 {at.astimezone(BEIJING):%Y-%m-%d %H:%M} 不在证书的有效期内（{days}）"
        raise _unusable(name, reason, "请换用在有效期内的证书，并核对电脑的时间或 --at")
    try:
        usage = certificate.extensions.get_extension_for_class(KeyUsage).value
    except ExtensionNotFound:
        return
    if not (usage.digital_signature or usage.content_commitment):
        raise _unusable(name, "证书不是用来签名的（密钥用途里没有数字签名）", "请用签名证书，不要用加密证书")


def _unusable(name: str, reason: str, todo: str) -> ProblemError:
    return ProblemError([problem("E743", Mark(name), reason=reason, todo=todo)])


def _signed(
    file: bytes, name: str, packed: bytes, password: str, at: datetime
) -> tuple[Signed | None, list[Problem]]:  # fmt: skip
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign.general import SigningError

    try:
        pdf = asyncio.run(_appended(file, packed, password, at))
    except (SigningError, PdfError):
        todo = "请取回打印时的文件再签；前一个签名可能不许文件再有改动"
        return None, [problem("E742", Mark(name), reason="文件的结构不能再加签名", todo=todo)]
    found = read_signatures(pdf, None)
    assert pdf.startswith(file), "printed bytes stay"
    made = found[-1]
    assert (made.intact, made.whole, made.reasons) == (True, True, ()), "what was signed can be checked"
    return Signed(pdf, len(found), made), []


async def _appended(file: bytes, packed: bytes, password: str, at: datetime) -> bytes:
    """Return the file with a signature appended. Raises what pyHanko raises of a file that takes none."""
    from pyhanko.sign.fields import SigSeedSubFilter, enumerate_sig_fields
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
    from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

    writer = _writer(file)
    taken = {field for field, _, _ in enumerate_sig_fields(writer.prev)}
    field = next(f"Signature{number}" for number in range(1, len(taken) + 2) if f"Signature{number}" not in taken)
    metadata = PdfSignatureMetadata(
        field_name=field, md_algorithm="sha256", subfilter=SigSeedSubFilter.ADOBE_PKCS7_DETACHED
    )
    session = PdfSigner(metadata, SimpleSigner.load_pkcs12_data(packed, [], password.encode())).init_signing_session(
        writer
    )
    session.system_time = at
    size = await session.estimate_signature_container_size(None)
    document = session.prepare_tbs_document(None, size)
    output = io.BytesIO()
    prepared, _ = document.digest_tbs_document(output=output)
    await document.perform_signature(prepared.document_digest, PdfCMSSignedAttributes(signing_time=at))
    return output.getvalue()


def _writer(file: bytes) -> Any:
    """Return what appends to a PDF and asks neither the clock nor chance."""
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    class Appending(IncrementalPdfFileWriter):
        """Leaves the metadata as printed and makes the second half of the file's ID from the file."""

        def _update_meta(self) -> None:
            """Keep the metadata: PDF/A wants them to agree, and the time of the signature stands in the signature."""

        def ensure_output_version(self, version: Any) -> None:
            """Keep the version: PDF/A-3 is PDF 1.7, whatever the key of the signature."""

        @classmethod
        def _handle_id(cls, prev: Any) -> Any:
            first = super()._handle_id(prev)[0]  # type: ignore[no-untyped-call]
            return generic.ArrayObject([first, generic.ByteStringObject(hashlib.sha256(file).digest()[:16])])

    return Appending(io.BytesIO(file))

"""Electronic signatures of a PDF from anybody, checked in a process of its own, which may be ended at any time.

The time of a signature is what the signer's computer said, and whether a certificate was revoked is not asked: nothing
here uses the network or the clock.
"""

from __future__ import annotations

import hashlib
import importlib
import io
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from engine.days import BEIJING
from engine.documents.text import one_line
from engine.model.paper_check import SignatureCheck
from engine.problems import Mark, Problem, problem
from engine.reading import read_bytes

MAX_SIGNATURES = 16
SECONDS = 60
"""A signature takes some hundredths of a second: what takes longer is made to."""
_MAX_MEMORY = 2 * 1024**3
_MAX_CMS_BYTES = 256 * 1024
_MAX_CERTIFICATES = 20
"""Of one signature: ways through certificates that sign each other grow without end."""
_MAX_ROOTS_BYTES = 1024 * 1024
SIGNING_USAGES = frozenset({"digital_signature", "non_repudiation"})
"""A certificate that says what it is for must be for one of these."""
_DIGESTS = frozenset({"sha256", "sha384", "sha512"})
"""Two files of one SHA-1 can be made: a signature over it says nothing of which was signed."""
_CHINESE = "1.2.156.10197"
"""Where the names of SM2 and SM3 begin."""
_PARTS = ("asn1crypto.x509", "pyhanko.sign.fields", "pyhanko.sign.validation", "pyhanko.sign.signers.pdf_cms")
NEEDED = 'pip install "pyhanko>=0.38,<0.39"'


class UncheckedError(Exception):
    """The signatures of a file could not be checked; the text says why in Chinese."""


def installed() -> bool:
    """Return whether the parts for electronic signatures are there and work: they are an extra."""
    try:
        for name in _PARTS:
            importlib.import_module(name)
    except Exception:  # parts that do not fit each other fail in any way when they are loaded
        return False
    return True


def not_installed() -> Problem:
    """Return the problem of missing parts, with what to do."""
    return problem("E741", command=NEEDED)


def read_roots(path: Path) -> tuple[tuple[bytes, ...], list[Problem]]:
    """Return the root certificates in a file, PEM or DER, each as DER; or none and why."""
    if not installed():
        return (), [not_installed()]
    raw, problems = read_bytes(path, str(path), _MAX_ROOTS_BYTES)
    if problems:
        return (), problems
    from asn1crypto import pem, x509

    try:
        found = [der for kind, _, der in pem.unarmor(raw, multiple=True)] if pem.detect(raw) else [raw]
        for der in found:
            x509.Certificate.load(der, strict=True).native  # noqa: B018  (it is parsed when it is looked at)
    except Exception:  # whatever the parser makes of another kind of file
        found = []
    if not found:
        return (), [problem("E745", Mark(str(path)), reason="里面没有证书，或者证书已经损坏")]
    return tuple(found), []


def check_signatures(file: bytes, roots: tuple[bytes, ...] | None, seconds: float = SECONDS) -> list[SignatureCheck]:
    """Return what checking each signature of a PDF found, the oldest first. roots: trusted certificates as DER.

    Raises UncheckedError where they cannot be read, or take more time or memory than signatures do.
    """
    context = get_context("spawn")
    here, there = context.Pipe(duplex=False)
    worker = context.Process(target=_work, args=(there, file, roots), daemon=True)
    worker.start()
    there.close()
    try:
        if not here.poll(seconds):
            raise UncheckedError("电子签名的结构异常，核对用时过长")
        found = here.recv()
    except (EOFError, OSError) as error:
        raise UncheckedError("电子签名的结构异常，核对中断") from error
    finally:
        worker.kill()
        worker.join()
        worker.close()
        here.close()
    if isinstance(found, str):
        raise UncheckedError(found)
    return [SignatureCheck.model_validate(each) for each in found]


def _work(answer: Connection, file: bytes, roots: tuple[bytes, ...] | None) -> None:
    """Send what was found, or the reason why nothing was, and end."""
    try:
        import resource
    except ImportError:  # Windows: the time is bounded still
        pass
    else:
        resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY, _MAX_MEMORY))
    try:
        answer.send([each.model_dump() for each in read_signatures(file, roots)])
    except Exception:  # a hostile file makes a parser raise nearly anything
        answer.send("电子签名的结构不合规范，无法核对")


def read_signatures(file: bytes, roots: tuple[bytes, ...] | None) -> list[SignatureCheck]:
    """Return what checking each signature found, as check_signatures does, in this process and without its bounds."""
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.fields import enumerate_sig_fields

    for name in ("pyhanko", "pyhanko_certvalidator"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # it prints what it tried, with its traceback
    reader = PdfFileReader(io.BytesIO(file))
    fields = list(enumerate_sig_fields(reader, filled_status=True))
    if len(fields) > MAX_SIGNATURES:
        raise ValueError("too many signatures")
    found = [_checked(reader, file, field, name, roots) for name, _, field in fields]
    return sorted(found, key=lambda each: each.covers)


def _checked(reader: Any, file: bytes, field: Any, name: str, roots: tuple[bytes, ...] | None) -> SignatureCheck:
    from pyhanko.pdf_utils.misc import PdfReadError
    from pyhanko.sign.validation import EmbeddedPdfSignature
    from pyhanko.sign.validation.errors import DisallowedAlgorithmError, SignatureValidationError

    signature = field.get_object()["/V"]
    kind, packed = str(signature.get("/Type", "/Sig")), str(signature.get("/SubFilter", ""))
    if kind != "/Sig" or packed not in ("/adbe.pkcs7.detached", "/ETSI.CAdES.detached"):
        what = "时间戳" if kind == "/DocTimeStamp" else f"种类为 {one_line(packed.lstrip('/'))[:40] or '不明'} 的签名"
        return _unknown(f"{what}，本程序不能核对")
    end = _end_of_signed(file, signature.raw_get("/ByteRange") if "/ByteRange" in signature else None)
    if end is None:
        return _broken("签名所盖的范围（ByteRange）不合规范")
    try:
        embedded = EmbeddedPdfSignature(reader, field, name)
        certificates = embedded.signed_data["certificates"]
        if len(embedded.pkcs7_content) > _MAX_CMS_BYTES or len(certificates) > _MAX_CERTIFICATES:
            return _broken("签名数据过大")
        if embedded.md_algorithm not in _DIGESTS:
            return _unknown(_of_another_digest(embedded.md_algorithm))
        return _judged(embedded, file, end, roots)
    except DisallowedAlgorithmError:
        return _unknown("所用的算法已不安全或不受支持，没有核对")
    except (SignatureValidationError, PdfReadError, ValueError, KeyError, TypeError, AssertionError) as error:
        if _CHINESE in str(error):
            return _unknown(_of_another_digest(_CHINESE))
        return _broken("签名数据不合规范")


def _of_another_digest(name: str) -> str:
    """Return in Chinese why a signature over a digest of this name is not checked."""
    if name.startswith((_CHINESE, "sm3")):
        return "是国密（SM2）签名，本程序不能核对，请用签名的软件核对"
    return f"所用的摘要算法（{one_line(name)[:30]}）已不安全或不受支持，没有核对"


def _judged(embedded: Any, file: bytes, end: int, roots: tuple[bytes, ...] | None) -> SignatureCheck:
    """Return what pyHanko says of a signature whose bytes are where they belong, in our words."""
    from asn1crypto import x509
    from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
    from pyhanko.sign.validation.settings import KeyUsageConstraints
    from pyhanko_certvalidator import ValidationContext

    certificate, time = embedded.signer_cert, _aware(embedded.self_reported_timestamp)
    usages = certificate.key_usage_value
    context = ValidationContext(
        trust_roots=[x509.Certificate.load(root) for root in roots or ()], allow_fetching=False,
        revocation_mode="soft-fail", moment=time or certificate.not_valid_before,
    )  # fmt: skip
    asked = KeyUsageConstraints(key_usage=SIGNING_USAGES if usages is not None else frozenset())
    status = validate_pdf_signature(embedded, context, key_usage_settings=asked)
    intact = bool(status.intact and status.valid)
    reasons = []
    if not intact:
        reasons.append("所签的内容改动过" if not status.intact else "签名与证书对不上")
    if status.coverage not in (SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION):
        reasons.append("没有盖住它所签的整个版本")
    elif not status.docmdp_ok:
        reasons.append("签名之后文件改动过，不只是追加签名")
    trusted = bool(status.trusted) if roots is not None and intact else None
    doubts = list(_doubts(certificate, time, trusted))
    return SignatureCheck(
        signer=_name(certificate.subject), issuer=_name(certificate.issuer),
        certificate=hashlib.sha256(certificate.dump()).hexdigest(),
        time=time.astimezone(BEIJING).isoformat(timespec="minutes") if time else "",
        intact=intact, covers=end, whole=end == len(file),
        trusted=None if roots is None else bool(trusted) and not doubts,
        reasons=tuple(reasons), notes=tuple(doubts),
    )  # fmt: skip


def _doubts(certificate: Any, time: datetime | None, trusted: bool | None) -> Iterator[str]:
    """Yield in Chinese what speaks against the certificate at the time that the signature claims."""
    usages = certificate.key_usage_value
    first, last = certificate.not_valid_before, certificate.not_valid_after
    if time is None:
        yield "没有写明签名时间，不能判断证书当时是否有效"
    elif not first <= time <= last:
        yield f"证书在签名时不在有效期内（{_day(first)} 至 {_day(last)}）"
    elif usages is not None and not SIGNING_USAGES & set(usages.native):
        yield "证书不是用来签名的"
    elif trusted is False:
        yield "证书不能上溯到所给的根证书"


def _end_of_signed(file: bytes, ranges: Any) -> int | None:
    """Return where the signed bytes end: all from the start but the signature itself; None if it is not so."""
    if not isinstance(ranges, list) or len(ranges) != 4 or not all(isinstance(each, int) for each in ranges):
        return None
    start, gap, after, length = ranges
    end = after + length
    if start != 0 or not 0 < gap < after <= end <= len(file) or length <= 0:
        return None
    hole = file[gap:after]
    return end if re.fullmatch(rb"<[0-9a-fA-F\s]*>", hole) else None


def _day(time: datetime) -> str:
    return str(time.astimezone(BEIJING).date())


def _aware(time: datetime | None) -> datetime | None:
    return time.replace(tzinfo=UTC) if time is not None and time.tzinfo is None else time


def _name(name: Any) -> str:
    """Return the name of somebody in a certificate as one line that cannot look like ours."""
    parts = name.native
    said = parts.get("common_name") or parts.get("organization_name") or name.human_friendly
    return one_line("、".join(map(str, said)) if isinstance(said, list) else str(said))[:100]


_NOTHING = SignatureCheck(
    signer="", issuer="", certificate="", time="", intact=None, covers=0, whole=False, trusted=None
)


def _broken(reason: str) -> SignatureCheck:
    return _NOTHING.model_copy(update={"intact": False, "reasons": (reason,)})


def _unknown(note: str) -> SignatureCheck:
    return _NOTHING.model_copy(update={"notes": (note,)})

"""Certificates made in the tests, with days of their own: a root, people under it, files with their keys."""

from __future__ import annotations

import functools
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from engine.days import BEIJING

PASSWORD = "春风 pass-93"
FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
AT = datetime(2024, 6, 3, 9, 30, tzinfo=BEIJING)
LATER = datetime(2024, 6, 3, 10, 15, tzinfo=BEIJING)
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


class Holder(NamedTuple):
    """A name with its key and certificate."""

    name: str
    key: Key
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        """Return the certificate as it is handed out."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def holder(
    name: str,
    issuer: Holder | None = None,
    *,
    key: Key | None = None,
    days: tuple[datetime, datetime] = (FIRST, LAST),
    signs: bool = True,
    usage: bool = True,
) -> Holder:
    """Return a certificate of the issuer, or a root of its own. signs: whether it says that it is for signing."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    root = issuer is None
    built = (
        x509.CertificateBuilder().subject_name(_named(name)).issuer_name(_named(issuer.name if issuer else name))
        .public_key(key.public_key()).serial_number(1 if root else x509.random_serial_number())
        .not_valid_before(days[0]).not_valid_after(days[1])
        .add_extension(x509.BasicConstraints(root, None), critical=True)
    )  # fmt: skip
    if usage:
        signing = signs and not root
        usages = x509.KeyUsage(signing, False, not signing, False, False, root, root, False, False)
        built = built.add_extension(usages, critical=True)
    by = issuer.key if issuer else key
    return Holder(name, key, built.sign(by, None if isinstance(by, ed25519.Ed25519PrivateKey) else hashes.SHA256()))


@functools.cache
def root() -> Holder:
    """Return the root of the bureau."""
    return holder("瑶海区根证书")


@functools.cache
def inspector(name: str) -> Holder:
    """Return an inspector under the root; of 张伟 with an RSA key, whose signatures are the same each time."""
    key = rsa.generate_private_key(65537, 2048) if name == "张伟" else None
    return holder(name, root(), key=key)


def packed(of: Holder, password: str = PASSWORD) -> bytes:
    """Return the PKCS#12 file of a certificate with its key."""
    secret = serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
    return pkcs12.serialize_key_and_certificates(b"x", of.key, of.certificate, None, secret)


def written(folder: Path, name: str, content: bytes) -> Path:
    """Return the file that the content was written to."""
    path = folder / name
    path.write_bytes(content)
    return path


def not_archival(content: bytes) -> set[str]:
    """Return which rules of PDF/A-3u a file breaks; skip where the validator is not installed."""
    page = pytest.importorskip("page")
    found = {each.rule_id for each in page.validate_pdf_bytes(content, profile="3u").failures}
    if b"\r\nendstream" in content:  # packed data may end in a carriage return; the validator takes it for a line end
        found.discard("PDFA3U-STREAM-LENGTH-001")
    return found

"""The product's own certificates (TLS, ECDSA P-256) and signing keys (Ed25519)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import ClassVar, Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from firmware_config.protocol import (
    ROOT_KEYID,
    KeySet,
    Millis,
    PublicKey,
    Role,
    Signer,
    seal_document,
    valid_id,
)

BROADCASTER = "broadcaster"
LOCAL_NAMES = ("localhost", "127.0.0.1")
DAY_MS: Millis = 86_400_000

# A board without a battery starts years in the past; it must still reach the server that tells it the time.
_EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)


class BrokenCertificate(Exception):
    """A certificate or key cannot be used: unreadable, ended, or not of our authority."""

    code: ClassVar[str] = "broken_certificate"


@dataclass(frozen=True, slots=True)
class Issued:
    """A private key and its certificate, both PEM."""

    key_pem: bytes
    certificate_pem: bytes


@dataclass(frozen=True, slots=True)
class Authority:
    """The product's certificate authority."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def load(cls, key_pem: bytes, certificate_pem: bytes) -> Self:
        """The authority kept in two PEM files. Raises `BrokenCertificate`."""
        key, certificate = _load_key(key_pem), load_certificate(certificate_pem)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
            raise BrokenCertificate("the authority's key does not belong to its certificate")
        return cls(key, certificate)

    @property
    def key_pem(self) -> bytes:
        """The private key, unencrypted: keep it 0600."""
        return _key_pem(self.key)

    @property
    def certificate_pem(self) -> bytes:
        """What everybody may know."""
        return self.certificate.public_bytes(Encoding.PEM)

    def issue(
        self,
        common_name: str,
        *,
        server_names: Sequence[str] = (),
        days: int = 825,
        now: datetime | None = None,
    ) -> Issued:
        """A client's certificate with `common_name` (device id or "broadcaster"); a server's if it has names.

        A server's certificate is always good for 127.0.0.1 and localhost as well.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(common_name, key.public_key(), server_names, days, now)
        if server_names:
            names = [_general_name(name) for name in dict.fromkeys((*LOCAL_NAMES, *server_names))]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        certificate = builder.sign(self.key, hashes.SHA256())
        return Issued(_key_pem(key), certificate.public_bytes(Encoding.PEM))

    def certify(self, common_name: str, request: bytes, *, days: int = 3650, now: datetime | None = None) -> bytes:
        """A client's certificate (PEM) for a key that was made elsewhere; the name the request asks for is not taken.

        Raises BrokenCertificate where the request cannot be read or does not come from whoever holds its key.
        """
        key = requested_key(request)
        builder = self._builder(common_name, key, (), days, now)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.PEM)

    def _builder(
        self,
        common_name: str,
        key: ec.EllipticCurvePublicKey,
        server_names: Sequence[str],
        days: int,
        now: datetime | None,
    ) -> x509.CertificateBuilder:
        # The name becomes the MQTT user, and with it part of the topics the broker opens.
        if not valid_id(common_name):
            raise BrokenCertificate(f"{common_name!r} cannot be the name in a certificate")
        builder = _builder(common_name, key, days, now or datetime.now(UTC)).issuer_name(self.certificate.subject)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([_usage(server_names)]), critical=False)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        return builder.add_extension(issuer, critical=False)


def new_tls_key() -> ec.EllipticCurvePrivateKey:
    """A fresh key for TLS, made where it stays."""
    return ec.generate_private_key(ec.SECP256R1())


def tls_key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The private key as PEM, unencrypted: keep it 0600."""
    return _key_pem(key)


def load_tls_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    """The private key in a PEM text. Raises `BrokenCertificate`."""
    key = _load_key(pem)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise BrokenCertificate("not a key for TLS")
    return key


def certificate_request(key: ec.EllipticCurvePrivateKey) -> bytes:
    """What an authority needs to certify a key (PKCS#10, PEM)."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def requested_key(request: bytes) -> ec.EllipticCurvePublicKey:
    """The P-256 key a request is for, whose holder signed it. Raises `BrokenCertificate`."""
    try:
        found = x509.load_pem_x509_csr(request)
        key, signed = found.public_key(), found.is_signature_valid
    except (ValueError, UnsupportedAlgorithm):
        raise BrokenCertificate("the request for a certificate cannot be read") from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != ec.SECP256R1.name or not signed:
        raise BrokenCertificate("the request for a certificate is not signed with a P-256 key")
    return key


def create_authority(name: str, *, now: datetime | None = None, days: int = 7300) -> Authority:
    """A new certificate authority called `name`."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(name, key.public_key(), days, now or datetime.now(UTC)).issuer_name(_name(name))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_signing_usage(), critical=True)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    builder = builder.add_extension(identifier, critical=False)
    return Authority(key, builder.sign(key, hashes.SHA256()))


def load_certificate(pem: bytes) -> x509.Certificate:
    """The certificate in a PEM text. Raises `BrokenCertificate`."""
    try:
        return x509.load_pem_x509_certificate(pem)
    except ValueError:
        raise BrokenCertificate("the certificate cannot be read") from None


def common_name(pem: bytes) -> str:
    """Whom a certificate names. Raises `BrokenCertificate`."""
    names = load_certificate(pem).subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    if len(names) != 1:
        raise BrokenCertificate("the certificate names nobody")
    return str(names[0].value)


def check(issued: Issued, *, ca_pem: bytes, now: datetime) -> str:
    """The common name, if the pair fits, our authority issued it and it is valid now. Raises `BrokenCertificate`."""
    certificate, authority = load_certificate(issued.certificate_pem), load_certificate(ca_pem)
    key = _load_key(issued.key_pem)
    if key.public_key() != certificate.public_key():
        raise BrokenCertificate("the key does not belong to the certificate")
    try:
        certificate.verify_directly_issued_by(authority)
    except (InvalidSignature, ValueError, TypeError):
        raise BrokenCertificate("the certificate is not of our authority") from None
    for one, words in ((certificate, "the certificate"), (authority, "the authority's certificate")):
        if not one.not_valid_before_utc <= now <= one.not_valid_after_utc:
            raise BrokenCertificate(f"{words} is valid only until {one.not_valid_after_utc:%Y-%m-%d}")
    return common_name(issued.certificate_pem)


def new_signing_key() -> Ed25519PrivateKey:
    """A fresh signing key."""
    return Ed25519PrivateKey.generate()


def key_id(role: Role, key: Ed25519PrivateKey) -> str:
    """The name by which a key of that role is known: the role and the beginning of the key's hash."""
    return f"{role}-{hashlib.sha256(key.public_key().public_bytes_raw()).hexdigest()[:12]}"


def signing_key_pem(key: Ed25519PrivateKey) -> bytes:
    """The private key as PEM, unencrypted: keep it 0600."""
    return _key_pem(key)


def load_signing_key(pem: bytes) -> Ed25519PrivateKey:
    """The private key in a PEM text. Raises `BrokenCertificate`."""
    key = _load_key(pem)
    if not isinstance(key, Ed25519PrivateKey):
        raise BrokenCertificate("not an Ed25519 key")
    return key


def public_key_pem(public: bytes) -> bytes:
    """32 raw bytes as PEM."""
    key = Ed25519PublicKey.from_public_bytes(public)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def load_public_key(pem: bytes) -> bytes:
    """The 32 raw bytes of an Ed25519 public key in a PEM text. Raises `BrokenCertificate`."""
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise BrokenCertificate("the public key cannot be read") from None
    if not isinstance(key, Ed25519PublicKey):
        raise BrokenCertificate("not an Ed25519 key")
    return key.public_bytes_raw()


def sign_keys(
    root: Ed25519PrivateKey, signers: Sequence[Signer], *, version: int, now: Millis, days: int = 365
) -> bytes:
    """keys.json in its envelope: the signers' public keys, valid from yesterday for `days`, signed by the root."""
    start, end = now - DAY_MS, now + days * DAY_MS
    keys = tuple(PublicKey(one.keyid, one.role, one.public, start, end) for one in signers)
    return seal_document(KeySet(version, now, end, keys), Signer(ROOT_KEYID, Role.ROOT, root))


def _builder(name: str, key: ec.EllipticCurvePublicKey, days: int, now: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(_EARLIEST, now))
        .not_valid_after(now + timedelta(days=days))
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _usage(server_names: Sequence[str]) -> x509.ObjectIdentifier:
    return ExtendedKeyUsageOID.SERVER_AUTH if server_names else ExtendedKeyUsageOID.CLIENT_AUTH


def _signing_usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _key_pem(key: ec.EllipticCurvePrivateKey | Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _load_key(pem: bytes) -> PrivateKeyTypes:
    try:
        return serialization.load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BrokenCertificate("the private key cannot be read") from None

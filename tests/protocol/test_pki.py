"""Certificates of our own authority, and what is said of those that are broken."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from firmware_config import pki
from firmware_config.pki import Authority, BrokenCertificate, Issued
from firmware_config.protocol import Role, Signer, accept_keys

pytestmark = pytest.mark.pure

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
OURS = pki.create_authority("Loa Yên Châu", now=NOW)
THEIRS = pki.create_authority("Loa Yên Châu", now=NOW)


def test_a_speaker_is_named_by_its_certificate() -> None:
    issued = OURS.issue("loa-1", now=NOW)
    assert pki.check(issued, ca_pem=OURS.certificate_pem, now=NOW) == "loa-1"
    found = pki.load_certificate(issued.certificate_pem)
    usage = found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert not found.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_a_server_is_good_for_its_names_and_for_this_machine() -> None:
    issued = OURS.issue("broker", server_names=("loa.example", "10.0.0.7", "localhost"), now=NOW)
    found = pki.load_certificate(issued.certificate_pem)
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "loa.example"]
    addresses = names.get_values_for_type(x509.IPAddress)
    assert addresses == [ip_address("127.0.0.1"), ip_address("10.0.0.7")]


def test_a_board_that_starts_years_in_the_past_still_trusts_us() -> None:
    issued = OURS.issue("loa-1", now=NOW)
    assert pki.check(issued, ca_pem=OURS.certificate_pem, now=datetime(2021, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("name", ["#", "+", "loa/1", "", "Loa 1", "a" * 64])
def test_a_name_that_would_open_other_topics_gets_no_certificate(name: str) -> None:
    with pytest.raises(BrokenCertificate):
        OURS.issue(name, now=NOW)


def test_broken_certificates_say_how_they_are_broken() -> None:
    good, other = OURS.issue("loa-1", now=NOW), OURS.issue("loa-1", now=NOW)
    late = NOW + timedelta(days=826)
    for issued, now, words in (
        (Issued(good.key_pem, b"nonsense"), NOW, "the certificate cannot be read"),
        (Issued(b"nonsense", good.certificate_pem), NOW, "the private key cannot be read"),
        (Issued(other.key_pem, good.certificate_pem), NOW, "does not belong"),
        (THEIRS.issue("loa-1", now=NOW), NOW, "not of our authority"),
        (good, late, "the certificate is valid only until 2029-02-24"),
    ):
        with pytest.raises(BrokenCertificate, match=words) as broken:
            pki.check(issued, ca_pem=OURS.certificate_pem, now=now)
        assert broken.value.code == "broken_certificate"


def test_an_authority_is_kept_in_two_files() -> None:
    again = Authority.load(OURS.key_pem, OURS.certificate_pem)
    assert pki.check(again.issue("loa-2", now=NOW), ca_pem=OURS.certificate_pem, now=NOW) == "loa-2"
    with pytest.raises(BrokenCertificate):
        Authority.load(THEIRS.key_pem, OURS.certificate_pem)


def test_signing_keys_are_kept_as_pem() -> None:
    key = pki.new_signing_key()
    public = key.public_key().public_bytes_raw()
    kept = pki.load_signing_key(pki.signing_key_pem(key))
    assert kept.public_key().public_bytes_raw() == public
    assert pki.load_public_key(pki.public_key_pem(public)) == public
    assert pki.key_id(Role.CONTENT, key) == pki.key_id(Role.CONTENT, kept)
    for pem in (b"nonsense", OURS.key_pem):
        with pytest.raises(BrokenCertificate):
            pki.load_signing_key(pem)
    for pem in (b"nonsense", OURS.certificate_pem):
        with pytest.raises(BrokenCertificate):
            pki.load_public_key(pem)


def test_the_root_signs_the_other_keys() -> None:
    root, key = pki.new_signing_key(), pki.new_signing_key()
    now = int(NOW.timestamp() * 1000)
    signer = Signer(pki.key_id(Role.DIRECTOR, key), Role.DIRECTOR, key)
    raw = pki.sign_keys(root, [signer], version=5, now=now)
    public = root.public_key().public_bytes_raw()
    found = accept_keys(raw, root=public, have_version=5, now=now)
    assert found.ring().keys[signer.keyid].key == signer.public

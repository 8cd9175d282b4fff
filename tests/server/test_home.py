"""The data folder makes what is missing, renews what ends, and never replaces what is damaged."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from broadcaster.domain.errors import BrokenCertificate
from broadcaster.home import SERVER, Home
from firmware_config.pki import BROADCASTER, load_certificate

pytestmark = pytest.mark.database

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    found = Home(tmp_path)
    found.prepare(server_names=("loa.example",), now=NOW)
    return found


def files(home: Home) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in home.folder.rglob("*") if path.is_file()}


def test_a_second_start_changes_nothing(home: Home) -> None:
    before = files(home)
    home.prepare(server_names=("loa.example",), now=NOW + timedelta(days=365))
    assert files(home) == before


def test_keys_belong_to_their_owner_alone(home: Home) -> None:
    secrets = [*home.folder.rglob("*.key")]
    assert len(secrets) == 8
    assert {path.stat().st_mode & 0o777 for path in secrets} == {0o600}


def test_our_own_certificates_are_issued_anew_before_they_end(home: Home) -> None:
    before = files(home)
    late = NOW + timedelta(days=3650 - 10)
    home.prepare(server_names=("loa.example",), now=late)
    for name in (SERVER, BROADCASTER):
        ends = load_certificate(home.tls(name).certificate.read_bytes()).not_valid_after_utc
        assert ends > late + timedelta(days=3000)
    assert files(home)[str(home.tls("ca").certificate)] == before[str(home.tls("ca").certificate)]


@pytest.mark.parametrize("name", ["ca", SERVER, BROADCASTER])
@pytest.mark.parametrize("kind", ["certificate", "key"])
@pytest.mark.parametrize("content", [b"", b"nonsense"])
def test_what_is_damaged_is_named_and_left_as_it_is(home: Home, name: str, kind: str, content: bytes) -> None:
    path: Path = getattr(home.tls(name), kind)
    path.write_bytes(content)
    before = files(home)
    with pytest.raises(BrokenCertificate, match=str(home.folder / "tls")):
        home.prepare(server_names=("loa.example",), now=NOW)
    assert files(home) == before


def test_the_vault_keeps_its_key_and_says_when_it_is_broken(home: Home) -> None:
    sealed = home.vault("https://loa.example:8443/").seal("bí mật")
    again = home.vault("https://loa.example:8443/")
    assert (again.unseal(sealed), again.host, again.origin) == ("bí mật", "loa.example", "https://loa.example:8443")
    path = home.folder / "keys" / "factors.key"
    assert path.stat().st_mode & 0o077 == 0
    path.write_bytes(b"short")
    with pytest.raises(BrokenCertificate):
        home.vault("https://loa.example")

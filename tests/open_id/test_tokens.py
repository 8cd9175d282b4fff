"""What a provider says is believed only when it is signed by its key, for us, for this request and for now."""

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

from broadcaster.domain.errors import ProviderRefused
from broadcaster.links.open_id import OpenIdProvider
from tests.open_id.provider import CLIENT, SECRET, running

pytestmark = [pytest.mark.pages, pytest.mark.xdist_group("open_id")]
NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
OWN, OTHER = RSAKey.generate_key(2048), RSAKey.generate_key(2048)
BACK = "http://testserver/open-id/back"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with running(BACK) as found:
        yield found


@pytest.fixture
def provider(issuer: str) -> OpenIdProvider:
    """It asked a real provider what it says of itself; only the key is one whose other half we hold."""
    made = OpenIdProvider(issuer, CLIENT, SECRET, back=BACK)
    made._metadata(NOW)
    made._keys = KeySet([OWN])
    return made


def claims(issuer: str, **changes: object) -> dict[str, Any]:
    usual: dict[str, Any] = {"iss": issuer, "sub": "mai", "aud": CLIENT, "exp": AT + 300, "iat": AT, "nonce": "n" * 32}
    return {name: value for name, value in (usual | {"email": "a@b.vn"} | changes).items() if value is not None}


def read(provider: OpenIdProvider, told: Mapping[str, Any], key: RSAKey | OctKey = OWN, alg: str = "RS256") -> object:
    token = jwt.encode({"alg": alg}, dict(told), key, algorithms=[alg])
    return provider._claims({"id_token": token}, "n" * 32, NOW)


def test_the_right_one_is_believed(provider: OpenIdProvider, issuer: str) -> None:
    assert read(provider, claims(issuer)) == claims(issuer)
    assert read(provider, claims(issuer, aud=[CLIENT, "other"], azp=CLIENT))


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "somebody-else"},
        {"aud": ["somebody-else"]},
        {"aud": "somebody-else", "azp": CLIENT},
        {"aud": [CLIENT, "other"], "azp": "other"},
        {"exp": AT - 61},
        {"nonce": "m" * 32},
        {"nonce": None},
        {"sub": None},
        {"aud": None},
        {"exp": None},
        {"iat": None},
    ],
    ids=str,
)
def test_one_that_says_something_else_is_not(provider: OpenIdProvider, issuer: str, change: dict[str, Any]) -> None:
    with pytest.raises(ProviderRefused):
        read(provider, claims(issuer, **change))


def test_one_signed_otherwise_is_not(provider: OpenIdProvider, issuer: str) -> None:
    with pytest.raises(ProviderRefused):
        read(provider, claims(issuer), OTHER)
    with pytest.raises(ProviderRefused):
        read(provider, claims(issuer), OctKey.import_key(SECRET * 2), "HS256")
    parts = (json.dumps(each).encode() for each in ({"alg": "none"}, claims(issuer)))
    unsigned = ".".join(base64.urlsafe_b64encode(each).rstrip(b"=").decode() for each in parts) + "."
    for raw in ("", "a.b.c", unsigned):
        with pytest.raises(ProviderRefused):
            provider._claims({"id_token": raw}, "n" * 32, NOW)

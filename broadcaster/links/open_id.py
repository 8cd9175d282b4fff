"""One OpenID Connect provider over the network: what it says of itself, where people are sent, and who came back."""

import threading
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus, urlsplit

import httpx
import structlog
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata, get_well_known_url
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from broadcaster.domain.errors import ProviderRefused, ProviderSilent
from broadcaster.services.people.open_id import Known, Returned, Sent

log = structlog.get_logger(__name__)
SCOPE = "openid profile email"
TIMEOUT_S = 10.0
KEPT = timedelta(hours=1)
LEEWAY_S = 60
# Only signatures by a key pair: neither "none" nor a secret that both sides hold.
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
BASIC = ("client_secret_basic",)


class OpenIdProvider:
    """Discovery and keys are asked for when first needed, and again after an hour or for a key not known yet."""

    def __init__(self, issuer: str, client: str, secret: str, *, back: str, label: str = "") -> None:
        self.label = label or urlsplit(issuer).netloc
        self._issuer, self._client, self._secret, self._back = issuer.rstrip("/"), client, secret, back
        self._lock = threading.Lock()
        self._told: dict[str, Any] = {}
        self._keys = KeySet([])
        self._told_at: datetime | None = None

    def address(self, sent: Sent) -> str:
        """Where the browser goes; it answers to our own address only, and the code is worth nothing to others."""
        wanted = {
            "response_type": "code",
            "client_id": self._client,
            "redirect_uri": self._back,
            "scope": SCOPE,
            "state": sent.state,
            "nonce": sent.nonce,
            "code_challenge": create_s256_code_challenge(sent.verifier),
            "code_challenge_method": "S256",
        }
        address: str = add_params_to_uri(self._metadata()["authorization_endpoint"], list(wanted.items()))
        return address

    def identify(self, code: str, returned: Returned, *, now: datetime) -> Known:
        """Exchange the code and check the token: signature, issuer, audience, times, nonce."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._back,
            "code_verifier": returned.verifier,
        }
        where = self._metadata(now)["token_endpoint"]
        answer = self._ask("POST", where, data=form | self._in_form(), auth=self._in_header())
        claims = self._claims(answer, returned.nonce, now)
        return Known(
            issuer=self._issuer,
            subject=str(claims["sub"]),
            name=str(claims.get("name") or claims.get("preferred_username") or ""),
            mail=str(claims.get("email", "")) if claims.get("email_verified") is True else "",
        )

    def _posts_its_secret(self) -> bool:
        return "client_secret_basic" not in self._told.get("token_endpoint_auth_methods_supported", BASIC)

    def _in_form(self) -> dict[str, str]:
        secret = {"client_id": self._client, "client_secret": self._secret}
        return secret if self._posts_its_secret() else {}

    def _in_header(self) -> tuple[str, str] | None:
        # RFC 6749, 2.3.1: each is encoded as in a form before the two are joined.
        return None if self._posts_its_secret() else (quote_plus(self._client), quote_plus(self._secret))

    def _claims(self, answer: dict[str, Any], nonce: str, now: datetime) -> dict[str, Any]:
        raw = str(answer.get("id_token", ""))
        try:
            token = self._decoded(raw, now)
            claims = CodeIDToken(
                token.claims,
                token.header,
                options={
                    "iss": {"essential": True, "values": [self._metadata()["issuer"]]},
                    "aud": {"essential": True, "value": self._client},
                },
                params={"nonce": nonce, "client_id": self._client, "access_token": answer.get("access_token")},
            )
            claims.validate(now=int(now.timestamp()), leeway=LEEWAY_S)
        except (JoseError, ValueError, KeyError) as error:
            log.warning("a token was refused", action="open_id_refused", problem=repr(error))
            raise ProviderRefused from error
        return self._with_more(dict(claims), answer)

    def _decoded(self, raw: str, now: datetime) -> jwt.Token:
        try:
            return jwt.decode(raw, self._keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            # The provider may have changed its keys since.
            self._told_at = None
            self._metadata(now)
            return jwt.decode(raw, self._keys, algorithms=ALGORITHMS)

    def _with_more(self, claims: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        """Many providers tell a name and an address only when asked for them, with the subject they are about."""
        where = self._metadata().get("userinfo_endpoint")
        if "email" in claims or not where:
            return claims
        bearer = {"authorization": f"Bearer {answer.get('access_token', '')}"}
        more = self._ask("GET", where, headers=bearer)
        return more | claims if more.get("sub") == claims["sub"] else claims

    def _metadata(self, now: datetime | None = None) -> dict[str, Any]:
        with self._lock:
            if not self._told or (now is not None and (self._told_at is None or self._told_at < now - KEPT)):
                told = OpenIDProviderMetadata(self._ask("GET", get_well_known_url(self._issuer, external=True)))
                if str(told.get("issuer", "")).rstrip("/") != self._issuer or not told.get("token_endpoint"):
                    raise ProviderSilent
                self._keys = KeySet.import_key_set(self._ask("GET", told["jwks_uri"]))  # type: ignore[arg-type]
                self._told, self._told_at = dict(told), now
            return self._told

    def _ask(self, method: str, where: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401  (what httpx takes)
        try:
            answer = httpx.request(method, where, timeout=TIMEOUT_S, **more)
            told = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            log.warning("the provider did not answer", action="open_id_silent", where=where, problem=repr(error))
            raise ProviderSilent from error
        if answer.status_code in {400, 401, 403}:
            log.warning("the provider refused", action="open_id_refused", where=where, problem=str(told)[:200])
            raise ProviderRefused
        if answer.status_code != 200 or not isinstance(told, dict):
            raise ProviderSilent
        return told

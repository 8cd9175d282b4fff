"""Asking Zalo for tokens (OAuth v4), against a code or a refresh token; unverified against a live account."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import httpx

from broadcaster.domain.zalo import OAUTH_ERRORS, number_of, text_of
from broadcaster.domain.zalo_tokens import Pair
from broadcaster.mirrors.answers import NOT_SENT, as_object
from broadcaster.services.outlets.official_accounts import OAUTH
from broadcaster.services.outlets.official_tokens import UNREADABLE, Site

PATH = "/v4/oa/access_token"
# 25 hours, where an answer does not say.
LASTS = 90_000
LONGEST_TOKEN = 4_000


@dataclass(frozen=True, slots=True)
class Given:
    """A new pair."""

    pair: Pair


@dataclass(frozen=True, slots=True)
class Refusal:
    """Zalo said no: asking again cannot help."""

    words: str


@dataclass(frozen=True, slots=True)
class Silence:
    """No answer that could be read."""

    words: str
    perhaps_taken: bool
    """What was given for it may be spent all the same."""


Answer = Given | Refusal | Silence


def refresh(client: httpx.Client, site: Site, token: str) -> Answer:
    """Spend a refresh token."""
    return _ask(client, site, {"refresh_token": token, "grant_type": "refresh_token"})


def exchange(client: httpx.Client, site: Site, code: str, verifier: str) -> Answer:
    """Spend the code of a consent."""
    return _ask(client, site, {"code": code, "grant_type": "authorization_code", "code_verifier": verifier})


def _ask(client: httpx.Client, site: Site, form: Mapping[str, str]) -> Answer:
    if not site.app_secret:
        return Refusal(UNREADABLE)
    content = {**form, "app_id": site.app_id}
    try:
        response = client.post(
            f"{site.oauth_url or OAUTH}{PATH}", data=content, headers={"secret_key": site.app_secret}
        )
    except (*NOT_SENT, UnicodeError) as error:
        return Silence(type(error).__name__, perhaps_taken=False)
    except httpx.HTTPError as error:
        return Silence(type(error).__name__, perhaps_taken=True)
    return _read(response)


def _read(response: httpx.Response) -> Answer:
    status, answer = response.status_code, as_object(response) or {}
    code = number_of(answer.get("error"))
    if code:
        said = text_of(answer.get("error_description")) or text_of(answer.get("error_name"))
        known = OAUTH_ERRORS.get(code)
        words = " – ".join(filter(None, [known, said])) or "no reason given"
        # Where it only wants fewer questions nothing was spent.
        return Silence(words, perhaps_taken=False) if code == -32 else Refusal(f"{words} ({code})")
    access, again = answer.get("access_token"), answer.get("refresh_token")
    if response.is_success and _token(access) and _token(again):
        seconds = number_of(answer.get("expires_in")) or LASTS
        return Given(Pair(str(access), str(again), timedelta(seconds=max(seconds, 60))))
    if status == 429:
        return Silence("429", perhaps_taken=False)
    return Silence(f"the answer is not Zalo's ({status})", perhaps_taken=True)


def _token(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and value.isprintable() and 0 < len(value) <= LONGEST_TOKEN

"""A group of a Zalo Official Account (GMF): OpenAPI v3, unverified against a live account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, Self

import httpx

from broadcaster.domain.errors import LoaError
from broadcaster.domain.mirror import Copy, CopyState, Outcome
from broadcaster.domain.mirror_wording import LIMITS, compose
from broadcaster.domain.zalo import ERRORS, UNLISTED, Then, number_of, text_of
from broadcaster.mirrors.answers import as_object, by_status, not_answered, retry_after
from broadcaster.mirrors.base import Means, NotNow, NoToken, Tokens
from broadcaster.services.outlets.official_accounts import API
from broadcaster.services.outlets.trying import Setting, Tried

SEND = "/v3.0/oa/group/message"
GROUP = "/v3.0/oa/group/getgroup"

# What becomes of the copy; LATER and QUOTA leave the group alone for so many seconds, as STOP does.
OUTCOMES: Mapping[Then, Outcome] = MappingProxyType(
    {
        Then.RENEW: Outcome(CopyState.FAILED),
        Then.LATER: Outcome(CopyState.FAILED, retry_after=60),
        Then.QUOTA: Outcome(CopyState.FAILED, retry_after=3600),
        Then.STOP: Outcome(CopyState.FAILED, permanent=True, retry_after=3600),
        Then.GONE: Outcome(CopyState.FAILED, permanent=True, shut_out=True),
        Then.DROP: Outcome(CopyState.FAILED, permanent=True),
    }
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one call."""

    outcome: Outcome
    data: Mapping[str, Any]
    renew: bool = False
    """The token was not taken: nothing else was looked at."""


class Account:
    """Calls in the name of one account; a token that is taken no more is renewed once in each."""

    def __init__(self, tokens: Tokens, account: str, client: httpx.Client, *, base_url: str = "") -> None:
        self._tokens, self._account, self._client = tokens, account, client
        self._base = base_url.rstrip("/") or API

    def call(self, method: str, path: str, **request: Any) -> Answer:  # noqa: ANN401  (as httpx takes them)
        """Ask once, and once more with a new token; whatever happens becomes an outcome."""
        try:
            token = self._tokens.token(self._account)
            answer = self._ask(method, path, token, request)
            if answer.renew:
                answer = self._ask(method, path, self._tokens.token(self._account, refused=token), request)
        except NoToken as error:
            return _without(f"a person must agree again: {error}", "no_token", None)
        except NotNow as error:
            return _without(str(error), "token_later", error.seconds)
        except LoaError as error:
            # Only a token is looked up in the database: Zalo has taken nothing.
            return _without(str(error), error.code, None)
        return answer

    def _ask(self, method: str, path: str, token: str, request: Mapping[str, Any]) -> Answer:
        try:
            response = self._client.request(method, self._base + path, headers={"access_token": token}, **request)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Answer(not_answered(error), {})
        return read(response)


class ZaloOaChannel:
    """Posts plain text into one group; Zalo answers 200 also when it refuses, and cannot edit."""

    kind: ClassVar[str] = "zalo_oa"
    label: ClassVar[str] = "Zalo group (Official Account)"
    settings: ClassVar[Sequence[Setting]] = (
        Setting("account", "Official Account, by its id here"),
        Setting("group_id", "Id of the group"),
        Setting("base_url", "Address of Zalo's interface", default=API),
    )
    per_minute: ClassVar[int] = 30

    def __init__(self, account: Account, group: str) -> None:
        self._account, self._group = account, group

    @classmethod
    def build(cls, settings: Mapping[str, str], means: Means) -> Self:
        """The channel for one group."""
        account = Account(means.tokens, settings["account"], means.client, base_url=settings["base_url"])
        return cls(account, settings["group_id"])

    def send(self, copy: Copy) -> Outcome:
        """Post the words of one copy; a correction and a withdrawal are messages of their own."""
        text = compose(copy, limit=LIMITS[self.kind])
        content = {"recipient": {"group_id": self._group}, "message": {"text": text}}
        return self._account.call("POST", SEND, json=content).outcome

    def test(self) -> Tried:
        """Ask about the group in the account's name."""
        answer = self._account.call("GET", GROUP, params={"group_id": self._group})
        if answer.outcome.state is not CopyState.ACCEPTED:
            return refused(answer.outcome)
        info = answer.data.get("group_info")
        group = info if isinstance(info, dict) else {}
        name = {"group": text_of(group.get("name")) or self._group}
        if text_of(group.get("status")) not in {"", "enabled"}:
            return Tried(works=False, words="The group “%(group)s” is switched off at Zalo.", params=name)
        return Tried(works=True, words="Zalo takes our token and knows the group “%(group)s”.", params=name)


def read(response: httpx.Response) -> Answer:
    """What an answer says: Zalo's own number first, and its status where there is none."""
    answer = as_object(response)
    code = number_of(answer.get("error")) if answer is not None else None
    if answer is None or code is None:
        if response.is_success:
            words = "the answer is not Zalo's"
            return Answer(Outcome(CopyState.UNKNOWN, provider_code=str(response.status_code), detail=words), {})
        return Answer(by_status(response, "the answer is not Zalo's"), {})
    found = answer.get("data")
    data = found if isinstance(found, dict) else {}
    if code == 0:
        remote = text_of(data.get("message_id")) or None
        return Answer(Outcome(CopyState.ACCEPTED, remote_id=remote, provider_code="0"), data)
    then, meaning = ERRORS.get(code, UNLISTED)
    return Answer(_refusal(then, code, meaning, answer, response), {}, renew=then is Then.RENEW)


def refused(outcome: Outcome) -> Tried:
    """The words of a test that did not go well."""
    said = {"detail": outcome.detail or outcome.state.value, "code": outcome.provider_code}
    return Tried(works=False, words="Zalo does not let us post: %(detail)s (%(code)s).", params=said)


def _refusal(then: Then, code: int, meaning: str, answer: Mapping[str, Any], response: httpx.Response) -> Outcome:
    usual, said = OUTCOMES[then], text_of(answer.get("message"))
    asked = retry_after(response)
    return Outcome(
        usual.state,
        permanent=usual.permanent,
        shut_out=usual.shut_out,
        retry_after=asked if asked is not None else usual.retry_after,
        provider_code=str(code),
        detail=f"{meaning}: {said}" if said else meaning,
    )


def _without(why: str, code: str, seconds: int | None) -> Answer:
    """Nothing was sent: the copy waits."""
    return Answer(Outcome(CopyState.FAILED, retry_after=seconds, provider_code=code, detail=why[:200]), {})

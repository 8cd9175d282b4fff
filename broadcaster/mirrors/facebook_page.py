"""A Facebook page: posts, and edits of them; single persons are not written to. Unverified against a live page."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, ClassVar, Self

import httpx

from broadcaster.domain.mirror import Action, Copy, CopyState, Outcome
from broadcaster.domain.mirror_wording import LIMITS, compose
from broadcaster.mirrors.answers import as_object, by_status, not_answered, retry_after
from broadcaster.mirrors.base import Means
from broadcaster.services.outlets.trying import Setting, Tried

BASE_URL = "https://graph.facebook.com/v25.0"
_FOLLOWS = frozenset({Action.EDIT, Action.CORRECT, Action.WITHDRAW})

_REFUSED = Outcome(CopyState.FAILED, permanent=True)
_LATER = Outcome(CopyState.FAILED)
# The copy waits: whoever gives a new token and switches the channel on lets it go out while its words stand.
_SHUT_OUT = Outcome(CopyState.FAILED, shut_out=True)

# What an error's code stands for; one that is not here is judged by the status it came with.
ERRORS: Mapping[int, tuple[Outcome, str]] = MappingProxyType(
    {
        1: (_LATER, "fault at the provider"),
        2: (_LATER, "fault at the provider"),
        4: (_LATER, "too many requests of this app"),
        10: (_SHUT_OUT, "the token may not post on this page"),
        17: (_LATER, "too many requests of this account"),
        32: (_LATER, "too many requests for this page"),
        100: (_REFUSED, "bad request"),
        102: (_SHUT_OUT, "the token is not valid (any more)"),
        190: (_SHUT_OUT, "the token is not valid (any more)"),
        200: (_SHUT_OUT, "the token may not post on this page"),
        341: (_LATER, "too many posts"),
        368: (_LATER, "the page is held back for a while"),
        506: (_REFUSED, "the same words stand there already"),
        613: (_LATER, "too many requests"),
        803: (_REFUSED, "no such page or post"),
    }
)
# Of an edit: the post is not there any more.
GONE = frozenset({"100", "803"})


class FacebookPageChannel:
    """Posts on one page and edits what it posted; the link under a post stays as it was."""

    kind: ClassVar[str] = "facebook_page"
    label: ClassVar[str] = "Facebook page"
    settings: ClassVar[Sequence[Setting]] = (
        Setting("token", "Access token of the page", secret=True),
        Setting("page_id", "Id of the page"),
        Setting("base_url", "Address of the Facebook Graph API", default=BASE_URL),
    )
    per_minute: ClassVar[int] = 6

    def __init__(self, token: str, page_id: str, client: httpx.Client, *, base_url: str = BASE_URL) -> None:
        self._base, self._page, self._client, self._token = base_url.rstrip("/"), page_id, client, token

    @classmethod
    def build(cls, settings: Mapping[str, str], means: Means) -> Self:
        """The channel for one page; raises ValueError for an id that is not one."""
        if not (settings["page_id"].isascii() and settings["page_id"].isdigit()):
            raise ValueError("the id of a page is a number")
        return cls(settings["token"], settings["page_id"], means.client, base_url=settings["base_url"])

    def send(self, copy: Copy) -> Outcome:
        """Post the words with their link; a correction or withdrawal edits the post, or follows it where it is gone."""
        words = {"message": compose(copy, limit=LIMITS[self.kind]).replace("@[", "＠[")}
        if copy.earlier and copy.action in _FOLLOWS:
            outcome, _ = self._ask("POST", copy.earlier[-1], words)
            if outcome.state is CopyState.ACCEPTED:
                return replace(outcome, remote_id=copy.earlier[-1])
            if outcome.provider_code not in GONE:
                # An edit may be made twice, so no answer is as good as a refusal.
                return replace(outcome, state=CopyState.FAILED)
        link = {"link": copy.link} if copy.link else {}
        outcome, result = self._ask("POST", f"{self._page}/feed", words | link)
        return replace(outcome, remote_id=str(result["id"])[:200]) if "id" in result else outcome

    def test(self) -> Tried:
        """Ask what the page is called; nothing is posted."""
        outcome, page = self._ask("GET", self._page, {"fields": "name"})
        if outcome.state is CopyState.ACCEPTED:
            words = "Facebook knows the page “%(page)s” and takes this token."
            return Tried(works=True, words=words, params={"page": str(page.get("name", self._page))})
        said = {"detail": outcome.detail, "code": outcome.provider_code}
        return Tried(works=False, words="Facebook does not take this page: %(detail)s (%(code)s).", params=said)

    def _ask(self, method: str, path: str, content: Mapping[str, str]) -> tuple[Outcome, Mapping[str, Any]]:
        url, token = f"{self._base}/{path}", {"access_token": self._token}
        try:
            if method == "GET":
                # Addresses stand in logs, so the token goes into a header where there is no body for it.
                response = self._client.get(url, params=content, headers={"authorization": f"Bearer {self._token}"})
            else:
                response = self._client.post(url, data={**content, **token})
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return not_answered(error), {}
        answer = as_object(response)
        refusal = answer.get("error") if answer else None
        if isinstance(refusal, dict):
            return _refused(refusal, response), {}
        if answer is None or not (answer.get("id") or answer.get("success") is True):
            return _not_theirs(response), {}
        return Outcome(CopyState.ACCEPTED, provider_code="ok"), answer


def _refused(error: Mapping[str, Any], response: httpx.Response) -> Outcome:
    code, said = error.get("code"), str(error.get("message") or "")[:150]
    number = code if isinstance(code, int) else 0
    passing = error.get("is_transient") is True or response.status_code >= 500
    known, meaning = ERRORS.get(number, (_LATER if passing else _REFUSED, "unknown error"))
    return replace(
        known,
        provider_code=str(number),
        retry_after=retry_after(response),
        detail=f"{meaning}: {said}" if said else meaning,
    )


def _not_theirs(response: httpx.Response) -> Outcome:
    """A page in between, or half an answer: after a 200 nobody knows, else the status decides."""
    if response.is_success:
        code = str(response.status_code)
        return Outcome(CopyState.UNKNOWN, provider_code=code, detail="the answer is not Facebook's")
    return by_status(response, "the answer is not Facebook's")

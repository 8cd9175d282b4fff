"""A Zalo group with a bot in it: the Zalo Bot Platform, unverified against a live account."""

import re
import time
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, Self

import httpx

from broadcaster.domain.mirror import Copy, CopyState, Outcome
from broadcaster.domain.mirror_wording import LIMITS, compose, plain
from broadcaster.domain.zalo import text_of
from broadcaster.mirrors.answers import as_object, by_status, not_answered, retry_after
from broadcaster.mirrors.base import Means
from broadcaster.services.outlets.trying import Chat, Found, Setting, Tried

BASE_URL = "https://bot-api.zaloplatforms.com"
UNKNOWN_CHAT = "?"
"""Of a group whose id is still to be found."""
LISTEN_S = "5"
LISTENS, LISTEN_MOST = 4, 18.0
_TOKEN = re.compile(r"\d+:[\w-]+", re.ASCII)

_REFUSED = Outcome(CopyState.FAILED, permanent=True)
_LATER = Outcome(CopyState.FAILED)
_UNSURE = Outcome(CopyState.UNKNOWN)

MAY_NOT_JOIN = (
    "The bot %(bot)s answers, but Zalo does not let it join groups yet. Zalo decides which bots may: ask for it in "
    "Zalo Bot Creator, or use an Official Account or the share pack until then."
)

# What an error_code stands for; a code that is not here is for good below 500 and may pass from there on.
ERRORS: Mapping[int, tuple[Outcome, str]] = MappingProxyType(
    {
        400: (_REFUSED, "bad request"),
        401: (_REFUSED, "the token is not valid (any more)"),
        403: (_REFUSED, "not allowed in this chat"),
        404: (_REFUSED, "no such chat or method"),
        # There is no idempotency key: what timed out on their side may have been posted.
        408: (_UNSURE, "timeout"),
        429: (_LATER, "quota exceeded"),
        500: (_LATER, "fault at the provider"),
        504: (_UNSURE, "timeout"),
    }
)


class ZaloBotChannel:
    """Posts plain text through a bot; Zalo answers 200 also when it refuses."""

    kind: ClassVar[str] = "zalo_bot"
    label: ClassVar[str] = "Zalo group (bot)"
    settings: ClassVar[Sequence[Setting]] = (
        Setting("token", "Bot token", secret=True),
        Setting("chat_id", "Id of the group", default=UNKNOWN_CHAT),
        Setting("base_url", "Address of the Zalo Bot Platform", default=BASE_URL),
    )
    per_minute: ClassVar[int] = 30

    def __init__(self, token: str, chat_id: str, client: httpx.Client, *, base_url: str = BASE_URL) -> None:
        self._bot, self._chat, self._client = f"{base_url.rstrip('/')}/bot{token}", chat_id, client

    @classmethod
    def build(cls, settings: Mapping[str, str], means: Means) -> Self:
        """The channel for one group; raises ValueError for a token that is not one."""
        if not _TOKEN.fullmatch(settings["token"]):
            raise ValueError("the bot token has the form number:secret")
        return cls(settings["token"], settings["chat_id"], means.client, base_url=settings["base_url"])

    def send(self, copy: Copy) -> Outcome:
        """Post the words of one copy; without parse_mode Zalo takes them as they are."""
        if self._chat == UNKNOWN_CHAT:
            return Outcome(CopyState.FAILED, provider_code="no_chat", detail="the group's id is not known yet")
        return self._call("sendMessage", {"chat_id": self._chat, "text": compose(copy, limit=LIMITS[self.kind])})[0]

    def test(self) -> Tried:
        """Ask who the bot is and whether it may join groups."""
        outcome, me = self._call("getMe", {})
        if outcome.state is not CopyState.ACCEPTED:
            said = {"detail": outcome.detail, "code": outcome.provider_code}
            return Tried(works=False, words="Zalo does not take this bot: %(detail)s (%(code)s).", params=said)
        name = {"bot": str(me.get("account_name", ""))}
        if me.get("can_join_groups") is not True:
            return Tried(works=False, words=MAY_NOT_JOIN, params=name)
        if self._chat == UNKNOWN_CHAT:
            return Tried(
                works=False, words="The bot %(bot)s answers and may join groups. Now find its group.", params=name
            )
        return Tried(works=True, words="The bot %(bot)s answers and may join groups.", params=name)

    def chats(self) -> Found:
        """Where somebody wrote to the bot lately: Zalo hands over one message at a time, also behind NAT."""
        found: dict[str, Chat] = {}
        until, quiet = time.monotonic() + LISTEN_MOST, 0
        while quiet < (1 if found else LISTENS) and time.monotonic() < until:
            outcome, update = self._call("getUpdates", {"timeout": LISTEN_S})
            chat = _chat(update)
            if outcome.state is CopyState.FAILED:
                said = {"detail": outcome.detail, "code": outcome.provider_code}
                words = "Zalo does not take this bot: %(detail)s (%(code)s)."
                return Found(tuple(found.values()), Tried(works=False, words=words, params=said))
            quiet += chat is None
            found |= {chat.id: chat} if chat else {}
        return Found(tuple(found.values()))

    def _call(self, method: str, content: Mapping[str, str]) -> tuple[Outcome, Mapping[str, Any]]:
        try:
            response = self._client.post(f"{self._bot}/{method}", json=content)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return not_answered(error), {}
        answer = as_object(response)
        if answer is None or not isinstance(answer.get("ok"), bool):
            return _not_theirs(response), {}
        result = answer.get("result")
        fields = result if isinstance(result, dict) else {}
        return (_taken(fields) if answer["ok"] else _refused(answer, response)), fields


def _chat(update: Mapping[str, Any]) -> Chat | None:
    message = _object(update.get("message"))
    chat, sender = _object(message.get("chat")), _object(message.get("from"))
    name = text_of(chat.get("id"))
    group = text_of(chat.get("chat_type")).upper() == "GROUP"
    who, said = text_of(sender.get("display_name")), text_of(message.get("text"))
    return Chat(name, group, plain(who), plain(said)) if name else None


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _taken(result: Mapping[str, Any]) -> Outcome:
    remote = result.get("message_id")
    return Outcome(CopyState.ACCEPTED, remote_id=str(remote)[:200] if remote is not None else None, provider_code="ok")


def _refused(answer: Mapping[str, Any], response: httpx.Response) -> Outcome:
    code = answer.get("error_code")
    number = code if isinstance(code, int) and not isinstance(code, bool) else response.status_code
    known, meaning = ERRORS.get(number, (_LATER if number >= 500 else _REFUSED, "unknown error"))
    said = str(answer.get("description") or "")[:150]
    return Outcome(
        known.state,
        permanent=known.permanent,
        retry_after=retry_after(response),
        provider_code=str(number),
        detail=f"{meaning}: {said}" if said else meaning,
    )


def _not_theirs(response: httpx.Response) -> Outcome:
    """A page in between, or half an answer: after a 200 nobody knows, else the status decides."""
    if response.is_success:
        return Outcome(CopyState.UNKNOWN, provider_code=str(response.status_code), detail="the answer is not Zalo's")
    return by_status(response, "the answer is not Zalo's")

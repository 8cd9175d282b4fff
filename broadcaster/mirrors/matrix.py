"""A Matrix room: the client-server API, in which an edit edits and the same transaction is taken once."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, ClassVar, Self
from urllib.parse import quote

import httpx

from broadcaster.domain.mirror import Action, Copy, CopyState, Outcome, Text
from broadcaster.domain.mirror_wording import LIMITS, compose, plain
from broadcaster.mirrors.answers import as_object, by_status, not_answered, retry_after
from broadcaster.mirrors.base import Means
from broadcaster.services.outlets.trying import Setting, Tried

CLIENT = "/_matrix/client/v3"
MEDIA = "/_matrix/media/v3"
FOLLOWS = frozenset({Action.EDIT, Action.CORRECT, Action.WITHDRAW})
PATIENCE = 20.0
"""Seconds after which no further sound is begun: a copy is claimed for 45."""
MOST_SOUNDS = 3
"""So many events have names that fit into a copy's name."""
LOST = "lost"

_REFUSED = Outcome(CopyState.FAILED, permanent=True)
# The copy waits: whoever lets the account in again and switches the channel on lets it go out while its words stand.
_SHUT_OUT = Outcome(CopyState.FAILED, shut_out=True)
_LATER = Outcome(CopyState.FAILED)

# What an errcode stands for; for one that is not here the HTTP status decides.
ERRORS: Mapping[str, tuple[Outcome, str]] = MappingProxyType(
    {
        "M_FORBIDDEN": (_SHUT_OUT, "the account may not write in this room"),
        "M_UNKNOWN_TOKEN": (_SHUT_OUT, "the access token is not valid (any more)"),
        "M_MISSING_TOKEN": (_REFUSED, "the access token did not arrive"),
        "M_USER_DEACTIVATED": (_SHUT_OUT, "the account was closed"),
        "M_USER_LOCKED": (_SHUT_OUT, "the account is locked"),
        "M_NOT_FOUND": (_REFUSED, "no such room"),
        "M_UNRECOGNIZED": (_REFUSED, "the server does not know this request"),
        "M_TOO_LARGE": (_REFUSED, "too large"),
        "M_LIMIT_EXCEEDED": (_LATER, "too many messages"),
        "M_RESOURCE_LIMIT_EXCEEDED": (_LATER, "the server is at its limit"),
    }
)


class MatrixChannel:
    """Posts text and sound as an account of the room; its name for a message is that of the text and of each sound."""

    kind: ClassVar[str] = "matrix"
    label: ClassVar[str] = "Matrix room"
    settings: ClassVar[Sequence[Setting]] = (
        Setting("homeserver", "Address of the Matrix server"),
        Setting("room", "Id of the room"),
        Setting("token", "Access token", secret=True),
    )
    # Synapse lets an account send twelve a minute, and a copy may bring three sounds.
    per_minute: ClassVar[int] = 4

    def __init__(
        self, homeserver: str, room: str, token: str, means: Means, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._server, self._room = homeserver.rstrip("/"), f"{CLIENT}/rooms/{quote(room, safe='')}"
        self._headers = {"authorization": f"Bearer {token}"}
        self._means, self._clock = means, clock

    @classmethod
    def build(cls, settings: Mapping[str, str], means: Means) -> Self:
        """The channel for one room; raises ValueError for what is no room or no address."""
        if not settings["room"].startswith("!"):
            raise ValueError("the id of a room begins with !")
        if not settings["homeserver"].startswith(("https://", "http://")):
            raise ValueError("the address must begin with https://")
        return cls(settings["homeserver"], settings["room"], settings["token"], means)

    def send(self, copy: Copy) -> Outcome:
        """Say it, or edit what was said; an answer that never came counts as not sent, as repeating does no harm."""
        until = self._clock() + PATIENCE
        earlier = copy.earlier[-1].split() if copy.earlier and copy.action in FOLLOWS else []
        lost, original = self._standing(earlier)
        if lost:
            return lost
        outcome, event = self._say(copy, original)
        sounds = earlier[1:]
        while sounds and outcome.state is CopyState.ACCEPTED:
            outcome = self._take_away(copy, sounds[0])
            if outcome.state is CopyState.ACCEPTED:
                sounds = sounds[1:]
        if outcome.state is not CopyState.ACCEPTED:
            # What can still be heard keeps its name, or nobody could take it away later.
            return replace(outcome, remote_id=" ".join([event, *sounds]) if event else None)
        return self._with_sounds(copy, event, until)

    def test(self) -> Tried:
        """Ask whose token it is, and whether that account is in the room and can be read there."""
        outcome, me = self._call("GET", f"{CLIENT}/account/whoami")
        user = str(me.get("user_id", ""))
        if outcome.state is not CopyState.ACCEPTED:
            said = {"detail": outcome.detail, "code": outcome.provider_code}
            return Tried(works=False, words="Matrix does not take this account: %(detail)s (%(code)s).", params=said)
        _, member = self._call("GET", f"{self._room}/state/m.room.member/{quote(user, safe='')}")
        if member.get("membership") != "join":
            words = "The account %(user)s is not in the room. Invite it there and let it accept."
            return Tried(works=False, words=words, params={"user": user})
        _, secret = self._call("GET", f"{self._room}/state/m.room.encryption")
        if "algorithm" in secret:
            return Tried(works=False, words="The room is encrypted; make one without encryption for announcements.")
        return Tried(works=True, words="The account %(user)s is in the room.", params={"user": user})

    def _standing(self, earlier: Sequence[str]) -> tuple[Outcome | None, str]:
        """The message to edit, empty where it is gone; or why that cannot be known now."""
        if not earlier:
            return None, ""
        outcome, event = self._call("GET", f"{self._room}/event/{quote(earlier[0], safe='')}")
        if outcome.state is not CopyState.ACCEPTED:
            return (None, "") if outcome.permanent else (outcome, "")
        # What was deleted has no content left, and an edit of it is shown to nobody.
        return None, earlier[0] if event.get("content") else ""

    def _say(self, copy: Copy, original: str) -> tuple[Outcome, str]:
        outcome, answer = self._put(copy.id, words(compose(copy, limit=LIMITS[self.kind]), original))
        if outcome.state is CopyState.ACCEPTED:
            return outcome, original or str(answer.get("event_id", ""))
        # Until an answer comes, the transaction is the only name of what the room may have got; an edit has none.
        return outcome, (original or copy.id) if outcome.provider_code == LOST else ""

    def _take_away(self, copy: Copy, event: str) -> Outcome:
        name = quote(event, safe="")
        outcome, _ = self._call("PUT", f"{self._room}/redact/{name}/{copy.id}-{name}", json={})
        # What cannot be found cannot be heard.
        return Outcome(CopyState.ACCEPTED) if outcome.permanent else outcome

    def _with_sounds(self, copy: Copy, event: str, until: float) -> Outcome:
        """Words never wait for their sound: what is missing is said, and the link in the text leads to it."""
        events, detail = [event], ""
        for text in copy.texts[:MOST_SOUNDS] if copy.action is not Action.WITHDRAW else ():
            if text.clip and not detail:
                sent = self._sound(copy, text, event) if self._clock() < until else "no time was left"
                detail = "" if sent.startswith("$") else f"without its sound: {sent}"
                events += [sent] if not detail else []
        return Outcome(CopyState.ACCEPTED, remote_id=" ".join(events), provider_code="ok", detail=detail)

    def _sound(self, copy: Copy, text: Text, event: str) -> str:
        """The event of one sound, or what was wrong."""
        try:
            sound = self._means.sound(text.clip)
        except OSError as error:
            return type(error).__name__
        uploaded, answer = self._call(
            "POST", f"{MEDIA}/upload", content=sound, headers=self._headers | {"content-type": "audio/ogg"}
        )
        if uploaded.state is not CopyState.ACCEPTED:
            return uploaded.detail
        content = heard(copy, text, event, url=str(answer.get("content_uri", "")), size=len(sound))
        outcome, answer = self._put(f"{copy.id}-{text.language}", content)
        return str(answer.get("event_id", "")) if outcome.state is CopyState.ACCEPTED else outcome.detail

    def _put(self, transaction: str, content: Mapping[str, Any]) -> tuple[Outcome, Mapping[str, Any]]:
        return self._call("PUT", f"{self._room}/send/m.room.message/{quote(transaction, safe='')}", json=content)

    def _call(self, method: str, path: str, **sent: Any) -> tuple[Outcome, Mapping[str, Any]]:  # noqa: ANN401
        try:
            response = self._means.client.request(method, self._server + path, **{"headers": self._headers} | sent)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return _again(not_answered(error)), {}
        answer = as_object(response)
        if response.is_success and answer is not None:
            return Outcome(CopyState.ACCEPTED, provider_code="ok"), answer
        return _refused(response, answer or {}), {}


def words(text: str, original: str = "") -> dict[str, Any]:
    """The content of a text; of an edit, when it names the message it takes the place of."""
    # Without an empty m.mentions, clients look for "@room" and for names in the text.
    content: dict[str, Any] = {"msgtype": "m.text", "body": text, "m.mentions": {}}
    if not original:
        return content
    edit = {"body": f"* {text}", "m.new_content": content}
    return content | edit | {"m.relates_to": {"rel_type": "m.replace", "event_id": original}}


def heard(copy: Copy, text: Text, event: str, *, url: str, size: int) -> dict[str, Any]:
    """The content of a sound, as an answer to its text."""
    return {
        "msgtype": "m.audio",
        "body": f"{plain(copy.title)[:100]} ({text.language}).ogg",
        "url": url,
        "info": {"mimetype": "audio/ogg", "size": size, "duration": text.ms},
        "m.mentions": {},
        "m.relates_to": {"m.in_reply_to": {"event_id": event}},
    }


def _again(outcome: Outcome) -> Outcome:
    """A transaction is taken once, so what is unknown may be asked again."""
    if outcome.state is not CopyState.UNKNOWN:
        return outcome
    return Outcome(CopyState.FAILED, provider_code=LOST, detail=outcome.detail or outcome.provider_code)


def _refused(response: httpx.Response, answer: Mapping[str, Any]) -> Outcome:
    code, said = answer.get("errcode"), str(answer.get("error") or "")[:150]
    known, meaning = ERRORS.get(code, (None, "")) if isinstance(code, str) else (None, "")
    detail = ": ".join(filter(None, [meaning, said])) or "the answer is not Matrix's"
    if known is None:
        # A page in between, or half an answer after a 200: nobody knows.
        unknown = Outcome(CopyState.UNKNOWN, detail=detail)
        return _again(unknown if response.is_success else by_status(response, detail))
    return replace(known, provider_code=str(code), detail=detail, retry_after=_patience(response, answer))


def _patience(response: httpx.Response, answer: Mapping[str, Any]) -> int | None:
    asked = answer.get("retry_after_ms")
    if isinstance(asked, int) and not isinstance(asked, bool) and 0 <= asked < 10**8:
        return math.ceil(asked / 1000)
    return retry_after(response)

"""A Telegram group or channel with a bot in it: text, and the sound of it as a voice message."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, ClassVar, Self

import httpx

from broadcaster.domain.mirror import Action, Copy, CopyState, Outcome
from broadcaster.domain.mirror_wording import LIMITS, compose, cut, plain
from broadcaster.mirrors.answers import as_object, by_status, not_answered, retry_after
from broadcaster.mirrors.base import Means
from broadcaster.services.outlets.trying import Setting, Tried

BASE_URL = "https://api.telegram.org"
CAPTION = 200
TAKEN_BACK = "THU HỒI"
Files = Mapping[str, tuple[str, bytes, str]]
_TOKEN = re.compile(r"\d+:[\w-]+", re.ASCII)
# What cannot be edited any more is followed by a marked answer to it.
_GONE = re.compile(r"message to edit not found|message can't be edited|message_id_invalid", re.IGNORECASE)
_SAME = "message is not modified"
_FOLLOWS = frozenset({Action.EDIT, Action.CORRECT, Action.WITHDRAW})
_SOUNDLESS = frozenset({Action.WITHDRAW, Action.RELEASE})

_REFUSED = Outcome(CopyState.FAILED, permanent=True)
_LATER = Outcome(CopyState.FAILED)
# The copy waits: whoever lets the bot in again and switches the channel on lets it go out while its words stand.
_SHUT_OUT = Outcome(CopyState.FAILED, shut_out=True)

# What an error_code stands for; a code that is not here is for good below 500 and may pass from there on.
ERRORS: Mapping[int, tuple[Outcome, str]] = MappingProxyType(
    {
        400: (_REFUSED, "bad request"),
        401: (_SHUT_OUT, "the token is not valid (any more)"),
        403: (_SHUT_OUT, "the bot was removed or blocked"),
        404: (_REFUSED, "no such bot or method"),
        413: (_REFUSED, "too large"),
        420: (_LATER, "too many requests"),
        429: (_LATER, "too many requests"),
        500: (_LATER, "fault at the provider"),
    }
)


class TelegramChannel:
    """Posts plain text and voice messages through a bot, and edits what it posted."""

    kind: ClassVar[str] = "telegram"
    label: ClassVar[str] = "Telegram group"
    settings: ClassVar[Sequence[Setting]] = (
        Setting("token", "Bot token", secret=True),
        Setting("chat_id", "Id of the group"),
        Setting("base_url", "Address of the Telegram Bot API", default=BASE_URL),
    )
    # Telegram takes 20 messages a minute in one group; a copy in two languages is three of them.
    per_minute: ClassVar[int] = 6

    def __init__(self, token: str, chat_id: str, means: Means, *, base_url: str = BASE_URL) -> None:
        self._bot, self._means = f"{base_url.rstrip('/')}/bot{token}", means
        self._given = self._chat = chat_id

    @classmethod
    def build(cls, settings: Mapping[str, str], means: Means) -> Self:
        """The channel for one group; raises ValueError for a token that is not one."""
        if not _TOKEN.fullmatch(settings["token"]):
            raise ValueError("the bot token has the form number:secret")
        return cls(settings["token"], settings["chat_id"], means, base_url=settings["base_url"])

    def send(self, copy: Copy) -> Outcome:
        """Post the words and then their sound; a correction edits what stands there, a withdrawal takes the sound away.

        The remote id holds the chat, the number of the text there and those of its sounds. Once the words are there
        the copy is accepted: a sound that was not taken is behind the link they end with.
        """
        chat = self._chat
        old = _numbers(copy.earlier[-1], chat) if copy.earlier and copy.action in _FOLLOWS else []
        outcome, number = self._tell(compose(copy, limit=LIMITS[self.kind]), old[:1])
        if outcome.state is CopyState.ACCEPTED:
            outcome = self._followed(copy, outcome, number, old if self._chat == chat else [])
        return replace(outcome, changed=(("chat_id", self._chat),)) if self._chat != self._given else outcome

    def test(self) -> Tried:
        """Ask who the bot is and whether it may write in the group."""
        outcome, me = self._call("getMe", {})
        if outcome.state is not CopyState.ACCEPTED:
            said = {"detail": outcome.detail, "code": outcome.provider_code}
            return Tried(works=False, words="Telegram does not take this bot: %(detail)s (%(code)s).", params=said)
        bot = str(me.get("username", ""))
        outcome, group = self._call("getChat", {"chat_id": self._chat})
        if outcome.state is CopyState.ACCEPTED:
            outcome, member = self._call("getChatMember", {"chat_id": self._chat, "user_id": me.get("id")})
            if member.get("status") in {"left", "kicked"} or member.get("can_send_messages") is False:
                outcome = replace(_SHUT_OUT, provider_code="403", detail=str(member.get("status")))
        if outcome.state is not CopyState.ACCEPTED:
            said = {"bot": bot, "detail": outcome.detail, "code": outcome.provider_code}
            words = "The bot %(bot)s answers, but may not write in this group: %(detail)s (%(code)s)."
            return Tried(works=False, words=words, params=said)
        said = {"bot": bot, "group": str(group.get("title") or group.get("username") or self._chat)}
        return Tried(works=True, words="The bot %(bot)s may write in “%(group)s”.", params=said)

    def _tell(self, words: str, old: Sequence[int]) -> tuple[Outcome, int | None]:
        """Edit the old message, or post a new one where there is none to edit, as in a group that moved."""
        place: dict[str, Any] = {"chat_id": self._chat, "text": words}
        if old:
            outcome, _ = self._call("editMessageText", place | {"message_id": old[0]})
            if outcome.state is CopyState.ACCEPTED or _SAME in outcome.detail:
                return Outcome(CopyState.ACCEPTED, provider_code="edited"), old[0]
            if _GONE.search(outcome.detail):
                place["reply_parameters"] = {"message_id": old[0], "allow_sending_without_reply": True}
            elif self._chat == place["chat_id"]:
                # An edit may be sent twice, so no answer is as good as a refusal.
                return replace(outcome, state=CopyState.FAILED), None
            place["chat_id"] = self._chat
        outcome, result = self._call("sendMessage", place)
        return outcome, _whole(result.get("message_id"))

    def _followed(self, copy: Copy, told: Outcome, number: int | None, old: Sequence[int]) -> Outcome:
        """What becomes of the copy once its words stand: the old sounds go, and then the new ones come."""
        chat = self._chat
        kept, why = self._take_away(chat, old[1:])
        if why and number in old:
            # The same edit may be made again, and with it what is left.
            return replace(why, state=CopyState.FAILED, remote_id=_name(chat, [*old[:1], *kept]))
        told = self._with_sounds(copy, told, chat, [] if number is None else [number, *kept])
        if why is None:
            return told
        still = f"an old sound still stands: {why.detail}"
        return replace(told, retry_after=why.retry_after, detail="; ".join(filter(None, [still, told.detail])))

    def _with_sounds(self, copy: Copy, told: Outcome, chat: str, numbers: Sequence[int]) -> Outcome:
        spoken = [text for text in copy.texts if text.clip and copy.action not in _SOUNDLESS]
        sung = [self._sing(text.clip, text.ms, cut(plain(copy.title), CAPTION)) for text in spoken]
        lost = next((outcome for outcome, _ in sung if outcome.state is not CopyState.ACCEPTED), None)
        sounds = [sound for _, sound in sung if sound is not None and self._chat == chat]
        told = replace(told, remote_id=_name(chat, [*numbers, *sounds]) if numbers else None)
        if lost is None:
            return told
        return replace(told, retry_after=lost.retry_after, detail=f"without all of its sound: {lost.detail}")

    def _sing(self, clip: str, ms: int, caption: str) -> tuple[Outcome, int | None]:
        try:
            voice = self._means.sound(clip)
        except OSError:
            return replace(_REFUSED, detail="it is not here any more"), None
        content = {"chat_id": self._chat, "duration": str(ms // 1000), "caption": caption}
        outcome, result = self._call("sendVoice", content, {"voice": ("loa.ogg", voice, "audio/ogg")})
        return outcome, _whole(result.get("message_id"))

    def _take_away(self, chat: str, sounds: Sequence[int]) -> tuple[Sequence[int], Outcome | None]:
        """Which of the old sounds still stand, and why; one that Telegram keeps says what became of it."""
        for place, sound in enumerate(sounds):
            content = {"chat_id": chat, "message_id": sound}
            outcome, _ = self._call("deleteMessage", content)
            if outcome.permanent:
                outcome, _ = self._call("editMessageCaption", content | {"caption": TAKEN_BACK})
            if outcome.state is not CopyState.ACCEPTED and not outcome.permanent:
                return sounds[place:], outcome
        return (), None

    def _call(
        self, method: str, content: Mapping[str, Any], files: Files | None = None
    ) -> tuple[Outcome, Mapping[str, Any]]:
        outcome, result, moved = self._ask(method, content, files)
        if moved and moved != content.get("chat_id"):
            self._chat = moved
            # Its messages have other numbers: the same one may be anybody's there.
            if "message_id" in content:
                return outcome, {}
            outcome, result, _ = self._ask(method, {**content, "chat_id": moved}, files)
        return outcome, result

    def _ask(
        self, method: str, content: Mapping[str, Any], files: Files | None
    ) -> tuple[Outcome, Mapping[str, Any], str | None]:
        sent: dict[str, Any] = {"data": content, "files": files} if files else {"json": content}
        try:
            response = self._means.client.post(f"{self._bot}/{method}", **sent)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return not_answered(error), {}, None
        answer = as_object(response)
        if answer is None or not isinstance(answer.get("ok"), bool):
            return _not_theirs(response), {}, None
        if answer["ok"]:
            return Outcome(CopyState.ACCEPTED, provider_code="ok"), _object(answer.get("result")), None
        asked = _object(answer.get("parameters"))
        moved = _whole(asked.get("migrate_to_chat_id"))
        return _refused(answer, asked, response), {}, None if moved is None else str(moved)


def _refused(answer: Mapping[str, Any], asked: Mapping[str, Any], response: httpx.Response) -> Outcome:
    code, seconds = _whole(answer.get("error_code")), _whole(asked.get("retry_after"))
    number = response.status_code if code is None else code
    known, meaning = ERRORS.get(number, (_LATER if number >= 500 else _REFUSED, "unknown error"))
    said = str(answer.get("description") or "")[:150]
    return replace(
        known,
        # Telegram says it in the body; a gateway in between would say it in the header.
        retry_after=retry_after(response) if seconds is None else max(seconds, 0),
        provider_code=str(number),
        detail=f"{meaning}: {said}" if said else meaning,
    )


def _not_theirs(response: httpx.Response) -> Outcome:
    """A page in between, or half an answer: after a 200 nobody knows, else the status decides."""
    if response.is_success:
        code = str(response.status_code)
        return Outcome(CopyState.UNKNOWN, provider_code=code, detail="the answer is not Telegram's")
    return by_status(response, "the answer is not Telegram's")


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _name(chat: str, numbers: Iterable[int]) -> str:
    return f"{chat}:{'+'.join(map(str, numbers))}"


def _numbers(remote: str, chat: str) -> list[int]:
    """The text's number and those of its sounds, as `_name` wrote them down; none of another chat."""
    where, _, numbers = remote.rpartition(":")
    return [int(each) for each in numbers.split("+") if where == chat and each.isascii() and each.isdigit()]

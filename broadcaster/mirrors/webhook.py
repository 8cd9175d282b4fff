"""Any other system: signed JSON over HTTPS, in the form of the Standard Webhooks specification."""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Self

import httpx

from broadcaster.domain.mirror import Action, Copy, CopyState, Outcome
from broadcaster.domain.mirror_wording import LIMITS, compose
from broadcaster.mirrors.answers import by_status, not_answered
from broadcaster.mirrors.base import Means
from broadcaster.mirrors.outgoing import web_address
from broadcaster.services.outlets.trying import Setting, Tried

TYPES = {
    Action.POST: "announcement.posted",
    Action.EDIT: "announcement.corrected",
    Action.CORRECT: "announcement.corrected",
    Action.WITHDRAW: "announcement.withdrawn",
    Action.ASK: "stand_in.asked",
    Action.RELEASE: "stand_in.released",
}
PING = "channel.tested"
PREFIX = "whsec_"


class WebhookChannel:
    """Posts each copy as signed JSON; the receiver drops doubles by `webhook-id`, so no outcome stays unknown."""

    kind: ClassVar[str] = "webhook"
    label: ClassVar[str] = "Signed webhook"
    settings: ClassVar[Sequence[Setting]] = (
        Setting("url", "Address to post to"),
        Setting("secret", "Secret shared with the receiver", secret=True),
    )
    per_minute: ClassVar[int] = 120

    def __init__(
        self, url: str, secret: bytes, client: httpx.Client, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._url, self._secret, self._client, self._clock = url, secret, client, clock

    @classmethod
    def build(cls, settings: Mapping[str, str], means: Means) -> Self:
        """The channel for one receiver; raises ValueError for an address or secret that cannot be used."""
        return cls(web_address(settings["url"]), key(settings["secret"]), means.client)

    def send(self, copy: Copy) -> Outcome:
        """Post one copy; an answer that never came counts as not sent, because sending again is safe."""
        outcome = self._post(copy.id, payload(copy))
        if outcome.state is CopyState.UNKNOWN:
            # It may have arrived: with a name of its own it counts as read, and is taken back when the words are.
            return replace(outcome, state=CopyState.FAILED, remote_id=copy.id)
        return outcome

    def test(self) -> Tried:
        """Post a signed `channel.tested`."""
        outcome = self._post(f"test-{int(self._clock())}", {"type": PING})
        if outcome.state is CopyState.ACCEPTED:
            return Tried(works=True, words="The receiver took a signed test.")
        return Tried(
            works=False,
            words="The receiver did not take a test: %(detail)s (%(code)s).",
            params={"detail": outcome.detail, "code": outcome.provider_code},
        )

    def _post(self, message: str, content: Mapping[str, Any]) -> Outcome:
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        timestamp = str(int(self._clock()))
        headers = {
            "content-type": "application/json",
            "webhook-id": message,
            "webhook-timestamp": timestamp,
            "webhook-signature": sign(self._secret, message, timestamp, body),
        }
        try:
            return by_status(self._client.post(self._url, content=body, headers=headers))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return not_answered(error)


def payload(copy: Copy) -> dict[str, Any]:
    """The body of a copy, as docs/channels.md describes it."""
    return {
        "type": TYPES[copy.action],
        "announcement": copy.announcement,
        "revision": copy.revision,
        "class": copy.klass,
        "kind": copy.kind,
        "title": copy.title,
        "texts": [{"language": text.language, "text": text.text} for text in copy.texts],
        "place": copy.place,
        "airs_at": copy.airs_at.isoformat() if copy.airs_at else None,
        "link": copy.link,
        "reason": copy.reason,
        "repeated": copy.repeated,
        "text": compose(copy, limit=LIMITS["webhook"]),
    }


def key(secret: str) -> bytes:
    """The bytes to sign with: base64 after `whsec_`, else the text itself; raises ValueError when it is too short."""
    try:
        raw = (
            base64.b64decode(secret.removeprefix(PREFIX), validate=True)
            if secret.startswith(PREFIX)
            else secret.encode()
        )
    except binascii.Error:
        raise ValueError("the secret after whsec_ is not base64") from None
    if len(raw) < 16:
        raise ValueError("the secret needs at least 16 bytes")
    return raw


def sign(secret: bytes, message: str, timestamp: str, body: bytes) -> str:
    """The value of `webhook-signature`: v1 and the HMAC-SHA256 of id, seconds and body, joined by dots."""
    content = f"{message}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest()).decode()

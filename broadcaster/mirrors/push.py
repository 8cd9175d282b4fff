"""One notice to one browser through its maker's push service: RFC 8030, encrypted by RFC 8291, signed by RFC 8292."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

import http_ece
import httpx
from cryptography.hazmat.primitives.asymmetric import ec

from broadcaster.domain import push
from broadcaster.domain.errors import Malformed
from broadcaster.domain.mirror import CopyState, Outcome
from broadcaster.mirrors.answers import by_status, not_answered
from broadcaster.services.outlets.push_queue import Work
from broadcaster.services.outlets.vapid import Vapid

MEANINGS: Mapping[int, str] = MappingProxyType(
    {
        400: "the service does not understand us",
        401: "the service does not take our key",
        403: "the browser was subscribed with another key",
        404: "there is no such browser any more",
        410: "the browser does not want to be told any more",
        413: "the notice is too long",
        429: "too many notices",
    }
)


class PushSender:
    """Sends notices; used by several threads at once."""

    def __init__(self, client: httpx.Client, vapid: Vapid, now: Callable[[], datetime]) -> None:
        self._client, self._vapid, self._now = client, vapid, now

    def send(self, work: Work) -> Outcome:
        """Hand it over once; whatever the other side does becomes an Outcome, never an exception."""
        try:
            body = sealed(work.payload, work.p256dh, work.auth)
        except (Malformed, ValueError) as error:
            return Outcome(CopyState.FAILED, permanent=True, provider_code="bad_key", detail=str(error)[:200])
        try:
            response = self._client.post(work.endpoint, content=body, headers=self._headers(work))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return not_answered(error)
        except ValueError as error:
            return Outcome(CopyState.FAILED, permanent=True, provider_code="bad_address", detail=str(error)[:200])
        return by_status(response, MEANINGS.get(response.status_code, ""))

    def _headers(self, work: Work) -> dict[str, str]:
        return {
            "authorization": self._vapid.authorization(work.endpoint, now=self._now()),
            "content-encoding": "aes128gcm",
            "content-type": "application/octet-stream",
            "ttl": str(work.ttl),
            "urgency": work.urgency,
            "topic": work.topic,
        }


def sealed(payload: bytes, p256dh: str, auth: str) -> bytes:
    """What only this browser can open. Raises Malformed, ValueError."""
    theirs, secret = push.keys(p256dh, auth)
    # A new key for each notice: from a stolen one nobody reads another.
    ours = ec.generate_private_key(ec.SECP256R1())
    body: bytes = http_ece.encrypt(payload, private_key=ours, dh=theirs, auth_secret=secret, version="aes128gcm")
    return body

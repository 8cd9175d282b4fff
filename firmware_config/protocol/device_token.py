"""The short token a speaker signs for itself to use the HTTPS path: `Authorization: Loa <token>`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, ClassVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from firmware_config.protocol.codecs import Ident, Millis, Moment, Text
from firmware_config.protocol.documents import Document
from firmware_config.protocol.envelope import decode_base64, encode_base64, pae, verify
from firmware_config.protocol.refusals import Refusal, Refused

MAX_LIFE: Millis = 300_000
MAX_TOKEN = 2_000
# A server a little behind the speaker's clock must not turn it away.
SKEW: Millis = 60_000


@dataclass(frozen=True, slots=True)
class Token(Document):
    """Who asks, whom, and for how long the question stands."""

    TYPE: ClassVar[str] = "application/vnd.loa.token.v1+json"
    device: Ident
    audience: Annotated[str, Text(300)]
    issued: Moment
    expires: Moment


def make_token(device: str, key: Ed25519PrivateKey, *, now: Millis, audience: str) -> str:
    """A token of five minutes for the server named `audience`."""
    body = Token(device, audience, now, now + MAX_LIFE).to_bytes()
    return encode_base64(body) + "." + encode_base64(key.sign(pae(Token.TYPE, body)))


def accept_token(text: str, *, lookup: Callable[[str], bytes | None], now: Millis, audience: str) -> str:
    """The device id; `lookup` gives a device's public key (32 bytes) or None. Raises `Refused`."""
    if len(text) > MAX_TOKEN:
        raise Refused(Refusal.OVERSIZE, "token too long")
    parts = text.split(".")
    if len(parts) != 2:
        raise Refused(Refusal.SHAPE, "not a token")
    body, signature = decode_base64(parts[0]), decode_base64(parts[1])
    # The claim is read before it is verified, only to learn whose key to verify it with.
    token = Token.from_bytes(body)
    key = lookup(token.device)
    if key is None:
        raise Refused(Refusal.UNKNOWN_KEY, "speaker not known here")
    verify(key, signature, pae(Token.TYPE, body))
    if token.audience != audience:
        raise Refused(Refusal.NOT_FOR_ME, "token for another server")
    if now >= token.expires:
        raise Refused(Refusal.EXPIRED, "token has ended")
    if not 0 < token.expires - token.issued <= MAX_LIFE or token.issued > now + SKEW:
        raise Refused(Refusal.POLICY, "a token lives at most five minutes")
    return token.device

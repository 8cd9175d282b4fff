"""DSSE v1: sign raw bytes with their type, verify raw bytes, and only then let anybody parse them."""

import base64
import binascii
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from firmware_config.protocol.codecs import Hex, Ident, Millis, Moment
from firmware_config.protocol.documents import Document
from firmware_config.protocol.refusals import Refusal, Refused
from firmware_config.protocol.strict_json import SIZE_LIMIT, JsonValue, dumps, loads

MAX_SIGNATURES = 4


class Role(StrEnum):
    """What a key may sign; a key has exactly one role."""

    ROOT = "root"
    CONTENT = "content"
    DRILL = "drill"
    DIRECTOR = "director"
    UPDATE = "update"
    SPEAKER = "speaker"


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key with the name and the role under which others know it."""

    keyid: str
    role: Role
    key: Ed25519PrivateKey

    @property
    def public(self) -> bytes:
        """The 32 raw bytes of the public key."""
        return self.key.public_key().public_bytes_raw()


@dataclass(frozen=True, slots=True)
class PublicKey(Document):
    """A key (32 raw bytes) we accept signatures of, from `not_before` to `not_after` inclusive."""

    keyid: Ident
    role: Role
    key: Annotated[bytes, Hex(32)]
    not_before: Moment
    not_after: Moment


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The public keys known here, by keyid. A speaker's own keyid is its device id."""

    keys: Mapping[str, PublicKey]


@dataclass(frozen=True, slots=True)
class _Signature:
    keyid: str
    sig: bytes


def pae(payload_type: str, body: bytes) -> bytes:
    """DSSE's pre-authentication encoding: lengths in bytes, so type and body can never be read as one another."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(body), body)


def seal(payload_type: str, body: bytes, *signers: Signer) -> bytes:
    """The canonical envelope of `body`, signed by each signer."""
    message = pae(payload_type, body)
    return dumps(
        {
            "payload": encode_base64(body),
            "payloadType": payload_type,
            "signatures": [{"keyid": s.keyid, "sig": encode_base64(s.key.sign(message))} for s in signers],
        }
    )


def seal_document(document: Document, *signers: Signer) -> bytes:
    """The document in an envelope of its own type."""
    return seal(document.TYPE, document.to_bytes(), *signers)


def unseal(
    raw: bytes,
    *,
    payload_type: str,
    role: Role,
    keys: KeyRing,
    now: Millis | None,
    limit: int = SIZE_LIMIT,
) -> bytes:
    """The verified body, not yet parsed; `now=None` (clock not trusted) skips the keys' dates. Raises `Refused`."""
    return unseal_any(raw, payload_types=(payload_type,), roles=(role,), keys=keys, now=now, limit=limit)[1]


def unseal_any(
    raw: bytes,
    *,
    payload_types: Collection[str],
    roles: Collection[Role],
    keys: KeyRing,
    now: Millis | None,
    limit: int = SIZE_LIMIT,
) -> tuple[str, bytes]:
    """Like `unseal` where several payload types or roles will do: (the type, the verified body)."""
    if len(raw) > limit:
        raise Refused(Refusal.OVERSIZE, f"{len(raw)} bytes, at most {limit}")
    payload_type, body, signatures = _take_apart(raw)
    if payload_type not in payload_types:
        raise Refused(Refusal.WRONG_TYPE, "another kind of document")
    known = [(keys.keys[s.keyid], s.sig) for s in signatures if s.keyid in keys.keys]
    if not known:
        raise Refused(Refusal.UNKNOWN_KEY, "signed by nobody known here")
    in_role = [(key, sig) for key, sig in known if key.role in roles]
    if not in_role:
        raise Refused(Refusal.WRONG_ROLE, f"not signed in the role {' or '.join(roles)}")
    current = [(k, s) for k, s in in_role if now is None or k.not_before <= now <= k.not_after]
    if not current:
        raise Refused(Refusal.KEY_OUT_OF_DATE, f"no {' or '.join(roles)} key of today")
    message = pae(payload_type, body)
    for key, sig in current:
        verify(key.key, sig, message)
    return payload_type, body


def verify(public: bytes, signature: bytes, message: bytes) -> None:
    """Raises `Refused(BAD_SIGNATURE)` unless `signature` is that key's over `message`."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise Refused(Refusal.BAD_SIGNATURE, "the signature does not fit") from None


def decode_base64(text: JsonValue) -> bytes:
    """Standard base64 in its one canonical spelling, else `SHAPE`."""
    if not isinstance(text, str):
        raise Refused(Refusal.SHAPE, "base64 text expected")
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refused(Refusal.SHAPE, "not base64") from None
    # The last character of base64 has unused bits: without this, flipping them would change nothing.
    if encode_base64(found) != text:
        raise Refused(Refusal.SHAPE, "base64 not canonical")
    return found


def encode_base64(raw: bytes) -> str:
    """Standard base64 without line breaks."""
    return base64.b64encode(raw).decode("ascii")


def _take_apart(raw: bytes) -> tuple[str, bytes, list[_Signature]]:
    try:
        outer = loads(raw)
    except Refused as refused:
        raise Refused(Refusal.SHAPE, refused.detail) from None
    if not isinstance(outer, dict) or outer.keys() != {"payload", "payloadType", "signatures"}:
        raise Refused(Refusal.SHAPE, "not an envelope")
    kind, signatures = outer["payloadType"], outer["signatures"]
    if not isinstance(kind, str) or not isinstance(signatures, list):
        raise Refused(Refusal.SHAPE, "not an envelope")
    if not 1 <= len(signatures) <= MAX_SIGNATURES:
        raise Refused(Refusal.SHAPE, "number of signatures")
    found = [_signature(one) for one in signatures]
    if len({one.keyid for one in found}) != len(found):
        raise Refused(Refusal.SHAPE, "signed twice by one key")
    body = decode_base64(outer["payload"])
    # One spelling only, so that the hash of an envelope names what was signed and nothing else.
    if dumps(outer) != raw:
        raise Refused(Refusal.SHAPE, "envelope not canonical")
    return kind, body, found


def _signature(value: JsonValue) -> _Signature:
    if not isinstance(value, dict) or value.keys() != {"keyid", "sig"}:
        raise Refused(Refusal.SHAPE, "not a signature")
    keyid = value["keyid"]
    if not isinstance(keyid, str):
        raise Refused(Refusal.SHAPE, "not a signature")
    return _Signature(keyid, decode_base64(value["sig"]))

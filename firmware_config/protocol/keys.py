"""keys.json: which keys may speak today, signed by the root that stays in a safe."""

from collections import Counter
from dataclasses import dataclass
from typing import Annotated, ClassVar

from firmware_config.protocol.codecs import LAST_MOMENT, AtMost, Count, Millis, Moment
from firmware_config.protocol.documents import Document
from firmware_config.protocol.envelope import KeyRing, PublicKey, Role, unseal
from firmware_config.protocol.refusals import Refusal, Refused

ROOT_KEYID = "root"


@dataclass(frozen=True, slots=True)
class KeySet(Document):
    """The keys of the system; a higher version replaces a lower one as a whole."""

    TYPE: ClassVar[str] = "application/vnd.loa.keys.v1+json"
    version: Count
    issued: Moment
    expires: Moment
    keys: Annotated[tuple[PublicKey, ...], AtMost(40)]

    def ring(self) -> KeyRing:
        """The keys by keyid."""
        return KeyRing({k.keyid: PublicKey(k.keyid, k.role, k.key, k.not_before, k.not_after) for k in self.keys})


def root_ring(root: bytes) -> KeyRing:
    """The ring that holds nothing but the root's public key (32 bytes)."""
    return KeyRing({ROOT_KEYID: PublicKey(ROOT_KEYID, Role.ROOT, root, 0, LAST_MOMENT)})


def accept_keys(raw: bytes, *, root: bytes, have_version: int, now: Millis | None) -> KeySet:
    """The key set, if the root signed it and it is not older than `have_version`. Raises `Refused`."""
    body = unseal(raw, payload_type=KeySet.TYPE, role=Role.ROOT, keys=root_ring(root), now=now)
    found = KeySet.from_bytes(body)
    if found.version < have_version:
        raise Refused(Refusal.OLDER, f"version {found.version}, here {have_version}")
    if now is not None and now >= found.expires:
        raise Refused(Refusal.EXPIRED, "this key set has ended")
    _check_policy(found)
    return found


def _check_policy(found: KeySet) -> None:
    if found.issued >= found.expires:
        raise Refused(Refusal.POLICY, "ends before it was issued")
    if any(count > 1 for count in Counter(one.keyid for one in found.keys).values()):
        raise Refused(Refusal.POLICY, "one keyid, two keys")
    for one in found.keys:
        if one.role in {Role.ROOT, Role.SPEAKER}:
            raise Refused(Refusal.POLICY, f"a {one.role} key has no place in a key set")
        if one.not_before >= one.not_after:
            raise Refused(Refusal.POLICY, f"key {one.keyid} is never valid")

"""What the content key says: these words may be played, in this class, for this audience, until then."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from firmware_config.protocol.codecs import (
    AtMost,
    Category,
    Count,
    Ident,
    Language,
    Line,
    Millis,
    Moment,
    Number,
    Place,
    Prose,
    Sha256,
)
from firmware_config.protocol.documents import Document, Kind, Klass
from firmware_config.protocol.envelope import KeyRing, Role, unseal_any
from firmware_config.protocol.refusals import Refusal, Refused
from firmware_config.protocol.strict_json import SIZE_LIMIT

MAX_CLIP_MS: Millis = 4 * 3_600_000
PAUSE_MS: Millis = 600
"""Silence between two languages, and after the chime."""
MAX_CLIP_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ClipRef(Document):
    """The sound of a version: sha256 of the file, its size in bytes, its length in milliseconds."""

    sha256: Sha256
    bytes: Annotated[int, Number(0, MAX_CLIP_BYTES)]
    ms: Annotated[int, Number(0, MAX_CLIP_MS)]


@dataclass(frozen=True, slots=True)
class SpokenVersion(Document):
    """The announcement in one language: the words, and their sound where there is one."""

    language: Language
    text: Prose
    clip: ClipRef | None


@dataclass(frozen=True, slots=True)
class Audience(Document):
    """Places chosen and places excepted: "u:<unit>", "g:<group>" or "d:<device>"."""

    include: Annotated[tuple[Place, ...], AtMost(2000)]
    exclude: Annotated[tuple[Place, ...], AtMost(2000)]

    def covers(self, device: str, units: Collection[str], groups: Collection[str]) -> bool:
        """Whether a speaker standing in `units` (all its ancestors) and `groups` is meant; an exception wins."""
        here = {f"d:{device}", *(f"u:{unit}" for unit in units), *(f"g:{group}" for group in groups)}
        return not here.isdisjoint(self.include) and here.isdisjoint(self.exclude)


@dataclass(frozen=True, slots=True)
class Approval(Document):
    """Who answers for the words, and since when."""

    by: Line
    at: Moment


@dataclass(frozen=True, slots=True)
class SignedAnnouncement(Document):
    """One revision of an announcement as the content key signs it."""

    TYPE: ClassVar[str] = "application/vnd.loa.announcement.v1+json"
    id: Ident
    revision: Count
    klass: Klass
    kind: Kind
    title: Line
    versions: Annotated[tuple[SpokenVersion, ...], AtMost(20)]
    audience: Audience
    not_before: Moment
    expires: Moment
    supersedes: Ident | None
    approvals: Annotated[tuple[Approval, ...], AtMost(10)]
    category: Category = "general"
    chime: ClipRef | None = None
    """Heard once, before the first version."""

    @property
    def clips(self) -> tuple[ClipRef, ...]:
        """All its sound: the chime, then that of the versions."""
        return tuple(one for one in (self.chime, *(version.clip for version in self.versions)) if one is not None)


def bundle_ms(clips: Sequence[ClipRef]) -> int:
    """How long these last when they are heard one after the other, with a pause between each two."""
    return sum(clip.ms for clip in clips) + PAUSE_MS * max(0, len(clips) - 1)


def reference(raw: bytes) -> str:
    """The name of an envelope: "sha256:" and the hash of all its bytes."""
    return "sha256:" + hashlib.sha256(raw).hexdigest()


def accept_announcement(raw: bytes, *, expected: str | None, keys: KeyRing, now: Millis | None) -> SignedAnnouncement:
    """The announcement, if it is the `expected` one (a reference) and a key for its kind signed it. Raises `Refused`.

    What is meant is signed in the role content, a drill or a test in the role drill, and never the other way round.
    """
    if len(raw) > SIZE_LIMIT:
        raise Refused(Refusal.OVERSIZE, f"{len(raw)} bytes, at most {SIZE_LIMIT}")
    if expected is not None and reference(raw) != expected:
        raise Refused(Refusal.WRONG_HASH, "not the announcement that was named")
    found = SignedAnnouncement.from_bytes(_unseal(raw, (Role.CONTENT, Role.DRILL), keys=keys, now=now))
    _unseal(raw, (role_for(found.kind),), keys=keys, now=now)
    if now is not None and now >= found.expires:
        raise Refused(Refusal.EXPIRED, "this announcement has ended")
    _check_policy(found)
    return found


def role_for(kind: Kind) -> Role:
    """In which role an announcement of that kind is signed."""
    return Role.CONTENT if kind is Kind.LIVE else Role.DRILL


def _unseal(raw: bytes, roles: Collection[Role], *, keys: KeyRing, now: Millis | None) -> bytes:
    return unseal_any(raw, payload_types=(SignedAnnouncement.TYPE,), roles=roles, keys=keys, now=now)[1]


def _check_policy(found: SignedAnnouncement) -> None:
    if found.klass is Klass.EMERGENCY and found.kind is not Kind.LIVE:
        raise Refused(Refusal.POLICY, f"a {found.kind} is no emergency")
    if found.not_before >= found.expires:
        raise Refused(Refusal.POLICY, "ends before it begins")
    languages = [one.language for one in found.versions]
    if not languages or len(set(languages)) != len(languages):
        raise Refused(Refusal.POLICY, "one version for each language expected")
    if any(one.clip is None and not one.text for one in found.versions):
        raise Refused(Refusal.POLICY, "a version with neither words nor sound")

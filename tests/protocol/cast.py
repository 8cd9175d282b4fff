"""The cast of the protocol tests: one speaker, its keys, and one good document of every signed kind."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from firmware_config.protocol import (
    GENESIS,
    ROOT_KEYID,
    Approval,
    Audience,
    Batch,
    ClipRef,
    ClockState,
    Command,
    Document,
    Event,
    Evidence,
    Have,
    Hours,
    Item,
    KeyRing,
    KeySet,
    Kind,
    Klass,
    Manifest,
    Millis,
    Places,
    PlayNow,
    Pointer,
    PublicKey,
    Receipt,
    Role,
    Rules,
    SignedAnnouncement,
    Signer,
    SpokenVersion,
    accept_announcement,
    accept_batch,
    accept_command,
    accept_keys,
    accept_manifest,
    seal_document,
)

NOW: Millis = 1_790_000_000_000
MINUTE: Millis = 60_000
HOUR: Millis = 60 * MINUTE
DAY: Millis = 24 * HOUR
ME = "loa-chieng-dong-1"
SHA = "5a" * 32


def signer(keyid: str, role: Role, seed: int) -> Signer:
    return Signer(keyid, role, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


ROOT = signer(ROOT_KEYID, Role.ROOT, 1)
CONTENT = signer("content-1", Role.CONTENT, 2)
DIRECTOR = signer("director-1", Role.DIRECTOR, 3)
DRILL = signer("drill-1", Role.DRILL, 7)
UPDATE = signer("update-1", Role.UPDATE, 4)
SPEAKER = signer(ME, Role.SPEAKER, 5)
OTHER_SPEAKER = signer("loa-ban-khac-2", Role.SPEAKER, 6)
STRANGER = signer("director-9", Role.DIRECTOR, 9)


def public(one: Signer) -> PublicKey:
    return PublicKey(one.keyid, one.role, one.public, NOW - 30 * DAY, NOW + 300 * DAY)


RING = KeyRing({one.keyid: public(one) for one in (CONTENT, DRILL, DIRECTOR, UPDATE, SPEAKER, OTHER_SPEAKER)})

ITEM = Item(
    airing="0199-airing-1",
    announcement="sha256:" + SHA,
    start=NOW + HOUR,
    latest_start=NOW + 2 * HOUR,
    expires=NOW + 3 * HOUR,
    klass=Klass.NORMAL,
    max_starts=3,
    volume=70,
    languages=("vi", "hmn"),
    order=0,
)
RULES = Rules(4, "Asia/Ho_Chi_Minh", (Hours((0, 1, 2, 3, 4), 330, 420), Hours((5, 6), 360, 420)), 90, 40)
PLACES = Places(("ban-chieng-dong-1", "xa-yen-chau"), ("cho",))
MANIFEST = Manifest(
    device=ME,
    epoch=2,
    version=17,
    issued=NOW - MINUTE,
    valid_until=NOW + 7 * DAY - HOUR,
    receipts_through=41,
    items=(ITEM,),
    cancelled=("0199-airing-0",),
    places=PLACES,
    rules=(RULES,),
    volume_max=90,
    volumes={Klass.NORMAL: 60, Klass.PRIORITY: 70, Klass.EMERGENCY: 90},
    lead_ms=400,
    tail_ms=200,
    keys_version=3,
    brokers=("loa.example:8883",),
    urls=("https://loa.example/",),
)
POINTER = Pointer(ME, 2, 17, SHA, 90_000)
COMMAND = Command(f"d:{ME}", "command-1", NOW - 1_000, NOW + 59_000, PlayNow(ITEM))
ANNOUNCEMENT = SignedAnnouncement(
    id="0199-announcement",
    revision=1,
    klass=Klass.NORMAL,
    kind=Kind.LIVE,
    title="Thông báo đất đai",
    versions=(
        SpokenVersion("vi", "Kính thưa bà con,\nUBND xã thông báo…", ClipRef(SHA, 180_000, 60_000)),
        SpokenVersion("en", "Dear all", None),
    ),
    audience=Audience(("u:xa-yen-chau",), ("d:loa-truong-hoc-1",)),
    not_before=NOW - HOUR,
    expires=NOW + DAY,
    supersedes=None,
    approvals=(Approval("pho-chu-tich", NOW - MINUTE),),
)
REHEARSAL = replace(
    ANNOUNCEMENT, klass=Klass.PRIORITY, kind=Kind.DRILL, category="weather", chime=ClipRef(SHA, 900, 800)
)
KEYS = KeySet(3, NOW - DAY, NOW + 90 * DAY, tuple(public(one) for one in (CONTENT, DRILL, DIRECTOR, UPDATE)))
EVIDENCE = Evidence(3_000, 60_000, -1_600, -150, "frames", ("vi", "en"))


def receipt(seq: int, event: Event = Event.HEARD, evidence: Evidence | None = EVIDENCE) -> Receipt:
    return Receipt(seq, "boot-1", "0199-airing-1", "sha256:" + SHA, event, NOW, ClockState.TRUSTED, 1, "", evidence)


BATCH = Batch(ME, GENESIS, tuple(receipt(seq) for seq in range(1, 4)))


@dataclass(frozen=True)
class Subject:
    """A kind of signed document: a good one, who signs it, and the gate it must pass."""

    document: Document
    signer: Signer
    accept: Callable[[bytes], object]

    @property
    def name(self) -> str:
        return type(self.document).__name__

    def sealed(self) -> bytes:
        return seal_document(self.document, self.signer)


def take_manifest(raw: bytes, have: Have | None = None, now: Millis | None = NOW) -> object:
    return accept_manifest(raw, me=ME, keys=RING, have=have, now=now)


def take_command(raw: bytes, seen: bool = False, now: Millis | None = NOW) -> Command:
    return accept_command(raw, me=ME, places=PLACES, keys=RING, now=now, seen=lambda _id: seen)


def take_announcement(raw: bytes, expected: str | None = None, now: Millis = NOW) -> object:
    return accept_announcement(raw, expected=expected, keys=RING, now=now)


def take_keys(raw: bytes, have_version: int = 0, now: Millis = NOW) -> KeySet:
    return accept_keys(raw, root=ROOT.public, have_version=have_version, now=now)


def take_batch(raw: bytes) -> Batch:
    return accept_batch(raw, device=ME, keys=RING)


SUBJECTS = (
    Subject(MANIFEST, DIRECTOR, take_manifest),
    Subject(POINTER, DIRECTOR, take_manifest),
    Subject(COMMAND, DIRECTOR, take_command),
    Subject(ANNOUNCEMENT, CONTENT, take_announcement),
    Subject(REHEARSAL, DRILL, take_announcement),
    Subject(KEYS, ROOT, take_keys),
    Subject(BATCH, SPEAKER, take_batch),
)

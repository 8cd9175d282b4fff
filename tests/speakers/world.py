"""A small commune with real keys: one clerk, one approver, and speakers that can sign for themselves."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from broadcaster.domain.permissions import Grant, Role
from broadcaster.services.actor import Actor
from broadcaster.services.airtime import airings
from broadcaster.services.moments import millis
from broadcaster.services.places import speakers
from broadcaster.services.speaking import signing
from broadcaster.services.speaking.signing import Signing
from broadcaster.services.writing import announcements
from broadcaster.services.writing.announcements import AudienceChoice, Draft, DraftVersion
from broadcaster.store.database import Database
from broadcaster.store.tables import Clip, Person, Speaker, Unit, Version
from firmware_config import pki
from firmware_config.bundle import SpeakerIdentity
from firmware_config.pki import Authority
from firmware_config.protocol import (
    GENESIS,
    Batch,
    ClockState,
    Event,
    Evidence,
    Manifest,
    Receipt,
    Signer,
    next_hash,
    seal_document,
)
from firmware_config.protocol import Role as KeyRole
from tests import cast

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
COMMUNE, VILLAGE, OTHER = "yen-chau", "ban-mot", "ban-hai"
CLIP = b"OggS" + b"\x07" * 3000
GRANTS = tuple(Grant(role, COMMUNE) for role in Role)
CLERK = Actor("clerk", "Clerk", GRANTS)
APPROVER = Actor("approver", "Approver", GRANTS)
ACTORS = (CLERK, APPROVER)


@dataclass
class Ledger:
    """A speaker's own side: it numbers, chains and signs."""

    device: str
    signer: Signer
    seq: int = 0
    head: str = GENESIS
    boot: str = "boot-1"

    def say(self, *events: tuple[Event, str], clock_ms: int = millis(NOW)) -> bytes:
        """The signed batch that says these (event, airing), in order."""
        previous, receipts = self.head, []
        for event, airing in events:
            self.seq += 1
            receipt = Receipt(
                seq=self.seq,
                boot=self.boot,
                airing=airing or None,
                announcement=None,
                event=event,
                at=clock_ms + self.seq,
                clock=ClockState.TRUSTED,
                attempt=1 if event not in {Event.STORED, Event.ARMED} else 0,
                reason="",
                evidence=EVIDENCE if event in {Event.FINISHED, Event.HEARD} else None,
            )
            receipts.append(receipt)
            self.head = next_hash(self.head, receipt)
        return self.seal(Batch(self.device, previous, tuple(receipts)))

    def seal(self, batch: Batch) -> bytes:
        """Any batch under this speaker's key."""
        return seal_document(batch, self.signer)


EVIDENCE = Evidence(
    frames=150,
    ms=3000,
    level=-1650,
    peak=-210,
    proof="loop",
    languages=("vi",),
    seconds="zzz",
    late_ms=4,
    loop=-2_400,
)
LADDER = (Event.STORED, Event.ARMED, Event.STARTED, Event.FINISHED, Event.HEARD)


@dataclass
class World:
    """The commune, its database and its keys."""

    database: Database
    signing: Signing
    authority: Authority
    clips: Mapping[str, bytes]
    identities: dict[str, SpeakerIdentity] = field(default_factory=dict)
    now: datetime = NOW

    def live_now(self) -> None:
        """Its clock is the real one from now on, and it may be heard at whatever hour that is."""
        self.now = datetime.now(UTC)
        with self.database.transaction() as session:
            session.add(cast.any_hour(COMMUNE, now=self.now))

    def read(self, sha256: str) -> bytes | None:
        """A clip, as live commands ask for it."""
        return self.clips.get(sha256)

    def speaker(self, name: str = "Loa 1", unit: str = VILLAGE) -> str:
        """Enrol one; its id."""
        with self.database.transaction() as session:
            found = speakers.enrol(session, CLERK, name=name, unit_id=unit, authority=self.authority, now=self.now)
        self.identities[found.device] = found
        return found.device

    def many_speakers(self, number: int, unit: str = VILLAGE) -> list[Ledger]:
        """Speakers for the broker's and the receipts' sake: rows and keys, no certificates."""
        ledgers = [self._ledger(f"loa-{at:04}") for at in range(number)]
        with self.database.transaction() as session:
            session.add_all(_speaker_row(one, unit, self.now) for one in ledgers)
        return ledgers

    def _ledger(self, device: str) -> Ledger:
        return Ledger(device, Signer(device, KeyRole.SPEAKER, pki.new_signing_key()))

    def ledger(self, device: str) -> Ledger:
        """The signing side of an enrolled speaker."""
        key = pki.load_signing_key(self.identities[device].signing_key_pem)
        return Ledger(device, Signer(device, KeyRole.SPEAKER, key))

    def approved(
        self,
        *,
        klass: str = "normal",
        kind: str = "live",
        audience: Sequence[tuple[str, str]] = (("unit", COMMUNE),),
        text: str = "Họp.",
    ) -> str:
        """An approved announcement with a clip; its id."""
        draft = Draft(
            title="Họp bản",
            unit_id=COMMUNE,
            klass=klass,
            kind=kind,
            versions=[DraftVersion("vi", text)],
            audience=[AudienceChoice(kind, ref) for kind, ref in audience],
        )
        [sha256] = self.clips
        with self.database.transaction() as session:
            written = announcements.write(session, CLERK, draft, now=self.now)
            if session.get(Clip, sha256) is None:
                session.add(_clip_row(sha256, self.clips[sha256], self.now))
                session.flush()
            for version in session.query(Version):
                version.clip_sha256 = version.clip_sha256 or sha256
            session.flush()
            session.expire_all()
            cast.approve(session, APPROVER, cast.submit(session, CLERK, written.id, now=self.now), now=self.now)
            return written.id

    def told(self, speaker: str) -> Manifest:
        """What the speaker should hold now, as it accepts it itself."""
        with self.database.transaction() as session:
            return cast.told(session, speaker, signing=self.signing, now=self.now)

    def air(self, announcement: str, *, at: datetime | None = None) -> str:
        """Air it now, or at a time; the airing's id."""
        with self.database.transaction() as session:
            return airings.air(session, CLERK, announcement, at=at, now=self.now, emergency=True).id


def make_world(database: Database, folder: Path) -> World:
    """A commune with two villages."""
    with database.transaction() as session:
        session.add(_unit(COMMUNE, None))
        session.flush()
        session.add_all([_unit(VILLAGE, COMMUNE), _unit(OTHER, COMMUNE)])
        session.add_all(Person(id=one.person_id, login=one.person_id, name=one.name, created_at=NOW) for one in ACTORS)
        session.flush()
        for one in ACTORS:
            cast.give_phone(session, one.person_id, now=NOW)
    return World(
        database=database,
        signing=signing.make_keys(folder / "keys", now=NOW - timedelta(days=30)),
        authority=pki.create_authority("Loa test", now=NOW - timedelta(days=1)),
        clips={hashlib.sha256(CLIP).hexdigest(): CLIP},
    )


def _unit(name: str, parent: str | None) -> Unit:
    return Unit(id=name, parent_id=parent, name=name, level="village", created_at=NOW)


def _clip_row(sha256: str, clip: bytes, now: datetime) -> Clip:
    return Clip(
        sha256=sha256,
        bytes=len(clip),
        ms=3000,
        level=-1600,
        peak=-200,
        voice="espeak",
        language="vi",
        source="spoken",
        created_at=now,
    )


def _speaker_row(ledger: Ledger, unit: str, now: datetime) -> Speaker:
    return Speaker(
        id=ledger.device,
        name=ledger.device,
        unit_id=unit,
        enrolled_at=now,
        keyid=ledger.device,
        public_key=ledger.signer.public,
        key_not_before=now,
        key_not_after=now + timedelta(days=365),
    )

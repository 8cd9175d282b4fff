"""A small country by chance: its places, its people's record, its loudspeakers, and the way between them."""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from bench.sim.rules.board import HOUR
from bench.sim.rules.chronicle import Chronicle, Spot
from bench.sim.rules.loudspeaker import IDEAL, Habits, Loudspeaker
from bench.sim.rules.plans import judge
from broadcaster.domain.errors import LoaError
from broadcaster.services.moments import moment
from broadcaster.services.speaking import manifests, receipts
from broadcaster.services.speaking.signing import Signing
from broadcaster.store.database import Database
from broadcaster.store.tables import SignedDocument, Speaker, Unit
from firmware_config.protocol import (
    GENESIS,
    Batch,
    ClockState,
    Have,
    Manifest,
    Millis,
    Receipt,
    Role,
    Signer,
    accept_announcement,
    accept_manifest,
    seal_document,
)
from firmware_config.protocol.receipts import MAX_BATCH, next_hash
from tests.cast import COMMUNE, PROVINCE, SPEAKERS, VILLAGES, Cast, gather, speaker
from tests.protocol.rule_strategies import NEAR, ZONES

ROUGH = Habits(fails=0.03, late_clips=0.2, offline=0.01, power_cut=0.008)
MORE = {f"loa-them-{number}": (COMMUNE, *VILLAGES)[number % 4] for number in range(9)}
"""More loudspeakers, and where they hang."""
RULING = frozenset({"set_rules", "add_site", "remove_site", "override", "take_back"})


@dataclass
class Line:
    """What the broadcaster and one speaker hold of each other."""

    key: Ed25519PrivateKey
    have: Have | None = None
    seq: int = 0
    hash: str = GENESIS


@dataclass
class World:
    """Everything at one true moment."""

    seed: int
    database: Database
    signing: Signing
    more: int = len(MORE)
    """How many loudspeakers beside the usual three."""
    chance: Random = field(init=False)
    now: Millis = field(init=False)
    tally: Counter[str] = field(default_factory=Counter)
    faults: list[tuple[str, str]] = field(default_factory=list)
    chronicle: Chronicle = field(default_factory=Chronicle)
    announcements: list[str] = field(default_factory=list)
    schedules: list[str] = field(default_factory=list)
    judged: Millis = 0
    """What was planned before was looked at."""

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)
        self.now = self.chance.choice(NEAR) + self.chance.randrange(-60 * HOUR, 10 * HOUR)
        self.cast: Cast = gather(self.database, now=moment(self.now))
        self.lines: dict[str, Line] = {}
        self.speakers: dict[str, Loudspeaker] = {}
        zones = self._settle()
        for name in (*SPEAKERS, *list(MORE)[: self.more]):
            self._hang(name, zones)

    def fault(self, kind: str, text: str) -> None:
        """Something that must not be."""
        self.tally[f"FAULT {kind}"] += 1
        self.faults.append((kind, f"seed {self.seed}: {text}"))

    def _settle(self) -> dict[str, str]:
        """Which zone holds in which unit; some villages lie beyond a border of time."""
        top = self.chance.choice(ZONES)
        zones = dict.fromkeys((PROVINCE, COMMUNE, *VILLAGES), top)
        if self.chance.random() < 0.2:
            zones[VILLAGES[2]] = self.chance.choice(ZONES)
        with self.database.transaction() as session:
            session.get_one(Unit, PROVINCE).zone = top
            session.get_one(Unit, VILLAGES[2]).zone = zones[VILLAGES[2]]
            session.get_one(Unit, COMMUNE).languages = self.chance.choice([[], ["vi"], ["en", "vi"]])
            session.add_all(speaker(name, unit, now=moment(self.now)) for name, unit in list(MORE.items())[: self.more])
        self.zones = zones
        return zones

    def _hang(self, name: str, zones: dict[str, str]) -> None:
        chance = self.chance
        key = Ed25519PrivateKey.generate()
        self.lines[name] = Line(key)
        with self.database.transaction() as session:
            row = session.get_one(Speaker, name)
            row.public_key, row.keyid = key.public_key().public_bytes_raw(), f"speaker-{name}"
            row.lead_ms, row.tail_ms = chance.choice([(0, 0), (400, 200), (3_000, 1_000)])
            row.stagger_ms = chance.choice([0, 0, 1_500, 9_000])
            row.languages = chance.choice([[], [], ["fr", "vi"], ["vi", "en"]])
            if chance.random() < 0.7:
                row.latitude, row.longitude = 21.0 + chance.random() / 50, 104.0 + chance.random() / 50
            path = tuple(dict.fromkeys((PROVINCE, COMMUNE, row.unit_id)))
            spot = Spot(path, zones[row.unit_id], row.latitude, row.longitude)
            lead = row.lead_ms
        habits = IDEAL if name in {SPEAKERS[0], "loa-them-0", "loa-them-3"} else ROUGH
        own = Random(chance.random())
        self.speakers[name] = Loudspeaker(name, spot, own, self.now, habits, lead, self.fault, self.tally)

    @property
    def at(self) -> datetime:
        """The true time, as services take it."""
        return moment(self.now)

    def act(self, do: Callable[["World", Session], Collection[Callable[[], object]]]) -> bool:
        """Somebody does something in the console; what is refused changes nothing. What it leads to is remembered."""
        self.wait(self.chance.randrange(300, 5_000))
        try:
            with self.database.transaction() as session:
                remember = do(self, session)
        except LoaError as refused:
            self.tally[f"console refused: {refused.code}"] += 1
            return False
        for each in remember:
            each()
        self.tally[f"done: {do.__name__}"] += 1
        with self.database.read() as session:
            judge(self, session, again=do.__name__ in RULING)
        self.meet()
        return True

    def wait(self, ms: Millis) -> None:
        """True time passes for everybody."""
        until = self.now + ms
        while self.now < until:
            self.now = min(until, self.now + 2 * HOUR)
            for each in self.speakers.values():
                each.live_until(self.now)
            if self.now < until:
                self.meet()

    def meet(self) -> None:
        """Whoever is online tells what it did, hears the news and the time."""
        there = [each for each in self.speakers.values() if each.online]
        raw = [batch for each in there for batch in self._told(each)]
        with self.database.transaction() as session:
            for answer in receipts.take_in(session, raw, now=self.at):
                if answer.refused:
                    self.fault("receipts", f"{answer.device}: {answer.refused}")
            sealed = manifests.sealed_many(session, [each.id for each in there], signing=self.signing, now=self.at)
            for each in there:
                self._hear(session, each, sealed[each.id].raw)

    def _told(self, loudspeaker: Loudspeaker) -> list[tuple[str, bytes]]:
        line, raw = self.lines[loudspeaker.id], []
        signer = Signer(loudspeaker.id, Role.SPEAKER, line.key)
        for at in range(0, len(loudspeaker.news), MAX_BATCH):
            found, before = [], line.hash
            for when, record in loudspeaker.news[at : at + MAX_BATCH]:
                line.seq += 1
                one = Receipt(
                    line.seq,
                    "boot-1",
                    record.airing,
                    record.announcement,
                    record.event,
                    max(0, when),
                    ClockState.TRUSTED,
                    record.attempt,
                    record.reason,
                    record.evidence,
                    record.fallback,
                )
                found.append(one)
                line.hash = next_hash(line.hash, one)
            raw.append((loudspeaker.id, seal_document(Batch(loudspeaker.id, before, tuple(found)), signer)))
        loudspeaker.news.clear()
        return raw

    def _hear(self, session: Session, loudspeaker: Loudspeaker, raw: bytes) -> None:
        line, ring = self.lines[loudspeaker.id], self.signing.keys.ring()
        loudspeaker.board.answered(loudspeaker.true)
        loudspeaker.look()
        digest = hashlib.sha256(raw).hexdigest()
        if line.have is not None and line.have.sha256 == digest:
            return
        found = accept_manifest(raw, me=loudspeaker.id, keys=ring, have=line.have, now=self.now)
        assert isinstance(found, Manifest)
        self._fetch(session, loudspeaker, found)
        line.have = Have(found.epoch, found.version, digest)
        loudspeaker.told(found, self.chronicle.view(loudspeaker.spot))

    def _fetch(self, session: Session, loudspeaker: Loudspeaker, manifest: Manifest) -> None:
        scene, ring = loudspeaker.scene, self.signing.keys.ring()
        for name in {item.announcement for item in manifest.items} - scene.known.keys():
            raw = session.get_one(SignedDocument, name.removeprefix("sha256:")).raw
            words = accept_announcement(raw, expected=name, keys=ring, now=self.now)
            loudspeaker.learn(name, words)
        for item in manifest.items if loudspeaker.chance.random() < 0.5 else ():
            loudspeaker.bring(scene.known[item.announcement])

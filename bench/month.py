"""A month without a signal: a real broadcaster, a stick, and a driven speaker that knows of it by that alone."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from bench.driven import Clock, Driven
from broadcaster.domain.schedule import Kind
from broadcaster.services.actor import SYSTEM
from broadcaster.services.airtime import planning
from broadcaster.services.ids import new_id
from broadcaster.services.places import speakers
from broadcaster.services.places.ahead_days import set_ahead
from broadcaster.services.speaking import carrying, manifests, receipts
from broadcaster.services.speaking.carrying import Returned
from broadcaster.store.database import Database
from broadcaster.store.tables import Airing, Announcement, Delivery, Schedule, StoredReceipt
from device_agent.carried import Stick
from device_agent.paths import Answer, NotServed, Reply
from firmware_config import carried
from tests.agent.sounds import tone_clip
from tests.speakers.world import CLERK, World, make_world

START = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
TIMES = ("05:30", "11:30", "17:00")
CLIP_S = 3.0


@dataclass(frozen=True, slots=True)
class Told:
    """What the month came to."""

    planned: int
    heard: int
    receipts: int
    stored: int
    """How many of them the broadcaster holds, each once and in one unbroken chain."""
    worst_late_s: float
    """The latest start, by the receipts' own times, against the plan."""

    @property
    def good(self) -> bool:
        """Whether nothing was lost, doubled or late."""
        # The driven clock moves in steps of up to three seconds while real threads do the playing.
        return 0 < self.planned == self.heard and self.receipts == self.stored and self.worst_late_s < 5.0


class Month:
    """A village that a technician visits on its first and its last day."""

    def __init__(self, folder: Path, *, rtc: bool = True, fast: float = 0.0) -> None:
        database = Database(f"sqlite:///{folder / 'loa.sqlite'}")
        database.migrate()
        self.world: World = make_world(database, folder)
        clip, self._data = tone_clip(CLIP_S)
        self.world.clips = {clip.sha256: self._data}
        self.device = self.world.speaker()
        self.usb, self._folder = folder / "usb", folder / "speaker"
        self.usb.mkdir()
        begin = START.timestamp()
        # The network was there when the speaker was put up, and never again.
        self.clock = Clock(begin, rtc=rtc, fast=fast, booted=begin - 60)

    def plan(self, days: int, *times: str) -> None:
        """Airings on each day, so far ahead."""
        with self.world.database.transaction() as session:
            set_ahead(session, CLERK, self.device, days, now=self.now)
        announcement = self.world.approved()
        with self.world.database.transaction() as session:
            session.add(
                Schedule(
                    id=new_id(self.now),
                    announcement_id=announcement,
                    kind=Kind.RECURRING,
                    rule={"days": list(range(7)), "times": list(times or TIMES)},
                    zone="Asia/Ho_Chi_Minh",
                    starts=self.now,
                    until=START + timedelta(days=days),
                    created_by="clerk",
                    created_at=self.now,
                )
            )
            session.flush()
            planning.plan_announcement(session, session.get_one(Announcement, announcement), now=self.now)

    @property
    def now(self) -> datetime:
        """The time as it is."""
        return datetime.fromtimestamp(self.clock.now, UTC)

    def carry(self) -> None:
        """Write the stick."""
        with self.world.database.transaction() as session:
            load = carrying.load(session, SYSTEM, [self.device], signing=self.world.signing, now=self.now)
        for name, raw in load.documents.items():
            carried.write_whole(self.usb, name, raw)
        for name in load.clips:
            carried.write_whole(self.usb, name, self._data)

    def speaker(self, *, signal: bool = False) -> Driven:
        """The speaker, with the stick in it; or where there is a signal."""
        world = self.world
        sticks = [] if signal else [Stick(self.usb, self.device)]
        server = Office(self) if signal else None
        identity, root = world.identities[self.device], world.signing.root
        return Driven(identity, root, self._folder, self.clock, sticks=sticks, server=server)

    def bring_back(self) -> Returned:
        """Take the receipts in."""
        brought = [(name.split("/")[2], carried.read_plain(self.usb, name)) for name in carried.batches(self.usb)]
        [found] = carrying.take_back(self.world.database, SYSTEM, brought, now=self.now)
        return found

    def stored(self) -> int:
        """The receipts the broadcaster holds in one unbroken row; -1 = something is missing or there twice."""
        with self.world.database.read() as session:
            mine = select(StoredReceipt.seq).where(StoredReceipt.speaker_id == self.device)
            found = session.scalars(mine.order_by(StoredReceipt.seq)).all()
        return len(found) if list(found) == list(range(1, len(found) + 1)) else -1

    def told(self, head: int) -> Told:
        """What the broadcaster knows of it, where the speaker wrote receipts up to `head`."""
        with self.world.database.read() as session:
            mine = select(Airing.planned_at, Delivery.state, Delivery.started_at).join(Delivery)
            rows = session.execute(mine.where(Delivery.speaker_id == self.device, Airing.planned_at < self.now)).all()
        late = [abs((row.started_at - row.planned_at).total_seconds()) for row in rows if row.started_at]
        heard = sum(row.state == "heard" for row in rows)
        return Told(len(rows), heard, head, self.stored(), max(late, default=0.0))


class Office:
    """The device API as a speaker with a signal finds it, without the network in between."""

    def __init__(self, month: Month) -> None:
        self._month = month

    def ask(
        self, method: str, path: str, *, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """The manifest, the keys, or a state or receipts taken in."""
        del headers
        world, now, device = self._month.world, self._month.now, self._month.device
        if "/state" in path:
            with world.database.transaction() as session:
                speakers.take_states(session, [(device, body or b"")], now=now)
            return Answer(204, {}, b"")
        if method == "POST":
            with world.database.transaction() as session:
                [answer] = receipts.take_in(session, [(device, body or b"")], now=now)
            return Answer(200, {}, json.dumps({"receipts_through": answer.through}).encode())
        if "/keys" in path:
            return Answer(200, {}, world.signing.keys_raw)
        with world.database.transaction() as session:
            return Answer(200, {}, manifests.sealed(session, device, signing=world.signing, now=now).raw)

    def open(self, *_asked: object, **_more: object) -> Reply:
        """No clips: the speaker has them all."""
        raise NotServed(404)

    def use(self, urls: tuple[str, ...]) -> None:
        """There is one."""

    def close(self) -> None:
        """Nothing is open."""

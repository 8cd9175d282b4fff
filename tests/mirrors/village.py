"""A commune with villages, their chat groups, and announcements that were approved."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.mirror_terms import Terms
from broadcaster.domain.permissions import Grant, Role
from broadcaster.services.actor import Actor
from broadcaster.services.ids import new_id
from broadcaster.services.outlets.mirrors import USUAL, add_channel, owe
from broadcaster.services.writing import submissions
from broadcaster.services.writing.announcements import content_hash
from broadcaster.store.database import Database
from broadcaster.store.tables import (
    Airing,
    Announcement,
    Approval,
    AudienceEntry,
    Channel,
    MirrorCopy,
    Schedule,
    Unit,
    Version,
)

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
TOKEN = "1:x"
OWNER = Actor("owner", "Chủ tịch xã", (Grant(Role.OWNER, "yen-chau"),), "test")
UNITS = {"yen-chau": None, "dong-1": "yen-chau", "dong-2": "yen-chau", "to-3": "dong-1", "elsewhere": None}


@dataclass
class Village:
    """What tests do in a commune, one sentence each."""

    database: Database
    now: datetime = NOW
    channels: dict[str, str] = field(default_factory=dict)

    @classmethod
    def founded(cls, database: Database) -> "Village":
        """A commune with two villages, a hamlet, and a commune next door."""
        with database.transaction() as session:
            for unit, parent in UNITS.items():
                session.add(
                    Unit(
                        id=unit,
                        parent_id=parent,
                        name=f"Bản {unit}",
                        level="village",
                        languages=["vi", "en"],
                        created_at=NOW,
                    )
                )
                session.flush()
        return cls(database)

    def channel(
        self,
        unit: str = "dong-1",
        *,
        name: str = "",
        kind: str = "zalo_bot",
        secret: str = TOKEN,
        terms: Terms = USUAL,
        **settings: str,
    ) -> str:
        """A chat group of a unit; its name is its chat id too."""
        name = name or f"g-{unit}"
        values = settings or {"chat_id": name}
        with self.database.transaction() as session:
            made = add_channel(
                session,
                OWNER,
                unit_id=unit,
                kind=kind,
                name=name,
                settings=values,
                secret=secret,
                terms=terms,
                now=self.now,
            )
        self.channels[made.id] = name
        return made.id

    def announcement(self, *audience: str, klass: str = "normal", text: str = "Mời bà con đi họp.") -> str:
        """An approved announcement; an audience entry beginning with "-" is an exception."""
        name = new_id(self.now)
        with self.database.transaction() as session:
            session.add(
                Announcement(
                    id=name, public_id=name[-10:], unit_id="yen-chau", revision=1, state="draft", title="Họp bản",
                    klass=klass, category="general", kind="live", author_id="clerk", created_at=self.now,
                    updated_at=self.now, versions=[], audience=[], approvals=[],
                )
            )  # fmt: skip
            session.flush()
            self._say(session, name, text, audience or ("dong-1",))
            self._approve(session, session.get_one(Announcement, name))
        return name

    def _say(self, session: Session, name: str, text: str, audience: tuple[str, ...]) -> None:
        found = session.get_one(Announcement, name)
        found.versions, found.audience = [], []
        session.flush()
        found.versions = [Version(id=new_id(self.now), position=0, language="vi", text=text)]
        found.audience = [
            AudienceEntry(
                id=new_id(self.now),
                position=place,
                kind="unit",
                ref=entry.removeprefix("-"),
                include=not entry.startswith("-"),
            )
            for place, entry in enumerate(audience)
        ]
        session.flush()

    def _approve(self, session: Session, found: Announcement) -> None:
        content = content_hash(found)
        found.state, found.content_sha256, found.decided_at = "approved", content, self.now
        submissions.keep(session, found, now=self.now)
        found.approvals.append(
            Approval(
                id=new_id(self.now), revision=found.revision, content_sha256=content, approved=True,
                person_id="vice-chair", person_name="Phó chủ tịch", at=self.now,
            )
        )  # fmt: skip
        session.flush()

    def air(self, name: str, *, after: timedelta = timedelta()) -> int:
        """Plan an airing, by default for now, and write down what is owed for it."""
        with self.database.transaction() as session:
            at = self.now + after
            schedule = Schedule(
                id=new_id(self.now), announcement_id=name, kind="at", zone="Asia/Ho_Chi_Minh", starts=at,
                created_by="clerk", created_at=self.now,
            )  # fmt: skip
            airing = Airing(
                id=new_id(self.now), announcement_id=name, schedule_id=schedule.id, planned_at=at,
                wall="2026-11-25T17:00",
                zone="Asia/Ho_Chi_Minh", revision=1, klass="normal", kind="live", state="planned",
                latest_start=at,
                expires=at, max_starts=2, volume=80, created_by="clerk", created_at=self.now,
            )  # fmt: skip
            session.add(schedule)
            session.flush()
            session.add(airing)
            return owe(session, session.get_one(Announcement, name), now=self.now, airing=airing)

    def correct(self, name: str, text: str, *audience: str) -> int:
        """Another text, approved again."""
        with self.database.transaction() as session:
            found = session.get_one(Announcement, name)
            found.revision += 1
            self._say(session, name, text, audience or ("dong-1",))
            self._approve(session, found)
            return owe(session, found, now=self.now)

    def redraft(self, name: str, text: str, *, klass: str = "normal") -> None:
        """Another text that nobody approved yet."""
        with self.database.transaction() as session:
            found = session.get_one(Announcement, name)
            found.revision, found.state = found.revision + 1, "draft"
            found.klass = klass
            self._say(session, name, text, ("dong-1",))
            owe(session, found, now=self.now)

    def withdraw(self, name: str, reason: str = "Nhầm ngày.") -> int:
        """Take it back."""
        with self.database.transaction() as session:
            found = session.get_one(Announcement, name)
            found.state, found.reason, found.withdrawn_at = "withdrawn", reason, self.now
            return owe(session, found, now=self.now)

    def copies(self) -> list[tuple[str, str, str]]:
        """What every channel was owed: its name, what to do, how far it got."""
        with self.database.read() as session:
            rows = session.scalars(select(MirrorCopy).order_by(MirrorCopy.id))
            return [(self.channels[row.channel_id], row.action, row.state) for row in rows]

    def row(self) -> MirrorCopy:
        """The newest copy."""
        with self.database.read() as session:
            return session.scalars(select(MirrorCopy).order_by(MirrorCopy.id.desc()).limit(1)).one()

    def channel_row(self, name: str) -> Channel:
        """A channel as it is stored."""
        with self.database.read() as session:
            return session.get_one(Channel, name)

    def pass_time(self, **by: float) -> None:
        """Let time go by."""
        self.now += timedelta(**by)

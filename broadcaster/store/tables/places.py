"""Units, groups and the speakers that hang in them."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from broadcaster.store.base import Base, Counter, Json, Names, Sha256, Word


class Unit(Base):
    """A node of the administrative tree; what its levels are called is data."""

    __tablename__ = "units"
    id: Mapped[Word] = mapped_column(primary_key=True)
    parent_id: Mapped[Word | None] = mapped_column(ForeignKey("units.id"), index=True)
    name: Mapped[str]
    level: Mapped[Word]
    former_names: Mapped[Names] = mapped_column(default=list)
    zone: Mapped[Word | None]
    """IANA zone; none = the parent's."""
    languages: Mapped[Names] = mapped_column(default=list)
    """In which order versions are heard here; empty = the parent's."""
    rules: Mapped[Json | None]
    """Rules of the air as firmware_config.protocol.Rules writes them; none = the parent's."""
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class Group(Base):
    """A named set of speakers across units."""

    __tablename__ = "groups"
    id: Mapped[Word] = mapped_column(primary_key=True)
    unit_id: Mapped[Word] = mapped_column(ForeignKey("units.id"), index=True)
    name: Mapped[str]
    created_at: Mapped[datetime]


class GroupMember(Base):
    """One speaker in one group."""

    __tablename__ = "group_members"
    group_id: Mapped[Word] = mapped_column(ForeignKey("groups.id"), primary_key=True)
    speaker_id: Mapped[Word] = mapped_column(ForeignKey("speakers.id"), primary_key=True, index=True)


class Speaker(Base):
    """One loudspeaker: what we decided about it, and what it last said about itself."""

    __tablename__ = "speakers"
    id: Mapped[Word] = mapped_column(primary_key=True)
    """The device id: client id, user name and certificate CN."""
    name: Mapped[str]
    unit_id: Mapped[Word] = mapped_column(ForeignKey("units.id"), index=True)
    enrolled_at: Mapped[datetime]
    enrolled_by: Mapped[Word | None]
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str] = mapped_column(default="")

    keyid: Mapped[Word]
    public_key: Mapped[bytes]
    """Raw Ed25519, 32 bytes."""
    key_not_before: Mapped[datetime]
    key_not_after: Mapped[datetime]
    certificate_serial: Mapped[Word | None]
    certificate_not_after: Mapped[datetime | None]

    languages: Mapped[Names] = mapped_column(default=list)
    """Empty = the unit's."""
    volume_max: Mapped[int] = mapped_column(default=100)
    volumes: Mapped[Json] = mapped_column(default=dict)
    """class → 0..100; a class that is missing plays at volume_max."""
    lead_ms: Mapped[int] = mapped_column(default=0)
    tail_ms: Mapped[int] = mapped_column(default=0)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]

    online: Mapped[bool] = mapped_column(default=False)
    presence_at: Mapped[datetime | None]
    presence_boot: Mapped[Word | None]
    last_seen_at: Mapped[datetime | None]
    resynced_at: Mapped[datetime | None]

    state_at: Mapped[datetime | None]
    state_epoch: Mapped[Counter | None]
    state_version: Mapped[Counter | None]
    state_sha256: Mapped[Sha256 | None]
    clock: Mapped[Word | None]
    cache_bytes: Mapped[Counter | None]
    volume: Mapped[int | None]
    agent: Mapped[str | None]
    boot: Mapped[Word | None]
    problems: Mapped[Names] = mapped_column(default=list)
    head_seq: Mapped[Counter | None]
    head_hash: Mapped[Sha256 | None]

    receipts_through: Mapped[Counter] = mapped_column(default=0)
    """The last sequence number stored without a gap before it."""
    receipts_hash: Mapped[Sha256 | None]
    receipts_boot: Mapped[Word | None]
    receipts_at: Mapped[datetime | None]
    chain_problem: Mapped[str] = mapped_column(default="")
    chain_problem_at: Mapped[datetime | None]

"""Units, groups and the speakers that hang in them."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from broadcaster.store.base import Base, Counter, Json, Names, Prose, Sha256, Word


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
    people: Mapped[int | None]
    """How many live here; shown before an alarm is sent."""
    policy: Mapped[Json | None]
    """Who may approve what: broadcaster.domain.policy; none = the parent's."""
    stand_in: Mapped[Json | None]
    """When a person is asked to stand in for a silent loudspeaker: broadcaster.domain.stand_in; none = the parent's."""
    feed: Mapped[Word | None] = mapped_column(index=True, unique=True)
    """The unguessable name of its calendar feed; none = it has none."""
    position: Mapped[int] = mapped_column(default=0)
    boundary: Mapped[Json | None]
    """Its border as a GeoJSON geometry (RFC 7946)."""
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    successor_id: Mapped[Word | None]
    """The unit that it became part of when it was closed."""


class UnitChange(Base):
    """The tree is to change on a day: units merged, split, renamed or hung elsewhere."""

    __tablename__ = "unit_changes"
    id: Mapped[Word] = mapped_column(primary_key=True)
    unit_id: Mapped[Word] = mapped_column(ForeignKey("units.id"), index=True)
    """The unit under which all of it happens."""
    kind: Mapped[Word]
    plan: Mapped[Json]
    """As broadcaster.domain.reorganising writes it."""
    decision: Mapped[str] = mapped_column(default="")
    """The paper it stands in."""
    effective_at: Mapped[datetime] = mapped_column(index=True)
    made_by: Mapped[Word]
    made_by_name: Mapped[str]
    made_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(default="")
    """The code of what kept it from being carried out."""


class RuleSet(Base):
    """One version of a unit's rules of the air, in force from a moment until a later version is."""

    __tablename__ = "rule_sets"
    __table_args__ = (UniqueConstraint("unit_id", "version"),)
    id: Mapped[Word] = mapped_column(primary_key=True)
    unit_id: Mapped[Word] = mapped_column(ForeignKey("units.id"))
    version: Mapped[int]
    since: Mapped[datetime]
    rules: Mapped[Json]
    """As firmware_config.protocol.Rules writes them."""
    decision: Mapped[str] = mapped_column(default="")
    """The paper they stand in, as "12/QĐ-UBND"."""
    created_by: Mapped[Word | None]
    created_at: Mapped[datetime]


class Site(Base):
    """A school or a clinic near which loudspeakers are silent at hours of its own."""

    __tablename__ = "sites"
    id: Mapped[Word] = mapped_column(primary_key=True)
    unit_id: Mapped[Word] = mapped_column(ForeignKey("units.id"), index=True)
    name: Mapped[str]
    kind: Mapped[Word]
    """"school", "clinic" or "other"."""
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    radius_m: Mapped[int | None]
    """Speakers within this distance are bound; without a place, all of the unit."""
    quiet: Mapped[Json]
    """{"hours": […]} as firmware_config.protocol.Hours writes each."""
    created_by: Mapped[Word | None]
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class Override(Base):
    """One announcement may be heard in a unit outside its rules, for a limited time, because two persons say so."""

    __tablename__ = "overrides"
    id: Mapped[Word] = mapped_column(primary_key=True)
    unit_id: Mapped[Word] = mapped_column(ForeignKey("units.id"), index=True)
    announcement_id: Mapped[Word] = mapped_column(ForeignKey("announcements.id"), index=True)
    starts: Mapped[datetime]
    ends: Mapped[datetime]
    reason: Mapped[Prose]
    asked_by: Mapped[Word]
    asked_by_name: Mapped[str]
    asked_at: Mapped[datetime]
    decided_by: Mapped[Word | None]
    decided_by_name: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
    granted: Mapped[bool | None]
    """None = nobody has decided yet."""
    ended_at: Mapped[datetime | None]
    """Taken back before its end."""


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
    replaces_id: Mapped[Word | None]
    """The box that hung here before, whose history this one goes on with."""
    pole_code: Mapped[Word | None] = mapped_column(index=True, unique=True)
    """What the sticker on the pole leads residents to; it is made when the sticker is first printed."""
    pretend: Mapped[bool] = mapped_column(default=False)
    """A browser that plays instead of a loudspeaker, to try things out; it never counts as heard."""
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
    post: Mapped[Word | None]
    """Speakers with the same post hang together and start together."""
    stagger_ms: Mapped[int] = mapped_column(default=0)
    """How much later it starts than the first of its neighbours."""
    ahead_days: Mapped[int] = mapped_column(default=3, index=True)
    """So many days ahead it is planned and told: more for one that is seldom online."""
    month_bytes: Mapped[Counter] = mapped_column(default=0)
    """How much its line may carry in a month before what is not urgent waits; 0 = any amount."""
    sink: Mapped[str] = mapped_column(default="")
    """Where its sound goes; empty = as it was set up."""
    test_day: Mapped[int] = mapped_column(default=0)
    """The weekday on which it examines itself, 0 = Monday."""
    test_minute: Mapped[int] = mapped_column(default=540)
    test_silent: Mapped[bool] = mapped_column(default=True)

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
    health: Mapped[Json] = mapped_column(default=dict)
    """The figures it measured last, by name."""
    health_at: Mapped[datetime | None]
    bytes_used: Mapped[Counter | None]
    """What its line carried in this month."""
    tested_at: Mapped[datetime | None]
    """When it last examined itself, as its receipt says."""
    head_seq: Mapped[Counter | None]
    head_hash: Mapped[Sha256 | None]

    receipts_through: Mapped[Counter] = mapped_column(default=0)
    """The last sequence number stored without a gap before it."""
    receipts_hash: Mapped[Sha256 | None]
    receipts_boot: Mapped[Word | None]
    receipts_at: Mapped[datetime | None]
    chain_problem: Mapped[str] = mapped_column(default="")
    chain_problem_at: Mapped[datetime | None]


class Enrolment(Base):
    """A box may be taken into service with the code on its label, once."""

    __tablename__ = "enrolments"
    id: Mapped[Word] = mapped_column(primary_key=True)
    name: Mapped[str]
    unit_id: Mapped[Word] = mapped_column(ForeignKey("units.id"), index=True)
    replaces_id: Mapped[Word | None] = mapped_column(ForeignKey("speakers.id"))
    groups: Mapped[Names] = mapped_column(default=list)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    post: Mapped[Word | None]
    code_sha256: Mapped[Sha256]
    attempts: Mapped[int] = mapped_column(default=0)
    """Wrong codes so far; after a few the label is worth nothing."""
    made_by: Mapped[Word]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    speaker_id: Mapped[Word | None] = mapped_column(ForeignKey("speakers.id"))
    """The speaker it became."""

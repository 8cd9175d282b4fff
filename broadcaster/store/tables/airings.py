"""Schedules, airings and deliveries."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from broadcaster.domain import airing as rules
from broadcaster.store.base import Base, Counter, Json, Names, Prose, Sha256, Word


class Schedule(Base):
    """When an announcement airs: now, at, or a rule that the planner turns into airings."""

    __tablename__ = "schedules"
    id: Mapped[Word] = mapped_column(primary_key=True)
    announcement_id: Mapped[Word] = mapped_column(ForeignKey("announcements.id"), index=True)
    kind: Mapped[Word]
    """"now", "at", "recurring", "repeating" (an emergency until it is acknowledged) or "standby"."""
    rule: Mapped[Json] = mapped_column(default=dict)
    zone: Mapped[Word]
    starts: Mapped[datetime]
    until: Mapped[datetime | None]
    planned_through: Mapped[datetime | None] = mapped_column(index=True)
    """Every moment before has its airing, also those that were refused or came too late; none = not begun, and when no
    moment is left it is far in the future."""
    far_through: Mapped[datetime | None]
    """So far it was looked through for speakers that are planned further ahead; none = it must be once more."""
    created_by: Mapped[Word]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Airing(Base):
    """One planned playing of one announcement."""

    __tablename__ = "airings"
    __table_args__ = (UniqueConstraint("schedule_id", "planned_at"), Index(None, "state", "expires"))
    id: Mapped[Word] = mapped_column(primary_key=True)
    announcement_id: Mapped[Word] = mapped_column(ForeignKey("announcements.id"), index=True)
    schedule_id: Mapped[Word] = mapped_column(ForeignKey("schedules.id"))
    planned_at: Mapped[datetime] = mapped_column(index=True)
    wall: Mapped[Word]
    """The same instant on the village clock: 2026-11-25T17:00 in `zone`."""
    zone: Mapped[Word]
    revision: Mapped[int]
    klass: Mapped[Word]
    kind: Mapped[Word]
    state: Mapped[Word]
    latest_start: Mapped[datetime]
    expires: Mapped[datetime]
    sound_ms: Mapped[Counter] = mapped_column(default=0)
    """The longest it can sound on any of its speakers."""
    standby: Mapped[bool] = mapped_column(default=False)
    """Made ready on the speakers; nothing starts until it is called up."""
    max_starts: Mapped[int]
    volume: Mapped[int]
    order: Mapped[int] = mapped_column("item_order", default=0)
    ordered_with: Mapped[Word | None]
    """The same for all that the commune put in order together."""
    hold_until: Mapped[datetime | None]
    """When what was put before it begins, where that is later than its own time."""
    languages: Mapped[Names] = mapped_column(default=list)
    reference: Mapped[str | None]
    """sha256:<hex> of the signed announcement, once signed."""
    created_by: Mapped[Word]
    created_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str] = mapped_column(default="")
    ended_at: Mapped[datetime | None]

    @property
    def begins(self) -> datetime:
        """When it may begin."""
        return rules.begins(self.planned_at, self.hold_until)


class Delivery(Base):
    """One airing on one speaker, and how far it got; times are the speaker's own."""

    __tablename__ = "deliveries"
    __table_args__ = (
        Index(None, "airing_id", "state"),
        Index(None, "speaker_id", "expires"),
        Index(None, "unit_id", "expires"),
    )
    airing_id: Mapped[Word] = mapped_column(ForeignKey("airings.id"), primary_key=True)
    speaker_id: Mapped[Word] = mapped_column(ForeignKey("speakers.id"), primary_key=True)
    unit_id: Mapped[Word]
    state: Mapped[Word]
    attempt: Mapped[int] = mapped_column(default=0)
    expires: Mapped[datetime]
    updated_at: Mapped[datetime]
    stored_at: Mapped[datetime | None]
    armed_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    heard_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """When it came to partial, missed, refused or cancelled."""
    by_person_at: Mapped[datetime | None]
    """When a person said that they had said it instead; it is no proof of sound, and hides none."""
    reason: Mapped[str] = mapped_column(default="")
    clock: Mapped[Word | None]
    frames: Mapped[Counter | None]
    ms: Mapped[Counter | None]
    level: Mapped[int | None]
    peak: Mapped[int | None]
    proof: Mapped[Word | None]
    seconds: Mapped[str] = mapped_column(String(120), default="", server_default="")
    """Each second's level, as the receipt writes it."""
    late_ms: Mapped[int | None]
    """How long after its moment the first sample was heard."""
    loop: Mapped[int | None]
    """Level at which the speaker heard its own code tone back, centi-dBFS."""
    languages: Mapped[Names] = mapped_column(default=list)
    fallback: Mapped[bool] = mapped_column(default=False)
    sha256: Mapped[Sha256 | None]
    """Of the clip that was played, where the speaker said so."""


class Silence(Base):
    """One order to be silent at once in a unit, and what it took from its loudspeakers."""

    __tablename__ = "silences"
    id: Mapped[Word] = mapped_column(primary_key=True)
    unit_id: Mapped[Word] = mapped_column(ForeignKey("units.id"), index=True)
    reason: Mapped[Prose]
    until: Mapped[datetime | None]
    """Also what was planned before; none = only what was due."""
    asked_by: Mapped[Word]
    asked_by_name: Mapped[str]
    asked_at: Mapped[datetime]
    due: Mapped[Names] = mapped_column(default=list)
    """Airings that were sounding or due, and so may have to fall silent."""
    later: Mapped[Names] = mapped_column(default=list)
    """Airings planned for later."""

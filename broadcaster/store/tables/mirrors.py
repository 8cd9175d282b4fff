"""Chat groups and feeds, and the copies they are owed."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from broadcaster.store.base import Base, Json, Names, Prose, Word
from broadcaster.store.sealed import Sealed


class Channel(Base):
    """One place that mirrors a unit's announcements."""

    __tablename__ = "channels"
    id: Mapped[Word] = mapped_column(primary_key=True)
    unit_id: Mapped[Word] = mapped_column(ForeignKey("units.id"), index=True)
    person_id: Mapped[Word | None] = mapped_column(index=True)
    """Whose own it is; none = residents read it. No announcement is copied into a person's own."""
    kind: Mapped[Word]
    """A key of the registry in broadcaster/mirrors."""
    name: Mapped[str]
    settings: Mapped[Json] = mapped_column(default=dict)
    secret: Mapped[Sealed | None]
    """Never shown again, never logged, never in the audit."""
    languages: Mapped[Names] = mapped_column(default=list)
    enabled: Mapped[bool] = mapped_column(default=True)
    rate_per_minute: Mapped[int | None]
    posts_when: Mapped[Word] = mapped_column(default="airing")
    """"approval" or "airing": what the first copy of an announcement waits for."""
    quiet_from: Mapped[Word] = mapped_column(default="")
    quiet_until: Mapped[Word] = mapped_column(default="")
    """HH:MM on the unit's clock, between which nothing but an emergency is sent; both empty = never quiet."""
    blocked_until: Mapped[datetime | None]
    blocked_reason: Mapped[str] = mapped_column(default="")
    last_accepted_at: Mapped[datetime | None]
    last_failed_at: Mapped[datetime | None]
    created_by: Mapped[Word | None]
    created_at: Mapped[datetime]


class MirrorCopy(Base):
    """One revision of one announcement, owed to one channel."""

    __tablename__ = "mirror_copies"
    __table_args__ = (
        UniqueConstraint("announcement_id", "channel_id", "revision", "action"),
        Index(None, "state", "due_at"),
    )
    id: Mapped[Word] = mapped_column(primary_key=True)
    announcement_id: Mapped[Word] = mapped_column(ForeignKey("announcements.id"))
    channel_id: Mapped[Word] = mapped_column(ForeignKey("channels.id"), index=True)
    airing_id: Mapped[Word | None] = mapped_column(ForeignKey("airings.id"))
    revision: Mapped[int]
    action: Mapped[Word]
    """"post", "edit", "correct" or "withdraw"."""
    klass: Mapped[Word] = mapped_column(default="normal")
    """Of what it says, or of what it takes back; its announcement may be a draft of another class by now."""
    state: Mapped[Word]
    text: Mapped[Prose | None]
    remote_id: Mapped[str | None]
    """The provider's name for it, which an edit needs."""
    attempts: Mapped[int] = mapped_column(default=0)
    lost: Mapped[int] = mapped_column(default=0)
    """Attempts of which nobody knows whether they reached anybody."""
    due_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None] = mapped_column(index=True)
    expires_at: Mapped[datetime | None]
    provider_code: Mapped[str] = mapped_column(default="")
    error: Mapped[Prose] = mapped_column(default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    person_id: Mapped[Word | None]
    """Who carried it over by hand."""

"""People who are asked to say what a loudspeaker did not, by which links, and the messages they are owed."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from broadcaster.store.base import Base, Json, Names, Prose, Sha256, Word


class StandIn(Base):
    """One village is asked to say one airing with a human voice; the words are those that were approved."""

    __tablename__ = "stand_ins"
    __table_args__ = (UniqueConstraint("airing_id", "unit_id"), Index(None, "state", "expires_at"))
    id: Mapped[Word] = mapped_column(primary_key=True)
    airing_id: Mapped[Word] = mapped_column(ForeignKey("airings.id"))
    announcement_id: Mapped[Word] = mapped_column(ForeignKey("announcements.id"), index=True)
    revision: Mapped[int]
    unit_id: Mapped[Word] = mapped_column(ForeignKey("units.id"), index=True)
    klass: Mapped[Word]
    kind: Mapped[Word]
    cause: Mapped[Word]
    """"silent" or "spoken"."""
    state: Mapped[Word]
    words: Mapped[Json]
    """{"title": …, "texts": [[language, text], …]}, in the order of the village's languages."""
    speakers: Mapped[Names] = mapped_column(default=list)
    """Those that were silent when somebody was asked, then those that were when somebody answered."""
    since: Mapped[datetime]
    """When it should have been heard."""
    opened_at: Mapped[datetime]
    escalate_at: Mapped[datetime]
    escalated_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    answered_by: Mapped[Word | None]
    """A person; none = whoever held a link that was handed over."""
    answered_by_name: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]
    on_behalf: Mapped[bool] = mapped_column(default=False)
    """Written down by the commune, after it had called."""
    reason: Mapped[str] = mapped_column(default="")
    """Why it could not be said, in their words."""


class StandInLink(Base):
    """A link that opens one request without signing in; only the hash of its secret is kept."""

    __tablename__ = "stand_in_links"
    secret_sha256: Mapped[Sha256] = mapped_column(primary_key=True)
    stand_in_id: Mapped[Word] = mapped_column(ForeignKey("stand_ins.id"), index=True)
    person_id: Mapped[Word | None]
    """Who it was sent to; none = it was handed over."""
    made_by: Mapped[Word]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class StandInMessage(Base):
    """What one person is owed in a channel of their own: being asked, or being told that it is over."""

    __tablename__ = "stand_in_messages"
    __table_args__ = (UniqueConstraint("stand_in_id", "channel_id", "action"), Index(None, "state", "due_at"))
    id: Mapped[Word] = mapped_column(primary_key=True)
    stand_in_id: Mapped[Word] = mapped_column(ForeignKey("stand_ins.id"))
    channel_id: Mapped[Word] = mapped_column(ForeignKey("channels.id"), index=True)
    person_id: Mapped[Word]
    action: Mapped[Word]
    """"ask" or "release"."""
    state: Mapped[Word]
    remote_id: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    lost: Mapped[int] = mapped_column(default=0)
    """Attempts of which nobody knows whether they reached the person."""
    due_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    provider_code: Mapped[str] = mapped_column(default="")
    error: Mapped[Prose] = mapped_column(default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]

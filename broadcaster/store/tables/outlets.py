"""What outlets other than chat groups keep: accounts and their tokens, readers by mail and push, feedback, CAP."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from broadcaster.store.base import Base, Json, Names, Prose, Sha256, Word
from broadcaster.store.sealed import Sealed


class OfficialAccount(Base):
    """One Zalo Official Account, whose token all groups of it share; a refresh token works once."""

    __tablename__ = "official_accounts"
    __table_args__ = (UniqueConstraint("app_id", "oa_id"),)
    id: Mapped[Word] = mapped_column(primary_key=True)
    unit_id: Mapped[Word] = mapped_column(ForeignKey("units.id"), index=True)
    app_id: Mapped[Word]
    oa_id: Mapped[Word]
    name: Mapped[str] = mapped_column(default="")
    app_secret: Mapped[Sealed]
    webhook_secret: Mapped[Sealed] = mapped_column(default="")
    """The OA Secret Key of the webhook screen, which is not the app's."""
    access_token: Mapped[Sealed] = mapped_column(default="")
    access_until: Mapped[datetime | None]
    refresh_token: Mapped[Sealed] = mapped_column(default="")
    refresh_until: Mapped[datetime | None]
    refreshed_at: Mapped[datetime | None]
    refreshing_until: Mapped[datetime | None]
    """While somebody spends the refresh token nobody else may."""
    trouble: Mapped[str] = mapped_column(default="")
    """Why a person must agree again; empty = none."""
    oauth_url: Mapped[str] = mapped_column(default="")
    api_url: Mapped[str] = mapped_column(default="")
    """Where Zalo is, if elsewhere than usual."""
    created_by: Mapped[Word | None]
    created_at: Mapped[datetime]


class Consent(Base):
    """A person's way to Zalo and back, to let us use an Official Account; it works once."""

    __tablename__ = "consents"
    state_sha256: Mapped[Sha256] = mapped_column(primary_key=True)
    account_id: Mapped[Word] = mapped_column(ForeignKey("official_accounts.id"))
    person_id: Mapped[Word]
    verifier: Mapped[Prose]
    expires_at: Mapped[datetime]


class SeenEvent(Base):
    """A call from outside that was taken, so that it is taken once."""

    __tablename__ = "seen_events"
    id: Mapped[str] = mapped_column(primary_key=True)
    """Whose it is, a colon, and the caller's name for it."""
    at: Mapped[datetime] = mapped_column(index=True)


class MailReader(Base):
    """Somebody who reads a village's announcements by mail."""

    __tablename__ = "mail_readers"
    __table_args__ = (UniqueConstraint("channel_id", "address"),)
    id: Mapped[Word] = mapped_column(primary_key=True)
    channel_id: Mapped[Word] = mapped_column(ForeignKey("channels.id"))
    address: Mapped[str]
    secret: Mapped[Word] = mapped_column(unique=True)
    """What the unsubscribe link is made of."""
    created_at: Mapped[datetime]
    left_at: Mapped[datetime | None]


class MailSent(Base):
    """One copy as one reader was sent it: who has it is not sent it again."""

    __tablename__ = "mails_sent"
    copy_id: Mapped[Word] = mapped_column(ForeignKey("mirror_copies.id"), primary_key=True)
    reader_id: Mapped[Word] = mapped_column(ForeignKey("mail_readers.id"), primary_key=True)
    state: Mapped[Word]
    at: Mapped[datetime]


class PushSubscription(Base):
    """One browser that wants to be told; it is known by nothing but the address its maker gave it."""

    __tablename__ = "push_subscriptions"
    id: Mapped[Word] = mapped_column(primary_key=True)
    endpoint_sha256: Mapped[Sha256] = mapped_column(unique=True)
    endpoint: Mapped[Prose]
    service: Mapped[Word]
    """Of whose servers it is: one that hangs delays no other."""
    p256dh: Mapped[str]
    auth: Mapped[str]
    unit_id: Mapped[Word] = mapped_column(ForeignKey("units.id"), index=True)
    classes: Mapped[Names] = mapped_column(default=list)
    """The classes it wants to hear of."""
    language: Mapped[Word] = mapped_column(default="vi")
    quiet_from: Mapped[Word] = mapped_column(default="")
    quiet_until: Mapped[Word] = mapped_column(default="")
    created_at: Mapped[datetime]
    last_taken_at: Mapped[datetime | None]


class PushMessage(Base):
    """One revision of one announcement, owed to one browser."""

    __tablename__ = "push_messages"
    __table_args__ = (
        UniqueConstraint("announcement_id", "subscription_id", "revision", "action"),
        Index(None, "state", "due_at"),
    )
    id: Mapped[Word] = mapped_column(primary_key=True)
    subscription_id: Mapped[Word] = mapped_column(ForeignKey("push_subscriptions.id", ondelete="CASCADE"), index=True)
    announcement_id: Mapped[Word] = mapped_column(ForeignKey("announcements.id"))
    revision: Mapped[int]
    action: Mapped[Word]
    klass: Mapped[Word] = mapped_column(default="normal")
    """Of what it says, or of what it takes back."""
    state: Mapped[Word]
    attempts: Mapped[int] = mapped_column(default=0)
    lost: Mapped[int] = mapped_column(default=0)
    """Attempts of which nobody knows whether they reached anybody."""
    due_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None] = mapped_column(index=True)
    expires_at: Mapped[datetime]
    provider_code: Mapped[str] = mapped_column(default="")
    updated_at: Mapped[datetime]


class Feedback(Base):
    """What a resident said about what was heard, without saying who they are."""

    __tablename__ = "feedback"
    __table_args__ = (Index(None, "unit_id", "at"),)
    id: Mapped[Word] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    announcement_id: Mapped[Word | None] = mapped_column(ForeignKey("announcements.id"), index=True)
    airing_id: Mapped[Word | None] = mapped_column(ForeignKey("airings.id"), index=True)
    speaker_id: Mapped[Word | None] = mapped_column(index=True)
    unit_id: Mapped[Word] = mapped_column(ForeignKey("units.id"))
    what: Mapped[Word]
    """A value of domain/feedback.py."""
    note: Mapped[Prose] = mapped_column(default="")
    asked_from: Mapped[Sha256]
    """Of the address and the day's salt, against floods; it names nobody once the day is over."""
    answer: Mapped[Prose] = mapped_column(default="")
    answer_public: Mapped[bool] = mapped_column(default=False)
    answered_by: Mapped[Word | None]
    answered_at: Mapped[datetime | None]


class CapSource(Base):
    """Somebody whose alerts are taken in."""

    __tablename__ = "cap_sources"
    id: Mapped[Word] = mapped_column(primary_key=True)
    unit_id: Mapped[Word] = mapped_column(ForeignKey("units.id"), index=True)
    name: Mapped[str]
    url: Mapped[str] = mapped_column(default="")
    """Of the feed that is asked; empty = it posts to us."""
    senders: Mapped[Names] = mapped_column(default=list)
    """The <sender>s that are believed."""
    certificate: Mapped[Prose] = mapped_column(default="")
    """PEM: whom a signature must be of, or the pinned certificate of its server."""
    trust: Mapped[Word] = mapped_column(default="signature")
    """"signature" or "pinned"."""
    every_s: Mapped[int] = mapped_column(default=60)
    by_itself: Mapped[Json] = mapped_column(default=dict)
    """Which alerts air without a person; empty = none."""
    enabled: Mapped[bool] = mapped_column(default=True)
    entity_tag: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    trouble: Mapped[str] = mapped_column(default="")
    created_by: Mapped[Word | None]
    created_at: Mapped[datetime]


class CapMessage(Base):
    """One CAP message that came in, taken or refused."""

    __tablename__ = "cap_messages"
    __table_args__ = (UniqueConstraint("source_id", "sender", "identifier", "sent"),)
    id: Mapped[Word] = mapped_column(primary_key=True)
    source_id: Mapped[Word] = mapped_column(ForeignKey("cap_sources.id"), index=True)
    sender: Mapped[str]
    identifier: Mapped[str]
    sent: Mapped[Word]
    """As it was written."""
    type: Mapped[Word]
    status: Mapped[Word]
    raw: Mapped[Prose]
    state: Mapped[Word]
    """A value of domain/cap/incoming.py."""
    code: Mapped[Word] = mapped_column(default="")
    """Why it was refused."""
    unclear: Mapped[Json] = mapped_column(default=dict)
    """What of its area was not told apart ("several") or is called otherwise here ("unknown")."""
    announcement_id: Mapped[Word | None] = mapped_column(ForeignKey("announcements.id"), index=True)
    expires_at: Mapped[datetime | None]
    received_at: Mapped[datetime]

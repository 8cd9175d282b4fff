"""People, what they may do where, and how they are recognised."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from broadcaster.store.base import Base, Sha256, Word


class Person(Base):
    """Someone, or some program, that can act."""

    __tablename__ = "people"
    id: Mapped[Word] = mapped_column(primary_key=True)
    login: Mapped[Word] = mapped_column(unique=True)
    name: Mapped[str]
    locale: Mapped[Word] = mapped_column(default="vi")
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class Grant(Base):
    """A role on a unit, and so on everything under it."""

    __tablename__ = "grants"
    __table_args__ = (UniqueConstraint("person_id", "role", "unit_id"),)
    id: Mapped[Word] = mapped_column(primary_key=True)
    person_id: Mapped[Word] = mapped_column(ForeignKey("people.id"))
    role: Mapped[Word]
    unit_id: Mapped[Word] = mapped_column(ForeignKey("units.id"), index=True)
    granted_by: Mapped[Word | None]
    granted_at: Mapped[datetime]


class Token(Base):
    """A bearer token; only its hash is kept."""

    __tablename__ = "tokens"
    id: Mapped[Word] = mapped_column(primary_key=True)
    person_id: Mapped[Word] = mapped_column(ForeignKey("people.id"), index=True)
    name: Mapped[str]
    secret_sha256: Mapped[Sha256] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class SignInLink(Base):
    """A link that signs one person in, once."""

    __tablename__ = "sign_in_links"
    secret_sha256: Mapped[Sha256] = mapped_column(primary_key=True)
    person_id: Mapped[Word] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class WebSession(Base):
    """A signed-in browser; the cookie holds the secret whose hash is the key here."""

    __tablename__ = "web_sessions"
    id_sha256: Mapped[Sha256] = mapped_column(primary_key=True)
    person_id: Mapped[Word] = mapped_column(ForeignKey("people.id"), index=True)
    csrf: Mapped[Word]
    origin: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

"""The voice bank: what native speakers recorded, piece by piece, and who reviewed it."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from broadcaster.store.base import Base, Json, Prose, Sha256, Word


class Phrase(Base):
    """One piece to be recorded in one language: a phrase, or a value of a slot such as an hour."""

    __tablename__ = "phrases"
    __table_args__ = (UniqueConstraint("language", "kind", "key"),)
    id: Mapped[Word] = mapped_column(primary_key=True)
    language: Mapped[Word]
    kind: Mapped[Word]
    """"phrase", "hour", "minute", "day", "month", "number" or "place"."""
    key: Mapped[Word]
    """Of a phrase its name, of an hour "17", of a place the unit's id."""
    meaning: Mapped[Prose] = mapped_column(default="")
    """In Vietnamese, for the person who records."""
    text: Mapped[Prose] = mapped_column(default="")
    """As it is written in the language, where it is."""
    created_at: Mapped[datetime]


class Take(Base):
    """One recording of a phrase; only one that a second native speaker accepted is ever heard."""

    __tablename__ = "takes"
    id: Mapped[Word] = mapped_column(primary_key=True)
    phrase_id: Mapped[Word] = mapped_column(ForeignKey("phrases.id"), index=True)
    clip_sha256: Mapped[Sha256] = mapped_column(ForeignKey("clips.sha256"))
    recorded_by: Mapped[Word]
    recorded_at: Mapped[datetime]
    reviewed_by: Mapped[Word | None]
    reviewed_at: Mapped[datetime | None]
    accepted: Mapped[bool | None]
    note: Mapped[str] = mapped_column(default="")


class Pattern(Base):
    """A sentence of one language as an order of phrases and slots."""

    __tablename__ = "patterns"
    __table_args__ = (UniqueConstraint("language", "key"),)
    id: Mapped[Word] = mapped_column(primary_key=True)
    language: Mapped[Word]
    key: Mapped[Word]
    meaning: Mapped[Prose]
    parts: Mapped[Json]
    """{"parts": [{"phrase": key} or {"slot": name, "kind": kind}, …]}."""
    created_by: Mapped[Word | None]
    created_at: Mapped[datetime]


class ClipReview(Base):
    """A second native speaker's word on a whole recording."""

    __tablename__ = "clip_reviews"
    id: Mapped[Word] = mapped_column(primary_key=True)
    clip_sha256: Mapped[Sha256] = mapped_column(ForeignKey("clips.sha256"), index=True)
    person_id: Mapped[Word]
    person_name: Mapped[str]
    at: Mapped[datetime]
    accepted: Mapped[bool]
    note: Mapped[str] = mapped_column(default="")

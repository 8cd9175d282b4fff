"""What helps a clerk write: words the machine is to read otherwise, and texts to start from."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from broadcaster.store.base import Base, Json, Names, Word


class DictionaryEntry(Base):
    """How something written is read aloud in a unit and everything under it."""

    __tablename__ = "dictionary_entries"
    id: Mapped[Word] = mapped_column(primary_key=True)
    unit_id: Mapped[Word] = mapped_column(ForeignKey("units.id"), index=True)
    language: Mapped[Word]
    written: Mapped[str]
    spoken: Mapped[str]
    made_by: Mapped[Word]
    made_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class Template(Base):
    """An announcement to start from."""

    __tablename__ = "templates"
    id: Mapped[Word] = mapped_column(primary_key=True)
    unit_id: Mapped[Word] = mapped_column(ForeignKey("units.id"), index=True)
    title: Mapped[str]
    klass: Mapped[Word]
    category: Mapped[Word]
    repeat: Mapped[int] = mapped_column(default=1)
    versions: Mapped[Json]
    """language → text."""
    placeholders: Mapped[Names] = mapped_column(default=list)
    """What stands in braces in the texts, in their order."""
    made_by: Mapped[Word]
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
